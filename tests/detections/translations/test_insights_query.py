"""What each clause of a filter pattern becomes in Logs Insights, how texts are quoted, and what is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import (
    Comparison,
    FilterPattern,
    Operator,
    Selector,
    Text,
)
from cloudtrail_monitoring.detections.translations.insights_query import (
    FIELDS,
    MAX_CHARACTERS,
    MAX_RESULTS,
    NotExpressible,
    insights_filter,
    insights_query,
)
from tests.detections.language.trees import PATIENT


def translated(clause: str) -> str:
    return insights_filter(FilterPattern.parse(f"{{ {clause} }}"))


def of_text(text: str, operator: Operator = Operator.EQUAL) -> str:
    return insights_filter(FilterPattern.from_tree(Comparison(Selector.of("a"), operator, Text(text))))


# R-QRY
@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ('$.a = "x"', 'a = "x"'),
        ('$.a = ""', 'a = ""'),
        ('$.a != "x"', '(ispresent(a) and a != "x")'),
        ('$.a = "x*"', "a like /^x/"),
        ('$.a = "*x"', "a like /x$/"),
        ('$.a = "*x*"', "a like /x/"),
        ('$.a = "x*y"', "a like /^x.*y$/"),
        ('$.a = "x**y"', "a like /^x.*y$/"),
        ('$.a = "*"', "a like /.*/"),
        ('$.a != "x*"', "(ispresent(a) and a not like /^x/)"),
        ("$.a = %^x|y$%", "a like /^x|y$/"),
        ("$.a != %x%", "(ispresent(a) and a not like /x/)"),
        ("$.a = %x{2, 5}y{,3}%", "a like /x{2,5}y{0,3}/"),
        ("$.a = 400", '(a = "400" or a = 400)'),
        ('$.a = "400"', '(a = "400" or a = 400)'),
        ("$.a = 0400", '(a = "0400" or a = 400)'),
        ('$.a = "0400"', 'a = "0400"'),
        ("$.a != 400", '(ispresent(a) and a != "400" and a != 400)'),
        ("$.a > 4.5", "a > 4.5"),
        ("$.a <= -3", "a <= -3"),
        ("$.a < 1e-7", "a < 0.0000001"),
        ("$.a >= 1e20", "a >= 100000000000000000000"),
        ("$.a IS TRUE", "a = 1"),
        ("$.a IS FALSE", "a = 0"),
        ("$.a NOT EXISTS", "not ispresent(a)"),
    ],
)
def test_a_clause_becomes_one_condition(clause: str, expected: str) -> None:
    assert translated(clause) == expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ('$.a = "x" && $.b = "y"', 'a = "x" and b = "y"'),
        ('$.a = "x" || $.b = "y"', 'a = "x" or b = "y"'),
        ('$.a = "x" && ($.b = "y" || $.c = "z")', 'a = "x" and (b = "y" or c = "z")'),
        ('$.a = "x" && $.b = "y" || $.c = "z"', '(a = "x" and b = "y") or c = "z"'),
        ('$.a = "x" || $.a = "y" || $.a = "x"', 'a in ["x", "y"]'),
        ('$.b = "p" && ($.a = "x" || $.a = "y")', 'b = "p" and a in ["x", "y"]'),
        ('$.a != "x" && $.a != "y"', '(ispresent(a) and a not in ["x", "y"])'),
        ('$.a = "x" && $.a = "y"', 'a = "x" and a = "y"'),
        ('$.a != "x" || $.a != "y"', '(ispresent(a) and a != "x") or (ispresent(a) and a != "y")'),
        ('$.a = "x" || $.a = 4 || $.a = "y*"', 'a = "x" or (a = "4" or a = 4) or a like /^y/'),
    ],
)
def test_and_and_or_keep_their_grouping(clause: str, expected: str) -> None:
    assert translated(clause) == expected


@pytest.mark.parametrize(
    ("selector", "field"),
    [
        ("$.userIdentity.type", "userIdentity.type"),
        ("$.resources[0].ARN", "resources.0.ARN"),
        ("$.a_b-c.d", "`a_b-c.d`"),
        ("$.['a b']", "`a b`"),
        ("$.['a\"b']", '`a"b`'),
        ("$.['@message']", "@@message"),
    ],
)
def test_a_field_is_named_as_insights_discovers_it(selector: str, field: str) -> None:
    assert translated(f'{selector} = "x"') == f'{field} = "x"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('say "x"', r"a like /^say \x{22}x\x{22}$/"),
        ("back\\slash", r"a like /^back\x{5c}slash$/"),
        ("it's", 'a = "it\'s"'),
        ("it's*", r"a like /^it\x{27}s/"),
        ("a`b*", r"a like /^a\x{60}b/"),
        ("100%_", 'a = "100%_"'),
        ("a/b*", r"a like /^a\/b/"),
        ("a#b*", r"a like /^a\x{23}b/"),
        ("(a+b)[c]{1}|^$.?*", r"a like /^\(a\+b\)\[c\]\{1\}\|\^\$\.\?/"),
        ("a\nb\t\x00", r"a like /^a\x{a}b\x{9}\x{0}$/"),
        ("a\x7f\u2028\u202eb", r"a like /^a\x{7f}\x{2028}\x{202e}b$/"),
        ('x" or 1 = 1 | limit 0', r"a like /^x\x{22} or 1 = 1 \| limit 0$/"),
        ("Grüße", 'a = "Grüße"'),
    ],
)
def test_a_text_stays_within_its_quotes(text: str, expected: str) -> None:
    assert of_text(text) == expected


@PATIENT
@given(st.text(max_size=20), st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]))
def test_no_text_ends_its_quotes_or_its_line(text: str, operator: Operator) -> None:
    quoted = r'"[^"\\]*"|/(?:[^/\\]|\\.)+/|-?[0-9.]+'
    condition = of_text(text, operator)
    assert condition.isprintable()
    assert re.fullmatch(r"[a-z()!= ]*", re.sub(quoted, "", condition)) is not None


@PATIENT
@given(st.text('ab*."\\/#+(\n', max_size=6), st.text('ab."\\/#+(\n', max_size=6))
def test_a_regular_expression_made_of_a_text_finds_what_the_filter_finds(wanted: str, value: str) -> None:
    condition = of_text(wanted)
    if not condition.startswith("a like /"):
        return
    expression = condition.removeprefix("a like /").removesuffix("/").replace("$", r"\Z")
    expression = re.sub(r"\\x\{([0-9a-f]+)\}", lambda code: re.escape(chr(int(code[1], 16))), expression)
    pattern = FilterPattern.from_tree(Comparison(Selector.of("a"), Operator.EQUAL, Text(wanted)))
    assert (re.search(expression, value, re.DOTALL) is not None) is pattern.matches({"a": value})


def test_slashes_and_comment_signs_of_a_regular_expression_are_escaped() -> None:
    assert translated("$.a = %^a/b#[#/]%") == r"a like /^a\/b\x{23}[\x{23}\/]/"


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        ("$.a IS NULL", "no word for null"),
        ('$.a[*] = "x"', 'no "any element"'),
        ('$.a.* = "x"', 'no "any element" and no "any field"'),
        ("$.a[*] NOT EXISTS", 'no "any element"'),
        ("$.userIdentity NOT EXISTS", "the values in an object only"),
        ("$.requestParameters NOT EXISTS", "the values in an object only"),
        ("$.resources[0] NOT EXISTS", "the values in an object only"),
        ("$.['a.b'] = \"x\"", 'field name such as "a.b"'),
        ("$.['a`b'] = \"x\"", 'field name such as "a`b"'),
    ],
)
def test_what_insights_cannot_say_is_refused_with_clause_and_reason(clause: str, reason: str) -> None:
    with pytest.raises(NotExpressible) as refused:
        translated(f'$.b = "y" && ({clause} || $.c = "z")')
    assert refused.value.clause == clause
    assert reason in refused.value.reason


def test_a_query_shows_the_newest_events_first_with_what_an_investigation_starts_with() -> None:
    query = insights_query(FilterPattern.parse('{ $.a = "x" }'))
    assert query.splitlines() == [
        f"fields {', '.join(FIELDS)}",
        '| filter a = "x"',
        "| sort @timestamp desc",
        "| limit 100",
    ]


@pytest.mark.parametrize("limit", [1, MAX_RESULTS])
def test_a_limit_within_its_bounds_is_taken(limit: int) -> None:
    assert insights_query(FilterPattern.parse('{ $.a = "x" }'), limit=limit).endswith(f"| limit {limit}")


@pytest.mark.parametrize("limit", [0, -1, MAX_RESULTS + 1])
def test_a_limit_out_of_bounds_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="limit is from 1 to 10,000"):
        insights_query(FilterPattern.parse('{ $.a = "x" }'), limit=limit)


def test_a_query_without_fields_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one field"):
        insights_query(FilterPattern.parse('{ $.a = "x" }'), fields=[])


def test_the_longest_query_is_taken_and_one_character_more_is_not() -> None:
    pattern = FilterPattern.parse('{ $.a = "x" }')
    padding = MAX_CHARACTERS - len(insights_query(pattern, fields=["f"]))
    assert len(insights_query(pattern, fields=["f" * (padding + 1)])) == MAX_CHARACTERS
    with pytest.raises(NotExpressible, match="10,001 characters, and 10,000 is the limit"):
        insights_query(pattern, fields=["f" * (padding + 2)])
