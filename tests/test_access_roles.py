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
    S3_LOGS,
    SNS,
    STRANGER,
    TLS,
    TRAIL_ARN,
    Case,
    check,
    decide_under,
    role,
)
from tests.conftest import ENVIRONMENTS
from tests.delivery.test_delivery_policies import BY_POLICY as DELIVERY_POLICIES
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


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_state_s_access_log_takes_that_bucket_s_alone(environment: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2
    stack = stacks[f"state-{environment}"]
    state, target = (stack.by_path(f"{one}/bucket")["bucket"] for one in ("state", "access-logs"))
    account = state.rsplit("-", 1)[1]
    log = f"arn:aws:s3:::{target}/{state}/2026-11-23-a"

    def delivery(source: str) -> dict[str, str]:
        return {"aws:SourceArn": f"arn:aws:s3:::{source}", "aws:SourceAccount": account, **TLS}

    for case in (
        Case("S3 writes it", S3_LOGS, "s3:PutObject", log, True, delivery(state)),
        Case("another bucket's", S3_LOGS, "s3:PutObject", log, False, delivery("somebodys-bucket")),
        Case("a deployment writes none", role("deploy"), "s3:PutObject", log, False, TLS),
        Case("another account", STRANGER, "s3:GetObject", log, False, TLS),
    ):
        check(case, decide_under(stack.by_path("access-logs/policy"), case))


# Each with an allowed request and a refused neighbour: above, and in the other files of these tests.
TESTED = {
    **dict.fromkeys(RESPONDER_POLICIES, "responders/test_responder_access"),
    "archive/access-logs/policy": "test_access_archive",
    "archive/logs/policy": "test_access_archive",
    **{f"{path}/forwarder": "test_access_roles" for path in FORWARDERS},
    **{f"{path}/forwarder-policy": "test_access_roles" for path in FORWARDERS},
    "evidence/access-logs/policy": "responders/test_evidence_bucket",
    "evidence/evidence/policy": "responders/test_evidence_bucket",
    "search/query-results/access-logs/policy": "archive/search/test_search_access",
    "search/query-results/results/policy": "archive/search/test_search_access",
    "guard-rails/permission-boundary": "guard_rails/test_every_resource",
    "topics/email-policy": "test_access_topics",
    "topics/key": "test_access_keys",
    "topics/sms-policy": "test_access_topics",
    "trail-key/key": "test_access_keys",
    "trail/log-delivery/policy": "test_access_roles",
    "trail/log-delivery/role": "test_access_roles",
}

TESTED_OF_STATE = {
    **dict.fromkeys(DELIVERY_POLICIES, "delivery/test_delivery_policies"),
    "access-logs/policy": "test_access_roles",
    "delivery/boundary": "delivery/test_roles_boundary",
    "delivery/deploy": "delivery/test_deployment_roles",
    "delivery/plan": "delivery/test_deployment_roles",
    "state/policy": "test_access_roles",
}

# A permission boundary allows all that it does not deny, and grants none of it: tests/guard_rails/test_guard_rails.py.
LIMITS = {"guard-rails/permission-boundary": "AllowTheRest"}


def path_of(resource: Resource) -> str:
    return str(resource["//"]["metadata"]["path"].split("/", 1)[1])


def paths_of_policies(stack: Stack) -> set[str]:
    return {path_of(resource) for resource, _ in stack.policies()}


@pytest.fixture(params=[*ENVIRONMENTS, *(f"state-{one}" for one in ENVIRONMENTS)])
def any_stack(request: pytest.FixtureRequest, stacks: dict[str, Stack]) -> Stack:
    """The system's stack and the state's, of each environment in turn."""
    return stacks[request.param]


def test_every_policy_is_tested(stacks: dict[str, Stack]) -> None:
    assert paths_of_policies(stacks["prod"]) == set(TESTED)
    assert paths_of_policies(stacks["state-prod"]) == set(TESTED_OF_STATE)


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_other_environments_hold_no_policy_that_prod_does_not(environment: str, stacks: dict[str, Stack]) -> None:
    assert paths_of_policies(stacks[environment]) <= set(TESTED)
    assert paths_of_policies(stacks[f"state-{environment}"]) <= set(TESTED_OF_STATE)


def test_policies_are_whole_at_synth(any_stack: Stack) -> None:
    # what is tested here is what AWS gets: nothing is filled in later
    for resource, attribute in any_stack.policies():
        assert "${" not in resource[attribute], resource


def test_policies_are_what_iam_takes(any_stack: Stack) -> None:
    for resource, attribute in any_stack.policies():
        based_on_resource = resource.type not in ("aws_iam_role_policy", "aws_iam_policy")
        assert parse_policy(resource[attribute], name=resource.address, resource_based=based_on_resource)
        assert json.loads(resource[attribute])["Version"] == "2012-10-17"


def test_nothing_is_allowed_to_everyone_or_with_every_action(any_stack: Stack) -> None:
    for resource, attribute in any_stack.policies():
        for statement in resource.policy(attribute)["Statement"]:
            limit = (path_of(resource), statement.get("Sid")) in LIMITS.items()
            if statement["Effect"] == "Allow" and not limit:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                assert not [action for action in actions if action.endswith(":*") or action == "*"], statement
                if statement.get("Principal") in ("*", {"AWS": "*"}):
                    assert "aws:PrincipalArn" in str(statement["Condition"]), statement
                    assert "aws:PrincipalAccount" in str(statement["Condition"]), statement
