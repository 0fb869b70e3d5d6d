"""The permission boundary of the system's own roles: wide enough for each of them, and no wider (R-DEL-3)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_context import ContextValues
from cloudtrail_monitoring.governance.policy_evaluator import Principal, Request, decide
from tests.access_requests import ADMINISTRATOR_ACCESS
from tests.conftest import ENVIRONMENTS
from tests.delivery.delivery_requests import key_left_to_account, many
from tests.synthesised import Resource, Stack

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
ACCOUNT = ACCOUNTS["prod"]
OUR_KEY = {"aws:ResourceTag/Environment": "prod", "aws:ResourceTag/ManagedBy": "cloudtrail-monitoring"}
SCHEDULER = {"iam:PassedToService": "scheduler.amazonaws.com"}


def boundary(stacks: dict[str, Stack], environment: str) -> Resource:
    return stacks[f"state-{environment}"].by_path("delivery/boundary")


def decided(limit: Resource, role: str, action: str, resource: str, context: ContextValues, **policies: Any) -> bool:
    account = role.split(":")[4]
    return decide(
        Request(Principal.role(role), action, resource, context),
        permission_boundary=limit["policy"],
        resource_account=account,
        **policies,
    ).allowed


def of_statement(statement: dict[str, Any]) -> ContextValues:
    """A request's context that fulfils the statement's conditions."""
    found: dict[str, str] = {}
    for keys in statement.get("Condition", {}).values():
        for key, values in keys.items():
            found[key] = many(values)[0].replace("*", "x")
    return found


def requests(policy: Resource) -> Iterator[tuple[str, str, ContextValues]]:
    """A request for every action and resource that a role's policy allows."""
    for statement in policy.policy()["Statement"]:
        if statement["Effect"] == "Allow":
            for action in many(statement["Action"]):
                for resource in many(statement["Resource"]):
                    filled = resource if resource == "*" else resource.replace("*", "x")
                    yield action, filled, of_statement(statement)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_each_role_may_do_is_within_the_boundary(environment: str, stacks: dict[str, Stack]) -> None:
    stack, limit = stacks[environment], boundary(stacks, environment)
    tested = 0
    for policy in stack.all("aws_iam_role_policy"):
        [role] = [one for one in stack.all("aws_iam_role") if policy.refers_to(one, "role")]
        arn = f"arn:aws:iam::{ACCOUNTS[environment]}:role/{role['name']}"
        for action, resource, context in requests(policy):
            tested += 1
            assert decided(limit, arn, action, resource, context, identity_policies=policy["policy"]), (arn, action)
    assert tested >= len(stack.all("aws_iam_role"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_role_of_the_stack_carries_it(environment: str, stacks: dict[str, Stack]) -> None:
    name = boundary(stacks, environment)["name"]
    arns = {role["permissions_boundary"] for role in stacks[environment].all("aws_iam_role")}
    assert arns == {f"arn:aws:iam::{ACCOUNTS[environment]}:policy/{name}"}


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo"])
def test_the_system_s_keys_can_be_used_within_it_and_no_others(action: str, stacks: dict[str, Stack]) -> None:
    # which role uses which key for what is said by the keys' own policies
    role, key = f"arn:aws:iam::{ACCOUNT}:role/xyz-corp-audit-router", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"
    policies = {"identity_policies": ADMINISTRATOR_ACCESS, "resource_policy": key_left_to_account(ACCOUNT)}
    limit = boundary(stacks, "prod")
    assert decided(limit, role, action, key, OUR_KEY, **policies)
    assert not decided(limit, role, action, key, {**OUR_KEY, "aws:ResourceTag/ManagedBy": "payroll"}, **policies)
    assert not decided(limit, role, action, key, {}, **policies)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/backdoor"),
        ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/alice"),
        ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/xyz-corp-audit-x"),
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/xyz-corp-audit-router"),
        ("iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:role/xyz-corp-audit-router"),
        ("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/alice"),
        ("iam:AttachUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/alice"),
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/xyz-corp-audit-roles"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Administrator"),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/Administrator"),
        ("s3:GetObject", "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025/AWSLogs/a.json.gz"),
        ("s3:GetObject", "arn:aws:s3:::xyz-corp-terraform-state-333333333333/prod/terraform.tfstate"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025"),
        ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/xyz-corp-audit-trail"),
        ("cloudtrail:DeleteTrail", f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/xyz-corp-audit-trail-enhanced"),
        ("logs:DeleteLogGroup", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:CloudTrail/xyz-corp-audit-trail"),
        ("kms:ScheduleKeyDeletion", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"),
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/xyz-corp-audit-incidents"),
        ("ssm:PutParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/xyz-corp-audit/responders"),
        ("ec2:RunInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:database"),
        ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:billing"),
    ],
)
@pytest.mark.parametrize("role", ["xyz-corp-audit-anything", "xyz-corp-audit-urgent-0-forwarder"])
def test_an_administrator_under_it_can_t(role: str, action: str, resource: str, stacks: dict[str, Stack]) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    policies = {
        "identity_policies": ADMINISTRATOR_ACCESS,
        "resource_policy": key_left_to_account(ACCOUNT) if ":key/" in resource else None,
    }
    context: ContextValues = {**OUR_KEY, "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}
    assert not decided(boundary(stacks, "prod"), arn, action, resource, context, **policies)


@pytest.mark.parametrize(("role", "allowed"), [("router", True), ("release", True), ("alarm-story", False)])
def test_only_who_contains_writes_policies_on_users(role: str, allowed: bool, stacks: dict[str, Stack]) -> None:
    # R-RSP-1, R-RSP-4
    arn, user = f"arn:aws:iam::{ACCOUNT}:role/xyz-corp-audit-{role}", f"arn:aws:iam::{ACCOUNT}:user/alice"
    limit, own = (
        boundary(stacks, "prod"),
        {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/xyz-corp-audit-geo-challenge-1"},
    )
    admin = {"identity_policies": ADMINISTRATOR_ACCESS}
    assert decided(limit, arn, "iam:PutUserPolicy", user, {}, **admin) is allowed
    assert decided(limit, arn, "iam:AttachUserPolicy", user, own, **admin) is allowed
    assert not decided(
        limit, arn, "iam:AttachUserPolicy", user, {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, **admin
    )


def test_without_responders_only_logs_events_and_keys_are_left(stacks: dict[str, Stack]) -> None:
    allowed = {action for one in boundary(stacks, "dev").policy()["Statement"] for action in many(one["Action"])}
    assert {re.sub(":.*", "", action) for action in allowed} == {"events", "kms", "logs"}
