"""The "and" and "or" of an EventBridge event pattern: fields that must all match, and alternatives under ``$or``.

``all_terms`` and ``any_terms`` bring any tree into the one shape that EventBridge takes: each field at most once on the
way to any alternative. They join, spread and factor out as needed; ``Terms.render`` writes the JSON. What a single
condition demands is left to ``event_pattern``, how two demands on one field meet to ``event_pattern_values``.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
https://github.com/aws/event-ruler (README: "And and Or", "JSON Array Matching"; ``JsonRuleCompiler``)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from cloudtrail_monitoring.detections.language.tree import Node
from cloudtrail_monitoring.detections.translations.event_pattern_values import Demand, UnjoinableError, all_of, any_of
from cloudtrail_monitoring.detections.translations.not_expressible import NotExpressible

MAX_COMBINATIONS = 1000
"""Rules that the ``$or`` of one pattern may come to when spelled out; "Or matching" on the operators' page above."""

# RESERVED_FIELD_NAMES_IN_OR_RELATIONSHIP in event-ruler's Constants.java: below $or these are read as operators.
_RESERVED_BELOW_OR = frozenset(
    {"exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr"}
    | {"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"}
    | {"date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"}
    | {"ip-address-in-range", "ip-address-not-in-range"}
)


@dataclass(frozen=True, slots=True)
class Path:
    """The names from the record to a value; ``array`` of them lead to an array any of whose elements counts."""

    names: tuple[str, ...]
    array: int | None = None

    def excludes(self, other: "Path") -> str | None:
        """Why EventBridge can't demand something of both in one event; None if it can."""
        for one, two in ((self, other), (other, self)):
            if one.array is not None and two.names[: one.array] == one.names[: one.array]:
                return "EventBridge wants two conditions on one array met by the same element, the filter by any"
            if len(one.names) < len(two.names) and two.names[: len(one.names)] == one.names:
                return f'"{".".join(one.names)}" can\'t be a value and an object in one event pattern'
        return None


@dataclass(frozen=True, slots=True)
class Terms:
    """Fields that must all match, each with its alternatives, and for each of ``ors`` one of its alternatives."""

    fields: Mapping[Path, tuple[Demand, ...]]
    ors: "tuple[tuple[Terms, ...], ...]" = ()

    def paths(self) -> Iterator[Path]:
        """All paths in it, whatever alternative they stand in."""
        yield from self.fields
        for alternatives in self.ors:
            yield from _paths(alternatives)

    @property
    def combinations(self) -> int:
        """How many rules it comes to without ``$or``."""
        return prod(sum(terms.combinations for terms in alternatives) for alternatives in self.ors)

    def render(self) -> dict[str, Any]:
        """The event pattern as JSON.

        Raises:
            NotExpressible: a field below ``$or`` has the name of an operator.
        """
        return _rendered(self, 0)


def any_terms(parts: Iterable[Terms | None]) -> Terms | None:
    """The terms that match where one of ``parts`` does; None stands for what nothing matches."""
    fields: dict[tuple[str, ...], tuple[Path, tuple[Demand, ...]]] = {}
    others: list[Terms] = []
    for part in _alternatives(parts):
        if len(part.fields) == 1 and not part.ors:
            ((path, demands),) = part.fields.items()
            known = fields.get(path.names, (path, ()))
            fields[path.names] = (known[0] if known[0].array is not None else path, any_of(known[1], demands))
        elif part not in others:
            others.append(part)
    alternatives = [*(Terms({path: demands}) for path, demands in fields.values()), *others]
    if len(alternatives) < 2:
        return alternatives[0] if alternatives else None
    return _factored(alternatives)


def all_terms(parts: Iterable[Terms | None], node: Node) -> Terms | None:
    """The terms that match where all of ``parts`` do; None if nothing can.

    Raises:
        NotExpressible: EventBridge can't join them; ``node`` is the clause to name.
    """
    joined: Terms | None = Terms({})
    for part in parts:
        joined = None if joined is None or part is None else _joined(joined, part, node)
    return joined


def _alternatives(parts: Iterable[Terms | None]) -> Iterator[Terms]:
    """The parts that can match, an "or" among them dissolved into its own alternatives."""
    for part in parts:
        if part is not None and not part.fields and len(part.ors) == 1:
            yield from part.ors[0]
        elif part is not None:
            yield part


def _factored(alternatives: Sequence[Terms]) -> Terms | None:
    """The "or" of two or more different alternatives, with what all of them demand in front."""
    first, *rest = alternatives
    common = {
        path: demands
        for path, demands in first.fields.items()
        if all(other.fields.get(path) == demands for other in rest)
    }
    if not common:
        return Terms({}, (tuple(alternatives),))
    remainders = [
        Terms({path: demands for path, demands in part.fields.items() if path not in common}, part.ors)
        for part in alternatives
    ]
    if any(not part.fields and not part.ors for part in remainders):
        return Terms(common)
    remainder = any_terms(remainders)
    return remainder and Terms({**common, **remainder.fields}, remainder.ors)


def _joined(left: Terms, right: Terms, node: Node) -> Terms | None:
    """The "and" of two."""
    for path, other in product(set(left.paths()), set(right.paths())):
        if reason := path.excludes(other):
            raise NotExpressible(node, reason)
    fields = dict(left.fields)
    for path, demands in right.fields.items():
        met = _met(fields[path], demands, path, node) if path in fields else demands
        if not met:
            return None
        fields[path] = met
    joined: Terms | None = Terms(fields)
    for alternatives in (*left.ors, *right.ors):
        joined = joined and _with_or(joined, alternatives, node)
    return joined


def _met(left: Iterable[Demand], right: Iterable[Demand], path: Path, node: Node) -> tuple[Demand, ...]:
    try:
        return all_of(left, right)
    except UnjoinableError as error:
        raise NotExpressible(node, f'field "{".".join(path.names)}": {error}') from error


def _with_or(terms: Terms, alternatives: tuple[Terms, ...], node: Node) -> Terms | None:
    """``terms`` and one "or" more; whatever it has a field in common with is spread into its alternatives."""
    paths = set(_paths(alternatives))
    shared = {path: demands for path, demands in terms.fields.items() if path in paths}
    touching = [other for other in terms.ors if paths.intersection(_paths(other))]
    if not shared and not touching:
        return Terms(terms.fields, (*terms.ors, alternatives))
    spread = [part for one in alternatives if (part := _joined(Terms(shared), one, node)) is not None]
    for other in touching:
        if len(spread) * len(other) > MAX_COMBINATIONS:
            raise NotExpressible(node, f"it comes to more than {MAX_COMBINATIONS:,} alternatives in EventBridge")
        spread = [part for one in spread for two in other if (part := _joined(one, two, node)) is not None]
    remaining = Terms(
        {path: demands for path, demands in terms.fields.items() if path not in shared},
        tuple(other for other in terms.ors if other not in touching),
    )
    one_of_them = any_terms(spread)
    return one_of_them and _joined(remaining, one_of_them, node)


def _paths(alternatives: Iterable[Terms]) -> Iterator[Path]:
    for terms in alternatives:
        yield from terms.paths()


def _rendered(terms: Terms, depth: int) -> dict[str, Any]:
    """The JSON of the terms inside the object to which the first ``depth`` names of each path lead."""
    out: dict[str, Any] = {}
    for path, demands in terms.fields.items():
        _object(out, path.names[depth:-1])[path.names[-1]] = [demand.render() for demand in demands]
    for place, alternatives in _placed(terms.ors, depth).items():
        below = depth + len(place)
        reserved = {name for path in _paths(alternatives) for name in path.names[below:]} & _RESERVED_BELOW_OR
        if reserved:
            raise NotExpressible(
                f'"{min(reserved)}"',
                'EventBridge takes no field with the name of an operator in an "or" between fields',
            )
        _object(out, place)["$or"] = [_rendered(one, below) for one in alternatives]
    return out


def _object(root: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    for name in names:
        root = root.setdefault(name, {})
    return root


def _placed(ors: Iterable[tuple[Terms, ...]], depth: int) -> dict[tuple[str, ...], tuple[Terms, ...]]:
    """For each "or" an object of its own, the deepest that holds all its fields; where none is left, one in another."""
    placed: dict[tuple[str, ...], tuple[Terms, ...]] = {}
    for alternatives in ors:
        while (place := _free_place(alternatives, depth, placed)) is None:
            few, many = sorted((alternatives, placed.pop(())), key=len)
            alternatives = tuple(Terms(one.fields, (*one.ors, many)) for one in few)
        placed[place] = alternatives
    return placed


def _free_place(
    alternatives: Iterable[Terms], depth: int, taken: Mapping[tuple[str, ...], object]
) -> tuple[str, ...] | None:
    objects = [path.names[depth:-1] for path in _paths(alternatives)]
    common: list[str] = []
    for names in zip(*objects, strict=False):
        if len(set(names)) > 1:
            break
        common.append(names[0])
    places = (tuple(common[:length]) for length in range(len(common), -1, -1))
    return next((place for place in places if place not in taken), None)
