"""The command ``search``: the SQL it writes, what it refuses in a line, and what it tells of a query that ran."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner

from cloudtrail_monitoring.archive.search import command_line
from cloudtrail_monitoring.archive.search.athena import Finished, run_query
from cloudtrail_monitoring.archive.search.search_request import SearchError, SearchRequest, sql_of
from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from tests.archive.search.samples import NAMES, SEARCHED, of_organization
from tests.conftest import PROJECT
from tests.settings_samples import ACCOUNT, SAMPLE

NOW = datetime(2026, 3, 10, 12, 30, 15, 500, tzinfo=UTC)
MEMBER = "444444444444"


def sql(request: SearchRequest, settings: Any = SEARCHED) -> str:
    return sql_of(settings, request, now=NOW)


# -- what is asked


# R-ARC-8
@pytest.mark.parametrize(
    ("first", "last", "times"),
    [
        ("2026-01-01", "2026-01-31", ("2026/01/01", "2026/02/01", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")),
        ("2026-01-01", None, ("2026/01/01", "2026/03/11", "2026-01-01T00:00:00Z", "2026-03-10T12:30:15Z")),
        (None, "2026-01-31", ("2026/01/25", "2026/02/01", "2026-01-25T00:00:00Z", "2026-02-01T00:00:00Z")),
        (None, None, ("2026/03/03", "2026/03/11", "2026-03-03T12:30:15Z", "2026-03-10T12:30:15Z")),
        ("20260101", "20260131", ("2026/01/01", "2026/02/01", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")),
        (None, "2025-01-01", ("2024/12/26", "2025/01/02", "2024-12-26T00:00:00Z", "2025-01-02T00:00:00Z")),
        (
            "2026-01-01T10:00:00.7Z",
            "2026-01-01T10:00:01.5Z",
            ("2026/01/01", "2026/01/02", "2026-01-01T10:00:00Z", "2026-01-01T10:00:02Z"),
        ),
        (
            "2026-01-01T10:00:00+02:00",
            "2026-01-01T23:58",
            ("2026/01/01", "2026/01/02", "2026-01-01T08:00:00Z", "2026-01-01T23:58:00Z"),
        ),
    ],
)
def test_every_query_has_days_and_times(first: str | None, last: str | None, times: tuple[str, ...]) -> None:
    begins, ends, since, until = times
    written = sql(SearchRequest(first, last))
    assert f"day BETWEEN '{begins}' AND '{ends}'" in written
    assert f"eventtime >= '{since}'\n  AND eventtime < '{until}'" in written
    assert f"WHERE account = '{ACCOUNT}'\n" in written


def test_all_that_is_asked_for_has_to_hold() -> None:
    written = sql(
        SearchRequest(
            pattern='{ $.eventName = "A" || $.eventName = "B" }',
            event_names=["A", "C"],
            principal="arn:aws:iam::1:user/x",
            regions=["us-east-1", "us-east-1"],
            limit=5,
        )
    )
    arn = "arn:aws:iam::1:user/x"
    where = written.partition("WHERE ")[2].split("\n  AND ")
    assert where[1] == "region = 'us-east-1'"
    assert where[-3:-1] == [
        "(eventname IN ('A', 'B'))",
        f"(useridentity.arn = '{arn}' OR useridentity.sessioncontext.sessionissuer.arn = '{arn}')",
    ]
    assert where[-1] == "(eventname IN ('A', 'C'))\nORDER BY eventtime, eventid\nLIMIT 5"


def test_a_detection_is_asked_as_the_environment_has_it() -> None:
    assert "useridentity.type = 'Root'" in sql(SearchRequest(detection="root-activity"))


def test_an_organization_names_accounts() -> None:  # R-TRL-6
    with pytest.raises(SearchError, match="--account"):
        sql(SearchRequest(), of_organization())
    assert f"account = '{MEMBER}'" in sql(SearchRequest(account_ids=[MEMBER]), of_organization())
    assert f"account IN ('{ACCOUNT}', '{MEMBER}')" in sql(SearchRequest(), of_organization(ACCOUNT, MEMBER))


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (SearchRequest("2026-01-31", "2026-01-01"), "is not before --to"),
        (SearchRequest("yesterday"), "--from 'yesterday' is no day such as"),
        (SearchRequest("2026-03-11", "2026-03-20"), "--from 2026-03-11T00:00:00Z is yet to come"),
        (SearchRequest(last="2024-12-31"), "--to 2024-12-31: the table begins with 2025-01-01"),
        (SearchRequest(principal="jordan"), "--principal 'jordan' is no ARN of a user"),
        (SearchRequest(last="2026-02-30"), "--to '2026-02-30' is no day"),
        (SearchRequest(last="9999-12-31"), "--to '9999-12-31' is no day"),
        (SearchRequest("0001-01-01T00:00:00+14:00"), "is no day"),
        (SearchRequest("2024-12-31"), "the table begins with 2025-01-01"),
        (SearchRequest(regions=["us-east-9"]), "--region 'us-east-9'"),
        (SearchRequest(account_ids=["1'"]), "is no AWS account id"),
        (SearchRequest(account_ids=[MEMBER]), f"--account '{MEMBER}': the table has {ACCOUNT}"),
        (SearchRequest(detection="nothing"), "has no detection 'nothing'"),
        (SearchRequest(pattern="{ $.a = }"), "filter pattern, character 9"),
        (SearchRequest(pattern='{ $.nothing = "a" }'), "Athena can't ask this: .*no column"),
        (SearchRequest(event_names=["x" * 300_000]), "and Athena takes 262,144"),
    ],
)
def test_what_can_not_be_meant_is_refused_in_a_line(request_: SearchRequest, says: str) -> None:
    with pytest.raises(SearchError, match=says) as refused:
        sql(request_)
    assert "\n" not in str(refused.value)


def test_an_environment_without_a_search_says_so() -> None:
    with pytest.raises(SearchError, match="sample has no search"):
        sql(SearchRequest(), SAMPLE)


# -- running it


class Answers(Aws):
    """AWS with one Athena client, whose answers are stubbed."""

    def __init__(self) -> None:
        super().__init__("us-east-1")
        self.athena = boto3.client("athena", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        self.stub = Stubber(self.athena)

    def client(self, service: str) -> Any:
        assert service == "athena"
        return self.athena


def execution(state: str, **more: Any) -> dict[str, Any]:
    reason = {"StateChangeReason": more.pop("reason")} if "reason" in more else {}
    return {"QueryExecution": {"QueryExecutionId": "q", "Status": {"State": state, **reason}, "Statistics": more}}


def page(*rows: list[str | None], token: str | None = None) -> dict[str, Any]:
    written = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in rows]
    return {"ResultSet": {"Rows": written}, **({"NextToken": token} if token else {})}


@pytest.fixture
def aws() -> Iterator[Answers]:
    answers = Answers()
    with answers.stub:
        answers.stub.add_response(
            "start_query_execution",
            {"QueryExecutionId": "q"},
            {
                "QueryString": "SELECT 1",
                "WorkGroup": "sample-audit-search",
                "QueryExecutionContext": {"Database": "sample_audit_archive"},
            },
        )
        yield answers
        answers.stub.assert_no_pending_responses()


def test_a_query_is_awaited_and_its_rows_are_read(aws: Answers) -> None:  # R-ARC-8
    for state, scanned in (("QUEUED", 0), ("RUNNING", 7), ("SUCCEEDED", 3_000_000)):
        done = {"TotalExecutionTimeInMillis": 1500} if state == "SUCCEEDED" else {}
        aws.stub.add_response("get_query_execution", execution(state, DataScannedInBytes=scanned, **done))
    aws.stub.add_response("get_query_results", page(["eventname", "error"], ["A", None], token="t"))
    aws.stub.add_response("get_query_results", page(["B", "AccessDenied"]))
    told: list[tuple[str, int]] = []
    waited: list[float] = []

    found = run_query(aws, NAMES, "SELECT 1", progress=lambda *at: told.append(at), sleep=waited.append)

    assert found.rows == [{"eventname": "A", "error": None}, {"eventname": "B", "error": "AccessDenied"}]
    assert (found.scanned_bytes, found.seconds) == (3_000_000, 1.5)
    assert told == [("QUEUED", 0), ("RUNNING", 7), ("SUCCEEDED", 3_000_000)]
    assert len(waited) == 2


@pytest.mark.parametrize(
    ("state", "reason", "says"),
    [
        ("FAILED", "SYNTAX_ERROR: line 1:8:\nColumn 'a' cannot be\x1b resolved", "Athena: the query failed: SYNTAX"),
        ("CANCELLED", "Bytes scanned limit was exceeded", "more than the workgroup sample-audit-search lets it"),
        ("FAILED", "", "no reason given"),
    ],
)
def test_a_query_that_does_not_end_well_is_told_in_a_line(aws: Answers, state: str, reason: str, says: str) -> None:
    aws.stub.add_response("get_query_execution", execution(state, reason=reason))
    with pytest.raises(SearchError, match=says) as told:
        run_query(aws, NAMES, "SELECT 1")
    assert str(told.value).isprintable() or "\ufffd" in str(told.value)
    assert "\n" not in str(told.value)


def test_whoever_stops_waiting_stops_the_query(aws: Answers) -> None:
    aws.stub.add_response("get_query_execution", execution("RUNNING"))
    aws.stub.add_response("stop_query_execution", {}, {"QueryExecutionId": "q"})

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_query(aws, NAMES, "SELECT 1", sleep=interrupted)


def test_a_query_costs_by_what_it_reads_and_ten_megabytes_at_least() -> None:  # R-CST-1
    assert Finished([], 2 * 2**40, 1).estimated_usd == pytest.approx(10)
    assert Finished([], 1, 1).estimated_usd == pytest.approx(5 * 10 / 2**20)


# -- the command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["search", "--project", str(PROJECT), *arguments])


@pytest.fixture(autouse=True)
def _contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDTRAIL_MONITORING_CONTACTS", str(PROJECT / "environments" / "contacts.example.toml"))


def test_the_command_prints_sql_and_asks_nobody() -> None:
    done = run("--from", "2026-01-01", "--to", "2026-01-02", "--event-name", "DeleteUser")
    assert done.exit_code == 0
    assert 'FROM "xyz_corp_audit_archive"."cloudtrail"' in done.output
    assert "eventname = 'DeleteUser'" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "soon"),
        ("--environment", "dev"),
        ("--environment", "nowhere"),
        ("--detection", "x"),
        ("--pattern", "{"),
    ],
)
def test_a_fault_is_one_line_and_exit_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_without_credentials_it_says_how_to_log_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # other tests have theirs, which has found its credentials already
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    done = run("--run")
    assert done.exit_code == 2
    assert "log in" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_another_account_is_not_searched() -> None:  # R-DEL-1
    with EmbeddedAws("999999999999", "us-east-1"):
        done = run("--run")
    assert done.exit_code == 2
    assert "account 999999999999, and prod is account 333333333333" in done.stderr


def test_a_run_prints_its_rows_and_what_it_read() -> None:  # R-ARC-8
    columns = ["eventtime", "eventname", "principal", "request"]
    event = ["2026-03-10T10:00:00Z", "DeleteUser", "[red]who\x1b[2J", '{"userName": "a"}']
    with EmbeddedAws("333333333333", "us-east-1") as aws:
        aws.client("athena").create_work_group(Name="xyz-corp-audit-search")
        from moto.athena.models import QueryResults, athena_backends

        rows = [{"Data": [{"VarCharValue": cell} for cell in row]} for row in (columns, event)]
        backend = athena_backends["333333333333"]["us-east-1"]
        backend.query_results_queue += [QueryResults(rows=rows, column_info=[]) for _ in range(2)]
        as_json, as_table = run("--run", "--json"), run("--run")
    assert as_json.exit_code == as_table.exit_code == 0, as_json.stderr
    assert json.loads(as_json.stdout) == dict(zip(columns, event, strict=True)) | {"request": {"userName": "a"}}
    assert "1 event, " in as_json.stderr
    assert as_json.stderr.endswith("less than $0.01\n")
    assert "[red]who\ufffd[2J" in as_table.stdout


def test_more_than_the_limit_may_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    command_line._tell(Finished([{}, {}], 100 * 2**30, 61), 2, as_json=True)
    assert (
        capsys.readouterr().err == "2 events (there may be more: --limit), 107,374.2 MB read in 61.0 s, about $0.49\n"
    )
