"""The timeline of a report: what the records show, what the responders did and what people noted, in one order."""

from collections.abc import Sequence
from typing import Any

from cloudtrail_monitoring.responders.investigation.desk import Desk
from cloudtrail_monitoring.responders.investigation.evidence import NotableEvent
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import readable
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry

MAX_TEXT_CHARACTERS = 500
LABELS = {"responder": "automatic", "person": "people", "record": "record", "bystander": "record of others"}


def timeline_rows(timeline: Sequence[Entry], events: Sequence[NotableEvent], desk: Desk) -> list[dict[str, Any]]:
    """What the records show, what the responders did and what people noted, in one order of time."""
    rows = [
        {
            "sort": (one.at, 1),
            "at": desk.wording.moment(one.at),
            "kind": "responder" if one.actor == RESPONDER else "person",
            "who": "responders" if one.actor == RESPONDER else readable(one.actor),
            "text": readable(one.text, most=MAX_TEXT_CHARACTERS),
            "mark": "",
        }
        for one in timeline
    ]
    rows += [
        {
            "sort": (one.at, 0),
            "at": desk.wording.moment(one.at),
            "kind": "record" if one.is_theirs else "bystander",
            "who": one.who,
            "text": f"{one.name} ({one.service}): {one.outcome}{f': {one.touched}' if one.touched else ''};"
            f" from {one.address or 'nowhere known'} in {one.region or 'no Region'}",
            "mark": mark(one),
        }
        for one in events
    ]
    return sorted(rows, key=lambda row: row["sort"])


def mark(event: NotableEvent) -> str:
    """How a record stands out: nothing but logins, changes and refused calls is notable."""
    if "succeeded" not in event.outcome:
        return "bad"
    return "" if event.outcome == "succeeded with MFA" else "grave"
