"""Simulation: CloudTrail records through an environment's detections as they would be deployed, before they are.

Records are streamed and answered in input order: as JSON lines for scripts, as a table by detection for people, or one
record explained clause by clause. It says which records the metric filters count. Whether an alarm fires on the counts
is judged by ``sandbox.replay``. Reading is left to ``records``, the layout to ``summary`` and ``record_explanation``.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from rich.console import Console

from cloudtrail_monitoring.detections.language.pattern_set import PatternSet
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible
from cloudtrail_monitoring.simulation.deployed_detections import (
    DeployedDetection,
    disabled,
    patterns_by_id,
    read_detections,
)
from cloudtrail_monitoring.simulation.json_lines import READER_GONE, dumped, reader_gone, write_lines
from cloudtrail_monitoring.simulation.other_languages import Language, said_in
from cloudtrail_monitoring.simulation.printable_text import printable
from cloudtrail_monitoring.simulation.progress import reading
from cloudtrail_monitoring.simulation.record_explanation import ExplainedRecord, explain_record, print_explained
from cloudtrail_monitoring.simulation.records import Record, RecordsError, UnreadableRecord, read_records
from cloudtrail_monitoring.simulation.sightings import Sightings
from cloudtrail_monitoring.simulation.summary import (
    Totals,
    plural,
    print_detections,
    print_patterns,
    print_summary,
)
from cloudtrail_monitoring.simulation.synthesised_output import read_environment

INTERRUPTED = 130
"""Exit status after Ctrl-C, as a shell gives it."""
_NAMED_UNREADABLE = 20
_MOST_EXPLAINED = 100
"""One `eventID` names one record, or a few copies of it."""


class SimulationError(ValueError):
    """There is nothing to simulate with, or nothing was read; ``str()`` is one line that says what to do."""

    def __str__(self) -> str:
        return printable(super().__str__())


@dataclass(frozen=True)
class Source:
    """Where the detections come from.

    Attributes:
        environment: the stack's name, such as `prod`.
        project: the folder of `cdktf.json`.
        output: the folder of the synthesised output, relative to the project's.
        detection: the only one of interest, by its id; all of them if ``None``.
    """

    environment: str
    project: Path = Path()
    output: Path = Path("cdktf.out")
    detection: str | None = None


@dataclass
class Unreadable:
    """Counts the records that could not be read, and keeps the first of them to be named."""

    count: int = 0
    first: list[UnreadableRecord] = field(default_factory=list)
    ends: list[UnreadableRecord] = field(default_factory=list)
    """Those that the rest of a file was lost with: named even if many others come before them."""

    def __call__(self, record: UnreadableRecord) -> None:
        self.count += 1
        named = self.ends if record.to_the_end else self.first
        if len(named) < _NAMED_UNREADABLE:
            named.append(record)

    def lines(self) -> Iterator[str]:
        """A line for each that is named, and one for the rest."""
        named = [*self.first, *self.ends]
        yield from map(str, named)
        if self.count > len(named):
            yield f"and {self.count - len(named):,} more that could not be read"


class Simulation:
    """Runs records through detections, and counts.

    >>> simulation = Simulation([])  # doctest: +SKIP
    >>> simulation.detect({"eventName": "CreateUser"})  # doctest: +SKIP
    ()
    """

    def __init__(self, detections: Sequence[DeployedDetection]) -> None:
        patterns = patterns_by_id(detections)
        self._patterns = PatternSet(patterns)
        self.read = 0
        self.detected = 0
        """Records with at least one detection."""
        self.sightings: dict[str, Sightings] = {id_: Sightings() for id_ in patterns}
        """By detection; ``summarise`` alone fills them."""

    def detect(self, record: Record) -> tuple[str, ...]:
        """The ids of the detections whose filters count the record."""
        self.read += 1
        found = self._patterns.matching(record)
        self.detected += bool(found)
        return found

    def json_lines(self, records: Iterable[Record]) -> Iterator[bytes]:
        """One line of JSON a record, in their order."""
        return (_json_line(record, self.detect(record)) for record in records)

    def summarise(self, records: Iterable[Record]) -> None:
        """Collect what each detection sees."""
        for record in records:
            for id_ in self.detect(record):
                self.sightings[id_].add(record)


def load(source: Source) -> tuple[DeployedDetection, ...]:
    """The detections of an environment; what can't be used is named on stderr.

    Raises:
        SynthesisedOutputError: as ``read_environment``.
        SimulationError: if there is no such detection, or none at all.
    """
    document = read_environment(source.project, source.output, source.environment, _tell)
    detections, left_out = read_detections(document)
    for line in left_out:
        _tell(line)
    for id_, reason in disabled(document).items():
        _tell(f"{id_} is disabled in {source.environment}: {reason}")
    if not detections:
        raise SimulationError(f"{source.environment} has no metric filter that records could be run through")
    if source.detection is None:
        return detections
    wanted = tuple(one for one in detections if one.id == source.detection)
    if not wanted:
        near = get_close_matches(source.detection, {one.id for one in detections}, n=3)
        meant = f"did you mean {' or '.join(near)}?" if near else "`cloudtrail-monitoring detections` lists them"
        raise SimulationError(f"{source.environment} has no detection {source.detection!r}; {meant}")
    return wanted


def run_simulation(
    source: Source, files: Sequence[Path], console: Console, *, as_json: bool, show_all: bool, explain: str | None
) -> int:
    """The command `simulate`: read, detect, print.

    Args:
        source: where the detections come from.
        files: files and folders of records; `-` is stdin.
        console: what people read is printed on it; JSON lines go to stdout itself.
        as_json: print JSON lines.
        show_all: list detections that saw nothing, too.
        explain: the `eventID` of the record to explain, instead of simulating all.

    Returns:
        The exit status: 0 also where some records could not be read.

    Raises:
        SynthesisedOutputError, SimulationError: as ``load``; also if no record at all could be read or explained, or
            the answer could not be written.
        RecordsError: if there is nothing to read at a path.
    """

    def run() -> None:
        detections = load(source)
        with reading(files, beside_output=as_json) as on_bytes:
            records = _Reading(files, on_bytes)
            if explain is None:
                answer = _simulated(records, detections, as_json=as_json, show_all=show_all)
            else:
                answer = _explained(records, explain, detections, as_json=as_json, in_full=source.detection is not None)
        # after the bar is gone
        answer(console)
        if records.failure:
            raise records.failure

    return _answered(run)


def run_detections(source: Source, console: Console, *, as_json: bool, language: Language | None = None) -> int:
    """The command `detections`: what is deployed, a metric filter a line; the pattern in full where it is only one.

    Args:
        source: where the detections come from.
        console: what people read is printed on it; JSON lines go to stdout itself.
        as_json: print JSON lines.
        language: say the one detection in this language instead.

    Raises:
        SynthesisedOutputError, SimulationError: as ``load``; also if the language can't say the detection.
    """
    if language is not None and source.detection is None:
        raise SimulationError("--as says one detection: name it with --id")

    def run() -> None:
        detections = load(source)
        if language is not None:
            for one in detections:
                console.print(_said(language, one), markup=False, highlight=False, soft_wrap=True)
        elif as_json:
            write_lines(dumped(_as_json(one)) for one in detections)
        elif source.detection is not None:
            print_patterns(console, detections)
        else:
            loudest_first = sorted(detections, key=lambda one: (one.rank, one.id))
            print_detections(console, loudest_first, source.environment)

    return _answered(run)


def _said(language: Language, detection: DeployedDetection) -> str:
    try:
        return said_in(language, detection.pattern)
    except NotExpressible as error:
        raise SimulationError(f"{detection.id} can't be said for {language}: {error}") from None


def explained(
    records: Iterable[Record], event_id: str, detections: Sequence[DeployedDetection]
) -> Iterator[ExplainedRecord]:
    """The records of that `eventID`, in whatever case it is written, with what each detection makes of them."""
    wanted = event_id.strip().casefold()
    for record in records:
        if str(record.get("eventID", "")).casefold() == wanted:
            yield explain_record(record, detections)


class _Reading:
    """Records as they are read. What ends them early is kept: what had been read by then is answered first."""

    def __init__(self, files: Sequence[Path], on_bytes: Callable[[int], None]) -> None:
        self.unreadable = Unreadable()
        self.failure: RecordsError | None = None
        self._records = read_records(files, self.unreadable, timed=False, named=False, on_bytes=on_bytes)

    def __iter__(self) -> Iterator[Record]:
        try:
            yield from self._records
        except RecordsError as error:
            self.failure = error


def _answered(run: Callable[[], None]) -> int:
    """Run a command to its end or to that of who reads its answer; the exit status."""
    if sys.stdout is None:  # after `>&-`
        raise SimulationError("standard output is closed: there is nowhere to answer to")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every encoding has a dash
    try:
        run()
        sys.stdout.flush()
    except BrokenPipeError:
        return reader_gone()
    except SystemExit:  # what rich makes of a broken pipe
        return READER_GONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        reader_gone()
        raise SimulationError(f"{error.filename or 'standard output'}: {error.strerror or error}") from error
    return 0


_Answer = Callable[[Console], None]
"""What is left to print when all has been read."""


def _simulated(records: _Reading, detections: Sequence[DeployedDetection], *, as_json: bool, show_all: bool) -> _Answer:
    simulation, unreadable = Simulation(detections), records.unreadable
    if as_json:
        write_lines(simulation.json_lines(records))
    else:
        simulation.summarise(records)
    if not simulation.read:
        rest = f" (and {unreadable.count - 1:,} more)" if unreadable.count > 1 else ""
        raise records.failure or SimulationError(f"no record could be read: {next(unreadable.lines(), '')}{rest}")

    def answer(console: Console) -> None:
        for line in unreadable.lines():
            _tell(line)
        if not as_json:
            totals = Totals(simulation.read, simulation.detected, unreadable.count)
            print_summary(console, detections, simulation.sightings, totals, show_all=show_all)

    return answer


def _explained(
    records: _Reading, event_id: str, detections: Sequence[DeployedDetection], *, as_json: bool, in_full: bool
) -> _Answer:
    found = list(islice(explained(records, event_id, detections), _MOST_EXPLAINED))
    if not found:
        unreadable = records.unreadable.count
        rest = f"; {plural(unreadable, 'record')} could not be read" if unreadable else ""
        raise records.failure or SimulationError(f"no record has the eventID {event_id}{rest}")

    def answer(console: Console) -> None:
        if as_json:
            write_lines(dumped(one.as_json()) for one in found)
        else:
            for one in found:
                print_explained(console, one, in_full=in_full)
        if len(found) == _MOST_EXPLAINED:
            _tell(f"only the first {_MOST_EXPLAINED} records with this eventID are explained")

    return answer


def _as_json(detection: DeployedDetection) -> dict[str, object]:
    return {
        "id": detection.id,
        "level": detection.level,
        "pattern": detection.pattern.text,
        "alarm": detection.alarm,
    }


def _json_line(record: Record, found: Sequence[str]) -> bytes:
    return dumped(
        {
            "eventID": record.get("eventID"),
            "eventName": record.get("eventName"),
            "eventTime": record.get("eventTime"),
            "detections": found,
        }
    )


def _tell(line: str) -> None:
    if sys.stderr is not None:  # print() would take stdout in its place
        print(printable(line), file=sys.stderr)
