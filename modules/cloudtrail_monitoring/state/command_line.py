"""The commands below ``cloudtrail-monitoring state``: parsed here, done by ``recovery``, and printed.

A command imports what it needs when it runs.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudtrail_monitoring.command_line import PIPE_WIDTH, console_of, refuse

if TYPE_CHECKING:
    from rich.console import Console

    from cloudtrail_monitoring.settings import MonitoringSettings
    from cloudtrail_monitoring.state.recovery import Version

_LINEAGE_SHOWN = 8

state = typer.Typer(
    help="Terraform's state: list its versions, bring one back, see whose account it is. Uses your AWS credentials.",
    no_args_is_help=True,
)

Environment = Annotated[str, typer.Option(help="Environment whose state it is.")]
Stack = Annotated[
    str | None, typer.Option(help="The environment's stack, or the one of its state bucket, such as state-prod.")
]
Project = Annotated[Path, typer.Option(help="Folder that holds environments/.")]


@state.command(epilog="Example: cloudtrail-monitoring state versions --environment prod --stack state-prod")
def versions(
    environment: Environment = "prod",
    stack: Stack = None,
    most: Annotated[int, typer.Option(min=1, help="No more than so many; each is read in full.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each version.")] = False,
    project: Project = Path(),
) -> None:
    """List the versions of a stack's state, the newest first, and what each knows. Changes nothing."""
    from cloudtrail_monitoring.state.recovery import StateVersions

    def work(settings: "MonitoringSettings", console: "Console") -> None:
        held = StateVersions(settings, stack)
        with console.status("reading the versions"):
            found = held.newest(most)
        if as_json:
            for one in found:
                print(json.dumps(_facts(one)))
        elif found:
            _print(console.width, found)
        else:
            console.print(f"no version of {held.key} in {held.bucket}", highlight=False)

    _run(project, environment, work)


@state.command(epilog="Example: cloudtrail-monitoring state restore Kx7dE0nqZ4bQ --environment prod")
def restore(
    version_id: Annotated[str, typer.Argument(metavar="VERSION_ID", help="As `state versions` lists it.")],
    environment: Environment = "prod",
    stack: Stack = None,
    other_lineage: Annotated[
        bool, typer.Option("--other-lineage", help="Even if it is of another beginning than the state is now.")
    ] = False,
    project: Project = Path(),
) -> None:
    """Make an older version the state again. What it replaces stays a version, and nothing else of AWS is changed."""
    from cloudtrail_monitoring.state.recovery import StateVersions

    def work(settings: "MonitoringSettings", console: "Console") -> None:
        held = StateVersions(settings, stack)
        done = held.restore(version_id, other_lineage=other_lineage)
        known = done.version.snapshot.resource_count if done.version.snapshot else 0
        console.print(
            f"{held.stack}: the state is the one of {_moment(done.version)} again, with {known} resources, as serial"
            f" {done.serial}\nwhat it replaced stays as version {done.replaced.id} for"
            f" {settings.state.noncurrent_version_days} days; plans made before are stale"
            f"\nnow see what Terraform would do: make plan ENV={held.stack}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )

    _run(project, environment, work)


@state.command(epilog="Example: cloudtrail-monitoring state account --environment prod")
def account(environment: Environment = "prod", project: Project = Path()) -> None:
    """Tell whether your credentials are of the environment's account; exit 2 if not. Changes nothing."""
    from cloudtrail_monitoring.aws_account import caller_of
    from cloudtrail_monitoring.responders.runtime.aws import Aws

    def work(settings: "MonitoringSettings", console: "Console") -> None:
        caller = caller_of(settings, Aws(settings.home_region))
        console.print(
            f"{settings.environment} is account {settings.account_id}, and you are {caller}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )

    _run(project, environment, work)


def _print(width: int, found: "tuple[Version, ...]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from cloudtrail_monitoring.simulation.printable_text import printable

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("version", "written (UTC)", "serial", "resources", "Terraform", "lineage", ""):
        table.add_column(heading, justify="right" if heading in ("serial", "resources") else "left", no_wrap=True)
    for one in found:
        told = one.snapshot
        table.add_row(
            Text(one.id),
            _moment(one),
            str(told.serial) if told else "",
            str(told.resource_count) if told else "",
            Text(printable(told.terraform_version)) if told else "",
            Text(printable(told.lineage[:_LINEAGE_SHOWN])) if told else "",
            _standing(one),
        )
    # a narrow terminal breaks the lines, and no id: it is to be copied
    Console(width=max(width, PIPE_WIDTH)).print(table)


def _standing(version: "Version") -> str:
    """What is to be known of a version beside what it says."""
    what = "deleted" if version.is_deletion else "" if version.snapshot else "not a state"
    return ", ".join(part for part in ("current" if version.is_current else "", what) if part)


def _facts(version: "Version") -> dict[str, object]:
    told = version.snapshot
    return {
        "version": version.id,
        "written": version.written_at.isoformat(),
        "current": version.is_current,
        "deleted": version.is_deletion,
        "serial": told.serial if told else None,
        "lineage": told.lineage if told else None,
        "resources": told.resource_count if told else None,
        "terraform_version": told.terraform_version if told else None,
    }


def _moment(version: "Version") -> str:
    from datetime import UTC

    return f"{version.written_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _run(project: Path, environment: str, work: "Callable[[MonitoringSettings, Console], None]") -> None:
    from cloudtrail_monitoring.aws_account import AccountError
    from cloudtrail_monitoring.environments import load_environment
    from cloudtrail_monitoring.state.recovery import StateError
    from cloudtrail_monitoring.validation import SettingsError

    try:
        work(load_environment(project.resolve() / "environments", environment), console_of())
    except (AccountError, SettingsError, StateError) as error:
        refuse(error)
