"""Incident records (R-RSP-5): what happened, what was done about it, and how far people have come with it.

An incident walks from alert to closed, one step at a time, forwards only; whoever moves it is recorded with the time.
Its timeline is kept in items of their own, so that nothing written is ever overwritten, and the same entry written
twice is one. Who moved it when, and why, is part of the write that moves it: an entry that a crash prevented is made up
for from there. Finding evidence and writing reports is left to the command ``investigate``.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cloudtrail_monitoring.responders.runtime.metrics import INCIDENTS_OPENED, count
from cloudtrail_monitoring.responders.runtime.open_incidents import OpenIncidents
from cloudtrail_monitoring.responders.runtime.table import Item, Table

HEADER = "incident"
_ENTRY = "entry#"
_REACHED = "reached"
"""In a header, by stage: the entry that tells how the incident came there."""
RESPONDER = "responder"
"""The actor of entries that no person made."""


class Stage(StrEnum):
    """Where an incident stands, in this order."""

    ALERT = "alert"
    ASSESSMENT = "assessment"
    IMPACT = "impact"
    CONTAINMENT = "containment"
    DOCUMENTATION = "documentation"
    CLOSED = "closed"


ORDER = tuple(Stage)


class IncidentError(ValueError):
    """There is no such incident, or it can't go there; ``str()`` is one line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class Incident:
    id: str
    kind: str
    """Such as ``account_lockout``; a detection's id where people opened it."""
    subject: str
    """Whom or what it is about."""
    title: str
    opened_at: datetime
    stage: Stage


def incident_id(kind: str, subject: str, at: datetime) -> str:
    """The same for the same occurrence, however often it is told: ``inc-20260309-1f0c9a7be2d4``."""
    digest = hashlib.sha256(f"{kind}#{subject}#{at.astimezone(UTC).isoformat()}".encode()).hexdigest()[:12]
    return f"inc-{at.astimezone(UTC):%Y%m%d}-{digest}"


class Incidents:
    """The incidents of an account.

    Args:
        table: the incidents table.
        state: the state table.
    """

    def __init__(self, table: Table, state: Table) -> None:
        self._table = table
        self._marks = OpenIncidents(state, table, header=HEADER, closed=Stage.CLOSED.value)

    def open(self, incident: Incident) -> bool:
        """Record an incident, and count it if it is new; whether it is."""
        self._marks.mark(incident.id)
        is_new = self._table.put_new(
            incident.id,
            HEADER,
            {
                "kind": incident.kind,
                "subject": incident.subject,
                "title": incident.title,
                "opened_at": incident.opened_at.isoformat(),
                "stage": incident.stage.value,
                "version": 1,
            },
        )
        if is_new:
            count(INCIDENTS_OPENED, incident.opened_at)
        return is_new

    def open_ones(self) -> int:
        """How many are not closed; see ``OpenIncidents.count`` for its bound."""
        return self._marks.count()

    def note(self, id_: str, entry: Entry) -> None:
        """Add to an incident's timeline; the same again adds nothing."""
        self._table.put_new(id_, _sort_key(entry), _values(entry))

    def find(self, id_: str) -> Incident:
        """One incident.

        Raises:
            IncidentError: there is none of that id.
        """
        return _incident(self._header(id_))

    def timeline(self, id_: str) -> Iterator[Entry]:
        """An incident's entries in order of time."""
        entries: dict[str, Entry] = {}
        for item in self._table.query(id_):
            told = item.get(_REACHED, {}).values() if item["sk"] == HEADER else [item]
            entries.update((_sort_key(entry), entry) for entry in map(_entry, told))
        for key in sorted(entries):
            yield entries[key]

    def advance(self, id_: str, to: Stage, *, actor: str, at: datetime, why: str = "") -> Incident:
        """Move an incident to its next stage.

        Raises:
            IncidentError: there is none of that id, ``to`` is not its next stage, or somebody else has moved it since.
        """
        header = self._header(id_)
        incident = _incident(header)
        following = ORDER[ORDER.index(incident.stage) + 1 :][:1]
        if (to,) != following:
            allowed = f"only {following[0]} follows" if following else "nothing follows"
            raise IncidentError(f"{id_} is in {incident.stage}: {allowed}, not {to}")
        entry = Entry(at, actor, f"{incident.stage} → {to}{f': {why}' if why else ''}")
        reached = {**header.get(_REACHED, {}), to.value: _values(entry)}
        if not self._table.replace(header, {"stage": to.value, _REACHED: reached}):
            raise IncidentError(f"{id_} was changed by somebody else meanwhile: look at it again")
        self.note(id_, entry)
        return self.find(id_)

    def _header(self, id_: str) -> Item:
        header = self._table.get(id_, HEADER)
        if header is None:
            raise IncidentError(f"there is no incident {id_}")
        return header


def _sort_key(entry: Entry) -> str:
    digest = hashlib.sha256(f"{entry.actor}#{entry.text}".encode()).hexdigest()[:12]
    return f"{_ENTRY}{entry.at.astimezone(UTC).isoformat()}#{digest}"


def _values(entry: Entry) -> dict[str, str]:
    return {"at": entry.at.astimezone(UTC).isoformat(), "actor": entry.actor, "text": entry.text}


def _entry(item: Item) -> Entry:
    return Entry(datetime.fromisoformat(item["at"]), item["actor"], item["text"])


def _incident(item: Item) -> Incident:
    return Incident(
        id=item["pk"],
        kind=item["kind"],
        subject=item["subject"],
        title=item["title"],
        opened_at=datetime.fromisoformat(item["opened_at"]),
        stage=Stage(item["stage"]),
    )
