"""The tables of ``docs/compliance.md``: each control with an environment's status, and what keeps it from being met."""

from collections.abc import Sequence

from cloudtrail_monitoring.governance.compliance.assessment import AssessedControl, AssessedFramework


def tables(frameworks: Sequence[AssessedFramework]) -> str:
    """A heading and a table for each standard, as Markdown."""
    lines = []
    for one in frameworks:
        lines += [
            f"### {one.framework.name}",
            "",
            f"Speaks of {one.framework.scope}. [The standard]({one.framework.source}).",
            "",
            "| control | asks that | prod | requirements | missing, and left to others |",
            "|---|---|---|---|---|",
            *(_row(assessed) for assessed in one.controls),
            "",
        ]
    return "\n".join(lines[:-1])


def _row(assessed: AssessedControl) -> str:
    missing = dict.fromkeys(one.evidence.requirement for one in assessed.proofs if one.faults)
    why = [f"missing: {', '.join(missing)}"] if missing else []
    if assessed.control.left:
        why.append(f"left: {assessed.control.left}")
    cells = (
        assessed.control.number,
        assessed.control.asks,
        assessed.status.value,
        ", ".join(assessed.requirements) or "-",
        "; ".join(why) or "-",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
