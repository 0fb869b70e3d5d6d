"""Every policy of the synthesised stacks, changed in every statement: the harm is told, and the harmless is not."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_comparison import OpeningKind, openings
from tests.synthesised import Stack

Json = dict[str, Any]
Change = Callable[[list[Json], int], bool | None]
"""Changes one of the statements in place; false where there is nothing of the kind to change."""

INTERN = "arn:aws:iam::333333333333:role/intern"
EXEMPTING = ("ArnNotLike", "ArnNotEquals", "StringNotLike", "StringNotEquals")


@pytest.fixture(scope="module")
def policies(stacks: dict[str, Stack]) -> list[Json]:
    found = [resource.policy(attribute) for stack in stacks.values() for resource, attribute in stack.policies()]
    assert len(found) > 50
    return found


def is_resource_based(policy: Json) -> bool:
    return "Principal" in policy["Statement"][0]


def changes(policies: list[Json], change: Change) -> Iterator[tuple[Json, Json, Json]]:
    """Each policy, what it becomes with each of its statements changed, and that statement as it was."""
    for policy in policies:
        for position, statement in enumerate(policy["Statement"]):
            changed = copy.deepcopy(policy)
            if change(changed["Statement"], position) is not False:
                yield policy, changed, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def drop_deny(statements: list[Json], position: int) -> bool | None:
    return statements.pop(position)["Effect"] == "Deny" and bool(statements)


def drop_conditions_of_an_allow(statements: list[Json], position: int) -> bool | None:
    return statements[position]["Effect"] == "Allow" and bool(statements[position].pop("Condition", None))


def drop_one_condition_of_an_allow(statements: list[Json], position: int) -> bool | None:
    condition = statements[position].get("Condition", {})
    if statements[position]["Effect"] == "Deny" or not condition:
        return False
    condition.popitem()
    return None


def limit_a_deny(statements: list[Json], position: int) -> bool | None:
    statements[position].setdefault("Condition", {})["StringEquals"] = {"aws:SourceVpce": "vpce-1"}
    return statements[position]["Effect"] == "Deny"


def exempt_one_more(statements: list[Json], position: int) -> bool | None:
    for operator, keys in statements[position].get("Condition", {}).items():
        if operator in EXEMPTING and "aws:PrincipalArn" in keys:
            keys["aws:PrincipalArn"] = [INTERN, *listed(keys["aws:PrincipalArn"])]
            return statements[position]["Effect"] == "Deny"
    return False


def allow_on_everything(statements: list[Json], position: int) -> bool | None:
    statement = statements[position]
    if statement["Effect"] == "Deny" or statement.get("Resource", "*") == "*":
        return False
    statement["Resource"] = "*"
    return None


def deny_on_less(statements: list[Json], position: int) -> bool | None:
    statements[position]["Resource"] = "arn:aws:s3:::another"
    statements[position].pop("NotResource", None)
    return statements[position]["Effect"] == "Deny"


def allow_another_action(statements: list[Json], position: int) -> bool | None:
    actions = listed(statements[position]["Action"])
    statements[position]["Action"] = [*actions, actions[0].split(":")[0] + ":AnotherAction"]
    return statements[position]["Effect"] == "Allow" and actions != ["*"]


def deny_fewer_actions(statements: list[Json], position: int) -> bool | None:
    statements[position]["Action"] = listed(statements[position]["Action"])[1:] or ["s3:ListBucket"]
    return statements[position]["Effect"] == "Deny"


def allow_what_was_denied(statements: list[Json], position: int) -> bool | None:
    if statements[position]["Effect"] == "Allow" or any(one["Action"] == "*" for one in statements):
        return False
    statements[position]["Effect"] = "Allow"
    return None


def allow_everyone(statements: list[Json], position: int) -> bool | None:
    principal = statements[position].get("Principal", "*")
    statements[position]["Principal"] = "*"
    return principal != "*" and statements[position]["Effect"] == "Allow"


def deny_only_one(statements: list[Json], position: int) -> bool | None:
    if "Principal" not in statements[position]:
        return False
    statements[position]["Principal"] = {"AWS": INTERN}
    return statements[position]["Effect"] == "Deny"


HARMFUL: dict[Change, set[OpeningKind]] = {
    drop_deny: {OpeningKind.DENY_REMOVED},
    drop_conditions_of_an_allow: {OpeningKind.ALLOW_WIDENED},
    drop_one_condition_of_an_allow: {OpeningKind.ALLOW_WIDENED},
    limit_a_deny: {OpeningKind.DENY_NARROWED},
    exempt_one_more: {OpeningKind.EXCEPTION_WIDENED},
    allow_on_everything: {OpeningKind.ALLOW_WIDENED},
    deny_on_less: {OpeningKind.DENY_NARROWED},
    allow_another_action: {OpeningKind.ALLOW_WIDENED},
    deny_fewer_actions: {OpeningKind.DENY_NARROWED},
    allow_everyone: {OpeningKind.ALLOW_WIDENED},
    deny_only_one: {OpeningKind.DENY_NARROWED},
}


# R-INT-2
@pytest.mark.parametrize("change", HARMFUL, ids=lambda change: change.__name__)
def test_a_harmful_change_of_any_statement_is_told(policies: list[Json], change: Change) -> None:
    seen = 0
    for before, after, statement in changes(policies, change):
        found = openings(json.dumps(before), json.dumps(after), resource_based=is_resource_based(before))
        assert {one.kind for one in found} == HARMFUL[change], (statement, found)
        assert {one.sid for one in found} == {statement["Sid"]}
        assert all(statement["Sid"] in one.sentence for one in found)
        if change is exempt_one_more:
            assert [one.sentence for one in found] == [f"{statement['Sid']}: now spares {INTERN}"]
        seen += 1
    assert seen > 5


def test_a_denial_that_becomes_a_permission_is_told_as_both(policies: list[Json]) -> None:
    for before, after, statement in changes(policies, allow_what_was_denied):
        allowed, denied = openings(before, after, resource_based=is_resource_based(before))
        assert allowed.kind in (OpeningKind.ALLOW_ADDED, OpeningKind.ALLOW_WIDENED), statement
        assert denied.kind is OpeningKind.DENY_REMOVED, statement


def drop_allow(statements: list[Json], position: int) -> bool | None:
    return statements.pop(position)["Effect"] == "Allow" and bool(statements)


def add_deny(statements: list[Json], position: int) -> bool | None:
    statements.insert(position, {**statements[position], "Sid": "Another", "Effect": "Deny"})
    return None


def limit_an_allow(statements: list[Json], position: int) -> bool | None:
    statements[position].setdefault("Condition", {})["IpAddress"] = {"aws:SourceIp": "10.0.0.0/8"}
    return statements[position]["Effect"] == "Allow"


def deny_whatever_the_conditions(statements: list[Json], position: int) -> bool | None:
    return statements[position]["Effect"] == "Deny" and bool(statements[position].pop("Condition", None))


def shorten_exemptions(statements: list[Json], position: int) -> bool | None:
    for operator, keys in statements[position].get("Condition", {}).items():
        if operator in EXEMPTING and len(listed(keys.get("aws:PrincipalArn", ""))) > 1:
            keys["aws:PrincipalArn"].pop()
            return statements[position]["Effect"] == "Deny"
    return False


def split(statements: list[Json], position: int) -> bool | None:
    statement = statements.pop(position)
    for number, action in enumerate(listed(statement["Action"])):
        statements.append({**statement, "Sid": f"Part{number}", "Action": action})
    return None


def rewrite(statements: list[Json], position: int) -> bool | None:
    """Another order, lists of one, cases and spellings that mean the same."""
    statement = statements[position]
    statement["Sid"] = "Renamed"
    statement["Action"] = [action.upper() for action in reversed(listed(statement["Action"]))]
    for name in ("Resource", "NotResource"):
        if name in statement:
            statement[name] = listed(statement[name])[::-1]
    if isinstance(statement.get("Principal"), dict):
        statement["Principal"] = {kind: listed(names) for kind, names in statement["Principal"].items()}
    conditions = statement.get("Condition", {})
    others = {
        operator: other
        for operator, other in {"ArnLike": "ArnEquals", "ArnNotEquals": "ArnNotLike"}.items()
        if other not in conditions
    }
    statement["Condition"] = {
        others.get(operator, operator): {
            key.swapcase(): [same(value) for value in reversed(listed(values))]
            for key, values in reversed(keys.items())
        }
        for operator, keys in reversed(conditions.items())
    }
    statements.reverse()
    return None


def same(value: Any) -> Any:
    return {"true": True, "false": False, "1.2": 1.2}.get(value, value)


@pytest.mark.parametrize(
    "change",
    [drop_allow, add_deny, limit_an_allow, deny_whatever_the_conditions, shorten_exemptions, split, rewrite],
    ids=lambda change: change.__name__,
)
def test_a_harmless_change_of_any_statement_is_not_told(policies: list[Json], change: Change) -> None:
    seen = 0
    for before, after, statement in changes(policies, change):
        found = openings(json.dumps(before), json.dumps(after), resource_based=is_resource_based(before))
        assert found == (), statement
        seen += 1
    assert seen
