"""How the values of two selectors depend on each other, and the record in which selectors have given values.

``$.a`` is an object where ``$.a.b`` is there, and no object where ``$.a[0]`` is. Kept to what is certain: two selectors
of which nothing is said here may still meet, as ``$.a[*]`` and ``$.a[0]`` do. Who builds a record reads it back.
"""

from collections.abc import Iterable, Sequence
from itertools import count, takewhile
from typing import Any

from cloudtrail_monitoring.detections.language.coverage_search import Form, Stand
from cloudtrail_monitoring.detections.language.tree import AnyElement, AnyField, Field, Index, Selector, Step

_INTO_ARRAY = (Index, AnyElement)


def are_related(one: Selector, other: Selector) -> bool:
    """Whether what one selects can exclude what the other does."""
    forms = (Form.ABSENT, Form.CONTAINER)
    return one.steps[0] == other.steps[0] and any(
        excludes(one, form, other, other_form) for form in forms for other_form in forms
    )


def excludes(one: Selector, form: Form, other: Selector, other_form: Form) -> bool:
    """Whether no record has both selectors in these forms."""
    return (
        _lacks_what_the_other_needs(one, form, other, other_form)
        or _lacks_what_the_other_needs(other, other_form, one, form)
        or (form is not Form.ABSENT and other_form is not Form.ABSENT and _want_object_and_array(one, other))
    )


def record_with(values: Iterable[tuple[Selector, Sequence[Any]]]) -> dict[str, Any]:
    """A record in which each selector selects its values; a container stands for what the others need of it.

    Every element and field that a wildcard selects is one of its own.
    """
    record = _built([(selector.steps, value) for selector, selected in values for value in selected])
    return record if isinstance(record, dict) else {}


def _common(one: Selector, other: Selector) -> tuple[Step, ...]:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one.steps, other.steps, strict=False))
    return tuple(step for step, _ in pairs)


def _lacks_what_the_other_needs(upper: Selector, form: Form, lower: Selector, lower_form: Form) -> bool:
    """Whether ``lower`` is there without the object or array at ``upper``, or without the element before it."""
    if lower_form is Form.ABSENT:
        return False
    shared = len(_common(upper, lower))
    if shared == len(upper.steps):
        return form in (Form.ABSENT, Form.VALUE)
    return shared + 1 == len(upper.steps) and form is Form.ABSENT and _is_earlier(upper.steps[-1], lower.steps[shared:])


def _is_earlier(step: Step, steps: Sequence[Step]) -> bool:
    return bool(steps) and isinstance(step, Index) and isinstance(steps[0], Index) and step.position < steps[0].position


def _want_object_and_array(one: Selector, other: Selector) -> bool:
    """Whether they step into one and the same value by a name and by a place."""
    common = _common(one, other)
    if len(common) in (len(one.steps), len(other.steps)) or any(isinstance(s, AnyField | AnyElement) for s in common):
        return False
    return isinstance(one.steps[len(common)], _INTO_ARRAY) is not isinstance(other.steps[len(common)], _INTO_ARRAY)


_Parts = list[tuple[tuple[Step, ...], Any]]


def _built(parts: _Parts) -> Any:
    """The value that has each part's value where its steps lead; of parts that exclude each other, some."""
    for steps, value in parts:
        if not steps and value is not Stand.CONTAINER:
            return value
    below = [(steps[0], (steps[1:], value)) for steps, value in parts if steps]
    if any(isinstance(step, _INTO_ARRAY) for step, _ in below):
        return _array(below)
    named = {
        step.name: [part for other, part in below if other == step] for step, _ in below if isinstance(step, Field)
    }
    free = (name for number in count(1) if (name := f"field{number}") not in named)
    return {name: _built(inner) for name, inner in named.items()} | {
        next(free): _built([part]) for step, part in below if isinstance(step, AnyField)
    }


def _array(below: Sequence[tuple[Step, tuple[tuple[Step, ...], Any]]]) -> list[Any]:
    placed: dict[int, _Parts] = {}
    for step, part in below:
        if isinstance(step, Index):
            placed.setdefault(step.position, []).append(part)
    length = max(placed, default=-1) + 1
    return [_built(placed.get(position, [])) for position in range(length)] + [
        _built([part]) for step, part in below if isinstance(step, AnyElement)
    ]
