"""R-DEL-3: what a plan is read as, and what is no plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Action, PlanError, parse_plan, read_plan
from tests.governance.plan_review.plans import document, entry, plan

TRAIL = "aws_cloudtrail"


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], Action.CREATE),
        (["update"], Action.UPDATE),
        (["delete"], Action.DELETE),
        (["delete", "create"], Action.REPLACE),
        (["create", "delete"], Action.REPLACE),
        (["forget"], Action.FORGET),
        (["no-op"], Action.NOTHING),
    ],
)
def test_an_action_is_read(actions: list[str], action: Action) -> None:
    assert plan(entry(TRAIL, {"name": "a"}, {"name": "b"}, actions=actions)).changes[1].action is action


def test_data_sources_and_what_is_read_only_are_no_changes() -> None:
    data = {**entry(TRAIL, None, {"name": "a"}), "mode": "data"}
    assert len(plan(data, entry(TRAIL, None, {"name": "a"}, actions=["read"])).changes) == 1


def test_what_apply_will_tell_is_unknown_also_deep_within() -> None:
    change = plan(
        entry(
            "aws_cloudwatch_metric_alarm",
            {"alarm_actions": ["a", "b"], "metric_query": [{"id": "x"}]},
            {"alarm_actions": [None, "b"], "metric_query": [{"id": "x"}]},
            unknown={"alarm_actions": [True, False], "metric_query": [{"label": True}], "arn": True},
        )
    ).changes[1]
    assert change.after == {
        "alarm_actions": [UNKNOWN, "b"],
        "metric_query": [{"id": "x", "label": UNKNOWN}],
        "arn": UNKNOWN,
    }


def test_a_deposed_object_is_told_apart_from_its_successor() -> None:
    old = {**entry(TRAIL, {"name": "a"}, None), "deposed": "0f1e"}
    assert plan(old).changes[1].address == "aws_cloudtrail.it (deposed 0f1e)"


def test_a_plan_of_a_part_says_so() -> None:
    assert not plan(complete=False).is_complete
    assert plan().is_complete


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "not a plan"),
        ({}, "not a plan"),
        ({"format_version": "1.0", "values": {}}, "not a plan"),
        (document() | {"format_version": "2.0"}, "plan format 2.0 is not known"),
        (document() | {"errored": True}, "planning ended in errors"),
        (document() | {"resource_changes": [{"address": "a"}]}, "lacks its parts"),
        (document() | {"resource_changes": "a"}, "lacks its parts"),
        (document(entry(TRAIL, {}, {}, actions=["teleport"])), "action ['teleport'] is not known"),
        (document(entry(TRAIL, {}, None) | {"change": {"actions": ["delete"], "before": 3}}), "are no object"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_line(given: Any, says: str) -> None:
    with pytest.raises(PlanError, match=r"^[^\n]*$") as refused:
        parse_plan(given)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04\xff\xfe", "is not JSON: give what `terraform show -json"),
        (b"Terraform will perform the following actions", "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (json.dumps({"values": {}}).encode(), "not a plan"),
    ],
)
def test_a_file_that_is_no_plan_is_named(content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "prod.json"
    file.write_bytes(content)
    with pytest.raises(PlanError, match=r"^[^\n]*$") as refused:
        read_plan(file)
    assert str(file) in str(refused.value)
    assert says in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"missing\.json can't be read: No such file"):
        read_plan(tmp_path / "missing.json")
