"""The records that are measured: the shared corpus where it is, or the project's own, over and over."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

import orjson

from benchmarks.project import ROOT
from cloudtrail_monitoring.simulation.records import RecordsError, read_records

CORPUS = ROOT.parent / "shared" / "corpus" / "recorded-events.jsonl.gz"
SCENARIO = ROOT / "modules" / "cloudtrail_monitoring" / "sandbox" / "scenario"


@dataclass(frozen=True)
class Recorded:
    """Records as JSON texts."""

    name: str
    lines: tuple[bytes, ...]

    @classmethod
    def of(cls, path: Path | None = None) -> "Recorded":
        """The records at a path; without one those of the corpus, or else the project's own.

        Raises:
            RecordsError: there are none.
        """
        name = str(path) if path else "the corpus of recorded events"
        if path is None and not CORPUS.exists():
            path, name = SCENARIO, "the project's own scenario (there is no corpus)"
        records = read_records([path or CORPUS], lambda _: None, timed=False, named=False)
        lines = tuple(orjson.dumps(record) for record in records)
        if not lines:
            raise RecordsError(f"{path}: no record can be read")
        return cls(name, lines)

    def repeated(self, count: int) -> Iterator[bytes]:
        """So many lines, from the beginning again and again."""
        return islice(cycle(self.lines), count)

    def write(self, path: Path, count: int) -> Path:
        """So many as JSON lines, packed if the name ends in `.gz`."""
        with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else path.open("wb") as file:
            file.writelines(chain.from_iterable((line, b"\n") for line in self.repeated(count)))
        return path
