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


def source(function: str, account: str = ACCOUNT) -> ContextValues:
    """What Lambda adds to a call that comes out of a function."""
    return {"lambda:SourceFunctionArn": f"arn:aws:lambda:us-east-1:{account}:function:{function}"}


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
    functions = {function["function_name"] for function in stack.all("aws_lambda_function")}
    for policy in stack.all("aws_iam_role_policy"):
        [role] = [one for one in stack.all("aws_iam_role") if policy.refers_to(one, "role")]
        arn = f"arn:aws:iam::{ACCOUNTS[environment]}:role/{role['name']}"
        caller = source(role["name"], ACCOUNTS[environment]) if role["name"] in functions else {}
        for action, resource, context in requests(policy):
            tested += 1
            assert decided(limit, arn, action, resource, {**context, **caller}, identity_policies=policy["policy"]), (
                arn,
                action,
            )
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
    others = {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    code, admin = source(f"xyz-corp-audit-{role}"), {"identity_policies": ADMINISTRATOR_ACCESS}
    assert decided(limit, arn, "iam:PutUserPolicy", user, code, **admin) is allowed
    assert decided(limit, arn, "iam:AttachUserPolicy", user, {**own, **code}, **admin) is allowed
    assert not decided(limit, arn, "iam:AttachUserPolicy", user, {**others, **code}, **admin)


@pytest.mark.parametrize("role", ["router", "release"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:PutUserPolicy", "user/alice"),
        ("iam:DeleteUserPolicy", "user/alice"),
        ("iam:AttachUserPolicy", "user/alice"),
        ("iam:CreatePolicy", "policy/xyz-corp-audit-geo-challenge-1"),
    ],
)
def test_taking_the_role_of_who_contains_is_not_enough(
    role: str, action: str, resource: str, stacks: dict[str, Stack]
) -> None:
    # the deploy role may write that role's trust, and so may hand it to anybody
    arn, on = f"arn:aws:iam::{ACCOUNT}:role/xyz-corp-audit-{role}", f"arn:aws:iam::{ACCOUNT}:{resource}"
    own = {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/xyz-corp-audit-geo-challenge-1"}
    limit, admin = boundary(stacks, "prod"), {"identity_policies": ADMINISTRATOR_ACCESS}
    assert decided(limit, arn, action, on, {**own, **source(f"xyz-corp-audit-{role}")}, **admin)
    assert not decided(limit, arn, action, on, own, **admin)
    for other in ("xyz-corp-audit-intake", "billing"):
        assert not decided(limit, arn, action, on, {**own, **source(other)}, **admin)


TRAIL_LOGS = "CloudTrail/xyz-corp-audit-trail"


@pytest.mark.parametrize(
    ("action", "log_group", "role", "called_by", "allowed"),
    [
        ("logs:FilterLogEvents", TRAIL_LOGS, "xyz-corp-audit-alarm-story", "xyz-corp-audit-alarm-story", True),
        ("logs:FilterLogEvents", TRAIL_LOGS, "xyz-corp-audit-alarm-story", None, False),
        ("logs:FilterLogEvents", TRAIL_LOGS, "xyz-corp-audit-router", "xyz-corp-audit-router", False),
        ("logs:FilterLogEvents", TRAIL_LOGS, "xyz-corp-audit-x", None, False),
        ("logs:PutLogEvents", TRAIL_LOGS, "xyz-corp-audit-trail-log-delivery", None, True),
        ("logs:PutLogEvents", TRAIL_LOGS, "xyz-corp-audit-intake", "xyz-corp-audit-intake", False),
        ("logs:PutLogEvents", TRAIL_LOGS, "xyz-corp-audit-x", None, False),
        ("logs:PutLogEvents", "CloudTrail/IAMEvents", "xyz-corp-audit-intake", "xyz-corp-audit-intake", True),
        ("logs:PutLogEvents", "CloudTrail/IAMEvents", "xyz-corp-audit-intake", None, False),
        ("logs:PutLogEvents", "CloudTrail/IAMEvents", "xyz-corp-audit-release", "xyz-corp-audit-release", False),
        ("logs:PutLogEvents", "/aws/lambda/xyz-corp-audit-router", *("xyz-corp-audit-router",) * 2, True),
        # Lambda itself writes these
        ("logs:PutLogEvents", "/aws/lambda/xyz-corp-audit-router", "xyz-corp-audit-router", None, True),
        ("logs:PutLogEvents", "/aws/lambda/billing", "xyz-corp-audit-x", "billing", False),
    ],
)
def test_a_log_group_is_for_those_who_need_it(
    action: str, log_group: str, role: str, called_by: str | None, allowed: bool, stacks: dict[str, Stack]
) -> None:
    # R-QRY-4: what is written there is evidence, and xyz-corp-audit-x is any role that deployment may make
    logs = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{log_group}:log-stream:any"
    context = source(called_by) if called_by else {}
    admin = {"identity_policies": ADMINISTRATOR_ACCESS}
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    assert decided(boundary(stacks, "prod"), arn, action, logs, context, **admin) is allowed


def test_without_responders_only_logs_events_and_keys_are_left(stacks: dict[str, Stack]) -> None:
    allowed = {action for one in boundary(stacks, "dev").policy()["Statement"] for action in many(one["Action"])}
    assert {re.sub(":.*", "", action) for action in allowed} == {"events", "kms", "logs"}
