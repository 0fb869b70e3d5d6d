"""The rules of the archive's policy: R-ARC-6, and R-TRL-6 where the policy follows the organization."""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rule import ARCHIVE, AWS_DOCS, Rule
else:
    from ctm_rule import ARCHIVE, AWS_DOCS, Rule

_KEYS = f"{AWS_DOCS}/IAM/latest/UserGuide/reference_policies_condition-keys.html"
_TRAIL_POLICY = f"{AWS_DOCS}/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"

ARCHIVE_POLICY_RULES = (
    Rule(
        "CKV2_CTM_ARC_6_POLICY",
        "R-ARC-6",
        "the bucket a trail delivers to has a bucket policy",
        "CloudTrail can't write without one, and nothing keeps readers out.",
        "Add aws_s3_bucket_policy for the bucket.",
        _TRAIL_POLICY,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_ARC_6_DELIVERY",
        "R-ARC-6",
        "the policy of the bucket a trail delivers to lets CloudTrail look at the bucket and write to it",
        "CloudTrail refuses to make such a trail, or stops delivering to it.",
        "Allow cloudtrail.amazonaws.com s3:GetBucketAcl on the bucket and s3:PutObject on its AWSLogs prefix.",
        _TRAIL_POLICY,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_TLS",
        "R-ARC-6",
        "the bucket policy denies every request without TLS",
        "Over plain HTTP whoever is on the way reads along.",
        "Deny s3:* on the bucket and its objects to everybody where aws:SecureTransport is false, with no other "
        "condition.",
        _KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_READ",
        "R-ARC-6",
        "the archive's policy denies reading objects to all but named principals",
        "Without it every administrator, and every role with s3:Get*, reads the audit log.",
        "Deny s3:GetObject* (never s3:GetBucket*) on the objects to everybody, with ArnNotLike aws:PrincipalArn for "
        "those who may.",
        _KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_CONFIG",
        "R-ARC-6",
        "the archive's policy denies changing the bucket's configuration to all but named principals",
        "Whoever may change lifecycle or policy can have the logs deleted by S3 itself.",
        "Deny the s3:Put* and s3:Delete* actions on policy, lifecycle, versioning, encryption, lock, logging, "
        "ownership and public access to everybody, with ArnNotLike aws:PrincipalArn for those who may.",
        _KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_DELETE",
        "R-ARC-6",
        "the archive's policy denies deleting objects, versions and the bucket to all but named principals",
        "The first thing an intruder with rights does is to delete the traces.",
        "Deny s3:DeleteObject, s3:DeleteObjectVersion and s3:DeleteBucket to everybody, with ArnNotLike "
        "aws:PrincipalArn for break-glass.",
        _KEYS,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_ARC_6_SOURCE",
        "R-ARC-6",
        "CloudTrail may use the bucket for named trails only",
        "A trail of anybody's account could write forged logs into the archive.",
        "Give each statement that allows cloudtrail.amazonaws.com a condition on aws:SourceArn with the trail's ARN.",
        _TRAIL_POLICY,
        ARCHIVE,
    ),
    Rule(
        "CKV_CTM_TRL_6",
        "R-TRL-6",
        "CloudTrail may write below the prefixes of named accounts or organizations only",
        "A wider grant lets logs of other accounts mix with these.",
        "Grant s3:PutObject on <bucket>/AWSLogs/<account id>/* and, for an organization trail, on "
        "<bucket>/AWSLogs/<organization id>/*; never on AWSLogs/*.",
        _TRAIL_POLICY,
        ARCHIVE,
    ),
    Rule(
        "CKV2_CTM_TRL_6",
        "R-TRL-6",
        "the policy of the bucket an organization trail delivers to lets CloudTrail write for the organization",
        "CloudTrail can't deliver the member accounts' logs, and makes no such trail.",
        "Allow s3:PutObject on <bucket>/AWSLogs/<organization id>/* too.",
        f"{AWS_DOCS}/awscloudtrail/latest/userguide/creating-an-organizational-trail-prepare.html",
    ),
)
