"""A small audited account as Terraform JSON, and volumes whose figures can be checked by hand."""

from typing import Any

from cloudtrail_monitoring.governance.cost.volumes import DataVolume, EventVolumes

BUCKET = "${aws_s3_bucket.archive.id}"
LOG_GROUP = "${aws_cloudwatch_log_group.trail.arn}:*"

NOTHING = EventVolumes(
    management_reads_a_day=0,
    management_writes_a_day=0,
    data_events={},
    responder_events_a_day=0,
    alarms_a_day=0,
    emails_a_day=0,
    sms_a_day=0,
    logs_insights_gb_a_month=0,
)
"""An account in which nothing happens."""


def volumes(**fields: Any) -> EventVolumes:
    """Those of `NOTHING`, but for some."""
    return EventVolumes.model_validate({**NOTHING.model_dump(), **fields})


def objects(reads: float, writes: float) -> dict[str, DataVolume]:
    return {"AWS::S3::Object": DataVolume(reads_a_day=reads, writes_a_day=writes)}


def selector(category: str, **fields: dict[str, list[str]]) -> dict[str, Any]:
    """An advanced event selector; a field's name has its dots as underscores."""
    conditions = [{"field": name.replace("_", "."), **condition} for name, condition in fields.items()]
    return {"field_selector": [{"field": "eventCategory", "equals": [category]}, *conditions]}


OBJECTS = selector("Data", resources_type={"equals": ["AWS::S3::Object"]})


def trail(**attributes: Any) -> dict[str, Any]:
    return {
        "name": "audit",
        "s3_bucket_name": "acme-archive",
        "enable_logging": True,
        "is_multi_region_trail": True,
        "advanced_event_selector": [selector("Management")],
        **attributes,
    }


def rule(**attributes: Any) -> dict[str, Any]:
    return {"status": "Enabled", "filter": [{"prefix": ""}], **attributes}


SEVEN_YEARS = rule(
    transition=[{"days": 30, "storage_class": "STANDARD_IA"}, {"days": 90, "storage_class": "GLACIER_IR"}],
    expiration=[{"days": 2557}],
    noncurrent_version_expiration=[{"noncurrent_days": 30}],
)


def archive(*rules: dict[str, Any], minimum: str = "all_storage_classes_128K") -> dict[str, Any]:
    """The resources of a versioned bucket with these lifecycle rules."""
    return {
        "aws_s3_bucket": {"archive": {"bucket": "acme-archive"}},
        "aws_s3_bucket_versioning": {
            "archive": {"bucket": BUCKET, "versioning_configuration": {"status": "Enabled"}},
        },
        "aws_s3_bucket_lifecycle_configuration": {
            "archive": {
                "bucket": BUCKET,
                "rule": list(rules),
                "transition_default_minimum_object_size": minimum,
            }
        },
    }


def stack(*trails: dict[str, Any], **resources: Any) -> dict[str, Any]:
    """A stack of these trails, and of more resources by type."""
    return {"resource": {"aws_cloudtrail": {f"trail{number}": one for number, one in enumerate(trails)}, **resources}}
