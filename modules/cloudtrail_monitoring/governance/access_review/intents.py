"""Who is meant to have which right on which part: the settings' roles, the system's own, and AWS's services.

A part is called as here in the report. Where ``held`` is said, the system's own policies keep everybody else out,
administrators included; the other rights are left to the account's IAM policies, which only the account itself tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cloudtrail_monitoring.governance.access_review.rights import Right
from cloudtrail_monitoring.responders.names import ALARM_STORY, INTAKE, RELEASE, ROUTER
from cloudtrail_monitoring.settings import MonitoringSettings

# Roles that the settings name, by what they are for.
AUDIT, DEPLOY, PLAN, BREAK_GLASS, INVESTIGATORS = "audit", "deploy", "plan", "break-glass", "investigators"
LOG_DELIVERY, SCHEDULER = "log-delivery", "scheduler"
"""Roles the system makes beside those of its functions, which bear the functions' names."""
CLOUDTRAIL, S3_LOGGING, CLOUDWATCH, EVENTS = "cloudtrail", "logging.s3", "cloudwatch", "events"
BUDGETS = "budgets"
LOGS, SUBSCRIPTIONS = "logs of the Region", "logs"
"""AWS's services; CloudWatch Logs encrypts under one name and calls functions under another."""

ARCHIVE, ARCHIVE_ACCESS_LOGS = "archive", "archive's access logs"
EVIDENCE, EVIDENCE_ACCESS_LOGS = "evidence", "evidence's access logs"
RESULTS, RESULTS_ACCESS_LOGS, SEARCH = "search results", "search results' access logs", "archive search"
STATE, STATE_ACCESS_LOGS = "state bucket", "state's access logs"
TRAIL, ENHANCED_TRAIL = "trail", "enhanced trail"
TRAIL_KEY, TOPICS_KEY, RESPONDERS_KEY = "trail's key", "topics' key", "responders' key"
TRAIL_LOGS, OTHER_LOGS = "trail's log group", "responders' log groups"
ALARMS, TOPICS, RULES = "alarms", "topics", "event rules"
DASHBOARD = "dashboard"
BUDGET = "budget"
EVENTS_QUEUE, DEAD_LETTERS = "events queue", "dead letters"
FUNCTIONS, TRIGGERS, TABLES, SWITCH, SCHEDULES = "functions", "function triggers", "tables", "switch", "schedules"
OWN_ROLES, NAMED_ROLES = "own roles", "roles of the settings"
GUARD_RAIL, DELIVERY = "guard rail", "delivery"
"""The permission boundary that protects all this; what lets GitHub plan and deploy."""

Groups = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """Who is meant to have one right on one part.

    Args:
        must: works only if they have it.
        may: may have it.
        held: whether the system's own policies deny it to everybody else.
        requirement: which this is about.
    """

    must: Groups = ()
    may: Groups = ()
    held: bool = False
    requirement: str = "R-INT-2"

    def allows(self, groups: frozenset[str]) -> bool:
        return not groups.isdisjoint(self.must + self.may)


Intents = Mapping[str, Mapping[Right, Intent]]

_LAST_RESORT = (DEPLOY, BREAK_GLASS)
_MANAGED = {
    Right.CHANGE: Intent(must=(DEPLOY,), may=(BREAK_GLASS,)),
    Right.STOP: Intent(may=_LAST_RESORT),
}
_CONTAINING = (ROUTER, RELEASE)
_TELLING = (*_CONTAINING, ALARM_STORY)
_OWN_FUNCTIONS = (INTAKE, *_TELLING)
_READERS = (AUDIT, INVESTIGATORS)
_OF_RESPONDERS_KEY = (*_OWN_FUNCTIONS, DEPLOY, *_READERS)


def intents(settings: MonitoringSettings) -> Intents:
    """Who is meant to have what, by part and right; a right that is missing there is not reviewed."""
    telling: Groups = (CLOUDWATCH, EVENTS, *((BUDGETS,) if settings.budget else ()))
    key_losers: Groups = () if settings.deletion_protection else (DEPLOY,)
    return {
        ARCHIVE: _guarded("R-ARC-6", readers=(AUDIT,), writers=(CLOUDTRAIL,)),
        ARCHIVE_ACCESS_LOGS: _guarded("R-ARC-6", readers=(AUDIT,), writers=(S3_LOGGING,)),
        EVIDENCE: _guarded("R-RSP-5", readers=(AUDIT,), writers=(INVESTIGATORS,)),
        EVIDENCE_ACCESS_LOGS: _guarded("R-RSP-5", readers=(AUDIT,), writers=(S3_LOGGING,)),
        # a result is a piece of the archive, and put there in the name of who asked
        RESULTS: _guarded("R-ARC-6", readers=(AUDIT,), writers=(AUDIT,)),
        RESULTS_ACCESS_LOGS: _guarded("R-ARC-6", readers=(AUDIT,), writers=(S3_LOGGING,)),
        SEARCH: {right: replace(intent, requirement="R-ARC-8") for right, intent in _MANAGED.items()},
        # whoever bootstraps the state changes its buckets, and the settings don't say who that is
        STATE_ACCESS_LOGS: {
            **_guarded("R-DEL-2", readers=(AUDIT,), writers=(S3_LOGGING,)),
            Right.CHANGE: Intent(may=_LAST_RESORT, held=True, requirement="R-DEL-2"),
        },
        STATE: {
            Right.READ: Intent(must=(DEPLOY,), may=(PLAN, BREAK_GLASS), requirement="R-DEL-2"),
            Right.WRITE: Intent(must=(DEPLOY,), may=(BREAK_GLASS,), requirement="R-DEL-2"),
            Right.CHANGE: Intent(may=_LAST_RESORT, requirement="R-DEL-2"),
            Right.STOP: Intent(may=_LAST_RESORT, requirement="R-DEL-2"),
        },
        TRAIL: {Right.READ: Intent(may=(*_READERS, *_LAST_RESORT), requirement="R-ARC-6"), **_MANAGED},
        ENHANCED_TRAIL: {
            Right.CHANGE: Intent(must=(DEPLOY,), may=(BREAK_GLASS, *_CONTAINING)),
            Right.STOP: Intent(may=(*_LAST_RESORT, *_CONTAINING)),
        },
        TRAIL_KEY: {
            Right.READ: Intent(must=(AUDIT,), may=(LOGS,), held=True, requirement="R-ARC-6"),
            Right.WRITE: Intent(must=(CLOUDTRAIL, LOGS), held=True, requirement="R-ARC-2"),
            Right.CHANGE: Intent(must=(DEPLOY,), may=(BREAK_GLASS,), held=True),
            Right.STOP: Intent(must=(BREAK_GLASS,), may=key_losers, held=True),
        },
        TOPICS_KEY: {
            Right.READ: Intent(must=telling, may=_TELLING, held=True, requirement="R-ALM-6"),
            Right.WRITE: Intent(must=telling, may=_TELLING, held=True, requirement="R-ALM-6"),
            **_MANAGED,
        },
        RESPONDERS_KEY: {
            # a plan compares the functions' variables, which Lambda decrypts in its name
            Right.READ: Intent(must=(LOGS, EVENTS), may=(*_OF_RESPONDERS_KEY, PLAN), held=True, requirement="R-RSP-5"),
            Right.WRITE: Intent(must=(LOGS, EVENTS), may=_OF_RESPONDERS_KEY, held=True, requirement="R-RSP-5"),
            **_MANAGED,
        },
        TRAIL_LOGS: {
            Right.READ: Intent(may=(*_READERS, ALARM_STORY), requirement="R-ARC-6"),
            Right.WRITE: Intent(must=(LOG_DELIVERY,), requirement="R-TRL-4"),
            **_MANAGED,
        },
        OTHER_LOGS: {
            Right.READ: Intent(may=(*_READERS, DEPLOY), requirement="R-RSP-5"),
            Right.WRITE: Intent(may=_OWN_FUNCTIONS, requirement="R-RSP-5"),
            **_MANAGED,
        },
        ALARMS: _MANAGED,
        DASHBOARD: _MANAGED,
        BUDGET: _MANAGED,
        TOPICS: {
            Right.READ: Intent(must=(DEPLOY,), may=(BREAK_GLASS,), requirement="R-ALM-6"),
            Right.WRITE: Intent(must=(CLOUDWATCH,), may=(EVENTS, BUDGETS, *_TELLING, DEPLOY), requirement="R-ALM-6"),
            **_MANAGED,
        },
        RULES: _MANAGED,
        EVENTS_QUEUE: {
            Right.READ: Intent(must=(ROUTER,), may=(DEPLOY,), requirement="R-RSP-5"),
            Right.WRITE: Intent(must=(EVENTS, INTAKE), may=(DEPLOY,), held=True, requirement="R-RSP-1"),
            Right.CHANGE: _MANAGED[Right.CHANGE],
            Right.STOP: Intent(may=(*_LAST_RESORT, ROUTER)),
        },
        DEAD_LETTERS: {
            Right.READ: Intent(may=(*_READERS, DEPLOY), requirement="R-RSP-5"),
            Right.WRITE: Intent(may=(*_OWN_FUNCTIONS, DEPLOY), requirement="R-RSP-5"),
            **_MANAGED,
        },
        FUNCTIONS: {
            Right.WRITE: Intent(may=(SCHEDULER, SUBSCRIPTIONS, EVENTS, DEPLOY), requirement="R-RSP-1"),
            **_MANAGED,
        },
        TRIGGERS: _MANAGED,
        TABLES: {
            Right.READ: Intent(may=(*_READERS, *_TELLING, DEPLOY), requirement="R-RSP-5"),
            Right.WRITE: Intent(must=_CONTAINING, may=(ALARM_STORY, INVESTIGATORS), requirement="R-RSP-5"),
            **_MANAGED,
        },
        SWITCH: {
            Right.CHANGE: Intent(must=(DEPLOY,), may=(BREAK_GLASS, INVESTIGATORS), requirement="R-RSP-1"),
            Right.STOP: _MANAGED[Right.STOP],
        },
        SCHEDULES: {
            Right.CHANGE: Intent(must=(DEPLOY,), may=(BREAK_GLASS, *_CONTAINING), requirement="R-RSP-1"),
            Right.STOP: Intent(may=(*_LAST_RESORT, *_CONTAINING), requirement="R-RSP-1"),
        },
        OWN_ROLES: _MANAGED,
        # whoever changes one of them can be one of them
        NAMED_ROLES: {Right.CHANGE: Intent(requirement="R-ARC-6"), Right.STOP: Intent(requirement="R-ARC-6")},
        GUARD_RAIL: _MANAGED,
        # the roles of the delivery must not widen themselves
        DELIVERY: {Right.CHANGE: Intent(requirement="R-DEL-3"), Right.STOP: Intent(requirement="R-DEL-3")},
    }


def _guarded(requirement: str, *, readers: Sequence[str], writers: Sequence[str]) -> Mapping[Right, Intent]:
    """A bucket that its policy closes to all but these."""
    deleting = Intent(must=(BREAK_GLASS,), held=True, requirement=requirement)
    return {
        Right.READ: Intent(must=tuple(readers), held=True, requirement=requirement),
        Right.WRITE: Intent(must=tuple(writers), held=True, requirement=requirement),
        Right.CHANGE: Intent(must=(DEPLOY,), may=(BREAK_GLASS,), held=True, requirement=requirement),
        Right.STOP: deleting,
        Right.BYPASS: deleting,
    }
