"""What CloudWatch costs in one month: log groups by ingestion and retention, metrics, alarms, dashboards, queries.

https://aws.amazon.com/cloudwatch/pricing/
"""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.governance.cost.references import number
from cloudtrail_monitoring.governance.cost.trails import Trail
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, GB, Month, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from cloudtrail_monitoring.responders.runtime.metrics import NAMESPACE_VARIABLE
from cloudtrail_monitoring.simulation.deployed_detections import blocks, metrics_watched, metrics_written
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

LOG_EVENT_BYTES = 26
"""CloudWatch Logs adds so much to each log event it bills."""
FUNCTION_LOG_BYTES = 1_024
"""What a function writes on a run."""

# a band's upper and lower bound count as metrics of the alarm, beside what it watches
_BOUNDS_OF_A_BAND = 2
_BAND = "ANOMALY_DETECTION_BAND("
_HIGH_RESOLUTION_SECONDS = 60
_OF_AWS = "AWS/"
_FUNCTIONS = "/aws/lambda/"


def cloudwatch_usage(
    document: Document,
    trails: Collection[Trail],
    volumes: EventVolumes,
    invocations: Mapping[str, float],
    month: Month,
) -> Iterator[Usage]:
    """CloudWatch's charges in one month.

    Args:
        invocations: runs a day by the resource name of the function.
    """
    for trail in trails:
        if trail.sends_to_logs:
            recorded = trail.events * trail.running * (volumes.event_bytes + LOG_EVENT_BYTES)
            kept = _retention(document, trail.log_group)
            yield from _logged("the trail's log group", recorded, kept, volumes, month)
    others = set(resources(document, "aws_cloudwatch_log_group")) - {trail.log_group for trail in trails}
    functions = {name for name in others if _belongs_to_a_function(document, name)}
    written = sum(invocations.values()) * (FUNCTION_LOG_BYTES + LOG_EVENT_BYTES)
    kept = max((_retention(document, name) for name in functions), default=math.inf)
    yield from _logged("the functions' log groups", written, kept, volumes, month)
    categories = others - functions
    if categories and resources(document, "aws_cloudwatch_log_subscription_filter"):
        copied = volumes.responder_events_a_day * (volumes.event_bytes + LOG_EVENT_BYTES)
        kept = max(_retention(document, name) for name in categories)
        yield from _logged("the category log groups", copied, kept, volumes, month)
    yield Usage(Part.CLOUDWATCH, "Logs Insights queries", "cloudwatch-logs-scanned", volumes.logs_insights_gb_a_month)
    metrics = metric_count(document) + (volumes.responder_metrics if _functions_write_metrics(document) else 0)
    yield Usage(Part.CLOUDWATCH, "custom metrics", "cloudwatch-metric", metrics * volumes.metric_hours_share)
    for attributes in resources(document, "aws_cloudwatch_metric_alarm").values():
        yield Usage(Part.CLOUDWATCH, "alarms", _alarm_price(attributes), alarm_metrics(attributes))
    for type_, item, price in (
        ("aws_cloudwatch_composite_alarm", "composite alarms", "cloudwatch-composite-alarm"),
        ("aws_cloudwatch_dashboard", "dashboards", "cloudwatch-dashboard"),
    ):
        yield Usage(Part.CLOUDWATCH, item, price, len(resources(document, type_)))


def metric_count(document: Document) -> int:
    """The custom metrics of a stack: those its filters write, several of which may write one, and those of others that
    its alarms watch, which its functions write. AWS's own are free.
    """
    written = (metrics_written(one) for one in resources(document, "aws_cloudwatch_log_metric_filter").values())
    watched = (metrics_watched(one) for one in resources(document, "aws_cloudwatch_metric_alarm").values())
    metrics = {metric for found in (*written, *watched) for metric in found}
    return sum(1 for namespace, _ in metrics if namespace and not namespace.startswith(_OF_AWS))


def _functions_write_metrics(document: Document) -> bool:
    """Whether a function is given a namespace for metrics in the embedded metric format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    return any(
        NAMESPACE_VARIABLE in (environment.get("variables") or {})
        for attributes in resources(document, "aws_lambda_function").values()
        for environment in blocks(attributes.get("environment"))
    )


def alarm_metrics(attributes: Mapping[str, Any]) -> int:
    """The metrics for which an alarm is billed: each it reads, and the two bounds of an anomaly band.

    >>> alarm_metrics({"metric_name": "Errors"})
    1
    """
    queries = list(blocks(attributes.get("metric_query")))
    read = sum(1 for query in queries for _ in blocks(query.get("metric")))
    banded = any(_BAND in str(query.get("expression") or "") for query in queries)
    return max(read, 1) + (_BOUNDS_OF_A_BAND if banded else 0)


def _alarm_price(attributes: Mapping[str, Any]) -> str:
    metrics = [one for query in blocks(attributes.get("metric_query")) for one in blocks(query.get("metric"))]
    periods = [one["period"] for one in (attributes, *metrics) if isinstance(one.get("period"), int)]
    quick = min(periods, default=_HIGH_RESOLUTION_SECONDS) < _HIGH_RESOLUTION_SECONDS
    return f"cloudwatch-alarm-metric{'-high-resolution' if quick else ''}"


def _logged(item: str, bytes_a_day: float, kept: float, volumes: EventVolumes, month: Month) -> Iterator[Usage]:
    """Ingestion of a day's bytes, and storage, compressed, of what is not older than ``kept`` days."""
    yield Usage(Part.CLOUDWATCH, f"{item}, ingestion", "cloudwatch-logs-ingestion", bytes_a_day * DAYS_A_MONTH / GB)
    stored = bytes_a_day * volumes.gzip_ratio * month.days_kept(0, kept) / GB
    yield Usage(Part.CLOUDWATCH, f"{item}, storage", "cloudwatch-logs-storage", stored)


def _retention(document: Document, name: str | None) -> float:
    """Days a log group keeps what it has; one of another stack, or without retention, keeps it for ever."""
    attributes = resources(document, "aws_cloudwatch_log_group").get(name or "", {})
    return number(attributes, "retention_in_days") or math.inf


def _belongs_to_a_function(document: Document, name: str) -> bool:
    """The others hold copies of records, by category."""
    return str(resources(document, "aws_cloudwatch_log_group")[name].get("name")).startswith(_FUNCTIONS)
