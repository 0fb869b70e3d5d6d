"""Forwards events of other Regions to the home Region's default bus: a target in another Region can only be a bus.

A rule and a target for each Region, and one role for all of them. What the home Region does with the events is left to
its own rules; EventBridge passes an event on from bus to bus once.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
"""

from collections.abc import Mapping
from typing import NamedTuple

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import allow, document, trust


class Forwarding(NamedTuple):
    """What was made; rules and targets by Region."""

    role: IamRole
    rules: dict[str, CloudwatchEventRule]
    targets: dict[str, CloudwatchEventTarget]


def forward_to_home_bus(
    scope: Construct,
    *,
    location: Location,
    name: str,
    what: str,
    description: str,
    event_pattern: str,
    state: str | None = None,
    providers: Mapping[str, AwsProvider],
) -> Forwarding:
    """Make the rules, directly below ``scope``.

    Args:
        location: of the home Region.
        name: of the rules; begins the role's.
        what: is forwarded, in few words.
        description: of the rules.
        event_pattern: JSON.
        state: of the rules; by default read-only calls are kept from them.
        providers: one for each Region to forward from, at least one.
    """
    bus_arn = location.arn("events", "event-bus/default")
    rule_arns = [location.in_region(region).arn("events", f"rule/{name}") for region in providers]
    role = IamRole(
        scope,
        "forwarder",
        name=f"{name}-forwarder",
        description=f"EventBridge forwards {what} to {location.region}",
        assume_role_policy=document(
            trust(
                "EventBridge",
                "events.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": location.account_id},
                    "ArnEquals": {"aws:SourceArn": rule_arns},
                },
            )
        ),
    )
    IamRolePolicy(
        scope,
        "forwarder-policy",
        name="forward",
        role=role.name,
        policy=document(allow("PutEventsOnHomeBus", ["events:PutEvents"], [bus_arn])),
    )
    forwarding = Forwarding(role, {}, {})
    for region, provider in providers.items():
        forwarding.rules[region] = rule = CloudwatchEventRule(
            scope,
            f"rule-{region}",
            name=name,
            description=description,
            event_pattern=event_pattern,
            state=state,
            provider=provider,
        )
        forwarding.targets[region] = CloudwatchEventTarget(
            scope,
            f"target-{region}",
            rule=rule.name,
            target_id="home-bus",
            arn=bus_arn,
            role_arn=role.arn,
            provider=provider,
        )
    return forwarding
