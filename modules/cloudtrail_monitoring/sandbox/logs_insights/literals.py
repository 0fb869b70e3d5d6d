"""What stands in a Logs Insights query by itself: strings, regular expressions, texts with asterisks, periods of time.

* AWS: doesn't say how a quote is escaped in a string; here a backslash takes the next character as it is.
* AWS: says that regular expressions are Hyperscan's, and elsewhere RE2's. Both are read by Python here: ``\\x{2f}`` and
  ``(?<name>...)`` are translated, ``$`` is the end of the value alone, ``.`` is no line break, and ``\\d`` is ASCII.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html (periods)
"""

import re

from .values import Period

_UNITS = {
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("mo", "mon", "mons", "month", "months"), "mo"),
    **dict.fromkeys(("q", "qtr", "qtrs", "quarter", "quarters"), "q"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "y"),
}
_MOST = {"ms": 1000, "s": 60, "m": 60, "h": 24}
"""Of a unit in one period, by the page of functions; for longer units it names none, and 1,000 is ours."""


class QueryFault(ValueError):
    """What is wrong with a query, in one line with the character."""


def text(literal: str) -> str:
    """What a string in quotes says."""
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


def regex(expression: str, character: int) -> re.Pattern[str]:
    """The expression for Python's ``search``.

    Raises:
        QueryFault: with the character: it is no regular expression.
    """
    python: list[str] = []
    within_class = False
    for item in re.findall(r"\\x\{[0-9A-Fa-f]+\}|\\.|\(\?<(?![=!])|.", expression, re.DOTALL):
        if item.startswith(r"\x{"):
            code = int(item[3:-1], 16)
            item = re.escape(chr(code)) if code <= 0x10FFFF else item
        elif item == "[" or (item == "]" and within_class):
            within_class = item == "["
        elif not within_class:
            item = {"(?<": "(?P<", "$": r"\Z", r"\z": r"\Z", r"\/": "/"}.get(item, item)
        python.append(item)
    try:
        return re.compile("".join(python), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise QueryFault(f"character {character}: not a regular expression: {error}") from None


def glob(pattern: str) -> re.Pattern[str]:
    """The expression for a text with asterisks: each takes as little as it can, the last one all that is left."""
    *parts, last = (re.escape(part) for part in pattern.split("*"))
    return re.compile("(.*?)".join([*parts, last or "$"]), re.DOTALL)


def period(literal: str, character: int) -> Period:
    """The period of such a literal as ``5m``.

    Raises:
        QueryFault: with the character: it is no unit of time, or too many of it.
    """
    count, unit = re.findall(r"\d+|\D+", literal)
    if unit not in _UNITS:
        raise QueryFault(f'character {character}: "{unit}" is no unit of time')
    most = _MOST.get(_UNITS[unit], 1000)
    if not 1 <= int(count) <= most:
        raise QueryFault(f"character {character}: a period has from 1 to {most:,} {_UNITS[unit]}")
    return Period(int(count), _UNITS[unit])
