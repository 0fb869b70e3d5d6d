"""Evidence of the archive: how long logs are kept, who may touch them (R-ARC-1 to R-ARC-8), and where the state is."""

from cloudtrail_monitoring.governance.compliance.assertion import (
    All,
    AtLeast,
    Every,
    Has,
    Is,
    IsSet,
    OneOf,
    Says,
    Some,
    Throughout,
)
from cloudtrail_monitoring.governance.compliance.control import Evidence
from cloudtrail_monitoring.governance.compliance.denial import BucketRefuses
from cloudtrail_monitoring.governance.compliance.output import ARCHIVE, BACKEND, PROVIDER, TRAIL, of_archive, of_type

_POLICY = of_archive("aws_s3_bucket_policy", "policy of the bucket that the trail delivers to")
_LIFECYCLE = of_archive("aws_s3_bucket_lifecycle_configuration", "lifecycle of the bucket that the trail delivers to")
_LOCK = of_archive("aws_s3_bucket_object_lock_configuration", "lock of the bucket that the trail delivers to")
_GLACIER = ("GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")

OWN_BUCKET = Evidence(
    "R-ARC-1",
    "the trail delivers to a named bucket that destroying the stack does not empty",
    Every(ARCHIVE, {"bucket": IsSet(), "force_destroy": Is(False)}),
    ("CKV_CTM_ARC_1",),
)
ENCRYPTED = Evidence(
    "R-ARC-2",
    "objects are encrypted with AES-256 by default",
    Every(
        of_archive(
            "aws_s3_bucket_server_side_encryption_configuration",
            "default encryption of the bucket that the trail delivers to",
        ),
        {"rule.apply_server_side_encryption_by_default.sse_algorithm": Is("AES256")},
    ),
    ("CKV_CTM_ARC_2", "CKV2_CTM_ARC_2"),
)
VERSIONED = Evidence(
    "R-ARC-3",
    "versioning is on",
    Every(
        of_archive("aws_s3_bucket_versioning", "versioning of the bucket that the trail delivers to"),
        {"versioning_configuration.status": Is("Enabled")},
    ),
    ("CKV_CTM_ARC_3", "CKV2_CTM_ARC_3"),
)
MOVED_TO_COLDER_STORAGE = Evidence(
    "R-ARC-4",
    "logs go to Standard-IA on day 30 and to Glacier on day 90",
    All(
        (
            Every(_LIFECYCLE, {"rule.transition": Has({"days": Is(30), "storage_class": Is("STANDARD_IA")})}),
            Every(_LIFECYCLE, {"rule.transition": Has({"days": Is(90), "storage_class": OneOf(_GLACIER)})}),
        )
    ),
    ("CKV_CTM_ARC_4", "CKV2_CTM_ARC_4"),
)
KEPT_SEVEN_YEARS = Evidence(
    "R-ARC-5",
    "logs are kept for seven years",
    Every(
        _LIFECYCLE,
        {"rule.status": Throughout(Is("Enabled")), "rule.expiration.days": Throughout(AtLeast(2557))},
    ),
    ("CKV_CTM_ARC_5",),
)
KEPT_A_YEAR = Evidence(
    "R-ARC-5",
    "logs are kept for twelve months at least",
    Every(_LIFECYCLE, {"rule.expiration.days": Throughout(AtLeast(365))}),
)
LOCKED_SEVEN_YEARS = Evidence(
    "R-ARC-5",
    "Object Lock keeps each log for seven years",
    All(
        (
            Every(ARCHIVE, {"object_lock_enabled": Is(True)}),
            Every(
                _LOCK,
                {
                    "rule.default_retention.mode": OneOf(("GOVERNANCE", "COMPLIANCE")),
                    "rule.default_retention.days": AtLeast(2557),
                },
            ),
        )
    ),
    ("CKV_CTM_ARC_5_LOCK", "CKV2_CTM_ARC_5", "CKV2_CTM_ARC_5_LOCKABLE"),
)
READING_REFUSED = Evidence(
    "R-ARC-6",
    "reading logs is refused to all but the audit roles",
    BucketRefuses(_POLICY, ("s3:GetObject", "s3:GetObjectVersion")),
    ("CKV_CTM_ARC_6_READ", "CKV2_CTM_ARC_6_POLICY"),
)
DELETION_REFUSED = Evidence(
    "R-ARC-6",
    "deleting and overwriting logs is refused to all but break-glass",
    BucketRefuses(_POLICY, ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject")),
    ("CKV_CTM_ARC_6_DELETE",),
)
RECONFIGURATION_REFUSED = Evidence(
    "R-ARC-6",
    "changing the bucket's policy, lifecycle, versioning or lock is refused to all but the deploy role",
    BucketRefuses(
        _POLICY,
        (
            "s3:PutBucketPolicy",
            "s3:PutLifecycleConfiguration",
            "s3:PutBucketVersioning",
            "s3:PutBucketObjectLockConfiguration",
        ),
    ),
    ("CKV_CTM_ARC_6_CONFIG",),
)
TLS_ONLY = Evidence(
    "R-ARC-6",
    "requests without TLS are refused",
    BucketRefuses(_POLICY, ("s3:ListBucket",), {"aws:SecureTransport": "false"}),
    ("CKV_CTM_ARC_6_TLS",),
)
NOT_PUBLIC = Evidence(
    "R-ARC-6",
    "public access is blocked, and access lists are off",
    All(
        (
            Every(
                of_archive(
                    "aws_s3_bucket_public_access_block", "public access block of the bucket that the trail delivers to"
                ),
                {
                    "block_public_acls": Is(True),
                    "block_public_policy": Is(True),
                    "ignore_public_acls": Is(True),
                    "restrict_public_buckets": Is(True),
                },
            ),
            Every(
                of_archive("aws_s3_bucket_ownership_controls", "ownership of the bucket that the trail delivers to"),
                {"rule.object_ownership": Is("BucketOwnerEnforced")},
            ),
        )
    ),
    ("CKV_CTM_ARC_6_PUBLIC", "CKV2_CTM_ARC_6_PUBLIC", "CKV_CTM_ARC_6_OWNER", "CKV2_CTM_ARC_6_OWNER"),
)
ACCESS_LOGGED = Evidence(
    "R-ARC-6",
    "who touches the logs is recorded in another bucket",
    Every(
        of_archive("aws_s3_bucket_logging", "access log of the bucket that the trail delivers to"),
        {"target_bucket": IsSet()},
    ),
    ("CKV_CTM_ARC_6_LOGGING", "CKV2_CTM_ARC_6_LOGGING"),
)
ONLY_OWN_DELIVERIES = Evidence(
    "R-ARC-6",
    "the trail waits for a policy that lets CloudTrail write for this trail alone",
    Every(TRAIL, {"depends_on": Says(r"^aws_s3_bucket_policy\.", "names the bucket's policy")}),
    ("CKV_CTM_ARC_6_SOURCE", "CKV2_CTM_ARC_6_DELIVERY"),
)
COMPRESSED = Evidence(
    "R-ARC-7",
    "CloudTrail compresses what it delivers to the bucket",
    Every(TRAIL, {"s3_bucket_name": IsSet()}),
)
SEARCHABLE = Evidence(
    "R-ARC-8",
    "seven years of logs can be searched: a table with partition projection, a workgroup and named queries",
    All(
        (
            Some(
                of_type("aws_glue_catalog_table", "Glue table"),
                {"parameters": Has({"projection.enabled": OneOf(("true", True))})},
            ),
            Some(of_type("aws_athena_workgroup", "Athena workgroup"), {"name": IsSet()}),
            Some(of_type("aws_athena_named_query", "named query of Athena"), {"query": IsSet()}),
        )
    ),
)
RIGHT_ACCOUNT = Evidence(
    "R-DEL-1",
    "Terraform refuses every account but the environment's",
    Every(PROVIDER, {"allowed_account_ids": IsSet()}),
    ("CKV_CTM_DEL_1",),
)
REMOTE_STATE = Evidence(
    "R-DEL-2",
    "the state is remote, encrypted and locked",
    Every(BACKEND, {"bucket": IsSet(), "encrypt": Is(True), "use_lockfile": Is(True)}),
    ("CKV2_CTM_DEL_2",),
)
