"""No opening, no request more: the comparison of policies against the policy evaluator, over random documents.

Documents are made from few words, so that statements often cover each other, and a changed document begins as the old
one. Whatever another policy adds: what the new document lets through, the old one must have let through.
"""

from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cloudtrail_monitoring.governance.policy_comparison import openings
from cloudtrail_monitoring.governance.policy_evaluator import Decision, Principal, Request, decide

OWN, OTHER = "333333333333", "444444444444"
ROLE, USER = f"arn:aws:iam::{OWN}:role/team/auditor", f"arn:aws:iam::{OWN}:user/alice"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/auditor/alice"
FOREIGN = f"arn:aws:iam::{OTHER}:role/auditor"
SERVICE = "cloudtrail.amazonaws.com"
CALLERS = [
    Principal.role(ROLE),
    Principal.session(ROLE, "alice"),
    Principal.user(USER),
    Principal.root(OWN),
    Principal.role(FOREIGN),
    Principal.service(SERVICE),
    Principal.anonymous(),
]
TABLE = f"arn:aws:dynamodb:us-east-1:{OWN}:table"

Json = dict[str, Any]


def several(*values: str) -> st.SearchStrategy[Any]:
    """One value or a list, as policies write them."""
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))


def negatable(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.tuples(st.sampled_from([name, name, f"Not{name}"]), values).map(lambda pair: {pair[0]: pair[1]})


ACTIONS = several("dynamodb:GetItem", "DYNAMODB:getitem", "dynamodb:Get*", "dynamodb:*Item", "dynamodb:???Item", "*")
RESOURCES = several(
    f"{TABLE}/alice",
    f"{TABLE}/${{aws:username}}",
    f"{TABLE}/a*",
    f"{TABLE}/al?ce",
    f"{TABLE}/*/index/*",
    f"arn:aws:dynamodb:*:{OWN}:table/alice",
    "arn:aws:dynamodb:us-*",
    "*",
)
TEXTS = ("alice", "alic?", "a*", "*", "${aws:username}", "A*", "bob")
ARNS = (ROLE, USER, FOREIGN, f"arn:aws:iam::{OWN}:role/*", "arn:aws:iam::*:role/team/*", "arn:*:iam::*:*", "*")
KEYED = {
    "aws:PrincipalTag/who": {
        **dict.fromkeys(["StringEquals", "StringLike", "StringEqualsIgnoreCase"], TEXTS),
        **dict.fromkeys(["StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase"], TEXTS),
        "Null": ("true", "false"),
    },
    "aws:PrincipalArn": dict.fromkeys(["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike"], ARNS),
    "aws:SourceIp": dict.fromkeys(["IpAddress", "NotIpAddress"], ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "::/0")),
    "aws:SecureTransport": {"Bool": ("true", "false", "True")},
    "aws:MultiFactorAuthAge": dict.fromkeys(
        [f"Numeric{one}" for one in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThanEquals")],
        ("1", "1.0", "2", "3"),
    ),
    "aws:CurrentTime": dict.fromkeys(
        [f"Date{one}" for one in ("Equals", "NotEquals", "LessThan", "GreaterThan")],
        ("2025-01-01", "2025-01-01T00:00:00Z", "2026-01-01", "1750000000"),
    ),
}


@st.composite
def conditions(draw: st.DrawFn) -> Json:
    found: Json = {}
    for key in draw(st.lists(st.sampled_from(sorted(KEYED)), max_size=2, unique=True)):
        operator = draw(st.sampled_from(sorted(KEYED[key])))
        name = operator + ("" if operator == "Null" else draw(st.sampled_from(["", "", "IfExists"])))
        if operator.startswith("String"):
            name = draw(st.sampled_from(["", "", "ForAnyValue:", "ForAllValues:"])) + name
        found.setdefault(name, {})[key] = draw(several(*KEYED[key][operator]))
    return {"Condition": found} if found else {}


PRINCIPALS = st.one_of(
    st.just("*"),
    st.just({"AWS": "*"}),
    st.just({"Service": SERVICE}),
    several(OWN, f"arn:aws:iam::{OWN}:root", ROLE, USER, SESSION, FOREIGN).map(lambda names: {"AWS": names}),
)


@st.composite
def statements(draw: st.DrawFn, *, resource_based: bool) -> Json:
    principal = draw(negatable("Principal", PRINCIPALS)) if resource_based else {}
    effect = "Deny" if "NotPrincipal" in principal else draw(st.sampled_from(["Allow", "Allow", "Deny"]))
    action, resource = draw(negatable("Action", ACTIONS)), draw(negatable("Resource", RESOURCES))
    return {"Effect": effect, **principal, **action, **resource, **draw(conditions())}


@st.composite
def changes(draw: st.DrawFn, *, resource_based: bool) -> tuple[Json, Json]:
    """A document, and one that it may have become: elements exchanged, statements added, dropped and moved."""
    before = draw(st.lists(statements(resource_based=resource_based), min_size=1, max_size=3))
    after = []
    for statement in before:
        other = draw(statements(resource_based=resource_based))
        match draw(st.sampled_from(["keep", "drop", "add", "exchange", "exchange"])):
            case "keep":
                after.append(statement)
            case "add":
                after += [statement, other]
            case "exchange":
                name = draw(st.sampled_from(["Principal", "Action", "Resource", "Condition"]))
                kept = {key: value for key, value in statement.items() if key.removeprefix("Not") != name}
                taken = {key: value for key, value in other.items() if key.removeprefix("Not") == name}
                assume(statement["Effect"] == "Deny" or "NotPrincipal" not in taken)
                after.append({**kept, **taken})
    after = after or before
    version = draw(st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]))
    return (
        {"Version": "2012-10-17", "Statement": before},
        {"Version": version, "Statement": draw(st.permutations(after))},
    )


CONTEXT = {
    "aws:CurrentTime": ("2024-12-31", "2025-01-01", "2025-12-31"),
    "aws:PrincipalTag/who": (None, "alice", "Alice", "bob", "abel"),
    "aws:SourceIp": (None, "10.1.2.3", "10.1.9.9", "10.9.9.9", "192.0.2.1", "2001:db8::1"),
    "aws:MultiFactorAuthAge": (None, "0", "1", "2", "9"),
    "aws:SecureTransport": (None, "true", "false"),
}
ASKED = list(
    product(
        CALLERS,
        ("dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:PutItem"),
        (f"{TABLE}/alice", f"{TABLE}/bob", f"{TABLE}/alice/index/a", "*"),
        *CONTEXT.values(),
    )
)
AT_ONCE = 40


@st.composite
def requests(draw: st.DrawFn) -> list[Request]:
    """Requests from all over what can be asked."""
    first, step = draw(st.integers(0, len(ASKED) - 1)), draw(st.integers(1, len(ASKED) - 1))
    return [
        Request(caller, action, resource, {key: value for key, value in zip(CONTEXT, stated, strict=True) if value})
        for caller, action, resource, *stated in (ASKED[(first + step * n) % len(ASKED)] for n in range(AT_ONCE))
    ]


EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
OPEN_TO_ALL = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
}
EXAMPLES = 150
PROFILE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def on_resource(request: Request, document: Json, **more: Any) -> Decision:
    return decide(request, resource_policy=document, resource_account=OWN, **more)


# R-INT-2
@PROFILE
@given(changes(resource_based=True), requests())
def test_a_resource_policy_without_an_opening_lets_nothing_more_through(
    change: tuple[Json, Json], asked: list[Request]
) -> None:
    before, after = change
    assume(not openings(before, after, resource_based=True))
    for request in asked:
        for others in (
            {},
            {"identity_policies": EVERYTHING},
            {"identity_policies": EVERYTHING, "permission_boundary": EVERYTHING},
        ):
            assert not on_resource(request, after, **others) or on_resource(request, before, **others), request


@PROFILE
@given(changes(resource_based=False), requests())
def test_an_identity_policy_without_an_opening_lets_nothing_more_through(
    change: tuple[Json, Json], asked: list[Request]
) -> None:
    before, after = change
    assume(not openings(before, after, resource_based=False))
    for request in asked:
        for others in ({}, {"resource_policy": OPEN_TO_ALL}):

            def outcome(document: Json, others: Json = others, request: Request = request) -> Decision:
                return decide(request, identity_policies=document, resource_account=OWN, **others)

            assert not outcome(after) or outcome(before), request
            limit = {"identity_policies": EVERYTHING, "resource_account": OWN}
            assert not decide(request, permission_boundary=after, **limit) or decide(
                request, permission_boundary=before, **limit
            ), request


@PROFILE
@given(changes(resource_based=True), changes(resource_based=False))
def test_more_denials_and_fewer_permissions_are_never_an_opening(
    of_resource: tuple[Json, Json], of_identity: tuple[Json, Json]
) -> None:
    for (before, added), resource_based in ((of_resource, True), (of_identity, False)):
        denials = [statement for statement in added["Statement"] if statement["Effect"] == "Deny"]
        after = {**before, "Statement": [*denials, *before["Statement"]]}
        assert openings(before, after, resource_based=resource_based) == ()
        remaining = [statement for statement in before["Statement"] if statement["Effect"] == "Deny"]
        if remaining:
            assert openings(before, {**before, "Statement": remaining}, resource_based=resource_based) == ()
