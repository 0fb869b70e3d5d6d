"""ArchiveSearch: seven years of log files in reach of a query (R-ARC-8), for the audit roles alone (R-ARC-6).

Put together from its parts: the table, the bucket of results, the workgroup with its named queries. The archive itself
is left to ``LogArchive``, and the roles to whoever makes them: ``searcher_policy`` is what they need.
"""

from collections.abc import Sequence

from constructs import Construct

from cloudtrail_monitoring.archive.access_policy import Keepers
from cloudtrail_monitoring.archive.search.archive_table import ArchiveTable
from cloudtrail_monitoring.archive.search.cloudtrail_table import CloudTrailTable, SearchNames
from cloudtrail_monitoring.archive.search.query_results import QueryResults
from cloudtrail_monitoring.archive.search.saved_searches import saved_searches
from cloudtrail_monitoring.archive.search.search_access import searcher_policy
from cloudtrail_monitoring.archive.search.search_workgroup import SearchWorkgroup
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.location import Location


class ArchiveSearch(Construct):
    """Everything that a search needs, and ``searcher_policy``, the JSON of the IAM policy for who searches.

    Args:
        prefix: begins the names of workgroup and database.
        archive_bucket_name: the bucket that CloudTrail delivers to.
        keepers: who may read the archive, configure and delete: ``access_policy.keepers`` of its settings.
        detections: a named query each, as far as Athena can say them.
        organization_id: of an organization trail (R-TRL-6).
        key_arn: of the trail's key, where it has one.
        existing_access_log_bucket: name of a bucket to log accesses of the results into, instead of one made here.
        protected: whether Terraform refuses to destroy the results' buckets.

    Example:
        >>> ArchiveSearch(
        ...     stack, "search", settings.search, location=location, prefix="acme", archive_bucket_name="acme-logs",
        ...     keepers=keepers(settings.archive, location), detections=tuple(CATALOGUE.values()),
        ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: SearchSettings,
        *,
        location: Location,
        prefix: str,
        archive_bucket_name: str,
        keepers: Keepers,
        detections: Sequence[Detection] = (),
        organization_id: str | None = None,
        key_arn: str | None = None,
        existing_access_log_bucket: str | None = None,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        names = SearchNames(location, prefix)
        table = CloudTrailTable.of(
            settings, location=location, bucket_name=archive_bucket_name, organization_id=organization_id
        )
        self.table = ArchiveTable(self, "table", table, names=names)
        self.results = QueryResults(
            self,
            "query-results",
            settings,
            location=location,
            keepers=keepers,
            existing_access_log_bucket=existing_access_log_bucket,
            protected=protected,
        )
        self.workgroup = SearchWorkgroup(
            self,
            "workgroup",
            names=names,
            results_bucket_name=settings.results_bucket_name,
            scan_limit_bytes=settings.scan_limit_bytes,
            saved_searches=saved_searches(names, detections, account_ids=table.account_ids or (location.account_id,)),
            after=[self.results.policy, self.table.table],
            protected=protected,
        )
        self.searcher_policy = searcher_policy(
            names, table, results_bucket_name=settings.results_bucket_name, key_arn=key_arn
        )
