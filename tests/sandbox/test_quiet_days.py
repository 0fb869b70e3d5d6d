"""The made-up days: the same every time, busy in working hours, and without anything that an alarm is for."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from cloudtrail_monitoring.sandbox.quiet_days import DAYS, quiet_records
from cloudtrail_monitoring.simulation.records import event_time

UNTIL = datetime(2026, 3, 9, 5, 46, 2, tzinfo=UTC)  # a Monday
RECORDS = list(quiet_records(UNTIL))
TIMES = [event_time(record) for record in RECORDS]


def test_they_come_out_the_same_every_time() -> None:
    assert list(quiet_records(UNTIL)) == RECORDS


def test_they_end_before_the_moment_and_begin_at_a_midnight() -> None:
    assert sorted(TIMES) == TIMES
    assert TIMES[-1] < UNTIL
    assert TIMES[0].date() == UNTIL.date() - timedelta(days=DAYS)


def test_each_record_has_an_id_of_its_own() -> None:
    assert len({record["eventID"] for record in RECORDS}) == len(RECORDS)


def test_people_log_in_in_their_working_hours_only() -> None:
    logins = [at for at, record in zip(TIMES, RECORDS, strict=True) if record["eventName"] == "ConsoleLogin"]
    assert len(logins) > 10
    # 08:00 to 18:00 in New York, an hour later in UTC once the clocks have changed
    assert all(at.weekday() < 5 and 12 <= at.hour < 23 for at in logins)


def test_a_working_hour_is_busier_than_any_at_night() -> None:
    by_hour = Counter((at.date(), at.hour) for at in TIMES)
    friday = datetime(2026, 3, 6, tzinfo=UTC).date()
    assert by_hour[friday, 15] > 2 * max(by_hour[friday, hour] for hour in range(5))


@pytest.mark.parametrize("country", ["203.0.113.", "198.51.100."])
def test_nobody_comes_from_where_the_attack_comes_from(country: str) -> None:
    assert not any(str(record["sourceIPAddress"]).startswith(country) for record in RECORDS)
