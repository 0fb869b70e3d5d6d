"""Reads a plan as ``terraform show -json`` prints it: what changes, from what to what, and what has drifted.

The format: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation. What a change means is
for the ``rules``; how it is shown for ``markdown``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

FORMAT_MAJOR = "1"
"""The major version of the format; Terraform promises that minor versions only add to it."""


CONTACTS: Mapping[str, frozenset[str]] = {
    "aws_sns_topic_subscription": frozenset({"endpoint"}),
    "aws_budgets_budget": frozenset({"notification"}),
}
"""Attributes by type that hold whom alerts reach."""


class PlanError(ValueError):
    """The file is no plan that can be reviewed; ``str()`` is one line that says what to do."""


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"
    """It stays, and Terraform no longer looks after it (``removed`` with ``destroy = false``)."""
    NOTHING = "no-op"


_ACTIONS = {
    ("no-op",): Action.NOTHING,
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("forget",): Action.FORGET,
    ("create", "forget"): Action.REPLACE,
}
_READ = ["read"]


class _Unknown:
    """A value that is known only after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Change:
    """A resource before and after; attributes that apply will tell are ``UNKNOWN``.

    ``before`` is ``None`` where there was nothing, ``after`` where nothing stays.
    """

    address: str
    type: str
    action: Action
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    sensitive: frozenset[str] = frozenset()
    """Attributes that Terraform or the provider calls sensitive, wholly or in part, and those that hold contacts."""
    moved_from: str | None = None
    """Its address until now, where a ``moved`` block gives it another."""
    is_imported: bool = False
    """It stood before, and Terraform takes it over."""


class Standing(NamedTuple):
    """A resource as the state has it."""

    type: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """What Terraform would do, and what it found changed by others."""

    changes: tuple[Change, ...]
    """Everything managed that is planned, also what stays as it is."""
    drift: tuple[Change, ...]
    """What differs in the account from what was last applied; ``after`` is what is there."""
    standing: tuple[Standing, ...]
    """Everything that is there, also where a plan for refreshing alone lists no changes."""
    outputs: tuple[str, ...]
    """Names of outputs that change."""
    references: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By address and attribute, what the configuration takes the value from."""
    is_complete: bool
    """False if parts were left out, as ``-target`` does."""


def read_plan(path: Path) -> Plan:
    """The plan in a file that ``terraform show -json PLAN`` wrote.

    Raises:
        PlanError: it can't be read, or is something else, such as the plan file itself or a state.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PlanError(f"{path} is not JSON: give what `terraform show -json {path.name}` prints") from None
    try:
        document = json.loads(text)
    except ValueError as error:
        raise PlanError(f"{path} is not JSON ({error}): give what `terraform show -json PLAN` prints") from None
    except RecursionError:
        raise PlanError(f"{path} is nested too deeply to be a plan") from None
    try:
        return parse_plan(document)
    except PlanError as error:
        raise PlanError(f"{path}: {error}") from None


def parse_plan(document: Any) -> Plan:
    """The plan in a parsed document.

    Raises:
        PlanError: it is no plan, one of a later format, or one that ended in errors.
    """
    version = document.get("format_version") if isinstance(document, dict) else None
    if not isinstance(version, str) or not {"resource_changes", "planned_values"} & document.keys():
        raise PlanError("not a plan: give what `terraform show -json PLAN` prints")
    if version.split(".")[0] != FORMAT_MAJOR:
        raise PlanError(f"plan format {version} is not known, only {FORMAT_MAJOR}.x: use a newer cloudtrail-monitoring")
    if document.get("errored"):
        raise PlanError("planning ended in errors, so the plan does not tell everything: mend them and plan again")
    try:
        return Plan(
            changes=tuple(_changes(document.get("resource_changes") or ())),
            drift=tuple(_changes(document.get("resource_drift") or ())),
            standing=tuple(
                _standing(((document.get("prior_state") or {}).get("values") or {}).get("root_module") or {})
            ),
            outputs=tuple(
                name
                for name, change in (document.get("output_changes") or {}).items()
                if change["actions"] not in (["no-op"], _READ)
            ),
            references=dict(_references((document.get("configuration") or {}).get("root_module") or {})),
            is_complete=bool(document.get("complete", True)),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise PlanError(f"a change in the plan lacks its parts ({error!r}): is it written by Terraform?") from None


def normal(value: Any) -> Any:
    """The value in a form that is equal where it means the same: without what is empty, lists of blocks in order."""
    if isinstance(value, dict):
        return {name: inner for name, one in value.items() if (inner := normal(one)) not in (None, "", [], {})}
    if isinstance(value, list):
        members = [normal(one) for one in value]
        return sorted(members, key=repr) if any(isinstance(one, dict) for one in members) else members
    return value


def _changes(entries: Any) -> Iterator[Change]:
    for entry in entries:
        change, address, type_ = entry["change"], entry["address"], entry["type"]
        if not isinstance(address, str) or not isinstance(type_, str):
            raise PlanError("a change in the plan lacks its address or its type: is it written by Terraform?")
        if entry.get("mode", "managed") != "managed" or change["actions"] == _READ:
            continue
        action = _ACTIONS.get(tuple(change["actions"]))
        if action is None:
            raise PlanError(f"{address}: action {change['actions']} is not known: use a newer cloudtrail-monitoring")
        deposed = f" (deposed {entry['deposed']})" if "deposed" in entry else ""
        after = _with_unknown(change.get("after"), change.get("after_unknown"))
        yield Change(
            address=f"{address}{deposed}",
            type=type_,
            action=action,
            before=_attributes(change.get("before"), address),
            after=_attributes(after, address),
            sensitive=frozenset(_sensitive(change)) | CONTACTS.get(type_, frozenset()),
            moved_from=entry.get("previous_address"),
            is_imported="importing" in change,
        )


def _sensitive(change: Mapping[str, Any]) -> Iterator[str]:
    for marks in (change.get("before_sensitive"), change.get("after_sensitive")):
        if isinstance(marks, dict):
            yield from (name for name, mark in marks.items() if _any_true(mark))


def _references(module: Any) -> Iterator[tuple[str, Mapping[str, tuple[str, ...]]]]:
    for resource in module.get("resources") or ():
        yield (
            resource["address"],
            {
                name: tuple(expression.get("references") or ())
                for name, expression in (resource.get("expressions") or {}).items()
                if isinstance(expression, dict)
            },
        )


def _standing(module: Any) -> Iterator[Standing]:
    for resource in module.get("resources") or ():
        yield Standing(resource["type"], resource.get("values") or {})
    for child in module.get("child_modules") or ():
        yield from _standing(child)


def _attributes(value: Any, address: str) -> Mapping[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise PlanError(f"{address}: its attributes are no object: is it written by Terraform?")
    return value


def _with_unknown(value: Any, unknown: Any) -> Any:
    """The value with ``UNKNOWN`` wherever the mask says that apply will tell."""
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict) and unknown:
        known = value if isinstance(value, dict) else {}
        return {name: _with_unknown(known.get(name), unknown.get(name)) for name in {**known, **unknown}}
    if isinstance(unknown, list) and unknown:
        members = value if isinstance(value, list) else []
        return [_with_unknown(*pair) for pair in zip_longest(members, unknown)]
    return value


def _any_true(mark: Any) -> bool:
    if isinstance(mark, dict):
        return any(map(_any_true, mark.values()))
    return any(map(_any_true, mark)) if isinstance(mark, list) else mark is True
