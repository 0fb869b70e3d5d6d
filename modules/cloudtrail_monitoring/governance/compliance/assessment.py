"""Judges an output: which evidence holds, what Checkov says of it, and what follows for each control.

Pure: the output and the scan's result are passed in. A control never reads better than its weakest evidence: what is
not built, refuted by a check or waived is said with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cloudtrail_monitoring.governance.compliance.assertion import Judgement
from cloudtrail_monitoring.governance.compliance.control import Control, Evidence, Framework
from cloudtrail_monitoring.governance.compliance.output import Output
from cloudtrail_monitoring.governance.scan_result import Finding, ScanResult


class Status(StrEnum):
    """How far a control is met; the best first."""

    MET = "met"
    PARTLY = "partly met"
    NOT_MET = "not met"
    OUTSIDE = "outside"


class Verdict(StrEnum):
    """What Checkov says of a check in one environment."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class CheckResult:
    """A check's verdict over all resources it judged, and why it is not passed."""

    id: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """Evidence with what was seen of it."""

    evidence: Evidence
    judgement: Judgement
    checks: tuple[CheckResult, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Why it does not hold."""
        failed = (one for one in self.checks if one.verdict is Verdict.FAILED)
        return (*self.judgement.faults, *(f"{one.id} failed: {reason}" for one in failed for reason in one.reasons))

    @property
    def waivers(self) -> tuple[str, ...]:
        """Checks that somebody waived, with the reason: it holds with an exception."""
        waived = (one for one in self.checks if one.verdict is Verdict.WAIVED)
        return tuple(f"{one.id} is waived: {reason}" for one in waived for reason in one.reasons)


@dataclass(frozen=True)
class AssessedControl:
    """A control with its status, the proofs behind it (those it rests on first), and why it is no better.

    What is left to others keeps a control from being met, too; it stands in the control.
    """

    control: Control
    status: Status
    proofs: tuple[Proof, ...]
    reasons: tuple[str, ...]

    @property
    def requirements(self) -> tuple[str, ...]:
        """The ids of the requirements behind it, each once, by family and number."""
        return tuple(sorted({one.evidence.requirement for one in self.proofs}, key=_by_number))


@dataclass(frozen=True)
class AssessedFramework:
    """A standard's controls, assessed."""

    framework: Framework
    controls: tuple[AssessedControl, ...]

    def count(self, status: Status) -> int:
        """How many controls have a status."""
        return sum(one.status is status for one in self.controls)


def _by_number(requirement: str) -> tuple[str, int]:
    family, _, number = requirement.rpartition("-")
    return family, int(number)


def assess(frameworks: Iterable[Framework], output: Output, checks: "Checks") -> tuple[AssessedFramework, ...]:
    """Every control of these standards.

    Args:
        output: the environment's stack.
        checks: what Checkov found in it.
    """
    proofs: dict[int, Proof] = {}

    def proof(evidence: Evidence) -> Proof:
        return proofs.setdefault(id(evidence), prove(evidence, output, checks))

    return tuple(
        AssessedFramework(
            framework,
            tuple(
                assess_control(one, tuple(map(proof, one.rests_on)), tuple(map(proof, one.helped_by)))
                for one in framework.controls
            ),
        )
        for framework in frameworks
    )


def prove(evidence: Evidence, output: Output, checks: "Checks") -> Proof:
    """What an output and its scan show of one evidence."""
    return Proof(evidence, evidence.assertion.judge(output), tuple(checks.result(id_) for id_ in evidence.checks))


def assess_control(control: Control, rests_on: tuple[Proof, ...], helped_by: tuple[Proof, ...]) -> AssessedControl:
    """A control's status from its proofs."""
    proofs = (*rests_on, *helped_by)
    reasons = [
        f"{one.evidence.requirement}, that {one.evidence.claim}: {fault}" for one in proofs for fault in one.faults
    ]
    reasons += [waiver for one in proofs for waiver in one.waivers]
    if not proofs:
        status = Status.OUTSIDE
    elif any(one.faults for one in rests_on):
        status = Status.NOT_MET
    else:
        status = Status.PARTLY if reasons or control.left else Status.MET
    return AssessedControl(control, status, proofs, tuple(dict.fromkeys(reasons)))


class Checks:
    """What a scan says of each check in one stack; without a scan nothing is judged."""

    def __init__(self, scan: ScanResult | None = None, stack: str = "") -> None:
        self.failed = self._of(scan.findings, stack) if scan else ()
        self.waived = self._of(scan.waived, stack) if scan else ()
        self.passed = self._of(scan.passes, stack) if scan else ()
        self._results: Mapping[str, CheckResult] = {
            # a check is as good as its worst resource: what comes later takes the place
            **{one.check_id: CheckResult(one.check_id, Verdict.PASSED) for one in self.passed},
            **dict(self._grouped(self.waived, Verdict.WAIVED)),
            **dict(self._grouped(self.failed, Verdict.FAILED)),
        }

    def result(self, check_id: str) -> CheckResult:
        """A check's verdict; ``not judged`` where it had nothing to look at."""
        return self._results.get(check_id, CheckResult(check_id, Verdict.NOT_JUDGED))

    @staticmethod
    def _of(findings: Iterable[Finding], stack: str) -> tuple[Finding, ...]:
        return tuple(one for one in findings if one.stack == stack)

    @staticmethod
    def _grouped(findings: Iterable[Finding], verdict: Verdict) -> Iterator[tuple[str, CheckResult]]:
        reasons: dict[str, list[str]] = {}
        for one in findings:
            reasons.setdefault(one.check_id, []).append(f"{one.address}: {one.reason or one.message}")
        for id_, said in reasons.items():
            yield id_, CheckResult(id_, verdict, tuple(said))
