"""Turns the syntax tree of a filter pattern into one function of an event.

A pattern is compiled once and then meets millions of events, so every decision that doesn't depend on the event is made
while compiling: closures without look-ups in the tree, and alternatives such as sixteen event names as one set.
What each condition means, and why, is written in ``filter_pattern``; testing many patterns at once is left to
``pattern_set``.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import ge, gt, le, lt
from typing import Any, TypeGuard

from cloudtrail_monitoring.detections.language.regex import compile_regex
from cloudtrail_monitoring.detections.language.tree import (
    And,
    AnyElement,
    AnyField,
    Comparison,
    Field,
    Index,
    IsBoolean,
    IsNull,
    Node,
    NotExists,
    Number,
    Operator,
    Or,
    Selector,
    Step,
    Text,
)

Predicate = Callable[[Mapping[str, Any]], bool]
"""Whether an event matches."""

_Test = Callable[[Any], bool]
"""Whether one value of an event satisfies a condition."""

MISSING = object()
"""In place of a value that isn't there: equal to nothing, of no type that a test accepts."""

_SPELT_OUT = 1e16
"""From here on the shortest form of a number has an exponent."""

_ORDER: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.LESS: lt,
    Operator.GREATER: gt,
    Operator.LESS_OR_EQUAL: le,
    Operator.GREATER_OR_EQUAL: ge,
}


def compiled(node: Node) -> Predicate:
    """The function that says whether an event matches the tree."""
    match node:
        case And(terms):
            return _all_of([compiled(term) for term in terms])
        case Or(terms):
            return _any_of(_alternatives(terms))
        case NotExists(selector):
            return _nothing_at(selector)
        case Comparison(selector, Operator.EQUAL, Text(value)):
            return _fits_one_of(selector, (value,))
        case _:
            return _on_selector(node.selector, _test(node))


def _all_of(predicates: list[Predicate]) -> Predicate:
    if len(predicates) == 2:
        first, second = predicates
        return lambda event: first(event) and second(event)

    def matches(event: Mapping[str, Any]) -> bool:
        for predicate in predicates:  # noqa: SIM110 (a generator for all() costs more than the loop)
            if not predicate(event):
                return False
        return True

    return matches


def _any_of(predicates: list[Predicate]) -> Predicate:
    if len(predicates) == 1:
        return predicates[0]

    def matches(event: Mapping[str, Any]) -> bool:
        for predicate in predicates:  # noqa: SIM110 (a generator for any() costs more than the loop)
            if predicate(event):
                return True
        return False

    return matches


def _alternatives(terms: Iterable[Node]) -> list[Predicate]:
    """The terms of an ``Or``, those that ask one selector for strings joined into one."""
    strings: dict[Selector, set[str]] = {}
    predicates: list[Predicate] = []
    for term in terms:
        match term:
            case Comparison(selector, Operator.EQUAL, Text(value)):
                strings.setdefault(selector, set()).add(value)
            case _:
                predicates.append(compiled(term))
    joined = [_fits_one_of(selector, values) for selector, values in strings.items()]
    return joined + predicates


def _on_selector(selector: Selector, test: _Test) -> Predicate:
    """``test`` on what ``selector`` selects: on the one value, or on any of those a wildcard gives."""
    steps = selector.steps
    if selector.has_wildcard:
        return lambda event: any(test(value) for value in selected(event, steps))
    match steps:
        case (Field(name),):
            return lambda event: test(event.get(name, MISSING))
        case (Field(outer), Field(inner)):

            def of_two(event: Mapping[str, Any]) -> bool:
                value = event.get(outer)
                return test(value.get(inner, MISSING) if is_object(value) else MISSING)

            return of_two
        case _:
            return lambda event: test(value_at(event, steps))


def _fits_one_of(selector: Selector, patterns: Iterable[str]) -> Predicate:
    """Whether the value at ``selector`` equals one of some strings, each with or without asterisks."""
    plain = frozenset(pattern for pattern in patterns if "*" not in pattern)
    starred = [pattern for pattern in patterns if "*" in pattern]
    return _on_selector(selector, _text_test(_fits(plain, starred))) if starred else _one_of(selector, plain)


def _one_of(selector: Selector, wanted: frozenset[str]) -> Predicate:
    """Whether the value at ``selector`` is one of some strings; most conditions of most patterns are this one."""
    test = _is_one_of(wanted)
    match selector.steps:
        case (Field(name),):

            def matches(event: Mapping[str, Any]) -> bool:
                value = event.get(name)
                return value in wanted if type(value) is str else test(value)

            return matches
        case _:
            return _on_selector(selector, test)


def _nothing_at(selector: Selector) -> Predicate:
    steps = selector.steps
    match steps:
        case (Field(name),):
            return lambda event: name not in event
        case _ if selector.has_wildcard:
            return lambda event: not selected(event, steps)
        case _:
            return _on_selector(selector, lambda value: value is MISSING)


def value_at(event: Mapping[str, Any], steps: Iterable[Step]) -> Any:
    """The value that a selector without a wildcard points to, or ``MISSING``."""
    value: Any = event
    for step in steps:
        value = _child(value, step)
    return value


def selected(event: Mapping[str, Any], steps: Iterable[Step]) -> list[Any]:
    """All values that a selector selects: with a wildcard any number, without one at most one."""
    values: list[Any] = [event]
    for step in steps:
        if isinstance(step, AnyField):
            values = [child for value in values if is_object(value) for child in value.values()]
        elif isinstance(step, AnyElement):
            values = [child for value in values if isinstance(value, (list, tuple)) for child in value]
        else:
            values = [child for value in values if (child := _child(value, step)) is not MISSING]
    return values


def _child(value: Any, step: Step) -> Any:
    """The value one step further, or ``MISSING``."""
    if isinstance(step, Field):
        return value.get(step.name, MISSING) if is_object(value) else MISSING
    if isinstance(step, Index) and isinstance(value, (list, tuple)) and step.position < len(value):
        return value[step.position]
    return MISSING


def _test(condition: Comparison | IsNull | IsBoolean) -> _Test:
    match condition:
        case IsNull():
            return lambda value: value is None
        case IsBoolean(_, wanted):
            return lambda value: value is wanted
        case Comparison(_, operator, Number() as number):
            return _number_test(operator, number)
        case Comparison(_, operator, Text(value) as text) if not text.has_wildcard:
            return _text_test(value.__eq__ if operator is Operator.EQUAL else value.__ne__)
        case Comparison(_, operator, value):
            found = _fits(frozenset(), (value.value,)) if isinstance(value, Text) else _search(str(value)[1:-1])
            return _text_test(found if operator is Operator.EQUAL else lambda text: not found(text))


def _is_one_of(wanted: frozenset[str]) -> _Test:
    def test(value: Any) -> bool:
        if isinstance(value, str):
            return value in wanted
        text = text_of(value)
        return text is not None and text in wanted

    return test


def _text_test(holds: Callable[[str], bool]) -> _Test:
    def test(value: Any) -> bool:
        if type(value) is str:
            return holds(value)
        text = text_of(value)
        return text is not None and holds(text)

    return test


def _number_test(operator: Operator, number: Number) -> _Test:
    wanted, written = number.value, number.text
    if order := _ORDER.get(operator):
        return lambda value: is_number(value) and order(value, wanted)
    equal = operator is Operator.EQUAL

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return (value == written) is equal
        return is_number(value) and (value == wanted) is equal

    return test


def _search(expression: str) -> Callable[[str], bool]:
    search = compile_regex(expression).search
    return lambda text: search(text) is not None


def _fits(plain: frozenset[str], starred: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text is one of ``plain`` or fits one of ``starred``, most of which are beginnings or ends."""
    prefixes = tuple(pattern[:-1] for pattern in starred if pattern.find("*") == len(pattern) - 1)
    suffixes = tuple(pattern[1:] for pattern in starred if pattern.rfind("*") == 0)
    others = [_wildcards(pattern) for pattern in starred if "*" in pattern[1:-1] or pattern.count("*") > 1]
    if others:
        return lambda text: (
            text in plain
            or text.startswith(prefixes)
            or text.endswith(suffixes)
            or any(fits_one(text) for fits_one in others)
        )
    return lambda text: text.startswith(prefixes) or text.endswith(suffixes) or text in plain


def _wildcards(pattern: str) -> Callable[[str], bool]:
    """Whether a text fits a pattern with asterisks; linear in the text, however many there are."""
    first, *middle, last = pattern.split("*")
    edges = len(first) + len(last)

    def fits(text: str) -> bool:
        if len(text) < edges or not text.startswith(first) or not text.endswith(last):
            return False
        position, end = len(first), len(text) - len(last)
        for part in middle:
            position = text.find(part, position, end)
            if position < 0:
                return False
            position += len(part)
        return True

    return fits


def text_of(value: Any) -> str | None:
    """The text that comparisons see of a string or number; None for all else, which no comparison matches."""
    if isinstance(value, str):
        return value
    if not is_number(value):
        return None
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _SPELT_OUT
    return str(int(value)) if is_whole else str(value)


def is_number(value: Any) -> bool:
    """Whether it is a number of JSON; Python's booleans are integers, too."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is an object of JSON."""
    # Two checks: a union would be built anew for each value.
    return isinstance(value, dict) or isinstance(value, Mapping)  # noqa: SIM101
