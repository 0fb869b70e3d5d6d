"""What the responders' roles may do, who may use their queue and key, by prod's synthesised policies.

For each role stands what it may do, and the neighbours that it may not: other resources, and other actions on its own.
"""

from collections.abc import Iterator

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import Decision, Principal, Request, decide
from cloudtrail_monitoring.responders.names import FUNCTIONS
from cloudtrail_monitoring.responders.settings import RespondersSettings
from tests.access_requests import (
    ACCOUNT,
    ADMIN,
    ANYBODY,
    AUDIT,
    CLOUDWATCH_LOGS,
    DEPLOY,
    EVENTBRIDGE,
    OTHER_ACCOUNT,
    ROOT,
    SNS,
    STRANGER,
    USER,
    Case,
    check,
    decide_under,
    role,
)
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Resource, Stack, synthesise_monitoring

PREFIX = "xyz-corp-audit"


def arn(service: str, resource: str, region: str = "us-east-1", account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


QUEUE, DEAD_LETTERS = arn("sqs", f"{PREFIX}-events"), arn("sqs", f"{PREFIX}-events-dead-letters")
FAILED_CALLS = arn("sqs", f"{PREFIX}-failed-calls")
STATE, INCIDENTS = arn("dynamodb", f"table/{PREFIX}-responder-state"), arn("dynamodb", f"table/{PREFIX}-incidents")
EMAIL, SMS = arn("sns", f"{PREFIX}-email"), arn("sns", f"{PREFIX}-sms")
SWITCH = arn("ssm", f"parameter/{PREFIX}/responders")
TRAIL, ENHANCED = (arn("cloudtrail", f"trail/{PREFIX}-trail{ending}") for ending in ("", "-enhanced"))
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
OWN_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-account-lockout-0123456789abcdef"
CHALLENGE_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-geo-challenge-0123456789abcdef"
LOOKALIKE_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-operators"
OTHER_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
SCHEDULE = arn("scheduler", f"schedule/{PREFIX}/{PREFIX}-end-0123456789abcdef")
SCHEDULER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-scheduler"
TO_SCHEDULER = {"iam:PassedToService": "scheduler.amazonaws.com"}


def function(name: str) -> str:
    return arn("lambda", f"function:{PREFIX}-{name}")


def stream(group: str) -> str:
    return arn("logs", f"log-group:{group}:log-stream:2026/03/09")


def own_log(name: str) -> list[tuple[str, str]]:
    group = stream(f"/aws/lambda/{PREFIX}-{name}")
    return [
        ("logs:CreateLogStream", group),
        ("logs:PutLogEvents", group),
        ("xray:PutTraceSegments", "*"),
        ("xray:PutTelemetryRecords", "*"),
    ]


CONTAINING = [
    *((f"dynamodb:{one}", STATE) for one in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")),
    *((f"dynamodb:{one}", INCIDENTS) for one in ("GetItem", "PutItem", "Query")),
    *((f"iam:{one}", ALICE) for one in ("GetUser", "ListAttachedUserPolicies", "ListMFADevices")),
    *((f"iam:{one}", ALICE) for one in ("PutUserPolicy", "DeleteUserPolicy")),
    *((f"iam:{one}Policy", policy) for one in ("Create", "Delete") for policy in (OWN_POLICY, CHALLENGE_POLICY)),
    *((f"scheduler:{one}Schedule", SCHEDULE) for one in ("Create", "Delete")),
    ("sns:Publish", EMAIL),
    ("sns:Publish", SMS),
    ("ssm:GetParameter", SWITCH),
    ("cloudtrail:StartLogging", ENHANCED),
    ("cloudtrail:StopLogging", ENHANCED),
]
MAY: dict[str, list[tuple[str, str]]] = {
    "intake": [
        *own_log("intake"),
        ("sqs:SendMessage", FAILED_CALLS),
        ("sqs:SendMessage", QUEUE),
        *(
            (action, stream(f"CloudTrail/{group}"))
            for group in ("IAMEvents", "ConsoleEvents")
            for action in ("logs:CreateLogStream", "logs:PutLogEvents")
        ),
    ],
    "router": [
        *own_log("router"),
        *CONTAINING,
        *(
            (f"sqs:{one}", QUEUE)
            for one in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
        ),
    ],
    "release": [*own_log("release"), *CONTAINING, ("sqs:SendMessage", FAILED_CALLS)],
    "alarm-story": [
        *own_log("alarm-story"),
        ("sqs:SendMessage", FAILED_CALLS),
        ("logs:FilterLogEvents", arn("logs", f"log-group:CloudTrail/{PREFIX}-trail:*")),
        ("logs:DescribeMetricFilters", arn("logs", f"log-group:CloudTrail/{PREFIX}-trail")),
        ("cloudwatch:ListTagsForResource", arn("cloudwatch", f"alarm:{PREFIX}-root-activity")),
        *((f"dynamodb:{one}", STATE) for one in ("GetItem", "PutItem", "Query")),
        ("sns:Publish", EMAIL),
        ("sns:Publish", SMS),
    ],
}
NEIGHBOURS = [
    # other resources
    ("sqs:ReceiveMessage", DEAD_LETTERS),
    ("sqs:ReceiveMessage", FAILED_CALLS),
    ("sqs:SendMessage", arn("sqs", "orders")),
    ("dynamodb:GetItem", arn("dynamodb", "table/customers")),
    ("dynamodb:GetItem", arn("dynamodb", f"table/{PREFIX}-responder-state", account=OTHER_ACCOUNT)),
    ("sns:Publish", arn("sns", "news")),
    ("ssm:GetParameter", arn("ssm", "parameter/database-password")),
    ("cloudtrail:StopLogging", TRAIL),
    ("cloudtrail:StartLogging", TRAIL),
    ("logs:PutLogEvents", stream(f"CloudTrail/{PREFIX}-trail")),
    ("logs:PutLogEvents", stream("/aws/lambda/web")),
    ("logs:FilterLogEvents", arn("logs", "log-group:/aws/lambda/web:*")),
    ("iam:PutUserPolicy", f"arn:aws:iam::{OTHER_ACCOUNT}:user/alice"),
    ("scheduler:UpdateSchedule", SCHEDULE),
    ("scheduler:CreateSchedule", arn("scheduler", f"schedule/{PREFIX}/nightly")),
    ("scheduler:DeleteSchedule", arn("scheduler", f"schedule/{PREFIX}/{PREFIX}-sweep")),
    ("scheduler:CreateSchedule", arn("scheduler", f"schedule/default/{PREFIX}-end-0123456789abcdef")),
    ("iam:PassRole", SCHEDULER_ROLE),  # to no service, or to another than the Scheduler
    ("cloudwatch:ListTagsForResource", arn("cloudwatch", "alarm:web-latency")),
    # other actions on what is ours
    ("sqs:PurgeQueue", QUEUE),
    ("sqs:SetQueueAttributes", QUEUE),
    ("dynamodb:Scan", STATE),
    ("dynamodb:DeleteTable", STATE),
    ("dynamodb:UpdateItem", INCIDENTS),
    ("dynamodb:DeleteItem", INCIDENTS),
    ("sns:Subscribe", EMAIL),
    ("ssm:PutParameter", SWITCH),
    ("cloudtrail:DeleteTrail", ENHANCED),
    ("cloudtrail:PutEventSelectors", ENHANCED),
    ("iam:AttachUserPolicy", ALICE),  # but with a policy of ours
    ("iam:CreatePolicyVersion", OWN_POLICY),
    ("iam:CreatePolicy", LOOKALIKE_POLICY),
    ("iam:DeletePolicy", LOOKALIKE_POLICY),
    ("iam:DeletePolicy", f"arn:aws:iam::{ACCOUNT}:policy/permission-boundary"),
    ("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-router"),
    ("iam:CreateAccessKey", ALICE),
    ("iam:DeleteLoginProfile", ALICE),
    ("iam:PutGroupPolicy", f"arn:aws:iam::{ACCOUNT}:group/developers"),
    ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-router"),
    ("lambda:InvokeFunction", function("release")),
    ("lambda:UpdateFunctionCode", function("router")),
    ("logs:DeleteLogGroup", arn("logs", f"log-group:/aws/lambda/{PREFIX}-router")),
    ("kms:ScheduleKeyDeletion", arn("kms", "key/1234")),
    ("sts:AssumeRole", SCHEDULER_ROLE),
    ("xray:GetTraceSummaries", "*"),
]
EVERYTHING = sorted({one for allowed in MAY.values() for one in allowed} | set(NEIGHBOURS))


def decided(policy: Resource, action: str, resource: str, context: dict[str, str] | None = None) -> Decision:
    request = Request(role("carrier"), action, resource, context or {})
    return decide(request, identity_policies=policy["policy"])


class TestFunctionsRoles:
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_each_may_do_this_and_nothing_beside(self, name: str, prod: Stack) -> None:
        # R-RSP-1 to R-RSP-6
        policy = prod.by_path(f"responders/{name}/policy")
        differing = [
            f"{action} on {resource}: {decision.reason}"
            for action, resource in EVERYTHING
            if (decision := decided(policy, action, resource)).allowed is not ((action, resource) in MAY[name])
        ]
        assert differing == []

    @pytest.mark.parametrize("name", ["router", "release"])
    @pytest.mark.parametrize(
        ("policy_arn", "allowed"),
        [(OWN_POLICY, True), (CHALLENGE_POLICY, True), (LOOKALIKE_POLICY, False), (OTHER_POLICY, False)],
    )
    def test_managed_policies_have_to_be_ours(self, name: str, policy_arn: str, allowed: bool, prod: Stack) -> None:
        # R-RSP-1
        policy = prod.by_path(f"responders/{name}/policy")
        for action in ("iam:AttachUserPolicy", "iam:DetachUserPolicy"):
            decision = decided(policy, action, ALICE, {"iam:PolicyARN": policy_arn})
            assert decision.allowed is allowed, decision.reason

    @pytest.mark.parametrize("name", ["router", "release"])
    @pytest.mark.parametrize(
        ("passed", "service", "allowed"),
        [
            (SCHEDULER_ROLE, "scheduler.amazonaws.com", True),
            (SCHEDULER_ROLE, "lambda.amazonaws.com", False),
            (f"arn:aws:iam::{ACCOUNT}:role/Administrator", "scheduler.amazonaws.com", False),
        ],
    )
    def test_only_the_scheduler_s_role_is_passed_and_to_it_alone(
        self, name: str, passed: str, service: str, allowed: bool, prod: Stack
    ) -> None:
        policy = prod.by_path(f"responders/{name}/policy")
        decision = decided(policy, "iam:PassRole", passed, {"iam:PassedToService": service})
        assert decision.allowed is allowed, decision.reason

    def test_a_wildcard_for_all_resources_stands_with_traces_only(self, stack: Stack) -> None:
        for policy in stack.all("aws_iam_role_policy"):
            for statement in policy.policy()["Statement"]:
                if statement["Resource"] == "*":
                    # X-Ray knows no resource for these
                    assert statement["Action"] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]

    def test_the_scheduler_calls_the_release_function_only(self, prod: Stack) -> None:
        policy = prod.by_path("responders/schedules/policy")
        for name in FUNCTIONS:
            assert decided(policy, "lambda:InvokeFunction", function(name)).allowed is (name == "release")

    def test_the_forwarder_puts_events_on_the_home_bus_only(self, prod: Stack) -> None:
        policy = prod.by_path("responders/event-path/forwarder-policy")
        for bus, region, allowed in (
            ("default", "us-east-1", True),
            ("default", "eu-north-1", False),
            ("x", "us-east-1", False),
        ):
            assert decided(policy, "events:PutEvents", arn("events", f"event-bus/{bus}", region)).allowed is allowed


@pytest.fixture(scope="module")
def guarded() -> Stack:
    users = ("emergency", "/ops/")
    return synthesise_monitoring(changed(SAMPLE, responders=RespondersSettings(break_glass_users=users)))


@pytest.fixture(scope="module")
def unguarded() -> Stack:
    return synthesise_monitoring(changed(SAMPLE, responders=RespondersSettings()))


HOLDING = ("iam:PutUserPolicy", "iam:AttachUserPolicy")


class TestBreakGlassUsers:
    @pytest.mark.parametrize("name", ["router", "release"])
    @pytest.mark.parametrize(
        ("user", "allowed"),
        [
            ("alice", True),
            ("people/alice", True),
            ("emergency2", True),
            ("opsy/alice", True),
            ("emergency", False),
            ("people/emergency", False),
            ("ops/alice", False),
            ("ops/night/alice", False),
        ],
    )
    def test_none_is_ever_held(self, name: str, user: str, allowed: bool, guarded: Stack) -> None:
        # R-RSP-1
        for hold in HOLDING:
            decision = self.decided(guarded, name, hold, user)
            assert decision.allowed is allowed, decision.reason
            assert allowed or decision.sid == "NeverHoldBreakGlassUsers"
        assert self.decided(guarded, name, "iam:GetUser", user).allowed

    @pytest.mark.parametrize("name", ["router", "release"])
    @pytest.mark.parametrize(
        ("tags", "allowed"),
        [
            ({}, True),
            ({"break-glass-2": "yes"}, True),
            ({"break-glass": "yes"}, False),
            ({"break-glass": ""}, False),
        ],
    )
    @pytest.mark.parametrize("stack_name", ["guarded", "unguarded"])
    def test_nor_is_anybody_with_the_tag(
        self, name: str, tags: dict[str, str], allowed: bool, stack_name: str, request: pytest.FixtureRequest
    ) -> None:
        # R-RSP-1
        stack = request.getfixturevalue(stack_name)
        context = {f"iam:ResourceTag/{key}": value for key, value in tags.items()}
        for hold in HOLDING:
            decision = self.decided(stack, name, hold, "alice", context)
            assert decision.allowed is allowed, decision.reason
            assert allowed or decision.sid == "NeverHoldTaggedUsers"

    @pytest.mark.parametrize("name", ["router", "release"])
    @pytest.mark.parametrize("user", ["alice", "emergency", "ops/alice"])
    def test_who_becomes_one_while_held_is_let_go(self, name: str, user: str, guarded: Stack) -> None:
        # R-RSP-1
        for release in ("iam:DeleteUserPolicy", "iam:DetachUserPolicy"):
            decision = self.decided(guarded, name, release, user, {"iam:ResourceTag/break-glass": "yes"})
            assert decision.allowed, decision.reason

    @staticmethod
    def decided(stack: Stack, name: str, action: str, user: str, context: dict[str, str] | None = None) -> Decision:
        own = {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/sample-audit-account-lockout-0123456789abcdef"}
        policy = stack.by_path(f"responders/{name}/policy")
        return decided(policy, action, f"arn:aws:iam::{ACCOUNT}:user/{user}", {**own, **(context or {})})


LAMBDA = Principal.service("lambda.amazonaws.com")
SCHEDULER = Principal.service("scheduler.amazonaws.com")
ASSUME = "sts:AssumeRole"


def rule(name: str = f"{PREFIX}-responders", region: str = "us-east-1", account: str = ACCOUNT) -> dict[str, str]:
    return {"aws:SourceArn": arn("events", f"rule/{name}", region, account)}


def group(name: str = PREFIX, account: str = ACCOUNT) -> dict[str, str]:
    return {"aws:SourceArn": arn("scheduler", f"schedule-group/{name}", account=account), "aws:SourceAccount": account}


def trusts() -> Iterator[tuple[str, Case]]:
    for name in FUNCTIONS:
        own = f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-{name}"
        path = f"responders/{name}/role"
        yield path, Case("Lambda", LAMBDA, ASSUME, own, True)
        for caller in (EVENTBRIDGE, SCHEDULER, ADMIN, USER, STRANGER, ANYBODY):
            yield path, Case(f"not {caller}", caller, ASSUME, own, False)
    path = "responders/schedules/role"
    for title, caller, context, allowed in (
        ("our group", SCHEDULER, group(), True),
        ("another group", SCHEDULER, group("default"), False),
        ("another account's", SCHEDULER, group(account=OTHER_ACCOUNT), False),
        ("no group", SCHEDULER, {}, False),
        ("another service", EVENTBRIDGE, group(), False),
        ("an administrator", ADMIN, {}, False),
    ):
        yield path, Case(title, caller, ASSUME, SCHEDULER_ROLE, allowed, context)
    forwarder = f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-responders-forwarder"
    for title, caller, context, allowed in (
        ("our rule elsewhere", EVENTBRIDGE, rule(region="us-east-2"), True),
        ("another rule", EVENTBRIDGE, rule("another", "us-east-2"), False),
        ("a Region that isn't watched", EVENTBRIDGE, rule(region="eu-west-1"), False),
        ("an administrator", ADMIN, {}, False),
    ):
        yield "responders/event-path/forwarder", Case(title, caller, ASSUME, forwarder, allowed, context)


@pytest.mark.parametrize(("path", "case"), list(trusts()), ids=str)
def test_who_may_assume_a_role(path: str, case: Case, prod: Stack) -> None:
    check(case, decide_under(prod.by_path(path), case, attribute="assume_role_policy"))


SEND = "sqs:SendMessage"
PLAIN_HTTP = {"aws:SecureTransport": "false"}
QUEUES = [
    ("queue", Case("our rule", EVENTBRIDGE, SEND, QUEUE, True, rule(), "EventBridgeRule")),
    ("queue", Case("a forwarding rule", EVENTBRIDGE, SEND, QUEUE, False, rule(region="us-east-2"))),
    ("queue", Case("another rule", EVENTBRIDGE, SEND, QUEUE, False, rule("another"))),
    ("queue", Case("another account's rule", EVENTBRIDGE, SEND, QUEUE, False, rule(account=OTHER_ACCOUNT))),
    ("queue", Case("no rule", EVENTBRIDGE, SEND, QUEUE, False)),
    ("queue", Case("rules read nothing", EVENTBRIDGE, "sqs:ReceiveMessage", QUEUE, False, rule())),
    ("queue", Case("another service", SNS, SEND, QUEUE, False, rule())),
    ("queue", Case("another account", STRANGER, SEND, QUEUE, False)),
    ("queue", Case("nobody in particular", ANYBODY, SEND, QUEUE, False)),
    ("queue", Case("the intake by its own policy", role(f"{PREFIX}-intake"), SEND, QUEUE, True)),
    ("queue", Case("redriving by the deploy role", DEPLOY, SEND, QUEUE, True)),
    *(
        ("queue", Case(f"{title} forges no events", caller, SEND, QUEUE, False, {}, "DenyForgedEvents"))
        for title, caller in {
            "an administrator": ADMIN,
            "a user": USER,
            "root": ROOT,
            "the router": role(f"{PREFIX}-router"),
            "a role named like the intake": role(f"{PREFIX}-intake-2"),
            "the intake on another path": role(f"people/{PREFIX}-intake"),
            "another account's intake": role(f"{PREFIX}-intake", OTHER_ACCOUNT),
            "another account's deploy role": role("cloudtrail-monitoring-deploy", OTHER_ACCOUNT),
        }.items()
    ),
    ("queue", Case("administrators look", ADMIN, "sqs:GetQueueAttributes", QUEUE, True)),
    ("queue", Case("plain HTTP", role(f"{PREFIX}-intake"), SEND, QUEUE, False, PLAIN_HTTP, "DenyPlainHttp")),
    ("queue", Case("our rule, plain HTTP", EVENTBRIDGE, SEND, QUEUE, False, {**rule(), **PLAIN_HTTP})),
    ("dead-letters", Case("no rule", EVENTBRIDGE, SEND, DEAD_LETTERS, False, rule())),
    ("dead-letters", Case("another account", STRANGER, SEND, DEAD_LETTERS, False)),
    ("dead-letters", Case("people redrive", ADMIN, "sqs:ReceiveMessage", DEAD_LETTERS, True)),
    ("dead-letters", Case("plain HTTP", ADMIN, SEND, DEAD_LETTERS, False, PLAIN_HTTP, "DenyPlainHttp")),
    ("failed-calls", Case("the intake's", role(f"{PREFIX}-intake"), SEND, FAILED_CALLS, True)),
    ("failed-calls", Case("another account", STRANGER, SEND, FAILED_CALLS, False)),
    ("failed-calls", Case("people look", ADMIN, "sqs:ReceiveMessage", FAILED_CALLS, True)),
    ("failed-calls", Case("plain HTTP", ADMIN, SEND, FAILED_CALLS, False, PLAIN_HTTP, "DenyPlainHttp")),
]


@pytest.mark.parametrize(("name", "case"), QUEUES, ids=str)
def test_queues(name: str, case: Case, prod: Stack) -> None:
    check(case, decide_under(prod.by_path(f"responders/queue/{name}"), case))


KEY = arn("kms", "key/11111111-2222-3333-4444-555555555555")
DECRYPT, DATA_KEY = "kms:Decrypt", "kms:GenerateDataKey"
INVESTIGATOR = role("incident-response")
INTAKE, ROUTER, RELEASE, STORY = (role(f"{PREFIX}-{name}") for name in FUNCTIONS)
VIA_TABLES = {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}
VIA_SQS = {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}
VIA_LAMBDA = {"kms:ViaService": "lambda.us-east-1.amazonaws.com"}


def of_queue(queue: str = QUEUE) -> dict[str, str]:
    return {"kms:EncryptionContext:aws:sqs:arn": queue}


def of_table(name: str = f"{PREFIX}-incidents") -> dict[str, str]:
    return {**VIA_TABLES, "kms:EncryptionContext:aws:dynamodb:tableName": name}


def of_log(name: str) -> dict[str, str]:
    return {"kms:EncryptionContext:aws:logs:arn": arn("logs", f"log-group:{name}")}


def of_function(name: str) -> dict[str, str]:
    return {"kms:EncryptionContext:aws:lambda:FunctionArn": function(name)}


KEY_CASES = [
    *(Case(f"rules: {action}", EVENTBRIDGE, action, KEY, True, of_queue()) for action in (DECRYPT, DATA_KEY)),
    Case("rules, another queue", EVENTBRIDGE, DATA_KEY, KEY, False, of_queue(arn("sqs", "orders"))),
    Case("rules, no queue", EVENTBRIDGE, DATA_KEY, KEY, False),
    *(Case(f"intake: {action}", INTAKE, action, KEY, True, of_queue()) for action in (DECRYPT, DATA_KEY)),
    Case("the router reads", ROUTER, DECRYPT, KEY, True, of_queue(), "RouterReadsQueue"),
    Case("the router sends nothing", ROUTER, DATA_KEY, KEY, False, of_queue()),
    Case("the release function has no queue", RELEASE, DECRYPT, KEY, False, of_queue()),
    *(
        Case(f"failed calls: {action}", caller, action, KEY, True, of_queue(FAILED_CALLS), "FailedCallsAreHandedOver")
        for caller in (INTAKE, RELEASE, STORY)
        for action in (DECRYPT, DATA_KEY)
    ),
    Case("the router has no failed calls", ROUTER, DATA_KEY, KEY, False, of_queue(FAILED_CALLS)),
    *(
        Case(f"redriving: {action}", DEPLOY, action, KEY, True, {**VIA_SQS, **of_queue(queue)})
        for queue in (QUEUE, DEAD_LETTERS, FAILED_CALLS)
        for action in (DECRYPT, DATA_KEY)
    ),
    *(
        # a reader who could send would have events of his making redriven
        Case(f"looking: {action}", caller, action, KEY, action == DECRYPT, {**VIA_SQS, **of_queue(queue)})
        for caller in (AUDIT, INVESTIGATOR)
        for queue in (DEAD_LETTERS, FAILED_CALLS)
        for action in (DECRYPT, DATA_KEY)
    ),
    *(
        Case(title, caller, DECRYPT, KEY, False, context)
        for title, caller, context in (
            ("looking, another queue", DEPLOY, {**VIA_SQS, **of_queue(arn("sqs", "orders"))}),
            ("looking, no queue", DEPLOY, VIA_SQS),
            ("looking, not past SQS", DEPLOY, of_queue(DEAD_LETTERS)),
            ("an administrator looks at no dead letters", ADMIN, {**VIA_SQS, **of_queue(DEAD_LETTERS)}),
            ("nor does a user", USER, {**VIA_SQS, **of_queue(DEAD_LETTERS)}),
            (
                "nor another account's deploy role",
                role("cloudtrail-monitoring-deploy", OTHER_ACCOUNT),
                {**VIA_SQS, **of_queue(DEAD_LETTERS)},
            ),
        )
    ),
    *(
        Case(f"tables: {action}", caller, action, KEY, True, of_table())
        for caller in (ROUTER, RELEASE, STORY, AUDIT, DEPLOY)
        for action in (DECRYPT, DATA_KEY, "kms:Encrypt", "kms:ReEncryptTo")
    ),
    Case("tables, not the intake", INTAKE, DECRYPT, KEY, False, of_table()),
    Case("tables, another one", ROUTER, DECRYPT, KEY, False, of_table("customers")),
    Case("tables, not past DynamoDB", ROUTER, DECRYPT, KEY, False, {**of_table(), "kms:ViaService": "x.amazonaws.com"}),
    *(
        Case(f"{name} reads its variables", caller, DECRYPT, KEY, True, of_function(name))
        for name, caller in zip(FUNCTIONS, (INTAKE, ROUTER, RELEASE, STORY), strict=True)
    ),
    Case("variables of others", ROUTER, DECRYPT, KEY, False, of_function("web")),
    *(
        Case(f"the log of {name}", CLOUDWATCH_LOGS, DATA_KEY, KEY, True, of_log(name))
        for name in ("CloudTrail/IAMEvents", "CloudTrail/ConsoleEvents", f"/aws/lambda/{PREFIX}-router")
    ),
    Case("another log", CLOUDWATCH_LOGS, DATA_KEY, KEY, False, of_log("/aws/lambda/web")),
    *(
        Case("deployment lets services use it", DEPLOY, "kms:CreateGrant", KEY, allowed, context)
        for allowed, context in (
            (True, {**VIA_LAMBDA, "kms:GrantIsForAWSResource": "true"}),
            (True, {**VIA_TABLES, "kms:GrantIsForAWSResource": "true"}),
            (False, {**VIA_LAMBDA, "kms:GrantIsForAWSResource": "false"}),
            (False, {"kms:GrantIsForAWSResource": "true", "kms:ViaService": "ec2.us-east-1.amazonaws.com"}),
        )
    ),
    Case("deployment writes variables", DEPLOY, "kms:Encrypt", KEY, True, VIA_LAMBDA),
    *(
        Case(f"{title} does not decrypt", caller, DECRYPT, KEY, False, of_queue())
        for title, caller in {
            "an administrator": ADMIN,
            "a user": USER,
            "the audit team": AUDIT,
            "another account": STRANGER,
            "its router": role(f"{PREFIX}-router", OTHER_ACCOUNT),
            "nobody in particular": ANYBODY,
        }.items()
    ),
    Case("administrators manage it", ADMIN, "kms:DescribeKey", KEY, True),
]


@pytest.mark.parametrize("case", KEY_CASES, ids=str)
def test_key(case: Case, prod: Stack) -> None:
    check(case, decide_under(prod.by_path("responders/key/key"), case))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whoever_alerts_may_use_the_topics_key_and_the_topics(name: str, prod: Stack) -> None:
    # R-RSP-6: a role that may publish and not use the key alerts nobody
    allowed = name != "intake"
    for topic, known in ((EMAIL, True), (SMS, True), (arn("sns", "news"), False)):
        context = {"kms:EncryptionContext:aws:sns:topicArn": topic}
        for action in (DECRYPT, DATA_KEY):
            case = Case(f"{name}, {topic}", role(f"{PREFIX}-{name}"), action, KEY, allowed and known, context)
            check(case, decide_under(prod.by_path("topics/key"), case))
    policy = prod.by_path(f"responders/{name}/policy")["policy"]
    for channel in ("email", "sms"):
        topic = arn("sns", f"{PREFIX}-{channel}")
        request = Request(role(f"{PREFIX}-{name}"), "sns:Publish", topic)
        topic_policy = prod.by_path(f"topics/{channel}-policy")["policy"]
        assert decide(request, identity_policies=policy, resource_policy=topic_policy).allowed is allowed


ENHANCED_CONTEXT = {"aws:SourceArn": ENHANCED, "kms:EncryptionContext:aws:cloudtrail:arn": ENHANCED}


def test_bucket_and_key_take_the_enhanced_trail(prod: Stack) -> None:
    # R-RSP-3
    cloudtrail = Principal.service("cloudtrail.amazonaws.com")
    key = Case("encrypts", cloudtrail, DATA_KEY, KEY, True, ENHANCED_CONTEXT)
    check(key, decide_under(prod.by_path("trail-key/key"), key))
    log_file = f"arn:aws:s3:::xyz-corp-cloudtrail-logs-2025/AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz"
    context = {"aws:SourceArn": ENHANCED, "s3:x-amz-acl": "bucket-owner-full-control", "s3:TlsVersion": "1.3"}
    for source, allowed in ((ENHANCED, True), (f"{ENHANCED}-2", False)):
        case = Case("delivers", cloudtrail, "s3:PutObject", log_file, allowed, {**context, "aws:SourceArn": source})
        check(case, decide_under(prod.by_path("archive/logs/policy"), case))


POLICIES = (
    *(f"responders/{name}/{part}" for name in FUNCTIONS for part in ("policy", "role")),
    "responders/event-path/forwarder",
    "responders/event-path/forwarder-policy",
    "responders/key/key",
    "responders/queue/dead-letters",
    "responders/queue/failed-calls",
    "responders/queue/queue",
    "responders/schedules/policy",
    "responders/schedules/role",
)
"""The policies tested here."""
