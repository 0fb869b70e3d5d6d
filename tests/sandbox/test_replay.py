"""Replay against a deployed account: from record to filter, alarm, rule, topic and reader."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.samples import read_samples
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.event_bus import EventRuleError
from cloudtrail_monitoring.sandbox.replay import ReplayError, actor, replay, replay_records
from cloudtrail_monitoring.simulation.records import RecordsError
from tests.sandbox.monitored_account import (
    ACCOUNT,
    AWAY,
    HOME,
    LOG_GROUP,
    PREFIX,
    MonitoredAccount,
    arn,
    embedded_aws,
    monitored_account,
    record,
)

USER_CREATED = '{ $.eventName = "CreateUser" }'


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as made:
        yield made


@pytest.fixture
def account(aws: EmbeddedAws) -> MonitoredAccount:
    return monitored_account(aws)


def test_a_filter_that_matches_is_a_detection(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.filter("user-deleted", '{ $.eventName = "DeleteUser" }')
    (event,) = account.replay(record("02:13:00")).events
    assert event.detections == ("user-created",)


def test_an_event_tells_who_what_when_and_from_where(account: MonitoredAccount) -> None:  # R-RSP-6
    (event,) = account.replay(record("02:13:00", number=7)).events
    assert (event.event_id, event.name, event.at) == ("event-7", "CreateUser", datetime(2026, 3, 12, 2, 13, tzinfo=UTC))
    assert (event.actor, event.address, event.region) == ("jordan.meyer", "203.0.113.57", HOME)
    assert event.actions == ()


def test_an_alarm_goes_off_and_its_readers_are_told(account: MonitoredAccount) -> None:  # R-ALM-1
    mail = account.topic("mail", [("email", "a@example.com"), ("email", "b@example.com")])
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", actions=[mail])
    result = account.replay(record("02:13:00"))
    (event,) = result.events
    assert event.alarms == event.raised == ("acme-prod-user-created",)
    assert [(sent.protocol, sent.endpoint) for sent in event.notifications] == [
        ("email", "a@example.com"),
        ("email", "b@example.com"),
    ]
    assert [change.new for change in result.transitions] == ["ALARM", "OK"]


def test_without_enough_events_the_alarm_is_silent(account: MonitoredAccount) -> None:  # R-ALM-1
    account.filter("user-created", USER_CREATED)
    account.alarm(
        "user-created", period=900, threshold=2, actions=[account.topic("mail", [("email", "a@example.com")])]
    )
    result = account.replay(record("02:13:00"), record("02:14:00"))
    assert result.transitions == ()
    assert [(event.detections, event.alarms, event.notifications) for event in result.events] == [
        (("user-created",), (), ())
    ] * 2


def test_an_alarm_in_alarm_sends_nothing_again(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", actions=[account.topic("mail", [("email", "a@example.com")])])
    first, second = account.replay(record("02:13:00"), record("02:14:00")).events
    assert (first.raised, len(first.notifications)) == (("acme-prod-user-created",), 1)
    assert (second.raised, second.alarms, second.notifications) == ((), ("acme-prod-user-created",), ())


def test_records_are_taken_in_order_of_time(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created")
    result = account.replay(record("02:20:00"), record("02:13:00"))
    assert [f"{event.at:%H:%M}" for event in result.events] == ["02:13", "02:20"]
    assert [f"{change.at:%H:%M}" for change in result.transitions] == ["02:14", "02:15", "02:21", "02:22"]


def test_the_state_is_set_in_the_account(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", TreatMissingData="ignore")
    account.replay(record("02:13:00"))
    (alarm,) = account.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    assert alarm["StateReason"] == (
        "Threshold Crossed: 1 datapoint [1.0 (12/03/26 02:13:00)] was greater than the threshold (0.0)."
    )


def test_the_message_is_published_in_the_account(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", actions=[account.topic("mail", [("email", "a@example.com")])])
    account.replay(record("02:13:00"))
    (published,) = account.aws.published_messages()
    assert published.subject == 'ALARM: "acme-prod-user-created" in US East (N. Virginia)'
    assert json.loads(published.message)["NewStateValue"] == "ALARM"


def test_actions_on_return_to_ok(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", OKActions=[account.topic("mail", [("email", "a@example.com")])])
    (sent,) = account.replay(record("02:13:00")).notifications
    assert sent.subject == 'OK: "acme-prod-user-created" in US East (N. Virginia)'


def test_a_rule_tells_its_readers_in_its_own_words(account: MonitoredAccount) -> None:  # R-ALM-2
    mail = account.topic("mail", [("email", "a@example.com"), ("sms", "+12065550100")])
    words = {"InputPathsMap": {"what": "$.detail.eventName"}, "InputTemplate": '"Somebody did <what>"'}
    account.rule("told", {"source": ["aws.iam"]}, mail, InputTransformer=words)
    (event,) = account.replay(record("02:13:00")).events
    assert event.rules == ("acme-prod-told",)
    assert [sent.text.partition("\n")[0] for sent in event.notifications] == ['"Somebody did CreateUser"'] * 2
    assert {sent.at for sent in event.notifications} == {event.at}


def test_a_rule_of_another_region_reaches_the_home_topic(account: MonitoredAccount) -> None:  # R-ALM-2
    mail = account.topic("mail", [("email", "a@example.com")])
    account.rule("home", {"source": ["aws.iam"]}, mail, Input='"told"')
    account.rule("away", {"source": ["aws.iam"]}, arn("events", "event-bus/default"), region=AWAY)
    (event,) = account.replay(record("02:13:00", awsRegion=AWAY)).events
    assert len(event.notifications) == 1


def test_an_unknown_operator_in_a_rule_is_refused(account: MonitoredAccount) -> None:
    account.rule("broken", {"source": [{"like": "aws.iam"}]}, arn("sqs", "queue"))
    with pytest.raises(EventRuleError, match="acme-prod-broken"):
        account.replay(record("02:13:00"))


def test_a_topic_without_readers_is_told_of(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", actions=[account.topic("mail"), arn("sns", "gone")])
    result = account.replay(record("02:13:00"))
    assert result.notifications == ()
    assert result.unheard == (
        f"acme-prod-user-created: its topic {arn('sns', 'gone')} does not exist",
        f"acme-prod-user-created: its topic {arn('sns', 'mail')} has no subscriptions",
    )


def test_a_web_hook_is_listed_and_not_called(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", actions=[account.topic("hook", [("https", "https://hook.invalid/alarms")])])
    (sent,) = account.replay(record("02:13:00")).notifications
    assert sent.endpoint == "https://hook.invalid/alarms"
    assert account.aws.published_messages() == ()


def test_an_alarm_on_another_metric_is_left_out_with_the_reason(account: MonitoredAccount) -> None:  # R-HLT-1
    account.alarm("delivery", Namespace="AWS/Logs", TreatMissingData="breaching")
    result = account.replay(record("02:13:00"))
    assert (result.alarms, result.transitions) == ((), ())
    assert result.not_evaluated == (("acme-prod-delivery", "a replay has none of AWS's own metrics (AWS/Logs)"),)


def test_an_anomaly_alarm_is_left_out_with_the_reason(account: MonitoredAccount) -> None:  # R-ALM-5
    stat = {"Metric": {"Namespace": "Acme", "MetricName": "calls"}, "Period": 300, "Stat": "Sum"}
    account.aws.client("cloudwatch").put_metric_alarm(
        AlarmName="acme-prod-volume",
        ComparisonOperator="GreaterThanUpperThreshold",
        EvaluationPeriods=1,
        ThresholdMetricId="band",
        Metrics=[
            {"Id": "m1", "MetricStat": stat, "ReturnData": True},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True},
        ],
    )
    ((name, why),) = account.replay(record("02:13:00")).not_evaluated
    assert (name, "anomaly band" in why) == ("acme-prod-volume", True)


def test_a_filter_with_a_value_from_the_event(account: MonitoredAccount) -> None:
    account.filter("bytes", '{ $.eventName = "PutObject" }', metricValue="$.additionalEventData.bytesTransferredIn")
    account.alarm("bytes", threshold=100)
    sizes = {"02:13:00": 101, "02:23:00": 99, "02:33:00": None}
    result = account.replay(
        *(record(at, "PutObject", additionalEventData={"bytesTransferredIn": size}) for at, size in sizes.items())
    )
    assert [bool(event.alarms) for event in result.events] == [True, False, False]
    assert all(event.detections == ("bytes",) for event in result.events)


def test_a_filter_with_a_dimension(account: MonitoredAccount) -> None:
    account.filter("calls", '{ $.eventName = "*" }', dimensions={"Region": "$.awsRegion"})
    account.alarm("calls", Dimensions=[{"Name": "Region", "Value": AWAY}])
    home, away = account.replay(record("02:13:00"), record("02:23:00", awsRegion=AWAY)).events
    assert (bool(home.alarms), bool(away.alarms)) == (False, True)


def test_a_default_value_stands_for_minutes_without_a_match(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED, defaultValue=0.0)
    account.alarm("user-created", threshold=1, ComparisonOperator="LessThanThreshold")
    result = account.replay(record("02:13:00"), record("02:14:00", "DeleteUser"))
    assert [f"{change.at:%H:%M} {change.new}" for change in result.transitions] == ["02:15 ALARM", "02:16 OK"]


def test_a_pattern_outside_the_json_language_is_refused(account: MonitoredAccount) -> None:
    account.filter("words", "ERROR")
    with pytest.raises(ReplayError, match="metric filter acme-prod-words: "):
        account.replay(record("02:13:00"))


def test_a_trail_that_does_not_log_feeds_nothing(account: MonitoredAccount) -> None:
    account.aws.client("cloudtrail").stop_logging(Name="acme-trail")
    with pytest.raises(ReplayError, match="no trail that is logging delivers to a CloudWatch log group"):
        account.replay(record("02:13:00"))


def test_filters_of_other_log_groups_are_not_asked(account: MonitoredAccount) -> None:
    logs = account.aws.client("logs")
    logs.create_log_group(logGroupName=f"{LOG_GROUP}-copy")
    account.filter("user-created", USER_CREATED)
    logs.put_metric_filter(
        logGroupName=f"{LOG_GROUP}-copy",
        filterName="acme-prod-other",
        filterPattern=USER_CREATED,
        metricTransformations=[{"metricName": "other", "metricNamespace": "Acme", "metricValue": "1"}],
    )
    assert account.replay(record("02:13:00")).events[0].detections == ("user-created",)


def test_the_throughput_is_that_of_the_stopwatch_given(account: MonitoredAccount) -> None:
    ticks = iter((10.0, 14.0))
    result = replay_records(
        [record("02:13:00"), record("02:14:00")],
        client=account.aws.client,
        name_prefix=PREFIX,
        stopwatch=lambda: next(ticks),
    )
    assert result.records_per_second == 0.5


def test_nothing_to_replay_is_no_fault(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created")
    result = account.replay()
    assert (result.events, result.transitions, result.alarms) == ((), (), ("acme-prod-user-created",))


def test_the_order_in_which_things_were_deployed_does_not_matter(account: MonitoredAccount) -> None:
    for id_ in ("b", "c", "a"):
        account.filter(id_, USER_CREATED)
        account.alarm(id_, actions=[account.topic("mail", [("sms", "+12065550100"), ("email", "z@example.com")])])
    (event,) = account.replay(record("02:13:00")).events
    assert event.detections == ("a", "b", "c")
    assert event.alarms == ("acme-prod-a", "acme-prod-b", "acme-prod-c")
    assert [sent.protocol for sent in event.notifications] == ["email", "sms"] * 3


def test_two_replays_say_the_same(account: MonitoredAccount) -> None:
    account.filter("user-created", USER_CREATED)
    account.alarm("user-created", actions=[account.topic("mail", [("email", "a@example.com")])])
    first, second = (account.replay(record("02:13:00")) for _ in range(2))
    assert (first.events, first.transitions) == (second.events, second.transitions)


def test_files_are_replayed_with_the_settings_of_an_environment(account: MonitoredAccount, tmp_path: Path) -> None:
    account.filter("user-created", USER_CREATED)
    (tmp_path / "records.jsonl").write_text(json.dumps(record("02:13:00")) + "\nnonsense\n")
    settings: Any = SimpleNamespace(responders=None, name_prefix=PREFIX, further_regions=(AWAY,))
    result = replay([tmp_path], account.aws, settings)
    assert [event.detections for event in result.events] == [("user-created",)]
    assert [bad.line for bad in result.unreadable] == [2]
    with pytest.raises(RecordsError, match="no such file"):
        replay([tmp_path / "missing"], account.aws, settings)


def test_a_record_of_insights_is_replayed_though_it_names_no_event(account: MonitoredAccount, tmp_path: Path) -> None:
    # R-TRL-5
    detection = CATALOGUE["insight-call-rate"]
    account.filter(detection.id, detection.pattern)
    account.alarm(detection.id)
    samples = read_samples(detection.id)
    (tmp_path / "records.jsonl").write_text("\n".join(json.dumps(sample.event) for sample in samples))
    settings: Any = SimpleNamespace(responders=None, name_prefix=PREFIX, further_regions=(AWAY,))
    result = replay([tmp_path], account.aws, settings)
    assert result.unreadable == ()
    detected = {event.event_id: event.detections == (detection.id,) for event in result.events}
    assert detected == {sample.event["eventID"]: sample.matches for sample in samples}
    assert {(event.name, event.actor) for event in result.events if event.detections} == {
        ("AwsCloudTrailInsight", "CloudTrail Insights")
    }


def test_an_account_without_a_trail_is_refused(account: MonitoredAccount) -> None:
    account.aws.client("cloudtrail").delete_trail(Name="acme-trail")
    with pytest.raises(ReplayError, match="deploy the environment first"):
        account.replay()


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ({"type": "Root", "accountId": ACCOUNT}, "root"),
        ({"type": "Root", "invokedBy": "trustedadvisor.amazonaws.com"}, "root, by trustedadvisor.amazonaws.com"),
        ({"type": "IAMUser", "userName": "jordan"}, "jordan"),
        ({"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/priya"}, "admin/priya"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "ec2.amazonaws.com"),
        ({"type": "AWSAccount", "principalId": "AROA:me"}, "AROA:me"),
        ({"type": "Unknown"}, "Unknown"),
        (None, "unknown"),
    ],
)
def test_actors(identity: dict[str, Any] | None, expected: str) -> None:
    assert actor({"userIdentity": identity}) == expected
