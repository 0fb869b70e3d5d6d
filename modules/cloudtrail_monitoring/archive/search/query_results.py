"""The bucket of the search's results: they hold what log files hold, so only who reads those reads and writes these.

Results are copies, so no lock keeps them, and they soon expire. Who may is left to ``search_access``.
"""

from constructs import Construct

from cloudtrail_monitoring.archive.access_log_bucket import log_accesses
from cloudtrail_monitoring.archive.access_policy import Keepers
from cloudtrail_monitoring.archive.hardened_bucket import HardenedBucket
from cloudtrail_monitoring.archive.search.search_access import results_access
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.location import Location

OLD_VERSION_DAYS = 1


class QueryResults(Construct):
    """The bucket, and its ``policy``.

    Args:
        keepers: who may read and put results, configure and delete: ``access_policy.keepers`` of the archive.
        existing_access_log_bucket: name of a bucket to log accesses into, instead of one made here.
        protected: whether Terraform refuses to destroy the buckets; if not, destroying them deletes the results.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: SearchSettings,
        *,
        location: Location,
        keepers: Keepers,
        existing_access_log_bucket: str | None = None,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self.results = HardenedBucket(
            self,
            "results",
            location=location,
            bucket_name=settings.results_bucket_name,
            sse_s3_because="The trail's key decrypts log files alone, and an auditor needs no further key for results",
            protected=protected,
            emptied_on_destroy=not protected,
        )
        self.arn = self.results.arn
        self.bucket_name = self.results.name
        self.results.keep(
            "expire",
            expiration_days=settings.results_retention_days,
            noncurrent_version_days=OLD_VERSION_DAYS,
        )
        self.access_logs = log_accesses(
            self.results,
            self,
            existing_bucket=existing_access_log_bucket,
            logged_bucket_name=settings.results_bucket_name,
            location=location,
            bucket_name=settings.results_access_log_bucket_name,
            keepers=keepers,
            retention_days=settings.access_log_retention_days,
            noncurrent_version_days=settings.access_log_retention_days,
            protected=protected,
        )
        self.policy = self.results.close(results_access(self.arn, keepers))
