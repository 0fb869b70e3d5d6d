"""R-RSP-6: the records behind an alarm are those its filter counted, within bounds, whatever their delivery did."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudtrail_monitoring.responders.runtime.alarm_records import MAX_EVENTS, MAX_PAGES
from tests.runtime.account import BEGIN, Account
from tests.runtime.alarms import AT, MINUTE, Watched, fired, mail, policy_change, root_records, tell
from tests.runtime.records import by_root


@pytest.fixture
def watched(account: Account) -> Watched:
    account.clock.at = AT
    return Watched(account)


@pytest.mark.parametrize("empty_pages", [0, 3])
def test_of_many_records_the_earliest_are_told_and_that_there_are_more(account: Account, empty_pages: int) -> None:
    watched = Watched(account, empty_pages=empty_pages)
    detection = watched.detection("root-activity")
    watched.deliver(*(by_root("ListUsers", eventID=f"call-{number:04}") for number in range(MAX_EVENTS + 40)))
    told = tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert (told.events, told.is_cut_off) == (MAX_EVENTS, True)
    text = mail(watched).text
    assert "What:     ListUsers (200)" in text
    assert "Found:    200 or more: these are the earliest; all others are missing in the counts" in text
    assert "  ... 190 more ..." in text


def test_exactly_as_many_as_are_told_are_not_cut_off(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*(by_root("ListUsers", eventID=f"call-{number:04}") for number in range(MAX_EVENTS)))
    assert tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT)).is_cut_off is False


def test_a_search_that_finds_no_end_is_given_up_and_says_so(account: Account) -> None:
    watched = Watched(account, empty_pages=MAX_PAGES)
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    told = tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert (told.events, told.is_cut_off) == (0, True)
    assert "The search took too long and was given up." in mail(watched).text
    assert len(watched.logs.searches) == MAX_PAGES


def test_a_search_that_takes_too_long_is_given_up(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*(by_root("ListUsers", eventID=f"call-{number:04}") for number in range(30)))
    search = watched.logs.filter_log_events

    def slow(*, limit: int, **where: Any) -> dict[str, Any]:
        watched.account.clock.move(seconds=15)
        return search(limit=min(limit, 10), **where)

    monkeypatch.setattr(watched.logs, "filter_log_events", slow)
    told = tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert (told.events, told.is_cut_off) == (20, True)


def test_the_search_begins_before_the_period_by_what_delivery_takes(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    tell(watched, fired(detection, BEGIN, AT))
    (search,) = watched.logs.searches
    begin, end = (datetime.fromtimestamp(search[name] / 1000, UTC) for name in ("startTime", "endTime"))
    assert (begin, end) == (BEGIN - 5 * MINUTE, AT)


def test_a_record_that_was_delivered_late_is_listed_by_its_own_time(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(by_root("Late", eventTime="2026-03-09T13:20:00Z"), after=42 * MINUTE)
    watched.deliver(by_root("Timely", eventTime="2026-03-09T14:01:00Z"), after=MINUTE)
    tell(watched, fired(detection, BEGIN + 2 * MINUTE, AT))
    text = mail(watched).text
    assert text.index("13:20:00  Late") < text.index("14:01:00  Timely")
    assert "First:    2026-03-09 13:20:00 UTC (09:20 EDT)" in text


def test_what_the_pattern_does_not_match_and_what_comes_twice_is_not_told(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records(), *root_records(), policy_change("2026-03-09T14:01:00Z"))
    assert tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT)).events == 3


def test_log_events_that_are_no_records_are_counted(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    planted = [json.dumps(by_root("A", eventTime=f"{year}-01-01T00:00:00Z")) for year in ("0001", "9999")]
    watched.deliver(*root_records(), "{", "[]", *planted)
    tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert "Found:    4 log events that could not be read" in mail(watched).text
