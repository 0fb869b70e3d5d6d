"""The Athena workgroup of the search: what it sets holds for every query, whatever its caller asks for.

Results go into one bucket of this account, encrypted; a query that reads more than the settings allow is ended; metrics
tell how much is read. https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings.html
"""

from collections.abc import Iterable

from cdktf_cdktf_provider_aws.athena_named_query import AthenaNamedQuery
from cdktf_cdktf_provider_aws.athena_workgroup import (
    AthenaWorkgroup,
    AthenaWorkgroupConfiguration,
    AthenaWorkgroupConfigurationEngineVersion,
    AthenaWorkgroupConfigurationResultConfiguration,
    AthenaWorkgroupConfigurationResultConfigurationEncryptionConfiguration,
)
from constructs import Construct, IDependable

from cloudtrail_monitoring.archive.search.cloudtrail_table import SearchNames
from cloudtrail_monitoring.archive.search.saved_searches import SavedSearch
from cloudtrail_monitoring.terraform_text import terraform_text

ENGINE_VERSION = "Athena engine version 3"


class SearchWorkgroup(Construct):
    """The workgroup and its named queries.

    Args:
        results_bucket_name: where results go.
        scan_limit_bytes: what one query may read.
        saved_searches: the named queries.
        after: what must stand before it, such as the policy of the results' bucket.
        protected: whether Terraform refuses to delete it while it has queries; the history of queries goes with it.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        names: SearchNames,
        results_bucket_name: str,
        scan_limit_bytes: int,
        saved_searches: Iterable[SavedSearch] = (),
        after: Iterable[IDependable] = (),
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self.workgroup = AthenaWorkgroup(
            self,
            "workgroup",
            name=names.workgroup,
            description="Searches of the CloudTrail archive",
            state="ENABLED",
            force_destroy=not protected,
            configuration=AthenaWorkgroupConfiguration(
                enforce_workgroup_configuration=True,
                publish_cloudwatch_metrics_enabled=True,
                requester_pays_enabled=False,
                bytes_scanned_cutoff_per_query=scan_limit_bytes,
                engine_version=AthenaWorkgroupConfigurationEngineVersion(selected_engine_version=ENGINE_VERSION),
                result_configuration=AthenaWorkgroupConfigurationResultConfiguration(
                    output_location=f"s3://{results_bucket_name}/",
                    expected_bucket_owner=names.location.account_id,
                    encryption_configuration=AthenaWorkgroupConfigurationResultConfigurationEncryptionConfiguration(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
            depends_on=list(after) or None,
        )
        self.queries = [
            AthenaNamedQuery(
                self,
                search.name.replace("/", "-"),
                name=search.name,
                description=terraform_text(search.description),
                workgroup=self.workgroup.name,
                database=names.database,
                query=terraform_text(search.sql),
            )
            for search in saved_searches
        ]
