"""Logs Insights queries, carried out over CloudTrail records on this machine.

``run`` is to a query what ``FilterPattern.matches`` is to a metric filter. What AWS documents it does; where AWS is
silent it chooses, and says so in the module concerned under "AWS:". Here:

* AWS: gives each row a ``@ptr`` to the event; there is none here.
* AWS: doesn't say in which order groups of ``stats`` come without ``sort``; here as they are met. Without ``stats``
  and ``sort`` the newest event comes first.
* AWS: doesn't say which of several ``limit`` counts; here the last one.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html and the pages of its commands,
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .discovery import Row, discovered
from .evaluation import Evaluation
from .functions import holds
from .reading import MAX_RESULTS
from .syntax import parse
from .tree import Column, Dedup, Display, Expression, Field, Fields, Filter, Limit, Parse, Query, Sort, Stats
from .values import Timestamp, Value, grouped, natural, shown

_STANDARD = ("@timestamp", "@message")
"""What a query shows that names no fields.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html"""


def run(query: str, records: Sequence[Mapping[str, Any]], *, now: datetime | None = None) -> list[dict[str, str]]:
    """The rows that a query answers with over these events: the shown values by name, missing ones left out.

    Args:
        query: as in CloudWatch's console.
        records: CloudTrail records, in any order.
        now: what ``now()`` says; the clock unless given.

    Raises:
        QueryFault: what is wrong with the query, in one line with the character.

    >>> run("stats count(*) as calls by eventName", [{"eventName": "GetUser"}, {"eventName": "GetUser"}])
    [{'eventName': 'GetUser', 'calls': '2'}]
    """
    return run_discovered(parse(query), [discovered(record) for record in records], now=now)


def run_discovered(query: Query, rows: Sequence[Row], *, now: datetime | None = None) -> list[dict[str, str]]:
    """As ``run``, over events whose fields are discovered already: for many queries over the same events."""
    return _Run(now or datetime.now(UTC)).over(query, rows)


class _Run:
    """One query on its way: the commands change the rows in turn, and say what is shown of them in the end."""

    def __init__(self, now: datetime) -> None:
        self._now_seconds = int(now.timestamp())

    def over(self, query: Query, rows: Sequence[Row]) -> list[dict[str, str]]:
        found = sorted(rows, key=_time, reverse=True)
        fields: list[str] = []
        displayed: list[str] = []
        most = MAX_RESULTS
        for command in query:
            match command:
                case Fields(columns):
                    found = self._with(columns, found)
                    fields += _names(columns)
                case Display(columns):
                    found = self._with(columns, found)
                    displayed = _names(columns)
                case Filter(condition):
                    found = [row for row in found if holds(self._value(condition, row))]
                case Stats(columns, by):
                    found = self._groups(columns, by, found)
                    fields, displayed = _names((*by, *columns)), []
                case Sort(keys):
                    found = self._sorted(keys, found)
                case Limit(most):
                    pass
                case Dedup(names):
                    found = _first_of_each(names, found)
                case Parse():
                    found = [{**row, **_parsed(command, row)} for row in found]
        shown_names = dict.fromkeys(displayed or fields or _STANDARD)
        return [
            {name: shown(value) for name in shown_names if (value := row.get(name)) is not None} for row in found[:most]
        ]

    def _value(self, expression: Expression, row: Row) -> Value:
        return Evaluation(self._now_seconds, row).value(expression)

    def _with(self, columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
        """The rows with what the columns make; a column may use the name of one before it."""
        made = [column for column in columns if column.expression != Field(column.name)]
        found = [dict(row) for row in rows] if made else list(rows)
        for row in found:
            for column in made:
                row[column.name] = self._value(column.expression, row)
        return found

    def _groups(self, columns: Sequence[Column], by: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
        # without "by" everything is one group, even nothing
        members: dict[tuple[Value, ...], list[Row]] = {} if by else {(): []}
        for row in rows:
            members.setdefault(tuple(grouped(self._value(column.expression, row)) for column in by), []).append(row)
        groups = []
        for key, inside in members.items():
            group: Row = dict(zip(_names(by), key, strict=True))
            asked = Evaluation(self._now_seconds, {}, sorted(inside, key=_time))
            groups.append({**group, **{column.name: asked.value(column.expression) for column in columns}})
        return groups

    def _sorted(self, keys: Sequence[tuple[Expression, bool]], rows: Sequence[Row]) -> list[Row]:
        found = list(rows)
        for expression, descending in reversed(keys):
            places = [natural(self._value(expression, row)) for row in found]
            found = [found[n] for n in sorted(range(len(found)), key=places.__getitem__, reverse=descending)]
        return found


def _names(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns]


def _time(row: Row) -> int:
    moment = row.get("@timestamp")
    return moment.milliseconds if isinstance(moment, Timestamp) else -1


def _first_of_each(names: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """One row for each set of values; a row without one of the fields is no duplicate of any.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Dedup.html
    """
    seen: set[tuple[Value, ...]] = set()
    found = []
    for row in rows:
        values = tuple(grouped(row.get(name)) for name in names)
        if None in values or values not in seen:
            found.append(row)
        seen.add(values)
    return found


def _parsed(command: Parse, row: Row) -> Row:
    value = row.get(command.name)
    found = None if value is None else command.pattern.search(shown(value))
    return dict(zip(command.names, found.groups(), strict=True)) if found else {}
