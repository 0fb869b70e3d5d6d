"""CloudWatch's charges: what is counted in the output (R-CST-1)."""

from collections import defaultdict
from typing import Any

import pytest

from cloudtrail_monitoring.governance.cost.cloudwatch import alarm_metrics, cloudwatch_usage
from cloudtrail_monitoring.governance.cost.trails import read_trails
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, GB, Month
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from tests.governance.cost.stacks import LOG_GROUP, NOTHING, stack, trail, volumes

RECORDED = volumes(management_writes_a_day=1_000_000, event_bytes=1_000, gzip_ratio=0.1)


def charged(
    document: dict[str, Any], declared: EventVolumes = NOTHING, month: int = 84, runs: float = 0
) -> dict[str, float]:
    """Quantities by price, without what is none."""
    found: dict[str, float] = defaultdict(float)
    invocations = {"router": runs}
    for usage in cloudwatch_usage(document, read_trails(document, declared), declared, invocations, Month(month)):
        found[usage.price] += usage.quantity
    return {price: quantity for price, quantity in found.items() if quantity}


def log_group(days: int | None, name: str = "CloudTrail/audit") -> dict[str, Any]:
    return {"name": name, "retention_in_days": days}


def metric_filter(name: str, namespace: str = "Acme") -> dict[str, Any]:
    return {"metric_transformation": {"name": name, "namespace": namespace}}


def query(expression: str | None = None) -> dict[str, Any]:
    if expression:
        return {"expression": expression}
    return {"metric": [{"metric_name": "calls", "namespace": "Acme", "period": 300}]}


def test_events_are_ingested_with_26_bytes_each_and_kept_compressed() -> None:
    # R-TRL-4
    document = stack(trail(cloud_watch_logs_group_arn=LOG_GROUP), aws_cloudwatch_log_group={"trail": log_group(365)})
    gb_a_day = 1_000_000 * 1_026 / GB
    assert charged(document, RECORDED) == {
        "cloudwatch-logs-ingestion": pytest.approx(gb_a_day * DAYS_A_MONTH),
        "cloudwatch-logs-storage": pytest.approx(gb_a_day * 0.1 * 365),
    }


@pytest.mark.parametrize(("days", "kept"), [(30, 30), (365, 365), (None, 83.5 * 30.4375), (0, 83.5 * 30.4375)], ids=str)
def test_retention_decides_what_is_stored(days: int | None, kept: float) -> None:
    document = stack(trail(cloud_watch_logs_group_arn=LOG_GROUP), aws_cloudwatch_log_group={"trail": log_group(days)})
    stored = charged(document, RECORDED)["cloudwatch-logs-storage"]
    assert stored == pytest.approx(1_000_000 * 1_026 / GB * 0.1 * kept)


def test_a_trail_without_a_log_group_ingests_nothing() -> None:
    assert charged(stack(trail()), RECORDED) == {}


def test_what_responders_look_at_is_copied_into_the_category_log_groups() -> None:
    # R-QRY-4
    groups = {"trail": log_group(365), "iam": log_group(30, "CloudTrail/IAMEvents")}
    document = stack(
        trail(cloud_watch_logs_group_arn=LOG_GROUP),
        aws_cloudwatch_log_group=groups,
        aws_cloudwatch_log_subscription_filter={"intake": {"destination_arn": "${aws_lambda_function.intake.arn}"}},
    )
    found = charged(document, volumes(responder_events_a_day=1_000, event_bytes=1_000, gzip_ratio=0.1))
    assert found["cloudwatch-logs-ingestion"] == pytest.approx(1_000 * 1_026 * DAYS_A_MONTH / GB)
    assert found["cloudwatch-logs-storage"] == pytest.approx(1_000 * 1_026 * 0.1 * 30 / GB)


def test_functions_log_a_kilobyte_a_run() -> None:
    document = stack(aws_cloudwatch_log_group={"router": log_group(30, "/aws/lambda/router")})
    found = charged(document, runs=10_000)
    assert found["cloudwatch-logs-ingestion"] == pytest.approx(10_000 * 1_050 * DAYS_A_MONTH / GB)


def test_a_metric_that_two_filters_write_is_one() -> None:
    filters = {"a": metric_filter("created"), "b": metric_filter("created"), "c": metric_filter("deleted")}
    assert charged(stack(aws_cloudwatch_log_metric_filter=filters)) == {"cloudwatch-metric": 2}


def test_metrics_of_aws_are_free_and_those_of_functions_are_not() -> None:
    alarms = {
        "errors": {"metric_name": "Errors", "namespace": "AWS/Lambda"},
        "gaps": {"metric_name": "gaps", "namespace": "Acme"},
    }
    assert charged(stack(aws_cloudwatch_metric_alarm=alarms)) == {"cloudwatch-metric": 1, "cloudwatch-alarm-metric": 2}


def test_metrics_are_billed_by_the_hours_with_data() -> None:
    document = stack(aws_cloudwatch_log_metric_filter={"a": metric_filter("created")})
    assert charged(document, volumes(metric_hours_share=0.25)) == {"cloudwatch-metric": 0.25}


@pytest.mark.parametrize(
    ("alarm", "metrics"),
    [
        ({"metric_name": "Errors"}, 1),
        ({"metric_query": [query(), query("IF(HOUR(m)<8,m,0)")]}, 1),
        ({"metric_query": [query(), query(), query("a+b")]}, 2),
        # R-ALM-5: what is watched, and the two bounds of its band
        ({"metric_query": [query(), query("ANOMALY_DETECTION_BAND(m, 2)")]}, 3),
    ],
    ids=["metric", "math on one", "math on two", "anomaly band"],
)
def test_an_alarm_is_billed_by_its_metrics(alarm: dict[str, Any], metrics: int) -> None:
    assert alarm_metrics(alarm) == metrics


def test_an_alarm_below_a_minute_costs_more() -> None:
    alarms = {"quick": {"metric_name": "Errors", "namespace": "AWS/Lambda", "period": 10}}
    assert charged(stack(aws_cloudwatch_metric_alarm=alarms)) == {"cloudwatch-alarm-metric-high-resolution": 1}


def test_dashboards_and_composite_alarms_are_counted_and_queries_declared() -> None:
    document = stack(aws_cloudwatch_dashboard={"a": {}, "b": {}}, aws_cloudwatch_composite_alarm={"c": {}})
    assert charged(document, volumes(logs_insights_gb_a_month=20)) == {
        "cloudwatch-dashboard": 2,
        "cloudwatch-composite-alarm": 1,
        "cloudwatch-logs-scanned": 20,
    }


@pytest.mark.parametrize(("variables", "metrics"), [({"POWERTOOLS_METRICS_NAMESPACE": "Acme"}, 7), ({}, 0)])
def test_metrics_that_functions_write_are_declared(variables: dict[str, str], metrics: int) -> None:
    document = stack(aws_lambda_function={"router": {"environment": {"variables": variables}}})
    assert charged(document, volumes(responder_metrics=7)).get("cloudwatch-metric", 0) == metrics


def test_an_anomaly_alarm_counts_three_metrics() -> None:
    # R-ALM-5: the metric and both bounds of its band
    assert alarm_metrics({"metric_query": [query(), query("ANOMALY_DETECTION_BAND(m, 2)")]}) == 3


def test_dashboards_cost_and_saved_queries_do_not() -> None:
    document = stack(aws_cloudwatch_dashboard={"audit": {}}, aws_cloudwatch_query_definition={"a": {}, "b": {}})
    assert charged(document) == {"cloudwatch-dashboard": 1}
