"""What one matcher of an EventBridge event pattern demands of a field, read from its JSON.

All that a rule may hold is read here, not only what ``event_pattern`` writes: a rule in a plan can be anybody's. What
EventBridge would refuse, and what it has learned since, is an ``UnreadableError``. How matchers make a pattern, and
which values tell them apart, is left to ``event_pattern_coverage``.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
https://github.com/aws/event-ruler (README: which kind of value each matches)
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

from cloudtrail_monitoring.detections.language.number_kinds import Ordered
from cloudtrail_monitoring.detections.language.text_kinds import Shape, spellings
from cloudtrail_monitoring.detections.translations.event_pattern_values import is_comparable

_ORDER: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


class UnreadableError(ValueError):
    """Something in an event pattern of which it isn't known what it matches; ``str()`` is a clause."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Values that all matchers of a field treat alike.

    Attributes:
        value: true, false or null; anything else stands for another value.
        fits: the names of the texts and networks that a string fits; None for all but strings.
        rank: what stands for a number in comparisons; None for all but numbers.
    """

    value: Any
    fits: frozenset[str] | None = None
    rank: Ordered | None = None


ABSENT = Kind(object())
"""No value."""


@dataclass(frozen=True, slots=True)
class Constant:
    """True, false or null."""

    value: bool | None

    def holds(self, kind: Kind) -> bool:
        return kind.value is self.value


@dataclass(frozen=True, slots=True)
class Like:
    """A string of a certain shape; ``name`` is the same for the same shape only."""

    name: str
    shape: Shape

    def holds(self, kind: Kind) -> bool:
        return kind.fits is not None and self.name in kind.fits


@dataclass(frozen=True, slots=True)
class InNetwork:
    """A string that is an address in a network."""

    network: IPv4Network | IPv6Network

    @property
    def name(self) -> str:
        return f"cidr {self.network}"

    def has(self, text: str) -> bool:
        try:
            return ip_address(text) in self.network
        except ValueError:
            return False

    def holds(self, kind: Kind) -> bool:
        return kind.fits is not None and self.name in kind.fits


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number that stands to each of some numbers as its operator says."""

    bounds: tuple[tuple[str, int | float], ...]

    def holds(self, kind: Kind) -> bool:
        rank = kind.rank
        return rank is not None and all(_ORDER[operator](rank, number) for operator, number in self.bounds)


@dataclass(frozen=True, slots=True)
class AnyOther:
    """A value, be it true, false or null, that fits none of some matchers."""

    matchers: "tuple[Like | Numeric, ...]"

    def holds(self, kind: Kind) -> bool:
        return kind is not ABSENT and not any(matcher.holds(kind) for matcher in self.matchers)


@dataclass(frozen=True, slots=True)
class Exists:
    """Any value, or where not ``wanted`` none."""

    wanted: bool

    def holds(self, kind: Kind) -> bool:
        return (kind is not ABSENT) is self.wanted


Matcher = Constant | Like | InNetwork | Numeric | AnyOther | Exists


def read_matcher(written: Any) -> Matcher:
    """The matcher that stands in a field's list.

    Raises:
        UnreadableError: it isn't known what it matches.

    >>> read_matcher({"numeric": [">", 0, "<=", 5]})
    Numeric(bounds=(('>', 0), ('<=', 5)))
    """
    if not isinstance(written, dict):
        return _literal(written)
    match list(written.items()):
        case [("exists", bool(wanted))]:
            return Exists(wanted)
        case [("numeric", list(bounds))]:
            return _numeric(bounds)
        case [("cidr", str(network))]:
            return _network(network)
        case [("anything-but", dict(inner))]:
            return AnyOther(tuple(_texts(inner)))
        case [("anything-but", list(values))] if values:
            return AnyOther(tuple(map(_text_or_number, values)))
        case [("anything-but", value)]:
            return AnyOther((_text_or_number(value),))
        case [(_, str() | dict())]:
            (like,) = _texts(written)
            return like
    raise _unknown(written)


def _literal(written: Any) -> Matcher:
    return Constant(written) if written is None or isinstance(written, bool) else _text_or_number(written)


def _text_or_number(written: Any) -> Like | Numeric:
    if isinstance(written, str):
        return _like(_characters(written))
    return Numeric((("=", _number(written)),))


def _texts(written: dict[str, Any]) -> "list[Like]":
    """``{"prefix": "a"}`` and its kin, with a list of texts in place of one for ``anything-but``."""
    match list(written.items()):
        case [("prefix" | "suffix" as operator, {"equals-ignore-case": str(text), **more})] if not more:
            return [_at_end(operator, text, any_case=True)]
        case [(str(operator), str() | list() as value)]:
            texts = [value] if isinstance(value, str) else value
            if texts and all(isinstance(text, str) for text in texts):
                return [_text(operator, text) for text in texts]
    raise _unknown(written)


def _text(operator: str, text: str) -> Like:
    match operator:
        case "prefix" | "suffix":
            return _at_end(operator, text)
        case "equals-ignore-case":
            return _like(_characters(text, any_case=True))
        case "wildcard":
            return _like(_wildcard(text))
    raise _unknown(operator)


def _at_end(operator: str, text: str, *, any_case: bool = False) -> Like:
    characters = _characters(text, any_case=any_case)
    return _like((*characters, None) if operator == "prefix" else (None, *characters))


def _characters(text: str, *, any_case: bool = False) -> Shape:
    return tuple(spellings(character, any_case=any_case) for character in text)


def _wildcard(text: str) -> Shape:
    """An asterisk stands for any characters, unless it is escaped by a backslash, as a backslash is."""
    parts = re.findall(r"\\[*\\]|\*+|[^*\\]", text, re.DOTALL)
    if "".join(parts) != text:
        raise _unknown({"wildcard": text})
    return tuple(None if part[0] == "*" else spellings(part[-1]) for part in parts)


def _like(shape: Shape) -> Like:
    parts: Iterable[str | None] = ("".join(sorted(part)) if part is not None else None for part in shape)
    return Like(json.dumps(list(parts)), shape)


def _numeric(written: Sequence[Any]) -> Numeric:
    operators, numbers = written[::2], written[1::2]
    if not numbers or len(operators) != len(numbers) or not all(isinstance(one, str) for one in operators):
        raise _unknown({"numeric": list(written)})
    if any(operator not in _ORDER for operator in operators):
        raise _unknown({"numeric": list(written)})
    return Numeric(tuple(zip(operators, map(_number, numbers), strict=True)))


def _number(written: Any) -> int | float:
    if isinstance(written, bool) or not isinstance(written, int | float) or not is_comparable(written):
        raise _unknown(written)
    return written


def _network(written: str) -> InNetwork:
    try:
        return InNetwork(ip_network(written, strict=False))
    except ValueError:
        raise _unknown({"cidr": written}) from None


def _unknown(written: Any) -> UnreadableError:
    return UnreadableError(f"it isn't known what {json.dumps(written)[:60]} matches")
