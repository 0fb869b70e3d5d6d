"""Athena predicates derived from filter patterns: the same question over seven years of log files.

``athena_predicate`` gives what stands after ``WHERE``, over the columns in ``cloudtrail_columns``. The time range and
the partitions, without which a query reads the whole archive, are the caller's.

How the table differs from the record, and what is made of it:

* Fields are columns and members of columns in lower case; one that the table doesn't have is refused by name.
* A null field is a missing one in these columns: ``NOT EXISTS`` holds for both, and ``IS NULL`` is refused.
* They hold text only: ``readOnly`` is compared by ``IS TRUE`` and ``IS FALSE`` alone, no column by ``<`` and ``>``, and
  ``= 400`` looks for the text.
* What depends on the call (``requestParameters`` and the like) is JSON text, where ``json_extract`` tells missing,
  null, booleans, numbers and strings apart. There the verdict is that of the filter, but that texts with asterisks and
  regular expressions see a number as it was written (``4e2``, not ``400``), and numbers above 2^53 as they were too.
* ``[*]`` is ``any_match``; ``.*`` is refused, as is an object or array under any comparison.

Where a field is missing a condition is NULL or false, never an error, and ``AND`` and ``OR`` drop the row as they
should; don't put ``NOT`` before the whole.

Sources: https://trino.io/docs/current/functions/json.html (json_extract, json_extract_scalar, json_format),
https://trino.io/docs/current/functions/array.html (any_match, element_at),
https://trino.io/docs/current/functions/regexp.html, https://trino.io/docs/current/functions/comparison.html (LIKE),
https://docs.aws.amazon.com/athena/latest/ug/functions.html (Athena's functions are Trino's)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.language.tree import (
    And,
    AnyElement,
    Comparison,
    Condition,
    Field,
    Index,
    IsNull,
    Node,
    NotExists,
    Operator,
    Or,
    Step,
    Text,
)
from cloudtrail_monitoring.detections.translations.athena_values import (
    BooleanColumn,
    JsonValue,
    TextColumn,
    Value,
    literal,
)
from cloudtrail_monitoring.detections.translations.cloudtrail_columns import COLUMNS, ArrayOf, Column, Scalar, Struct
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible

__all__ = ["NotExpressible", "athena_predicate"]


def athena_predicate(pattern: FilterPattern) -> str:
    """The condition in SQL, to stand after ``WHERE`` or, in parentheses, beside others.

    Raises:
        NotExpressible: the table can't say it; the clause and the reason in one line.

    >>> athena_predicate(FilterPattern.parse('{ $.eventName = "DeleteUser" && $.errorCode NOT EXISTS }'))
    "eventname = 'DeleteUser' AND errorcode IS NULL"
    """
    return _expression(pattern.root)


@dataclass(frozen=True, slots=True)
class _Place:
    """A value, and where it is found: ``array`` is the SQL of the array whose elements have it, if one does."""

    value: Value
    array: str | None = None

    def where(self, test: str) -> str:
        return test if self.array is None else f"any_match({self.array}, {_ELEMENT} -> {test})"


_ELEMENT = "element"


def _expression(node: Node, *, within: bool = False) -> str:
    """The tree as SQL, in parentheses if it is to stand ``within`` another and joins several terms."""
    match node:
        case And(terms):
            parts, word = [_expression(term, within=True) for term in dict.fromkeys(terms)], " AND "
        case Or(terms):
            parts, word = _alternatives(dict.fromkeys(terms)), " OR "
        case _:
            return _condition(node, _place(node))
    return f"({word.join(parts)})" if within and len(parts) > 1 else word.join(parts)


def _alternatives(terms: Iterable[Node]) -> list[str]:
    """The terms as SQL, those that compare one value with plain strings joined into one ``IN``."""
    texts: dict[_Place, list[str]] = {}
    alternatives: list[_Place | str] = []
    for term in terms:
        match term:
            case Comparison(_, Operator.EQUAL, Text(text)) if (place := _place(term)).value.is_plain(text):
                if place not in texts:
                    alternatives.append(place)
                texts.setdefault(place, []).append(text)
            case _:
                alternatives.append(_expression(term, within=True))
    return [one if isinstance(one, str) else one.where(_one_of(one.value, texts[one])) for one in alternatives]


def _one_of(value: Value, texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return f"{value.text} = {literal(texts[0])}"
    return f"{value.text} IN ({', '.join(map(literal, texts))})"


def _condition(condition: Condition, place: _Place) -> str:
    if isinstance(condition, NotExists) and place.array is not None:
        return _nothing_selected(condition, place)
    if isinstance(condition, IsNull) and place.array is not None:
        raise NotExpressible(condition, "whether Athena keeps a null among an array's elements is nowhere documented")
    return place.where(place.value.test(condition))


def _nothing_selected(condition: NotExists, place: _Place) -> str:
    if isinstance(condition.selector.steps[-1], AnyElement):
        return f"coalesce(cardinality({place.array}), 0) = 0"
    return f"NOT coalesce({place.where(place.value.exists)}, FALSE)"


def _place(condition: Condition) -> _Place:
    """Where the table has what the selector selects."""
    first, *rest = condition.selector.steps
    if not isinstance(first, Field):
        raise NotExpressible(condition, "a column has to be named")
    column = COLUMNS.get(first.name)
    if column is None:
        raise NotExpressible(condition, f'the table has no column for the field "{first.name}"')
    sql, array = first.name.lower(), None
    while rest and not isinstance(column, Scalar):
        column, sql, array = _step(condition, column, sql, array, rest.pop(0))
    if column is Scalar.JSON:
        return _json_place(condition, sql, rest)
    if rest or not isinstance(column, Scalar):
        raise NotExpressible(
            condition, "the table has a value of its own kind there; name a field that holds one value"
        )
    return _Place(TextColumn(sql) if column is Scalar.TEXT else BooleanColumn(sql), array)


def _step(
    condition: Condition, column: Column, sql: str, array: str | None, step: Step
) -> tuple[Column, str, str | None]:
    """One step further into a column that is no plain value."""
    match column, step:
        case (Struct(members), Field(name)) if name in members:
            return members[name], f"{sql}.{name.lower()}", array
        case (Struct(), Field(name)):
            raise NotExpressible(condition, f'the table has no field "{name}" in "{sql}"')
        case (ArrayOf(struct), AnyElement()):
            return struct, _ELEMENT, sql
        case (ArrayOf(struct), Index(position)):
            return struct, f"element_at({sql}, {position + 1})", array
    raise NotExpressible(condition, f'"{sql}" has no such step in the table')


def _json_place(condition: Condition, sql: str, steps: Sequence[Step]) -> _Place:
    """A value in a column of JSON text."""
    if not steps:
        if isinstance(condition, NotExists):
            return _Place(TextColumn(sql))
        raise NotExpressible(condition, f'"{sql}" is JSON text; name a field in it')
    places = [place for place, step in enumerate(steps) if isinstance(step, AnyElement)]
    if not places:
        return _Place(JsonValue(sql, _json_path(condition, steps)))
    array = f"TRY_CAST(json_extract({sql}, {literal(_json_path(condition, steps[: places[0]]))}) AS ARRAY(JSON))"
    return _Place(JsonValue(_ELEMENT, _json_path(condition, steps[places[0] + 1 :])), array)


def _json_path(condition: Condition, steps: Iterable[Step]) -> str:
    """The path in Trino's spelling, which takes any name in brackets."""
    path = "$"
    for step in steps:
        match step:
            # Trino's path takes digits for an index where the value is an array, quoted or not.
            case Field(name) if not {'"', "\\"} & set(name) and not name.isdecimal():
                path += f'["{name}"]'
            case Index(position):
                path += f"[{position}]"
            case Field(name):
                raise NotExpressible(condition, f'Athena reads a field name such as "{name}" otherwise in a JSON path')
            case _:
                raise NotExpressible(condition, 'Athena has no ".*" in a JSON path')
    return path
