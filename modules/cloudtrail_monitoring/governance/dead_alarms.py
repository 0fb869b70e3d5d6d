"""Alarms that could never fire, found in the synthesised output: nothing of the stack writes the metric they watch.

CloudWatch takes an alarm on any metric, and one that nobody writes stays green for ever. Metrics in a namespace that
begins with ``AWS/`` are AWS's own; those of CloudWatch Logs are written for log groups that there are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.simulation.deployed_detections import blocks, metrics_watched, metrics_written
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_OF_AWS = "AWS/"
_OF_LOGS = "AWS/Logs"


def dead_alarms(document: Document) -> Iterator[str]:
    """A line for each alarm with a metric that no metric filter of the stack writes, or each filter AWS would refuse.

    Args:
        document: a synthesised stack.
    """
    written = {
        metric
        for attributes in resources(document, "aws_cloudwatch_log_metric_filter").values()
        for metric in metrics_written(attributes)
    }
    for name, attributes in resources(document, "aws_cloudwatch_log_metric_filter").items():
        if any(
            {"default_value", "dimensions"} <= block.keys() for block in blocks(attributes["metric_transformation"])
        ):
            yield (
                f"metric filter {attributes.get('name') or name} has dimensions and a default value, and CloudWatch"
                " Logs takes only one of them"
            )
    for name, attributes in resources(document, "aws_cloudwatch_metric_alarm").items():
        for namespace, metric in metrics_watched(attributes):
            if not namespace.startswith(_OF_AWS) and (namespace, metric) not in written:
                alarm = attributes.get("alarm_name") or name
                yield f"alarm {alarm} can never fire: no metric filter writes {metric} in {namespace}"
        for group in sorted(_groups_watched(attributes) - _groups(document)):
            alarm = attributes.get("alarm_name") or name
            yield f"alarm {alarm} can never fire: there is no log group {group} here, and no metric filter reads it"


def _groups_watched(alarm: Mapping[str, Any]) -> set[str]:
    """The log groups whose own metrics an alarm looks at, as the document names them."""
    nested = [metric for query in blocks(alarm.get("metric_query")) for metric in blocks(query.get("metric"))]
    dimensions = [block.get("dimensions") for block in (alarm, *nested) if block.get("namespace") == _OF_LOGS]
    return {str(one["LogGroupName"]) for one in dimensions if isinstance(one, dict) and "LogGroupName" in one}


def _groups(document: Document) -> set[str]:
    """The stack's log groups, by name and by reference, and those handed to it, which its filters read."""
    own = resources(document, "aws_cloudwatch_log_group")
    filters = resources(document, "aws_cloudwatch_log_metric_filter").values()
    return {
        *(str(attributes.get("name")) for attributes in own.values()),
        *(f"${{aws_cloudwatch_log_group.{name}.name}}" for name in own),
        *(str(one.get("log_group_name")) for one in filters),
    }
