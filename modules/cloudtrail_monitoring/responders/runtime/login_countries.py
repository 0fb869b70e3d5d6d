"""The countries each user is known to log in from, since when and until when, in the logins' own time.

Written are earliest and latest times only, so that a login given twice, late or out of order leaves the same behind.
Whether a country is known is asked for a moment: one that was first seen later was not known then.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import Actor, ActorKind
from cloudtrail_monitoring.responders.runtime.containment import ContentionError
from cloudtrail_monitoring.responders.runtime.table import Item, Table

PARTITION = "countries"
ROOT = "<root_account>"
"""As AWS's credential report names it: no user can have this name."""
_LONGEST_NAME = 64
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """The first and the last login from a country."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known of one user."""

    first_login: datetime | None = None
    countries: Mapping[str, Seen] = field(default_factory=dict)

    def is_learning(self, at: datetime, days: int) -> bool:
        """Whether a login at that time is among those that tell what is usual."""
        return self.first_login is None or at < self.first_login + timedelta(days=days)

    def known(self, at: datetime) -> dict[str, Seen]:
        """The countries known at a time, by code."""
        return {code: seen for code, seen in sorted(self.countries.items()) if seen.first <= at}

    def with_login(self, country: str, at: datetime) -> "Baseline":
        """After a login that counts as usual."""
        seen = self.countries.get(country, Seen(at, at))
        widened = Seen(min(seen.first, at), max(seen.last, at))
        return Baseline(min(self.first_login or at, at), {**self.countries, country: widened})


class LoginCountries:
    """The baselines of an account's users.

    Args:
        table: the state table.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, actor: Actor) -> Baseline:
        return _baseline(self._table.get(PARTITION, _key(actor)))

    def learn(self, actor: Actor, country: str, at: datetime) -> None:
        """Count a login as usual; the same again changes nothing.

        Raises:
            ContentionError: others kept changing the baseline meanwhile.
        """
        key = _key(actor)
        for _ in range(_ATTEMPTS):
            item = self._table.get(PARTITION, key)
            known = _baseline(item)
            learnt = known.with_login(country, at)
            if learnt == known:
                return
            if item is None:
                written = self._table.put_new(PARTITION, key, {**_values(learnt), "version": 1})
            else:
                written = self._table.replace(item, _values(learnt))
            if written:
                return
        raise ContentionError(f"{PARTITION}: others kept changing a baseline")


def _key(actor: Actor) -> str:
    """A record may claim a name of any length and letters, and a sort key has 1,024 bytes of UTF-8."""
    if actor.kind is ActorKind.ROOT:
        return ROOT
    if len(actor.name) <= _LONGEST_NAME and actor.name.isascii():
        return actor.name
    return f"<{hashlib.sha256(actor.name.encode(errors='backslashreplace')).hexdigest()}>"


def _values(baseline: Baseline) -> dict[str, Any]:
    return {
        "first_login": baseline.first_login.isoformat() if baseline.first_login else "",
        "countries": {
            code: {"first": seen.first.isoformat(), "last": seen.last.isoformat()}
            for code, seen in baseline.countries.items()
        },
    }


def _baseline(item: Item | None) -> Baseline:
    if item is None:
        return Baseline()
    return Baseline(
        datetime.fromisoformat(item["first_login"]) if item["first_login"] else None,
        {
            code: Seen(datetime.fromisoformat(seen["first"]), datetime.fromisoformat(seen["last"]))
            for code, seen in item["countries"].items()
        },
    )
