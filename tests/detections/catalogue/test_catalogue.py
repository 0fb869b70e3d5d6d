"""The catalogue: what is monitored at which level, CIS's texts, and near misses that must not match."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.catalogue.own_roles import WORK
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Stack

PUBLISHED = Path(__file__).with_name("cis_patterns.json")
DEPLOYED = {detection.id: FilterPattern.parse(detection.pattern) for detection in SAMPLE.deployed_detections}
DEPLOY_ROLE = "arn:aws:iam::333333333333:role/deploy"
ALICE = {"type": "IAMUser", "userName": "alice", "accountId": "333333333333"}
STRANGER = {"type": "AWSAccount", "accountId": "777788889999", "principalId": "AIDAQRSTUVWXYZEXAMPLE"}


def session(role: str) -> dict[str, Any]:
    name = role.rpartition("/")[2]
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{role.split(':')[4]}:assumed-role/{name}/session",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role}},
    }


def call(source: str, name: str, identity: dict[str, Any] = ALICE, **fields: Any) -> dict[str, Any]:
    return {"eventSource": f"{source}.amazonaws.com", "eventName": name, "userIdentity": identity, **fields}


def detected(record: dict[str, Any]) -> set[str]:
    return {id_ for id_, pattern in DEPLOYED.items() if pattern.matches(record)}


MONITORED = {
    "R-EVT-1": ("user-created", Level.MEDIUM, "iam", "CreateUser"),
    "R-EVT-2": ("user-deleted", Level.HIGH, "iam", "DeleteUser"),
    "R-EVT-3": ("user-policy-attached", Level.MEDIUM, "iam", "AttachUserPolicy"),
    "R-EVT-4": ("role-created", Level.MEDIUM, "iam", "CreateRole"),
    "R-EVT-5": ("user-inline-policy-put", Level.HIGH, "iam", "PutUserPolicy"),
    "R-EVT-6": ("password-changed", Level.LOW, "iam", "ChangePassword"),
    "R-EVT-7": ("console-login", Level.LOW, "signin", "ConsoleLogin"),
    "R-EVT-8": ("role-assumed", Level.LOW, "sts", "AssumeRole"),
    "R-EVT-9": ("session-token-issued", Level.LOW, "sts", "GetSessionToken"),
    "R-EVT-10": ("access-key-created", Level.HIGH, "iam", "CreateAccessKey"),
    "R-EVT-11": ("access-key-deleted", Level.MEDIUM, "iam", "DeleteAccessKey"),
}


class TestMonitoredEvents:
    @pytest.mark.parametrize("requirement", MONITORED)
    def test_is_detected_at_its_level(self, requirement: str) -> None:
        # R-EVT-1 to R-EVT-11
        id_, level, source, name = MONITORED[requirement]
        assert CATALOGUE[id_].level == level
        assert CATALOGUE[id_].requirement == requirement
        assert id_ in detected(call(source, name))

    @pytest.mark.parametrize("requirement", MONITORED)
    def test_its_namesake_of_another_service_is_not(self, requirement: str) -> None:
        id_, _, _, name = MONITORED[requirement]
        assert id_ not in detected(call("transfer", name))

    @pytest.mark.parametrize("requirement", sorted(MONITORED.keys() - {"R-EVT-7"}))
    def test_a_call_that_failed_is_not(self, requirement: str) -> None:
        id_, _, source, name = MONITORED[requirement]
        assert id_ not in detected(call(source, name, errorCode="AccessDenied"))

    def test_a_service_linked_role_is_none_that_somebody_made(self) -> None:
        # R-EVT-4
        assert "role-created" not in detected(call("iam", "CreateServiceLinkedRole"))


class TestCrossAccount:
    # R-EVT-8, R-INT-3
    def test_a_role_assumed_from_another_account_alerts(self) -> None:
        assert CATALOGUE["role-assumed-from-another-account"].level is Level.MEDIUM
        assert "role-assumed-from-another-account" in detected(call("sts", "AssumeRole", STRANGER))

    @pytest.mark.parametrize("identity", [ALICE, session(DEPLOY_ROLE), {"type": "AWSService"}])
    def test_a_role_assumed_within_the_account_does_not(self, identity: dict[str, Any]) -> None:
        assert detected(call("sts", "AssumeRole", identity)) == {"role-assumed"}

    def test_another_account_s_use_of_a_resource_is_counted(self) -> None:
        assert detected(call("s3", "GetObject", STRANGER)) == {"call-from-another-account"}

    @pytest.mark.parametrize("account", ["333333333333", "ANONYMOUS_PRINCIPAL"])
    def test_neither_our_own_account_s_nor_an_anonymous_one_is(self, account: str) -> None:
        assert detected(call("s3", "GetObject", {**STRANGER, "accountId": account})) == set()

    def test_a_changed_trust_alerts(self) -> None:
        assert "role-trust-changed" in detected(call("iam", "UpdateAssumeRolePolicy"))


TAMPERING = {
    "trail-recording-changed": call("cloudtrail", "PutEventSelectors"),
    "trail-access-changed": call("cloudtrail", "PutResourcePolicy"),
    "archive-access-changed": call("s3", "PutBucketPolicy", requestParameters={"bucketName": "sample-logs"}),
    "archive-keeping-changed": call("s3", "PutBucketVersioning", requestParameters={"bucketName": "sample-logs"}),
    "key-policy-changed": call("kms", "PutKeyPolicy"),
    "alarms-changed": call("monitoring", "DeleteAlarms", requestParameters={"alarmNames": ["x", "sample-audit-root"]}),
    "topics-changed": call(
        "sns", "DeleteTopic", requestParameters={"topicArn": "arn:aws:sns:us-east-1:333333333333:sample-audit-email"}
    ),
    "log-filters-changed": call(
        "logs", "DeleteMetricFilter", requestParameters={"logGroupName": "CloudTrail/sample", "filterName": "x"}
    ),
    "log-group-changed": call("logs", "DeleteLogGroup", requestParameters={"logGroupName": "CloudTrail/sample"}),
    "log-policies-changed": call("logs", "PutAccountPolicy", requestParameters={"policyName": "mask"}),
    "event-rules-changed": call("events", "DisableRule", requestParameters={"name": "sample-audit-root-activity"}),
    "event-bus-changed": call("events", "PutPermission", requestParameters={"statementId": "partner"}),
    "responders-changed": call(
        "lambda", "DeleteFunction20150331", requestParameters={"functionName": "sample-audit-router"}
    ),
    "responder-feed-changed": call(
        "lambda", "UpdateEventSourceMapping20150331", requestParameters={"functionName": "sample-audit-router"}
    ),
    "queues-changed": call(
        "sqs",
        "PurgeQueue",
        requestParameters={"queueUrl": "https://sqs.us-east-1.amazonaws.com/333333333333/sample-audit-events"},
    ),
    "own-roles-changed": call("iam", "DeleteRolePolicy", requestParameters={"roleName": "sample-trail-log-delivery"}),
    "responders-switched": call("ssm", "PutParameter", requestParameters={"name": "/sample-audit/responders"}),
}
ELSEWHERE = {
    "archive-access-changed": {"bucketName": "sample-logs-of-others"},
    "archive-keeping-changed": {"bucketName": "website"},
    "alarms-changed": {"alarmNames": ["web-latency"]},
    "topics-changed": {"topicArn": "arn:aws:sns:us-east-1:333333333333:news"},
    "log-filters-changed": {"logGroupName": "/aws/lambda/web"},
    "log-group-changed": {"logGroupName": "/aws/lambda/web"},
    "event-rules-changed": {"name": "nightly"},
    "event-bus-changed": {"eventBusName": "orders", "statementId": "partner"},
    "responders-changed": {"functionName": "web"},
    "responder-feed-changed": {"functionName": "web", "eventSourceArn": "arn:aws:sqs:us-east-1:333333333333:orders"},
    "queues-changed": {"queueUrl": "https://sqs.us-east-1.amazonaws.com/333333333333/orders"},
    "own-roles-changed": {"roleName": "order-intake"},
    "responders-switched": {"name": "/web/responders"},
}


class TestTrailProtection:
    # R-INT-2
    def test_all_of_it_is_covered_here(self) -> None:
        by_others = {id_ for id_, one in CATALOGUE.items() if one.requirement == "R-INT-2"} - {"responder-misused"}
        assert TAMPERING.keys() == by_others

    @pytest.mark.parametrize("id_", TAMPERING)
    def test_a_change_around_deployment_is_detected(self, id_: str) -> None:
        assert id_ in detected(TAMPERING[id_])
        assert id_ in detected({**TAMPERING[id_], "userIdentity": session("arn:aws:iam::333333333333:role/admin")})

    @pytest.mark.parametrize("id_", TAMPERING)
    def test_a_refused_attempt_is_detected(self, id_: str) -> None:
        assert id_ in detected({**TAMPERING[id_], "errorCode": "AccessDenied"})

    @pytest.mark.parametrize("id_", TAMPERING)
    def test_the_deploy_role_s_change_is_none(self, id_: str) -> None:
        assert id_ not in detected({**TAMPERING[id_], "userIdentity": session(DEPLOY_ROLE)})

    @pytest.mark.parametrize("id_", ELSEWHERE)
    def test_somebody_else_s_resource_is_none_of_ours(self, id_: str) -> None:
        assert id_ not in detected({**TAMPERING[id_], "requestParameters": ELSEWHERE[id_]})


ROLE_CALLS = (
    "AttachRolePolicy",
    "CreateRole",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
)
QUEUE_CALLS = ("AddPermission", "DeleteQueue", "PurgeQueue", "RemovePermission", "SetQueueAttributes")
ARN = "arn:aws:{}:us-east-1:333333333333:{}"


class TestWaysAroundTheProtection:
    # R-INT-2
    @pytest.mark.parametrize("name", ROLE_CALLS)
    @pytest.mark.parametrize("role", ["sample-trail-log-delivery", "sample-audit-router"])
    def test_whatever_takes_or_gives_our_roles_their_rights_is_told(self, role: str, name: str) -> None:
        assert "own-roles-changed" in detected(call("iam", name, requestParameters={"roleName": role}))

    @pytest.mark.parametrize("name", QUEUE_CALLS)
    def test_whatever_empties_or_opens_our_queues_is_told(self, name: str) -> None:
        url = TAMPERING["queues-changed"]["requestParameters"]
        assert "queues-changed" in detected(call("sqs", name, requestParameters=url))
        assert "queues-changed" not in detected(call("sns", name, requestParameters=url))

    @pytest.mark.parametrize(("alarm", "told"), [("sample-audit-root-activity", True), ("web-latency", False)])
    def test_so_is_a_rule_that_mutes_our_alarms(self, alarm: str, told: bool) -> None:
        muted = call("monitoring", "PutAlarmMuteRule", requestParameters={"muteTargets": {"alarmNames": ["x", alarm]}})
        assert ("alarms-changed" in detected(muted)) is told

    @pytest.mark.parametrize(
        ("function", "queue", "told"),
        [
            ("sample-audit-router", "sample-audit-events", True),
            ("collector", "sample-audit-events", True),
            ("sample-audit-router", "orders", True),
            ("collector", "orders", False),
        ],
    )
    def test_so_is_a_mapping_s_end_which_only_the_answer_names(self, function: str, queue: str, told: bool) -> None:
        deleted = call(
            "lambda",
            "DeleteEventSourceMapping20150331",
            requestParameters={"uUID": "0b7c5e92"},
            responseElements={
                "functionArn": ARN.format("lambda", f"function:{function}"),
                "eventSourceArn": ARN.format("sqs", queue),
            },
        )
        assert ("responder-feed-changed" in detected(deleted)) is told

    @pytest.mark.parametrize(
        ("name", "parameters", "told"),
        [
            ("PutPermission", {}, True),
            ("PutPermission", {"eventBusName": "default"}, True),
            ("RemovePermission", {"eventBusName": "orders"}, False),
            ("UpdateEventBus", {"name": "default"}, True),
            ("UpdateEventBus", {"name": "orders"}, False),
        ],
    )
    def test_so_is_a_change_of_the_default_bus(self, name: str, parameters: dict[str, Any], told: bool) -> None:
        assert ("event-bus-changed" in detected(call("events", name, requestParameters=parameters))) is told

    @pytest.mark.parametrize(
        ("identifier", "told"),
        [
            ("CloudTrail/sample", True),
            (ARN.format("logs", "log-group:CloudTrail/sample"), True),
            (ARN.format("logs", "log-group:CloudTrail/sample:*"), True),
            (ARN.format("logs", "log-group:CloudTrail/sample-2:*"), False),
        ],
    )
    def test_so_is_a_change_of_the_log_group_by_whatever_name(self, identifier: str, told: bool) -> None:
        for name, field in (
            ("PutDataProtectionPolicy", "logGroupIdentifier"),
            ("DisassociateKmsKey", "resourceIdentifier"),
        ):
            assert ("log-group-changed" in detected(call("logs", name, requestParameters={field: identifier}))) is told

    @pytest.mark.parametrize(
        "name", ["PutRetentionPolicy", "DeleteRetentionPolicy", "AssociateKmsKey", "DisassociateKmsKey"]
    )
    def test_so_is_each_call_that_an_asterisk_stands_for(self, name: str) -> None:
        group = {"logGroupName": "CloudTrail/sample"}
        assert "log-group-changed" in detected(call("logs", name, requestParameters=group))

    def test_so_is_a_data_protection_policy_on_our_topic(self) -> None:
        topic = ARN.format("sns", "sample-audit-email")
        put = call("sns", "PutDataProtectionPolicy", requestParameters={"resourceArn": topic})
        assert "topics-changed" in detected(put)

    def test_every_role_and_queue_of_the_stack_is_one_of_ours(self, prod: Stack) -> None:
        filters = {
            one["name"].removeprefix("xyz-corp-audit-"): FilterPattern.parse(one["pattern"])
            for one in prod.all("aws_cloudwatch_log_metric_filter")
        }
        roles = [one["name"] for one in prod.all("aws_iam_role")]
        queues = [one["name"] for one in prod.all("aws_sqs_queue")]
        assert "xyz-corp-audit-trail-log-delivery" in roles
        assert queues
        for role in roles:
            deleted = call("iam", "DeleteRole", requestParameters={"roleName": role})
            assert filters["own-roles-changed"].matches(deleted), role
        for queue in queues:
            url = f"https://sqs.us-east-1.amazonaws.com/333333333333/{queue}"
            purged = call("sqs", "PurgeQueue", requestParameters={"queueUrl": url})
            assert filters["queues-changed"].matches(purged), queue


ROUTER = session("arn:aws:iam::333333333333:role/sample-audit-router")


class TestOwnRoles:
    # R-INT-2, R-RSP-1
    @pytest.mark.parametrize("name", WORK)
    def test_what_a_role_is_for_is_not_told(self, name: str) -> None:
        assert "responder-misused" not in detected(call("iam", name, ROUTER))

    @pytest.mark.parametrize("name", ["CreateAccessKey", "UpdateLoginProfile", "PutRolePolicy", "PutEventSelectors"])
    def test_anything_else_is(self, name: str) -> None:
        assert "responder-misused" in detected(call("iam", name, ROUTER))
        assert "responder-misused" in detected(call("iam", name, ROUTER, errorCode="AccessDenied"))
        assert "responder-misused" not in detected(call("iam", name))

    @pytest.mark.parametrize("name", ["PutUserPolicy", "CreatePolicy"])
    @pytest.mark.parametrize(
        ("policy", "effect", "told"),
        [
            ("sample-audit-account-lockout", "Deny", False),
            ("sample-audit-account-lockout-0123456789ab-0123456789ab", "Deny", False),
            ("sample-audit-geo-challenge", "Deny", False),
            ("sample-audit-operators", "Deny", True),
            ("maintenance", "Deny", True),
            ("sample-audit-account-lockout", "Allow", True),
            ("sample-audit-geo-challenge", "Allow", True),
        ],
    )
    def test_so_is_a_policy_that_is_not_ours_or_allows(self, name: str, policy: str, effect: str, told: bool) -> None:
        text = json.dumps({"Statement": [{"Effect": effect, "Action": "*", "Resource": "*"}]})
        wrote = call("iam", name, ROUTER, requestParameters={"policyName": policy, "policyDocument": text})
        assert ("responder-misused" in detected(wrote)) is told

    def test_a_policy_that_is_attached_has_no_name_and_is_not_told(self) -> None:
        # IAM refuses any that is not ours
        policy = "arn:aws:iam::333333333333:policy/sample-audit-account-lockout-0123456789ab-0123456789ab"
        attached = call("iam", "AttachUserPolicy", ROUTER, requestParameters={"policyArn": policy})
        assert "responder-misused" not in detected(attached)

    @pytest.mark.parametrize(
        ("role", "counted"),
        [
            ("333333333333:role/sample-audit-router", False),
            ("333333333333:role/sample-audit-release", False),
            ("333333333333:role/sample-audit-x", True),
            ("333333333333:role/sample-audit-router-2", True),
            ("333333333333:role/sample-audit-alarm-story", True),
            ("333333333333:role/my-sample-audit-router", True),
            ("444444444444:role/sample-audit-router", True),
        ],
    )
    def test_two_roles_alone_write_policies_onto_users_as_their_work(self, role: str, counted: bool) -> None:
        wrote = call("iam", "PutUserPolicy", session(f"arn:aws:iam::{role}"))
        for id_ in ("off-hours-iam-policy-change", "user-inline-policy-put"):
            assert (id_ in detected(wrote)) is counted

    def test_a_user_whose_path_reads_like_our_role_is_counted(self) -> None:
        arn = "arn:aws:iam::333333333333:user/:333333333333:assumed-role/sample-audit-router/alice"
        for id_ in ("off-hours-iam-policy-change", "user-inline-policy-put"):
            assert id_ in detected(call("iam", "PutUserPolicy", {**ALICE, "arn": arn}))

    @pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
    def test_patterns_with_roles_fit_with_the_longest_prefix(self, region: str) -> None:
        settings = changed(SAMPLE, name_prefix="a" * 30, home_region=region)
        patterns = {one.id: one.pattern for one in settings.deployed_detections}
        for id_ in ("off-hours-iam-policy-change", "own-roles-changed", "responder-misused", "user-inline-policy-put"):
            assert len(patterns[id_]) <= 1024


def test_all_15_cis_filters_are_deployed_with_their_exact_text_and_an_alarm(prod: Stack) -> None:
    # R-EVT-12
    published = {entry["pattern"] for entry in json.loads(PUBLISHED.read_text(encoding="utf-8")).values()}
    filters = {one["pattern"]: one for one in prod.all("aws_cloudwatch_log_metric_filter")}
    assert len(published) == 15
    assert published <= filters.keys()
    for text in published:
        metric = filters[text]["metric_transformation"]
        alarm = prod.one("aws_cloudwatch_metric_alarm", metric_name=metric["name"], namespace=metric["namespace"])
        assert alarm["statistic"] == "Sum"
        assert alarm["alarm_actions"]


def test_a_name_that_makes_a_pattern_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="1,024"):
        CATALOGUE["archive-access-changed"].named({"archive_bucket": "a" * 600})
