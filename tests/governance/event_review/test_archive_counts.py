"""The counts by Athena's SQL are those of the files themselves (R-CST-2, R-ARC-8)."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.governance.cost.prices import CostError
from cloudtrail_monitoring.governance.event_review.archive_counts import counts_sql
from tests.archive.search.athena_archive import Archive, deliver
from tests.conftest import PROJECT
from tests.governance.event_review.recorded import data, record
from tests.settings_samples import ACCOUNT, SAMPLE, changed
from tests.synthesised import synthesise_monitoring

SEARCHED = changed(
    SAMPLE,
    search=SearchSettings(
        results_bucket_name="sample-results",
        results_access_log_bucket_name="sample-results-access",
        first_day=date(2026, 1, 1),
        regions=("us-east-1",),
    ),
)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def with_ids(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "eventID": str(number)} for number, one in enumerate(records)]


def test_athena_counts_what_the_files_hold(tmp_path: Path) -> None:
    recent = "2026-03-09T10:00:00Z"
    records = with_ids(
        [record("CreateUser", recent)] * 3
        + [record("ListUsers", recent, readOnly=True)] * 2
        + [{**data("GetObject", read=True), "eventTime": recent}] * 4
        + [record("CreateUser", "2026-01-02T10:00:00Z")]
    )
    bucket = tmp_path / SEARCHED.archive.bucket_name
    deliver(bucket, records, account=ACCOUNT, region="us-east-1", day=date(2026, 3, 9))
    # a second trail's copies are the same events
    deliver(bucket, records[:5], account=ACCOUNT, region="us-east-1", day=date(2026, 3, 9), trail="b")
    table = synthesise_monitoring(SEARCHED).one("aws_glue_catalog_table").attributes
    rows = Archive(table, bucket, today=NOW).query(counts_sql(SEARCHED, 7))
    assert [tuple(row.values()) for row in rows] == [
        ("s3.amazonaws.com", "GetObject", "Data", "read", 4),
        ("iam.amazonaws.com", "CreateUser", "Management", "write", 3),
        ("iam.amazonaws.com", "ListUsers", "Management", "read", 2),
    ]


def test_without_a_search_there_is_no_query() -> None:
    with pytest.raises(CostError, match="sample has no search: give it SearchSettings"):
        counts_sql(SAMPLE, 7)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["report", "events", "--project", str(PROJECT), *map(str, arguments)])


def test_the_command_prints_it() -> None:
    result = run("--from-archive", 30)
    assert result.exit_code == 0, result.stderr
    assert "count(DISTINCT eventid) AS records" in result.stdout
    assert "INTERVAL '30' DAY" in result.stdout


def test_files_or_the_archive_and_not_both(tmp_path: Path) -> None:
    for arguments in ((), (tmp_path, "--from-archive", 30)):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "name files of records, or --from-archive DAYS for the query" in result.stderr
