"""JSON to values: orjson parses whatever it can; the json module parses what is left, and says what is wrong and where.
Both give the same values, but for integers beyond 64 bits, which orjson reads as floats.
"""

import json
from dataclasses import dataclass

import orjson

_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands where a value was expected."""

    why: str
    below: int = 0
    """How many lines below the beginning of the value."""
    cut_off: bool = False
    """Whether the text ended in it."""
    by_brackets: bool = False
    """Whether its brackets tell where it ends; otherwise they may be what is broken."""
    to_the_end: bool = False
    """Whether all that follows in the file is lost, too."""


TOO_LARGE = Broken("broken JSON: a number or a nesting too large for a CloudTrail record", by_brackets=True)


def parsed(text: bytes | str) -> object:
    """The value that ``text`` is the JSON of, or a ``Broken``.

    >>> parsed('{"eventName": ').why
    'broken JSON at character 15: Expecting value'
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text if isinstance(text, str) else text.removeprefix(_UTF8_MARK).decode())
    except UnicodeDecodeError as error:
        return Broken(f"not UTF-8 at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return Broken(f"broken JSON at character {error.colno}: {error.msg}")
    except (ValueError, RecursionError):
        return TOO_LARGE
