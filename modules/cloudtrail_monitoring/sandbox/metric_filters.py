"""The metric filters of the trail's log group as deployed, and the datapoints they publish for CloudTrail records.

Filters are read back through boto3. A datapoint carries the time of its event; in the account it is the time at which
CloudWatch Logs takes the event in, minutes later. What alarms make of the datapoints is left to ``alarm_evaluation``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, PatternSyntaxError
from cloudtrail_monitoring.sandbox.alarm_evaluation import Datapoint, Metric
from cloudtrail_monitoring.sandbox.event_bus import Client
from cloudtrail_monitoring.simulation.records import Record


class ReplayError(ValueError):
    """The deployed environment cannot be replayed against; ``str()`` is one line that says why."""


@dataclass(frozen=True)
class MetricFilter:
    """A deployed metric filter."""

    id: str
    """Its name without the environment's prefix: the id of the detection."""
    pattern: FilterPattern
    metric: Metric
    value: str
    """A number, or a selector such as `$.requestParameters.size`."""
    default: float | None
    dimensions: Mapping[str, str]
    """Selectors by dimension name."""


class Observations:
    """The datapoints of some filters, collected event by event; events are numbered from 0 in the order given."""

    def __init__(self, filters: Sequence[MetricFilter]) -> None:
        self._filters = filters
        self._points: dict[Metric, list[Datapoint]] = {}
        self._minutes: set[int] = set()

    def add(self, number: int, at: datetime, record: Record) -> tuple[str, ...]:
        """Publish what the filters make of one record; the ids of the filters that match, each once."""
        seconds = int(at.timestamp())
        self._minutes.add(seconds - seconds % 60)
        matched = [filter_ for filter_ in self._filters if filter_.pattern.matches(record)]
        for filter_ in matched:
            value = _number(filter_.value, record)
            names = {name: _selected(selector, record) for name, selector in filter_.dimensions.items()}
            if value is None or None in names.values():
                continue  # nothing is published where the value or a dimension is missing
            metric = filter_.metric._replace(dimensions=tuple(sorted((name, str(of)) for name, of in names.items())))
            self._points.setdefault(metric, []).append(Datapoint(seconds, value, number))
        return tuple(dict.fromkeys(filter_.id for filter_ in matched))

    def datapoints(self) -> dict[Metric, list[Datapoint]]:
        """The datapoints in order of time; a filter's default value stands where a minute had records but no match."""
        for filter_ in self._filters:
            if filter_.default is None:
                continue
            points = self._points.setdefault(filter_.metric, [])
            silent = self._minutes - {point.at - point.at % 60 for point in points}
            points.extend(Datapoint(minute, filter_.default, None) for minute in silent)
        return {metric: sorted(points, key=attrgetter("at")) for metric, points in self._points.items()}


def log_groups(client: Client) -> tuple[str, list[str]]:
    """The home Region, and the names of the log groups that the logging trails deliver to.

    Raises:
        ReplayError: No trail that is logging delivers to a log group.
    """
    cloudtrail = client("cloudtrail")
    home, groups = "", []
    for trail in cloudtrail.describe_trails()["trailList"]:
        if not cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"]:
            continue
        arn = trail.get("CloudWatchLogsLogGroupArn")
        if arn:
            home = home or trail["HomeRegion"]
            groups.append(arn.split(":log-group:")[1].removesuffix(":*"))
    if not groups:
        raise ReplayError("no trail that is logging delivers to a CloudWatch log group: deploy the environment first")
    return home, list(dict.fromkeys(groups))


def read_filters(logs: Any, log_group: str, prefix: str) -> Iterator[MetricFilter]:
    """The metric filters of a log group; ``prefix`` begins their names."""
    pages = logs.get_paginator("describe_metric_filters").paginate(logGroupName=log_group)
    for found in (found for page in pages for found in page["metricFilters"]):
        try:
            pattern = FilterPattern.parse(found["filterPattern"])
        except PatternSyntaxError as error:
            raise ReplayError(f"metric filter {found['filterName']}: {error}") from error
        for change in found["metricTransformations"]:
            default = change.get("defaultValue")
            yield MetricFilter(
                id=without_prefix(found["filterName"], prefix),
                pattern=pattern,
                metric=Metric(change["metricNamespace"], change["metricName"]),
                value=change["metricValue"],
                default=None if default is None else float(default),
                dimensions=change.get("dimensions") or {},
            )


def without_prefix(name: str, prefix: str) -> str:
    """A deployed name without the environment's prefix and the hyphen after it.

    >>> without_prefix("xyz-corp-prod-root-activity", "xyz-corp-prod")
    'root-activity'
    """
    return name.removeprefix(f"{prefix.removesuffix('-')}-")


def _selected(selector: str, record: Record) -> object:
    """The value at a selector such as `$.userIdentity.type`; `None` if there is none."""
    value: object = record
    for name in selector.removeprefix("$").split(".")[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _number(text: str, record: Record) -> float | None:
    value = _selected(text, record) if text.startswith("$") else text
    try:
        # a field may hold anything; what is no number is caught below
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
