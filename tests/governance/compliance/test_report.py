"""The report as a command: what it prints and writes for prod, for a tampered output, and for one that is not there."""

import html
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cloudtrail_monitoring.governance.compliance.assessment import Checks, Status, assess
from cloudtrail_monitoring.governance.compliance.frameworks import FRAMEWORKS
from cloudtrail_monitoring.governance.compliance.output import Output
from cloudtrail_monitoring.governance.compliance.report import print_summary, to_json, write_reports
from cloudtrail_monitoring.governance.compliance.view import Compliance
from cloudtrail_monitoring.governance.report_files import ReportError
from cloudtrail_monitoring.governance.scan import ScanError, scan_stack
from tests.conftest import PROJECT
from tests.governance.compliance.broken_output import changed
from tests.synthesised import Stack

HOSTILE = '<script>alert("x")</script>|**b**'


def command(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`report compliance` as people run it, for an output that stands."""
    code = "from cloudtrail_monitoring.cli import app; app()"
    variables = {name: value for name, value in os.environ.items() if name != "CDKTF_OUTDIR"}
    return subprocess.run(
        [sys.executable, "-c", code, "report", "compliance", "--output", str(output), *arguments],
        cwd=PROJECT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def statuses(report: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (one["id"], control["number"]): control["status"] for one in report["frameworks"] for control in one["controls"]
    }


@pytest.fixture(scope="module")
def compliance(prod: Stack, prod_checks: Checks) -> Compliance:
    output = Output(prod.document)
    return Compliance("prod", "333333333333", assess(FRAMEWORKS, output, prod_checks), prod_checks)


@pytest.fixture(scope="module")
def tampered(prod: Stack, synthesised_output: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output with log file validation switched off, as somebody with an editor leaves it."""
    folder = tmp_path_factory.mktemp("tampered") / "cdktf.out"
    shutil.copytree(synthesised_output, folder)
    (trail,) = Output(prod.document).trails
    document = changed(prod.document, trail.address, "enable_log_file_validation", False)
    (folder / "stacks" / "prod" / "cdk.tf.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    return folder


def test_a_tampered_output_turns_its_controls_and_shows_the_failed_check(tampered: Path, tmp_path: Path) -> None:
    # R-CMP-1, R-TRL-3
    files = {ending: tmp_path / "made" / f"report.{ending}" for ending in ("md", "html", "json")}
    done = command(tampered, "--markdown", str(files["md"]), "--html", str(files["html"]), "--json", str(files["json"]))
    assert done.returncode == 0, done.stderr
    report = json.loads(files["json"].read_text(encoding="utf-8"))
    found = statuses(report)
    assert found["cis-aws", "3.2"] == "not met"
    assert found["pci-dss", "10.3.4"] == "not met"
    assert "CKV_CTM_TRL_3" in {one["check"] for one in report["failed_checks"]}
    (control,) = (one for one in report["frameworks"][4]["controls"] if one["number"] == "3.2")
    assert any("CKV_CTM_TRL_3 failed" in reason for reason in control["reasons"])
    assert "Benchmark 3.0.0 to 5.0.0, sections 3 and 4: 3.2 not met" in done.stdout
    assert "controls not met" in done.stdout.splitlines()[-1]
    for ending in ("md", "html"):
        assert "log files are validated by a digest chain" in files[ending].read_text(encoding="utf-8")


def test_a_missing_environment_is_one_line_and_exit_2(synthesised_output: Path, tmp_path: Path) -> None:
    # R-CMP-1
    for output, environment, said in (
        (synthesised_output, "nowhere", "there is no environment 'nowhere'"),
        (tmp_path / "nothing", "prod", "no synthesised output"),
    ):
        (tmp_path / "project").mkdir(exist_ok=True)
        done = command(output, "--environment", environment, "--project", str(tmp_path / "project"))
        assert done.returncode == 2
        told = [line for line in done.stderr.splitlines() if "may be stale" not in line]
        assert len(told) == 1
        assert said in told[0]
        assert done.stdout == ""


@pytest.mark.parametrize("text", ["[]", "{"])
def test_a_stack_that_can_not_be_read_is_not_scanned(text: str) -> None:
    # R-CMP-2
    with pytest.raises(ScanError, match=r"^prod: cdk\.tf\.json can't be read: "):
        scan_stack("prod", text)


def test_an_unwritable_file_is_one_line_and_nothing_is_half_done(compliance: Compliance, tmp_path: Path) -> None:
    # R-CMP-1
    with pytest.raises(ReportError, match="can't be written") as raised:
        write_reports(compliance, markdown=tmp_path, html=None, as_json=None)
    assert len(str(raised.value).splitlines()) == 1


def test_checkov_agrees_with_the_assertions_on_prod(prod: Stack, prod_checks: Checks, compliance: Compliance) -> None:
    # R-CMP-1, R-CMP-2: docs/compliance.md is made without Checkov
    without = assess(FRAMEWORKS, Output(prod.document), Checks())
    assert [[c.status for c in one.controls] for one in without] == [
        [c.status for c in one.controls] for one in compliance.frameworks
    ]
    assert prod_checks.passed


def test_the_json_says_what_was_seen(compliance: Compliance) -> None:
    # R-CMP-1
    report = json.loads(to_json(compliance))
    assert report["counts"] == {
        status.value: sum(one.count(status) for one in compliance.frameworks) for status in Status
    }
    (control,) = (one for one in report["frameworks"][4]["controls"] if one["number"] == "3.2")
    assert control["requirements"] == ["R-TRL-3"]
    (evidence,) = control["evidence"]
    assert [one["values"] for one in evidence["resources"]] == [{"enable_log_file_validation": True}] * 2
    assert evidence["checks"] == [{"id": "CKV_CTM_TRL_3", "verdict": "passed", "reasons": []}]


def test_every_control_stands_in_page_and_markdown(compliance: Compliance, tmp_path: Path) -> None:
    # R-CMP-1
    page, text = tmp_path / "c.html", tmp_path / "c.md"
    write_reports(compliance, markdown=text, html=page, as_json=None)
    shown, written = html.unescape(page.read_text(encoding="utf-8")), text.read_text(encoding="utf-8")
    for framework in FRAMEWORKS:
        assert framework.name in shown
        for one in framework.controls:
            assert f'<span class="number">{one.number}</span>' in shown
            assert one.asks in shown
            assert f"\n| {one.number} |" in written
    for waived in compliance.checks.waived:
        assert waived.check_id in shown
        assert waived.reason in shown
    assert "http-equiv" in shown
    assert "<script" not in shown


def test_what_an_output_says_is_shown_and_not_run(prod: Stack, tmp_path: Path) -> None:
    # R-CMP-1
    (trail,) = Output(prod.document).trails
    output = Output(changed(prod.document, trail.address, "name", HOSTILE))
    page, text = tmp_path / "c.html", tmp_path / "c.md"
    hostile = Compliance("prod", HOSTILE, assess(FRAMEWORKS, output, Checks()), Checks())
    write_reports(hostile, markdown=text, html=page, as_json=None)
    assert "<script" not in page.read_text(encoding="utf-8")
    assert "<script" not in text.read_text(encoding="utf-8").replace("\\<script", "")
    assert "|**b**" not in text.read_text(encoding="utf-8")


def test_the_terminal_names_what_is_not_met_and_why(compliance: Compliance) -> None:
    # R-CMP-1
    console = Console(width=140, record=True, quiet=False, file=None, force_terminal=False)
    with console.capture() as captured:
        print_summary(compliance, console)
    said = " ".join(captured.get().split())
    assert "HIPAA security rule: 164.312(b) not met" in said
    assert "phi_resources" in said
    assert "R-HLT-1" in said
    assert "Checkov on the stack: 0 failed" in said
