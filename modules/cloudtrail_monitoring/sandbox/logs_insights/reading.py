"""Makes the commands of a Logs Insights query of what the grammar found, and refuses what it can't tell apart.

How many arguments a function takes, where the functions of ``stats`` may stand, and which limit is too high are checked
here; the faults of the text itself are left to ``syntax``.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html and the pages of its commands
"""

from collections.abc import Callable, Sequence
from typing import Any

from lark import Token, Transformer_NonRecursive, v_args
from lark.tree import Meta

from .aggregates import AGGREGATES
from .functions import FUNCTIONS
from .literals import QueryFault, glob, period, regex, text
from .tree import (
    Aggregation,
    AllOf,
    Among,
    AnyOf,
    Call,
    Chain,
    Column,
    Command,
    Compared,
    Dedup,
    Display,
    Expression,
    Field,
    Fields,
    Filter,
    Like,
    Limit,
    Literal,
    Not,
    Now,
    Parse,
    Query,
    Sort,
    Star,
    Stats,
)
from .values import Period

MAX_RESULTS = 10_000
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html"""

_FUNCTION_NAMES = {name.lower(): name for name in (*FUNCTIONS, *AGGREGATES, "now", "bin")}
"""In any case: AWS writes ``ispresent`` on one page and ``isPresent`` on another."""


@v_args(meta=True)
class Reading(Transformer_NonRecursive[Token, Any]):
    """Makes the commands of lark's tree."""

    def __init__(self, query: str) -> None:
        super().__init__()
        self._query = query

    def start(self, _: Meta, commands: list[Command]) -> Query:
        return tuple(commands)

    # commands

    def fields(self, _: Meta, parts: list[tuple[Column, ...]]) -> Command:
        return Fields(_of_events(parts[0], "fields"))

    def display(self, _: Meta, parts: list[tuple[Column, ...]]) -> Command:
        return Display(_of_events(parts[0], "display"))

    def filter(self, _: Meta, parts: list[Expression]) -> Command:
        if _aggregates(parts[0]):
            raise QueryFault("filter takes no function of stats: name its result with as, and filter after stats")
        return Filter(parts[0])

    def stats(self, _: Meta, parts: list[tuple[Column, ...]]) -> Command:
        by = _of_events(parts[1], "by") if len(parts) > 1 else ()
        for column in parts[0]:
            if not _aggregates(column.expression):
                raise QueryFault(f"stats shows figures of a group: {column.name} is none; group by it, or use latest()")
        return Stats(parts[0], by)

    def sort(self, _: Meta, keys: list[tuple[Expression, bool]]) -> Command:
        return Sort(tuple(keys))

    def limit(self, meta: Meta, parts: list[Token]) -> Command:
        if not parts[0].isdigit() or not 1 <= int(parts[0]) <= MAX_RESULTS:
            raise QueryFault(f"character {meta.end_pos - len(parts[0]) + 1}: limit is from 1 to {MAX_RESULTS:,}")
        return Limit(int(parts[0]))

    def dedup(self, _: Meta, names: list[str]) -> Command:
        return Dedup(tuple(names))

    def parse_glob(self, meta: Meta, parts: list[Any]) -> Command:
        source, literal, *names = parts
        if literal.count("*") != len(names):
            raise QueryFault(
                f"character {meta.start_pos + 1}: parse has {literal.count('*')} asterisks and {len(names)} names"
            )
        return Parse(source, glob(text(literal)), tuple(names))

    def parse_regex(self, meta: Meta, parts: list[Any]) -> Command:
        source, literal = parts
        pattern = regex(literal[1:-1], literal.start_pos + 1)
        if not pattern.groupindex:
            raise QueryFault(f"character {meta.start_pos + 1}: parse needs a named group, (?<name>...)")
        return Parse(source, pattern, tuple(pattern.groupindex))

    # columns

    def columns(self, _: Meta, columns: list[Column]) -> tuple[Column, ...]:
        return tuple(columns)

    def column(self, meta: Meta, parts: list[Any]) -> Column:
        expression, *alias = parts
        if alias:
            return Column(expression, alias[0])
        name = expression.name if isinstance(expression, Field) else self._query[meta.start_pos : meta.end_pos]
        return Column(expression, name)

    def key(self, _: Meta, parts: list[Any]) -> tuple[Expression, bool]:
        return parts[0], len(parts) > 1 and parts[1].type == "DESC"

    # conditions

    def any_of(self, _: Meta, terms: list[Expression]) -> Expression:
        return AnyOf(tuple(terms))

    def all_of(self, _: Meta, terms: list[Expression]) -> Expression:
        return AllOf(tuple(terms))

    def negated(self, _: Meta, parts: list[Any]) -> Expression:
        *negations, term = parts
        return _negated(term, len(negations))

    def compared(self, _: Meta, parts: list[Any]) -> Expression:
        left, sign, right = parts
        return Compared(left, str(sign), right)

    def like(self, _: Meta, parts: list[Any]) -> Expression:
        value, *negation, literal = parts
        is_regex = literal.type == "REGEX"
        wanted = regex(literal[1:-1], literal.start_pos + 1) if is_regex else text(literal)
        return _negated(Like(value, wanted), len(negation))

    def among(self, _: Meta, parts: list[Any]) -> Expression:
        value, *rest = parts
        negation = [part for part in rest if isinstance(part, Token)]
        return _negated(Among(value, tuple(rest[len(negation) :])), len(negation))

    # values

    def bracketed(self, _: Meta, parts: list[Expression]) -> Expression:
        return parts[0]

    def chain(self, _: Meta, parts: list[Any]) -> Expression:
        first, *rest = parts
        return Chain(first, tuple(zip(map(str, rest[::2]), rest[1::2], strict=True)))

    def signed(self, _: Meta, parts: list[Any]) -> Expression:
        *signs, term = parts
        return Chain(Literal(0), (("-", term),)) if len(signs) % 2 else term

    def number(self, _: Meta, parts: list[Token]) -> Expression:
        return Literal(float(parts[0]) if "." in parts[0] else int(parts[0]))

    def text(self, _: Meta, parts: list[Token]) -> Expression:
        return Literal(text(parts[0]))

    def field(self, _: Meta, parts: list[str]) -> Expression:
        return Field(parts[0])

    def name(self, _: Meta, parts: list[Token]) -> str:
        return str(parts[0]).strip("`")

    def star(self, _: Meta, __: list[Token]) -> Expression:
        return Star()

    def period(self, meta: Meta, parts: list[Token]) -> Expression:
        return Literal(period(parts[0], meta.start_pos + 1))

    def call(self, meta: Meta, parts: list[Any]) -> Expression:
        token, *arguments = parts
        name, place = _FUNCTION_NAMES.get(token.lower(), str(token)), f"character {meta.start_pos + 1}"
        if name in ("now", "bin"):
            least, most = (0, 0) if name == "now" else (1, 1)
        elif name in FUNCTIONS:
            least, most = FUNCTIONS[name].least, FUNCTIONS[name].most or len(arguments)
        elif name in AGGREGATES:
            least, most = AGGREGATES[name].least, AGGREGATES[name].most
        else:
            raise QueryFault(f"{place}: {name} is no function that is known here")
        if not least <= len(arguments) <= max(least, most):
            takes = str(least) if least == most else f"from {least}"
            raise QueryFault(f"{place}: {name} takes {takes} arguments, not {len(arguments)}")
        self._check_arguments(name, arguments, place)
        if name == "now":
            return Now()
        if name == "bin":
            return Call("datefloor", (Field("@timestamp"), *arguments))
        return (Call if name in FUNCTIONS else Aggregation)(name, tuple(arguments))

    def _check_arguments(self, name: str, arguments: Sequence[Expression], place: str) -> None:
        takes_period = {"bin": 0, "datefloor": 1, "dateceil": 1}.get(name)
        for position, argument in enumerate(arguments):
            is_period = isinstance(argument, Literal) and isinstance(argument.value, Period)
            if is_period != (position == takes_period):
                raise QueryFault(f"{place}: {name} takes {'no period' if is_period else 'a period such as 5m'}")
            if isinstance(argument, Star) and name != "count":
                raise QueryFault(f"{place}: only count takes *")
            if name in AGGREGATES and _aggregates(argument):
                raise QueryFault(f"{place}: {name} of a figure of stats; use a second stats")


def _negated(term: Expression, times: int) -> Expression:
    return Not(term) if times % 2 else term


def _of_events(columns: tuple[Column, ...], command: str) -> tuple[Column, ...]:
    for column in columns:
        if _aggregates(column.expression):
            raise QueryFault(f"{command} takes no function of stats: {column.name}")
    return columns


def _aggregates(expression: Expression) -> bool:
    """Whether there is a function of stats in it."""
    return isinstance(expression, Aggregation) or any(map(_aggregates, parts_of(expression)))


_PARTS: dict[type, Callable[[Any], Sequence[Expression]]] = {
    Call: lambda node: node.arguments,
    Aggregation: lambda node: node.arguments,
    Chain: lambda node: (node.first, *(term for _, term in node.rest)),
    Compared: lambda node: (node.left, node.right),
    Like: lambda node: (node.value,),
    Among: lambda node: (node.value, *node.listed),
    Not: lambda node: (node.term,),
    AllOf: lambda node: node.terms,
    AnyOf: lambda node: node.terms,
}


def parts_of(expression: Expression) -> Sequence[Expression]:
    """The expressions that an expression is made of."""
    parts = _PARTS.get(type(expression))
    return parts(expression) if parts else ()
