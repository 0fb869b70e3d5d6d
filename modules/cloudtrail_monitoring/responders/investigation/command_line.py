"""The commands below ``cloudtrail-monitoring investigate``: parsed here, done by ``commands``.

A command imports what it needs when it runs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudtrail_monitoring.command_line import console_of, refuse

if TYPE_CHECKING:
    from rich.console import Console

    from cloudtrail_monitoring.responders.investigation.desk import Desk

investigate = typer.Typer(
    help="Work on incidents: assess, gather evidence, document. Uses your AWS credentials.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The incident's, such as inc-20260309-1f0c9a7be2d4.")]
Environment = Annotated[str, typer.Option(help="Environment whose incidents they are.")]
Project = Annotated[Path, typer.Option(help="Folder that holds environments/.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for scripts.")]
Output = Annotated[Path | None, typer.Option(help="Folder of the incident's files; build/incidents/ID if not given.")]


@investigate.command("list", epilog="Example: cloudtrail-monitoring investigate list --environment prod")
def list_(
    show_all: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    as_json: AsJson = False,
    environment: Environment = "prod",
    project: Project = Path(),
) -> None:
    """List the open incidents, the newest first, and what is contained until when."""
    from cloudtrail_monitoring.responders.investigation.commands import list_incidents

    _run(project, environment, lambda desk, out: list_incidents(desk, out, show_all=show_all, as_json=as_json))


@investigate.command(epilog="Example: cloudtrail-monitoring investigate show inc-20260309-1f0c9a7be2d4")
def show(id_: Id, as_json: AsJson = False, environment: Environment = "prod", project: Project = Path()) -> None:
    """Show an incident: timeline, containments, what the stages ask for, and the runbook."""
    from cloudtrail_monitoring.responders.investigation.commands import show_incident

    _run(project, environment, lambda desk, out: show_incident(desk, out, id_, as_json=as_json))


@investigate.command(
    epilog='Example: cloudtrail-monitoring investigate advance inc-20260309-1f0c9a7be2d4 --to assessment --why "on it"'
)
def advance(
    id_: Id,
    to: Annotated[str, typer.Option(metavar="STAGE", help="The next stage: none is left out.")],
    why: Annotated[str, typer.Option(help="What was found, or decided.")] = "",
    environment: Environment = "prod",
    project: Project = Path(),
) -> None:
    """Move an incident to its next stage; who did it and when stands in its timeline."""
    from cloudtrail_monitoring.responders.investigation import commands

    _run(project, environment, lambda desk, out: commands.advance(desk, out, id_, to, why))


@investigate.command(
    epilog='Example: cloudtrail-monitoring investigate note inc-20260309-1f0c9a7be2d4 "Jordan, by phone: not me"'
)
def note(
    id_: Id,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you found.")],
    environment: Environment = "prod",
    project: Project = Path(),
) -> None:
    """Add a line to an incident's timeline, with who and when."""
    from cloudtrail_monitoring.responders.investigation import commands

    _run(project, environment, lambda desk, out: commands.note(desk, out, id_, text))


@investigate.command(
    epilog="Example: cloudtrail-monitoring investigate gather inc-20260309-1f0c9a7be2d4 --hours-before 72 --upload"
)
def gather(
    id_: Id,
    hours_before: Annotated[float, typer.Option(min=0, max=24 * 3650, help="From so long before it was opened.")] = 24,
    hours_after: Annotated[float, typer.Option(min=0, max=24 * 3650, help="Until so long after.")] = 1,
    records: Annotated[
        list[Path] | None,
        typer.Option(help="CloudTrail records to look at instead of the log group: files, or folders of them."),
    ] = None,
    principal: Annotated[
        list[str] | None,
        typer.Option(help='Follow this one, too: "user jordan", "root", a session\'s ARN, an address, an access key.'),
    ] = None,
    output: Output = None,
    upload: Annotated[bool, typer.Option("--upload", help="Into the evidence bucket, too, which keeps it.")] = False,
    as_json: AsJson = False,
    environment: Environment = "prod",
    project: Project = Path(),
) -> None:
    """Gather the evidence: all records of whom the incident is about, their addresses, keys and sessions."""
    from cloudtrail_monitoring.responders.investigation.commands import Search, gather_evidence

    search = Search(hours_before, hours_after, tuple(records or ()), tuple(principal or ()))
    _run(
        project,
        environment,
        lambda desk, out: gather_evidence(desk, out, id_, search, output=output, uploaded=upload, as_json=as_json),
    )


@investigate.command(epilog="Example: cloudtrail-monitoring investigate report inc-20260309-1f0c9a7be2d4")
def report(id_: Id, output: Output = None, environment: Environment = "prod", project: Project = Path()) -> None:
    """Write the incident's report, as Markdown and as a page, from its timeline and the gathered evidence."""
    from cloudtrail_monitoring.responders.investigation import commands

    _run(project, environment, lambda desk, out: commands.report(desk, out, id_, output=output))


def _run(project: Path, environment: str, command: "Callable[[Desk, Console], None]") -> None:
    from cloudtrail_monitoring.aws_account import AccountError, told_in_a_line
    from cloudtrail_monitoring.responders.investigation.desk import InvestigationError, open_desk
    from cloudtrail_monitoring.responders.runtime.incidents import IncidentError
    from cloudtrail_monitoring.simulation.records import RecordsError
    from cloudtrail_monitoring.validation import SettingsError

    try:
        with told_in_a_line(absent="is the environment deployed, with responders?"):
            command(open_desk(project.resolve(), environment), console_of())
    except (AccountError, IncidentError, InvestigationError, RecordsError, SettingsError) as error:
        refuse(error)
