"""Plans as ``terraform show -json`` prints them, as small as a test needs them."""

from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import Plan, parse_plan
from cloudtrail_monitoring.governance.plan_review.review import Review, review

Attributes = dict[str, Any]


def entry(
    type_: str,
    before: Attributes | None,
    after: Attributes | None,
    *,
    name: str = "it",
    actions: list[str] | None = None,
    unknown: Attributes | None = None,
    sensitive: Attributes | None = None,
) -> dict[str, Any]:
    """One entry of ``resource_changes``; the actions follow from before and after if not given."""
    if actions is None:
        if before is None or after is None:
            actions = ["create"] if before is None else ["delete"]
        else:
            actions = ["no-op"] if before == after and not unknown else ["update"]
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "name": name,
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": unknown or {},
            "before_sensitive": sensitive or {},
            "after_sensitive": sensitive or {},
        },
    }


STANDING = entry("aws_sns_topic", {"name": "alerts"}, {"name": "alerts"}, name="standing")
"""Something that is there already, so that a plan is not of a first deployment."""


def document(*changes: dict[str, Any], drift: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {},
        "resource_changes": [STANDING, *changes],
        "resource_drift": list(drift),
        **more,
    }


def plan(*changes: dict[str, Any], **more: Any) -> Plan:
    return parse_plan(document(*changes, **more))


def reviewed(*changes: dict[str, Any], approved: tuple[str, ...] = (), **more: Any) -> Review:
    return review(plan(*changes, **more), environment="prod", approved=approved)


def rules_of(found: Review) -> set[str]:
    return {one.rule for one in found.weakenings}
