"""R-DEL-3: ``cloudtrail-monitoring review-plan`` as a pipeline and a person call it."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from cloudtrail_monitoring.cli import app
from tests.governance.plan_review.plans import document, entry, reviewed

STOP = entry("aws_cloudtrail", {"enable_logging": True}, {"enable_logging": False})


def run(tmp_path: Path, given: Any, *options: str) -> Result:
    file = tmp_path / "prod.json"
    file.write_text(json.dumps(given))
    return CliRunner().invoke(app, ["review-plan", str(file), *options])


def test_a_safe_plan_exits_with_0(tmp_path: Path) -> None:
    done = run(tmp_path, document())
    assert done.exit_code == 0
    assert "nothing weakens the audit trail" in done.stdout


def test_a_weakening_exits_with_3_and_is_printed(tmp_path: Path) -> None:
    done = run(tmp_path, document(STOP))
    assert done.exit_code == 3
    assert "1 weakening needs approval" in done.stdout


def test_an_approved_weakening_exits_with_0_and_is_recorded(tmp_path: Path) -> None:
    id_ = reviewed(STOP).weakenings[0].id
    verdict = tmp_path / "verdict.json"
    done = run(tmp_path, document(STOP), "--approved", id_, "--json", str(verdict))
    assert done.exit_code == 0
    recorded = json.loads(verdict.read_text())
    assert recorded["status"] == "safe"
    assert [(one["id"], one["approved"]) for one in recorded["weakenings"]] == [(id_, True)]


def test_the_verdict_counts_changes_and_names_what_drifted(tmp_path: Path) -> None:
    verdict = tmp_path / "verdict.json"
    run(tmp_path, document(STOP, drift=(STOP,)), "--json", str(verdict))
    recorded = json.loads(verdict.read_text())
    assert (recorded["changes"], recorded["drifted"]) == (1, ["aws_cloudtrail.it"])


def test_the_review_is_written_where_asked_and_told_in_a_line_each(tmp_path: Path) -> None:
    markdown = tmp_path / "review.md"
    done = run(tmp_path, document(STOP), "--markdown", str(markdown))
    assert markdown.read_text().startswith("### 🔴 `prod`: 1 weakening needs approval")
    [line] = done.stdout.splitlines()
    assert line.startswith(f"needs approval: {reviewed(STOP).weakenings[0].id}: aws_cloudtrail.it: enable_logging")


def test_the_environment_is_the_file_s_name_or_what_is_given(tmp_path: Path) -> None:
    assert "`prod`" in run(tmp_path, document()).stdout
    assert "`dev`" in run(tmp_path, document(), "--environment", "dev").stdout


def test_what_is_no_plan_exits_with_2_and_writes_nothing(tmp_path: Path) -> None:
    markdown = tmp_path / "review.md"
    done = run(tmp_path, {"values": {}}, "--markdown", str(markdown))
    assert done.exit_code == 2
    assert not markdown.exists()
    assert len(done.stderr.splitlines()) == 1
    assert "not a plan" in done.stderr


def test_a_place_that_can_not_be_written_exits_with_2(tmp_path: Path) -> None:
    done = run(tmp_path, document(), "--markdown", str(tmp_path / "missing" / "review.md"))
    assert done.exit_code == 2
    assert "review.md can't be written" in done.stderr
