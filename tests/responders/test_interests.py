"""What reaches the responders: both paths take the same events, and none that the responders make themselves."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.events.models import EventPattern

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.samples import read_samples
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.responders.event_path import event_pattern
from cloudtrail_monitoring.responders.interests import interests
from cloudtrail_monitoring.responders.names import ResponderNames
from cloudtrail_monitoring.sandbox.event_bus import envelope
from cloudtrail_monitoring.sandbox.scenario import SCENARIO
from cloudtrail_monitoring.simulation.records import read_records
from tests.access_requests import ACCOUNT
from tests.synthesised import Stack

NAMES = ResponderNames(Location(account_id=ACCOUNT, region="us-east-1"), "xyz-corp-audit")
INTERESTS = interests(NAMES)
ROLES = f"arn:aws:iam::{ACCOUNT}:role"


def records() -> Iterator[dict[str, Any]]:
    """Those of the scenario and the samples of the detections nearest to what is looked at."""
    yield from read_records([SCENARIO], lambda unreadable: pytest.fail(str(unreadable)))
    names = {"name_prefix": "xyz-corp-audit", "deploy_role_arn": f"{ROLES}/deploy", "log_group": "CloudTrail/x"}
    for id_ in ("root-activity", "console-login", "user-created", "off-hours-iam-policy-change", "responder-misused"):
        for sample in read_samples(id_, names):
            yield {**sample.event, "recipientAccountId": ACCOUNT}


def call(name: str = "CreateUser", source: str = "iam", issuer: str | None = f"{ROLES}/admin", **more: Any) -> Any:
    session = {"sessionContext": {"sessionIssuer": {"arn": issuer}}} if issuer else {}
    return {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventTime": "2026-03-09T10:00:00Z",
        "eventType": "AwsApiCall",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "readOnly": False,
        "userIdentity": {"type": "AssumedRole" if issuer else "IAMUser", **session},
        **more,
    }


ROOT = {"type": "Root"}
LOOKED_AT = {
    "a login": call("ConsoleLogin", "signin", None),
    "a failed login": call("ConsoleLogin", "signin", None, errorMessage="Failed authentication"),
    "an IAM change by a session": call(),
    "an IAM change by a user": call(issuer=None),
    "an IAM change by another role of our prefix": call(issuer=f"{ROLES}/xyz-corp-audit-other"),
    "a change by root": call("RunInstances", "ec2", userIdentity=ROOT),
    "root's login": call("ConsoleLogin", "signin", userIdentity=ROOT, readOnly=True),
}
LEFT = {
    "reading IAM": call("ListUsers", readOnly=True),
    "a change elsewhere": call("RunInstances", "ec2"),
    "a lockout by the router": call("PutUserPolicy", issuer=f"{ROLES}/xyz-corp-audit-router"),
    "its end by the release function": call("DeleteUserPolicy", issuer=f"{ROLES}/xyz-corp-audit-release"),
    "root reading": call("DescribeInstances", "ec2", userIdentity=ROOT, readOnly=True),
    "a service for root": call("CreateGrant", "kms", userIdentity={**ROOT, "invokedBy": "x.amazonaws.com"}),
    "a service event of root": call("RotateKey", "kms", userIdentity=ROOT, eventType="AwsServiceEvent"),
}


def by_rule(pattern: FilterPattern, record: dict[str, Any]) -> bool:
    event: Any = envelope(record)
    return event is not None and bool(EventPattern.load(event_pattern(NAMES, pattern)).matches_event(event))


@pytest.mark.parametrize("name", LOOKED_AT)
def test_looked_at(name: str) -> None:
    # R-RSP-1 to R-RSP-4
    assert INTERESTS.all.matches(LOOKED_AT[name])
    assert by_rule(INTERESTS.all, LOOKED_AT[name])


@pytest.mark.parametrize("name", LEFT)
def test_left(name: str) -> None:
    assert not INTERESTS.all.matches(LEFT[name])
    assert not by_rule(INTERESTS.all, LEFT[name])


def test_both_paths_judge_all_records_alike() -> None:
    taken = 0
    for record in records():
        for pattern in (*INTERESTS, INTERESTS.all, INTERESTS.to_forward):
            assert by_rule(pattern, record) is pattern.matches(record), record
        taken += INTERESTS.all.matches(record)
    assert taken > 10


def test_the_whole_is_the_sum_of_its_parts() -> None:
    for record in [*records(), *LOOKED_AT.values(), *LEFT.values()]:
        assert INTERESTS.all.matches(record) is any(pattern.matches(record) for pattern in INTERESTS)


def test_the_subscription_and_the_rule_are_made_from_it(prod: Stack) -> None:
    subscription = prod.one("aws_cloudwatch_log_subscription_filter")
    assert subscription["filter_pattern"] == INTERESTS.all.text
    assert prod.by_path("responders/event-path/rule")["event_pattern"] == event_pattern(NAMES, INTERESTS.all)
    forwarding = prod.by_path("responders/event-path/rule-us-east-2")
    assert forwarding["event_pattern"] == event_pattern(NAMES, INTERESTS.to_forward)


def test_they_fit_for_the_longest_prefix() -> None:
    longest = interests(ResponderNames(Location(account_id=ACCOUNT, region="us-gov-west-1"), "a" * 30))
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
    assert len(longest.all.text) <= 1024
    assert len(event_pattern(NAMES, longest.all)) <= 2048


class TestForwarding:
    def test_root_comes_by_the_root_activity_rule(self, prod: Stack) -> None:
        # forwarded by both, each of root's calls would be told twice
        root = EventPattern.load(prod.by_path("root-activity/rule-us-east-2")["event_pattern"])
        ours = EventPattern.load(prod.by_path("responders/event-path/rule-us-east-2")["event_pattern"])
        for record in [*LOOKED_AT.values(), *records()]:
            event: Any = envelope(record)
            if event:
                assert not (root.matches_event(event) and ours.matches_event(event)), record

    def test_what_one_of_them_forwards_is_all_that_is_looked_at(self, prod: Stack) -> None:
        root = EventPattern.load(prod.by_path("root-activity/rule-us-east-2")["event_pattern"])
        for name, record in LOOKED_AT.items():
            event: Any = envelope(record)
            assert root.matches_event(event) or by_rule(INTERESTS.to_forward, record), name


def allowed_actions(stack: Stack) -> Iterator[tuple[str, str]]:
    """Role and action, for everything that a role of ours may do."""
    for policy in stack.all("aws_iam_role_policy"):
        (role,) = [one for one in stack.all("aws_iam_role") if policy.refers_to(one, "role")]
        for statement in policy.policy()["Statement"]:
            if statement["Effect"] == "Allow":
                actions = statement["Action"]
                yield from ((role["name"], one) for one in ([actions] if isinstance(actions, str) else actions))


def test_nothing_our_roles_do_wakes_a_responder(prod: Stack) -> None:
    # R-TRL-2: a responder that wakes itself loops and costs without end
    judged = set()
    pattern = FilterPattern.parse(prod.one("aws_cloudwatch_log_subscription_filter")["filter_pattern"])
    rules = [EventPattern.load(one["event_pattern"]) for one in prod.below("responders", "aws_cloudwatch_event_rule")]
    for role, action in allowed_actions(prod):
        service, name = action.split(":")
        record = call(name, service, f"{ROLES}/{role}")
        event: Any = envelope(record)
        assert not pattern.matches(record), f"{role} does {action}"
        assert not any(rule.matches_event(event) for rule in rules), f"{role} does {action}"
        judged.add((role, action))
    assert ("xyz-corp-audit-router", "iam:PutUserPolicy") in judged
    assert pattern.matches(call("PutUserPolicy", "iam", f"{ROLES}/admin"))


def test_data_events_of_our_own_are_on_no_trail(prod: Stack) -> None:
    # R-TRL-2
    for trail in prod.all("aws_cloudtrail"):
        for selector in trail["advanced_event_selector"]:
            fields = {one["field"]: one for one in selector["field_selector"]}
            (kind,) = fields.get("resources.type", {"equals": ["management"]})["equals"]
            # queues, tables and topics are of types that no trail records
            assert kind in ("management", "AWS::S3::Object", "AWS::Lambda::Function")
            if kind == "AWS::Lambda::Function":
                excluded = fields["resources.ARN"]["not_starts_with"]
                for function in prod.all("aws_lambda_function"):
                    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function['function_name']}"
                    assert arn.startswith(tuple(excluded))


def test_an_alarm_of_ours_calls_the_story_and_no_other(prod: Stack) -> None:
    # R-RSP-6
    pattern = EventPattern.load(prod.by_path("responders/stories/rule")["event_pattern"])

    def event(name: str, state: str, **more: Any) -> Any:
        return {
            "account": ACCOUNT,
            "source": "aws.cloudwatch",
            "detail-type": "CloudWatch Alarm State Change",
            "detail": {"alarmName": name, "state": {"value": state}},
            **more,
        }

    assert pattern.matches_event(event("xyz-corp-audit-root-activity", "ALARM"))
    assert not pattern.matches_event(event("xyz-corp-audit-root-activity", "OK"))
    assert not pattern.matches_event(event("web-latency", "ALARM"))
    assert not pattern.matches_event(event("xyz-corp-audit-root-activity", "ALARM", account="444444444444"))
    assert json.loads(prod.by_path("responders/stories/rule")["event_pattern"])["source"] == ["aws.cloudwatch"]
