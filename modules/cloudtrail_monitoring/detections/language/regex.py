"""The small regular-expression language between two ``%`` of a filter pattern, checked and translated for Python.

AWS allows far less than Python does (no groups, few symbols, ASCII only), so an expression is read item by item:
what AWS would refuse when the filter is created is refused here, and what is left gets the meaning AWS gives it.
Where in a filter pattern an expression may stand, and how many, is left to the parser.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
"""

import re

SYMBOLS = ":_#=@/;,- "
"""Characters that stand for themselves, beside letters and digits. The space is in AWS's example, not in its list."""

MAX_COUNT = 1000
"""The greatest count in ``{m,n}``. AWS names none; larger ones are refused by common engines."""

_LITERAL = rf"[A-Za-z0-9{re.escape(SYMBOLS)}]"
_ESCAPE = r"\\x[0-7][0-9A-Fa-f]|\\[dDsSwW]|\\[\^$?\[\]{}|\\*+.]"
_ITEM = re.compile(
    rf"""
    (?P<character>{_LITERAL}|{_ESCAPE})
    |(?P<any>\.)
    |(?P<class>\[)
    |(?P<repeat>[?*+]|\{{\ *[0-9]*\ *(?:,\ *[0-9]*\ *)?\}})
    |(?P<anchor>[\^$])
    |(?P<or>\|)
    """,
    re.VERBOSE,
)
_CLASS_ITEM = re.compile(rf"{_ESCAPE}|{_LITERAL}|[\^$?{{}}|*+.]")
_WORD_FOR_WORD = {"$": r"\Z"}
"""Python's ``$`` also matches before a last newline; AWS's is the end of the string."""


class RegexSyntaxError(ValueError):
    """A regular expression that AWS would not take.

    Attributes:
        offset: 0-based place of the fault in the expression.
        found: what stands there.
        expected: what may stand there.
    """

    def __init__(self, offset: int, found: str, expected: str) -> None:
        super().__init__(offset, found, expected)
        self.offset, self.found, self.expected = offset, found, expected

    def __str__(self) -> str:
        return f"regular expression, character {self.offset + 1}: found {self.found}, expected {self.expected}"


def compile_regex(expression: str) -> re.Pattern[str]:
    """The expression as a Python pattern, for ``search``: AWS matches anywhere in the value unless anchored.

    Args:
        expression: the text between the two ``%``, without them.

    Raises:
        RegexSyntaxError: with the place and what AWS allows there.
    """
    return re.compile("".join(_translated(expression)), re.ASCII | re.DOTALL)


def _translated(expression: str) -> list[str]:
    """The expression in Python's syntax, item by item."""
    out: list[str] = []
    offset, repeatable, empty = 0, False, True
    while offset < len(expression):
        item = _ITEM.match(expression, offset)
        if item is None:
            raise _unsupported(expression, offset)
        kind, text = item.lastgroup, item.group()
        if kind == "repeat":
            if not repeatable:
                raise RegexSyntaxError(offset, f'"{text}"', "something to repeat before it")
            out.append(_repeat(text, offset))
        elif kind == "class":
            translated, end = _character_class(expression, offset)
            out.append(translated)
        elif kind == "or":
            if empty:
                raise RegexSyntaxError(offset, '"|"', "an expression before it (an empty one would match everything)")
            out.append(text)
        else:
            out.append(_WORD_FOR_WORD.get(text, text if kind != "character" else _character(text)))
        offset = end if kind == "class" else item.end()
        repeatable = kind in ("character", "any", "class")
        empty = kind == "or"
    if empty:
        raise RegexSyntaxError(
            offset, "the end of the expression", "an expression (an empty one would match everything)"
        )
    return out


def _unsupported(expression: str, offset: int) -> RegexSyntaxError:
    """Why the character at ``offset`` can't stand there."""
    character = expression[offset]
    if character == "\\":
        return RegexSyntaxError(
            offset, f'"{expression[offset : offset + 2]}"', r"\d \D \s \S \w \W, \xhh up to \x7F, or \ and an operator"
        )
    if character in "{}]":
        return RegexSyntaxError(
            offset, f'"{character}"', rf'"\{character}" for the character itself, or a count such as {{2,5}}'
        )
    hint = rf", or the character as \x{ord(character):02X}" if character.isascii() else ""
    return RegexSyntaxError(offset, f'"{character}"', f"letters, digits, {SYMBOLS.strip()} or ^$?[]{{}}|\\*+.{hint}")


def _character(text: str) -> str:
    """One literal character or character type, safe inside and outside a class."""
    return text if text[0] == "\\" or text.isalnum() else f"\\{text}"


def _repeat(text: str, offset: int) -> str:
    """A repetition without the spaces that AWS's page shows in ``{m, n}`` and that Python would take literally."""
    if text[0] != "{":
        return text
    least, comma, most = text[1:-1].replace(" ", "").partition(",")
    if not least and not most:
        raise RegexSyntaxError(offset, f'"{text}"', "a least or a greatest count")
    if least and most and int(least) > int(most):
        raise RegexSyntaxError(offset, f'"{text}"', "a least count that is not above the greatest")
    if max(int(least or 0), int(most or 0)) > MAX_COUNT:
        raise RegexSyntaxError(offset, f'"{text}"', f"counts up to {MAX_COUNT:,}")
    return f"{{{least}{comma}{most}}}"


def _character_class(expression: str, start: int) -> tuple[str, int]:
    """The class that opens at ``start`` in Python's syntax, and where it ends."""
    offset = start + 1
    out = ["["]
    if expression.startswith("^", offset):
        out.append("^")
        offset += 1
    first = offset
    while not expression.startswith("]", offset):
        item = _CLASS_ITEM.match(expression, offset)
        if item is None:
            if offset >= len(expression):
                raise RegexSyntaxError(offset, "the end of the expression", 'a "]" that closes the class')
            raise _unsupported(expression, offset)
        offset = item.end()
        low = item.group()
        high = _CLASS_ITEM.match(expression, offset + 1) if expression.startswith("-", offset) else None
        if high is None:
            out.append(_character(low))
            continue
        if not 0 <= _code(low) <= _code(high.group()):
            raise RegexSyntaxError(
                item.start(), f'"{low}-{high.group()}"', "a range of two characters in ascending order"
            )
        out.append(f"{_character(low)}-{_character(high.group())}")
        offset = high.end()
    if offset == first:
        raise RegexSyntaxError(offset, '"]"', "at least one character in the class")
    return "".join(out) + "]", offset + 1


def _code(text: str) -> int:
    """The code of a literal character; -1 for a type such as ``\\d``, which can't end a range."""
    if text[0] != "\\":
        return ord(text)
    if text[1] == "x":
        return int(text[2:], 16)
    return -1 if text[1].isalpha() else ord(text[1])
