"""When the second trail was to log, and how much of that the cap on a day still allows.

Logging is kept as sessions in the events' own time, so that an event given twice, late or out of order claims no more
than once. A minute that several events ask for counts once, on the local day in which it lies, whatever length
daylight-saving time gives that day. All sessions stand in one item: two functions cannot claim the same minutes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cloudtrail_monitoring.responders.runtime.aws import Clock
from cloudtrail_monitoring.responders.runtime.containment import ContentionError
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT, Item, Table

PARTITION = "logged-time"
KEPT_DAYS = 3
"""Sessions that ended before can't matter to the cap of a day that events still log in."""
_ATTEMPTS = 5
_NOTHING = timedelta()

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Session:
    """Logging without a break, and the incident it belongs to."""

    begin: datetime
    end: datetime
    incident_id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What an event was given."""

    session: Session | None
    """The session it began or joined; ``None`` if the cap left nothing to begin one with."""
    is_capped: bool
    """Whether it was given less than it asked for."""


class LoggedTime:
    """The sessions of one trail.

    Args:
        table: the state table.
        trail_arn: the trail.
        zone: whose days count.
        most: how long may be logged on one of them.
        now: the clock.
    """

    def __init__(self, table: Table, trail_arn: str, *, zone: ZoneInfo, most: timedelta, now: Clock) -> None:
        self._table = table
        self._trail_arn = trail_arn
        self._zone = zone
        self._most = most
        self._now = now

    def around(self, begin: datetime, end: datetime) -> Session | None:
        """The newest session that meets a span of time."""
        return _joined(_sessions(self._table.get(PARTITION, self._trail_arn)), (begin, end))

    def claim(self, begin: datetime, end: datetime, incident_id: str) -> Claim:
        """Log for a span of time, as far as the cap allows: join a session that meets it, or begin one.

        Raises:
            ContentionError: others kept changing the sessions meanwhile.
        """
        for _ in range(_ATTEMPTS):
            item = self._table.get(PARTITION, self._trail_arn)
            known = _sessions(item)
            claim, sessions = claimed(known, (begin, end), incident_id, zone=self._zone, most=self._most)
            if sessions == known or self._write(item, sessions):
                return claim
        raise ContentionError(f"{self._trail_arn}: others kept claiming time")

    def _write(self, item: Item | None, sessions: Iterable[Session]) -> bool:
        now = self._now()
        kept = [one for one in sessions if one.end >= now - timedelta(days=KEPT_DAYS)]
        values = {
            "sessions": [
                {"begin": one.begin.isoformat(), "end": one.end.isoformat(), "incident": one.incident_id}
                for one in kept
            ],
            EXPIRES_AT: int((now + timedelta(days=10 * KEPT_DAYS)).timestamp()),
        }
        if item is None:
            return self._table.put_new(PARTITION, self._trail_arn, {**values, "version": 1})
        return self._table.replace(item, values)


def claimed(
    sessions: tuple[Session, ...], span: Span, incident_id: str, *, zone: ZoneInfo, most: timedelta
) -> tuple[Claim, tuple[Session, ...]]:
    """A claim on some sessions, and the sessions after it."""
    begin, end = span
    granted = _granted_until(sessions, span, zone, most)
    joined = _joined(sessions, span)
    if joined is None:
        session = Session(begin, granted, incident_id) if granted > begin else None
    else:
        # what lies before a session is part of it only if it was granted up to there
        earlier = begin if granted >= joined.begin else joined.begin
        session = Session(min(joined.begin, earlier), max(joined.end, granted), joined.incident_id)
    others = tuple(one for one in sessions if one is not joined)
    after = (*others, session) if session else others
    return Claim(session, granted < end), tuple(sorted(after, key=lambda one: (one.begin, one.end)))


def _granted_until(sessions: Iterable[Session], span: Span, zone: ZoneInfo, most: timedelta) -> datetime:
    covered = [(one.begin, one.end) for one in sessions]
    for piece in _without(span, covered):
        for day, (begin, end) in _by_day(piece, zone):
            used = sum((last - first for first, last in _within(_day(day, zone), _union(covered))), _NOTHING)
            left = max(most - used, _NOTHING)
            if end - begin > left:
                return begin + left
            covered.append((begin, end))
    return span[1]


def _joined(sessions: Iterable[Session], span: Span) -> Session | None:
    begin, end = span
    meeting = [one for one in sessions if one.begin <= end and begin <= one.end]
    return max(meeting, key=lambda one: one.end, default=None)


def _union(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _without(span: Span, covered: Iterable[Span]) -> list[Span]:
    """The parts of a span that others do not cover."""
    begin, end = span
    parts: list[Span] = []
    for first, last in _within(span, _union(covered)):
        if begin < first:
            parts.append((begin, first))
        begin = last
    return [*parts, (begin, end)] if begin < end else parts


def _within(span: Span, others: Iterable[Span]) -> Iterator[Span]:
    for begin, end in others:
        clipped = max(begin, span[0]), min(end, span[1])
        if clipped[0] < clipped[1]:
            yield clipped


def _by_day(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    begin, end = span
    while begin < end:
        day = begin.astimezone(zone).date()
        until = min(end, _day(day, zone)[1])
        yield day, (begin, until)
        begin = until


def _day(day: date, zone: ZoneInfo) -> Span:
    """From midnight to midnight, in UTC: 23, 24 or 25 hours."""
    midnights = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    begin, end = (one.astimezone(UTC) for one in midnights)
    return begin, end


def _sessions(item: Item | None) -> tuple[Session, ...]:
    stored = item["sessions"] if item else ()
    return tuple(
        Session(datetime.fromisoformat(one["begin"]), datetime.fromisoformat(one["end"]), one["incident"])
        for one in stored
    )
