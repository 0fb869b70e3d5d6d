"""One verdict: the filter, the event pattern and the Athena predicate of a detection select the same records.

EventBridge is moto's matcher (``event_bus`` says what it gets wrong), Athena is DuckDB with the table's columns
(``athena_table`` says where it differs from Trino). Logs Insights has its own page, ``test_insights_verdict``.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, Node
from cloudtrail_monitoring.detections.translations.athena_predicate import athena_predicate
from cloudtrail_monitoring.detections.translations.event_pattern import event_pattern
from cloudtrail_monitoring.detections.translations.insights_query import insights_query
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from tests.detections.language.trees import PATIENT
from tests.detections.translations.athena_table import AthenaTable
from tests.detections.translations.cloudtrail_trees import ATHENA_RECORDS, ATHENA_TREES, BUS_RECORDS, BUS_TREES
from tests.detections.translations.event_bus import KNOWN_OPERATORS, EventBus, operators
from tests.detections.translations.records import ODD_RECORDS, SCENARIO_RECORDS, Record, around
from tests.settings_samples import SAMPLE

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "recorded-events.jsonl.gz"
# With the placeholders of the catalogue filled in.
DEPLOYED = {one.id: FilterPattern.parse(one.pattern) for one in SAMPLE.deployed_detections}

NOT_EXPRESSIBLE: dict[Callable[[FilterPattern], Any], dict[str, str]] = {
    event_pattern: {
        "api-call-errors": (
            '$.errorCode = "*": the text fits numbers too, and EventBridge\'s asterisks find strings only'
        ),
    },
    athena_predicate: {
        f"insight-{of}": (
            f'$.insightDetails.insightType = "{type_}": the table has no column for the field "insightDetails"'
        )
        for of, type_ in (("call-rate", "ApiCallRateInsight"), ("error-rate", "ApiErrorRateInsight"))
    },
    insights_query: {
        "alarms-changed": (
            '$.requestParameters.alarmNames[*] = "sample-audit-*": '
            'Insights has no "any element" and no "any field"; [0] is the first'
        ),
        "responders-switched": (
            '$.requestParameters.names[*] = "*/sample-audit/responders": '
            'Insights has no "any element" and no "any field"; [0] is the first'
        ),
    },
}
"""The detections that a language can't say, and why."""


def says(translate: Callable[[FilterPattern], Any], id_: str) -> bool:
    return id_ not in NOT_EXPRESSIBLE[translate]


def selected_by_filter(pattern: FilterPattern, records: list[Record]) -> list[int]:
    return [place for place, record in enumerate(records) if pattern.matches(record)]


def selected_by_event_bus(pattern: FilterPattern, records: list[Record]) -> list[int]:
    bus = EventBus(event_pattern(pattern))
    return [place for place, record in enumerate(records) if bus.delivers(record)]


def selected_by_athena(pattern: FilterPattern, records: list[Record]) -> list[int]:
    return AthenaTable(records).selected(athena_predicate(pattern))


def test_every_shipped_detection_is_compared() -> None:
    assert DEPLOYED.keys() == CATALOGUE.keys()


# R-ALM-6, R-QRY
@pytest.mark.parametrize("translate", NOT_EXPRESSIBLE)
def test_all_detections_are_expressible_but_for_those_in_the_table(
    translate: Callable[[FilterPattern], Any],
) -> None:
    refused = {}
    for id_, pattern in DEPLOYED.items():
        try:
            translate(pattern)
        except NotExpressible as error:
            refused[id_] = str(error)
    assert refused == NOT_EXPRESSIBLE[translate]


@pytest.mark.parametrize("id_", DEPLOYED)
def test_all_languages_agree_on_records_that_just_fit_and_such_that_just_do_not(id_: str) -> None:
    records = around(DEPLOYED[id_])
    expected = selected_by_filter(DEPLOYED[id_], records)
    assert 0 < len(expected) < len(records)
    if says(event_pattern, id_):
        assert selected_by_event_bus(DEPLOYED[id_], records) == expected
    if says(athena_predicate, id_):
        assert selected_by_athena(DEPLOYED[id_], records) == expected


@pytest.mark.parametrize("records", [SCENARIO_RECORDS, ODD_RECORDS], ids=["scenario", "odd"])
def test_all_languages_agree_on_records_at_large(records: list[Record]) -> None:
    table = AthenaTable(records)
    for id_, pattern in DEPLOYED.items():
        expected = selected_by_filter(pattern, records)
        if says(event_pattern, id_):
            assert selected_by_event_bus(pattern, records) == expected, id_
        if says(athena_predicate, id_):
            assert table.selected(athena_predicate(pattern)) == expected, id_


def test_all_languages_agree_on_recorded_events() -> None:
    if not CORPUS.exists():
        pytest.skip(f"no recorded events at {CORPUS}")
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        recorded: list[Record] = [json.loads(line)["event"] for line in lines]
    table = AthenaTable(recorded)
    for id_, pattern in DEPLOYED.items():
        expected = selected_by_filter(pattern, recorded)
        if says(athena_predicate, id_):
            assert table.selected(athena_predicate(pattern)) == expected, id_
        if not says(event_pattern, id_):
            continue
        # moto takes its time: all that match, and every 10th of the others.
        tried = sorted({*expected, *range(0, len(recorded), 10)})
        delivered = selected_by_event_bus(pattern, [recorded[place] for place in tried])
        assert [tried[place] for place in delivered] == expected, id_


@PATIENT
@given(BUS_TREES, st.lists(BUS_RECORDS, min_size=1, max_size=4))
def test_a_random_pattern_and_its_event_pattern_agree(node: Node, records: list[Record]) -> None:
    pattern = FilterPattern.from_tree(node)
    try:
        delivered = selected_by_event_bus(pattern, records)
    except NotExpressible:
        assume(False)
    assert delivered == selected_by_filter(pattern, records)


@PATIENT
@given(ATHENA_TREES, st.lists(ATHENA_RECORDS, min_size=1, max_size=4))
def test_a_random_pattern_and_its_athena_predicate_agree(node: Node, records: list[Record]) -> None:
    pattern = FilterPattern.from_tree(node)
    try:
        chosen = selected_by_athena(pattern, records)
    except NotExpressible:
        assume(False)
    assert chosen == selected_by_filter(pattern, records)


@PATIENT
@given(BUS_TREES)
def test_a_random_event_pattern_has_operators_that_moto_knows_and_fields_once_on_each_way(node: Node) -> None:
    try:
        translated = event_pattern(FilterPattern.from_tree(node))
    except NotExpressible:
        assume(False)
    assert set(operators(translated)) <= KNOWN_OPERATORS
    assert_no_field_twice(translated)


@pytest.mark.parametrize("id_", [id_ for id_ in DEPLOYED if says(event_pattern, id_)])
def test_a_shipped_event_pattern_has_operators_that_moto_knows_and_fields_once_on_each_way(id_: str) -> None:
    translated = event_pattern(DEPLOYED[id_])
    assert set(operators(translated)) <= KNOWN_OPERATORS
    assert_no_field_twice(translated)


def assert_no_field_twice(pattern: dict[str, Any], path: tuple[str, ...] = (), seen: set[Any] | None = None) -> None:
    """EventBridge refuses a field that stands both in an alternative and in the object around it."""
    here = set() if seen is None else seen
    for name, value in pattern.items():
        if isinstance(value, dict):
            assert_no_field_twice(value, (*path, name), here)
        elif name != "$or":
            assert (*path, name) not in here
            here.add((*path, name))
    for alternative in pattern.get("$or", ()):
        assert_no_field_twice(alternative, path, set(here))


@pytest.mark.parametrize(
    ("demand", "met", "unmet"),
    [
        ({"exists": False}, {}, {"a": "x"}),
        ({"prefix": "x"}, {"a": "xy"}, {"a": "yx"}),
        ({"prefix": ["x", "y"]}, {"a": "yx"}, {"a": "z"}),
        ({"suffix": "x"}, {"a": "yx"}, {"a": "xy"}),
        ({"wildcard": "x*y"}, {"a": "x.y"}, {"a": "xyz"}),
        ({"numeric": [">", 1, "<=", 5]}, {"a": 5}, {"a": 1}),
        ({"numeric": ["=", 1]}, {"a": 1.0}, {"a": "1"}),
        ({"anything-but": "x"}, {"a": "y"}, {"a": "x"}),
        ({"anything-but": ["x", "y"]}, {"a": "z"}, {"a": "y"}),
        ({"anything-but": "x"}, {"a": "y"}, {}),
        ({"anything-but": {"prefix": "x"}}, {"a": "yx"}, {"a": "xy"}),
        ({"anything-but": {"suffix": ["x", "y"]}}, {"a": "xz"}, {"a": "zy"}),
        ({"anything-but": {"wildcard": ["x*y", "z"]}}, {"a": "y"}, {"a": "z"}),
    ],
)
def test_moto_knows_the_operators(demand: dict[str, Any], met: Record, unmet: Record) -> None:
    assert EventBus({"a": [demand]}).delivers(met)
    assert not EventBus({"a": [demand]}).delivers(unmet)


def test_moto_takes_an_operator_it_does_not_know_for_a_match() -> None:
    assert EventBus({"a": [{"unheard-of": "x"}]}).delivers({"a": "y"})


def test_a_null_under_unequal_is_where_eventbridge_differs_as_its_docstring_says() -> None:
    pattern = FilterPattern.parse('{ $.additionalEventData.MFAUsed != "Yes" }')
    record: Record = {"additionalEventData": {"MFAUsed": None}}
    assert not pattern.matches(record)
    assert selected_by_athena(pattern, [record]) == []
    assert selected_by_event_bus(pattern, [record]) == [0]


def test_a_null_column_is_where_athena_differs_as_its_docstring_says() -> None:
    pattern = FilterPattern.parse("{ $.errorCode NOT EXISTS }")
    record: Record = {"errorCode": None}
    assert not pattern.matches(record)
    assert selected_by_event_bus(pattern, [record]) == []
    assert selected_by_athena(pattern, [record]) == [0]


@pytest.mark.parametrize("clause", ['$.resources[*].type = "AWS::S3::*"', '$.resources[1].ARN != "x"'])
def test_arrays_of_objects_agree_in_athena(clause: str) -> None:
    pattern = FilterPattern.parse(f"{{ {clause} }}")
    kinds = [[], ["AWS::KMS::Key"], ["AWS::KMS::Key", "AWS::S3::Bucket"]]
    records: list[Record] = [{}, *({"resources": [{"ARN": kind, "type": kind} for kind in some]} for some in kinds)]
    assert selected_by_athena(pattern, records) == selected_by_filter(pattern, records) == [3]
