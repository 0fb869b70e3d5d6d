"""R-ALM-2's fast path: rules, targets and text as they are synthesised, and the events that the pattern takes."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from cloudtrail_monitoring.alerting.root_activity_rule import event_pattern
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.settings_samples import ACCOUNT, ALERTING, LOCATION, SAMPLE, changed
from tests.synthesised import Resource, Stack, synthesise, synthesise_monitoring

REGIONS = ["ap-southeast-2", "eu-north-1", "us-east-2"]


def rule_name(stack: Stack) -> str:
    (name,) = {one["name"] for one in rules(stack)}
    return str(name)


def rules(stack: Stack) -> list[Resource]:
    return stack.below("root-activity", "aws_cloudwatch_event_rule")


def event(**changes: Any) -> dict[str, Any]:
    """A call by root that changes something, as EventBridge delivers it; ``changes`` go into its detail."""
    return {
        "account": changes.pop("account", ACCOUNT),
        "source": changes.pop("source", "aws.iam"),
        "detail-type": changes.pop("detail_type", "AWS API Call via CloudTrail"),
        "region": "us-east-1",
        "detail": {
            "userIdentity": {"type": "Root", "accountId": ACCOUNT},
            "eventName": "CreateAccessKey",
            "eventType": "AwsApiCall",
            "readOnly": False,
            **changes,
        },
    }


LOGIN = {"eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn", "source": "aws.signin"}

TAKEN = {
    "a changing call": event(),
    "a console login": event(**LOGIN, detail_type="AWS Console Sign In via CloudTrail"),
    "a console login, spelt otherwise": event(**LOGIN, detail_type="AWS Console Signin via CloudTrail"),
    "a failed console login": event(**LOGIN, responseElements={"ConsoleLogin": "Failure"}),
    "a console login marked as reading": event(**LOGIN, readOnly=True),
}
LEFT = {
    "a call that only reads": event(eventName="ListUsers", readOnly=True),
    "a user": event(userIdentity={"type": "IAMUser"}),
    "a service on root's behalf": event(userIdentity={"type": "Root", "invokedBy": "support.amazonaws.com"}),
    "a service event": event(eventType="AwsServiceEvent"),
    "another account": event(account="444444444444"),
    "an event of our own making": event(source="corp.audit"),
}


class TestPattern:
    @pytest.mark.parametrize("name", TAKEN)
    def test_takes(self, name: str) -> None:
        # R-ALM-2
        assert EventPattern.load(event_pattern(LOCATION)).matches_event(TAKEN[name])

    @pytest.mark.parametrize("name", LEFT)
    def test_leaves(self, name: str) -> None:
        # R-ALM-2
        assert not EventPattern.load(event_pattern(LOCATION)).matches_event(LEFT[name])

    def test_fits(self, stack: Stack) -> None:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
        for rule in stack.all("aws_cloudwatch_event_rule"):
            assert len(rule["event_pattern"]) <= 4096
            assert len(rule["name"]) <= 64


class TestHomeRegion:
    def test_the_rule_writes_to_the_email_topic_without_a_lambda(self, stack: Stack) -> None:
        # R-ALM-2
        rule = stack.by_path("root-activity/rule")
        target = stack.by_path("root-activity/target")
        (topic,) = [one for one in stack.all("aws_sns_topic") if one["name"].endswith("-email")]
        assert "provider" not in rule
        assert target.refers_to(rule, "rule")
        assert target["arn"] == f"${{{topic.address}.arn}}"

    def test_the_text_says_who_what_when_where_from_and_what_to_do(self, stack: Stack) -> None:
        # R-ALM-2, R-RSP-6
        transformer = stack.by_path("root-activity/target")["input_transformer"]
        template = transformer["input_template"]
        for placeholder in ("account", "event", "service", "time", "address", "region", "error", "id"):
            assert f"<{placeholder}>" in template
        assert "https://runbooks.xyz-corp.example/cloudtrail-monitoring/root-activity.md" in template
        assert "https://console.aws.amazon.com/cloudtrailv2/home?region=<region>#/events?EventId=<id>" in template

    def test_every_line_of_the_text_is_a_json_string_of_known_placeholders(self, stack: Stack) -> None:
        transformer = stack.by_path("root-activity/target")["input_transformer"]
        template = transformer["input_template"]
        for line in template.splitlines():
            assert isinstance(json.loads(line), str)
        named = {part.split(">")[0] for part in template.split("<")[1:]}
        assert named == set(transformer["input_paths"])
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
        assert len(transformer["input_paths"]) <= 100
        assert len(template) <= 8192


class TestOtherRegions:
    @pytest.mark.parametrize(("environment", "regions"), [("dev", []), ("staging", REGIONS), ("prod", REGIONS)])
    def test_each_monitored_region_forwards(
        self, environment: str, regions: list[str], stacks: dict[str, Stack]
    ) -> None:
        # R-ALM-2
        stack = stacks[environment]
        by_provider = {one.get("provider"): one for one in rules(stack)}
        assert set(by_provider) == {None, *(f"aws.{region}" for region in regions)}
        assert len({rule["event_pattern"] for rule in by_provider.values()}) == 1

    def test_they_forward_to_the_home_bus_with_a_role(self, prod: Stack) -> None:
        # R-ALM-2: a target in another Region can only be a bus
        role = prod.by_path("root-activity/forwarder")
        for region in REGIONS:
            target = prod.by_path(f"root-activity/target-{region}")
            assert target["provider"] == f"aws.{region}"
            assert target["arn"] == "arn:aws:events:us-east-1:333333333333:event-bus/default"
            assert target["role_arn"] == f"${{{role.address}.arn}}"
            assert target.refers_to(prod.by_path(f"root-activity/rule-{region}"), "rule")

    def test_the_role_is_for_these_rules(self, prod: Stack) -> None:
        trust = prod.by_path("root-activity/forwarder").statement("EventBridge", "assume_role_policy")
        assert trust["Condition"]["ArnEquals"]["aws:SourceArn"] == [
            f"arn:aws:events:{region}:333333333333:rule/{rule_name(prod)}" for region in REGIONS
        ]

    def test_without_other_regions_there_is_no_role(self, stacks: dict[str, Stack]) -> None:
        dev = stacks["dev"]
        assert [one["name"] for one in dev.all("aws_iam_role")] == ["xyz-corp-audit-trail-dev-log-delivery"]


def test_alone_it_writes_to_any_topic() -> None:
    from cloudtrail_monitoring.alerting.root_activity_rule import RootActivityRule

    topic = LOCATION.arn("sns", "everybodys-alerts")
    stack = synthesise(
        lambda scope: RootActivityRule(
            scope,
            "root",
            location=LOCATION,
            prefix="sample",
            topic_arn=topic,
            runbook_url="https://runbooks.example.com/",
            providers={},
        )
    )
    target = stack.one("aws_cloudwatch_event_target")
    assert target["arn"] == topic
    assert "https://runbooks.example.com/root-activity.md" in target["input_transformer"]["input_template"]


def test_a_region_no_longer_watched_keeps_its_provider_while_it_is_retired() -> None:
    # without it Terraform can't delete the rule there: "Provider configuration not present"
    watched = changed(SAMPLE, alerting=changed(ALERTING, monitored_regions=("us-east-2",)))
    retired = changed(SAMPLE, alerting=changed(ALERTING, retired_regions=("us-east-2",)))
    aliases = {name: aliases_and_rules(settings) for name, settings in {"watched": watched, "retired": retired}.items()}
    assert aliases == {"watched": ({"us-east-2"}, 2), "retired": ({"us-east-2"}, 1)}


def aliases_and_rules(settings: MonitoringSettings) -> tuple[set[str], int]:
    stack = synthesise_monitoring(settings)
    providers = stack.document["provider"]["aws"]
    aliases = {provider["alias"] for provider in providers if "alias" in provider}
    return aliases, len(rules(stack))
