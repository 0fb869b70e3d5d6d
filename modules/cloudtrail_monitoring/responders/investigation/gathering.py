"""Gathering: the records that belong to an incident, found in rounds, each round following what the last one led to.

It begins with whom the incident is about, and goes on to the addresses they came from, the keys they used and made, the
sessions they opened. Records from an address are kept, but who else used it is not followed: it may be shared. What
the records mean is left to ``findings``, writing them to ``evidence_files``.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cloudtrail_monitoring.responders.investigation.leads import (
    Lead,
    LeadKind,
    lead_of,
    leads_from,
    occasion,
)
from cloudtrail_monitoring.responders.investigation.sources import Found, OnRecord, Source, Window
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent
from cloudtrail_monitoring.responders.runtime.containment import Kind
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident
from cloudtrail_monitoring.simulation.records import Record

MAX_ROUNDS = 6
MAX_LEADS = 200
MAX_RECORDS = 50_000
"""Records are sorted in memory; a machine of 2 GB holds these."""
_SUBJECT = "the incident is about"


@dataclass(frozen=True, slots=True)
class Piece:
    """One record of the evidence."""

    event: CloudTrailEvent
    line: bytes
    """The record as canonical JSON: the same bytes from either source."""
    is_theirs: bool
    """Whether it was done by somebody followed, and not merely from one of their addresses or about them."""

    @property
    def record(self) -> Record:
        record: Record = json.loads(self.line)
        return record


@dataclass
class Gathered:
    """What was found."""

    window: Window
    leads: list[Lead]
    pieces: list[Piece] = field(default_factory=list)
    """In order of time; the same record is there once."""
    missing: list[str] = field(default_factory=list)
    """Evidence that could not be had, a sentence each."""


def first_leads(incident: Incident, timeline: Iterable[Entry], named: Sequence[str] = ()) -> list[Lead]:
    """Where to begin: with the incident's subject, and what the investigator names.

    Args:
        incident: its subject is a user, ``root``, a role's session or an address; where it is a trail, what was done
            at the times in the timeline is looked for instead.
        timeline: the incident's.
        named: further ones, in the words of ``lead_of``.
    """
    leads = [lead_of(text, "named by the investigator", is_first=True) for text in named]
    if incident.kind == Kind.ENHANCED_LOGGING:
        times = dict.fromkeys([incident.opened_at, *(one.at for one in timeline if one.actor == RESPONDER)])
        leads += [occasion(at, "noted in the incident") for at in times]
    else:
        leads.append(lead_of(incident.subject, _SUBJECT, is_first=True))
    targets = [
        Lead(LeadKind.TARGET, one.value, "what others did to the user", is_first=True)
        for one in leads
        if one.kind is LeadKind.USER
    ]
    return list(dict.fromkeys([*leads, *targets]))


def window_around(at: datetime, *, hours_before: float, hours_after: float) -> Window:
    return Window(at - timedelta(hours=hours_before), at + timedelta(hours=hours_after))


def gather(source: Source, first: Sequence[Lead], window: Window, on_record: OnRecord = lambda: None) -> Gathered:
    """All records that belong to the leads, and to those they lead to.

    Args:
        on_record: called for each record that was looked at.
    """
    gathering = _Gathering(source, Gathered(window, list(first)), on_record)
    gathering.run()
    return gathering.gathered


class _Gathering:
    def __init__(self, source: Source, gathered: Gathered, on_record: OnRecord) -> None:
        self._source = source
        self._on_record = on_record
        self.gathered = gathered
        self._found: dict[tuple[str, str], Piece] = {}
        self._is_full = False
        self._left_out: dict[Lead, None] = {}

    def run(self) -> None:
        todo = list(self.gathered.leads)
        for _ in range(MAX_ROUNDS):
            if not todo:
                break
            todo = self._round(todo)
        missing = self.gathered.missing
        if todo:
            missing.append(f"After {MAX_ROUNDS} rounds there were further leads: {_listed(todo)}.")
        if self._left_out:
            missing.append(f"More than {MAX_LEADS} leads; not followed: {_listed(list(self._left_out))}.")
        if self._is_full:
            missing.append(f"More than {MAX_RECORDS:,} records; the rest was left: narrow the time (--hours-before).")
        self.gathered.pieces = sorted(self._found.values(), key=lambda one: (one.event.at, one.event.id, one.line))
        ids = [one.event.id for one in self.gathered.pieces]
        if twice := len(ids) - len(set(ids)):
            missing.append(f"{twice} records differ from another one of the same eventID: both are kept, look at them.")

    def _round(self, leads: Sequence[Lead]) -> list[Lead]:
        """Search for some leads; the leads that are new then."""
        known = dict.fromkeys(self.gathered.leads)
        # the earliest record that led there says why, in whatever order a source gives them
        earliest: dict[Lead, tuple[datetime, str, Lead]] = {}
        for found in self._source.search(leads, self.gathered.window, self._on_record):
            hits = [one for one in leads if one.pattern.matches(found.record)]
            if not hits or not self._keep(found, hits):
                continue
            if any(one.is_followed for one in hits):
                by_time = any(one.kind is LeadKind.OCCASION for one in hits)
                for one in leads_from(found.event, from_occasion=by_time):
                    led = found.event.at, found.event.id, one
                    if one not in known and (one not in earliest or led[:2] < earliest[one][:2]):
                        earliest[one] = led
        new = [led for *_, led in sorted(earliest.values(), key=lambda one: (one[:2], one[2].kind, one[2].value))]
        room = max(MAX_LEADS - len(known), 0)
        taken = new[:room]
        self._left_out.update(dict.fromkeys(new[room:]))
        self.gathered.leads += taken
        return taken

    def _keep(self, found: Found, hits: Sequence[Lead]) -> bool:
        line = json.dumps(found.record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
        key = found.event.id, hashlib.sha256(line).hexdigest()
        known = self._found.get(key)
        if known is None and len(self._found) >= MAX_RECORDS:
            self._is_full = True
            return False
        theirs = any(one.is_followed for one in hits) or (known is not None and known.is_theirs)
        self._found[key] = Piece(found.event, line, theirs)
        return True


def _listed(leads: Sequence[Lead]) -> str:
    shown = ", ".join(str(one) for one in leads[:5])
    return f"{shown} and {len(leads) - 5} more" if len(leads) > 5 else shown
