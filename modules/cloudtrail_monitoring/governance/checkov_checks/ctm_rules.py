"""The catalogue of the checks: id, requirement, what must hold, and how to repair it. Data only, without Checkov.

The ``ctm_*_checks`` files say how each rule is judged; ``governance.scan`` reads from here which rules a stack with a
trail must have been judged by. ``CKV_`` ids look at one resource, ``CKV2_`` ids at how resources stand together, as
Checkov's own do.
"""

from dataclasses import dataclass

_AWS = "https://docs.aws.amazon.com"
_SELECTORS = f"{_AWS}/awscloudtrail/latest/userguide/filtering-data-events.html"
_TRAIL_POLICY = f"{_AWS}/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"
_LIFECYCLE = f"{_AWS}/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"
_POLICY_KEYS = f"{_AWS}/IAM/latest/UserGuide/reference_policies_condition-keys.html"

TRAIL = "trail"
"""The stack has a trail."""
ARCHIVE = "archive"
"""The stack has a trail and the bucket it delivers to."""
LOG_GROUP = "log group"
"""The stack has a trail and the log group it delivers to."""


@dataclass(frozen=True)
class Rule:
    """One check: its id, the requirement it proves, what holds when it passes, and how to make it hold."""

    id: str
    requirement: str
    title: str
    remedy: str
    source: str
    judged_with: str | None = None
    """What a stack has when this rule must have judged something in it; None for a rule about an option."""

    @property
    def name(self) -> str:
        """What Checkov prints beside the id."""
        return f"{self.requirement}: {self.title}"

    @property
    def guideline(self) -> str:
        """What Checkov prints as the way to repair it."""
        return f"{self.remedy} ({self.requirement}; {self.source})"


_RULES = (
    Rule(
        "CKV_CTM_TRL_1",
        "R-TRL-1",
        "a running trail records every Region and the global services",
        "Set is_multi_region_trail = true and leave include_global_service_events on.",
        f"{_AWS}/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html",
        TRAIL,
    ),
    Rule(
        "CKV_CTM_TRL_2",
        "R-TRL-2",
        "a running trail selects management events, read and write, by advanced selectors",
        "Use advanced_event_selector, with one for Management that has no readOnly field.",
        _SELECTORS,
        TRAIL,
    ),
    Rule(
        "CKV_CTM_TRL_2_DATA",
        "R-TRL-2",
        "a running trail selects data events",
        "Add an advanced_event_selector for Data; waive it where an environment goes without them to save their cost.",
        _SELECTORS,
        TRAIL,
    ),
    Rule(
        "CKV_CTM_TRL_2_OWN",
        "R-TRL-2",
        "data events of types this system owns resources of are limited by ARN",
        "Give each data selector a resources.ARN field with not_starts_with for this system's buckets, functions and "
        "tables: a responder that wakes itself loops.",
        _SELECTORS,
    ),
    Rule(
        "CKV2_CTM_TRL_2_OWN",
        "R-TRL-2",
        "data events leave out the bucket the trail delivers to",
        "Add the bucket's ARN with a slash behind it to not_starts_with of each S3 selector's resources.ARN field: a "
        "trail that records its own deliveries loops.",
        _SELECTORS,
    ),
    Rule(
        "CKV_CTM_TRL_3",
        "R-TRL-3",
        "log files are validated by a digest chain",
        "Set enable_log_file_validation = true.",
        f"{_AWS}/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
        TRAIL,
    ),
    Rule(
        "CKV_CTM_TRL_4",
        "R-TRL-4",
        "a running trail delivers to CloudWatch Logs with a role of its own",
        "Set cloud_watch_logs_group_arn and cloud_watch_logs_role_arn.",
        f"{_AWS}/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
        TRAIL,
    ),
    Rule(
        "CKV2_CTM_TRL_4",
        "R-TRL-4",
        "the log group a trail delivers to keeps its events for 365 days or more",
        "Set retention_in_days = 365 on the trail's log group.",
        f"{_AWS}/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
        LOG_GROUP,
    ),
    Rule(
        "CKV_CTM_TRL_5",
        "R-TRL-5",
        "in production Insights watch call rate and error rate",
        "Add insight_selector blocks for ApiCallRateInsight and ApiErrorRateInsight.",
        f"{_AWS}/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html",
    ),
    Rule(
        "CKV_CTM_TRL_6",
        "R-TRL-6",
        "CloudTrail may write below the prefixes of named accounts or organizations only",
        "Grant s3:PutObject on <bucket>/AWSLogs/<account id>/* and, for an organization trail, on "
        "<bucket>/AWSLogs/<organization id>/*; never on AWSLogs/*.",
        _TRAIL_POLICY,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_TRL_7",
        "R-TRL-7",
        "management events are filtered by nothing but the KMS and RDS Data API noise",
        "In the Management selector leave out at most kms.amazonaws.com and rdsdata.amazonaws.com (eventSource).",
        f"{_AWS}/awscloudtrail/latest/userguide/filtering-management-events.html",
        TRAIL,
    ),
    Rule(
        "CKV_CTM_ARC_1",
        "R-ARC-1",
        "the locked archive is a bucket with a name of its own, and destroying the stack does not empty it",
        "Set bucket (not bucket_prefix) and leave force_destroy off.",
        f"{_AWS}/AmazonS3/latest/userguide/bucketnamingrules.html",
    ),
    Rule(
        "CKV_CTM_ARC_2",
        "R-ARC-2",
        "objects are encrypted with SSE-S3 (AES256) by default",
        "Set sse_algorithm = AES256; digest files and server access logs are SSE-S3 in any case.",
        f"{_AWS}/AmazonS3/latest/userguide/default-bucket-encryption.html",
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_3",
        "R-ARC-3",
        "versioning is enabled",
        "Set versioning_configuration.status = Enabled.",
        f"{_AWS}/AmazonS3/latest/userguide/Versioning.html",
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_4",
        "R-ARC-4",
        "all logs go to Standard-IA from day 30 and to a Glacier class from day 90",
        "Transition to STANDARD_IA at 30 days or later, then to GLACIER_IR, GLACIER or DEEP_ARCHIVE at 90 or later, "
        "in an enabled rule for the whole bucket.",
        _LIFECYCLE,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_5",
        "R-ARC-5",
        "logs expire when their time is over (2,557 days in production), and so do their old versions",
        "Set expiration.days and noncurrent_version_expiration.noncurrent_days.",
        f"{_AWS}/AmazonS3/latest/userguide/intro-lifecycle-rules.html",
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_5_LOCK",
        "R-ARC-5",
        "Object Lock keeps each log by default (2,557 days in production)",
        "Set rule.default_retention with mode GOVERNANCE or COMPLIANCE and days.",
        f"{_AWS}/AmazonS3/latest/userguide/object-lock.html",
    ),
    Rule(
        "CKV_CTM_ARC_6_PUBLIC",
        "R-ARC-6",
        "public access is blocked in all four ways",
        "Set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true.",
        f"{_AWS}/AmazonS3/latest/userguide/access-control-block-public-access.html",
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_OWNER",
        "R-ARC-6",
        "the bucket owner owns every object and ACLs are off",
        "Set rule.object_ownership = BucketOwnerEnforced.",
        f"{_AWS}/AmazonS3/latest/userguide/about-object-ownership.html",
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_LOGGING",
        "R-ARC-6",
        "server access logs go to another bucket",
        "Set target_bucket to a bucket other than the one that is logged.",
        f"{_AWS}/AmazonS3/latest/userguide/ServerLogs.html",
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_TLS",
        "R-ARC-6",
        "the bucket policy denies every request without TLS",
        "Deny s3:* on the bucket and its objects to everybody where aws:SecureTransport is false, with no other "
        "condition.",
        _POLICY_KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_READ",
        "R-ARC-6",
        "the archive's policy denies reading objects to all but named principals",
        "Deny s3:GetObject* (never s3:GetBucket*) on the objects to everybody, with ArnNotLike aws:PrincipalArn for "
        "those who may.",
        _POLICY_KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_CONFIG",
        "R-ARC-6",
        "the archive's policy denies changing the bucket's configuration to all but named principals",
        "Deny the s3:Put* and s3:Delete* actions on policy, lifecycle, versioning, encryption, lock, logging, "
        "ownership and public access to everybody, with ArnNotLike aws:PrincipalArn for those who may.",
        _POLICY_KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_DELETE",
        "R-ARC-6",
        "the archive's policy denies deleting objects, versions and the bucket to all but named principals",
        "Deny s3:DeleteObject, s3:DeleteObjectVersion and s3:DeleteBucket to everybody, with ArnNotLike "
        "aws:PrincipalArn for break-glass.",
        _POLICY_KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_SOURCE",
        "R-ARC-6",
        "CloudTrail may use the bucket for named trails only",
        "Give each statement that allows cloudtrail.amazonaws.com a condition on aws:SourceArn with the trail's ARN.",
        _TRAIL_POLICY,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_2",
        "R-ARC-2",
        "the bucket a trail delivers to has its default encryption set",
        "Add aws_s3_bucket_server_side_encryption_configuration for the bucket.",
        f"{_AWS}/AmazonS3/latest/userguide/default-bucket-encryption.html",
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_3",
        "R-ARC-3",
        "the bucket a trail delivers to is versioned",
        "Add aws_s3_bucket_versioning for the bucket.",
        f"{_AWS}/AmazonS3/latest/userguide/Versioning.html",
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_4",
        "R-ARC-4",
        "the bucket a trail delivers to moves its logs to colder storage",
        "Add aws_s3_bucket_lifecycle_configuration with transitions for the bucket.",
        _LIFECYCLE,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_5",
        "R-ARC-5",
        "the bucket a trail delivers to locks its logs, where it can lock and always in production",
        "Set object_lock_enabled = true on the bucket and add aws_s3_bucket_object_lock_configuration.",
        f"{_AWS}/AmazonS3/latest/userguide/object-lock.html",
    ),
    Rule(
        "CKV2_CTM_ARC_6_POLICY",
        "R-ARC-6",
        "the bucket a trail delivers to has a bucket policy",
        "Add aws_s3_bucket_policy for the bucket.",
        _TRAIL_POLICY,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_6_PUBLIC",
        "R-ARC-6",
        "the bucket a trail delivers to blocks public access",
        "Add aws_s3_bucket_public_access_block for the bucket.",
        f"{_AWS}/AmazonS3/latest/userguide/access-control-block-public-access.html",
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_6_OWNER",
        "R-ARC-6",
        "the bucket a trail delivers to has its object ownership set",
        "Add aws_s3_bucket_ownership_controls for the bucket.",
        f"{_AWS}/AmazonS3/latest/userguide/about-object-ownership.html",
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_6_LOGGING",
        "R-ARC-6",
        "the bucket a trail delivers to has server access logs",
        "Add aws_s3_bucket_logging for the bucket.",
        f"{_AWS}/AmazonS3/latest/userguide/ServerLogs.html",
        ARCHIVE,
    ),
)

RULES = {rule.id: rule for rule in _RULES}
"""Every check of this folder by its id."""
