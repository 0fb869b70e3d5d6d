"""What the archive costs in S3, month by month: log files by storage class and age, as the lifecycle rules move them.

Sizes decide: S3 moves nothing under 128 KB by default. The size of a log file is spread exponentially about the mean,
because the five minutes it covers are busy by day and quiet by night; so part of a quiet Region's files are large
enough to move, and part of a busy one's are not.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from cloudtrail_monitoring.governance.cost.references import named, number
from cloudtrail_monitoring.governance.cost.trails import Trail
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, GB, Month, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

SMALL = 128 * 1024
STANDARD = "STANDARD"
_LOGS = "AWSLogs/"

# CloudTrail delivers about every five minutes, and a digest of each hour, in each Region.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html
FILES_A_DAY = 288
DIGESTS_A_DAY = 24
DIGEST_BYTES = 2 * 1024
# a line of S3's server access log, and each counted as a file of its own: there are fewer, and they are small anyway
ACCESS_LINE_BYTES = 700


class _Terms(NamedTuple):
    """How a class bills, beside its price: least size in bytes, least stay in days, bytes added to each object."""

    smallest: int = 0
    shortest: int = 0
    added: int = 0
    added_in_standard: int = 0


# https://aws.amazon.com/s3/storage-classes/
_TERMS = {
    "STANDARD_IA": _Terms(SMALL, 30),
    "ONEZONE_IA": _Terms(SMALL, 30),
    "GLACIER_IR": _Terms(SMALL, 90),
    "GLACIER": _Terms(0, 90, 32 * 1024, 8 * 1024),
    "DEEP_ARCHIVE": _Terms(0, 180, 32 * 1024, 8 * 1024),
}
_MOVES_SMALL = ("GLACIER", "DEEP_ARCHIVE")


class Files(NamedTuple):
    """Files of a kind that arrive evenly, their sizes spread exponentially about a mean."""

    a_day: float
    mean_bytes: float

    def between(self, least: float, most: float) -> tuple[float, float]:
        """The number and bytes a day of the files of a size."""
        count = self._share(least) - self._share(most)
        size = self._bytes(least) - self._bytes(most)
        return self.a_day * count, self.a_day * size

    def _share(self, least: float) -> float:
        return math.exp(-least / self.mean_bytes) if self.mean_bytes and not math.isinf(least) else 0.0

    def _bytes(self, least: float) -> float:
        return 0.0 if math.isinf(least) else (self.mean_bytes + least) * self._share(least)


class Move(NamedTuple):
    """A lifecycle transition."""

    age: float
    storage_class: str
    smallest: float
    """Bytes from which on an object moves."""


@dataclass(frozen=True)
class Lifecycle:
    """What happens to the log files of a bucket."""

    moves: tuple[Move, ...]
    until: float
    """Age in days at which a file is gone, the time as an old version included."""


class Stay(NamedTuple):
    """The time a file spends in a storage class, in days of its age."""

    storage_class: str
    since: float
    until: float


def log_files(trail: Trail, volumes: EventVolumes) -> list[Files]:
    """The log files a trail writes: those of the busy Region, and those of the others.

    A Region writes no more files than it has events.
    """
    events = trail.events * trail.running
    others = trail.regions - 1
    home = events * (volumes.home_share if others else 1.0)
    return [_files(home, 1, trail, volumes), _files(events - home, others, trail, volumes)]


def digest_files(trail: Trail) -> Files:
    """The digests a trail writes, one an hour in each Region."""
    return Files(DIGESTS_A_DAY * trail.regions * trail.running if trail.validates else 0.0, DIGEST_BYTES)


def read_lifecycle(document: Document, bucket: str | None) -> Lifecycle:
    """The lifecycle of a bucket's log files; without rules they stay in Standard for ever."""
    configurations = [
        one
        for one in resources(document, "aws_s3_bucket_lifecycle_configuration").values()
        if bucket and named(document, "aws_s3_bucket", one.get("bucket"), by="bucket") == bucket
    ]
    moves: list[Move] = []
    expiry = old = math.inf
    for configuration in configurations:
        varies = configuration.get("transition_default_minimum_object_size") == "varies_by_storage_class"
        for rule in blocks(configuration.get("rule")):
            if rule.get("status") != "Enabled" or not _concerns_logs(rule):
                continue
            least = _size_limit(rule)
            for one in blocks(rule.get("transition")):
                class_ = str(one.get("storage_class"))
                default = 0 if varies and class_ in _MOVES_SMALL else SMALL
                moves.append(Move(number(one, "days"), class_, default if least is None else least))
            ends = blocks(rule.get("expiration"))
            expiry = min([expiry, *(number(one, "days") or math.inf for one in ends)])
            ends = blocks(rule.get("noncurrent_version_expiration"))
            old = min([old, *(number(one, "noncurrent_days") or math.inf for one in ends)])
    return Lifecycle(tuple(sorted(moves)), expiry + (old if _is_versioned(document, bucket) else 0))


def storage_usage(document: Document, trails: Iterable[Trail], volumes: EventVolumes, month: Month) -> Iterator[Usage]:
    """S3's charges in one month: storage by class, requests, transitions, and the access log of the archive."""
    for trail in trails:
        files = [*log_files(trail, volumes), digest_files(trail)]
        yield Usage(Part.STORAGE, "deliveries", "s3-put", sum(one.a_day for one in files) * DAYS_A_MONTH)
        yield from _kept(files, read_lifecycle(document, trail.bucket), month, "log files and digests")
        logged_to = _access_log_bucket(document, trail.bucket)
        if logged_to:
            lines = [Files(sum(one.a_day for one in files), ACCESS_LINE_BYTES)]
            yield from _kept(lines, read_lifecycle(document, logged_to), month, "access log")


def _files(events: float, regions: int, trail: Trail, volumes: EventVolumes) -> Files:
    files = min(FILES_A_DAY * regions * trail.running, events)
    return Files(files, events * volumes.event_bytes * volumes.gzip_ratio / files if files else 0.0)


def _kept(kinds: Iterable[Files], lifecycle: Lifecycle, month: Month, item: str) -> Iterator[Usage]:
    for kind in kinds:
        cuts = sorted({0.0, float(SMALL), *(move.smallest for move in lifecycle.moves), math.inf})
        for least, most in pairwise(cuts):
            count, size = kind.between(least, most)
            for stay in _stays(lifecycle, least):
                terms = _TERMS.get(stay.storage_class, _Terms())
                billed = max(size, count * terms.smallest) if most <= terms.smallest else size
                days = month.days_kept(stay.since, stay.until)
                moved = count * month.days_reaching(stay.since)
                yield _stored(item, stay.storage_class, (billed + count * terms.added) * days)
                if terms.added_in_standard:
                    yield _stored(item, STANDARD, count * terms.added_in_standard * days)
                if stay.since:
                    yield Usage(Part.STORAGE, f"{item}, moves", f"s3-transition-{stay.storage_class}", moved)


def _stored(item: str, storage_class: str, byte_months: float) -> Usage:
    return Usage(Part.STORAGE, item, f"s3-storage-{storage_class}", byte_months / GB)


def _stays(lifecycle: Lifecycle, size: float) -> Iterator[Stay]:
    """Where a file of at least this size is, when; a class bills its least stay even if the file leaves before."""
    moves = [Move(0, STANDARD, 0), *(one for one in lifecycle.moves if one.smallest <= size)]
    ends = [*(one.age for one in moves[1:]), math.inf]
    for move, leaves in zip(moves, ends, strict=True):
        until = min(leaves, lifecycle.until)
        if until > move.age:
            shortest = _TERMS.get(move.storage_class, _Terms()).shortest
            yield Stay(move.storage_class, move.age, max(until, move.age + shortest))


def _concerns_logs(rule: Mapping[str, Any]) -> bool:
    prefixes = [str(one.get("prefix") or "") for one in _filters(rule)] or [str(rule.get("prefix") or "")]
    return any(_LOGS.startswith(prefix) or prefix.startswith(_LOGS) for prefix in prefixes)


def _size_limit(rule: Mapping[str, Any]) -> float | None:
    limits = [one for one in _filters(rule) if one.get("object_size_greater_than") is not None]
    return number(limits[0], "object_size_greater_than") + 1 if limits else None


def _filters(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    plain = list(blocks(rule.get("filter")))
    return [*plain, *(one for part in plain for one in blocks(part.get("and")))]


def _is_versioned(document: Document, bucket: str | None) -> bool:
    return any(
        setting.get("status") == "Enabled"
        for one in resources(document, "aws_s3_bucket_versioning").values()
        if bucket and named(document, "aws_s3_bucket", one.get("bucket"), by="bucket") == bucket
        for setting in blocks(one.get("versioning_configuration"))
    )


def _access_log_bucket(document: Document, bucket: str | None) -> str | None:
    for one in resources(document, "aws_s3_bucket_logging").values():
        if bucket and named(document, "aws_s3_bucket", one.get("bucket"), by="bucket") == bucket:
            return named(document, "aws_s3_bucket", one.get("target_bucket"), by="bucket")
    return None
