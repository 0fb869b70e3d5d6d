"""Which files a path stands for, and their bytes: read in pieces, unzipped where they are gzip, counted as they are
read. What the bytes mean is left to `record_stream`.

A damaged gzip file is read as far as it goes; why it went no further is kept in `FileBytes.damage`.
"""

import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

from cloudtrail_monitoring.simulation.printable_text import printable

ENDINGS = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
"""What a file inside a folder must end in to be read. A file that is named itself is read whatever it is called."""

STANDARD_INPUT = "-"
"""The path that stands for standard input. A file of that name is read as its absolute path."""

# Digest files lie beside the logs in the bucket, are JSON too, and hold no records. Their folder is called this, and
# their names have it between account and Region:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
_WITHOUT_RECORDS = "CloudTrail-Digest"
_PIECE_BYTES = 1 << 16
_UNZIPPED_BYTES = 1 << 17  # at a time: a piece may unzip to a thousand times its size
_GZIP = 31  # zlib: the largest window, with a gzip header
_GZIP_MAGIC = b"\x1f\x8b"

_ENDS_EARLY = "the gzip stream ends early; what follows is lost"
_DAMAGED = "the gzip stream is damaged; what follows is lost"
_WRONG_SUM = "the checksum of the gzip stream is wrong: its records may be damaged, and what follows it is lost"
_NOT_GZIP = "what follows the gzip stream is not gzip, and is left out"


class RecordsError(ValueError):
    """There is nothing to read at a path; ``str()`` is one line that says which and why, and safe to show."""

    def __str__(self) -> str:
        return printable(super().__str__())


def record_files(path: Path) -> list[Path]:
    """The files that ``path`` stands for: itself, or the record files inside it, sorted by path.

    Raises:
        RecordsError: There is no such path, it may not be read, or it is a folder without record files.
    """
    if str(path) == STANDARD_INPUT:
        return [path]
    try:
        named = _inside(path) if stat.S_ISDIR(path.stat().st_mode) else [path]
    except FileNotFoundError:
        raise RecordsError(f"{path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise _not_readable(path, error) from error
    files = [file for file in named if file == path or not _is_digest(file)]
    if not files:
        why = "only digest files" if named else f"no file ends in {', '.join(ENDINGS)}"
        raise RecordsError(f"{path}: no CloudTrail records here: {why}")
    for file in files:
        if not file.exists():
            raise RecordsError(f"{file}: a link to nothing: mend it, or take it away")
        if not os.access(file, os.R_OK):
            raise RecordsError(f"{file}: may not be read: give yourself permission to read it, or leave it out")
    return files


def total_bytes(paths: Iterable[Path | str]) -> int:
    """How many bytes ``paths`` hold on disk, as ``on_bytes`` of `read_records` counts them; standard input counts 0.

    Raises:
        RecordsError: As for ``record_files``.
    """
    files = (file for path in paths for file in record_files(Path(path)) if str(file) != STANDARD_INPUT)
    return sum(file.stat().st_size for file in files)


def _inside(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise error

    return sorted(
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=refuse)  # rglob passes over what it may not list
        for name in names
        if name.lower().endswith(ENDINGS) and (Path(parent, name).is_file() or not Path(parent, name).exists())
    )


def _is_digest(file: Path) -> bool:
    return _WITHOUT_RECORDS in file.parent.parts or f"_{_WITHOUT_RECORDS}_" in file.name


def _not_readable(path: Path, error: Exception) -> RecordsError:
    name = error.filename if isinstance(error, OSError) and error.filename else path
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return RecordsError(f"{name}: {why}")


class FileBytes:
    """The text of a file as an iterable of pieces, to be gone through once.

    Args:
        file: The file, or ``STANDARD_INPUT``.
        on_bytes: Called after each read with the number of bytes taken from the disk, before unzipping.
    """

    def __init__(self, file: Path, on_bytes: Callable[[int], None] | None = None) -> None:
        self._file = file
        self._on_bytes = on_bytes
        self._taken = 0
        self.damage: str | None = None
        """Why the file could not be read to its end; known once its last piece has been given out."""

    def __iter__(self) -> Iterator[bytes]:
        with self._open() as stream:
            first = b""
            while len(first) < len(_GZIP_MAGIC) and (more := self._read(stream)):  # a pipe gives what it has
                first += more
            yield from self._unzipped(stream, first) if first.startswith(_GZIP_MAGIC) else self._plain(stream, first)
            self._count_the_rest(stream)

    def _open(self) -> AbstractContextManager[IO[bytes]]:
        if str(self._file) == STANDARD_INPUT:
            if sys.stdin is None:  # after `<&-`
                raise RecordsError("standard input is closed: nothing can be read from it")
            return nullcontext(sys.stdin.buffer)
        try:
            return self._file.open("rb")
        except (OSError, ValueError) as error:
            raise _not_readable(self._file, error) from error

    def _read(self, stream: IO[bytes]) -> bytes:
        try:
            piece: bytes = stream.read1(_PIECE_BYTES)  # type: ignore[attr-defined]  # read() waits for a full piece
        except OSError as error:
            raise _not_readable(self._file, error) from error
        self._count(len(piece))
        return piece

    def _count(self, taken: int) -> None:
        self._taken += taken
        if self._on_bytes and taken:
            self._on_bytes(taken)

    def _count_the_rest(self, stream: IO[bytes]) -> None:
        """What lies behind a damage is not read; the count still has to reach the size of the file."""
        if self.damage and str(self._file) != STANDARD_INPUT:
            self._count(max(0, os.fstat(stream.fileno()).st_size - self._taken))

    def _plain(self, stream: IO[bytes], piece: bytes) -> Iterator[bytes]:
        while piece:
            yield piece
            piece = self._read(stream)

    def _unzipped(self, stream: IO[bytes], packed: bytes) -> Iterator[bytes]:
        unzip = zlib.decompressobj(wbits=_GZIP)
        while packed:
            before = unzip.copy()
            try:
                yield unzip.decompress(packed, _UNZIPPED_BYTES)
            except zlib.error as error:
                yield from _salvaged(before, packed)
                self.damage = _WRONG_SUM if "check" in str(error) and "header" not in str(error) else _DAMAGED
                return
            if not unzip.eof:
                packed = unzip.unconsumed_tail or self._read(stream)
            elif packed := self._next_member(stream, unzip.unused_data):
                if not packed.startswith(_GZIP_MAGIC[: len(packed)]):
                    self.damage = _NOT_GZIP
                    return
                unzip = zlib.decompressobj(wbits=_GZIP)
        if not unzip.eof:
            yield unzip.flush()
            self.damage = _ENDS_EARLY

    def _next_member(self, stream: IO[bytes], packed: bytes) -> bytes:
        """What follows the end of a gzip member and the zeros that tapes and block devices pad it with."""
        while not (packed := packed.lstrip(b"\0")):
            if not (packed := self._read(stream)):
                break
        return packed


def _salvaged(unzip: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """What a piece gives before its damage: byte by byte, as zlib drops all it unzipped in a call that fails."""
    saved = bytearray()
    try:
        for at in range(len(packed)):
            saved += unzip.decompress(packed[at : at + 1])
            if len(saved) >= _UNZIPPED_BYTES:
                yield bytes(saved)
                saved.clear()
    except zlib.error:
        yield bytes(saved)
