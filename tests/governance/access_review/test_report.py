"""The report of a review: deviations first, few rows, all escaped; and the command with its exit statuses."""

import json
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.governance.access_review import intents as part
from cloudtrail_monitoring.governance.access_review.report import print_review, to_json, write_reports
from cloudtrail_monitoring.governance.access_review.review import Difference, Holding, Review, Verdict
from cloudtrail_monitoring.governance.access_review.rights import Right
from cloudtrail_monitoring.governance.access_review.view import deviations, names, view_of
from cloudtrail_monitoring.governance.report_files import ReportError
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from tests.conftest import CONTACTS_VARIABLE, EXAMPLE_CONTACTS, PROJECT
from tests.governance.access_review.conftest import Synthesised

HOSTILE = "<script>alert(1)</script>"


def excess(caller: str, of: str, right: Right = Right.STOP) -> Holding:
    return Holding(
        caller,
        of,
        right,
        Verdict.EXCESS,
        "R-INT-2",
        ("cloudtrail:StopLogging",),
        "x",
        "by all, statement 1",
        None,
        False,
    )


@pytest.fixture
def deviating(prod_review: Synthesised) -> Review:
    review = prod_review.as_it_is
    stranger = replace(review.callers[0], name=HOSTILE, groups=frozenset())
    twin = replace(stranger, name="twin")
    return replace(
        review,
        callers=(*review.callers, stranger, twin),
        holdings=(
            *review.holdings,
            *(excess(caller, of) for caller in (HOSTILE, "twin") for of in (part.TRAIL, part.ALARMS)),
        ),
        of_account=True,
        differences=(Difference(part.ARCHIVE, "logs", f"its policy: {HOSTILE}"),),
    )


def written(review: Review, folder: Path) -> dict[str, str]:
    files = {one: folder / f"review.{one}" for one in ("md", "html", "json")}
    write_reports(review, markdown=files["md"], html=files["html"], as_json=files["json"])
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def test_principals_that_deviate_alike_are_one_row(deviating: Review) -> None:
    # R-INT-4: fifteen parts, four rights and twenty principals are still a page
    (row,) = deviations(deviating)
    assert row["who"] == f"{HOSTILE}, twin"
    assert row["parts"] == "trail, alarms"
    assert row["right"] == "stop"
    assert row["requirements"] == "R-INT-2"


def test_principals_of_the_same_rights_are_one_row_and_deviating_ones_come_first(deviating: Review) -> None:
    rows = view_of(deviating)["rows"]
    assert rows[0]["who"] == f"{HOSTILE}, twin"
    assert rows[0]["in_words"] == [("s!", "trail, alarms")]
    assert len(rows) < len(deviating.callers)


def test_each_format_says_what_where_when_and_leaves_room_for_a_signature(deviating: Review, tmp_path: Path) -> None:
    # R-INT-4
    texts = written(deviating, tmp_path)
    for text in (texts["md"], texts["html"]):
        assert "Access review: prod" in text
        assert "333333333333" in text
        assert "2026-03-31 09:00 UTC" in text
        assert text.index("Deviations") < text.index("Who can do what") < text.index("Sign-off")
        for wanted in ("reviewer", "date", "decision", "signature"):
            assert wanted in text[text.index("Sign-off") :]


def test_nothing_from_outside_is_markup(deviating: Review, tmp_path: Path) -> None:
    texts = written(deviating, tmp_path)
    assert HOSTILE not in texts["html"]
    assert HOSTILE not in texts["md"]
    assert "<script" not in texts["html"]
    assert "default-src &#39;none&#39;" in texts["html"] or "default-src 'none'" in texts["html"]


def test_json_tells_every_right_with_its_statement(prod_review: Synthesised) -> None:
    # R-INT-4
    content = json.loads(to_json(prod_review.as_it_is))
    assert content["as_meant"] is True
    assert content["at"] == "2026-03-31T09:00:00+00:00"
    (reading,) = (
        one
        for one in content["rights"]
        if (one["principal"], one["part"], one["right"]) == ("any administrator", "archive", "read")
    )
    assert reading["allowed"] is False
    assert reading["sid"] == "DenyObjectReadsButByAudit"
    assert reading["requirement"] == "R-ARC-6"


def test_a_terminal_s_width_is_enough(prod_review: Synthesised) -> None:
    console = Console(width=100, record=True, file=StringIO())
    print_review(prod_review.as_it_is, console)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) < 200
    assert lines[-1].startswith("as meant: ")


def test_names_are_counted_where_there_are_many() -> None:
    assert names("abcdefgh", most=3) == "a, b, c and 5 more"
    assert names("abc", most=3) == "a, b, c"


def test_a_file_that_can_t_be_written_is_told_in_a_line(prod_review: Synthesised, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ReportError, match=r"file/a\.json: can't be written: "):
        write_reports(prod_review.as_it_is, markdown=None, html=None, as_json=tmp_path / "file" / "a.json")


@pytest.fixture
def project(synthesised_output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv(CONTACTS_VARIABLE, EXAMPLE_CONTACTS)
    shutil.copytree(synthesised_output, tmp_path / "out")
    return ["report", "access", "--project", str(PROJECT), "--output", str(tmp_path / "out")]


def test_the_command_passes_what_is_as_meant(project: list[str], tmp_path: Path) -> None:
    # R-INT-4
    page = tmp_path / "new" / "access.html"
    result = CliRunner().invoke(app, [*project, "--environment", "dev", "--html", str(page)])
    assert result.exit_code == 0, result.output
    assert "as meant" in result.stdout
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_command_fails_on_a_deviation(project: list[str], tmp_path: Path) -> None:
    # R-INT-4
    stack = tmp_path / "out" / "stacks" / "dev" / "cdk.tf.json"
    text = stack.read_text(encoding="utf-8")
    assert '\\"Sid\\": \\"DenyObjectReadsButByAudit\\", \\"Effect\\": \\"Deny\\"' in text
    stack.write_text(
        text.replace('DenyObjectReadsButByAudit\\", \\"Effect\\": \\"Deny\\"', 'Oops\\", \\"Effect\\": \\"Allow\\"')
    )
    result = CliRunner().invoke(app, [*project, "--environment", "dev"])
    assert result.exit_code == 1
    assert "NOT as meant" in result.stdout


def test_the_command_refuses_what_it_can_t_use(project: list[str]) -> None:
    result = CliRunner().invoke(app, [*project, "--environment", "nowhere"])
    assert result.exit_code == 2
    assert result.stderr == "there is no environment 'nowhere'; there are dev, prod, staging\n"


def test_the_command_refuses_another_account(project: list[str]) -> None:
    # R-DEL-1
    with EmbeddedAws("444444444444", "us-east-1"):
        result = CliRunner().invoke(app, [*project, "--account"])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "these credentials are of account 444444444444, and prod is account 333333333333" in result.stderr


def test_help_has_an_example() -> None:
    result = CliRunner().invoke(app, ["report", "access", "--help"])
    assert result.exit_code == 0
    assert "Example: cloudtrail-monitoring report access" in result.stdout
