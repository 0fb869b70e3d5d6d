"""Scales for `charts`: round numbers for an axis, round UTC times for a time axis, and short words for large numbers.

Pure arithmetic; nothing here knows of SVG.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

LARGEST = 1e300
"""The largest magnitude a chart takes: beyond it, differences of floats overflow."""
SMALLEST = 1e-300
"""The shortest axis; what lies closer together is one place."""

Label = tuple[float, str]
"""A place on an axis, and what is written there."""

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TIME_STEPS = (
    *(_MINUTE * minutes for minutes in (1, 5, 10, 15, 30)),
    *(_HOUR * hours for hours in (1, 2, 3, 6, 12)),
    *(_DAY * days for days in (1, 2, 7, 14, 28, 91, 365)),
)


class Scale(NamedTuple):
    """An axis: where it begins and ends, and the round numbers on it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Where a value lies: 0 at the beginning, 1 at the end; beyond them for what is outside."""
        return (value - self.low) / (self.high - self.low)


_SLACK = 1e-9  # of a step: what arithmetic on floats may be off


def round_scale(
    values: Sequence[float], *, low: float | None = None, high: float | None = None, whole: bool = False
) -> Scale:
    """An axis that holds zero and the values, from one round number to another.

    Args:
        whole: whether only whole numbers are written on it, as for what is counted.
        low, high: an end that is given, instead of one made from the values.

    >>> round_scale([3, 87])
    Scale(low=0.0, high=100.0, ticks=(0.0, 20.0, 40.0, 60.0, 80.0, 100.0))
    """
    bottom = min([0.0, *values]) if low is None else low
    top = max([0.0, *values]) if high is None else high
    if top - bottom < SMALLEST:
        bottom, top = (bottom, bottom + 1.0) if high is None else (top - 1.0, top)
    step = _round_step((top - bottom) / 5)
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.floor(bottom / step + _SLACK), math.ceil(top / step - _SLACK)
    ticks = tuple(number * step for number in range(first, last + 1))
    start = ticks[0] if low is None else bottom
    end = ticks[-1] if high is None else top
    return Scale(start, end, tuple(tick for tick in ticks if start <= tick <= end))


def _round_step(at_least: float) -> float:
    power = 10.0 ** math.floor(math.log10(at_least))
    return next(power * factor for factor in _ROUND if power * factor >= at_least * (1 - _SLACK))


def short_number(value: float) -> str:
    """A number as an axis says it.

    >>> [short_number(value) for value in (0, 0.25, 950, 12_500, 3e6)]
    ['0', '0.25', '950', '12.5 k', '3 M']
    """
    size = abs(value)
    if size >= 1e15:
        return f"{value:.3g}"
    for unit, suffix in _SUFFIXES:
        if size >= unit:
            return f"{value / unit:.4g} {suffix}"
    return f"{value:.4g}"


def time_labels(start: float, end: float, *, most: int = 7) -> tuple[Label, ...]:
    """Round UTC times between two, as hours where they are close and as dates where they are not.

    Args:
        start, end: seconds since 1970-01-01T00:00Z.
        most: how many labels there may be, roughly.

    >>> [text for _, text in time_labels(0, 6 * 3600)]
    ['00:00', '01:00', '02:00', '03:00', '04:00', '05:00', '06:00']
    """
    if end <= start:
        return ((start, _moment(start).strftime("%d %b %H:%M")),)
    step = next((step for step in _TIME_STEPS if (end - start) / step <= most), _round_step((end - start) / most))
    days = step >= _DAY
    labels = []
    at = math.ceil(start / step) * step
    while at <= end:
        moment = _moment(at)
        midnight = not days and moment.hour == moment.minute == 0 and end - start > _DAY
        labels.append((float(at), moment.strftime("%d %b" if days or midnight else "%H:%M")))
        at += step
    return tuple(labels)


def _moment(seconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
