"""One verdict, in Logs Insights: the query of a detection finds the records that its filter counts, and no others."""

import gzip
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.language.filter_pattern import (
    Comparison,
    FilterPattern,
    IsBoolean,
    Node,
    NotExists,
    Number,
    Operator,
    Regex,
    Selector,
    Text,
)
from cloudtrail_monitoring.detections.samples import read_samples
from cloudtrail_monitoring.detections.translations.insights_query import insights_query
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from tests.detections.catalogue.test_samples import NAMES
from tests.detections.language.trees import ORDERS, PATIENT, REGEXES, joined, within_limits
from tests.detections.translations.insights_engine import DiscoveredRecords
from tests.detections.translations.records import ODD_RECORDS, SCENARIO_RECORDS, Record, around
from tests.detections.translations.test_one_verdict import CORPUS, DEPLOYED, NOT_EXPRESSIBLE, selected_by_filter

EXPRESSIBLE = {id_: pattern for id_, pattern in DEPLOYED.items() if id_ not in NOT_EXPRESSIBLE[insights_query]}
LETTERS = st.text("ab", max_size=3)
STARRED = st.text("ab*.", min_size=1, max_size=4)
EQUALITIES = st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL])
TEXT_FIELDS = st.sampled_from(
    [
        Selector.of("eventName"),
        Selector.of("userIdentity", "type"),
        Selector.of("userIdentity", "sessionContext", "sessionIssuer", "arn"),
        Selector.of("requestParameters", "a b"),
    ]
)
SIZE, FLAG = Selector.of("requestParameters", "size"), Selector.of("requestParameters", "flag")
NUMBERS = st.sampled_from(["0", "1", "-1", "1.5", "10", "1e1", "01"])
TREES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        st.builds(Comparison, TEXT_FIELDS, EQUALITIES, st.builds(Text, LETTERS | STARRED) | st.builds(Regex, REGEXES)),
        st.builds(
            Comparison, st.just(SIZE), EQUALITIES, st.builds(Number, NUMBERS) | st.builds(Text, NUMBERS | STARRED)
        ),
        st.builds(Comparison, st.just(SIZE), st.sampled_from(ORDERS), st.builds(Number, NUMBERS)),
        st.builds(NotExists, TEXT_FIELDS | st.sampled_from([SIZE, FLAG])),
        st.builds(IsBoolean, st.just(FLAG), st.booleans()),
    ),
    joined,
    max_leaves=6,
).filter(within_limits)
VALUES = {
    "eventName": LETTERS,
    "userIdentity": st.fixed_dictionaries(
        {},
        optional={
            "type": LETTERS,
            "sessionContext": st.fixed_dictionaries({"sessionIssuer": st.fixed_dictionaries({"arn": LETTERS})}),
        },
    ),
    "requestParameters": st.fixed_dictionaries(
        {},
        optional={
            "a b": LETTERS,
            "size": st.sampled_from([0, 1, -1, 1.5, 1.0, 10, 10**20]),
            "flag": st.booleans(),
        },
    ),
}
RECORDS: st.SearchStrategy[Record] = st.fixed_dictionaries({}, optional=VALUES)


# R-QRY-1, R-QRY-2, R-QRY-3
@pytest.mark.parametrize("id_", EXPRESSIBLE)
def test_a_detections_query_finds_its_samples_and_not_the_near_misses(id_: str) -> None:
    samples = read_samples(id_, NAMES)
    pattern = FilterPattern.parse(CATALOGUE[id_].named(NAMES).pattern)
    found = DiscoveredRecords([sample.event for sample in samples]).found_by(pattern)
    assert [samples[place].what for place in found] == [sample.what for sample in samples if sample.matches]


@pytest.mark.parametrize("id_", EXPRESSIBLE)
def test_query_and_filter_agree_on_records_that_just_fit_and_such_that_just_do_not(id_: str) -> None:
    records = around(DEPLOYED[id_])
    expected = selected_by_filter(DEPLOYED[id_], records)
    assert 0 < len(expected) < len(records)
    assert DiscoveredRecords(records).found_by(DEPLOYED[id_]) == expected


@pytest.mark.parametrize("records", [SCENARIO_RECORDS, ODD_RECORDS], ids=["scenario", "odd"])
def test_query_and_filter_agree_on_records_at_large(records: list[Record]) -> None:
    discovered = DiscoveredRecords(records)
    for id_, pattern in EXPRESSIBLE.items():
        assert discovered.found_by(pattern) == selected_by_filter(pattern, records), id_


def test_query_and_filter_agree_on_recorded_events() -> None:
    if not CORPUS.exists():
        pytest.skip(f"no recorded events at {CORPUS}")
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        recorded: list[Record] = [json.loads(line)["event"] for line in lines]
    discovered = DiscoveredRecords(recorded)
    for id_, pattern in EXPRESSIBLE.items():
        assert discovered.found_by(pattern) == selected_by_filter(pattern, recorded), id_


@PATIENT
@given(TREES, st.lists(RECORDS, min_size=1, max_size=5))
def test_a_random_pattern_and_its_query_agree(node: Node, records: list[Record]) -> None:
    pattern = FilterPattern.from_tree(node)
    try:
        found = DiscoveredRecords(records).found_by(pattern)
    except NotExpressible:
        assume(False)
    assert found == selected_by_filter(pattern, records)


@pytest.mark.parametrize(
    ("pattern", "record", "filter_finds"),
    [
        ("{ $.a IS TRUE }", {"a": 1}, False),
        ("{ $.a > 5 }", {"a": "10"}, False),
        ("{ $.a = 1 }", {"a": "01"}, False),
        ("{ $.a NOT EXISTS }", {"a": None}, False),
        ('{ $.a = "x*y" }', {"a": "x\ny"}, True),
        ('{ $.z = "x" }', {**{f"a{number}": "" for number in range(200)}, "z": "x"}, True),
    ],
    ids=["boolean-or-number", "text-of-digits", "leading-zero", "null", "line-break", "201st-field"],
)
def test_where_a_query_differs_from_the_filter_as_the_docstrings_say(
    pattern: str, record: Record, filter_finds: bool
) -> None:
    parsed = FilterPattern.parse(pattern)
    assert parsed.matches(record) is filter_finds
    assert DiscoveredRecords([record]).found_by(parsed) == ([] if filter_finds else [0])
