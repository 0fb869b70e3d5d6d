"""What a changed EventBridge event pattern loses: narrowings, widenings, what is undecided, and arrays."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import And, FilterPattern, Node, Or
from cloudtrail_monitoring.detections.translations.event_pattern import event_pattern, for_cloudtrail
from cloudtrail_monitoring.detections.translations.event_pattern_coverage import event_pattern_loss
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from tests.detections.language.test_coverage import variants
from tests.detections.language.trees import PATIENT, within_limits
from tests.detections.translations.cloudtrail_trees import BUS_RECORDS, BUS_TREES
from tests.detections.translations.event_bus import EventBus
from tests.detections.translations.event_oracle import delivers
from tests.settings_samples import SAMPLE

DEPLOYED = {one.id: FilterPattern.parse(one.pattern) for one in SAMPLE.deployed_detections}
Json = dict[str, Any]


def on(*matchers: Any) -> Json:
    return {"detail": {"a": list(matchers)}}


NARROWINGS: dict[str, tuple[Json, Json, Any]] = {
    "a text gone": (on("x", "y"), on("x"), "y"),
    "a condition more": (on("x"), {"detail": {"a": ["x"], "b": ["y"]}}, "x"),
    "an account more": (on("x"), {"account": ["1"], **on("x")}, "x"),
    "an alternative gone": ({"detail": {"$or": [{"a": ["x"]}, {"b": ["x"]}]}}, {"detail": {"b": ["x"]}}, "x"),
    "a beginning": (on({"prefix": "Put"}), on({"prefix": "PutUser"}), "Put"),
    "an end": (on({"suffix": "Policy"}), on({"suffix": "UserPolicy"}), "Policy"),
    "a wildcard": (on({"wildcard": "Put*"}), on({"wildcard": "Put*Policy"}), "Put"),
    "an escaped asterisk": (on({"wildcard": "a\\*"}), on("a"), "a*"),
    "an asterisk in a beginning is one": (on({"prefix": "a*b"}), on("ab"), "a*b"),
    "any case": (on({"equals-ignore-case": "Root"}), on("Root", "root"), ...),
    "any case at the beginning": (on({"prefix": {"equals-ignore-case": "ab"}}), on({"prefix": "ab"}), "AB"),
    "an exclusion more": (on({"anything-but": "x"}), on({"anything-but": ["x", "y"]}), "y"),
    "excluded beginnings": (
        on({"anything-but": {"prefix": "xy"}}),
        on({"anything-but": {"prefix": ["z", "x"]}}),
        "x",
    ),
    "excluded ends": (on({"anything-but": {"suffix": "x"}}), on({"anything-but": {"suffix": ["x", "z"]}}), "z"),
    "an excluded number": (on({"anything-but": 5}), on({"anything-but": [5, 6]}), 6),
    "null": (on(None, "x"), on("x"), None),
    "null, to anything else": (on({"anything-but": "x"}), on({"prefix": ""}, {"numeric": ["<", 5]}, True, False), 5),
    "a number for its text": (on(5), on("5"), 5),
    "true for its text": (on(True), on("true"), True),
    "a range": (on({"numeric": [">", 0]}), on({"numeric": [">", 0, "<", 9]}), 9),
    "a bound": (on({"numeric": [">=", 0]}), on({"numeric": [">", 0]}), 0),
    "what may be missing": (on("x", {"exists": False}), on("x"), ...),
    "what may be there": (on({"exists": True}), on({"anything-but": "x"}), "x"),
    "a network": (on({"cidr": "10.0.0.0/8"}), on({"cidr": "10.0.0.0/16"}), "10.255.255.255"),
}
COVERED: dict[str, tuple[Json | str, Json | str]] = {
    "a text more": (on("x"), on("x", "y")),
    "another order": (on("x", "y"), on("y", "x")),
    "text and JSON": (json.dumps(on("x"), indent=1), on("x")),
    "a condition less": ({"account": ["1"], **on("x")}, on("x")),
    "an alternative more": (on("x"), {"detail": {"$or": [{"b": ["y"]}, {"a": ["x"]}]}}),
    "or in another place": (
        {"$or": [{"detail": {"a": ["x"]}}, {"detail": {"b": ["x"]}}]},
        {"detail": {"$or": [{"a": ["x"]}, {"b": ["x"]}]}},
    ),
    "a text's beginning": (on("PutUser", "PutRole"), on({"prefix": "Put"})),
    "a text that a wildcard finds": (on("PutUserPolicy"), on({"wildcard": "Put*Policy"})),
    "a beginning as a wildcard": (on({"prefix": "a*"}), on({"wildcard": "a\\**"})),
    "any case": (on("Root"), on({"equals-ignore-case": "root"})),
    "an exclusion less": (on({"anything-but": ["x", "y"]}), on({"anything-but": "y"})),
    "an exclusion of fewer": (on({"anything-but": {"wildcard": "x*a"}}, "xxa"), on({"anything-but": "xa"})),
    "all that is there": (on({"exists": True}), on({"anything-but": "x"}, "x")),
    "anything, there or not": (on("x"), on({"exists": True}, {"exists": False})),
    "a null is no text": (on(None), on({"anything-but": "x"})),
    "a number": (on(5, 6), on({"numeric": [">", 4, "<=", 6]})),
    "ranges that meet": (on({"numeric": [">", 0]}), on({"numeric": [">", 0, "<=", 5]}, {"numeric": [">", 5]})),
    "a wider network": (on({"cidr": "10.0.0.0/16"}), on({"cidr": "10.0.0.0/8"})),
    "networks that are one": (on({"cidr": "10.0.0.0/8"}), on({"cidr": "10.1.0.0/8"})),
    "nothing before": (on({"numeric": [">", 5, "<", 5]}), on("x")),
    "an unknown matcher": (on({"date-after": "x"}), on({"date-after": "x"})),
}
UNDECIDED: dict[str, tuple[Any, Any, str]] = {
    "an unknown matcher": (on("x"), on("x", {"date-after": "y"}), "isn't known what"),
    "networks side by side": (
        on({"cidr": "10.0.0.0/8"}),
        on({"cidr": "10.0.0.0/9"}, {"cidr": "10.128.0.0/9"}),
        "networks differ",
    ),
    "no JSON": ("{", "{}", "no JSON"),
    "no object": ([], {}, "no object"),
    "an empty object": (on("x"), {"detail": {}}, "detail is no object"),
    "nothing to match": (on("x"), on(), "nothing to match"),
    "a name with a line break": (on("x"), {"detail": {"a\n": {}}}, "detail.a\\n is no object"),
    "a name with a dot": (on("x"), {"detail.a": ["x"]}, "where EventBridge looks"),
    "one alternative": (on("x"), {"$or": [on("x")]}, '"$or"'),
    "alternatives that are matchers": (on("x"), {"$or": [on("x"), {"prefix": ["x"]}]}, '"$or"'),
    "a list of beginnings": (on("x"), on({"prefix": ["x", "y"]}), "isn't known what"),
    "a wrong escape": (on("x"), on({"wildcard": "a\\b"}), "isn't known what"),
    "a number out of range": (on(1), on(1, 123456789012), "isn't known what"),
    "half a range": (on(1), on(1, {"numeric": [">"]}), "isn't known what"),
    "no network": (on("x"), on("x", {"cidr": "here"}), "isn't known what"),
    "far too deep": (on("x"), json.loads('{"a":' * 200 + '["x"]' + "}" * 200), "50 deep"),
    "a list for an object": (on("x"), {"detail": ["x", ["y"]]}, "isn't known what"),
}


# R-INT-2
@pytest.mark.parametrize("name", NARROWINGS)
def test_a_narrowing_is_shown_by_an_event(name: str) -> None:
    before, after, value = NARROWINGS[name]
    found = event_pattern_loss(before, after)
    assert found is not None
    assert found.record is not None, found.sentence
    assert delivers(before, found.record)
    assert not delivers(after, found.record)
    assert found.sentence.startswith("no longer delivers an event with ")
    assert found.sentence.isprintable()
    if value is not ...:
        assert found.record["detail"]["a"] == value


# R-INT-2
@pytest.mark.parametrize("name", COVERED)
def test_a_widening_loses_nothing(name: str) -> None:
    assert event_pattern_loss(*COVERED[name]) is None


# R-INT-2: unknown is a risk
@pytest.mark.parametrize("name", UNDECIDED)
def test_what_is_undecided_counts_as_lost_and_says_why(name: str) -> None:
    before, after, reason = UNDECIDED[name]
    found = event_pattern_loss(before, after)
    assert found is not None
    assert found.record is None
    assert found.sentence.startswith("can't be shown to deliver all it did: ")
    assert reason in found.sentence
    assert found.sentence.isprintable()


# R-INT-2: one element has b, another one a, and neither alternative is met by one of them
def test_an_array_of_objects_in_which_an_event_could_be_lost_is_undecided() -> None:
    before = {"detail": {"list": {"a": ["x"]}}}
    after = {"detail": {"list": {"a": ["x"], "b": [{"exists": True}, {"exists": False}]}}}
    event = {"detail": {"list": [{"a": "x"}, {"b": 1}]}}
    assert delivers(before, event)
    assert not delivers(after, event)
    found = event_pattern_loss(before, after)
    assert found is not None
    assert "detail.list could be an array" in found.sentence
    assert event_pattern_loss(after, after) is None
    assert event_pattern_loss({"account": ["1"], **after}, after) is None


# R-INT-2: bounded
def test_the_search_ends_and_then_it_is_undecided() -> None:
    alternatives = {"$or": [{f"x{number}": ["1"], f"y{number}": ["1"]} for number in range(30)]}
    wider = {"$or": [{f"x{number}": [{"prefix": "1"}]} for number in range(30)]}
    assert event_pattern_loss(alternatives, wider) is None
    stopped = event_pattern_loss(alternatives, wider, max_steps=20)
    assert stopped is not None
    assert stopped.record is None
    assert "too many combinations" in stopped.sentence


# R-INT-2: as many names as EventBridge takes in one pattern
def test_many_names_are_compared_with_one_that_stands_for_them() -> None:
    names = [f"Verb{number:03}OfService" for number in range(200)]
    assert event_pattern_loss(on(*names), on({"wildcard": "Verb*OfService"})) is None
    found = event_pattern_loss(on(*names), on({"wildcard": "Verb*0OfService"}))
    assert found is not None
    assert found.record == {"detail": {"a": "Verb001OfService"}}


# R-INT-2
# api-call-errors can be no rule: test_one_verdict has the reason
@pytest.mark.parametrize("id_", [id_ for id_ in DEPLOYED if id_ != "api-call-errors"])
def test_of_a_shipped_rule_each_condition_gone_is_seen(id_: str) -> None:
    whole = DEPLOYED[id_]
    pattern = for_cloudtrail(whole, "333333333333")
    assert event_pattern_loss(pattern, json.dumps(pattern)) is None
    for tree, is_wider in variants(whole.root):
        if not within_limits(tree):
            continue
        changed = for_cloudtrail(FilterPattern.from_tree(tree), "333333333333")
        wide, narrow = (changed, pattern) if is_wider else (pattern, changed)
        assert event_pattern_loss(narrow, wide) is None
        found = event_pattern_loss(wide, narrow)
        assert found is not None
        assert found.record is not None, found.sentence
        record = found.record["detail"]
        assert EventBus(wide["detail"]).delivers(record)
        assert not EventBus(narrow["detail"]).delivers(record)


# R-INT-2
@PATIENT
@given(BUS_TREES, BUS_TREES, st.sampled_from([And, Or]), st.lists(BUS_RECORDS, min_size=1, max_size=6))
def test_the_event_patterns_of_filters_lose_no_more_than_these(
    one: Node, other: Node, kind: type[And] | type[Or], records: list[Json]
) -> None:
    trees = (one, kind((one, other)))
    assume(all(map(within_limits, trees)))
    try:
        pair = [event_pattern(FilterPattern.from_tree(tree)) for tree in trees]
    except NotExpressible:
        assume(False)
    found = event_pattern_loss(*pair)
    if found is None:
        buses = list(map(EventBus, pair))
        assert not any(buses[0].delivers(record) and not buses[1].delivers(record) for record in records)
    elif found.record is not None:
        assert delivers(pair[0], found.record)
        assert not delivers(pair[1], found.record)


WORDS = st.text("abA*", max_size=3)
TEXTS = WORDS | st.lists(WORDS, min_size=1, max_size=2)
NUMBERS = st.sampled_from([0, 1, 1.5, 5])
ENDS = st.sampled_from(["prefix", "suffix", "equals-ignore-case"])
MATCHERS: st.SearchStrategy[Any] = st.one_of(
    WORDS,
    NUMBERS,
    st.none(),
    st.booleans(),
    st.builds(lambda wanted: {"exists": wanted}, st.booleans()),
    st.builds(lambda wanted: {"exists": wanted}, st.booleans()),
    st.builds(lambda end, text: {end: text}, ENDS, WORDS),
    st.builds(lambda end, text: {end: {"equals-ignore-case": text}}, st.sampled_from(["prefix", "suffix"]), WORDS),
    st.builds(lambda text: {"wildcard": text.replace("**", "*")}, WORDS),
    st.builds(lambda texts: {"anything-but": texts}, TEXTS | NUMBERS),
    st.builds(lambda end, texts: {"anything-but": {end: texts}}, ENDS, TEXTS),
    st.builds(lambda sign, number: {"numeric": [sign, number]}, st.sampled_from(["<", "<=", "=", ">=", ">"]), NUMBERS),
)
LISTS = st.lists(MATCHERS, min_size=1, max_size=2)
NAMES = st.sampled_from(["a", "b"])
OBJECTS = st.dictionaries(NAMES, LISTS | st.dictionaries(NAMES, LISTS, min_size=1, max_size=2), min_size=1, max_size=2)
PATTERNS = OBJECTS | st.builds(lambda one, other: {"$or": [one, other]}, OBJECTS, OBJECTS)
VALUES = st.recursive(
    WORDS | NUMBERS | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=6,
)
EVENTS = st.dictionaries(NAMES, VALUES, max_size=2)


# R-INT-2
@PATIENT
@given(PATTERNS, PATTERNS, st.booleans(), st.lists(EVENTS, min_size=1, max_size=8))
def test_what_loses_nothing_loses_no_event_with_or_without_arrays(
    one: Json, other: Json, is_wider: bool, events: list[Json]
) -> None:
    before, after = one, {"$or": [one, other]} if is_wider else other
    found = event_pattern_loss(before, after)
    if found is None:
        assert not any(delivers(before, event) and not delivers(after, event) for event in events)
    elif found.record is not None:
        assert delivers(before, found.record)
        assert not delivers(after, found.record)
    if is_wider:
        assert found is None
