"""R-ALM-6: High detections by EventBridge, with the verdict of their metric filter."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Level
from tests.detections.catalogue.test_catalogue import DEPLOY_ROLE, ELSEWHERE, MONITORED, TAMPERING, call, session
from tests.settings_samples import SAMPLE
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


def test_patterns_fit_what_eventbridge_takes(sample: Stack) -> None:
    for rule in sample.all("aws_cloudwatch_event_rule"):
        assert len(json.dumps(json.loads(rule["event_pattern"]))) <= 2048, rule
