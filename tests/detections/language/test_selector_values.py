"""Kinds of value: every value of a field is of one that is found, by the verdict of the language itself."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.coverage_search import Form, Stand
from cloudtrail_monitoring.detections.language.filter_pattern import (
    AnyElement,
    Comparison,
    Condition,
    Field,
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
from cloudtrail_monitoring.detections.language.matching import compiled
from cloudtrail_monitoring.detections.language.selector_values import condition_name, domain
from tests.detections.language.trees import NUMBERS, ORDERS, PATIENT, REGEXES, SCALARS, WORDS

ONE = Selector.of("a")
ANY = Selector((Field("a"), AnyElement()))
EQUALITIES = st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL])
NUMBER_TEXTS = st.sampled_from(["1", "10", "1.5", "1e+16", "10000000000000000", "-1", "1*", "*.5", "*e*", "9" * 400])
HARD = st.one_of(
    SCALARS,
    st.integers(-12, 12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e16, 10**16, 1e-7, -0.0, int("9" * 400), 10**400]),
)


def conditions_on(selector: Selector) -> st.SearchStrategy[list[Condition]]:
    here = st.just(selector)
    one: st.SearchStrategy[Condition] = st.one_of(
        st.builds(Comparison, here, EQUALITIES, st.builds(Text, WORDS | NUMBER_TEXTS)),
        st.builds(Comparison, here, EQUALITIES, st.builds(Number, NUMBERS)),
        st.builds(Comparison, here, st.sampled_from(ORDERS), st.builds(Number, NUMBERS)),
        st.builds(Comparison, here, EQUALITIES, st.builds(Regex, REGEXES)),
        st.builds(NotExists, here),
        st.builds(IsNull, here),
        st.builds(IsBoolean, here, st.booleans()),
    )
    return st.lists(one, max_size=5).filter(lambda parts: sum("%" in str(part) for part in parts) <= 2)


def truths(conditions: list[Condition], record: dict[str, Any]) -> frozenset[str]:
    return frozenset(condition_name(one) for one in conditions if compiled(one)(record))


# R-INT-2
@PATIENT
@given(conditions_on(ONE), HARD)
def test_a_value_is_of_a_kind_that_is_found(conditions: list[Condition], value: Any) -> None:
    found = domain(ONE, conditions)
    assert found.is_complete
    possible = {(choice.truths, choice.form) for choice in found.choices}
    assert (truths(conditions, {"a": value}), Form.VALUE) in possible
    assert (truths(conditions, {}), Form.ABSENT) in possible
    assert (truths(conditions, {"a": {"b": 1}}), Form.CONTAINER) in possible


# R-INT-2
@PATIENT
@given(conditions_on(ANY), st.lists(HARD | st.just({}), max_size=4))
def test_what_a_wildcard_selects_is_of_a_kind_that_is_found(conditions: list[Condition], values: list[Any]) -> None:
    possible = {choice.truths for choice in domain(ANY, conditions).choices}
    assert truths(conditions, {"a": values}) in possible


# R-INT-2
@PATIENT
@given(conditions_on(ONE))
def test_a_value_that_is_given_is_of_its_kind(conditions: list[Condition]) -> None:
    known = [choice for choice in domain(ONE, conditions).choices if choice.is_known]
    assume(len(known) > 3)
    for choice in known:
        values = [[] if value is Stand.CONTAINER else value for value in choice.values]
        assert truths(conditions, {"a": values[0]} if values else {}) == choice.truths


# R-INT-2: an event may have integers that no float, and so no number in a pattern, comes to
def test_an_integer_beyond_all_floats_is_of_a_kind_that_is_found() -> None:
    digits = "9" * 400
    parts: list[Condition] = [
        Comparison(ONE, Operator.EQUAL, Text(digits)),
        Comparison(ONE, Operator.GREATER, Number("1")),
    ]
    both = truths(parts, {"a": int(digits)})
    assert len(both) == 2
    assert both in {choice.truths for choice in domain(ONE, parts).choices}


# R-INT-2
def test_no_long_array_is_built() -> None:
    far = Selector((Field("a"), Index(100_000_000)))
    assert not any(choice.is_known for choice in domain(far, [IsNull(far)]).choices if choice.values)
