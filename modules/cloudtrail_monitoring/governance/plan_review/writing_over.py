"""What a change amounts to where it writes over something else, or is turned to something else.

Two resources of a type are one thing in AWS when they name the same bucket, topic or alarm: a second one writes over
the first. And a resource that is turned to another bucket leaves the first without it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Action, Change, Plan

_OF_A_BUCKET = (
    "lifecycle_configuration",
    "logging",
    "object_lock_configuration",
    "ownership_controls",
    "policy",
    "public_access_block",
    "server_side_encryption_configuration",
    "versioning",
)
_AIMED: Mapping[str, str] = {
    **{f"aws_s3_bucket_{name}": "bucket" for name in _OF_A_BUCKET},
    "aws_sns_topic_policy": "arn",
    "aws_iam_role_policy": "role",
    "aws_lambda_permission": "function_name",
    "aws_ssm_parameter": "name",
}
"""The attribute that says what a resource of the type is for."""
_NAMED: Mapping[str, tuple[str, ...]] = {
    "aws_cloudtrail": ("name",),
    "aws_cloudwatch_log_group": ("name",),
    "aws_cloudwatch_metric_alarm": ("alarm_name",),
    "aws_cloudwatch_log_metric_filter": ("log_group_name", "name"),
    "aws_cloudwatch_log_subscription_filter": ("log_group_name", "name"),
    "aws_cloudwatch_event_rule": ("event_bus_name", "name"),
    "aws_cloudwatch_event_target": ("event_bus_name", "rule", "target_id"),
    "aws_iam_role_policy": ("role", "name"),
    "aws_lambda_function": ("function_name",),
    "aws_lambda_permission": ("function_name", "statement_id"),
    "aws_scheduler_schedule": ("group_name", "name"),
    **{type_: (name,) for type_, name in _AIMED.items() if type_.startswith(("aws_s3", "aws_sns", "aws_ssm"))},
}
"""What makes two resources of a type one thing."""


def compared(change: Change, plan: Plan) -> Iterator[Change]:
    """The change itself, and what else it amounts to."""
    yield change
    is_turned = _is_turned(change)
    if is_turned:
        yield replace(change, action=Action.DELETE, after=None)
    if change.type in _NAMED and (is_turned or change.action in (Action.CREATE, Action.REPLACE)):
        for other in _written_over(change, plan):
            yield replace(change, action=Action.UPDATE, before=other.before)


def _is_turned(change: Change) -> bool:
    aim = _AIMED.get(change.type)
    if aim is None or change.before is None or change.after is None:
        return False
    return bool(_plain(change.before.get(aim)) != _plain(change.after.get(aim)))


def _written_over(change: Change, plan: Plan) -> Iterator[Change]:
    """The other resources that stand for the same thing; of what apply alone will tell, any may."""
    wanted = _thing(change.type, change.after)
    if UNKNOWN in wanted and _is_for_something_new(change, plan):
        return
    for other in plan.changes:
        if other.type != change.type or other.before is None or other.address == change.address:
            continue
        pairs = zip(wanted, _thing(other.type, other.before), strict=True)
        if all(one is UNKNOWN or one == standing for one, standing in pairs):
            yield other


def _is_for_something_new(change: Change, plan: Plan) -> bool:
    """Whether each name that apply will tell comes from a resource that this very plan makes."""
    new = {one.address for one in plan.changes if one.action in (Action.CREATE, Action.REPLACE)}
    given = plan.references.get(change.address, {})
    unknown = [name for name in _NAMED[change.type] if (change.after or {}).get(name) is UNKNOWN]
    return all(any(".".join(one.split(".")[:2]) in new for one in given.get(name, ())) for name in unknown)


def _thing(type_: str, attributes: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return tuple(_plain((attributes or {}).get(name)) for name in _NAMED[type_])


def _plain(name: Any) -> Any:
    """A bucket by its name, also where its ARN is given."""
    return name.rpartition(":::")[2] if isinstance(name, str) else name
