"""R-ALM-6: High detections told in seconds by EventBridge, too; metric filter and alarm follow minutes later.

A rule in the home Region for each High detection, made from the detection's own filter pattern, writes to the e-mail
topic. The Region of global events (IAM, Organizations) and the monitored ones forward what these rules look for to the
home Region; events of other Regions wait for the alarm, which sees all. Left out are detections that need counting or
business hours, which no rule can judge, and root activity, which has rules of its own in every monitored Region. SMS is
left to the alarm: it sends one a burst, and a rule one an event.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cdktf import Annotations
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from cloudtrail_monitoring.alerting.home_bus_forwarding import Forwarding, forward_to_home_bus
from cloudtrail_monitoring.detections.detection import TWIN_ENDING, Detection, Level
from cloudtrail_monitoring.detections.language.filter_pattern import (
    Comparison,
    FilterPattern,
    Operator,
    Selector,
    Text,
    conditions,
)
from cloudtrail_monitoring.detections.translations.event_pattern import MAX_CHARACTERS, for_cloudtrail
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.validation import SettingsError

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
MAX_NAME_CHARACTERS = 64
ROOT_ACTIVITY = "root-activity"
ALL_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html"""

_EVENT_NAME = Selector.of("eventName")
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
        providers: a provider for each further Region that forwards to the home Region.

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
        providers: Mapping[str, AwsProvider] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        patterns: list[FilterPattern] = []
        self.rules: dict[str, CloudwatchEventRule] = {}
        self.targets: dict[str, CloudwatchEventTarget] = {}
        self.left_out: dict[str, str] = {}
        self.forwarding: list[Forwarding] = []
        for detection in detections:
            if detection.level is not Level.HIGH:
                continue
            if reason := _needs_more_than_a_rule(detection):
                self.left_out[detection.id] = reason
                continue
            parsed = FilterPattern.parse(detection.pattern)
            try:
                pattern = for_cloudtrail(parsed, location.account_id)
            except NotExpressible as error:
                self.left_out[detection.id] = str(error)
                Annotations.of(self).add_warning(f"{detection.id} is told by its alarm only, in minutes: {error}")
                continue
            patterns.append(parsed)
            name = f"{prefix}-{detection.id}"
            if len(name) > MAX_NAME_CHARACTERS:
                raise SettingsError(f"detections: {name} is too long for a rule's name: {MAX_NAME_CHARACTERS} at most")
            self.rules[detection.id] = rule = CloudwatchEventRule(
                self,
                f"{detection.id}-rule",
                name=name,
                description=f"R-ALM-6: {detection.title}",
                event_pattern=json.dumps(pattern),
                # EventBridge keeps read-only calls, such as AssumeRole, from rules in the plain state
                state=ALL_MANAGEMENT_EVENTS,
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

        if providers and patterns:
            self._forward(patterns, location, prefix, providers)

    def _forward(
        self,
        patterns: Sequence[FilterPattern],
        location: Location,
        prefix: str,
        providers: Mapping[str, AwsProvider],
    ) -> None:
        """Forward the calls by name, whoever makes them: the home Region's rules judge the rest."""
        for number, pattern in enumerate(to_forward(patterns, location.account_id)):
            part = Construct(self, f"forwarding-{number}")
            self.forwarding.append(
                forward_to_home_bus(
                    part,
                    location=location,
                    name=f"{prefix}-urgent-{number}",
                    what="urgent events",
                    description=f"R-ALM-6: events of High detections go to {location.region}",
                    event_pattern=json.dumps(pattern),
                    state=ALL_MANAGEMENT_EVENTS,
                    providers=providers,
                )
            )


def to_forward(patterns: Iterable[FilterPattern], account_id: str) -> Iterator[dict[str, Any]]:
    """Event patterns, each short enough, of the calls that some filter patterns name; one that names none adds nothing.

    >>> [*to_forward([FilterPattern.parse('{ $.eventName = "DeleteUser" }')], "333333333333")]
    [{'account': ['333333333333'], 'source': [{'prefix': 'aws.'}], 'detail': {'eventName': ['DeleteUser']}}]
    """
    names = sorted({name for pattern in patterns for name in _names(pattern)})
    part: list[str] = []
    for name in names:
        if len(json.dumps(_of_names([*part, name], account_id))) > MAX_CHARACTERS:
            yield _of_names(part, account_id)
            part = []
        part.append(name)
    if part:
        yield _of_names(part, account_id)


def _names(pattern: FilterPattern) -> Iterator[str]:
    for condition in conditions(pattern.root):
        match condition:
            case Comparison(selector, Operator.EQUAL, Text(value)) if selector == _EVENT_NAME and "*" not in value:
                yield value


def _of_names(names: Sequence[str], account_id: str) -> dict[str, Any]:
    return {"account": [account_id], "source": [{"prefix": "aws."}], "detail": {"eventName": list(names)}}


def _needs_more_than_a_rule(detection: Detection) -> str | None:
    if detection.id.removesuffix(TWIN_ENDING) == ROOT_ACTIVITY:
        return "it has rules of its own in every monitored Region"
    if detection.only_outside_business_hours:
        return "a rule knows no business hours"
    if detection.threshold or detection.against_usual:
        return "a rule does not count"
    return None
