"""The functions of Logs Insights over the values of one event, by name; those over groups are in ``aggregates``.

Not here: ``jsonParse`` and its kin, and functions that change how a text is written (``urldecode``, ``base64decode``
and others): a query with one is refused by name.

* AWS: doesn't say what most functions make of a missing field; here that is a missing value, and ``concat`` leaves it
  out.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

import ipaddress
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .values import Period, Timestamp, Value, number, shown, timestamp

Numeric = int | float


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, and what it makes of them."""

    least: int
    most: int | None
    """``None``: as many as one likes."""
    apply: Callable[..., Value]
    takes_missing: bool = False
    """Whether it is asked at all when one of its arguments is missing."""

    def __call__(self, arguments: Sequence[Value]) -> Value:
        if not self.takes_missing and any(argument is None for argument in arguments):
            return None
        return self.apply(*arguments)


_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_DAYS_TO_MONDAY = 4
"""1970-01-01 was a Thursday; AWS: doesn't say on which day a week begins."""


def floor_of(moment: Value, period: Value) -> Value:
    """The beginning of the period in which a moment lies, in UTC."""
    if not isinstance(moment, Timestamp) or not isinstance(period, Period):
        return None
    if period.unit in _MONTHS:
        day = datetime.fromtimestamp(moment.milliseconds // 1000, UTC)
        months = day.year * 12 + day.month - 1
        year, month = divmod(months - months % (period.count * _MONTHS[period.unit]), 12)
        return Timestamp(int(datetime(max(year, 1), month + 1, 1, tzinfo=UTC).timestamp()) * 1000)
    length = period.count * _MILLISECONDS[period.unit]
    start = _DAYS_TO_MONDAY * _MILLISECONDS["d"] if period.unit == "w" else 0
    return Timestamp((moment.milliseconds - start) // length * length + start)


def ceiling_of(moment: Value, period: Value) -> Value:
    """The end of the period in which a moment lies; a moment at a beginning is its own."""
    floor = floor_of(moment, period)
    if floor == moment or not isinstance(floor, Timestamp) or not isinstance(period, Period):
        return floor
    if period.unit in _MONTHS:
        # a month has 31 days at most: so many days after the beginning lie in the next period
        return floor_of(
            Timestamp(floor.milliseconds + period.count * _MONTHS[period.unit] * 31 * _MILLISECONDS["d"]), period
        )
    return Timestamp(floor.milliseconds + period.count * _MILLISECONDS[period.unit])


def _numeric(calculate: Callable[..., Numeric]) -> Callable[..., Value]:
    def apply(*arguments: Value) -> Value:
        numbers = [number(argument) for argument in arguments]
        if None in numbers:
            return None
        try:
            return calculate(*numbers)
        except (ArithmeticError, ValueError):
            return None

    return apply


def _textual(change: Callable[..., str | int]) -> Callable[..., Value]:
    return lambda *arguments: change(*map(shown, arguments))


def _substring(text: Value, start: Value, length: Value = None) -> Value:
    first, count = number(start), number(length)
    if first is None:
        return None
    rest = shown(text)[max(0, int(first)) :]
    return rest if count is None else rest[: max(0, int(count))]


def _contains(text: Value, wanted: Value, any_case: Value = 0) -> Value:
    haystack, needle = shown(text), shown(wanted)
    if holds(any_case):
        haystack, needle = haystack.lower(), needle.lower()
    return int(needle in haystack)


def _first_present(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def _case(*arguments: Value) -> Value:
    *branches, default = arguments if len(arguments) % 2 else (*arguments, None)
    pairs = zip(branches[::2], branches[1::2], strict=True)
    return next((value for condition, value in pairs if holds(condition)), default)


def _is_address(version: int | None) -> Callable[..., Value]:
    def apply(value: Value) -> Value:
        try:
            address = ipaddress.ip_address(shown(value))
        except ValueError:
            return 0
        return int(version in (None, address.version))

    return apply


def _is_in_subnet(version: int | None) -> Callable[..., Value]:
    def apply(value: Value, subnet: Value) -> Value:
        try:
            address, network = ipaddress.ip_address(shown(value)), ipaddress.ip_network(shown(subnet), strict=False)
        except ValueError:
            return 0
        return int(version in (None, address.version) and address in network)

    return apply


def holds(value: Value) -> bool:
    """Whether a value counts as true: any number but 0. Truth is the number 1 here, as it is in results."""
    return isinstance(value, int | float) and value != 0


FUNCTIONS: dict[str, Function] = {
    "abs": Function(1, 1, _numeric(abs)),
    "ceil": Function(1, 1, _numeric(math.ceil)),
    "floor": Function(1, 1, _numeric(math.floor)),
    "greatest": Function(1, None, _numeric(lambda *numbers: max(numbers))),
    "least": Function(1, None, _numeric(lambda *numbers: min(numbers))),
    "log": Function(1, 1, _numeric(math.log)),
    "sqrt": Function(1, 1, _numeric(math.sqrt)),
    "datefloor": Function(2, 2, floor_of),
    "dateceil": Function(2, 2, ceiling_of),
    "fromMillis": Function(1, 1, lambda milliseconds: timestamp(number(milliseconds))),
    "toMillis": Function(1, 1, lambda moment: moment.milliseconds if isinstance(moment, Timestamp) else None),
    "ispresent": Function(1, 1, lambda value: int(value is not None), takes_missing=True),
    "coalesce": Function(1, None, _first_present, takes_missing=True),
    "if": Function(3, 3, lambda condition, yes, no: yes if holds(condition) else no, takes_missing=True),
    "case": Function(2, 21, _case, takes_missing=True),
    "isNumeric": Function(1, 1, lambda value: int(number(value) is not None)),
    "isValidIp": Function(1, 1, _is_address(None)),
    "isValidIpV4": Function(1, 1, _is_address(4)),
    "isValidIpV6": Function(1, 1, _is_address(6)),
    "isIpInSubnet": Function(2, 2, _is_in_subnet(None)),
    "isIpv4InSubnet": Function(2, 2, _is_in_subnet(4)),
    "isIpv6InSubnet": Function(2, 2, _is_in_subnet(6)),
    "isempty": Function(1, 1, lambda value: int(shown(value) == ""), takes_missing=True),
    "isblank": Function(1, 1, lambda value: int(shown(value).strip() == ""), takes_missing=True),
    "concat": Function(1, None, _textual(lambda *texts: "".join(texts)), takes_missing=True),
    "ltrim": Function(1, 2, _textual(str.lstrip)),
    "rtrim": Function(1, 2, _textual(str.rstrip)),
    "trim": Function(1, 2, _textual(str.strip)),
    "strlen": Function(1, 1, _textual(len)),
    "toupper": Function(1, 1, _textual(str.upper)),
    "tolower": Function(1, 1, _textual(str.lower)),
    "substr": Function(2, 3, _substring),
    "replace": Function(3, 3, _textual(str.replace)),
    "strcontains": Function(2, 3, _contains),
    "startsWith": Function(2, 2, _textual(lambda text, start: int(text.startswith(start)))),
    "endsWith": Function(2, 2, _textual(lambda text, end: int(text.endswith(end)))),
}
