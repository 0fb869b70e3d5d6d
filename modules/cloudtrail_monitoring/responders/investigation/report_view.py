"""What the report of an incident says, as plain data: one content for Markdown and for the page.

Nothing here is markup: each template lays it out and escapes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cloudtrail_monitoring.responders.investigation.desk import Desk
from cloudtrail_monitoring.responders.investigation.evidence import Evidence, Seens, Touched
from cloudtrail_monitoring.responders.investigation.evidence_files import RECORDS, Written
from cloudtrail_monitoring.responders.investigation.markdown import Verbatim
from cloudtrail_monitoring.responders.investigation.report_timeline import (
    LABELS,
    MAX_TEXT_CHARACTERS,
    mark,
    timeline_rows,
)
from cloudtrail_monitoring.responders.investigation.stages import TASKS, following, runbook_of
from cloudtrail_monitoring.responders.investigation.touched import Verb
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import readable
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.incidents import ORDER, RESPONDER, Entry, Incident, Stage

MAX_EVENTS_SHOWN = 200
MAX_TOUCHED_SHOWN = 60

# What is in force, and how it is taken back: by itself at its end, or by the command, which does the same.
MEASURES: Mapping[Kind, tuple[str, str, str]] = {
    Kind.ACCOUNT_LOCKOUT: (
        "Account lockout",
        "A policy denies the user's calls.",
        "the policy denies nothing after its end, and is then taken off the user",
    ),
    Kind.GEO_CHALLENGE: (
        "Challenge",
        "A policy revokes the user's sessions and demands MFA.",
        "the policy denies nothing after its end, and is then taken off the user",
    ),
    Kind.ENHANCED_LOGGING: (
        "Enhanced logging",
        "The second trail records data events.",
        "the second trail is stopped",
    ),
}


def report_view(
    desk: Desk,
    incident: Incident,
    timeline: Sequence[Entry],
    containments: Sequence[Containment],
    gathered: tuple[Evidence, Written] | None,
) -> dict[str, Any]:
    """Everything that the report shows.

    Args:
        gathered: the evidence and where it lies; ``None`` if none was gathered.
    """
    evidence, written = gathered or (None, None)
    moment = desk.wording.moment
    held = [_containment(one, desk) for one in containments]
    events = evidence.events[:MAX_EVENTS_SHOWN] if evidence else ()
    return {
        "id": incident.id,
        "title": readable(incident.title, most=MAX_TEXT_CHARACTERS),
        "subject": readable(incident.subject, most=MAX_TEXT_CHARACTERS),
        "kind": readable(incident.kind),
        "stage": incident.stage.value,
        "stages": [
            {"name": one.value, "state": _state(one, incident.stage), "when": _reached(one, incident, timeline, moment)}
            for one in ORDER
        ],
        "opened": moment(incident.opened_at),
        "environment": desk.settings.environment,
        "account": desk.settings.account_id,
        "region": desk.settings.home_region,
        "runbook": Verbatim(desk.wording.runbook(runbook_of(incident.kind))),
        "written_at": moment(desk.aws.now()),
        "written_by": readable(desk.caller),
        "summary": _summary(incident, evidence, containments, moment),
        "although_contained": timeline_rows((), evidence.although_contained, desk) if evidence else [],
        "although_contained_left_out": evidence.although_contained_more if evidence else 0,
        "figures": _figures(evidence),
        "timeline": timeline_rows(timeline, events, desk),
        "events_left_out": (len(evidence.events) - len(events) + evidence.events_more) if evidence else 0,
        "records_file": RECORDS,
        "labels": LABELS,
        "seen": [
            {"title": title, "rows": _rows(seens, moment), "more": seens.more}
            for title, seens in _seens(evidence)
            if seens.listed
        ],
        "touched": [_thing(one, desk) for one in evidence.touched[:MAX_TOUCHED_SHOWN]] if evidence else [],
        "touched_left_out": _touched_left_out(evidence),
        "containments": held,
        "decisions": [
            {"at": moment(one.at), "who": readable(one.actor), "text": readable(one.text, most=MAX_TEXT_CHARACTERS)}
            for one in timeline
            if one.actor != RESPONDER
        ],
        "answers": [{"question": one.question, "answer": one.answer} for one in evidence.answers] if evidence else [],
        "open": list(_open(incident, evidence)),
        "evidence": _provenance(evidence, written, moment),
    }


def _summary(
    incident: Incident, evidence: Evidence | None, containments: Sequence[Containment], moment: Any
) -> list[str]:
    stage = "closed" if incident.stage is Stage.CLOSED else f"in the stage {incident.stage}"
    title = readable(incident.title, most=MAX_TEXT_CHARACTERS)
    said = [f"{title}. Opened {moment(incident.opened_at)}; the incident is {stage}."]
    if evidence is None:
        said.append("No evidence has been gathered: this report rests on the incident's own timeline.")
    elif not evidence.records:
        said.append("No record was found in the time that was looked at: the evidence is empty.")
    else:
        sources, regions = _count(evidence.addresses), _count(evidence.regions)
        said.append(
            f"{_number(evidence.records, 'record')} in the evidence, {evidence.records_theirs:,} of them by whom it is"
            f" about or with keys and sessions that this led to, from {_number(sources, 'source')} in"
            f" {_number(regions, 'Region')}."
        )
        said.append(_done(evidence))
    if not containments:
        said.append("No containment is remembered under this incident.")
    for one in containments:
        until = f"still holds until {moment(one.ends_at)}" if one.is_standing else f"ended {moment(_end(one))}"
        said.append(f"{MEASURES[one.kind][0]} of {readable(one.target)} {until}.")
    return said


def _done(evidence: Evidence) -> str:
    parts = []
    for verb in (Verb.CREATED, Verb.CHANGED, Verb.DELETED, Verb.REFUSED):
        things = [one for one in evidence.touched if getattr(one, verb.value)]
        if things:
            names = list(dict.fromkeys(_name(one) for one in things))
            more = f" and {len(names) - 4} more" if len(names) > 4 else ""
            parts.append(f"{verb.value}: {', '.join(names[:4])}{more}")
    if not parts:
        return "Nothing was created, changed, deleted or refused."
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _figures(evidence: Evidence | None) -> list[tuple[str, str]]:
    if evidence is None:
        return []
    changed = sum(bool(one.created or one.changed or one.deleted) for one in evidence.touched)
    refused = sum(mark(one) == "bad" for one in evidence.events)
    return [
        (f"{evidence.records:,}", "records"),
        (f"{_count(evidence.principals):,}", "identities"),
        (f"{_count(evidence.addresses):,}", "sources"),
        (f"{changed:,}", "things changed"),
        (f"{refused:,}", "calls refused or failed"),
    ]


def _seens(evidence: Evidence | None) -> Iterable[tuple[str, Seens]]:
    if evidence is None:
        return ()
    return (
        ("Identities", evidence.principals),
        ("Source addresses", evidence.addresses),
        ("Regions", evidence.regions),
        ("Access keys and sessions", evidence.access_keys),
        ("User agents", evidence.user_agents),
    )


def _rows(seens: Seens, moment: Any) -> list[dict[str, str]]:
    return [
        {
            "value": one.value,
            "records": f"{one.records:,}",
            "failed": f"{one.failed:,}" if one.failed else "",
            "first": moment(one.first),
            "last": moment(one.last),
        }
        for one in seens.listed
    ]


def _thing(touched: Touched, desk: Desk) -> dict[str, Any]:
    verbs = [(verb.value, getattr(touched, verb.value)) for verb in Verb]
    return {
        "service": touched.service,
        "kind": touched.kind,
        "name": touched.name,
        "verbs": [f"{verb}{f' ×{number}' if number > 1 else ''}" for verb, number in verbs if number],
        "is_changed": bool(touched.created or touched.changed or touched.deleted),
        "calls": ", ".join(touched.calls),
        "first": desk.wording.moment(touched.first),
        "last": desk.wording.moment(touched.last) if touched.last != touched.first else "",
    }


def _touched_left_out(evidence: Evidence | None) -> int:
    return max(len(evidence.touched) - MAX_TOUCHED_SHOWN, 0) + evidence.touched_more if evidence else 0


def _containment(one: Containment, desk: Desk) -> dict[str, Any]:
    name, what, undone = MEASURES[one.kind]
    moment = desk.wording.moment
    return {
        "name": f"{name} of {readable(one.target)}",
        "what": what,
        "began": moment(one.began),
        "ends": moment(one.ends_at),
        "ended": moment(_end(one)) if not one.is_standing else "",
        "undone": undone,
        "undo": Verbatim(readable(desk.wording.undo(one.key), most=MAX_TEXT_CHARACTERS)) if one.is_standing else "",
    }


def _open(incident: Incident, evidence: Evidence | None) -> Iterable[str]:
    if evidence is None:
        yield f"No evidence has been gathered: cloudtrail-monitoring investigate gather {incident.id}"
    else:
        for one in evidence.answers:
            if not one.answer:
                yield f"For people to answer: {one.question}"
        if evidence.records and not evidence.answers:
            yield "The runbook asks no questions that are known here: go through it by hand."
        yield from (f"Evidence: {one}" for one in evidence.missing)
    ahead = following(incident.stage)
    while ahead is not None and ahead is not Stage.CLOSED:
        yield f"The stage {ahead} has not begun: {TASKS[ahead].goal}"
        ahead = following(ahead)
    if ahead is Stage.CLOSED:
        yield "The incident is not closed."


def _provenance(evidence: Evidence | None, written: Written | None, moment: Any) -> list[tuple[str, str]]:
    if evidence is None or written is None:
        return []
    leads = "; ".join(f"{one.kind} {one.value}".rstrip() + f" ({one.why})" for one in evidence.leads[:20])
    more = f"; and {len(evidence.leads) - 20} more" if len(evidence.leads) > 20 else ""
    return [
        ("Gathered", f"{moment(evidence.gathered_at)} by {readable(evidence.gathered_by)}"),
        ("From", evidence.source),
        ("Time looked at", f"{moment(evidence.begin)} to {moment(evidence.end)}"),
        ("Followed", f"{leads}{more}"),
        ("Records", f"{evidence.records:,} in {RECORDS}; {_number(evidence.unreadable, 'unreadable one')}"),
        ("SHA-256 of SHA256SUMS", written.digest),
    ]


def _state(stage: Stage, now: Stage) -> str:
    if stage is now:
        return "now"
    return "done" if ORDER.index(stage) < ORDER.index(now) else "ahead"


def _reached(stage: Stage, incident: Incident, timeline: Sequence[Entry], moment: Any) -> str:
    """When the incident came to a stage, by its timeline."""
    if stage is ORDER[0]:
        return str(moment(incident.opened_at))
    arrow = f"{ORDER[ORDER.index(stage) - 1]} → {stage}"
    moved: list[datetime] = [one.at for one in timeline if one.text.startswith(arrow) and one.actor != RESPONDER]
    return str(moment(moved[-1])) if moved else ""


def _name(touched: Touched) -> str:
    return f"{touched.kind} {touched.name}" if touched.name else touched.kind


def _end(containment: Containment) -> datetime:
    return containment.ended_at or containment.ends_at


def _count(seens: Seens) -> int:
    return len(seens.listed) + seens.more


def _number(number: int, of: str) -> str:
    return f"{number:,} {of}{'' if number == 1 else 's'}"
