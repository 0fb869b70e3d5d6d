"""No alarm is deployed whose metric nobody writes."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.app import refuse_dead_alarms
from cloudtrail_monitoring.governance.dead_alarms import dead_alarms
from tests.synthesised import Stack

FILTER: dict[str, Any] = {
    "name": "f",
    "pattern": "{ $.a = 1 }",
    "metric_transformation": {"name": "made", "namespace": "Audit"},
}


def document(**alarm: Any) -> dict[str, Any]:
    return {
        "resource": {
            "aws_cloudwatch_log_metric_filter": {"f": FILTER},
            "aws_cloudwatch_metric_alarm": {"a": {"alarm_name": "on-made", **alarm}},
        }
    }


def in_math(namespace: str, name: str) -> dict[str, Any]:
    metric = {"metric_name": name, "namespace": namespace, "stat": "Sum", "period": 60}
    return {"metric_query": [{"id": "m", "metric": metric}, {"id": "e", "expression": "m"}]}


@pytest.mark.parametrize(
    "alarm",
    [
        {"metric_name": "made", "namespace": "Audit"},
        {"metric_name": "Errors", "namespace": "AWS/Lambda"},
        in_math("Audit", "made"),
    ],
)
def test_an_alarm_on_a_metric_that_is_written_lives(alarm: dict[str, Any]) -> None:
    assert list(dead_alarms(document(**alarm))) == []


@pytest.mark.parametrize(
    "alarm",
    [
        {"metric_name": "made", "namespace": "Other"},
        {"metric_name": "Made", "namespace": "Audit"},
        in_math("Audit", "mode"),
    ],
)
def test_an_alarm_on_a_metric_that_nobody_writes_is_named(alarm: dict[str, Any]) -> None:
    (line,) = dead_alarms(document(**alarm))
    assert line.startswith("alarm on-made can never fire: no metric filter writes ")


def on_log_group(group: str) -> dict[str, Any]:
    metric = {"namespace": "AWS/Logs", "metric_name": "IncomingLogEvents", "dimensions": {"LogGroupName": group}}
    return {"metric_query": [{"id": "m", "metric": metric}, {"id": "b", "expression": "ANOMALY_DETECTION_BAND(m, 2)"}]}


@pytest.mark.parametrize(
    ("group", "lives"),
    [
        ("${aws_cloudwatch_log_group.trail.name}", True),
        ("CloudTrail/made", True),
        ("CloudTrail/handed-in", True),
        ("${aws_cloudwatch_log_group.gone.name}", False),
        ("CloudTrail/other", False),
    ],
)
def test_a_log_group_s_own_metric_is_written_where_there_is_the_group(group: str, lives: bool) -> None:
    # R-ALM-5
    stack = document(**on_log_group(group))
    stack["resource"]["aws_cloudwatch_log_group"] = {"trail": {"name": "CloudTrail/made"}}
    stack["resource"]["aws_cloudwatch_log_metric_filter"]["f"] = {**FILTER, "log_group_name": "CloudTrail/handed-in"}
    lines = list(dead_alarms(stack))
    assert bool(lines) is not lives
    assert all(f"there is no log group {group} here" in line for line in lines)


def test_a_default_value_beside_dimensions_is_named() -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
    stack = document(metric_name="made", namespace="Audit")
    written = FILTER["metric_transformation"] | {"default_value": "0", "dimensions": {"Who": "$.a"}}
    stack["resource"]["aws_cloudwatch_log_metric_filter"] = {"f": {**FILTER, "metric_transformation": written}}
    (line,) = dead_alarms(stack)
    assert line == "metric filter f has dimensions and a default value, and CloudWatch Logs takes only one of them"


def test_no_environment_has_a_dead_alarm(stack: Stack) -> None:
    # R-EVT-1 to R-EVT-12, R-ALM-1 to R-ALM-4
    assert list(dead_alarms(stack.document)) == []


def written(output: Path, stack: dict[str, Any]) -> Path:
    (output / "stacks" / "prod").mkdir(parents=True)
    (output / "stacks" / "prod" / "cdk.tf.json").write_text(json.dumps(stack))
    path = {"synthesizedStackPath": "stacks/prod/cdk.tf.json"}
    (output / "manifest.json").write_text(json.dumps({"stacks": {"prod": path}}))
    return output


def test_output_with_a_dead_alarm_is_taken_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = written(tmp_path, document(metric_name="mode", namespace="Audit"))
    assert refuse_dead_alarms(output) == 2
    assert not (output / "manifest.json").exists()
    expected = "prod: alarm on-made can never fire: no metric filter writes mode in Audit\n"
    assert capsys.readouterr().err == expected


def test_output_without_one_stays(tmp_path: Path) -> None:
    output = written(tmp_path, document(metric_name="made", namespace="Audit"))
    assert refuse_dead_alarms(output) == 0
    assert (output / "manifest.json").exists()
