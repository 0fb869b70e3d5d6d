"""The rules of the archive but for its policy: R-ARC-1 to R-ARC-6."""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rule import ARCHIVE, AWS_DOCS, Rule
else:
    from ctm_rule import ARCHIVE, AWS_DOCS, Rule

_S3 = f"{AWS_DOCS}/AmazonS3/latest/userguide"
_LIFECYCLE = f"{_S3}/lifecycle-transition-general-considerations.html"
_ENCRYPTION = f"{_S3}/default-bucket-encryption.html"
_VERSIONING = f"{_S3}/Versioning.html"
_LOCK = f"{_S3}/object-lock.html"
_PUBLIC = f"{_S3}/access-control-block-public-access.html"
_OWNERSHIP = f"{_S3}/about-object-ownership.html"
_ACCESS_LOGS = f"{_S3}/ServerLogs.html"

ARCHIVE_RULES = (
    Rule(
        "CKV_CTM_ARC_1",
        "R-ARC-1",
        "the locked archive is a bucket with a name of its own, and destroying the stack does not empty it",
        "A generated name changes with the bucket, and force_destroy takes seven years of evidence with it.",
        "Set bucket (not bucket_prefix) and leave force_destroy off.",
        f"{_S3}/bucketnamingrules.html",
    ),
    Rule(
        "CKV_CTM_ARC_2",
        "R-ARC-2",
        "objects are encrypted with SSE-S3 (AES256) by default",
        "Digest files and server access logs are SSE-S3 in any case: a bucket that demands another breaks delivery.",
        "Set sse_algorithm = AES256.",
        _ENCRYPTION,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_2",
        "R-ARC-2",
        "the bucket a trail delivers to has its default encryption set",
        "What is not written down can change with the account's defaults.",
        "Add aws_s3_bucket_server_side_encryption_configuration for the bucket.",
        _ENCRYPTION,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_3",
        "R-ARC-3",
        "versioning is enabled",
        "Without versions an overwritten log is lost, and Object Lock can't protect it.",
        "Set versioning_configuration.status = Enabled.",
        _VERSIONING,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_3",
        "R-ARC-3",
        "the bucket a trail delivers to is versioned",
        "Without versions an overwritten log is lost, and Object Lock can't protect it.",
        "Add aws_s3_bucket_versioning for the bucket.",
        _VERSIONING,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_4",
        "R-ARC-4",
        "all logs go to Standard-IA from day 30 and to a Glacier class from day 90",
        "Earlier moves cost more than they save, later ones or none keep paying for Standard.",
        "Transition to STANDARD_IA at 30 days or later, then to GLACIER_IR, GLACIER or DEEP_ARCHIVE at 90 or later, "
        "in an enabled rule for the whole bucket.",
        _LIFECYCLE,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_4",
        "R-ARC-4",
        "the bucket a trail delivers to moves its logs to colder storage",
        "Seven years in Standard cost several times what they need to.",
        "Add aws_s3_bucket_lifecycle_configuration with transitions for the bucket.",
        _LIFECYCLE,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_5",
        "R-ARC-5",
        "logs expire when their time is over (2,557 days in production), and so do their old versions",
        "Seven years can hold two leap days: 2,555 days are too few. What never expires is paid for ever.",
        "Set expiration.days and noncurrent_version_expiration.noncurrent_days.",
        f"{_S3}/intro-lifecycle-rules.html",
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_5_LOCK",
        "R-ARC-5",
        "Object Lock keeps each log by default (2,557 days in production)",
        "A lock configuration without a default retention locks nothing.",
        "Set rule.default_retention with mode GOVERNANCE or COMPLIANCE and days.",
        _LOCK,
    ),
    Rule(
        "CKV2_CTM_ARC_5",
        "R-ARC-5",
        "the bucket a trail delivers to locks its logs, where it can lock and always in production",
        "Whoever may delete objects deletes the evidence.",
        "Set object_lock_enabled = true on the bucket and add aws_s3_bucket_object_lock_configuration.",
        _LOCK,
    ),
    Rule(
        "CKV2_CTM_ARC_5_LOCKABLE",
        "R-ARC-5",
        "a bucket with a lock configuration has Object Lock on",
        "The lock configuration can't be applied, or the next apply replaces the bucket.",
        "Set object_lock_enabled = true on the bucket.",
        f"{_S3}/object-lock-configure.html",
    ),
    Rule(
        "CKV_CTM_ARC_6_PUBLIC",
        "R-ARC-6",
        "public access is blocked in all four ways",
        "Each of the four closes a door that the others leave open.",
        "Set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true.",
        _PUBLIC,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_6_PUBLIC",
        "R-ARC-6",
        "the bucket a trail delivers to blocks public access",
        "One careless policy would publish who did what in the account.",
        "Add aws_s3_bucket_public_access_block for the bucket.",
        _PUBLIC,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_OWNER",
        "R-ARC-6",
        "the bucket owner owns every object and ACLs are off",
        "An ACL gives access that the bucket policy does not show.",
        "Set rule.object_ownership = BucketOwnerEnforced.",
        _OWNERSHIP,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_6_OWNER",
        "R-ARC-6",
        "the bucket a trail delivers to has its object ownership set",
        "An ACL gives access that the bucket policy does not show.",
        "Add aws_s3_bucket_ownership_controls for the bucket.",
        _OWNERSHIP,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_LOGGING",
        "R-ARC-6",
        "server access logs go to another bucket",
        "Logs of reads that land in the bucket itself make more reads to log, and share its fate.",
        "Set target_bucket to a bucket other than the one that is logged.",
        _ACCESS_LOGS,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_6_LOGGING",
        "R-ARC-6",
        "the bucket a trail delivers to has server access logs",
        "Who read the audit log shows nowhere else, since the trail leaves its own bucket out.",
        "Add aws_s3_bucket_logging for the bucket.",
        _ACCESS_LOGS,
        ARCHIVE,
    ),
)
