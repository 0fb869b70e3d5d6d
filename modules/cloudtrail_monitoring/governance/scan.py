"""The Checkov gate (R-CMP-2): every finding is repaired or waived with a reason, and every waiver is needed.

``scan`` joins what Checkov found in the synthesised stacks with the waivers the resources carry (``waivers``) and says
what is left. Nothing passes by not being looked at: a stack Checkov can't parse, a check that breaks, and a requirement
that judged nothing in a stack that has a trail are failures too. How it is shown is left to ``scan_summary``.
"""

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import ARCHIVE, LOG_GROUP, RULES, TRAIL
from cloudtrail_monitoring.governance.checkov_run import ScanError, Stack, Verdict, parse_stack, run_checkov
from cloudtrail_monitoring.governance.scan_result import Finding, ScanResult, Waiver
from cloudtrail_monitoring.governance.scan_summary import print_summary
from cloudtrail_monitoring.governance.waivers import WAIVERS_KEY, reason_fault

__all__ = ["Finding", "ScanError", "ScanResult", "Waiver", "main", "run", "scan"]

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


def run(output_dir: Path, console: Console, *, as_json: bool = False) -> int:
    """Scan, print the summary (or JSON) and return the exit status: 0 passed, 1 failed, 2 could not scan."""
    try:
        result = scan(output_dir)
    except ScanError as error:
        Console(stderr=True, soft_wrap=True).print(f"scan: {error}", markup=False, highlight=False)
        return UNUSABLE
    if as_json:
        console.print(result.to_json(), markup=False, highlight=False, soft_wrap=True)
    else:
        print_summary(result, console)
    return PASSED if result.ok else FAILED


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m cloudtrail_monitoring.governance.scan [DIRECTORY] [--json]``"""
    parser = argparse.ArgumentParser(
        prog="scan", description="Scan the synthesised stacks with Checkov.", epilog="example: scan cdktf.out --json"
    )
    parser.add_argument("directory", nargs="?", type=Path, default=Path(os.environ.get("CDKTF_OUTDIR", "cdktf.out")))
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    return run(options.directory, Console(), as_json=options.json)


def _joined(stacks: Iterable[Stack], verdicts: Sequence[Verdict], faults: Iterable[str]) -> ScanResult:
    elements = {(stack.name, address): body for stack in stacks for address, body in stack.elements.items()}
    declared = sorted(waiver for stack in stacks for waiver in _waivers(stack))
    reasonless = [waiver for waiver in declared if reason_fault(waiver.reason)]
    reasons = {
        (waiver.stack, waiver.address, waiver.check_id): waiver.reason
        for waiver in declared
        if waiver not in reasonless
    }
    failed = {(v.stack, v.address, v.check_id): v for v in verdicts if not v.passed}
    findings = sorted(
        Finding(
            stack=verdict.stack,
            address=verdict.address,
            check_id=verdict.check_id,
            title=verdict.title,
            path=_path(elements.get((verdict.stack, verdict.address), {})) or verdict.address,
            details=verdict.details,
            guideline=verdict.guideline,
            reason=reasons.get(key),
        )
        for key, verdict in failed.items()
    )
    return ScanResult(
        findings=tuple(finding for finding in findings if finding.reason is None),
        waived=tuple(finding for finding in findings if finding.reason is not None),
        unused=tuple(w for w in declared if w not in reasonless and (w.stack, w.address, w.check_id) not in failed),
        reasonless=tuple(reasonless),
        faults=tuple(faults),
        passed=sum(verdict.passed for verdict in verdicts),
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
            yield Waiver(stack.name, address, check_id, reason if isinstance(reason, str) else "")


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
    return present


if __name__ == "__main__":
    raise SystemExit(main())
