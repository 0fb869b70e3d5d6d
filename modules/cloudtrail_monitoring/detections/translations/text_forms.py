"""How texts with asterisks, texts of numbers and regular expressions are understood by all who derive from a pattern.

In the filter language a number equals its own text: ``"400"`` finds 400, ``"4*"`` finds it too. Other languages keep
numbers and strings apart, so a derivation has to know when that difference could be seen.
"""

import re

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
_IN_NUMBERS = frozenset("0123456789.e+-*")
_SPELT_OUT = 1e16
"""From here on the text of a number has an exponent."""
_ESCAPE_CLASS_OR_COUNT = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{ *([0-9]*) *(,?) *([0-9]*) *\}")


def fits(pattern: str, text: str) -> bool:
    """Whether ``text`` is one of those that a pattern with asterisks stands for.

    >>> fits("Put*Policy", "PutUserPolicy")
    True
    """
    first, *rest = map(re.escape, pattern.split("*"))
    if not rest:
        return pattern == text
    # Each part where it is first found, for good: linear in the text, however many asterisks there are.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.fullmatch(f"{first}{middle}.*{rest[-1]}", text, re.DOTALL) is not None


def may_fit_a_number(pattern: str) -> bool:
    """Whether a text with asterisks could stand for the text of a number: ``10.*`` could, ``10.0.*`` could not."""
    once = all(pattern.count(character) <= 1 for character in ".e+")
    return once and pattern.count("-") <= 2 and _IN_NUMBERS.issuperset(pattern)


def number_with_text(text: str) -> int | float | None:
    """The number whose text this is; None for other texts, also for those of another spelling such as ``0400``."""
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text) if {".", "e"} & set(text) else int(text)
    return value if text_of_number(value) == text else None


def text_of_number(value: int | float) -> str:
    """The text under which the filter language compares a number with strings: its shortest form."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _SPELT_OUT
    return str(int(value)) if is_whole else str(value)


def looks_like_a_number(text: str) -> bool:
    """Whether another language might read ``text`` as a number, in whatever spelling."""
    return re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", text) is not None


def with_plain_counts(expression: str) -> str:
    """A regular expression of the filter language whose counts other languages take: they read ``{,5}`` as characters.

    >>> with_plain_counts("a{2, 5}b{,5}")
    'a{2,5}b{0,5}'
    """

    def plain(found: re.Match[str]) -> str:
        least, comma, most = found.groups()
        return found[0] if least is None else f"{{{least or 0}{comma}{most}}}"

    return _ESCAPE_CLASS_OR_COUNT.sub(plain, expression)
