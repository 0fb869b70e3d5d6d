"""Runbook pages made from the catalogue: first questions, and commands with an environment's real names.

Pages written by hand stand in ``docs/runbooks`` and are left alone; every other detection gets a page from here. Its
first command runs the detection's own pattern over the last hour, so page and filter can't differ.
"""

import shlex

from cloudtrail_monitoring.detections.detection import Detection

WRITTEN_BY_HAND = (
    "console-login-failures",
    "console-login-without-mfa",
    "off-hours-iam-policy-change",
    "root-activity",
)
"""Ids of the detections whose pages say more than this module could."""

# First questions and what to do, by the beginning of an id or of a requirement; the first that fits counts.
_GUIDES: tuple[tuple[str, tuple[str, str, str], str], ...] = (
    (
        "R-INT-2",
        (
            "Was a deployment or a break-glass operation going on? Then its ticket names this change.",
            "Who did it, by which role, and was it refused (`errorCode`)?",
            "Does the trail still log, and do the alarms still have their actions?",
        ),
        "deploy the environment again: Terraform puts back what was changed. Then revoke the sessions of whoever did"
        " it, and read everything the same identity did in the hours before.",
    ),
    (
        "R-INT-3",
        (
            "Which account is it, and do we know its owner?",
            "Which role or resource was reached, and which policy lets that account in?",
            "What did the session do afterwards?",
        ),
        "take the account out of the trust or resource policy, and revoke the role's active sessions.",
    ),
    (
        "R-EVT-12",
        (
            "Who changed what, and is there a ticket or a pipeline run that explains it?",
            "Was it refused (`errorCode`)? Then somebody tried.",
            "What else did the same identity do in the hour around it?",
        ),
        "put back what was changed, deactivate the key or revoke the sessions that were used, and widen the search to"
        " the identity's last days.",
    ),
    (
        "R-EVT",
        (
            "Who did it, from where, and is that person expected to manage identities?",
            "Which user, role or key is it about, and was it used since?",
            "What else did the same identity do in the hour around it?",
        ),
        "undo it (delete what was made, restore what was deleted), and revoke the sessions of whoever did it.",
    ),
)


def runbook(detection: Detection, *, log_group_name: str, region: str) -> str:
    """The page of one detection, as Markdown.

    Args:
        detection: with the environment's names in its pattern.
        log_group_name: of the trail.
        region: home Region of the trail.

    Raises:
        ValueError: if no guide fits the detection's requirement.
    """
    questions, remedy = _guide(detection)
    parts = [
        f"# {detection.title}",
        f"`{detection.id}`, level {detection.level.value}, {detection.requirement}. {detection.reason}",
        "**First questions**",
        "\n".join(f"{number}. {question}" for number, question in enumerate(questions, 1)),
        "```sh",
    ]
    command = [
        f"aws logs filter-log-events --region {region} --log-group-name {shlex.quote(log_group_name)} \\",
        "  --start-time \"$(date -d '1 hour ago' +%s000)\" \\",
        f"  --filter-pattern {shlex.quote(detection.pattern)} \\",
        "  --query 'events[].message' --output text |",
        "  jq -r '[.eventTime, .eventName, .userIdentity.arn, .sourceIPAddress, .awsRegion, .errorCode] | @tsv'",
    ]
    page = "\n\n".join(parts) + "\n" + "\n".join(command) + "\n```\n\n**If it was not meant:** " + remedy + "\n"
    sources = "\n".join(f"- <{reference}>" for reference in detection.references)
    return page + (f"\n**Read more**\n\n{sources}\n" if sources else "")


def index(detections: dict[str, Detection]) -> str:
    """The table of all detections, as Markdown; High ones first, then in the catalogue's order."""
    order = {"High": 0, "Medium": 1, "Low": 2}
    rows = sorted(detections.values(), key=lambda detection: order[detection.level.value])
    return "\n".join(
        [
            "| detection | level | what | requirement |",
            "|---|---|---|---|",
            *(
                f"| [{one.id}]({one.id}.md) | {one.level.value} | {one.title} | {one.requirement or ''} |"
                for one in rows
            ),
        ]
    )


def _guide(detection: Detection) -> tuple[tuple[str, str, str], str]:
    for beginning, questions, remedy in _GUIDES:
        if (detection.requirement or "").startswith(beginning):
            return questions, remedy
    raise ValueError(f"{detection.id}: no guide fits {detection.requirement!r}: write docs/runbooks/{detection.id}.md")
