"""Properties of JSON filter patterns over random trees and events, against an evaluator written another way."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import (
    And,
    Comparison,
    FilterPattern,
    Node,
    Operator,
    Or,
    PatternSyntaxError,
    Selector,
    Text,
)
from tests.detections.language.trees import EVENTS, NAMES, NODES, PATIENT, WORDS, oracle, within_limits


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
