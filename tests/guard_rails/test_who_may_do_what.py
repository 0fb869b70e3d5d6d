"""Who may do what under either document, where it is not said by a resource of the stack (R-INT-2)."""

import json
from typing import Any, NamedTuple

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import Principal
from tests.access_requests import (
    ACCOUNT,
    ADMIN,
    AUDIT,
    BREAK_GLASS,
    CLOUDTRAIL,
    DEPLOY,
    LOOKALIKE,
    TLS,
    TRAIL_ARN,
    role,
)
from tests.guard_rails.guarded_calls import Guarded
from tests.guard_rails.restricted import DOCUMENTS, Document, decide_under, document_of
from tests.synthesised import Stack

ROUTER, RELEASE, STORY = (role(f"xyz-corp-audit-{name}") for name in ("router", "release", "alarm-story"))
LOG_DELIVERY = role("xyz-corp-audit-trail-log-delivery")
INVESTIGATOR = role("incident-response")
SERVICE_LINKED = role("aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
LEFT_OVER_NAME = role("contractors/xyz-corp-audit-router")
ENHANCED = f"{TRAIL_ARN}-enhanced"
SWITCH = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/xyz-corp-audit/responders"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:xyz-corp-audit-events"
STATE = "arn:aws:s3:::xyz-corp-terraform-state-333333333333/prod/terraform.tfstate"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/xyz-corp-audit-guard-rail"
TRAIL_STREAM = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:CloudTrail/xyz-corp-audit-trail:log-stream:x"
FUNCTION_STREAM = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/xyz-corp-audit-alarm-story:log-stream:1"
RELEASE_FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:xyz-corp-audit-release"
EVIDENCE = "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025-evidence/evidence/1"
DEPLOY_ROLE, OUR_ROLE = "role/cloudtrail-monitoring-deploy", "role/xyz-corp-audit-router"
NAMESPACE = {"cloudwatch:namespace": "XyzCorp/CloudTrail/prod"}


def iam(kind_and_name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind_and_name}"


A_ROLE, A_USER = iam("role/mine"), iam("user/mine")
OURS, WIDER = {"iam:PermissionsBoundary": BOUNDARY}, {"iam:PermissionsBoundary": iam("policy/wide")}


class Case(NamedTuple):
    title: str
    caller: Principal
    action: str
    resource: str
    allowed: bool
    context: dict[str, str] = {}

    def __str__(self) -> str:
        return f"{self.title}: {self.action}"


UNDER_BOTH = [
    Case("responders start fuller logging", ROUTER, "cloudtrail:StartLogging", ENHANCED, True),
    Case("responders stop it again", RELEASE, "cloudtrail:StopLogging", ENHANCED, True),
    Case("others don't start it", ADMIN, "cloudtrail:StartLogging", ENHANCED, False),
    Case("others don't stop it", ADMIN, "cloudtrail:StopLogging", ENHANCED, False),
    Case("a role of that name under another path", LEFT_OVER_NAME, "cloudtrail:StopLogging", ENHANCED, False),
    Case("a role of break-glass's name under another path", role("x/break-glass"), "sqs:PurgeQueue", QUEUE, False),
    Case("anybody looks at the trail", ADMIN, "cloudtrail:GetTrailStatus", TRAIL_ARN, True),
    Case("anybody makes a trail", ADMIN, "cloudtrail:CreateTrail", f"{TRAIL_ARN}-of-mine", True),
    Case("anybody makes a bucket", ADMIN, "s3:CreateBucket", "arn:aws:s3:::my-bucket", True),
    Case("anybody reads alarms", ADMIN, "cloudwatch:DescribeAlarms", "*", True),
    Case("anybody reads a role", ADMIN, "iam:GetRole", iam(OUR_ROLE), True),
    Case("people end a containment", ADMIN, "lambda:InvokeFunction", RELEASE_FUNCTION, True),
    Case("people lift an inline denial", ADMIN, "iam:DeleteUserPolicy", iam("user/alice"), True),
    Case("people read dead letters", AUDIT, "sqs:ReceiveMessage", f"{QUEUE}-dead-letters", True),
    Case("the router takes events", ROUTER, "sqs:ReceiveMessage", QUEUE, True),
    Case("Terraform writes its state", DEPLOY, "s3:PutObject", STATE, True),
    Case("Terraform takes its lock away", DEPLOY, "s3:DeleteObject", f"{STATE}.tflock", True),
    Case("nobody else deletes the state", ADMIN, "s3:DeleteObjectVersion", STATE, False),
    Case("nobody else writes the state", ADMIN, "s3:PutObject", STATE, False),
    Case("anybody else reads the state, as far as it may", ADMIN, "s3:GetObject", STATE, True),
    Case("investigators put evidence", INVESTIGATOR, "s3:PutObject", EVIDENCE, True),
    Case("incident response turns responders off", INVESTIGATOR, "ssm:PutParameter", SWITCH, True),
    Case("break-glass turns responders off", BREAK_GLASS, "ssm:PutParameter", SWITCH, True),
    Case("others don't turn them off", ADMIN, "ssm:PutParameter", SWITCH, False),
    Case("responders don't turn themselves on", ROUTER, "ssm:PutParameter", SWITCH, False),
    Case("others' parameters", ADMIN, "ssm:PutParameter", f"{SWITCH}-of-mine", True),
    Case("the audit team does not turn them off", AUDIT, "ssm:PutParameter", SWITCH, False),
    Case("CloudTrail's role writes the log", LOG_DELIVERY, "logs:PutLogEvents", TRAIL_STREAM, True),
    Case("functions write their logs", STORY, "logs:PutLogEvents", FUNCTION_STREAM, True),
    Case("nobody writes false records", ADMIN, "logs:PutLogEvents", TRAIL_STREAM, False),
    Case("nobody cancels a count", ADMIN, "cloudwatch:PutMetricData", "*", False, NAMESPACE),
    Case("others' metrics", ADMIN, "cloudwatch:PutMetricData", "*", True, {"cloudwatch:namespace": "Shop"}),
    Case("the deploy role's trust", ADMIN, "iam:UpdateAssumeRolePolicy", iam(DEPLOY_ROLE), False),
    Case("break-glass's trust", ADMIN, "iam:UpdateAssumeRolePolicy", iam("role/break-glass"), False),
    Case("the trust of incident response", ADMIN, "iam:UpdateAssumeRolePolicy", iam("role/incident-response"), False),
    Case("handing the deploy role to a service", ADMIN, "iam:PassRole", iam(DEPLOY_ROLE), False),
    Case("handing the router's role to a function", ADMIN, "iam:PassRole", iam(OUR_ROLE), False),
    Case("the router hands on the scheduler's", ROUTER, "iam:PassRole", iam("role/xyz-corp-audit-scheduler"), True),
    Case("a role named as ours, to be spared", ADMIN, "iam:CreateRole", iam("role/xyz-corp-audit-mine"), False),
    Case("the boundary itself", ADMIN, "iam:CreatePolicyVersion", BOUNDARY, False),
    Case("a key without an alias of ours", ADMIN, "kms:DisableKey", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1", True),
    Case("leaving the organization", ADMIN, "organizations:LeaveOrganization", "*", False),
    Case("closing the account", ADMIN, "account:CloseAccount", f"arn:aws:account::{ACCOUNT}:account", False),
    Case("masking every log group", ADMIN, "logs:PutAccountPolicy", "*", False),
    Case("deployment makes such a policy", DEPLOY, "logs:PutAccountPolicy", "*", True),
    Case("taking such a policy away", ADMIN, "logs:DeleteAccountPolicy", "*", True),
    Case("ending the telephone", ADMIN, "sns:SetSMSAttributes", "*", False),
    Case("delegating CloudTrail", ADMIN, "cloudtrail:RegisterOrganizationDelegatedAdmin", "*", False),
    Case("no more delegating", ADMIN, "cloudtrail:DeregisterOrganizationDelegatedAdmin", "*", False),
]  # fmt: skip

UNDER_THE_BOUNDARY = [
    Case("a role without the boundary", ADMIN, "iam:CreateRole", A_ROLE, False),
    Case("a role under another boundary", ADMIN, "iam:CreateRole", A_ROLE, False, WIDER),
    Case("a role under this one", ADMIN, "iam:CreateRole", A_ROLE, True, OURS),
    Case("a user without the boundary", ADMIN, "iam:CreateUser", A_USER, False),
    Case("a user's wider boundary", ADMIN, "iam:PutUserPermissionsBoundary", A_USER, False, WIDER),
    Case("a boundary taken off", ADMIN, "iam:DeleteUserPermissionsBoundary", A_USER, False),
    Case("deployment makes roles", DEPLOY, "iam:CreateRole", iam(OUR_ROLE), True),
]  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("case", UNDER_BOTH, ids=str)
def test_under_both(prod: Stack, name: Document, case: Case) -> None:  # R-INT-2
    check(case, prod, name)


@pytest.mark.parametrize("case", UNDER_THE_BOUNDARY, ids=str)
def test_boundaries_are_not_escaped(prod: Stack, case: Case) -> None:  # R-INT-2
    check(case, prod, "permission_boundary")


def check(case: Case, prod: Stack, name: Document) -> None:
    call = Guarded(case.action, case.resource, case.context)
    decision = decide_under(document_of(prod, name), name, case.caller, call)
    assert decision.allowed is case.allowed, f"{case}: {decision.reason}"


def test_an_organization_keeps_who_makes_principals_to_itself(prod: Stack) -> None:
    """Under the service control policy nobody needs a boundary."""
    check(UNDER_THE_BOUNDARY[0]._replace(allowed=True), prod, "service_control_policy")


def test_our_own_roles_do_their_work(prod: Stack) -> None:  # R-RSP-1 to R-RSP-6 under R-INT-2
    """Every action that a role's own policy allows it, on some resource that it allows."""
    document = document_of(prod, "service_control_policy")
    checked = 0
    for policy in prod.all("aws_iam_role_policy"):
        owner = next(one for one in prod.all("aws_iam_role") if policy.refers_to(one, "role"))
        for statement in policy.policy()["Statement"]:
            if statement["Effect"] == "Allow":
                for action in listed(statement["Action"]):
                    for resource in listed(statement["Resource"]):
                        if "${" in resource:
                            continue
                        call = Guarded(action, resource if resource == "*" else resource.replace("*", "x"))
                        decision = decide_under(document, "service_control_policy", role(owner["name"]), call)
                        assert decision, f"{owner['name']}: {action} on {resource}: {decision.reason}"
                        checked += 1
    assert checked > 50


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_audit_team_still_reads_the_archive(prod: Stack) -> None:  # R-ARC-6
    bucket = prod.by_path("archive/logs/policy")
    call = Guarded("s3:GetObject", "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025/AWSLogs/1.json.gz", TLS)
    for name in DOCUMENTS:
        document = document_of(prod, name)
        assert decide_under(document, name, AUDIT, call, resource_policy=bucket["policy"])
        assert not decide_under(document, name, ADMIN, call, resource_policy=bucket["policy"])


def test_archived_objects_are_kept_by_the_bucket_policy_that_nobody_takes_off(prod: Stack) -> None:  # R-ARC-6
    bucket = prod.by_path("archive/logs/policy")
    arn = "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025"
    document = document_of(prod, "service_control_policy")
    deletion = Guarded("s3:DeleteObjectVersion", f"{arn}/AWSLogs/1.json.gz", TLS)
    decision = decide_under(document, "service_control_policy", ADMIN, deletion, resource_policy=bucket["policy"])
    assert decision.sid == "DenyObjectDeletionButByBreakGlass", decision.reason
    for caller in (ADMIN, Principal.root(ACCOUNT)):
        assert not decide_under(document, "service_control_policy", caller, Guarded("s3:DeleteBucketPolicy", arn))


def test_aws_and_its_service_linked_roles_go_on(prod: Stack) -> None:
    """No service control policy reaches them."""
    document = document_of(prod, "service_control_policy")
    delivery = Guarded(
        "s3:PutObject",
        f"arn:aws:s3:::xyz-corp-cloudtrail-logs-2025/AWSLogs/{ACCOUNT}/CloudTrail/1.json.gz",
        {**TLS, "aws:SourceArn": TRAIL_ARN, "s3:x-amz-acl": "bucket-owner-full-control"},
    )
    policy = prod.by_path("archive/logs/policy")["policy"]
    assert decide_under(document, "service_control_policy", CLOUDTRAIL, delivery, resource_policy=policy)
    stop = Guarded("cloudtrail:StopLogging", TRAIL_ARN)
    assert decide_under(document, "service_control_policy", SERVICE_LINKED, stop)
    assert not decide_under(document, "service_control_policy", LOOKALIKE, stop)


def test_the_policy_alone_grants_nothing(prod: Stack) -> None:
    statements: list[dict[str, Any]] = document_of(prod, "service_control_policy")["Statement"]
    assert {one["Effect"] for one in statements} == {"Deny"}
    assert json.dumps(statements).count("NotAction") == 0
