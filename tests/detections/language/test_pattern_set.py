"""Many patterns at once give the same answer as one after the other, wherever the set files them."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, Node
from cloudtrail_monitoring.detections.language.pattern_set import PatternSet
from cloudtrail_monitoring.sandbox.scenario import SCENARIO
from tests.detections.language.trees import EVENTS, NODES, PATIENT
from tests.settings_samples import SAMPLE

Patterns = dict[str, list[FilterPattern]]
Event = Mapping[str, Any]


def pattern_set(**texts: str) -> PatternSet:
    return PatternSet({name: [FilterPattern.parse(f"{{ {text} }}")] for name, text in texts.items()})


def one_by_one(patterns: Patterns, event: Event) -> tuple[str, ...]:
    return tuple(name for name, several in patterns.items() if any(one.matches(event) for one in several))


# R-EVT-12
@PATIENT
@given(st.lists(st.lists(NODES, min_size=1, max_size=2), max_size=6), st.lists(EVENTS, min_size=1, max_size=4))
def test_a_set_matches_what_its_patterns_match_one_by_one(nodes: list[list[Node]], events: list[Event]) -> None:
    patterns = {str(place): [FilterPattern.from_tree(node) for node in several] for place, several in enumerate(nodes)}
    together = PatternSet(patterns)
    for event in events:
        assert together.matching(event) == one_by_one(patterns, event)


def test_the_catalogue_matches_the_scenario_as_its_patterns_do_one_by_one() -> None:
    patterns = {one.id: [FilterPattern.parse(one.pattern)] for one in SAMPLE.deployed_detections}
    together = PatternSet(patterns)
    records = [json.loads(line) for path in SCENARIO.glob("*.jsonl") for line in path.read_text().splitlines()]
    found = [together.matching(record) for record in records]
    assert found == [one_by_one(patterns, record) for record in records]
    assert {"root-activity", "console-login-failures"} <= {name for names in found for name in names}


def test_ids_come_in_the_order_in_which_they_were_given() -> None:
    patterns = pattern_set(z='$.c = "1"', a='$.a.b = "1"', m="$.d.e.f = 1", b="$.g NOT EXISTS")
    event = {"a": {"b": "1"}, "c": "1", "d": {"e": {"f": 1}}}
    assert patterns.matching(event) == ("z", "a", "m", "b")


def test_an_id_matches_once_however_many_of_its_patterns_do() -> None:
    patterns = PatternSet({"x": [FilterPattern.parse('{ $.a = "1" }'), FilterPattern.parse("{ $.a = 1 || $.b = 1 }")]})
    assert patterns.matching({"a": "1", "b": 1}) == ("x",)


def test_an_id_matches_where_the_last_of_its_patterns_does() -> None:
    patterns = PatternSet({"x": [FilterPattern.parse('{ $.a = "1" }'), FilterPattern.parse('{ $.a = "2" }')]})
    assert patterns.matching({"a": "2"}) == ("x",)
    assert patterns.matching({"a": "3"}) == ()


def test_an_empty_set_and_an_id_without_patterns_match_nothing() -> None:
    assert PatternSet({}).matching({"a": "1"}) == ()
    assert PatternSet({"x": []}).matching({"a": "1"}) == ()


# A clause is filed by a text, a number, an inner or deeper field, by mere presence, or tested always.
@pytest.mark.parametrize(
    ("clause", "matching", "others"),
    [
        ('$.a = "1"', [{"a": "1"}, {"a": 1}, {"a": 1.0}], [{}, {"a": "2"}, {"a": True}, {"a": None}, {"a": ["1"]}]),
        ('$.a.b = "1"', [{"a": {"b": "1"}}, {"a": {"b": 1}}], [{"a": "1"}, {"a": {"b": None}}, {"b": "1"}, {"a": []}]),
        ('$.a.b.c = "1"', [{"a": {"b": {"c": "1"}}}], [{"a": {"b": "1"}}, {"a": {"b": {"c": {}}}}, {}]),
        ('$.a[1] = "x"', [{"a": ["y", "x"]}], [{"a": ["x"]}, {"a": "x"}, {"a": {"1": "x"}}]),
        ("$.a = 10", [{"a": 10}, {"a": 10.0}, {"a": "10"}], [{"a": "10.0"}, {"a": 1}, {"a": "1e1"}, {"a": [10]}]),
        ("$.a = 010", [{"a": 10}, {"a": "010"}], [{"a": "10"}, {"a": "8"}]),
        ("$.a.b = 1e1", [{"a": {"b": 10}}, {"a": {"b": "1e1"}}], [{"a": {"b": "10"}}, {"a": 10}]),
        ('$.a != "1"', [{"a": "2"}, {"a": 2}, {"a": ""}], [{}, {"a": "1"}, {"a": 1}, {"a": None}, {"a": {}}]),
        ('$.a.b = "x*"', [{"a": {"b": "xy"}}], [{"a": {"b": "yx"}}, {"a": "xy"}, {}]),
        ("$.a > 3", [{"a": 4}], [{"a": 3}, {"a": "4"}, {"a": True}, {}]),
        ("$.a IS NULL", [{"a": None}], [{}, {"a": False}, {"a": "null"}]),
        ("$.a.b IS FALSE", [{"a": {"b": False}}], [{"a": {"b": 0}}, {"a": False}, {}]),
        ("$.a NOT EXISTS", [{}, {"b": 1}], [{"a": None}, {"a": "1"}]),
        ("$.a.b.c NOT EXISTS", [{}, {"a": {"b": 1}}], [{"a": {"b": {"c": None}}}]),
        ('$.a[*] = "x"', [{"a": ["y", "x"]}], [{"a": "x"}, {"a": []}, {"a": {"b": "x"}}]),
        ('$.a.*.b = "x"', [{"a": {"q": {"b": "x"}}}], [{"a": {"b": "x"}}, {"a": [{"b": "x"}]}, {}]),
        ('$.* = "x"', [{"q": "x"}, {"a": 1, "q": "x"}], [{}, {"q": {"b": "x"}}]),
        ("$.a[*] NOT EXISTS", [{}, {"a": []}, {"a": "x"}], [{"a": [None]}]),
        ('$.a = "1" || $.b = "2"', [{"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}], [{}, {"a": "2", "b": "1"}]),
        ('$.a = "1" || $.a = "2" || $.a = 3', [{"a": "2"}, {"a": 3}, {"a": "3"}], [{"a": "4"}, {}]),
        ('$.a = "1" || $.a = "x*"', [{"a": "1"}, {"a": "xy"}], [{"a": "y"}, {}]),
        ('$.a = "1" && $.b = "2"', [{"a": "1", "b": "2"}], [{"a": "1"}, {"b": "2"}, {"a": "1", "b": "1"}]),
        ('$.a = "1" && $.a = "2"', [], [{"a": "1"}, {"a": "2"}]),
        (
            '($.a = "1" && $.b = "2") || ($.a = "3" && $.b NOT EXISTS)',
            [{"a": "1", "b": "2"}, {"a": "3"}],
            [{"a": "1"}, {"a": "3", "b": "2"}, {"b": "2"}],
        ),
    ],
)
def test_a_clause_is_found_where_it_is_filed(
    clause: str, matching: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    # Beside patterns that pin the same fields, so that no shelf is empty for want of neighbours.
    patterns = pattern_set(one='$.a = "never"', two='$.a.b = "never"', wanted=clause, three='$.a = "*never"')
    assert [patterns.matching(event) for event in matching] == [("wanted",)] * len(matching)
    assert [patterns.matching(event) for event in others] == [()] * len(others)


def test_presence_and_values_of_one_field_are_filed_together_in_any_order() -> None:
    texts = {"value": '$.a = "x"', "present": '$.a != "y"', "number": "$.a = 7", "prefix": '$.a = "x*"'}
    for names in (list(texts), list(reversed(texts))):
        patterns = pattern_set(**{name: texts[name] for name in names})
        assert set(patterns.matching({"a": "x"})) == {"value", "present", "prefix"}
        assert set(patterns.matching({"a": 7})) == {"present", "number"}
        assert set(patterns.matching({"a": "y"})) == set()
        assert set(patterns.matching({})) == set()


def test_an_event_need_not_be_a_dictionary() -> None:
    patterns = pattern_set(outer='$.a = "1"', inner='$.b.c = "1"', deeper='$.b.d.e = "1"')
    event = MappingProxyType({"a": "1", "b": MappingProxyType({"c": "1", "d": MappingProxyType({"e": "1"})})})
    assert patterns.matching(event) == ("outer", "inner", "deeper")
