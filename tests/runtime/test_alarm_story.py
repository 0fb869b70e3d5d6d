"""R-RSP-6: an alarm is told as what happened: who, what, from where, what to do; once, whatever a record says."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from syrupy.assertion import SnapshotAssertion

from cloudtrail_monitoring.responders.runtime import alarm_story
from cloudtrail_monitoring.responders.runtime.alarm_change import UnusableAlarmError
from cloudtrail_monitoring.responders.runtime.alarm_story import Outcome, Told
from cloudtrail_monitoring.responders.runtime.configuration import VARIABLE
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from tests.runtime.account import ACCOUNT, BEGIN, PREFIX, Account
from tests.runtime.alarms import AT, MINUTE, EventBridgeEvent, Watched, fired, mail, policy_change, root_records, tell
from tests.runtime.records import ADDRESS, by_root, failed_login, hidden_login


@pytest.fixture
def watched(account: Account) -> Watched:
    account.clock.at = AT
    return Watched(account)


# R-RSP-6, R-RSP-2
def test_root_activity_reads_well(watched: Watched, snapshot: SnapshotAssertion) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    told = tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert told == Told(Outcome.TOLD, f"{PREFIX}-root-activity", "root-activity", 3)
    assert mail(watched).text == snapshot
    assert mail(watched).subject == f"root: CreateAccessKey and 2 more from {ADDRESS}"
    (sms,) = watched.account.said("sms")
    assert sms.text == f"HIGH root: CreateAccessKey and 2 more from {ADDRESS}, 14:02 UTC, account {ACCOUNT}"


def test_a_single_call_is_named_in_the_subject(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(root_records()[1])
    tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert mail(watched).subject == f"root: CreateAccessKey from {ADDRESS}"
    assert "New key:  AKIAIOSFODNN7EXAMPLE" in mail(watched).text


# R-ALM-1
def test_failed_logins_read_well_and_say_what_was_done(watched: Watched, snapshot: SnapshotAssertion) -> None:
    detection = watched.detection("console-login-failures")
    watched.deliver(
        *(failed_login(number, user="jordan") for number in range(4)),
        *(hidden_login(number, address="198.51.100.9") for number in range(4, 12)),
    )
    watched.account.add_user("jordan")
    _locked(watched, "jordan")
    told = tell(watched, fired(detection, BEGIN, BEGIN + timedelta(minutes=16), counted=12.0))
    assert told.events == 12
    assert mail(watched).text == snapshot
    assert mail(watched).subject == "unknown user and 1 more: ConsoleLogin failed (12) from 198.51.100.9 and 1 more"
    # nobody is called for what is Medium
    assert watched.account.said("sms") == []


def _locked(watched: Watched, user: str) -> None:
    held = Containment(Kind.ACCOUNT_LOCKOUT, user, AT, AT + timedelta(minutes=30), "inc-20260309-1f0c9a7be2d4")
    watched.account.toolbox({Kind.ACCOUNT_LOCKOUT: _Nothing()}).containments.hold(held)


class _Nothing:
    def apply(self, containment: Containment) -> None: ...

    def undo(self, containment: Containment) -> None: ...


def test_a_containment_of_somebody_else_or_of_the_past_is_not_told(watched: Watched) -> None:
    detection = watched.detection("console-login-failures")
    watched.deliver(*(failed_login(number, user="jordan") for number in range(6)))
    _locked(watched, "alex")
    _locked(watched, "jordan")
    watched.account.clock.move(minutes=31)
    tell(watched, fired(detection, BEGIN, AT))
    assert "Done:     nothing by the responders so far" in mail(watched).text


def test_about_root_is_said_what_helps_also_where_something_else_was_done(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(by_root("CreateAccessKey"))
    trail = Containment(Kind.ENHANCED_LOGGING, "trail", AT, AT + timedelta(hours=1), "inc-20260309-1f0c9a7be2d4")
    watched.account.toolbox({Kind.ENHANCED_LOGGING: _Nothing()}).containments.hold(trail)
    tell(watched, fired(detection, BEGIN, AT))
    text = mail(watched).text
    assert "Done:     all data events are recorded until" in text
    assert "nothing about root: no policy limits it." in text
    assert "Change its password, delete its keys, call AWS" in text
    assert "so far" not in text


OFF_HOURS = "off-hours-iam-policy-change"


# R-ALM-3
@pytest.mark.parametrize(
    ("event_time", "is_within"),
    [
        # closing time is 18:00 in New York: 22:00 UTC in summer, 23:00 in winter
        ("2026-03-09T21:59:59Z", True),
        ("2026-03-09T22:00:00Z", False),
        ("2026-03-06T22:00:00Z", True),
        ("2026-03-06T23:00:00Z", False),
    ],
)
def test_an_off_hours_change_is_judged_by_its_own_time(watched: Watched, event_time: str, is_within: bool) -> None:
    detection = watched.detection(OFF_HOURS)
    watched.deliver(policy_change(event_time))
    at = datetime.fromisoformat(event_time) + 5 * MINUTE
    tell(watched, fired(detection, at - 2 * MINUTE, at))
    doubt = "Hours:    This was WITHIN business hours (Mon-Fri 08:00-18:00 America/New_York):"
    assert (doubt in mail(watched).text.splitlines()) is is_within
    assert ("within business hours" in mail(watched).text) is is_within


# R-ALM-3
def test_a_change_on_the_edge_reads_well(watched: Watched, snapshot: SnapshotAssertion) -> None:
    detection = watched.detection(OFF_HOURS)
    admin = {
        "type": "AssumedRole",
        "accountId": "999999999999",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/sam",
        "sessionContext": {"attributes": {"mfaAuthenticated": "false"}},
    }
    watched.deliver(
        policy_change("2026-03-09T21:58:30Z"),
        policy_change(
            "2026-03-09T22:01:10Z",
            name="PutUserPolicy",
            userIdentity=admin,
            requestParameters={"userName": "dana", "policyName": "all", "policyDocument": "{}"},
        ),
    )
    closed = datetime(2026, 3, 9, 22, tzinfo=UTC)
    tell(watched, fired(detection, closed + MINUTE, closed + 6 * MINUTE))
    assert mail(watched).text == snapshot


def test_hours_that_are_not_known_or_not_judged_are_left_out(watched: Watched) -> None:
    watched.account.configure(enhanced_logging=None)
    detection = watched.detection(OFF_HOURS)
    watched.deliver(policy_change("2026-03-09T22:01:10Z"))
    closed = datetime(2026, 3, 9, 22, tzinfo=UTC)
    tell(watched, fired(detection, closed, closed + 6 * MINUTE))
    assert "Hours:" not in mail(watched).text


def test_none_found_reads_well(watched: Watched, snapshot: SnapshotAssertion) -> None:
    detection = watched.detection("root-activity")
    told = tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert told == Told(Outcome.TOLD, f"{PREFIX}-root-activity", "root-activity")
    assert mail(watched).text == snapshot
    assert mail(watched).subject == f"root-activity in {ACCOUNT}: alarm, records not found yet"
    (sms,) = watched.account.said("sms")
    assert sms.text.startswith("HIGH root-activity")


def test_a_filter_that_is_gone_is_told(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.forget_filter("root-activity")
    tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert "No metric filter writes this alarm's metric any more." in mail(watched).text


def test_an_alarm_that_was_deleted_meanwhile_is_told(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.forget_alarm("root-activity")
    watched.deliver(*root_records())
    told = tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    assert (told.outcome, told.detection) == (Outcome.TOLD, "root-activity")
    # its level is read from its description, so that people are called all the same
    assert len(watched.account.said("sms")) == 1


def test_a_state_set_by_hand_is_told_with_its_reason(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    told = tell(watched, fired(detection, BEGIN, AT, by_hand=True))
    assert told.events == 3
    assert "testing only" in mail(watched).text


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_another_state_than_alarm_is_not_told(watched: Watched, state: str) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    told = tell(watched, fired(detection, BEGIN, AT, state=state))
    assert told.outcome is Outcome.NO_ALARM
    assert watched.account.said() == []


def _renamed(event: EventBridgeEvent) -> EventBridgeEvent:
    return {**event, "detail": {**event["detail"], "alarmName": "somebody-elses"}}


def _of_another_account(event: EventBridgeEvent) -> EventBridgeEvent:
    return {**event, "account": "999999999999"}


def _of_another_metric(event: EventBridgeEvent) -> EventBridgeEvent:
    """Of ours, but no detection's, such as that on late deliveries: it has neither tag nor filter."""
    return {**event, "detail": {**event["detail"], "alarmName": f"{PREFIX}-delivery", "configuration": {}}}


@pytest.mark.parametrize("change", [_renamed, _of_another_account, _of_another_metric])
def test_an_alarm_that_is_no_detection_of_ours_is_not_told(
    watched: Watched, change: Callable[[EventBridgeEvent], EventBridgeEvent]
) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    told = tell(watched, change(fired(detection, BEGIN, AT)))
    assert told.outcome is Outcome.NOT_OURS
    assert watched.account.said() == []


def test_a_low_level_is_not_told(watched: Watched) -> None:
    detection = watched.detection("password-changed")
    told = tell(watched, fired(detection, BEGIN, AT))
    assert told.outcome is Outcome.LOW_LEVEL
    assert watched.account.said() == []


@pytest.mark.parametrize("operation", ["ListTagsForResource", "DescribeMetricFilters", "FilterLogEvents", "GetItem"])
def test_throttling_raises_and_the_next_try_tells(watched: Watched, operation: str) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    event = fired(detection, BEGIN + 3 * MINUTE, AT)
    with watched.account.fail(operation), pytest.raises(ClientError, match="ThrottlingException"):
        tell(watched, event)
    assert watched.account.said() == []
    assert tell(watched, event).outcome is Outcome.TOLD
    assert len(watched.account.said("email")) == 1


def test_told_twice_is_sent_once(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    event = fired(detection, BEGIN + 3 * MINUTE, AT)
    assert [tell(watched, event).outcome for _ in range(2)] == [Outcome.TOLD, Outcome.TOLD_BEFORE]
    assert [one.channel for one in watched.account.said()] == ["email", "sms"]
    # another change of state is another alert
    assert tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT + MINUTE)).outcome is Outcome.TOLD


def test_a_crash_between_mail_and_telephone_is_mended(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    event = fired(detection, BEGIN + 3 * MINUTE, AT)
    with watched.account.fail("Publish", 2), pytest.raises(ClientError):
        tell(watched, event)
    tell(watched, event)
    assert [one.channel for one in watched.account.said()] == ["email", "sms"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail-type": "Scheduled Event", "detail": {}},
        {"detail-type": "CloudWatch Alarm State Change", "detail": "text"},
        {"detail-type": "CloudWatch Alarm State Change", "detail": {"alarmName": "a", "state": {"value": "ALARM"}}},
        {
            "detail-type": "CloudWatch Alarm State Change",
            "detail": {"alarmName": "a", "state": {"value": "ALARM", "timestamp": "yesterday"}},
        },
    ],
)
def test_an_event_that_is_no_change_of_state_is_refused(watched: Watched, event: EventBridgeEvent) -> None:
    with pytest.raises(UnusableAlarmError) as error:
        tell(watched, event)
    assert "\n" not in str(error.value)


def test_what_cloudwatch_leaves_out_is_done_without(watched: Watched) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    event = fired(detection, BEGIN + 3 * MINUTE, AT)
    event["detail"]["state"]["reasonData"] = '{"evaluatedDatapoints": "none", "recentDatapoints": [null, true]'
    del event["detail"]["configuration"]["description"]
    told = tell(watched, event)
    assert told.events == 3
    assert mail(watched).text.startswith("root-activity.\nHigh, in account")


def test_lambda_is_answered_in_plain_values(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps(asdict(watched.account.configuration)))
    monkeypatch.setattr(alarm_story, "_story", alarm_story._story.__wrapped__)
    detection = watched.detection("root-activity")
    watched.deliver(*root_records())
    told = alarm_story.handler(fired(detection, BEGIN + 3 * MINUTE, AT), None)
    assert json.loads(json.dumps(told)) == {
        "outcome": "told",
        "alarm": f"{PREFIX}-root-activity",
        "detection": "root-activity",
        "events": 3,
        "is_cut_off": False,
    }
    assert len(watched.account.said("email")) == 1
