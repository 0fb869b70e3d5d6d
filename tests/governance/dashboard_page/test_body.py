"""A dashboard's body: places, spans of time, and what is refused in one line."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError, Place, read_dashboard

NOW = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)


def body(*widgets: object, **rest: object) -> str:
    return json.dumps({"widgets": list(widgets), **rest})


def text(**place: object) -> dict[str, Any]:
    return {"type": "text", **place, "properties": {"markdown": "x"}}


def test_widgets_come_in_reading_order() -> None:
    dashboard = read_dashboard(body(text(x=0, y=6), text(x=12, y=0), text(x=0, y=0)))
    assert [widget.place[:2] for widget in dashboard.widgets] == [(0, 0), (12, 0), (0, 6)]


def test_a_widget_without_a_place_follows_the_one_before_or_starts_a_row() -> None:
    dashboard = read_dashboard(body(text(width=18), text(), text()))
    assert [widget.place for widget in dashboard.widgets] == [Place(0, 0, 18, 6), Place(18, 0, 6, 6), Place(0, 6, 6, 6)]


def test_a_widget_of_an_unknown_type_is_kept() -> None:
    (widget,) = read_dashboard(body({"type": "explorer", "properties": {"title": "All"}})).widgets
    assert (widget.type, widget.title) == ("explorer", "All")


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("-P7D", datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
        ("-PT8H", datetime(2026, 3, 8, 22, 30, tzinfo=UTC)),
        ("-P1DT30M", datetime(2026, 3, 8, 6, 0, tzinfo=UTC)),
        ("-P1W", datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
        ("2026-03-01T00:00:00Z", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T00:00:00", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_dashboard_says_how_far_back_it_looks(start: str, first: datetime) -> None:
    assert read_dashboard(body(start=start)).span(NOW) == (first, NOW)


def test_a_dashboard_without_a_start_shows_three_hours() -> None:
    assert read_dashboard(body()).span(NOW).start == datetime(2026, 3, 9, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize("start", ["yesterday", "P", "-PT", "-P99999999D", "2026-03-10T00:00:00Z"])
def test_a_span_that_is_none_is_refused(start: str) -> None:
    with pytest.raises(DashboardError, match="the dashboard"):
        read_dashboard(body(start=start)).span(NOW)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", 'has no list of "widgets"'),
        (body("text"), "widget 1 has no type"),
        (body(text(), {"type": "text", "properties": []}), "widget 2: its properties are not an object"),
        (body(text(width=25)), "width 25 is more than the grid's 24 columns"),
        (body(text(width=12, x=13, y=0)), "x is 13, outside the grid"),
        (body(text(x=0, y=-1)), "y is -1, outside the grid"),
        (body(text(height=True)), "height is True"),
    ],
)
def test_what_is_no_dashboard_is_refused_in_one_line(written: str, why: str) -> None:
    with pytest.raises(DashboardError, match=why) as refused:
        read_dashboard(written)
    assert "\n" not in str(refused.value)
