"""Topics, their key and subscriptions as they are synthesised. Who may publish: ``test_access_topics``."""

import hashlib
from typing import Any

import pytest

from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel, Contacts
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.settings_samples import ALERTING, LOCATION, changed
from tests.synthesised import Stack, synthesise

EXISTING_TOPIC = LOCATION.arn("sns", "everybodys-alerts")
EXISTING_KEY = LOCATION.arn("kms", "key/1234")


def topics(settings: AlertingSettings = ALERTING, **arguments: Any) -> Stack:
    from cloudtrail_monitoring.alerting.alert_topics import AlertTopics

    return synthesise(
        lambda stack: AlertTopics(stack, "topics", settings, location=LOCATION, prefix="sample", **arguments)
    )


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_each_channel_has_a_topic_with_its_own_policy(
    name: str, environments: dict[str, MonitoringSettings], stacks: dict[str, Stack]
) -> None:
    stack, settings = stacks[name], environments[name]
    for channel in Channel:
        topic = stack.one("aws_sns_topic", name=f"{settings.name_prefix}-{channel.value}")
        (policy,) = [one for one in stack.all("aws_sns_topic_policy") if one.refers_to(topic, "arn")]
        resources = {statement["Resource"] for statement in policy.policy()["Statement"]}
        assert resources == {settings.location.arn("sns", topic["name"])}


def test_topics_are_encrypted_with_a_key_of_the_system(stack: Stack) -> None:
    # AWS's own key for SNS lets neither CloudWatch nor EventBridge publish
    key = stack.by_path("topics/key")
    assert key["enable_key_rotation"] is True
    for topic in stack.all("aws_sns_topic"):
        assert topic.refers_to(key, "kms_master_key_id")


def test_the_key_is_for_these_topics_only(prod: Stack) -> None:
    key = prod.by_path("topics/key")
    arn = "arn:aws:sns:us-east-1:333333333333:xyz-corp-audit"
    for sid, topics in {"CloudWatchAlarms": [f"{arn}-email", f"{arn}-sms"], "EventBridgeRules": f"{arn}-email"}.items():
        statement = key.statement(sid)
        assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
        context = statement["Condition"]["StringEquals"]["kms:EncryptionContext:aws:sns:topicArn"]
        assert context == topics


def test_contacts_are_subscribed(environments: dict[str, MonitoringSettings], stacks: dict[str, Stack]) -> None:
    for name, settings in environments.items():
        subscribed = {(one["protocol"], one["endpoint"]) for one in stacks[name].all("aws_sns_topic_subscription")}
        contacts = settings.alerting.contacts
        assert subscribed == {(channel.value, one) for channel in Channel for one in contacts.of(channel)}


def test_each_subscription_belongs_to_the_topic_of_its_protocol(stack: Stack) -> None:
    for subscription in stack.all("aws_sns_topic_subscription"):
        (topic,) = [one for one in stack.all("aws_sns_topic") if subscription.refers_to(one, "topic_arn")]
        assert topic["name"].endswith(f"-{subscription['protocol']}")


def test_a_subscription_stays_itself_when_others_come_and_go() -> None:
    def address(*contacts: str) -> str:
        stack = topics(changed(ALERTING, contacts=Contacts(email=contacts)))
        return stack.one("aws_sns_topic_subscription", endpoint="b@example.com").address

    assert address("b@example.com") == address("a@example.com", "b@example.com", "c@example.com")


def test_addresses_stand_in_no_name() -> None:
    stack = topics(changed(ALERTING, contacts=Contacts(email=("security@example.com",))))
    subscription = stack.one("aws_sns_topic_subscription")
    assert "security" not in subscription.id
    assert hashlib.sha256(b"security@example.com").hexdigest()[:8] in subscription.id


def test_an_existing_topic_is_left_to_its_owner() -> None:
    stack = topics(existing_topic_arns={Channel.EMAIL: EXISTING_TOPIC})
    assert stack.one("aws_sns_topic")["name"] == "sample-sms"
    assert {one["protocol"] for one in stack.all("aws_sns_topic_subscription")} == {"sms"}
    assert EXISTING_TOPIC not in stack.text


def test_with_existing_topics_alone_nothing_is_made() -> None:
    stack = topics(existing_topic_arns=dict.fromkeys(Channel, EXISTING_TOPIC))
    assert not list(stack.resources())


def test_an_existing_key_is_used_and_none_is_made() -> None:
    stack = topics(existing_key_arn=EXISTING_KEY)
    assert not stack.all("aws_kms_key")
    assert {one["kms_master_key_id"] for one in stack.all("aws_sns_topic")} == {EXISTING_KEY}


def test_without_addresses_of_its_own_it_warns_of_none() -> None:
    assert "check" in topics().document
    existing = dict.fromkeys(Channel, EXISTING_TOPIC)
    assert "check" not in topics(existing_topic_arns=existing).document
