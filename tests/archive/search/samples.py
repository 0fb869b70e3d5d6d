"""What the tests of the search share: the sample environment with a search, and the parts of it."""

from datetime import date
from typing import Any

from cloudtrail_monitoring.archive.search.cloudtrail_table import CloudTrailTable, SearchNames
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from tests.settings_samples import ARCHIVE, LOCATION, SAMPLE, TRAIL, changed

SEARCH = SearchSettings(
    results_bucket_name="sample-results",
    results_access_log_bucket_name="sample-results-access",
    first_day=date(2025, 1, 1),
)
SEARCHED = changed(SAMPLE, search=SEARCH)
ORGANIZATION = "o-a1b2c3d4e5"
NAMES = SearchNames(LOCATION, "sample-audit")


def table(*, organization_id: str | None = None, **fields: Any) -> CloudTrailTable:
    """The sample's table, with some fields of the settings replaced."""
    return CloudTrailTable.of(
        changed(SEARCH, **fields), location=LOCATION, bucket_name=ARCHIVE.bucket_name, organization_id=organization_id
    )


def of_organization(*account_ids: str) -> Any:
    """The sample environment with an organization's trail."""
    return changed(
        SEARCHED,
        trail=changed(TRAIL, organization_id=ORGANIZATION),
        search=changed(SEARCH, organization_account_ids=account_ids),
    )
