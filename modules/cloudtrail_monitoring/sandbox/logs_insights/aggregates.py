"""The functions of ``stats`` over the events of one group, by name.

Missing values count for nothing; a sum of no numbers is 0, and another figure of none is missing.

* AWS: counts distinct values approximately when they are many; here exactly.
* AWS: doesn't say how it interpolates a percentile; here it is the nearest value at or above.
* AWS: doesn't say whether ``stddev`` is of the sample or of the whole; here of the whole.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
"""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .values import Timestamp, Value, grouped, natural, number

Numbers = list[int | float]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How many arguments it takes, and what it makes of the first one's values in the order of time."""

    least: int
    most: int
    apply: Callable[[Sequence[Value], Sequence[Value]], Value]
    """Takes the values that are there, and those of the further arguments for the first event."""


def _of_numbers(calculate: Callable[[Numbers], int | float], *, empty: Value = None) -> Aggregate:
    def apply(values: Sequence[Value], _: Sequence[Value]) -> Value:
        numbers = [amount for amount in map(number, values) if amount is not None]
        return calculate(numbers) if numbers else empty

    return Aggregate(1, 1, apply)


def _of_values(choose: Callable[[Sequence[Value]], Value]) -> Aggregate:
    return Aggregate(1, 1, lambda values, _: choose(values) if values else None)


def _extreme(choose: Callable[..., Value]) -> Aggregate:
    """The least or greatest number; of timestamps it is one of them."""

    def apply(values: Sequence[Value], _: Sequence[Value]) -> Value:
        numeric = [value for value in values if isinstance(value, Timestamp) or number(value) is not None]
        if not numeric:
            return None
        found = choose(numeric, key=number)
        return found if isinstance(found, Timestamp) else number(found)

    return Aggregate(1, 1, apply)


def _percentile(values: Sequence[Value], further: Sequence[Value]) -> Value:
    numbers = sorted(amount for amount in map(number, values) if amount is not None)
    percent = number(further[0])
    if not numbers or percent is None or not 0 <= percent <= 100:
        return None
    return numbers[max(0, math.ceil(len(numbers) * percent / 100) - 1)]


AGGREGATES: dict[str, Aggregate] = {
    "count": Aggregate(0, 1, lambda values, _: len(values)),
    "count_distinct": Aggregate(1, 1, lambda values, _: len(set(map(grouped, values)))),
    "sum": _of_numbers(sum, empty=0),
    "avg": _of_numbers(lambda numbers: sum(numbers) / len(numbers)),
    "min": _extreme(min),
    "max": _extreme(max),
    "stddev": _of_numbers(statistics.pstdev),
    "pct": Aggregate(2, 2, _percentile),
    "earliest": _of_values(lambda values: values[0]),
    "latest": _of_values(lambda values: values[-1]),
    "sortsFirst": _of_values(lambda values: min(values, key=natural)),
    "sortsLast": _of_values(lambda values: max(values, key=natural)),
}
