"""The views of a metric widget: time series, numbers, bars, a pie, a table, a gauge, from the datapoints they draw.

A series without datapoints is named with "no data" and never left out. What was asked for is `metric_rows`, what came
back `observed`; charts with axes are `charts`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from markupsafe import Markup

from cloudtrail_monitoring.governance.chart_scales import short_number, time_labels
from cloudtrail_monitoring.governance.charts import Band, Series, Threshold, chart, colour_of
from cloudtrail_monitoring.governance.dashboard_page.body import Place, Span
from cloudtrail_monitoring.governance.dashboard_page.observed import Line

A_DAY = 86_400
ROW_PIXELS = 52
"""How high a row of the grid is."""
_WIDE = 10  # columns that have room for a label a day
_WITHOUT_CHART = 96  # of a widget's height: its title, the axis and a line of legend
_NO_DATA = Markup('<span class="none">no data</span>')

_SUMMARIES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
    "AVG": statistics.fmean,
}


class View(NamedTuple):
    """What a view is drawn from."""

    lines: Sequence[Line]
    properties: Mapping[str, Any]
    """Of the widget."""
    place: Place
    span: Span


def time_series(view: View) -> Markup:
    """Lines or stacked areas over the span, with the anomaly band and the thresholds there are."""
    plain = [line for line in view.lines if not line.row.is_band]
    right = [line for line in plain if line.row.on_the_right]
    left = [line for line in plain if not line.row.on_the_right]
    drawn = _chart(view, left, "left", _band([line for line in view.lines if line.row.is_band]))
    return drawn + (_chart(view, right, "right", None) if right else Markup())


def single_values(view: View) -> Markup:
    """The latest value of each series, with its course below where the widget has a ``sparkline``."""
    figure = Markup("<div><dd>{}</dd><dt>{}</dt>{}</div>")
    figures = Markup().join(
        figure.format(_latest(line), line.label, _spark(line, view.span) if view.properties.get("sparkline") else "")
        for line in view.lines
    )
    return Markup('<dl class="values">{}</dl>').format(figures)


def bars(view: View) -> Markup:
    """A bar for the latest value of each series, the longest first."""
    latest = sorted(((line.points[-1][1] if line.points else None, line) for line in view.lines), key=_largest_first)
    most = max((abs(value) for value, _ in latest if value is not None), default=0.0)
    colours = {id(line): colour_of(number, line.row.colour) for number, line in enumerate(view.lines)}
    bar = Markup('<li><span>{}</span><b>{}</b><i style="width: {}%; background: {}" aria-hidden="true"></i></li>')
    items = Markup().join(
        bar.format(
            line.label,
            _NO_DATA if value is None else number(value),
            0 if value is None or not most else round(100 * abs(value) / most, 1),
            colours[id(line)],
        )
        for value, line in latest
    )
    return Markup('<ol class="bars">{}</ol>').format(items)


def pie(view: View) -> Markup:
    """A ring of the latest values, beside what each stands for."""
    shares = [(line, max(0.0, line.points[-1][1]) if line.points else 0.0) for line in view.lines]
    whole = math.fsum(share for _, share in shares)
    arcs, turned = [], 0.0
    arc = Markup(
        '<circle r="15.9155" cx="20" cy="20" style="stroke: {}" stroke-dasharray="{} {}" stroke-dashoffset="{}"/>'
    )
    for place_, (line, share) in enumerate(shares):
        if share:
            part = 100 * share / whole
            arcs.append(
                arc.format(colour_of(place_, line.row.colour), f"{part:.2f}", f"{100 - part:.2f}", f"{25 - turned:.2f}")
            )
            turned += part
    entry = Markup('<li><i style="background: {}"></i><span>{} <b>{}</b></span></li>')
    legend = Markup().join(
        entry.format(
            colour_of(at, line.row.colour),
            line.label,
            f"{number(share)} ({100 * share / whole:.0f} %)" if whole and line.points else "no data",
        )
        for at, (line, share) in enumerate(shares)
    )
    title = Markup("<title>{}</title>").format(", ".join(f"{line.label}: {number(share)}" for line, share in shares))
    ring = (
        Markup('<svg role="img" viewBox="0 0 40 40">{}{}</svg>').format(title, Markup().join(arcs))
        if arcs
        else _NO_DATA
    )
    return Markup('<div class="pie">{}<ul class="chart-legend">{}</ul></div>').format(ring, legend)


def table(view: View) -> Markup:
    """A row for each series: summaries of the span, or its latest value."""
    wanted = view.properties.get("table") if isinstance(view.properties.get("table"), dict) else {}
    columns = [name for name in (wanted or {}).get("summaryColumns") or () if name in _SUMMARIES]
    head = Markup().join(Markup('<th class="number">{}</th>').format(name.lower()) for name in columns or ["latest"])
    rows = []
    for line in view.lines:
        values = [value for _, value in line.points]
        cells = [_SUMMARIES[name](values) if values else None for name in columns] or [values[-1] if values else None]
        shown = Markup().join(
            Markup('<td class="number">{}</td>').format(_NO_DATA if cell is None else number(cell)) for cell in cells
        )
        rows.append(Markup("<tr><td>{}</td>{}</tr>").format(line.label, shown))
    return Markup("<table><thead><tr><th></th>{}</tr></thead><tbody>{}</tbody></table>").format(
        head, Markup().join(rows)
    )


def gauge(view: View) -> Markup:
    """Each latest value between the ends of its axis."""
    low, high = _ends(view.properties, "left")
    meter = Markup('<div class="gauge"><b>{}</b><span>{}</span><i><i style="width: {}%; background: {}"></i></i></div>')
    low, high = low or 0.0, high if high is not None else 100.0
    gauges = []
    for at, line in enumerate(view.lines):
        share = (line.points[-1][1] - low) / (high - low) if line.points and high > low else 0.0
        filled = round(100 * min(1.0, max(0.0, share)), 1)
        gauges.append(meter.format(_latest(line), line.label, filled, colour_of(at, line.row.colour)))
    return Markup().join(gauges)


VIEWS: Mapping[str, Callable[[View], Markup]] = {
    "timeSeries": time_series,
    "singleValue": single_values,
    "bar": bars,
    "pie": pie,
    "table": table,
    "gauge": gauge,
}


def number(value: float) -> str:
    """A number to be read: thousands set apart, at most two decimals.

    >>> [number(value) for value in (1234567.0, 98.765, 0.001)]
    ['1,234,567', '98.77', '0.001']
    """
    if abs(value) >= 1e15 or 0 < abs(value) < 0.01:
        return f"{value:.3g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _chart(view: View, lines: Sequence[Line], side: str, band: Band | None) -> Markup:
    start, end = view.span.start.timestamp(), view.span.end.timestamp()
    series = [
        Series(line.label, _with_gaps(line), line.row.colour, None if line.points else "no data") for line in lines
    ]
    # a stack of what may be negative would lie: it is drawn as lines
    stacked = bool(view.properties.get("stacked")) and not any(
        y is not None and y < 0 for one in series for _, y in one.points
    )
    days = _is_daily(lines)
    if days:
        start, end = (at - at % A_DAY for at in (start, end))
    title = str(view.properties.get("title") or "Metrics")
    labels = ", ".join(one.label for one in series)
    return chart(
        series,
        title=title if side == "left" else f"{title}, right axis",
        description=f"{labels}, from {view.span.start:%d %B %H:%M} to {view.span.end:%d %B %H:%M} UTC.",
        kind=("stacked_bars" if stacked else "bars") if days else "stacked_areas" if stacked else "lines",
        band=band,
        thresholds=_thresholds(view.properties, side),
        x_labels=time_labels(start, end, most=7 if view.place.width >= _WIDE else 4),
        x_range=(start, end),
        bar_slot=A_DAY,
        y_range=_ends(view.properties, side),
        height=max(90, view.place.height * ROW_PIXELS - _WITHOUT_CHART),
    )


def _is_daily(lines: Sequence[Line]) -> bool:
    """Whether every metric is counted by the day: a line from midnight to midnight would say more than is known."""
    periods = [line.row.period_seconds for line in lines if line.points]
    return bool(periods) and all(period is not None and period >= A_DAY for period in periods)


def _with_gaps(line: Line) -> list[tuple[float, float | None]]:
    """The points, and none where CloudWatch has none: a line across a silent hour would be made up."""
    period = line.row.period_seconds or _shortest_step(line.points)
    points: list[tuple[float, float | None]] = []
    for at, value in line.points:
        if points and at - points[-1][0] > 1.5 * period:
            points.append((points[-1][0] + period, None))
        points.append((at, value))
    return points


def _shortest_step(points: Sequence[tuple[float, float]]) -> float:
    return min((after - before for (before, _), (after, _) in pairwise(points)), default=60.0)


def _band(lines: Sequence[Line]) -> Band | None:
    """The band between the two series of ``ANOMALY_DETECTION_BAND``."""
    values: dict[float, list[float]] = {}
    for line in lines:
        for at, value in line.points:
            values.setdefault(at, []).append(value)
    return (
        Band(lines[0].row.label or "expected", [(at, min(ends), max(ends)) for at, ends in values.items()])
        if values
        else None
    )


def _thresholds(properties: Mapping[str, Any], side: str) -> list[Threshold]:
    annotations = properties.get("annotations")
    found = annotations.get("horizontal") if isinstance(annotations, dict) else None
    return [
        Threshold(str(one.get("label") or short_number(one["value"])), float(one["value"]))
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, dict) and isinstance(one.get("value"), int | float) and one.get("yAxis", "left") == side
    ]


def _ends(properties: Mapping[str, Any], side: str) -> tuple[float | None, float | None]:
    axes = properties.get("yAxis")
    axis = axes.get(side) if isinstance(axes, dict) else None
    low, high = ((axis or {}).get(name) if isinstance(axis, dict) else None for name in ("min", "max"))
    return (
        float(low) if isinstance(low, int | float) else None,
        float(high) if isinstance(high, int | float) else None,
    )


def _latest(line: Line) -> str | Markup:
    return number(line.points[-1][1]) if line.points else _NO_DATA


def _spark(line: Line, span: Span) -> Markup:
    """A line without axes."""
    if len(line.points) < 2:
        return Markup()
    start, end = min(span.start.timestamp(), line.points[0][0]), span.end.timestamp()
    low, high = min(0.0, *(y for _, y in line.points)), max(0.0, *(y for _, y in line.points))
    path = " L".join(
        f"{1000 * (x - start) / (end - start):.1f},{28 - 26 * (y - low) / ((high - low) or 1.0):.1f}"
        for x, y in line.points
    )
    return Markup(
        '<svg class="spark" aria-hidden="true" viewBox="0 0 1000 30" preserveAspectRatio="none"><path d="M{}"/></svg>'
    ).format(path)


def _largest_first(entry: tuple[float | None, Line]) -> tuple[bool, float, str]:
    value, line = entry
    return value is None, -(value or 0.0), line.label
