"""What it costs to run records through prod's detections, as ratios to what orjson takes to parse the same records.

Parsing and evaluation take turns over the same records, some at a time, so that every event is met as fresh as it comes
from the parser. The parser is measured at its best: without the garbage collector. ``simulate`` runs as people run it,
in a process of its own.
"""

import gc
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.project import run, simulate, synthesised
from benchmarks.recorded import Recorded
from cloudtrail_monitoring.detections.language.pattern_set import PatternSet
from cloudtrail_monitoring.simulation.deployed_detections import patterns_by_id, read_detections
from cloudtrail_monitoring.simulation.synthesised_output import read_environment

RECORDS = 100_000
_AT_ONCE = 1_000


class Turn(NamedTuple):
    """Seconds of one run over all records."""

    parsing: float
    evaluation: float
    table: float
    json: float


def report_matching(console: Console, runs: int, recorded: Recorded) -> None:
    """Print evaluation and ``simulate`` against parsing; each one's shortest run counts."""
    with synthesised() as output, TemporaryDirectory() as folder:
        detections = read_detections(read_environment(Path(), output, "prod", lambda _: None)).detections
        matching = PatternSet(patterns_by_id(detections)).matching
        file = recorded.write(Path(folder) / "records.jsonl", RECORDS)
        turns = [
            Turn(
                *_parsed_and_evaluated(recorded, matching),
                _seconds_of(simulate(file, output)),
                _seconds_of(simulate(file, output, "--json")),
            )
            for _ in track(range(runs), description="matching", console=console, transient=True)
        ]
    best = Turn(*map(min, zip(*turns, strict=True)))
    table = Table(title=f"{len(detections)} detections of prod, shortest run of each", title_justify="left")
    for column in ("over the same records", "× parsing", "records a second here"):
        table.add_column(column, justify="left" if column == "over the same records" else "right")
    for title, seconds in (
        ("parsing: orjson.loads", best.parsing),
        ("evaluation: PatternSet.matching", best.evaluation),
        ("simulate, from start to table", best.table),
        ("simulate --json, from start to end", best.json),
    ):
        table.add_row(title, f"{seconds / best.parsing:.2f}", f"{RECORDS / seconds:,.0f}")
    console.print(table)
    below = "below 1, as it has to be" if best.evaluation < best.parsing else "NOT BELOW 1"
    console.print(f"evaluation ÷ parsing = {best.evaluation / best.parsing:.2f}: {below}")
    size = sum(map(len, recorded.lines)) / len(recorded.lines)
    console.print(
        f"{RECORDS:,} records: {len(recorded.lines):,} of {recorded.name}, repeated; {size:,.0f} bytes each",
        markup=False,
        soft_wrap=True,
    )


def _parsed_and_evaluated(recorded: Recorded, matching: Callable[[Any], object]) -> tuple[float, float]:
    parsing = evaluation = 0.0
    lines, clock, loads = recorded.repeated(RECORDS), time.perf_counter, orjson.loads
    gc.disable()
    try:
        while some := list(islice(lines, _AT_ONCE)):
            start = clock()
            events = [loads(line) for line in some]
            between = clock()
            for event in events:
                matching(event)
            end = clock()
            parsing += between - start
            evaluation += end - between
    finally:
        gc.enable()
    return parsing, evaluation


def _seconds_of(command: list[str]) -> float:
    start = time.perf_counter()
    run(command)
    return time.perf_counter() - start
