"""R-INT-2: the verdict on a plan, what an approval covers, and what has drifted."""

import json
import re
from typing import Any

import pytest

from cloudtrail_monitoring.governance.plan_review.review import Status, review
from cloudtrail_monitoring.governance.plan_review.rules import RULES
from tests.governance.plan_review.plans import STANDING, document, entry, parse_plan, plan, reviewed, rules_of

LOGGING = {"name": "t", "enable_logging": True}
STOPPED = {"name": "t", "enable_logging": False}
STOP = entry("aws_cloudtrail", LOGGING, STOPPED)
LENGTHEN = entry("aws_cloudwatch_log_group", {"retention_in_days": 30}, {"retention_in_days": 90})


def statement(resource: str) -> str:
    return json.dumps({"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": resource}})


def test_a_plan_that_weakens_nothing_is_safe() -> None:
    assert reviewed(LENGTHEN).status is Status.SAFE
    assert reviewed().status is Status.SAFE


def test_a_plan_that_weakens_needs_approval() -> None:
    assert reviewed(STOP, LENGTHEN).status is Status.NEEDS_APPROVAL


def test_the_approval_of_every_weakening_is_enough() -> None:
    ids = tuple(one.id for one in reviewed(STOP).weakenings)
    found = reviewed(STOP, approved=ids)
    assert found.status is Status.SAFE
    assert [one.approved for one in found.weakenings] == [True]


def test_the_approval_of_one_does_not_cover_another() -> None:
    ids = tuple(one.id for one in reviewed(STOP).weakenings)
    shorten = entry("aws_cloudwatch_log_group", {"retention_in_days": 90}, {"retention_in_days": 30})
    assert reviewed(STOP, shorten, approved=ids).status is Status.NEEDS_APPROVAL


def test_an_approval_covers_the_very_change_and_no_other() -> None:
    def shorten(days: int) -> Any:
        return entry("aws_cloudwatch_log_group", {"retention_in_days": 90}, {"retention_in_days": days})

    ids = tuple(one.id for one in reviewed(shorten(60)).weakenings)
    assert reviewed(shorten(60), approved=ids).status is Status.SAFE
    further = reviewed(shorten(1), approved=ids)
    assert further.status is Status.NEEDS_APPROVAL
    assert further.unused_approvals == ids


def test_an_approval_for_one_environment_is_none_for_another() -> None:
    ids = tuple(one.id for one in review(plan(STOP), environment="dev").weakenings)
    assert review(plan(STOP), environment="prod", approved=ids).status is Status.NEEDS_APPROVAL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # the sentences of each pair are the same, or are cut before they differ
        (
            {"policy": statement("*")},
            {"policy": statement("scratch/*")},
        ),
        ({"policy": "x" * 200 + "a"}, {"policy": "x" * 200 + "b"}),
    ],
)
def test_changes_that_read_alike_have_ids_of_their_own(one: dict[str, Any], other: dict[str, Any]) -> None:
    ids = [reviewed(entry("aws_iam_policy", None, after)).weakenings[0].id for after in (one, other)]
    assert ids[0] != ids[1]


def test_an_id_is_beyond_guessing_and_fits_a_label() -> None:
    for rule in RULES:
        word = rule.id.split("-")[0]
        assert len(f"approve:{word}-{'x' * 26}") <= 50
    assert re.fullmatch("trail-[a-z2-7]{26}", reviewed(STOP).weakenings[0].id)


def test_a_plan_that_makes_everything_is_either_the_first_or_has_lost_its_state() -> None:
    given = document(entry("aws_cloudtrail", None, STOPPED))
    given["resource_changes"].remove(STANDING)
    found = review(parse_plan(given), environment="prod")
    assert (found.status, rules_of(found)) == (Status.NEEDS_APPROVAL, {"plan-first"})
    approved = [one.id for one in found.weakenings]
    assert review(parse_plan(given), environment="prod", approved=approved).status is Status.SAFE


def test_a_plan_of_a_part_needs_approval() -> None:
    assert rules_of(reviewed(LENGTHEN, complete=False)) == {"plan-incomplete"}


def test_a_resource_that_writes_over_another_is_compared_with_it() -> None:
    standing = {"bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]}
    over = {"bucket": "logs", "versioning_configuration": [{"status": "Suspended"}]}
    found = reviewed(
        entry("aws_s3_bucket_versioning", standing, standing), entry("aws_s3_bucket_versioning", None, over, name="two")
    )
    assert rules_of(found) == {"versioning-off"}
    assert found.weakenings[0].address == "aws_s3_bucket_versioning.two"


def test_a_resource_for_something_else_is_not() -> None:
    standing = {"bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]}
    other = {"bucket": "another", "versioning_configuration": [{"status": "Suspended"}]}
    found = reviewed(
        entry("aws_s3_bucket_versioning", standing, standing),
        entry("aws_s3_bucket_versioning", None, other, name="two"),
    )
    assert found.status is Status.SAFE


def test_a_policy_that_is_turned_to_another_bucket_leaves_the_first_without() -> None:
    kept = {"bucket": "logs", "policy": "{}"}
    turned = entry("aws_s3_bucket_policy", kept, {**kept, "bucket": "decoy"}, actions=["delete", "create"])
    assert "bucket-policy-deleted" in rules_of(reviewed(turned))


def test_a_policy_that_is_turned_to_our_bucket_is_compared_with_ours() -> None:
    ours = {"bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]}
    weak = [{"bucket": name, "versioning_configuration": [{"status": "Suspended"}]} for name in ("decoy", "logs")]
    turned = entry("aws_s3_bucket_versioning", *weak, name="two", actions=["delete", "create"])
    found = reviewed(entry("aws_s3_bucket_versioning", ours, ours), turned)
    assert "versioning-off" in {one.rule for one in found.weakenings if one.address.endswith(".two")}


def configuration(references: list[str]) -> dict[str, Any]:
    resource = {"address": "aws_s3_bucket_versioning.two", "expressions": {"bucket": {"references": references}}}
    return {"root_module": {"resources": [resource]}}


@pytest.mark.parametrize(("source", "status"), [("new", Status.SAFE), ("standing", Status.NEEDS_APPROVAL)])
def test_a_name_that_apply_will_tell_may_be_any_unless_it_is_of_something_new(source: str, status: Status) -> None:
    ours = {"bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]}
    weak = {"versioning_configuration": [{"status": "Suspended"}]}
    found = reviewed(
        entry("aws_s3_bucket", None, {"bucket": "new"}, name="new"),
        entry("aws_s3_bucket_versioning", ours, ours),
        entry("aws_s3_bucket_versioning", None, weak, name="two", unknown={"bucket": True}),
        configuration=configuration([f"aws_s3_bucket.{source}.id", f"aws_s3_bucket.{source}"]),
    )
    assert found.status is status


def test_drift_beside_another_change_counts_as_far_as_the_plan_leaves_it() -> None:
    before = {"name": "t", "is_multi_region_trail": True, "enable_logging": True}
    drifted = {"name": "t", "is_multi_region_trail": False, "enable_logging": False}
    planned = {**drifted, "enable_logging": True, "tags": {"a": "b"}}
    found = reviewed(entry("aws_cloudtrail", drifted, planned), drift=(entry("aws_cloudtrail", before, drifted),))
    assert [(one.rule, one.is_drift) for one in found.weakenings] == [("trail-single-region", True)]
    assert [one.rule for one in found.mended] == ["trail-stopped"]


def test_what_was_deleted_past_terraform_and_is_made_anew_is_compared_with_what_it_was() -> None:
    gone = entry("aws_cloudtrail", LOGGING, None)
    found = reviewed(entry("aws_cloudtrail", None, STOPPED), drift=(gone,))
    assert ("trail-stopped", True) in {(one.rule, one.is_drift) for one in found.weakenings}
    assert [one.rule for one in found.mended] == ["trail-deleted"]


def test_drift_that_stays_counts_as_done_past_terraform() -> None:
    found = reviewed(entry("aws_cloudtrail", STOPPED, STOPPED), drift=(STOP,))
    assert found.status is Status.NEEDS_APPROVAL
    assert [(one.rule, one.is_drift) for one in found.weakenings] == [("trail-stopped", True)]


def test_drift_that_the_plan_puts_back_is_told_and_needs_no_approval() -> None:
    found = reviewed(entry("aws_cloudtrail", STOPPED, LOGGING), drift=(STOP,))
    assert found.status is Status.SAFE
    assert [one.rule for one in found.mended] == ["trail-stopped"]


def test_something_deleted_past_terraform_is_drift() -> None:
    gone = entry("aws_cloudwatch_metric_alarm", {"alarm_name": "a"}, None)
    assert rules_of(reviewed(drift=(gone,))) == {"alarm-removed"}


def test_drift_for_the_better_is_none_of_its_business() -> None:
    assert reviewed(drift=(entry("aws_cloudtrail", STOPPED, LOGGING),)).status is Status.SAFE


def test_the_enhanced_trail_is_started_and_stopped_by_its_responder() -> None:
    enhanced = [{"name": "t-enhanced", "enable_logging": on} for on in (True, False)]
    assert reviewed(drift=(entry("aws_cloudtrail", *enhanced),)).status is Status.SAFE


def standing(*resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    listed = [{"type": type_, "values": values} for type_, values in resources]
    return {"values": {"root_module": {"resources": [], "child_modules": [{"resources": listed}]}}}


OURS = ("aws_iam_role_policy", {"role": "r", "name": "respond"})


def test_a_policy_that_another_resource_keeps_is_no_drift() -> None:
    late = entry(
        "aws_iam_role",
        {"name": "r", "inline_policy": [], "tags": None},
        {"name": "r", "inline_policy": [{"name": "respond"}], "tags": {}},
    )
    found = reviewed(drift=(late,), prior_state=standing(OURS))
    assert (found.status, found.plan.drift) == (Status.SAFE, ())


def test_a_policy_that_nobody_here_wrote_is() -> None:
    foreign = entry(
        "aws_iam_role",
        {"name": "r", "inline_policy": []},
        {"name": "r", "inline_policy": [{"name": "respond"}, {"name": "backdoor"}]},
    )
    found = reviewed(drift=(foreign,), prior_state=standing(OURS))
    assert [(one.rule, one.sentence) for one in found.weakenings] == [
        ("role-policy-foreign", 'inline policy added: {"name": "backdoor"}')
    ]


def test_values_read_late_are_no_drift() -> None:
    before = {"arn": "t", "policy": "{}", "tags": None, "signature_version": None}
    after = {"arn": "t", "policy": '{"Statement": []}', "tags": {}, "signature_version": 0}
    late = entry("aws_sns_topic", before, after)
    assert reviewed(drift=(late,), prior_state=standing(("aws_sns_topic_policy", {"arn": "t"}))).plan.drift == ()
    assert len(reviewed(drift=(late,)).plan.drift) == 1
