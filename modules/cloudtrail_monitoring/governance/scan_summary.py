"""Prints the result of a scan for people: a table for each stack that has something to say, and one closing line."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.governance.scan_result import ScanResult, Waiver
from cloudtrail_monitoring.governance.waivers import reason_fault

_STYLES = {"open": "bold red", "unused": "bold red", "no reason": "bold red", "waived": "dim"}


def print_summary(result: ScanResult, console: Console) -> None:
    """Open findings, waivers with their reasons, and what was not looked at; then the verdict."""
    for stack in result.resources:
        rows = _rows(result, stack)
        if rows:
            table = Table(title=stack, title_justify="left", title_style="bold", show_lines=False)
            for heading in ("", "check", "resource", "what or why"):
                table.add_column(heading, overflow="fold", no_wrap=heading in ("", "check"))
            for state, check_id, where, what in rows:
                table.add_row(Text(state, style=_STYLES[state]), Text(check_id), Text(where), Text(what))
            console.print(table)
    for fault in result.faults:
        console.print(Text(f"not scanned: {fault}", style="bold red"))
    console.print(Text(_closing(result), style="bold green" if result.ok else "bold red"))


def _rows(result: ScanResult, stack: str) -> list[tuple[str, str, str, str]]:
    """The open ones first, what is accepted last."""
    return [
        *(("open", f.check_id, f.path, f.message) for f in result.findings if f.stack == stack),
        *(
            ("no reason", w.check_id, w.address, f"the waiver {reason_fault(w.reason)}")
            for w in _of(result.reasonless, stack)
        ),
        *(("unused", w.check_id, w.address, f"nothing to waive: {w.reason}") for w in _of(result.unused, stack)),
        *(("waived", f.check_id, f.path, f.reason or "") for f in result.waived if f.stack == stack),
    ]


def _of(waivers: tuple[Waiver, ...], stack: str) -> list[Waiver]:
    return [waiver for waiver in waivers if waiver.stack == stack]


def _closing(result: ScanResult) -> str:
    counts = {
        "open": len(result.findings),
        "waivers without a reason": len(result.reasonless),
        "unused waivers": len(result.unused),
        "not scanned": len(result.faults),
    }
    failed = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return (
        f"{'passed' if result.ok else f'failed ({failed})'}: {sum(result.resources.values())} resources in "
        f"{len(result.resources)} stacks, {result.passed} checks passed, {len(result.waived)} waived"
    )
