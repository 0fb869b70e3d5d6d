"""R-INT-2: every rule catches its weakening, and leaves the like of it alone."""

import re

import pytest

from cloudtrail_monitoring.governance.plan_review.rule import MAX_RULE_ID
from cloudtrail_monitoring.governance.plan_review.rules import RULES
from tests.conftest import PROJECT
from tests.governance.plan_review.plans import entry, reviewed, rules_of
from tests.governance.plan_review.rule_cases import RULE_CASES, RuleCase

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
    assert rules_of(reviewed(entry(case.type, before, known, actions=["update"], unknown=named)))


def test_every_rule_is_tried() -> None:
    assert {rule.id for rule in RULES} == {case.rule for case in RULE_CASES}


def test_rules_have_ids_that_fit_a_label_once_each() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert [id_ for id_ in ids if not re.fullmatch("[a-z]+(-[a-z]+)*", id_) or len(id_) > MAX_RULE_ID] == []


def test_every_rule_names_a_requirement_there_is() -> None:
    assert [rule.id for rule in RULES if not re.search(rf"\b{rule.requirement}\b", REQUIREMENTS)] == []


@pytest.mark.parametrize("actions", [["delete"], ["forget"]])
def test_a_resource_that_is_let_go_of_counts_as_gone(actions: list[str]) -> None:
    assert "trail-deleted" in rules_of(reviewed(entry("aws_cloudtrail", {"name": "t"}, None, actions=actions)))
