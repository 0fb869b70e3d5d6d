"""The bundled attack against the alarms of the requirements: what must ring rings, what resembles it does not."""

import ipaddress
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from cloudtrail_monitoring.sandbox.replay import ReplayedEvent, ReplayResult
from cloudtrail_monitoring.sandbox.scenario import (
    ATTACK,
    LOGIN_FAILURES,
    LOGIN_WITHOUT_MFA,
    LOOK_ALIKES,
    OFF_HOURS_CHANGE,
    ROOT_ACTIVITY,
    SCENARIO,
    STEPS,
    Step,
    judge,
)
from cloudtrail_monitoring.simulation.records import UnreadableRecord, event_time, read_records
from tests.sandbox.monitored_account import (
    ACCOUNT,
    BUSINESS_HOURS,
    PREFIX,
    Record,
    embedded_aws,
    monitored_account,
    with_alarms_of_the_requirements,
)

UNREADABLE: list[UnreadableRecord] = []
RECORDS: list[Record] = list(read_records([SCENARIO], UNREADABLE.append))
EXAMPLE_NETWORKS = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@pytest.fixture(scope="module")
def result() -> Iterator[ReplayResult]:
    with embedded_aws() as aws:
        yield with_alarms_of_the_requirements(monitored_account(aws)).replay(*RECORDS)


def event(result: ReplayResult, event_id: str) -> ReplayedEvent:
    (found,) = (one for one in result.events if one.event_id == event_id)
    return found


def title(step: Step) -> str:
    return step.title


# -- the records --------------------------------------------------------------------------------------------------


def test_every_record_is_readable() -> None:
    assert UNREADABLE == []
    assert 30 <= len(RECORDS) <= 60


def test_every_record_has_an_id_of_its_own() -> None:
    ids = [one["eventID"] for one in RECORDS]
    assert len(set(ids)) == len(ids)
    assert [str(uuid.UUID(id_)) for id_ in ids] == ids


def test_every_record_is_of_the_production_account() -> None:
    for one in RECORDS:
        assert one["eventVersion"] == "1.11"
        assert one["recipientAccountId"] == ACCOUNT
        assert one["userIdentity"].get("accountId", ACCOUNT) == ACCOUNT


def test_public_addresses_are_reserved_for_documentation() -> None:
    for one in RECORDS:
        try:
            address = ipaddress.ip_address(one["sourceIPAddress"])
        except ValueError:
            assert one["sourceIPAddress"].endswith(".amazonaws.com")
        else:
            assert address in ipaddress.ip_network("10.0.0.0/8") or any(address in net for net in EXAMPLE_NETWORKS)


def test_every_access_key_is_marked_as_an_example() -> None:
    words = json.dumps(RECORDS).replace('"', " ").split()
    assert all(word.endswith("EXAMPLE") for word in words if len(word) == 20 and word.startswith(("AKIA", "ASIA")))


def test_every_step_names_records_that_exist_and_no_record_twice() -> None:
    named = [event_id for step in STEPS for event_id in step.event_ids]
    assert len(set(named)) == len(named)
    assert set(named) <= {one["eventID"] for one in RECORDS}


def test_the_burst_lies_in_one_quarter_of_the_clock() -> None:  # R-ALM-1
    times = [event_time(one) for one in RECORDS if one["eventID"] in ATTACK[0].event_ids]
    assert len(times) == 7
    assert len({(at.hour, at.minute // 15) for at in times}) == 1


def test_the_forgotten_password_stays_below_the_threshold_in_any_quarter_of_an_hour() -> None:  # R-ALM-1
    (step,) = (step for step in LOOK_ALIKES if step.title == "Forgetting a password")
    times = sorted(event_time(one) for one in RECORDS if one["eventID"] in step.event_ids)
    assert times[3] - times[0] > timedelta(minutes=15)


@pytest.mark.parametrize(("number", "offset"), [("0181", "in"), ("0211", "out")])
def test_a_fixed_offset_would_misjudge_the_policy_changes_of_this_day(number: str, offset: str) -> None:  # R-ALM-3
    (at,) = (event_time(one) for one in RECORDS if one["eventID"].endswith(number))
    winter = at - timedelta(hours=5)
    judged_in_winter_time = winter.weekday() < 5 and 8 <= winter.hour < 18
    assert judged_in_winter_time is (offset == "in")
    assert BUSINESS_HOURS.contains(at) is (offset == "out")


# -- the replay ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ATTACK, ids=title)
def test_each_step_of_the_attack_alarms(result: ReplayResult, step: Step) -> None:  # R-ALM-1 to R-ALM-4
    (finding,) = judge(result, [step])
    assert finding.deviations == ()
    for one in finding.events:
        assert set(step.alarms) <= set(map(result.detection_id, one.alarms))


@pytest.mark.parametrize("step", LOOK_ALIKES, ids=title)
def test_no_look_alike_alarms(result: ReplayResult, step: Step) -> None:  # R-ALM-1 to R-ALM-4
    (finding,) = judge(result, [step])
    assert (finding.deviations, finding.false_alarms) == ((), ())
    assert all(one.alarms == one.notifications == () for one in finding.events)


def test_everything_else_goes_undetected(result: ReplayResult) -> None:
    named = {event_id for step in STEPS for event_id in step.event_ids}
    for one in result.events:
        if one.event_id not in named:
            assert (one.detections, one.alarms, one.rules, one.notifications) == ((), (), (), ())


def test_each_alarm_of_the_requirements_goes_off(result: ReplayResult) -> None:
    raised = {result.detection_id(change.alarm.name) for change in result.transitions if change.new == "ALARM"}
    assert raised == {LOGIN_FAILURES, ROOT_ACTIVITY, OFF_HOURS_CHANGE, LOGIN_WITHOUT_MFA}


def test_every_alarm_calms_down_again(result: ReplayResult) -> None:
    last = {change.alarm.name: change.new for change in result.transitions}
    assert set(last.values()) == {"OK"}


def test_an_off_hours_change_is_told_by_mail_and_text_message(result: ReplayResult) -> None:  # R-ALM-3
    sent = event(result, ATTACK[3].event_ids[0]).notifications
    assert [one.protocol for one in sent] == ["email", "email", "sms"]


def test_roots_login_and_changes_are_told_by_eventbridge_and_its_reading_is_not(
    result: ReplayResult,
) -> None:  # R-ALM-2
    by_rule = {one.name: bool(one.rules) for one in result.events if one.actor == "root" and one.alarms}
    assert by_rule == {
        "ConsoleLogin": True,
        "GetAccountSummary": False,
        "ListMFADevices": False,
        "DescribeRegions": False,
        "CreateAccessKey": True,
        "AuthorizeSecurityGroupIngress": True,
    }


def test_root_in_another_region_is_told_by_the_home_region(result: ReplayResult) -> None:  # R-ALM-2
    (step,) = (step for step in ATTACK if step.title == "Opening SSH as root, in another Region")
    sent = event(result, step.event_ids[0]).notifications
    assert any(
        one.text.startswith('"Root: AuthorizeSecurityGroupIngress"\n"From 198.51.100.23, in us-east-2"') for one in sent
    )


# -- the judgement ------------------------------------------------------------------------------------------------


def test_a_missed_step_is_a_deviation(result: ReplayResult) -> None:
    step = ATTACK[1]
    missed = replace(event(result, step.event_ids[0]), alarms=())
    (finding,) = judge(replace(result, events=(missed,)), STEPS)
    assert finding.deviations == (f"{missed.event_id} ConsoleLogin: alarms none, not {LOGIN_WITHOUT_MFA}",)
    assert finding.false_alarms == ()


def test_a_look_alike_that_alarms_is_a_false_alarm(result: ReplayResult) -> None:
    step = LOOK_ALIKES[0]
    alarmed = replace(event(result, step.event_ids[0]), alarms=(f"{PREFIX}-{LOGIN_WITHOUT_MFA}",))
    (finding,) = judge(replace(result, events=(alarmed,)), STEPS)
    assert finding.false_alarms == step.event_ids


def test_detections_that_no_step_names_are_not_compared(result: ReplayResult) -> None:
    step = LOOK_ALIKES[0]
    seen = event(result, step.event_ids[0])
    more = replace(seen, detections=("console-login",), alarms=(f"{PREFIX}-console-login",))
    (finding,) = judge(replace(result, events=(more,)), STEPS)
    assert (finding.deviations, finding.false_alarms) == ((), ())


def test_records_of_somebody_else_are_not_judged(result: ReplayResult) -> None:
    stranger = replace(result.events[0], event_id="another")
    assert judge(replace(result, events=(stranger,))) == []
