"""R-ALM-6: High detections told in seconds by EventBridge, too; metric filter and alarm follow minutes later.

A rule in the home Region for each High detection, made from the detection's own filter pattern, writes to the e-mail
topic. IAM, Organizations and this system's own resources record their events there; a key disabled in another Region
waits for its alarm, which sees all Regions. Left out are detections that need counting or business hours, which no rule
can judge, and root activity, which has rules of its own in every monitored Region. SMS is left to the alarm: it sends
one a burst, and a rule one an event.
"""

import json
from collections.abc import Sequence

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
)
from constructs import Construct

from cloudtrail_monitoring.detections.detection import Detection, Level
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.event_pattern import for_cloudtrail
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.validation import SettingsError

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
MAX_NAME_CHARACTERS = 64
ROOT_ACTIVITY = "root-activity"

_PATHS = {
    "account": "$.account",
    "address": "$.detail.sourceIPAddress",
    "error": "$.detail.errorCode",
    "event": "$.detail.eventName",
    "id": "$.detail.eventID",
    "region": "$.detail.awsRegion",
    "service": "$.detail.eventSource",
    "time": "$.detail.eventTime",
    "who": "$.detail.userIdentity.arn",
}
_TEXT = (
    "{title}",
    "What: <event> (<service>), account <account>",
    "Who: <who>",
    "When: <time>",
    "From: <address>, in <region>",
    "Error: <error> (blank: the call succeeded)",
    "Event id: <id>",
    "Search: {console}/cloudtrailv2/home?region=<region>#/events?EventId=<id>",
    "What to do: {runbook}",
)


class UrgentRules(Construct):
    """One rule and target for each detection that a rule can judge; ``left_out`` says why for the others.

    Args:
        detections: of the environment; only High ones are looked at.
        topic_arn: where the text goes.
        prefix: begins the rules' names.

    Raises:
        SettingsError: if a rule's name would exceed 64 characters.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        detections: Sequence[Detection],
        location: Location,
        prefix: str,
        topic_arn: str,
        runbook_url: str,
    ) -> None:
        super().__init__(scope, id_)
        self.rules: dict[str, CloudwatchEventRule] = {}
        self.targets: dict[str, CloudwatchEventTarget] = {}
        self.left_out: dict[str, str] = {}
        for detection in detections:
            if detection.level is not Level.HIGH:
                continue
            if reason := _needs_more_than_a_rule(detection):
                self.left_out[detection.id] = reason
                continue
            try:
                pattern = for_cloudtrail(FilterPattern.parse(detection.pattern), location.account_id)
            except NotExpressible as error:
                self.left_out[detection.id] = str(error)
                continue
            name = f"{prefix}-{detection.id}"
            if len(name) > MAX_NAME_CHARACTERS:
                raise SettingsError(f"detections: {name} is too long for a rule's name: {MAX_NAME_CHARACTERS} at most")
            self.rules[detection.id] = rule = CloudwatchEventRule(
                self,
                f"{detection.id}-rule",
                name=name,
                description=f"R-ALM-6: {detection.title}",
                event_pattern=json.dumps(pattern),
            )
            words = {
                "title": detection.title.replace('"', "'"),
                "console": location.console_url,
                "runbook": f"{runbook_url.rstrip('/')}/{detection.id}.md",
            }
            self.targets[detection.id] = CloudwatchEventTarget(
                self,
                f"{detection.id}-target",
                rule=rule.name,
                target_id="topic",
                arn=topic_arn,
                input_transformer=CloudwatchEventTargetInputTransformer(
                    input_paths=_PATHS, input_template="\n".join(f'"{line.format(**words)}"' for line in _TEXT)
                ),
            )


def _needs_more_than_a_rule(detection: Detection) -> str | None:
    if detection.id == ROOT_ACTIVITY:
        return "it has rules of its own in every monitored Region"
    if detection.only_outside_business_hours:
        return "a rule knows no business hours"
    if detection.threshold:
        return "a rule does not count"
    return None
