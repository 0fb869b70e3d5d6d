"""R-ALM-1 to R-ALM-4: whether an alarm with other numbers rings whenever it did."""

from datetime import time
from typing import Any

import pytest

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from tests.governance.plan_review.plans import entry, reviewed, rules_of
from tests.governance.plan_review.rule_cases import ALARM

ABOVE, AT_LEAST = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold"
BELOW, AT_MOST = "LessThanThreshold", "LessThanOrEqualToThreshold"


def rules(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return rules_of(reviewed(entry("aws_cloudwatch_metric_alarm", {**ALARM, **before}, {**ALARM, **after})))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"threshold": 5}, {"threshold": 6}),
        ({"comparison_operator": AT_LEAST}, {"comparison_operator": ABOVE}),
        ({"comparison_operator": BELOW}, {"comparison_operator": BELOW, "threshold": 4}),
        ({"comparison_operator": AT_MOST}, {"comparison_operator": BELOW}),
        ({"comparison_operator": ABOVE}, {"comparison_operator": BELOW}),
        ({"period": 300}, {"period": 60}),
        ({"period": 300}, {"period": 900}),
        ({"evaluation_periods": 1}, {"evaluation_periods": 2}),
        ({"evaluation_periods": 5, "datapoints_to_alarm": 1}, {"evaluation_periods": 5, "datapoints_to_alarm": 2}),
        ({"evaluation_periods": 5, "datapoints_to_alarm": 1}, {"evaluation_periods": 1, "datapoints_to_alarm": 1}),
        ({"evaluation_periods": 5, "datapoints_to_alarm": 1}, {"evaluation_periods": 5}),
        ({"treat_missing_data": "breaching"}, {"treat_missing_data": "notBreaching"}),
        ({"treat_missing_data": "notBreaching"}, {"treat_missing_data": "ignore"}),
    ],
)
def test_what_takes_more_until_it_rings_is_told(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert rules(before, after) == {"alarm-rethresholded"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"threshold": 5}, {"threshold": 4}),
        ({"comparison_operator": ABOVE}, {"comparison_operator": AT_LEAST}),
        ({"comparison_operator": BELOW}, {"comparison_operator": BELOW, "threshold": 6}),
        ({"threshold": 0, "period": 300}, {"threshold": 0, "period": 60}),
        ({"evaluation_periods": 1}, {"evaluation_periods": 5, "datapoints_to_alarm": 1}),
        ({"treat_missing_data": "notBreaching"}, {"treat_missing_data": "breaching"}),
    ],
)
def test_what_rings_as_soon_is_not(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert rules(before, after) == set()


@pytest.mark.parametrize("name", ["metric_name", "namespace", "statistic"])
def test_another_metric_is_told(name: str) -> None:
    assert rules({}, {name: "another"}) == {"alarm-metric-changed"}


OUTSIDE, OVER, UNDER = (
    "LessThanLowerOrGreaterThanUpperThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerThreshold",
)


def band(
    width: str = ", 3", *, of: str = "calls", comparison: str = OUTSIDE, expression: str = "", **metric: Any
) -> dict[str, Any]:
    watched = {"metric_name": "IncomingLogEvents", "namespace": "AWS/Logs", "period": 900, "stat": "Sum", **metric}
    return {
        **dict.fromkeys(("metric_name", "namespace", "period", "statistic", "threshold")),
        "comparison_operator": comparison,
        "threshold_metric_id": "usual",
        "treat_missing_data": "breaching",
        "metric_query": [
            {"id": "calls", "metric": [watched], "return_data": True},
            {
                "id": "usual",
                "expression": expression or f"ANOMALY_DETECTION_BAND({of}{width})",
                "return_data": True,
            },
        ],
    }


# R-ALM-5
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (band(), band(", 3.5")),
        (band(""), band(", 2.1")),
        (band(), band(comparison=OVER)),
        (band(), band(comparison=UNDER)),
        (band(comparison=OVER), band(comparison=UNDER)),
        (band(), band(expression="FILL(calls, 0)")),
        (band(), band(period=3600)),
        (band(), {**band(), "treat_missing_data": "notBreaching"}),
        (band(), {**band(), "evaluation_periods": 3}),
        (band(), {**band(), "threshold_metric_id": "calls"}),
    ],
)
def test_a_band_that_takes_more_until_it_rings_is_told(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert "alarm-rethresholded" in rules(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (band(), band(", 2.5")),
        (band(", 2"), band("")),
        (band(), band(",3.0 ")),
        (band(comparison=OVER), band(comparison=OUTSIDE)),
        (band(), band(period=300)),
        ({**band(), "evaluation_periods": 3}, {**band(), "evaluation_periods": 3, "datapoints_to_alarm": 2}),
    ],
)
def test_a_band_that_rings_as_soon_is_not(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert rules(before, after) == set()


def test_the_band_of_another_metric_is_told() -> None:
    other = band(dimensions={"LogGroupName": "another"})
    assert rules(band(dimensions={"LogGroupName": "trail"}), other) == {"alarm-metric-changed"}
    assert "alarm-metric-changed" in rules(band(), band(of="others"))


def test_a_threshold_in_place_of_a_band_is_told() -> None:
    assert "alarm-rethresholded" in rules(band(), {"threshold_metric_id": None, "metric_query": []})


def hours(start: int, end: int) -> dict[str, Any]:
    opening = BusinessHours(start=time(start), end=time(end), time_zone="America/New_York")
    metric = {"metric_name": "m", "namespace": "n", "period": 60, "stat": "Sum"}
    made = opening.off_hours_expressions("events")
    queries = [{"id": one.id, "expression": one.expression, "return_data": one is made[-1]} for one in made]
    return {"metric_query": [{"id": "events", "metric": [metric], "return_data": False}, *queries]}


# R-ALM-3
def test_longer_business_hours_are_told_and_shorter_ones_are_not() -> None:
    assert rules(hours(8, 18), hours(8, 20)) == {"alarm-metric-changed"}
    assert rules(hours(8, 18), hours(9, 17)) == set()
