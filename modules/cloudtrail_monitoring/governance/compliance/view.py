"""What the report says, ready for a template: texts and numbers, in the order they are read.

How they are set is left to the templates, and to ``report`` for the terminal.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cloudtrail_monitoring.governance.compliance.assertion import Seen
from cloudtrail_monitoring.governance.compliance.assessment import (
    AssessedControl,
    AssessedFramework,
    Checks,
    Proof,
    Status,
    Verdict,
)
from cloudtrail_monitoring.governance.scan_result import Finding
from cloudtrail_monitoring.responders.investigation.markdown import Verbatim

MOST_SEEN = 6
"""Resources shown for one evidence; how many more there are is said."""
MOST_CHARACTERS = 160
"""Of one attribute's value."""
STATUSES = (Status.MET, Status.PARTLY, Status.NOT_MET, Status.OUTSIDE)


class Compliance(NamedTuple):
    """A finished assessment.

    Args:
        environment: its name.
        account: the account its providers admit.
        frameworks: the standards, assessed.
        checks: what Checkov found in its stack.
    """

    environment: str
    account: str
    frameworks: tuple[AssessedFramework, ...]
    checks: Checks


def view_of(compliance: Compliance) -> Mapping[str, Any]:
    """Everything a template puts in."""
    frameworks = [_framework(one) for one in compliance.frameworks]
    return {
        "environment": compliance.environment,
        "account": compliance.account,
        "verdict": verdict_of(compliance),
        "is_met": not count(compliance, Status.NOT_MET),
        "figures": [(str(count(compliance, status)), status.value) for status in STATUSES],
        "frameworks": frameworks,
        "checks": (
            f"{len(compliance.checks.passed)} of Checkov's verdicts on the stack passed,"
            f" {len(compliance.checks.waived)} are waived, {len(compliance.checks.failed)} failed"
        ),
        "failed": [_finding(one, one.message) for one in compliance.checks.failed],
        "waived": [_waiver(reason, findings) for reason, findings in _by_reason(compliance.checks.waived).items()],
        "meanings": MEANINGS,
    }


MEANINGS = (
    (Status.MET.value, "what the control asks for stands in the synthesised output, in its scope"),
    (Status.PARTLY.value, "what it rests on is there; something beside it is missing, waived, or left to people"),
    (Status.NOT_MET.value, "something it rests on is missing: the reason says what"),
    (Status.OUTSIDE.value, "this system can't show it: who must is said"),
)
"""What each status means, and no more than that."""


def verdict_of(compliance: Compliance) -> str:
    """The result in one sentence."""
    missing = count(compliance, Status.NOT_MET)
    total = sum(len(one.controls) for one in compliance.frameworks)
    inside = total - count(compliance, Status.OUTSIDE)
    if missing:
        return f"{missing} of {inside} controls not met"
    return f"{count(compliance, Status.MET)} of {inside} controls met, none not met"


def count(compliance: Compliance, status: Status) -> int:
    """How many controls of all standards have a status."""
    return sum(one.count(status) for one in compliance.frameworks)


def _framework(assessed: AssessedFramework) -> Mapping[str, Any]:
    framework = assessed.framework
    return {
        "id": framework.id,
        "name": framework.name,
        "scope": framework.scope,
        "source": Verbatim(framework.source),
        "counts": [(status.value, assessed.count(status)) for status in STATUSES if assessed.count(status)],
        "controls": [_control(one, framework.source) for one in assessed.controls],
    }


def _control(assessed: AssessedControl, source: str) -> Mapping[str, Any]:
    control = assessed.control
    return {
        "number": control.number,
        "asks": control.asks,
        "source": Verbatim(control.source or source),
        "status": assessed.status.value,
        "kind": assessed.status.name.lower(),
        "requirements": assessed.requirements,
        "reasons": assessed.reasons,
        "left": control.left,
        "proofs": [_proof(one) for one in assessed.proofs],
    }


def _proof(proof: Proof) -> Mapping[str, Any]:
    judged = [one for one in proof.checks if one.verdict is not Verdict.NOT_JUDGED]
    seen = proof.judgement.seen
    return {
        "requirement": proof.evidence.requirement,
        "claim": proof.evidence.claim,
        "holds": not proof.faults,
        "faults": proof.faults,
        "seen": [_seen(one) for one in seen[:MOST_SEEN]],
        "more": max(0, len(seen) - MOST_SEEN),
        "checks": [(one.id, one.verdict.value) for one in judged],
        "waivers": proof.waivers,
    }


def _seen(seen: Seen) -> Mapping[str, Any]:
    return {
        "address": seen.address,
        "path": seen.path,
        "values": [(name, text_of(value)) for name, value in seen.values.items()],
    }


def text_of(value: object) -> str:
    """A value in one line, as Terraform writes it; a long one is cut.

    >>> text_of(True)
    'true'
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def _finding(finding: Finding, why: str) -> Mapping[str, str]:
    return {"check": finding.check_id, "resource": finding.address, "why": why}


def _by_reason(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for one in findings:
        grouped.setdefault(one.reason or "", []).append(one)
    return grouped


def _waiver(reason: str, findings: list[Finding]) -> Mapping[str, str]:
    """Waivers with one reason, as a line."""
    checks = ", ".join(dict.fromkeys(one.check_id for one in findings))
    addresses = list(dict.fromkeys(one.path.partition("/")[2] or one.address for one in findings))
    more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
    return {"check": checks, "resource": ", ".join(addresses[:3]) + more, "why": reason}
