"""The widgets of a CloudWatch dashboard as typed data, with every limit that AWS documents for them.

A wrong widget fails at construction and names itself and the bound. What is shown is left to ``panels``, and where it
stands on the grid to ``body``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from cloudtrail_monitoring.observability.metric_queries import Expression, Metric, Statistic
from cloudtrail_monitoring.validation import RegionName, Settings, fault, matching

MAX_ALARMS = 100
MAX_METRICS = 500
"""Metrics and expressions together, the hidden ones included."""
MAX_QUERY = 10_000
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html"""

Period = Annotated[int, Field(ge=60, le=86_400, multiple_of=60)]
"""In seconds; a day is the most.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""


class View(StrEnum):
    """How a widget draws its metrics. ``gauge`` is not among them: it needs fixed ends."""

    TIME_SERIES = "timeSeries"
    SINGLE_VALUE = "singleValue"
    BAR = "bar"
    PIE = "pie"
    TABLE = "table"


class AlarmState(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class TextWidget(Settings):
    """Markdown; ``title`` names it in errors and is not shown."""

    title: str = Field(min_length=1)
    markdown: str = Field(min_length=1)

    @property
    def type(self) -> str:
        return "text"

    def properties(self) -> dict[str, Any]:
        """What CloudWatch calls the widget's properties."""
        return {"markdown": self.markdown}


class AlarmWidget(Settings):
    """The states of alarms: those in alarm first, and of equals those that changed last."""

    title: str = Field(min_length=1)
    alarms: tuple[str, ...]
    """ARNs, 1 to 100 of them."""
    states: tuple[AlarmState, ...] = ()
    """Shows only alarms in one of these; none: all."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_bound(self.title, "alarms", len(self.alarms), MAX_ALARMS)
        return self

    @property
    def type(self) -> str:
        return "alarm"

    def properties(self) -> dict[str, Any]:
        """What CloudWatch calls the widget's properties."""
        states = {"states": [state.value for state in self.states]} if self.states else {}
        return {"title": self.title, "alarms": list(self.alarms), "sortBy": "stateUpdatedTimestamp", **states}


class LogWidget(Settings):
    """The answer to a Logs Insights query, as a table."""

    title: str = Field(min_length=1)
    region: RegionName
    log_group_name: Annotated[str, matching(r"[\w./#-]{1,512}", "a log group's name")]
    query: str
    """1 to 10,000 characters."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_bound(self.title, "characters of query", len(self.query), MAX_QUERY)
        return self

    @property
    def type(self) -> str:
        return "log"

    def properties(self) -> dict[str, Any]:
        """What CloudWatch calls the widget's properties."""
        return {
            "title": self.title,
            "region": self.region,
            "query": f"SOURCE '{self.log_group_name}' | {self.query}",
            "view": "table",
        }


class MetricWidget(Settings):
    """Metrics, and expressions over them."""

    title: str = Field(min_length=1)
    region: RegionName
    view: View
    metrics: tuple[Metric | Expression, ...]
    """1 to 500."""
    period: Period = 300
    """Of all of them, in seconds."""
    stat: Statistic = Statistic.SUM
    sparkline: bool = False
    """A line of the whole range below the number, for ``View.SINGLE_VALUE``."""
    stacked: bool = False
    """For ``View.TIME_SERIES``."""
    least: float | None = None
    most: float | None = None
    """The ends of the left axis; ``None``: CloudWatch finds them."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_bound(self.title, "metrics", len(self.metrics), MAX_METRICS)
        ids = [metric.id for metric in self.metrics if metric.id]
        if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
            raise fault("widget {title}: the id {id} stands more than once", title=repr(self.title), id=twice[0])
        for metric in self.metrics:
            if unknown := sorted(metric.references - set(ids)):
                raise fault(
                    "widget {title}: the expression {id} reads {unknown}, which is no id of this widget",
                    title=repr(self.title),
                    id=metric.id,
                    unknown=unknown[0],
                )
        return self

    @property
    def type(self) -> str:
        return "metric"

    def properties(self) -> dict[str, Any]:
        """What CloudWatch calls the widget's properties."""
        ends = {name: end for name, end in (("min", self.least), ("max", self.most)) if end is not None}
        return {
            "title": self.title,
            "region": self.region,
            "view": self.view.value,
            "period": self.period,
            "stat": self.stat.value,
            "metrics": [metric.item() for metric in self.metrics],
            # beside the label one column, with the sum of the range
            **({"table": {"summaryColumns": ["SUM"], "showTimeSeriesData": False}} if self.view is View.TABLE else {}),
            **({"sparkline": True} if self.sparkline else {}),
            **({"stacked": True} if self.stacked else {}),
            **({"yAxis": {"left": ends}} if ends else {}),
        }


Widget = TextWidget | AlarmWidget | LogWidget | MetricWidget


def _check_bound(title: str, what: str, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise fault(
            "widget {title}: {count} {what}, and CloudWatch takes 1 to {most}",
            title=repr(title),
            count=count,
            what=what,
            most=most,
        )
