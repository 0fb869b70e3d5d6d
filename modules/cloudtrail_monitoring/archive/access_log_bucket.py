"""The bucket that S3 writes another bucket's accesses to, guarded as the archive is.

SSE-S3 and no Object Lock, or S3 delivers nothing:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from typing import Any

from constructs import Construct

from cloudtrail_monitoring.archive.access_policy import Keepers, access_log_delivery, guards
from cloudtrail_monitoring.archive.hardened_bucket import HardenedBucket
from cloudtrail_monitoring.location import Location


class AccessLogBucket(HardenedBucket):
    """The bucket, and its ``policy``, which must stand before logging into it begins.

    Args:
        source_bucket_arn: the bucket whose accesses are logged.
        keepers: who may read, configure and delete.
        retention_days: days until an access log expires.
        noncurrent_version_days: days an old version outlives the current one it was.
        protected: whether Terraform refuses to destroy it; if not, destroying it deletes its logs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        location: Location,
        bucket_name: str,
        source_bucket_arn: str,
        keepers: Keepers,
        retention_days: int,
        noncurrent_version_days: int,
        protected: bool,
    ) -> None:
        super().__init__(
            scope,
            id_,
            location=location,
            bucket_name=bucket_name,
            sse_s3_because="S3 delivers access logs to no bucket that demands KMS",
            protected=protected,
            emptied_on_destroy=not protected,
        )
        self.keep("expire", expiration_days=retention_days, noncurrent_version_days=noncurrent_version_days)
        self.policy = self.close(
            [
                access_log_delivery(self.arn, source_bucket_arn=source_bucket_arn, account_id=location.account_id),
                *guards(self.arn, keepers),
            ]
        )


def log_accesses(
    bucket: HardenedBucket, scope: Construct, *, existing_bucket: str | None, logged_bucket_name: str, **made_here: Any
) -> AccessLogBucket | None:
    """Log a bucket's accesses, under its name, into an existing bucket or one made here, which is returned.

    Args:
        existing_bucket: its name; ``None`` to make one in ``scope``.
        made_here: the arguments of that one's ``AccessLogBucket``.
    """
    prefix = f"{logged_bucket_name}/"
    if existing_bucket:
        bucket.log_accesses(existing_bucket, prefix=prefix)
        return None
    made = AccessLogBucket(scope, "access-logs", source_bucket_arn=bucket.arn, **made_here)
    bucket.log_accesses(made.name, prefix=prefix, after=[made.policy])
    return made
