"""Runbook pages made from the catalogue: first questions, and commands with an environment's real names.

Pages written by hand stand in ``docs/runbooks`` and are left alone; every other detection gets a page from here. Its
first command runs the detection's own pattern over the last hour, so page and filter can't differ.
"""

import shlex
from collections.abc import Iterator

from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.detections.runbook_guides import GUIDES, Guide

WRITTEN_BY_HAND = (
    "console-login-failures",
    "console-login-without-mfa",
    "off-hours-iam-policy-change",
    "root-activity",
)
"""Ids of the detections whose pages say more than this module could."""

_CALL = ".eventTime, .eventName, .userIdentity.arn, .sourceIPAddress, .awsRegion, .errorCode"
_INSIGHT = (
    ".eventTime, .insightDetails.eventName, ([.insightDetails.insightContext.attributions[]?"
    ' | select(.attribute == "userIdentityArn").insight[]?.value][0]), .awsRegion, .insightDetails.errorCode'
)
"""What is shown of a record, for jq: an Insight is no call, and names it and its callers elsewhere."""


def runbook(detection: Detection, *, log_group_name: str, region: str, saved_query: str | None = None) -> str:
    """The page of one detection, as Markdown.

    Args:
        detection: with the environment's names in its pattern.
        log_group_name: of the trail.
        region: home Region of the trail.
        saved_query: name, folders included, of the query in CloudWatch that shows the same; ``None``: there is none.

    Raises:
        ValueError: if no guide fits the detection's requirement.
    """
    guide = _guide(detection)
    parts = [
        f"# {detection.title}",
        f"`{detection.id}`, {', '.join(_marks(detection))}. {detection.reason}",
        "**First questions**",
        "\n".join(f"{number}. {question}" for number, question in enumerate(guide.questions, 1)),
        "```sh",
    ]
    command = [
        f"aws logs filter-log-events --region {region} --log-group-name {shlex.quote(log_group_name)} \\",
        '  --start-time "$(($(date +%s) - 3600))000" \\',
        f"  --filter-pattern {shlex.quote(detection.pattern)} \\",
        "  --query 'events[].message' --output text |",
        f"  jq -r '[{_INSIGHT if detection.needs_insight else _CALL}] | @tsv'",
    ]
    saved = (
        f"In the console: CloudWatch, Logs Insights, saved query `{saved_query}`.\n\n"
        if saved_query
        else "There is no saved query: Logs Insights can't say this pattern.\n\n"
    )
    remedy = f"**If it was not meant:** {guide.remedy}\n"
    page = "\n\n".join(parts) + "\n" + "\n".join(command) + f"\n```\n\n{saved}{remedy}"
    sources = "\n".join(f"- <{reference}>" for reference in detection.references)
    return page + (f"\n**Read more**\n\n{sources}\n" if sources else "")


def index(detections: dict[str, Detection]) -> str:
    """The table of all detections, as Markdown; High ones first, then in the catalogue's order."""
    order = {"High": 0, "Medium": 1, "Low": 2}
    rows = sorted(detections.values(), key=lambda detection: order[detection.level.value])
    return "\n".join(
        [
            "| detection | level | what | requirement | MITRE ATT&CK |",
            "|---|---|---|---|---|",
            *(
                f"| [{one.id}]({one.id}.md) | {one.level.value} | {one.title} | {one.requirement or ''} |"
                f" {', '.join(map(_technique, one.techniques))} |"
                for one in rows
            ),
        ]
    )


def _marks(detection: Detection) -> Iterator[str]:
    yield f"level {detection.level.value}"
    if detection.requirement:
        yield detection.requirement
    if detection.techniques:
        yield f"MITRE ATT&CK {' and '.join(map(_technique, detection.techniques))}"


def _technique(id_: str) -> str:
    return f"[{id_}](https://attack.mitre.org/techniques/{id_.replace('.', '/')}/)"


def _guide(detection: Detection) -> Guide:
    for told in (detection.id, detection.requirement or ""):
        for guide in GUIDES:
            if told.startswith(guide.beginnings):
                return guide
    raise ValueError(f"{detection.id}: no guide fits {detection.requirement!r}: write docs/runbooks/{detection.id}.md")
