"""Writes an assessment: Markdown, a page of its own (no scripts, nothing loaded, all escaped), JSON, the terminal.

What they say is left to ``view``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.governance.compliance.assessment import Proof, Status
from cloudtrail_monitoring.governance.compliance.view import STATUSES, Compliance, count, verdict_of, view_of
from cloudtrail_monitoring.governance.report_files import markdown_of, page_of, write_files
from cloudtrail_monitoring.simulation.printable_text import printable

_PACKAGE = "cloudtrail_monitoring.governance.compliance"
_STYLES = {
    Status.MET: "green",
    Status.PARTLY: "yellow",
    Status.NOT_MET: "bold red",
    Status.OUTSIDE: "dim",
}


def write_reports(compliance: Compliance, *, markdown: Path | None, html: Path | None, as_json: Path | None) -> None:
    """Write those that are wanted; all are made before the first is written.

    Raises:
        ReportError: a file can't be written, or Jinja2 is not installed.
    """
    write_files(
        {
            markdown: lambda: markdown_of(_PACKAGE, view_of(compliance)),
            html: lambda: page_of(_PACKAGE, view_of(compliance)),
            as_json: lambda: to_json(compliance),
        }
    )


def to_json(compliance: Compliance) -> str:
    """Everything that was seen, uncut."""
    content = {
        "environment": compliance.environment,
        "account": compliance.account,
        "counts": {status.value: count(compliance, status) for status in STATUSES},
        "frameworks": [
            {
                "id": one.framework.id,
                "name": one.framework.name,
                "scope": one.framework.scope,
                "source": one.framework.source,
                "controls": [
                    {
                        "number": assessed.control.number,
                        "asks": assessed.control.asks,
                        "source": assessed.control.source or one.framework.source,
                        "status": assessed.status.value,
                        "requirements": list(assessed.requirements),
                        "reasons": list(assessed.reasons),
                        "left": assessed.control.left,
                        "evidence": [_proof(proof) for proof in assessed.proofs],
                    }
                    for assessed in one.controls
                ],
            }
            for one in compliance.frameworks
        ],
        "failed_checks": [
            {"check": one.check_id, "resource": one.address, "why": one.message} for one in compliance.checks.failed
        ],
        "waived_checks": [
            {"check": one.check_id, "resource": one.address, "reason": one.reason} for one in compliance.checks.waived
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def print_summary(compliance: Compliance, console: Console) -> None:
    """A line for each standard, then what is not met and why, on a terminal or in a pipe."""
    table = Table("standard", *(status.value for status in STATUSES), title_justify="left")
    for one in compliance.frameworks:
        counts = (Text(str(one.count(status)), style=_STYLES[status]) for status in STATUSES)
        table.add_row(Text(one.framework.name), *counts)
    console.print(Text(f"Compliance of {compliance.environment}, account {compliance.account}", style="bold"))
    console.print(table)
    for framework in compliance.frameworks:
        for assessed in framework.controls:
            if assessed.status is Status.NOT_MET:
                title = f"{framework.framework.name}: {assessed.control.number} {assessed.status}"
                console.print(Text(printable(title), style=_STYLES[assessed.status]))
                for reason in assessed.reasons:
                    console.print(Text(f"  {printable(reason)}"))
    failed, waived = len(compliance.checks.failed), len(compliance.checks.waived)
    console.print(Text(f"Checkov on the stack: {failed} failed, {waived} waived with a reason", style="dim"))
    missing = count(compliance, Status.NOT_MET)
    console.print(Text(verdict_of(compliance), style="bold red" if missing else "bold green"))


def _proof(proof: Proof) -> Mapping[str, Any]:
    return {
        "requirement": proof.evidence.requirement,
        "claim": proof.evidence.claim,
        "holds": not proof.faults,
        "faults": list(proof.faults),
        "resources": [{"address": one.address, "values": dict(one.values)} for one in proof.judgement.seen],
        "checks": [{"id": one.id, "verdict": one.verdict.value, "reasons": list(one.reasons)} for one in proof.checks],
    }
