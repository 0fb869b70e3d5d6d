"""Which queries are Logs Insights queries, and where the others go wrong (R-QRY-1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.sandbox.logs_insights import QueryFault, parse
from cloudtrail_monitoring.sandbox.logs_insights.reading import MAX_RESULTS
from cloudtrail_monitoring.sandbox.logs_insights.syntax import MAX_CHARACTERS, MAX_NESTING
from tests.detections.language.trees import PATIENT

# Each says something that AWS's pages of the commands and functions say may be said.
DOCUMENTED = [
    "fields @timestamp, eventName",
    "fields `foo-bar`, action, abs(f3 - f4)",
    "fields concat(Operation, '-', StatusCode) as opStatus",
    "filter (duration>2000)",
    "where @message like /error/",
    "fields f1 | filter f1=10 or f3>25",
    "fields f1 | filter statusCode like /2\\d\\d/",
    "fields f1 | filter statusCode not like /2\\d\\d/",
    "filter statusCode in [300,400,500]",
    'filter Type not in ["foo","bar",1]',
    'filter f1 like "Exception" and f2 =~ /(?i)exception/',
    "filter not (a = 1 and not b = 2) or c != 'x'",
    "filter toMillis(@timestamp) >= (now() * 1000 - 7200000)",
    "filter isPresent(a) and isIpInSubnet(sourceIPAddress, '192.0.2.0/24')",
    "stats avg (f1) by f2",
    "stats count(*) as exceptionCount by bin(1h) | sort exceptionCount desc",
    "stats max(a) - min(a) as span, pct(a, 95), count_distinct(b) by bin(30s), c as kind",
    "stats count() by a | filter `count()` > 2 | stats sum(`count()`)",
    "sort @timestamp desc | limit 25 | display f1, f2",
    "fields a | sort b asc, c desc | dedup a, b | limit 1",
    'parse @message "[*] * The error was: *" as level, config, exception',
    "parse @message /user=(?<user2>.*?), method:(?<method2>.*?)$/ | stats count(*) by user2",
    "fields @timestamp\n    # | filter @message like /delay/\n    | limit 20",
    "filter order = 1 and android = 2 and notable = 3 and as1 = 4",
    "fields datefloor(@timestamp, 15mins)",
    "filter a - 1 = -2 and b ^ 2 % 3 < 4 / 5 + 6",
]


@pytest.mark.parametrize("query", DOCUMENTED)
def test_what_aws_documents_is_understood(query: str) -> None:
    assert parse(query)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("", "character 1: found the end"),
        ("limit many", 'character 7: found "many", expected a number'),
        ("fields a |", "character 11: found the end"),
        ("fields a,", "character 10: found the end"),
        ("filter a = 1 b", 'character 14: found "b", expected "and" or "or"'),
        (
            "filter a like",
            "character 14: found the end, expected a regular expression in slashes or a string in quotes",
        ),
        ("filter a like x", 'character 15: found "x"'),
        ("filter a =~ 'x'", "character 13"),
        ("filter a in (1)", 'character 13: found "("'),
        ('fields "x', 'character 8: found """'),
        ("fields a asb", 'character 10: found "asb"'),
        ("Fields a", 'character 1: found "Fields"'),
        ("pattern @message", 'character 1: found "pattern"'),
        ("fields foo(a)", "character 8: foo is no function that is known here"),
        ("fields abs(a, b)", "character 8: abs takes 1 arguments, not 2"),
        ("fields concat()", "character 8: concat takes from 1 arguments, not 0"),
        ("fields bin(a)", "character 8: bin takes a period such as 5m"),
        ("fields abs(5m)", "character 8: abs takes no period"),
        ("fields bin(5x)", 'character 12: "x" is no unit of time'),
        ("fields bin(61m)", "character 12: a period has from 1 to 60 m"),
        ("fields bin(0s)", "character 12: a period has from 1 to 60 s"),
        ("filter a like /(/", "character 15: not a regular expression"),
        ("parse a '* *' as b", "character 1: parse has 2 asterisks and 1 names"),
        ("parse a /b/", "character 1: parse needs a named group"),
        ("filter count(*) > 1", "filter takes no function of stats"),
        ("fields sum(a)", "fields takes no function of stats: sum(a)"),
        ("stats a by b", "stats shows figures of a group: a is none"),
        ("stats sum(count(*))", "sum of a figure of stats"),
        ("stats sum(*)", "only count takes *"),
        ("stats count(*) by sum(a)", "by takes no function of stats"),
        ("dedup a | sort b", "after dedup stands limit only"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_its_place(query: str, fault: str) -> None:
    with pytest.raises(QueryFault) as raised:
        parse(query)
    assert str(raised.value).startswith(fault) or fault in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("query", ["filter a = {}", "limit {}", "fields bin({}m)", "sort a, {} desc"])
def test_a_number_longer_than_any_is_a_fault_and_no_crash(query: str) -> None:
    with pytest.raises(QueryFault) as raised:
        parse(query.format("9" * 5000))
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(("limit", "taken"), [(0, False), (1, True), (MAX_RESULTS, True), (MAX_RESULTS + 1, False)])
def test_a_limit_has_bounds(limit: int, taken: bool) -> None:
    query = f"fields a | limit {limit}"
    if taken:
        assert parse(query)
    else:
        with pytest.raises(QueryFault, match="character 18: limit is from 1 to 10,000"):
            parse(query)


def test_a_query_has_10_000_characters_at_most() -> None:
    query = "fields " + "a" * (MAX_CHARACTERS - 7)
    assert parse(query)
    with pytest.raises(QueryFault, match="10,001 characters, and 10,000 is the limit"):
        parse(query + "a")


@pytest.mark.parametrize("opening", ["(", "concat(", "1-(2*(-", "not (a and "])
def test_brackets_nest_so_deep_and_no_deeper(opening: str) -> None:
    brackets = opening.count("(")
    deepest = MAX_NESTING // brackets
    assert parse(f"filter {opening * deepest}a{')' * brackets * deepest}")
    for times in (deepest + 1, 500):
        with pytest.raises(QueryFault, match=f"nested more than {MAX_NESTING} deep"):
            parse(f"filter {opening * times}a{')' * brackets * times}")


@PATIENT
@given(st.lists(st.sampled_from([*" |,()[]`'\"/#=~!<*-.5", "fields", "filter", " a ", "like", "not", "in", "by"])))
def test_no_text_ends_in_anything_but_a_query_or_a_fault(pieces: list[str]) -> None:
    try:
        outcome = str(parse("fields " + "".join(pieces)))
    except QueryFault as fault:
        outcome = str(fault)
    assert outcome
    assert "\n" not in outcome
