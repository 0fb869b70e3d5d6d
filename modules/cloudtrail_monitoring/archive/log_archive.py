"""The archive: the bucket CloudTrail delivers to and the bucket of its access logs (R-ARC-1 to R-ARC-7).

CloudTrail compresses every log file itself (R-ARC-7). The trail is not made here; the archive only knows its ARN.
"""

from collections.abc import Mapping, Sequence

from cdktf import Annotations
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import (
    S3BucketObjectLockConfigurationA,
    S3BucketObjectLockConfigurationRuleA,
    S3BucketObjectLockConfigurationRuleDefaultRetentionA,
)
from constructs import Construct

from cloudtrail_monitoring.archive.access_policy import access_log_delivery, cloudtrail_delivery, guards
from cloudtrail_monitoring.archive.hardened_bucket import HardenedBucket
from cloudtrail_monitoring.archive.settings import NEEDS_RESTORE, ArchiveSettings, ObjectLock
from cloudtrail_monitoring.location import Location, role_arns

ABORT_INCOMPLETE_UPLOAD_DAYS = 7


class LogArchive(Construct):
    """The locked log bucket, ready for the trails named.

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
        self._protected = protected
        guarded_by = {
            "readers": [*role_arns(location, settings.audit_role_names), *reader_role_arns],
            "deployers": role_arns(location, (settings.deploy_role_name,)),
            "break_glass": role_arns(location, settings.break_glass_role_names),
        }
        arn = location.bucket_arn(settings.bucket_name)
        owners = [location.account_id, *([organization_id] if organization_id else [])]
        self.logs = HardenedBucket(
            self,
            "logs",
            location=location,
            bucket_name=settings.bucket_name,
            statements=[
                *cloudtrail_delivery(arn, trail_arns=trail_arns, prefixes=[f"AWSLogs/{owner}" for owner in owners]),
                *guards(arn, **guarded_by),
            ],
            object_lock=settings.object_lock is not None,
            protected=protected,
            emptied_on_destroy=not protected,
        )
        self.arn = arn
        self.bucket_name = self.logs.bucket.id
        self.lifecycle = self._lifecycle(settings)
        if settings.glacier_class in NEEDS_RESTORE:
            Annotations.of(self).add_warning(
                f"archive.glacier_class is {settings.glacier_class.value}: from day {settings.glacier_after_days} on,"
                " Athena skips log files, and the verification of the digest chain fails on them, until they are"
                " restored (aws s3api restore-object, or S3 Batch Operations for many); GLACIER_IR needs no restore"
            )
        self.lock = self._lock(settings.object_lock) if settings.object_lock else None

        self.access_logs = (
            None if existing_access_log_bucket else self._access_log_bucket(location, settings, guarded_by)
        )
        self.logging = S3BucketLoggingA(
            self,
            "logging",
            bucket=self.bucket_name,
            target_bucket=self.access_logs.bucket.id if self.access_logs else existing_access_log_bucket,
            target_prefix=f"{settings.bucket_name}/",
            depends_on=[self.access_logs.policy] if self.access_logs else None,
        )

    def _lifecycle(self, settings: ArchiveSettings) -> S3BucketLifecycleConfiguration:
        """S3 moves no object below 128 KB, and moving one would cost more than it saves: that default is kept."""
        return S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self.bucket_name,
            transition_default_minimum_object_size="all_storage_classes_128K",
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="archive-then-expire",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    transition=[
                        S3BucketLifecycleConfigurationRuleTransition(
                            days=settings.standard_ia_after_days, storage_class="STANDARD_IA"
                        ),
                        S3BucketLifecycleConfigurationRuleTransition(
                            days=settings.glacier_after_days, storage_class=settings.glacier_class.value
                        ),
                    ],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=settings.retention_days)],
                    **_leftovers(settings.noncurrent_version_days),
                )
            ],
            depends_on=[self.logs.versioning],
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

    def _access_log_bucket(
        self, location: Location, settings: ArchiveSettings, guarded_by: Mapping[str, Sequence[str]]
    ) -> HardenedBucket:
        """SSE-S3 and no lock: S3 delivers access logs to no other bucket."""
        arn = location.bucket_arn(settings.access_log_bucket_name)
        access_logs = HardenedBucket(
            self,
            "access-logs",
            location=location,
            bucket_name=settings.access_log_bucket_name,
            statements=[
                access_log_delivery(arn, source_bucket_arn=self.arn, account_id=location.account_id),
                *guards(arn, **guarded_by),
            ],
            protected=self._protected,
            emptied_on_destroy=not self._protected,
        )
        self.access_log_lifecycle = S3BucketLifecycleConfiguration(
            self,
            "access-logs-lifecycle",
            bucket=access_logs.bucket.id,
            transition_default_minimum_object_size="all_storage_classes_128K",
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=settings.access_log_retention_days)],
                    **_leftovers(settings.noncurrent_version_days),
                )
            ],
            depends_on=[access_logs.versioning],
        )
        return access_logs


def _leftovers(noncurrent_version_days: int) -> dict[str, object]:
    """What a rule does with old versions and with uploads nobody finished."""
    return {
        "noncurrent_version_expiration": [
            S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=noncurrent_version_days)
        ],
        "abort_incomplete_multipart_upload": [
            S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                days_after_initiation=ABORT_INCOMPLETE_UPLOAD_DAYS
            )
        ],
    }
