"""Business hours: the settings, the plain answer for a moment, and the proof that metric math gives the same answer.

The proof compares two independent ways: the expressions, run by the metric-math evaluator, and `zoneinfo`. It takes
every half hour of ten years, and every minute for two days on either side of each change of the zone's offset.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, timezone
from itertools import pairwise

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.alerting.business_hours import (
    MAX_EXPRESSION_CHARACTERS,
    BusinessHours,
    BusinessHoursError,
    Expression,
    Weekday,
)
from cloudtrail_monitoring.sandbox.metric_math import evaluate

MINUTE, HALF_HOUR, DAY = 60, 1800, 86400
WEEKEND = (Weekday.SATURDAY, Weekday.SUNDAY)
EVERY_DAY = tuple(Weekday)


def hours(time_zone: str = "Europe/Berlin", start: str = "08:00", end: str = "18:00", **more: object) -> BusinessHours:
    return given(time_zone=time_zone, start=start, end=end, **more)


def given(**settings: object) -> BusinessHours:
    return BusinessHours.model_validate({"start": "08:00", "end": "18:00", "time_zone": "Europe/Berlin", **settings})


def at(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def as_mapping(expressions: tuple[Expression, ...]) -> dict[str, str]:
    return {expression.id: expression.expression for expression in expressions}


def off_hours(settings: BusinessHours, moments: range, value: float = 3.0) -> dict[int, float]:
    expressions = as_mapping(settings.off_hours_expressions("m1"))
    return evaluate(expressions, {"m1": dict.fromkeys(moments, value)}, "off_hours")


def disagreements(settings: BusinessHours, moments: range) -> list[datetime]:
    found = off_hours(settings, moments)
    assert len(found) == len(moments)
    times = (datetime.fromtimestamp(moment, UTC) for moment in moments)
    return [when for when in times if (found[seconds(when)] == 3.0) == settings.contains(when)]


def proof_periods(settings: BusinessHours, first_year: int, years: int) -> Iterator[range]:
    begin, end = seconds(at(first_year)), seconds(at(first_year + years))
    yield range(begin, end, HALF_HOUR)
    changes = as_mapping(settings.off_hours_expressions("m1")).get("changes", "")
    for change in map(int, re.findall(r"utc>=(\d+)", changes)):
        yield range(max(begin, change - 2 * DAY), min(end, change + 2 * DAY), MINUTE)


@pytest.mark.parametrize(
    ("time_zone", "start", "end", "weekdays", "first_year", "changes"),
    [
        pytest.param("UTC", "08:00", "18:00", EVERY_DAY[:5], 2025, 0, id="no offset"),
        pytest.param("Europe/Berlin", "08:00", "18:00", EVERY_DAY[:5], 2025, 20, id="north"),
        pytest.param(
            "America/New_York", "22:00", "06:00", EVERY_DAY[:5], 2025, 20, id="past midnight, over the change"
        ),
        pytest.param("Australia/Sydney", "08:30", "17:30", WEEKEND, 2025, 20, id="south, weekend, half-hour start"),
        pytest.param("Asia/Kolkata", "09:30", "18:00", EVERY_DAY[:5], 2025, 0, id="half-hour offset"),
        pytest.param("America/St_Johns", "20:15", "02:45", WEEKEND, 2025, 20, id="half-hour offset with changes"),
        pytest.param("Australia/Lord_Howe", "01:30", "02:15", EVERY_DAY, 2025, 20, id="change of half an hour"),
        pytest.param(
            "America/Sao_Paulo", "00:00", "12:00", EVERY_DAY[:5], 2010, 19, id="changes at midnight, then none"
        ),
        pytest.param("Pacific/Apia", "21:00", "05:00", (Weekday.FRIDAY,), 2010, 20, id="a Friday that did not exist"),
    ],
)
def test_expression_agrees_with_the_zone_for_ten_years(
    time_zone: str, start: str, end: str, weekdays: tuple[Weekday, ...], first_year: int, changes: int
) -> None:
    # R-ALM-3
    settings = hours(time_zone, start, end, weekdays=weekdays, first_year=first_year, last_year=first_year + 9)
    periods = list(proof_periods(settings, first_year, 10))
    assert len(periods) == 1 + changes
    assert [moment for period in periods for moment in disagreements(settings, period)] == []


def test_expression_agrees_where_ramadan_moves_the_clock() -> None:
    # R-ALM-3: Morocco's changes follow the moon, up to four a year and different ones every year
    settings = hours("Africa/Casablanca", "08:30", "16:30", first_year=2015, last_year=2024)
    periods = list(proof_periods(settings, 2015, 10))
    assert len(periods) > 1 + 20
    assert [moment for period in periods for moment in disagreements(settings, period)] == []


def test_proof_sees_a_change_that_is_missing() -> None:
    # R-ALM-3: guards the proof itself, with offsets of one year on the next
    settings = hours(first_year=2025, last_year=2025)
    assert disagreements(settings, range(seconds(at(2026, 7)), seconds(at(2026, 8)), HALF_HOUR))


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        ((2026, 1, 5, 6, 59), False),  # Monday 07:59 in Berlin, winter
        ((2026, 1, 5, 7, 0), True),
        ((2026, 1, 5, 16, 59), True),
        ((2026, 1, 5, 17, 0), False),
        ((2026, 7, 6, 5, 59), False),  # summer: an hour earlier in UTC
        ((2026, 7, 6, 6, 0), True),
        ((2026, 7, 6, 15, 59), True),
        ((2026, 7, 6, 16, 0), False),
        ((2026, 7, 4, 10, 0), False),  # Saturday
    ],
)
def test_window_opens_at_its_start_and_is_closed_at_its_end(moment: tuple[int, ...], within: bool) -> None:
    # R-ALM-3
    when = at(*moment)
    assert hours().contains(when) is within
    assert off_hours(hours(), range(seconds(when), seconds(when) + MINUTE, MINUTE)) == {
        seconds(when): 0.0 if within else 3.0
    }


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        ((2026, 1, 9, 23), True),  # Friday night
        ((2026, 1, 10, 5, 59), True),  # Saturday morning belongs to Friday
        ((2026, 1, 10, 6), False),
        ((2026, 1, 10, 23), False),  # Saturday night
        ((2026, 1, 12, 3), False),  # Monday morning belongs to Sunday
        ((2026, 1, 12, 22), True),
    ],
)
def test_window_past_midnight_belongs_to_the_day_on_which_it_starts(moment: tuple[int, ...], within: bool) -> None:
    # R-ALM-3
    assert hours("UTC", "22:00", "06:00").contains(at(*moment)) is within


def test_moment_is_judged_in_the_zone_of_the_business() -> None:
    # R-ALM-3: the same instant, written in two zones
    tokyo = timezone(timedelta(hours=9))
    assert hours().contains(at(2026, 7, 6, 6)) is hours().contains(at(2026, 7, 6, 6).astimezone(tokyo)) is True


def test_moment_without_zone_is_refused() -> None:
    # R-ALM-3
    with pytest.raises(BusinessHoursError, match="no time zone"):
        hours().contains(datetime(2026, 7, 6, 6))


def test_metric_without_datapoint_gives_none() -> None:
    # R-ALM-3: a zero in the newest period would hide a datapoint that arrives late
    settings = hours()
    night, day = seconds(at(2026, 7, 6, 0)), seconds(at(2026, 7, 6, 10))
    expressions = as_mapping(settings.off_hours_expressions("m1"))
    times = [night, night + 60, day, day + 60]
    assert evaluate(expressions, {"m1": {night: 2.0, day: 2.0}}, "off_hours", times=times) == {night: 2.0, day: 0.0}


@pytest.mark.parametrize(("year", "month"), [(2020, 7), (2020, 1), (2050, 1), (2050, 7)])
def test_offset_continues_outside_the_span(year: int, month: int) -> None:
    # R-ALM-3: Berlin's winter time is in force at both ends of the span, and 07:30 UTC is 08:30 then
    found = off_hours(hours(), range(seconds(at(year, month, 1)), seconds(at(year, month, 8)), HALF_HOUR))
    opening = {datetime.fromtimestamp(moment, UTC).time() for moment, value in found.items() if value == 0.0}
    assert min(opening) == time(7, 0)
    assert max(opening) == time(16, 30)


def test_only_the_last_expression_is_returned() -> None:
    # R-ALM-3
    expressions = hours().off_hours_expressions("m1")
    assert [expression.return_data for expression in expressions] == [False] * (len(expressions) - 1) + [True]
    assert all(expression.label for expression in expressions)


@pytest.mark.parametrize("time_zone", ["UTC", "Europe/Berlin", "Africa/Casablanca", "Pacific/Apia"])
def test_expressions_fit_an_alarm(time_zone: str) -> None:
    # R-ALM-3: ten queries an alarm with the metric itself; an expression that is a number alone would be refused
    expressions = hours(time_zone, weekdays=EVERY_DAY).off_hours_expressions("m" * 255)
    assert len(expressions) + 1 <= 10
    assert max(len(expression.expression) for expression in expressions) <= 2048
    for expression in expressions:
        moments = dict.fromkeys(range(seconds(at(2026)), seconds(at(2026)) + DAY, HALF_HOUR), 1.0)
        assert evaluate(as_mapping(expressions), {"m" * 255: moments}, expression.id).keys() == moments.keys()


def brackets(expression: str) -> Iterator[str]:
    """What stands in each pair of brackets, with inner pairs replaced by a name; last, the whole."""
    innermost = re.compile(r"\w*\(([^()]*)\)")
    while found := innermost.search(expression):
        yield from found[1].split(",")
        expression = innermost.sub("x", expression, count=1)
    yield expression


@pytest.mark.parametrize("time_zone", ["Europe/Berlin", "Pacific/Apia", "Australia/Lord_Howe"])
def test_expressions_do_not_rely_on_precedence(time_zone: str) -> None:
    # R-ALM-3: AWS documents none, so no bracket holds two different operators, or one that is not associative twice
    for expression in hours(time_zone, first_year=2005).off_hours_expressions("m1"):
        for content in brackets(expression.expression):
            operators = re.findall(r">=|==|<|[-+*/]", content)
            assert len(operators) <= 1 or set(operators) == {"+"}, content


def test_expressions_are_the_same_every_time() -> None:
    # R-ALM-3: the order of weekdays does not matter, nor does the clock
    backwards = hours(weekdays=tuple(reversed(EVERY_DAY[:5])))
    assert backwards.off_hours_expressions("m1") == hours().off_hours_expressions("m1")


def test_offset_changes_are_found_to_the_second() -> None:
    # R-ALM-3: Berlin, 29 March and 25 October 2026 at 01:00 UTC
    changes = as_mapping(hours(first_year=2026, last_year=2026).off_hours_expressions("m1"))["changes"]
    found = [datetime.fromtimestamp(int(change), UTC) for change in re.findall(r"utc>=(\d+)", changes)]
    assert found == [at(2026, 3, 29, 1), at(2026, 10, 25, 1)]


@pytest.mark.parametrize("metric_id", ["", "M1", "1m", "m-1", "m" * 256, "utc", "changes", "off_hours"])
def test_id_that_an_alarm_could_not_hold_is_refused(metric_id: str) -> None:
    # R-ALM-3
    with pytest.raises(BusinessHoursError, match="metric's id"):
        hours().off_hours_expressions(metric_id)


def test_times_can_be_objects_or_text() -> None:
    # R-ALM-3
    assert hours(start="08:30") == BusinessHours(start=time(8, 30), end=time(18), time_zone="Europe/Berlin")


def test_default_is_monday_to_friday() -> None:
    # R-ALM-3
    assert [day.name for day in hours().weekdays] == ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("weekdays", (), "at least one weekday"),
        ("weekdays", (Weekday.MONDAY, Weekday.MONDAY), "once"),
        ("weekdays", (0,), "Weekday"),
        ("start", "8:00", "HH:MM"),
        ("start", "24:00", "HH:MM"),
        ("start", "08:00:30", "HH:MM"),
        ("start", 8, "valid time"),
        ("start", time(8, 0, 30), "whole minute"),
        ("end", time(18, tzinfo=UTC), "without a zone"),
        ("end", "08:00", "must differ"),
        ("time_zone", "Europe/berlin", "perhaps Europe/Berlin"),
        ("time_zone", "../../etc/localtime", "IANA time zone"),
        ("time_zone", "", "IANA time zone"),
        ("first_year", 1999, "greater than or equal to 2000"),
        ("last_year", 2101, "less than or equal to 2100"),
        ("first_year", 2041, "after last_year 2040"),
        ("holidays", (), "not permitted"),
    ],
)
def test_setting_that_makes_no_sense_is_refused(field: str, value: object, message: str) -> None:
    # R-ALM-3
    with pytest.raises(ValidationError, match=message) as caught:
        given(**{field: value})
    assert caught.value.error_count() == 1


def test_span_with_too_many_changes_is_refused() -> None:
    # R-ALM-3: both sides of the bound
    def length(last_year: int) -> int:
        return max(len(each.expression) for each in hours(last_year=last_year).off_hours_expressions("m1"))

    accepted = []
    for last_year in range(2075, 2101):
        try:
            accepted.append(length(last_year))
        except ValidationError as error:
            # whether it is refused depends on the span: pytest.raises would demand that it always is
            assert re.search(r"Europe/Berlin changes its offset \d+ times .* holds 2048; shorten", str(error))  # noqa: PT017
            break
    growth = {later - earlier for earlier, later in pairwise(accepted)}
    assert growth == {2 * len("+(utc>=1234567890)")}
    assert MAX_EXPRESSION_CHARACTERS - max(growth) < accepted[-1] <= MAX_EXPRESSION_CHARACTERS
