"""CloudWatch metric math, evaluated on the laptop: the expressions of a deployed alarm over the datapoints of a replay.

It follows AWS's page on metric math for the part of the language that alarms here use: arithmetic, comparison and
logical operators, `IF`, `FILL`, the parts of a timestamp, rounding, and aggregation. Everything else is refused by name
rather than guessed. Where the page is silent, an operator gives no datapoint where none of its time series has one.
Reading the text is left to `metric_math_syntax`; which metrics and expressions an alarm has, and what it makes of the
result, to the caller.

Source of every rule: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise, repeat
from statistics import fmean
from typing import Any

from cloudtrail_monitoring.sandbox.metric_math_syntax import (
    Array,
    Call,
    Chain,
    ExpressionFault,
    Name,
    Node,
    Number,
    Word,
    parse,
)

Series = dict[int, float]
"""Datapoints by the start of their period, in seconds since 1970-01-01T00:00Z. A period without data has no key."""


class MetricMathError(ValueError):
    """An expression that CloudWatch would refuse, or that uses what is not evaluated here; ``str()`` is one line."""


@dataclass(frozen=True, slots=True)
class _TimeSeries:
    """One value for each timestamp of the evaluation, `None` where there is no datapoint."""

    values: Sequence[float | None]
    complete: bool


_Value = float | _TimeSeries | tuple[_TimeSeries, ...] | str  # S, TS, TS[], and the words REPEAT and LINEAR


def _mapped(function: Callable[..., float], *columns: Iterable[Any]) -> _TimeSeries:
    """Apply ``function`` point by point; a point that has no result, such as a division by zero, is dropped."""
    try:
        return _TimeSeries(list(map(function, *columns)), complete=True)
    except (ArithmeticError, ValueError):
        values = list(map(_or_nothing(function), *columns))
        return _TimeSeries(values, complete=None not in values)


def _or_nothing(function: Callable[..., float]) -> Callable[..., float | None]:
    def point(*arguments: float) -> float | None:
        try:
            return function(*arguments)
        except (ArithmeticError, ValueError):
            return None

    return point


def _zero_filled(value: float | _TimeSeries) -> Iterable[Any]:
    if not isinstance(value, _TimeSeries):
        return repeat(value)
    return value.values if value.complete else [point or 0 for point in value.values]


def _without(result: _TimeSeries, operands: Sequence[_TimeSeries]) -> _TimeSeries:
    """``result`` without the points at which no operand has one."""
    if any(series.complete for series in operands):
        return result
    points = zip(result.values, *(series.values for series in operands), strict=True)
    values = [None if all(value is None for value in given) else point for point, *given in points]
    return _TimeSeries(values, complete=False)


@dataclass(frozen=True, slots=True)
class _Operator:
    """A binary operator; only arithmetic takes arrays of time series."""

    symbol: str
    function: Callable[[float, float], float]
    takes_arrays: bool = False

    def apply(self, left: _Value, right: _Value) -> _Value:
        if isinstance(left, str) or isinstance(right, str):
            raise ExpressionFault(f"{self.symbol} takes numbers and time series only")
        if isinstance(left, tuple) or isinstance(right, tuple):
            return self._on_arrays(left, right)
        if isinstance(left, _TimeSeries) or isinstance(right, _TimeSeries):
            operands = [value for value in (left, right) if isinstance(value, _TimeSeries)]
            return _without(_mapped(self.function, _zero_filled(left), _zero_filled(right)), operands)
        result = _or_nothing(self.function)(left, right)
        if result is None:
            raise ExpressionFault(f"{left:g} {self.symbol} {right:g} has no value")
        return result

    def _on_arrays(self, left: _Value, right: _Value) -> _Value:
        if not self.takes_arrays:
            raise ExpressionFault(f"{self.symbol} does not take an array of time series")
        size = len(left) if isinstance(left, tuple) else len(right) if isinstance(right, tuple) else 0
        lefts = left if isinstance(left, tuple) else (left,) * size
        rights = right if isinstance(right, tuple) else (right,) * size
        if len(lefts) != len(rights):
            raise ExpressionFault(f"{self.symbol} needs arrays of one length, not of {len(lefts)} and {len(rights)}")
        return _array(self.apply(one, other) for one, other in zip(lefts, rights, strict=True))


_OPERATORS: dict[str, _Operator] = {
    "OR": _Operator("OR", lambda left, right: bool(left or right)),
    "||": _Operator("||", lambda left, right: bool(left or right)),
    "AND": _Operator("AND", lambda left, right: bool(left and right)),
    "&&": _Operator("&&", lambda left, right: bool(left and right)),
    "==": _Operator("==", operator.eq),
    "!=": _Operator("!=", operator.ne),
    "<=": _Operator("<=", operator.le),
    ">=": _Operator(">=", operator.ge),
    "<": _Operator("<", operator.lt),
    ">": _Operator(">", operator.gt),
    "+": _Operator("+", operator.add, takes_arrays=True),
    "-": _Operator("-", operator.sub, takes_arrays=True),
    "*": _Operator("*", operator.mul, takes_arrays=True),
    "/": _Operator("/", operator.truediv, takes_arrays=True),
    "^": _Operator("^", math.pow, takes_arrays=True),
}


def _array(values: Iterable[_Value]) -> tuple[_TimeSeries, ...]:
    members: list[_TimeSeries] = []
    for value in values:
        if isinstance(value, _TimeSeries):
            members.append(value)
        elif isinstance(value, tuple):
            members.extend(value)
        else:
            raise ExpressionFault("an array holds time series only")
    return tuple(members)


def _series(name: str, value: _Value) -> _TimeSeries:
    if not isinstance(value, _TimeSeries):
        raise ExpressionFault(f"{name} takes a time series")
    return value


def _rounding(name: str, function: Callable[[float], float]) -> "_Function":
    def one(series: _TimeSeries) -> _TimeSeries:
        return _without(_mapped(function, _zero_filled(series)), [series])

    def call(_: "_Evaluation", value: _Value) -> _Value:
        return tuple(map(one, value)) if isinstance(value, tuple) else one(_series(name, value))

    return _Function(call, 1, 1)


def _timestamp(name: str, part: Callable[[int], int]) -> "_Function":
    """A part of the UTC timestamp: "a new non-sparse time series", whether or not the argument has a datapoint."""

    def call(evaluation: "_Evaluation", value: _Value) -> _Value:
        _series(name, value)
        return _TimeSeries([float(part(at)) for at in evaluation.times], complete=True)

    return _Function(call, 1, 1)


def _aggregate(name: str, function: Callable[[Iterable[float]], float], *, gaps_count_as_zero: bool) -> "_Function":
    """One number for a time series; a time series for an array of them."""

    def across(*points: float | None) -> float | None:
        present = [point for point in points if point is not None]
        if not present:
            return None
        return function([point or 0 for point in points] if gaps_count_as_zero else present)

    def call(_: "_Evaluation", value: _Value) -> _Value:
        if isinstance(value, tuple) and value:
            points = list(map(across, *(series.values for series in value)))
            return _TimeSeries(points, complete=None not in points)
        present = [point for point in _series(name, value).values if point is not None]
        if not present:
            raise ExpressionFault(f"{name} of a time series without datapoints has no value")
        return function(present)

    return _Function(call, 1, 1)


def _if(_: "_Evaluation", condition: _Value, then: _Value, otherwise: _Value | None = None) -> _Value:
    """AWS's table for `IF`: no condition, no datapoint; true without a datapoint is 0; false without one is dropped."""
    if isinstance(condition, (tuple, str)) or isinstance(then, (tuple, str)) or isinstance(otherwise, (tuple, str)):
        raise ExpressionFault("IF takes numbers and single time series")
    if not isinstance(condition, _TimeSeries):
        series = _series("IF with a number as its condition", then)
        if otherwise is not None:
            _series("IF with a number as its condition", otherwise)
        empty = _TimeSeries([None] * len(series.values), complete=False)
        return series if condition else otherwise if otherwise is not None else empty
    thens = _zero_filled(then)
    others: Iterable[Any] = otherwise.values if isinstance(otherwise, _TimeSeries) else repeat(otherwise)
    points = zip(condition.values, thens, others, strict=False)
    if condition.complete:
        values = [yes if given else no for given, yes, no in points]
    else:
        values = [None if given is None else yes if given else no for given, yes, no in points]
    return _TimeSeries(values, complete=None not in values)


def _fill(evaluation: "_Evaluation", value: _Value, filler: _Value) -> _Value:
    if isinstance(value, tuple):
        return _array(_fill(evaluation, series, filler) for series in value)
    given = _series("FILL", value).values
    if isinstance(filler, tuple):
        raise ExpressionFault("FILL takes a number, a time series, REPEAT or LINEAR to fill with")
    if isinstance(filler, str):
        values = _repeated(given) if filler == "REPEAT" else _interpolated(evaluation.times, given)
    else:
        fills: Iterable[Any] = filler.values if isinstance(filler, _TimeSeries) else repeat(filler)
        values = [fill if point is None else point for point, fill in zip(given, fills, strict=False)]
    return _TimeSeries(values, complete=None not in values)


def _repeated(points: Sequence[float | None]) -> list[float | None]:
    latest: float | None = None
    return [latest := latest if point is None else point for point in points]


def _interpolated(times: Sequence[int], points: Sequence[float | None]) -> list[float | None]:
    """Fill each gap along the straight line between its ends; outside the first and the last point nothing is known."""
    filled = list(points)
    known = [(index, point) for index, point in enumerate(points) if point is not None]
    for (start, first), (end, last) in pairwise(known):
        slope = (last - first) / (times[end] - times[start])
        for index in range(start + 1, end):
            filled[index] = first + slope * (times[index] - times[start])
    return filled


def _metrics(evaluation: "_Evaluation") -> _Value:
    return tuple(map(evaluation.metric, evaluation.series))


def _time_series(evaluation: "_Evaluation", value: _Value) -> _Value:
    if not isinstance(value, (int, float)):
        raise ExpressionFault("TIME_SERIES takes a number")
    return _TimeSeries([value] * len(evaluation.times), complete=True)


@dataclass(frozen=True, slots=True)
class _Function:
    call: Callable[..., _Value]
    fewest: int
    most: int


def _date(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


_FUNCTIONS: dict[str, _Function] = {
    "IF": _Function(_if, 2, 3),
    "FILL": _Function(_fill, 2, 2),
    "METRICS": _Function(_metrics, 0, 0),
    "TIME_SERIES": _Function(_time_series, 1, 1),
    "ABS": _rounding("ABS", abs),
    "CEIL": _rounding("CEIL", lambda value: -(-value // 1.0)),
    "FLOOR": _rounding("FLOOR", lambda value: value // 1.0),
    "EPOCH": _timestamp("EPOCH", lambda at: at),
    "MINUTE": _timestamp("MINUTE", lambda at: at // 60 % 60),
    "HOUR": _timestamp("HOUR", lambda at: at // 3600 % 24),
    "DAY": _timestamp("DAY", lambda at: (at // 86400 + 3) % 7 + 1),
    "DATE": _timestamp("DATE", lambda at: _date(at).day),
    "MONTH": _timestamp("MONTH", lambda at: _date(at).month),
    "YEAR": _timestamp("YEAR", lambda at: _date(at).year),
    "SUM": _aggregate("SUM", math.fsum, gaps_count_as_zero=False),
    "MIN": _aggregate("MIN", min, gaps_count_as_zero=False),
    "MAX": _aggregate("MAX", max, gaps_count_as_zero=False),
    "AVG": _aggregate("AVG", fmean, gaps_count_as_zero=True),
}


# -- evaluation -----------------------------------------------------------------------------------------------------

_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")


class _Evaluation:
    """One request: its timestamps, its metrics, and each expression at most once."""

    def __init__(self, expressions: Mapping[str, str], series: Mapping[str, Series], times: Sequence[int]) -> None:
        self.times = times
        self.series = series
        self._expressions = expressions
        self._results: dict[str, _Value] = {}
        self._open: list[str] = []

    def metric(self, id_: str) -> _TimeSeries:
        """The datapoints of the metric ``id_``, one place for each timestamp."""
        values = list(map(self.series[id_].get, self.times))
        return _TimeSeries(values, complete=None not in values)

    def result(self, id_: str) -> _Value:
        """The metric or the expression ``id_``."""
        if id_ not in self._results:
            self._results[id_] = self.metric(id_) if id_ in self.series else self._expression(id_)
        return self._results[id_]

    def _expression(self, id_: str) -> _Value:
        if id_ in self._open:
            circle = " -> ".join([*self._open[self._open.index(id_) :], id_])
            raise MetricMathError(f"{id_}: the expressions refer to each other in a circle: {circle}")
        self._open.append(id_)
        try:
            value = self._value(parse(self._expressions[id_]))
            if not isinstance(value, (_TimeSeries, tuple)):
                raise ExpressionFault("the result is not a time series")
        except ExpressionFault as fault:
            raise MetricMathError(f"{id_}: {fault}") from None
        self._open.pop()
        return value

    def _value(self, node: Node) -> _Value:
        match node:
            case Number(value):
                return value
            case Word(text):
                return text
            case Name(id_, character):
                if id_ not in self.series and id_ not in self._expressions:
                    raise ExpressionFault(f"unknown id {id_} at character {character}")
                return self.result(id_)
            case Array(items):
                return _array(map(self._value, items))
            case Call():
                return self._called(node)
            case Chain(first, rest):
                result = self._value(first)
                for symbol, operand in rest:
                    result = _OPERATORS[symbol].apply(result, self._value(operand))
                return result

    def _called(self, call: Call) -> _Value:
        name, function = call.function, _FUNCTIONS.get(call.function)
        if function is None:
            hint = f"; functions are in capitals: {name.upper()}" if name.upper() in _FUNCTIONS else ""
            raise ExpressionFault(f"unknown function {name} at character {call.character}{hint}")
        if not function.fewest <= len(call.arguments) <= function.most:
            bounds = " to ".join(map(str, sorted({function.fewest, function.most})))
            raise ExpressionFault(f"{name} takes {bounds} arguments, not {len(call.arguments)}")
        return function.call(self, *map(self._value, call.arguments))


def evaluate(
    expressions: Mapping[str, str],
    series: Mapping[str, Series],
    wanted: str,
    *,
    times: Iterable[int] | None = None,
) -> Series:
    """The datapoints of one metric or expression of a request, as an alarm on ``wanted`` would see them.

    Args:
        expressions: Metric math by id; expressions may refer to metrics and to each other, in any order.
        series: The metrics by id.
        wanted: The id whose datapoints are returned: the one with ``ReturnData``.
        times: The start of every period of the request, in seconds since 1970-01-01T00:00Z, ascending:
            ``range(start, end, period)``. It matters where a metric has gaps, because `EPOCH` and its like have a value
            at every period. Default: the timestamps that any metric has.

    Raises:
        MetricMathError: an id is unknown, given twice or not an id; an expression can't be read, has a function that is
            not evaluated here, arguments of a kind it does not take, or a result that is not a single time series.

    >>> evaluate({"double": "m1 * 2"}, {"m1": {0: 1.0, 60: 4.0}}, "double")
    {0: 2.0, 60: 8.0}
    """
    for id_ in (*series, *expressions):
        if not _ID.fullmatch(id_):
            raise MetricMathError(f"{id_}: an id is a small letter, then up to 254 letters, digits and underscores")
    if twice := sorted(series.keys() & expressions.keys()):
        raise MetricMathError(f"{twice[0]}: the id of both a metric and an expression")
    if wanted not in series and wanted not in expressions:
        raise MetricMathError(f"{wanted}: no metric and no expression has this id")
    moments = sorted(set().union(*series.values())) if times is None else list(times)
    result = _Evaluation(expressions, series, moments).result(wanted)
    if not isinstance(result, _TimeSeries):
        raise MetricMathError(f"{wanted}: an array of time series, an alarm takes a single one")
    points = zip(moments, result.values, strict=True)
    return {moment: float(value) for moment, value in points if value is not None}
