"""The result of a scan as SARIF and JUnit: what code scanning services and CI servers read."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES
from cloudtrail_monitoring.governance.scan_junit import to_junit
from cloudtrail_monitoring.governance.scan_result import Finding, ScanResult, Waiver
from cloudtrail_monitoring.governance.scan_sarif import to_sarif
from tests.governance.sarif_structure import SARIF_LOG

TRAIL = "aws_cloudtrail.trail_1"
TOPIC = "aws_sns_topic.alerts"
REASON = "the trail's files are not read one by one"
OPEN = Finding(
    stack="prod",
    address=TRAIL,
    check_id="CKV_CTM_TRL_3",
    title=RULES["CKV_CTM_TRL_3"].name,
    path="prod/trail/trail",
    details=("enable_log_file_validation is not true",),
    guideline=RULES["CKV_CTM_TRL_3"].guideline,
    line=42,
)
WAIVED = Finding("prod", TRAIL, "CKV_AWS_252", "SNS topic", "prod/trail/trail", (), "https://docs.example/252", REASON)
PASSED = Finding("dev", TOPIC, "CKV_AWS_26", "encrypted <and> sound \x1b", TOPIC)
RESULT = ScanResult(
    findings=(OPEN,),
    waived=(WAIVED,),
    unused=(Waiver("dev", TOPIC, "CKV_AWS_26", "it carries nothing secret", 7),),
    reasonless=(Waiver("dev", TOPIC, "CKV_AWS_1", "because", 7),),
    faults=("staging: Checkov could not parse the stack",),
    passes=(PASSED,),
    resources={"dev": 1, "prod": 1},
)
CLEAN = replace(RESULT, findings=(), waived=(), unused=(), reasonless=(), faults=())


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A synthesised output inside a repository."""
    (tmp_path / ".git").mkdir()
    return tmp_path / "build/cdktf.out"


def run_of(result: ScanResult, output: Path) -> Any:
    (run,) = json.loads(to_sarif(result, output))["runs"]
    return run


def result_of(check_id: str, run: Any) -> Any:
    (found,) = [one for one in run["results"] if one["ruleId"] == check_id]
    return found


@pytest.mark.parametrize("result", [RESULT, CLEAN], ids=["everything", "nothing"])
def test_sarif_has_the_structure_of_the_standard(result: ScanResult, output: Path) -> None:
    # R-CMP-2
    jsonschema.validate(json.loads(to_sarif(result, output)), SARIF_LOG, format_checker=jsonschema.FormatChecker())


def test_a_finding_is_an_error_at_its_resource(output: Path) -> None:
    # R-CMP-2
    found = result_of("CKV_CTM_TRL_3", run_of(RESULT, output))
    (location,) = found["locations"]

    assert found["level"] == "error"
    assert "enable_log_file_validation is not true" in found["message"]["text"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "build/cdktf.out/stacks/prod/cdk.tf.json"
    assert location["physicalLocation"]["region"] == {"startLine": 42}
    assert {one["fullyQualifiedName"] for one in location["logicalLocations"]} == {f"prod:{TRAIL}", "prod/trail/trail"}


def test_only_a_waived_finding_is_suppressed_and_says_why(output: Path) -> None:
    # R-CMP-2
    run = run_of(RESULT, output)

    assert result_of("CKV_AWS_252", run)["suppressions"] == [{"kind": "inSource", "justification": REASON}]
    assert result_of("CKV_CTM_TRL_3", run)["suppressions"] == []


def test_each_result_finds_its_rule_and_the_rule_helps(output: Path) -> None:
    # R-CMP-2
    run = run_of(RESULT, output)
    rules = run["tool"]["driver"]["rules"]

    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    (own,) = [rule for rule in rules if rule["id"] == "CKV_CTM_TRL_3"]
    assert own["helpUri"] == RULES["CKV_CTM_TRL_3"].source
    assert RULES["CKV_CTM_TRL_3"].why in own["help"]["text"]
    assert RULES["CKV_CTM_TRL_3"].remedy in own["help"]["text"]
    assert "R-TRL-3" in own["properties"]["tags"]
    (of_checkov,) = [rule for rule in rules if rule["id"] == "CKV_AWS_252"]
    assert of_checkov["helpUri"] == "https://docs.example/252"


def test_waivers_that_are_no_good_are_results(output: Path) -> None:
    # R-CMP-2
    run = run_of(RESULT, output)

    assert "CKV_AWS_26" in result_of("WAIVER_UNUSED", run)["message"]["text"]
    assert "because" in result_of("WAIVER_WITHOUT_REASON", run)["message"]["text"]


def test_what_was_not_looked_at_makes_the_run_unsuccessful(output: Path) -> None:
    # R-CMP-2
    (broken,) = run_of(RESULT, output)["invocations"]
    (whole,) = run_of(CLEAN, output)["invocations"]

    assert broken["executionSuccessful"] is False
    assert [one["message"]["text"] for one in broken["toolExecutionNotifications"]] == list(RESULT.faults)
    assert whole == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_a_fingerprint_outlives_moved_lines_and_changed_words(output: Path) -> None:
    # R-CMP-2
    later = replace(RESULT, findings=(replace(OPEN, line=99, title="other words", details=()),))

    def fingerprint(result: ScanResult) -> Any:
        return result_of("CKV_CTM_TRL_3", run_of(result, output))["partialFingerprints"]

    assert fingerprint(later) == fingerprint(RESULT)


@pytest.mark.parametrize(
    "change",
    [{"stack": "dev"}, {"path": "prod/other"}, {"check_id": "CKV_AWS_36"}],
    ids=lambda change: next(iter(change)),
)
def test_other_findings_have_other_fingerprints(change: dict[str, str], output: Path) -> None:
    # R-CMP-2
    both = replace(RESULT, findings=(OPEN, replace(OPEN, **change)), waived=(), unused=(), reasonless=())
    results = run_of(both, output)["results"]

    assert len({one["partialFingerprints"]["resourceAndCheck/v1"] for one in results}) == 2


def test_outside_a_repository_no_path_of_the_machine_is_told(tmp_path: Path) -> None:
    # R-CMP-2
    written = to_sarif(RESULT, tmp_path / "cdktf.out")

    assert '"stacks/prod/cdk.tf.json"' in written
    assert str(tmp_path) not in written


def cases_of(suite: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(to_junit(RESULT))  # noqa: S314 - our own text
    return {case.get("name", ""): case for case in root.iterfind(f"testsuite[@name='{suite}']/testcase")}


def test_junit_has_a_suite_for_each_stack_and_counts_what_is_in_it() -> None:
    # R-CMP-2
    root = ElementTree.fromstring(to_junit(RESULT))  # noqa: S314 - our own text
    counted = ("tests", "failures", "skipped", "errors")
    counts = {suite.get("name"): tuple(suite.get(name) for name in counted) for suite in root}

    assert counts == {
        "dev": ("3", "2", "0", "0"),
        "prod": ("2", "1", "1", "0"),
        "scan": ("1", "0", "0", "1"),
    }
    assert tuple(root.get(name) for name in counted) == ("6", "3", "1", "1")


def test_a_finding_is_a_failure_with_its_remedy() -> None:
    # R-CMP-2
    case = cases_of("prod")[f"CKV_CTM_TRL_3 {OPEN.title}"]
    failure = case.find("failure")

    assert case.get("classname") == "prod/trail/trail"
    assert failure is not None
    assert "enable_log_file_validation is not true" in failure.get("message", "")
    assert RULES["CKV_CTM_TRL_3"].remedy in (failure.text or "")


def test_a_waived_finding_is_skipped_with_its_reason() -> None:
    # R-CMP-2
    skipped = cases_of("prod")["CKV_AWS_252 SNS topic"].find("skipped")

    assert skipped is not None
    assert skipped.get("message") == REASON


def test_what_passed_is_a_case_of_its_own_whatever_its_title_holds() -> None:
    # R-CMP-2
    case = cases_of("dev")["CKV_AWS_26 encrypted <and> sound ?"]

    assert list(case) == []


def test_waivers_that_are_no_good_and_faults_fail_in_junit() -> None:
    # R-CMP-2
    assert cases_of("dev")["waiver of CKV_AWS_26"].find("failure") is not None
    assert cases_of("dev")["waiver of CKV_AWS_1"].find("failure") is not None
    (fault,) = cases_of("scan").values()
    assert fault.find("error") is not None
