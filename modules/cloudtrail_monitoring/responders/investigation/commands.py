"""What ``cloudtrail-monitoring investigate`` does (R-RSP-5): each function is one command, given a desk and a console.

Parsing the command line is left to ``command_line``.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from cloudtrail_monitoring.responders.investigation.desk import Desk, InvestigationError
from cloudtrail_monitoring.responders.investigation.evidence_files import gathered_evidence, upload, write_evidence
from cloudtrail_monitoring.responders.investigation.findings import evidence_of
from cloudtrail_monitoring.responders.investigation.gathering import first_leads, gather, window_around
from cloudtrail_monitoring.responders.investigation.report import write_report
from cloudtrail_monitoring.responders.investigation.report_view import report_view
from cloudtrail_monitoring.responders.investigation.screens import print_evidence, print_incident, print_incidents
from cloudtrail_monitoring.responders.investigation.sources import FileSource, LogGroupSource, OnRecord, Source
from cloudtrail_monitoring.responders.investigation.stages import TASKS, following, runbook_of
from cloudtrail_monitoring.responders.runtime.containment import Containment
from cloudtrail_monitoring.responders.runtime.incidents import Entry, Incident, Stage

_DIRECTORY = Path("build/incidents")
MAX_NOTE_CHARACTERS = 10_000
"""An item of the table holds 400 KB; a note is to be read."""


class Search(NamedTuple):
    """What ``gather`` looks at."""

    hours_before: float = 24
    hours_after: float = 1
    records: Sequence[Path] = ()
    """Files instead of the log group."""
    principals: Sequence[str] = ()
    """Whom to follow besides those the incident names."""


def list_incidents(desk: Desk, console: Console, *, show_all: bool, as_json: bool) -> None:
    incidents = [one for one in desk.all_incidents() if show_all or one.stage is not Stage.CLOSED]
    held = desk.containments()
    if not as_json:
        print_incidents(console, desk, incidents, held, show_all=show_all)
        return
    for one in incidents:
        _print_json({**_plain(one), "containments": [_plain(two) for two in held if two.incident_id == one.id]})


def show_incident(desk: Desk, console: Console, id_: str, *, as_json: bool) -> None:
    incident = desk.incidents.find(id_)
    timeline = list(desk.incidents.timeline(id_))
    held = desk.containments(id_)
    if not as_json:
        print_incident(console, desk, incident, timeline, held)
        return
    ahead = following(incident.stage)
    _print_json(
        {
            **_plain(incident),
            "timeline": [_plain(one) for one in timeline],
            "containments": [_plain(one) for one in held],
            "next": {"stage": ahead, "goal": TASKS[ahead].goal, "steps": TASKS[ahead].steps} if ahead else None,
            "runbook": desk.wording.runbook(runbook_of(incident.kind)),
        }
    )


def advance(desk: Desk, console: Console, id_: str, to: str, why: str) -> None:
    """Move an incident on.

    Raises:
        InvestigationError: there is no such stage.
        IncidentError: it is not the next one, or somebody was faster.
    """
    if to not in tuple(Stage):
        raise InvestigationError(f"there is no stage {to[:40]!r}; there are {', '.join(Stage)}")
    _check_length(why)
    moved = desk.incidents.advance(id_, Stage(to), actor=desk.caller, at=desk.aws.now(), why=why.strip())
    console.print(Text.assemble((moved.id, "bold"), f" is in {moved.stage}: {TASKS[moved.stage].goal}"))


def note(desk: Desk, console: Console, id_: str, text: str) -> None:
    """Add a line to an incident's timeline."""
    if not text.strip():
        raise InvestigationError("an empty note says nothing: write what you found")
    _check_length(text)
    incident = desk.incidents.find(id_)
    desk.incidents.note(incident.id, Entry(desk.aws.now(), desk.caller, text.strip()))
    console.print(Text(f"noted in {incident.id}"))


def gather_evidence(
    desk: Desk,
    console: Console,
    id_: str,
    search: Search,
    *,
    output: Path | None = None,
    uploaded: bool = False,
    as_json: bool = False,
) -> None:
    """Find, write and perhaps upload the evidence.

    Raises:
        RecordsError: the files can't be read.
        InvestigationError: the evidence can't be written.
    """
    incident = desk.incidents.find(id_)
    window = window_around(incident.opened_at, hours_before=search.hours_before, hours_after=search.hours_after)
    first = first_leads(incident, desk.incidents.timeline(id_), search.principals)
    source: Source = FileSource(search.records) if search.records else _log_group(desk)
    with _progress() as on_record:
        gathered = gather(source, first, window, on_record)
    evidence = evidence_of(incident, gathered, source, desk)
    written = write_evidence(output or _directory(incident), evidence, gathered.pieces)
    if as_json:
        _print_json(evidence.model_dump(mode="json"))
    else:
        print_evidence(console, evidence)
        console.print(Text(f"\nwritten to {written.directory}, SHA256SUMS {written.digest}"), soft_wrap=True)
    if uploaded:
        place = upload(
            desk.aws.client("s3"), desk.evidence_bucket, incident.id, written, owner=desk.settings.account_id
        )
        told = f"evidence uploaded: {evidence.records:,} records, {place}, SHA-256 of SHA256SUMS {written.digest}"
        desk.incidents.note(incident.id, Entry(desk.aws.now(), desk.caller, told))
        if not as_json:
            console.print(Text(f"uploaded to {place}, and noted in the timeline"), soft_wrap=True)


def report(desk: Desk, console: Console, id_: str, *, output: Path | None = None) -> None:
    """Write the report.

    Raises:
        InvestigationError: the evidence was changed since it was gathered, or the report can't be written.
    """
    incident = desk.incidents.find(id_)
    directory = output or _directory(incident)
    evidence = gathered_evidence(directory, incident.id)
    view = report_view(desk, incident, list(desk.incidents.timeline(id_)), desk.containments(incident.id), evidence)
    for path in write_report(directory, view):
        console.print(Text(f"written to {path}"), soft_wrap=True)
    if evidence is None:
        console.print(Text(f"without evidence: cloudtrail-monitoring investigate gather {incident.id}"), soft_wrap=True)


def _directory(incident: Incident) -> Path:
    # the id's last part alone: whoever writes items by hand chooses no other folder
    return _DIRECTORY / Path(incident.id).name


def _log_group(desk: Desk) -> LogGroupSource:
    return LogGroupSource(desk.aws.logs, desk.log_group_name, desk.settings.home_region)


@contextmanager
def _progress() -> Iterator[OnRecord]:
    """How many records were looked at, on a terminal; nothing in a pipe."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} records looked at"))
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("gathering", total=None)
        yield lambda: bar.advance(task)


def _check_length(text: str) -> None:
    if len(text) > MAX_NOTE_CHARACTERS:
        raise InvestigationError(f"{len(text):,} characters, and {MAX_NOTE_CHARACTERS:,} are the most")


def _plain(value: Incident | Entry | Containment) -> dict[str, Any]:
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in asdict(value).items()}


def _print_json(value: Any) -> None:
    # escaped to ASCII: what is hostile in a text can't act on a terminal
    print(json.dumps(value, ensure_ascii=True))
