"""Settings of the archive's search: where results lie and for how long, what a query may read, what the table spans."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from cloudtrail_monitoring.archive.settings import BucketName
from cloudtrail_monitoring.validation import EACH_ONCE, AccountId, RegionName, Settings, fault

MIN_SCAN_LIMIT_BYTES = 10_485_760
MAX_SCAN_LIMIT_BYTES = 7_000_000_000_000_000_000
"""10 MB, which Terraform's provider takes for 10 MiB, and 7 EB.
https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/athena_workgroup"""
MAX_PROJECTED_ACCOUNTS = 36
"""A few dozen, AWS says; whoever has more leaves the list empty, and names the accounts in each query.
https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html#partition-projection-enum-type"""


class SearchSettings(Settings):
    """R-ARC-8. Results hold what log files hold: encryption, TLS and who reads them have no field."""

    results_bucket_name: BucketName
    results_access_log_bucket_name: BucketName
    """A bucket of its own for S3's server access logs of the results."""
    first_day: date
    """The first day with log files; nothing older is looked for."""
    regions: Annotated[tuple[RegionName, ...], EACH_ONCE] = ()
    """The Regions that queries look into; every one of the partition if none is named."""
    organization_account_ids: Annotated[tuple[AccountId, ...], EACH_ONCE, Field(max_length=MAX_PROJECTED_ACCOUNTS)] = ()
    """Of an organization trail: the accounts that queries look into. If none is named, each query has to name its own:
    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html#partition-projection-injected-type"""
    results_retention_days: int = Field(30, ge=1, le=365)
    """Days until a result expires."""
    access_log_retention_days: int = Field(365, ge=1, le=36_500)
    """Days until an access log of the results expires."""
    scan_limit_bytes: int = Field(100_000_000_000, ge=MIN_SCAN_LIMIT_BYTES, le=MAX_SCAN_LIMIT_BYTES)
    """What one query may read before Athena ends it."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.results_bucket_name == self.results_access_log_bucket_name:
            raise fault(
                "results_access_log_bucket_name must differ from results_bucket_name: a bucket that logs into itself"
                " never ends"
            )
        return self
