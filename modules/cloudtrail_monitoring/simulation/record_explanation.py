"""One record explained: which clauses of each detection hold for it, and what the record has where they look.

What a clause means is left to ``detections.language.explanation``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from cloudtrail_monitoring.detections.language.explanation import Explanation, explain, lines
from cloudtrail_monitoring.simulation.actor import actor
from cloudtrail_monitoring.simulation.deployed_detections import DeployedDetection
from cloudtrail_monitoring.simulation.printable_text import printable
from cloudtrail_monitoring.simulation.records import Record
from cloudtrail_monitoring.simulation.summary import level_text

_HOLDS, _FAILS = ("✓", "+"), ("✗", "-")
"""What marks a clause, and what does where the encoding has no such character."""


@dataclass(frozen=True)
class FilterVerdict:
    """What one metric filter makes of a record."""

    detection: DeployedDetection
    explanation: Explanation

    @property
    def counted(self) -> bool:
        """Whether the filter counts the record."""
        return self.explanation.holds


@dataclass(frozen=True)
class ExplainedRecord:
    """A record with the verdict of every filter."""

    record: Record
    verdicts: tuple[FilterVerdict, ...]

    @property
    def detections(self) -> tuple[str, ...]:
        """The ids of the detections that count the record, each once."""
        return tuple(dict.fromkeys(verdict.detection.id for verdict in self.verdicts if verdict.counted))

    def as_json(self) -> dict[str, Any]:
        """The record and, by filter, its clauses; ``why_not`` are those that decided against it."""
        return {
            "eventID": self.record.get("eventID"),
            "eventName": self.record.get("eventName"),
            "eventTime": self.record.get("eventTime"),
            "detections": self.detections,
            "filters": [
                {
                    "id": verdict.detection.id,
                    "level": verdict.detection.level,
                    "filter": verdict.detection.filter_name,
                    "matches": verdict.counted,
                    "why_not": [] if verdict.counted else verdict.explanation.why_not(),
                    "clauses": [
                        {"depth": depth, "holds": holds, "text": text}
                        for depth, holds, text in lines(verdict.explanation)
                    ],
                }
                for verdict in self.verdicts
            ],
        }


def explain_record(record: Record, detections: Sequence[DeployedDetection]) -> ExplainedRecord:
    """What every filter of ``detections`` makes of the record."""
    verdicts = (FilterVerdict(detection, explain(detection.pattern, record)) for detection in detections)
    return ExplainedRecord(record, tuple(verdicts))


def print_explained(console: Console, explained: ExplainedRecord, *, in_full: bool) -> None:
    """Print the record's heading, what counts it clause by clause, and in one line each why the others do not.

    Args:
        console: Where to print.
        explained: The record.
        in_full: Show the clauses of those that do not count it, too.
    """
    for line in _heading(explained.record):
        console.print(line, soft_wrap=True)
    console.print()
    # a detection that missed by one condition is likelier the one that was expected
    verdicts = sorted(explained.verdicts, key=lambda verdict: verdict.explanation.misses)
    for verdict in verdicts:
        if verdict.counted or in_full:
            _print_clauses(console, verdict)
    others = [] if in_full else [verdict for verdict in verdicts if not verdict.counted]
    if others:
        counted = bool(explained.detections)
        console.print(
            Text("the others do not count it:" if counted else "no detection counts this record", style="bold")
        )
        for verdict in others:
            _print_why_not(console, verdict)
        console.print()


def _heading(record: Record) -> list[Text]:
    def said(field: str) -> str:
        return printable(str(record.get(field) or "–"))  # noqa: RUF001 - a dash

    return [
        Text.assemble((said("eventName"), "bold"), f"  {said('eventSource')}"),
        Text(f"at    {said('eventTime')}"),
        Text(f"who   {printable(actor(record))}"),
        Text(f"from  {said('sourceIPAddress')}, {said('awsRegion')}"),
        Text(f"id    {said('eventID')}", style="dim"),
    ]


def _print_clauses(console: Console, verdict: FilterVerdict) -> None:
    mark = _mark(console, verdict.counted)
    heading = Text.assemble(mark, (printable(verdict.detection.id), "bold"), "  ", level_text(verdict.detection.level))
    console.print(heading, soft_wrap=True)
    for depth, holds, text in lines(verdict.explanation):
        _print(console, Text.assemble(_mark(console, holds), printable(text)), indent=2 * depth + 2)

    console.print()


def _print_why_not(console: Console, verdict: FilterVerdict) -> None:
    """One line, cut at the edge of a terminal: ``--detection`` shows one in full."""
    why = printable(", ".join(verdict.explanation.why_not()))
    line = Text.assemble(_mark(console, False), (printable(verdict.detection.id), "bold"), f"  {why}")
    if console.is_terminal:
        console.print(line, no_wrap=True, overflow="ellipsis")
    else:
        console.print(line, soft_wrap=True)


def _mark(console: Console, holds: bool) -> Text:
    marks, style = (_HOLDS, "bold green") if holds else (_FAILS, "red")
    return Text(f"{marks[not console.encoding.lower().startswith('utf')]} ", style=style)


def _print(console: Console, line: Text, *, indent: int) -> None:
    """A terminal folds at its edge and keeps the indentation; a pipe gets whole lines."""
    if console.is_terminal:
        console.print(Padding(line, (0, 0, 0, indent), expand=False))
    else:
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)
