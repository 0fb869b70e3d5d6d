"""Random filter-pattern trees and the events they meet, and an evaluator of trees written another way."""

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import (
    MAX_CHARACTERS,
    MAX_REGEXES,
    MAX_WILDCARD_SELECTORS,
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
    Regex,
    Selector,
    Text,
    conditions,
)

# A busy machine is no fault of the code.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Few names and short values from a small alphabet, so that patterns and events meet often.
NAMES = st.sampled_from(["a", "b", "c.d", "e-f"])
WORDS = st.text("ab*.1", max_size=4)
NUMBERS = st.sampled_from(["0", "1", "-1", "1.5", "01", "1e1", "+10", "11"])
REGEXES = st.sampled_from(["a", "^a", "b$", "^1+$", "[ab]{2}", "a|b", "^$", "\\.", "^\\d*\\.?5$"])

STEPS = st.one_of(
    st.builds(Field, NAMES), st.builds(Index, st.integers(0, 2)), st.just(AnyField()), st.just(AnyElement())
)


@st.composite
def selectors(draw: st.DrawFn) -> Selector:
    first = draw(st.one_of(st.builds(Field, NAMES), st.just(AnyField())))
    rest = draw(st.lists(STEPS, max_size=2))
    steps = (first, *rest)
    assume(sum(isinstance(step, AnyField | AnyElement) for step in steps) <= 1)
    return Selector(steps)


ORDERS = [operator for operator in Operator if not operator.is_equality]
CONDITIONS: st.SearchStrategy[Node] = st.one_of(
    st.builds(
        Comparison,
        selectors(),
        st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]),
        st.one_of(st.builds(Text, WORDS), st.builds(Number, NUMBERS), st.builds(Regex, REGEXES)),
    ),
    st.builds(Comparison, selectors(), st.sampled_from(ORDERS), st.builds(Number, NUMBERS)),
    st.builds(NotExists, selectors()),
    st.builds(IsNull, selectors()),
    st.builds(IsBoolean, selectors(), st.booleans()),
)


def joined(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    terms = st.lists(nodes, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, terms), st.builds(Or, terms))


def within_limits(node: Node) -> bool:
    parts = list(conditions(node))
    regexes = sum(isinstance(part, Comparison) and isinstance(part.value, Regex) for part in parts)
    wildcards = sum(part.selector.has_wildcard for part in parts)
    return regexes <= MAX_REGEXES and wildcards <= MAX_WILDCARD_SELECTORS and len(f"{{ {node} }}") <= MAX_CHARACTERS


NODES = st.recursive(CONDITIONS, joined, max_leaves=6).filter(within_limits)

SCALARS = st.one_of(
    WORDS, st.sampled_from([0, 1, -1, 10, 11, 1.5, 10.0, 2**70]), st.booleans(), st.none(), st.just("01")
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
EVENTS = st.dictionaries(NAMES, VALUES, max_size=4)


def selected(value: Any, steps: tuple[Any, ...]) -> Iterator[Any]:
    """The oracle's selection: recursion, where the library resolves step by step."""
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    children: list[Any] = []
    if isinstance(value, dict):
        children = [child for name, child in value.items() if step in (AnyField(), Field(name))]
    elif isinstance(value, list):
        children = [child for place, child in enumerate(value) if step in (AnyElement(), Index(place))]
    for child in children:
        yield from selected(child, rest)


def equal(value: str | int | float, wanted: Text | Number | Regex) -> bool:
    """The oracle's equality: everything as text and regular expressions, numbers apart."""
    if isinstance(wanted, Number) and not isinstance(value, str):
        return float(wanted.text) == value
    text = value if isinstance(value, str) else str(value).removesuffix(".0")
    if isinstance(wanted, Number):
        return text == wanted.text
    if isinstance(wanted, Regex):
        return re.search(wanted.expression, text) is not None
    return re.fullmatch(".*".join(map(re.escape, wanted.value.split("*"))), text) is not None


def satisfies(value: Any, node: Node) -> bool:
    match node:
        case IsNull():
            return value is None
        case IsBoolean(_, wanted):
            return value is wanted
        case Comparison(_, operator, wanted):
            if value is None or isinstance(value, bool | list | dict):
                return False
            if operator.is_equality:
                return equal(value, wanted) == (operator == "=")
            if isinstance(value, str) or not isinstance(wanted, Number):
                return False
            sign = (value > float(wanted.text)) - (value < float(wanted.text))
            return sign in {"<": (-1,), ">": (1,), "<=": (-1, 0), ">=": (0, 1)}[operator]
    raise TypeError(node)


def oracle(event: dict[str, Any], node: Node) -> bool:
    if isinstance(node, And | Or):
        outcomes = [oracle(event, term) for term in node.terms]
        return all(outcomes) if isinstance(node, And) else any(outcomes)
    found = list(selected(event, node.selector.steps))
    return not found if isinstance(node, NotExists) else any(satisfies(value, node) for value in found)
