"""What of a resource changes, attribute by attribute, documents within attributes taken apart."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Action, Change, normal
from cloudtrail_monitoring.governance.plan_review.rule import SENSITIVE

_NAMES = ("Sid", "name", "id", "field")
"""What tells the members of a list apart where they have it."""
_TOLD_BY_OTHERS = ("tags_all", "arn", "id")
"""Attributes that only follow from others."""


class Difference(NamedTuple):
    """One value that changes; ``None`` where there is none."""

    path: str
    before: Any
    after: Any


def differences(change: Change) -> Iterator[Difference]:
    """Every value that changes, or that a new resource has, in the order of the attributes."""
    if change.after is None:
        return
    before, after = change.before or {}, change.after or {}
    for name in sorted({**before, **after}):
        old, new = before.get(name), after.get(name)
        if (
            name in _TOLD_BY_OTHERS
            or normal(old) == normal(new)
            or (new is UNKNOWN and change.action is not Action.UPDATE)
        ):
            continue
        if name in change.sensitive:
            yield Difference(name, *(None if value is None else SENSITIVE for value in (old, new)))
            continue
        leaves = [dict(_leaves(value, name)) for value in (old, new)]
        for path in sorted({**leaves[0], **leaves[1]}):
            values = leaves[0].get(path), leaves[1].get(path)
            if values[0] != values[1]:
                yield Difference(path, *values)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The values within a value by their paths; JSON texts are read."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, list) and any(isinstance(member, Mapping) for member in value):
        for position, member in enumerate(value):
            yield from _leaves(member, f"{path}[{_named(member, position)}]" if len(value) > 1 else path)
    elif value not in (None, "", []):
        yield path, sorted(value, key=str) if isinstance(value, list) else value


def _named(member: Any, position: int) -> str:
    names = (member.get(name) for name in _NAMES) if isinstance(member, Mapping) else ()
    return str(next((name for name in names if name), position))
