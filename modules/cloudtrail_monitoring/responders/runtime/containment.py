"""Containments: what is held against a user or switched on, since when, until when; each ends by itself.

A containment is a wish in the state table, and ``reconcile`` makes the account agree with it: it applies the measure
and sets the schedule that ends it while the end lies ahead, and undoes the measure afterwards. Every step may be
repeated, so a crash between any two is mended by whoever comes next: the retried message, the schedule, or the hourly
sweep. The measure carries its end in itself wherever AWS can hold one (a policy's ``DateLessThan``), so that it is over
in time even if nobody comes.

How a measure is applied and undone is left to the responders, when something is contained as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cloudtrail_monitoring.responders.runtime.actions import Action, Did, nobody_asks
from cloudtrail_monitoring.responders.runtime.aws import Clock
from cloudtrail_monitoring.responders.runtime.metrics import CONTAINMENTS_BEGUN, CONTAINMENTS_ENDED, count
from cloudtrail_monitoring.responders.runtime.schedules import Schedules
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT, Item, Table

PARTITION = "containments"
KEPT_DAYS = 90
UNDONE_AGAIN_FOR = timedelta(hours=2)
"""Whoever crashed while applying did so well within it, and one hourly sweep may fail."""

SINCE = "since"
"""Among a containment's details: what it reaches back to, as an ISO 8601 time; of two the earlier counts."""
LIFTED = "lifted"
"""Among a containment's details: when somebody ended it by hand."""

_ATTEMPTS = 5


class Kind(StrEnum):
    """What is done; the words of ``report.json``."""

    ACCOUNT_LOCKOUT = "account_lockout"
    ENHANCED_LOGGING = "enhanced_logging"
    GEO_CHALLENGE = "geo_challenge"


class Status(StrEnum):
    BEGINNING = "beginning"
    """Wished for, and perhaps applied."""
    ACTIVE = "active"
    """Applied, and its end scheduled."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Containment:
    """One containment of one target; times are aware, to the second."""

    kind: Kind
    target: str
    """A user's name, or a trail's ARN."""
    began: datetime
    ends_at: datetime
    incident_id: str
    details: Mapping[str, str] = field(default_factory=dict)
    """What the measure needs besides, such as the time since which tokens are denied."""
    status: Status = Status.BEGINNING
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        return containment_key(self.kind, self.target)

    def is_of(self, user_name: str) -> bool:
        """Whether it is held against this user, whatever the capitals."""
        return self.target.casefold() == user_name.casefold()

    @property
    def is_standing(self) -> bool:
        return self.status is not Status.ENDED


def containment_key(kind: str, target: str) -> str:
    """By which a containment is known: IAM tells no two users apart by capitals alone.

    >>> containment_key(Kind.ACCOUNT_LOCKOUT, "Jordan")
    'account_lockout#jordan'
    """
    return f"{kind}#{target.casefold()}"


class Measure(Protocol):
    """What a kind of containment does in the account. Both must bear being repeated."""

    def apply(self, containment: Containment) -> None:
        """Bring it into force, or leave it as it is."""

    def undo(self, containment: Containment) -> None:
        """Take it back; what is gone already, or never was, is no error."""


class MeasureRefusedError(RuntimeError):
    """AWS takes the measure in no form, and trying again does not help; ``str()`` says why, in words for an alert."""


class ContentionError(RuntimeError):
    """Others kept changing the containment; the message is to be retried."""


class Containments:
    """The containments of an account.

    Args:
        table: the state table.
        schedules: end them.
        measures: by kind; every kind that is ever held needs one.
        now: the clock.
        did: is told of each that is held, also where it stood already.
    """

    def __init__(
        self,
        table: Table,
        schedules: Schedules,
        measures: Mapping[Kind, Measure],
        now: Clock,
        did: Did = nobody_asks,
    ) -> None:
        self._did = did
        self._table = table
        self._schedules = schedules
        self._measures = measures
        self._now = now

    def hold(self, wanted: Containment) -> Containment:
        """Begin a containment, or widen the one that stands; as it stands then.

        A standing one keeps its beginning, its incident and its details, ends at the later of both ends, and reaches
        back to the earlier ``SINCE``. One whose end has passed does not stand any more, whether or not somebody has
        undone it yet.

        Raises:
            MeasureRefusedError: AWS does not take the measure; what stood before stands on, a new one has ended.
            ContentionError: others kept changing it meanwhile.
        """
        for _ in range(_ATTEMPTS):
            item = self._table.get(PARTITION, wanted.key)
            known = _containment(item) if item else None
            standing = known if known and known.is_standing and known.ends_at > self._now() else None
            held = _widened(standing, wanted) if standing else wanted
            if item is None:
                written = self._table.put_new(PARTITION, wanted.key, {**_values(held), "version": 1})
            else:
                written = held == standing or self._table.replace(item, _values(held))
            if written:
                if known and standing is None:
                    _count_end(known, known.ends_at)  # nobody had come to undo it
                return self._held(held, standing)
        raise ContentionError(f"{wanted.key}: others kept changing it")

    def _held(self, wanted: Containment, standing: Containment | None) -> Containment:
        try:
            held = self.reconcile(wanted.key) or wanted
        except MeasureRefusedError:
            if standing is None:
                self._end(wanted.key, lifted=False)
                raise
            item = self._table.get(PARTITION, wanted.key)
            # what others have changed meanwhile is theirs: an end by hand stays an end
            is_ours = item is not None and replace(_containment(item), status=wanted.status) == wanted
            if item is None or not is_ours or not self._table.replace(item, _values(standing)):
                raise
            held = standing
        self._did(Action(held.kind.value, held.target, held.began, held.ends_at))
        return held

    def find(self, key: str) -> Containment | None:
        """The containment as it is remembered, standing or ended."""
        item = self._table.get(PARTITION, key)
        return _containment(item) if item else None

    def reconcile(self, key: str) -> Containment | None:
        """Make the account agree with a containment; as it stands then, ``None`` if there is none.

        Each step ends in a write that fails if somebody else has changed the containment since: who applied a measure
        that was ended meanwhile takes it back.

        Raises:
            ContentionError: others kept changing it meanwhile.
        """
        is_applied = False
        for _ in range(_ATTEMPTS):
            item = self._table.get(PARTITION, key)
            if item is None:
                return None
            containment = _containment(item)
            measure = self._measures[containment.kind]
            if not containment.is_standing:
                if is_applied:
                    self._undo_again(containment)
                return containment
            is_applied = self._now() < containment.ends_at
            if is_applied:
                # the end is arranged for before anything is held
                self._schedules.end(containment.key, containment.ends_at)
                measure.apply(containment)
                settled = replace(containment, status=Status.ACTIVE)
            else:
                measure.undo(containment)
                settled = replace(containment, status=Status.ENDED, ended_at=_to_the_second(self._now()))
            if self._table.replace(item, _values(settled)):
                _count(containment, settled)
                return settled
        raise ContentionError(f"{key}: others kept changing it")

    def end_now(self, key: str, *, by_hand: bool = True) -> Containment | None:
        """End a containment before its time; as it stands then, ``None`` if there is none.

        By hand it is marked as ``LIFTED``, so that its responder does not hold it again for the same occurrence.

        Raises:
            ContentionError: others kept changing it meanwhile.
        """
        return self._end(key, lifted=by_hand)

    def _end(self, key: str, *, lifted: bool) -> Containment | None:
        for _ in range(_ATTEMPTS):
            item = self._table.get(PARTITION, key)
            if item is None:
                return None
            containment = _containment(item)
            if not containment.is_standing:
                self._undo_again(containment)
                return containment
            now = _to_the_second(self._now())
            details = {**containment.details, **({LIFTED: now.isoformat()} if lifted else {})}
            if self._table.replace(item, _values(replace(containment, ends_at=now, details=details))):
                self._schedules.forget(key, containment.ends_at)
                return self.reconcile(key)
        raise ContentionError(f"{key}: others kept changing it")

    def sweep(self, *, ending_all: bool = False) -> list[Containment | Exception]:
        """Mend what a crash or a lost schedule left behind: each that stands, and once more the undoing of each that
        ended lately (``UNDONE_AGAIN_FOR``). A fault of one stands in its place, and the others are mended all the same.

        Args:
            ending_all: end what stands, whether or not its time has come.
        """
        settled = [self._mended_or_fault(one, ending_all) for one in list(self.all())]
        return [one for one in settled if one is not None]

    def _mended_or_fault(self, one: Containment, ending_all: bool) -> Containment | Exception | None:
        try:
            return self.end_now(one.key, by_hand=False) if ending_all and one.is_standing else self._mended(one)
        except Exception as fault:  # whatever it is, it must not stop the others' release
            return fault

    def _mended(self, one: Containment) -> Containment | None:
        if one.is_standing:
            try:
                return self.reconcile(one.key)
            except MeasureRefusedError:
                return self._end(one.key, lifted=False)
        if one.ended_at is not None and self._now() - one.ended_at < UNDONE_AGAIN_FOR:
            self._undo_again(one)
        return None

    def _undo_again(self, ended: Containment) -> None:
        """Take back what somebody who did not see it end may have applied; one that has begun since stays in force."""
        known = self.find(ended.key)
        if known is not None and known.is_standing:
            return
        self._measures[ended.kind].undo(ended)
        known = self.find(ended.key)
        if known is not None and known.is_standing:
            self.reconcile(ended.key)

    def all(self) -> Iterator[Containment]:
        """All that are remembered, the ended ones included."""
        return map(_containment, self._table.query(PARTITION))


def _count(before: Containment, after: Containment) -> None:
    """Count what a write brought about; the write held, so that nobody else counts the same."""
    if (before.status, after.status) == (Status.BEGINNING, Status.ACTIVE):
        count(CONTAINMENTS_BEGUN, after.began, of=after.kind.value)
    if after.status is Status.ENDED:
        _count_end(before, after.ended_at or after.ends_at)


def _count_end(ended: Containment, at: datetime) -> None:
    """One that was refused, or ended before anybody had applied it, has not begun and does not end."""
    if ended.status is Status.ACTIVE:
        count(CONTAINMENTS_ENDED, at, of=ended.kind.value)


def _widened(standing: Containment, wanted: Containment) -> Containment:
    """The standing containment with the later end and the earlier reach of both."""
    reaches = [one.details[SINCE] for one in (standing, wanted) if SINCE in one.details]
    # without it everything is denied already
    details = {**standing.details, SINCE: min(reaches)} if SINCE in standing.details else standing.details
    return replace(standing, ends_at=max(standing.ends_at, wanted.ends_at), details=details)


def _values(containment: Containment) -> Item:
    forgotten = containment.ends_at + timedelta(days=KEPT_DAYS)
    return {
        "kind": containment.kind.value,
        "target": containment.target,
        "began": containment.began.isoformat(),
        "ends_at": containment.ends_at.isoformat(),
        "incident_id": containment.incident_id,
        "details": dict(containment.details),
        "status": containment.status.value,
        "ended_at": containment.ended_at.isoformat() if containment.ended_at else "",
        EXPIRES_AT: int(forgotten.timestamp()),
    }


def _containment(item: Item) -> Containment:
    return Containment(
        kind=Kind(item["kind"]),
        target=item["target"],
        began=datetime.fromisoformat(item["began"]),
        ends_at=datetime.fromisoformat(item["ends_at"]),
        incident_id=item["incident_id"],
        details=item["details"],
        status=Status(item["status"]),
        ended_at=datetime.fromisoformat(item["ended_at"]) if item["ended_at"] else None,
    )


def _to_the_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
