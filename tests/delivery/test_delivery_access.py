"""Who can do what as the plan and the deploy role: ours and the neighbour's (R-DEL-3)."""

import pytest

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.deployment_roles import DeploymentRoles
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.governance.policy_evaluator import Request, decide
from tests.conftest import ENVIRONMENTS
from tests.delivery.authorization_reference import known
from tests.delivery.delivery_requests import DeliveryRole, many
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Stack, synthesise

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
ACCOUNT = ACCOUNTS["prod"]
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/xyz-corp-audit-roles"
STATE = "arn:aws:s3:::xyz-corp-terraform-state-333333333333"
ARCHIVE = "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025"
TAGS = {"Environment": "prod", "ManagedBy": "cloudtrail-monitoring"}
OUR_KEY = {f"aws:ResourceTag/{key}": value for key, value in TAGS.items()}
OUR_REQUEST = {f"aws:RequestTag/{key}": value for key, value in TAGS.items()}
ROUTER_FEED = {"lambda:FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:xyz-corp-audit-router"}


def arn(service: str, name: str, region: str = "us-east-1") -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{name}"


def iam(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{name}"


@pytest.fixture
def plan(stacks: dict[str, Stack]) -> DeliveryRole:
    return DeliveryRole.of(stacks["state-prod"], "plan", ACCOUNT)


@pytest.fixture
def deploy(stacks: dict[str, Stack]) -> DeliveryRole:
    return DeliveryRole.of(stacks["state-prod"], "deploy", ACCOUNT)


# Each beside a neighbour, which is somebody else's: the same call there is refused.
CHANGES = [
    ("s3:PutBucketPolicy", ARCHIVE, "arn:aws:s3:::somebodys-bucket"),
    ("s3:PutLifecycleConfiguration", f"{ARCHIVE}-access", f"{ARCHIVE}-2"),
    ("s3:CreateBucket", f"{ARCHIVE}-evidence", "arn:aws:s3:::xyz-corp-cloudtrail-logs-2024"),
    ("cloudtrail:CreateTrail", arn("cloudtrail", "trail/xyz-corp-audit-trail"), arn("cloudtrail", "trail/theirs")),
    ("cloudtrail:UpdateTrail", arn("cloudtrail", "trail/xyz-corp-audit-trail"), arn("cloudtrail", "trail/xyz-corp")),
    (
        "cloudtrail:DeleteTrail",
        arn("cloudtrail", "trail/xyz-corp-audit-trail-enhanced"),
        arn("cloudtrail", "trail/xyz-corp-audit-trail-2"),
    ),
    (
        "logs:PutMetricFilter",
        arn("logs", "log-group:CloudTrail/xyz-corp-audit-trail"),
        arn("logs", "log-group:CloudTrail/xyz-corp-audit-trail-2"),
    ),
    ("logs:DeleteLogGroup", arn("logs", "log-group:CloudTrail/IAMEvents"), arn("logs", "log-group:/aws/lambda/theirs")),
    ("kms:CreateAlias", arn("kms", "alias/xyz-corp-audit-trail"), arn("kms", "alias/payroll")),
    ("cloudwatch:PutMetricAlarm", arn("cloudwatch", "alarm:xyz-corp-audit-a"), arn("cloudwatch", "alarm:theirs")),
    (
        "cloudwatch:PutDashboard",
        arn("cloudwatch", "dashboard/xyz-corp-audit-overview", ""),
        arn("cloudwatch", "dashboard/theirs", ""),
    ),
    (
        "events:PutTargets",
        arn("events", "rule/xyz-corp-audit-urgent-0", "eu-north-1"),
        arn("events", "rule/theirs", "eu-north-1"),
    ),
    ("sns:Subscribe", arn("sns", "xyz-corp-audit-email"), arn("sns", "billing")),
    ("sqs:SetQueueAttributes", arn("sqs", "xyz-corp-audit-events"), arn("sqs", "orders")),
    (
        "lambda:UpdateFunctionCode",
        arn("lambda", "function:xyz-corp-audit-router"),
        arn("lambda", "function:xyz-corp-billing"),
    ),
    ("lambda:PublishLayerVersion", arn("lambda", "layer:xyz-corp-audit-countries"), arn("lambda", "layer:theirs")),
    ("dynamodb:CreateTable", arn("dynamodb", "table/xyz-corp-audit-incidents"), arn("dynamodb", "table/customers")),
    (
        "scheduler:CreateSchedule",
        arn("scheduler", "schedule/xyz-corp-audit/xyz-corp-audit-sweep"),
        arn("scheduler", "schedule/default/xyz-corp-audit-sweep"),
    ),
    ("ssm:PutParameter", arn("ssm", "parameter/xyz-corp-audit/responders"), arn("ssm", "parameter/database/password")),
    ("iam:UpdateAssumeRolePolicy", iam("role/xyz-corp-audit-router"), iam("role/Administrator")),
    (
        "iam:CreatePolicyVersion",
        iam("policy/xyz-corp-audit-guard-rail"),
        iam("policy/xyz-corp-audit-account-lockout-1"),
    ),
    ("s3:PutObject", f"{STATE}/prod/terraform.tfstate", f"{STATE}/state-prod/terraform.tfstate"),
    ("s3:PutObject", f"{STATE}/prod/terraform.tfstate.tflock", f"{STATE}/prod/another"),
    ("s3:DeleteObject", f"{STATE}/prod/terraform.tfstate.tflock", f"{STATE}/prod/terraform.tfstate"),
]


@pytest.mark.parametrize(("action", "ours", "neighbour"), CHANGES)
def test_deployment_changes_ours_and_not_the_neighbour_s(
    action: str, ours: str, neighbour: str, deploy: DeliveryRole
) -> None:
    assert deploy.may(action, ours).allowed
    assert not deploy.may(action, neighbour).allowed


@pytest.mark.parametrize(("action", "ours", "neighbour"), CHANGES)
def test_a_plan_changes_nothing(action: str, ours: str, neighbour: str, plan: DeliveryRole) -> None:
    assert not plan.may(action, ours).allowed
    assert not plan.may(action, neighbour).allowed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_action_of_a_plan_reads(environment: str, stacks: dict[str, Stack]) -> None:
    # by AWS's own word, whatever the table above leaves out
    plan = DeliveryRole.of(stacks[f"state-{environment}"], "plan", ACCOUNTS[environment])
    levels = {
        action: level.level
        for statement in plan.statements
        if statement["Effect"] == "Allow"
        for action in many(statement["Action"])
        if (level := known(action))
    }
    # decrypting is a "write" there, as it takes a key
    assert {action for action, level in levels.items() if level not in ("Read", "List")} <= {"kms:Decrypt"}
    assert not [action for action in levels if action.startswith(("secretsmanager:", "lambda:Invoke", "dynamodb:Get"))]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("kind", ["plan", "deploy"])
def test_only_what_takes_no_arn_is_granted_everywhere(kind: str, environment: str, stacks: dict[str, Stack]) -> None:
    role = DeliveryRole.of(stacks[f"state-{environment}"], kind, ACCOUNTS[environment])
    for statement in role.statements:
        for action in many(statement["Action"]) if statement["Effect"] == "Allow" else ():
            action_of_iam = known(action)
            assert action_of_iam, f"{action} is no action of IAM"
            everywhere = statement["Resource"] == "*"
            # composite alarms are described to who may describe all
            if action != "cloudwatch:DescribeAlarms":
                assert everywhere is not action_of_iam.takes_arn, statement


KEYS = [
    ("our own", OUR_KEY, True),
    ("another environment's", {**OUR_KEY, "aws:ResourceTag/Environment": "dev"}, False),
    ("somebody's", {"aws:ResourceTag/Owner": "payroll"}, False),
]


@pytest.mark.parametrize(("title", "context", "allowed"), KEYS, ids=lambda value: str(value)[:20])
@pytest.mark.parametrize("action", ["kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:ScheduleKeyDeletion"])
def test_keys_are_known_by_their_tags(
    action: str, title: str, context: dict[str, str], allowed: bool, deploy: DeliveryRole, plan: DeliveryRole
) -> None:
    assert deploy.may(action, arn("kms", "key/1234"), context).allowed is allowed, title
    assert not plan.may(action, arn("kms", "key/1234"), context).allowed
    assert plan.may("kms:DescribeKey", arn("kms", "key/1234"), context).allowed is allowed


def test_keys_are_made_with_our_tags_alone(deploy: DeliveryRole) -> None:
    assert deploy.may("kms:CreateKey", "*", OUR_REQUEST).allowed
    assert not deploy.may("kms:CreateKey", "*").allowed
    assert not deploy.may("kms:CreateKey", "*", {**OUR_REQUEST, "aws:RequestTag/Environment": "dev"}).allowed


def test_tags_take_over_no_key_of_others(deploy: DeliveryRole) -> None:
    key = arn("kms", "key/1234")
    assert deploy.may("kms:TagResource", key, OUR_REQUEST).allowed  # while it is being made
    theirs = {**OUR_REQUEST, "kms:ResourceAliases": ["alias/payroll"]}
    assert not deploy.may("kms:TagResource", key, theirs).allowed
    assert not deploy.may("kms:TagResource", key, {**OUR_REQUEST, "aws:ResourceTag/ManagedBy": "payroll"}).allowed


@pytest.mark.parametrize(
    "action", ["kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptFrom", "kms:DisableKey"]
)
def test_deployment_uses_no_key_by_its_own_policies(action: str, deploy: DeliveryRole) -> None:
    assert not deploy.may(action, arn("kms", "key/1234"), OUR_KEY).allowed


def test_a_plan_decrypts_the_functions_variables_alone(plan: DeliveryRole) -> None:
    def decrypts(via: str, function: str) -> bool:
        context = {"kms:ViaService": via, "kms:EncryptionContext:aws:lambda:FunctionArn": arn("lambda", function)}
        return plan.may("kms:Decrypt", arn("kms", "key/1234"), context).allowed

    assert decrypts("lambda.us-east-1.amazonaws.com", "function:xyz-corp-audit-router")
    assert not decrypts("lambda.us-east-1.amazonaws.com", "function:billing")
    assert not decrypts("s3.us-east-1.amazonaws.com", "function:xyz-corp-audit-router")
    assert not plan.may("kms:Decrypt", arn("kms", "key/1234"), OUR_KEY).allowed


@pytest.mark.parametrize("kind", ["plan", "deploy"])
@pytest.mark.parametrize("bucket", [ARCHIVE, f"{ARCHIVE}-access", f"{ARCHIVE}-evidence"])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes"])
def test_nobody_reads_logs_or_evidence(action: str, bucket: str, kind: str, stacks: dict[str, Stack]) -> None:
    decision = DeliveryRole.of(stacks["state-prod"], kind, ACCOUNT).may(action, f"{bucket}/AWSLogs/a.json.gz")
    assert decision.sid == "DenyReadingLogs"


@pytest.mark.parametrize(
    ("key", "plans", "deploys"),
    [
        ("prod/terraform.tfstate", True, True),
        ("state-prod/terraform.tfstate", True, False),
        ("prod/terraform.tfstate.tflock", False, True),
        ("dev/terraform.tfstate", False, False),
        ("prod/another", False, False),
    ],
)
def test_state_is_read_by_key(key: str, plans: bool, deploys: bool, plan: DeliveryRole, deploy: DeliveryRole) -> None:
    # R-DEL-2
    assert plan.may("s3:GetObject", f"{STATE}/{key}").allowed is plans
    assert deploy.may("s3:GetObject", f"{STATE}/{key}").allowed is deploys


def test_the_state_s_own_buckets_are_read_and_left_alone(plan: DeliveryRole, deploy: DeliveryRole) -> None:
    for bucket in (STATE, f"{STATE}-access"):
        for role in (plan, deploy):
            assert role.may("s3:GetBucketPolicy", bucket).allowed
            assert not role.may("s3:PutBucketPolicy", bucket).allowed
            assert not role.may("s3:DeleteBucket", bucket).allowed


LASTING = [
    ("s3:DeleteBucket", ARCHIVE, "arn:aws:s3:::xyz-corp-cloudtrail-logs-dev"),
    ("s3:DeleteBucketPolicy", ARCHIVE, "arn:aws:s3:::xyz-corp-cloudtrail-logs-dev"),
    ("s3:DeleteObject", f"{ARCHIVE}/a", "arn:aws:s3:::xyz-corp-cloudtrail-logs-dev/a"),
    ("cloudtrail:DeleteTrail", "xyz-corp-audit-trail", "xyz-corp-audit-trail-dev"),
    ("cloudtrail:StopLogging", "xyz-corp-audit-trail", "xyz-corp-audit-trail-dev"),
    ("logs:DeleteLogGroup", "CloudTrail/xyz-corp-audit-trail", "CloudTrail/xyz-corp-audit-trail-dev"),
]


@pytest.mark.parametrize(("action", "in_prod", "in_dev"), LASTING)
def test_what_terraform_must_not_destroy_the_deploy_role_can_t(
    action: str, in_prod: str, in_dev: str, deploy: DeliveryRole, stacks: dict[str, Stack]
) -> None:
    # R-DEL-1: prod is protected, dev is not
    def full(name: str, account: str) -> str:
        kind = {"cloudtrail": "trail/", "logs": "log-group:"}.get(action.split(":")[0], "")
        return name if name.startswith("arn:") else f"arn:aws:{action.split(':')[0]}:us-east-1:{account}:{kind}{name}"

    dev = DeliveryRole.of(stacks["state-dev"], "deploy", ACCOUNTS["dev"])
    assert not deploy.may(action, full(in_prod, ACCOUNT)).allowed
    assert dev.may(action, full(in_dev, ACCOUNTS["dev"])).allowed


def test_incidents_are_kept_in_a_protected_environment(deploy: DeliveryRole) -> None:
    assert deploy.may("dynamodb:DeleteTable", arn("dynamodb", "table/xyz-corp-audit-responder-state")).allowed
    assert not deploy.may("dynamodb:DeleteTable", arn("dynamodb", "table/xyz-corp-audit-incidents")).allowed


@pytest.mark.parametrize("action", ["CreateRole", "PutRolePolicy", "DeleteRolePolicy", "PutRolePermissionsBoundary"])
def test_roles_are_made_and_given_rights_under_the_boundary_alone(action: str, deploy: DeliveryRole) -> None:
    role = iam("role/xyz-corp-audit-router")

    def allowed(boundary: str | None) -> bool:
        context = {"iam:PermissionsBoundary": boundary} if boundary else {}
        return deploy.may(f"iam:{action}", role, context).allowed

    assert allowed(BOUNDARY)
    assert not allowed(None)
    assert not allowed("arn:aws:iam::aws:policy/AdministratorAccess")
    assert not allowed(iam("policy/xyz-corp-audit-guard-rail"))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:DeleteRolePermissionsBoundary", iam("role/xyz-corp-audit-router")),
        ("iam:AttachRolePolicy", iam("role/xyz-corp-audit-router")),
        ("iam:CreateUser", iam("user/backdoor")),
        ("iam:CreateAccessKey", iam("user/alice")),
        ("iam:PutUserPolicy", iam("user/alice")),
        ("iam:CreatePolicy", iam("policy/xyz-corp-audit-other")),
        ("sts:AssumeRole", iam("role/xyz-corp-audit-router")),
        ("sts:AssumeRole", iam("role/Administrator")),
        ("lambda:InvokeFunction", arn("lambda", "function:xyz-corp-audit-router")),
        ("sqs:SendMessage", arn("sqs", "xyz-corp-audit-events")),
        ("sns:Publish", arn("sns", "xyz-corp-audit-sms")),
        ("dynamodb:PutItem", arn("dynamodb", "table/xyz-corp-audit-incidents")),
        ("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:database")),
        ("organizations:DetachPolicy", f"arn:aws:organizations::{ACCOUNT}:policy/o-a1b2c3d4e5/service/p-1"),
    ],
)
def test_deployment_neither_gives_rights_away_nor_acts_as_the_system(
    action: str, resource: str, deploy: DeliveryRole
) -> None:
    assert not deploy.may(action, resource, {"iam:PermissionsBoundary": BOUNDARY}).allowed


UNTOUCHABLE = {
    "role/cloudtrail-monitoring-deploy": ("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole"),
    "role/cloudtrail-monitoring-plan": ("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole"),
    "policy/xyz-corp-audit-roles": ("CreatePolicyVersion", "DeletePolicy", "SetDefaultPolicyVersion"),
    "policy/xyz-corp-audit-deploy-roles": ("CreatePolicyVersion", "DeletePolicy", "SetDefaultPolicyVersion"),
    "policy/xyz-corp-audit-plan-storage": ("CreatePolicyVersion", "DeletePolicy", "SetDefaultPolicyVersion"),
    "oidc-provider/token.actions.githubusercontent.com": (
        "AddClientIDToOpenIDConnectProvider",
        "DeleteOpenIDConnectProvider",
    ),
}


@pytest.mark.parametrize(
    ("name", "action"), [(name, action) for name, actions in UNTOUCHABLE.items() for action in actions]
)
def test_deployment_can_t_change_who_deploys(name: str, action: str, deploy: DeliveryRole) -> None:
    decision = deploy.may(f"iam:{action}", iam(name), {"iam:PermissionsBoundary": BOUNDARY})
    assert decision.sid == "DenyChangingDelivery"


@pytest.mark.parametrize("name", ["break-glass", "audit-team", "incident-response"])
@pytest.mark.parametrize("action", ["UpdateAssumeRolePolicy", "DeleteRole", "PassRole", "PutRolePolicy"])
def test_deployment_can_t_change_the_roles_of_people(name: str, action: str, deploy: DeliveryRole) -> None:
    # R-ARC-6: whoever wrote their trust would read the archive, or delete it
    decision = deploy.may(f"iam:{action}", iam(f"role/{name}"), {"iam:PermissionsBoundary": BOUNDARY})
    assert decision.sid == "DenyChangingDelivery"


def test_deployment_can_t_change_itself_where_its_name_is_one_of_ours() -> None:
    # a prefix that begins the deploy role's own name: the role would be among those it changes
    settings = changed(SAMPLE, name_prefix="sample", archive=changed(SAMPLE.archive, deploy_role_name="sample-deploy"))
    delivery = DeliverySettings(repository="xyz/audit", plan_role_name="sample-plan")
    delivered = Delivered.of(settings, delivery)
    stack = synthesise(lambda scope: DeploymentRoles(scope, "delivery", delivery, delivered=delivered))
    role = DeliveryRole.of(stack, "deploy", ACCOUNT)
    assert role.may("iam:DeleteRole", iam("role/sample-router")).allowed
    for name in ("role/sample-deploy", "role/sample-plan"):
        assert role.may("iam:DeleteRole", iam(name)).sid == "DenyChangingDelivery"


@pytest.mark.parametrize(
    ("role", "service", "allowed"),
    [
        ("xyz-corp-audit-router", "lambda.amazonaws.com", True),
        ("xyz-corp-audit-scheduler", "scheduler.amazonaws.com", True),
        ("xyz-corp-audit-urgent-0-forwarder", "events.amazonaws.com", True),
        ("xyz-corp-audit-trail-log-delivery", "cloudtrail.amazonaws.com", True),
        ("xyz-corp-audit-router", "ec2.amazonaws.com", False),
        ("xyz-corp-audit-router", "cloudtrail.amazonaws.com", False),
        ("Administrator", "lambda.amazonaws.com", False),
        ("cloudtrail-monitoring-deploy", "lambda.amazonaws.com", False),
        ("break-glass", "lambda.amazonaws.com", False),
    ],
)
def test_roles_are_handed_to_their_services_alone(role: str, service: str, allowed: bool, deploy: DeliveryRole) -> None:
    decision = deploy.may("iam:PassRole", iam(f"role/{role}"), {"iam:PassedToService": service})
    assert decision.allowed is allowed, decision.reason


def test_feeds_are_those_of_our_functions(deploy: DeliveryRole) -> None:
    theirs = {"lambda:FunctionArn": arn("lambda", "function:billing")}
    assert deploy.may("lambda:CreateEventSourceMapping", "*", ROUTER_FEED).allowed
    assert not deploy.may("lambda:CreateEventSourceMapping", "*", theirs).allowed
    for action in ("lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"):
        assert deploy.may(action, arn("lambda", "event-source-mapping:1234"), ROUTER_FEED).allowed
        assert not deploy.may(action, arn("lambda", "event-source-mapping:1234"), theirs).allowed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_role_and_policy_of_the_stack_is_one_that_deployment_can_make(
    environment: str, stacks: dict[str, Stack]
) -> None:
    account, stack = ACCOUNTS[environment], stacks[environment]
    deploy = DeliveryRole.of(stacks[f"state-{environment}"], "deploy", account)
    for role in stack.all("aws_iam_role"):
        context = {"iam:PermissionsBoundary": role["permissions_boundary"]}
        assert deploy.may("iam:CreateRole", f"arn:aws:iam::{account}:role/{role['name']}", context).allowed, role
    for policy in stack.all("aws_iam_policy"):
        assert deploy.may("iam:CreatePolicy", f"arn:aws:iam::{account}:policy/{policy['name']}").allowed, policy


def test_the_responders_key_lets_a_plan_read_the_variables_and_nothing_else(plan: DeliveryRole, prod: Stack) -> None:
    def decrypts(**other: str) -> bool:
        context = {
            "kms:ViaService": "lambda.us-east-1.amazonaws.com",
            "kms:EncryptionContext:aws:lambda:FunctionArn": arn("lambda", "function:xyz-corp-audit-router"),
            **{key.replace("_", ":"): value for key, value in other.items()},
        }
        return decide(
            Request(plan.principal, "kms:Decrypt", arn("kms", "key/1234"), context),
            identity_policies=list(plan.policies),
            resource_policy=prod.by_path("responders/key/key")["policy"],
        ).allowed

    assert decrypts()
    assert not decrypts(kms_ViaService="dynamodb.us-east-1.amazonaws.com")
    assert not decrypts(**{"kms:EncryptionContext:aws:lambda:FunctionArn": arn("lambda", "function:billing")})
