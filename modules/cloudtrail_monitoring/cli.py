"""The command line ``cloudtrail-monitoring``: parses, calls, prints. A command imports what it needs when it runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="Audit trail, archive, alarms: try them, scan them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

FAILED = 1
UNUSABLE_INPUT = 2
PIPE_WIDTH = 140


@app.callback()
def main() -> None:
    """CloudTrail monitoring: try an environment in an embedded AWS, and scan what it synthesises."""


@app.command(epilog="Example: cloudtrail-monitoring demo --events ~/cloudtrail-logs/")
def demo(
    events: Annotated[
        list[Path] | None,
        typer.Option(help="CloudTrail records to replay: JSON lines, Records files, gzip, or folders of them."),
    ] = None,
    environment: Annotated[str, typer.Option(help="Environment to deploy.")] = "prod",
    project: Annotated[Path, typer.Option(help="Folder that holds cdktf.json and environments/.")] = Path(),
    output: Annotated[Path, typer.Option(help="Folder for logs and reports.")] = Path("build/demo"),
) -> None:
    """Deploy an environment into an embedded AWS, replay an attack, and report what was detected.

    Nothing of AWS is contacted, whatever credentials the shell holds.
    """
    from cloudtrail_monitoring.sandbox.demo import run_demo
    from cloudtrail_monitoring.sandbox.deployment import DeploymentError
    from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAwsError
    from cloudtrail_monitoring.sandbox.event_bus import EventRuleError
    from cloudtrail_monitoring.sandbox.metric_filters import ReplayError
    from cloudtrail_monitoring.sandbox.terraform import TerraformError
    from cloudtrail_monitoring.simulation.records import RecordsError
    from cloudtrail_monitoring.validation import SettingsError

    try:
        run_demo(project.resolve(), environment, events or [], directory=output.resolve(), console=_console())
    except (RecordsError, SettingsError) as error:
        _fail(error, UNUSABLE_INPUT)
    except (DeploymentError, EmbeddedAwsError, EventRuleError, ReplayError, TerraformError) as error:
        _fail(error, FAILED)


@app.command(epilog="Example: cloudtrail-monitoring scan cdktf.out")
def scan(
    output: Annotated[Path, typer.Argument(help="Folder of the synthesised output.")] = Path("cdktf.out"),
) -> None:
    """Run Checkov on the synthesised output and join its findings with the waivers declared in the code."""
    from cloudtrail_monitoring.governance.scan import run

    raise typer.Exit(run(output, _console()))


def _console() -> Console:
    """A terminal as wide as it is; a pipe or file wide enough for tables."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def _fail(error: Exception, status: int) -> None:
    print(error, file=sys.stderr)
    raise typer.Exit(status) from None
