"""All kinds of text that a set of text patterns can tell apart, each with an example.

Two patterns with asterisks may share texts or exclude each other, and with a third there are eight cases of which some
can't be. ``text_kinds`` finds those that can: it reads one character after another with all patterns at once, and
notes which of them fit whenever it stands somewhere new. What is not a matter of characters one by one (a regular
expression, a network) is opaque: whether it holds is taken as open, unless an example shows it. What follows from a
kind of text for a condition is left to ``coverage`` and the like.

>>> kinds = text_kinds({"Put*": shape_of("Put*"), "PutUser": shape_of("PutUser")})
>>> [(sorted(kind.fits), kind.text) for kind in kinds.all]
[([], ''), (['Put*'], 'Put'), (['Put*', 'PutUser'], 'PutUser')]
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations

MAX_MOVES = 30_000
"""Characters to read; a kilobyte of plain texts needs about two thousand, ten texts such as ``*a*`` far more."""

MAX_OPAQUE = 6
"""Opaque conditions on one text: each doubles the kinds."""

Shape = tuple[frozenset[str] | None, ...]
"""A text pattern, part by part: one of some characters, or None for any characters, none included."""

Opaque = Mapping[str, Callable[[str], bool]]
"""Conditions on a text by their names, known by their answers only."""

_PLEASANT = "xyzkqvw"


@dataclass(frozen=True, slots=True)
class TextKind:
    """The texts that fit all of ``fits`` and nothing else; ``text`` is one of them, None if none was found."""

    fits: frozenset[str]
    text: str | None


@dataclass(frozen=True, slots=True)
class TextKinds:
    """The kinds that were found; ``is_complete`` unless there are too many."""

    all: tuple[TextKind, ...]
    is_complete: bool


def shape_of(pattern: str, *, any_case: bool = False) -> Shape:
    """The shape of a text in which every asterisk stands for any characters.

    Args:
        any_case: whether capitals don't matter.
    """
    parts = re.findall(r"\*+|[^*]", pattern, re.DOTALL)
    return tuple(None if part[0] == "*" else spellings(part, any_case=any_case) for part in parts)


def spellings(character: str, *, any_case: bool = False) -> frozenset[str]:
    """The character, and where case doesn't matter its other case."""
    cases = {character, character.lower(), character.upper()} if any_case else {character}
    return frozenset(case for case in cases if len(case) == 1)


def text_kinds(
    shapes: Mapping[str, Shape],
    opaque: Opaque | None = None,
    *,
    examples: Iterable[str] = (),
    alphabet: str | None = None,
) -> TextKinds:
    """The kinds of text that shapes and opaque conditions, each under its name, tell apart.

    Args:
        examples: texts to prefer, and to find out what is opaque with.
        alphabet: the only characters of the texts; None for all.
    """
    opaque = opaque or {}
    automaton = _Automaton(shapes)
    walk = _Walk(automaton, alphabet)
    literals = {name for name, shape in shapes.items() if all(part is not None and len(part) == 1 for part in shape)}
    known: dict[frozenset[str], str] = {}
    for fits, text in chain(((automaton.fitting(text), text) for text in examples), walk.shortest.items()):
        known.setdefault(fits | _holding(opaque, text), text)
    found = [TextKind(fits, text) for fits, text in known.items()]
    for fits in walk.shortest:
        if not fits & literals:
            open_ones = (fits | chosen for chosen in _subsets(list(opaque)[:MAX_OPAQUE]))
            found += [TextKind(kind, None) for kind in open_ones if kind not in known]
    return TextKinds(tuple(found), walk.is_complete and len(opaque) <= MAX_OPAQUE)


def fitting(shapes: Mapping[str, Shape], opaque: Opaque, text: str) -> frozenset[str]:
    """The names of all that one text fits."""
    return _Automaton(shapes).fitting(text) | _holding(opaque, text)


_State = frozenset[tuple[int, int]]
"""Where the patterns stand after some characters: pattern and part, for every pattern that can still fit."""


class _Automaton:
    """All shapes at once, read character by character."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._names, self._shapes = list(shapes), list(shapes.values())
        self.start = self._closed((number, 0) for number in range(len(self._shapes)))

    def after(self, state: _State, character: str) -> _State:
        moved = []
        for number, place in state:
            part = self._part(number, place)
            if part is None:
                moved.append((number, place))
            elif character in part:
                moved.append((number, place + 1))
        return self._closed(moved)

    def fits(self, state: _State) -> frozenset[str]:
        return frozenset(self._names[number] for number, place in state if place == len(self._shapes[number]))

    def fitting(self, text: str) -> frozenset[str]:
        state = self.start
        for character in text:
            state = self.after(state, character)
        return self.fits(state)

    def awaited(self, state: _State) -> set[str]:
        """The characters that lead on in some pattern; all others are alike."""
        return {character for number, place in state for character in self._part(number, place) or ()}

    def _part(self, number: int, place: int) -> frozenset[str] | None:
        shape = self._shapes[number]
        return shape[place] if place < len(shape) else frozenset()

    def _closed(self, places: Iterable[tuple[int, int]]) -> _State:
        reached: set[tuple[int, int]] = set()
        asterisk: dict[int, int] = {}
        for number, place in places:
            reached.add((number, place))
            if self._part(number, place) is None:
                reached.add((number, place + 1))
                asterisk[number] = max(asterisk.get(number, 0), place)
        # What can follow a later asterisk includes all that can follow from before it.
        return frozenset((number, place) for number, place in reached if place >= asterisk.get(number, 0))


class _Walk:
    """Breadth first to every state, so that the first text of a kind is a shortest one."""

    def __init__(self, automaton: _Automaton, alphabet: str | None) -> None:
        self.shortest: dict[frozenset[str], str] = {automaton.fits(automaton.start): ""}
        self.is_complete = True
        seen, ahead, moves = {automaton.start}, deque([(automaton.start, "")]), 0
        while ahead:
            state, text = ahead.popleft()
            for character in _characters(automaton.awaited(state), alphabet):
                moves += 1
                if moves > MAX_MOVES:
                    self.is_complete = False
                    return
                following = automaton.after(state, character)
                if following in seen:
                    continue
                seen.add(following)
                longer = text + character
                self.shortest.setdefault(automaton.fits(following), longer)
                ahead.append((following, longer))


def _characters(awaited: set[str], alphabet: str | None) -> Iterator[str]:
    """Those awaited, and one for all others."""
    yield from sorted(awaited if alphabet is None else awaited.intersection(alphabet))
    others = chain(_PLEASANT, map(chr, range(0x100, 0xD800))) if alphabet is None else iter(alphabet)
    yield from (character for character in [next((one for one in others if one not in awaited), "")] if character)


def _holding(opaque: Opaque, text: str) -> frozenset[str]:
    return frozenset(name for name, holds in opaque.items() if holds(text))


def _subsets(names: list[str]) -> Iterator[frozenset[str]]:
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))
