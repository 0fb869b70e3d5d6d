"""What Terraform needs for what is recorded and kept: buckets, trails, log groups and keys."""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.part import EVERYWHERE, Part


def storage(of: Delivered) -> Iterator[Part]:
    """Buckets: the environment's own, and the state's, which are read alone."""
    reads = (
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
    )
    changes = (
        "s3:CreateBucket",
        "s3:PutBucketLogging",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
    )
    deletes = _unless_protected(of, "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:ListBucketVersions")
    yield Part("storage", "Buckets", of.own_buckets, reads, (*changes, *deletes))
    yield Part("storage", "StateBuckets", of.state_buckets, reads)
    if not of.protected:
        yield Part(
            "storage",
            "BucketsContents",
            [f"{arn}/*" for arn in of.own_buckets],
            changes=("s3:DeleteObject", "s3:DeleteObjectVersion"),
        )


def _unless_protected(of: Delivered, *actions: str) -> tuple[str, ...]:
    return () if of.protected else actions


def recording(of: Delivered) -> Iterator[Part]:
    """Trails and log groups."""
    ours, place = of.ours, of.location
    trail, *enhanced = ours.trails
    changes = (
        "cloudtrail:AddTags",
        "cloudtrail:CreateTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:PutInsightSelectors",
        "cloudtrail:RemoveTags",
        "cloudtrail:StartLogging",
        "cloudtrail:UpdateTrail",
    )
    ends = ("cloudtrail:DeleteTrail", "cloudtrail:StopLogging")
    yield Part(
        "recording",
        "Trails",
        ours.trails,
        (
            "cloudtrail:GetEventSelectors",
            "cloudtrail:GetInsightSelectors",
            "cloudtrail:GetTrailStatus",
            "cloudtrail:ListTags",
        ),
        changes,
    )
    yield Part("recording", "AllTrails", EVERYWHERE, ("cloudtrail:DescribeTrails",))
    ending = enhanced if of.protected else [trail, *enhanced]
    if ending:
        yield Part("recording", "EndOfTrails", ending, changes=ends)
    if of.organization_trail:
        yield from _organization(of)
    yield Part(
        "recording",
        "LogGroups",
        ours.log_groups,
        ("logs:DescribeMetricFilters", "logs:DescribeSubscriptionFilters", "logs:ListTagsForResource"),
        (
            "logs:AssociateKmsKey",
            "logs:CreateLogGroup",
            "logs:DeleteMetricFilter",
            "logs:DeleteSubscriptionFilter",
            "logs:DisassociateKmsKey",
            "logs:PutMetricFilter",
            "logs:PutRetentionPolicy",
            "logs:PutSubscriptionFilter",
            "logs:TagResource",
            "logs:UntagResource",
        ),
    )
    yield Part("recording", "AllLogGroups", EVERYWHERE, ("logs:DescribeLogGroups",))
    groups = ours.log_groups
    trail_group = place.arn("logs", f"log-group:{ours.log_group_name}")
    deletable = [arn for arn in groups if not (of.protected and arn in (trail_group, f"{trail_group}:*"))]
    yield Part("recording", "EndOfLogGroups", deletable, changes=("logs:DeleteLogGroup",))


def _organization(of: Delivered) -> Iterator[Part]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-an-organizational-trail-prepare.html"""
    service = "cloudtrail.amazonaws.com"
    yield Part(
        "recording",
        "Organization",
        EVERYWHERE,
        ("organizations:DescribeOrganization", "organizations:ListAWSServiceAccessForOrganization"),
    )
    yield Part(
        "recording",
        "ServiceLinkedRole",
        (of.location.iam_arn(f"role/aws-service-role/{service}/AWSServiceRoleForCloudTrail"),),
        ("iam:GetRole",),
        ("iam:CreateServiceLinkedRole",),
    )


def keys(of: Delivered) -> Iterator[Part]:
    """Keys, known by their tags, and their aliases."""
    place = of.location
    key_arns = (place.arn("kms", "key/*"),)
    on_aliases = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")
    yield Part(
        "recording",
        "Keys",
        key_arns,
        ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"),
        (
            *on_aliases,
            "kms:DisableKeyRotation",
            "kms:EnableKeyRotation",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
        ),
        of.tagged("ResourceTag"),
    )
    yield Part("recording", "KeyAliases", (place.arn("kms", f"alias/{of.ours.prefix}-*"),), changes=on_aliases)
    yield Part("recording", "AllKeyAliases", EVERYWHERE, ("kms:ListAliases",))
    yield Part("recording", "NewKeys", EVERYWHERE, changes=("kms:CreateKey",), conditions=of.tagged("RequestTag"))
    yield Part(
        "recording",
        "TagsOfNewKeys",
        key_arns,
        changes=("kms:TagResource",),
        # a key has neither tags nor an alias while it is being made
        conditions={
            **of.tagged("RequestTag"),
            **of.tagged("ResourceTag", "StringEqualsIfExists"),
            "Null": {"kms:ResourceAliases": "true"},
        },
    )
