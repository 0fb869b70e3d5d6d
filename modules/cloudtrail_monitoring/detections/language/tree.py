"""The syntax tree of a JSON filter pattern, and its canonical text.

Plain frozen dataclasses without behaviour of their own: whoever derives something from a pattern (a match, an
EventBridge pattern, a query) walks them with ``match``. A tree that can't be written as a pattern can't be built.
Reading text into a tree is left to the parser, the meaning of a tree to ``filter_pattern``.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cloudtrail_monitoring.detections.language.regex import compile_regex

MAX_WILDCARDS_IN_SELECTOR = 1
"""Wildcard selectors (``[*]`` or ``.*``) in one selector; the page above, under "Wildcard selector"."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class PatternTreeError(ValueError):
    """A tree that no filter pattern can express."""


@dataclass(frozen=True, slots=True)
class Field:
    """The member ``name`` of an object: ``.name``, or ``.['name']`` where the name has other characters."""

    name: str

    def __post_init__(self) -> None:
        if not self.name or "'" in self.name:
            raise PatternTreeError(f"a field name has at least one character and no single quote, not {self.name!r}")


@dataclass(frozen=True, slots=True)
class Index:
    """One element of an array, the first being 0: ``[0]``."""

    position: int

    def __post_init__(self) -> None:
        if self.position < 0:
            raise PatternTreeError(f"an array index is 0 or more, not {self.position}")


@dataclass(frozen=True, slots=True)
class AnyField:
    """Every member of an object: ``.*``."""


@dataclass(frozen=True, slots=True)
class AnyElement:
    """Every element of an array: ``[*]``."""


Step = Field | Index | AnyField | AnyElement


@dataclass(frozen=True, slots=True)
class Selector:
    """The way from the event's root to a value: ``$.userIdentity.type``.

    Raises:
        PatternTreeError: without a step, with an array step first, or with more than one wildcard.
    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps or isinstance(self.steps[0], Index | AnyElement):
            raise PatternTreeError("a selector starts with a field of the event")
        if sum(isinstance(step, AnyField | AnyElement) for step in self.steps) > MAX_WILDCARDS_IN_SELECTOR:
            raise PatternTreeError("a selector has at most one wildcard")

    @classmethod
    def of(cls, *names: str) -> "Selector":
        """A selector of fields only: ``Selector.of("userIdentity", "type")``."""
        return cls(tuple(Field(name) for name in names))

    @property
    def has_wildcard(self) -> bool:
        """Whether it can select more than one value."""
        return any(isinstance(step, AnyField | AnyElement) for step in self.steps)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The field names, where it has fields only; None for arrays and wildcards."""
        names = tuple(step.name for step in self.steps if isinstance(step, Field))
        return names if len(names) == len(self.steps) else None

    def __str__(self) -> str:
        return "$" + "".join(_step_text(step) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Text:
    """A string to compare with; every ``*`` in it stands for any characters, none included."""

    value: str

    @property
    def has_wildcard(self) -> bool:
        """Whether an asterisk is in it."""
        return "*" in self.value

    @property
    def has_inner_wildcard(self) -> bool:
        """Whether an asterisk stands elsewhere than first or last, where AWS's sources differ about its meaning."""
        return "*" in self.value[1:-1]

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written, so that an account id keeps its leading zeros: ``400``, ``-1.5``, ``1e-3``.

    Raises:
        PatternTreeError: if ``text`` is no number, or beyond the range of a 64-bit float.
    """

    text: str

    def __post_init__(self) -> None:
        if not is_number(self.text):
            raise PatternTreeError(f"a number such as 400, -1.5 or 1e-3 is needed, not {self.text!r}")
        if not math.isfinite(float(self.text)):
            raise PatternTreeError(f"{self.text} is beyond the range of numbers in JSON events")

    @property
    def value(self) -> int | float:
        """The number; exact for integers of any size."""
        return int(self.text) if self.text.lstrip("+-").isdecimal() else float(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression to search for in the value.

    Raises:
        RegexSyntaxError: if AWS would not take the expression.
    """

    expression: str

    def __post_init__(self) -> None:
        compile_regex(self.expression)

    def __str__(self) -> str:
        return f"%{self.expression}%"


Value = Text | Number | Regex


class Operator(StrEnum):
    """How a value is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    GREATER = ">"
    LESS_OR_EQUAL = "<="
    GREATER_OR_EQUAL = ">="

    @property
    def is_equality(self) -> bool:
        """Whether it takes strings and regular expressions too, not numbers only."""
        return self in (Operator.EQUAL, Operator.NOT_EQUAL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``$.errorCode = "AccessDenied*"``.

    Raises:
        PatternTreeError: if a string or a regular expression is to be ordered.
    """

    selector: Selector
    operator: Operator
    value: Value

    def __post_init__(self) -> None:
        if not self.operator.is_equality and not isinstance(self.value, Number):
            raise PatternTreeError(f"{self.operator} compares numbers, not {self.value}")

    def __str__(self) -> str:
        return f"{self.selector} {self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class NotExists:
    """``$.userIdentity.invokedBy NOT EXISTS``."""

    selector: Selector

    def __str__(self) -> str:
        return f"{self.selector} NOT EXISTS"


@dataclass(frozen=True, slots=True)
class IsNull:
    """``$.requestParameters IS NULL``."""

    selector: Selector

    def __str__(self) -> str:
        return f"{self.selector} IS NULL"


@dataclass(frozen=True, slots=True)
class IsBoolean:
    """``$.readOnly IS TRUE`` or ``IS FALSE``."""

    selector: Selector
    value: bool

    def __str__(self) -> str:
        return f"{self.selector} IS {'TRUE' if self.value else 'FALSE'}"


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more terms. An ``And`` among the terms is dissolved into its own terms.

    Raises:
        PatternTreeError: with fewer than two terms.
    """

    terms: "tuple[Node, ...]"

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", _flattened(And, self.terms))

    def __str__(self) -> str:
        return " && ".join(_operand_text(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more terms. An ``Or`` among the terms is dissolved into its own terms.

    Raises:
        PatternTreeError: with fewer than two terms.
    """

    terms: "tuple[Node, ...]"

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", _flattened(Or, self.terms))

    def __str__(self) -> str:
        return " || ".join(_operand_text(term) for term in self.terms)


Condition = Comparison | NotExists | IsNull | IsBoolean
Node = Condition | And | Or


def is_number(text: str) -> bool:
    """Whether AWS reads unquoted ``text`` as a number: an integer or decimal, with sign and exponent as wanted."""
    return _NUMBER.fullmatch(text) is not None


def conditions(node: Node) -> Iterator[Condition]:
    """The conditions of a tree from left to right, whatever joins them."""
    if isinstance(node, And | Or):
        for term in node.terms:
            yield from conditions(term)
    else:
        yield node


def _flattened(kind: type[And] | type[Or], terms: "tuple[Node, ...]") -> "tuple[Node, ...]":
    """The terms with those of the same kind dissolved: one tree for one meaning, as parentheses leave no trace."""
    flat: list[Node] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, And | Or) and isinstance(term, kind) else (term,))
    if len(flat) < 2:
        raise PatternTreeError(f"{kind.__name__} joins two or more terms, not {len(flat)}")
    return tuple(flat)


def _operand_text(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


def _step_text(step: Step) -> str:
    match step:
        case Field(name):
            return f".{name}" if _PLAIN_NAME.fullmatch(name) else f".['{name}']"
        case Index(position):
            return f"[{position}]"
        case AnyField():
            return ".*"
        case AnyElement():
            return "[*]"
