"""Writes IAM policy documents: a statement is a dict in IAM's own words, a document is JSON text with stable order."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Statement = dict[str, Any]
Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]

EVERYONE = "*"
"""Every principal, the anonymous one included: for statements that deny."""


def service(*names: str) -> dict[str, list[str] | str]:
    return {"Service": names[0] if len(names) == 1 else list(names)}


def aws(*arns: str) -> dict[str, list[str] | str]:
    return {"AWS": arns[0] if len(arns) == 1 else list(arns)}


def statement(
    effect: Literal["Allow", "Deny"],
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    principal: str | Mapping[str, Any] | None = None,
    conditions: Conditions | None = None,
) -> Statement:
    """One statement; a list of one is written as its element, as AWS returns it."""
    parts: Statement = {"Sid": sid, "Effect": effect}
    if principal is not None:
        parts["Principal"] = principal
    parts["Action"] = _one_or_many(actions)
    parts["Resource"] = _one_or_many(resources)
    if conditions:
        parts["Condition"] = {
            operator: {key: value if isinstance(value, str) else _one_or_many(value) for key, value in keys.items()}
            for operator, keys in conditions.items()
        }
    return parts


def allow(sid: str, actions: Sequence[str], resources: Sequence[str], **rest: Any) -> Statement:
    return statement("Allow", sid, actions, resources, **rest)


def deny(sid: str, actions: Sequence[str], resources: Sequence[str], **rest: Any) -> Statement:
    return statement("Deny", sid, actions, resources, **rest)


def trust(sid: str, service_name: str, conditions: Conditions | None = None) -> Statement:
    """A role's trust in one service; conditions keep other accounts' resources from using it."""
    parts: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service_name},
        "Action": "sts:AssumeRole",
    }
    if conditions:
        parts["Condition"] = {operator: dict(keys) for operator, keys in conditions.items()}
    return parts


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _one_or_many(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
