"""What people read of a simulation and of the deployed detections: tables as wide as the terminal, patterns in full.

Text from records is made safe to show. JSON is left to ``simulate``, one record in depth to ``record_explanation``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.detections.language.filter_pattern import And, FilterPattern, Node, Or
from cloudtrail_monitoring.simulation.deployed_detections import DeployedDetection
from cloudtrail_monitoring.simulation.printable_text import printable
from cloudtrail_monitoring.simulation.sightings import Sightings

LEVEL_STYLES: Mapping[str, str] = {"High": "bold red", "Medium": "yellow", "Low": "cyan"}
_WIDE = 130
"""From this many columns on, everything about a detection stands in one line."""
_NAMED_PRINCIPALS = 3
_PRINCIPALS_WIDTH = 33
_NOTHING = "–"  # noqa: RUF001 - a dash, as tables have it


class Totals(NamedTuple):
    """The records of a simulation in numbers."""

    read: int
    detected: int
    unreadable: int


def print_summary(
    console: Console,
    detections: Sequence[DeployedDetection],
    sightings: Mapping[str, Sightings],
    totals: Totals,
    *,
    show_all: bool,
) -> None:
    """Print what each detection saw, the loudest level first, and the totals.

    Args:
        console: Its width decides the layout.
        detections: All that took part.
        sightings: By the id of the detection.
        totals: Of the records.
        show_all: List detections that saw nothing, too.
    """
    by_id = {detection.id: detection for detection in reversed(detections)}
    order = sorted(by_id, key=lambda id_: (by_id[id_].rank, -sightings[id_].records, id_))
    seen = [id_ for id_ in order if sightings[id_].records]
    shown = order if show_all else seen
    if shown:
        table = _wide_summary if console.width >= _WIDE else _narrow_summary
        console.print(table([(by_id[id_], sightings[id_]) for id_ in shown]))
    if silent := len(order) - len(seen):
        nothing = f"{plural(silent, 'detection')} saw nothing"
        console.print(Text(nothing if show_all else f"{nothing} (--all lists them)", style="dim"))
    parts = [f"{plural(totals.read, 'record')} read", f"{totals.detected:,} with a detection"]
    if totals.unreadable:
        parts.append(f"{totals.unreadable:,} unreadable")
    console.print(Text(", ".join(parts), style="bold"))
    if seen:
        console.print(Text("Which alarms fire on these counts: cloudtrail-monitoring demo --events FILE", style="dim"))


def print_detections(console: Console, detections: Sequence[DeployedDetection], environment: str) -> None:
    """Print the deployed detections: level, id, when the alarm fires, and the beginning of the pattern."""
    wide = console.width >= _WIDE
    table = _table("level")
    table.add_column("detection" if wide else "detection, pattern", no_wrap=True, ratio=None if wide else 1)
    table.add_column("alarm at", max_width=24)
    if wide:
        table.add_column("pattern", no_wrap=True, ratio=1)
    for detection in detections:
        id_ = Text(printable(detection.id))
        if detection.alarm and _prefix(detection) is None:
            id_.append(f"\n{printable(detection.alarm)}", style="dim")
        pattern = printable(str(detection.pattern.root))
        if not wide:
            id_.append(f"\n{pattern}", style="dim")
        condition = Text(printable(detection.condition or "no alarm"))
        table.add_row(level_text(detection.level), id_, condition, *([Text(pattern)] if wide else []))
    console.print(table)
    ids = {detection.id for detection in detections}
    said = f"{plural(len(ids), 'detection')}, {plural(len(detections), 'metric filter')} in {environment}"
    console.print(Text(f"{said}{_alarm_names(detections)}", style="bold"))
    console.print(Text("--id ID prints one pattern in full", style="dim"))


def print_patterns(console: Console, detections: Sequence[DeployedDetection]) -> None:
    """Print one detection: its alarm, and the pattern of each of its filters, one clause a line."""
    first = detections[0]
    lines = [
        Text.assemble((printable(first.id), "bold"), "  ", level_text(first.level)),
        Text(f"alarm     {printable(first.alarm or 'none')}"),
        *([Text(f"alarm at  {printable(first.condition)}")] if first.condition else []),
    ]
    for detection in detections:
        lines += [Text(f"filter    {printable(detection.filter_name)}")]
        lines += [Text(printable(line)) for line in pattern_lines(detection.pattern)]
    for line in lines:
        # whole lines, to be copied
        console.print(line, soft_wrap=True)


def pattern_lines(pattern: FilterPattern) -> Iterator[str]:
    """A pattern with one clause a line; joined, the lines are the same pattern.

    >>> print(*pattern_lines(FilterPattern.parse('{ $.a = "x" && ($.b = 1 || $.b = 2) }')), sep="\\n")
    {
      $.a = "x"
      && (
        $.b = 1
        || $.b = 2
      )
    }
    """
    yield "{"
    yield from _node_lines(pattern.root, "", 1, nested=False)
    yield "}"


def plural(number: int, of: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {of}{'' if number == 1 else 's'}"


def level_text(level: str | None) -> Text:
    """A level in its colour."""
    return Text(printable(level or _NOTHING), style=LEVEL_STYLES.get(level or "", "dim"))


def _node_lines(node: Node, before: str, depth: int, *, nested: bool) -> Iterator[str]:
    indent = "  " * depth
    if not isinstance(node, And | Or):
        yield f"{indent}{before}{node}"
        return
    joined = "&& " if isinstance(node, And) else "|| "
    if nested:
        yield f"{indent}{before}("
    for number, term in enumerate(node.terms):
        yield from _node_lines(term, joined if number else "", depth + nested, nested=True)
    if nested:
        yield f"{indent})"


_Row = tuple[DeployedDetection, Sightings]


def _wide_summary(rows: Sequence[_Row]) -> Table:
    table = _table("level", "detection")
    table.add_column("records", justify="right")
    for heading in ("first", "last"):
        table.add_column(heading, no_wrap=True)
    table.add_column("principals", width=_PRINCIPALS_WIDTH, no_wrap=True)
    table.add_column("alarm at", ratio=1)
    for detection, seen in rows:
        table.add_row(
            level_text(detection.level),
            Text(printable(detection.id)),
            f"{seen.records:,}",
            _moment(seen.first),
            _moment(seen.last),
            Text("\n".join(_packed(_principals(seen)))),
            Text(printable(detection.condition or _NOTHING)),
            style="" if seen.records else "dim",
        )
    return table


def _narrow_summary(rows: Sequence[_Row]) -> Table:
    table = _table("level")
    table.add_column("detection, alarm at", ratio=1, overflow="fold")
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("first – last, principals", no_wrap=True)  # noqa: RUF001 - from one to the other
    for detection, seen in rows:
        span = " – ".join(dict.fromkeys(_moment(at) for at in (seen.first, seen.last) if at))  # noqa: RUF001
        table.add_row(
            level_text(detection.level),
            Text(printable(detection.id)).append(f"\n{printable(detection.condition or _NOTHING)}", style="dim"),
            f"{seen.records:,}",
            Text("\n".join([*([span] if span else []), *_packed(_principals(seen))])),
            style="" if seen.records else "dim",
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(expand=True, header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in columns:
        table.add_column(heading, no_wrap=True)
    return table


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else ""


def _principals(seen: Sightings) -> Iterator[str]:
    """The most active principals after their counts, and how many more there are."""
    named = seen.principals.most_active(_NAMED_PRINCIPALS)
    for name, number in named:
        yield _shortened(f"{number:,} {printable(name)}")
    more = len(seen.principals.counts) - len(named)
    if more or seen.principals.others:
        yield f"+{more:,}{' and others' if seen.principals.others else ''}"


def _shortened(text: str) -> str:
    """The text cut in its middle where it is too long: sessions of one role differ at their ends."""
    if cell_len(text) <= _PRINCIPALS_WIDTH:
        return text
    tail = _PRINCIPALS_WIDTH // 3
    head = _PRINCIPALS_WIDTH - tail - 1
    return f"{set_cell_size(text, head)}…{set_cell_size(text[::-1], tail)[::-1]}"


def _packed(entries: Iterable[str]) -> list[str]:
    """As many entries in a line as fit into the column; none is broken."""
    packed: list[str] = []
    for entry in entries:
        if packed and cell_len(packed[-1]) + cell_len(entry) + 2 <= _PRINCIPALS_WIDTH:
            packed[-1] += f", {entry}"
        else:
            packed.append(entry)
    return packed


def _alarm_names(detections: Sequence[DeployedDetection]) -> str:
    """How the alarms are called, where they are the detections' ids after one prefix."""
    prefixes = {_prefix(detection) for detection in detections if detection.alarm}
    prefix = prefixes.pop() if len(prefixes) == 1 else None
    return f", alarms named {prefix}<detection>" if prefix is not None else ""


def _prefix(detection: DeployedDetection) -> str | None:
    """What stands before the detection's id in the alarm's name; `None` if it does not end in the id."""
    name = detection.alarm or ""
    return name.removesuffix(detection.id) if name.endswith(detection.id) else None
