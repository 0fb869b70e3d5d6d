"""The detections of an environment as they are deployed: its metric filters and their alarms, read from the
synthesised Terraform JSON and not from the catalogue, so that what is shown and simulated is what AWS will run.

Finding the document is left to ``synthesised_output``.

https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/cloudwatch_log_metric_filter
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/cloudwatch_metric_alarm
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cloudtrail_monitoring.detections.detection import DETECTION_TAG, DISABLED_OUTPUT, LEVEL_TAG, Level
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, PatternSyntaxError
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_LOUDEST_FIRST = {level.value: rank for rank, level in enumerate((Level.HIGH, Level.MEDIUM, Level.LOW))}
# https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_LOG_GROUP = re.compile(r"\$\{(aws_cloudwatch_log_group\.[\w-]+)\.")
_COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
_ANY = "any"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_BAND = {
    "LessThanLowerOrGreaterThanUpperThreshold": "more or fewer than usual",
    "LessThanLowerThreshold": "fewer than usual",
    "GreaterThanUpperThreshold": "more than usual",
}
_UNITS = ((86_400, "day"), (3_600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True)
class DeployedDetection:
    """A metric filter with the alarm on its metric.

    Several filters may write one metric, where one pattern would be too long: they share the ``id``.
    """

    id: str
    """The metric's name; for the project's own detections that is the detection's id."""
    level: str | None
    """The alarm's tag; ``None`` without an alarm, or with one that is not the project's."""
    pattern: FilterPattern
    alarm: str | None
    """The alarm's name; that of the loudest where several watch the metric."""
    filter_name: str
    log_group_name: str
    """As the document has it: a name, or a reference to a resource."""
    condition: str | None = None
    """When the alarm fires, such as `> 5 in 15 min`; `any` for one record."""

    @property
    def rank(self) -> int:
        """0 for the loudest level."""
        return rank(self.level)


class Deployed(NamedTuple):
    """What was read from one stack."""

    detections: tuple[DeployedDetection, ...]
    """In the document's order."""
    left_out: tuple[str, ...]
    """Metric filters that can't be used, a line each with the reason."""


class _Alarm(NamedTuple):
    name: str
    level: str | None
    detection: str | None
    condition: str


def read_detections(document: Document) -> Deployed:
    """The detections of a synthesised stack.

    Left out are filters whose pattern is no JSON filter pattern or known only at apply, and those on a log group of the
    stack to which none of its trails delivers: CloudTrail records never reach them.

    >>> read_detections({}).detections
    ()
    """
    alarms: dict[tuple[str, str], list[_Alarm]] = {}
    for attributes in resources(document, "aws_cloudwatch_metric_alarm").values():
        for metric in metrics_watched(attributes):
            alarms.setdefault(metric, []).append(_alarm(attributes))
    trails = _trail_log_groups(document)
    detections: list[DeployedDetection] = []
    left_out: list[str] = []
    for name, attributes in resources(document, "aws_cloudwatch_log_metric_filter").items():
        try:
            detections += _detections(attributes, trails, alarms)
        except (PatternSyntaxError, _Unusable) as error:
            left_out.append(f"metric filter {attributes.get('name') or name} is left out: {error}")
    return Deployed(tuple(detections), tuple(left_out))


def disabled(document: Document) -> Mapping[str, str]:
    """The detections that the environment goes without, by id, with the reason."""
    outputs = document.get("output")
    value = outputs.get(DISABLED_OUTPUT, {}).get("value") if isinstance(outputs, dict) else None
    return {str(id_): str(reason) for id_, reason in value.items()} if isinstance(value, dict) else {}


def patterns_by_id(detections: Sequence[DeployedDetection]) -> dict[str, list[FilterPattern]]:
    """The patterns behind each id, in the order of ``detections``; a record is seen if one of them matches."""
    patterns: dict[str, list[FilterPattern]] = {}
    for detection in detections:
        patterns.setdefault(detection.id, []).append(detection.pattern)
    return patterns


def rank(level: str | None) -> int:
    """The place of a level, the loudest first; unknown ones and `None` come last."""
    return _LOUDEST_FIRST.get(level or "", len(_LOUDEST_FIRST))


class _Unusable(ValueError):
    """Why a metric filter can't be run over records."""


def _detections(
    attributes: Mapping[str, Any], trails: set[str], alarms: Mapping[tuple[str, str], Sequence[_Alarm]]
) -> Iterator[DeployedDetection]:
    """What one filter detects, by the metrics it writes: one, in practice."""
    log_group = str(attributes.get("log_group_name") or "")
    owned = _LOG_GROUP.match(log_group)
    if trails and owned and owned[1] not in trails:
        raise _Unusable("its log group is not that of the trail")
    pattern = FilterPattern.parse(_plain(str(attributes.get("pattern") or "")))
    for namespace, metric_name in metrics_written(attributes):
        alarm = _loudest(alarms.get((namespace, metric_name), ()), metric_name)
        yield DeployedDetection(
            id=metric_name,
            level=alarm.level if alarm else None,
            pattern=pattern,
            alarm=alarm.name if alarm else None,
            filter_name=str(attributes.get("name") or ""),
            log_group_name=log_group,
            condition=alarm.condition if alarm else None,
        )


def _trail_log_groups(document: Document) -> set[str]:
    """The log groups of the stack to which its trails deliver; empty where that can't be told from the document."""
    arns = [trail.get("cloud_watch_logs_group_arn") for trail in resources(document, "aws_cloudtrail").values()]
    found = [_LOG_GROUP.match(str(arn)) for arn in arns if arn]
    return {match[1] for match in found if match} if all(found) else set()


def _plain(text: str) -> str:
    """What a Terraform string says, its escapes undone."""

    def said(match: re.Match[str]) -> str:
        if len(match[0]) == 2:
            raise _Unusable(f"its pattern has {text[match.start() : match.start() + 60]!r}, known only at apply")
        return match[0][1:]

    return _TEMPLATE.sub(said, text)


def blocks(value: object) -> Iterator[Mapping[str, Any]]:
    """A nested block of Terraform JSON: an object, or a list of them."""
    yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))


def metrics_written(attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Namespace and name of the metrics a filter writes."""
    for block in blocks(attributes.get("metric_transformation")):
        yield str(block.get("namespace") or ""), str(block.get("name") or "")


def metrics_watched(attributes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Namespace and name of the metrics an alarm looks at, each once."""
    nested = [metric for query in blocks(attributes.get("metric_query")) for metric in blocks(query.get("metric"))]
    found = ((block.get("namespace"), block.get("metric_name")) for block in (attributes, *nested))
    return list(dict.fromkeys((str(namespace or ""), str(name)) for namespace, name in found if name))


def _alarm(attributes: Mapping[str, Any]) -> _Alarm:
    tags = attributes.get("tags")
    tags = tags if isinstance(tags, dict) else {}
    level, detection = tags.get(LEVEL_TAG), tags.get(DETECTION_TAG)
    return _Alarm(str(attributes.get("alarm_name") or ""), level, detection, _condition(attributes))


def _loudest(alarms: Sequence[_Alarm], metric_name: str) -> _Alarm | None:
    """The alarm that stands for a metric: one tagged with its detection before others, then by level."""
    return min(alarms, key=lambda alarm: (alarm.detection != metric_name, rank(alarm.level)), default=None)


def _condition(attributes: Mapping[str, Any]) -> str:
    queries = list(blocks(attributes.get("metric_query")))
    metrics = [metric for query in queries for metric in blocks(query.get("metric"))]
    period = next((block["period"] for block in (attributes, *metrics) if isinstance(block.get("period"), int)), None)
    usual = _BAND.get(str(attributes.get("comparison_operator")))
    if usual:
        return ", ".join([f"{usual}{_within(period)}", *_repeated(attributes)])
    sign, threshold = _COMPARISONS.get(str(attributes.get("comparison_operator"))), attributes.get("threshold")
    if sign is None or not isinstance(threshold, (int, float)):
        return "by its own expression"
    number = f"{threshold:g}"
    parts = [_ANY if (sign, number) in ((">", "0"), (">=", "1")) else f"{sign} {number}{_within(period)}"]
    parts += _repeated(attributes)
    label = next((str(query["label"]) for query in queries if query.get("return_data") and query.get("label")), "")
    if label:
        parts = [part for part in parts if part != _ANY] + [label[0].lower() + label[1:]]
    return ", ".join(parts)


def _repeated(attributes: Mapping[str, Any]) -> list[str]:
    periods = attributes.get("evaluation_periods") or 1
    wanted = attributes.get("datapoints_to_alarm") or periods
    return [f"{wanted} times of {periods}"] if wanted != 1 else []


def _within(seconds: int | None) -> str:
    if not seconds:
        return ""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f" in {seconds // size} {unit}"
