"""The Checkov gate (R-CMP-2): every finding is repaired or waived with a reason, and every waiver is needed.

``scan`` joins what Checkov found in the synthesised stacks with the waivers the resources carry (``waivers``) and says
what is left. Nothing passes by not being looked at: a stack Checkov can't parse, a check that breaks, and a requirement
that judged nothing in a stack that has a trail are failures too. How it is shown is left to ``scan_summary``,
``scan_sarif`` and ``scan_junit``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console

from cloudtrail_monitoring.governance.checkov_checks.ctm_rule import ARCHIVE, DETECTIONS, LOG_GROUP, TRAIL
from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES
from cloudtrail_monitoring.governance.checkov_run import ScanError, Stack, Verdict, parse_stack, run_checkov
from cloudtrail_monitoring.governance.scan_junit import to_junit
from cloudtrail_monitoring.governance.scan_result import Finding, ScanResult, Waiver
from cloudtrail_monitoring.governance.scan_sarif import to_sarif
from cloudtrail_monitoring.governance.scan_summary import print_summary
from cloudtrail_monitoring.governance.waivers import WAIVERS_KEY, reason_fault

__all__ = ["Finding", "Form", "ScanError", "ScanResult", "Waiver", "run", "scan", "scan_stack"]

PASSED, FAILED, UNUSABLE = 0, 1, 2
"""Exit statuses."""


def scan(output_dir: Path) -> ScanResult:
    """Run Checkov once over all stacks of a CDKTF output directory and join the waivers.

    Args:
        output_dir: where ``python main.py`` wrote to; the stacks are ``stacks/<name>/cdk.tf.json`` in it.

    Raises:
        ScanError: if there is no synthesised stack, or Checkov is not installed or gives no report.
    """
    files = sorted(output_dir.glob("stacks/*/cdk.tf.json"))
    if not files:
        raise ScanError(f"{output_dir} holds no synthesised stack: run `make synth` first")
    stacks: list[Stack] = []
    faults: list[str] = []
    for file in files:
        try:
            stacks.append(parse_stack(file.parent.name, file.read_text(encoding="utf-8")))
        except (ValueError, AttributeError) as error:
            faults.append(f"{file.parent.name}: cdk.tf.json can't be read: {error}")
    report = run_checkov(stacks)
    faults += report.faults
    for stack in stacks:
        faults += _not_judged(stack, [verdict for verdict in report.verdicts if verdict.stack == stack.name])
    return _joined(stacks, report.verdicts, faults)


def scan_stack(name: str, text: str) -> ScanResult:
    """Run Checkov on one stack and join its waivers, for a report that needs no other.

    Args:
        name: the stack's name.
        text: its ``cdk.tf.json``.

    Raises:
        ScanError: if Checkov is not installed, can't read the stack, or gives no report.
    """
    try:
        stack = parse_stack(name, text)
    except (ValueError, AttributeError) as error:
        raise ScanError(f"{name}: cdk.tf.json can't be read: {error}") from None
    report = run_checkov([stack])
    if report.faults:
        raise ScanError(report.faults[0])
    return _joined([stack], report.verdicts, ())


class Form(StrEnum):
    """How a result can be written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


_WRITERS: Mapping[Form, Callable[[ScanResult, Path], str]] = {
    Form.JSON: lambda result, _: result.to_json(),
    Form.SARIF: to_sarif,
    Form.JUNIT: lambda result, _: to_junit(result),
}


def run(output_dir: Path, console: Console, *, form: Form = Form.TEXT, files: Mapping[Form, Path] | None = None) -> int:
    """Scan, print the result, write it to files as well, and return the exit status.

    Args:
        output_dir: where ``python main.py`` wrote to.
        console: what the result is printed on.
        form: how it is printed.
        files: what else is written but text, and where to, whether the gate opens or not; folders that are missing
            are made.

    Returns:
        0 if the gate opens, 1 if not, 2 if the scan can't be done or a file can't be written.
    """
    try:
        result = scan(output_dir)
        for written, file in (files or {}).items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{_WRITERS[written](result, output_dir)}\n", encoding="utf-8")
    except ScanError as error:
        return _unusable(str(error))
    except OSError as error:
        return _unusable(f"{error.filename} can't be written: {error.strerror}")
    if form is Form.TEXT:
        print_summary(result, console)
    else:
        # not through rich, which would take escape characters in names for its own
        console.file.write(f"{_WRITERS[form](result, output_dir)}\n")
    return PASSED if result.ok else FAILED


def _unusable(message: str) -> int:
    Console(stderr=True, soft_wrap=True).print(f"scan: {message}", markup=False, highlight=False)
    return UNUSABLE


def _joined(stacks: Iterable[Stack], verdicts: Sequence[Verdict], faults: Iterable[str]) -> ScanResult:
    elements = {(stack.name, address): body for stack in stacks for address, body in stack.elements.items()}
    lines = {(stack.name, address): line for stack in stacks for address, line in stack.lines.items()}
    declared = sorted(waiver for stack in stacks for waiver in _waivers(stack))
    reasonless = [waiver for waiver in declared if reason_fault(waiver.reason)]
    reasons = {
        (waiver.stack, waiver.address, waiver.check_id): waiver.reason
        for waiver in declared
        if waiver not in reasonless
    }
    failed = {(v.stack, v.address, v.check_id): v for v in verdicts if not v.passed}

    def described(verdict: Verdict) -> Finding:
        place = (verdict.stack, verdict.address)
        return Finding(
            stack=verdict.stack,
            address=verdict.address,
            check_id=verdict.check_id,
            title=verdict.title,
            path=_path(elements.get(place, {})) or verdict.address,
            details=verdict.details,
            guideline=verdict.guideline,
            reason=reasons.get((*place, verdict.check_id)),
            line=lines.get(place, 1),
        )

    findings = sorted(described(verdict) for verdict in failed.values())
    return ScanResult(
        findings=tuple(finding for finding in findings if finding.reason is None),
        waived=tuple(finding for finding in findings if finding.reason is not None),
        unused=tuple(w for w in declared if w not in reasonless and (w.stack, w.address, w.check_id) not in failed),
        reasonless=tuple(reasonless),
        faults=tuple(faults),
        passes=tuple(sorted(replace(described(verdict), reason=None) for verdict in verdicts if verdict.passed)),
        resources={stack.name: len(stack.elements) for stack in stacks},
    )


def _comment(body: Any) -> dict[str, Any]:
    comment = body.get("//") if isinstance(body, dict) else None
    return comment if isinstance(comment, dict) else {}


def _path(body: Any) -> str | None:
    path = _comment(body).get("metadata", {}).get("path")
    return str(path) if path else None


def _waivers(stack: Stack) -> Iterator[Waiver]:
    for address, body in stack.elements.items():
        for check_id, reason in _comment(body).get(WAIVERS_KEY, {}).items():
            yield Waiver(
                stack.name, address, check_id, reason if isinstance(reason, str) else "", stack.lines.get(address, 1)
            )


def _not_judged(stack: Stack, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """What must have been judged in this stack and was not."""
    if not stack.elements:
        yield f"{stack.name}: the stack holds no resource"
    elif not verdicts:
        yield f"{stack.name}: Checkov judged nothing in the stack"
    judged = {verdict.check_id for verdict in verdicts}
    present = _present(stack)
    for rule in RULES.values():
        if rule.judged_with in present and rule.id not in judged:
            yield f"{stack.name}: {rule.id} judged nothing, so nothing shows that {rule.title} ({rule.requirement})"


def _present(stack: Stack) -> set[str]:
    """Which of the things that rules are about a stack has."""
    by_type: dict[str, list[tuple[str, Any]]] = {}
    for address, body in stack.elements.items():
        by_type.setdefault(address.rpartition(".")[0], []).append((address, body))
    trails = [body for _, body in by_type.get("aws_cloudtrail", ())]
    present = {TRAIL} if trails else set()
    for trail in trails:
        for thing, kind, argument, name in (
            (ARCHIVE, "aws_s3_bucket", "s3_bucket_name", "bucket"),
            (LOG_GROUP, "aws_cloudwatch_log_group", "cloud_watch_logs_group_arn", "arn"),
        ):
            target = str(trail.get(argument, ""))
            if any(f"{{{address}." in target or target == body.get(name) for address, body in by_type.get(kind, ())):
                present.add(thing)
    if LOG_GROUP in present and "aws_cloudwatch_log_metric_filter" in by_type:
        present.add(DETECTIONS)
    return present
