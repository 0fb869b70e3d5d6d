"""The archive: the bucket CloudTrail delivers to and the bucket of its access logs (R-ARC-1 to R-ARC-7).

CloudTrail compresses every log file itself (R-ARC-7). The trail is not made here; the archive only knows its ARN.
"""

from collections.abc import Sequence

from cdktf import Annotations
from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import (
    S3BucketObjectLockConfigurationA,
    S3BucketObjectLockConfigurationRuleA,
    S3BucketObjectLockConfigurationRuleDefaultRetentionA,
)
from constructs import Construct

from cloudtrail_monitoring.archive.access_log_bucket import log_accesses
from cloudtrail_monitoring.archive.access_policy import cloudtrail_delivery, guards, keepers
from cloudtrail_monitoring.archive.hardened_bucket import HardenedBucket
from cloudtrail_monitoring.archive.settings import NEEDS_RESTORE, ArchiveSettings, ObjectLock
from cloudtrail_monitoring.location import Location


class LogArchive(Construct):
    """The locked log bucket, ready for the trails named once its ``policy`` stands.

    Args:
        trail_arns: the trails that may deliver; built from their names, so that the bucket policy can precede them.
        reader_role_arns: roles of this system that may read beside the audit roles.
        organization_id: set for an organization trail (R-TRL-6).
        existing_access_log_bucket: name of a bucket to log accesses into, instead of one made here.
        protected: whether Terraform refuses to destroy the buckets; if not, destroying them deletes their logs.

    Example:
        >>> LogArchive(
        ...     stack, "archive", settings.archive, location=location,
        ...     trail_arns=[location.arn("cloudtrail", "trail/audit")],
        ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: ArchiveSettings,
        *,
        location: Location,
        trail_arns: Sequence[str],
        reader_role_arns: Sequence[str] = (),
        organization_id: str | None = None,
        existing_access_log_bucket: str | None = None,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        who = keepers(settings, location, further_readers=reader_role_arns)
        self.logs = HardenedBucket(
            self,
            "logs",
            location=location,
            bucket_name=settings.bucket_name,
            sse_s3_because="Log files carry the trail's key where it has one; digest files reach no bucket that"
            " demands KMS",
            object_lock=settings.object_lock is not None,
            protected=protected,
            emptied_on_destroy=not protected,
        )
        self.arn = self.logs.arn
        self.bucket_name = self.logs.name
        self.logs.keep(
            "archive-then-expire",
            transition_days={
                "STANDARD_IA": settings.standard_ia_after_days,
                settings.glacier_class.value: settings.glacier_after_days,
            },
            expiration_days=settings.retention_days,
            noncurrent_version_days=settings.noncurrent_version_days,
        )
        if settings.object_lock:
            self.logs.configured(self._lock(settings.object_lock))
        self.access_logs = log_accesses(
            self.logs,
            self,
            existing_bucket=existing_access_log_bucket,
            logged_bucket_name=settings.bucket_name,
            location=location,
            bucket_name=settings.access_log_bucket_name,
            keepers=who,
            retention_days=settings.access_log_retention_days,
            noncurrent_version_days=settings.noncurrent_version_days,
            protected=protected,
        )
        owners = [location.account_id, *([organization_id] if organization_id else [])]
        prefixes = [f"AWSLogs/{owner}" for owner in owners]
        self.policy = self.logs.close(
            [*cloudtrail_delivery(self.arn, trail_arns=trail_arns, prefixes=prefixes), *guards(self.arn, who)]
        )
        if settings.glacier_class in NEEDS_RESTORE:
            Annotations.of(self).add_warning(
                f"archive.glacier_class is {settings.glacier_class.value}: from day {settings.glacier_after_days} on,"
                " Athena skips log files, and the verification of the digest chain fails on them, until they are"
                " restored (aws s3api restore-object, or S3 Batch Operations for many); GLACIER_IR needs no restore"
            )

    def _lock(self, lock: ObjectLock) -> S3BucketObjectLockConfigurationA:
        return S3BucketObjectLockConfigurationA(
            self,
            "object-lock",
            bucket=self.bucket_name,
            rule=S3BucketObjectLockConfigurationRuleA(
                default_retention=S3BucketObjectLockConfigurationRuleDefaultRetentionA(
                    mode=lock.mode.value, days=lock.retention_days
                )
            ),
            depends_on=[self.logs.versioning],
        )
