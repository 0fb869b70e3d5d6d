"""Each policy of the plan and the deploy role by itself: it allows what is ours, and not the neighbour's (R-DEL-3)."""

from typing import NamedTuple

import pytest

from tests.conftest import ENVIRONMENTS
from tests.delivery.delivery_requests import DeliveryRole
from tests.synthesised import Stack

ACCOUNT = "333333333333"
ARCHIVE = "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025"


class Row(NamedTuple):
    """The action with one of our resources, and with one of somebody else's."""

    action: str
    ours: str
    neighbour: str


def row(action: str, ours: str, neighbour: str, region: str = "us-east-1") -> Row:
    service = action.split(":")[0]
    return Row(action, *(f"arn:aws:{service}:{region}:{ACCOUNT}:{name}" for name in (ours, neighbour)))


BY_POLICY = {
    "delivery/deploy-alerts": row("sns:SetTopicAttributes", "xyz-corp-audit-email", "billing"),
    "delivery/deploy-recording": row(
        "cloudtrail:UpdateTrail", "trail/xyz-corp-audit-trail", "trail/xyz-corp-audit-trail-2"
    ),
    "delivery/deploy-responders": row(
        "lambda:UpdateFunctionCode", "function:xyz-corp-audit-router", "function:xyz-corp-billing"
    ),
    "delivery/deploy-roles": row(
        "iam:UpdateAssumeRolePolicy", "role/xyz-corp-audit-router", "role/Administrator", region=""
    ),
    "delivery/deploy-search": row(
        "athena:UpdateWorkGroup", "workgroup/xyz-corp-audit-search", "workgroup/xyz-corp-audit-search-2"
    ),
    "delivery/deploy-storage": Row("s3:PutBucketPolicy", ARCHIVE, f"{ARCHIVE}-2"),
    "delivery/plan-alerts": row("sns:GetTopicAttributes", "xyz-corp-audit-email", "billing"),
    "delivery/plan-recording": row(
        "cloudtrail:GetEventSelectors", "trail/xyz-corp-audit-trail", "trail/xyz-corp-audit-trail-2"
    ),
    "delivery/plan-responders": row(
        "ssm:GetParameter", "parameter/xyz-corp-audit/responders", "parameter/database/password"
    ),
    "delivery/plan-roles": row("iam:GetRolePolicy", "role/xyz-corp-audit-router", "role/Administrator", region=""),
    "delivery/plan-search": row("glue:GetTable", "table/xyz_corp_audit_archive/cloudtrail", "table/billing/invoices"),
    "delivery/plan-storage": Row("s3:GetBucketPolicy", ARCHIVE, f"{ARCHIVE}-2"),
}
"""By the path of the policy; whoever makes another adds its row."""


@pytest.mark.parametrize("path", BY_POLICY)
def test_a_policy_by_itself(path: str, stacks: dict[str, Stack]) -> None:
    action, ours, neighbour = BY_POLICY[path]
    alone = DeliveryRole(ACCOUNT, "alone", [stacks["state-prod"].by_path(path)["policy"]])
    assert alone.may(action, ours).allowed
    assert not alone.may(action, neighbour).allowed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("kind", ["plan", "deploy"])
def test_a_role_has_its_own_policies_and_no_others(kind: str, environment: str, stacks: dict[str, Stack]) -> None:
    # so that what other tests ask of a role is asked of all of them
    stack = stacks[f"state-{environment}"]
    role = stack.by_path(f"delivery/{kind}")
    own = [
        policy
        for policy in stack.below("delivery", "aws_iam_policy")
        if policy["//"]["metadata"]["path"].split("/")[-1].startswith(f"{kind}-")
    ]
    attached = [one for one in stack.all("aws_iam_role_policy_attachment") if one.refers_to(role, "role")]
    assert len(attached) == len(own) >= 4
    for policy in own:
        assert [one for one in attached if one.refers_to(policy, "policy_arn")], policy


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_boundary_of_roles_is_nobody_s_policy(environment: str, stacks: dict[str, Stack]) -> None:
    stack = stacks[f"state-{environment}"]
    boundary = stack.by_path("delivery/boundary")
    assert not [one for one in stack.all("aws_iam_role_policy_attachment") if one.refers_to(boundary, "policy_arn")]
