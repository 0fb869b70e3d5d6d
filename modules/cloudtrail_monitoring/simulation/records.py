"""Reading CloudTrail records from files, folders and standard input: JSON lines, the `{"Records": [...]}` files that
CloudTrail delivers (on one line or pretty-printed), what `record_wrappers` lists, several of these one after the other,
and gzip of any. Memory holds a part of a file, however large the file and its lists are.

A record that cannot be read is reported with its place and the reason, and reading goes on. What to do with the
records, and how to show the unreadable ones, is left to the caller.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.simulation.json_parsing import Broken
from cloudtrail_monitoring.simulation.record_files import (
    ENDINGS,
    STANDARD_INPUT,
    FileBytes,
    RecordsError,
    record_files,
    total_bytes,
)
from cloudtrail_monitoring.simulation.record_stream import MAX_RECORD_BYTES, Batch, JsonStream
from cloudtrail_monitoring.simulation.record_wrappers import unwrapped

__all__ = [
    "ENDINGS",
    "MAX_RECORD_BYTES",
    "STANDARD_INPUT",
    "Record",
    "RecordsError",
    "UnreadableRecord",
    "event_time",
    "read_records",
    "total_bytes",
]

Record = dict[str, Any]
"""One CloudTrail record. `eventTime` and `eventName` are present and usable, unless it was read with ``timed=False`` or
``named=False``; every other field may be missing."""


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that could not be read: where it is and why; ``str()`` is `file:line: why`."""

    file: str
    line: int
    """Counted from 1, in the uncompressed text."""
    why: str
    to_the_end: bool = False
    """Whether nobody knows how many more there are: all that follows in the file is lost, too."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


def read_records(
    paths: Iterable[Path | str],
    on_unreadable: Callable[[UnreadableRecord], None],
    *,
    timed: bool = True,
    named: bool = True,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Record]:
    """The records of files and folders, in the order of ``paths``; a folder is read recursively, sorted by path.

    Args:
        paths: Files and folders; `-` is standard input. Inside a folder only names with one of ``ENDINGS`` count,
            digest files never.
        on_unreadable: Called once for each record that cannot be read: broken JSON, not an object, no usable
            `eventTime` or `eventName`, longer than ``MAX_RECORD_BYTES``, not UTF-8, a gzip stream that is damaged or
            ends early.
        timed: Whether a record must tell its time. With `False`, `eventTime` may be missing or be anything.
        named: Whether a record must have an `eventName`. With `False`, one without is usable if it has an
            `eventVersion`, as those of CloudTrail Insights have:
            https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html
        on_bytes: Called now and then with how many bytes have been read since the last call, as they are on disk; see
            ``total_bytes``.

    Raises:
        RecordsError: A path does not exist, may not be read, or is a folder without record files: found before the
            first record is given out. A file cannot be read on. A path holds no records, and no unreadable ones
            either: told when all paths have been read.

    Example:
        >>> unreadable: list[UnreadableRecord] = []
        >>> for record in read_records(["logs/"], unreadable.append):  # doctest: +SKIP
        ...     print(record["eventName"])
    """
    sources = [(Path(path), record_files(Path(path))) for path in paths]
    return _read_all(sources, lambda: _Reader(on_unreadable, timed, named), on_bytes)


def event_time(record: Record) -> datetime:
    """`eventTime` of a record as an aware UTC time.

    Raises:
        ValueError: The field is missing or no ISO 8601 time.
    """
    at = datetime.fromisoformat(str(record.get("eventTime")))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _read_all(
    sources: list[tuple[Path, list[Path]]],
    reader_of_a_path: "Callable[[], _Reader]",
    on_bytes: Callable[[int], None] | None,
) -> Iterator[Record]:
    empty: list[tuple[Path, list[Path]]] = []
    for path, files in sources:
        reader = reader_of_a_path()
        for file in files:
            yield from reader.records(file, on_bytes)
        if not reader.met_any:
            empty.append((path, files))
    if empty:
        raise _without_records(*empty)


def _without_records(first: tuple[Path, list[Path]], *others: tuple[Path, list[Path]]) -> RecordsError:
    path, files = first
    inside = f": nothing in its {len(files)} files" if files != [path] else ""
    why = f"{_named_to_people(path)}: no CloudTrail records here{inside}"
    return RecordsError(f"{why}; nor in {len(others)} more of the paths" if others else why)


def _named_to_people(path: Path) -> str:
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


class _Reader:
    """Sorts what is in files into usable records and faults."""

    def __init__(self, on_unreadable: Callable[[UnreadableRecord], None], timed: bool, named: bool) -> None:
        self._on_unreadable = on_unreadable
        self._timed = timed
        self._must_be_named = named
        self.met_any = False
        """Whether there was a record, usable or not."""

    def records(self, file: Path, on_bytes: Callable[[int], None] | None) -> Iterator[Record]:
        content = FileBytes(file, on_bytes)
        name = _named_to_people(file)
        timed = self._timed
        for batch in JsonStream(content, lambda: content.damage):
            for index, value in enumerate(batch.values):
                # The first test is all that a plain record costs.
                if type(value) is dict and _named(value) and (not timed or _is_time(value.get("eventTime"))):
                    self.met_any = True
                    yield value
                else:
                    yield from self._unwrapped(value, batch, index, name)

    def _unwrapped(self, value: object, batch: Batch, index: int, name: str) -> Iterator[Record]:
        for record in unwrapped(value):
            self.met_any = True
            if isinstance(record, Broken):
                line = batch.line(index) + record.below
                self._on_unreadable(UnreadableRecord(name, line, record.why, record.to_the_end))
            elif why := _fault(record, self._timed, self._must_be_named):
                self._on_unreadable(UnreadableRecord(name, batch.line(index), why))
            elif isinstance(record, dict):
                yield record


_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _fault(record: object, timed: bool, named: bool) -> str | None:
    """Why ``record`` is no CloudTrail record, or `None` if it is one."""
    if not isinstance(record, dict):
        return f"not a JSON object but {_KINDS[type(record)]}"
    if "digestS3Object" in record and not _named(record):
        return "a digest, which tells what log files there are, and holds no records"
    if timed and (why := _text_fault(record, "eventTime")):
        return why
    may_lack_name = not named and _text_fault(record, "eventVersion") is None
    if not (may_lack_name and record.get("eventName") in (None, "")) and (why := _text_fault(record, "eventName")):
        return why
    return _time_fault(record["eventTime"]) if timed else None


def _text_fault(record: Record, field: str) -> str | None:
    value = record.get(field)
    if value is None or value == "":
        return f"no {field}"
    return None if isinstance(value, str) else f"{field} is {_KINDS[type(value)]}, not text"


def _time_fault(text: str) -> str | None:
    return None if _is_time(text) else f"eventTime is not an ISO 8601 time: {text[:40]!r}"


def _named(record: Record) -> bool:
    name = record.get("eventName")
    return type(name) is str and name != ""


def _is_time(text: object) -> bool:
    if type(text) is not str:
        return False
    try:
        event_time({"eventTime": text})
    except (ValueError, OverflowError):
        return False
    return True
