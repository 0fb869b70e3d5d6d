"""The chart of the report on recorded events: what each source costs a month, by kind of charge."""

from markupsafe import Markup

from cloudtrail_monitoring.governance.charts import Series, chart
from cloudtrail_monitoring.governance.event_review.event_costs import KINDS
from cloudtrail_monitoring.governance.event_review.event_report import EventReport, by_source

_MOST_BARS = 8


def charts(report: EventReport) -> tuple[tuple[str, Markup], ...]:
    """Title and drawing; none where the span is too short for costs."""
    lines = [line for line in report.lines(by_source) if line.cost > 0][:_MOST_BARS]
    if not report.costs or not lines:
        return ()
    money = report.prices.money
    title = f"The {len(lines)} dearest sources"
    drawn = chart(
        [
            Series(kind, [(at, line.costs[kind]) for at, line in enumerate(lines)], figure=money(total))
            for kind in KINDS
            if (total := sum(line.costs[kind] for line in lines)) > 0
        ],
        title=title,
        description=f"What each of the {len(lines)} dearest event sources costs a month, by kind of charge.",
        kind="stacked_bars",
        x_labels=[(at, line.name[0].removesuffix(".amazonaws.com")) for at, line in enumerate(lines)],
        y_format=money,
        height=240,
    )
    return ((title, drawn),)
