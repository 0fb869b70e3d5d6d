"""Charts as inline SVG: lines, bars and stacked areas that follow the page's colours, by day and by night.

A chart is as wide as its place and does not shrink its letters: shapes are stretched, text is placed by percentages.
The page brings `CHART_STYLE` once; nothing needs a script or the network. Everything written is escaped. Scales are
`chart_scales`; what is drawn, and why, is the caller's.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from markupsafe import Markup

from cloudtrail_monitoring.governance.chart_scales import LARGEST, Label, Scale, round_scale, short_number
from cloudtrail_monitoring.governance.chart_style import CHART_STYLE, COLOURS, colour_of

Kind = Literal["lines", "bars", "stacked_bars", "stacked_areas"]
Points = Sequence[tuple[float, float | None]]

_WIDTH = 1000  # of the stretched shapes, in units of their own
_DASHES = ("", "6 4", "2 3")


@dataclass(frozen=True)
class Series:
    """Values that belong together.

    Args:
        label: what the legend says.
        points: x and y, in any order; ``None`` for a gap. For a time axis x is in seconds since 1970-01-01T00:00Z.
        colour: a CSS colour; one of the palette if not given.
        figure: a number the legend names beside the label, such as the latest.
    """

    label: str
    points: Points
    colour: str | None = None
    figure: str | None = None


@dataclass(frozen=True)
class Band:
    """What is expected: a shaded area; ``points`` are x, lower and upper end."""

    label: str
    points: Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class Threshold:
    """A dashed line across the chart."""

    label: str
    value: float


def chart(
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    kind: Kind = "lines",
    band: Band | None = None,
    thresholds: Sequence[Threshold] = (),
    x_labels: Sequence[Label] | None = None,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float | None, float | None] = (None, None),
    y_format: Callable[[float], str] = short_number,
    bar_slot: float | None = None,
    height: int = 200,
) -> Markup:
    """Draw series into a ``<figure>`` with its legend.

    Args:
        title: what a screen reader calls the chart; the page says it itself, too.
        description: one sentence on what it shows.
        kind: how values are drawn. Stacks take no negative values, and read a gap as nothing.
        x_labels: what stands on the x axis, and where; round numbers if not given.
        x_range: first and last x; those of the points if not given. Bars need half a bar more, and take it.
        y_range: ends of the y axis; round numbers around zero and the values where ``None``.
        bar_slot: how much of the x axis a bar stands for, such as a day; the shortest gap between bars if not given.
        height: of the drawing in pixels, without axis labels and legend.

    Raises:
        ValueError: a value is not a number or is beyond ``LARGEST``, or is negative in a stack.

    >>> chart([Series("logins", [(1, 3.0), (2, 5.0)])], title="Logins", description="By day.")[:22]
    Markup('<figure class="chart">')
    """
    _refuse(series, band, stacked=kind.startswith("stacked"))
    stacks = _stacked(series) if kind.startswith("stacked") else [_sorted(one.points) for one in series]
    xs = sorted({x for points in stacks for x, _ in points} | {x for x, _, _ in (band.points if band else ())})
    slot = bar_slot or min((after - before for before, after in pairwise(xs)), default=1.0)
    slot = slot if "bars" in kind else 0.0
    x_scale = _x_scale(xs, x_range, slot)
    ys = [y for points in stacks for _, y in points if y is not None]
    ys += [y for _, *ends in (band.points if band else ()) for y in ends] + [one.value for one in thresholds]
    y_scale = round_scale(ys, low=y_range[0], high=y_range[1], whole=all(y == round(y) for y in ys))
    beyond = any(not y_scale.low <= y <= y_scale.high for y in ys)
    drawing = _Drawing(x_scale, y_scale, height, y_format, clipped=beyond)
    shapes = drawing.band(band.points) if band else Markup()
    shapes += drawing.shapes(kind, series, stacks, slot)
    if not any(y is not None for one in series for _, y in one.points):
        shapes += Markup('<text class="none" x="50%" y="{}">no data</text>').format(height // 2)
    labels = [(tick, short_number(tick)) for tick in x_scale.ticks] if x_labels is None else x_labels
    return Markup(
        '<figure class="chart"><svg role="img" width="100%" height="{}"><title>{}</title><desc>{}</desc>'
        "{}{}{}{}</svg>{}</figure>"
    ).format(
        height, title, description, drawing.grid(), shapes, drawing.thresholds(thresholds),
        drawing.x_axis(labels if xs or x_range else ()), _legend(series, band),
    )  # fmt: skip


def _refuse(series: Sequence[Series], band: Band | None, *, stacked: bool) -> None:
    for one in series:
        for number in (number for point in one.points for number in point if number is not None):
            if not math.isfinite(number) or abs(number) > LARGEST:
                raise ValueError(f"{one.label}: {number} can't be drawn")
        if stacked and any(y is not None and y < 0 for _, y in one.points):
            raise ValueError(f"{one.label}: a stack takes no negative values")
    for point in band.points if band else ():
        if not all(math.isfinite(number) and abs(number) <= LARGEST for number in point):
            raise ValueError(f"{band.label if band else ''}: {point} can't be drawn")


def _sorted(points: Points) -> list[tuple[float, float | None]]:
    return sorted(points, key=lambda point: point[0])


def _stacked(series: Sequence[Series]) -> list[list[tuple[float, float | None]]]:
    """Each series on top of those before it, at every x of any."""
    xs = sorted({x for one in series for x, _ in one.points})
    heights = dict.fromkeys(xs, 0.0)
    stacks: list[list[tuple[float, float | None]]] = []
    for one in series:
        own = dict(one.points)
        heights = {x: height + (own.get(x) or 0.0) for x, height in heights.items()}
        stacks.append(list(heights.items()))
    return stacks


def _x_scale(xs: Sequence[float], given: tuple[float, float] | None, slot: float) -> Scale:
    first, last = given or ((xs[0], xs[-1]) if xs else (0.0, 1.0))
    first, last = first - slot / 2, last + slot / 2
    if last <= first:  # one point: in the middle
        first, last = first - 0.5, last + 0.5
    return round_scale((), low=first, high=last)


class _Drawing:
    """Shapes on a pair of scales."""

    def __init__(
        self, x: Scale, y: Scale, height: int, y_format: Callable[[float], str], *, clipped: bool = False
    ) -> None:
        self._x, self._y, self._height, self._format = x, y, height, y_format
        # otherwise a line along an edge keeps its whole width
        self._overflow = "hidden" if clipped else "visible"

    def _px(self, value: float) -> float:
        return self._height * (1 - self._y.place(value))

    def _percent(self, value: float) -> str:
        return f"{_figure(100 * self._x.place(value))}%"

    def _at(self, x: float, y: float) -> str:
        return f"{_figure(_WIDTH * self._x.place(x))},{_figure(self._px(y))}"

    def grid(self) -> Markup:
        line = Markup(
            '<line class="{}" x1="0" x2="100%" y1="{y}" y2="{y}"/><text class="y" x="-8" y="{y}" dy="4">{}</text>'
        )
        return Markup().join(
            line.format("grid" if tick else "zero", self._format(tick), y=_figure(self._px(tick)))
            for tick in self._y.ticks
        )

    def x_axis(self, labels: Iterable[Label]) -> Markup:
        text = Markup('<text class="x" x="{}" y="{}">{}</text>')
        within = (label for label in labels if self._x.low <= label[0] <= self._x.high)
        # texts alone in a group, so that a phone can leave out every second of them
        texts = Markup().join(text.format(self._percent(x), self._height + 17, word) for x, word in within)
        return Markup("<g>{}</g>").format(texts)

    def thresholds(self, thresholds: Iterable[Threshold]) -> Markup:
        line = Markup(
            '<line class="threshold" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
            '<text class="threshold-label" x="4" y="{y}" dy="-5">{}</text>'
        )
        return Markup().join(line.format(one.label, y=_figure(self._px(one.value))) for one in thresholds)

    def band(self, points: Sequence[tuple[float, float, float]]) -> Markup:
        ordered = sorted(points)
        upper = [self._at(x, high) for x, _, high in ordered]
        lower = [self._at(x, low) for x, low, _ in reversed(ordered)]
        shape = Markup('<polygon class="band" points="{}"/>').format(" ".join(upper + lower))
        return self._stretched(shape) if ordered else Markup()

    def shapes(
        self, kind: Kind, series: Sequence[Series], stacks: Sequence[Sequence[tuple[float, float | None]]], slot: float
    ) -> Markup:
        """The values themselves; ``stacks`` holds where each ends."""
        if kind == "lines":
            return Markup().join(
                self._line(points, colour_of(number, one.colour), _DASHES[number // COLOURS % len(_DASHES)])
                for number, (one, points) in enumerate(zip(series, stacks, strict=True))
            )
        shapes = []
        for number, (one, points) in enumerate(zip(series, stacks, strict=True)):
            below = dict(stacks[number - 1]) if number and kind.startswith("stacked") else {}
            colour = colour_of(number, one.colour)
            if kind == "stacked_areas":
                shapes.append(self._area(points, below, colour))
            else:
                wide, left = slot * 0.8, -slot * 0.4
                if kind == "bars":
                    wide /= len(series)
                    left += wide * number
                shapes += [self._bar(one, x, y, below.get(x) or 0.0, left, wide, colour) for x, y in points]
        return Markup().join(shapes)

    def _line(self, points: Iterable[tuple[float, float | None]], colour: str, dashes: str) -> Markup:
        path, dots = Markup('<path class="line" d="{}" style="stroke: {}" stroke-dasharray="{}"/>'), []
        runs = []
        for run in _runs(points):
            if len(run) == 1:
                (x, y), *_ = run
                dot = Markup('<circle cx="{}" cy="{}" r="3.5" style="fill: {}"><title>{}</title></circle>')
                dots.append(dot.format(self._percent(x), _figure(self._px(y)), colour, self._format(y)))
            else:
                runs.append("M" + " L".join(self._at(x, y) for x, y in run))
        line = self._stretched(path.format(" ".join(runs), colour, dashes or "none")) if runs else Markup()
        return line + Markup().join(dots)

    def _area(self, points: Sequence[tuple[float, float | None]], below: dict[float, float | None], c: str) -> Markup:
        if not points:
            return Markup()
        upper = [self._at(x, y or 0.0) for x, y in points]
        lower = [self._at(x, below.get(x) or 0.0) for x, _ in reversed(points)]
        shape = Markup('<polygon class="area" points="{}" style="fill: {}"/>')
        return self._stretched(shape.format(" ".join(upper + lower), c))

    def _bar(
        self, one: Series, x: float, y: float | None, below: float, left: float, wide: float, colour: str
    ) -> Markup:
        if y is None or y == below:
            return Markup()
        top, bottom = sorted(min(max(self._px(end), 0.0), self._height) for end in (y, below))
        width = 100 * wide / (self._x.high - self._x.low)
        return Markup(
            '<rect x="{}" y="{}" width="{}%" height="{}" style="fill: {}"><title>{}</title></rect>'
        ).format(
            self._percent(x + left), _figure(top), _figure(width), _figure(bottom - top), colour,
            f"{one.label}: {self._format(y - below)}",
        )  # fmt: skip

    def _stretched(self, shape: Markup) -> Markup:
        return Markup(
            '<svg width="100%" height="{h}" viewBox="0 0 {} {h}" preserveAspectRatio="none" overflow="{}">{}</svg>'
        ).format(_WIDTH, self._overflow, shape, h=self._height)


def _runs(points: Iterable[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """The points between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if y is None:
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if run]


def _legend(series: Sequence[Series], band: Band | None) -> Markup:
    entries = [(one.label, one.figure, colour_of(number, one.colour)) for number, one in enumerate(series)]
    if band:
        entries.append((band.label, None, "color-mix(in srgb, var(--chart-7) 30%, transparent)"))
    entry = Markup('<li><i style="background: {}"></i><span>{}{}</span></li>')
    items = (
        entry.format(colour, label, Markup(" <b>{}</b>").format(figure) if figure else "")
        for label, figure, colour in entries
    )
    return Markup('<ul class="chart-legend">{}</ul>').format(Markup().join(items)) if entries else Markup()


def _figure(number: float) -> str:
    """A coordinate, to a hundredth."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


__all__ = ["CHART_STYLE", "COLOURS", "Band", "Kind", "Series", "Threshold", "chart", "colour_of"]
