"""R-INT-4: who can read, change or stop what, as far as the synthesised output tells, against the settings."""

import json
from typing import Any

import pytest

from cloudtrail_monitoring.governance.access_review import intents as part
from cloudtrail_monitoring.governance.access_review.parts import System
from cloudtrail_monitoring.governance.access_review.review import Holding, Review, Verdict
from cloudtrail_monitoring.governance.access_review.rights import Right
from tests.governance.access_review.conftest import Change, Synthesised

ADMINISTRATOR = "any administrator"
DEPLOY, PLAN = "cloudtrail-monitoring-deploy", "cloudtrail-monitoring-plan"


def one(review: Review, caller: str, of: str, right: Right) -> Holding | None:
    found = [
        holding
        for holding in review.holdings
        if (holding.caller, holding.part, holding.right) == (caller, of, right) and holding.verdict is not Verdict.LACK
    ]
    assert len(found) <= 1
    return found[0] if found else None


def editing(type_: str, path: str, attribute: str, edit: Any) -> Change:
    """A change of one policy document of the resource with this construct path."""

    def change(document: dict[str, Any]) -> None:
        found = [
            block
            for block in document["resource"][type_].values()
            if block["//"]["metadata"]["path"].split("/", 1)[1] == path
        ]
        assert len(found) == 1
        policy = json.loads(found[0][attribute])
        edit(policy["Statement"])
        found[0][attribute] = json.dumps(policy)

    return change


def without(sid: str) -> Any:
    def edit(statements: list[dict[str, Any]]) -> None:
        kept = [statement for statement in statements if statement["Sid"] != sid]
        assert len(kept) == len(statements) - 1
        statements[:] = kept

    return edit


def test_every_environment_is_as_its_settings_mean_it(environment: Synthesised) -> None:
    # R-INT-4
    review = environment.as_it_is
    assert review.deviations == ()
    assert review.is_as_meant


def test_nothing_of_an_environment_goes_unreviewed(environment: Synthesised) -> None:
    # R-INT-4: a new type of resource belongs into a part, or is the configuration of one
    assert environment.as_it_is.system.unreviewed == ()


def test_a_resource_of_no_part_is_named(prod_review: Synthesised) -> None:
    def change(document: dict[str, Any]) -> None:
        document["resource"]["aws_efs_file_system"] = {"scratch": {}}
        document["resource"]["aws_s3_bucket"]["other"] = {"bucket": "somebody-s-bucket"}

    unreviewed = prod_review.review(change).system.unreviewed
    assert unreviewed == ("aws_efs_file_system scratch", "aws_s3_bucket somebody-s-bucket")


@pytest.mark.parametrize(
    ("caller", "of", "right", "sid"),
    [
        (ADMINISTRATOR, part.ARCHIVE, Right.READ, "DenyObjectReadsButByAudit"),
        (ADMINISTRATOR, part.ARCHIVE, Right.WRITE, "DenyObjectWritesButByServices"),
        (ADMINISTRATOR, part.ARCHIVE, Right.CHANGE, "DenyConfigurationButByDeployment"),
        (ADMINISTRATOR, part.ARCHIVE, Right.STOP, "DenyObjectDeletionButByBreakGlass"),
        (ADMINISTRATOR, part.ARCHIVE, Right.BYPASS, "DenyObjectDeletionButByBreakGlass"),
        (ADMINISTRATOR, part.EVENTS_QUEUE, Right.WRITE, "DenyForgedEvents"),
        ("root", part.ARCHIVE, Right.READ, "DenyObjectReadsButByAudit"),
        ("root", part.TRAIL_KEY, Right.STOP, "DenyLossOfKeyButByBreakGlass"),
        ("audit-team", part.ARCHIVE, Right.BYPASS, "DenyObjectDeletionButByBreakGlass"),
        ("audit-team", part.EVIDENCE, Right.WRITE, "DenyEvidenceButByInvestigators"),
    ],
)
def test_what_is_refused_says_by_which_statement(
    caller: str, of: str, right: Right, sid: str, prod_review: Synthesised
) -> None:
    # R-ARC-6, R-INT-4
    holding = one(prod_review.as_it_is, caller, of, right)
    assert holding is not None
    assert holding.verdict is Verdict.REFUSED
    assert holding.sid == sid


@pytest.mark.parametrize(
    ("caller", "of", "rights"),
    [
        ("audit-team", part.ARCHIVE, {Right.READ}),
        (DEPLOY, part.ARCHIVE, {Right.CHANGE}),
        ("break-glass", part.ARCHIVE, {Right.CHANGE, Right.STOP, Right.BYPASS}),
        ("incident-response", part.EVIDENCE, {Right.WRITE}),
        ("cloudtrail.amazonaws.com", part.ARCHIVE, {Right.WRITE}),
        ("cloudtrail.amazonaws.com", part.TRAIL_KEY, {Right.WRITE}),
        ("logging.s3.amazonaws.com", part.ARCHIVE_ACCESS_LOGS, {Right.WRITE}),
        ("xyz-corp-audit-router", part.ENHANCED_TRAIL, {Right.CHANGE, Right.STOP}),
        ("xyz-corp-audit-trail-log-delivery", part.TRAIL_LOGS, {Right.WRITE}),
    ],
)
def test_whom_the_settings_mean_has_the_right(
    caller: str, of: str, rights: set[Right], prod_review: Synthesised
) -> None:
    meant = prod_review.as_it_is.with_verdict(Verdict.MEANT)
    assert {holding.right for holding in meant if (holding.caller, holding.part) == (caller, of)} == rights


def test_a_plan_reads_the_state_and_the_functions_variables_and_has_no_other_right(prod_review: Synthesised) -> None:
    # R-DEL-3: of the responders' key it is Lambda that decrypts, hence the condition
    held = [one for one in prod_review.as_it_is.held if one.caller == PLAN]
    assert {(one.part, one.right, one.verdict, one.conditional) for one in held} == {
        (part.STATE, Right.READ, Verdict.MEANT, False),
        (part.RESPONDERS_KEY, Right.READ, Verdict.MEANT, True),
    }


def test_a_plan_that_encrypts_is_a_deviation(prod_review: Synthesised) -> None:
    # R-DEL-3, R-INT-4
    def edit(statements: list[dict[str, Any]]) -> None:
        (reading,) = (one for one in statements if one["Sid"] == "PlanningReadsVariables")
        reading["Action"] = ["kms:Decrypt", "kms:GenerateDataKey"]

    review = prod_review.review(editing("aws_kms_key", "responders/key/key", "policy", edit))
    assert excess(review, part.RESPONDERS_KEY, Right.WRITE) == {PLAN}


def test_the_router_stops_the_enhanced_trail_and_no_other(prod_review: Synthesised) -> None:
    # R-RSP-3
    assert one(prod_review.as_it_is, "xyz-corp-audit-router", part.TRAIL, Right.STOP) is None


def test_what_only_iam_can_refuse_is_said_and_is_no_deviation(prod_review: Synthesised) -> None:
    # R-INT-4: a trail has no policy of its own
    holding = one(prod_review.as_it_is, ADMINISTRATOR, part.TRAIL, Right.STOP)
    assert holding is not None
    assert holding.verdict is Verdict.LEFT_TO_IAM
    assert holding.actions == ("cloudtrail:DeleteTrail", "cloudtrail:StopLogging")


def test_root_s_own_right_at_a_bucket_policy_is_said_and_is_no_deviation(prod_review: Synthesised) -> None:
    holding = one(prod_review.as_it_is, "root", part.ARCHIVE, Right.CHANGE)
    assert holding is not None
    assert holding.verdict is Verdict.UNAVOIDABLE
    assert holding.actions == ("s3:DeleteBucketPolicy", "s3:PutBucketPolicy")


@pytest.mark.parametrize("caller", ["an administrator of another account", "nobody in particular"])
def test_strangers_have_nothing(caller: str, prod_review: Synthesised) -> None:
    # R-INT-3
    review = prod_review.as_it_is
    assert caller in {one.name for one in review.callers}
    assert [holding for holding in review.held if holding.caller == caller] == []


@pytest.mark.parametrize(
    ("change", "of", "right", "callers"),
    [
        (
            editing("aws_s3_bucket_policy", "archive/logs/policy", "policy", without("DenyObjectReadsButByAudit")),
            part.ARCHIVE,
            Right.READ,
            # the deploy role's own policies keep it out as well
            {ADMINISTRATOR, "break-glass", "incident-response", "root"},
        ),
        (
            editing("aws_kms_key", "trail-key/key", "policy", without("DenyLossOfKeyButByBreakGlass")),
            part.TRAIL_KEY,
            Right.STOP,
            {ADMINISTRATOR, DEPLOY, "audit-team", "incident-response", "root"},
        ),
        (
            editing("aws_sqs_queue", "responders/queue/queue", "policy", without("DenyForgedEvents")),
            part.EVENTS_QUEUE,
            Right.WRITE,
            {ADMINISTRATOR, "audit-team", "break-glass", "incident-response", "root"},
        ),
    ],
    ids=["archive's reads", "trail's key", "forged events"],
)
def test_a_right_that_nobody_means_is_a_deviation(
    change: Change, of: str, right: Right, callers: set[str], prod_review: Synthesised
) -> None:
    # R-INT-4
    review = prod_review.review(change)
    assert excess(review, of, right) == callers
    assert not review.is_as_meant


def excess(review: Review, of: str, right: Right) -> set[str]:
    found = review.with_verdict(Verdict.EXCESS)
    return {holding.caller for holding in found if (holding.part, holding.right) == (of, right)}


def everything_with_trails(statements: list[dict[str, Any]]) -> None:
    statements.append({"Sid": "Oops", "Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"})


INTAKE = editing("aws_iam_role_policy", "responders/intake/policy", "policy", everything_with_trails)


def test_a_role_of_ours_with_too_much_is_held_by_its_boundary(prod_review: Synthesised) -> None:
    # R-DEL-3, R-INT-4
    review = prod_review.review(INTAKE)
    assert excess(review, part.TRAIL, Right.STOP) == set()
    assert excess(review, part.ENHANCED_TRAIL, Right.STOP) == {"xyz-corp-audit-intake"}


def test_a_role_of_ours_with_too_much_and_no_boundary_is_a_deviation(prod_review: Synthesised) -> None:
    # R-INT-4
    def change(document: dict[str, Any]) -> None:
        INTAKE(document)
        for role in document["resource"]["aws_iam_role"].values():
            role.pop("permissions_boundary", None)

    review = prod_review.review(change)
    assert excess(review, part.TRAIL, Right.STOP) == {"xyz-corp-audit-intake"}
    (found,) = (one for one in review.deviations if (one.part, one.right) == (part.TRAIL, Right.STOP))
    assert found.by == 'by respond, statement "Oops"'
    assert found.requirement == "R-INT-2"


def test_a_topic_that_everybody_may_subscribe_to_is_a_deviation(prod_review: Synthesised) -> None:
    # R-INT-3, R-INT-4
    def edit(statements: list[dict[str, Any]]) -> None:
        statements.append(
            {"Sid": "Oops", "Effect": "Allow", "Principal": "*", "Action": "sns:Subscribe", "Resource": "*"}
        )

    review = prod_review.review(editing("aws_sns_topic_policy", "topics/email-policy", "policy", edit))
    strangers = {"an administrator of another account", "nobody in particular"}
    assert strangers <= excess(review, part.TOPICS, Right.READ)


def test_a_right_that_is_meant_and_missing_is_a_deviation(prod_review: Synthesised) -> None:
    # R-INT-4, R-ARC-6: the log files would be there, and nobody could read them
    change = editing("aws_kms_key", "trail-key/key", "policy", without("AuditRolesDecryptLogFiles"))
    lacks = prod_review.review(change).deviations
    assert [(lack.caller, lack.part, lack.right, lack.verdict) for lack in lacks] == [
        ("audit-team", part.TRAIL_KEY, Right.READ, Verdict.LACK)
    ]
    assert lacks[0].requirement == "R-ARC-6"
    assert lacks[0].actions == ("kms:Decrypt",)


def test_parts_hold_what_there_is_where_it_is(prod_review: Synthesised) -> None:
    system: System = prod_review.as_it_is.system
    assert len(system.parts[part.TOPICS]) == 2
    regions = {rule.region for rule in system.parts[part.RULES]}
    assert regions == {"us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"}
    assert all(f":{rule.region}:" in rule.arn for rule in system.parts[part.RULES])
    assert system.arns(part.SCHEDULES) == (
        "arn:aws:scheduler:us-east-1:333333333333:schedule/xyz-corp-audit/xyz-corp-audit-sweep",
    )
