"""Looks for a case in which one Boolean formula over fields holds and another doesn't.

The formulas are those of a filter or a rule before and after a change. Each field has a few kinds of value, each of
which makes some of the field's conditions true; fields are filled in one after another, and whatever is decided by then
falls away, until one formula implies the other by its looks or a case is found. Fields are taken as independent of one
another except where ``Relations`` knows better, so that finding nothing proves that there is nothing, while a case may
turn out to be impossible. What a field is, which kinds of value it has and whether a case is possible is left to the
language that the formulas come from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import chain
from typing import Any, NamedTuple, Protocol

MAX_STEPS = 5_000
"""Pairs of formulas to look at, after which the search gives up: a second or two for the longest patterns."""


class Atom(NamedTuple):
    """One condition on one field, both by their names."""

    place: str
    condition: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of two or more formulas."""

    terms: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Any of two or more formulas."""

    terms: "tuple[Formula, ...]"


Formula = bool | Atom | AllOf | AnyOf


class Stand(Enum):
    """What stands in a choice where no value of JSON can."""

    UNKNOWN = "unknown"
    """A value that may or may not be possible: none was found."""

    CONTAINER = "container"
    """An object or array, as what is below the field demands."""


class Form(StrEnum):
    """What a choice makes of a field, for the fields below it."""

    ABSENT = "absent"
    VALUE = "value"
    CONTAINER = "container"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of value for a field.

    Attributes:
        truths: the names of the conditions that hold.
        values: none if the field is absent, one, or with a wildcard any number.
        form: what the field then is.
    """

    truths: frozenset[str]
    values: tuple[Any, ...]
    form: Form

    @property
    def is_known(self) -> bool:
        """Whether its values are there to be written into a record."""
        return all(value is not Stand.UNKNOWN for value in self.values)


@dataclass(frozen=True, slots=True)
class Domain:
    """The kinds of value of one field, the ones to be preferred first; ``is_complete`` unless some are left out."""

    choices: tuple[Choice, ...]
    is_complete: bool = True


class Places(Protocol):
    """The fields of two formulas."""

    def domain(self, place: str) -> Domain:
        """The kinds of value it can have, as its conditions tell them apart."""


class Relations(Protocol):
    """How fields depend on one another."""

    def are_related(self, place: str, other: str) -> bool:
        """Whether what one is can exclude what the other is."""

    def excludes(self, place: str, form: Form, other: str, other_form: Form) -> bool:
        """Whether no record has both. True must be certain."""


Case = Mapping[str, Choice]
"""The fields that matter with what they are."""


def all_of(*terms: Formula) -> Formula:
    """The simplest formula that says: all of these."""
    return _joined(AllOf, terms, empty=True)


def any_of(*terms: Formula) -> Formula:
    """The simplest formula that says: any of these."""
    return _joined(AnyOf, terms, empty=False)


def atoms(formula: Formula) -> Iterator[Atom]:
    """The conditions of a formula from left to right."""
    if isinstance(formula, AllOf | AnyOf):
        for term in formula.terms:
            yield from atoms(term)
    elif isinstance(formula, Atom):
        yield formula


class Search:
    """One search, to be used once.

    Args:
        places: the fields.
        relations: how they depend on one another, if they do.
        max_steps: pairs of formulas to look at.

    Attributes:
        is_exhaustive: after the cases have been read, whether there are no others.
    """

    def __init__(self, places: Places, relations: Relations | None = None, max_steps: int = MAX_STEPS) -> None:
        self._places = places
        self._relations = relations
        self._steps_left = max_steps
        self._domains: dict[str, Domain] = {}
        self._implied: dict[tuple[Formula, Formula], bool] = {}
        self._seen: set[object] = set()
        self._entangled: set[str] = set()
        self.is_exhaustive = True

    def cases(self, before: Formula, after: Formula) -> Iterator[Case]:
        """Cases in which ``before`` holds and ``after`` doesn't, possible unless fields meet in unforeseen ways."""
        names = list(dict.fromkeys(atom.place for formula in (before, after) for atom in atoms(formula)))
        if relations := self._relations:
            self._entangled = {
                name for name in names if any(other != name and relations.are_related(name, other) for other in names)
            }
        yield from self._cases(before, after, {})

    def _cases(self, before: Formula, after: Formula, chosen: dict[str, Choice]) -> Iterator[Case]:
        self._steps_left -= 1
        if self._steps_left < 0:
            self.is_exhaustive = False
            return
        if self.implies(before, after):
            return
        if before is True and after is False:
            yield chosen
            return
        situation = (before, after, self._context(chosen))
        if situation in self._seen:
            return
        self._seen.add(situation)
        if isinstance(before, AnyOf):
            for term in before.terms:
                yield from self._cases(term, after, chosen)
        elif isinstance(after, AllOf):
            for term in after.terms:
                yield from self._cases(before, term, chosen)
        else:
            yield from self._filled_in(before, after, chosen)

    def _filled_in(self, before: Formula, after: Formula, chosen: dict[str, Choice]) -> Iterator[Case]:
        place = _next_place(before, after)
        if place not in self._domains:
            self._domains[place] = self._places.domain(place)
        domain = self._domains[place]
        self.is_exhaustive &= domain.is_complete
        for choice in domain.choices:
            left = decided(before, place, choice.truths)
            if left is not False and not self._is_excluded(place, choice, chosen):
                yield from self._cases(left, decided(after, place, choice.truths), {**chosen, place: choice})

    def _is_excluded(self, place: str, choice: Choice, chosen: Case) -> bool:
        relations = self._relations
        return (
            relations is not None
            and place in self._entangled
            and any(
                relations.excludes(place, choice.form, other, taken.form)
                for other, taken in chosen.items()
                if other in self._entangled
            )
        )

    def _context(self, chosen: Case) -> object:
        """What else the cases from here on depend on."""
        forms = frozenset((place, choice.form) for place, choice in chosen.items() if place in self._entangled)
        return forms, all(choice.is_known for choice in chosen.values())

    def implies(self, before: Formula, after: Formula) -> bool:
        """Whether it is plain from the looks of the formulas that one implies the other."""
        if before == after or before is False or after is True:
            return True
        if not isinstance(before, AllOf | AnyOf) and not isinstance(after, AllOf | AnyOf):
            return False
        pair = (before, after)
        if pair not in self._implied:
            self._implied[pair] = self._implies_by_terms(before, after)
        return self._implied[pair]

    def _implies_by_terms(self, before: Formula, after: Formula) -> bool:
        if isinstance(before, AnyOf):
            return all(self.implies(term, after) for term in before.terms)
        if isinstance(after, AllOf):
            return all(self.implies(before, term) for term in after.terms)
        return (isinstance(after, AnyOf) and any(self.implies(before, term) for term in after.terms)) or (
            isinstance(before, AllOf) and any(self.implies(term, after) for term in before.terms)
        )


def _next_place(*undecided: Formula) -> str:
    """The field to fill in next: in the first formula, that of a condition which alone decides before those below."""
    for formula in undecided:
        if isinstance(formula, Atom):
            return formula.place
        if isinstance(formula, AllOf | AnyOf):
            alone = (term for term in formula.terms if isinstance(term, Atom))
            return next(chain(alone, atoms(formula))).place
    raise AssertionError(undecided)  # pragma: no cover


def decided(formula: Formula, place: str, truths: frozenset[str]) -> Formula:
    """What is left of a formula once it is known which conditions on a field hold."""
    if isinstance(formula, Atom):
        return formula.condition in truths if formula.place == place else formula
    if isinstance(formula, AllOf):
        return all_of(*(decided(term, place, truths) for term in formula.terms))
    if isinstance(formula, AnyOf):
        return any_of(*(decided(term, place, truths) for term in formula.terms))
    return formula


def _joined(kind: type[AllOf] | type[AnyOf], terms: tuple[Formula, ...], *, empty: bool) -> Formula:
    kept: dict[Formula, None] = {}
    for term in terms:
        if isinstance(term, bool):
            if term is not empty:
                return term
        elif isinstance(term, AllOf | AnyOf) and isinstance(term, kind):
            kept.update(dict.fromkeys(term.terms))
        else:
            kept[term] = None
    if len(kept) < 2:
        return next(iter(kept), empty)
    return kind(tuple(kept))
