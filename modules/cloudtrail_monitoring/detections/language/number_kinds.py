"""All kinds of number that comparisons with a set of numbers can tell apart.

Each of the set is a kind of its own, and so are the numbers between two neighbours, below the least and above the
greatest. What follows from a kind for a condition is left to ``coverage`` and the like.

>>> [kind.numbers for kind in number_kinds([1, 5])]
[(1, 1.0), (5, 5.0), (0, -1.0), (2, 4, 3, 3.0), (6, 7.0)]
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, isfinite

Ordered = int | float | Fraction
"""A number as far as comparisons go."""


@dataclass(frozen=True, slots=True)
class NumberKind:
    """Numbers that compare alike.

    Attributes:
        rank: stands for all of them in comparisons.
        numbers: some of them, in the types in which JSON may give them; none where no float is found.
        low: where they begin, itself not among them; None without such an end, and for a single number.
        high: where they end, likewise.
        is_single: whether all of them are equal.
    """

    rank: Ordered
    numbers: tuple[int | float, ...]
    low: Ordered | None = None
    high: Ordered | None = None
    is_single: bool = False

    def has(self, number: Ordered) -> bool:
        """Whether a number is of this kind."""
        if self.is_single:
            return number == self.rank
        return (self.low is None or self.low < number) and (self.high is None or number < self.high)


def number_kinds(thresholds: Iterable[int | float]) -> Iterator[NumberKind]:
    """The kinds that some finite numbers tell apart: these themselves first, then those between."""
    points: list[int | float] = sorted(set(thresholds))
    for point in points:
        yield NumberKind(point, tuple(_forms(point)), is_single=True)
    for low, high in pairwise([None, *points, None]):
        yield _between(low, high)


def _between(low: int | float | None, high: int | float | None) -> NumberKind:
    if low is not None and high is not None:
        rank = (Fraction(low) + Fraction(high)) / 2
        near = [floor(low) + 1, ceil(high) - 1, floor(rank)]
    elif low is not None:
        rank, near = Fraction(low) + 2, [floor(low) + 1]
    else:
        rank, near = (Fraction(high) - 2, [ceil(high) - 1]) if high is not None else (Fraction(1), [1])
    kind = NumberKind(rank, (), low, high)
    return replace(kind, numbers=tuple(number for number in (*near, *_as_float(rank)) if kind.has(number)))


def _forms(number: int | float) -> Iterator[int | float]:
    """The number as an integer and as a float, where they are equal: their texts can differ."""
    yield number
    if isinstance(number, float):
        if number.is_integer():
            yield int(number)
    else:
        yield from (form for form in _as_float(number) if form == number)


def _as_float(number: Ordered) -> Iterator[float]:
    try:
        form = float(number)
    except OverflowError:
        return
    if isfinite(form):
        yield form
