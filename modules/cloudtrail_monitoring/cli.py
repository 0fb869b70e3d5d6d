"""The command line ``cloudtrail-monitoring``: parses, calls, prints. Each command imports what it needs when it runs."""

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

UNUSABLE_INPUT = 2


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
    from cloudtrail_monitoring.sandbox.demo import Demo, DemoError
    from cloudtrail_monitoring.sandbox.records import RecordsError
    from cloudtrail_monitoring.validation import SettingsError

    try:
        Demo(project.resolve(), environment, output.resolve(), Console()).run(events or [])
    except (DemoError, RecordsError, SettingsError, RuntimeError) as error:
        _fail(str(error), status=UNUSABLE_INPUT if isinstance(error, (RecordsError, SettingsError)) else 1)


@app.command(epilog="Example: cloudtrail-monitoring scan cdktf.out")
def scan(
    output: Annotated[Path, typer.Argument(help="Folder of the synthesised output.")] = Path("cdktf.out"),
) -> None:
    """Run Checkov on the synthesised output and join its findings with the waivers declared in the code."""
    from cloudtrail_monitoring.governance.scan import run

    raise typer.Exit(run(output, Console()))


def _fail(message: str, *, status: int) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(status)
