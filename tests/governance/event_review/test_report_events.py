"""The command `report events`: what it says, writes and refuses (R-CST-2)."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cloudtrail_monitoring.cli import app
from tests.governance.event_review.recorded import KMS_PATTERN, data, record, stack, synthesised, written

WEEK = [f"2026-03-{day:02}T00:00:00Z" for day in range(1, 9)]
RECORDS = [
    *(record("CreateUser", at) for at in WEEK),
    *(record("Decrypt", at, "kms.amazonaws.com", readOnly=True) for at in WEEK * 2),
    *({**data("GetObject", read=True), "eventTime": at} for at in WEEK * 10),
]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return synthesised(tmp_path, stack(patterns={"user-made": "{ $.eventName = CreateUser }", "key": KMS_PATTERN}))


def run(output: Path, *arguments: str | Path) -> Result:
    options = ["--project", str(output.parent), "--output", output.name]
    return CliRunner().invoke(app, ["report", "events", *map(str, arguments), *options])


def test_it_counts_shares_and_costs(output: Path, tmp_path: Path) -> None:
    target = tmp_path / "made" / "events.json"
    result = run(output, written(tmp_path, RECORDS), "--json", target)
    assert result.exit_code == 0, result.stderr
    content = json.loads(target.read_text())
    assert (content["records"], content["span_days"]) == (104, 7)
    by_name = {one["name"]: one for one in content["events"]}
    read = by_name["GetObject"]
    assert (read["source"], read["category"], read["access"], read["records"]) == (
        "s3.amazonaws.com",
        "data",
        "read",
        80,
    )
    assert read["share"] == pytest.approx(80 / 104)
    assert read["monthly_costs"]["data events"] == pytest.approx(80 / 7 * 365.25 / 12 / 100_000 * 0.10)
    assert by_name["CreateUser"]["detections"] == ["user-made"]
    assert read["detections"] == []
    assert {one["source"] for one in content["sources"]} == {
        "iam.amazonaws.com", "kms.amazonaws.com", "s3.amazonaws.com",
    }  # fmt: skip
    withheld = {one["setting"]: one["withheld"] for one in content["cuts"]}
    assert withheld['trail.exclude_management_sources=("kms.amazonaws.com",)'] == "needed by key"
    assert withheld["trail.data_events: DataEvents(S3_OBJECT, read_write=WRITE_ONLY)"] is None


def test_it_reads_folders_and_gzip(output: Path, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    with gzip.open(folder / "a.json.gz", "wt") as file:
        json.dump({"Records": RECORDS}, file)
    result = run(output, folder)
    assert "104 records of 7.0 days" in result.stdout


def test_markdown_and_page_say_the_same(output: Path, tmp_path: Path) -> None:
    markdown, page = tmp_path / "events.md", tmp_path / "events.html"
    assert run(output, written(tmp_path, RECORDS), "--markdown", markdown, "--html", page).exit_code == 0
    for text in (markdown.read_text(), page.read_text()):
        assert "What prod records" in text
        assert "104 records of 7.0 days" in text
        assert "needed by key" in text
    assert page.read_text().count("<svg role=") == 1
    assert "http://" not in page.read_text()


def test_a_short_span_gives_no_costs(output: Path, tmp_path: Path) -> None:
    target = tmp_path / "events.json"
    result = run(output, written(tmp_path, [record("CreateUser")] * 5), "--json", target)
    assert "too short a time to tell what a month costs" in result.stdout
    content = json.loads(target.read_text())
    assert content["monthly_cost"] is None
    assert content["events"][0]["monthly_costs"] is None
    assert content["events"][0]["share"] == 1


def test_less_than_a_week_is_rough(output: Path, tmp_path: Path) -> None:
    days = [record("CreateUser", at) for at in WEEK[:3]]
    assert "less than a week" in run(output, written(tmp_path, days)).stdout
    assert "less than a week" not in run(output, written(tmp_path, RECORDS)).stdout


def test_the_span_can_be_told(output: Path, tmp_path: Path) -> None:
    file = written(tmp_path, [record("CreateUser")] * 5)
    assert "5 records of 30.0 days" in run(output, file, "--span-days", "30").stdout


def test_a_span_shorter_than_the_records_is_refused(output: Path, tmp_path: Path) -> None:
    result = run(output, written(tmp_path, RECORDS), "--span-days", "2")
    assert result.exit_code == 2
    assert "the records lie 7.00 days apart, so that it must be more" in result.stderr


def test_unreadable_records_are_counted_and_named(output: Path, tmp_path: Path) -> None:
    file = written(tmp_path, [*RECORDS, {"eventName": "NoTime", "eventSource": "x"}])
    result = run(output, file)
    assert result.exit_code == 0
    assert f"{file}:105: no eventTime" in result.stderr
    assert "1 records could not be read" in result.stdout


def test_records_that_the_trail_leaves_out_are_told(output: Path, tmp_path: Path) -> None:
    insight = record("X", WEEK[0], eventCategory="Insight")
    assert "1 of the records are none that prod's trails would record" in run(
        output, written(tmp_path, [*RECORDS, insight])
    ).stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("content", "fault"),
    [("not json\n", "no record could be read"), ("", "no CloudTrail records here")],
)
def test_a_file_without_records_is_refused(output: Path, tmp_path: Path, content: str, fault: str) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text(content)
    result = run(output, file)
    assert result.exit_code == 2
    assert fault in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_file_and_a_missing_environment_are_refused(output: Path, tmp_path: Path) -> None:
    missing = run(output, tmp_path / "nothing")
    assert (missing.exit_code, "no such file or folder" in missing.stderr) == (2, True)
    other = run(output, written(tmp_path, RECORDS), "--environment", "qa")
    assert (other.exit_code, "there is no environment 'qa'" in other.stderr) == (2, True)


def test_many_events_are_summed_up(output: Path, tmp_path: Path) -> None:
    many: list[dict[str, Any]] = [record(f"Call{number}", at) for number, at in enumerate(WEEK * 8)]
    markdown = tmp_path / "events.md"
    assert run(output, written(tmp_path, many), "--markdown", markdown).exit_code == 0
    assert "| 24 others |" in markdown.read_text()
    assert "| **all** |" in markdown.read_text()


def test_hostile_names_stay_text(output: Path, tmp_path: Path) -> None:
    page, markdown = tmp_path / "events.html", tmp_path / "events.md"
    hostile = [record("<script>alert(1)</script>|x", at) for at in WEEK]
    assert run(output, written(tmp_path, hostile), "--html", page, "--markdown", markdown).exit_code == 0
    assert "<script>" not in page.read_text()
    (row,) = [line for line in markdown.read_text().splitlines() if "alert(1)" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 9
    assert row.startswith(r"| \<script\>alert(1)\</script\>\|x |")


def test_a_record_can_not_pass_for_a_sum(output: Path, tmp_path: Path) -> None:
    page = tmp_path / "events.html"
    assert run(output, written(tmp_path, [record("**all**", at) for at in WEEK]), "--html", page).exit_code == 0
    assert page.read_text().count('<tr class="sum">') == 2
