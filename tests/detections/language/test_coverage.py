"""What a changed filter pattern loses: narrowings with the record that shows them, widenings, and what is undecided."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.coverage import loss
from cloudtrail_monitoring.detections.language.filter_pattern import And, FilterPattern, Node, Or
from tests.detections.language.trees import EVENTS, NODES, PATIENT, within_limits
from tests.settings_samples import SAMPLE

PUBLISHED = {
    id_: FilterPattern.parse(control["pattern"])
    for id_, control in json.loads(
        (Path(__file__).parents[1] / "catalogue" / "cis_patterns.json").read_text(encoding="utf-8")
    ).items()
}
SHIPPED = {one.id: FilterPattern.parse(one.pattern) for one in SAMPLE.deployed_detections} | PUBLISHED
POLICY_CALLS = [f'$.eventName = "{verb}{kind}Policy"' for verb in ("Put", "Attach", "Detach") for kind in ("", "User")]


def any_of(terms: list[str]) -> str:
    return f"{{ {' || '.join(terms)} }}"


NARROWINGS = {
    "an alternative gone": (any_of(POLICY_CALLS), any_of(POLICY_CALLS[1:]), 'eventName = "PutPolicy"'),
    "a condition more": (
        '{ $.eventName = "a" }',
        '{ $.eventName = "a" && $.errorCode NOT EXISTS }',
        'errorCode = "other", eventName = "a"',
    ),
    "a field wanted that was not": (
        '{ $.eventName = "a" }',
        '{ $.eventName = "a" && $.awsRegion != "b" }',
        'no awsRegion, eventName = "a"',
    ),
    "an exclusion more": ('{ $.a != "x" }', '{ $.a != "x" && $.a != "role/*" }', 'a = "role/"'),
    "an asterisk gone": ('{ $.a = "AccessDenied*" }', '{ $.a = "AccessDenied" }', 'a = "AccessDeniedother"'),
    "a beginning longer": ('{ $.a = "Put*" }', '{ $.a = "PutUser*" }', 'a = "Put"'),
    "an end and a beginning": ('{ $.a = "Put*" }', '{ $.a = "Put*Policy" }', 'a = "Put"'),
    "a case changed": ('{ $.a = "Root" }', '{ $.a = "root" }', 'a = "Root"'),
    "an equality for an inequality": ('{ $.a != "x" }', '{ $.a = "y" }', 'a = "other"'),
    "a missing field": ("{ $.a NOT EXISTS }", "{ $.a IS NULL }", "no a"),
    "a null": ("{ $.a IS NULL }", "{ $.a NOT EXISTS }", "a = null"),
    "a boolean": ("{ $.a IS TRUE || $.a IS FALSE }", "{ $.a IS TRUE }", "a = false"),
    "a bound": ("{ $.a >= 1 }", "{ $.a > 1 }", "a = 1"),
    "a range": ("{ $.a > 1 && $.a < 9 }", "{ $.a < 5 || $.a > 5 }", None),
    "between two integers": ("{ $.a > 1 && $.a < 2 }", "{ $.a = 3 }", "a = 1.5"),
    "a range cut": ("{ $.a > 1 && $.a < 9 }", "{ $.a > 1 && $.a < 5 }", "a = 5"),
    "a number's text": ('{ $.a = "4*" && $.a > 0 }', "{ $.a != 4 && $.a > 0 }", "a = 4"),
    "a number for its text": ('{ $.a = "01" }', "{ $.a = 1 }", 'a = "01"'),
    "an element": ('{ $.a[*] = "x" || $.a[*] = "y" }', '{ $.a[*] = "x" }', 'a[*] = "y"'),
    "two elements": ('{ $.a[*] = "x" && $.a[*] = "y" }', '{ $.a[*] = "z" }', 'a[*] = "x" and "y"'),
    "elements and a field of one": ('{ $.a[*] = "x" && $.a[*].b = "y" }', '{ $.b = "z" }', None),
    "a first element without a second": ("{ $.a[0] IS NULL && $.a[1] NOT EXISTS }", '{ $.b = "z" }', None),
    "a field below what may be an object": (
        '{ ($.a != "1" || $.c = 1) && ($.a.b IS NULL || $.a.b IS TRUE) }',
        '{ $.b = "z" }',
        None,
    ),
    "a float with an integer's value": (
        f'{{ $.a >= {10**16} && $.a <= {10**16} && $.a = "1e*" }}',
        '{ $.b = "z" }',
        "a = 1e+16, no b",
    ),
    "an integer with a float's value": (
        '{ $.a >= 1e16 && $.a <= 1e16 && $.a = "1000*" }',
        '{ $.b = "z" }',
        f"a = {10**16}, no b",
    ),
    "an object": ("{ $.a.b IS NULL }", "{ $.a NOT EXISTS }", "a.b = null, a = an object"),
    "and binds tighter": (
        '{ ($.a = "1" || $.b = "1") && $.c = "1" }',
        '{ $.a = "1" || $.b = "1" && $.d = "1" }',
        None,
    ),
    "a name with a control character": ("{ $.['a\n\"'] = 1 }", '{ $.b = "x" }', '[\'a\\n"\'] = "1", no b'),
    "a control character": ('{ $.a = "x\u2028\n" }', '{ $.a = "x" }', 'a = "x\\u2028\\n"'),
    "a regular expression": ("{ $.a = %^Delete% }", '{ $.a = "DeleteTrail" }', 'a = "Delete"'),
}
COVERED = {
    "an alternative more": (any_of(POLICY_CALLS[1:]), any_of(POLICY_CALLS)),
    "another order": (any_of(POLICY_CALLS), any_of(POLICY_CALLS[::-1])),
    "another spelling": ("{$.a=x&&$.b=1}", '{ (($.b = 1) && ($.a = "x")) }'),
    "a condition less": ('{ $.a = "x" && $.b NOT EXISTS }', '{ $.a = "x" }'),
    "an asterisk for names": (any_of(POLICY_CALLS), '{ $.eventName = "*Policy" }'),
    "names that one beginning and one end have": ('{ $.a = "Put*Policy" }', '{ $.a = "Put*" && $.a = "*Policy" }'),
    "an exclusion less": ('{ $.a != "x" && $.a != "y" }', '{ $.a != "x" }'),
    "an exclusion of fewer": ('{ $.a != "role/*" }', '{ $.a != "role/deploy/*" }'),
    "whether there or not": ('{ $.a = "x" }', '{ $.b NOT EXISTS && $.a = "x" || $.b = "*" || $.a = "*" }'),
    "all that can be": ('{ $.b = "x" }', '{ $.b = "x" && ($.a = "1" || $.a != "1") || $.a NOT EXISTS || $.b = "x*" }'),
    "distribution": (
        '{ $.a = "1" && ($.b = "1" || $.c = "1") }',
        '{ ($.a = "1" && $.b = "1") || ($.a = "1" && $.c = "1") }',
    ),
    "a bound": ("{ $.a > 1 }", "{ $.a >= 1 }"),
    "bounds that meet": ("{ $.a > 1 }", "{ $.a > 1 && $.a < 5 || $.a = 5 || $.a > 5 }"),
    "a number and its text": ("{ $.a = 400 }", '{ $.a = "400" }'),
    "a field below": ("{ $.a.b IS NULL }", '{ $.a.b IS NULL && $.a != "x" || $.a.b IS NULL }'),
    "no object in a string": ('{ $.a = "x" }', '{ $.a = "x" && $.a.b NOT EXISTS }'),
    "no object in an array": ("{ $.a[0] IS NULL }", "{ $.a[0] IS NULL && $.a.b NOT EXISTS }"),
    "a second element without a first": ("{ $.a[1] IS NULL && $.a[0] NOT EXISTS }", '{ $.b = "z" }'),
    "elements": ('{ $.a[*] = "x" }', '{ $.a[*] = "x*" }'),
    "nothing before": ('{ $.a = "x" && $.a = "y" }', '{ $.b = "z" }'),
    "nothing before, of numbers": ("{ $.a > 5 && $.a < 5 }", '{ $.b = "z" }'),
    "the same regular expression": ("{ $.a = %^x{1, 2}$% }", '{ $.b = 1 || $.a = %^x{1,2}$% && $.a != "y" }'),
    "the same text that is no JSON pattern": ("ERROR", "ERROR"),
}
UNDECIDED = {
    "regular expressions": ("{ $.a = %^Del[ae]te% }", "{ $.a = %^Del[aeiou]te% }", "regular expressions differ"),
    "an element and its place": ('{ $.a[0] = "x" }', '{ $.a[*] = "x" }', "parts of one another"),
    "a text that is no JSON pattern": ("ERROR", '{ $.a = "x" }', "not a JSON filter pattern"),
    "a text that becomes none": ('{ $.a = "x" }', "[a, b]", "not a JSON filter pattern"),
    "an array too long to build": ("{ $.a[2000] IS NULL }", "{ $.a[2001] IS NULL }", "no value of $.a[2000]"),
    "words within": (
        " || ".join(f'$.a = "*{letter}?*{letter}!*"' for letter in "abcdefghijk").join(("{", "}")),
        '{ $.a = "*?*!*" }',
        "too many combinations",
    ),
}


# R-INT-2
@pytest.mark.parametrize("name", NARROWINGS)
def test_a_narrowing_is_shown_by_a_record(name: str) -> None:
    before, after, fields = NARROWINGS[name]
    found = loss(before, after)
    assert found is not None
    assert found.record is not None, found.sentence
    assert FilterPattern.parse(before).matches(found.record)
    assert not FilterPattern.parse(after).matches(found.record)
    assert found.sentence.isprintable()
    if fields is not None:
        assert found.sentence == f"no longer counts a record with {fields}"


# R-INT-2
@pytest.mark.parametrize("name", COVERED)
def test_a_widening_loses_nothing(name: str) -> None:
    assert loss(*COVERED[name]) is None


# R-INT-2: unknown is a risk
@pytest.mark.parametrize("name", UNDECIDED)
def test_what_is_undecided_counts_as_lost_and_says_why(name: str) -> None:
    before, after, reason = UNDECIDED[name]
    found = loss(before, after)
    assert found is not None
    assert found.record is None
    assert found.sentence.startswith("can't be shown to count all it did: ")
    assert reason in found.sentence
    assert found.sentence.isprintable()


# R-INT-2
def test_a_record_is_nested_as_cloudtrail_writes_it() -> None:
    before = '{ $.userIdentity.type = "Root" && $.resources[*].type = "AWS::S3::Bucket" && $.tags[1].key = "x" }'
    found = loss(before, '{ $.userIdentity.type = "IAMUser" }')
    assert found is not None
    assert found.record == {
        "userIdentity": {"type": "Root"},
        "resources": [{"type": "AWS::S3::Bucket"}],
        "tags": [{}, {"key": "x"}],
    }


# R-INT-2
def test_a_sentence_names_what_changed_first_and_stays_short() -> None:
    fields = " && ".join(f'$.f{number} = "{"x" * 90}"' for number in range(9))
    found = loss(f"{{ {fields} }}", f'{{ {fields} && $.errorCode = "none" }}')
    assert found is not None
    assert found.sentence.startswith('no longer counts a record with no errorCode, f0 = "xxx')
    assert found.sentence.endswith("xx… and 6 more fields")


# R-INT-2
def test_the_search_ends_and_then_it_is_undecided() -> None:
    before = " && ".join(f"($.x{number} = 1 || $.y{number} = 1)" for number in range(20))
    after = " || ".join(f"$.x{number} = 1 && $.y{number} = 1" for number in range(20))
    pair = (f"{{ {before} }}", f"{{ {after} }}")
    assert isinstance(getattr(loss(*pair), "record", None), dict)
    stopped = loss(*pair, max_steps=20)
    assert stopped is not None
    assert stopped.record is None
    assert "too many combinations" in stopped.sentence


def variants(node: Node) -> Iterator[tuple[Node, bool]]:
    """A tree with one condition gone, and whether that leaves a wider one: each in its turn."""
    if not isinstance(node, And | Or):
        return
    kind = type(node)
    for place, term in enumerate(node.terms):
        rest = (*node.terms[:place], *node.terms[place + 1 :])
        yield rest[0] if len(rest) == 1 else kind(rest), kind is And
        for changed, is_wider in variants(term):
            yield kind((*node.terms[:place], changed, *node.terms[place + 1 :])), is_wider


# R-INT-2
@pytest.mark.parametrize("id_", SHIPPED)
def test_a_shipped_pattern_covers_itself_in_any_spelling(id_: str) -> None:
    pattern = SHIPPED[id_]
    assert loss(pattern, pattern) is None
    assert loss(pattern.text, pattern.text.replace(" && ", "&&").replace(" || ", "||")) is None


# R-INT-2
@pytest.mark.parametrize("id_", SHIPPED)
def test_of_a_shipped_pattern_each_condition_gone_is_seen(id_: str) -> None:
    pattern = SHIPPED[id_]
    tried = 0
    for tree, is_wider in variants(pattern.root):
        if not within_limits(tree):
            continue
        changed = FilterPattern.from_tree(tree)
        wide, narrow = (changed, pattern) if is_wider else (pattern, changed)
        assert loss(narrow, wide) is None
        found = loss(wide, narrow)
        assert found is not None
        assert found.record is not None, found.sentence
        assert wide.matches(found.record)
        assert not narrow.matches(found.record)
        tried += 1
    assert tried or not isinstance(pattern.root, And | Or)


RELATED = st.sampled_from(
    [
        lambda one, other: (one, other),
        lambda one, other: (one, And((one, other))),
        lambda one, other: (Or((one, other)), one),
        lambda one, other: (And((one, other)), Or((other, one))),
    ]
)


# R-INT-2
@PATIENT
@given(NODES, NODES, RELATED, st.lists(EVENTS, min_size=1, max_size=8))
def test_what_loses_nothing_loses_no_event_and_a_loss_is_one(
    one: Node, other: Node, related: Any, events: list[dict[str, Any]]
) -> None:
    trees = related(one, other)
    assume(all(map(within_limits, trees)))
    before, after = map(FilterPattern.from_tree, trees)
    found = loss(before, after)
    if found is None:
        assert not any(before.matches(event) and not after.matches(event) for event in events)
    elif found.record is not None:
        assert before.matches(found.record)
        assert not after.matches(found.record)


# R-INT-2
@PATIENT
@given(NODES, NODES)
def test_more_alternatives_and_fewer_conditions_never_count_as_lost(one: Node, other: Node) -> None:
    either, both = Or((one, other)), And((one, other))
    assume(within_limits(either))
    pattern = FilterPattern.from_tree(one)
    assert loss(pattern, FilterPattern.from_tree(either)) is None
    assert loss(FilterPattern.from_tree(both), pattern) is None
