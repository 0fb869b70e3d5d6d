"""Who may do what with the archive (R-ARC-6): statements of its bucket policies, in which every denial beats any grant.

``s3:GetBucket*`` is never denied: Terraform refreshes with it and CloudTrail checks with it. AWS's own services are
exempt by ``aws:PrincipalIsAWSService``, which no other caller can set. The root user of the bucket's account can always
delete the bucket policy (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html); that call is
recorded, and alarmed on.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cloudtrail_monitoring.archive.settings import ArchiveSettings
from cloudtrail_monitoring.location import Location, role_arns
from cloudtrail_monitoring.policy_document import EVERYONE, Conditions, Statement, allow, deny, service

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
CONFIGURATION_ACTIONS = (
    "s3:CreateBucketMetadata*",
    "s3:DeleteBucket*",
    "s3:PutAccelerateConfiguration",
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucket*",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutMetricsConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:UpdateBucketMetadata*",
)
DELETION_ACTIONS = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject*",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
)
READ_ACTIONS = ("s3:GetObject*",)
WRITE_ACTIONS = (
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
    # would put an object under a key that can then be deleted
    "s3:UpdateObjectEncryption",
)
MIN_TLS_VERSION = "1.2"


def deny_insecure_transport(bucket_arn: str) -> tuple[Statement, Statement]:
    everything = (bucket_arn, f"{bucket_arn}/*")
    return (
        deny(
            "DenyPlainHttp",
            ["s3:*"],
            everything,
            principal=EVERYONE,
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
        deny(
            "DenyOldTls",
            ["s3:*"],
            everything,
            principal=EVERYONE,
            conditions={"NumericLessThan": {"s3:TlsVersion": MIN_TLS_VERSION}},
        ),
    )


class Keepers(NamedTuple):
    """Who may do what nobody else may, as role ARNs."""

    readers: Sequence[str]
    """Read objects."""
    deployers: Sequence[str]
    """Change a bucket's configuration."""
    break_glass: Sequence[str]
    """Change the configuration, and delete objects or shorten their lock."""


def keepers(settings: ArchiveSettings, location: Location, *, further_readers: Sequence[str] = ()) -> Keepers:
    return Keepers(
        readers=[*role_arns(location, settings.audit_role_names), *further_readers],
        deployers=role_arns(location, (settings.deploy_role_name,)),
        break_glass=role_arns(location, settings.break_glass_role_names),
    )


def guards(bucket_arn: str, who: Keepers) -> tuple[Statement, ...]:
    """What nobody may do but the keepers."""
    objects = f"{bucket_arn}/*"
    return (
        deny(
            "DenyObjectReadsButByAudit",
            READ_ACTIONS,
            [objects],
            principal=EVERYONE,
            conditions=_all_but(who.readers),
        ),
        deny(
            "DenyObjectWritesButByServices",
            WRITE_ACTIONS,
            [objects],
            principal=EVERYONE,
            conditions=_all_but(()),
        ),
        deny(
            "DenyObjectDeletionButByBreakGlass",
            DELETION_ACTIONS,
            [objects],
            principal=EVERYONE,
            conditions=_all_but(who.break_glass),
        ),
        deny(
            "DenyConfigurationButByDeployment",
            CONFIGURATION_ACTIONS,
            [bucket_arn],
            principal=EVERYONE,
            conditions=_all_but((*who.deployers, *who.break_glass)),
        ),
    )


def cloudtrail_delivery(
    bucket_arn: str, *, trail_arns: Sequence[str], prefixes: Sequence[str]
) -> tuple[Statement, ...]:
    """CloudTrail's check and delivery, for these trails only.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html

    Args:
        prefixes: the keys' beginnings: ``AWSLogs/<account>``, and ``AWSLogs/<organization>`` of an organization trail.
    """
    cloudtrail = service("cloudtrail.amazonaws.com")
    return (
        allow(
            "CloudTrailAclCheck",
            ["s3:GetBucketAcl"],
            [bucket_arn],
            principal=cloudtrail,
            conditions={"StringEquals": {"aws:SourceArn": trail_arns}},
        ),
        allow(
            "CloudTrailDelivery",
            ["s3:PutObject"],
            [f"{bucket_arn}/{prefix}/*" for prefix in prefixes],
            principal=cloudtrail,
            conditions={
                "StringEquals": {"aws:SourceArn": trail_arns, "s3:x-amz-acl": "bucket-owner-full-control"},
            },
        ),
    )


def access_log_delivery(bucket_arn: str, *, source_bucket_arn: str, account_id: str) -> Statement:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"""
    return allow(
        "AccessLogDelivery",
        ["s3:PutObject"],
        [f"{bucket_arn}/*"],
        principal=service("logging.s3.amazonaws.com"),
        conditions={
            "StringEquals": {"aws:SourceAccount": account_id},
            "ArnLike": {"aws:SourceArn": source_bucket_arn},
        },
    )


def _all_but(role_arns: Sequence[str]) -> Conditions:
    """Everyone but these roles and AWS's services; an anonymous caller carries neither key and is everyone."""
    not_a_service = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    return {"ArnNotLike": {"aws:PrincipalArn": role_arns}, **not_a_service} if role_arns else not_a_service
