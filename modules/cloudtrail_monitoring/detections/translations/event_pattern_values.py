"""What an EventBridge event pattern can demand of one field, and what two demands on the same field come to.

EventBridge takes a list of alternatives for each field and has no "and" between two of them, so an "and" is worked out
here: ``!= "a"`` and ``!= "b"`` become one ``anything-but``, a prefix meets a longer one, a range narrows. What can't be
joined into one demand is refused. Fields and the pattern around them are left to ``event_pattern``.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
https://github.com/aws/event-ruler (EventBridge's own matcher, for what the page leaves open)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

from cloudtrail_monitoring.detections.language.tree import Operator
from cloudtrail_monitoring.detections.translations.text_forms import fits

GREATEST_NUMBER = 5_000_000_000
"""EventBridge compares numbers from minus to plus this; "Numeric matching" on the page above."""

DECIMAL_PLACES = 6
"""EventBridge compares numbers to this many places; same page."""


class UnjoinableError(ValueError):
    """Two demands on one field that no single EventBridge demand says."""


@dataclass(frozen=True, slots=True)
class Exactly:
    """The value itself: a string, a boolean or null."""

    value: str | bool | None

    def render(self) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Missing:
    """No such field."""

    def render(self) -> Any:
        return {"exists": False}


@dataclass(frozen=True, slots=True)
class Fitting:
    """A string that fits ``pattern``, in which single asterisks stand for any characters."""

    pattern: str

    def render(self) -> Any:
        return _fitting((self.pattern,))


@dataclass(frozen=True, slots=True)
class OtherThan:
    """A value that is none of ``patterns``, each with or without asterisks."""

    patterns: tuple[str, ...]

    def render(self) -> Any:
        if not any("*" in pattern for pattern in self.patterns):
            return {"anything-but": _one_or_all(self.patterns)}
        return {"anything-but": _fitting(self.patterns)}


@dataclass(frozen=True, slots=True)
class Between:
    """A number in a range; an end that is None is open to ``GREATEST_NUMBER`` or its negative."""

    low: int | float | None = None
    high: int | float | None = None
    low_included: bool = True
    high_included: bool = True

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None or self.low < self.high:
            return False
        return self.low > self.high or not (self.low_included and self.high_included)

    def render(self) -> Any:
        if self.low is not None and self.low == self.high:
            return {"numeric": ["=", self.low]}
        bounds: list[str | int | float] = []
        if self.low is not None:
            bounds += [">=" if self.low_included else ">", self.low]
        if self.high is not None:
            bounds += ["<=" if self.high_included else "<", self.high]
        return {"numeric": bounds}


Demand = Exactly | Missing | Fitting | OtherThan | Between


def is_comparable(value: int | float) -> bool:
    """Whether EventBridge compares this number exactly."""
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return abs(value) <= GREATEST_NUMBER and isinstance(exponent, int) and exponent >= -DECIMAL_PLACES


def range_of(operator: Operator, value: int | float) -> Between:
    """The numbers that stand to ``value`` as the operator says."""
    match operator:
        case Operator.GREATER:
            return Between(low=value, low_included=False)
        case Operator.GREATER_OR_EQUAL:
            return Between(low=value)
        case Operator.LESS:
            return Between(high=value, high_included=False)
        case Operator.LESS_OR_EQUAL:
            return Between(high=value)
        case _:
            return Between(low=value, high=value)


def any_of(*groups: Iterable[Demand]) -> tuple[Demand, ...]:
    """All demands of the groups once, in the order in which they come first."""
    return tuple(dict.fromkeys(demand for group in groups for demand in group))


def all_of(left: Iterable[Demand], right: Iterable[Demand]) -> tuple[Demand, ...]:
    """The alternatives that meet one of ``left`` and one of ``right``; none if nothing can.

    Raises:
        UnjoinableError: EventBridge has no single demand for it.
    """
    right = tuple(right)
    return any_of(demand for one in left for other in right if (demand := _both(one, other)) is not None)


def _both(one: Demand, other: Demand) -> Demand | None:
    """The demand that is met where both are; None where that can't be."""
    if one == other:
        return one
    match one, other:
        case (OtherThan(), OtherThan()):
            return OtherThan(tuple(dict.fromkeys((*one.patterns, *other.patterns))))
        case (Exactly(str(text)), OtherThan(patterns)) | (OtherThan(patterns), Exactly(str(text))):
            return None if any(fits(pattern, text) for pattern in patterns) else Exactly(text)
        case (Exactly(str(text)), Fitting(pattern)) | (Fitting(pattern), Exactly(str(text))):
            return Exactly(text) if fits(pattern, text) else None
        case (Fitting(pattern), OtherThan(patterns)) | (OtherThan(patterns), Fitting(pattern)):
            return _fitting_but(pattern, patterns)
        case (Fitting(), Fitting()):
            return _fitting_both(one.pattern, other.pattern)
        case (Between(), Between()):
            common = _common(one, other)
            return None if common.is_empty else common
        case (Between(), OtherThan()):
            return one  # its texts are those of no number that EventBridge compares
        case (OtherThan(), Between()):
            return other
    return None


def _fitting_both(one: str, other: str) -> Demand | None:
    """The narrower of two patterns, or nothing where they exclude each other."""
    if _covers(one, other):
        return Fitting(other)
    if _covers(other, one):
        return Fitting(one)
    if _exclude_each_other(one, other):
        return None
    raise UnjoinableError(f'EventBridge has no "and" for the texts "{one}" and "{other}" of one field')


def _fitting_but(wanted: str, unwanted: Iterable[str]) -> Demand | None:
    for pattern in unwanted:
        if _covers(pattern, wanted):
            return None
        if not _exclude_each_other(wanted, pattern):
            raise UnjoinableError(f'EventBridge has no "and" for = "{wanted}" and != "{pattern}" on one field')
    return Fitting(wanted)


def _covers(wide: str, narrow: str) -> bool:
    """Whether each text that fits ``narrow`` fits ``wide``, as far as is seen from their ends."""
    if wide == narrow:
        return True
    return (_is_prefix(wide) and narrow.split("*")[0].startswith(wide[:-1])) or (
        _is_suffix(wide) and narrow.split("*")[-1].endswith(wide[1:])
    )


def _exclude_each_other(one: str, other: str) -> bool:
    """Whether no text can fit both, as far as is seen from their ends."""
    if "*" not in one or "*" not in other:
        text, pattern = (other, one) if "*" in one else (one, other)
        return not fits(pattern, text)
    starts, ends = (one.split("*")[0], other.split("*")[0]), (one.split("*")[-1], other.split("*")[-1])
    return not (
        (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0]))
        and (ends[0].endswith(ends[1]) or ends[1].endswith(ends[0]))
    )


def _common(one: Between, other: Between) -> Between:
    """The range that lies in both; at one and the same end the one that leaves it out is narrower."""
    low, low_left_out = max((_low(one), _low(other)))
    high, high_included = min((_high(one), _high(other)))
    return Between(None if low == -inf else low, None if high == inf else high, not low_left_out, high_included)


def _low(part: Between) -> tuple[float, bool]:
    return (-inf, False) if part.low is None else (part.low, not part.low_included)


def _high(part: Between) -> tuple[float, bool]:
    return (inf, True) if part.high is None else (part.high, part.high_included)


def _is_prefix(pattern: str) -> bool:
    return pattern.endswith("*") and "*" not in pattern[:-1]


def _is_suffix(pattern: str) -> bool:
    return pattern.startswith("*") and "*" not in pattern[1:]


def _fitting(patterns: tuple[str, ...]) -> dict[str, Any]:
    """The operator for texts with asterisks; ``wildcard`` only where it must be: a bus takes 30 rules with it."""
    if all(map(_is_prefix, patterns)):
        return {"prefix": _one_or_all([pattern[:-1] for pattern in patterns])}
    if all(map(_is_suffix, patterns)):
        return {"suffix": _one_or_all([pattern[1:] for pattern in patterns])}
    return {"wildcard": _one_or_all([pattern.replace("\\", "\\\\") for pattern in patterns])}


def _one_or_all(texts: Iterable[str]) -> str | list[str]:
    listed = list(texts)
    return listed[0] if len(listed) == 1 else listed
