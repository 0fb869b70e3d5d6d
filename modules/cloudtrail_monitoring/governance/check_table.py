"""The tables of ``docs/checks.md``: every check with its requirement, and every requirement that no check reads."""

from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES

CHECKS_START, CHECKS_END = "<!-- checks -->", "<!-- end of checks -->"
NOT_READ_START, NOT_READ_END = "<!-- not read -->", "<!-- end of not read -->"

NOT_READ = {
    "R-ARC-7": "CloudTrail compresses what it delivers: there is no argument to read",
    "R-ARC-8": "what a table and its queries find shows when they run",
    "R-QRY-1": "what a saved query finds shows when it runs",
    "R-QRY-2": "what a saved query finds shows when it runs",
    "R-QRY-3": "what a saved query finds shows when it runs",
    "R-DSH-1": "a dashboard is one text; whether it shows the right thing is tested on its widgets",
    "R-DSH-2": "a dashboard is one text; whether it shows the right thing is tested on its widgets",
    "R-DSH-3": "a dashboard is one text; whether it shows the right thing is tested on its widgets",
    "R-DSH-4": "a dashboard is one text; whether it shows the right thing is tested on its widgets",
    "R-DSH-5": "a dashboard is one text; whether it shows the right thing is tested on its widgets",
    "R-RSP-5": "a process of people, with the commands that serve it",
    "R-RSP-6": "messages are written when an alarm fires",
    "R-CMP-1": "a report, made from these checks",
    "R-CMP-2": "the scan itself",
    "R-INT-1": "the digest chain is verified where the logs are",
    "R-INT-3": "a detection like others: its filter and alarm are judged as such",
    "R-INT-4": "a report",
    "R-HLT-1": "delivery shows when the trail runs",
    "R-HLT-2": "delivery shows when the trail runs",
    "R-CST-1": "an estimate",
    "R-CST-2": "a report",
    "R-DEL-3": "the review of a plan, not of the configuration",
    "R-DEL-4": "tests build each construct in a stack of its own",
    "R-DEL-5": "a page and outputs",
    "R-DEL-6": "a page",
}
"""Requirements that can't be read off a configuration, and what they are instead."""


def with_tables(page: str) -> str:
    """A page with its tables written anew between their marks.

    Raises:
        ValueError: if a mark is missing.
    """
    page = _between(page, CHECKS_START, CHECKS_END, _checks())
    return _between(page, NOT_READ_START, NOT_READ_END, _not_read())


def _checks() -> list[str]:
    rows = ["| check | requirement | what holds | why, and what to write |", "|---|---|---|---|"]
    return rows + [
        f"| `{rule.id}` | {rule.requirement} | {rule.title} | {rule.why} {rule.remedy} [Source]({rule.source}) |"
        for rule in RULES.values()
    ]


def _not_read() -> list[str]:
    return ["| requirement | why not |", "|---|---|", *(f"| {id_} | {why} |" for id_, why in NOT_READ.items())]


def _between(page: str, start: str, end: str, lines: list[str]) -> str:
    before, found_start, rest = page.partition(start)
    _, found_end, after = rest.partition(end)
    if not (found_start and found_end):
        raise ValueError(f"the page has no {start} … {end}")
    table = "\n".join(line.replace("<", "&lt;").replace(">", "&gt;") for line in lines)
    return f"{before}{start}\n{table}\n{end}{after}"
