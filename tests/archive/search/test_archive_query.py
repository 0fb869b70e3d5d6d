"""R-ARC-8: the SQL of searches run over gzipped log files in CloudTrail's folders, found by the table's projection."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.archive.search.archive_query import Between, LastDays, archive_query, made_by, named
from cloudtrail_monitoring.archive.search.saved_searches import REQUIRED, saved_searches
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.athena_predicate import NotExpressible, athena_predicate
from cloudtrail_monitoring.detections.translations.insights_query import insights_filter
from cloudtrail_monitoring.observability.query_catalogue import required_queries
from cloudtrail_monitoring.simulation.records import read_records
from tests.archive.search.athena_archive import Archive, deliver
from tests.archive.search.samples import NAMES, ORGANIZATION, SEARCHED, table
from tests.detections.translations.records import ODD_RECORDS, SCENARIO_RECORDS, around
from tests.settings_samples import ACCOUNT
from tests.synthesised import synthesise

MEMBER = "444444444444"
REGIONS = ("us-east-1", "eu-west-1")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "recorded-events.jsonl.gz"
EVERYTHING = Between(datetime(2025, 1, 1, tzinfo=UTC), NOW)


@cache
def synthesised_table(organization_id: str | None = None, account_ids: tuple[str, ...] = ()) -> Mapping[str, Any]:
    def build(stack: Any) -> None:
        from cloudtrail_monitoring.archive.search.archive_table import ArchiveTable

        made = table(organization_id=organization_id, organization_account_ids=account_ids, regions=REGIONS)
        ArchiveTable(stack, "table", made, names=NAMES)

    return synthesise(build).one("aws_glue_catalog_table").attributes


def archive(bucket: Path, organization_id: str | None = None, account_ids: tuple[str, ...] = ()) -> Archive:
    return Archive(synthesised_table(organization_id, account_ids), bucket, today=NOW)


def event(name: str, when: str, **fields: Any) -> dict[str, Any]:
    return {
        "eventTime": when,
        "eventName": name,
        "eventSource": "iam.amazonaws.com",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "eventID": f"{name}-{when}",
        **fields,
    }


def ids(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [row["eventid"] for row in rows]


def between(first: str, end: str) -> Between:
    return Between(datetime.fromisoformat(first), datetime.fromisoformat(end))


# -- time


@pytest.fixture
def around_midnight(tmp_path: Path) -> Path:
    for day, when in (
        (date(2026, 2, 9), "2026-02-09T23:50:00Z"),
        (date(2026, 2, 10), "2026-02-10T00:00:00Z"),
        (date(2026, 2, 11), "2026-02-10T23:58:00Z"),  # delivered after midnight
        (date(2026, 2, 11), "2026-02-11T00:00:00Z"),
    ):
        deliver(tmp_path, [event("CreateUser", when)], account=ACCOUNT, region="us-east-1", day=day, trail=when[11:13])
    return tmp_path


def test_a_day_has_its_events_to_the_second_whenever_they_were_delivered(around_midnight: Path) -> None:
    sql = archive_query(NAMES, between("2026-02-10T00:00:00Z", "2026-02-11T00:00:00Z"), account_ids=[ACCOUNT])
    found = archive(around_midnight)
    assert [row["eventtime"] for row in found.query(sql)] == ["2026-02-10T00:00:00Z", "2026-02-10T23:58:00Z"]


def test_no_folder_but_those_days_and_the_next_is_read(around_midnight: Path) -> None:
    sql = archive_query(NAMES, between("2026-02-10T00:00:00Z", "2026-02-11T00:00:00Z"), account_ids=[ACCOUNT])
    folders = archive(around_midnight).folders(sql)
    assert {one["day"] for one in folders} == {"2026/02/10", "2026/02/11"}
    assert len(folders) == 2 * len(REGIONS)


def test_another_offset_is_the_same_time() -> None:
    sql = archive_query(NAMES, between("2026-02-10T01:00:00+01:00", "2026-02-11T01:00:00+01:00"), account_ids=[ACCOUNT])
    assert sql == archive_query(NAMES, between("2026-02-10T00:00:00Z", "2026-02-11T00:00:00Z"), account_ids=[ACCOUNT])


def test_the_last_days_are_counted_when_the_query_runs(tmp_path: Path) -> None:  # R-QRY-1
    for days in (1, 6, 8, 30):
        when = NOW - timedelta(days=days)
        made = event("CreateUser", f"{when:%Y-%m-%dT%H:%M:%SZ}", eventID=str(days))
        deliver(tmp_path, [made], account=ACCOUNT, region="us-east-1", day=when.date())
    sql = archive_query(NAMES, LastDays(7), account_ids=[ACCOUNT])
    found = archive(tmp_path)
    assert ids(found.query(sql)) == ["6", "1"]
    assert len(found.folders(sql)) == 8 * len(REGIONS)


# -- place


@pytest.fixture
def places(tmp_path: Path) -> Path:
    for owner in (None, ORGANIZATION):
        for account in (ACCOUNT, MEMBER):
            for region in (*REGIONS, "ap-south-1"):
                record = event("CreateUser", "2026-02-10T10:00:00Z", eventID=f"{owner}/{account}/{region}")
                deliver(
                    tmp_path,
                    [record],
                    account=account,
                    region=region,
                    day=date(2026, 2, 10),
                    organization_id=owner,
                )
    return tmp_path


def test_an_accounts_table_finds_its_own_files_in_the_regions_it_names(places: Path) -> None:
    sql = archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT])
    assert ids(archive(places).query(sql)) == [f"None/{ACCOUNT}/eu-west-1", f"None/{ACCOUNT}/us-east-1"]


def test_a_region_narrows_what_is_read(places: Path) -> None:
    sql = archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT], regions=["us-east-1"])
    found = archive(places)
    assert ids(found.query(sql)) == [f"None/{ACCOUNT}/us-east-1"]
    assert {one["region"] for one in found.folders(sql)} == {"us-east-1"}


def test_an_organizations_table_finds_all_accounts_below_its_id(places: Path) -> None:  # R-TRL-6
    sql = archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT, MEMBER], regions=["us-east-1"])
    found = archive(places, ORGANIZATION, (ACCOUNT, MEMBER))
    assert ids(found.query(sql)) == [f"{ORGANIZATION}/{account}/us-east-1" for account in (ACCOUNT, MEMBER)]


def test_accounts_that_are_not_listed_are_named_by_the_query(places: Path) -> None:  # R-TRL-6
    found = archive(places, ORGANIZATION)
    sql = archive_query(NAMES, EVERYTHING, account_ids=[MEMBER], regions=["us-east-1"])
    assert ids(found.query(sql)) == [f"{ORGANIZATION}/{MEMBER}/us-east-1"]
    with pytest.raises(AssertionError, match="injected"):
        found.folders(sql.replace(f"account = '{MEMBER}'\n  AND ", ""))


def test_rows_tell_the_account_and_region_of_their_folder(places: Path) -> None:
    sql = archive_query(NAMES, EVERYTHING, account_ids=[MEMBER], regions=["us-east-1"])
    (row,) = archive(places, ORGANIZATION, (MEMBER,)).query(sql)
    assert (row["account"], row["region"]) == (MEMBER, "us-east-1")


# -- what is asked


def test_an_event_that_two_trails_recorded_is_told_once(tmp_path: Path) -> None:
    record = event("CreateUser", "2026-02-10T10:00:00Z")
    for trail in "ab":
        deliver(tmp_path, [record], account=ACCOUNT, region="us-east-1", day=date(2026, 2, 10), trail=trail)
    sql = archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT])
    assert len(archive(tmp_path).files(sql)) == 2
    assert len(archive(tmp_path).query(sql)) == 1


def test_the_limit_keeps_the_oldest(tmp_path: Path) -> None:
    records = [event("CreateUser", f"2026-02-10T10:00:{second:02}Z") for second in (30, 10, 20)]
    deliver(tmp_path, records, account=ACCOUNT, region="us-east-1", day=date(2026, 2, 10))
    sql = archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT], limit=2)
    assert [row["eventtime"][-3:] for row in archive(tmp_path).query(sql)] == ["10Z", "20Z"]


HOSTILE = ("' OR '1'='1", "'; DROP TABLE archive; --", "x''", "%", "\n  AND day = '2026/01/01'", "\\'", "${a}")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_part_of_the_question(text: str, tmp_path: Path) -> None:
    records = [event(name, "2026-02-10T10:00:00Z", eventID=name) for name in (text, "CreateUser", "DeleteUser")]
    deliver(tmp_path, records, account=ACCOUNT, region="us-east-1", day=date(2026, 2, 10))
    sql = archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT], conditions=[named([text])])
    assert ids(archive(tmp_path).query(sql)) == [text]
    sql = archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT], conditions=[made_by(text)])
    assert archive(tmp_path).query(sql) == []


def test_a_principal_is_the_caller_or_the_role_of_its_session(tmp_path: Path) -> None:
    role, session = f"arn:aws:iam::{ACCOUNT}:role/deploy", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/me"
    identities = {
        "session": {"arn": session, "sessionContext": {"sessionIssuer": {"arn": role}}},
        "another": {"arn": f"{session}2", "sessionContext": {"sessionIssuer": {"arn": role}}},
        "user": {"arn": f"arn:aws:iam::{ACCOUNT}:user/deploy"},
        "nobody": {},
    }
    records = [
        event("CreateUser", "2026-02-10T10:00:00Z", eventID=name, userIdentity=identity)
        for name, identity in identities.items()
    ]
    deliver(tmp_path, records, account=ACCOUNT, region="us-east-1", day=date(2026, 2, 10))

    def found(arn: str) -> list[str]:
        return ids(
            archive(tmp_path).query(archive_query(NAMES, EVERYTHING, account_ids=[ACCOUNT], conditions=[made_by(arn)]))
        )

    assert found(role) == ["another", "session"]
    assert found(session) == ["session"]
    assert found(identities["user"]["arn"]) == ["user"]


def fitting() -> Iterator[dict[str, Any]]:
    """Some records that fit each detection, or just don't, as far as ``around`` can make any."""
    for pattern in PATTERNS.values():
        try:
            yield from around(pattern)[:4]
        except TypeError:
            continue


def recorded() -> Iterator[dict[str, Any]]:
    """The scenario's records, odd ones and fitting ones, each with an id and a time of its own."""
    for place, record in enumerate([*SCENARIO_RECORDS, *ODD_RECORDS, *fitting()]):
        when = NOW - timedelta(minutes=place + 1)
        yield {**record, "eventTime": f"{when:%Y-%m-%dT%H:%M:%SZ}", "eventID": f"{place:04}"}


@pytest.fixture(scope="module")
def recent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, list[dict[str, Any]]]:
    bucket, records = tmp_path_factory.mktemp("recent"), list(recorded())
    half = len(records) // 2
    for region, part in zip(REGIONS, (records[:half], records[half:]), strict=True):
        deliver(bucket, part, account=ACCOUNT, region=region, day=NOW.date())
    return archive(bucket), records


SAVED = {one.name: one for one in saved_searches(NAMES, SEARCHED.deployed_detections, account_ids=[ACCOUNT])}
PATTERNS = {
    **{one.name: one.pattern for one in REQUIRED},
    **{f"detections/{one.id}": FilterPattern.parse(one.pattern) for one in SEARCHED.deployed_detections},
}


# R-QRY-1, R-QRY-2, R-QRY-3
@pytest.mark.parametrize("name", SAVED)
def test_a_saved_search_finds_what_its_pattern_matches(name: str, recent: tuple[Archive, list[dict[str, Any]]]) -> None:
    found, records = recent
    pattern = PATTERNS[name]
    expected = sorted(record["eventID"] for record in records if pattern.matches(record))
    assert sorted(ids(found.query(SAVED[name].sql))) == expected


def test_most_saved_searches_find_something_here(
    recent: tuple[Archive, list[dict[str, Any]]],
) -> None:
    _, records = recent
    busy = [name for name in SAVED if any(PATTERNS[name].matches(one) for one in records)]
    assert len(busy) > 0.9 * len(SAVED), sorted(set(SAVED) - set(busy))
    assert {one.name for one in REQUIRED} <= set(busy)


def test_the_log_group_is_asked_the_same() -> None:
    # R-QRY-1, R-QRY-2, R-QRY-3: the console of Athena and that of Logs Insights must not answer differently
    for required, query in zip(REQUIRED, required_queries(), strict=True):
        assert query.name.startswith(required.description.partition(":")[0])
        assert f"| filter {insights_filter(required.pattern)}\n" in query.text


def test_every_detection_that_athena_can_say_is_saved() -> None:
    for name, pattern in PATTERNS.items():
        try:
            athena_predicate(pattern)
        except NotExpressible:
            assert name not in SAVED
        else:
            assert name in SAVED


@pytest.mark.skipif(not CORPUS.exists(), reason="no recorded events beside the project")
def test_recorded_events_are_found_as_the_patterns_match_them(tmp_path: Path) -> None:
    records = [
        {**record, "eventID": f"{place:05}", "eventTime": "2026-03-10T10:00:00Z"}
        for place, record in enumerate(itertools.islice(read_records([CORPUS], print), 2000))
    ]
    deliver(tmp_path, records, account=ACCOUNT, region="us-east-1", day=NOW.date())
    found = archive(tmp_path)
    for name in sorted(SAVED)[::4]:
        pattern = PATTERNS[name]
        expected = sorted(record["eventID"] for record in records if pattern.matches(record))
        assert sorted(ids(found.query(SAVED[name].sql))) == expected, name
