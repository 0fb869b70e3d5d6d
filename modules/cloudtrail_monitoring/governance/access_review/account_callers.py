"""The users and roles of an account as callers, with all policies that have a say for them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.governance.access_review import intents as part
from cloudtrail_monitoring.governance.access_review.account import Details, as_text, fault_of_policy
from cloudtrail_monitoring.governance.access_review.callers import EVERYTHING, Caller, groups_of, outsiders
from cloudtrail_monitoring.governance.access_review.comparison import policy_differences
from cloudtrail_monitoring.governance.access_review.parts import OwnRole, System, named_roles
from cloudtrail_monitoring.governance.access_review.review import Difference
from cloudtrail_monitoring.governance.access_review.rights import WITH_RESOURCE_POLICY
from cloudtrail_monitoring.governance.policy_evaluator import PolicyError, Principal
from cloudtrail_monitoring.settings import MonitoringSettings

_NOT_RETURNED = "its document is not among those that AWS returned"
_NEVER = "not in the last 400 days"
"""As long as IAM looks back.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html"""


def callers_of_account(settings: MonitoringSettings, system: System, details: Details) -> list[Caller]:
    """Every user and role of the account, root, AWS's services, and whom the deployed policies name elsewhere.

    Args:
        system: with the policies of the account.
        details: the lists of GetAccountAuthorizationDetails.
    """
    policies = _Policies(details)
    return [
        *(_user(one, policies) for one in details["UserDetailList"]),
        *(_role(settings, one, policies) for one in details["RoleDetailList"]),
        *outsiders(settings, system),
        *_named_elsewhere(settings, system),
    ]


def role_differences(settings: MonitoringSettings, system: System, details: Details) -> Iterator[Difference]:
    """Roles that the account lacks, and policies of the system's roles that are not as synthesised."""
    roles = {role["Arn"]: role for role in details["RoleDetailList"]}
    reached = {group for arn in roles for group in groups_of(settings, arn)}
    for group, names in named_roles(settings).items():
        if names and group not in reached:
            yield Difference(
                part.NAMED_ROLES, ", ".join(names), "the settings name it, and the account has no such role"
            )
    managed = _managed(details)
    for arn, own in system.roles.items():
        lines = (
            ["it is not in the account: is all deployed?"] if arn not in roles else _of_role(own, roles[arn], managed)
        )
        yield from (Difference(part.OWN_ROLES, own.name, line) for line in lines)


def _of_role(own: OwnRole, role: Details, managed: Mapping[str, Any]) -> Iterator[str]:
    for text in policy_differences(own.trust, as_text(role["AssumeRolePolicyDocument"])):
        yield f"who may assume it: {text}"
    deployed = {one["PolicyName"]: one["PolicyDocument"] for one in role.get("RolePolicyList", [])}
    deployed |= {one["PolicyName"]: managed.get(one["PolicyArn"]) for one in role.get("AttachedManagedPolicies", [])}
    for name in sorted(deployed.keys() | own.policies.keys()):
        document = deployed.get(name)
        for text in policy_differences(own.policies.get(name), None if document is None else as_text(document)):
            yield f"its policy {name}: {text}"
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    if boundary != own.boundary_arn:
        yield f"its permission boundary is {boundary or 'missing'}, and not {own.boundary_arn or 'to be there'}"


def _managed(details: Details) -> dict[str, Any]:
    """Managed policies as they apply, by ARN."""
    return {
        policy["Arn"]: version["Document"]
        for policy in details["Policies"]
        for version in policy.get("PolicyVersionList", [])
        if version["IsDefaultVersion"]
    }


class _Policies:
    """The managed policies and the groups' by name, and what can't be judged of them."""

    def __init__(self, details: Details) -> None:
        self._managed = _managed(details)
        self._groups = {group["GroupName"]: group for group in details["GroupDetailList"]}

    def of(self, detail: Details, inline: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Policies that can be judged, by name, and the reason for each other."""
        given = dict(self._named(detail, inline))
        for name in detail.get("GroupList", []):
            group = self._groups.get(name, {})
            given |= {f"{one} of group {name}": text for one, text in self._named(group, "GroupPolicyList")}
        sound: dict[str, Any] = {}
        unjudged: dict[str, str] = {}
        for name, document in given.items():
            if (fault := _fault(document)) is None:
                sound[name] = document
            else:
                unjudged[name] = fault
        return sound, unjudged

    def boundary(self, detail: Details) -> tuple[Any, dict[str, str]]:
        """The permission boundary; one that can't be judged limits nothing here, and is named."""
        arn = detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        if not arn:
            return None, {}
        document = self._managed.get(arn)
        fault = _fault(document)
        return (document, {}) if fault is None else (None, {f"boundary {arn}": fault})

    def _named(self, detail: Details, inline: str) -> Iterator[tuple[str, Any]]:
        for policy in detail.get(inline, []):
            yield f"inline policy {policy['PolicyName']}", policy["PolicyDocument"]
        for policy in detail.get("AttachedManagedPolicies", []):
            yield policy["PolicyName"], self._managed.get(policy["PolicyArn"])


def _fault(document: Any) -> str | None:
    return _NOT_RETURNED if document is None else fault_of_policy(document)


def _user(detail: Details, policies: _Policies) -> Caller:
    sound, unjudged = policies.of(detail, "UserPolicyList")
    boundary, unread = policies.boundary(detail)
    return Caller(
        f"user{detail['Path']}{detail['UserName']}",
        Principal.user(detail["Arn"]),
        policies=sound,
        boundary=boundary,
        context={"aws:userid": detail["UserId"], **_tags(detail)},
        unjudged=unjudged | unread,
    )


def _role(settings: MonitoringSettings, detail: Details, policies: _Policies) -> Caller:
    sound, unjudged = policies.of(detail, "RolePolicyList")
    boundary, unread = policies.boundary(detail)
    principal = Principal.role(detail["Arn"])
    used = detail.get("RoleLastUsed", {}).get("LastUsedDate")
    trusted = _trusted(detail["AssumeRolePolicyDocument"])
    return Caller(
        f"role{detail['Path']}{detail['RoleName']}",
        principal,
        groups_of(settings, detail["Arn"]),
        policies=sound,
        boundary=boundary,
        answers=not principal.is_service_linked,
        # a session's name follows; who it is, whoever assumes the role says
        context={"aws:userid": f"{detail['RoleId']}:review", **_tags(detail)},
        unjudged=unjudged | unread,
        facts={"last used": f"{used:%Y-%m-%d}" if used else _NEVER, "assumed by": ", ".join(trusted) or "nobody"},
    )


def _tags(detail: Details) -> dict[str, str]:
    return {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in detail.get("Tags", [])}


def _trusted(document: Any) -> list[str]:
    return sorted({name for kinds in _allowed_principals(document) for names in kinds.values() for name in names})


def _named_elsewhere(settings: MonitoringSettings, system: System) -> Iterator[Caller]:
    """Principals of other accounts that a deployed policy names, taken for ones that their own policies let."""
    named = {
        name
        for resources in system.parts.values()
        for resource in resources
        if resource.policy and resource.kind in WITH_RESOURCE_POLICY
        for kinds in _allowed_principals(resource.policy)
        for name in kinds.get("AWS", ())
    }
    for name in sorted(named):
        account = name.split(":")[4] if name.startswith("arn:") else name
        if not account.isdigit() or account == settings.account_id:
            continue
        yield Caller(
            f"{name}, of another account", _principal(settings, name, account), policies={"everything": EVERYTHING}
        )


def _principal(settings: MonitoringSettings, name: str, account: str) -> Principal:
    for make in (Principal.role, Principal.user):
        try:
            return make(name)
        except PolicyError:
            continue
    return Principal.role(f"arn:{settings.location.partition}:iam::{account}:role/administrator")


def _allowed_principals(document: Any) -> Iterator[Mapping[str, Iterable[str]]]:
    data = json.loads(document) if isinstance(document, str) else document
    given = data["Statement"]
    for statement in given if isinstance(given, list) else [given]:
        if statement["Effect"] != "Allow" or "Principal" not in statement:
            continue
        principal = statement["Principal"]
        kinds = principal if isinstance(principal, Mapping) else {"AWS": principal}
        yield {kind: [names] if isinstance(names, str) else names for kind, names in kinds.items()}
