"""R-ALM-6: High detections by EventBridge, with the verdict of their metric filter."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.detections.tuning import Exclusions, Tuning
from tests.detections.catalogue.test_catalogue import DEPLOY_ROLE, ELSEWHERE, MONITORED, TAMPERING, call, session
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Stack, synthesise_monitoring

ALARM_ONLY = {"root-activity", "off-hours-iam-policy-change"}
URGENT = {id_ for id_, one in CATALOGUE.items() if one.level is Level.HIGH} - ALARM_ONLY


@pytest.fixture(scope="module")
def sample() -> Stack:
    return synthesise_monitoring(SAMPLE)


def rule_takes(stack: Stack, id_: str, record: dict[str, Any]) -> bool:
    rule = stack.one("aws_cloudwatch_event_rule", name=f"{SAMPLE.name_prefix}-{id_}")
    source = record["eventSource"].partition(".")[0]
    event = {"account": SAMPLE.account_id, "source": f"aws.{source}", "detail": record}
    # moto types an event narrower than what it matches
    return bool(EventPattern.load(rule["event_pattern"]).matches_event(event))  # type: ignore[arg-type]


def test_every_high_detection_that_a_rule_can_judge_has_one(sample: Stack) -> None:
    # R-ALM-6
    names = {one["name"] for one in sample.all("aws_cloudwatch_event_rule")}
    assert {f"{SAMPLE.name_prefix}-{id_}" for id_ in URGENT | {"root-activity"}} == names


def test_it_writes_readable_text_to_the_mail_topic(sample: Stack) -> None:
    # R-RSP-6
    rule = sample.one("aws_cloudwatch_event_rule", name=f"{SAMPLE.name_prefix}-user-deleted")
    target = sample.one("aws_cloudwatch_event_target", rule=f"${{{rule.address}.name}}")
    assert target["arn"] == f"${{{sample.one('aws_sns_topic', name='sample-audit-email').address}.arn}}"
    text = target["input_transformer"]["input_template"]
    assert text.startswith('"An IAM user was deleted"')
    assert "https://runbooks.example.com/user-deleted.md" in text


@pytest.mark.parametrize("id_", sorted(URGENT & TAMPERING.keys()))
def test_tampering_is_told_but_not_the_deploy_role_s_or_elsewhere(sample: Stack, id_: str) -> None:
    # R-INT-2
    assert rule_takes(sample, id_, TAMPERING[id_])
    assert not rule_takes(sample, id_, {**TAMPERING[id_], "userIdentity": session(DEPLOY_ROLE)})
    if id_ in ELSEWHERE:
        assert not rule_takes(sample, id_, {**TAMPERING[id_], "requestParameters": ELSEWHERE[id_]})


@pytest.mark.parametrize("requirement", [key for key, (id_, *_) in MONITORED.items() if id_ in URGENT])
def test_monitored_events_are_told_when_they_succeed(sample: Stack, requirement: str) -> None:
    id_, _, source, name = MONITORED[requirement]
    assert rule_takes(sample, id_, call(source, name))
    assert not rule_takes(sample, id_, call(source, name, errorCode="AccessDenied"))
    assert not rule_takes(sample, id_, call("transfer", name))


def test_read_only_calls_reach_the_rules_too(sample: Stack) -> None:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
    for id_ in URGENT:
        rule = sample.one("aws_cloudwatch_event_rule", name=f"{SAMPLE.name_prefix}-{id_}")
        assert rule["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.fixture(scope="module")
def elsewhere() -> Stack:
    """An environment whose home Region is not that of global events."""
    return synthesise_monitoring(changed(SAMPLE, home_region="eu-west-1"))


def forwarded(stack: Stack, record: dict[str, Any]) -> bool:
    """Whether some rule forwards a record to the home Region's bus."""
    event = {"account": SAMPLE.account_id, "source": f"aws.{record['eventSource'].partition('.')[0]}", "detail": record}
    rules = [one for one in stack.all("aws_cloudwatch_event_rule") if "provider" in one and "-urgent-" in one["name"]]
    assert rules
    # as above
    return any(EventPattern.load(one["event_pattern"]).matches_event(event) for one in rules)  # type: ignore[arg-type]


@pytest.mark.parametrize("requirement", [key for key, (id_, *_) in MONITORED.items() if id_ in URGENT])
def test_global_events_are_forwarded_to_another_home_region(elsewhere: Stack, requirement: str) -> None:
    # R-ALM-6: IAM records its events in us-east-1 only
    _, _, source, name = MONITORED[requirement]
    assert forwarded(elsewhere, call(source, name))
    assert not forwarded(elsewhere, call(source, f"List{name}"))


def test_what_is_forwarded_goes_to_the_home_bus(elsewhere: Stack) -> None:
    targets = [one for one in elsewhere.all("aws_cloudwatch_event_target") if one["target_id"] == "home-bus"]
    assert {one["arn"] for one in targets} == {f"arn:aws:events:eu-west-1:{SAMPLE.account_id}:event-bus/default"}


def test_at_home_nothing_is_forwarded(sample: Stack) -> None:
    assert not [one for one in sample.all("aws_cloudwatch_event_rule") if "provider" in one]


def test_roots_twin_has_no_rule_of_its_own() -> None:
    # R-ALM-2: a rule that took read-only calls would send 300 mails a session
    tuned = {"root-activity": Tuning(exclusions=Exclusions(source_networks=("203.0.113.0/24",)))}
    stack = synthesise_monitoring(changed(SAMPLE, tuned_detections=tuned))
    assert not stack.all("aws_cloudwatch_event_rule", name=f"{SAMPLE.name_prefix}-root-activity-tuned")
    assert stack.all("aws_cloudwatch_event_rule", name=f"{SAMPLE.name_prefix}-root-activity")


def test_of_a_disabled_detection_no_rule_remains_and_the_reason_is_told() -> None:
    reason = "this account has no root user, which its organisation manages"
    stack = synthesise_monitoring(changed(SAMPLE, disabled_detections={"root-activity": reason}))
    assert not [one for one in stack.all("aws_cloudwatch_event_rule") if "root-activity" in one["name"]]
    assert stack.document["output"]["disabled_detections"]["value"] == {"root-activity": reason}


def test_what_no_rule_can_say_is_warned_of() -> None:
    tuned = {"user-deleted": Tuning(exclusions=Exclusions(source_networks=("10.0.0.0/8",)))}
    stack = synthesise_monitoring(changed(SAMPLE, tuned_detections=tuned))
    assert any("user-deleted is told by its alarm only, in minutes" in one for one in stack.warnings)


def test_patterns_fit_what_eventbridge_takes(sample: Stack) -> None:
    for rule in sample.all("aws_cloudwatch_event_rule"):
        assert len(json.dumps(json.loads(rule["event_pattern"]))) <= 2048, rule
