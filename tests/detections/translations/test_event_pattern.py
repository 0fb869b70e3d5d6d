"""What each clause of a filter pattern becomes in an EventBridge event pattern, and what is refused."""

import json
from typing import Any

import pytest

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.event_pattern import (
    MAX_CHARACTERS,
    MAX_COMBINATIONS,
    NotExpressible,
    event_pattern,
    for_cloudtrail,
)


def translated(clause: str) -> dict[str, Any]:
    return event_pattern(FilterPattern.parse(f"{{ {clause} }}"))


def refusal(clause: str) -> NotExpressible:
    with pytest.raises(NotExpressible) as refused:
        translated(clause)
    return refused.value


def compact(pattern: dict[str, Any]) -> str:
    return json.dumps(pattern, separators=(",", ":"))


# R-ALM-6
@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ('$.a = "x"', ["x"]),
        ('$.a = ""', [""]),
        ("$.a = true", ["true"]),
        ("$.a IS TRUE", [True]),
        ("$.a IS FALSE", [False]),
        ("$.a IS NULL", [None]),
        ("$.a NOT EXISTS", [{"exists": False}]),
        ('$.a = "x*"', [{"prefix": "x"}]),
        ('$.a = "*x"', [{"suffix": "x"}]),
        ('$.a = "*x*"', [{"wildcard": "*x*"}]),
        ('$.a = "x*y"', [{"wildcard": "x*y"}]),
        ('$.a = "x**y***"', [{"wildcard": "x*y*"}]),
        ('$.a = "x**"', [{"prefix": "x"}]),
        ('$.a != "x"', [{"anything-but": "x"}]),
        ('$.a != "x*"', [{"anything-but": {"prefix": "x"}}]),
        ('$.a != "*x"', [{"anything-but": {"suffix": "x"}}]),
        ('$.a != "x*y"', [{"anything-but": {"wildcard": "x*y"}}]),
    ],
)
def test_a_clause_becomes_one_demand(clause: str, expected: list[Any]) -> None:
    assert translated(clause) == {"a": expected}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("$.a = 400", ["400", {"numeric": ["=", 400]}]),
        ('$.a = "400"', ["400", {"numeric": ["=", 400]}]),
        ("$.a = -1.5", ["-1.5", {"numeric": ["=", -1.5]}]),
        ("$.a = 0400", ["0400", {"numeric": ["=", 400]}]),
        ('$.a = "0400"', ["0400"]),  # no number has this text
        ("$.a = 0.000001", ["0.000001", {"numeric": ["=", 1e-06]}]),
        ("$.a = 0.0000001", ["0.0000001"]),
        ("$.a = 5000000000", ["5000000000", {"numeric": ["=", 5000000000]}]),
        ("$.a = 5000000001", ["5000000001"]),
        ("$.a = 012345678901", ["012345678901"]),
        ("$.a != 012345678901", [{"anything-but": "012345678901"}]),
        ('$.a != "0400"', [{"anything-but": "0400"}]),
    ],
)
def test_a_number_equals_its_text_as_far_as_eventbridge_compares_numbers(clause: str, expected: list[Any]) -> None:
    assert translated(clause) == {"a": expected}


@pytest.mark.parametrize(
    ("clause", "numeric"),
    [
        ("$.a < 5", ["<", 5]),
        ("$.a >= -0.5", [">=", -0.5]),
        ("$.a > 5 && $.a <= 10", [">", 5, "<=", 10]),
        ("$.a > 5 && $.a > 7 && $.a < 20 && $.a <= 20", [">", 7, "<", 20]),
        ("$.a >= 5 && $.a <= 5", ["=", 5]),
        ("$.a <= 5000000000", ["<=", 5000000000]),
        ("$.a >= -5000000000", [">=", -5000000000]),
        ('$.a > 5 && $.a != "x"', [">", 5]),
        ("$.a > 5 && $.a = 7", ["=", 7]),
    ],
)
def test_orders_become_one_range(clause: str, numeric: list[Any]) -> None:
    assert translated(clause) == {"a": [{"numeric": numeric}]}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ('$.a = "x" || $.a = "y*" || $.a IS NULL', ["x", {"prefix": "y"}, None]),
        ('$.a = "x" || $.a = "y" || $.a = "x"', ["x", "y"]),
        ('$.a NOT EXISTS || $.a != "x"', [{"exists": False}, {"anything-but": "x"}]),
        ('$.a != "x" && $.a != "y"', [{"anything-but": ["x", "y"]}]),
        ('$.a != "x*" && $.a != "y*"', [{"anything-but": {"prefix": ["x", "y"]}}]),
        ('$.a != "*x" && $.a != "*y"', [{"anything-but": {"suffix": ["x", "y"]}}]),
        ('$.a != "x*" && $.a != "y"', [{"anything-but": {"wildcard": ["x*", "y"]}}]),
        ('$.a = "x*" && $.a = "xy*"', [{"prefix": "xy"}]),
        ('$.a = "*yx" && $.a = "*x"', [{"suffix": "yx"}]),
        ('$.a = "xy" && $.a = "x*"', ["xy"]),
        ('$.a = "x*" && $.a != "y"', [{"prefix": "x"}]),
        ('($.a = "x" || $.a = "y") && $.a != "x"', ["y"]),
        ('($.a = "x" || $.a = "y") && ($.a = "y" || $.a = "z")', ["y"]),
        ('$.a = "x" && $.a = "x"', ["x"]),
    ],
)
def test_what_is_said_of_one_field_becomes_one_list(clause: str, expected: list[Any]) -> None:
    assert translated(clause) == {"a": expected}


def test_fields_of_one_object_stand_together() -> None:
    assert translated('$.u.type = "x" && $.u.s.arn = "y" && $.name = "z"') == {
        "u": {"type": ["x"], "s": {"arn": ["y"]}},
        "name": ["z"],
    }


def test_any_element_of_an_array_is_what_eventbridge_takes_an_array_for() -> None:
    assert translated('$.a[*] = "x" && $.b[*].c = "y"') == {"a": ["x"], "b": {"c": ["y"]}}


def test_an_or_within_one_array_is_met_by_any_element() -> None:
    assert translated('$.a[*].b = "x" || $.a[*].c = "y"') == {"a": {"$or": [{"b": ["x"]}, {"c": ["y"]}]}}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ('$.a = "x" || $.b = "y"', {"$or": [{"a": ["x"]}, {"b": ["y"]}]}),
        ('$.u.a = "x" || $.u.b = "y"', {"u": {"$or": [{"a": ["x"]}, {"b": ["y"]}]}}),
        ('$.u.a = "x" || $.v.b = "y"', {"$or": [{"u": {"a": ["x"]}}, {"v": {"b": ["y"]}}]}),
        ('$.u.s.a = "x" || $.u.b = "y"', {"u": {"$or": [{"s": {"a": ["x"]}}, {"b": ["y"]}]}}),
        (
            '$.n = "z" && ($.u.a = "x" || $.u.b = "y")',
            {"n": ["z"], "u": {"$or": [{"a": ["x"]}, {"b": ["y"]}]}},
        ),
        (
            '($.a = "x" && $.n = "p") || ($.b = "y" && $.m = "q")',
            {"$or": [{"a": ["x"], "n": ["p"]}, {"b": ["y"], "m": ["q"]}]},
        ),
    ],
)
def test_an_or_between_fields_stands_where_they_have_their_common_object(clause: str, expected: dict[str, Any]) -> None:
    assert translated(clause) == expected


def test_a_second_or_of_one_object_goes_further_out() -> None:
    assert translated('($.u.a = "p" || $.u.b = "q") && ($.u.c = "r" || $.u.d = "s")') == {
        "u": {"$or": [{"a": ["p"]}, {"b": ["q"]}]},
        "$or": [{"u": {"c": ["r"]}}, {"u": {"d": ["s"]}}],
    }


def test_a_second_or_of_the_outermost_object_goes_into_the_alternatives_of_the_other() -> None:
    inner = [{"a": ["p"]}, {"b": ["q"]}]
    assert translated('($.a = "p" || $.b = "q") && ($.c = "r" || $.d = "s")') == {
        "$or": [{"c": ["r"], "$or": inner}, {"d": ["s"], "$or": inner}]
    }


def test_no_alternative_repeats_a_field_of_the_object_around_it() -> None:
    assert translated('$.a != "z" && ($.a = "x" || $.b = "y")') == {
        "$or": [{"a": ["x"]}, {"a": [{"anything-but": "z"}], "b": ["y"]}]
    }


def test_two_ors_with_a_field_in_common_are_spelled_out() -> None:
    assert translated('($.a = "x" || $.b = "y") && ($.a = "z" || $.c = "w")') == {
        "$or": [{"a": ["z"], "b": ["y"]}, {"c": ["w"], "a": ["x"]}, {"c": ["w"], "b": ["y"]}]
    }


def test_what_all_alternatives_demand_stands_in_front() -> None:
    assert translated('($.a = "x" && $.b = "y") || ($.a = "x" && $.b = "z")') == {"a": ["x"], "b": ["y", "z"]}


def test_an_alternative_that_another_one_contains_is_dropped() -> None:
    assert translated('$.a = "x" && ($.b = "y" || $.c = "z") || $.a = "x"') == {"a": ["x"]}


def test_an_alternative_that_nothing_can_match_is_dropped() -> None:
    assert translated('($.a = "x" && $.a = "y") || $.b = "z"') == {"b": ["z"]}


def test_a_backslash_is_escaped_in_wildcards_only() -> None:
    assert translated(r'$.a = "x\\*y"') == {"a": [{"wildcard": "x\\\\*y"}]}
    assert translated(r'$.a = "x\\*"') == {"a": [{"prefix": "x\\"}]}
    assert translated(r'$.a = "x\\"') == {"a": ["x\\"]}


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        ("$.a = %x%", "no regular expressions"),
        ("$.a != %x%", "no regular expressions"),
        ('$.a[0] = "x"', "no index into arrays"),
        ('$.a.* = "x"', 'no ".*"'),
        ('$.* = "x"', 'no ".*"'),
        ("$.a[*] NOT EXISTS", "doesn't look into arrays"),
        ("$.userIdentity NOT EXISTS", "sees no objects"),
        ("$.requestParameters NOT EXISTS", "sees no objects"),
        ("$.resources NOT EXISTS", "sees no objects"),
        ("$.['a.b'] = \"x\"", 'field name such as "a.b"'),
        ("$.['$or'] = \"x\"", 'field name such as "$or"'),
        ("$.a != 400", "strings or numbers"),
        ('$.a != "400"', "strings or numbers"),
        ('$.a = "4*"', "fits numbers too"),
        ('$.a != "10.*"', "fits numbers too"),
        ('$.a = "*"', "fits numbers too"),
        ("$.a > 5000000001", "±5,000,000,000"),
        ("$.a < -5000000001", "±5,000,000,000"),
        ("$.a > 0.0000001", "6 decimal places"),
        ('$.a = "x*" && $.a = "*y"', 'no "and" for the texts "x*" and "*y"'),
        ('$.a = "x*" && $.a != "xy"', 'no "and" for = "x*" and != "xy"'),
        ('$.a = "x" && $.a.b = "y"', "can't be a value and an object"),
        ('$.a[*].b = "x" && $.a[*].c = "y"', "met by the same element"),
        ('$.a[*] = "x" && $.a[*] = "y"', "met by the same element"),
        ('$.a[*] = "x" && $.a = "y"', "met by the same element"),
        ('$.a = "x" && $.a = "y"', "no event can match it"),
        ('$.a NOT EXISTS && $.a = "x"', "no event can match it"),
        ('$.a IS TRUE && $.a != "x"', "no event can match it"),
        ("$.a > 5 && $.a < 5", "no event can match it"),
        ("$.a > 5 && $.a <= 5", "no event can match it"),
        ('$.a = "x*" && $.a != "x*"', "no event can match it"),
    ],
)
def test_what_eventbridge_cannot_say_is_refused_with_clause_and_reason(clause: str, reason: str) -> None:
    error = refusal(clause)
    assert error.clause == clause
    assert reason in error.reason
    assert str(error) == f"{clause}: {error.reason}"
    assert "\n" not in str(error)


def test_the_refused_clause_is_named_within_its_pattern() -> None:
    assert refusal('$.b = "x" && ($.c = "y" || $.a[0] = "z")').clause == '$.a[0] = "z"'


@pytest.mark.parametrize(
    "name", ["prefix", "exists", "anything-but", "numeric", "cidr", "wildcard", "equals-ignore-case"]
)
def test_the_name_of_an_operator_is_refused_in_an_or_between_fields_only(name: str) -> None:
    assert refusal(f'$.{name} = "x" || $.b = "y"').clause == f'"{name}"'
    assert refusal(f'$.{name}.a = "x" || $.b = "y"').clause == f'"{name}"'
    assert refusal(f'$.u.{name} = "x" || $.u.b = "y"').clause == f'"{name}"'
    assert translated(f'$.{name} = "x" && $.b = "y"') == {name: ["x"], "b": ["y"]}
    assert translated(f'$.{name}.a = "x" || $.{name}.b = "y"') == {name: {"$or": [{"a": ["x"]}, {"b": ["y"]}]}}


@pytest.mark.parametrize("max_characters", [MAX_CHARACTERS, 4096])
def test_the_longest_pattern_is_taken_and_one_character_more_is_not(max_characters: int) -> None:
    # A character beyond ASCII is six in JSON: a filter of 1,024 can come to more than EventBridge takes.
    letters, padding = divmod(max_characters - len('{"a":[""]}'), 6)
    fitting = FilterPattern.parse(f'{{ $.a = "{"é" * letters}{"x" * padding}" }}')
    too_long = FilterPattern.parse(f'{{ $.a = "{"é" * letters}{"x" * (padding + 1)}" }}')
    assert len(compact(event_pattern(fitting, max_characters=max_characters))) == max_characters
    with pytest.raises(NotExpressible, match=f"{max_characters + 1:,} characters, and the quota is {max_characters:,}"):
        event_pattern(too_long, max_characters=max_characters)


def test_the_events_around_the_record_count_towards_the_length() -> None:
    pattern = FilterPattern.parse('{ $.a = "x" }')
    whole = compact(for_cloudtrail(pattern, "123456789012"))
    assert for_cloudtrail(pattern, "123456789012", max_characters=len(whole))
    with pytest.raises(NotExpressible, match="characters"):
        for_cloudtrail(pattern, "123456789012", max_characters=len(whole) - 1)


def ors(*counts: int) -> str:
    """One "or" in an object of its own for each count, with so many fields."""
    return " && ".join(
        f"({' || '.join(f'$.{name}.{field}=x' for field in 'abcdefghijklmnopqrst'[:count])})"
        for name, count in zip("pqrs", counts, strict=False)
    )


def test_a_thousand_combinations_are_taken_and_one_more_is_not() -> None:
    assert MAX_COMBINATIONS == 1000
    assert len(translated(ors(10, 10, 10))["p"]["$or"]) == 10
    assert "1,000 combinations" in refusal(ors(7, 11, 13)).reason


def test_alternatives_that_would_have_to_be_spelled_out_beyond_the_limit_are_refused() -> None:
    sharing = " && ".join(
        f'($.s = "{n}x" || ' + " || ".join(f"$.{c}{n}=x" for c in "abcdefghi") + ")" for n in range(4)
    )
    assert "more than 1,000 alternatives" in refusal(sharing).reason


def test_for_cloudtrail_adds_account_and_source_and_leaves_the_detail_type_open() -> None:
    assert for_cloudtrail(FilterPattern.parse('{ $.a = "x" }'), "123456789012") == {
        "account": ["123456789012"],
        "source": [{"prefix": "aws."}],
        "detail": {"a": ["x"]},
    }
