"""Why a filter pattern matches an event, or why not: every clause with its verdict and what the event has there.

The verdicts are those of ``matching``; here is only how they are told. What an event holds was written
by whoever made the call: it is shortened, and characters that a terminal would act on are escaped. Colours and layout
are left to the callers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.language.matching import compiled, is_number, is_object, selected, text_of
from cloudtrail_monitoring.detections.language.tree import (
    And,
    Comparison,
    Condition,
    IsBoolean,
    IsNull,
    Node,
    NotExists,
    Operator,
    Or,
    Selector,
)

MAX_VALUE_CHARACTERS = 60
"""A value of the event is shown up to this length."""

MAX_VALUES_SHOWN = 3
"""So many of the values that a wildcard selector selects are shown, and of those that a clause names."""


@dataclass(frozen=True)
class Explanation:
    """One clause of a pattern, what became of it, and the same of its parts.

    Attributes:
        node: the clause.
        kind: "all" and "any" have parts, "condition" has none.
        holds: whether the event satisfies it.
        found: of a condition, what the event has there: ``"IAMUser"``, ``5``, ``missing``, ``null``, ``an object``, or
            several values for a wildcard selector. Empty for the others.
        parts: what it joins, in the pattern's order.
    """

    node: Node
    kind: Literal["all", "any", "condition"]
    holds: bool
    found: str = ""
    parts: "tuple[Explanation, ...]" = ()

    @property
    def text(self) -> str:
        """The clause as canonical text."""
        return str(self.node)

    @property
    def misses(self) -> int:
        """How many conditions would have to turn out otherwise for it to hold: 0 if it does."""
        if self.holds:
            return 0
        misses = [part.misses for part in self.parts] or [1]
        return min(misses) if self.kind == "any" else sum(misses)

    def why(self) -> tuple[str, ...]:
        """What made it hold: of alternatives the one that is told shortest; empty where it doesn't hold.

        >>> explain(pattern, event).why()  # doctest: +SKIP
        ('$.userIdentity.type is "Root"', '$.userIdentity.invokedBy is missing')
        """
        return tuple(_met(part) for part in _decisive(self, holds=True)) if self.holds else ()

    def why_not(self) -> tuple[str, ...]:
        """The fewest clauses that keep it from holding, in words; empty where it holds.

        >>> explain(pattern, event).why_not()  # doctest: +SKIP
        ('$.userIdentity.type is "IAMUser", not "Root"',)
        """
        return () if self.holds else _told(_decisive(self, holds=False))


class Line(NamedTuple):
    """One line of an explanation that is shown as a tree."""

    depth: int
    """0 for the outermost clause."""
    holds: bool
    text: str


def explain(pattern: FilterPattern, event: Mapping[str, Any]) -> Explanation:
    """Every clause of ``pattern`` with its verdict on the event.

    Args:
        pattern: the pattern.
        event: one CloudTrail record (or any JSON object) as ``json.loads`` gives it.
    """
    return explain_node(pattern.root, event)


def explain_node(node: Node, event: Mapping[str, Any]) -> Explanation:
    """As ``explain``, of a syntax tree."""
    if isinstance(node, And | Or):
        parts = tuple(explain_node(term, event) for term in node.terms)
        if isinstance(node, And):
            return Explanation(node, "all", all(part.holds for part in parts), parts=parts)
        return Explanation(node, "any", any(part.holds for part in parts), parts=parts)
    return Explanation(node, "condition", compiled(node)(event), _found(event, node.selector))


def lines(explanation: Explanation) -> Iterator[Line]:
    """The explanation as lines of a tree; of equalities with one selector only those that hold, or one line for all.

    >>> [*lines(explain(FilterPattern.parse('{ $.a = "1" && ($.b = "2" || $.b = "3") }'), {"a": "1"}))]
    [Line(depth=0, holds=False, text='all of'), Line(depth=1, holds=True, text='$.a = "1"'), \
Line(depth=1, holds=False, text='$.b is missing, not "2" or "3"')]
    """
    return _lines(explanation, 0)


def rendered(explanation: Explanation) -> str:
    """``lines`` as plain text, indented, each after a mark."""
    return "\n".join(f"{'  ' * depth}{'✓' if holds else '✗'} {text}" for depth, holds, text in lines(explanation))


def _lines(explanation: Explanation, depth: int) -> Iterator[Line]:
    if explanation.kind == "condition":
        yield Line(depth, explanation.holds, _line(explanation))
        return
    groups = _grouped(explanation.parts) if explanation.kind == "any" else [[part] for part in explanation.parts]
    if len(groups) > 1:
        yield Line(depth, explanation.holds, "any of" if explanation.kind == "any" else "all of")
        depth += 1
    for group in groups:
        if len(group) == 1:
            yield from _lines(group[0], depth)
        elif met := next((part for part in group if part.holds), None):
            yield Line(depth, True, _line(met))
        else:
            yield Line(depth, False, _unmet(group))


def _line(condition: Explanation) -> str:
    """A condition as it is written if it holds, with the event's value where that isn't plain; else in words."""
    if not condition.holds:
        return _unmet([condition])
    return condition.text if _says_all(condition.node) else f"{condition.text} (is {condition.found})"


def _says_all(node: Node) -> bool:
    """Whether the clause alone says what the event has, if it holds."""
    match node:
        case NotExists() | IsNull() | IsBoolean():
            return True
        case Comparison(selector, Operator.EQUAL, value):
            return not selector.has_wildcard and "*" not in str(value) and not str(value).startswith("%")
    return False


def _decisive(explanation: Explanation, *, holds: bool) -> list[Explanation]:
    """The conditions that suffice for the verdict ``holds``, as few to tell as can be."""
    if explanation.kind == "condition":
        return [explanation]
    agreeing = [_decisive(part, holds=holds) for part in explanation.parts if part.holds is holds]
    # "All" fails, and "any" holds, by one of its parts; otherwise every part has its share.
    if (explanation.kind == "any") is holds:
        return min(agreeing, key=lambda conditions: len(conditions) if holds else len(_grouped(conditions)))
    return list(dict.fromkeys(condition for conditions in agreeing for condition in conditions))


def _told(failing: Sequence[Explanation]) -> tuple[str, ...]:
    return tuple(_unmet(group) for group in _grouped(failing))


def _grouped(parts: Sequence[Explanation]) -> list[list[Explanation]]:
    """The parts, equalities with one selector together, each group where its first member stands."""
    groups: dict[Selector | int, list[Explanation]] = {}
    for place, part in enumerate(parts):
        match part.node:
            case Comparison(selector, Operator.EQUAL):
                groups.setdefault(selector, []).append(part)
            case _:
                groups[place] = [part]
    return list(groups.values())


def _met(condition: Explanation) -> str:
    """A condition that holds, in words."""
    node = _condition(condition)
    is_found = f"{node.selector} is {condition.found}"
    match node:
        case Comparison(_, Operator.EQUAL, value):
            return is_found if _says_all(node) else f"{is_found}, as {_shortened(str(value))}"
        case Comparison(_, Operator.NOT_EQUAL, value):
            return f"{is_found}, not {_shortened(str(value))}"
        case Comparison(_, operator, value):
            return f"{is_found}, {operator} {value}"
        case _:
            return is_found


def _unmet(group: Sequence[Explanation]) -> str:
    """A condition that doesn't hold, or some equalities with one selector of which none does, in words."""
    node = _condition(group[0])
    is_found = f"{node.selector} is {group[0].found}"
    match node:
        case Comparison(selector, Operator.EQUAL):
            values = list(dict.fromkeys(str(part.node.value) for part in group if isinstance(part.node, Comparison)))
            if len(values) > MAX_VALUES_SHOWN:
                noun = "names" if str(selector).lower().endswith("name") else "values"
                return f"{is_found}, none of {len(values)} {noun}"
            return f"{is_found}, not {' or '.join(_shortened(value) for value in values)}"
        case Comparison(_, Operator.NOT_EQUAL, value):
            return f"{is_found}, not a value other than {_shortened(str(value))}"
        case Comparison(_, operator, value):
            return f"{is_found}, not {operator} {value}"
        case NotExists():
            return f"{is_found}, not missing"
        case IsNull():
            return f"{is_found}, not null"
        case IsBoolean(_, wanted):
            return f"{is_found}, not {json.dumps(wanted)}"


def _condition(explanation: Explanation) -> Condition:
    if isinstance(explanation.node, And | Or):
        raise TypeError(f"{explanation.kind} has no words of its own")
    return explanation.node


def _found(event: Mapping[str, Any], selector: Selector) -> str:
    """What an event has at a selector, bounded in length."""
    values = list(dict.fromkeys(_shown(value) for value in selected(event, selector.steps)))
    more = len(values) - MAX_VALUES_SHOWN
    if more > 0:
        values[MAX_VALUES_SHOWN:] = [f"{more} more"]
    return " and ".join(values) or "missing"


def _shown(value: Any) -> str:
    """A value of an event on one line, safe for a terminal."""
    if isinstance(value, str):
        escaped = json.dumps(value[: MAX_VALUE_CHARACTERS + 1], ensure_ascii=False)[1:-1]
        printable = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in escaped)
        return f'"{_shortened(printable)}"'
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if is_number(value):
        return _shortened(str(text_of(value)))
    return "an object" if is_object(value) else "an array"


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARACTERS else f"{text[: MAX_VALUE_CHARACTERS - 1]}…"
