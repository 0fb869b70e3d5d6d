"""Changes to a synthesised stack, as somebody would make them in its code, for real plans of them.

A change names the resources it touches by their construct path, so that those that don't meet share one plan.
"""

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Attributes = dict[str, Any]
Document = dict[str, Any]


@dataclass(frozen=True)
class PlanChange:
    """One change.

    Args:
        name: says what is done; a rule's id and more where several changes break one rule.
        paths: construct paths below the stack, such as ``trail/trail``; the first is what the review has to name.
        make: makes the change in the attributes of each path in turn; returns ``None`` to take the resource out.
        alone: others depend on it, so that it gets a plan of its own.
    """

    name: str
    paths: tuple[str, ...]
    make: Callable[[Attributes], Attributes | None]
    alone: bool = False
    as_new: str = ""
    """Address within its type of a new resource that the change adds, in place of changing the one at the path."""


def take_out(_: Attributes) -> None:
    """The resource is no longer written: Terraform deletes it."""


def put(path: str, value: Any) -> Callable[[Attributes], Attributes]:
    """Set an attribute, through blocks whether they are written as an object or as a list."""

    def make(attributes: Attributes) -> Attributes:
        *above, last = path.split(".")
        inner: Any = attributes
        for name in above:
            inner = inner[int(name)] if isinstance(inner, list) else inner.setdefault(name, {})
            if isinstance(inner, list) and len(inner) == 1:
                inner = inner[0]
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
        return attributes

    return make


def replace_text(path: str, old: str, new: str) -> Callable[[Attributes], Attributes]:
    """Put other words into a text; the old ones must be there."""

    def make(attributes: Attributes) -> Attributes:
        assert old in attributes[path], f"{old} is not in {attributes[path]}"
        return {**attributes, path: attributes[path].replace(old, new)}

    return make


def replace_everywhere(old: str, new: str) -> Callable[[Attributes], Attributes]:
    """Put other words into whichever text of the resource has the old ones."""

    def make(attributes: Attributes) -> Attributes:
        text = json.dumps(attributes)
        assert old in text, f"{old} is not in {text}"
        made: Attributes = json.loads(text.replace(old, new))
        return made

    return make


def edit_json(path: str, edit: Callable[[Any], None]) -> Callable[[Attributes], Attributes]:
    """Change the document that an attribute holds as JSON text."""

    def make(attributes: Attributes) -> Attributes:
        *above, last = path.split(".")
        inner = attributes
        for name in above:
            inner = inner[name]
        held = json.loads(inner[last])
        edit(held)
        inner[last] = json.dumps(held)
        return attributes

    return make


def all_of(*makes: Callable[[Attributes], Attributes | None]) -> Callable[[Attributes], Attributes | None]:
    def make(attributes: Attributes) -> Attributes | None:
        changed: Attributes | None = attributes
        for one in makes:
            assert changed is not None
            changed = one(changed)
        return changed

    return make


def statement(document: Any, sid: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["Statement"] if one.get("Sid") == sid)
    return found


def without_statement(sid: str) -> Callable[[Any], None]:
    def edit(document: Any) -> None:
        document["Statement"].remove(statement(document, sid))

    return edit


def with_statement(**parts: Any) -> Callable[[Any], None]:
    def edit(document: Any) -> None:
        document["Statement"].append(parts)

    return edit


def in_waves(changes: Iterable[PlanChange]) -> list[list[PlanChange]]:
    """The changes put together into as few plans as leave each resource to one of them."""
    waves: list[tuple[set[str], list[PlanChange]]] = []
    for change in changes:
        free = (wave for used, wave in waves if "" not in used and not used & set(change.paths))
        wave = None if change.alone else next(free, None)
        if wave is None:
            wave = []
            waves.append((set(), wave))
        wave.append(change)
        for used, members in waves:
            if members is wave:
                used.update(change.paths, [""] if change.alone else [])
    return [wave for _, wave in waves]


def changed(document: Document, wave: Sequence[PlanChange]) -> tuple[Document, dict[str, str]]:
    """The stack with all changes of a wave made, and the address that each change, by its name, is about."""
    stack = copy.deepcopy(document)
    places = {
        attributes["//"]["metadata"]["path"].split("/", 1)[1]: (type_, id_)
        for type_, blocks in stack["resource"].items()
        for id_, attributes in blocks.items()
    }
    addresses = {}
    for change in wave:
        for path in reversed(change.paths):
            type_, id_ = places[path]
            made = _referring(change.make(copy.deepcopy(stack["resource"][type_][id_])), places)
            if change.as_new:
                id_ = change.as_new
            if made is None:
                del stack["resource"][type_][id_]
            else:
                stack["resource"][type_][id_] = made
            addresses[change.name] = f"{type_}.{id_}"
    _let_go_of_missing(stack)
    return stack, addresses


def _referring(made: Attributes | None, places: Mapping[str, tuple[str, str]]) -> Attributes | None:
    """The attributes with the addresses of what they name by construct path: ``${@topics/key@.arn}``."""
    text = re.sub("@([a-z/-]+)@", lambda found: ".".join(places[found[1]]), json.dumps(made))
    referring: Attributes | None = json.loads(text)
    return referring


def _let_go_of_missing(stack: Document) -> None:
    """Drop ``depends_on`` and outputs that name what was taken out, as whoever takes it out would have to."""
    stack["resource"] = {type_: blocks for type_, blocks in stack["resource"].items() if blocks}
    there = {f"{type_}.{id_}" for type_, blocks in stack["resource"].items() for id_ in blocks}
    for blocks in stack["resource"].values():
        for attributes in blocks.values():
            if "depends_on" in attributes:
                attributes["depends_on"] = [one for one in attributes["depends_on"] if one in there]
    for name, output in list(stack.get("output", {}).items()):
        if _dangling(output, there):
            del stack["output"][name]


def _dangling(output: Any, there: set[str]) -> bool:
    value = str(output["value"])
    if not value.startswith("${aws_"):
        return False
    type_, id_ = value[2:].split(".")[:2]
    return f"{type_}.{id_}" not in there
