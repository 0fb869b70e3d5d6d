"""What a detection saw in a simulation: how many records, when, and by whom; its size does not grow."""

from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from operator import itemgetter

from cloudtrail_monitoring.simulation.actor import actor
from cloudtrail_monitoring.simulation.records import Record, event_time

MAX_PRINCIPALS = 1_000
"""So many distinct principals are counted exactly for one detection; all later ones count together, as others."""
MAX_PRINCIPAL_CHARACTERS = 256
"""What is longer is cut: a record may claim anything."""


@dataclass(slots=True)
class Principals:
    """How many records each principal has, the first ``MAX_PRINCIPALS`` of them by name.

    >>> principals = Principals()
    >>> principals.add("jordan")
    >>> principals.most_active(3)
    [('jordan', 1)]
    """

    counts: dict[str, int] = field(default_factory=dict)
    others: int = 0
    """Records of principals beyond the bound."""

    def add(self, principal: str) -> None:
        name = principal[:MAX_PRINCIPAL_CHARACTERS]
        if name in self.counts:
            self.counts[name] += 1
        elif len(self.counts) < MAX_PRINCIPALS:
            self.counts[name] = 1
        else:
            self.others += 1

    def most_active(self, number: int) -> list[tuple[str, int]]:
        """The principals with most records and their counts; of equal ones those met first."""
        return nlargest(number, self.counts.items(), key=itemgetter(1))


@dataclass(slots=True)
class Sightings:
    """The records that one detection counted."""

    records: int = 0
    first: datetime | None = None
    """The earliest `eventTime`; ``None`` while no record has a usable one."""
    last: datetime | None = None
    principals: Principals = field(default_factory=Principals)

    def add(self, record: Record) -> None:
        self.records += 1
        self.principals.add(actor(record))
        try:
            at = event_time(record)
        except (ValueError, OverflowError):
            return  # seen all the same: filters do not look at the time
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
