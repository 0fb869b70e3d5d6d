"""Episodes: events of one kind that follow each other belong together, are one incident, and are told once.

An episode of somebody goes on while each event lies within a gap of the ones before or after it, in the events' own
time. An event that comes late joins the episode it lies in.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cloudtrail_monitoring.responders.runtime.incidents import incident_id
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT, Item, Table

PARTITION = "episodes"
KEPT_DAYS = 30
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Episode:
    """Events of one kind that belong together."""

    kind: str
    subject: str
    opened: datetime
    """The time of the event it was opened with; names the episode, and never changes."""
    began: datetime
    """The time of its earliest event so far."""
    last: datetime

    @property
    def id(self) -> str:
        return incident_id(self.kind, self.subject, self.opened)


class EpisodeContentionError(RuntimeError):
    """Others kept changing the episode; the message is to be retried."""


def join(table: Table, kind: str, subject: str, at: datetime, *, gap: timedelta) -> Episode:
    """The episode that an event belongs to, the event included.

    Args:
        table: the state table.
        kind, subject: what it is about, and whom.
        at: the event's time.
        gap: so far apart two neighbouring events may lie.

    Raises:
        EpisodeContentionError: others kept changing it meanwhile.
    """
    key = f"{kind}#{subject}"
    for _ in range(_ATTEMPTS):
        item = table.get(PARTITION, key)
        if item is None:
            episode = Episode(kind, subject, at, at, at)
            if table.put_new(PARTITION, key, {**_values(episode), "version": 1}):
                return episode
            continue
        known = _episode(item, kind, subject)
        if at < known.began - gap:
            # of an earlier episode, whose place the present one has taken
            return Episode(kind, subject, _floor(at, gap), at, at)
        if at > known.last + gap:
            episode = Episode(kind, subject, at, at, at)
        else:
            episode = Episode(kind, subject, known.opened, min(known.began, at), max(known.last, at))
        if episode == known or table.replace(item, _values(episode)):
            return episode
    raise EpisodeContentionError(f"{key}: others kept changing it")


def _floor(at: datetime, gap: timedelta) -> datetime:
    seconds = int(gap.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def _values(episode: Episode) -> Item:
    return {
        "opened": episode.opened.isoformat(),
        "began": episode.began.isoformat(),
        "last": episode.last.isoformat(),
        EXPIRES_AT: int((episode.last + timedelta(days=KEPT_DAYS)).timestamp()),
    }


def _episode(item: Item, kind: str, subject: str) -> Episode:
    opened, began, last = (datetime.fromisoformat(item[name]) for name in ("opened", "began", "last"))
    return Episode(kind, subject, opened, began, last)
