"""Every pair of elements and of conditions from a small vocabulary: what is said to cover, covers by the evaluator.

The vocabulary holds the turns that are easily got wrong: variables with and without a value, wildcards at a colon,
negation, missing keys, accounts against their roles. Where coverage is not claimed, nothing is checked but that it is
claimed often enough to be of use.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations, product
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_condition_coverage import requirements
from cloudtrail_monitoring.governance.policy_conditions import parse_conditions
from cloudtrail_monitoring.governance.policy_patterns import RequestContext, RequestError
from cloudtrail_monitoring.governance.policy_principals import Principal, Reach
from cloudtrail_monitoring.governance.policy_scope import read_scopes
from cloudtrail_monitoring.governance.policy_statements import Call, parse_policy

OWN = "333333333333"
ROLE, USER = f"arn:aws:iam::{OWN}:role/team/auditor", f"arn:aws:iam::{OWN}:user/alice"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/auditor/alice"
SERVICE = "cloudtrail.amazonaws.com"
STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
EVERYONE = [
    *(Principal.role(ROLE), Principal.session(ROLE, "alice"), Principal.user(USER), Principal.root(OWN)),
    *(Principal.root("444444444444"), Principal.service(SERVICE), Principal.anonymous()),
]
CONTEXTS = [
    RequestContext({"aws:username": (name,)} if name else {}) for name in (None, "alice", "a:b", "*", "logs/alice")
]

Json = dict[str, Any]
Answers = tuple[int | None, ...]


def lists(values: Sequence[str], longest: int = 2) -> list[list[str]]:
    return [list(some) for some in chain(*(combinations(values, size) for size in range(1, longest + 1)))]


def answers(document: Json, calls: Iterable[Call]) -> Answers:
    (statement,) = parse_policy(document, name="policy", resource_based=True)
    return tuple(int(statement.reach(call)) for call in calls)


def check_statements(statements: Iterable[Json], calls: Sequence[Call], *, claimed: int) -> None:
    found = []
    for statement in statements:
        document = {"Version": "2012-10-17", "Statement": [statement]}
        (scope,) = read_scopes(document, name="policy", resource_based=True)
        found.append((statement, scope, answers(document, calls)))
    seen = 0
    for (wide, outer, more), (narrow, inner, less) in product(found, repeat=2):
        if outer.covers(inner):
            seen += wide != narrow
            assert all(high >= low for high, low in zip(more, less, strict=True)), (wide, narrow)
    assert seen >= claimed


def call(
    principal: Principal = EVERYONE[0],
    action: str = "s3:GetObject",
    resource: str = "*",
    context: RequestContext = CONTEXTS[0],
    *,
    bounded: bool = False,
) -> Call:
    return Call(principal, action, resource, context, bounded)


def without(statement: Json, name: str) -> Json:
    return {key: value for key, value in statement.items() if key != name}


# R-INT-2


def test_actions() -> None:
    patterns = ("s3:GetObject", "S3:getobject", "s3:Get*", "s3:*Object", "s3:GetObjec?", "s3:GetObjectAcl", "*")
    calls = [call(action=action) for action in ("s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "iam:GetUser")]
    statements = [
        {**without(STATEMENT, "Action"), name: some} for name in ("Action", "NotAction") for some in lists(patterns)
    ]
    check_statements(statements, calls, claimed=500)


def test_resources() -> None:
    patterns = (
        *("*", "arn:*", "arn:aws:s3:::logs*", "arn:aws:s3:::logs/*", "arn:aws:s3:::logs/alice"),
        *("arn:aws:s3:::logs/${aws:username}", "arn:aws:s3:::${aws:username}", "arn:aws:s3:::${aws:username}/*"),
        *("arn:aws:s?3:::logs", "arn:aws:s*3:::logs", "arn:aws:s*:::logs", "arn:aws:s3:${aws:username}:*:logs"),
        *("arn:aws:s3:??*:x:l?gs", "arn:aws:s:::3:::logs", "arn:aws:sqs:::logs"),
    )
    resources = [
        *("arn:aws:s3:::logs", "arn:aws:s3:::logs/alice", "arn:aws:s3:::logs/*", "arn:aws:s3:::alice/b", "*"),
        *("arn:aws:s:3:::logs", "arn:aws:s:::3:::logs", "arn:aws:s3::::logs", "arn:aws:s3:a:b:x:logs"),
        *("arn:aws:s3:alice:x:logs", "arn:aws:sqs:::logs", "arn:aws:s3:::a:b/c", "arn:aws:sx3:::logs"),
    ]
    calls = [call(resource=resource, context=context) for resource, context in product(resources, CONTEXTS)]
    statements = [
        {**without(STATEMENT, "Resource"), name: some}
        for name in ("Resource", "NotResource")
        for some in lists(patterns)
    ]
    check_statements(statements, calls, claimed=1000)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_principals(effect: str) -> None:
    names = (OWN, f"arn:aws:iam::{OWN}:root", ROLE, USER, SESSION, "444444444444")
    elements: list[Any] = [
        *("*", {"AWS": "*"}, {"Service": SERVICE}, {"Service": SERVICE, "AWS": OWN}),
        *({"AWS": some} for some in lists(names, longest=3)),
    ]
    kinds = ("Principal", "NotPrincipal") if effect == "Deny" else ("Principal",)
    statements = [
        {**without(STATEMENT, "Principal"), "Effect": effect, kind: element} for kind in kinds for element in elements
    ]
    calls = [call(caller, bounded=bounded) for caller, bounded in product(EVERYONE, (True, False))]
    if effect == "Allow":
        check_statements(statements, calls, claimed=200)
    else:
        check_denials(statements, calls, claimed=400)


def check_denials(statements: Sequence[Json], calls: Sequence[Call], *, claimed: int) -> None:
    """A denial holds however directly it names the caller."""
    documents = [{"Version": "2012-10-17", "Statement": [statement]} for statement in statements]
    scopes = [read_scopes(document, name="policy", resource_based=True)[0] for document in documents]
    denied = [[reach > Reach.NONE for reach in answers(document, calls)] for document in documents]
    seen = 0
    for wide, narrow in product(range(len(statements)), repeat=2):
        if scopes[wide].covers(scopes[narrow]):
            seen += wide != narrow
            assert all(more or not less for more, less in zip(denied[wide], denied[narrow], strict=True)), (
                statements[wide],
                statements[narrow],
            )
    assert seen >= claimed


TEXTS = ("alice", "Alice", "al*", "*", "${aws:username}", "a?ice")
ARNS = (
    USER,
    ROLE,
    "arn:aws:iam::*:user/*",
    "arn:*:iam::*:*",
    "arn:aws:i*::*:user/alice",
    "*",
    "arn:aws:iam::${aws:username}:user/x",
)
KEY = "aws:SourceAccount"
VALUES: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {
    tuple(f"String{negation}{kind}" for negation in ("", "Not") for kind in ("Equals", "Like", "EqualsIgnoreCase")): (
        TEXTS,
        ("alice", "Alice", "ALICE", "al*", "alfred", "bob"),
    ),
    tuple(f"Arn{negation}{kind}" for negation in ("", "Not") for kind in ("Equals", "Like")): (
        ARNS,
        (USER, ROLE, f"arn:aws:iam::{OWN}:user/bob", "arn:aws:iam::x:user/alice", "arn:aws:iam::a:b:user/x", "none"),
    ),
    tuple(
        f"Numeric{kind}"
        for kind in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ): (("1", "1.0", "2", "3"), ("0", "1", "1.5", "2", "3", "4")),
    tuple(
        f"Date{kind}"
        for kind in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ): (("2025-01-01", "2025-01-01T00:00:00Z", "2026-01-01"), ("2024-01-01", "2025-01-01", "2025-06-01", "2027")),
    ("IpAddress", "NotIpAddress"): (
        ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32"),
        ("10.1.2.3", "10.1.9.9", "10.9.9.9", "192.0.2.1", "2001:db8::1", "::1"),
    ),
    ("Bool",): (("true", "True", "false", "${aws:username}"), ("true", "false")),
    ("Null",): (("true", "false"), ("any",)),
}


@pytest.mark.parametrize("operators", VALUES, ids=lambda operators: operators[0])
def test_conditions(operators: tuple[str, ...]) -> None:
    wanted, given = VALUES[operators]
    contexts = [
        RequestContext({**name.entries, **({KEY.lower(): values} if values else {})})
        for name in CONTEXTS[:3]
        for values in (*((one,) for one in given), (), tuple(given[:2]))
    ]
    forms = ("{}",) if operators == ("Null",) else ("{}", "{}IfExists", "ForAllValues:{}", "ForAnyValue:{}IfExists")
    found = []
    for operator, form, values in product(operators, forms, lists(wanted)):
        element = {form.format(operator): {KEY: values}}
        (condition,) = parse_conditions(element, variables=True)
        (requirement,) = requirements(element, variables=True)
        found.append((element, requirement, tuple(holds(condition, context) for context in contexts)))
    claimed = 0
    for (strict, one, stricter), (loose, other, looser) in product(found, repeat=2):
        if one.implies(other):
            claimed += strict != loose
            assert all(more is not False or less is not True for less, more in zip(stricter, looser, strict=True)), (
                strict,
                loose,
            )
    assert claimed >= len(found) / 2


def holds(condition: Any, context: RequestContext) -> bool | None:
    try:
        return bool(condition.holds(context))
    except RequestError:  # several values without a set operator: AWS promises nothing
        return None
