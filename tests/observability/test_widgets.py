"""Widgets and dashboards within CloudWatch's limits: both sides of each bound, and what the error names."""

from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.observability.body import DashboardBody, PlacedWidget, Row, in_rows
from cloudtrail_monitoring.observability.metric_queries import MAX_EXPRESSION, Expression, Metric, Statistic, search
from cloudtrail_monitoring.observability.widgets import (
    AlarmState,
    AlarmWidget,
    LogWidget,
    MetricWidget,
    TextWidget,
    View,
)

TEXT = TextWidget(title="header", markdown="# Here")


def chart(*metrics: Metric | Expression, **more: Any) -> MetricWidget:
    return MetricWidget(title="Logins", region="us-east-1", view=View.TIME_SERIES, metrics=metrics, **more)


def many(count: int) -> tuple[Metric, ...]:
    return (Metric(namespace="Acme", name="logins"),) * count


def placed(widget: Any = TEXT, **place: int) -> PlacedWidget:
    return PlacedWidget(widget=widget, **{"x": 0, "y": 0, "width": 6, "height": 6, **place})


def dashboard(*widgets: PlacedWidget, name: str = "acme-overview") -> DashboardBody:
    return DashboardBody(name=name, widgets=widgets, days_shown=7)


@pytest.mark.parametrize("count", [1, 500])
def test_a_chart_takes_500_metrics(count: int) -> None:
    assert len(chart(*many(count)).properties()["metrics"]) == count


@pytest.mark.parametrize("count", [0, 501])
def test_a_chart_of_none_or_too_many_is_named_with_the_bound(count: int) -> None:
    with pytest.raises(ValidationError, match=rf"widget 'Logins': {count} metrics, and CloudWatch takes 1 to 500"):
        chart(*many(count))


@pytest.mark.parametrize("count", [1, 100])
def test_an_alarm_widget_takes_100_alarms(count: int) -> None:
    assert len(AlarmWidget(title="Red", alarms=("arn",) * count).properties()["alarms"]) == count


@pytest.mark.parametrize("count", [0, 101])
def test_an_alarm_widget_of_none_or_too_many_is_named_with_the_bound(count: int) -> None:
    with pytest.raises(ValidationError, match=f"widget 'Red': {count} alarms, and CloudWatch takes 1 to 100"):
        AlarmWidget(title="Red", alarms=("arn",) * count)


def test_an_alarm_widget_filters_by_state_where_it_is_asked_to() -> None:
    assert "states" not in AlarmWidget(title="Red", alarms=("arn",)).properties()
    assert AlarmWidget(title="Red", alarms=("arn",), states=(AlarmState.ALARM,)).properties()["states"] == ["ALARM"]


@pytest.mark.parametrize(("length", "valid"), [(1, True), (10_000, True), (0, False), (10_001, False)])
def test_a_query_has_10000_characters_at_most(length: int, valid: bool) -> None:
    given = {"title": "Table", "region": "us-east-1", "log_group_name": "trail", "query": "#" * length}
    if valid:
        assert LogWidget.model_validate(given).properties()["query"].startswith("SOURCE 'trail' | #")
    else:
        with pytest.raises(ValidationError, match=f"widget 'Table': {length} characters of query"):
            LogWidget.model_validate(given)


@pytest.mark.parametrize(("period", "valid"), [(60, True), (86_400, True), (0, False), (90, False), (86_460, False)])
def test_periods_are_whole_minutes_up_to_a_day(period: int, valid: bool) -> None:
    if valid:
        assert chart(*many(1), period=period).properties()["period"] == period
    else:
        with pytest.raises(ValidationError, match="period"):
            chart(*many(1), period=period)


@pytest.mark.parametrize("id_", ["Logins", "1st", "with-mfa", "", "a" * 256])
def test_an_id_begins_with_a_small_letter(id_: str) -> None:
    with pytest.raises(ValidationError, match="lower-case letter"):
        Expression(expression="1", id=id_)


def test_ids_stand_once_in_a_widget() -> None:
    with pytest.raises(ValidationError, match="widget 'Logins': the id m1 stands more than once"):
        chart(Metric(namespace="Acme", name="logins", id="m1"), Expression(expression="m1 * 2", id="m1"))


def test_an_expression_reads_what_its_widget_has() -> None:
    with pytest.raises(ValidationError, match="the expression rate reads failures, which is no id of this widget"):
        chart(
            Metric(namespace="Acme", name="logins", id="logins"),
            Expression(expression="100 * FILL(failures, 0) / logins", id="rate"),
        )


def test_what_a_search_looks_for_is_no_id() -> None:
    found = search("Acme/audit", "LoginsByCountry", "Country", stat=Statistic.SUM, period_seconds=60)
    assert Expression(expression=found, id="e1").references == set()


@pytest.mark.parametrize(("length", "valid"), [(MAX_EXPRESSION, True), (MAX_EXPRESSION + 1, False)])
def test_an_expression_has_2048_characters_at_most(length: int, valid: bool) -> None:
    if valid:
        Expression(expression="1" * length, id="e1")
    else:
        with pytest.raises(ValidationError, match="2048"):
            Expression(expression="1" * length, id="e1")


@pytest.mark.parametrize(
    "place", [{"x": 18, "width": 7}, {"x": 24}, {"x": -1}, {"y": -1}, {"width": 0}, {"height": 0}, {"height": 1001}]
)
def test_a_widget_outside_the_grid_is_refused(place: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        placed(**place)


@pytest.mark.parametrize("place", [{"x": 18}, {"x": 23, "width": 1}, {"width": 24}, {"height": 1000}])
def test_a_widget_may_reach_the_edge(place: dict[str, int]) -> None:
    assert placed(**place).body()["type"] == "text"


def test_widgets_do_not_overlap() -> None:
    assert dashboard(placed(), placed(x=6), placed(y=6))
    with pytest.raises(ValidationError, match="widget 'header' overlaps 'header'"):
        dashboard(placed(), placed(x=5, y=5))


@pytest.mark.parametrize(("count", "valid"), [(500, True), (501, False)])
def test_a_dashboard_has_500_widgets_at_most(count: int, valid: bool) -> None:
    widgets = tuple(in_rows(Row(1, [TEXT]) for _ in range(count)))
    if valid:
        assert len(dashboard(*widgets).body()["widgets"]) == count
    else:
        with pytest.raises(ValidationError, match="500"):
            dashboard(*widgets)


@pytest.mark.parametrize(("further", "valid"), [(0, True), (1, False)])
def test_a_dashboard_has_2500_metrics_at_most(further: int, valid: bool) -> None:
    charts = [chart(*many(500)) for _ in range(5)] + [chart(*many(one)) for one in [further] if one]
    widgets = tuple(in_rows(Row(6, [one]) for one in charts))
    if valid:
        assert dashboard(*widgets)
    else:
        with pytest.raises(ValidationError, match="dashboard: 2501 metrics, and CloudWatch takes 2500"):
            dashboard(*widgets)


@pytest.mark.parametrize(
    ("name", "valid"),
    [("acme-audit_overview", True), ("a" * 255, True), ("a" * 256, False), ("a.b", False), ("", False)],
)
def test_a_name_is_one_that_cloudwatch_takes(name: str, valid: bool) -> None:
    if valid:
        assert dashboard(name=name).name == name
    else:
        with pytest.raises(ValidationError, match="up to 255 letters"):
            dashboard(name=name)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 24])
def test_a_row_fills_the_grid_whatever_stands_in_it(count: int) -> None:
    widgets = list(in_rows([Row(3, [None, *[TEXT] * count, None])]))
    assert widgets[0].x == 0
    assert [one.x + one.width for one in widgets] == [*(one.x for one in widgets[1:]), 24]


def test_an_empty_row_takes_no_room() -> None:
    assert [one.y for one in in_rows([Row(3, [TEXT]), Row(9, [None]), Row(9, []), Row(3, [TEXT])])] == [0, 3]
