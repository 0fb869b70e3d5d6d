"""Small synthesised outputs, written by hand: filters and alarms as the Terraform JSON has them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAMESPACE = "Acme/CloudTrail"
LOG_GROUP = "${aws_cloudwatch_log_group.trail.name}"
USER_CREATED = '{ $.eventName = "CreateUser" }'


def metric_filter(id_: str, pattern: str = USER_CREATED, **attributes: Any) -> dict[str, Any]:
    return {
        "name": f"acme-{id_}",
        "log_group_name": LOG_GROUP,
        "pattern": pattern,
        "metric_transformation": {"name": id_, "namespace": NAMESPACE, "value": "1"},
        **attributes,
    }


def alarm(id_: str, level: str = "High", **attributes: Any) -> dict[str, Any]:
    return {
        "alarm_name": f"acme-{id_}",
        "comparison_operator": "GreaterThanThreshold",
        "evaluation_periods": 1,
        "metric_name": id_,
        "namespace": NAMESPACE,
        "period": 300,
        "statistic": "Sum",
        "tags": {"Detection": id_, "Level": level},
        "threshold": 0,
        **attributes,
    }


def document(
    filters: list[dict[str, Any]], alarms: list[dict[str, Any]] | None = None, **resources: Any
) -> dict[str, Any]:
    return {
        "resource": {
            "aws_cloudwatch_log_metric_filter": {f"filter{number}": one for number, one in enumerate(filters)},
            "aws_cloudwatch_metric_alarm": {f"alarm{number}": one for number, one in enumerate(alarms or [])},
            **resources,
        }
    }


def written(folder: Path, **stacks: Mapping[str, Any]) -> Path:
    """An output folder with these stacks."""
    for name, stack in stacks.items():
        (folder / "stacks" / name).mkdir(parents=True)
        (folder / "stacks" / name / "cdk.tf.json").write_text(json.dumps(stack))
    manifest = {"stacks": {name: {"synthesizedStackPath": f"stacks/{name}/cdk.tf.json"} for name in stacks}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
