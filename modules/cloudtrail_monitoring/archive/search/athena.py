"""Runs a query in the search's workgroup and reads its rows, with the caller's permissions.

https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html (states, statistics)
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from cloudtrail_monitoring.archive.search.cloudtrail_table import SearchNames
from cloudtrail_monitoring.archive.search.search_request import SearchError
from cloudtrail_monitoring.aws_account import told_in_a_line
from cloudtrail_monitoring.governance.cost.prices import read_prices
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.simulation.printable_text import printable

POLL_SECONDS = 1.0
BILLED_AT_LEAST_BYTES = 10 * 2**20
"""Each query is billed for 10 MB at least. https://aws.amazon.com/athena/pricing/"""

_DONE = ("SUCCEEDED", "FAILED", "CANCELLED")
_LIMIT_REACHED = "bytes scanned limit"

Row = Mapping[str, str | None]


class Finished(NamedTuple):
    """A query that ran.

    Args:
        rows: by column; ``None`` stands for NULL.
        scanned_bytes: what was read, and is billed.
        seconds: how long Athena worked.
    """

    rows: list[Row]
    scanned_bytes: int
    seconds: float

    @property
    def estimated_usd(self) -> float:
        """By the shipped price table, which is of us-east-1."""
        return read_prices().cost("athena-scanned", max(self.scanned_bytes, BILLED_AT_LEAST_BYTES) / 2**30)


def run_query(
    aws: Aws,
    names: SearchNames,
    sql: str,
    *,
    progress: Callable[[str, int], None] = lambda _state, _scanned: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Finished:
    """Run a query, wait for it, and read its rows. A query whose waiting is broken off is stopped.

    Args:
        progress: called with the state and the bytes read so far, each time that Athena is asked.
        sleep: waits so many seconds.

    Raises:
        SearchError: the query failed, or was ended because it read too much.
        AccountError: a fault of AWS, in one line.
    """
    with told_in_a_line():
        athena = aws.client("athena")
        id_ = athena.start_query_execution(
            QueryString=sql, WorkGroup=names.workgroup, QueryExecutionContext={"Database": names.database}
        )["QueryExecutionId"]
        try:
            execution = _awaited(athena, id_, progress, sleep)
        except BaseException:
            athena.stop_query_execution(QueryExecutionId=id_)
            raise
        state, statistics = execution["Status"]["State"], execution.get("Statistics", {})
        if state != "SUCCEEDED":
            raise SearchError(_why(names, state, execution["Status"].get("StateChangeReason", "")))
        return Finished(
            list(_rows(athena, id_)),
            statistics.get("DataScannedInBytes", 0),
            statistics.get("TotalExecutionTimeInMillis", 0) / 1000,
        )


def _awaited(
    athena: Any, id_: str, progress: Callable[[str, int], None], sleep: Callable[[float], None]
) -> Mapping[str, Any]:
    while True:
        execution: Mapping[str, Any] = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        state = execution["Status"]["State"]
        progress(state, execution.get("Statistics", {}).get("DataScannedInBytes", 0))
        if state in _DONE:
            return execution
        sleep(POLL_SECONDS)


def _why(names: SearchNames, state: str, reason: str) -> str:
    if _LIMIT_REACHED in reason.lower():
        return (
            f"Athena ended the query: it would read more than the workgroup {names.workgroup} lets it"
            " (search.scan_limit_bytes): ask for fewer days with --from and --to, or name --region and --account"
        )
    return f"Athena: the query {state.lower()}: {printable(' '.join(reason.split())) or 'no reason given'}"


def _rows(athena: Any, id_: str) -> Iterator[Row]:
    """https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html: the first row is the header."""
    header: list[str] | None = None
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=id_):
        for row in page["ResultSet"]["Rows"]:
            values = [cell.get("VarCharValue") for cell in row["Data"]]
            if header is None:
                header = [str(value) for value in values]
            else:
                yield dict(zip(header, values, strict=True))
