"""Metrics, metric math and searches as a dashboard's widgets write them, within CloudWatch's limits.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from cloudtrail_monitoring.validation import Settings, matching

MAX_DIMENSIONS = 30
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html"""
MAX_EXPRESSION = 2048
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_REFERENCE = re.compile(r"\b[a-z]\w*")

QueryId = Annotated[
    str, matching(r"[a-z][A-Za-z0-9_]{0,254}", "an id of letters, digits and _ that begins with a lower-case letter")
]
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"""


class Statistic(StrEnum):
    """The statistics that a widget may ask for, percentiles aside."""

    SAMPLE_COUNT = "SampleCount"
    AVERAGE = "Average"
    SUM = "Sum"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"


class Metric(Settings):
    """One metric of a widget.

    >>> Metric(namespace="AWS/Logs", name="IncomingLogEvents", dimensions={"LogGroupName": "trail"}, id="calls").item()
    ['AWS/Logs', 'IncomingLogEvents', 'LogGroupName', 'trail', {'id': 'calls'}]
    """

    namespace: str = Field(min_length=1, max_length=255)
    name: str = Field(min_length=1, max_length=255)
    dimensions: Annotated[Mapping[str, str], Field(max_length=MAX_DIMENSIONS)] = Field(default_factory=dict)
    id: QueryId | None = None
    """For expressions of the same widget."""
    label: str | None = None
    stat: Statistic | None = None
    """Where it is not the widget's."""
    visible: bool = True

    @property
    def references(self) -> set[str]:
        return set()

    def item(self) -> list[Any]:
        """The metric as the widget's ``metrics`` has it."""
        dimensions = [part for pair in self.dimensions.items() for part in pair]
        rendering = {"id": self.id, "label": self.label, "stat": self.stat, "visible": _hidden(self.visible)}
        given = {name: value for name, value in rendering.items() if value is not None}
        return [self.namespace, self.name, *dimensions, *([given] if given else [])]


class Expression(Settings):
    """Metric math, or a search, over the metrics of a widget.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

    >>> Expression(expression="IF(all > 0, 100 * good / all)", id="rate").references == {"all", "good"}
    True
    """

    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION)
    id: QueryId
    label: str | None = None
    visible: bool = True

    @property
    def references(self) -> set[str]:
        """The ids that it reads: functions and keywords are written in capitals."""
        return set(_REFERENCE.findall(_QUOTED.sub("", self.expression)))

    def item(self) -> list[Any]:
        """The expression as the widget's ``metrics`` has it."""
        rendering = {"label": self.label, "visible": _hidden(self.visible)}
        given = {name: value for name, value in rendering.items() if value is not None}
        return [{"expression": self.expression, "id": self.id, **given}]


def search(namespace: str, name: str, dimension: str, *, stat: Statistic, period_seconds: int) -> str:
    """The expression that finds a metric by every value of its one dimension.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html

    >>> search("Acme/Audit", "LoginsByCountry", "Country", stat=Statistic.SUM, period_seconds=86_400)
    'SEARCH(\\'{"Acme/Audit",Country} MetricName="LoginsByCountry"\\', \\'Sum\\', 86400)'
    """
    # what is no letter and no digit stands in quotes
    return f"""SEARCH('{{"{namespace}",{dimension}}} MetricName="{name}"', '{stat}', {period_seconds})"""


def _hidden(visible: bool) -> bool | None:
    return None if visible else False
