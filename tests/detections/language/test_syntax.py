"""What is a JSON filter pattern and what is not: every refusal names the character, what is there and what belongs."""

import pickle

import pytest

from cloudtrail_monitoring.detections.language.filter_pattern import (
    And,
    Comparison,
    Field,
    FilterPattern,
    Index,
    IsNull,
    NotExists,
    Number,
    Operator,
    Or,
    PatternSyntaxError,
    PatternTreeError,
    Regex,
    RegexSyntaxError,
    Selector,
    Text,
)
from cloudtrail_monitoring.detections.language.tree import AnyElement, AnyField

A, B, C = (NotExists(Selector.of(name)) for name in "abc")


def error_of(text: str) -> PatternSyntaxError:
    with pytest.raises(PatternSyntaxError) as caught:
        FilterPattern.parse(text)
    return caught.value


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
# https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_logs.FilterPattern.html (backslashes)
@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("{ $.a NOT EXISTS }", A),
        ("  {$.a   NOT\n\tEXISTS}\n", A),
        ("{$.a NOT EXISTS&&$.b NOT EXISTS||$.c NOT EXISTS}", Or((And((A, B)), C))),
        ("{($.a NOT EXISTS && $.b NOT EXISTS) && $.c NOT EXISTS}", And((A, B, C))),
        ("{$.a=-1}", Comparison(Selector.of("a"), Operator.EQUAL, Number("-1"))),
        ("{$.a>=+1.5E-3}", Comparison(Selector.of("a"), Operator.GREATER_OR_EQUAL, Number("+1.5E-3"))),
        ("{$.a-b_1!=1.2.3}", Comparison(Selector.of("a-b_1"), Operator.NOT_EQUAL, Text("1.2.3"))),
        (r'{$.a="say \"hi\" \\ now"}', Comparison(Selector.of("a"), Operator.EQUAL, Text('say "hi" \\ now'))),
        ("{$.a = IS}", Comparison(Selector.of("a"), Operator.EQUAL, Text("IS"))),
        ("{$.a = %[}].b|x%}", Comparison(Selector.of("a"), Operator.EQUAL, Regex("[}].b|x"))),
        ('{$.a = "}) && %"}', Comparison(Selector.of("a"), Operator.EQUAL, Text("}) && %"))),
        ("{$.NOT IS NULL}", IsNull(Selector.of("NOT"))),
        ("{$.['a b'].c[0] IS NULL}", IsNull(Selector((Field("a b"), Field("c"), Index(0))))),
        ("{$.*.c IS NULL}", IsNull(Selector((AnyField(), Field("c"))))),
        ("{$.a[*][1] IS NULL}", IsNull(Selector((Field("a"), AnyElement(), Index(1))))),
    ],
)
def test_text_becomes_this_tree(text: str, root: object) -> None:
    assert FilterPattern.parse(text).root == root


# What is refused is none of what AWS documents; the wording is ours.
@pytest.mark.parametrize(
    ("text", "position", "found", "expected"),
    [
        ("ERROR", 0, '"ERROR"', "JSON filter pattern in braces"),
        ("[ip, user]", 0, '"[ip,"', "JSON filter pattern in braces"),
        ("", 0, "the end", "JSON filter pattern in braces"),
        ("{}", 1, '"}"', "a selector"),
        ("{ $.a = 1", 9, "the end", '"}"'),
        ("{ $.a = 1 } x", 12, '"x"', "nothing after"),
        ("{ ($.a = 1 }", 11, '"}"', '")"'),
        ("{ $.a = 1 ) }", 10, '")"', '"}"'),
        ("{ $.a = 1 && }", 13, '"}"', "a selector"),
        ("{ a = 1 }", 2, '"a"', "a selector"),
        ("{ $.a }", 6, '"}"', "one of = != < > <= >="),
        ("{ $.a = }", 8, '"}"', "a string, a number"),
        ("{ $.a = $.b }", 8, '"$.b"', "a string, a number"),
        ('{ $.a = "x }', 12, "the end", 'closing " for character 9'),
        ("{ $.a = %x }", 12, "the end", "closing % for character 9"),
        ('{ $.a > "x" }', 8, '"x"', "a number after >"),
        ("{ $.a < 1* }", 8, '"1*"', "a number after <"),
        ("{ $.a = 1e999 }", 8, '"1e999"', "a smaller number"),
        (r'{ $.a = "x\d" }', 10, r'"\d"', r"\\ for a backslash"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, position: int, found: str, expected: str) -> None:
    error = error_of(text)
    assert (error.position, error.found) == (position, found)
    assert expected in error.expected
    assert str(error) == f"filter pattern, character {position + 1}: found {found}, expected {error.expected}"


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html (no EXISTS, no IS NOT)
# Other languages' ways, and keywords in small letters: AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("text", "found", "instead"),
    [
        ("{ $.a == 1 }", '"=="', "a single ="),
        ("{ $.a <> 1 }", '"<>"', "!="),
        ("{ $.a = 1 and $.b = 1 }", '"and"', "&&"),
        ("{ $.a = 1 OR $.b = 1 }", '"OR"', "||"),
        ("{ $.a = 1 & $.b = 1 }", '"&"', "&&"),
        ("{ $.a EXISTS }", '"EXISTS"', '= "*"'),
        ("{ $.a IS NOT NULL }", '"NOT"', "no IS NOT"),
        ("{ $.a is null }", '"is"', "capitals"),
        ("{ $.a IS null }", '"null"', "capitals"),
        ("{ $.a not exists }", '"not"', "capitals"),
        ("{ NOT ($.a = 1) }", '"NOT"', "can't be negated"),
        ("{ !($.a = 1) }", '"!"', "can't be negated"),
        ("{ $.a = 'x' }", '"\'"', "double quotes"),
    ],
)
def test_a_usual_slip_is_answered_with_what_to_write(text: str, found: str, instead: str) -> None:
    error = error_of(text)
    assert error.found == found
    assert instead in error.expected


# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#matching-json-terms-using-metric-filters
@pytest.mark.parametrize(
    ("value", "at"), [("us-east-1", 2), ("arn:aws:iam", 3), ("/users/*", 0), ("a@b", 1), ("a%b", 1), ("größe", 2)]
)
def test_an_unquoted_string_has_plain_characters_only(value: str, at: int) -> None:
    error = error_of(f"{{ $.a = {value} }}")
    assert (error.position, error.found) == (8 + at, f'"{value[at]}"')
    assert "double quotes" in error.expected
    assert FilterPattern.parse(f'{{ $.a = "{value}" }}')


# https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/1487b9496d8366bf7039a1efbeeb3a0702b42c50/doc_source/FilterAndPatternSyntax.md#matching-json-terms-using-metric-filters
# $ alone, $[0] and quotes in names: AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("selector", "at"),
    [
        ("$", 1),
        ("$a", 1),
        ("$[0]", 1),
        ("$[*].a", 1),
        ("$..a", 2),
        ("$.a.", 4),
        ("$.a[-1]", 4),
        ("$.a[x]", 4),
        ("$.a[0", 4),
        ("$.a['b']", 4),
        ("$.['']", 2),
        ("$.['a", 2),
        ("$.a@b", 3),
        ("$.é", 2),
        ("$.a*", 3),
        ("$.*x", 3),
    ],
)
def test_a_selector_is_refused_where_it_goes_wrong(selector: str, at: int) -> None:
    assert error_of(f"{{ {selector} = 1 }}").position == 2 + at


# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
def test_a_pattern_has_at_most_1024_characters() -> None:
    fits = '{ $.a = "' + "x" * (1024 - 12) + '" }'
    assert len(FilterPattern.parse(fits).text) == 1024
    error = error_of(fits + " ")
    assert (error.position, error.found) == (1024, "1,025 characters")
    assert "API_PutMetricFilter" in error.expected


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html (Quotas)
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
@pytest.mark.parametrize(
    ("fits", "exceeds", "position", "limit"),
    [
        ("$.a = %x% || $.b != %y%", "$.a = %x% || $.b = %y% || $.c = %z%", 34, "2 regular expressions"),
        ("$.a[*].b = 1", "$.a[*].b[*] = 1", 10, "1 wildcard in a selector"),
        ("$.* = 1 && $.a[*] = 1 && $.b.* = 1", "$.* = 1 && $.a[*] = 1 && $.b.* = 1 && $.* = 1", 40, "3 wildcard"),
    ],
)
def test_aws_quotas_hold(fits: str, exceeds: str, position: int, limit: str) -> None:
    assert FilterPattern.parse(f"{{ {fits} }}")
    error = error_of(f"{{ {exceeds} }}")
    assert error.position == position
    assert limit in error.expected
    assert "FilterAndPatternSyntax" in error.expected


# AWS is silent: chosen, see docs/filter-patterns.md
def test_parentheses_nest_to_a_bound() -> None:
    assert FilterPattern.parse("{" + "(" * 64 + "$.a = 1" + ")" * 64 + "}")
    assert error_of("{" + "(" * 65 + "$.a = 1" + ")" * 65 + "}").position == 65


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
# a+?, empty alternatives, great counts: AWS is silent: chosen, see docs/filter-patterns.md
@pytest.mark.parametrize(
    ("expression", "offset"),
    [
        ("", 0),
        ("a!b", 1),
        ("(a)", 0),
        ("a b&", 3),
        ("é", 0),
        ("|a", 0),
        ("a|", 2),
        ("a||b", 2),
        ("*a", 0),
        ("^*", 1),
        ("a+?", 2),
        ("a{3,2}", 1),
        ("a{,}", 1),
        ("a{1001}", 1),
        ("a{x}", 1),
        ("a}", 1),
        ("a]", 1),
        ("[]", 1),
        ("[^]", 2),
        ("[a", 2),
        ("[z-a]", 1),
        ("[\\d-z]", 1),
        ("[[a]]", 1),
        ("[(]", 1),
        (r"\b", 0),
        (r"\1", 0),
        (r"\(", 0),
        (r"\x8F", 0),
        ("a\\", 1),
    ],
)
def test_a_regular_expression_aws_would_refuse_is_refused(expression: str, offset: int) -> None:
    with pytest.raises(RegexSyntaxError) as caught:
        Regex(expression)
    assert caught.value.offset == offset
    assert f"character {offset + 1}" in str(caught.value)
    assert error_of(f"{{ $.a = %{expression}% }}").position == 9 + offset


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html (\xhh)
def test_an_unsupported_character_is_offered_in_hexadecimal() -> None:
    assert r"\x28" in error_of("{ $.a = %f(x)% }").expected


# our own API: nothing of AWS's
def test_the_caret_stands_below_the_fault() -> None:
    assert error_of("{ $.a ==\n1 }").caret == "{ $.a == 1 }\n      ^"


# our own API: nothing of AWS's
def test_the_caret_finds_its_place_in_a_long_pattern() -> None:
    text = "{ " + "$.eventName = CreateUser || " * 20 + "$.eventName == DeleteUser || $.eventName = CreateRole }"
    line, caret = error_of(text).caret.splitlines()
    assert len(line) <= 76
    assert line[caret.index("^") :].startswith("== DeleteUser")


# our own API: nothing of AWS's
def test_an_error_is_one_line_even_about_a_line_break() -> None:
    assert str(error_of("{ $\n.a = 1 }")).startswith('filter pattern, character 4: found " ", expected')


# our own API: nothing of AWS's
def test_an_error_survives_pickling() -> None:
    error = error_of("{ $.a == 1 }")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


# our own API: a tree that no text can say can't be built
@pytest.mark.parametrize(
    "build",
    [
        lambda: Selector(()),
        lambda: Selector((Index(0),)),
        lambda: Selector((AnyField(), AnyField())),
        lambda: Field(""),
        lambda: Field("it's"),
        lambda: Index(-1),
        lambda: Number("0x10"),
        lambda: Number("1e999"),
        lambda: And((A,)),
        lambda: Or(()),
        lambda: Comparison(Selector.of("a"), Operator.LESS, Text("x")),
    ],
)
def test_a_tree_without_a_text_is_refused(build: object) -> None:
    assert callable(build)
    with pytest.raises(PatternTreeError):
        build()


# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
def test_a_tree_beyond_the_limits_makes_no_pattern() -> None:
    terms = tuple(NotExists(Selector.of(f"field{number}")) for number in range(60))
    with pytest.raises(PatternSyntaxError, match="at most 1,024"):
        FilterPattern.from_tree(Or(terms))
