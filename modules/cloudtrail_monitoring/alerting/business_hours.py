"""Business hours in a time zone, and the CloudWatch metric math that keeps a metric's datapoints outside them.

Metric math knows UTC only, so the offsets of the zone are written into the expressions, for a fixed span of years. They
use `EPOCH`, `FLOOR`, `IF`, comparisons and arithmetic: nothing that AWS's page on metric math leaves open. Comparisons
give 1 or 0 and so can be added up; there is no modulo, hence `FLOOR`; the precedence of operators is not documented,
hence no two different ones meet without a bracket. Days begin at the opening time here: a window past midnight is then
like any other, and belongs to the weekday on which it begins.

The expressions are exact for the timestamp of a datapoint, which is the start of its period: opening and closing times
should be multiples of the alarm's period. Which metric is judged, and what happens then, is left to the alarm; for a
single event and its own time there is `BusinessHours.contains`.
"""

import re
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cloudtrail_monitoring.validation import Settings, fault

MAX_EXPRESSION_CHARACTERS = 2048
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"""

_DAY = 86400
_WEEK = 7 * _DAY
_THURSDAY_TO_MONDAY = 3 * _DAY  # 1970-01-01 was a Thursday; added to the time, whole weeks begin on a Monday
_METRIC_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")


class BusinessHoursError(ValueError):
    """A question that business hours can't answer; ``str()`` is one line."""


class Weekday(IntEnum):
    """A day of the week, numbered as in `datetime.date.weekday`."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


MONDAY_TO_FRIDAY = (Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY)


class Expression(Settings):
    """One metric-math expression of an alarm: a ``metric_query`` block of ``aws_cloudwatch_metric_alarm``."""

    id: str
    """What other expressions of the alarm call it."""
    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_CHARACTERS)
    """The metric math, at most 2,048 characters."""
    label: str
    """What the console shows beside it."""
    return_data: bool
    """Whether it is the one that the alarm watches."""


def _read_time(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
            raise fault("a time from 00:00 to 23:59, written HH:MM, is needed")
        return time.fromisoformat(value)
    return value


def _check_time(value: time) -> time:
    """A time of day to the minute, as ``time(8, 30)`` or ``"08:30"``."""
    if value.tzinfo is not None:
        raise fault("a time without a zone is needed: time_zone names the zone")
    if value.second or value.microsecond:
        raise fault("a whole minute is needed: the period of an alarm is whole minutes")
    return value


def _check_weekdays(value: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    if not value:
        raise fault("at least one weekday is needed")
    if len(set(value)) != len(value):
        raise fault("each weekday can be given once")
    return value


@lru_cache
def _zone_names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def _check_zone(value: str) -> str:
    """An IANA time zone such as Europe/Berlin."""
    if value not in _zone_names():
        near = get_close_matches(value, sorted(_zone_names()), n=1)
        raise fault(f"an IANA time zone is needed, {f'perhaps {near[0]}' if near else 'such as Europe/Berlin'}")
    return value


@lru_cache
def _zone(name: str) -> ZoneInfo:
    """The zone from the tzdata package, which is locked: the machine's own data would make synth differ by machine."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


class _OffsetChange(NamedTuple):
    at: int  # seconds since 1970-01-01T00:00Z
    by: int  # seconds that local time gains on UTC


def _offset(zone: ZoneInfo, at: int) -> int:
    return round((datetime.fromtimestamp(at, zone).utcoffset() or timedelta()).total_seconds())


@lru_cache
def _offsets(zone_name: str, first_year: int, last_year: int) -> tuple[int, tuple[_OffsetChange, ...]]:
    """The offset in force when the span begins, and every change within it, to the second.

    A step of one day misses nothing: no zone has changed its offset twice within a week since 2000.
    """
    zone = _zone(zone_name)
    begin = round(datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = round(datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp())
    changes: list[_OffsetChange] = []
    for day in range(begin, end, _DAY):
        before, after = day, min(day + _DAY, end - 1)
        old, new = _offset(zone, before), _offset(zone, after)
        if old == new:
            continue
        while after - before > 1:
            middle = (before + after) // 2
            if _offset(zone, middle) == old:
                before = middle
            else:
                after = middle
        changes.append(_OffsetChange(after, new - old))
    return _offset(zone, begin), tuple(changes)


def _changes_expression(changes: tuple[_OffsetChange, ...]) -> str:
    """The seconds by which local time has gained on UTC since the span began: gains minus losses.

    >>> _changes_expression((_OffsetChange(100, 3600), _OffsetChange(200, -3600), _OffsetChange(300, 3600)))
    '(3600*((utc>=100)+(utc>=300)))-(3600*((utc>=200)))'
    """

    def total(sign: int) -> str:
        sizes = sorted({change.by * sign for change in changes if change.by * sign > 0})
        terms = []
        for size in sizes:
            steps = "+".join(f"(utc>={change.at})" for change in changes if change.by * sign == size)
            terms.append(f"({size}*({steps}))")
        return "+".join(terms) or "0"

    return f"({total(1)})-({total(-1)})"


class BusinessHours(Settings):
    """Weekly business hours in one time zone: the same opening and closing time on every day named.

    The expressions know the offsets from ``first_year`` to ``last_year`` as the zone data said at synth. Before and
    after that span its first and its last offset simply continue: in a zone with daylight-saving time, an hour wrong
    for part of the year. `contains` has no such limit.

    Example:
        >>> office = BusinessHours(start=time(8), end=time(18), time_zone="Europe/Berlin")
        >>> office.contains(datetime(2026, 7, 1, 6, 0, tzinfo=UTC))
        True
        >>> office.off_hours_expressions("m1")[-1].expression
        'IF(m1,m1*(1-open),0)'
    """

    weekdays: Annotated[tuple[Weekday, ...], AfterValidator(_check_weekdays)] = MONDAY_TO_FRIDAY
    """The days on which the business opens, at least one."""
    start: Annotated[time, BeforeValidator(_read_time), AfterValidator(_check_time)]
    """Opening time, local, a whole minute; a `datetime.time` or "HH:MM"."""
    end: Annotated[time, BeforeValidator(_read_time), AfterValidator(_check_time)]
    """Closing time, local, the first minute outside; when it is before ``start``, it is on the next day."""
    time_zone: Annotated[str, AfterValidator(_check_zone)]
    """IANA name such as ``Europe/Berlin``."""
    first_year: int = Field(default=2025, ge=2000, le=2100)
    """First year (UTC) whose offsets are written into the expressions."""
    last_year: int = Field(default=2040, ge=2000, le=2100)
    """Last year (UTC) whose offsets are written into the expressions."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start == self.end:
            raise fault("start and end must differ, and both are {time}", time=f"{self.start:%H:%M}")
        if self.first_year > self.last_year:
            raise fault(f"first_year {self.first_year} is after last_year {self.last_year}")
        changes = self._offsets[1]
        length = len(_changes_expression(changes))
        if length > MAX_EXPRESSION_CHARACTERS:
            raise fault(
                f"{self.time_zone} changes its offset {len(changes)} times from {self.first_year} to {self.last_year}: "
                f"{length} characters, a metric-math expression holds {MAX_EXPRESSION_CHARACTERS}; shorten the span"
            )
        return self

    @property
    def _offsets(self) -> tuple[int, tuple[_OffsetChange, ...]]:
        return _offsets(self.time_zone, self.first_year, self.last_year)

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` is within business hours, judged by the time zone alone.

        Raises:
            BusinessHoursError: ``moment`` has no time zone.
        """
        if moment.utcoffset() is None:
            raise BusinessHoursError(
                f"{moment.isoformat()} has no time zone, so it can't be within business hours or not"
            )
        local = moment.astimezone(_zone(self.time_zone))
        clock, today = local.time(), local.weekday()
        if self.start < self.end:
            return today in self.weekdays and self.start <= clock < self.end
        yesterday = (today - 1) % 7
        return (today in self.weekdays and clock >= self.start) or (yesterday in self.weekdays and clock < self.end)

    def off_hours_expressions(self, metric_id: str) -> tuple[Expression, ...]:
        """The expressions that stand beside the metric ``metric_id`` in an alarm on metric math.

        The last one, ``off_hours``, is what the alarm watches: the metric's value outside business hours, 0 within, and
        no datapoint where the metric has none, so that no zeros of idle periods hide a datapoint that arrives late.

        Args:
            metric_id: The id of the metric in the alarm: a small letter, then up to 254 letters, digits, underscores.

        Raises:
            BusinessHoursError: ``metric_id`` is not an id, or is the id of one of the expressions.

        There are at most seven; an alarm takes ten, of 2,048 characters each, and every one must give a single time
        series: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html.

        Each function used, in https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html:
        ``EPOCH`` (a value for every period, UTC seconds) and ``FLOOR`` under #metric-math-syntax-functions-list;
        ``<``, ``>=`` and ``==`` (1 or 0) under #metric-math-syntax-operators; ``+ - * /`` under
        #metric-math-syntax-arithmetic; ``IF`` (no datapoint without a condition) under #using-IF-expressions.
        """
        first_offset, changes = self._offsets
        opening = _seconds(self.start)
        shift = first_offset + _THURSDAY_TO_MONDAY - opening  # more than 0 in any zone: it is never written as "+-"
        days = "+".join(f"(weekday=={int(day)})" for day in sorted(self.weekdays))
        zone = self.time_zone
        table = [
            ("utc", f"EPOCH({metric_id})", "UTC, seconds since 1970"),
            ("changes", _changes_expression(changes), f"{zone}: seconds gained on UTC since {self.first_year}"),
            ("local", f"utc+changes+{shift}" if changes else f"utc+{shift}", f"{zone}: seconds, whole days at opening"),
            ("elapsed", f"local-({_DAY}*FLOOR(local/{_DAY}))", f"{zone}: seconds since {self.start:%H:%M}"),
            ("weekday", f"FLOOR(local/{_DAY})-(7*FLOOR(local/{_WEEK}))", "Weekday of that opening time, Monday 0"),
            ("open", f"(elapsed<{(_seconds(self.end) - opening) % _DAY})*({days})", "1 within business hours"),
            ("off_hours", f"IF({metric_id},{metric_id}*(1-open),0)", "Outside business hours"),
        ]
        ids = [id_ for id_, _, _ in table]
        if not _METRIC_ID.fullmatch(metric_id) or metric_id in ids:
            raise BusinessHoursError(
                f"{metric_id!r} can't be the metric's id: a small letter, then letters, digits and _, "
                f"and none of {', '.join(ids)}"
            )
        return tuple(
            Expression(id=id_, expression=expression, label=label, return_data=id_ == "off_hours")
            for id_, expression, label in table
            if changes or id_ != "changes"  # a number alone is no time series, so AWS would refuse it
        )


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60
