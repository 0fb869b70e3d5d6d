"""What records amount to: counts and bytes by event, resource and recording trail, and the detections that count them.

Records are gone through once and not kept. What they cost is left to ``event_costs``, what could go to ``cuts``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from cloudtrail_monitoring.governance.event_review.selection import (
    DATA,
    Selection,
    category,
    is_read_only,
    touched,
)
from cloudtrail_monitoring.simulation.records import Record, event_time
from cloudtrail_monitoring.simulation.simulate import Simulation

_S3_OBJECT = "AWS::S3::Object"


class Event(NamedTuple):
    """What is told apart: an API's call, with what decides on its recording."""

    source: str
    name: str
    category: str
    read_only: bool
    resource_type: str
    """Of a data event; empty otherwise."""
    arn_prefix: str
    """The bucket's objects, or the function, as ``data_events.arn_prefixes`` takes it."""
    trails: frozenset[str]
    phi: bool


@dataclass
class Seen:
    """How much of it there was."""

    count: int = 0
    size: int = 0
    """Bytes of the records as JSON, without white space."""
    detections: Counter[str] = field(default_factory=Counter)


@dataclass
class Tally:
    """All records of a reading."""

    events: dict[Event, Seen] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def count(self) -> int:
        return sum(one.count for one in self.events.values())

    @property
    def span(self) -> timedelta:
        """From the first record to the last."""
        return self.last - self.first if self.first and self.last else timedelta()


def tally(records: Iterable[Record], selection: Selection, simulation: Simulation) -> Tally:
    """Go through records once.

    Args:
        records: with usable times.
        simulation: the environment's detections.
    """
    result = Tally()
    for record in records:
        at = event_time(record)
        result.first = min(at, result.first or at)
        result.last = max(at, result.last or at)
        seen = result.events.setdefault(_event(record, selection), Seen())
        seen.count += 1
        seen.size += len(orjson.dumps(record))
        seen.detections.update(simulation.detect(record))
    return result


def _event(record: Record, selection: Selection) -> Event:
    kind = category(record)
    type_, prefix = _resource(record) if kind == DATA else ("", "")
    recorded = selection.recorded(record)
    return Event(
        str(record.get("eventSource") or ""),
        str(record["eventName"]),
        kind,
        is_read_only(record),
        type_,
        prefix,
        recorded.trails,
        recorded.phi,
    )


def _resource(record: Record) -> tuple[str, str]:
    """An object's bucket stands for it: selectors take beginnings of ARNs."""
    found = [(type_, arn) for type_, arn in touched(record) if arn]
    type_, arn = next((one for one in found if one[0] != "AWS::S3::Bucket"), ("", ""))
    return type_, f"{arn.partition('/')[0]}/" if type_ == _S3_OBJECT else arn
