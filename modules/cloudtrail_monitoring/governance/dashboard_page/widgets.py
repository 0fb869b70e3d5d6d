"""Widgets by their type: what each becomes on the page, and what is said in its place where it can't be drawn.

Nothing is dropped in silence: an unknown type, view or property is named on the widget. Views of metrics are
`metric_views`; what is shown is asked of `observed`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from cloudtrail_monitoring.aws_account import RequestError
from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError, Widget
from cloudtrail_monitoring.governance.dashboard_page.metric_rows import read_rows
from cloudtrail_monitoring.governance.dashboard_page.metric_views import ROW_PIXELS, VIEWS, View, time_series
from cloudtrail_monitoring.governance.dashboard_page.observed import AlarmView, Observed

_DRAWN = frozenset(
    {
        *("alarms", "annotations", "background", "labels", "legend", "liveData", "logGroupClass", "markdown"),
        *("metrics", "period", "query", "region", "setPeriodToTimeRange", "singleValueFullPrecision", "sortBy"),
        *("sparkline", "stacked", "stat", "states", "table", "title", "view", "yAxis"),
    }
)
"""Properties that are drawn, or that change nothing on a still page."""
_STATES = {"ALARM": "In alarm", "OK": "OK", "INSUFFICIENT_DATA": "Insufficient data"}
_ORDER = {"ALARM": 0, "INSUFFICIENT_DATA": 1, "OK": 2}
_HEADINGS = {f"h{level}": f"h{min(6, level + 2)}" for level in range(1, 7)}
_LONG = 26
"""Characters that a cell of a table has in one line."""
_ABOVE_A_TABLE = 64  # pixels of its widget: the title and the edges
_NONE = Markup('<p class="none">{}</p>')
_BUTTON = re.compile(r"\[button:(primary:)?")


@dataclass(frozen=True)
class Drawn:
    """A widget as the page has it."""

    widget: Widget
    body: Markup
    notes: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """Its place, in CSS."""
        place = self.widget.place
        return f"{place.y + 1} / {place.x + 1} / span {place.height} / span {place.width}"


def draw(widget: Widget, observed: Observed, prefix: str) -> Drawn:
    """Draw one widget.

    Args:
        prefix: what names of alarms begin with, and what is left out of them on the page.

    Raises:
        AccountError: the account can't be asked at all.
    """
    drawing = _TYPES.get(widget.type)
    if drawing is None:
        return Drawn(widget, _NONE.format(f"A widget of the type {widget.type} is not drawn here."))
    try:
        body = drawing(widget, observed, prefix)
    except (DashboardError, RequestError) as error:
        return Drawn(widget, _NONE.format(f"Can't be shown: {error}"))
    return Drawn(widget, body, _not_drawn(widget.properties))


def _not_drawn(properties: Mapping[str, Any]) -> tuple[str, ...]:
    missing = sorted(set(properties) - _DRAWN)
    annotations = properties.get("annotations")
    if isinstance(annotations, dict) and annotations.get("vertical"):
        missing.append("vertical annotations")
    if isinstance(annotations, dict) and any(isinstance(one, list) for one in annotations.get("horizontal") or ()):
        missing.append("bands between annotations")
    return (f"Not drawn here: {', '.join(missing)}.",) if missing else ()


def _metric(widget: Widget, observed: Observed, prefix: str) -> Markup:
    properties = widget.properties
    annotations = properties.get("annotations")
    if not properties.get("metrics") and isinstance(annotations, dict) and annotations.get("alarms"):
        return _states(observed.alarms([str(arn) for arn in annotations["alarms"]]), prefix)
    view = properties.get("view") or "timeSeries"
    if view not in VIEWS:
        raise DashboardError(f"the view {view!r} is not drawn here")
    start, end = observed.span
    whole = int((end - start).total_seconds()) // 60 * 60
    period = whole if properties.get("setPeriodToTimeRange") and VIEWS[view] is not time_series else None
    rows = read_rows(properties, period=period)
    lines = observed.lines(rows, properties.get("region"))
    if not lines:
        return _NONE.format("no data")
    return VIEWS[view](View(lines, properties, widget.place, observed.span))


def _text(widget: Widget, _: Observed, __: str) -> Markup:
    return markdown(str(widget.properties.get("markdown") or ""))


def markdown(text: str) -> Markup:
    """CloudWatch's Markdown without anything that would load or run: HTML is shown as text, images as their names.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_remove_text_dashboard.html
    """
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = reader.parse(_BUTTON.sub("[", text))
    for token in tokens:
        # the page's own heading stands above them
        token.tag = _HEADINGS.get(token.tag, token.tag)
    # markdown-it has escaped the text, and refuses links that run scripts
    return Markup('<div class="text">{}</div>').format(Markup(reader.renderer.render(tokens, reader.options, {})))  # noqa: S704


def _alarm(widget: Widget, observed: Observed, prefix: str) -> Markup:
    arns = [str(arn) for arn in widget.properties.get("alarms") or ()]
    found = observed.alarms(arns)
    wanted = widget.properties.get("states") or tuple(_STATES)
    missing = sorted(set(arns) - {alarm.arn for alarm in found})
    shown = _states([alarm for alarm in found if alarm.state in wanted], prefix)
    absent = Markup().join(
        Markup('<li class="alarm-state absent"><span>{}</span><small>does not exist</small></li>').format(
            arn.split(":alarm:")[-1].removeprefix(prefix)
        )
        for arn in missing
    )
    return shown + (Markup('<ul class="alarms">{}</ul>').format(absent) if absent else Markup())


def _states(alarms: list[AlarmView], prefix: str) -> Markup:
    if not alarms:
        return _NONE.format("No alarm is in any of these states.")
    item = Markup('<li class="alarm-state {}" title="{}"><span>{}</span><small>{}</small></li>')
    ordered = sorted(alarms, key=lambda alarm: (_ORDER.get(alarm.state, 3), not alarm.episodes, alarm.name))
    return Markup('<ul class="alarms">{}</ul>').format(
        Markup().join(
            item.format(
                "rings" if alarm.state == "ALARM" else "rang" if alarm.episodes else alarm.state.lower(),
                alarm.reason,
                alarm.name.removeprefix(prefix),
                _course(alarm),
            )
            for alarm in ordered
        )
    )


def _course(alarm: AlarmView) -> str:
    """Its state, and when it rang last."""
    state = _STATES.get(alarm.state, alarm.state)
    if not alarm.episodes:
        return state
    *_, last = alarm.episodes
    began = f"{last.began:%d %b %H:%M}" if last.began else "before"
    if alarm.state == "ALARM" and last.ended is None:
        return f"{state} since {began}"
    often = f", {len(alarm.episodes)} times" if len(alarm.episodes) > 1 else ""
    return f"{state}; in alarm {began}{_until(last.began, last.ended)}{often}"


def _until(began: datetime | None, ended: datetime | None) -> str:
    if ended is None:
        return ""
    same_day = began is not None and began.date() == ended.date()
    return f"–{ended:%H:%M}" if same_day else f" – {ended:%d %b %H:%M}"  # noqa: RUF001 - a span of time has an en dash


def _log(widget: Widget, observed: Observed, _: str) -> Markup:
    answer = observed.answer(str(widget.properties.get("query") or ""), widget.properties.get("region"))
    if not answer.rows:
        return _NONE.format("no data")
    names = list(dict.fromkeys(name for row in answer.rows for name in row))
    head = Markup().join(Markup("<th>{}</th>").format(name) for name in names)
    rows = Markup().join(
        Markup("<tr>{}</tr>").format(Markup().join(_cell(name, row.get(name, "")) for name in names))
        for row in answer.rows
    )
    more = _NONE.format(f"and {answer.left_out} more rows") if answer.left_out else Markup()
    # longer answers are scrolled within their widget, as CloudWatch does it, also by keyboard
    return Markup(
        '<div class="scrolled" tabindex="0" style="--height: {}px">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}</div>"
    ).format(widget.place.height * ROW_PIXELS - _ABOVE_A_TABLE, head, rows, more)


def _cell(name: str, value: str) -> Markup:
    short, long = Markup('<td data-name="{}">{}</td>'), Markup('<td class="long" data-name="{}">{}</td>')
    return (long if len(value) > _LONG else short).format(name, value)


_TYPES: Mapping[str, Callable[[Widget, Observed, str], Markup]] = {
    "metric": _metric,
    "text": _text,
    "alarm": _alarm,
    "log": _log,
}
