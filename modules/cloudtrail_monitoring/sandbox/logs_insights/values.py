"""The values of Logs Insights: what a field can hold, how two compare, in which order they stand, how they are shown.

Where AWS is silent:

* AWS: says that all types compare, not how a text compares with a number. Its examples hold ``accountId=123456789012``
  for CloudTrail, where the account is a text, so a text of digits here is the number too when it meets one.
* AWS: doesn't say what a missing field does under ``=`` and ``!=``. Here it equals nothing, so ``!=``, ``not in`` and
  ``not like`` hold for it: a query that wants the field present has to say so.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html (natural order)
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# longer ones are texts: no counter or account has 300 digits, and Python refuses to read some thousands
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?")
_CHUNK = re.compile(r"[0-9]+|[^0-9]+")


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A point in time, as ``@timestamp`` holds."""

    milliseconds: int


LATEST_MILLISECONDS = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) * 1000
"""Ours: later moments, and those before 1970, are missing values, so that no period around one leaves the calendar."""


def timestamp(milliseconds: int | float | None) -> Timestamp | None:
    """The moment so long after 1970; ``None`` beyond what is told apart here."""
    if milliseconds is None or not 0 <= milliseconds < LATEST_MILLISECONDS:
        return None
    return Timestamp(int(milliseconds))


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, such as ``5m``."""

    count: int
    unit: str


Value = str | int | float | Timestamp | Period | None
"""``None``: there is no such field."""

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def number(value: Value) -> int | float | None:
    """The number that a value is or spells; ``None`` if it is none.

    >>> number("012"), number("1e3"), number(Timestamp(7))
    (12, None, 7)
    """
    match value:
        case Timestamp(milliseconds):
            return milliseconds
        case str() if _NUMBER.fullmatch(value):
            return float(value) if "." in value else int(value)
        case int() | float():
            return value
    return None


def compare(left: Value, sign: str, right: Value) -> bool:
    """Whether ``left sign right`` holds; ``sign`` is one of ``= != < <= > >=``."""
    if left is None or right is None:
        return sign == "!=" and left is not right
    if isinstance(left, str) and isinstance(right, str) and sign in ("=", "!="):
        return _ORDER[sign](left, right)
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return _ORDER[sign](first, second)
    return _ORDER[sign](natural(left), natural(right))


def grouped(value: Value) -> Value:
    """What a value is told apart by in groups and among duplicates: a number and its text are one.

    >>> grouped(5) == grouped("5")
    True
    """
    return str(value) if isinstance(value, int | float) else value


def natural(value: Value) -> tuple[object, ...]:
    """The place of a value in ascending order: missing ones first, then texts in natural order, then numbers."""
    if value is None:
        return (0,)
    amount = number(value)
    if amount is not None:
        return (2, amount, shown(value))
    # digits sort by how many and then by what they are; other characters by Unicode; "0" stands where digits do
    chunks = _CHUNK.findall(shown(value))
    return (1, [("0", len(chunk), chunk) if "0" <= chunk[0] <= "9" else (chunk, 0, "") for chunk in chunks])


def shown(value: Value) -> str:
    """The value as results show it.

    AWS: doesn't say how many decimals a result has; four at most here.

    >>> shown(2.0), shown(1 / 3), shown(Timestamp(1767225600123))
    ('2', '0.3333', '2026-01-01 00:00:00.123')
    """
    match value:
        case Timestamp(milliseconds):
            moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
            return f"{moment:%Y-%m-%d %H:%M:%S}.{milliseconds % 1000:03}"
        case Period(count, unit):
            return f"{count}{unit}"
        case float():
            return f"{value:.4f}".rstrip("0").rstrip(".")
        case None:
            return ""
    return str(value)
