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
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from cloudtrail_monitoring.alerting.home_bus_forwarding import forward_to_home_bus
from cloudtrail_monitoring.location import Location

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
        name = f"{prefix}-root-activity"
        self.rule = CloudwatchEventRule(
            self,
            "rule",
            name=name,
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
            self.forwarder, self.forwarding_rules, self.forwarding_targets = forward_to_home_bus(
                self,
                location=location,
                name=name,
                what="root activity",
                description=f"R-ALM-2: root activity goes to {location.region}",
                event_pattern=event_pattern(location),
                providers=providers,
            )
