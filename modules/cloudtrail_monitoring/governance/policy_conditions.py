"""The Condition element of IAM policies: every operator but ``BinaryEquals``, with ``IfExists`` and the set operators.

``parse_conditions`` checks a Condition element completely, whether or not a request ever reaches it; each
``Condition`` then answers for one request context. Which keys a request carries is left to ``policy_context``.

Missing keys follow AWS: an operator is false without its key, a negated one true, ``…IfExists`` true, ``ForAllValues``
true, ``ForAnyValue`` false. A value whose variable has no value matches nothing, and a negated operator does not profit
from it: AWS documents such a statement as invalid.

Sources (AWS IAM User Guide):

- operators: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
- several values, negation (NOR):
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
- set operators:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol, TypeVar

from cloudtrail_monitoring.governance.policy_patterns import (
    ARN_PARTS,
    MalformedPolicyError,
    PolicyText,
    RequestContext,
    RequestError,
    UnknownOperatorError,
    matches,
    matches_arn,
)

T = TypeVar("T")
Test = Callable[[str, RequestContext], bool | None]
"""Does a context value match one value of the policy? None: a variable has no value, so it can't be said."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_EPOCH = re.compile(r"-?\d{5,}|0")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?)?)?")
_YEAR, _YEAR_AND_MONTH = 4, 7
_TRUTH = {"true": True, "false": False}


def parse_date(value: str) -> datetime:
    """A date as IAM writes it: a W3C profile of ISO 8601 (UTC if it has no time), or seconds since 1970.

    Raises:
        ValueError: neither of the two.
    """
    if _EPOCH.fullmatch(value):
        return datetime.fromtimestamp(int(value), UTC)
    if not _DATE.fullmatch(value):
        raise ValueError(value)
    whole = value + {_YEAR: "-01-01", _YEAR_AND_MONTH: "-01"}.get(len(value), "")
    parsed = datetime.fromisoformat(whole)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _number(value: str) -> Decimal:
    if not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return Decimal(value)


def _truth(value: str) -> bool:
    if value.lower() not in _TRUTH:
        raise ValueError(value)
    return _TRUTH[value.lower()]


def _policy_value(parse: Callable[[str], T], text: PolicyText, wanted: str) -> T:
    try:
        return parse(text.source)
    except (ValueError, OverflowError) as error:
        raise MalformedPolicyError(f"{wanted} is needed in a condition (given: {text.source!r})") from error


def _context_value(parse: Callable[[str], T], value: str, wanted: str) -> T:
    try:
        return parse(value)
    except (ValueError, OverflowError) as error:
        raise RequestError(f"{wanted} is needed in the request's context (given: {value!r})") from error


def _text(compare: Callable[[str, str], bool]) -> Callable[[PolicyText], Test]:
    def build(text: PolicyText) -> Test:
        def test(value: str, context: RequestContext) -> bool | None:
            wanted = text.literal(context)
            return None if wanted is None else compare(wanted, value)

        return test

    return build


def _like(text: PolicyText) -> Test:
    def test(value: str, context: RequestContext) -> bool | None:
        pattern = text.pattern(context)
        return None if pattern is None else matches(pattern, value)

    return test


def _arn(text: PolicyText) -> Test:
    if text.source != "*" and "${" not in text.source and text.source.count(":") < ARN_PARTS - 1:
        raise MalformedPolicyError(f"an ARN of six parts is needed in a condition (given: {text.source!r})")

    def test(value: str, context: RequestContext) -> bool | None:
        pattern = text.pattern(context)
        return None if pattern is None else matches_arn(pattern, value)

    return test


def _compared(
    parse: Callable[[str], T], compare: Callable[[Any, Any], bool], wanted: str
) -> Callable[[PolicyText], Test]:
    def build(text: PolicyText) -> Test:
        bound = _policy_value(parse, text, wanted)
        return lambda value, _: compare(_context_value(parse, value, wanted), bound)

    return build


def _bool(text: PolicyText) -> Test:
    if "${" not in text.source:
        return _compared(_truth, operator.eq, "true or false")(text)

    def test(value: str, context: RequestContext) -> bool | None:
        wanted = text.literal(context)
        return None if wanted is None else wanted.lower() == value.lower()

    return test


def _address(text: PolicyText) -> Test:
    network = _policy_value(lambda value: ipaddress.ip_network(value, strict=False), text, "an IP address or range")
    return lambda value, _: _context_value(ipaddress.ip_address, value, "an IP address") in network


def _numeric(compare: Callable[[Any, Any], bool]) -> Callable[[PolicyText], Test]:
    return _compared(_number, compare, "a number")


def _dated(compare: Callable[[Any, Any], bool]) -> Callable[[PolicyText], Test]:
    return _compared(parse_date, compare, "a date (ISO 8601 with a time zone, or seconds since 1970)")


def _without_case(left: str, right: str) -> bool:
    return left.lower() == right.lower()


@dataclass(frozen=True, slots=True)
class _Operator:
    build: Callable[[PolicyText], Test]
    negated: bool = False


_OPERATORS: Mapping[str, _Operator] = {
    "StringEquals": _Operator(_text(operator.eq)),
    "StringNotEquals": _Operator(_text(operator.eq), negated=True),
    "StringEqualsIgnoreCase": _Operator(_text(_without_case)),
    "StringNotEqualsIgnoreCase": _Operator(_text(_without_case), negated=True),
    "StringLike": _Operator(_like),
    "StringNotLike": _Operator(_like, negated=True),
    "ArnEquals": _Operator(_arn),
    "ArnLike": _Operator(_arn),
    "ArnNotEquals": _Operator(_arn, negated=True),
    "ArnNotLike": _Operator(_arn, negated=True),
    "NumericEquals": _Operator(_numeric(operator.eq)),
    "NumericNotEquals": _Operator(_numeric(operator.eq), negated=True),
    "NumericLessThan": _Operator(_numeric(operator.lt)),
    "NumericLessThanEquals": _Operator(_numeric(operator.le)),
    "NumericGreaterThan": _Operator(_numeric(operator.gt)),
    "NumericGreaterThanEquals": _Operator(_numeric(operator.ge)),
    "DateEquals": _Operator(_dated(operator.eq)),
    "DateNotEquals": _Operator(_dated(operator.eq), negated=True),
    "DateLessThan": _Operator(_dated(operator.lt)),
    "DateLessThanEquals": _Operator(_dated(operator.le)),
    "DateGreaterThan": _Operator(_dated(operator.gt)),
    "DateGreaterThanEquals": _Operator(_dated(operator.ge)),
    "Bool": _Operator(_bool),
    "IpAddress": _Operator(_address),
    "NotIpAddress": _Operator(_address, negated=True),
}


class _Quantifier(Enum):
    NONE = ""
    ALL = "ForAllValues:"
    ANY = "ForAnyValue:"


class Condition(Protocol):
    """One key under one operator."""

    def holds(self, context: RequestContext) -> bool:
        """Whether the request fulfils it."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    key: str
    tests: tuple[Test, ...]
    negated: bool
    if_exists: bool
    quantifier: _Quantifier

    def holds(self, context: RequestContext) -> bool:
        values = context.values(self.key)
        if not values and self.if_exists:
            return True
        match self.quantifier:
            case _Quantifier.ALL:
                return all(self._accepts(value, context) for value in values if value)
            case _Quantifier.ANY:
                return any(self._accepts(value, context) for value in values if value)
            case _Quantifier.NONE:
                return self._single(values, context)

    def _single(self, values: tuple[str, ...], context: RequestContext) -> bool:
        if not values:
            return self.negated
        if len(values) > 1:
            raise RequestError(
                f"{self.key} has several values in the request: the policy needs ForAllValues or ForAnyValue"
            )
        return self._accepts(values[0], context)

    def _accepts(self, value: str, context: RequestContext) -> bool:
        results = [test(value, context) for test in self.tests]
        if True in results:
            return not self.negated
        return self.negated and None not in results


@dataclass(frozen=True, slots=True)
class _Null:
    key: str
    wanted: frozenset[bool]

    def holds(self, context: RequestContext) -> bool:
        return (not any(context.values(self.key))) in self.wanted


def parse_conditions(element: object, *, variables: bool) -> tuple[Condition, ...]:
    """The conditions of a Condition element, all of which must hold.

    Args:
        element: the element as JSON data.
        variables: whether the policy's language version (2012-10-17) knows policy variables.

    Raises:
        UnknownOperatorError: an operator that is not in the table above.
        MalformedPolicyError: a shape or a value that AWS refuses.
    """
    if not isinstance(element, Mapping):
        raise MalformedPolicyError("Condition must be an object")
    conditions: list[Condition] = []
    for name, keys in element.items():
        if not isinstance(keys, Mapping) or not keys:
            raise MalformedPolicyError(f"{name} needs at least one condition key")
        for key, values in keys.items():
            if not isinstance(key, str) or ":" not in key:
                raise MalformedPolicyError(f"{key!r} is no condition key")
            texts = tuple(PolicyText(value, variables) for value in _values(key, values))
            conditions.append(_condition(name, key, texts))
    return tuple(conditions)


def _condition(name: object, key: str, texts: tuple[PolicyText, ...]) -> Condition:
    if name == "Null":
        return _Null(key, frozenset(_policy_value(_truth, text, "true or false") for text in texts))
    quantifier, bare = _quantified(str(name))
    known = _OPERATORS.get(bare.removesuffix("IfExists"))
    if known is None:
        raise UnknownOperatorError(f"{name} is no condition operator that can be evaluated")
    return _Comparison(
        key=key,
        tests=tuple(known.build(text) for text in texts),
        negated=known.negated,
        if_exists=bare.endswith("IfExists"),
        quantifier=quantifier,
    )


def _quantified(name: str) -> tuple[_Quantifier, str]:
    for quantifier in (_Quantifier.ALL, _Quantifier.ANY):
        if name.startswith(quantifier.value):
            return quantifier, name.removeprefix(quantifier.value)
    return _Quantifier.NONE, name


def _values(key: str, given: object) -> list[str]:
    values = given if isinstance(given, (list, tuple)) else [given]
    if not values:
        raise MalformedPolicyError(f"{key} needs at least one value")
    return [_value(key, value) for value in values]


def _value(key: str, value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            raise MalformedPolicyError(f"{key}: {value!r} is no condition value")
