"""Each construct alone in somebody else's stack, with what is there already handed in instead of made."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import cloudtrail_monitoring as monitoring
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.archive.access_policy import keepers
from cloudtrail_monitoring.archive.search.saved_searches import REQUIRED
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.observability.dashboard import alarms_of
from cloudtrail_monitoring.responders.settings import RespondersSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.archive.search.samples import SEARCH
from tests.settings_samples import ALERTING, ARCHIVE, LOCATION, TRAIL
from tests.synthesised import Stack, synthesise

TRAIL_ARN = LOCATION.arn("cloudtrail", "trail/sample-trail")
TOPIC = LOCATION.arn("sns", "everybodys-alerts")
KEY = LOCATION.arn("kms", "key/1234")
TOPICS = dict.fromkeys(Channel, TOPIC)

BUCKET_PARTS = (
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
)
SEARCHED = {
    "aws_athena_named_query": len(REQUIRED),
    "aws_athena_workgroup": 1,
    "aws_glue_catalog_database": 1,
    "aws_glue_catalog_table": 1,
}
LOCKED = {"aws_s3_bucket_logging": 1, "aws_s3_bucket_object_lock_configuration": 1}


def log_archive(stack: Any, **existing: Any) -> None:
    monitoring.LogArchive(stack, "archive", ARCHIVE, location=LOCATION, trail_arns=[TRAIL_ARN], **existing)


def archive_search(stack: Any, **existing: Any) -> None:
    monitoring.ArchiveSearch(
        stack,
        "search",
        SEARCH,
        location=LOCATION,
        prefix="sample",
        archive_bucket_name="everybodys-logs",
        keepers=keepers(ARCHIVE, LOCATION),
        **existing,
    )


def trail_key(stack: Any) -> None:
    monitoring.TrailKey(
        stack, "key", ARCHIVE, location=LOCATION, alias="sample", trail_arns=[TRAIL_ARN], log_group_name="sample"
    )


def audit_trail(stack: Any, **existing: Any) -> None:
    monitoring.AuditTrail(stack, "trail", TRAIL, location=LOCATION, bucket_name="everybodys-logs", **existing)


def alert_topics(stack: Any, **existing: Any) -> None:
    monitoring.AlertTopics(stack, "topics", ALERTING, location=LOCATION, prefix="sample", **existing)


def security_alarms(stack: Any) -> None:
    monitoring.SecurityAlarms(
        stack,
        "alarms",
        ALERTING,
        detections=tuple(CATALOGUE.values()),
        log_group_name="everybodys-trail",
        topic_arns=TOPICS,
        prefix="sample",
        namespace="Sample",
    )


def anomaly_alarms(stack: Any) -> None:
    monitoring.AnomalyAlarms(
        stack,
        "anomalies",
        ALERTING,
        detections=tuple(CATALOGUE.values()),
        log_group_name="everybodys-trail",
        topic_arns=TOPICS,
        prefix="sample",
        namespace="Sample",
    )


def dashboard(stack: Any) -> None:
    monitoring.MonitoringDashboard(
        stack,
        "dashboard",
        monitoring.ObservabilitySettings(),
        location=LOCATION,
        prefix="sample",
        namespace="Sample",
        detections=tuple(CATALOGUE.values()),
        alarms=tuple(alarms_of(stack)),
        log_group_name="everybodys-trail",
        runbook_url="https://runbooks.example.com",
        anomaly=ALERTING.anomaly,
    )


def root_activity_rule(stack: Any) -> None:
    monitoring.RootActivityRule(
        stack,
        "root",
        location=LOCATION,
        prefix="sample",
        topic_arn=TOPIC,
        runbook_url="https://runbooks.example.com",
        providers={},
    )


def saved_queries(stack: Any, **existing: Any) -> None:
    monitoring.SavedQueries(
        stack,
        "queries",
        detections=tuple(CATALOGUE.values()),
        account_id=LOCATION.account_id,
        prefix="sample",
        log_group_name="everybodys-trail",
        **existing,
    )


def cost_budget(stack: Any) -> None:
    monitoring.CostBudget(
        stack, "budget", monitoring.BudgetSettings(), location=LOCATION, prefix="sample", topic_arn=TOPIC
    )


def responders(stack: Any, settings: Any = None, **existing: Any) -> None:
    monitoring.Responders(
        stack,
        "responders",
        settings or RespondersSettings(enhanced_logging=None),
        location=LOCATION,
        prefix="sample",
        log_group_name="everybodys-trail",
        topic_arns=TOPICS,
        alarm_actions=[TOPIC],
        runbook_url="https://runbooks.example.com",
        business_hours=ALERTING.business_hours,
        deploy_role_arn=LOCATION.iam_arn("role/deploy"),
        metric_namespace="Sample",
        **existing,
    )


def enhanced_trail(stack: Any) -> None:
    monitoring.EnhancedTrail(
        stack, "enhanced", location=LOCATION, trail_name="sample-trail", bucket_name="everybodys-logs"
    )


# What each makes, and what it makes where the rest is handed in.
MADE: dict[str, tuple[Callable[[Any], None], dict[str, int]]] = {
    "archive": (log_archive, {**dict.fromkeys(BUCKET_PARTS, 2), **LOCKED}),
    "archive, access logs elsewhere": (
        lambda stack: log_archive(stack, existing_access_log_bucket="everybodys-access-logs"),
        {**dict.fromkeys(BUCKET_PARTS, 1), **LOCKED},
    ),
    "search of an existing archive": (
        archive_search,
        {**dict.fromkeys(BUCKET_PARTS, 2), "aws_s3_bucket_logging": 1, **SEARCHED},
    ),
    "search of an existing archive, access logs elsewhere": (
        lambda stack: archive_search(stack, existing_access_log_bucket="everybodys-access-logs"),
        {**dict.fromkeys(BUCKET_PARTS, 1), "aws_s3_bucket_logging": 1, **SEARCHED},
    ),
    "key": (trail_key, {"aws_kms_key": 1, "aws_kms_alias": 1}),
    "trail into an existing bucket": (
        audit_trail,
        {"aws_cloudtrail": 1, "aws_cloudwatch_log_group": 1, "aws_iam_role": 1, "aws_iam_role_policy": 1},
    ),
    "trail into existing bucket, key and log group": (
        lambda stack: audit_trail(stack, kms_key_arn=KEY, existing_log_group="everybodys-trail"),
        {"aws_cloudtrail": 1, "aws_iam_role": 1, "aws_iam_role_policy": 1},
    ),
    "topics": (
        alert_topics,
        {
            "aws_kms_alias": 1,
            "aws_kms_key": 1,
            "aws_sns_topic": 2,
            "aws_sns_topic_policy": 2,
            "aws_sns_topic_subscription": 2,
        },
    ),
    "topics, existing key": (
        lambda stack: alert_topics(stack, existing_key_arn=KEY),
        {"aws_sns_topic": 2, "aws_sns_topic_policy": 2, "aws_sns_topic_subscription": 2},
    ),
    "topics, all existing": (lambda stack: alert_topics(stack, existing_topic_arns=TOPICS), {}),
    "alarms on an existing log group": (
        security_alarms,
        {
            "aws_cloudwatch_log_metric_filter": len(CATALOGUE),
            "aws_cloudwatch_metric_alarm": len(CATALOGUE) - 1,
        },
    ),
    "anomaly alarms on an existing log group": (anomaly_alarms, {"aws_cloudwatch_metric_alarm": 2}),
    "dashboard": (dashboard, {"aws_cloudwatch_dashboard": 1}),
    "responders on an existing log group and topics": (
        responders,
        {
            "aws_cloudwatch_event_rule": 2,
            "aws_cloudwatch_event_target": 2,
            "aws_cloudwatch_log_group": 6,
            "aws_cloudwatch_log_subscription_filter": 1,
            "aws_cloudwatch_metric_alarm": 11,
            "aws_dynamodb_table": 2,
            "aws_iam_role": 5,
            "aws_iam_role_policy": 5,
            "aws_kms_alias": 1,
            "aws_kms_key": 1,
            "aws_lambda_event_source_mapping": 1,
            "aws_lambda_function": 4,
            "aws_lambda_layer_version": 1,
            "aws_lambda_permission": 2,
            "aws_scheduler_schedule": 1,
            "aws_scheduler_schedule_group": 1,
            "aws_sqs_queue": 3,
            "aws_ssm_parameter": 1,
        },
    ),
    "enhanced trail into an existing bucket": (enhanced_trail, {"aws_cloudtrail": 1}),
    # 3 of the requirements, 10 to investigate with, and all detections but the 2 that Logs Insights can't say
    "queries on an existing log group": (saved_queries, {"aws_cloudwatch_query_definition": 13 + len(CATALOGUE) - 2}),
    "queries on existing category log groups": (
        lambda stack: saved_queries(
            stack, category_log_groups={"CloudTrail/IAMEvents": "iam", "CloudTrail/ConsoleEvents": "logins"}
        ),
        {"aws_cloudwatch_query_definition": 13 + len(CATALOGUE) - 2 + 2},
    ),
    "budget to an existing topic": (cost_budget, {"aws_budgets_budget": 1}),
    "rule to an existing topic": (
        root_activity_rule,
        {"aws_cloudwatch_event_rule": 1, "aws_cloudwatch_event_target": 1},
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_makes_its_own_parts_and_no_more(name: str) -> None:
    # R-DEL-4
    build, made = MADE[name]
    assert Counter(one.type for one in synthesise(build).resources()) == made


def test_alarms_tell_the_topics_they_are_given() -> None:
    stack = synthesise(security_alarms)
    told = {one["tags"]["Level"]: set(one["alarm_actions"]) for one in stack.all("aws_cloudwatch_metric_alarm")}
    assert told == {"Low": set(), "Medium": {TOPIC}, "High": {TOPIC}}
    assert {one["log_group_name"] for one in stack.all("aws_cloudwatch_log_metric_filter")} == {"everybodys-trail"}


def test_constructs_of_one_stack_work_together() -> None:
    def build(scope: Any) -> None:
        archive = monitoring.LogArchive(scope, "archive", ARCHIVE, location=LOCATION, trail_arns=[TRAIL_ARN])
        monitoring.AuditTrail(
            scope,
            "trail",
            TRAIL,
            location=LOCATION,
            bucket_name=archive.bucket_name,
            bucket_policy=[archive.policy],
        )

    stack = synthesise(build)
    trail = stack.one("aws_cloudtrail")
    bucket = stack.one("aws_s3_bucket", bucket="sample-logs")
    assert trail["s3_bucket_name"] == f"${{{bucket.address}.id}}"
    assert f"arn:aws:s3:::${{{bucket.address}.id}}/" in str(trail["advanced_event_selector"])


def test_two_of_a_kind_stand_in_one_stack() -> None:
    def build(scope: Any) -> None:
        for name in ("first", "second"):
            monitoring.AuditTrail(scope, name, TRAIL, location=LOCATION, bucket_name=f"{name}-logs")

    assert len(synthesise(build).all("aws_cloudtrail")) == 2


def test_every_part_can_be_overridden() -> None:
    def build(scope: Any) -> None:
        archive = monitoring.LogArchive(scope, "archive", ARCHIVE, location=LOCATION, trail_arns=[TRAIL_ARN])
        archive.logs.bucket.add_override("tags.Owner", "audit")
        assert archive.access_logs is not None
        archive.access_logs.encryption.add_override("expected_bucket_owner", LOCATION.account_id)

    stack: Stack = synthesise(build)
    assert stack.one("aws_s3_bucket", bucket="sample-logs")["tags"] == {"Owner": "audit"}
    assert (
        len(stack.all("aws_s3_bucket_server_side_encryption_configuration", expected_bucket_owner="333333333333")) == 1
    )


def test_enhanced_logging_needs_a_trail_to_start() -> None:
    with pytest.raises(SettingsError, match="no enhanced_trail_arn"):
        synthesise(lambda stack: responders(stack, RespondersSettings()))
