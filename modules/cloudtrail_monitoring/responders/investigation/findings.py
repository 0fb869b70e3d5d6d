"""What the records of an incident say: who, from where, what was touched, and answers to the runbook's questions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest

from cloudtrail_monitoring.responders.investigation.although_contained import although_contained
from cloudtrail_monitoring.responders.investigation.desk import Desk
from cloudtrail_monitoring.responders.investigation.evidence import (
    Evidence,
    FollowedLead,
    NotableEvent,
    Seen,
    Seens,
    Touched,
)
from cloudtrail_monitoring.responders.investigation.gathering import Gathered, Piece
from cloudtrail_monitoring.responders.investigation.questions import answers
from cloudtrail_monitoring.responders.investigation.sources import Source
from cloudtrail_monitoring.responders.investigation.stages import runbook_of
from cloudtrail_monitoring.responders.investigation.touched import CALL, Verb, is_change, touches
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.incidents import Incident
from cloudtrail_monitoring.responders.runtime.messages import who

MAX_LISTED = 50
MAX_TOUCHED = 500
MAX_EVENTS = 1_000
"""``records.jsonl.gz`` has all."""
MAX_ALTHOUGH_CONTAINED = 100
MAX_VALUE_CHARACTERS = 256
DELIVERY = timedelta(minutes=15)
"""https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html"""

_WEIGHT = (Verb.DELETED, Verb.CREATED, Verb.CHANGED, Verb.REFUSED, Verb.USED, Verb.READ)


def evidence_of(incident: Incident, gathered: Gathered, source: Source, desk: Desk) -> Evidence:
    """The evidence, from what was gathered."""
    pieces = gathered.pieces
    theirs = [one.event for one in pieces if one.is_theirs]
    held = desk.containments()
    contained = {one.event.id: text for one in pieces if (text := although_contained(one.event, held, desk.wording))}
    notable = [one for one in pieces if _is_notable(one.event) or one.event.id in contained]
    unstopped = [one for one in notable if one.event.id in contained]
    touched = _touched(theirs)
    principal = _principal(desk.settings.account_id)
    return Evidence(
        incident_id=incident.id,
        source=source.name,
        begin=gathered.window.begin,
        end=gathered.window.end,
        gathered_at=desk.aws.now(),
        gathered_by=desk.caller,
        records=len(pieces),
        records_theirs=len(theirs),
        unreadable=source.unreadable.count,
        unreadable_named=tuple(source.unreadable.first),
        missing=tuple(_missing(gathered, source, desk)),
        leads=tuple(_leads(gathered)),
        principals=_seen(pieces, principal),
        addresses=_seen(pieces, lambda event: event.address),
        regions=_seen(pieces, lambda event: event.region),
        user_agents=_seen(pieces, lambda event: event.user_agent),
        access_keys=_seen(pieces, lambda event: event.actor.access_key_id),
        touched=tuple(touched[:MAX_TOUCHED]),
        touched_more=max(len(touched) - MAX_TOUCHED, 0),
        events=tuple(_notable(one, principal, contained) for one in notable[:MAX_EVENTS]),
        events_more=max(len(notable) - MAX_EVENTS, 0),
        although_contained=tuple(_notable(one, principal, contained) for one in unstopped[:MAX_ALTHOUGH_CONTAINED]),
        although_contained_more=max(len(unstopped) - MAX_ALTHOUGH_CONTAINED, 0),
        answers=answers(runbook_of(incident.kind), incident, pieces, desk.wording, desk.settings.deployed_detections),
    )


def _cut(text: str) -> str:
    return readable(text, most=MAX_VALUE_CHARACTERS)


def _is_notable(event: CloudTrailEvent) -> bool:
    return event.is_login or bool(event.error) or is_change(event)


def _notable(piece: Piece, principal: Callable[[CloudTrailEvent], str], contained: Mapping[str, str]) -> NotableEvent:
    event = piece.event
    named = dict.fromkeys(f"{one.kind} {_cut(one.name)}" for one in touches(event) if one.kind != CALL)
    return NotableEvent(
        at=event.at,
        name=_cut(event.name),
        service=_cut(event.source.partition(".")[0]),
        who=principal(event),
        address=_cut(event.address),
        region=_cut(event.region),
        outcome=_outcome(event, contained.get(event.id, "")),
        touched=", ".join(list(named)[:4]),
        event_id=_cut(event.id),
        is_theirs=piece.is_theirs,
    )


def _outcome(event: CloudTrailEvent, contained: str) -> str:
    if event.error:
        return _cut(event.error)
    if event.is_failed_login:
        return "failed"
    if event.is_login and event.mfa is not None:
        return f"succeeded {'with' if event.mfa else 'without'} MFA"
    return f"succeeded although contained: {contained}" if contained else "succeeded"


def _principal(account_id: str) -> Callable[[CloudTrailEvent], str]:
    def named(event: CloudTrailEvent) -> str:
        other = event.actor.account_id
        return who(event.actor) + (f" of account {readable(other, most=20)}" if other not in ("", account_id) else "")

    return named


@dataclass
class _Sighting:
    records: int = 0
    failed: int = 0
    moments: list[datetime] = field(default_factory=list)
    """The first and the last: records come in order of time."""


def _seen(pieces: Iterable[Piece], value_of: Callable[[CloudTrailEvent], str]) -> Seens:
    found: dict[str, _Sighting] = {}
    for piece in pieces:
        value = _cut(value_of(piece.event))
        if not value:
            continue
        seen = found.setdefault(value, _Sighting())
        seen.records += 1
        seen.failed += bool(piece.event.error) or piece.event.is_failed_login
        seen.moments = [*seen.moments[:1], piece.event.at]
    listed = nlargest(MAX_LISTED, found.items(), key=lambda pair: pair[1].records)
    return Seens(
        listed=tuple(
            Seen(value=value, records=one.records, failed=one.failed, first=one.moments[0], last=one.moments[-1])
            for value, one in listed
        ),
        more=len(found) - len(listed),
    )


def _touched(events: Iterable[CloudTrailEvent]) -> list[Touched]:
    """Everything that was touched, what weighs most first."""
    found: dict[tuple[str, str, str], list[tuple[CloudTrailEvent, Verb]]] = {}
    for event in events:
        for one in touches(event):
            found.setdefault((one.service, one.kind, one.name), []).append((event, one.verb))
    made = []
    for (service, kind, name), hits in found.items():
        counts = {verb.value: sum(one is verb for _, one in hits) for verb in Verb}
        calls = dict.fromkeys(_cut(event.name) for event, _ in hits)
        first, last = hits[0][0].at, hits[-1][0].at
        made.append(
            Touched(
                service=_cut(service),
                kind=_cut(kind),
                name=_cut(name),
                first=first,
                last=last,
                calls=tuple(list(calls)[:10]),
                **counts,
            )
        )
    return sorted(made, key=lambda one: (_weight(one), one.service, one.kind, one.first, one.name))


def _weight(touched: Touched) -> int:
    return next(place for place, verb in enumerate(_WEIGHT) if getattr(touched, verb.value))


def _leads(gathered: Gathered) -> Iterable[FollowedLead]:
    records = [one.record for one in gathered.pieces]
    for lead in gathered.leads:
        matching = sum(map(lead.pattern.matches, records))
        yield FollowedLead(kind=lead.kind.value, value=_cut(lead.value), why=lead.why, records=matching)


def _missing(gathered: Gathered, source: Source, desk: Desk) -> Iterable[str]:
    yield from gathered.missing
    moment, now = desk.wording.moment, desk.aws.now()
    if not gathered.pieces:
        yield "No record matched: is the time right (--hours-before, --hours-after), and the subject's spelling?"
    if gathered.window.end > now - DELIVERY:
        since = moment(now - DELIVERY)
        yield f"CloudTrail delivers within about 15 minutes: what happened after {since} may be absent."
    begin, end = moment(gathered.window.begin), moment(gathered.window.end)
    yield f"Only the time from {begin} to {end} was looked at (--hours-before, --hours-after)."
    if source.unreadable.count:
        yield f"{source.unreadable.count:,} records could not be read."
    yield from source.shortcomings
    if not desk.settings.trail.data_events and not desk.settings.trail.phi_resources:
        yield "The trail records no data events: who read or wrote objects is not known."
