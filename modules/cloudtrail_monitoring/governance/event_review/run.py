"""What `cloudtrail-monitoring report events` does: reads records and output, prints the report, writes files."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cloudtrail_monitoring.governance.cost.page import page
from cloudtrail_monitoring.governance.cost.prices import SHIPPED, CostError, read_prices
from cloudtrail_monitoring.governance.cost.report_files import Destination
from cloudtrail_monitoring.governance.cost.report_table import grid
from cloudtrail_monitoring.governance.cost.trails import read_trails
from cloudtrail_monitoring.governance.cost.volumes import VOLUMES_FILE, read_volumes
from cloudtrail_monitoring.governance.event_review.controls import Controls
from cloudtrail_monitoring.governance.event_review.cuts import cuts
from cloudtrail_monitoring.governance.event_review.event_charts import charts
from cloudtrail_monitoring.governance.event_review.event_costs import EventCosts
from cloudtrail_monitoring.governance.event_review.event_report import (
    SHORTEST,
    EventReport,
    as_json,
    as_markdown,
    headline,
    months,
    remarks,
    tables,
)
from cloudtrail_monitoring.governance.event_review.selection import Selection
from cloudtrail_monitoring.governance.event_review.tally import Tally, tally
from cloudtrail_monitoring.simulation.deployed_detections import read_detections
from cloudtrail_monitoring.simulation.printable_text import printable
from cloudtrail_monitoring.simulation.progress import reading
from cloudtrail_monitoring.simulation.records import read_records
from cloudtrail_monitoring.simulation.simulate import Simulation, Unreadable
from cloudtrail_monitoring.simulation.synthesised_output import read_environment


@dataclass(frozen=True)
class Source:
    """What the report is made from."""

    environment: str
    files: Sequence[Path]
    project: Path = Path()
    output: Path = Path("cdktf.out")
    span_days: float | None = None
    """What the records cover, where it is known to be more than from the first to the last."""
    volumes: Path | None = None
    prices: Path | None = None


def run_event_review(source: Source, destination: Destination, console: Console) -> None:
    """Print the report, and write the files.

    Raises:
        CostError: prices, volumes, the span or a file to write can't be used, or no record could be read.
        SynthesisedOutputError: there is no usable output.
        RecordsError: there is nothing to read at a path.
    """
    report = review(source)
    destination.write(
        markdown=lambda: as_markdown(report),
        content=lambda: as_json(report),
        html=lambda: page(
            f"What {report.environment} records",
            verdict=headline(report),
            good=None,
            remarks=tuple(remarks(report)),
            charts=charts(report),
            tables=tables(report),
            footer=f"Prices: {report.prices.region}, {report.prices.date}, the first tier of each.",
        ),
    )
    console.print(Text(f"{report.environment}: {headline(report)}", style="bold"))
    for remark in remarks(report):
        console.print(Text(remark))
    for table in tables(report):
        console.print(grid(table))


def review(source: Source) -> EventReport:
    """Go through the records with the environment's trails and detections.

    Raises:
        CostError, SynthesisedOutputError, RecordsError: as ``run_event_review``.
    """
    prices = read_prices(source.prices or SHIPPED)
    path = source.volumes or source.project / "environments" / VOLUMES_FILE
    volumes = read_volumes(path, source.environment, wanted=source.volumes is not None).volumes
    document = read_environment(source.project, source.output, source.environment, _tell)
    detections, left_out = read_detections(document)
    for line in left_out:
        _tell(line)
    unreadable = Unreadable()
    with reading(source.files, beside_output=False) as on_bytes:
        records = read_records(source.files, unreadable, on_bytes=on_bytes)
        seen = tally(records, Selection(document), Simulation(detections))
    for line in unreadable.lines():
        _tell(line)
    if not seen.count:
        raise CostError(f"no record could be read: {next(unreadable.lines(), '')}")
    span = _span(seen, source.span_days)
    trails = {trail.name: trail for trail in read_trails(document, volumes)}
    costs = EventCosts(prices, trails, months(span), volumes.other_trails) if span >= SHORTEST else None
    found = cuts(seen.events, costs, detections, Controls(document)) if costs else ()
    return EventReport(source.environment, prices, seen, span, unreadable.count, costs, found)


def _span(seen: Tally, days: float | None) -> timedelta:
    if days is None:
        return seen.span
    given = timedelta(days=days)
    if given < seen.span:
        between = seen.span / timedelta(days=1)
        raise CostError(f"--span-days {days:g}: the records lie {between:.2f} days apart, so that it must be more")
    return given


def _tell(line: str) -> None:
    print(printable(line), file=sys.stderr)
