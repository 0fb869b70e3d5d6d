"""The report on recorded events (R-CST-2): its sections as plain tables, and the same as Markdown and as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cloudtrail_monitoring.governance.cost.prices import PriceTable
from cloudtrail_monitoring.governance.cost.report_table import Table, markdown_table, sum_of
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH
from cloudtrail_monitoring.governance.event_review.cuts import Cut
from cloudtrail_monitoring.governance.event_review.event_costs import KINDS, EventCosts
from cloudtrail_monitoring.governance.event_review.tally import Event, Seen, Tally
from cloudtrail_monitoring.simulation.printable_text import printable

SHORTEST = timedelta(hours=1)
"""Records of less say nothing about a month: no cost is given."""
SHORT = timedelta(days=7)
"""Records of less may hold no weekend, or nothing else."""
MOST_ROWS = 40
_MOST_DETECTIONS = 3
_UNKNOWN = "?"


@dataclass(frozen=True)
class Line:
    """Events taken together."""

    name: tuple[str, ...]
    count: int
    size: int
    recorded: int
    """How many of them the environment's trails record."""
    costs: Mapping[str, float]
    """A month, by kind."""
    detections: tuple[str, ...]
    """Those that count some of them."""

    @property
    def cost(self) -> float:
        return sum(self.costs.values())


@dataclass(frozen=True)
class EventReport:
    """What was seen of an environment's events, and what it amounts to.

    Args:
        unreadable: records that could not be read.
        costs: of a month; ``None`` where the span is too short to tell.
    """

    environment: str
    prices: PriceTable
    tally: Tally
    span: timedelta
    unreadable: int
    costs: EventCosts | None
    cuts: tuple[Cut, ...]

    def lines(self, by: Callable[[Event], tuple[str, ...]]) -> list[Line]:
        """The dearest first, then the most frequent."""
        groups: dict[tuple[str, ...], list[tuple[Event, Seen]]] = {}
        for event, seen in self.tally.events.items():
            groups.setdefault(by(event), []).append((event, seen))
        found = [self._line(name, events) for name, events in groups.items()]
        return sorted(found, key=lambda one: (-one.cost, -one.count, one.name))

    @property
    def total(self) -> Line:
        return self._line(("all",), list(self.tally.events.items()))

    @property
    def proposed(self) -> tuple[Cut, ...]:
        return tuple(one for one in self.cuts if one.withheld is None)

    def _line(self, name: tuple[str, ...], events: Sequence[tuple[Event, Seen]]) -> Line:
        charges = [self.costs.of(event, seen) for event, seen in events] if self.costs else []
        return Line(
            name,
            sum(seen.count for _, seen in events),
            sum(seen.size for _, seen in events),
            sum(seen.count for event, seen in events if event.trails),
            {kind: sum(one[kind] for one in charges) for kind in KINDS},
            tuple(sorted({id_ for _, seen in events for id_ in seen.detections})),
        )


def by_event(event: Event) -> tuple[str, ...]:
    return event.source, event.name, event.category.lower(), "read" if event.read_only else "write"


def by_source(event: Event) -> tuple[str, ...]:
    return (event.source,)


def headline(report: EventReport) -> str:
    """What it costs, and what could go, in a line."""
    seen = f"{report.tally.count:,} records of {said(report.span)}"
    if not report.costs:
        return f"{seen}: too short a time to tell what a month costs"
    money = report.prices.money
    least = max((one.saving for one in report.proposed), default=0.0)
    could = f"the best cut saves {money(least)}" if round(least, 2) > 0 else "no cut is worth proposing"
    return f"{seen}: {money(report.total.cost)} a month as recorded; {could}"


def remarks(report: EventReport) -> Iterator[str]:
    """What one should know beside the figures, a line each."""
    total = report.total
    first, last = report.tally.first, report.tally.last
    yield f"from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    if report.costs and report.span < SHORT:
        yield f"{said(report.span)} is less than a week, and weekends and monthly jobs differ: take the costs as rough"
    if total.recorded < total.count:
        yield (
            f"{total.count - total.recorded:,} of the records are none that {report.environment}'s trails would record:"
            " they cost nothing here"
        )
    unseen = sum(seen.count for seen in report.tally.events.values() if not seen.detections)
    yield f"{unseen:,} records are of events that no detection counts: where to look for cuts first"
    if report.unreadable:
        yield f"{report.unreadable:,} records could not be read, and are not in the figures"
    yield "costs are those that follow events: data events, further copies, Insights, log ingestion"


def tables(report: EventReport) -> tuple[Table, ...]:
    """The sections, in their order."""
    return (_cuts(report), _by_source(report), _by_event(report))


def as_markdown(report: EventReport) -> str:
    """The whole report."""
    lines = [f"# What {report.environment} records", "", f"R-CST-2: {headline(report)}.", ""]
    lines += [f"- {remark}" for remark in remarks(report)]
    for table in tables(report):
        lines += markdown_table(table)
    return "\n".join(lines) + "\n"


def as_json(report: EventReport) -> dict[str, Any]:
    """Every event, source and cut; costs are ``null`` where the span is too short to tell."""
    tally = report.tally
    return {
        "environment": report.environment,
        "records": tally.count,
        "unreadable": report.unreadable,
        "from": tally.first and tally.first.isoformat(),
        "to": tally.last and tally.last.isoformat(),
        "span_days": report.span.total_seconds() / 86_400,
        "monthly_cost": report.total.cost if report.costs else None,
        "events": [
            {
                **dict(zip(("source", "name", "category", "access"), one.name, strict=True)),
                **_figures(report, one),
            }
            for one in report.lines(by_event)
        ],
        "sources": [{"source": one.name[0], **_figures(report, one)} for one in report.lines(by_source)],
        "cuts": [
            {
                "setting": one.setting,
                "loses": one.loses,
                "records": one.count,
                "monthly_saving": one.saving,
                "withheld": one.withheld,
            }
            for one in report.cuts
        ],
        "prices": {"region": report.prices.region, "date": report.prices.date.isoformat()},
    }


def said(span: timedelta) -> str:
    """A span in the unit that fits it.

    >>> said(timedelta(days=3.25))
    '3.2 days'
    """
    for unit in ("days", "hours", "minutes"):
        number = span / timedelta(**{unit: 1})
        if number >= 1:
            return f"{number:.1f} {unit}"
    return f"{span.total_seconds():.0f} seconds"


def months(span: timedelta) -> float:
    return span / timedelta(days=DAYS_A_MONTH)


def _cuts(report: EventReport) -> Table:
    money = report.prices.money
    rows = [
        (printable(one.setting), printable(one.loses), f"{one.count:,}", money(one.saving), one.withheld or "proposed")
        for one in report.cuts
    ] if report.costs else []  # fmt: skip
    return Table(
        "What could be recorded less",
        ("setting", "loses", "records", "saves a month", "verdict"),
        tuple(rows),
        texts=("loses", "verdict"),
    )


def _by_source(report: EventReport) -> Table:
    columns = ("source", "records", "share", "KB", *KINDS, "a month")
    lines = report.lines(by_source)
    rows = _rows(lines, lambda line: (printable(line.name[0]), *_cells(report, line, kinds=True)))
    return Table("By source", columns, tuple(rows))


def _by_event(report: EventReport) -> Table:
    columns = ("event", "source", "kind", "records", "share", "KB", "a month", "counted by")
    rows = _rows(
        report.lines(by_event),
        lambda line: (
            *((line.name[0], "", "") if len(line.name) == 1 else _named(line)),
            *_cells(report, line, kinds=False),
            "" if len(line.name) == 1 else _detections(line),
        ),
    )
    return Table("By event", columns, tuple(rows), texts=("source", "kind", "counted by"))


def _rows(lines: Sequence[Line], row: Callable[[Line], tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The dearest lines, one for the rest, and the sum: shares add up."""
    shown, rest = lines[:MOST_ROWS], lines[MOST_ROWS:]
    yield from map(row, shown)
    if rest:
        yield row(_together(f"{len(rest)} others", rest))
    yield row(_together(sum_of("all"), lines))


def _together(name: str, lines: Sequence[Line]) -> Line:
    return Line(
        (name,),
        sum(one.count for one in lines),
        sum(one.size for one in lines),
        sum(one.recorded for one in lines),
        {kind: sum(one.costs[kind] for one in lines) for kind in KINDS},
        (),
    )


def _named(line: Line) -> tuple[str, str, str]:
    source, name, kind, access = map(printable, line.name)
    return name, source, f"{kind} {access}"


def _cells(report: EventReport, line: Line, *, kinds: bool) -> tuple[str, ...]:
    money = report.prices.money
    costs = [*(line.costs[kind] for kind in KINDS if kinds), line.cost]
    return (
        f"{line.count:,}",
        f"{line.count / report.tally.count:.1%}",
        f"{line.size / 1024:,.1f}",
        *(money(one) if report.costs else _UNKNOWN for one in costs),
    )


def _detections(line: Line) -> str:
    more = len(line.detections) - _MOST_DETECTIONS
    named = ", ".join(line.detections[:_MOST_DETECTIONS])
    return (f"{named} and {more} more" if more > 0 else named) or "none"


def _figures(report: EventReport, line: Line) -> dict[str, Any]:
    return {
        "records": line.count,
        "share": line.count / report.tally.count,
        "bytes": line.size,
        "recorded": line.recorded,
        "monthly_costs": dict(line.costs) if report.costs else None,
        "detections": list(line.detections),
    }
