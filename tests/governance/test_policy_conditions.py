"""Conditions of IAM policies, through ``decide``. The keys AWS sets by itself have their own tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import (
    MalformedPolicyError,
    Principal,
    Request,
    RequestError,
    UnknownOperatorError,
    decide,
)

ACCOUNT = "333333333333"
USER = Principal.user(f"arn:aws:iam::{ACCOUNT}:user/people/alice")
ROLE = Principal.role(f"arn:aws:iam::{ACCOUNT}:role/deploy")
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:alerts"

Stated = Mapping[str, str | Sequence[str]]


def holds(
    condition: Mapping[str, Any],
    context: Stated | None = None,
    principal: Principal = USER,
    *,
    version: str = "2012-10-17",
) -> bool:
    """Whether a condition holds: it is put on a policy that allows everyone everything otherwise."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    request = Request(principal, "sqs:SendMessage", QUEUE, context or {})
    return decide(request, resource_policy={"Version": version, "Statement": [statement]}).allowed


POSITIVE = [
    ("StringEquals", "Aa*", "Aa*", "Aab"),
    ("StringEqualsIgnoreCase", "Aa", "aA", "ab"),
    ("StringLike", "a*b?", "a-x-bc", "a-x-b"),
    ("ArnEquals", "arn:aws:s3:::a*", "arn:aws:s3:::abc", "arn:aws:s3:::b"),
    ("ArnLike", "arn:*:iam::*:role/a?", "arn:aws:iam::1:role/ab", "arn:aws:iam::1:role/abc"),
    ("NumericEquals", "1.20", "1.2", "1.3"),
    ("DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
    ("IpAddress", "2001:db8::/32", "2001:db8::1", "203.0.113.9"),
    ("IpAddress", "203.0.113.9", "203.0.113.9", "203.0.113.8"),
]
NEGATIVE = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
}
ORDER = [
    ("LessThan", (True, False, False)),
    ("LessThanEquals", (True, True, False)),
    ("GreaterThan", (False, False, True)),
    ("GreaterThanEquals", (False, True, True)),
]


class TestOperators:
    @pytest.mark.parametrize(("operator", "wanted", "match", "miss"), POSITIVE)
    def test_match(self, operator: str, wanted: str, match: str, miss: str) -> None:
        assert holds({operator: {"x:key": wanted}}, {"x:key": match})
        assert not holds({operator: {"x:key": wanted}}, {"x:key": miss})

    @pytest.mark.parametrize(("operator", "wanted", "match", "miss"), POSITIVE)
    def test_negated_match(self, operator: str, wanted: str, match: str, miss: str) -> None:
        assert not holds({NEGATIVE[operator]: {"x:key": wanted}}, {"x:key": match})
        assert holds({NEGATIVE[operator]: {"x:key": wanted}}, {"x:key": miss})

    @pytest.mark.parametrize(("suffix", "expected"), ORDER)
    def test_numbers_in_order(self, suffix: str, expected: tuple[bool, ...]) -> None:
        condition = {f"Numeric{suffix}": {"s3:TlsVersion": 1.2}}
        assert tuple(holds(condition, {"s3:TlsVersion": value}) for value in ("1.1", "1.2", "1.3")) == expected

    @pytest.mark.parametrize(("suffix", "expected"), ORDER)
    def test_dates_in_order(self, suffix: str, expected: tuple[bool, ...]) -> None:
        condition = {f"Date{suffix}": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}
        times = ("2026-03-01T11:59:59Z", "2026-03-01T13:00:00+01:00", "2026-03-01T12:00:01Z")
        assert tuple(holds(condition, {"aws:CurrentTime": time}) for time in times) == expected

    @pytest.mark.parametrize(
        "written", ["2026", "2026-01", "2026-01-01", "2026-01-01T00:00Z", "1767225600", 1767225600]
    )
    def test_every_way_to_write_a_date(self, written: str | int) -> None:
        assert holds({"DateEquals": {"x:when": written}}, {"x:when": "2026-01-01T00:00:00.0Z"})

    def test_bool(self) -> None:
        for wanted in ("true", "True", True):
            assert holds({"Bool": {"x:key": wanted}}, {"x:key": "true"})
            assert not holds({"Bool": {"x:key": wanted}}, {"x:key": "false"})

    def test_arn_wildcards_stay_in_their_part_and_string_wildcards_do_not(self) -> None:
        value = {"x:key": "arn:aws:sqs:eu-west-1:1:store/abc:2:finance"}
        assert not holds({"ArnLike": {"x:key": "arn:aws:sqs:*:2:finance"}}, value)
        assert holds({"StringLike": {"x:key": "arn:aws:sqs:*:2:finance"}}, value)

    def test_arn_operator_on_something_else_does_not_match(self) -> None:
        assert not holds({"ArnLike": {"x:key": "*"}}, {"x:key": "deploy"})
        assert holds({"ArnLike": {"x:key": "*"}}, {"x:key": QUEUE})

    def test_square_brackets_are_ordinary_characters(self) -> None:
        assert holds({"StringLike": {"x:key": "[ab]*"}}, {"x:key": "[ab]c"})
        assert not holds({"StringLike": {"x:key": "[ab]*"}}, {"x:key": "ac"})


class TestCombination:
    def test_values_are_alternatives(self) -> None:
        condition = {"StringEquals": {"x:key": ["a", "b"]}}
        assert holds(condition, {"x:key": "b"})
        assert not holds(condition, {"x:key": "c"})

    def test_negated_values_are_all_excluded(self) -> None:
        condition = {"StringNotEquals": {"x:key": ["a", "b"]}}
        assert not holds(condition, {"x:key": "b"})
        assert holds(condition, {"x:key": "c"})

    def test_keys_and_operators_must_all_hold(self) -> None:
        condition = {"StringEquals": {"x:a": "1", "x:b": "2"}, "StringLike": {"x:c": "3*"}}
        context = {"x:a": "1", "x:b": "2", "x:c": "33"}
        assert holds(condition, context)
        for key in context:
            assert not holds(condition, context | {key: "0"})

    def test_keys_have_no_case_and_values_do(self) -> None:
        assert holds({"StringEquals": {"AWS:principaltag/Team": "a"}}, {"aws:PrincipalTag/team": "a"})
        assert not holds({"StringEquals": {"aws:PrincipalTag/team": "A"}}, {"aws:PrincipalTag/team": "a"})

    def test_several_values_need_a_set_operator(self) -> None:
        with pytest.raises(RequestError, match="ForAllValues or ForAnyValue"):
            holds({"StringEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ["a", "b"]})


class TestMissingKeys:
    @pytest.mark.parametrize("operator", [*NEGATIVE, "NumericLessThan", "DateGreaterThan", "Bool"])
    def test_without_the_key_a_match_fails(self, operator: str) -> None:
        wanted = {row[0]: row[1] for row in POSITIVE} | {
            "NumericLessThan": "1",
            "DateGreaterThan": "2026",
            "Bool": "false",
        }
        assert not holds({operator: {"x:key": wanted[operator]}})
        assert holds({f"{operator}IfExists": {"x:key": wanted[operator]}})

    @pytest.mark.parametrize(("operator", "wanted", "_match", "_miss"), POSITIVE)
    def test_without_the_key_a_negated_match_holds(self, operator: str, wanted: str, _match: str, _miss: str) -> None:
        assert holds({NEGATIVE[operator]: {"x:key": wanted}})
        assert holds({f"{NEGATIVE[operator]}IfExists": {"x:key": wanted}})

    def test_if_exists_compares_what_exists(self) -> None:
        assert not holds({"StringEqualsIfExists": {"x:key": "a"}}, {"x:key": "b"})
        assert not holds({"StringNotEqualsIfExists": {"x:key": "a"}}, {"x:key": "a"})

    @pytest.mark.parametrize(("context", "missing"), [({}, True), ({"x:key": []}, True), ({"x:key": "a"}, False)])
    def test_null(self, context: Stated, missing: bool) -> None:
        assert holds({"Null": {"x:key": "true"}}, context) is missing
        assert holds({"Null": {"x:key": False}}, context) is not missing


class TestSetOperators:
    @pytest.mark.parametrize(
        ("values", "every", "some"),
        [
            (["a"], True, True),
            (["a", "b"], True, True),
            (["a", "c"], False, True),
            (["c"], False, False),
            ([], True, False),
            ([""], True, False),
        ],
    )
    def test_match(self, values: list[str], every: bool, some: bool) -> None:
        context = {"aws:TagKeys": values}
        assert holds({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, context) is every
        assert holds({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}, context) is some

    @pytest.mark.parametrize(
        ("values", "every", "some"),
        [(["a"], False, False), (["a", "c"], False, True), (["c", "d"], True, True), ([], True, False)],
    )
    def test_negated_match(self, values: list[str], every: bool, some: bool) -> None:
        context = {"aws:TagKeys": values}
        assert holds({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}, context) is every
        assert holds({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}, context) is some

    def test_null_guards_an_empty_set(self) -> None:
        condition = {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}}
        assert not holds(condition)
        assert not holds(condition, {"aws:TagKeys": [""]})
        assert holds(condition, {"aws:TagKeys": ["a"]})

    def test_if_exists(self) -> None:
        assert holds({"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "a*"}})
        assert not holds({"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "a*"}}, {"aws:TagKeys": ["b"]})


class TestVariables:
    def test_variable_takes_the_requests_value(self) -> None:
        condition = {"StringEquals": {"x:owner": "${aws:username}"}}
        assert holds(condition, {"x:owner": "alice"})
        assert not holds(condition, {"x:owner": "bob"})

    def test_wildcards_in_a_value_are_ordinary_characters(self) -> None:
        condition = {"StringLike": {"x:owner": "${aws:PrincipalTag/team}-*"}}
        assert holds(condition, {"x:owner": "*-1", "aws:PrincipalTag/team": "*"})
        assert not holds(condition, {"x:owner": "a-1", "aws:PrincipalTag/team": "*"})

    def test_special_characters(self) -> None:
        assert holds({"StringLike": {"x:key": "a${*}${?}${$}*"}}, {"x:key": "a*?$b"})
        assert not holds({"StringLike": {"x:key": "a${*}"}}, {"x:key": "ab"})

    def test_default_value(self) -> None:
        condition = {"StringEquals": {"x:team": "${aws:PrincipalTag/team, 'none'}"}}
        assert holds(condition, {"x:team": "none"})
        assert holds(condition, {"x:team": "a", "aws:PrincipalTag/team": "a"})

    @pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "ArnLike", "ArnNotLike", "StringNotLike"])
    def test_variable_without_a_value_fails_either_way(self, operator: str) -> None:
        assert not holds({operator: {"x:key": "${aws:username}"}}, {"x:key": QUEUE}, ROLE)

    def test_other_values_still_match_beside_it(self) -> None:
        assert holds({"StringEquals": {"x:key": ["${aws:PrincipalTag/team}", "a"]}}, {"x:key": "a"})

    def test_key_with_several_values_fills_no_variable(self) -> None:
        assert not holds({"StringEquals": {"x:key": "${aws:TagKeys}"}}, {"x:key": "a", "aws:TagKeys": ["a", "b"]})

    def test_bool_takes_variables(self) -> None:
        assert holds({"Bool": {"x:key": "${aws:SecureTransport}"}}, {"x:key": "true"})
        assert not holds({"Bool": {"x:key": "${aws:username}"}}, {"x:key": "true"})

    def test_old_language_version_has_none(self) -> None:
        condition = {"StringEquals": {"x:key": "${aws:username}"}}
        assert not holds(condition, {"x:key": "alice"}, version="2008-10-17")
        assert holds(condition, {"x:key": "${aws:username}"}, version="2008-10-17")

    @pytest.mark.parametrize("text", ["${aws_s3_bucket.a.arn}", "$${aws:username}", "${aws:username", '${x["a:b"].c}'])
    @pytest.mark.parametrize("version", ["2008-10-17", "2012-10-17"])
    def test_what_terraform_left_is_refused(self, text: str, version: str) -> None:
        with pytest.raises(MalformedPolicyError):
            holds({"StringEquals": {"x:key": text}}, version=version)


class TestRefusals:
    @pytest.mark.parametrize(
        "operator",
        ["StringMatches", "stringequals", "BinaryEquals", "NullIfExists", "ForAnyValue:Null", "ForSomeValues:Bool", ""],
    )
    def test_unknown_operator(self, operator: str) -> None:
        with pytest.raises(UnknownOperatorError):
            holds({operator: {"x:key": "a"}})

    @pytest.mark.parametrize(
        "condition",
        [
            [],
            {"StringEquals": {}},
            {"StringEquals": "a"},
            {"StringEquals": {"x:key": []}},
            {"StringEquals": {"x:key": None}},
            {"StringEquals": {"x:key": {"a": 1}}},
            {"StringEquals": {"key": "a"}},
            {"Bool": {"x:key": "yes"}},
            {"Null": {"x:key": "maybe"}},
            {"NumericEquals": {"x:key": "NaN"}},
            {"NumericEquals": {"x:key": "${aws:username}"}},
            {"DateLessThan": {"aws:CurrentTime": "tomorrow"}},
            {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00"}},
            {"DateLessThan": {"aws:CurrentTime": "2026-13-01"}},
            {"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}},
            {"ArnLike": {"x:key": "arn:aws:s3"}},
        ],
    )
    def test_malformed_condition(self, condition: Any) -> None:
        with pytest.raises(MalformedPolicyError):
            holds(condition, {"aws:CurrentTime": "2026-01-01"})

    @pytest.mark.parametrize(
        ("condition", "value"),
        [
            ({"NumericEquals": {"x:key": "1"}}, "one"),
            ({"DateEquals": {"x:key": "2026"}}, "now"),
            ({"Bool": {"x:key": "true"}}, "yes"),
            ({"IpAddress": {"x:key": "203.0.113.0/24"}}, "cloudtrail.amazonaws.com"),
        ],
    )
    def test_context_value_of_another_type(self, condition: Mapping[str, Any], value: str) -> None:
        with pytest.raises(RequestError):
            holds(condition, {"x:key": value})

    @pytest.mark.parametrize(
        "context", [{"x:a": True}, {"x:a": [1]}, {"x:a": "1", "X:A": "2"}, {"aws:CurrentTime": "now"}]
    )
    def test_malformed_context(self, context: Any) -> None:
        with pytest.raises(RequestError):
            holds({}, context)
