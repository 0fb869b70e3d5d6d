"""Samples for the archive's rules: R-ARC-1 to R-ARC-6."""

import json
from typing import Any

from tests.governance.checkov_checks.samples import (
    BUCKET,
    CLOUDTRAIL,
    FAILED,
    FOR_TRAIL,
    NO_PUBLIC_ACCESS,
    NO_SERVICE,
    NOT_JUDGED,
    PASSED,
    ROLE,
    STATEMENTS,
    TIERS,
    Resources,
    Sample,
    archive,
    comment,
    companion,
    lifecycle,
    policy,
    statement,
    written_policy,
)

_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_LOCK = "aws_s3_bucket_object_lock_configuration"
_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
_EXPIRES_ONLY = {key: value for key, value in TIERS.items() if key != "transition"}


def _bucket(**arguments: object) -> Resources:
    return {"aws_s3_bucket": {"archive": {"object_lock_enabled": True, **arguments}}}


def _encrypted(algorithm: str) -> Resources:
    return companion(_ENCRYPTION, rule=[{"apply_server_side_encryption_by_default": {"sse_algorithm": algorithm}}])


def _locked(retention: dict[str, object], *, path: str = "prod/archive/lock") -> Resources:
    return companion(_LOCK, **{"//": comment(path), "rule": {"default_retention": retention}})


def _moved(*transitions: tuple[int, str]) -> Resources:
    return lifecycle(transition=[{"days": days, "storage_class": name} for days, name in transitions])


_STORAGE = (
    # R-ARC-1
    Sample("CKV_CTM_ARC_1", "own name", PASSED, _bucket(bucket="the-archive", force_destroy=False)),
    Sample("CKV_CTM_ARC_1", "prefix", FAILED, _bucket(bucket_prefix="the-archive-"), "bucket is not set"),
    Sample("CKV_CTM_ARC_1", "emptied", FAILED, _bucket(bucket="the-archive", force_destroy=True), "force_destroy"),
    Sample("CKV_CTM_ARC_1", "no lock", NOT_JUDGED, {"aws_s3_bucket": {"other": {"force_destroy": True}}}),
    # R-ARC-2
    Sample("CKV_CTM_ARC_2", "AES256", PASSED, companion(_ENCRYPTION)),
    Sample("CKV_CTM_ARC_2", "KMS", FAILED, _encrypted("aws:kms"), "aws:kms"),
    Sample("CKV2_CTM_ARC_2", "encrypted", PASSED, archive()),
    Sample("CKV2_CTM_ARC_2", "not encrypted", FAILED, archive(without=(_ENCRYPTION,))),
    # R-ARC-3
    Sample("CKV_CTM_ARC_3", "enabled", PASSED, companion("aws_s3_bucket_versioning")),
    Sample(
        "CKV_CTM_ARC_3",
        "suspended",
        FAILED,
        companion("aws_s3_bucket_versioning", versioning_configuration={"status": "Suspended"}),
        "Suspended",
    ),
    Sample("CKV2_CTM_ARC_3", "versioned", PASSED, archive()),
    Sample("CKV2_CTM_ARC_3", "not versioned", FAILED, archive(without=("aws_s3_bucket_versioning",))),
    Sample(
        "CKV2_CTM_ARC_3",
        "only another is versioned",
        FAILED,
        archive() | companion("aws_s3_bucket_versioning", bucket="${aws_s3_bucket.other.id}"),
    ),
    # R-ARC-4
    Sample("CKV_CTM_ARC_4", "30 and 90 days", PASSED, lifecycle()),
    Sample("CKV_CTM_ARC_4", "deep archive", PASSED, _moved((30, "STANDARD_IA"), (90, "DEEP_ARCHIVE"))),
    Sample("CKV_CTM_ARC_4", "all logs by prefix", PASSED, lifecycle(filter=[{"prefix": "AWSLogs/"}])),
    Sample("CKV_CTM_ARC_4", "IA too early", FAILED, _moved((29, "STANDARD_IA"), (90, "GLACIER_IR")), "day 29"),
    Sample("CKV_CTM_ARC_4", "Glacier too early", FAILED, _moved((30, "STANDARD_IA"), (89, "GLACIER_IR")), "day 89"),
    Sample("CKV_CTM_ARC_4", "no IA", FAILED, _moved((90, "GLACIER_IR")), "STANDARD_IA"),
    Sample("CKV_CTM_ARC_4", "no Glacier", FAILED, _moved((30, "STANDARD_IA")), "Glacier class"),
    Sample("CKV_CTM_ARC_4", "IA after Glacier", FAILED, _moved((100, "STANDARD_IA"), (90, "GLACIER")), "not after"),
    Sample("CKV_CTM_ARC_4", "disabled", FAILED, lifecycle(status="Disabled")),
    Sample("CKV_CTM_ARC_4", "some logs", FAILED, lifecycle(filter=[{"prefix": "AWSLogs/333333333333/"}])),
    Sample("CKV_CTM_ARC_4", "tagged logs", FAILED, lifecycle(filter=[{"tag": {"key": "a", "value": "b"}}])),
    Sample("CKV_CTM_ARC_4", "moves nothing", NOT_JUDGED, companion(_LIFECYCLE, rule=[_EXPIRES_ONLY])),
    Sample("CKV2_CTM_ARC_4", "tiers", PASSED, archive()),
    Sample("CKV2_CTM_ARC_4", "no lifecycle", FAILED, archive(without=(_LIFECYCLE,))),
    Sample("CKV2_CTM_ARC_4", "moves nothing", FAILED, archive() | companion(_LIFECYCLE, rule=[_EXPIRES_ONLY])),
    # R-ARC-5
    Sample("CKV_CTM_ARC_5", "seven years", PASSED, lifecycle()),
    Sample("CKV_CTM_ARC_5", "400 days in dev", PASSED, lifecycle(path="dev/lifecycle", expiration=[{"days": 400}])),
    Sample("CKV_CTM_ARC_5", "2555 days", FAILED, lifecycle(expiration=[{"days": 2555}]), "2555"),
    Sample(
        "CKV_CTM_ARC_5",
        "before Glacier in dev",
        FAILED,
        lifecycle(path="dev/lifecycle", expiration=[{"days": 90}]),
        "last transition",
    ),
    Sample("CKV_CTM_ARC_5", "never", FAILED, lifecycle(expiration=[]), "expiration.days"),
    Sample("CKV_CTM_ARC_5", "old versions stay", FAILED, lifecycle(noncurrent_version_expiration=[]), "noncurrent"),
    Sample("CKV_CTM_ARC_5_LOCK", "2557 days", PASSED, companion(_LOCK)),
    Sample("CKV_CTM_ARC_5_LOCK", "8 years", PASSED, _locked({"mode": "COMPLIANCE", "years": 8})),
    Sample("CKV_CTM_ARC_5_LOCK", "a day in dev", PASSED, _locked({"mode": "GOVERNANCE", "days": 1}, path="dev/lock")),
    Sample("CKV_CTM_ARC_5_LOCK", "a day in prod", FAILED, _locked({"mode": "GOVERNANCE", "days": 1}), "1 days"),
    Sample("CKV_CTM_ARC_5_LOCK", "no mode", FAILED, _locked({"days": 2557}), "mode"),
    Sample("CKV_CTM_ARC_5_LOCK", "no time", FAILED, _locked({"mode": "GOVERNANCE"}), "neither days nor years"),
    Sample("CKV2_CTM_ARC_5", "locked", PASSED, archive()),
    Sample("CKV2_CTM_ARC_5", "can lock and does not", FAILED, archive(without=(_LOCK,))),
    Sample("CKV2_CTM_ARC_5", "no lock in prod", FAILED, archive(without=(_LOCK,), object_lock_enabled=False)),
    Sample(
        "CKV2_CTM_ARC_5",
        "no lock in dev",
        NOT_JUDGED,
        archive(without=(_LOCK,), path="dev/archive/bucket", object_lock_enabled=False),
    ),
    Sample("CKV2_CTM_ARC_5_LOCKABLE", "lock on", PASSED, archive()),
    Sample("CKV2_CTM_ARC_5_LOCKABLE", "lock off", FAILED, archive(object_lock_enabled=False)),
    Sample(
        "CKV2_CTM_ARC_5_LOCKABLE",
        "no configuration",
        NOT_JUDGED,
        archive(without=(_LOCK,), path="dev/archive/bucket", object_lock_enabled=False),
    ),
    Sample("CKV_CTM_ARC_5", "days by variable", NOT_JUDGED, lifecycle(expiration=[{"days": "${var.days}"}])),
    Sample("CKV_CTM_ARC_2", "algorithm by variable", NOT_JUDGED, _encrypted("${var.algorithm}")),
    Sample(
        "CKV2_CTM_ARC_3",
        "versioned by a module",
        NOT_JUDGED,
        archive(without=("aws_s3_bucket_versioning",)),
        beside={"module": {"versioning": {"source": "./m", "bucket": "${aws_s3_bucket.archive.id}"}}},
    ),
    Sample(
        "CKV2_CTM_ARC_3",
        "versioned by variable",
        NOT_JUDGED,
        archive() | companion("aws_s3_bucket_versioning", bucket="${var.bucket}"),
    ),
    Sample(
        "CKV2_CTM_ARC_3",
        "versioned in place",
        NOT_JUDGED,
        archive(without=("aws_s3_bucket_versioning",), versioning=[{"enabled": True}]),
    ),
)

_ACCESS = (
    # R-ARC-6
    Sample("CKV_CTM_ARC_6_PUBLIC", "blocked", PASSED, companion("aws_s3_bucket_public_access_block")),
    *(
        Sample(
            "CKV_CTM_ARC_6_PUBLIC",
            f"{name} off",
            FAILED,
            companion("aws_s3_bucket_public_access_block", **{name: False}),
            name,
        )
        for name in NO_PUBLIC_ACCESS
    ),
    Sample("CKV_CTM_ARC_6_OWNER", "enforced", PASSED, companion("aws_s3_bucket_ownership_controls")),
    Sample(
        "CKV_CTM_ARC_6_OWNER",
        "preferred",
        FAILED,
        companion("aws_s3_bucket_ownership_controls", rule={"object_ownership": "BucketOwnerPreferred"}),
        "BucketOwnerPreferred",
    ),
    Sample("CKV_CTM_ARC_6_LOGGING", "elsewhere", PASSED, companion("aws_s3_bucket_logging")),
    Sample(
        "CKV_CTM_ARC_6_LOGGING",
        "into itself",
        FAILED,
        companion("aws_s3_bucket_logging", target_bucket="${aws_s3_bucket.archive.id}"),
        "itself",
    ),
    Sample("CKV2_CTM_ARC_6_POLICY", "policy", PASSED, archive()),
    Sample("CKV2_CTM_ARC_6_POLICY", "no policy", FAILED, archive(without=("aws_s3_bucket_policy",))),
    Sample("CKV2_CTM_ARC_6_PUBLIC", "blocked", PASSED, archive()),
    Sample("CKV2_CTM_ARC_6_PUBLIC", "no block", FAILED, archive(without=("aws_s3_bucket_public_access_block",))),
    Sample("CKV2_CTM_ARC_6_OWNER", "ownership", PASSED, archive()),
    Sample("CKV2_CTM_ARC_6_OWNER", "no ownership", FAILED, archive(without=("aws_s3_bucket_ownership_controls",))),
    Sample("CKV2_CTM_ARC_6_LOGGING", "logged", PASSED, archive()),
    Sample("CKV2_CTM_ARC_6_LOGGING", "not logged", FAILED, archive(without=("aws_s3_bucket_logging",))),
)


def _reads_but_by(*arns: str, **more: object) -> Resources:
    condition = {"ArnNotLike": {"aws:PrincipalArn": list(arns)}, **NO_SERVICE, **more}
    return policy(read=statement("Deny", ["s3:GetObject*"], [f"{BUCKET}/*"], condition))


def _denied(name: str, actions: list[str], resources: list[str]) -> Resources:
    """One of the archive's denials with other actions and resources."""
    changed: dict[str, Any] = {name: {**STATEMENTS[name], "Action": actions, "Resource": resources}}
    return policy(**changed)


_EMPTY_POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
_POLICIES = (
    Sample("CKV_CTM_ARC_6_TLS", "denied", PASSED, policy()),
    Sample("CKV_CTM_ARC_6_TLS", "not denied", FAILED, policy(without=("tls",)), "without TLS"),
    Sample("CKV_CTM_ARC_6_TLS", "no statements", FAILED, written_policy(_EMPTY_POLICY)),
    Sample("CKV_CTM_ARC_6_TLS", "objects only", FAILED, _denied("tls", ["s3:*"], [f"{BUCKET}/*"]), "the bucket can"),
    Sample("CKV_CTM_ARC_6_TLS", "bucket only", FAILED, _denied("tls", ["s3:*"], [BUCKET]), "objects can"),
    Sample("CKV_CTM_ARC_6_TLS", "reads only", FAILED, _denied("tls", ["s3:Get*"], [BUCKET, f"{BUCKET}/*"])),
    Sample(
        "CKV_CTM_ARC_6_TLS",
        "narrowed",
        FAILED,
        policy(
            tls={
                **STATEMENTS["tls"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            }
        ),
    ),
    Sample(
        "CKV_CTM_ARC_6_TLS",
        "written elsewhere",
        NOT_JUDGED,
        written_policy("${data.aws_iam_policy_document.archive.json}"),
    ),
    Sample("CKV_CTM_ARC_6_READ", "named readers", PASSED, policy()),
    Sample("CKV_CTM_ARC_6_READ", "not denied", FAILED, policy(without=("read",)), "s3:GetObjectVersion"),
    Sample("CKV_CTM_ARC_6_READ", "any role", FAILED, _reads_but_by(f"{ROLE}*"), "exempts"),
    Sample("CKV_CTM_ARC_6_READ", "anybody", FAILED, _reads_but_by("*"), "exempts *"),
    Sample(
        "CKV_CTM_ARC_6_READ",
        "on weekdays",
        FAILED,
        _reads_but_by(f"{ROLE}audit", DateLessThan={"aws:CurrentTime": "2030-01-01T00:00:00Z"}),
        "aws:currenttime",
    ),
    Sample(
        "CKV_CTM_ARC_6_READ",
        "versions open",
        FAILED,
        _denied("read", ["s3:GetObject"], [f"{BUCKET}/*"]),
        "s3:GetObjectVersion",
    ),
    Sample(
        "CKV_CTM_ARC_6_READ",
        "bucket reads too",
        FAILED,
        _denied("read", ["s3:Get*"], [f"{BUCKET}/*"]),
        "s3:GetBucketPolicy is denied too",
    ),
    Sample(
        "CKV_CTM_ARC_6_READ",
        "to one role",
        FAILED,
        policy(read={**STATEMENTS["read"], "Principal": {"AWS": f"{ROLE}developer"}}),
    ),
    Sample("CKV_CTM_ARC_6_READ", "not the archive", NOT_JUDGED, policy(without=("acl", "delivery", "read"))),
    Sample("CKV_CTM_ARC_6_CONFIG", "named deployers", PASSED, policy()),
    Sample("CKV_CTM_ARC_6_CONFIG", "not denied", FAILED, policy(without=("configuration",)), "s3:PutBucketPolicy"),
    Sample(
        "CKV_CTM_ARC_6_CONFIG",
        "lifecycle open",
        FAILED,
        _denied("configuration", ["s3:PutBucket*", "s3:DeleteBucket*", "s3:PutEncryptionConfiguration"], [BUCKET]),
        "s3:PutLifecycleConfiguration",
    ),
    Sample(
        "CKV_CTM_ARC_6_CONFIG",
        "on objects",
        FAILED,
        _denied("configuration", ["s3:Put*", "s3:DeleteBucket*"], [f"{BUCKET}/*"]),
    ),
    Sample("CKV_CTM_ARC_6_DELETE", "break glass", PASSED, policy()),
    Sample("CKV_CTM_ARC_6_DELETE", "not denied", FAILED, policy(without=("delete",)), "s3:DeleteObjectVersion"),
    Sample(
        "CKV_CTM_ARC_6_DELETE",
        "bucket open",
        FAILED,
        _denied("configuration", ["s3:PutBucketPolicy"], [BUCKET]),
        "s3:DeleteBucket",
    ),
    Sample("CKV_CTM_ARC_6_SOURCE", "named trail", PASSED, policy()),
    Sample(
        "CKV_CTM_ARC_6_SOURCE",
        "any trail",
        FAILED,
        policy(acl=statement("Allow", ["s3:GetBucketAcl"], [BUCKET], {}, CLOUDTRAIL)),
        "s3:GetBucketAcl is allowed to CloudTrail without aws:SourceArn",
    ),
    Sample(
        "CKV_CTM_ARC_6_SOURCE",
        "all trails of an account",
        FAILED,
        policy(
            delivery=statement(
                "Allow",
                ["s3:PutObject"],
                [f"{BUCKET}/AWSLogs/333333333333/*"],
                {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:333333333333:trail/*"}},
                CLOUDTRAIL,
            )
        ),
        "trail/*",
    ),
    Sample(
        "CKV_CTM_ARC_6_SOURCE",
        "all but a trail",
        FAILED,
        policy(
            delivery=statement(
                "Allow",
                ["s3:PutObject"],
                [f"{BUCKET}/AWSLogs/333333333333/*"],
                {"StringNotEquals": {"aws:SourceArn": FOR_TRAIL["StringEquals"]["aws:SourceArn"]}},
                CLOUDTRAIL,
            )
        ),
    ),
)

_DELIVERY = (
    Sample("CKV2_CTM_ARC_6_DELIVERY", "acl and delivery", PASSED, archive()),
    Sample("CKV2_CTM_ARC_6_DELIVERY", "no delivery", FAILED, archive() | policy(without=("delivery",))),
    Sample("CKV2_CTM_ARC_6_DELIVERY", "no acl", FAILED, archive() | policy(without=("acl",))),
    Sample(
        "CKV2_CTM_ARC_6_DELIVERY",
        "policy by variable",
        NOT_JUDGED,
        archive() | written_policy("${var.policy}"),
    ),
    Sample("CKV2_CTM_ARC_6_DELIVERY", "no policy", NOT_JUDGED, archive(without=("aws_s3_bucket_policy",))),
)

ARCHIVE_SAMPLES = (*_STORAGE, *_ACCESS, *_POLICIES, *_DELIVERY)
