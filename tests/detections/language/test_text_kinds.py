"""Kinds of text: every text is of one that is found, and every example is what it is said to be."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.text_kinds import MAX_MOVES, MAX_OPAQUE, fitting, shape_of, text_kinds
from cloudtrail_monitoring.detections.translations.text_forms import fits
from tests.detections.language.trees import PATIENT

# "c" stands for all that no pattern names.
ALL_TEXTS = ["".join(letters) for length in range(7) for letters in product("abc", repeat=length)]
PATTERNS = st.lists(st.text("ab*", max_size=4), max_size=4, unique=True)


# R-INT-2
@PATIENT
@given(PATTERNS)
def test_the_kinds_are_exactly_those_that_texts_are_of(patterns: list[str]) -> None:
    kinds = text_kinds({pattern: shape_of(pattern) for pattern in patterns})
    assert kinds.is_complete
    found = {kind.fits for kind in kinds.all}
    # A shortest text of a kind can be longer than those tried here, so that its own is tried too.
    texts = [*ALL_TEXTS, *(kind.text for kind in kinds.all if kind.text is not None)]
    assert found == {frozenset(one for one in patterns if fits(one, text)) for text in texts}


# R-INT-2
@PATIENT
@given(PATTERNS, st.sets(st.text("abc", max_size=3), max_size=3))
def test_an_opaque_condition_is_open_unless_only_one_text_is_left(patterns: list[str], words: set[str]) -> None:
    shapes = {pattern: shape_of(pattern) for pattern in patterns}
    opaque = {"opaque": lambda text: text in words}
    kinds = text_kinds(shapes, opaque)
    for text in ALL_TEXTS:
        assert fitting(shapes, opaque, text) in {kind.fits for kind in kinds.all}
    for kind in kinds.all:
        if kind.text is not None:
            assert fitting(shapes, opaque, kind.text) == kind.fits
        else:
            assert not any("*" not in name for name in kind.fits - {"opaque"})


# R-INT-2
def test_an_alphabet_leaves_no_other_texts() -> None:
    kinds = text_kinds({"1*": shape_of("1*"), "a*": shape_of("a*")}, alphabet="0123")
    assert {kind.fits for kind in kinds.all} == {frozenset(), frozenset({"1*"})}


# R-INT-2
def test_case_can_be_left_out_of_account() -> None:
    kinds = text_kinds({"exact": shape_of("Ab"), "any": shape_of("ab", any_case=True)})
    assert {kind.fits: kind.text for kind in kinds.all}[frozenset({"exact", "any"})] == "Ab"
    assert frozenset({"any"}) in {kind.fits for kind in kinds.all}
    assert frozenset({"exact"}) not in {kind.fits for kind in kinds.all}


# R-INT-2: bounded
@pytest.mark.parametrize(("words", "is_complete"), [(5, True), (14, False)])
def test_too_many_words_within_texts_are_not_looked_through(words: int, is_complete: bool) -> None:
    patterns = [f"*{chr(97 + number)}{chr(98 + number)}*" for number in range(words)]
    kinds = text_kinds({pattern: shape_of(pattern) for pattern in patterns})
    assert kinds.is_complete is is_complete
    assert len(kinds.all) <= min(2**words, MAX_MOVES)


# R-INT-2: bounded
@pytest.mark.parametrize(("conditions", "is_complete"), [(MAX_OPAQUE, True), (MAX_OPAQUE + 1, False)])
def test_too_many_opaque_conditions_are_not_combined(conditions: int, is_complete: bool) -> None:
    kinds = text_kinds({}, {str(number): str.isspace for number in range(conditions)})
    assert kinds.is_complete is is_complete
    assert len(kinds.all) == 2**MAX_OPAQUE
