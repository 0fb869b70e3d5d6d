"""The counts of the report on recorded events, as a query over the archive: for months that no laptop holds.

Athena tells the number of events by source, name, category and access. Their bytes are not in the table, and detections
read whole records: for these take a sample of days as files. Running it is left to who asks.
"""

from cloudtrail_monitoring.archive.search.archive_query import LastDays
from cloudtrail_monitoring.archive.search.cloudtrail_table import ACCOUNT
from cloudtrail_monitoring.detections.translations.athena_values import literal
from cloudtrail_monitoring.governance.cost.prices import CostError
from cloudtrail_monitoring.settings import MonitoringSettings

_COLUMNS = {
    "source": "eventsource",
    "name": "eventname",
    "category": "coalesce(eventcategory, 'Management')",
    "access": "CASE readonly WHEN 'true' THEN 'read' ELSE 'write' END",
}


def counts_sql(settings: MonitoringSettings, days: int) -> str:
    """The query for the last ``days``, from 1.

    An event stands in the archive once for each trail that recorded it, and is counted once.

    Raises:
        CostError: the environment has no table of its archive, or that of an organization without its accounts.

    Example:
        >>> print(counts_sql(settings, 30))  # doctest: +SKIP
    """
    table = settings.archive_table
    if table is None:
        raise CostError(f"{settings.environment} has no search: give it SearchSettings, as environments/prod.py does")
    if not table.account_ids:
        raise CostError(f"{settings.environment}: search.organization_account_ids names no account to count in")
    names = settings.search_names
    accounts = f"{ACCOUNT} IN ({', '.join(map(literal, table.account_ids))})"
    counted = ",\n".join(f"  {sql} AS {name}" for name, sql in _COLUMNS.items())
    return "\n".join(
        [
            f"SELECT\n{counted},\n  count(DISTINCT eventid) AS records",
            f'FROM "{names.database}"."{names.table}"',
            "WHERE " + "\n  AND ".join([accounts, *LastDays(days).conditions]),
            f"GROUP BY {', '.join(_COLUMNS.values())}",
            "ORDER BY records DESC, source, name",
        ]
    )
