"""Which incidents are still open: a mark in the state table for each, until the incident is closed.

Incidents have a partition each, so that asking for the open ones would read the whole table, which never shrinks. The
mark is made before the incident, so that none is forgotten; people close incidents without knowing of marks, and who
counts takes those of closed ones away.
"""

from itertools import islice

from cloudtrail_monitoring.responders.runtime.table import Table

PARTITION = "open-incidents"
MAX_COUNTED = 500
"""Looked at in one count: each is read, and a function has a minute. Whoever has more open need not be told exactly."""


class OpenIncidents:
    """The marks.

    Args:
        state: the state table.
        incidents: the incidents table.
        header: the sort key of an incident's header.
        closed: the stage in which nothing is open any more.
    """

    def __init__(self, state: Table, incidents: Table, *, header: str, closed: str) -> None:
        self._state = state
        self._incidents = incidents
        self._header = header
        self._closed = closed

    def mark(self, id_: str) -> None:
        """Remember an incident as open, before it is written."""
        self._state.put_new(PARTITION, id_, {})

    def count(self) -> int:
        """How many are open, at most ``MAX_COUNTED``; marks of closed ones go."""
        number = 0
        for mark in islice(self._state.query(PARTITION), MAX_COUNTED):
            header = self._incidents.get(mark["sk"], self._header)
            if header is None:
                continue  # whoever marked it crashed, and has yet to come again and write it
            if header["stage"] == self._closed:
                self._state.delete(PARTITION, mark["sk"])
            else:
                number += 1
        return number
