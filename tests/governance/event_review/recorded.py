"""Records and a stack to review: a trail that records management events and S3's and Lambda's data events."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ACCOUNT = "333333333333"
BUCKET = "arn:aws:s3:::media"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
KMS_PATTERN = "{ ($.eventSource = kms.amazonaws.com) && ($.eventName = DisableKey) }"


def selector(name: str, **fields: Any) -> dict[str, Any]:
    """A selector with conditions by field; a list means ``equals``."""
    return {
        "name": name,
        "field_selector": [
            {"field": field.replace("__", "."), **(given if isinstance(given, Mapping) else {"equals": given})}
            for field, given in fields.items()
        ],
    }


MANAGEMENT = selector("Management events selector", eventCategory=["Management"])
OBJECTS = selector("Data events 1: S3 objects", eventCategory=["Data"], resources__type=["AWS::S3::Object"])
FUNCTIONS = selector("Data events 2: Lambda", eventCategory=["Data"], resources__type=["AWS::Lambda::Function"])


def stack(*selectors: Mapping[str, Any], patterns: Mapping[str, str] | None = None, **trail: Any) -> dict[str, Any]:
    """A synthesised stack with one trail and a metric filter for each pattern."""
    return {
        "resource": {
            "aws_cloudtrail": {
                "trail": {
                    "name": "audit",
                    "cloud_watch_logs_group_arn": "${aws_cloudwatch_log_group.logs.arn}:*",
                    "advanced_event_selector": list(selectors) or [MANAGEMENT, OBJECTS, FUNCTIONS],
                    **trail,
                }
            },
            "aws_cloudwatch_log_group": {"logs": {"name": "logs"}},
            "aws_cloudwatch_log_metric_filter": {
                id_: {
                    "name": id_,
                    "log_group_name": "${aws_cloudwatch_log_group.logs.name}",
                    "pattern": pattern,
                    "metric_transformation": {"name": id_, "namespace": "Audit"},
                }
                for id_, pattern in (patterns or {"user-made": "{ $.eventName = CreateUser }"}).items()
            },
        }
    }


def record(
    name: str, at: str = "2026-03-01T00:00:00Z", source: str = "iam.amazonaws.com", **fields: Any
) -> dict[str, Any]:
    """A management event that writes, unless told otherwise."""
    return {
        "eventTime": at,
        "eventSource": source,
        "eventName": name,
        "eventCategory": "Management",
        "readOnly": False,
        **fields,
    }


def data(name: str, arn: str = f"{BUCKET}/a.jpg", *, read: bool = False, **fields: Any) -> dict[str, Any]:
    """A data event on an object or a function."""
    objects = ":s3:" in arn
    type_ = "AWS::S3::Object" if objects else "AWS::Lambda::Function"
    return record(
        name,
        source="s3.amazonaws.com" if objects else "lambda.amazonaws.com",
        eventCategory="Data",
        readOnly=read,
        resources=[{"type": type_, "ARN": arn}],
        **fields,
    )


def written(folder: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """A file of JSON lines."""
    file = folder / "records.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in records))
    return file


def synthesised(folder: Path, document: Mapping[str, Any]) -> Path:
    """An output folder with ``prod``."""
    output = folder / "out"
    output.mkdir()
    (output / "prod.json").write_text(json.dumps(document))
    (output / "manifest.json").write_text(json.dumps({"stacks": {"prod": {"synthesizedStackPath": "prod.json"}}}))
    return output
