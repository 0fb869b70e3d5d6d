"""What `cloudtrail-monitoring report cost` does: reads output, volumes and prices, prints the report, writes files."""

import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cloudtrail_monitoring.governance.cost.cost_report import (
    NOT_COUNTED,
    SHOWN,
    as_json,
    as_markdown,
    headline,
    remarks,
    tables,
)
from cloudtrail_monitoring.governance.cost.difference import Difference, difference_as_markdown
from cloudtrail_monitoring.governance.cost.estimate import Estimate, estimate
from cloudtrail_monitoring.governance.cost.prices import SHIPPED, CostError, read_prices
from cloudtrail_monitoring.governance.cost.report_files import Destination
from cloudtrail_monitoring.governance.cost.report_table import grid
from cloudtrail_monitoring.governance.cost.volumes import VOLUMES_FILE, read_volumes
from cloudtrail_monitoring.simulation.printable_text import printable
from cloudtrail_monitoring.simulation.synthesised_output import MANIFEST, Document, read_environment


@dataclass(frozen=True)
class Source:
    """What the report is made from."""

    environment: str
    project: Path
    output: Path
    """Folder of the synthesised output, within the project."""
    against: Path | None = None
    """Folder of another synthesised output, which stands for what is deployed."""
    volumes: Path | None = None
    prices: Path | None = None


def run_cost_report(source: Source, destination: Destination, console: Console) -> None:
    """Print the estimate, or, where there is another output to compare with, the difference; and write the files.

    Raises:
        CostError: prices, volumes or a file to write can't be used.
        SynthesisedOutputError: there is no usable output.
    """
    prices = read_prices(source.prices or SHIPPED)
    path = source.volumes or source.project / "environments" / VOLUMES_FILE
    declared = read_volumes(path, source.environment, wanted=source.volumes is not None)
    document = read_environment(source.project, source.output, source.environment, _tell)
    own = estimate(document, source.environment, declared, prices)
    difference = None
    if source.against is not None:
        before = estimate(_other(source, source.against), source.environment, declared, prices)
        difference = Difference(before, own)
    markdown = difference_as_markdown(difference) if difference else as_markdown(own)
    destination.write(markdown=lambda: markdown, content=lambda: as_json(own, difference), html=lambda: _page(own))
    if difference:
        console.print(Text(markdown.rstrip("\n")))
    else:
        _print(own, console)


def _other(source: Source, folder: Path) -> Document:
    """The output to compare with: never synthesised, which would make it the same, and old by its nature."""
    if not (source.project / folder / MANIFEST).is_file():
        raise CostError(f"{folder}: no synthesised output to compare with")
    return read_environment(source.project, folder, source.environment, lambda _: None)


def _page(report: Estimate) -> str:
    # a page needs packages that the rest does without
    from cloudtrail_monitoring.governance.cost.cost_charts import charts
    from cloudtrail_monitoring.governance.cost.page import page

    money, prices = report.prices.money, report.prices
    return page(
        f"What {report.environment} costs a month",
        verdict=headline(report),
        good=report.is_within_budget,
        remarks=tuple(remarks(report)),
        figures=[
            *((f"in month {month}", money(report.bill(month).cost())) for month in SHOWN),
            *((f"budget, {one.limit.name}", money(one.limit.amount)) for one in report.verdicts),
        ],
        charts=charts(report),
        tables=tables(report),
        footer=(
            f"Prices: {prices.region}, {prices.currency}, {prices.date}, the first tier of each."
            f" Not counted: {'; '.join(NOT_COUNTED)}."
        ),
    )


def _print(report: Estimate, console: Console) -> None:
    style = "bold green" if report.is_within_budget else "bold red"
    console.print(Text(f"{report.environment}: {headline(report)}", style=style))
    for remark in remarks(report):
        console.print(Text(remark))
    for table in tables(report):
        console.print(grid(table))
    prices = report.prices
    console.print(
        Text(f"prices: {prices.region}, {prices.currency}, {prices.date}, the first tier of each", style="dim")
    )
    console.print(Text(f"not counted: {'; '.join(NOT_COUNTED)}", style="dim"))


def _tell(line: str) -> None:
    print(printable(line), file=sys.stderr)
