"""Every evidence holds in prod, and fails in an output that is broken at any point it looks at."""

import copy
import json
from typing import Any

import pytest

from cloudtrail_monitoring.governance.compliance.assertion import AtLeast, Every, Is, Some, Throughout, Unbuilt
from cloudtrail_monitoring.governance.compliance.control import Evidence
from cloudtrail_monitoring.governance.compliance.evidence import EVIDENCE, evidence_of
from cloudtrail_monitoring.governance.compliance.output import TRAIL, Output, leaves
from tests.governance.compliance.broken_output import breaks
from tests.synthesised import Stack

BUILT = [one for one in EVIDENCE if not isinstance(one.assertion, Unbuilt)]
UNBUILT = [one for one in EVIDENCE if isinstance(one.assertion, Unbuilt)]


def name(evidence: Evidence) -> str:
    return f"{evidence.requirement}: {evidence.claim}"


@pytest.mark.parametrize("evidence", BUILT, ids=name)
def test_it_holds_in_a_complete_output(evidence: Evidence, complete: dict[str, Any]) -> None:
    # R-CMP-1
    judgement = evidence.assertion.judge(Output(complete))
    assert judgement.faults == ()
    assert judgement.seen, "it rests on nothing"


@pytest.mark.parametrize("evidence", BUILT, ids=name)
def test_it_fails_where_the_output_is_broken_at_any_point(evidence: Evidence, complete: dict[str, Any]) -> None:
    # R-CMP-1
    tried = 0
    for what, document in breaks(evidence.assertion, complete):
        judgement = evidence.assertion.judge(Output(document))
        assert not judgement.holds, f"it holds although {what}"
        assert all(fault and not fault.endswith(".") for fault in judgement.faults)
        tried += 1
    assert tried, "no way to break it was tried"


@pytest.mark.parametrize("evidence", UNBUILT, ids=name)
def test_what_is_not_built_holds_in_no_output(evidence: Evidence, complete: dict[str, Any]) -> None:
    # R-INT-1, R-HLT-1, R-HLT-2
    (fault,) = evidence.assertion.judge(Output(complete)).faults
    assert fault.startswith("not built: ")


def test_an_empty_output_shows_nothing() -> None:
    # R-CMP-1
    assert [name(one) for one in EVIDENCE if one.assertion.judge(Output({})).holds] == []


def test_an_environment_without_phi_resources_shows_no_phi_monitoring(prod: Stack) -> None:
    # R-TRL-2
    (option,) = (one for one in evidence_of("R-TRL-2") if one.is_option)
    (fault,) = option.assertion.judge(Output(prod.document)).faults
    assert "PHI" in fault


def test_compressed_logs_need_a_trail_that_delivers() -> None:
    # R-ARC-7
    (evidence,) = evidence_of("R-ARC-7")
    delivering = {"resource": {"aws_cloudtrail": {"trail": {"s3_bucket_name": "logs"}}}}
    assert evidence.assertion.judge(Output(delivering)).holds
    assert not evidence.assertion.judge(Output({})).holds


def test_a_stopped_trail_is_no_trail_that_records() -> None:
    # R-TRL-1
    trails = {"running": {"name": "a"}, "stopped": {"name": "b", "enable_logging": False}}
    output = Output({"resource": {"aws_cloudtrail": trails}})
    assert [one.attributes["name"] for one in output.trails] == ["a"]


def test_a_word_is_no_truth() -> None:
    # R-CMP-1
    trail = {"resource": {"aws_cloudtrail": {"t": {"enable_log_file_validation": "true"}}}}
    judgement = Every(TRAIL, {"enable_log_file_validation": Is(True)}).judge(Output(trail))
    assert judgement.faults == (
        'aws_cloudtrail.t: wanted is that enable_log_file_validation is true, and it is "true"',
    )


def test_one_good_resource_is_enough_for_some_and_not_for_every() -> None:
    # R-CMP-1
    output = Output({"resource": {"aws_cloudtrail": {"good": {"name": "a"}, "bad": {"name": "b"}}}})
    assert Some(TRAIL, {"name": Is("a")}).judge(output).holds
    assert not Every(TRAIL, {"name": Is("a")}).judge(output).holds


def test_a_path_goes_through_lists() -> None:
    # R-CMP-1
    assert list(leaves({"rule": [{"move": [{"days": 30}]}, {"move": {"days": 90}}, {}]}, "rule.move.days")) == [30, 90]


def test_a_second_rule_can_not_undo_what_the_first_promises(prod: Stack) -> None:
    # R-ARC-5
    document = copy.deepcopy(prod.document)
    (lifecycle,) = Output(document).of_archive("aws_s3_bucket_lifecycle_configuration")
    lifecycle.attributes["rule"].append({"id": "early", "status": "Enabled", "expiration": [{"days": 30}]})
    kept = [one for one in evidence_of("R-ARC-5") if "are kept" in one.claim]
    assert len(kept) == 2
    assert [one.claim for one in kept if one.assertion.judge(Output(document)).holds] == []


def test_throughout_is_every_place_and_needs_one() -> None:
    # R-CMP-1
    days = {"rule.days": Throughout(AtLeast(30))}
    for rules, holds in (([{"days": 30}, {"days": 40}], True), ([{"days": 30}, {"days": 29}], False), ([{}], False)):
        output = Output({"resource": {"aws_cloudtrail": {"t": {"rule": rules}}}})
        assert Every(TRAIL, days).judge(output).holds is holds, rules


@pytest.mark.parametrize("argument", ["enable_log_file_validation", "kms_key_id"])
def test_a_stopped_trail_is_validated_and_encrypted_too(argument: str, prod: Stack) -> None:
    # R-TRL-3, R-ARC-2
    document = copy.deepcopy(prod.document)
    (stopped,) = (one for one in document["resource"]["aws_cloudtrail"].values() if one["enable_logging"] is False)
    del stopped[argument]
    requirement = "R-TRL-3" if argument == "enable_log_file_validation" else "R-ARC-2"
    assert not all(one.assertion.judge(Output(document)).holds for one in evidence_of(requirement))


@pytest.mark.parametrize(("requirement", "setting"), [("R-RSP-1", "lockout"), ("R-RSP-4", "geography")])
def test_a_responder_that_is_switched_off_does_not_respond(requirement: str, setting: str, prod: Stack) -> None:
    # R-RSP-1, R-RSP-4
    document = copy.deepcopy(prod.document)
    for function in document["resource"]["aws_lambda_function"].values():
        variables = function["environment"]["variables"]
        variables["RESPONDERS"] = json.dumps(
            {**json.loads(variables["RESPONDERS"]), setting: None}, separators=(",", ":")
        )
    (evidence,) = evidence_of(requirement)
    assert not evidence.assertion.judge(Output(document)).holds
