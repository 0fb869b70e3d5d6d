"""Why a pattern matches an event, or why not, told clause by clause and safely."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.explanation import (
    MAX_VALUE_CHARACTERS,
    MAX_VALUES_SHOWN,
    Explanation,
    Line,
    explain,
    explain_node,
    lines,
    rendered,
)
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, Node
from tests.detections.language.trees import EVENTS, NODES, PATIENT, oracle

ROOT = '$.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"'


def told(clause: str, event: dict[str, Any]) -> Explanation:
    return explain(FilterPattern.parse(f"{{ {clause} }}"), event)


# R-EVT-12
@PATIENT
@given(NODES, EVENTS)
def test_the_verdict_is_that_of_matching(node: Node, event: dict[str, Any]) -> None:
    assert explain_node(node, event).holds is oracle(event, node)


@PATIENT
@given(NODES, EVENTS)
def test_a_verdict_has_reasons_and_never_reasons_against_it(node: Node, event: dict[str, Any]) -> None:
    explanation = explain_node(node, event)
    assert bool(explanation.why()) is explanation.holds
    assert bool(explanation.why_not()) is not explanation.holds
    assert (explanation.misses == 0) is explanation.holds


@PATIENT
@given(NODES, EVENTS)
def test_every_line_begins_with_its_verdict_and_the_first_is_the_whole(node: Node, event: dict[str, Any]) -> None:
    explanation = explain_node(node, event)
    shown = list(lines(explanation))
    assert (shown[0].depth, shown[0].holds) == (0, explanation.holds)
    assert [line.lstrip()[0] for line in rendered(explanation).splitlines()] == ["✗✓"[one.holds] for one in shown]


@PATIENT
@given(st.text(max_size=200))
def test_any_text_of_an_event_is_shown_printable_and_bounded(text: str) -> None:
    found = told('$.a = "never*"', {"a": text}).found
    assert found.isprintable()
    assert len(found) <= MAX_VALUE_CHARACTERS + 2


def test_what_holds_is_told_by_the_event() -> None:
    event = {"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}
    assert told(ROOT, event).why() == (
        '$.userIdentity.type is "Root"',
        "$.userIdentity.invokedBy is missing",
        '$.eventType is "AwsApiCall", not "AwsServiceEvent"',
    )
    assert told(ROOT, event).why_not() == ()


def test_what_does_not_hold_is_told_by_the_fewest_clauses() -> None:
    explanation = told(ROOT, {"userIdentity": {"type": "IAMUser"}, "eventType": "AwsApiCall"})
    assert explanation.why_not() == ('$.userIdentity.type is "IAMUser", not "Root"',)
    assert explanation.why() == ()


def test_of_several_failing_alternatives_all_are_told_equalities_of_one_field_together() -> None:
    explanation = told('$.a = "1" || $.b > 5 || $.a = "2"', {"a": "3"})
    assert explanation.why_not() == ('$.a is "3", not "1" or "2"', "$.b is missing, not > 5")


def test_of_several_alternatives_that_hold_the_one_told_shortest_is() -> None:
    explanation = told('($.a = "1" && $.b = "2") || $.c IS TRUE', {"a": "1", "b": "2", "c": True})
    assert explanation.why() == ("$.c is true",)


def test_more_than_three_names_are_counted_and_not_listed() -> None:
    three = " || ".join(f'$.eventName = "{letter}"' for letter in "abc")
    assert told(three, {}).why_not() == ('$.eventName is missing, not "a" or "b" or "c"',)
    assert told(f'{three} || $.eventName = "d"', {}).why_not() == ("$.eventName is missing, none of 4 names",)
    assert told(f"{three} || $.a = 4".replace("eventName", "a"), {}).why_not() == ("$.a is missing, none of 4 values",)


@pytest.mark.parametrize(
    ("clause", "event", "misses"),
    [
        (ROOT, {"userIdentity": {"type": "Root"}, "eventType": "x"}, 0),
        (ROOT, {"eventType": "x"}, 1),
        (ROOT, {"userIdentity": {"invokedBy": "x"}}, 3),
        ('$.a = "1" || ($.b = "2" && $.c = "3")', {}, 1),
        ('($.a = "1" && $.d = "1") || ($.b = "2" && $.c = "3" && $.d = "1")', {"b": "2", "c": "3"}, 1),
        ('$.x = "1" && ($.a = "1" || $.b = "2")', {}, 2),
    ],
)
def test_misses_count_the_conditions_that_would_have_to_turn(clause: str, event: dict[str, Any], misses: int) -> None:
    assert told(clause, event).misses == misses


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("x", '"x"'),
        ("", '""'),
        ('say "x"', '"say \\"x\\""'),
        ("back\\slash", '"back\\\\slash"'),
        (5, "5"),
        (5.0, "5"),
        (0.25, "0.25"),
        (True, "true"),
        (None, "null"),
        ({"b": 1}, "an object"),
        ([1], "an array"),
        ("Grüße", '"Grüße"'),
    ],
)
def test_a_value_is_shown_by_its_kind(value: Any, found: str) -> None:
    assert told("$.a = 1", {"a": value}).found == found


def test_several_values_of_a_wildcard_are_shown_once_each_and_three_at_most() -> None:
    assert told('$.a[*] = "x"', {"a": ["p", "q", "p"]}).found == '"p" and "q"'
    assert told('$.a[*] = "x"', {"a": list("pqr")}).found == '"p" and "q" and "r"'
    assert told('$.a[*] = "x"', {"a": list("pqrst")}).found == '"p" and "q" and "r" and 2 more'
    assert told('$.a[*] = "x"', {"a": []}).found == "missing"
    assert MAX_VALUES_SHOWN == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\u001b[31mred"),
        ("one\ntwo\r", "one\\ntwo\\r"),
        ("\x00\x07\x7f", "\\u0000\\u0007\\u007f"),
        ("\x9b31m", "\\u009b31m"),  # the one-byte form of a terminal's escape
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("a\u200bb\u2066c", "a\\u200bb\\u2066c"),
        ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"),
    ],
)
def test_characters_that_a_terminal_would_act_on_are_escaped(text: str, shown: str) -> None:
    assert told("$.a = 1", {"a": text}).found == f'"{shown}"'
    assert all(line.text.isprintable() for line in lines(told("$.a = 1 || $.b = 2", {"a": text})))


def test_a_long_value_is_cut_and_says_so() -> None:
    whole, cut = "x" * MAX_VALUE_CHARACTERS, "x" * (MAX_VALUE_CHARACTERS + 1)
    assert told("$.a = 1", {"a": whole}).found == f'"{whole}"'
    assert told("$.a = 1", {"a": cut}).found == f'"{cut[:-2]}…"'


def test_a_very_long_value_and_a_very_long_number_are_bounded() -> None:
    for value in ("\x1b" * 10**6, 10**400, [10**6 * "x"] * 10):
        found = told("$.a[*] = 1" if isinstance(value, list) else "$.a = 1", {"a": value}).found
        assert len(found) <= MAX_VALUE_CHARACTERS + 2


@pytest.mark.parametrize(
    ("clause", "event", "why"),
    [
        ('$.a = "x*"', {"a": "xy"}, '$.a is "xy", as "x*"'),
        ("$.a = %^x%", {"a": "xy"}, '$.a is "xy", as %^x%'),
        ("$.a > 3", {"a": 4}, "$.a is 4, > 3"),
        ("$.a IS NULL", {"a": None}, "$.a is null"),
        ("$.a IS FALSE", {"a": False}, "$.a is false"),
        ("$.a = 4", {"a": 4}, "$.a is 4"),
        ('$.a[*] = "x"', {"a": ["y", "x"]}, '$.a[*] is "y" and "x", as "x"'),
    ],
)
def test_each_condition_that_holds_has_its_words(clause: str, event: dict[str, Any], why: str) -> None:
    assert told(clause, event).why() == (why,)


@pytest.mark.parametrize(
    ("clause", "event", "why_not"),
    [
        ('$.a != "x"', {"a": "x"}, '$.a is "x", not a value other than "x"'),
        ("$.a > 3", {"a": "4"}, '$.a is "4", not > 3'),
        ("$.a NOT EXISTS", {"a": None}, "$.a is null, not missing"),
        ("$.a IS NULL", {}, "$.a is missing, not null"),
        ("$.a IS TRUE", {"a": "true"}, '$.a is "true", not true'),
        ("$.a = 4", {"a": [4]}, "$.a is an array, not 4"),
        ("$.a = %x%", {"a": {}}, "$.a is an object, not %x%"),
    ],
)
def test_each_condition_that_fails_has_its_words(clause: str, event: dict[str, Any], why_not: str) -> None:
    assert told(clause, event).why_not() == (why_not,)


def test_lines_are_a_tree_in_the_order_of_the_pattern() -> None:
    explanation = told('$.a = "1" && ($.b = "2" || $.b = "3" || $.c NOT EXISTS)', {"a": "1", "b": "3", "c": 1})
    assert list(lines(explanation)) == [
        Line(0, True, "all of"),
        Line(1, True, '$.a = "1"'),
        Line(1, True, "any of"),
        Line(2, True, '$.b = "3"'),
        Line(2, False, "$.c is 1, not missing"),
    ]


def test_alternatives_for_one_field_take_one_line() -> None:
    explanation = told('$.a = "1" && ($.b = "2" || $.b = "3")', {"b": "4"})
    assert [line.text for line in lines(explanation)] == [
        "all of",
        '$.a is missing, not "1"',
        '$.b is "4", not "2" or "3"',
    ]


def test_a_line_that_holds_adds_the_value_where_the_clause_leaves_it_open() -> None:
    event = {"a": "xy", "b": "z"}
    assert [line.text for line in lines(told('$.a = "x*" && $.b != "y"', event))][1:] == [
        '$.a = "x*" (is "xy")',
        '$.b != "y" (is "z")',
    ]


def test_rendered_lines_are_indented_after_a_mark() -> None:
    explanation = told('$.a = "1" && $.b = "2"', {"a": "1"})
    assert rendered(explanation) == '✗ all of\n  ✓ $.a = "1"\n  ✗ $.b is missing, not "2"'


def test_an_explanation_names_its_clause_and_parts() -> None:
    explanation = told('$.a = 1 && ($.b = "2" || $.c IS NULL)', {"a": 1})
    assert (explanation.kind, explanation.found, [part.kind for part in explanation.parts]) == (
        "all",
        "",
        ["condition", "any"],
    )
    assert explanation.parts[1].text == '$.b = "2" || $.c IS NULL'
