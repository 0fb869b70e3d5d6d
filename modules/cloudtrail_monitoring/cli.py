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

Environment = Annotated[str, typer.Option(help="Environment whose synthesised output is read.")]
Project = Annotated[Path, typer.Option(help="Folder that holds cdktf.json and environments/.")]
Output = Annotated[
    Path, typer.Option(envvar="CDKTF_OUTDIR", help="Folder of the synthesised output, within the project.")
]


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


@app.command(epilog="Example: cloudtrail-monitoring simulate ~/cloudtrail-logs/ --environment prod")
def simulate(
    files: Annotated[
        list[Path],
        typer.Argument(help="CloudTrail records: JSON lines, Records files, gzip, folders of them; - is stdin."),
    ],
    environment: Environment = "prod",
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each record, in input order.")] = False,
    show_all: Annotated[bool, typer.Option("--all", help="List detections that saw nothing, too.")] = False,
    explain: Annotated[
        str | None, typer.Option(metavar="EVENT_ID", help="Show why this record is detected or not, clause by clause.")
    ] = None,
    detection: Annotated[str | None, typer.Option(metavar="ID", help="Look at this detection only.")] = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """Run CloudTrail records through an environment's detections as synthesised, before anything is deployed.

    It tells which records the metric filters count; `demo` shows which alarms fire.
    """
    from cloudtrail_monitoring.simulation.records import RecordsError
    from cloudtrail_monitoring.simulation.simulate import SimulationError, Source, run_simulation
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError

    source = Source(environment, project, output, detection)
    try:
        status = run_simulation(source, files, _console(), as_json=as_json, show_all=show_all, explain=explain)
    except (RecordsError, SimulationError, SynthesisedOutputError) as error:
        _fail(error, UNUSABLE_INPUT)
    else:
        raise typer.Exit(status)


@app.command(epilog="Example: cloudtrail-monitoring detections --environment prod --id root-activity")
def detections(
    environment: Environment = "prod",
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each metric filter.")] = False,
    id_: Annotated[str | None, typer.Option("--id", metavar="ID", help="Print this detection in full.")] = None,
    project: Project = Path(),
    output: Output = Path("cdktf.out"),
) -> None:
    """List what an environment detects: its metric filters and their alarms, read from the synthesised output."""
    from cloudtrail_monitoring.simulation.simulate import SimulationError, Source, run_detections
    from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError

    try:
        status = run_detections(Source(environment, project, output, id_), _console(), as_json=as_json)
    except (SimulationError, SynthesisedOutputError) as error:
        _fail(error, UNUSABLE_INPUT)
    else:
        raise typer.Exit(status)


def _console() -> Console:
    """A terminal as wide as it is; a pipe or file wide enough for tables."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def _fail(error: Exception, status: int) -> None:
    print(error, file=sys.stderr)
    raise typer.Exit(status) from None
