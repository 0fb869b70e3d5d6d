"""The Checkov gate over synthesised stacks: one real scan over a folder in which each stack is one situation."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.governance.scan import Finding, Form, ScanError, ScanResult, Waiver, run, scan
from cloudtrail_monitoring.governance.scan_summary import print_summary
from tests.governance.checkov_checks.samples import archive, trail, written_policy

REASON = "the topic carries nothing that is not public"
OPEN_TOPIC = {"name": "alerts"}
ENCRYPTED_TOPIC = {"name": "alerts", "kms_master_key_id": "alias/alerts"}
TOPIC = "aws_sns_topic.alerts"


def with_waivers(body: dict[str, Any], waivers: object, *, path: str = "prod/alerting/alerts") -> dict[str, Any]:
    return {"//": {"metadata": {"path": path, "uniqueId": "alerts"}, "waivers": waivers}, **body}


def topic(body: dict[str, Any]) -> dict[str, Any]:
    return {"resource": {"aws_sns_topic": {"alerts": body}}}


STACKS: dict[str, dict[str, Any]] = {
    "open": topic(OPEN_TOPIC),
    "waived": topic(with_waivers(OPEN_TOPIC, {"CKV_AWS_26": REASON})),
    "unused": topic(with_waivers(ENCRYPTED_TOPIC, {"CKV_AWS_26": REASON})),
    "unknown-check": topic(with_waivers(ENCRYPTED_TOPIC, {"CKV_AWS_999999": REASON})),
    "reasonless": topic(with_waivers(OPEN_TOPIC, {"CKV_AWS_26": ""})),
    "short-reason": topic(with_waivers(OPEN_TOPIC, {"CKV_AWS_26": "because"})),
    "other-resource": {
        "resource": {
            "aws_sns_topic": {"alerts": OPEN_TOPIC, "news": with_waivers(OPEN_TOPIC, {"CKV_AWS_26": REASON})},
        }
    },
    "same-id": {
        "resource": {
            "aws_sns_topic": {"same": OPEN_TOPIC},
            "aws_sqs_queue": {"same": with_waivers({"name": "queue"}, {"CKV_AWS_27": REASON})},
        }
    },
    "graph": {"resource": {"aws_s3_bucket": {"bucket": with_waivers({"bucket": "bucket"}, {"CKV_AWS_144": REASON})}}},
    "data": {
        "data": {
            "aws_iam_policy_document": {
                "all": with_waivers({"statement": [{"actions": ["*"], "resources": ["*"]}]}, {"CKV_AWS_1": REASON})
            }
        }
    },
    "required-version": {"terraform": {"required_version": ">= 1.10"}, **topic(OPEN_TOPIC)},
    "crash": {
        "resource": {
            "aws_s3_bucket_acl": {"public": {"bucket": "${aws_s3_bucket.bucket.id}", "acl": "public-read"}},
            "aws_s3_bucket": {"bucket": {"bucket": "bucket"}},
        }
    },
    "complete": {"data": {"aws_partition": {"current": {}}}, "resource": archive()},
    "policy-elsewhere": {"resource": archive() | written_policy("${data.aws_iam_policy_document.archive.json}")},
    "stopped-trail": {"resource": trail(enable_logging=False, s3_bucket_name="elsewhere")},
    "empty": {"terraform": {"backend": {"local": {}}}},
}


def write(directory: Path, stacks: dict[str, dict[str, Any]]) -> Path:
    for name, document in stacks.items():
        (directory / "stacks" / name).mkdir(parents=True)
        (directory / "stacks" / name / "cdk.tf.json").write_text(json.dumps(document))
    return directory


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    """The scan of all situations, on a machine whose own Checkov settings would hide them."""
    directory = write(tmp_path_factory.mktemp("out"), STACKS)
    (directory / "stacks/broken").mkdir()
    (directory / "stacks/broken/cdk.tf.json").write_text('{"resource": ')
    home = tmp_path_factory.mktemp("home")
    for place in (home, directory, directory / "stacks"):
        (place / ".checkov.yaml").write_text("skip-check: [CKV_AWS_26]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("CKV_SKIP_CHECK", "CKV_AWS_26")
        patch.chdir(home)
        return scan(directory)


def found(result: ScanResult, stack: str) -> set[tuple[str, str]]:
    """Open findings of a stack."""
    return {(finding.address, finding.check_id) for finding in result.findings if finding.stack == stack}


def faults(result: ScanResult, stack: str) -> list[str]:
    return [fault for fault in result.faults if fault.startswith(f"{stack}:")]


def test_a_failed_check_is_a_finding_whatever_the_machine_says(result: ScanResult) -> None:
    # R-CMP-2
    assert (TOPIC, "CKV_AWS_26") in found(result, "open")


def test_a_waiver_accepts_the_finding_and_keeps_its_reason(result: ScanResult) -> None:
    # R-CMP-2
    (waived,) = [finding for finding in result.waived if finding.stack == "waived"]

    assert (waived.address, waived.check_id, waived.reason) == (TOPIC, "CKV_AWS_26", REASON)
    assert waived.path == "prod/alerting/alerts"
    assert not found(result, "waived")


@pytest.mark.parametrize(("stack", "check_id"), [("unused", "CKV_AWS_26"), ("unknown-check", "CKV_AWS_999999")])
def test_a_waiver_of_what_does_not_fail_is_unused(stack: str, check_id: str, result: ScanResult) -> None:
    # R-CMP-2
    assert (stack, TOPIC, check_id, REASON) in {(w.stack, w.address, w.check_id, w.reason) for w in result.unused}


@pytest.mark.parametrize("stack", ["reasonless", "short-reason"])
def test_a_waiver_without_a_reason_waives_nothing(stack: str, result: ScanResult) -> None:
    # R-CMP-2
    assert [waiver.check_id for waiver in result.reasonless if waiver.stack == stack] == ["CKV_AWS_26"]
    assert (TOPIC, "CKV_AWS_26") in found(result, stack)


def test_a_waiver_holds_for_its_own_resource_only(result: ScanResult) -> None:
    # R-CMP-2
    assert found(result, "other-resource") == {(TOPIC, "CKV_AWS_26")}


def test_resources_of_the_same_id_are_told_apart_by_type(result: ScanResult) -> None:
    # R-CMP-2
    assert ("aws_sns_topic.same", "CKV_AWS_26") in found(result, "same-id")
    assert [f.address for f in result.waived if f.stack == "same-id"] == ["aws_sqs_queue.same"]


def test_a_finding_of_a_graph_check_can_be_waived(result: ScanResult) -> None:
    # R-CMP-2
    assert [(f.address, f.check_id) for f in result.waived if f.stack == "graph"] == [
        ("aws_s3_bucket.bucket", "CKV_AWS_144")
    ]


def test_a_finding_on_a_data_source_can_be_waived(result: ScanResult) -> None:
    # R-CMP-2
    assert ("data.aws_iam_policy_document.all", "CKV_AWS_1") in {
        (f.address, f.check_id) for f in result.waived if f.stack == "data"
    }


def test_a_stack_with_a_required_version_is_scanned(result: ScanResult) -> None:
    # R-CMP-2
    assert (TOPIC, "CKV_AWS_26") in found(result, "required-version")
    assert not faults(result, "required-version")


def test_a_check_that_breaks_has_not_passed(result: ScanResult) -> None:
    # R-CMP-2
    assert ("aws_s3_bucket_acl.public", "CKV_AWS_379") in found(result, "crash")


def test_a_file_that_is_not_json_is_a_fault(result: ScanResult) -> None:
    # R-CMP-2
    assert len(faults(result, "broken")) == 1


def test_a_stack_without_resources_is_a_fault(result: ScanResult) -> None:
    # R-CMP-2
    assert faults(result, "empty") == ["empty: the stack holds no resource"]


def test_a_requirement_nothing_was_judged_by_is_a_fault(result: ScanResult) -> None:
    # R-CMP-2, R-ARC-6
    assert any("CKV_CTM_ARC_6_READ judged nothing" in fault for fault in faults(result, "policy-elsewhere"))


def test_a_stopped_trail_alone_shows_nothing(result: ScanResult) -> None:
    # R-CMP-2, R-TRL-1
    assert any("CKV_CTM_TRL_1 judged nothing" in fault for fault in faults(result, "stopped-trail"))
    assert not any("ARC" in fault for fault in faults(result, "stopped-trail"))


def test_a_complete_archive_leaves_no_requirement_unjudged(result: ScanResult) -> None:
    # R-CMP-2
    assert faults(result, "complete") == []
    assert not [check_id for _, check_id in found(result, "complete") if "_CTM_" in check_id]


def test_resources_and_passed_checks_are_counted(result: ScanResult) -> None:
    # R-CMP-2
    assert result.resources["same-id"] == 2
    assert result.passed > 0


def test_the_result_as_json_has_findings_reasons_and_verdict(result: ScanResult) -> None:
    # R-CMP-2
    written = json.loads(result.to_json())

    assert written["ok"] is False
    assert {finding["reason"] for finding in written["waived"]} == {REASON}
    assert written["faults"] == list(result.faults)
    assert written["passed"] == result.passed
    assert "passes" not in written


def test_the_summary_shows_findings_waivers_with_reasons_and_the_verdict(result: ScanResult) -> None:
    # R-CMP-2
    page = io.StringIO()

    print_summary(result, Console(file=page, width=250))

    text = page.getvalue()
    assert "open" in text
    assert "CKV_AWS_26" in text
    assert REASON in text
    assert "gives no reason" in text
    assert "nothing to waive" in text
    assert text.strip().splitlines()[-1].startswith("failed (")


CLEAN = ScanResult(findings=(), waived=(), unused=(), reasonless=(), faults=(), passes=(), resources={"prod": 1})
A_FINDING = Finding("prod", TOPIC, "CKV_AWS_26", "encrypted", TOPIC)
A_WAIVER = Waiver("prod", TOPIC, "CKV_AWS_26", REASON)


def test_nothing_open_opens_the_gate() -> None:
    # R-CMP-2
    assert CLEAN.ok
    assert replace(CLEAN, waived=(replace(A_FINDING, reason=REASON),)).ok


@pytest.mark.parametrize(
    "change",
    [{"findings": (A_FINDING,)}, {"unused": (A_WAIVER,)}, {"reasonless": (A_WAIVER,)}, {"faults": ("a fault",)}],
    ids=lambda change: next(iter(change)),
)
def test_anything_open_closes_the_gate(change: dict[str, Any]) -> None:
    # R-CMP-2
    assert not replace(CLEAN, **change).ok


def test_the_exit_status_is_0_when_all_is_well(tmp_path: Path) -> None:
    # R-CMP-2
    page = io.StringIO()

    assert run(write(tmp_path, {"prod": topic(ENCRYPTED_TOPIC)}), Console(file=page)) == 0
    assert page.getvalue().startswith("passed: 1 resources in 1 stacks")


def test_the_exit_status_is_1_when_anything_is_open_and_files_are_written_all_the_same(tmp_path: Path) -> None:
    # R-CMP-2
    page = io.StringIO()
    files = {Form.SARIF: tmp_path / "reports/scan.sarif", Form.JUNIT: tmp_path / "reports/scan.xml"}

    status = run(write(tmp_path, {"prod": topic(OPEN_TOPIC)}), Console(file=page), form=Form.JSON, files=files)

    assert status == 1
    assert [f["check_id"] for f in json.loads(page.getvalue())["findings"]] == ["CKV_AWS_26"]
    (found,) = json.loads(files[Form.SARIF].read_text())["runs"][0]["results"]
    assert found["ruleId"] == "CKV_AWS_26"
    assert "<failure" in files[Form.JUNIT].read_text()


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # R-CMP-2
    (tmp_path / "reports").write_text("a file, not a folder")
    directory = write(tmp_path, {"prod": topic(ENCRYPTED_TOPIC)})

    assert run(directory, Console(), files={Form.SARIF: tmp_path / "reports/scan.sarif"}) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("scan: ")
    assert "can't be written" in printed.err
    assert printed.err.count("\n") == 1


def test_without_output_it_says_what_to_do_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # R-CMP-2
    assert run(tmp_path / "none", Console()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"scan: {tmp_path / 'none'} holds no synthesised stack: run `make synth` first\n"


def test_the_command_refuses_a_format_it_does_not_know() -> None:
    # R-CMP-2
    printed = CliRunner().invoke(app, ["scan", "--format", "yaml"])

    assert printed.exit_code == 2
    assert "text, json, sarif, junit" in printed.output


def test_the_command_writes_its_files(tmp_path: Path) -> None:
    # R-CMP-2
    directory = write(tmp_path, {"prod": topic(ENCRYPTED_TOPIC)})
    sarif, junit = tmp_path / "scan.sarif", tmp_path / "scan.xml"

    printed = CliRunner().invoke(app, ["scan", str(directory), "--sarif", str(sarif), "--junit", str(junit)])

    assert printed.exit_code == 0
    assert printed.output.startswith("passed: ")
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert junit.read_text().startswith("<?xml")


def test_scan_raises_where_there_is_nothing_to_scan(tmp_path: Path) -> None:
    # R-CMP-2
    with pytest.raises(ScanError, match="make synth"):
        scan(tmp_path)
