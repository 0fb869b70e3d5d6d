"""What Terraform needs for the system's own roles, and to look at those of the delivery."""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.part import Part
from cloudtrail_monitoring.policy_document import Conditions


def roles(of: Delivered) -> Iterator[Part]:
    """Roles under the boundary, the services they are handed to, and the guard rail's policy."""
    arns = (of.prefixed_roles, of.log_delivery_role)
    bounded: Conditions = {"StringEquals": {"iam:PermissionsBoundary": of.boundary}}
    reads = (
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
    )
    yield Part(
        "roles",
        "Roles",
        arns,
        reads,
        (
            "iam:DeleteRole",
            "iam:ListInstanceProfilesForRole",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
    )
    yield Part(
        "roles",
        "BoundedRoles",
        arns,
        changes=("iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"),
        conditions=bounded,
    )
    yield Part("roles", "DeliveryRoles", of.delivery_roles, reads)
    yield Part("roles", "OidcProvider", (of.oidc_provider,), ("iam:GetOpenIDConnectProvider",))
    policy_reads = ("iam:GetPolicy", "iam:GetPolicyVersion")
    yield Part(
        "roles",
        "GuardRail",
        (of.guard_rail,),
        policy_reads,
        (
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicy",
            "iam:DeletePolicyVersion",
            "iam:ListPolicyVersions",
            "iam:TagPolicy",
            "iam:UntagPolicy",
        ),
    )
    yield Part("roles", "DeliveryPolicies", of.delivery_policies, policy_reads)
    for title, passed, services in (
        ("LogDelivery", (of.log_delivery_role,), ("cloudtrail.amazonaws.com",)),
        (
            "OwnRoles",
            (of.prefixed_roles,),
            (
                "events.amazonaws.com",
                *(("lambda.amazonaws.com", "scheduler.amazonaws.com") if of.ours.responders else ()),
            ),
        ),
    ):
        yield Part(
            "roles",
            f"Pass{title}",
            passed,
            changes=("iam:PassRole",),
            conditions={"StringEquals": {"iam:PassedToService": services}},
        )
