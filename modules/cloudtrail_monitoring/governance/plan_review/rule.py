"""What a rule is: a way in which a change to a resource can weaken the audit trail, and how one is recognised.

A judge looks at one change and yields a sentence for each weakening it finds, with before and after. What apply alone
will tell counts as a weakening: a reviewer can't see that it is none. The judges here are for single attributes; those
that weigh several against each other have files of their own.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Action, Change, normal

Judge = Callable[[Change], Iterable[str]]
MAX_SHOWN = 100
SENSITIVE = "(sensitive)"


@dataclass(frozen=True)
class Rule:
    """One way to weaken the audit trail.

    Args:
        id: words joined by hyphens.
        requirement: what it goes against, such as ``R-TRL-3``.
        reason: why it matters, for whoever has to approve it.
        types: Terraform's resource types it looks at.
        judge: yields a sentence for each weakening in a change.
    """

    id: str
    requirement: str
    reason: str
    types: tuple[str, ...]
    judge: Judge


def at(attributes: Any, path: str) -> Any:
    """A value by its path, through blocks, which a plan holds as lists of one; ``None`` where there is none.

    >>> at({"rule": [{"default_retention": [{"days": 7}]}]}, "rule.default_retention.days")
    7
    """
    value = attributes
    for name in path.split("."):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            return value if value is UNKNOWN else None
        value = value.get(name)
    return None if value in ("", [], {}) else value


def shown(value: Any) -> str:
    """A value as a sentence has it: JSON's words without quotes around text, shortened where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        text = json.dumps(value, sort_keys=True, default=repr)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def told(change: Change, path: str, value: Any) -> str:
    """A value of an attribute as a sentence has it, unless the attribute is sensitive."""
    return SENSITIVE if is_sensitive(change, path) and value is not None else shown(value)


def is_sensitive(change: Change, path: str) -> bool:
    """Whether the attribute that a path begins with is not to be shown."""
    return path.split(".")[0] in change.sensitive


def kept_resources(change: Change) -> bool:
    """Whether there is a before and an after to compare."""
    return change.before is not None and change.after is not None


def ended(change: Change) -> Iterator[str]:
    """The resource goes."""
    if change.action is Action.FORGET:
        yield "is no longer managed, so nobody would see it change"
    elif change.action is Action.DELETE:
        yield "is deleted"


def created(path: str, words: str) -> Judge:
    """There is a further one; the words, then an attribute, say what that means."""

    def judge(change: Change) -> Iterator[str]:
        if change.action is Action.CREATE:
            yield f"{words} {told(change, path, at(change.after, path))}"

    return judge


def replaced(change: Change) -> Iterator[str]:
    """The resource goes, and another is made in its place: what it held is gone."""
    if change.action is Action.REPLACE:
        yield "is deleted and made anew"


def watching(path: str, weakens: Callable[[Any, Any], bool]) -> Judge:
    """``weakens(before, after)`` of one attribute; an unknown ``after`` counts."""

    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        before, after = at(change.before, path), at(change.after, path)
        if after is UNKNOWN:
            yield f"{path}: {told(change, path, before)} → known after apply only"
        elif normal(before) != normal(after) and weakens(before, after):
            yield f"{path}: {told(change, path, before)} → {told(change, path, after)}"

    return judge


def leaves(path: str, *strong: Any) -> Judge:
    """The attribute has a strong value and gets another."""
    return watching(path, lambda before, after: before in strong and after not in strong)


def becomes(path: str, *weak: Any) -> Judge:
    """The attribute gets a weak value."""
    return watching(path, lambda before, after: after in weak and before not in weak)


def lowered(path: str, meaning: Mapping[Any, float]) -> Judge:
    """A number gets smaller.

    Args:
        path: of the attribute.
        meaning: the numbers that special values stand for, ``None`` among them: ``{None: inf}`` where no value means
            for ever.
    """
    return watching(path, lambda before, after: _number(after, meaning) < _number(before, meaning))


def raised(path: str, meaning: Mapping[Any, float]) -> Judge:
    """A number gets larger; ``meaning`` as for ``lowered``."""
    return watching(path, lambda before, after: _number(after, meaning) > _number(before, meaning))


def changed(path: str) -> Judge:
    """The attribute had a value and gets another, or none."""
    return watching(path, lambda before, _: before is not None)


def differs(path: str) -> Judge:
    """The attribute gets another value, a first one or none."""
    return watching(path, lambda *_: True)


def added(path: str) -> Judge:
    """The attribute gets a value, or another one."""
    return watching(path, lambda _, after: after is not None)


def lost(path: str, name: str) -> Judge:
    """A list loses members.

    Args:
        path: of the list.
        name: what a member is called in the sentence.
    """

    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        before, after = _members(at(change.before, path)), _members(at(change.after, path))
        gone = [member for member in before if normal(member) not in map(normal, after)]
        if gone and any(member is UNKNOWN for member in after):
            yield f"{name} removed, or known after apply only: {_listed(change, path, gone)}"
        elif gone:
            yield f"{name} removed: {_listed(change, path, gone)}"

    return judge


def gained(path: str, name: str) -> Judge:
    """A list gets further members; ``name`` as for ``lost``."""

    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        before, after = _members(at(change.before, path)), _members(at(change.after, path))
        new = [member for member in after if normal(member) not in map(normal, before)]
        # of a resource that is made anew the provider tells its own lists later
        if new and not (UNKNOWN in new and change.action is Action.REPLACE):
            yield f"{name} added: {_listed(change, path, new)}"

    return judge


def either(*judges: Judge) -> Judge:
    """What any of the judges finds."""

    def judge(change: Change) -> Iterator[str]:
        for one in judges:
            yield from one(change)

    return judge


def _number(value: Any, meaning: Mapping[Any, float]) -> float:
    return meaning[value] if value in meaning else float(value)


def _members(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _listed(change: Change, path: str, members: Collection[Any]) -> str:
    return ", ".join(sorted(told(change, path, member) for member in members))
