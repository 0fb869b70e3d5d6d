"""What the roles of the system may do and who may assume them; and that no synthesised policy goes untested."""

import json

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import Decision, Principal, Request, decide
from cloudtrail_monitoring.governance.policy_statements import parse_policy
from tests.access_requests import (
    ACCOUNT,
    ADMIN,
    CLOUDTRAIL,
    EVENTBRIDGE,
    OTHER_ACCOUNT,
    SNS,
    STRANGER,
    TRAIL_ARN,
    Case,
    check,
    decide_under,
    role,
)
from tests.responders.test_responder_access import POLICIES as RESPONDER_POLICIES
from tests.synthesised import Resource, Stack

LOG_GROUPS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"
STREAMS = f"{LOG_GROUPS}:CloudTrail/xyz-corp-audit-trail:log-stream"
BUS = "event-bus/default"
ASSUME = "sts:AssumeRole"


# By the path of what forwards, the name of its rules.
FORWARDERS = {
    "root-activity": "xyz-corp-audit-root-activity",
    "urgent/forwarding-0": "xyz-corp-audit-urgent-0",
    "urgent/forwarding-1": "xyz-corp-audit-urgent-1",
}


def decided(policy: Resource, action: str, resource: str) -> Decision:
    """The answer to the role that carries this policy and no other."""
    request = Request(role("carrier"), action, resource)
    return decide(request, identity_policies=policy["policy"], resource_account=resource.split(":")[4] or ACCOUNT)


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("logs:PutLogEvents", f"{STREAMS}:{ACCOUNT}_CloudTrail_us-east-1", True),
        ("logs:CreateLogStream", f"{STREAMS}:{ACCOUNT}_CloudTrail_us-east-1_3", True),
        ("logs:PutLogEvents", f"{STREAMS}:somebodys-stream", False),
        ("logs:PutLogEvents", f"{STREAMS}:{OTHER_ACCOUNT}_CloudTrail_us-east-1", False),
        ("logs:PutLogEvents", f"{LOG_GROUPS}:CloudTrail/xyz:log-stream:{ACCOUNT}_CloudTrail_us-east-1", False),
        (
            "logs:PutLogEvents",
            f"{LOG_GROUPS}:CloudTrail/xyz-corp-audit-trail-2:log-stream:{ACCOUNT}_CloudTrail_us-east-1",
            False,
        ),
        ("logs:DeleteLogStream", f"{STREAMS}:{ACCOUNT}_CloudTrail_us-east-1", False),
        ("logs:GetLogEvents", f"{STREAMS}:{ACCOUNT}_CloudTrail_us-east-1", False),
        ("logs:DeleteLogGroup", f"{LOG_GROUPS}:CloudTrail/xyz-corp-audit-trail", False),
        ("s3:PutObject", "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025/a", False),
    ],
)
def test_cloudtrail_s_role(action: str, resource: str, allowed: bool, prod: Stack) -> None:
    # R-TRL-4
    decision = decided(prod.by_path("trail/log-delivery/policy"), action, resource)
    assert decision.allowed is allowed, decision.reason


@pytest.mark.parametrize("forwarding", FORWARDERS)
@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("events:PutEvents", f"arn:aws:events:us-east-1:{ACCOUNT}:{BUS}", True),
        ("events:PutEvents", f"arn:aws:events:eu-west-1:{ACCOUNT}:{BUS}", False),
        ("events:PutEvents", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/another", False),
        ("events:PutRule", f"arn:aws:events:us-east-1:{ACCOUNT}:{BUS}", False),
        ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:xyz-corp-audit-email", False),
    ],
)
def test_a_forwarder_s_role(forwarding: str, action: str, resource: str, allowed: bool, prod: Stack) -> None:
    # R-ALM-2, R-ALM-6
    decision = decided(prod.by_path(f"{forwarding}/forwarder-policy"), action, resource)
    assert decision.allowed is allowed, decision.reason


def rule(region: str = "us-east-2", name: str = "xyz-corp-audit-root-activity", account: str = ACCOUNT) -> str:
    return f"arn:aws:events:{region}:{account}:rule/{name}"


def trusts() -> list[tuple[str, Case]]:
    delivery = f"arn:aws:iam::{ACCOUNT}:role/xyz-corp-audit-trail-log-delivery"

    def case(title: str, role_arn: str, caller: Principal, source: str | None, allowed: bool) -> Case:
        context = {"aws:SourceArn": source} if source else {}
        return Case(title, caller, ASSUME, role_arn, allowed, context)

    by_role = {
        "trail/log-delivery/role": [
            case("our trail", delivery, CLOUDTRAIL, TRAIL_ARN, True),
            case("another service", delivery, EVENTBRIDGE, TRAIL_ARN, False),
            case("an administrator", delivery, ADMIN, None, False),
            case("another account", delivery, STRANGER, None, False),
        ],
    }
    for path, name in FORWARDERS.items():
        forwarder = f"arn:aws:iam::{ACCOUNT}:role/{name}-forwarder"
        by_role[f"{path}/forwarder"] = [
            *(
                case(f"our rule of {region}", forwarder, EVENTBRIDGE, rule(region, name), True)
                for region in ("ap-southeast-2", "eu-north-1", "us-east-2")
            ),
            case("a rule of another Region", forwarder, EVENTBRIDGE, rule("eu-west-1", name), False),
            case("another rule", forwarder, EVENTBRIDGE, rule(name="another"), False),
            case("another account's rule", forwarder, EVENTBRIDGE, rule(name=name, account=OTHER_ACCOUNT), False),
            case("no rule", forwarder, EVENTBRIDGE, None, False),
            case("another service", forwarder, SNS, rule(name=name), False),
            case("an administrator", forwarder, ADMIN, None, False),
            case("another account", forwarder, STRANGER, None, False),
        ]
    return [(path, case) for path, cases in by_role.items() for case in cases]


@pytest.mark.parametrize(("path", "case"), trusts(), ids=str)
def test_who_may_assume_a_role(path: str, case: Case, prod: Stack) -> None:
    check(case, decide_under(prod.by_path(path), case, attribute="assume_role_policy"))


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_state_bucket_takes_tls_only(environment: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2
    stack = stacks[f"state-{environment}"]
    bucket = stack.by_path("state/bucket")["bucket"]
    state = f"arn:aws:s3:::{bucket}/{environment}/terraform.tfstate"
    for context, allowed in (
        ({"s3:TlsVersion": "1.2"}, True),
        ({"aws:SecureTransport": "false"}, False),
        ({"s3:TlsVersion": "1.1"}, False),
    ):
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            case = Case("a deployment", role("deploy"), action, state, allowed, context)
            check(case, decide_under(stack.by_path("state/policy"), case))
    case = Case("another account", STRANGER, "s3:GetObject", state, False)
    check(case, decide_under(stack.by_path("state/policy"), case))


# Each with an allowed request and a refused neighbour: above, and in the other files of these tests.
TESTED = {
    **dict.fromkeys(RESPONDER_POLICIES, "responders/test_responder_access"),
    "archive/access-logs/policy": "test_access_archive",
    "archive/logs/policy": "test_access_archive",
    **{f"{path}/forwarder": "test_access_roles" for path in FORWARDERS},
    **{f"{path}/forwarder-policy": "test_access_roles" for path in FORWARDERS},
    "evidence/access-logs/policy": "responders/test_evidence_bucket",
    "evidence/evidence/policy": "responders/test_evidence_bucket",
    "topics/email-policy": "test_access_topics",
    "topics/key": "test_access_keys",
    "topics/sms-policy": "test_access_topics",
    "trail-key/key": "test_access_keys",
    "trail/log-delivery/policy": "test_access_roles",
    "trail/log-delivery/role": "test_access_roles",
}


def test_every_policy_is_tested(prod: Stack) -> None:
    held = {resource["//"]["metadata"]["path"].split("/", 1)[1] for resource, _ in prod.policies()}
    assert held == set(TESTED)


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_other_environments_hold_no_policy_that_prod_does_not(environment: str, stacks: dict[str, Stack]) -> None:
    held = {one["//"]["metadata"]["path"].split("/", 1)[1] for one, _ in stacks[environment].policies()}
    assert held <= set(TESTED)


def test_policies_are_whole_at_synth(stack: Stack) -> None:
    # what is tested here is what AWS gets: nothing is filled in later
    for resource, attribute in stack.policies():
        assert "${" not in resource[attribute], resource


def test_policies_are_what_iam_takes(stack: Stack) -> None:
    for resource, attribute in stack.policies():
        based_on_resource = resource.type != "aws_iam_role_policy"
        assert parse_policy(resource[attribute], name=resource.address, resource_based=based_on_resource)
        assert json.loads(resource[attribute])["Version"] == "2012-10-17"


def test_nothing_is_allowed_to_everyone_or_with_every_action(stack: Stack) -> None:
    for resource, attribute in stack.policies():
        for statement in resource.policy(attribute)["Statement"]:
            if statement["Effect"] == "Allow":
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                assert not [action for action in actions if action.endswith(":*") or action == "*"], statement
                if statement.get("Principal") in ("*", {"AWS": "*"}):
                    assert "aws:PrincipalArn" in str(statement["Condition"]), statement
                    assert "aws:PrincipalAccount" in str(statement["Condition"]), statement
