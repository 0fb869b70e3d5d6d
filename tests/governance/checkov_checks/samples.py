"""Terraform JSON that keeps or breaks one rule each: the material of the tests in this folder.

A sample is a whole directory of its own for Checkov, and says what one rule must make of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Resources = dict[str, dict[str, dict[str, Any]]]
PASSED, FAILED, NOT_JUDGED = "passed", "failed", "not judged"
BUCKET = "arn:${data.aws_partition.current.partition}:s3:::the-archive"
ROLE = "arn:aws:iam::333333333333:role/"


@dataclass(frozen=True)
class Sample:
    """One rule, one situation, and the verdict; ``says`` is part of the details of a failure."""

    rule_id: str
    situation: str
    verdict: str
    resources: Mapping[str, Mapping[str, Mapping[str, Any]]]
    says: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)
    """Blocks that are no resources: ``provider``, ``terraform``."""

    @property
    def directory(self) -> str:
        return f"{self.rule_id}-{self.situation.replace(' ', '-')}"

    def document(self) -> str:
        return json.dumps(
            {"data": {"aws_partition": {"current": {}}}, "resource": self.resources, **self.beside}, indent=2
        )


def comment(path: str) -> dict[str, Any]:
    """The comment CDKTF leaves in each resource."""
    return {"metadata": {"path": path, "uniqueId": "an-id"}}


def selector(category: str, **fields: dict[str, list[str]]) -> dict[str, Any]:
    """An advanced event selector; a field name is written with ``_`` for its dot."""
    return {
        "name": f"{category} events",
        "field_selector": [
            {"field": "eventCategory", "equals": [category]},
            *({"field": name.replace("_", "."), **condition} for name, condition in fields.items()),
        ],
    }


MANAGEMENT = selector("Management")
S3_DATA = selector(
    "Data", resources_type={"equals": ["AWS::S3::Object"]}, resources_ARN={"not_starts_with": [f"{BUCKET}/"]}
)


def trail(*, path: str = "prod/trail/trail", without: tuple[str, ...] = (), **changes: Any) -> Resources:
    """A trail that keeps every rule, with changes."""
    arguments = {
        "//": comment(path),
        "name": "audit",
        "s3_bucket_name": "${aws_s3_bucket.archive.id}",
        "is_multi_region_trail": True,
        "include_global_service_events": True,
        "enable_log_file_validation": True,
        "cloud_watch_logs_group_arn": "${aws_cloudwatch_log_group.trail.arn}:*",
        "cloud_watch_logs_role_arn": "${aws_iam_role.trail.arn}",
        "advanced_event_selector": [MANAGEMENT, S3_DATA],
        "lifecycle": {"prevent_destroy": True},
        "insight_selector": [{"insight_type": "ApiCallRateInsight"}, {"insight_type": "ApiErrorRateInsight"}],
        **changes,
    }
    return {"aws_cloudtrail": {"audit": {key: value for key, value in arguments.items() if key not in without}}}


def archive(*, without: tuple[str, ...] = (), path: str = "prod/archive/bucket", **bucket: Any) -> Resources:
    """A trail and its archive with every companion, but for the types left out."""
    of_archive = {"bucket": "${aws_s3_bucket.archive.id}"}
    resources: Resources = {
        **trail(),
        "aws_s3_bucket": {
            "archive": {"//": comment(path), "bucket": "the-archive", "object_lock_enabled": True, **bucket},
            "other": {"bucket": "another-bucket"},
        },
        "aws_cloudwatch_log_group": {"trail": {"name": "trail", "retention_in_days": 365}},
        **delivery_role(WRITE_STREAMS),
        **{kind: {"archive": {**of_archive, **body}} for kind, body in COMPANIONS.items()},
    }
    return {kind: bodies for kind, bodies in resources.items() if kind not in without}


def delivery_role(*allowed: dict[str, Any]) -> Resources:
    """The role a trail writes its log group with, and what its policy states."""
    policy = {"Version": "2012-10-17", "Statement": list(allowed)}
    return {
        "aws_iam_role": {"trail": {"name": "trail"}},
        "aws_iam_role_policy": {"trail": {"role": "${aws_iam_role.trail.id}", "policy": json.dumps(policy)}},
    }


WRITE_STREAMS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "${aws_cloudwatch_log_group.trail.arn}:log-stream:333333333333_CloudTrail*",
}


def lifecycle(*, path: str = "prod/archive/lifecycle", **changes: Any) -> Resources:
    """A lifecycle configuration with one rule, changed."""
    return {
        "aws_s3_bucket_lifecycle_configuration": {
            "archive": {"//": comment(path), "bucket": "${aws_s3_bucket.archive.id}", "rule": [{**TIERS, **changes}]}
        }
    }


TIERS: dict[str, Any] = {
    "id": "archive",
    "status": "Enabled",
    "filter": [{"prefix": ""}],
    "transition": [{"days": 30, "storage_class": "STANDARD_IA"}, {"days": 90, "storage_class": "GLACIER_IR"}],
    "expiration": [{"days": 2557}],
    "noncurrent_version_expiration": [{"noncurrent_days": 30}],
}
NO_PUBLIC_ACCESS = {
    "block_public_acls": True,
    "block_public_policy": True,
    "ignore_public_acls": True,
    "restrict_public_buckets": True,
}


def statement(
    effect: str, actions: list[str], resources: list[str], condition: dict[str, Any], principal: Any = "*"
) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": actions,
        "Resource": resources,
        "Condition": condition,
    }


CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
NO_SERVICE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
FOR_TRAIL = {
    "StringEquals": {
        "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:333333333333:trail/audit",
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
}
STATEMENTS: dict[str, dict[str, Any]] = {
    "acl": statement("Allow", ["s3:GetBucketAcl"], [BUCKET], FOR_TRAIL, CLOUDTRAIL),
    "delivery": statement("Allow", ["s3:PutObject"], [f"{BUCKET}/AWSLogs/333333333333/*"], FOR_TRAIL, CLOUDTRAIL),
    "tls": statement("Deny", ["s3:*"], [BUCKET, f"{BUCKET}/*"], {"Bool": {"aws:SecureTransport": "false"}}),
    "read": statement(
        "Deny",
        ["s3:GetObject*"],
        [f"{BUCKET}/*"],
        {"ArnNotLike": {"aws:PrincipalArn": [f"{ROLE}audit", "${aws_iam_role.verifier.arn}"]}, **NO_SERVICE},
    ),
    "delete": statement(
        "Deny",
        ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        [f"{BUCKET}/*"],
        {"ArnNotLike": {"aws:PrincipalArn": f"{ROLE}break-glass"}, **NO_SERVICE},
    ),
    "configuration": statement(
        "Deny",
        ["s3:PutBucket*", "s3:DeleteBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"],
        [BUCKET],
        {"ArnNotEquals": {"aws:PrincipalArn": [f"{ROLE}deploy", f"{ROLE}break-glass"]}, **NO_SERVICE},
    ),
}


def policy(*, without: tuple[str, ...] = (), **changes: dict[str, Any]) -> Resources:
    """The archive's bucket policy, with statements left out or replaced."""
    chosen = {name: body for name, body in {**STATEMENTS, **changes}.items() if name not in without}
    return written_policy(json.dumps({"Version": "2012-10-17", "Statement": list(chosen.values())}))


def written_policy(text: str) -> Resources:
    return {"aws_s3_bucket_policy": {"archive": {"bucket": "${aws_s3_bucket.archive.id}", "policy": text}}}


COMPANIONS: dict[str, dict[str, Any]] = {
    "aws_s3_bucket_server_side_encryption_configuration": {
        "rule": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]
    },
    "aws_s3_bucket_versioning": {"versioning_configuration": {"status": "Enabled"}},
    "aws_s3_bucket_lifecycle_configuration": {"rule": [TIERS]},
    "aws_s3_bucket_object_lock_configuration": {"rule": {"default_retention": {"mode": "GOVERNANCE", "days": 2557}}},
    "aws_s3_bucket_public_access_block": NO_PUBLIC_ACCESS,
    "aws_s3_bucket_ownership_controls": {"rule": {"object_ownership": "BucketOwnerEnforced"}},
    "aws_s3_bucket_logging": {"target_bucket": "${aws_s3_bucket.other.id}", "target_prefix": "archive/"},
    "aws_s3_bucket_policy": {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(STATEMENTS.values())})},
}


def companion(kind: str, **changes: Any) -> Resources:
    """One companion of the archive, changed."""
    return {kind: {"archive": {"bucket": "${aws_s3_bucket.archive.id}", **COMPANIONS[kind], **changes}}}
