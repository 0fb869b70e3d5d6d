"""The bucket that keeps the evidence of incidents (R-RSP-5): investigators put, auditors read, and nobody deletes.

The policy denies, and grants nothing: what a role is let do, its own policies have to allow as well. An investigator
needs ``s3:PutObject`` on ``evidence/*`` for that, an auditor ``s3:GetObject``.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import (
    S3BucketObjectLockConfigurationA,
    S3BucketObjectLockConfigurationRuleA,
    S3BucketObjectLockConfigurationRuleDefaultRetentionA,
)
from constructs import Construct

from cloudtrail_monitoring.archive.access_log_bucket import log_accesses
from cloudtrail_monitoring.archive.access_policy import WRITE_ACTIONS, Keepers, guards
from cloudtrail_monitoring.archive.hardened_bucket import HardenedBucket
from cloudtrail_monitoring.location import Location, role_arns
from cloudtrail_monitoring.policy_document import EVERYONE, Statement, deny
from cloudtrail_monitoring.responders.evidence_settings import EvidenceSettings

PREFIX = "evidence"
_PUT = "s3:PutObject"
_WRITES_BY_SERVICES = "DenyObjectWritesButByServices"


class EvidenceBucket(Construct):
    """The bucket, and its ``policy``.

    Args:
        keepers: who may read, configure and delete: ``access_policy.keepers`` of the archive's settings.
        existing_access_log_bucket: name of a bucket to log accesses into, instead of one made here.
        protected: whether Terraform refuses to destroy the buckets; if not, destroying them deletes the evidence.

    Example:
        >>> EvidenceBucket(
        ...     stack, "evidence", settings.evidence, location=location, keepers=keepers(settings.archive, location),
        ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: EvidenceSettings,
        *,
        location: Location,
        keepers: Keepers,
        existing_access_log_bucket: str | None = None,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self.evidence = HardenedBucket(
            self,
            "evidence",
            location=location,
            bucket_name=settings.bucket_name,
            sse_s3_because="Evidence holds no more than the trail's log group, and an auditor needs no key to read it",
            object_lock=True,
            protected=protected,
            emptied_on_destroy=not protected,
        )
        self.arn = self.evidence.arn
        self.bucket_name = self.evidence.name
        # evidence itself never expires; what a second upload of it replaced goes when the lock lets it
        self.evidence.keep("expire-old-versions", noncurrent_version_days=settings.object_lock.retention_days)
        self.object_lock = S3BucketObjectLockConfigurationA(
            self,
            "object-lock",
            bucket=self.bucket_name,
            rule=S3BucketObjectLockConfigurationRuleA(
                default_retention=S3BucketObjectLockConfigurationRuleDefaultRetentionA(
                    mode=settings.object_lock.mode.value, days=settings.object_lock.retention_days
                )
            ),
            depends_on=[self.evidence.versioning],
        )
        self.evidence.configured(self.object_lock)
        self.access_logs = log_accesses(
            self.evidence,
            self,
            existing_bucket=existing_access_log_bucket,
            logged_bucket_name=settings.bucket_name,
            location=location,
            bucket_name=settings.access_log_bucket_name,
            keepers=keepers,
            retention_days=settings.access_log_retention_days,
            noncurrent_version_days=settings.access_log_retention_days,
            protected=protected,
        )
        investigators = role_arns(location, settings.investigator_role_names)
        self.policy = self.evidence.close(access(self.arn, keepers, investigators))


def access(bucket_arn: str, who: Keepers, investigator_role_arns: list[str]) -> tuple[Statement, ...]:
    """The statements of the bucket's policy: those of the archive, but investigators put objects below one prefix."""
    objects = f"{bucket_arn}/*"
    elsewhere = deny("DenyEvidenceElsewhere", [_PUT], [f"{bucket_arn}/{PREFIX}/*"], principal=EVERYONE)
    elsewhere["NotResource"] = elsewhere.pop("Resource")
    return (
        *(one for one in guards(bucket_arn, who) if one["Sid"] != _WRITES_BY_SERVICES),
        deny(
            "DenyEvidenceButByInvestigators",
            [_PUT],
            [objects],
            principal=EVERYONE,
            conditions={"ArnNotLike": {"aws:PrincipalArn": investigator_role_arns}},
        ),
        elsewhere,
        deny(
            "DenyOtherObjectWrites",
            [one for one in WRITE_ACTIONS if one != _PUT],
            [objects],
            principal=EVERYONE,
        ),
    )
