"""Writes a review: Markdown, a page of its own (no scripts, no outside resources, all escaped), JSON, the terminal.

What they say is left to ``view``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.governance.access_review.review import Review, Verdict
from cloudtrail_monitoring.governance.access_review.view import figures, view_of
from cloudtrail_monitoring.governance.report_files import markdown_of, page_of, write_files
from cloudtrail_monitoring.simulation.printable_text import printable

_PACKAGE = "cloudtrail_monitoring.governance.access_review"


def write_reports(review: Review, *, markdown: Path | None, html: Path | None, as_json: Path | None) -> None:
    """Write those that are wanted; all are made before the first is written.

    Raises:
        ReportError: a file can't be written, or Jinja2 is not installed.
    """
    write_files(
        {
            markdown: lambda: markdown_of(_PACKAGE, view_of(review)),
            html: lambda: page_of(_PACKAGE, view_of(review)),
            as_json: lambda: to_json(review),
        }
    )


def to_json(review: Review) -> str:
    """Everything that was found, ungrouped."""
    callers = [
        {
            "name": one.name,
            "principal": str(one.principal),
            "meant_as": sorted(one.groups),
            "identity_policies_known": one.known,
            "facts": dict(one.facts),
            "unjudged_policies": dict(one.unjudged),
        }
        for one in review.callers
    ]
    rights = [
        {
            "principal": one.caller,
            "part": one.part,
            "right": one.right.value,
            "verdict": one.verdict.value,
            "allowed": one.verdict not in (Verdict.LACK, Verdict.REFUSED),
            "actions": list(one.actions),
            "resource": one.resource,
            "by": one.by,
            "sid": one.sid,
            "only_under_conditions": one.conditional,
            "requirement": one.requirement,
        }
        for one in review.holdings
    ]
    content = {
        "environment": review.environment,
        "account": review.account_id,
        "at": review.at.isoformat(timespec="seconds"),
        "made_from": "account" if review.of_account else "synthesised output",
        "as_meant": review.is_as_meant,
        "parts": {name: [one.arn for one in resources] for name, resources in review.system.parts.items()},
        "principals": callers,
        "rights": rights,
        "differences": [{"part": one.part, "resource": one.resource, "text": one.text} for one in review.differences],
        "unreviewed": list(review.system.unreviewed),
    }
    return json.dumps(content, indent=2) + "\n"


def print_review(review: Review, console: Console) -> None:
    """The review on a terminal: deviations, the matrix in words, and the result."""
    view = view_of(review)
    console.print(
        Text(f"Access review of {review.environment}, account {review.account_id}, {view['at']}", style="bold")
    )
    console.print(Text(view["basis"]), style="dim")
    for title, columns, rows in _tables(view):
        if rows:
            _print_table(console, title, columns, rows)
    legend = ", ".join(f"{one['letter']} {one['name']}" for one in view["rights"])
    console.print(Text(f"{legend}; ! not meant; ( ) nothing of this system refuses it, or AWS's own rule", style="dim"))
    console.print(Text(f"None of these rights: {view['without'] or 'nobody'}", style="dim"))
    for one in view["unreviewed"]:
        console.print(Text(f"not reviewed, as it belongs to no part: {one}", style="yellow"))
    counted = ", ".join(f"{number} {name}" for number, name in figures(review))
    outcome = "as meant" if review.is_as_meant else "NOT as meant"
    console.print(Text(f"{outcome}: {counted}", style="green" if review.is_as_meant else "bold red"))


def _tables(view: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
    """Title, columns and rows of each table, in the report's order."""
    yield (
        "Deviations",
        ("who", "right", "parts", "actions", "why", "requirement"),
        [
            (one["who"], f"{one['verdict']}: {one['right']}", *(one[key] for key in _DEVIATION))
            for one in view["deviations"]
        ],
    )
    for title, key, columns, fields in (
        ("Otherwise than synthesised", "differences", ("part", "resource", "difference"), ("part", "name", "text")),
        ("Policies that can't be judged", "unjudged", ("who", "policy", "why"), ("who", "policy", "why")),
    ):
        yield title, columns, [[one[field] for field in fields] for one in view[key]]
    yield (
        "Who can do what",
        ("who", "rights, and to which parts"),
        [
            (_titled(row), "\n".join(f"{letters:<6} {parts}" for letters, parts in row["in_words"]))
            for row in view["rows"]
        ],
    )
    yield (
        "Refused by the system's own policies",
        ("who", "right", "parts", "by"),
        [(one["who"], one["right"], one["parts"], one["by"]) for one in view["refusals"]],
    )


_DEVIATION = ("parts", "actions", "why", "requirements")


def _titled(row: Mapping[str, Any]) -> str:
    return f"{row['who']}\n({row['group']})" if row["group"] else str(row["who"])


def _print_table(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text("\n".join(map(printable, cell.split("\n")))) for cell in row))
    console.print(table)
