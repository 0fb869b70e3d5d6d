"""R-RSP-3: how much of the second trail's time events are given, counted a second time by minutes."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.responders.runtime.logged_time import LoggedTime, Session, claimed
from cloudtrail_monitoring.responders.runtime.table import Table
from tests.runtime.account import BEGIN, Account

MINUTE = timedelta(minutes=1)
LENGTH = timedelta(minutes=60)
# around both changes of the clock in New York, and where it changes at midnight
BEGINNINGS = {
    "America/New_York": (datetime(2026, 3, 7, 20, 0, tzinfo=UTC), datetime(2026, 10, 31, 20, 0, tzinfo=UTC)),
    "Africa/Cairo": (datetime(2026, 4, 23, 14, 0, tzinfo=UTC), datetime(2026, 10, 29, 14, 0, tzinfo=UTC)),
    "Asia/Kolkata": (datetime(2026, 5, 1, 10, 0, tzinfo=UTC),),
}
ZONES = [(zone, begin) for zone, beginnings in BEGINNINGS.items() for begin in beginnings]


def after(minutes: list[int], zone: str, begin: datetime, most: timedelta) -> tuple[Session, ...]:
    sessions: tuple[Session, ...] = ()
    for number, minute in enumerate(minutes):
        at = begin + minute * MINUTE
        _, sessions = claimed(sessions, (at, at + LENGTH), f"inc-{number}", zone=ZoneInfo(zone), most=most)
    return sessions


def logged(sessions: tuple[Session, ...]) -> set[datetime]:
    return {one.begin + number * MINUTE for one in sessions for number in range(int((one.end - one.begin) / MINUTE))}


MOMENTS = st.lists(st.integers(0, 48 * 60), max_size=30)


@pytest.mark.parametrize(("zone", "begin"), ZONES)
@given(minutes=MOMENTS, most=st.integers(0, 300))
def test_no_local_day_has_more_minutes_than_allowed(zone: str, begin: datetime, minutes: list[int], most: int) -> None:
    used = Counter(at.astimezone(ZoneInfo(zone)).date() for at in logged(after(minutes, zone, begin, most * MINUTE)))
    assert max(used.values(), default=0) <= most


@pytest.mark.parametrize(("zone", "begin"), ZONES)
@given(minutes=MOMENTS)
def test_without_a_cap_every_minute_after_an_event_is_logged_and_no_other(
    zone: str, begin: datetime, minutes: list[int]
) -> None:
    wanted = {begin + (minute + number) * MINUTE for minute in minutes for number in range(60)}
    for order in (minutes, minutes[::-1], [*minutes, *minutes]):
        assert logged(after(order, zone, begin, timedelta(days=2))) == wanted


@given(minutes=MOMENTS, most=st.integers(0, 300))
def test_the_same_events_again_are_given_nothing_more(minutes: list[int], most: int) -> None:
    zone, begin = ZONES[0]
    ordered = sorted(minutes)  # out of order the cap may refuse what a later event is granted
    once, twice = (after(given, zone, begin, most * MINUTE) for given in (ordered, [*ordered, *ordered]))
    assert logged(once) == logged(twice)


def test_old_sessions_are_forgotten(account: Account) -> None:
    table = Table(account.aws.table(account.configuration.state_table))
    time = LoggedTime(table, "trail", zone=ZoneInfo("UTC"), most=timedelta(hours=4), now=account.clock)
    time.claim(BEGIN, BEGIN + LENGTH, "inc-old")
    account.clock.move(days=4)
    time.claim(account.clock(), account.clock() + LENGTH, "inc-new")
    assert time.around(BEGIN, BEGIN) is None
    newest = time.around(account.clock(), account.clock())
    assert newest is not None
    assert newest.incident_id == "inc-new"
