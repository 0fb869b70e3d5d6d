"""Events a responder is through with, by their ids: given again, they change nothing.

The router remembers events that all responders are through with. An event comes again to a responder that is done when
another one failed, and must then neither count twice nor renew what people have ended meanwhile.
"""

from datetime import timedelta

from cloudtrail_monitoring.responders.runtime.aws import Clock
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT, Table

KEPT_DAYS = 30
"""Longer than an event can lie in a queue, 14 days, and be put back from the dead letters."""


class Answered:
    """The events one responder has answered.

    Args:
        table: the state table.
        responder: its name.
        now: the clock.
    """

    def __init__(self, table: Table, responder: str, now: Clock) -> None:
        self._table = table
        self._partition = f"answered#{responder}"
        self._now = now

    def __contains__(self, event_id: str) -> bool:
        return self._table.get(self._partition, event_id) is not None

    def add(self, event_id: str) -> bool:
        """Remember an event; whether it was not remembered yet."""
        forgotten = self._now() + timedelta(days=KEPT_DAYS)
        return self._table.put_new(self._partition, event_id, {EXPIRES_AT: int(forgotten.timestamp())})
