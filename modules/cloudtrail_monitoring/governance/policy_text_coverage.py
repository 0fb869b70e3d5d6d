"""Which texts of a policy cover others: whatever the one matches, the other matches too, for every request.

The ground ``policy_comparison`` stands on: where coverage can't be told, the answer is no. Two patterns are compared
sign by sign: a wildcard takes in what it could match, a letter only itself. A text with policy variables could become
any text, so it is covered as if each variable were ``*``, and covers only itself. Which wildcards stop at a colon, and
AWS's pages that say so, stand in ``policy_patterns``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from typing import Self

from cloudtrail_monitoring.governance.policy_patterns import ARN_PARTS

_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class _Wildcard:
    many: bool
    crosses: bool
    """Whether it also matches a colon, and with it the end of a part of an ARN."""


_Sign = str | _Wildcard
_Reading = Callable[[str], Iterator[_Sign]]
_ANYTHING = _Wildcard(many=True, crosses=True)
_CROSSING = {"*": _ANYTHING, "?": _Wildcard(many=False, crosses=True)}
_WITHIN = {"*": _Wildcard(many=True, crosses=False), "?": _Wildcard(many=False, crosses=False)}


def _signs(text: str, wildcards: Mapping[str, _Wildcard]) -> Iterator[_Sign]:
    return (wildcards.get(letter, letter) for letter in text)


def _literal(text: str) -> Iterator[_Sign]:
    return iter(text)


def _like(text: str) -> Iterator[_Sign]:
    return _signs(text, _CROSSING)


def _action(text: str) -> Iterator[_Sign]:
    return _like(text.lower())


def _arn(text: str) -> Iterator[_Sign]:
    *parts, last = text.split(":", ARN_PARTS - 1)
    for part in parts:
        yield from (*_signs(part, _WITHIN), ":")
    yield from _signs(last, _CROSSING)


def _resource(text: str) -> Iterator[_Sign]:
    *parts, last = text.split(":", ARN_PARTS - 1)
    for part in parts:
        yield from _signs(part.removesuffix("*"), _WITHIN)
        yield from (_ANYTHING, ":") if part.endswith("*") else ":"
    yield from _signs(last, _CROSSING)


def _filled(text: str) -> Iterator[_Sign]:
    """With variables. What fills one may hold colons, so that no wildcard beside it is sure to stop at one."""
    end = 0
    for found in _VARIABLE.finditer(text):
        yield from (*_like(text[end : found.start()]), _ANYTHING)
        end = found.end()
    yield from _like(text[end:])


@dataclass(frozen=True, slots=True)
class Text:
    """A pattern or a literal of a policy. Make it with one of the class methods.

    ``variables`` says whether the policy's language version (2012-10-17) knows variables.

    Example:
        >>> Text.action("s3:*").covers(Text.action("S3:GetObject"))
        True
    """

    source: str
    reading: _Reading
    variables: bool
    signs: tuple[_Sign, ...] = field(compare=False, repr=False)

    @classmethod
    def action(cls, source: str) -> Self:
        """Of an Action or NotAction element: without case, and without variables."""
        return cls._read(source, _action, variables=False)

    @classmethod
    def resource(cls, source: str, *, variables: bool) -> Self:
        """Of a Resource or NotResource element."""
        return cls._read(source, _resource, variables=variables)

    @classmethod
    def literal(cls, source: str, *, variables: bool) -> Self:
        """Of StringEquals, where ``*`` is a letter."""
        return cls._read(source, _literal, variables=variables)

    @classmethod
    def like(cls, source: str, *, variables: bool) -> Self:
        """Of StringLike."""
        return cls._read(source, _like, variables=variables)

    @classmethod
    def arn(cls, source: str, *, variables: bool) -> Self:
        """Of ArnLike and of ArnEquals, which do the same."""
        return cls._read(source, _arn, variables=variables)

    @classmethod
    def _read(cls, source: str, reading: _Reading, *, variables: bool) -> Self:
        variables = variables and "${" in source
        return cls(source, reading, variables, tuple((_filled if variables else reading)(source)))

    @property
    def takes_in_everything(self) -> bool:
        """Whether it is ``*``."""
        return self.signs == (_ANYTHING,) and not self.variables

    def covers(self, other: Self) -> bool:
        """Whether everything the other could match is matched by this one."""
        return self == other or (not self.variables and _covers(self, other))

    def spares_all_of(self, other: Self) -> bool:
        """Whether a Not… list with this text leaves out what one with the other does.

        A Not… element says nothing as long as one of its variables has no value, so each must stand in both.
        """
        return self == other or (not other.variables and self.covers(other))

    def excludes(self, other: Self) -> bool:
        """Whether nothing is matched by both; never sure with a variable, for the same reason."""
        if self.variables:
            return False
        ours, theirs = self._beginning(), other._beginning()
        shared = min(len(ours), len(theirs))
        both_literal = len(ours) == len(self.signs) and len(theirs) == len(other.signs)
        return ours[:shared] != theirs[:shared] or (both_literal and ours != theirs)

    def _beginning(self) -> tuple[_Sign, ...]:
        return tuple(takewhile(lambda sign: isinstance(sign, str), self.signs))

    def __str__(self) -> str:
        return self.source


@lru_cache(maxsize=65536)
def _covers(wide: Text, narrow: Text) -> bool:
    """Whether the wide pattern takes in the narrow one sign by sign: how far it can have got, after each sign."""
    outer = wide.signs
    places = _with_none(outer, {0})
    for sign in narrow.signs:
        taking = {place for place in places if place < len(outer) and _takes(outer[place], sign)}
        if not taking:
            return False
        places = _with_none(outer, {place if _is_many(outer[place]) else place + 1 for place in taking})
    return len(outer) in places


def _with_none(outer: tuple[_Sign, ...], places: Iterable[int]) -> set[int]:
    """The places, and those behind each ``*`` that stands for nothing."""
    found: set[int] = set()
    for place in places:
        found.add(place)
        while place < len(outer) and _is_many(outer[place]):
            place += 1
            found.add(place)
    return found


def _is_many(sign: _Sign) -> bool:
    return isinstance(sign, _Wildcard) and sign.many


def _takes(outer: _Sign, inner: _Sign) -> bool:
    if isinstance(outer, str):
        return outer == inner
    if isinstance(inner, str):
        return outer.crosses or inner != ":"
    return (outer.many or not inner.many) and (outer.crosses or not inner.crosses)
