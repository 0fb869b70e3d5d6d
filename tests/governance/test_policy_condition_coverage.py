"""Texts and conditions of policies: which follow from which. The rules that ``policy_comparison`` stands on."""

from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_condition_coverage import Requirement, requirements
from cloudtrail_monitoring.governance.policy_text_coverage import Text

KEY = "aws:PrincipalTag/team"


def action(source: str) -> Text:
    return Text.action(source)


def resource(source: str) -> Text:
    return Text.resource(source, variables=True)


def arn(source: str) -> Text:
    return Text.arn(source, variables=True)


def requirement(operator: str, *values: Any) -> Requirement:
    (found,) = requirements({operator: {KEY: list(values)}}, variables=True)
    return found


# R-INT-2: texts


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (action("*"), action("s3:Get*")),
        (action("s3:Get*"), action("S3:GETObject*")),
        (action("s3:*Object"), action("s3:Get*Object")),
        (action("s3:?etObject"), action("s3:GetObject")),
        (action("s3:**"), action("s3:*")),
        (resource("arn:aws:s3:::logs/*"), resource("arn:aws:s3:::logs/a/*")),
        (resource("arn:aws:s3:::logs/*"), resource("arn:aws:s3:::logs/${aws:username}")),
        (resource("arn:aws:s3:::logs/${aws:username}"), resource("arn:aws:s3:::logs/${aws:username}")),
        (resource("arn:aws:*"), resource("arn:aws:s3:::logs")),
        (arn("*"), arn("arn:aws:iam::*:role/*")),
        (arn("arn:*:iam::*:role/*"), arn("arn:aws:iam::333333333333:role/?")),
    ],
)
def test_a_wider_text_covers_and_not_the_other_way_round(outer: Text, inner: Text) -> None:
    assert outer.covers(inner)
    assert outer.covers(outer)
    assert inner.covers(outer) == (str(outer) in ("s3:**", str(inner)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (action("s3:Get*"), action("s3:*Object")),
        (action("s3:Get??"), action("s3:Get*")),
        # A wildcard in the middle of a part of an ARN stops at the colon.
        (resource("arn:aws:s*3:::logs"), resource("arn:aws:s:x3:::logs")),
        (arn("arn:aws:iam:*:role/a"), arn("arn:aws:iam::333333333333:role/a")),
        (resource("arn:aws:s3:::logs/${aws:username}"), resource("arn:aws:s3:::logs/alice")),
        (resource("arn:aws:s3:::${aws:username}/*"), resource("arn:aws:s3:::${aws:userid}/*")),
        # In StringEquals an asterisk is a letter.
        (Text.literal("a*", variables=True), Text.like("ab", variables=True)),
    ],
)
def test_other_texts_cover_nothing_of_each_other(one: Text, other: Text) -> None:
    assert not one.covers(other)
    if str(other) not in ("s3:Get*", "arn:aws:iam::333333333333:role/a"):
        assert not other.covers(one)


def test_long_patterns_are_compared_at_once() -> None:
    assert not action("s3:" + "*a" * 400 + "b").covers(action("s3:" + "a" * 4000))


# R-INT-2: conditions

STRICTER = [
    (("StringEquals", "red"), ("StringEquals", "red", "blue")),
    (("StringEquals", "red"), ("StringLike", "r*")),
    (("StringEquals", "r*"), ("StringLike", "r*")),
    (("StringLike", "re?"), ("StringLike", "r*")),
    (("StringEqualsIgnoreCase", "RED"), ("StringEqualsIgnoreCase", "red", "blue")),
    (("StringNotEquals", "red", "blue"), ("StringNotEquals", "red")),
    (("StringNotLike", "r*"), ("StringNotEquals", "red")),
    (("ArnLike", "arn:aws:iam::*:role/a"), ("ArnLike", "arn:aws:iam::*:role/*")),
    (("ArnNotLike", "arn:aws:iam::*:role/*"), ("ArnNotEquals", "arn:aws:iam::*:role/a")),
    (("StringEquals", "red"), ("StringEqualsIfExists", "red")),
    (("StringNotEquals", "red", "blue"), ("StringNotEqualsIfExists", "red")),
    (("Bool", "true"), ("Bool", "true", "false")),
    (("Bool", True), ("BoolIfExists", "true")),
    (("Null", "true"), ("Null", "true", "false")),
    (("NumericEquals", 1), ("NumericEquals", "1.0", 2)),
    (("NumericLessThan", 1), ("NumericLessThan", "2")),
    (("NumericGreaterThanEquals", 3), ("NumericGreaterThanEquals", 2)),
    (("DateLessThan", "2025-01-01"), ("DateLessThan", "2025-06-01T00:00:00Z")),
    (("IpAddress", "10.1.0.0/16"), ("IpAddress", "10.0.0.0/8", "2001:db8::/32")),
    (("NotIpAddress", "10.0.0.0/8"), ("NotIpAddress", "10.1.2.3")),
]


@pytest.mark.parametrize(("stricter", "looser"), STRICTER)
def test_a_looser_condition_follows_from_a_stricter_one_alone(
    stricter: tuple[Any, ...], looser: tuple[Any, ...]
) -> None:
    assert requirement(*stricter).implies(requirement(*looser))
    assert not requirement(*looser).implies(requirement(*stricter))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Bool", True), ("Bool", "TRUE")),
        (("ArnEquals", "*"), ("ArnLike", "*")),
        (("NumericLessThan", "1.20"), ("NumericLessThan", 1.2)),
        (("DateEquals", "2025-01-01"), ("DateEquals", "1735689600")),
        (("IpAddress", "10.0.0.1"), ("IpAddress", "10.0.0.1/32")),
        (("StringNotEquals", "red"), ("StringNotEqualsIfExists", "red")),
        (("ForAllValues:StringLike", "a", "b"), ("ForAllValues:StringLike", "b", "a")),
    ],
)
def test_two_spellings_follow_from_each_other(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert requirement(*one).implies(requirement(*other))
    assert requirement(*other).implies(requirement(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("StringEquals", "red"), ("StringNotEquals", "blue")),
        (("StringEquals", "red"), ("StringEqualsIgnoreCase", "red")),
        (("ForAnyValue:StringEquals", "red"), ("StringEquals", "red")),
        (("ForAnyValue:StringEquals", "red"), ("ForAnyValue:StringEquals", "red", "blue")),
        (("ForAllValues:StringEquals", "red"), ("ForAnyValue:StringEquals", "red")),
        (("NumericLessThan", 1), ("NumericLessThanEquals", 1)),
        (("IpAddress", "10.0.0.0/8"), ("IpAddress", "2001:db8::/32")),
        (("Null", "false"), ("StringLike", "*")),
        # Without a value for its variable no negated condition holds, so the other does not follow.
        (("StringNotLike", "*"), ("StringNotLike", "${aws:username}")),
    ],
)
def test_what_no_rule_proves_does_not_follow(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert not requirement(*one).implies(requirement(*other))


def test_a_condition_on_another_key_does_not_follow() -> None:
    (elsewhere,) = requirements({"StringEquals": {"aws:PrincipalTag/unit": "red"}}, variables=True)
    assert not elsewhere.implies(requirement("StringEquals", "red"))


def test_a_key_is_compared_without_case() -> None:
    (spelled,) = requirements({"StringEquals": {KEY.upper(): "red"}}, variables=True)
    assert spelled.implies(requirement("StringEquals", "red"))
