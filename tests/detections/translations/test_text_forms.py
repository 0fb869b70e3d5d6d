"""Texts with asterisks and texts of numbers, as every translation has to know them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.text_forms import (
    fits,
    looks_like_a_number,
    may_fit_a_number,
    number_with_text,
    text_of_number,
    with_plain_counts,
)
from tests.detections.language.trees import PATIENT

NUMBERS = st.one_of(st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False))


@PATIENT
@given(st.text('ab*.1\\\n"', max_size=6), st.text('ab.1\\\n"', max_size=6))
def test_a_text_fits_a_pattern_where_the_filter_says_so(pattern: str, text: str) -> None:
    quoted = pattern.replace("\\", "\\\\").replace('"', '\\"')
    assert fits(pattern, text) is FilterPattern.parse(f'{{ $.a = "{quoted}" }}').matches({"a": text})


def test_fitting_takes_no_more_steps_than_the_text_has() -> None:
    assert not fits("*a" * 40 + "b", "a" * 5_000)


@PATIENT
@given(NUMBERS)
def test_the_text_of_a_number_is_that_number_again_and_the_one_the_filter_compares(number: int | float) -> None:
    text = text_of_number(number)
    assert number_with_text(text) == number
    assert FilterPattern.parse(f'{{ $.a = "{text}" }}').matches({"a": number})


@PATIENT
@given(st.text("0123456789.e+-*", max_size=6), NUMBERS)
def test_a_pattern_that_fits_a_number_is_known_as_one(pattern: str, number: int | float) -> None:
    assert not fits(pattern, text_of_number(number)) or may_fit_a_number(pattern)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("400", 400),
        ("-1", -1),
        ("0", 0),
        ("1.5", 1.5),
        ("1e+16", 1e16),
        ("1e-07", 1e-7),
        ("12345678901234567890", 12345678901234567890),
    ],
)
def test_the_number_of_a_text(text: str, number: int | float) -> None:
    assert number_with_text(text) == number


@pytest.mark.parametrize(
    "text", ["0400", "+1", "1.0", "1e3", "1E+16", ".5", "5.", "", "-", "ab", "1e+400", " 1", "\u0661"]
)
def test_a_text_in_another_spelling_is_no_number_of_the_filter(text: str) -> None:
    assert number_with_text(text) is None


@pytest.mark.parametrize("pattern", ["*", "4*", "10.*", "*.5", "-*", "1*e+*", "-1e-*"])
def test_a_pattern_that_could_stand_for_a_number(pattern: str) -> None:
    assert may_fit_a_number(pattern)


@pytest.mark.parametrize("pattern", ["10.0.*", "a*", "arn:*", "*:1", "1.2.3", "---*", "1e*e"])
def test_a_pattern_that_could_not_stand_for_a_number(pattern: str) -> None:
    assert not may_fit_a_number(pattern)


@pytest.mark.parametrize("text", ["400", "0400", "+4", "4.", ".5", "4e2", "4E+2", " 4 ", "-0.0"])
def test_another_language_might_read_it_as_a_number(text: str) -> None:
    assert looks_like_a_number(text)


@pytest.mark.parametrize("text", ["", ".", "e2", "4x", "10.0.0.1", "0x10", "NaN", "Infinity", "1_000"])
def test_no_language_reads_it_as_a_number(text: str) -> None:
    assert not looks_like_a_number(text)


@pytest.mark.parametrize(
    ("expression", "plain"),
    [
        ("a{2, 5}", "a{2,5}"),
        ("a{ 2 }", "a{2}"),
        ("a{2, }", "a{2,}"),
        ("a{,5}", "a{0,5}"),
        ("[ab]{ , 5 }", "[ab]{0,5}"),
        (r"a\{,5\}", r"a\{,5\}"),
        ("[{,5}]", "[{,5}]"),
        (r"[\]{,5}]{,5}", r"[\]{,5}]{0,5}"),
        ("^a b$", "^a b$"),
    ],
)
def test_counts_are_written_as_every_language_takes_them(expression: str, plain: str) -> None:
    assert with_plain_counts(expression) == plain
    assert FilterPattern.parse(f"{{ $.a = %{plain}% }}")
