"""What of a plan's drift somebody did, and what the provider only read late.

The first refresh after a deployment finds values that another resource of the same plan has written, such as a topic's
policy, and empty ones where there were none. Neither is anybody's doing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from cloudtrail_monitoring.governance.plan_review.plan import Change, Standing, normal


class _Told(NamedTuple):
    """An attribute that another resource keeps."""

    type: str
    attribute: str
    by: str
    """Type of the resource that keeps it."""
    key: str
    """Attribute in which that resource names this one."""
    own_key: str


_TOLD_ELSEWHERE = (
    _Told("aws_sns_topic", "policy", "aws_sns_topic_policy", "arn", "arn"),
    *(
        _Told("aws_s3_bucket", attribute, f"aws_s3_bucket_{by}", "bucket", "bucket")
        for attribute, by in (
            ("policy", "policy"),
            ("versioning", "versioning"),
            ("lifecycle_rule", "lifecycle_configuration"),
            ("logging", "logging"),
            ("server_side_encryption_configuration", "server_side_encryption_configuration"),
            ("object_lock_configuration", "object_lock_configuration"),
            ("grant", "ownership_controls"),
        )
    ),
)
_COUNTED = {"aws_iam_policy": ("attachment_count",)}
"""What AWS counts by itself."""
_UNSET = (0, False)
"""What the provider reads of a number or a switch that nobody set."""


def done_by_others(drift: Sequence[Change], standing: Sequence[Standing]) -> Iterator[Change]:
    """The drift without what was only read late.

    Args:
        drift: what differs in the account from what was last applied.
        standing: everything that is there.
    """
    for change in drift:
        before, after = (_own(side, change, standing) for side in (change.before, change.after))
        if _meant(before) != _meant(after):
            yield replace(change, before=before, after=after)


def _own(side: Mapping[str, Any] | None, change: Change, standing: Sequence[Standing]) -> Mapping[str, Any] | None:
    """The attributes that no other resource keeps."""
    if side is None:
        return None
    told = {one.attribute for one in _TOLD_ELSEWHERE if one.type == change.type and _keeps(one, side, standing)}
    own = {name: value for name, value in side.items() if name not in (*told, *_COUNTED.get(change.type, ()))}
    if change.type == "aws_iam_role":
        for attribute, by, key in (
            ("inline_policy", "aws_iam_role_policy", "name"),
            ("managed_policy_arns", "aws_iam_role_policy_attachment", "policy_arn"),
        ):
            kept = _values_of(by, "role", side.get("name"), key, standing)
            own[attribute] = [one for one in _listed(side.get(attribute)) if _named(one, key) not in kept]
    return own


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _named(policy: Any, key: str) -> Any:
    """What an inline policy is called; a managed one is its ARN."""
    name = policy.get(key) if isinstance(policy, Mapping) else policy
    return name if isinstance(name, str) else None


def _keeps(told: _Told, side: Mapping[str, Any], standing: Sequence[Standing]) -> bool:
    return bool(_values_of(told.by, told.key, side.get(told.own_key), told.key, standing))


def _values_of(type_: str, key: str, value: Any, wanted: str, standing: Sequence[Standing]) -> set[Any]:
    """An attribute of each resource of the type that has a value in another attribute."""
    sides = (one.attributes for one in standing if one.type == type_)
    found = (side.get(wanted) for side in sides if value is not None and side.get(key) == value)
    return {one for one in found if isinstance(one, str)}


def _meant(value: Any) -> Any:
    """The value without what only says that nothing is set."""
    if isinstance(value, Mapping):
        return normal({name: inner for name, one in value.items() if not _is_unset(inner := _meant(one))})
    return normal([_meant(one) for one in value]) if isinstance(value, list) else value


def _is_unset(value: Any) -> bool:
    return any(value is unset or (value == unset and type(value) is type(unset)) for unset in _UNSET)
