"""Which conditions of a policy follow from others: whenever the one holds, the other holds too.

What ``policy_comparison`` needs to say that a statement's conditions are as strict as they were. Order, a list of one,
``true`` against ``"true"`` and the two spellings of the ARN operators make no difference. Conditions are compared key
by key and operator by operator; set operators (``ForAllValues``, ``ForAnyValue``) follow only from themselves, and
what no rule here proves does not follow. The operators' meaning, and AWS's pages, stand in ``policy_conditions``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from operator import eq, ge, le
from typing import Any, Self

from cloudtrail_monitoring.governance.policy_conditions import parse_date
from cloudtrail_monitoring.governance.policy_text_coverage import Text

_SETS = ("ForAllValues:", "ForAnyValue:")
_IF_EXISTS = "IfExists"


@dataclass(frozen=True, slots=True)
class _Operator:
    family: str
    """Operators of one family ask the same question, negated or not."""
    read: Callable[[str, bool], Any]
    """What a value means, given whether the policy knows variables."""
    takes_in: Callable[[Any, Any], bool]
    """Whether one value is matched by all that matches another."""
    negated: bool = False


def _literal(written: str, variables: bool) -> Text:
    return Text.literal(written, variables=variables)


def _without_case(written: str, variables: bool) -> Text:
    return Text.literal(written.lower(), variables=variables)


def _like(written: str, variables: bool) -> Text:
    return Text.like(written, variables=variables)


def _arn(written: str, variables: bool) -> Text:
    return Text.arn(written, variables=variables)


def _number(written: str, _: bool) -> Decimal:
    return Decimal(written)


def _date(written: str, _: bool) -> datetime:
    return parse_date(written)


def _network(written: str, _: bool) -> IPv4Network | IPv6Network:
    return ip_network(written, strict=False)


def _holds_network(outer: Any, inner: Any) -> bool:
    return outer.version == inner.version and bool(inner.subnet_of(outer))


def _texts(kind: str, names: Mapping[str, Callable[[str, bool], Text]], family: str) -> dict[str, _Operator]:
    return {
        **{f"{kind}{name}": _Operator(family, read, Text.covers) for name, read in names.items()},
        **{
            f"{kind}Not{name}": _Operator(family, read, Text.spares_all_of, negated=True)
            for name, read in names.items()
        },
    }


def _ordered(kind: str, read: Callable[[str, bool], Any]) -> dict[str, _Operator]:
    bounds = {"LessThan": ge, "LessThanEquals": ge, "GreaterThan": le, "GreaterThanEquals": le}
    return {
        f"{kind}Equals": _Operator(kind, read, eq),
        f"{kind}NotEquals": _Operator(kind, read, eq, negated=True),
        **{f"{kind}{name}": _Operator(f"{kind}{name}", read, takes_in) for name, takes_in in bounds.items()},
    }


_OPERATORS: Mapping[str, _Operator] = {
    **_texts("String", {"Equals": _literal, "Like": _like}, "String"),
    **_texts("String", {"EqualsIgnoreCase": _without_case}, "String without case"),
    **_texts("Arn", {"Equals": _arn, "Like": _arn}, "Arn"),
    **_ordered("Numeric", _number),
    **_ordered("Date", _date),
    "Bool": _Operator("Bool", _without_case, Text.covers),
    "Null": _Operator("Null", _without_case, Text.covers),
    "IpAddress": _Operator("IpAddress", _network, _holds_network),
    "NotIpAddress": _Operator("IpAddress", _network, _holds_network, negated=True),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One key under one operator, with the values that fulfil it (those that don't, for a negated operator)."""

    operator: str
    key: str
    values: tuple[str, ...]
    """As the policy writes them, booleans and numbers as text."""
    variables: bool
    """Whether the policy's language version knows policy variables."""

    @property
    def negated(self) -> bool:
        """Whether the values are exemptions: the condition holds for all but them."""
        return self._kind.negated

    def implies(self, other: Self) -> bool:
        """Whether the other holds whenever this one does."""
        if self._question != other._question:
            return False
        if self._set:
            return self._if_exists == other._if_exists and set(self._meanings) == set(other._meanings)
        if self._holds_without_key and not other._holds_without_key:
            return False
        return not (other.values_beyond(self) if self.negated else self.values_beyond(other))

    def is_comparable_with(self, other: Self) -> bool:
        """Whether both ask the same question about the same key, so that their values tell which is stricter."""
        return self._question == other._question and not self._set

    def values_beyond(self, other: Self) -> tuple[str, ...]:
        """The values that none of the other's takes in; both must be comparable."""
        takes_in = self._kind.takes_in
        return tuple(
            value
            for value, meaning in zip(self.values, self._meanings, strict=True)
            if not any(takes_in(one, meaning) for one in other._meanings)
        )

    def __str__(self) -> str:
        return f"{self.operator} {self.key} {', '.join(self.values)}"

    @property
    def _set(self) -> str:
        return next((name for name in _SETS if self.operator.startswith(name)), "")

    @property
    def _if_exists(self) -> bool:
        return self.operator.endswith(_IF_EXISTS)

    @property
    def _kind(self) -> _Operator:
        return _OPERATORS[self.operator.removeprefix(self._set).removesuffix(_IF_EXISTS)]

    @property
    def _question(self) -> tuple[str, str, bool, str]:
        return self._set, self._kind.family, self.negated, self.key.lower()

    @property
    def _holds_without_key(self) -> bool:
        is_absence = self._kind.family == "Null" and "true" in (value.lower() for value in self.values)
        return self.negated or self._if_exists or is_absence

    @property
    def _meanings(self) -> tuple[Any, ...]:
        return tuple(self._kind.read(value, self.variables) for value in self.values)


def requirements(element: Mapping[str, Mapping[str, Any]], *, variables: bool) -> Iterator[Requirement]:
    """The requirements of a Condition element, all of which must be fulfilled.

    Args:
        element: the element as JSON data, already checked by ``policy_conditions.parse_conditions``.
        variables: whether the policy's language version (2012-10-17) knows policy variables.
    """
    for name, keys in element.items():
        for key, given in keys.items():
            values = given if isinstance(given, (list, tuple)) else [given]
            yield Requirement(name, key, tuple(map(_written, values)), variables)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
