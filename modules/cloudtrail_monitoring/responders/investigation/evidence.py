"""The evidence of an incident as data, as ``evidence.json`` has it: what commands print and reports are made from.

Texts from records are cut and on one line (``readable``); markup is left to whoever writes HTML or Markdown. The
records themselves stand in ``records.jsonl.gz`` as they were.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from cloudtrail_monitoring.responders.investigation.desk import InvestigationError


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FollowedLead(_Data):
    kind: str
    value: str
    why: str
    records: int


class Seen(_Data):
    """How often, and when first and last, one address, Region, user agent … was seen."""

    value: str
    records: int
    first: datetime
    last: datetime
    failed: int = 0
    """Calls that were refused, and failed logins."""


class Seens(_Data):
    """Those with most records, and how many there are besides."""

    listed: tuple[Seen, ...]
    more: int = 0


class Touched(_Data):
    """One thing that was touched, by somebody followed."""

    service: str
    kind: str
    name: str
    created: int = 0
    changed: int = 0
    deleted: int = 0
    used: int = 0
    read: int = 0
    refused: int = 0
    first: datetime
    last: datetime
    calls: tuple[str, ...]
    """Names of the events."""


class NotableEvent(_Data):
    """A login, a change, or a call that was refused."""

    at: datetime
    name: str
    service: str
    who: str
    address: str
    region: str
    outcome: str
    """``succeeded``, or why not; ``succeeded although contained: …`` where a containment of the caller stood."""
    touched: str
    event_id: str
    is_theirs: bool
    """By somebody followed; else from one of their addresses, or about the user."""


class Answer(_Data):
    """A question of the runbook, and what the records say to it; an empty text is what only people can answer."""

    question: str
    answer: str


class Evidence(_Data):
    """Everything that was found out from the records of an incident."""

    incident_id: str
    source: str
    begin: datetime
    end: datetime
    gathered_at: datetime
    gathered_by: str
    records: int
    records_theirs: int
    unreadable: int
    unreadable_named: tuple[str, ...]
    missing: tuple[str, ...]
    leads: tuple[FollowedLead, ...]
    principals: Seens
    addresses: Seens
    regions: Seens
    user_agents: Seens
    access_keys: Seens
    touched: tuple[Touched, ...]
    touched_more: int
    events: tuple[NotableEvent, ...]
    events_more: int
    although_contained: tuple[NotableEvent, ...] = ()
    """Those of ``events`` that succeeded although their caller was contained, all of them or the first."""
    although_contained_more: int = 0
    answers: tuple[Answer, ...]

    def to_json(self) -> str:
        return self.model_dump_json(indent=2) + "\n"


def read_evidence(path: Path, incident_id: str) -> Evidence:
    """The evidence that ``gather`` wrote.

    Raises:
        InvestigationError: the file can't be read, or is another incident's.
    """
    try:
        evidence = Evidence.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        first = str(error).splitlines()[0]
        raise InvestigationError(f"{path}: not what gather writes ({first}): gather again") from None
    if evidence.incident_id != incident_id:
        raise InvestigationError(f"{path}: the evidence of {evidence.incident_id}, not of {incident_id}")
    return evidence


def touched_by_kind(touched: Sequence[Touched]) -> dict[tuple[str, str], list[Touched]]:
    """What was touched, by service and kind, in the order given."""
    grouped: dict[tuple[str, str], list[Touched]] = {}
    for one in touched:
        grouped.setdefault((one.service, one.kind), []).append(one)
    return grouped
