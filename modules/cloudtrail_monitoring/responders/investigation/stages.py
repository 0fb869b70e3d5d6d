"""What each stage of an incident asks for, and which runbook says more (R-RSP-5): tables for commands and reports."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from cloudtrail_monitoring.responders.runtime.account_lockout import RUNBOOK as LOCKOUT_RUNBOOK
from cloudtrail_monitoring.responders.runtime.account_lockout import SPRAYING
from cloudtrail_monitoring.responders.runtime.containment import Kind
from cloudtrail_monitoring.responders.runtime.enhanced_logging import RUNBOOK as OFF_HOURS_RUNBOOK
from cloudtrail_monitoring.responders.runtime.geo_challenge import RUNBOOK as LOGIN_RUNBOOK
from cloudtrail_monitoring.responders.runtime.incidents import ORDER, Stage
from cloudtrail_monitoring.responders.runtime.root_conversation import KIND as ROOT_KIND
from cloudtrail_monitoring.responders.runtime.root_conversation import RUNBOOK as ROOT_RUNBOOK


class Task(NamedTuple):
    """What there is to do in a stage before the next one."""

    goal: str
    steps: tuple[str, ...]


TASKS: Mapping[Stage, Task] = {
    Stage.ALERT: Task(
        "Somebody takes it on.",
        ("Say that you have it: advance it to assessment.",),
    ),
    Stage.ASSESSMENT: Task(
        "Is it real, and who is it?",
        (
            "Gather the evidence, and answer the runbook's questions; note each answer.",
            "Ask the person concerned by phone, not by mail or chat: those may be read by somebody else.",
            "If it was meant, say so in --why, and walk it on to closed.",
        ),
    ),
    Stage.IMPACT: Task(
        "What was reached, changed or read, and since when?",
        (
            "Go through what was touched; every key, user, role and policy made or changed is a way back in.",
            "Widen the search to before the first sign (--hours-before), and follow the sessions that were opened.",
            "Was personal, health or card data read? Then notification periods run: tell the data protection officer.",
        ),
    ),
    Stage.CONTAINMENT: Task(
        "What must not go on?",
        (
            "Does the automatic containment still stand, and long enough? It ends by itself.",
            "Deactivate keys, revoke sessions, reset passwords; undo what was changed, and note each.",
            "Check that it holds: gather again, and see that nothing succeeded since.",
        ),
    ),
    Stage.DOCUMENTATION: Task(
        "What will be asked in a year?",
        (
            "Upload the evidence (gather --upload), and write the report.",
            "Note the cause, what is to be changed so that it does not come again, and who does that by when.",
            "Was the alert right, early and clear enough? If not, tune the detection.",
        ),
    ),
    Stage.CLOSED: Task("Nothing is left to do.", ()),
}

RUNBOOKS: Mapping[str, str] = {
    Kind.ACCOUNT_LOCKOUT: LOCKOUT_RUNBOOK,
    SPRAYING: LOCKOUT_RUNBOOK,
    Kind.GEO_CHALLENGE: LOGIN_RUNBOOK,
    Kind.ENHANCED_LOGGING: OFF_HOURS_RUNBOOK,
    ROOT_KIND: ROOT_RUNBOOK,
}
INDEX = "README"
"""The page that lists all runbooks: for kinds that name none."""
_DETECTION = re.compile(r"[a-z][a-z0-9-]{0,63}")


def runbook_of(kind: str) -> str:
    """The runbook's name for a kind of incident; of one that people opened, the detection's id is its name."""
    return RUNBOOKS.get(kind) or (kind if _DETECTION.fullmatch(kind) else INDEX)


def following(stage: Stage) -> Stage | None:
    """The stage after this one; ``None`` after the last."""
    return next(iter(ORDER[ORDER.index(stage) + 1 :]), None)
