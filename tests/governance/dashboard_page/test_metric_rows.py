"""The shorthand of a metric widget's rows, written out as CloudWatch reads it."""

from typing import Any

import pytest

from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError
from cloudtrail_monitoring.governance.dashboard_page.metric_rows import read_rows


def metrics(*rows: list[Any], **properties: Any) -> list[tuple[str, str, dict[str, str]]]:
    found = []
    for row in read_rows({"metrics": list(rows), **properties}):
        metric = row.query["MetricStat"]["Metric"]
        pairs = {pair["Name"]: pair["Value"] for pair in metric["Dimensions"]}
        found.append((metric["Namespace"], metric["MetricName"], pairs))
    return found


def test_a_dot_repeats_what_stands_above_it() -> None:
    assert metrics(["AWS/Lambda", "Errors", "FunctionName", "router"], [".", "Throttles", ".", "intake"]) == [
        ("AWS/Lambda", "Errors", {"FunctionName": "router"}),
        ("AWS/Lambda", "Throttles", {"FunctionName": "intake"}),
    ]


def test_three_dots_repeat_all_that_is_not_written() -> None:
    rows = metrics(["AWS/Lambda", "Errors", "FunctionName", "router"], ["...", "intake", {"label": "i"}], ["..."])
    assert [pairs["FunctionName"] for _, _, pairs in rows] == ["router", "intake", "intake"]


def test_a_row_s_own_options_win_over_the_widget_s() -> None:
    rows = read_rows(
        {"metrics": [["A", "b", {"stat": "Sum", "period": 60}], ["A", "c"]], "stat": "Maximum", "period": 3600}
    )
    assert [(row.query["MetricStat"]["Stat"], row.period_seconds) for row in rows] == [("Sum", 60), ("Maximum", 3600)]


def test_without_options_cloudwatch_s_defaults_hold() -> None:
    (row,) = read_rows({"metrics": [["A", "b"]]})
    assert (row.query["MetricStat"]["Stat"], row.period_seconds, row.visible, row.on_the_right) == (
        "Average",
        300,
        True,
        False,
    )


def test_an_expression_is_asked_for_as_it_is_written() -> None:
    hidden, shown = read_rows(
        {
            "metrics": [
                ["A", "b", {"id": "m1", "visible": False}],
                [{"expression": "m1 * 2", "id": "e1", "label": "twice", "color": "#0072b2", "yAxis": "right"}],
            ],
            "period": 60,
        }
    )
    assert hidden.query["ReturnData"] is False
    assert shown.query == {"Id": "e1", "Expression": "m1 * 2", "Period": 60, "Label": "twice", "ReturnData": True}
    assert (shown.colour, shown.on_the_right) == ("#0072b2", True)


def test_a_colour_that_is_none_is_not_taken_over() -> None:
    (row,) = read_rows({"metrics": [["A", "b", {"color": "red; background: url(//evil)"}]]})
    assert row.colour is None


@pytest.mark.parametrize(
    ("expression", "period"),
    [("SEARCH('{A,B} MetricName=\"c\"', 'Sum', 86400)", 86400), ("m1 * 2", None)],
)
def test_a_search_has_the_period_it_names(expression: str, period: int | None) -> None:
    (row,) = read_rows({"metrics": [[{"expression": expression, "id": "e1"}]]})
    assert row.period_seconds == period


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("A", "are not a list"),
        (["A"], "row 1 of the metrics is not a list"),
        ([["A"]], "row 1 of the metrics is not a namespace, a name and pairs"),
        ([["A", "b", "Dimension"]], "pairs of dimensions"),
        ([["A", "b"], [".", ".", ".", "x"]], "row 2 of the metrics repeats what the row before does not have"),
        ([["A", "b", {"period": "hour"}]], "a period of 'hour' is not a number of seconds"),
    ],
)
def test_what_is_no_row_is_refused(rows: Any, why: str) -> None:
    with pytest.raises(DashboardError, match=why):
        read_rows({"metrics": rows})
