"""A control is as good as its weakest evidence: broken outputs, failed and waived checks change its status."""

from collections.abc import Iterator
from typing import Any

import pytest

from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES
from cloudtrail_monitoring.governance.compliance.assertion import Judgement, Unbuilt
from cloudtrail_monitoring.governance.compliance.assessment import (
    AssessedControl,
    Checks,
    Proof,
    Status,
    Verdict,
    assess,
    assess_control,
    prove,
)
from cloudtrail_monitoring.governance.compliance.control import Control, Evidence, Framework
from cloudtrail_monitoring.governance.compliance.evidence import EVIDENCE
from cloudtrail_monitoring.governance.compliance.frameworks import FRAMEWORKS
from cloudtrail_monitoring.governance.compliance.output import Output
from cloudtrail_monitoring.governance.scan_result import Finding, ScanResult
from tests.governance.compliance.broken_output import breaks, changed
from tests.synthesised import Stack

CONTROLS = [(framework, control) for framework in FRAMEWORKS for control in framework.controls]
WORSE = (Status.MET, Status.PARTLY, Status.NOT_MET)
NOT_BUILT = {"R-INT-1", "R-HLT-1", "R-HLT-2"}


def name(value: object) -> str:
    if isinstance(value, Framework):
        return value.id
    return value.number if isinstance(value, Control) else str(value)


def as_if_built(evidence: Evidence, output: Output) -> Proof:
    """The proof in an output, and of what is not built the proof there would be."""
    if isinstance(evidence.assertion, Unbuilt):
        return Proof(evidence, Judgement(), ())
    return prove(evidence, output, Checks())


def rests(control: Control) -> Iterator[Evidence]:
    yield from control.rests_on
    yield from control.helped_by


def control(framework_id: str, number: str, output: Output, checks: Checks | None = None) -> AssessedControl:
    (framework,) = (one for one in FRAMEWORKS if one.id == framework_id)
    (assessed,) = assess([framework], output, checks or Checks())
    (found,) = (one for one in assessed.controls if one.control.number == number)
    return found


@pytest.mark.parametrize(("framework", "which"), CONTROLS, ids=name)
def test_each_break_of_each_evidence_changes_the_status(
    framework: Framework, which: Control, complete: dict[str, Any]
) -> None:
    # R-CMP-1
    output = Output(complete)
    good = {id(one): as_if_built(one, output) for one in rests(which)}

    def status(broken: Evidence | None = None, document: dict[str, Any] | None = None) -> AssessedControl:
        proofs = dict(good)
        if broken is not None and document is not None:
            proofs[id(broken)] = prove(broken, Output(document), Checks())
        return assess_control(
            which,
            tuple(proofs[id(one)] for one in which.rests_on),
            tuple(proofs[id(one)] for one in which.helped_by),
        )

    best = status()
    assert best.reasons == ()
    expected = Status.OUTSIDE if not good else Status.PARTLY if which.left else Status.MET
    assert best.status is expected, framework.name
    for evidence in rests(which):
        for what, document in breaks(evidence.assertion, complete):
            worse = status(evidence, document)
            assert worse.status is (Status.NOT_MET if evidence in which.rests_on else Status.PARTLY), what
            assert any(reason.startswith(evidence.requirement) for reason in worse.reasons), what
            break  # that every break makes the evidence fail, its own test shows


@pytest.mark.parametrize(("framework", "which"), CONTROLS, ids=name)
def test_what_rests_on_something_unbuilt_is_never_met(
    framework: Framework, which: Control, complete: dict[str, Any]
) -> None:
    # R-INT-1, R-HLT-1, R-HLT-2
    assessed = control(framework.id, which.number, Output(complete))
    unbuilt = NOT_BUILT & {one.requirement for one in rests(which)}
    if unbuilt:
        essential = NOT_BUILT & {one.requirement for one in which.rests_on}
        assert assessed.status is (Status.NOT_MET if essential else Status.PARTLY)
        for id_ in unbuilt:
            assert any(reason.startswith(id_) and "not built" in reason for reason in assessed.reasons)
    elif assessed.proofs:
        assert assessed.status is (Status.PARTLY if which.left else Status.MET)


def test_hipaa_audit_controls_need_phi_resources(prod: Stack, complete: dict[str, Any]) -> None:
    # R-CMP-1, R-TRL-2
    without = control("hipaa", "164.312(b)", Output(prod.document))
    assert without.status is Status.NOT_MET
    assert any("phi_resources" in reason for reason in without.reasons)
    named = control("hipaa", "164.312(b)", Output(complete))
    assert (named.status, named.reasons) == (Status.PARTLY, ())
    assert named.control.left is not None


def test_a_trail_without_validation_fails_its_controls(complete: dict[str, Any]) -> None:
    # R-CMP-1, R-TRL-3
    (trail,) = Output(complete).trails
    broken = Output(changed(complete, trail.address, "enable_log_file_validation", False))
    before, after = control("cis-aws", "3.2", Output(complete)), control("cis-aws", "3.2", broken)
    assert (before.status, after.status) == (Status.MET, Status.NOT_MET)
    assert after.reasons == (
        "R-TRL-3, that log files are validated by a digest chain: "
        f"{trail.address}: wanted is that enable_log_file_validation is true, and it is false",
    )


def test_dev_without_a_lock_reads_worse_than_prod(stacks: dict[str, Stack]) -> None:
    # R-CMP-1, R-ARC-5
    in_dev = control("pci-dss", "10.3.2", Output(stacks["dev"].document))
    in_prod = control("pci-dss", "10.3.2", Output(stacks["prod"].document))
    assert (in_dev.status, in_prod.status) == (Status.NOT_MET, Status.MET)
    assert any("R-ARC-5" in reason for reason in in_dev.reasons)


CHECKED = [(one, check) for one in EVIDENCE for check in one.checks]


def scanned(check: str, *, reason: str | None, failed: bool) -> Checks:
    finding = Finding("prod", "aws_x.y", check, "it holds", "prod/x", ("it does not",), reason=reason)
    passed = Finding("prod", "aws_x.z", check, "it holds", "prod/z")
    elsewhere = Finding("dev", "aws_x.y", check, "it holds", "dev/x", ("in dev",))
    waived = (finding,) if failed and reason else ()
    findings = (finding,) if failed and not reason else ()
    return Checks(ScanResult((*findings, elsewhere), waived, (), (), (), (passed,), {}), "prod")


@pytest.mark.parametrize(("evidence", "check"), CHECKED, ids=lambda one: getattr(one, "requirement", one))
def test_a_failed_check_refutes_its_evidence_and_a_waived_one_is_an_exception(
    evidence: Evidence, check: str, complete: dict[str, Any]
) -> None:
    # R-CMP-1, R-CMP-2
    output, which = Output(complete), Control("1", "something", (evidence,))

    def assessed(checks: Checks) -> AssessedControl:
        return assess_control(which, (prove(evidence, output, checks),), ())

    assert assessed(scanned(check, reason=None, failed=False)).status is Status.MET
    refuted = assessed(scanned(check, reason=None, failed=True))
    assert refuted.status is Status.NOT_MET
    assert any(f"{check} failed: aws_x.y: it holds: it does not" in reason for reason in refuted.reasons)
    excepted = assessed(scanned(check, reason="the reason of its waiver", failed=True))
    assert excepted.status is Status.PARTLY
    assert excepted.reasons == (f"{check} is waived: aws_x.y: the reason of its waiver",)


def test_a_check_that_judged_nothing_says_so_and_changes_nothing(complete: dict[str, Any]) -> None:
    # R-CMP-2
    assert Checks().result("CKV_CTM_TRL_3").verdict is Verdict.NOT_JUDGED
    assert control("cis-aws", "3.2", Output(complete)).status is Status.MET


def test_every_check_of_the_catalogue_stands_beside_evidence() -> None:
    # R-CMP-2
    assert {check for _, check in CHECKED} == RULES.keys()


def test_a_check_stands_beside_evidence_of_its_requirement() -> None:
    # R-CMP-1
    for evidence, check in CHECKED:
        family = RULES[check].requirement.split("-")[1]
        assert family == evidence.requirement.split("-")[1] or check == "CKV2_CTM_TRL_6", check


def test_numbers_are_unique_and_controls_say_what_is_left() -> None:
    # R-CMP-1
    for framework in FRAMEWORKS:
        numbers = [one.number for one in framework.controls]
        assert len(numbers) == len(set(numbers))
        assert framework.source.startswith("https://")
        for one in framework.controls:
            assert one.rests_on or one.left, f"{framework.name} {one.number} rests on nothing, and nobody is named"
            assert len({id(evidence) for evidence in rests(one)}) == len(list(rests(one))), one.number
