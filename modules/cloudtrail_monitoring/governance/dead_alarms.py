"""Alarms that could never fire, found in the synthesised output: nothing of the stack writes the metric they watch.

CloudWatch takes an alarm on any metric, and one that nobody writes stays green for ever. Metrics in a namespace that
begins with ``AWS/`` are AWS's own.
"""

from collections.abc import Iterator

from cloudtrail_monitoring.simulation.deployed_detections import blocks, metrics_watched, metrics_written
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_OF_AWS = "AWS/"


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
