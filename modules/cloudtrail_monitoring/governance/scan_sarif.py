"""Writes the result of a scan as SARIF 2.1.0, for code scanning services: one run over all stacks.

Checkov's own SARIF knows nothing of the waivers that travel in the resources. Here a waived finding is a suppressed
result, and a waiver that waives nothing a result of its own; what was not looked at is a notification of the run.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES
from cloudtrail_monitoring.governance.scan_result import Finding, ScanResult, Waiver
from cloudtrail_monitoring.governance.waivers import reason_fault

UNUSED_WAIVER, REASONLESS_WAIVER = "WAIVER_UNUSED", "WAIVER_WITHOUT_REASON"
"""The rules of waivers that waive nothing."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PACKAGE = "cloudtrail-monitoring"
_WAIVER_RULES = {
    UNUSED_WAIVER: "each waiver is needed: its check fails on its resource",
    REASONLESS_WAIVER: "each waiver says why the check does not hold",
}


def to_sarif(result: ScanResult, output_dir: Path) -> str:
    """The result as a SARIF log.

    Args:
        result: what the scan found.
        output_dir: the folder that was scanned. Locations are relative to the repository around it, or to the folder
            itself where there is none, so that no path of the machine is told.
    """
    findings = sorted((*result.findings, *result.waived))
    waivers = [*_of_waivers(result)]
    rules = _rules(findings, {check_id for check_id, _, _ in waivers})
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    base = _base(output_dir)
    results = [
        _result(index, base, finding.check_id, finding, finding.message, finding.path, finding.reason)
        for finding in findings
    ] + [_result(index, base, check_id, waiver, message, waiver.address, None) for check_id, waiver, message in waivers]
    run = {
        "tool": {"driver": {"name": f"{_PACKAGE} scan", "version": _version(), "rules": rules}},
        "automationDetails": {"id": f"{_PACKAGE}/scan/"},
        "invocations": [
            {
                "executionSuccessful": not result.faults,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": fault}} for fault in result.faults
                ],
            }
        ],
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _of_waivers(result: ScanResult) -> Iterator[tuple[str, Waiver, str]]:
    for waiver in result.unused:
        yield UNUSED_WAIVER, waiver, f"{waiver.check_id} does not fail here, so there is nothing to waive"
    for waiver in result.reasonless:
        yield REASONLESS_WAIVER, waiver, f"the waiver of {waiver.check_id} {reason_fault(waiver.reason)}"


def _rules(findings: Iterable[Finding], of_waivers: Iterable[str]) -> list[dict[str, Any]]:
    """A reporting descriptor for each check that has a result, by id."""
    found = {finding.check_id: _rule(finding) for finding in findings}
    for check_id in of_waivers:
        title = {"text": _WAIVER_RULES[check_id]}
        found[check_id] = {"id": check_id, "shortDescription": title, "help": title}
    return [found[check_id] for check_id in sorted(found)]


def _rule(finding: Finding) -> dict[str, Any]:
    rule = RULES.get(finding.check_id)
    if rule is not None:
        return {
            "id": rule.id,
            "shortDescription": {"text": rule.name},
            "fullDescription": {"text": rule.why},
            "help": {
                "text": f"{rule.why} {rule.remedy}",
                "markdown": f"{rule.why}\n\n{rule.remedy}\n\n[{rule.requirement}, read on]({rule.source})",
            },
            "helpUri": rule.source,
            "properties": {"tags": ["security", rule.requirement]},
        }
    described: dict[str, Any] = {
        "id": finding.check_id,
        "shortDescription": {"text": finding.title},
        "help": {"text": finding.guideline or finding.title},
        "properties": {"tags": ["security"]},
    }
    # the guideline of one of Checkov's own checks is the address of its page
    if (finding.guideline or "").startswith("https://"):
        described["helpUri"] = finding.guideline
    return described


def _result(
    index: dict[str, int],
    base: str,
    check_id: str,
    at: Finding | Waiver,
    message: str,
    path: str,
    reason: str | None,
) -> dict[str, Any]:
    fingerprint = hashlib.sha256("\n".join((at.stack, path, at.check_id, check_id)).encode()).hexdigest()
    return {
        "ruleId": check_id,
        "ruleIndex": index[check_id],
        "level": "error",
        "message": {"text": f"{message} ({at.address} in {at.stack})"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": f"{base}stacks/{at.stack}/cdk.tf.json", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": at.line},
                },
                "logicalLocations": [
                    {"name": at.address, "fullyQualifiedName": f"{at.stack}:{at.address}", "kind": "resource"},
                    *([{"fullyQualifiedName": path, "kind": "construct"}] if path != at.address else []),
                ],
            }
        ],
        # the resource and not its line: a resource above must not make old findings new.
        # GitHub reads the first name only, and otherwise hashes lines of a file that is not in the repository
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1", "resourceAndCheck/v1": fingerprint},
        # the waiver stands in the resource's own comment; an empty list says that there is none
        "suppressions": [{"kind": "inSource", "justification": reason}] if reason else [],
    }


def _base(output_dir: Path) -> str:
    folder = output_dir.resolve()
    for parent in folder.parents:
        if (parent / ".git").exists():
            return f"{folder.relative_to(parent).as_posix()}/"
    return ""


def _version() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return "0"
