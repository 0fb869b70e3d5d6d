"""Judges recorded calls: which permissions that a call needs does a role not have."""

import re
from collections.abc import Iterable

from cloudtrail_monitoring.delivery.delivered import boundary_arn
from cloudtrail_monitoring.governance.policy_context import ContextValues
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.delivery.delivery_requests import DeliveryRole
from tests.delivery.needed_permissions import Needed, needed
from tests.delivery.recorded_calls import Call


def refused(calls: Iterable[Call], role: DeliveryRole, settings: MonitoringSettings) -> list[str]:
    """Every permission that the calls need and the role does not have, with the reason; each once."""
    found = {}
    for call in calls:
        for permission in needed(call, settings.account_id):
            context = {**of_existing(permission, settings), **permission.context}
            decision = role.may(permission.action, permission.resource, context)
            if not decision.allowed:
                found[f"{call.operation} needs {permission}"] = decision.reason
    return [f"{what}: {reason}" for what, reason in found.items()]


def of_existing(permission: Needed, settings: MonitoringSettings) -> ContextValues:
    """What AWS knows of a resource that Terraform made before: it made it with our tags, boundary or function."""
    if re.search(r":kms:.*:key/(?!new)", permission.resource):
        return {
            "aws:ResourceTag/Environment": settings.environment,
            "aws:ResourceTag/ManagedBy": "cloudtrail-monitoring",
        }
    if re.fullmatch(r"iam:(Put|Delete)RolePolicy", permission.action):
        return {"iam:PermissionsBoundary": boundary_arn(settings.location, settings.name_prefix)}
    if re.fullmatch(r"lambda:(Get|Update|Delete)EventSourceMapping", permission.action):
        return {"lambda:FunctionArn": settings.location.arn("lambda", f"function:{settings.name_prefix}-router")}
    return {}
