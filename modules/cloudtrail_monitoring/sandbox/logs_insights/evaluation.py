"""The value of an expression of Logs Insights, for one event or for one group of ``stats``.

* AWS: doesn't say that arithmetic without a number, or a division by 0, is a missing value.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .aggregates import AGGREGATES
from .discovery import Row
from .functions import FUNCTIONS, holds
from .tree import (
    Aggregation,
    AllOf,
    Among,
    AnyOf,
    Call,
    Chain,
    Compared,
    Expression,
    Field,
    Like,
    Literal,
    Not,
    Now,
    Star,
)
from .values import Value, compare, number, shown

_ARITHMETIC: dict[str, Callable[[Any, Any], int | float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "^": math.pow,
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Where an expression is asked: an event's row, or the rows of a group in the order of time."""

    now_seconds: int
    row: Row
    members: Sequence[Row] = ()

    def value(self, expression: Expression) -> Value:
        match expression:
            case Field(name):
                return self.row.get(name)
            case Literal(value):
                return value
            case Compared(left, sign, right):
                return int(compare(self.value(left), sign, self.value(right)))
            case AllOf(terms):
                return int(all(holds(self.value(term)) for term in terms))
            case AnyOf(terms):
                return int(any(holds(self.value(term)) for term in terms))
            case Not(term):
                return int(not holds(self.value(term)))
            case Like(inner, wanted):
                return self._like(self.value(inner), wanted)
            case Among(inner, listed):
                value = self.value(inner)
                return int(any(compare(value, "=", self.value(one)) for one in listed))
            case Call(name, arguments):
                return FUNCTIONS[name]([self.value(argument) for argument in arguments])
            case Aggregation(name, arguments):
                return self._figure(name, arguments)
            case Chain(first, rest):
                return self._calculated(number(self.value(first)), rest)
            case Now():
                return self.now_seconds
            case Star():
                return 1
        raise AssertionError(expression)  # pragma: no cover

    def _like(self, value: Value, wanted: Any) -> Value:
        if value is None:
            return 0
        return int(wanted in shown(value) if isinstance(wanted, str) else wanted.search(shown(value)) is not None)

    def _figure(self, name: str, arguments: Sequence[Expression]) -> Value:
        asked = arguments[0] if arguments else Star()
        values = [Evaluation(self.now_seconds, row).value(asked) for row in self.members]
        further = [self.value(argument) for argument in arguments[1:]]
        return AGGREGATES[name].apply([value for value in values if value is not None], further)

    def _calculated(self, first: int | float | None, rest: Sequence[tuple[str, Expression]]) -> Value:
        result = first
        for sign, term in rest:
            operand = number(self.value(term))
            if result is None or operand is None:
                return None
            try:
                result = _ARITHMETIC[sign](result, operand)
            except (ArithmeticError, ValueError):
                return None
        return result
