"""The kinds of value that a selector's conditions tell apart, each with the conditions that hold for it.

Every value of JSON is of one of these kinds, which is what ``coverage`` rests on: text that the strings and regular
expressions sort in one way, a number between two that conditions name, true, false, null, an object or array, nothing.
A number is text too, as in ``matching``. Which record the values come to is left to ``selector_relations``.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from cloudtrail_monitoring.detections.language.coverage_search import Choice, Domain, Form, Stand
from cloudtrail_monitoring.detections.language.matching import text_of
from cloudtrail_monitoring.detections.language.number_kinds import NumberKind, Ordered, number_kinds
from cloudtrail_monitoring.detections.language.regex import compile_regex
from cloudtrail_monitoring.detections.language.text_kinds import Shape, TextKinds, fitting, shape_of, text_kinds
from cloudtrail_monitoring.detections.language.tree import (
    Comparison,
    Condition,
    Index,
    IsBoolean,
    IsNull,
    NotExists,
    Number,
    Operator,
    Regex,
    Selector,
    Text,
)

GREATEST_INDEX = 1_000
"""Of an array that is built to try a pattern on."""

_NUMBER_CHARACTERS = "0123456789.e+-"

_ORDER: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: eq,
    Operator.NOT_EQUAL: ne,
    Operator.LESS: lt,
    Operator.GREATER: gt,
    Operator.LESS_OR_EQUAL: le,
    Operator.GREATER_OR_EQUAL: ge,
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """Values that all conditions of a selector treat alike.

    Attributes:
        value: one of them, or a stand.
        fits: the names of the texts and regular expressions that their text fits; None if they have no text.
        rank: what stands for them in comparisons of numbers; None if they are none.
    """

    value: Any
    fits: frozenset[str] | None = None
    rank: Ordered | None = None


def condition_name(condition: Condition) -> str:
    """One name for all conditions that hold for the same values, as far as is plain from their spelling."""
    match condition:
        case Comparison(_, operator, value):
            return f"{operator} {_value_name(value)}"
        case NotExists():
            return "NOT EXISTS"
        case IsNull():
            return "IS NULL"
        case IsBoolean(_, value):
            return f"IS {value}"


def domain(selector: Selector, conditions: Iterable[Condition]) -> Domain:
    """The kinds of value that ``selector`` can have, as ``conditions`` on it tell them apart."""
    by_name = {condition_name(condition): condition for condition in conditions}
    absent = Choice(frozenset(name for name, one in by_name.items() if isinstance(one, NotExists)), (), Form.ABSENT)
    values = _Values(by_name.values())
    can_be_tried = all(step.position <= GREATEST_INDEX for step in selector.steps if isinstance(step, Index))
    present: dict[tuple[frozenset[str], Form], Choice] = {}
    for kind in values.kinds():
        truths = frozenset(name for name, condition in by_name.items() if _holds(condition, kind))
        form = Form.CONTAINER if kind.value is Stand.CONTAINER else Form.VALUE
        choice = Choice(truths, (kind.value if can_be_tried else Stand.UNKNOWN,), form)
        if (truths, form) not in present or (choice.is_known and not present[truths, form].is_known):
            present[truths, form] = choice
    choices = _several(present.values()) if selector.has_wildcard else present.values()
    return Domain((absent, *sorted(choices, key=lambda choice: not choice.is_known)), values.is_complete)


def _several(single: Iterable[Choice]) -> Iterable[Choice]:
    """What a wildcard selects: any of the kinds together, of which a condition needs one."""
    found: dict[frozenset[str], Choice] = {}
    for choice in sorted(single, key=lambda choice: not choice.is_known):
        for other in (Choice(frozenset(), (), Form.SEVERAL), *found.values()):
            truths = choice.truths | other.truths
            joined = Choice(truths, (*other.values, *choice.values), Form.SEVERAL)
            if truths not in found or (joined.is_known and not found[truths].is_known):
                found[truths] = joined
    return found.values()


def _value_name(value: Text | Number | Regex) -> str:
    match value:
        case Text(text):
            return f"text {_one_asterisk(text)}"
        case Number(text):
            return f"number {text}"
        case Regex(expression):
            return f"regex {compile_regex(expression).pattern}"


def _one_asterisk(text: str) -> str:
    return re.sub(r"\*+", "*", text)


def _holds(condition: Condition, kind: _Kind) -> bool:
    """What ``matching`` says of a value, said of all values of a kind."""
    match condition:
        case NotExists():
            return False
        case IsNull():
            return kind.value is None
        case IsBoolean(_, wanted):
            return kind.value is wanted
        case Comparison(_, operator, Number() as number) if kind.rank is not None:
            return _ORDER[operator](kind.rank, number.value)
        case Comparison(_, operator, value):
            return (
                operator.is_equality
                and kind.fits is not None
                and (_value_name(value) in kind.fits) is (operator is Operator.EQUAL)
            )


class _Values:
    """All kinds of single values, from what some conditions compare with."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self._shapes: dict[str, Shape] = {}
        self._regexes: dict[str, Callable[[str], bool]] = {}
        self._thresholds: list[int | float] = []
        self._examples: list[str] = []
        for condition in conditions:
            if isinstance(condition, Comparison):
                self._add(condition)
        self._texts = text_kinds(self._shapes, self._regexes, examples=[*self._examples, "other"])
        self._number_texts = text_kinds(self._shapes, self._regexes, alphabet=_NUMBER_CHARACTERS)
        self.is_complete = self._texts.is_complete and self._number_texts.is_complete

    def _add(self, condition: Comparison) -> None:
        name = _value_name(condition.value)
        match condition.value:
            case Text(text):
                self._add_text(name, text)
            case Number(text) as number:
                self._thresholds.append(number.value)
                if condition.operator.is_equality:
                    self._shapes[name] = tuple(frozenset(character) for character in text)
            case Regex(expression):
                search = compile_regex(expression).search
                self._regexes[name] = lambda text: search(text) is not None
                self._examples.append(re.sub(r"\\(?=\W)|\.\*|[\^$]", "", expression.split("|")[0]))

    def _add_text(self, name: str, text: str) -> None:
        self._shapes[name] = shape_of(text)
        self._examples += [text.replace("*", ""), text.replace("*", "other")]
        try:
            # An integer beyond the numbers of a pattern may still be one of an event.
            self._thresholds.append(int(text) if text.lstrip("-").isdecimal() else Number(text).value)
        except ValueError:
            return

    def kinds(self) -> Iterator[_Kind]:
        for text in self._texts.all:
            yield _Kind(Stand.UNKNOWN if text.text is None else text.text, text.fits)
        for number in number_kinds(self._thresholds):
            yield from self._single(number) if number.is_single else self._between(number)
        for value in (True, False, None, Stand.CONTAINER):
            yield _Kind(value)

    def _single(self, kind: NumberKind) -> Iterator[_Kind]:
        for number in kind.numbers:
            yield _Kind(number, self._fits(number), number)

    def _between(self, kind: NumberKind) -> Iterator[_Kind]:
        known: dict[frozenset[str], int | float] = {}
        for number in (*kind.numbers, *filter(kind.has, _numbers_written(self._number_texts))):
            known.setdefault(self._fits(number), number)
        for fits, number in known.items():
            yield _Kind(number, fits, kind.rank)
        for text in self._number_texts.all:
            # A text without asterisk that is a number's is that of a single one.
            if text.fits not in known and not any(self._is_plain(name) for name in text.fits):
                yield _Kind(Stand.UNKNOWN, text.fits, kind.rank)

    def _fits(self, number: int | float) -> frozenset[str]:
        return fitting(self._shapes, self._regexes, text_of(number) or "")

    def _is_plain(self, name: str) -> bool:
        return name in self._shapes and None not in self._shapes[name]


def _numbers_written(texts: TextKinds) -> Iterator[int | float]:
    for kind in texts.all:
        try:
            number = float(kind.text or "")
        except ValueError:
            continue
        if isfinite(number):
            yield int(number) if number.is_integer() else number
