"""Properties of JSON filter patterns over random trees and events, against an evaluator written another way."""

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
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
    FilterPattern,
    Index,
    IsBoolean,
    IsNull,
    Node,
    NotExists,
    Number,
    Operator,
    Or,
    PatternSyntaxError,
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


# R-EVT-12
@PATIENT
@given(NODES)
def test_a_rendered_tree_parses_to_itself(node: Node) -> None:
    pattern = FilterPattern.from_tree(node)
    assert pattern.root == node
    assert FilterPattern.parse(pattern.render()) == pattern


# R-EVT-12
@PATIENT
@given(st.text(max_size=40), st.text(min_size=1, max_size=20).filter(lambda name: "'" not in name))
def test_any_text_and_any_name_can_be_quoted(text: str, name: str) -> None:
    node = Comparison(Selector.of(name, "x"), Operator.EQUAL, Text(text))
    assert FilterPattern.from_tree(node).root == node


# R-EVT-12
@PATIENT
@given(NODES, EVENTS)
def test_a_pattern_matches_what_the_oracle_says(node: Node, event: dict[str, Any]) -> None:
    assert FilterPattern.from_tree(node).matches(event) is oracle(event, node)


# R-EVT-12: "not" can't be written, but on values that are there = and != are opposites
@PATIENT
@given(
    st.lists(st.tuples(NAMES, WORDS), min_size=2, max_size=5), st.fixed_dictionaries(dict.fromkeys(["a", "b"], WORDS))
)
def test_de_morgan_holds_on_fields_that_exist(pairs: list[tuple[str, str]], event: dict[str, str]) -> None:
    named = [("a" if name < "b" else "b", word) for name, word in pairs]
    equals = tuple(Comparison(Selector.of(name), Operator.EQUAL, Text(word)) for name, word in named)
    differs = tuple(Comparison(Selector.of(name), Operator.NOT_EQUAL, Text(word)) for name, word in named)
    assert FilterPattern.from_tree(And(differs)).matches(event) is not FilterPattern.from_tree(Or(equals)).matches(
        event
    )
    assert FilterPattern.from_tree(Or(differs)).matches(event) is not FilterPattern.from_tree(And(equals)).matches(
        event
    )


# R-EVT-12
@PATIENT
@given(NODES, NODES, EVENTS)
def test_order_and_repetition_of_terms_do_not_matter(left: Node, right: Node, event: dict[str, Any]) -> None:
    assume(within_limits(And((left, right, right))))
    for kind in (And, Or):
        expected = FilterPattern.from_tree(kind((left, right))).matches(event)
        assert FilterPattern.from_tree(kind((right, left))).matches(event) is expected
        assert FilterPattern.from_tree(kind((left, right, right))).matches(event) is expected


# R-EVT-12: whatever is typed, the answer is a pattern or a fault with its place
@PATIENT
@given(st.one_of(st.text(max_size=30), st.text("{}()$.ab=!<>&|\"%*[]'0 \\", max_size=30).map("{{ $.a{} }}".format)))
def test_any_text_parses_or_is_refused_with_a_place(text: str) -> None:
    try:
        tree, fault = FilterPattern.parse(text).root, None
    except PatternSyntaxError as error:
        tree, fault = None, error
    if fault is not None:
        assert 0 <= fault.position <= len(text)
        assert str(fault).isprintable()
        assert fault.caret.count("\n") == 1
    if tree is not None:
        assert FilterPattern.from_tree(tree).root == tree


# R-EVT-12
@PATIENT
@given(st.text("ab[]{}^$?*+.|\\dwx41,-", max_size=12), st.text("abd41-", max_size=6))
def test_an_accepted_regular_expression_is_usable(expression: str, value: str) -> None:
    try:
        pattern = FilterPattern.parse(f"{{ $.a = %{expression}% }}")
    except PatternSyntaxError:
        return
    inverse = FilterPattern.parse(f"{{ $.a != %{expression}% }}")
    assert pattern.matches({"a": value}) is not inverse.matches({"a": value})
