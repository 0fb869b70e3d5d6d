"""R-INT-2: every rule catches its weakening, and leaves the like of it alone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cloudtrail_monitoring.governance.plan_review.markdown import write_markdown
from cloudtrail_monitoring.governance.plan_review.rules import RULES
from tests.conftest import PROJECT
from tests.governance.plan_review.plans import entry, reviewed, rules_of
from tests.governance.plan_review.rule_cases import RULE_CASES, Attributes, RuleCase, lifecycle, responders

REQUIREMENTS = (PROJECT / "docs" / "requirements.md").read_text(encoding="utf-8")


def label(case: RuleCase) -> str:
    return f"{case.rule}-{case.type}"


# R-INT-2
@pytest.mark.parametrize("case", RULE_CASES, ids=label)
def test_a_weakening_is_caught(case: RuleCase) -> None:
    actions = ["delete", "create"] if case.replaces else None
    found = reviewed(entry(case.type, case.before, case.weaker, actions=actions))
    assert case.rule in rules_of(found)


# R-INT-2
@pytest.mark.parametrize("case", [case for case in RULE_CASES if case.harmless is not None], ids=label)
def test_a_harmless_change_is_not(case: RuleCase) -> None:
    assert rules_of(reviewed(entry(case.type, case.before, case.harmless))) == set()


# R-INT-2
@pytest.mark.parametrize(
    "case", [case for case in RULE_CASES if case.before and case.weaker and not case.replaces], ids=label
)
def test_what_apply_alone_will_tell_is_a_risk(case: RuleCase) -> None:
    before, weaker = case.before or {}, case.weaker or {}
    named = {name: True for name in {**before, **weaker} if before.get(name) != weaker.get(name)}
    known = {name: value for name, value in before.items() if name not in named}
    found = reviewed(entry(case.type, before, known, actions=["update"], unknown=named))
    assert case.rule in rules_of(found)


def test_every_rule_is_tried() -> None:
    assert {rule.id for rule in RULES} == {case.rule for case in RULE_CASES}


def test_rules_have_ids_once_each_that_make_a_label() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert [id_ for id_ in ids if not re.fullmatch("[a-z]{2,15}(-[a-z]+)+", id_)] == []


def test_every_rule_names_a_requirement_there_is() -> None:
    assert [rule.id for rule in RULES if not re.search(rf"\b{rule.requirement}\b", REQUIREMENTS)] == []


@pytest.mark.parametrize("actions", [["delete"], ["forget"]])
def test_a_resource_that_is_let_go_of_counts_as_gone(actions: list[str]) -> None:
    assert "trail-deleted" in rules_of(reviewed(entry("aws_cloudtrail", {"name": "t"}, None, actions=actions)))


def test_a_type_that_no_rule_knows_is_told() -> None:
    assert rules_of(reviewed(entry("aws_s3_bucket_acl", None, {"acl": "public-read"}))) == {"type-not-reviewed"}
    assert rules_of(reviewed(entry("terraform_data", {"input": "a"}, {"input": "b"}))) == {"type-not-reviewed"}


def test_a_type_of_which_no_change_weakens_is_not() -> None:
    assert rules_of(reviewed(entry("aws_cloudwatch_dashboard", {"dashboard_body": "{}"}, None))) == set()


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        ("aws_cloudwatch_log_group", {"retention_in_days": 365}, {"retention_in_days": "long"}),
        ("aws_cloudwatch_log_metric_filter", {"pattern": "{ $.a = 1 }"}, {"pattern": ["a"]}),
        ("aws_s3_bucket_policy", {"policy": "{}"}, {"policy": '{"Statement": 1}'}),
        ("aws_lambda_function", responders(), {"environment": [{"variables": {"RESPONDERS": "not JSON"}}]}),
        ("aws_cloudtrail", {"advanced_event_selector": []}, {"advanced_event_selector": [{"field_selector": 7}]}),
        ("aws_s3_bucket_lifecycle_configuration", lifecycle(2557), {"rule": [{"id": "a"}, {"id": "a"}]}),
    ],
)
def test_what_can_not_be_compared_is_a_risk(type_: str, before: Attributes, after: Attributes) -> None:
    assert rules_of(reviewed(entry(type_, before, after)))


ODD = (None, True, 7, -1, 10**400, "x", "\ud800", "{", [], [None], [[]], {}, {"a": 1})


def with_odd(value: Any, odd: Any) -> Iterator[Any]:
    """The value with each of its parts in turn replaced."""
    yield odd
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ({**value, name: other} for other in with_odd(inner, odd))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from ([*value[:position], other, *value[position + 1 :]] for other in with_odd(inner, odd))


# whatever a provider writes, a reviewer gets a review
@pytest.mark.parametrize("case", RULE_CASES, ids=label)
def test_no_form_of_a_value_keeps_a_plan_from_being_reviewed(case: RuleCase) -> None:
    for odd in ODD:
        for side in with_odd(case.weaker or case.before, odd):
            if isinstance(side, dict):
                write_markdown(reviewed(entry(case.type, case.before, side)))
                write_markdown(
                    reviewed(entry(case.type, side, case.before), drift=(entry(case.type, side, case.weaker),))
                )
