"""The parts of a Logs Insights query, as ``syntax`` reads them and ``run`` carries them out."""

import re
from dataclasses import dataclass

from .values import Value


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the event, or what an earlier command named so."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Star:
    """The ``*`` of ``count(*)``."""


@dataclass(frozen=True, slots=True)
class Now:
    """When the query was started."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one event."""

    function: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A function of a group of events."""

    function: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one precedence, left to right; a chain, not a tree, so that a long sum is not a deep one."""

    first: "Expression"
    rest: "tuple[tuple[str, Expression], ...]"


@dataclass(frozen=True, slots=True)
class Compared:
    left: "Expression"
    operator: str
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Like:
    """A text or a regular expression somewhere in the value."""

    value: "Expression"
    wanted: str | re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Among:
    """One of a list."""

    value: "Expression"
    listed: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    term: "Expression"


@dataclass(frozen=True, slots=True)
class AllOf:
    terms: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    terms: "tuple[Expression, ...]"


Expression = Field | Literal | Star | Now | Call | Aggregation | Chain | Compared | Like | Among | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Column:
    """An expression and its name: the alias, or else its own text."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Display:
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    condition: Expression


@dataclass(frozen=True, slots=True)
class Stats:
    columns: tuple[Column, ...]
    by: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    keys: tuple[tuple[Expression, bool], ...]
    """Each with whether it is descending."""


@dataclass(frozen=True, slots=True)
class Limit:
    most: int


@dataclass(frozen=True, slots=True)
class Dedup:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parse:
    """Fields made of a part of another: each group of the expression by its name."""

    name: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]


Command = Fields | Display | Filter | Stats | Sort | Limit | Dedup | Parse
Query = tuple[Command, ...]
