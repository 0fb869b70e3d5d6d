"""What a changed filter or rule loses, in words and as a record; undecided counts as lost.

``first_loss`` takes the cases that ``coverage_search`` finds, makes records of them and has each tried, so that a loss
is shown by a record that was lost indeed. How a pattern becomes a formula is left to each language.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cloudtrail_monitoring.detections.language.coverage_search import (
    MAX_STEPS,
    Case,
    Choice,
    Formula,
    Places,
    Relations,
    Search,
    Stand,
    atoms,
)

MAX_NAMED_FIELDS = 4
"""Fields of a record that a sentence names, those whose conditions changed first."""

MAX_NAMED_CHARACTERS = 60
"""Of one name or value in a sentence."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a change loses.

    Attributes:
        record: one that was matched before and is no more; None if it can't be decided whether there is one.
        sentence: the same for the reader of a review, in one line that fits after the name of the filter or rule.
    """

    record: Mapping[str, Any] | None
    sentence: str


class Language(Places, Protocol):
    """The fields of two formulas, and how their language speaks of them."""

    verb: str
    """What a pattern does with a record, a verb that takes an "s": ``count``."""

    noun: str
    """What it is looking at, with its article: ``a record``."""

    def record(self, case: Case) -> dict[str, Any]:
        """The record that a case describes; all its values are known."""

    def doubt(self, place: str) -> str:
        """Why values of a field are not known, as a clause."""


def shown(name: str) -> str:
    """A name from a pattern as it can stand in a sentence: printable, and not too long."""
    return _cut(json.dumps(name)[1:-1].replace('\\"', '"'))


def undecided(language: Language | type[Language], reason: str) -> Loss:
    """The loss where nobody knows; ``reason`` is a clause."""
    return Loss(None, f"can't be shown to {language.verb} all it did: {reason}")


def first_loss(
    before: Formula,
    after: Formula,
    language: Language,
    is_lost: Callable[[dict[str, Any]], bool],
    *,
    relations: Relations | None = None,
    max_steps: int = MAX_STEPS,
) -> Loss | None:
    """A loss, if ``after`` doesn't hold wherever ``before`` does.

    Args:
        is_lost: whether a record was matched before and is not after, by the language's own matching.
        relations: how fields depend on one another, if they do.
        max_steps: of the search.
    """
    search = Search(language, relations, max_steps)
    doubt = ""
    for case in search.cases(before, after):
        unknown = next((place for place, choice in case.items() if not choice.is_known), None)
        if unknown is not None:
            doubt = doubt or language.doubt(unknown)
            continue
        record = language.record(case)
        if is_lost(record):
            return Loss(record, f"no longer {language.verb}s {language.noun} with {_named(case, before, after)}")
        doubt = doubt or "fields that it compares are parts of one another"
    if doubt or not search.is_exhaustive:
        return undecided(language, doubt or "there are too many combinations to try")
    return None


def _named(case: Case, before: Formula, after: Formula) -> str:
    """The fields of a case in words."""
    changed = {atom.place for atom in set(atoms(before)) ^ set(atoms(after))}
    fields = [_field(place, case[place]) for place in sorted(case, key=lambda place: place not in changed)]
    more = len(fields) - MAX_NAMED_FIELDS
    rest = f" and {more} more field{'s' if more > 1 else ''}" if more > 0 else ""
    return ", ".join(fields[:MAX_NAMED_FIELDS]) + rest


def _field(place: str, choice: Choice) -> str:
    name = shown(place.removeprefix("$."))
    return f"{name} = {' and '.join(_values(choice))}" if choice.values else f"no {name}"


def _values(choice: Choice) -> Iterator[str]:
    for value in choice.values:
        yield "an object" if value is Stand.CONTAINER else _cut(json.dumps(value))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_NAMED_CHARACTERS else f"{text[: MAX_NAMED_CHARACTERS - 1]}…"
