"""R-ARC-8: of seven years of log files a month's search reads a month's, and finds what reading all of them finds."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.archive.search.archive_query import Between, archive_query, named
from tests.archive.search.athena_archive import Archive, deliver
from tests.archive.search.samples import NAMES, table
from tests.settings_samples import ACCOUNT
from tests.synthesised import synthesise

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
FIRST, LAST = date(2025, 1, 1), date(2031, 12, 31)
DAYS = (LAST - FIRST).days + 1
MONTH = Between(datetime(2029, 2, 1, tzinfo=UTC), datetime(2029, 3, 1, tzinfo=UTC))
EVENTS_A_FILE = 4


def of_a_day(day: date, region: str) -> list[dict[str, Any]]:
    return [
        {
            "eventTime": f"{day}T{hour:02}:30:00Z",
            "eventName": "DeleteUser" if (day.day, hour) == (28, 18) else "DescribeInstances",
            "eventID": f"{day}/{region}/{hour}",
        }
        for hour in range(0, 24, 24 // EVENTS_A_FILE)
    ]


@pytest.fixture(scope="module")
def seven_years(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    bucket: Path = tmp_path_factory.mktemp("seven-years")
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        for region in REGIONS:
            deliver(bucket, of_a_day(day, region), account=ACCOUNT, region=region, day=day)
    return Archive(_table(), bucket, today=datetime(2031, 12, 31, 23, tzinfo=UTC))


def _table() -> Mapping[str, Any]:
    def build(stack: Any) -> None:
        from cloudtrail_monitoring.archive.search.archive_table import ArchiveTable

        ArchiveTable(stack, "table", table(first_day=FIRST, regions=REGIONS), names=NAMES)

    return synthesise(build).one("aws_glue_catalog_table").attributes


def without_partitions(sql: str) -> str:
    """The same question to every folder: what is left when the filters on partitions go."""
    lines = [line for line in sql.splitlines() if not line.startswith(("  AND day ", "  AND region "))]
    return "\n".join(lines)


def test_a_month_reads_its_days_and_one_more(seven_years: Archive) -> None:
    sql = archive_query(NAMES, MONTH, account_ids=[ACCOUNT], conditions=[named(["DeleteUser"])])
    found = seven_years.query(sql)
    assert len(found) == len(REGIONS)
    assert len(seven_years.files(sql)) == 29 * len(REGIONS)
    assert seven_years.rows_read == 29 * len(REGIONS) * EVENTS_A_FILE == 348


def test_a_region_beside_it_reads_a_third_of_that(seven_years: Archive) -> None:
    sql = archive_query(NAMES, MONTH, account_ids=[ACCOUNT], regions=["us-east-1"], conditions=[named(["DeleteUser"])])
    assert len(seven_years.query(sql)) == 1
    assert seven_years.rows_read == 29 * EVENTS_A_FILE == 116


def test_without_partitions_the_same_answer_takes_every_row(seven_years: Archive) -> None:
    sql = archive_query(NAMES, MONTH, account_ids=[ACCOUNT], conditions=[named(["DeleteUser"])])
    narrow = seven_years.query(sql)
    assert seven_years.query(without_partitions(sql)) == narrow
    assert len(seven_years.files(without_partitions(sql))) == DAYS * len(REGIONS) == 7668
    assert seven_years.rows_read == DAYS * len(REGIONS) * EVENTS_A_FILE == 30_672
