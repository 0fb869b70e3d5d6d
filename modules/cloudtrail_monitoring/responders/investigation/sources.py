"""Where an investigation's records come from: the trail's log group, or files of the archive.

Both give the same records for the same leads: CloudWatch Logs narrows down on its side, and what belongs is decided
here, by the same patterns, on either. A record that can't be read is counted and named, never fatal.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cloudtrail_monitoring.responders.investigation.leads import Lead, patterns
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import (
    CloudTrailEvent,
    UnusableEventError,
    from_record,
    readable,
)
from cloudtrail_monitoring.simulation.records import STANDARD_INPUT, Record, RecordsError, read_records

LATEST_DELIVERY = timedelta(hours=1)
"""A record's time in the log group is its arrival, which trails its ``eventTime``, mostly by minutes."""
_NAMED_UNREADABLE = 20


@dataclass
class Unreadable:
    """Counts what could not be read, and keeps the first of it to be named."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, where: object) -> None:
        self.count += 1
        if len(self.first) < _NAMED_UNREADABLE:
            self.first.append(readable(str(where)))


@dataclass(frozen=True, slots=True)
class Found:
    """A record, and what responders read in it."""

    record: Record
    event: CloudTrailEvent


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is looked at, by ``eventTime``; both ends belong to it."""

    begin: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.begin <= at <= self.end


OnRecord = Callable[[], None]


class Source(Protocol):
    """Gives records that may belong to any of some leads."""

    unreadable: Unreadable

    @property
    def name(self) -> str:
        """What it is, for people."""

    @property
    def shortcomings(self) -> tuple[str, ...]:
        """What it can't hold, whatever is asked."""

    def search(self, leads: Sequence[Lead], window: Window, on_record: OnRecord) -> Iterator[Found]:
        """The records within the window; those of other leads may be among them.

        Args:
            on_record: called for each record that was looked at.
        """


class LogGroupSource:
    """The trail's log group.

    Args:
        logs: boto3's client.
        log_group_name: of the trail.
        region: of the log group, to name it.
    """

    def __init__(self, logs: Any, log_group_name: str, region: str) -> None:
        self._pages = logs.get_paginator("filter_log_events")
        self._log_group_name = log_group_name
        self._region = region
        self.unreadable = Unreadable()

    @property
    def name(self) -> str:
        return f"log group {self._log_group_name} in {self._region}"

    @property
    def shortcomings(self) -> tuple[str, ...]:
        return ("Records above 256 KB never reach the log group: the archive has them (--records).",)

    def search(self, leads: Sequence[Lead], window: Window, on_record: OnRecord) -> Iterator[Found]:
        for pattern in patterns(leads):
            pages = self._pages.paginate(
                logGroupName=self._log_group_name,
                startTime=_milliseconds(window.begin),
                endTime=_milliseconds(window.end + LATEST_DELIVERY),
                filterPattern=pattern.text,
            )
            for page in pages:
                for one in page["events"]:
                    on_record()
                    found = self._read(one)
                    if found is not None and found.event.at in window:
                        yield found

    def _read(self, logged: dict[str, Any]) -> Found | None:
        try:
            record = json.loads(logged["message"])
            if not isinstance(record, dict):
                raise UnusableEventError("not a JSON object")
            return Found(record, from_record(record))
        except (ValueError, RecursionError) as error:
            self.unreadable.add(f"log event {logged.get('eventId')}: {error}")
            return None


class FileSource:
    """Files and folders, such as a copy of the archive.

    Args:
        paths: what ``read_records`` takes, but standard input: they are read once for each round of leads.

    Raises:
        RecordsError: standard input is among them.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        if any(str(path) == STANDARD_INPUT for path in paths):
            raise RecordsError("standard input can be read once only, and leads are followed in rounds: give a file")
        self._paths = paths
        self._is_read = False
        self.unreadable = Unreadable()

    @property
    def name(self) -> str:
        return f"files: {', '.join(readable(str(path)) for path in self._paths)}"

    @property
    def shortcomings(self) -> tuple[str, ...]:
        return ("Whether the files are complete and unchanged is not known from them: the digest chain proves it.",)

    def search(self, _: Sequence[Lead], window: Window, on_record: OnRecord) -> Iterator[Found]:
        # each round meets the same faults
        unreadable = Unreadable() if self._is_read else self.unreadable
        self._is_read = True
        for record in read_records(self._paths, unreadable.add):
            on_record()
            try:
                event = from_record(record)
            except UnusableEventError as error:
                unreadable.add(f"record {record.get('eventID')}: {error}")
                continue
            if event.at in window:
                yield Found(record, event)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
