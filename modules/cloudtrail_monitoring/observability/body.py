"""A dashboard as CloudWatch takes it: widgets in rows, each row as wide as the grid, whatever stands in it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from cloudtrail_monitoring.observability.widgets import MetricWidget, Widget
from cloudtrail_monitoring.validation import Settings, fault, matching

COLUMNS = 24
MAX_HEIGHT = 1000
MAX_WIDGETS = 500
MAX_METRICS = 2500
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

DashboardName = Annotated[str, matching(r"[A-Za-z0-9_-]{1,255}", "a name of up to 255 letters, digits, - and _")]
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"""


class Row(NamedTuple):
    """Widgets side by side; those that are ``None`` are left out, and the others share their room."""

    height: int
    widgets: Sequence[Widget | None]


class PlacedWidget(Settings):
    """A widget on the grid of 24 columns."""

    widget: Widget
    x: int = Field(ge=0, lt=COLUMNS)
    y: int = Field(ge=0)
    width: int = Field(ge=1, le=COLUMNS)
    height: int = Field(ge=1, le=MAX_HEIGHT)

    @model_validator(mode="after")
    def _within_the_grid(self) -> Self:
        if self.x + self.width > COLUMNS:
            raise fault(
                "widget {title}: ends at column {end}, and a dashboard has {columns}",
                title=repr(self.widget.title),
                end=self.x + self.width,
                columns=COLUMNS,
            )
        return self

    def overlaps(self, other: "PlacedWidget") -> bool:
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        below = self.y + self.height <= other.y or other.y + other.height <= self.y
        return not (beside or below)

    def body(self) -> dict[str, Any]:
        return {
            "type": self.widget.type,
            **{name: getattr(self, name) for name in ("x", "y", "width", "height")},
            "properties": self.widget.properties(),
        }


def _apart(widgets: tuple[PlacedWidget, ...]) -> tuple[PlacedWidget, ...]:
    for position, one in enumerate(widgets):
        for other in widgets[:position]:
            if one.overlaps(other):
                raise fault("widget {one} overlaps {other}", one=repr(one.widget.title), other=repr(other.widget.title))
    return widgets


class DashboardBody(Settings):
    """A whole dashboard."""

    name: DashboardName
    widgets: Annotated[tuple[PlacedWidget, ...], Field(max_length=MAX_WIDGETS), AfterValidator(_apart)]
    days_shown: int = Field(ge=1)
    """How far back it looks when it is opened."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        count = sum(len(one.widget.metrics) for one in self.widgets if isinstance(one.widget, MetricWidget))
        if count > MAX_METRICS:
            raise fault("dashboard: {count} metrics, and CloudWatch takes {most}", count=count, most=MAX_METRICS)
        return self

    def body(self) -> dict[str, Any]:
        """What ``PutDashboard`` takes, as data. Each widget's own period holds, whatever range is looked at."""
        return {
            "start": f"-P{self.days_shown}D",
            "periodOverride": "inherit",
            "widgets": [one.body() for one in self.widgets],
        }


def in_rows(rows: Iterable[Row]) -> Iterator[PlacedWidget]:
    """The widgets on the grid, row below row.

    >>> [(one.x, one.width) for one in in_rows([Row(3, [text, None, text])])]  # doctest: +SKIP
    [(0, 12), (12, 12)]
    """
    y = 0
    for row in rows:
        present = [widget for widget in row.widgets if widget is not None]
        edges = [COLUMNS * place // len(present) for place in range(len(present) + 1)] if present else []
        for widget, x, end in zip(present, edges, edges[1:], strict=False):
            yield PlacedWidget(widget=widget, x=x, y=y, width=end - x, height=row.height)
        y += row.height if present else 0
