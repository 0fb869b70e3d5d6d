"""The command ``cloudtrail-monitoring review-plan``: reads a plan, writes the review, tells it in a few lines."""

import json
from collections.abc import Collection
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cloudtrail_monitoring.governance.plan_review.markdown import write_markdown
from cloudtrail_monitoring.governance.plan_review.plan import Action, PlanError, read_plan
from cloudtrail_monitoring.governance.plan_review.review import Review, review
from cloudtrail_monitoring.simulation.printable_text import printable


def run(
    path: Path,
    *,
    environment: str,
    approved: Collection[str],
    markdown: Path | None,
    verdict: Path | None,
    console: Console,
) -> int:
    """Review a plan.

    Args:
        path: what ``terraform show -json`` printed.
        environment: the plan's environment.
        approved: ids of weakenings that somebody approved.
        markdown: where the review is written; without it, it is printed.
        verdict: where the weakenings are written as JSON.
        console: where it is told.

    Returns:
        The exit status: 0 if nothing weakens or all is approved, 3 if something needs approval.

    Raises:
        PlanError: the plan can't be read, or a file can't be written.
    """
    result = review(read_plan(path), environment=environment, approved=approved)
    text = write_markdown(result)
    _write(markdown, text)
    _write(verdict, json.dumps(_verdict(result), indent=2) + "\n")
    if markdown is None:
        console.print(Text(text), soft_wrap=True)
    else:
        _tell(result, console)
    return int(result.status)


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PlanError(f"{path} can't be written: {error.strerror}") from None


def _verdict(result: Review) -> dict[str, object]:
    return {
        "environment": result.environment,
        "status": result.status.name.lower(),
        "weakenings": [
            {
                "id": one.id,
                "approved": one.approved,
                "rule": one.rule,
                "requirement": one.requirement,
                "address": one.address,
                "what": one.sentence,
                "why": one.reason,
                "drift": one.is_drift,
            }
            for one in result.weakenings
        ],
        "changes": sum(change.action is not Action.NOTHING for change in result.plan.changes)
        + len(result.plan.outputs),
        "drifted": [result.mask(change.address) for change in result.plan.drift],
        "put_back": [one.id for one in result.mended],
        "unused_approvals": list(result.unused_approvals),
    }


def _tell(result: Review, console: Console) -> None:
    for one in result.weakenings:
        state = "approved" if one.approved else "needs approval"
        console.print(
            Text(printable(f"{state}: {one.id}: {one.address}: {one.sentence} ({one.requirement})")), soft_wrap=True
        )
    for id_ in result.unused_approvals:
        console.print(Text(printable(f"approved, but nothing in this plan: {id_}")), soft_wrap=True)
    if not result.weakenings:
        console.print(f"{result.environment}: nothing weakens the audit trail")
