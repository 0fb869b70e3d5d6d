"""The AWS services that may publish alerts, as a table; topic policy and key policy are both made from it.

EventBridge can't be held to its rules by source conditions. AWS documents that a topic policy with conditions stops
its deliveries, and that a key policy with ``aws:SourceAccount`` or ``aws:SourceArn`` does, for encrypted topics; both
fail in silence. It is bound to these topics by the encryption context instead, which SNS sets to the topic's ARN.
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions

AWS Budgets takes both conditions, in the form AWS gives; what it says for a single budget is not documented. It is
named only where a budget tells: GovCloud has no Budgets, and KMS refuses a policy with a principal it doesn't know.
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import EVERYONE, Conditions, Statement, allow, aws, deny, service

_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey*")


class Publisher(NamedTuple):
    sid: str
    principal: str
    channels: tuple[Channel, ...]
    """The channels whose topics it publishes to; EventBridge's grant is wide, so it has no topic it doesn't need."""
    source: Callable[[Location, str], str] | None
    """The ARNs that publish, by the environment's place and prefix; ``None``: not supported."""


PUBLISHERS = (
    Publisher(
        "CloudWatchAlarms",
        "cloudwatch.amazonaws.com",
        (Channel.EMAIL, Channel.SMS),
        lambda location, prefix: location.arn("cloudwatch", f"alarm:{prefix}-*"),
    ),
    Publisher("EventBridgeRules", "events.amazonaws.com", (Channel.EMAIL,), None),
)
BUDGETS = Publisher("Budgets", "budgets.amazonaws.com", (Channel.EMAIL,), lambda location, _: location.budgets_arn("*"))


def topic_statements(
    location: Location,
    prefix: str,
    channel: Channel,
    topic_arn: str,
    *,
    publishers: Sequence[Publisher] = PUBLISHERS,
) -> tuple[Statement, ...]:
    """Who may publish to a topic; plain HTTP is denied to everyone."""
    return (
        *(
            allow(
                publisher.sid,
                ["sns:Publish"],
                [topic_arn],
                principal=service(publisher.principal),
                conditions=_source(publisher, location, prefix),
            )
            for publisher in publishers
            if channel in publisher.channels
        ),
        deny(
            "DenyPlainHttp",
            ["sns:Publish"],
            [topic_arn],
            principal=EVERYONE,
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    )


def key_statements(
    location: Location,
    prefix: str,
    topic_arns: Mapping[Channel, str],
    *,
    role_arns: Sequence[str] = (),
    publishers: Sequence[Publisher] = PUBLISHERS,
) -> tuple[Statement, ...]:
    """Who may use the topics' key, each for its own topics only.

    Args:
        role_arns: roles of the account that publish as well; the topics take their messages by the roles' own policies.
    """
    services = tuple(
        allow(
            publisher.sid,
            _KEY_ACTIONS,
            ["*"],
            principal=service(publisher.principal),
            conditions=_merged(_for_topics(topics), _source(publisher, location, prefix) or {}),
        )
        for publisher in publishers
        if (topics := [arn for channel, arn in topic_arns.items() if channel in publisher.channels])
    )
    return (*services, _roles(location, list(topic_arns.values()), role_arns)) if role_arns else services


def _roles(location: Location, topic_arns: Sequence[str], role_arns: Sequence[str]) -> Statement:
    """The roles are named in a condition: KMS refuses a policy whose principal does not exist yet."""
    return allow(
        "Roles",
        _KEY_ACTIONS,
        ["*"],
        principal=aws("*"),
        conditions=_merged(
            _for_topics(topic_arns),
            {
                "ArnLike": {"aws:PrincipalArn": role_arns},
                "StringEquals": {"aws:PrincipalAccount": location.account_id},
            },
        ),
    )


def _for_topics(topic_arns: Sequence[str]) -> Conditions:
    return {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic_arns}}


def _source(publisher: Publisher, location: Location, prefix: str) -> Conditions | None:
    if publisher.source is None:
        return None
    return {
        "StringEquals": {"aws:SourceAccount": location.account_id},
        "ArnLike": {"aws:SourceArn": publisher.source(location, prefix)},
    }


def _merged(*parts: Conditions) -> Conditions:
    operators = dict.fromkeys(operator for part in parts for operator in part)
    return {
        operator: {key: value for part in parts for key, value in part.get(operator, {}).items()}
        for operator in operators
    }
