"""R-ALM-3: business hours of a single event, to the second, in its own zone."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from cloudtrail_monitoring.alerting.business_hours import MONDAY_TO_FRIDAY, BusinessHours, Weekday
from cloudtrail_monitoring.responders.runtime.opening_hours import OpeningHours
from tests.runtime.account import CONFIGURATION

SETTINGS = CONFIGURATION.enhanced_logging
assert SETTINGS


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        # closing time, 18:00 in New York: 22:00 UTC in summer, 23:00 in winter
        ("2026-03-09T21:59:59Z", True),
        ("2026-03-09T22:00:00Z", False),
        ("2026-03-06T22:59:59Z", True),
        ("2026-03-06T23:00:00Z", False),
        # opening time, 08:00, on the Friday before and the Monday after the clocks went forward
        ("2026-03-06T12:59:59Z", False),
        ("2026-03-06T13:00:00Z", True),
        ("2026-03-09T11:59:59Z", False),
        ("2026-03-09T12:00:00Z", True),
        # and back
        ("2026-10-30T12:00:00Z", True),
        ("2026-11-02T12:59:59Z", False),
        ("2026-11-02T13:00:00Z", True),
        # a Saturday, and a holiday
        ("2026-03-07T16:00:00Z", False),
        ("2026-12-25T16:00:00Z", False),
    ],
)
def test_the_edges_follow_daylight_saving_time(at: str, is_open: bool) -> None:
    hours = OpeningHours.of(SETTINGS)
    assert hours
    assert hours.contains(datetime.fromisoformat(at)) is is_open


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize(("start", "end"), [(time(8), time(18)), (time(22, 30), time(6))])
@pytest.mark.parametrize("days", [MONDAY_TO_FRIDAY, (Weekday.SUNDAY,)])
def test_they_are_those_that_the_alarm_is_made_from(
    zone: str, start: time, end: time, days: tuple[Weekday, ...]
) -> None:
    of_the_alarm = BusinessHours(start=start, end=end, time_zone=zone, weekdays=days)
    hours = OpeningHours(zone, start, end, tuple(int(day) + 1 for day in days))
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + number * timedelta(minutes=30) for number in range(365 * 48)]
    assert [at for at in moments if hours.contains(at) != of_the_alarm.contains(at)] == []


def test_a_holiday_closes_the_night_that_begins_on_it() -> None:
    assert SETTINGS
    night = OpeningHours.of(replace(SETTINGS, start="22:00", end="06:00", time_zone="UTC"))
    assert night
    assert night.contains(datetime(2026, 12, 25, 5, tzinfo=UTC))
    assert not night.contains(datetime(2026, 12, 25, 23, tzinfo=UTC))


def test_without_them_nothing_is_known() -> None:
    assert OpeningHours.of(None) is None


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((1, 2, 3, 4, 5), "Mon-Fri 08:00-18:00 America/New_York"),
        ((7, 1), "Mon, Sun 08:00-18:00 America/New_York"),
        ((3,), "Wed 08:00-18:00 America/New_York"),
    ],
)
def test_they_are_said_in_few_words(days: tuple[int, ...], said: str) -> None:
    assert SETTINGS
    assert str(OpeningHours.of(replace(SETTINGS, days=days))) == said
