"""Rules about buckets and keys: what keeps the log, for how long, and who gets at it."""

from cloudtrail_monitoring.governance.plan_review.documents import exemptions_widened, grant_withdrawn, policy_opened
from cloudtrail_monitoring.governance.plan_review.retention import hidden_from_search, kept_shorter, lock_shortened
from cloudtrail_monitoring.governance.plan_review.rule import (
    Rule,
    becomes,
    changed,
    differs,
    either,
    ended,
    leaves,
    lowered,
    replaced,
)

_BUCKET = ("aws_s3_bucket",)
_POLICY = ("aws_s3_bucket_policy",)
_VERSIONING = ("aws_s3_bucket_versioning",)
_ENCRYPTION = ("aws_s3_bucket_server_side_encryption_configuration",)
_PUBLIC_ACCESS = ("aws_s3_bucket_public_access_block",)
_OWNERSHIP = ("aws_s3_bucket_ownership_controls",)
_LIFECYCLE = ("aws_s3_bucket_lifecycle_configuration",)
_LOCK = ("aws_s3_bucket_object_lock_configuration",)
_LOGGING = ("aws_s3_bucket_logging",)
_KEY = ("aws_kms_key",)
_DEFAULT_DELETION_WINDOW = {None: 30.0}
"""https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html"""
_WITHIN = (
    *("acl", "grant", "policy", "versioning", "lifecycle_rule", "logging", "server_side_encryption_configuration"),
    *("object_lock_enabled", "object_lock_configuration", "replication_configuration", "website", "cors_rule"),
)
"""Attributes of a bucket that resources of their own replace, or that open it."""
_ALGORITHM = "rule.apply_server_side_encryption_by_default"

RULES = (
    Rule("bucket-deleted", "R-ARC-1", "what the bucket holds is gone", _BUCKET, either(ended, replaced)),
    Rule(
        "bucket-emptied-on-destroy",
        "R-ARC-5",
        "destroying the bucket would delete its objects first",
        _BUCKET,
        becomes("force_destroy", True),
    ),
    Rule(
        "bucket-set-otherwise",
        "R-ARC-6",
        "the bucket itself says what resources of its own say: who reads it, what it keeps, where it is copied to",
        _BUCKET,
        either(*(differs(name) for name in _WITHIN)),
    ),
    Rule(
        "versioning-off",
        "R-ARC-3",
        "a deleted or overwritten object can't be brought back, and Object Lock needs versions",
        _VERSIONING,
        either(ended, leaves("versioning_configuration.status", "Enabled")),
    ),
    Rule(
        "encryption-changed",
        "R-ARC-2",
        "objects are encrypted otherwise than the requirements say",
        _ENCRYPTION,
        either(ended, changed(f"{_ALGORITHM}.sse_algorithm"), changed(f"{_ALGORITHM}.kms_master_key_id")),
    ),
    Rule(
        "public-access-opened",
        "R-ARC-6",
        "a policy or an ACL could make the bucket public",
        _PUBLIC_ACCESS,
        either(
            ended,
            leaves("block_public_acls", True),
            leaves("block_public_policy", True),
            leaves("ignore_public_acls", True),
            leaves("restrict_public_buckets", True),
        ),
    ),
    Rule(
        "ownership-changed",
        "R-ARC-6",
        "with ACLs, whoever writes an object may own it and share it",
        _OWNERSHIP,
        either(ended, leaves("rule.object_ownership", "BucketOwnerEnforced")),
    ),
    Rule("bucket-policy-deleted", "R-ARC-6", "no denial protects the bucket", _POLICY, ended),
    Rule(
        "bucket-policy-opened",
        "R-ARC-6",
        "somebody may do with the bucket what nobody could",
        _POLICY,
        policy_opened("policy", resource_based=True),
    ),
    Rule(
        "bucket-exemptions-widened",
        "R-ARC-6",
        "a denial spares more roles, such as break-glass or the audit team",
        _POLICY,
        exemptions_widened("policy"),
    ),
    Rule(
        "bucket-delivery-cut",
        "R-TRL-1",
        "CloudTrail or S3 may no longer be able to deliver into the bucket",
        _POLICY,
        grant_withdrawn("policy", resource_based=True),
    ),
    Rule("retention-shortened", "R-ARC-5", "log files are deleted sooner", _LIFECYCLE, kept_shorter),
    Rule(
        "archive-unsearchable",
        "R-ARC-8",
        "queries and digest verification skip what has to be restored first",
        _LIFECYCLE,
        hidden_from_search,
    ),
    Rule(
        "lock-removed", "R-ARC-5", "new objects are no longer locked against deletion", _LOCK, either(ended, replaced)
    ),
    Rule("lock-shortened", "R-ARC-5", "new objects are locked for less time, or less firmly", _LOCK, lock_shortened),
    Rule(
        "access-logging-cut",
        "R-ARC-6",
        "who read or wrote the bucket is no longer written where it was",
        _LOGGING,
        either(ended, changed("target_bucket"), differs("target_prefix")),
    ),
    Rule("key-deleted", "R-ARC-2", "what it encrypted can't be read any more", _KEY, either(ended, replaced)),
    Rule("key-disabled", "R-ARC-2", "nothing can be encrypted or read with it", _KEY, becomes("is_enabled", False)),
    Rule(
        "key-rotation-off",
        "R-ARC-2",
        "CIS asks for yearly rotation",
        _KEY,
        leaves("enable_key_rotation", True),
    ),
    Rule(
        "key-deletion-window-shortened",
        "R-ARC-2",
        "less time is left to take a deletion back",
        _KEY,
        lowered("deletion_window_in_days", _DEFAULT_DELETION_WINDOW),
    ),
    Rule(
        "key-policy-opened",
        "R-ARC-2",
        "somebody may use or change the key who could not",
        _KEY,
        policy_opened("policy", resource_based=True),
    ),
    Rule(
        "key-exemptions-widened",
        "R-ARC-6",
        "a denial of the key spares more roles",
        _KEY,
        exemptions_widened("policy"),
    ),
    Rule(
        "key-grant-withdrawn",
        "R-ARC-2",
        "a service that encrypts with the key may fail, and then in silence",
        _KEY,
        grant_withdrawn("policy", resource_based=True),
    ),
    Rule(
        "key-alias-changed",
        "R-ARC-2",
        "whoever uses the alias gets another key, or none",
        ("aws_kms_alias",),
        either(ended, changed("target_key_id"), changed("name")),
    ),
)
