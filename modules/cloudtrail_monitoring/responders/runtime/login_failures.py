"""Failed console logins as they are remembered: by user and by address, each event once, in the events' own time.

What follows from them is left to ``account_lockout``.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import islice

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT, Table

KEPT_HOURS = 24
MAX_LOOKED_AT = 500
"""Failures around one event; somebody who makes more is seen by then."""

_LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed login."""

    at: datetime
    event_id: str
    user: str
    address: str


@dataclass(frozen=True, slots=True)
class Burst:
    """Failures close enough together; more than one window may overlap in it."""

    failures: tuple[Failure, ...]

    @property
    def began(self) -> datetime:
        return self.failures[0].at

    @property
    def last(self) -> datetime:
        return self.failures[-1].at


class LoginFailures:
    """The failures of an account.

    Args:
        table: the state table.
        window: how long counts as close together.
    """

    def __init__(self, table: Table, window: timedelta) -> None:
        self._table = table
        self._window = window

    def remember(self, event: CloudTrailEvent) -> None:
        """Keep a failure under its user and its address; the same event again changes nothing."""
        forgotten = event.at + timedelta(hours=KEPT_HOURS)
        values = {
            "at": event.at.isoformat(),
            "event_id": event.id,
            "user": event.actor.name[:_LONGEST_NAME],
            "address": event.address[:_LONGEST_NAME],
            EXPIRES_AT: int(forgotten.timestamp()),
        }
        for partition in (_of_user(event.actor.name), _of_address(event.address)):
            self._table.put(partition, f"{event.at.isoformat()}#{event.id}", values)

    def of_user(self, event: CloudTrailEvent, more_than: int) -> Burst | None:
        """The burst of failures that a failed login belongs to, if there are more than so many in some window."""
        return burst(self._around(_of_user(event.actor.name), event), event.at, self._window, more_than)

    def of_address(self, event: CloudTrailEvent) -> tuple[Failure, ...]:
        """The failures from one address within a window around a failed login, in order of time."""
        return tuple(self._around(_of_address(event.address), event))

    def _around(self, partition: str, event: CloudTrailEvent) -> list[Failure]:
        first, last = (event.at - self._window).isoformat(), (event.at + self._window).isoformat()
        # the newest: whoever goes on guessing is to be seen to go on
        items = self._table.query(partition, first=first, last=f"{last}~", backwards=True)
        return [
            Failure(datetime.fromisoformat(item["at"]), item["event_id"], item["user"], item["address"])
            for item in islice(items, MAX_LOOKED_AT)
        ][::-1]


def burst(failures: Sequence[Failure], at: datetime, window: timedelta, more_than: int) -> Burst | None:
    """Those of some failures that lie in a window with more than so many of them, and with the moment ``at``.

    Args:
        failures: in order of time.
    """
    members: dict[str, Failure] = {}
    for start, first in enumerate(failures):
        within = [one for one in failures[start:] if one.at - first.at < window]
        if len(within) > more_than and first.at <= at <= within[-1].at:
            members |= {one.event_id: one for one in within}
    return Burst(tuple(sorted(members.values(), key=lambda one: (one.at, one.event_id)))) if members else None


def _of_user(name: str) -> str:
    # IAM tells no two users apart by capitals alone
    return f"login-failures#user#{_short(name.casefold())}"


def _of_address(address: str) -> str:
    return f"login-failures#address#{_short(network_of(address))}"


def network_of(address: str) -> str:
    """The address, or of IPv6 the network of one customer: its single addresses cost nothing.

    >>> network_of("2001:db8:1:2:3::7")
    '2001:db8:1:2::/64'
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def _short(text: str) -> str:
    """A record may claim a name of any length, and a key has 2,048 bytes."""
    return text if len(text) <= _LONGEST_NAME else hashlib.sha256(text.encode()).hexdigest()
