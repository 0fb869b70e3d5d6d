"""Many filter patterns at once: which of them match an event, for little more than the look-up of a few fields.

Nearly every pattern pins a field: it can't match an event whose ``eventName`` is not one of its few. So the patterns
are filed under the values they need, and an event meets only those filed under what it has. What a pattern means is
left to ``matching``; the answer is that of testing all of them one after the other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.language.matching import (
    MISSING,
    Predicate,
    compiled,
    is_number,
    is_object,
    text_of,
    value_at,
)
from cloudtrail_monitoring.detections.language.tree import (
    And,
    AnyElement,
    AnyField,
    Comparison,
    Node,
    NotExists,
    Number,
    Operator,
    Or,
    Selector,
    Text,
)

_Candidate = tuple[int, Predicate]
"""The place of an id, and what of its pattern an event has yet to meet."""

_PREFERRED = (Selector.of("eventName"), Selector.of("eventSource"))
"""What tells CloudTrail records apart best, the best first."""

_IN_EVERY_RECORD = frozenset(
    Selector.of(name)
    for name in ("awsRegion", "eventName", "eventSource", "eventTime", "eventType", "sourceIPAddress", "userAgent")
)
"""That one of them is there says little.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""


class PatternSet:
    """Patterns by id, compiled together.

    Args:
        patterns: for each id its patterns; an id matches when any of them does.

    >>> patterns = PatternSet({"root": [FilterPattern.parse('{ $.userIdentity.type = "Root" }')]})
    >>> patterns.matching({"eventName": "CreateUser", "userIdentity": {"type": "Root"}})
    ('root',)
    """

    def __init__(self, patterns: Mapping[str, Sequence[FilterPattern]]) -> None:
        self._ids = tuple(patterns)
        filed = [
            (place, node, _needs(node))
            for place, several in enumerate(patterns.values())
            for pattern in several
            for node in _apart(pattern.root)
        ]
        popularity = Counter(selector for *_, needs in filed for selector in {need.selector for need in needs})
        shelves: dict[Selector, _Shelf] = {}
        always: list[_Candidate] = []
        for place, node, needs in filed:
            if needs:
                need = min(needs, key=lambda need: _rank(need, popularity))
                shelves.setdefault(need.selector, _Shelf()).add(need, (place, _remaining(node, need)))
            else:
                always.append((place, compiled(node)))
        self._always = tuple(always)
        outer = [(names[0], shelf) for names, shelf in _by_depth(shelves, 1)]
        self._outer = tuple((name, shelf.by_text, shelf.if_present, shelf) for name, shelf in outer if shelf.by_text)
        self._present = tuple((name, shelf.if_present) for name, shelf in outer if not shelf.by_text)
        self._inner = tuple(
            (names[0], names[1], shelf.by_text, shelf.if_present, shelf) for names, shelf in _by_depth(shelves, 2)
        )
        self._deeper = tuple((selector.steps, shelf) for selector, shelf in shelves.items() if _is_deeper(selector))

    def matching(self, event: Mapping[str, Any]) -> tuple[str, ...]:
        """The ids that match an event, in the order in which they were given.

        Args:
            event: one CloudTrail record (or any JSON object) as ``json.loads`` gives it.
        """
        # Written for speed: it runs for every record, and most match nothing.
        candidates = self._always
        for name, by_text, if_present, shelf in self._outer:
            value = event.get(name, MISSING)
            if type(value) is str:
                if found := by_text.get(value, if_present):
                    candidates += found
            elif value is not MISSING:
                candidates += shelf.candidates(value)
        for outer, inner, by_text, if_present, shelf in self._inner:
            inside = event.get(outer)
            if type(inside) is dict or is_object(inside):
                value = inside.get(inner, MISSING)
                if type(value) is str:
                    if found := by_text.get(value, if_present):
                        candidates += found
                elif value is not MISSING:
                    candidates += shelf.candidates(value)
        for name, if_present in self._present:
            if name in event:
                candidates += if_present
        for steps, shelf in self._deeper:
            candidates += shelf.candidates(value_at(event, steps))
        return self._tested(event, candidates) if candidates else ()

    def _tested(self, event: Mapping[str, Any], candidates: tuple[_Candidate, ...]) -> tuple[str, ...]:
        hits = {place for place, holds in candidates if holds(event)}
        return tuple([self._ids[place] for place in sorted(hits)]) if hits else ()


@dataclass(frozen=True)
class _Need:
    """What an event must have to match: a value at ``selector``, and one of ``values`` unless they are None."""

    selector: Selector
    values: frozenset[Text | Number] | None
    term: Node
    """The part of the pattern that needs it."""
    is_all: bool = False
    """Whether the term asks for nothing else."""


def _apart(node: Node) -> tuple[Node, ...]:
    """The terms of an ``Or`` that need nothing in common, to be filed one by one; any other node as it is."""
    return node.terms if isinstance(node, Or) and not _needs(node) else (node,)


def _needs(node: Node) -> list[_Need]:
    """What each term of ``node`` needs; one need a selector and term."""
    match node:
        case And(terms):
            return [need for term in terms for need in _needs(term)]
        case Or(terms):
            return _common(node, [_needs(term) for term in terms])
        case NotExists():
            return []
        case Comparison(selector, Operator.EQUAL, Text() | Number() as value) if not selector.has_wildcard:
            if isinstance(value, Number):
                return [_Need(selector, frozenset((value,)), node)]
            if not value.has_wildcard:
                return [_Need(selector, frozenset((value,)), node, is_all=True)]
    return [_Need(selector, None, node) for selector in _before_wildcard(node.selector)]


def _common(node: Or, alternatives: list[list[_Need]]) -> list[_Need]:
    """What every alternative needs: of each selector the values united."""
    by_selector = [{need.selector: need for need in sorted(needs, key=_vagueness)} for needs in alternatives]
    common = []
    for selector in by_selector[0]:
        found = [needs[selector] for needs in by_selector if selector in needs]
        if len(found) == len(alternatives):
            values = [need.values for need in found if need.values is not None]
            united = frozenset().union(*values) if len(values) == len(found) else None
            is_all = all(need.is_all and need.term is term for need, term in zip(found, node.terms, strict=True))
            common.append(_Need(selector, united, node, is_all))
    return common


def _vagueness(need: _Need) -> float:
    """Descending towards the need that excludes most, which a later entry of a dictionary then is."""
    return -float("inf") if need.values is None else -len(need.values)


def _before_wildcard(selector: Selector) -> Iterator[Selector]:
    """What must be there for the selector to select anything; nothing where it begins with a wildcard."""
    wildcards = [place for place, step in enumerate(selector.steps) if isinstance(step, AnyField | AnyElement)]
    steps = selector.steps[: wildcards[0]] if wildcards else selector.steps
    if steps:
        yield Selector(steps)


def _rank(need: _Need, popularity: Mapping[Selector, int]) -> tuple[int, ...]:
    """Ascending: needs of values before mere presence, what tells records apart best before what few patterns name."""
    selector = need.selector
    if need.values is None:
        return (1, selector in _IN_EVERY_RECORD, -popularity[selector])
    preference = _PREFERRED.index(selector) if selector in _PREFERRED else len(_PREFERRED)
    return (0, preference, -popularity[selector], len(need.values))


def _remaining(node: Node, need: _Need) -> Predicate:
    """The test of ``node`` on an event that was found by ``need``."""
    if not need.is_all:
        return compiled(node)
    terms = [term for term in node.terms if term is not need.term] if isinstance(node, And) else []
    if not terms:
        return lambda _: True
    return compiled(And(tuple(terms)) if len(terms) > 1 else terms[0])


class _Shelf:
    """The candidates that need a value of one selector."""

    def __init__(self) -> None:
        self.by_text: dict[str, tuple[_Candidate, ...]] = {}
        self.by_number: dict[int | float, tuple[_Candidate, ...]] = {}
        self.if_present: tuple[_Candidate, ...] = ()

    def add(self, need: _Need, candidate: _Candidate) -> None:
        if need.values is None:
            self.if_present += (candidate,)
            self.by_text = {text: (*found, candidate) for text, found in self.by_text.items()}
            return
        for value in need.values:
            # A number equals the text it is written as, and a text the number it is the text of.
            text = value.text if isinstance(value, Number) else value.value
            self.by_text[text] = (*self.by_text.get(text, self.if_present), candidate)
            if isinstance(value, Number):
                self.by_number[value.value] = (*self.by_number.get(value.value, ()), candidate)

    def candidates(self, value: Any) -> tuple[_Candidate, ...]:
        """Those that an event with this value can match; some may stand in it twice."""
        if value is MISSING:
            return ()
        text = text_of(value)
        found = self.if_present if text is None else self.by_text.get(text, self.if_present)
        return found + self.by_number.get(value, ()) if is_number(value) else found


def _by_depth(shelves: Mapping[Selector, _Shelf], depth: int) -> Iterator[tuple[tuple[str, ...], _Shelf]]:
    """The shelves whose selector is so many field names, with the names."""
    for selector, shelf in shelves.items():
        names = selector.names
        if names is not None and len(names) == depth:
            yield names, shelf


def _is_deeper(selector: Selector) -> bool:
    return selector.names is None or len(selector.names) > 2
