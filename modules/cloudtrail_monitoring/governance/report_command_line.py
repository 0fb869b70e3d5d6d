"""The commands ``cloudtrail-monitoring report …``: what an environment amounts to, read from its synthesised output."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

UNUSABLE_INPUT = 2
PIPE_WIDTH = 140

report = typer.Typer(
    help="Reports on an environment, made from its synthesised output.", no_args_is_help=True, add_completion=False
)

Environment = Annotated[str, typer.Option(help="Environment whose synthesised output is read.")]
Project = Annotated[Path, typer.Option(help="Folder that holds cdktf.json and environments/.")]
Output = Annotated[
    Path, typer.Option(envvar="CDKTF_OUTDIR", help="Folder of the synthesised output, within the project.")
]
MarkdownFile = Annotated[Path | None, typer.Option("--markdown", metavar="F", help="Write it to F as Markdown, too.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="F", help="Write it to F as JSON, too.")]


@report.command(epilog="Example: cloudtrail-monitoring report cost --environment prod --against ../main/cdktf.out")
def cost(
    environment: Environment = "prod",
    against: Annotated[
        Path | None,
        typer.Option(help="Another synthesised output, such as the main branch's: report what the change costs."),
    ] = None,
    volumes: Annotated[
        Path | None, typer.Option(help="Event volumes of the environments; environments/volumes.toml if not given.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="Another price table; the shipped one is of us-east-1 if not given.")
    ] = None,
    markdown: MarkdownFile = None,
    as_json: JsonFile = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Estimate what an environment costs a month, by part, over seven years, and against the budget.

    Nothing is asked of AWS: resources are counted in the synthesised output, events are declared, prices are a file.
    """
    from cloudtrail_monitoring.governance.cost.prices import CostError
    from cloudtrail_monitoring.governance.cost.run import Destination, Source, run_cost_report
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError

    source = Source(environment, project, output, against, volumes, prices)
    try:
        run_cost_report(source, Destination(markdown, as_json), _console())
    except (CostError, SynthesisedOutputError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(UNUSABLE_INPUT) from None


@report.command(epilog="Example: cloudtrail-monitoring report access --environment prod --html access.html")
def access(
    environment: Environment = "prod",
    account: Annotated[
        bool, typer.Option("--account", help="Read the account, too: its users, roles and policies. Changes nothing.")
    ] = False,
    markdown: MarkdownFile = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="F", help="Write it to F as a page, too.")] = None,
    as_json: JsonFile = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Review who can read, change or stop each part of an environment, against its settings.

    Exit 0 if all is as the settings mean it, 1 if not, 2 if that can't be seen.
    """
    from cloudtrail_monitoring.governance.access_review.account import AccountError
    from cloudtrail_monitoring.governance.access_review.report import ReportError
    from cloudtrail_monitoring.governance.access_review.run import Destination, Source, run_access_review
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError
    from cloudtrail_monitoring.validation import SettingsError

    source = Source(environment, project, output, of_account=account)
    try:
        status = run_access_review(source, Destination(markdown, html, as_json), _console())
    except (AccountError, ReportError, SettingsError, SynthesisedOutputError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(UNUSABLE_INPUT) from None
    raise typer.Exit(status)


def _console() -> Console:
    """A terminal as wide as it is; a pipe or file wide enough for tables."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)
