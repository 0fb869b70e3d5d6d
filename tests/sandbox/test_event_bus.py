"""EventBridge on the laptop: the envelope of a record, which rules let it through, and what their targets are sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.event_bus import (
    EventBuses,
    EventRuleError,
    envelope,
    fill_template,
    refuse_unknown_operators,
)
from tests.sandbox.monitored_account import (
    ACCOUNT,
    AWAY,
    HOME,
    MonitoredAccount,
    arn,
    embedded_aws,
    monitored_account,
    record,
)

QUEUE = arn("sqs", "incidents")
HOME_BUS = arn("events", "event-bus/default")
IAM = {"source": ["aws.iam"]}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as made:
        yield made


@pytest.fixture
def account(aws: EmbeddedAws) -> MonitoredAccount:
    return monitored_account(aws)


def sent(account: MonitoredAccount, event: dict[str, Any], *regions: str) -> list[str]:
    return [one.text for one in EventBuses(account.aws.client, regions or (HOME, AWAY)).deliveries(event)]


@pytest.mark.parametrize(
    ("event_type", "detail_type"),
    [
        ("AwsApiCall", "AWS API Call via CloudTrail"),
        ("AwsConsoleSignIn", "AWS Console Sign In via CloudTrail"),
        ("AwsServiceEvent", "AWS Service Event via CloudTrail"),
    ],
)
def test_the_envelope_of_a_record(event_type: str, detail_type: str) -> None:
    made = record("02:13:00", eventType=event_type, eventSource="signin.amazonaws.com", awsRegion=AWAY)
    event = envelope(made)
    assert event is not None
    assert event["detail-type"] == detail_type
    assert (event["source"], event["region"], event["account"]) == ("aws.signin", AWAY, ACCOUNT)
    assert (event["time"], event["id"], event["detail"]) == (made["eventTime"], made["eventID"], made)


def test_a_record_that_eventbridge_is_not_sent() -> None:
    assert envelope(record("02:13:00", eventType="AwsVpceEvent")) is None
    assert envelope({"eventTime": "2026-03-12T02:13:00Z", "eventName": "CreateUser"}) is None


def test_a_matching_rule_sends_the_whole_event(account: MonitoredAccount) -> None:  # R-ALM-6
    account.rule("iam", IAM, QUEUE)
    (text,) = sent(account, record("02:13:00"))
    assert '"eventName": "CreateUser"' in text


def test_a_rule_that_does_not_match_sends_nothing(account: MonitoredAccount) -> None:
    account.rule("iam", IAM, QUEUE)
    assert sent(account, record("02:13:00", eventSource="ec2.amazonaws.com")) == []


def test_a_disabled_rule_sends_nothing(account: MonitoredAccount) -> None:
    account.rule("iam", IAM, QUEUE, state="DISABLED")
    assert sent(account, record("02:13:00")) == []


def test_a_rule_sees_its_own_region_only(account: MonitoredAccount) -> None:
    account.rule("iam", IAM, QUEUE)
    assert sent(account, record("02:13:00", awsRegion=AWAY)) == []


def test_a_region_forwards_to_the_home_bus(account: MonitoredAccount) -> None:  # R-ALM-2
    account.rule("home", IAM, QUEUE, InputPath="$.region")
    account.rule("away", IAM, HOME_BUS, region=AWAY)
    assert sent(account, record("02:13:00", awsRegion=AWAY)) == [f'"{AWAY}"']


def test_forwarding_needs_a_rule_on_the_home_bus(account: MonitoredAccount) -> None:
    account.rule("away", IAM, HOME_BUS, region=AWAY)
    assert sent(account, record("02:13:00", awsRegion=AWAY)) == []


def test_an_event_is_forwarded_once(account: MonitoredAccount) -> None:
    account.rule("home", IAM, arn("events", "event-bus/default", AWAY))
    account.rule("away", IAM, HOME_BUS, region=AWAY)
    account.rule("queue", IAM, QUEUE, Input='"told"')
    assert sent(account, record("02:13:00", awsRegion=AWAY)) == ['"told"']


@pytest.mark.parametrize(
    ("name", "fields", "state", "expected"),
    [
        ("ListUsers", {"readOnly": True}, "ENABLED", 0),
        ("ListUsers", {"readOnly": True}, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", 1),
        ("CreateUser", {}, "ENABLED", 1),
        ("AssumeRole", {"readOnly": True}, "ENABLED", 1),
        ("GetSessionToken", {"readOnly": True}, "ENABLED", 1),
        ("GetObject", {"readOnly": True, "eventCategory": "Data", "managementEvent": False}, "ENABLED", 1),
    ],
)
def test_reading_calls_are_kept_from_most_rules(
    account: MonitoredAccount, name: str, fields: dict[str, Any], state: str, expected: int
) -> None:
    account.rule("iam", IAM, QUEUE, state=state)
    assert len(sent(account, record("02:13:00", name, **fields))) == expected


def test_patterns_with_alternatives_and_operators(account: MonitoredAccount) -> None:
    pattern = {
        "source": [{"prefix": "aws."}],
        "detail": {
            "userIdentity": {"type": ["Root"], "invokedBy": [{"exists": False}]},
            "eventType": [{"anything-but": "AwsServiceEvent"}],
            "$or": [{"eventName": ["ConsoleLogin"]}, {"readOnly": [False]}],
        },
    }
    account.rule("root", pattern, QUEUE)
    root = {"type": "Root"}
    assert len(sent(account, record("02:13:00", userIdentity=root))) == 1
    assert sent(account, record("02:13:00", userIdentity={**root, "invokedBy": "AWS Internal"})) == []
    assert sent(account, record("02:13:00", userIdentity=root, eventType="AwsServiceEvent")) == []
    assert sent(account, record("02:13:00", "RunInstances", userIdentity=root, readOnly=True)) == []


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": [{"starts-with": "aws."}]},
        {"detail": {"eventName": [{"anything-but": {"matches": "x"}}]}},
        {"$or": [{"source": [{"like": "x"}]}]},
        {"source": [{"prefix": "a", "suffix": "b"}]},
        {"source": [{}]},
    ],
)
def test_an_unknown_operator_is_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(EventRuleError, match="rule broken: one known operator is needed"):
        refuse_unknown_operators(pattern, "broken")


EVENT = {
    "region": "us-east-1",
    "time": "2026-03-12T02:13:00Z",
    "detail": {
        "who": "jordan",
        "quoted": 'a "word"',
        "count": 3,
        "flag": True,
        "user": {"type": "Root"},
        "items": [{"id": 1}, {"id": 2}],
    },
}


@pytest.mark.parametrize(
    ("template", "paths", "expected"),
    [
        ('"<who> did it"', {"who": "$.detail.who"}, '"jordan did it"'),
        ('"<who>"\n"<where>"', {"who": "$.detail.who", "where": "$.region"}, '"jordan"\n"us-east-1"'),
        ('"<who>, <missing>."', {"who": "$.detail.who", "missing": "$.detail.no.such"}, '"jordan, ."'),
        ('"<count> <flag>"', {"count": "$.detail.count", "flag": "$.detail.flag"}, '"3 true"'),
        ('"<user>"', {"user": "$.detail.user"}, '"{type:Root}"'),
        ('"<first> of <all>"', {"first": "$.detail.items[0].id", "all": "$.detail.items[*].id"}, '"1 of [1,2]"'),
        ('"<stranger>"', {}, '"<stranger>"'),
        (
            '{"who": <who>, "n": <count>}',
            {"who": "$.detail.who", "count": "$.detail.count"},
            '{"who": "jordan", "n": 3}',
        ),
        ('{"told": "by <who>"}', {"who": "$.detail.quoted"}, '{"told": "by a \\"word\\""}'),
        ('{"user": <user>}', {"user": "$.detail.user"}, '{"user": {"type": "Root"}}'),
        ('"<aws.events.rule-name> at <aws.events.event.ingestion-time>"', {}, '"the-rule at 2026-03-12T02:13:00Z"'),
    ],
)
def test_input_templates(template: str, paths: dict[str, str], expected: str) -> None:
    assert fill_template(template, paths, EVENT, rule_name="the-rule") == expected


def test_a_value_that_looks_like_a_variable_stays_as_it_is() -> None:
    event = {"detail": {"agent": "<who>", "who": "jordan"}}
    assert fill_template('"<agent>"', {"agent": "$.detail.agent", "who": "$.detail.who"}, event) == '"<who>"'
