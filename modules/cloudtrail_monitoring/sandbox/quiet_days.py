"""Made-up days without an attack: an account's records when nothing happens, for what happens to stand out from.

The bundled records are repeated at other times: services at any hour, people in New York's working hours. The same
days come out every time. That they are made up is for whoever shows them to say.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from cloudtrail_monitoring.detections.samples import read_samples
from cloudtrail_monitoring.sandbox.history import HISTORY
from cloudtrail_monitoring.sandbox.scenario import SCENARIO
from cloudtrail_monitoring.simulation.records import Record, read_records

DAYS = 7
_PLACE = ZoneInfo("America/New_York")
_OPEN = range(8, 18)
_BUSY_PER_HOUR, _QUIET_PER_HOUR = 170, 36

_BY_PEOPLE = ((SCENARIO / "look-alikes.jsonl", 8), (HISTORY, 8))
"""Files, and how many of their records a working day has at most."""
_CHANGES = (("iam-user-changed", 2), ("iam-role-changed", 5))
"""Detections whose samples are repeated, likewise."""


def quiet_records(until: datetime, days: int = DAYS) -> Iterator[Record]:
    """The records of the days before a moment, in order of time.

    Args:
        until: the moment, aware; the first record is of the midnight (UTC) that lies ``days`` before its day.
        days: how many.

    >>> first = next(quiet_records(datetime(2026, 3, 9, 5, 46, tzinfo=UTC)))
    >>> first["eventTime"][:10]
    '2026-03-02'
    """
    services = _read(SCENARIO / "everyday.jsonl")
    people = [(_read(file), most) for file, most in _BY_PEOPLE]
    people += [([sample.event for sample in read_samples(id_) if sample.matches], most) for id_, most in _CHANGES]
    # a pattern, no secret
    random, numbers = Random(f"{until:%Y-%m-%d}"), count(1)  # noqa: S311
    hour = until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    while hour < until:
        times = _times(random, hour, services, people)
        for at, record in sorted(times, key=lambda timed: timed[0]):
            if at < until:
                yield _retimed(record, at, next(numbers))
        hour += timedelta(hours=1)


def _times(
    random: Random, hour: datetime, services: Sequence[Record], people: Sequence[tuple[Sequence[Record], int]]
) -> Iterator[tuple[datetime, Record]]:
    there = hour.astimezone(_PLACE)
    open_ = there.weekday() < 5 and there.hour in _OPEN
    usual = _BUSY_PER_HOUR if open_ else _QUIET_PER_HOUR
    for _ in range(round(usual * random.uniform(0.8, 1.2))):
        yield hour + timedelta(seconds=random.randrange(3600)), random.choice(services)
    for records, most in people if open_ else ():
        for _ in range(most):
            # each of a day's acts falls into one of its hours; some do not happen
            if random.random() < 0.7 / len(_OPEN):
                yield hour + timedelta(seconds=random.randrange(3600)), random.choice(records)


def _read(path: Path) -> list[Record]:
    return list(read_records([path], lambda _: None))


def _retimed(record: Record, at: datetime, number: int) -> Record:
    return {**record, "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "eventID": f"00000000-0000-4000-8000-{number:012d}"}
