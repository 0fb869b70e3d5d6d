"""What people read of incidents and evidence on a terminal; foreign texts pass ``readable``, and none is markup."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.responders.investigation.desk import Desk
from cloudtrail_monitoring.responders.investigation.evidence import Evidence, touched_by_kind
from cloudtrail_monitoring.responders.investigation.stages import TASKS, following, runbook_of
from cloudtrail_monitoring.responders.investigation.touched import Verb
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import readable
from cloudtrail_monitoring.responders.runtime.containment import Containment
from cloudtrail_monitoring.responders.runtime.incidents import Entry, Incident, Stage

_NAMED = 5


def print_incidents(
    console: Console, desk: Desk, incidents: Sequence[Incident], held: Sequence[Containment], *, show_all: bool
) -> None:
    """A line an incident, the newest first."""
    if not incidents:
        whole = "no incidents" if show_all else "no open incidents (--all lists closed ones)"
        console.print(Text(f"{whole} in {desk.settings.environment}"))
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    for heading in ("id", "stage"):
        table.add_column(heading, no_wrap=True)
    for heading in ("kind", "subject"):
        table.add_column(heading, ratio=1, overflow="fold")
    table.add_column("opened", ratio=1, overflow="fold")
    table.add_column("contained until", ratio=1, overflow="fold")
    for one in incidents:
        standing = [held_one for held_one in held if held_one.incident_id == one.id and held_one.is_standing]
        table.add_row(
            Text(readable(one.id)),
            Text(one.stage.value, style="dim" if one.stage is Stage.CLOSED else "bold"),
            Text(readable(one.kind)),
            Text(readable(one.subject)),
            Text(desk.wording.moment(one.opened_at)),
            Text("\n".join(f"{held_one.kind} {desk.wording.moment(held_one.ends_at)}" for held_one in standing)),
        )
    console.print(table)


def print_incident(
    console: Console, desk: Desk, incident: Incident, timeline: Iterable[Entry], held: Sequence[Containment]
) -> None:
    """One incident, and what is to be done next."""
    moment = desk.wording.moment
    _print(console, Text.assemble((readable(incident.id), "bold"), "  ", readable(incident.title, most=500)))
    facts = [
        ("subject", readable(incident.subject)),
        ("kind", readable(incident.kind)),
        ("opened", moment(incident.opened_at)),
        ("stage", incident.stage.value),
        ("runbook", desk.wording.runbook(runbook_of(incident.kind))),
    ]
    for name, text in facts:
        _print(console, Text(f"{name:<9} {text}"))
    console.print(Text("\ntimeline", style="bold"))
    for entry in timeline:
        _print(console, Text(f"{moment(entry.at)}  {readable(entry.actor)}: {readable(entry.text, most=500)}"))
    console.print(Text("\ncontainments", style="bold"))
    if not held:
        console.print(Text("none is remembered under this incident"))
    for one in held:
        until = f"stands until {moment(one.ends_at)}" if one.is_standing else f"ended {moment(_end(one))}"
        _print(console, Text(f"{one.kind} of {readable(one.target)}, began {moment(one.began)}, {until}"))
        if one.is_standing:
            _print(console, Text(f"  undo now: {desk.wording.undo(one.key)}"))
    _print_task(console, incident)


def print_evidence(console: Console, evidence: Evidence) -> None:
    """What was gathered, in short."""
    for event in evidence.although_contained[:_NAMED]:
        _print(console, Text(f"{event.who}: {event.name} ({event.service}) {event.outcome}", "bold red"))
    if (more := len(evidence.although_contained) + evidence.although_contained_more - _NAMED) > 0:
        console.print(Text(f"and {more} more that succeeded although contained", "bold red"))
    console.print(Text(f"records: {evidence.records:,}, by those followed: {evidence.records_theirs:,}", "bold"))
    followed = _each(f"{one.kind} {one.value}".rstrip() for one in evidence.leads[: _NAMED * 2])
    _print(console, Text(f"led by {followed}{' …' if len(evidence.leads) > _NAMED * 2 else ''}"))
    for name, seens in (("who", evidence.principals), ("from", evidence.addresses), ("in", evidence.regions)):
        if seens.listed:
            listed = _each(f"{one.value} ({one.records:,})" for one in seens.listed[:_NAMED])
            more = len(seens.listed) + seens.more - _NAMED
            _print(console, Text(f"{name:<6} {listed}{f' and {more} more' if more > 0 else ''}"))
    for (service, kind), things in touched_by_kind(evidence.touched).items():
        counts = [f"{total} {verb}" for verb in Verb if (total := sum(getattr(one, verb) for one in things))]
        names = _each(one.name for one in things[:_NAMED] if one.name)
        _print(
            console, Text(f"{service}: {kind} {names}  {', '.join(counts)}", style="" if _matters(counts) else "dim")
        )
    for answer in evidence.answers:
        _print(console, Text.assemble("\n", (answer.question, "bold")))
        _print(console, Text(answer.answer or "the records don't say: ask people"))
    if evidence.missing:
        console.print(Text("\nmissing", style="bold"))
        for one in (*evidence.missing, *evidence.unreadable_named):
            _print(console, Text(one))


def _print_task(console: Console, incident: Incident) -> None:
    now, ahead = TASKS[incident.stage], following(incident.stage)
    console.print(Text.assemble("\n", (f"now: {incident.stage}", "bold"), f"  {now.goal}"))
    for step in now.steps:
        _print(console, Text(f"  - {step}"))
    if ahead is None:
        return
    console.print(Text.assemble((f"next: {ahead}", "bold"), f"  {TASKS[ahead].goal}"))
    for step in TASKS[ahead].steps:
        _print(console, Text(f"  - {step}"))
    _print(console, Text(f"  cloudtrail-monitoring investigate advance {incident.id} --to {ahead} --why …"))


def _print(console: Console, text: Text) -> None:
    # whole lines, to be copied
    console.print(text, soft_wrap=True)


def _matters(counts: Sequence[str]) -> bool:
    return any(not one.endswith(Verb.READ.value) for one in counts)


def _end(containment: Containment) -> datetime:
    return containment.ended_at or containment.ends_at


def _each(texts: Iterable[str]) -> str:
    return ", ".join(texts)
