"""A changed policy: what is said when it is more open than it was, and that harmless changes are not.

Soundness against the policy evaluator, and the policies of the synthesised stacks, have tests of their own.
"""

import json
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_comparison import Opening, OpeningKind, openings

OWN, OTHER = "333333333333", "444444444444"
ARCHIVE, OBJECTS = "arn:aws:s3:::archive", "arn:aws:s3:::archive/*"
AUDITOR, BREAK_GLASS, INTERN = (f"arn:aws:iam::{OWN}:role/{name}" for name in ("auditor", "break-glass", "intern"))
TRAIL = f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/audit"

READ: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": AUDITOR},
    "Action": "s3:GetObject",
    "Resource": OBJECTS,
}
SPARING: dict[str, Any] = {
    "Sid": "DenyReadingToAllButAuditors",
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:GetObject", "s3:GetObjectVersion"],
    "Resource": OBJECTS,
    "Condition": {"ArnNotLike": {"aws:PrincipalArn": [AUDITOR, BREAK_GLASS]}},
}
PLAIN_HTTP: dict[str, Any] = {
    "Sid": "DenyPlainHttp",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARCHIVE, OBJECTS],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def changed(before: dict[str, Any], **elements: Any) -> tuple[Opening, ...]:
    """The openings when elements of a policy's only statement change; None takes one away."""
    after = {name: value for name, value in {**before, **elements}.items() if value is not None}
    return openings(policy(before), policy(after), resource_based=True)


def told(found: tuple[Opening, ...]) -> list[tuple[str, str]]:
    return [(one.kind.value, one.sentence) for one in found]


def with_condition(statement: dict[str, Any], **operators: Any) -> dict[str, Any]:
    return {**statement, "Condition": operators}


# R-INT-2: what is told


def test_a_new_allow_is_told_with_whom_it_is_for() -> None:
    added = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject", "Resource": OBJECTS}
    assert told(openings(policy(READ), policy(READ, added), resource_based=True)) == [
        ("allow added", f"statement 2: now allows s3:GetObject on {OBJECTS} to {OTHER}")
    ]


def test_a_first_policy_is_told_by_what_it_allows() -> None:
    found = openings(None, policy(READ, PLAIN_HTTP), resource_based=True)
    assert told(found) == [("allow added", f"Read: now allows s3:GetObject on {OBJECTS} to {AUDITOR}")]
    assert found[0].sid == "Read"


def test_a_new_allow_is_told_with_the_keys_of_its_conditions() -> None:
    limited = with_condition(READ, StringEquals={"aws:SourceAccount": OWN}, Bool={"aws:SecureTransport": True})
    assert told(openings(None, policy(limited), resource_based=True))[0][1].endswith(
        ", with conditions on aws:SourceAccount, aws:SecureTransport"
    )


def test_a_removed_policy_loses_its_denials_and_its_permissions_are_none() -> None:
    assert told(openings(policy(READ, PLAIN_HTTP, SPARING), None, resource_based=True)) == [
        ("deny removed", "deny removed: DenyPlainHttp (s3:* by everyone)"),
        (
            "deny removed",
            "deny removed: DenyReadingToAllButAuditors (s3:GetObject, s3:GetObjectVersion by everyone)",
        ),
    ]


def test_a_removed_deny_of_an_identity_policy_is_told_with_its_resource() -> None:
    held = {"Effect": "Deny", "Action": "iam:PutUserPolicy", "Resource": f"arn:aws:iam::{OWN}:user/break-glass/*"}
    other = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}
    assert told(openings(policy(other, held), policy(other), resource_based=False)) == [
        (
            "deny removed",
            f"deny removed: statement 2 (iam:PutUserPolicy on arn:aws:iam::{OWN}:user/break-glass/*)",
        )
    ]


@pytest.mark.parametrize("operator", ["ArnNotLike", "ArnNotEquals", "StringNotLike", "StringNotEquals"])
def test_a_longer_list_of_exempt_roles_is_told_with_exactly_the_new_ones(operator: str) -> None:
    before = with_condition(SPARING, **{operator: {"aws:PrincipalArn": AUDITOR}})
    after = {operator: {"aws:PrincipalArn": [INTERN, AUDITOR, BREAK_GLASS]}}
    assert told(changed(before, Condition=after)) == [
        ("exception widened", f"DenyReadingToAllButAuditors: now spares {INTERN}, {BREAK_GLASS}")
    ]


def test_an_exempt_role_that_becomes_a_pattern_is_told() -> None:
    anyone = f"arn:aws:iam::{OWN}:role/*"
    assert told(changed(SPARING, Condition={"ArnNotLike": {"aws:PrincipalArn": [anyone]}})) == [
        ("exception widened", f"DenyReadingToAllButAuditors: now spares {anyone}")
    ]


def test_a_first_exemption_is_told() -> None:
    after = {**PLAIN_HTTP["Condition"], "StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
    assert told(changed(PLAIN_HTTP, Condition=after)) == [
        ("exception widened", "DenyPlainHttp: now spares aws:SourceVpce vpce-1")
    ]


@pytest.mark.parametrize(
    ("element", "before", "after", "spared"),
    [
        ("NotAction", "s3:Get*", ["s3:Get*", "s3:List*"], "s3:List*"),
        ("NotResource", OBJECTS, [ARCHIVE, OBJECTS], ARCHIVE),
        ("NotPrincipal", {"AWS": [OWN, AUDITOR]}, {"AWS": [OWN, AUDITOR, INTERN]}, INTERN),
    ],
)
def test_a_longer_not_list_of_a_deny_is_an_exemption(element: str, before: Any, after: Any, spared: str) -> None:
    statement = {**PLAIN_HTTP, element: before}
    del statement[element.removeprefix("Not")]
    assert told(changed(statement, **{element: after})) == [
        ("exception widened", f"DenyPlainHttp: now spares {spared}")
    ]
    assert changed({**statement, element: after}, **{element: before}) == ()


def test_exemptions_and_other_losses_of_a_deny_are_told_apart() -> None:
    after = {"ArnNotLike": {"aws:PrincipalArn": [AUDITOR, BREAK_GLASS, INTERN]}}
    assert told(changed(SPARING, Action="s3:GetObject", Condition=after)) == [
        (
            "deny narrowed",
            f"DenyReadingToAllButAuditors: no longer denies s3:GetObjectVersion on {OBJECTS} by everyone",
        ),
        ("exception widened", f"DenyReadingToAllButAuditors: now spares {INTERN}"),
    ]


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ({"Action": "s3:GetObject"}, "no longer denies s3:* on {} by everyone, only s3:GetObject"),
        ({"Resource": ARCHIVE}, f"no longer denies s3:* on {OBJECTS} by everyone"),
        ({"Principal": {"AWS": OTHER}}, f"no longer denies s3:* on {{}} by everyone, only {OTHER}"),
        (
            {"Condition": {**PLAIN_HTTP["Condition"], "StringEquals": {"aws:SourceVpce": "vpce-1"}}},
            "now denies only with StringEquals aws:SourceVpce vpce-1",
        ),
    ],
)
def test_a_narrower_deny_is_told_with_what_it_lost(elements: dict[str, Any], sentence: str) -> None:
    assert told(changed(PLAIN_HTTP, **elements)) == [
        ("deny narrowed", f"DenyPlainHttp: {sentence.format(f'{ARCHIVE}, {OBJECTS}')}")
    ]


def test_a_value_that_a_deny_no_longer_matches_is_told() -> None:
    before = with_condition(PLAIN_HTTP, StringEquals={"aws:PrincipalTag/team": ["red", "blue"]})
    after = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    assert told(changed(before, Condition=after)) == [
        ("deny narrowed", "DenyPlainHttp: no longer denies with aws:PrincipalTag/team blue")
    ]


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, f"now allows s3:PutObject on {OBJECTS} to {AUDITOR}"),
        ({"Resource": "*"}, f"now allows s3:GetObject on * to {AUDITOR}"),
        ({"Principal": "*"}, f"now allows s3:GetObject on {OBJECTS} to everyone"),
        ({"Condition": None}, "no longer requires StringEquals aws:SourceArn " + TRAIL),
        (
            {"Condition": {"StringEquals": {"aws:SourceArn": [TRAIL, TRAIL + "-2"]}}},
            f"now also accepts aws:SourceArn {TRAIL}-2",
        ),
        (
            {"Condition": {"StringEqualsIfExists": {"aws:SourceArn": TRAIL}}},
            f"requires StringEqualsIfExists aws:SourceArn {TRAIL}, no longer StringEquals aws:SourceArn {TRAIL}",
        ),
    ],
)
def test_a_wider_allow_is_told_with_what_it_gained(elements: dict[str, Any], sentence: str) -> None:
    before = with_condition(READ, StringEquals={"aws:SourceArn": TRAIL})
    assert told(changed(before, **elements)) == [("allow widened", f"Read: {sentence}")]


def test_an_allow_that_excludes_less_is_told() -> None:
    before = with_condition(READ, StringNotEquals={"aws:PrincipalTag/team": ["red", "blue"]})
    after = {"StringNotEquals": {"aws:PrincipalTag/team": "blue"}}
    assert told(changed(before, Condition=after)) == [
        ("allow widened", "Read: no longer excludes aws:PrincipalTag/team red")
    ]


def test_conditions_of_another_kind_are_not_comparable() -> None:
    before = with_condition(READ, StringEquals={"aws:SourceArn": TRAIL})
    assert told(changed(before, Condition={"ForAnyValue:StringEquals": {"aws:SourceArn": TRAIL}})) == [
        (
            "not comparable",
            "Read: the condition on aws:SourceArn became ForAnyValue:StringEquals (it was StringEquals), which can't be"
            " compared",
        )
    ]


def test_a_deny_that_becomes_an_allow_is_both() -> None:
    assert [one.kind for one in changed(PLAIN_HTTP, Effect="Allow")] == [
        OpeningKind.ALLOW_ADDED,
        OpeningKind.DENY_REMOVED,
    ]


@pytest.mark.parametrize(
    "text", ["nonsense", "[]", '{"Statement": []}', '{"Statement": {"Effect": "Maybe"}}', "[" * 9999]
)
@pytest.mark.parametrize("is_after", [True, False])
def test_a_document_that_is_none_is_one_opening(text: str, is_after: bool) -> None:
    pair = (policy(READ), text) if is_after else (text, policy(READ))
    (found,) = openings(*pair, resource_based=True)
    assert found.kind is OpeningKind.NOT_COMPARABLE
    assert found.sentence.startswith("can't be compared: ")
    assert "\n" not in found.sentence


def test_one_statement_is_one_line_however_much_it_gained() -> None:
    actions = [f"s3:Get{name}" for name in ("Acl", "Logging", "Object", "Policy", "Tagging", "Version")]
    (found,) = changed(READ, Sid="Read\nall", Action=actions)
    assert found.sentence == (
        "Read all: now allows s3:GetAcl, s3:GetLogging, s3:GetPolicy, s3:GetTagging and 1 more"
        f" on {OBJECTS} to {AUDITOR}"
    )


def test_a_statement_is_recognised_under_another_sid() -> None:
    found = changed(
        SPARING, Sid="Renamed", Condition={"ArnNotLike": {"aws:PrincipalArn": [AUDITOR, BREAK_GLASS, INTERN]}}
    )
    assert told(found) == [("exception widened", f"DenyReadingToAllButAuditors: now spares {INTERN}")]


def test_a_removed_deny_is_not_taken_for_another_that_stays() -> None:
    unnamed = [{name: value for name, value in one.items() if name != "Sid"} for one in (SPARING, PLAIN_HTTP)]
    (found,) = openings(policy(*unnamed), policy(unnamed[1]), resource_based=True)
    assert found.kind is OpeningKind.DENY_REMOVED


# R-INT-2: what is not worth a word


@pytest.mark.parametrize("as_text", [True, False])
def test_the_same_policy_is_no_opening(as_text: bool) -> None:
    before = policy(READ, SPARING, PLAIN_HTTP)
    after = json.dumps(before, indent=2) if as_text else json.loads(json.dumps(before))
    assert openings(before, after, resource_based=True) == ()
    assert openings(None, None, resource_based=True) == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"Sid": "Other"},
        {"Sid": None},
        {"Action": ["s3:GetObjectVersion", "S3:getobject"]},
        {"Action": "s3:GetObject*"},
        {"Resource": [OBJECTS]},
        {"Resource": "*"},
        {"Condition": {"ArnNotEquals": {"AWS:principalarn": [BREAK_GLASS, AUDITOR]}}},
        {"Condition": {"ArnNotLike": {"aws:PrincipalArn": AUDITOR}}},
        {"Condition": None},
    ],
)
def test_a_deny_that_says_the_same_or_more_is_no_opening(elements: dict[str, Any]) -> None:
    assert changed(SPARING, **elements) == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"Action": ["s3:getobject"]},
        {"Resource": f"{ARCHIVE}/AWSLogs/*"},
        {"Resource": f"{ARCHIVE}/${{aws:username}}/*"},
        {"Condition": {"Bool": {"aws:SecureTransport": True}}},
        {"Effect": "Deny"},
    ],
)
def test_an_allow_that_says_the_same_or_less_is_no_opening(elements: dict[str, Any]) -> None:
    assert changed(READ, **elements) == ()


@pytest.mark.parametrize("version", ["2008-10-17", "2012-10-17"])
def test_the_version_is_no_opening(version: str) -> None:
    assert openings(policy(READ), policy(READ, version=version), resource_based=True) == ()


def test_the_version_is_an_opening_where_a_variable_becomes_text() -> None:
    own = {**PLAIN_HTTP, "Resource": f"{ARCHIVE}/${{aws:username}}/*"}
    assert openings(policy(own), policy(own, version="2008-10-17"), resource_based=True)


def test_statements_may_be_split_merged_and_reordered() -> None:
    each = [{**SPARING, "Sid": action.removeprefix("s3:"), "Action": action} for action in reversed(SPARING["Action"])]
    merged, split = policy(SPARING, READ), policy(*each, READ)
    assert openings(merged, split, resource_based=True) == ()
    assert openings(split, merged, resource_based=True) == ()


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0)])
def test_values_that_only_python_takes_for_the_same_are_an_opening(before: Any, after: Any) -> None:
    limited = with_condition(READ, StringEquals={"aws:PrincipalTag/level": before})
    assert changed(limited, Condition={"StringEquals": {"aws:PrincipalTag/level": after}})


def test_a_document_that_is_none_is_no_opening_if_its_text_stays() -> None:
    assert openings("nonsense", "nonsense", resource_based=True) == ()


# R-INT-2: role trust


def trust(**principal: Any) -> dict[str, Any]:
    return policy({"Sid": "Trust", "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def test_a_trust_policy_has_no_resource_to_tell() -> None:
    before, after = trust(Service="lambda.amazonaws.com"), trust(Service=["lambda.amazonaws.com", "ec2.amazonaws.com"])
    assert told(openings(before, after, resource_based=True)) == [
        ("allow widened", "Trust: now allows sts:AssumeRole to ec2.amazonaws.com")
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # An Allow to an account delegates to its policies; one to a role doesn't ask them.
        ({"AWS": OWN}, {"AWS": AUDITOR}),
        ({"AWS": AUDITOR}, {"AWS": OWN}),
        ({"AWS": AUDITOR}, {"AWS": "*"}),
        ({"AWS": "*"}, {"Service": "ec2.amazonaws.com"}),
        ({"Federated": "cognito-identity.amazonaws.com"}, {"Federated": "accounts.google.com"}),
    ],
)
def test_another_caller_is_an_opening(before: dict[str, str], after: dict[str, str]) -> None:
    assert openings(trust(**before), trust(**after), resource_based=True)


def test_an_account_may_be_written_in_two_ways() -> None:
    assert openings(trust(AWS=OWN), trust(AWS=f"arn:aws:iam::{OWN}:root"), resource_based=True) == ()


def test_a_deny_to_an_account_is_one_to_its_roles() -> None:
    to_role, to_account = ({**PLAIN_HTTP, "Principal": {"AWS": name}} for name in (AUDITOR, OWN))
    assert openings(policy(to_role), policy(to_account), resource_based=True) == ()
    assert openings(policy(to_account), policy(to_role), resource_based=True)
