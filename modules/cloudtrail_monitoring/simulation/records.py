"""Reading CloudTrail records from files and folders: JSON lines, the `{"Records": [...]}` files that CloudTrail
delivers (on one line or pretty-printed), and gzip of either. JSON lines are streamed: memory holds a line, not a file.

A record that cannot be read is reported with its place and the reason, and reading goes on. What to do with the
records, and how to show the unreadable ones, is left to the caller.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

Record = dict[str, Any]
"""One CloudTrail record. `eventTime` and `eventName` are present and usable; every other field may be missing."""

ENDINGS = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
"""What a file inside a folder must end in to be read. A file that is named itself is read whatever it is called."""

# Digest files lie beside the logs in the bucket, are JSON too, and hold no records.
_WITHOUT_RECORDS = "CloudTrail-Digest"
_CHUNK_BYTES = 1 << 16
_UNZIPPED_BYTES = 1 << 20  # at a time: a chunk may unzip to a thousand times its size
_GZIP = 31  # zlib: the largest window, with a gzip header
_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
# The first line of a pretty-printed file. A broken JSON line holds more than this, so the two are not confused.
_PRETTY_PRINTED = re.compile(r'\{\s*("Records"\s*(:\s*(\[\s*\{?)?)?)?')
_RECORDS_OPENING = re.compile(r'\s*\{\s*"Records"\s*:\s*\[')
_BLANK = re.compile(r"\s*")
_BLANK_OR_COMMA = re.compile(r"[\s,]*")
_NEXT_OBJECT = re.compile(r"^\{", re.MULTILINE)
_DECODER = json.JSONDecoder()


class RecordsError(ValueError):
    """There is nothing to read at a path; ``str()`` is one line that says which and why."""


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that could not be read: where it is and why; ``str()`` is `file:line: why`."""

    file: str
    line: int
    """Counted from 1, in the uncompressed text."""
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


def read_records(paths: Iterable[Path | str], on_unreadable: Callable[[UnreadableRecord], None]) -> Iterator[Record]:
    """The records of files and folders, in the order of ``paths``; a folder is read recursively, sorted by path.

    Args:
        paths: Files and folders. Inside a folder only names with one of ``ENDINGS`` count, digest files never.
        on_unreadable: Called once for each record that cannot be read: broken JSON, not an object, no usable
            `eventTime` or `eventName`, not UTF-8, a gzip stream that is damaged or ends early.

    Raises:
        RecordsError: A path does not exist or cannot be opened, or a folder holds no records. A missing path and a
            folder without record files are found before the first record is given out.

    Example:
        >>> unreadable: list[UnreadableRecord] = []
        >>> for record in read_records(["logs/"], unreadable.append):  # doctest: +SKIP
        ...     print(record["eventName"])
    """
    sources = [(Path(path), _files(Path(path))) for path in paths]
    return _read_all(sources, on_unreadable)


def event_time(record: Record) -> datetime:
    """`eventTime` of a record as an aware UTC time.

    Raises:
        ValueError: The field is missing or no ISO 8601 time.
    """
    at = datetime.fromisoformat(str(record.get("eventTime")))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(
            file
            for file in path.rglob("*")
            if file.name.lower().endswith(ENDINGS) and _WITHOUT_RECORDS not in file.parts and file.is_file()
        )
        if not files:
            raise RecordsError(f"{path}: no CloudTrail records here: no file ends in {', '.join(ENDINGS)}")
        return files
    if not path.exists():
        raise RecordsError(f"{path}: no such file or folder")
    return [path]


def _read_all(
    sources: list[tuple[Path, list[Path]]], on_unreadable: Callable[[UnreadableRecord], None]
) -> Iterator[Record]:
    for path, files in sources:
        met = 0
        for file in files:
            for line, value in _read_file(file):
                met += 1
                if isinstance(value, _Broken):
                    on_unreadable(UnreadableRecord(str(file), line, value.why))
                elif why := _fault(value):
                    on_unreadable(UnreadableRecord(str(file), line, why))
                elif isinstance(value, dict):
                    yield value
        if not met and path.is_dir():
            raise RecordsError(f"{path}: no CloudTrail records here: nothing in its {len(files)} files")


_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _fault(record: object) -> str | None:
    """Why ``record`` is no CloudTrail record, or `None` if it is one."""
    if not isinstance(record, dict):
        return f"not a JSON object but {_KINDS[type(record)]}"
    for field in ("eventTime", "eventName"):
        value = record.get(field)
        if value is None or value == "":
            return f"no {field}"
        if not isinstance(value, str):
            return f"{field} is {_KINDS[type(value)]}, not text"
    try:
        event_time(record)
    except (ValueError, OverflowError):
        return f"eventTime is not an ISO 8601 time: {record['eventTime'][:40]!r}"
    return None


@dataclass(frozen=True, slots=True)
class _Broken:
    """What stands where a JSON value was expected."""

    why: str


_Found = tuple[int, object]
"""A line number, counted from 1, with the JSON value that begins there or a `_Broken`."""


def _read_file(file: Path) -> Iterator[_Found]:
    try:
        with file.open("rb") as stream:
            yield from _values(_Lines(stream))
    except OSError as error:
        raise RecordsError(f"{file}: {error.strerror or error}") from error


def _values(lines: "_Lines") -> Iterator[_Found]:
    first, damage_told = True, False
    for number, raw in lines:
        if encoding := _OTHER_ENCODINGS.get(raw[:2] if number == 1 else b""):
            yield number, _Broken(f"the file is {encoding}, not UTF-8")
            return
        # Only the last line has no newline; where the gzip stream is damaged, that line is cut off.
        damage = None if raw.endswith(b"\n") else lines.damage
        try:
            text = raw.decode(errors="replace" if damage else "strict")
        except UnicodeDecodeError as error:
            yield number, _Broken(f"not UTF-8 at byte {error.start + 1}")
            continue
        if first and _PRETTY_PRINTED.fullmatch(text.strip()):
            text += lines.rest()
            damage_told = lines.damage is not None
            yield from _document(number, text, lines.damage)
        elif text.strip():
            damage_told = damage is not None
            yield from _line(number, text, damage)
        first = first and not text.strip()
    if lines.damage and not damage_told:
        yield lines.number + 1, _Broken(lines.damage)


def _line(number: int, text: str, damage: str | None) -> Iterator[_Found]:
    value = _parsed(text)
    if isinstance(value, _Broken) and _RECORDS_OPENING.match(text):
        yield from _document(number, text, damage)  # the records before the damage are still good
    elif isinstance(value, _Broken):
        yield number, _Broken(damage) if damage else value
    else:
        yield from _members(number, value)


def _members(number: int, value: object) -> Iterator[_Found]:
    """The records of a delivered file, or the value itself."""
    records = value.get("Records") if isinstance(value, dict) else None
    yield from ((number, record) for record in (records if isinstance(records, list) else [value]))


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        return _Broken(f"broken JSON at character {error.colno}: {error.msg}")
    except (ValueError, RecursionError):
        return _TOO_LARGE


def _document(number: int, text: str, damage: str | None) -> Iterator[_Found]:
    """The records of a whole text, one by one: the members of `Records`, or JSON objects one after the other."""
    opening = _RECORDS_OPENING.match(text)
    gap = _BLANK_OR_COMMA if opening else _BLANK
    position, counted = opening.end() if opening else 0, 0
    while True:
        position = _end(gap.match(text, position), position)
        number, counted = number + text.count("\n", counted, position), position
        if position >= len(text):
            if opening or damage:
                yield number, _Broken(damage or "the list of records ends early")
            return
        if opening and text[position] == "]":
            return
        try:
            value, position = _DECODER.raw_decode(text, position)
            yield from _members(number, value)
        except (ValueError, RecursionError) as error:
            if isinstance(error, json.JSONDecodeError):
                line = number + text.count("\n", counted, error.pos)
                yield line, _Broken(damage or f"broken JSON: {error.msg}")
            else:
                yield number, _TOO_LARGE
            resumed = None if opening else _NEXT_OBJECT.search(text, position + 1)
            if resumed is None:
                return
            position = resumed.start()


def _end(match: re.Match[str] | None, otherwise: int) -> int:
    return match.end() if match else otherwise


_TOO_LARGE = _Broken("broken JSON: a number or a nesting too large for a CloudTrail record")


class _Lines:
    """The numbered lines of a file, plain or gzip; ``damage`` says why a gzip file could not be read to its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._numbered = self._number(self._split())
        self.number = 0
        self.damage: str | None = None

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return self._numbered

    def rest(self) -> str:
        """Everything that has not been given out yet; bytes that are not UTF-8 are replaced."""
        return b"".join(line for _, line in self).decode(errors="replace")

    def _number(self, lines: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
        for line in lines:
            self.number += 1
            yield self.number, line.removeprefix(_UTF8_MARK) if self.number == 1 else line

    def _split(self) -> Iterator[bytes]:
        kept: list[bytes] = []
        for chunk in self._chunks():
            *whole, last = chunk.split(b"\n")
            for line in whole:
                yield b"".join([*kept, line, b"\n"])
                kept.clear()
            kept.append(last)
        if remainder := b"".join(kept):
            yield remainder

    def _chunks(self) -> Iterator[bytes]:
        chunk = self._stream.read(_CHUNK_BYTES)
        if chunk.startswith(_GZIP_MAGIC):
            yield from self._unzipped(chunk)
            return
        while chunk:
            yield chunk
            chunk = self._stream.read(_CHUNK_BYTES)

    def _unzipped(self, chunk: bytes) -> Iterator[bytes]:
        unzip = zlib.decompressobj(wbits=_GZIP)
        try:
            while chunk:
                if unzip.eof:  # members may follow each other
                    unzip = zlib.decompressobj(wbits=_GZIP)
                yield unzip.decompress(chunk, _UNZIPPED_BYTES)
                chunk = unzip.unconsumed_tail or unzip.unused_data.lstrip(b"\0") or self._stream.read(_CHUNK_BYTES)
            yield unzip.flush()
        except zlib.error:
            self.damage = "the gzip stream is damaged; what follows is lost"
        else:
            if not unzip.eof:
                self.damage = "the gzip stream ends early; what follows is lost"
