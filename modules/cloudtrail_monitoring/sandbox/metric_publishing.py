"""Puts metrics into the embedded CloudWatch that AWS's services publish by themselves from what happens.

Three of them: what metric filters count, what functions write in the embedded metric format, and how many events come
into a log group. Reading the filters and the functions' output is left to `metric_filters` and `embedded_metrics`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cloudtrail_monitoring.sandbox.alarm_evaluation import Datapoint, Metric
from cloudtrail_monitoring.sandbox.embedded_metrics import Measured

MOST_METRICS = 1000
"""In one call."""
_PERIOD_SECONDS = 300
"""Sums are put for five minutes at once, the shortest period that a dashboard of days draws (AWS: for each minute)."""
LOGS_NAMESPACE, EVENTS_METRIC, GROUP_DIMENSION = "AWS/Logs", "IncomingLogEvents", "LogGroupName"


def put_counted(cloudwatch: Any, datapoints: Mapping[Metric, Sequence[Datapoint]]) -> None:
    """What metric filters count."""
    for metric, points in datapoints.items():
        periods: dict[int, list[float]] = {}
        for point in points:
            periods.setdefault(point.at - point.at % _PERIOD_SECONDS, []).append(point.value)
        _put(cloudwatch, metric, periods)


def put_measured(cloudwatch: Any, measured: Iterable[Measured]) -> None:
    """What functions measure."""
    by_metric: dict[Metric, dict[int, list[float]]] = {}
    for one in measured:
        values = by_metric.setdefault(Metric(one.namespace, one.name, one.dimensions), {})
        values.setdefault(int(one.at.timestamp()), []).append(one.value)
    for metric, values in by_metric.items():
        _put(cloudwatch, metric, values)


def put_incoming_events(cloudwatch: Any, log_group: str, times: Iterable[datetime]) -> None:
    """How many events came into a log group."""
    periods = Counter(int(at.timestamp()) // _PERIOD_SECONDS * _PERIOD_SECONDS for at in times)
    metric = Metric(LOGS_NAMESPACE, EVENTS_METRIC, ((GROUP_DIMENSION, log_group),))
    _put(cloudwatch, metric, {at: [float(number)] for at, number in periods.items()})


def _put(cloudwatch: Any, metric: Metric, values: Mapping[int, Sequence[float]]) -> None:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    data = [
        {
            "MetricName": metric.name,
            "Dimensions": dimensions,
            "Timestamp": datetime.fromtimestamp(at, UTC),
            "StatisticValues": {
                "SampleCount": len(found),
                "Sum": sum(found),
                "Minimum": min(found),
                "Maximum": max(found),
            },
        }
        for at, found in sorted(values.items())
    ]
    for first in range(0, len(data), MOST_METRICS):
        cloudwatch.put_metric_data(Namespace=metric.namespace, MetricData=data[first : first + MOST_METRICS])
