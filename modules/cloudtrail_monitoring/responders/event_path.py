"""The fast path: a rule in the home Region sends what responders look at to the queue; other Regions forward to it.

EventBridge delivers CloudTrail's events within seconds, as best effort; the complete path is ``record_path``. Both are
made from the same interests. Root's events of other Regions come by ``RootActivityRule``'s forwarding: forwarding them
here as well would tell them twice.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

import json
from collections.abc import Mapping

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from cloudtrail_monitoring.alerting.home_bus_forwarding import Forwarding, forward_to_home_bus
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.event_pattern import for_cloudtrail
from cloudtrail_monitoring.responders.interests import interests
from cloudtrail_monitoring.responders.names import ResponderNames


class EventPath(Construct):
    """The rules.

    Args:
        queue_arn: where events go; the queue's policy must let the rule send.
        providers: a provider for each further Region to watch.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        names: ResponderNames,
        queue_arn: str,
        providers: Mapping[str, AwsProvider],
    ) -> None:
        super().__init__(scope, id_)
        looked_at = interests(names)
        self.rule = CloudwatchEventRule(
            self,
            "rule",
            name=names.event_rule,
            description="R-RSP: what responders look at goes to their queue",
            event_pattern=event_pattern(names, looked_at.all),
        )
        self.target = CloudwatchEventTarget(self, "target", rule=self.rule.name, target_id="queue", arn=queue_arn)
        self.forwarding: Forwarding | None = None
        if providers:
            self.forwarding = forward_to_home_bus(
                self,
                location=names.location,
                name=names.event_rule,
                what="what responders look at",
                description=f"R-RSP: what responders look at goes to {names.location.region}",
                event_pattern=event_pattern(names, looked_at.to_forward),
                providers=providers,
            )


def event_pattern(names: ResponderNames, pattern: FilterPattern) -> str:
    return json.dumps(for_cloudtrail(pattern, names.location.account_id))
