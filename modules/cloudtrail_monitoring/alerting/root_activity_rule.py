"""R-ALM-2's fast path: root's console logins and changing calls, told in seconds by EventBridge alone.

Each monitored Region forwards to the home Region's default bus, because a target in another Region can only be a bus;
one rule there writes to the e-mail topic, in words. Read-only calls are left to the alarm: a root session in the
console makes hundreds. EventBridge delivers CloudTrail's events as best effort, so the alarm stays the backstop.
"""

import json
from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
)
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import allow, document, trust

# "aws." is reserved: nobody but AWS puts events of such a source onto a bus. The detail type is left open, because
# sign-in events come as "AWS Console Sign In via CloudTrail" and as "AWS Console Signin via CloudTrail".
_PATTERN: dict[str, Any] = {
    "source": [{"prefix": "aws."}],
    "detail": {
        "userIdentity": {"type": ["Root"], "invokedBy": [{"exists": False}]},
        "eventType": [{"anything-but": "AwsServiceEvent"}],
        "$or": [{"eventName": ["ConsoleLogin"]}, {"readOnly": [False]}],
    },
}
_PATHS = {
    "account": "$.account",
    "address": "$.detail.sourceIPAddress",
    "error": "$.detail.errorCode",
    "event": "$.detail.eventName",
    "id": "$.detail.eventID",
    "login": "$.detail.responseElements.ConsoleLogin",
    "region": "$.detail.awsRegion",
    "service": "$.detail.eventSource",
    "time": "$.detail.eventTime",
}
_TEXT = (
    "Root user of account <account>: <event> (<service>)",
    "When: <time>",
    "From: <address>, in <region>",
    "Outcome: <login><error> (blank: the call succeeded)",
    "Event id: <id>",
    "Search: {console}/cloudtrailv2/home?region=<region>#/events?EventId=<id>",
    "What to do: {runbook}",
)


def event_pattern(location: Location) -> str:
    return json.dumps({"account": [location.account_id], **_PATTERN})


class RootActivityRule(Construct):
    """The rule in the home Region, and a forwarding rule in every other one.

    Args:
        topic_arn: where the text goes.
        providers: a provider for each further Region to watch.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        location: Location,
        prefix: str,
        topic_arn: str,
        runbook_url: str,
        providers: Mapping[str, AwsProvider],
    ) -> None:
        super().__init__(scope, id_)
        self._location = location
        self._name = f"{prefix}-root-activity"
        self.rule = CloudwatchEventRule(
            self,
            "rule",
            name=self._name,
            description="R-ALM-2: root's console logins and changing calls, told at once",
            event_pattern=event_pattern(location),
        )
        runbook = f"{runbook_url.rstrip('/')}/root-activity.md"
        self.target = CloudwatchEventTarget(
            self,
            "target",
            rule=self.rule.name,
            target_id="topic",
            arn=topic_arn,
            input_transformer=CloudwatchEventTargetInputTransformer(
                input_paths=_PATHS,
                input_template="\n".join(
                    f'"{line.format(runbook=runbook, console=location.console_url)}"' for line in _TEXT
                ),
            ),
        )
        self.forwarder: IamRole | None = None
        self.forwarding_rules: dict[str, CloudwatchEventRule] = {}
        self.forwarding_targets: dict[str, CloudwatchEventTarget] = {}
        if providers:
            self._forward(providers)

    def _forward(self, providers: Mapping[str, AwsProvider]) -> None:
        bus_arn = self._location.arn("events", "event-bus/default")
        rule_arns = [self._location.in_region(region).arn("events", f"rule/{self._name}") for region in providers]
        self.forwarder = role = IamRole(
            self,
            "forwarder",
            name=f"{self._name}-forwarder",
            description=f"EventBridge forwards root activity to {self._location.region}",
            assume_role_policy=document(
                trust(
                    "EventBridge",
                    "events.amazonaws.com",
                    {
                        "StringEquals": {"aws:SourceAccount": self._location.account_id},
                        "ArnEquals": {"aws:SourceArn": rule_arns},
                    },
                )
            ),
        )
        IamRolePolicy(
            self,
            "forwarder-policy",
            name="forward",
            role=role.name,
            policy=document(allow("PutEventsOnHomeBus", ["events:PutEvents"], [bus_arn])),
        )
        for region, provider in providers.items():
            self.forwarding_rules[region] = rule = CloudwatchEventRule(
                self,
                f"rule-{region}",
                name=self._name,
                description=f"R-ALM-2: root activity goes to {self._location.region}",
                event_pattern=event_pattern(self._location),
                provider=provider,
            )
            self.forwarding_targets[region] = CloudwatchEventTarget(
                self,
                f"target-{region}",
                rule=rule.name,
                target_id="home-bus",
                arn=bus_arn,
                role_arn=role.arn,
                provider=provider,
            )
