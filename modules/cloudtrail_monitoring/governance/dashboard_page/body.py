"""A dashboard's body as CloudWatch documents it: widgets, their places on the 24 columns, and the span of time.

A widget of an unknown type is kept as it is: what becomes of it is the page's. The rows of a metric widget are read by
`metric_rows`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

COLUMNS = 24
DEFAULT_SIZE = 6
DEFAULT_SPAN = timedelta(hours=3)
"""What a dashboard shows that names no start."""

_UNITS = {"Y": 365 * 86400, "M": 30 * 86400, "W": 7 * 86400, "D": 86400}
_TIME_UNITS = {"H": 3600, "M": 60, "S": 1}
_DURATION = re.compile(r"-?P((?:\d+[YMWD])*)(?:T((?:\d+[HMS])+))?")


class DashboardError(ValueError):
    """A dashboard that can't be read or shown; ``str()`` is one line."""


class Place(NamedTuple):
    """Where a widget lies on the grid, in columns and rows."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Widget:
    """One widget; ``properties`` as the body has them."""

    type: str
    place: Place
    properties: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What stands above it, if anything."""
        return str(self.properties.get("title") or "")


class Span(NamedTuple):
    """From when until when."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Dashboard:
    """A dashboard's widgets in reading order, and what its body says about time."""

    widgets: tuple[Widget, ...]
    start: str | None = None
    end: str | None = None

    def span(self, now: datetime) -> Span:
        """What a reader sees who opens it at ``now``.

        Raises:
            DashboardError: the body's times can't be read, or end before they start.
        """
        end = _moment(self.end, now) if self.end else now
        start = _moment(self.start, now) if self.start else end - DEFAULT_SPAN
        if start >= end:
            raise DashboardError(f"the dashboard starts at {self.start} and ends at {self.end or 'now'}")
        return Span(start, end)


def read_dashboard(body: str) -> Dashboard:
    """Read a dashboard's body.

    Raises:
        DashboardError: it is not a dashboard's body.

    >>> read_dashboard('{"widgets": [{"type": "text", "properties": {"markdown": "# Logins"}}]}').widgets[0].place
    Place(x=0, y=0, width=6, height=6)
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DashboardError(f"the dashboard's body is not JSON: {error}") from None
    widgets = read.get("widgets") if isinstance(read, dict) else None
    if not isinstance(widgets, list):
        raise DashboardError('the dashboard\'s body has no list of "widgets"')
    placed: list[Widget] = []
    for number, widget in enumerate(widgets, 1):
        placed.append(_widget(widget, number, placed))
    in_order = sorted(placed, key=lambda widget: (widget.place.y, widget.place.x))
    return Dashboard(tuple(in_order), _text(read.get("start")), _text(read.get("end")))


def _widget(widget: object, number: int, before: Sequence[Widget]) -> Widget:
    if not isinstance(widget, dict) or not isinstance(widget.get("type"), str):
        raise DashboardError(f"widget {number} has no type")
    properties = widget.get("properties", {})
    if not isinstance(properties, dict):
        raise DashboardError(f"widget {number}: its properties are not an object")
    width, height = _size(widget, "width", number), _size(widget, "height", number)
    if width > COLUMNS:
        raise DashboardError(f"widget {number}: width {width} is more than the grid's {COLUMNS} columns")
    x, y = widget.get("x"), widget.get("y")
    if x is None or y is None:
        x, y = _next_place(before, width)
    for name, value, most in (("x", x, COLUMNS - width), ("y", y, None)):
        if not _is_whole(value) or value < 0 or (most is not None and value > most):
            raise DashboardError(f"widget {number}: {name} is {value!r}, outside the grid")
    return Widget(widget["type"], Place(x, y, width, height), properties)


def _size(widget: Mapping[str, Any], name: str, number: int) -> int:
    value = widget.get(name, DEFAULT_SIZE)
    if not _is_whole(value) or not 1 <= value <= 1000:
        raise DashboardError(f"widget {number}: {name} is {value!r}, not a whole number from 1 to 1000")
    return int(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _next_place(before: Sequence[Widget], width: int) -> tuple[int, int]:
    """To the right of the last widget, or below all of them."""
    if not before:
        return 0, 0
    last = before[-1].place
    if last.x + last.width + width <= COLUMNS:
        return last.x + last.width, last.y
    return 0, max(widget.place.y + widget.place.height for widget in before)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(text: str, now: datetime) -> datetime:
    found = _DURATION.fullmatch(text)
    if found and any(found.groups()):
        parts = (*_parts(found[1], _UNITS), *_parts(found[2], _TIME_UNITS))
        try:
            return now - timedelta(seconds=sum(parts))
        except OverflowError:
            raise DashboardError(f"the dashboard's time {text} is too far back") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DashboardError(f"the dashboard's time {text!r} is neither -PT8H nor 2026-03-09T08:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parts(text: str | None, units: Mapping[str, int]) -> list[int]:
    return [int(number) * units[unit] for number, unit in re.findall(r"(\d+)([A-Z])", text or "")]
