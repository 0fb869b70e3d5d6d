"""The syntax of CloudWatch metric math: from the text of one expression to a tree, with faults that name the character.

What the names, operators and functions of the tree mean is left to `metric_math`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax
"""

import re
from dataclasses import dataclass
from functools import lru_cache

MAX_EXPRESSION_CHARACTERS = 2048
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"""

MAX_NESTING = 40
"""Ours, not AWS's: brackets, signs and powers inside one another. A hostile expression ends in one clear line."""

# From the loosest to the tightest. AWS names the operators but not their precedence; this is C's.
_PRECEDENCE: tuple[frozenset[str], ...] = (
    frozenset({"OR", "||"}),
    frozenset({"AND", "&&"}),
    frozenset({"==", "!="}),
    frozenset({"<=", ">=", "<", ">"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/"}),
)
_WORDS = frozenset({"REPEAT", "LINEAR"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z]\w*)|(?P<symbol>==|!=|<=|>=|&&|\|\||[-+*/^<>()\[\],]))", re.ASCII
)


class ExpressionFault(ValueError):
    """What is wrong with one expression, in one line; the expression's id is added by whoever knows it."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Word:
    """A capitalised word that is an argument, such as ``REPEAT``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a metric or of another expression."""

    id: str
    character: int


@dataclass(frozen=True, slots=True)
class Array:
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: "tuple[Node, ...]"
    character: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one precedence, left to right; a chain, not a tree, so that a long sum is not a deep one."""

    first: "Node"
    rest: "tuple[tuple[str, Node], ...]"


Node = Number | Word | Name | Array | Call | Chain
_Token = tuple[str, str, int]  # kind, text, and the character it starts at, counted from 1


@lru_cache(maxsize=256)
def parse(expression: str) -> Node:
    """The tree of ``expression``.

    Raises:
        ExpressionFault: it is longer than 2,048 characters, nested more than 40 deep, or not metric math.
    """
    if len(expression) > MAX_EXPRESSION_CHARACTERS:
        raise ExpressionFault(f"{len(expression)} characters, at most {MAX_EXPRESSION_CHARACTERS} are allowed")
    return _Parser(expression).parse()


def _tokens(expression: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(expression.rstrip())
    while position < end:
        match = _TOKEN.match(expression, position)
        if match is None:
            wrong = end - len(expression[position:end].lstrip())
            raise ExpressionFault(f"{expression[wrong]!r} at character {wrong + 1} is not part of metric math")
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind], match.start(kind) + 1))
        position = match.end()
    return [*tokens, ("end", "the end", end + 1)]


class _Parser:
    def __init__(self, expression: str) -> None:
        self._tokens = _tokens(expression)
        self._next = 0
        self._nesting = 0

    def parse(self) -> Node:
        node = self._level(0)
        if self._tokens[self._next][0] != "end":
            raise self._unexpected("an operator")
        return node

    def _level(self, level: int) -> Node:
        if level == len(_PRECEDENCE):
            return self._signed()
        first = self._level(level + 1)
        rest: list[tuple[str, Node]] = []
        while (symbol := self._text) in _PRECEDENCE[level]:
            self._next += 1
            rest.append((symbol, self._level(level + 1)))
        return Chain(first, tuple(rest)) if rest else first

    def _signed(self) -> Node:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise ExpressionFault(f"nested more than {MAX_NESTING} deep")
        if self._accept("-"):
            node: Node = Chain(Number(-1.0), (("*", self._signed()),))
        else:
            node = self._atom()
            if self._accept("^"):
                node = Chain(node, (("^", self._signed()),))
        self._nesting -= 1
        return node

    def _atom(self) -> Node:
        kind, text, character = self._tokens[self._next]
        self._next += 1
        if kind == "number":
            return Number(float(text))
        if kind == "name" and text not in ("AND", "OR"):
            if self._accept("("):
                return Call(text, self._items(")"), character)
            return Word(text) if text in _WORDS else Name(text, character)
        if text == "[":
            return Array(self._items("]"))
        if text == "(":
            node = self._level(0)
            self._expect(")")
            return node
        self._next -= 1
        raise self._unexpected("a number, an id, a function or a bracket")

    def _items(self, closing: str) -> tuple[Node, ...]:
        if self._accept(closing):
            return ()
        items = [self._level(0)]
        while self._accept(","):
            items.append(self._level(0))
        self._expect(closing)
        return tuple(items)

    @property
    def _text(self) -> str:
        return self._tokens[self._next][1]

    def _accept(self, symbol: str) -> bool:
        found = self._text == symbol
        self._next += found
        return found

    def _expect(self, symbol: str) -> None:
        if not self._accept(symbol):
            raise self._unexpected(symbol)

    def _unexpected(self, wanted: str) -> ExpressionFault:
        _, text, character = self._tokens[self._next]
        return ExpressionFault(f"{wanted} is needed at character {character}, not {text}")
