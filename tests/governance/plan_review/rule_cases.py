"""For each rule what it has to catch, and the like of it that it has to leave alone.

``before`` becomes ``weaker`` or ``harmless``; ``None`` for ``weaker`` is a resource that goes.
"""

import json
from typing import Any, NamedTuple

Attributes = dict[str, Any]
OURS = "arn:aws:iam::333333333333:role/ours"
OTHERS = "arn:aws:iam::444444444444:root"
ACCOUNT = "arn:aws:iam::333333333333:root"


PROJECTION = {
    "projection.region.values": "us-east-1,us-west-2",
    "projection.day.range": "2025/01/01,NOW",
    "storage.location.template": "s3://logs/${region}/${day}",
}


class RuleCase(NamedTuple):
    rule: str
    type: str
    before: Attributes | None
    weaker: Attributes | None
    harmless: Attributes | None
    replaces: bool = False


def policy(*statements: Attributes) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str] = "s3:PutObject", to: Any = None, **more: Any) -> Attributes:
    principal = {} if to == "" else {"Principal": to or {"Service": "cloudtrail.amazonaws.com"}}
    return {"Sid": "Grant", "Effect": "Allow", **principal, "Action": action, "Resource": "*", **more}


def deny(*spared: str) -> Attributes:
    condition = {"Condition": {"ArnNotLike": {"aws:PrincipalArn": list(spared)}}} if spared else {}
    return {
        "Sid": "Refuse",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": "*",
        **condition,
    }


def trusted(to: Any) -> Attributes:
    return {"Effect": "Allow", "Principal": to, "Action": "sts:AssumeRole"}


def goes(rule: str, type_: str, /, **attributes: Any) -> RuleCase:
    """A rule about a resource that goes; a tag does no harm."""
    return RuleCase(rule, type_, attributes, None, {**attributes, "tags": {"a": "b"}})


def differs(rule: str, type_: str, weaker: Attributes, harmless: Attributes, /, **before: Any) -> RuleCase:
    return RuleCase(rule, type_, before, {**before, **weaker}, {**before, **harmless})


def documents(prefix: str, type_: str, attribute: str = "policy") -> list[RuleCase]:
    """The three rules about a resource's policy."""
    held = {attribute: policy(allow(), deny(OURS))}
    same = {attribute: policy(deny(OURS), allow())}
    return [
        RuleCase(f"{prefix}-policy-opened", type_, held, {attribute: policy(allow())}, same),
        RuleCase(
            f"{prefix}-exemptions-widened",
            type_,
            held,
            {attribute: policy(allow(), deny(OURS, OTHERS))},
            {attribute: policy(allow(), deny())},
        ),
        RuleCase(
            {"bucket": "bucket-delivery-cut"}.get(prefix, f"{prefix}-grant-withdrawn"),
            type_,
            held,
            {attribute: policy(deny(OURS))},
            same,
        ),
    ]


SELECTORS = [
    {"name": "m", "field_selector": [{"field": "eventCategory", "equals": ["Management"]}]},
    {"name": "d", "field_selector": [{"field": "eventCategory", "equals": ["Data"]}]},
]
ALARM = {
    "alarm_name": "a",
    "comparison_operator": "GreaterThanThreshold",
    "evaluation_periods": 1,
    "metric_name": "m",
    "namespace": "n",
    "period": 300,
    "statistic": "Sum",
    "threshold": 5,
    "treat_missing_data": "notBreaching",
    "alarm_actions": ["x", "y"],
}
_CALLS = {
    "id": "calls",
    "metric": [{"metric_name": "IncomingLogEvents", "namespace": "AWS/Logs", "period": 900, "stat": "Sum"}],
}
FILTER = {
    "name": "f",
    "log_group_name": "g",
    "pattern": '{ $.eventName = "StopLogging" || $.eventName = "DeleteTrail" }',
    "metric_transformation": [{"name": "m", "namespace": "n", "value": "1"}],
}
RESPONDERS = {"break_glass_users": ["/ops/"], "lockout": {"failures": 5, "lock_minutes": 30}}


def responders(**parts: Any) -> Attributes:
    return {"environment": [{"variables": {"RESPONDERS": json.dumps({**RESPONDERS, **parts})}}]}


def lifecycle(days: int, **more: Any) -> Attributes:
    return {"bucket": "b", "rule": [{"id": "keep", "status": "Enabled", "expiration": [{"days": days}], **more}]}


def lock(days: int) -> Attributes:
    return {"bucket": "b", "rule": [{"default_retention": [{"mode": "GOVERNANCE", "days": days}]}]}


def transition(to: str) -> Attributes:
    return {
        "bucket": "b",
        "rule": [{"id": "keep", "status": "Enabled", "transition": [{"days": 90, "storage_class": to}]}],
    }


RULE_CASES = (
    goes("trail-deleted", "aws_cloudtrail", name="t"),
    RuleCase("trail-replaced", "aws_cloudtrail", {"name": "t"}, {"name": "u"}, {"name": "t", "tags": {"a": "b"}}, True),
    differs("trail-stopped", "aws_cloudtrail", {"enable_logging": False}, {"tags": {}}, name="t", enable_logging=True),
    RuleCase(
        "trail-stopped",
        "aws_cloudtrail",
        {"name": "t", "enable_logging": True},
        {"name": "t", "enable_logging": False},
        {"name": "t", "enable_logging": True, "tags": {"a": "b"}},
    ),
    differs(
        "trail-single-region",
        "aws_cloudtrail",
        {"is_multi_region_trail": False},
        {"tags": {"a": "b"}},
        is_multi_region_trail=True,
    ),
    differs(
        "trail-global-events-off",
        "aws_cloudtrail",
        {"include_global_service_events": False},
        {"tags": {"a": "b"}},
        include_global_service_events=True,
    ),
    differs(
        "trail-validation-off",
        "aws_cloudtrail",
        {"enable_log_file_validation": False},
        {"tags": {"a": "b"}},
        enable_log_file_validation=True,
    ),
    differs(
        "trail-selectors-narrowed",
        "aws_cloudtrail",
        {"advanced_event_selector": SELECTORS[:1]},
        {"advanced_event_selector": SELECTORS[::-1]},
        advanced_event_selector=SELECTORS,
    ),
    differs(
        "trail-insights-removed",
        "aws_cloudtrail",
        {"insight_selector": []},
        {"insight_selector": [{"insight_type": "B"}, {"insight_type": "A"}]},
        insight_selector=[{"insight_type": "A"}],
    ),
    differs(
        "trail-archive-changed", "aws_cloudtrail", {"s3_bucket_name": "c"}, {"tags": {"a": "b"}}, s3_bucket_name="b"
    ),
    differs(
        "trail-log-delivery-cut",
        "aws_cloudtrail",
        {"cloud_watch_logs_group_arn": ""},
        {"tags": {"a": "b"}},
        cloud_watch_logs_group_arn="g",
    ),
    differs("trail-key-changed", "aws_cloudtrail", {"kms_key_id": None}, {"tags": {"a": "b"}}, kms_key_id="k"),
    differs(
        "trail-organization-off",
        "aws_cloudtrail",
        {"is_organization_trail": False},
        {"tags": {"a": "b"}},
        is_organization_trail=True,
    ),
    goes("log-group-deleted", "aws_cloudwatch_log_group", name="g"),
    RuleCase(
        "log-group-replaced",
        "aws_cloudwatch_log_group",
        {"name": "g"},
        {"name": "h"},
        {"name": "g", "tags": {"a": "b"}},
        True,
    ),
    differs(
        "log-retention-shortened",
        "aws_cloudwatch_log_group",
        {"retention_in_days": 30},
        {"retention_in_days": 0},
        retention_in_days=365,
    ),
    differs(
        "log-group-key-changed", "aws_cloudwatch_log_group", {"kms_key_id": ""}, {"tags": {"a": "b"}}, kms_key_id="k"
    ),
    differs(
        "log-group-class-changed",
        "aws_cloudwatch_log_group",
        {"log_group_class": "INFREQUENT_ACCESS"},
        {"tags": {"a": "b"}},
        log_group_class="STANDARD",
    ),
    goes("bucket-deleted", "aws_s3_bucket", bucket="b"),
    differs(
        "bucket-emptied-on-destroy", "aws_s3_bucket", {"force_destroy": True}, {"tags": {"a": "b"}}, force_destroy=False
    ),
    differs(
        "versioning-off",
        "aws_s3_bucket_versioning",
        {"versioning_configuration": [{"status": "Suspended"}]},
        {"expected_bucket_owner": "333333333333"},
        versioning_configuration=[{"status": "Enabled"}],
    ),
    differs(
        "encryption-changed",
        "aws_s3_bucket_server_side_encryption_configuration",
        {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]},
        {
            "rule": [
                {"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}], "bucket_key_enabled": True}
            ]
        },
        rule=[{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}],
    ),
    differs(
        "public-access-opened",
        "aws_s3_bucket_public_access_block",
        {"restrict_public_buckets": False},
        {"block_public_acls": True},
        block_public_acls=False,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    ),
    differs(
        "ownership-changed",
        "aws_s3_bucket_ownership_controls",
        {"rule": [{"object_ownership": "ObjectWriter"}]},
        {"region": "x"},
        rule=[{"object_ownership": "BucketOwnerEnforced"}],
    ),
    goes("bucket-policy-deleted", "aws_s3_bucket_policy", bucket="b", policy=policy(deny())),
    *documents("bucket", "aws_s3_bucket_policy"),
    RuleCase(
        "retention-shortened", "aws_s3_bucket_lifecycle_configuration", lifecycle(2557), lifecycle(365), lifecycle(3650)
    ),
    RuleCase(
        "archive-unsearchable",
        "aws_s3_bucket_lifecycle_configuration",
        transition("GLACIER_IR"),
        transition("DEEP_ARCHIVE"),
        transition("STANDARD_IA"),
    ),
    RuleCase("lock-removed", "aws_s3_bucket_object_lock_configuration", lock(30), None, lock(60)),
    RuleCase("lock-shortened", "aws_s3_bucket_object_lock_configuration", lock(30), lock(29), lock(31)),
    differs(
        "access-logging-cut",
        "aws_s3_bucket_logging",
        {"target_bucket": "c"},
        {"expected_bucket_owner": "x"},
        target_bucket="b",
    ),
    goes("key-deleted", "aws_kms_key", description="k"),
    differs("key-disabled", "aws_kms_key", {"is_enabled": False}, {"description": "k"}, is_enabled=True),
    differs(
        "key-rotation-off",
        "aws_kms_key",
        {"enable_key_rotation": False},
        {"description": "k"},
        enable_key_rotation=True,
    ),
    differs(
        "key-deletion-window-shortened",
        "aws_kms_key",
        {"deletion_window_in_days": 7},
        {"deletion_window_in_days": 30},
        deletion_window_in_days=20,
    ),
    *documents("key", "aws_kms_key"),
    differs(
        "key-alias-changed", "aws_kms_alias", {"target_key_id": "l"}, {"region": "x"}, name="alias/a", target_key_id="k"
    ),
    goes("filter-removed", "aws_cloudwatch_log_metric_filter", **FILTER),
    differs(
        "filter-narrowed",
        "aws_cloudwatch_log_metric_filter",
        {"pattern": '{ $.eventName = "StopLogging" }'},
        {"pattern": '{ $.eventName = "*Trail" || $.eventName = "StopLogging" }'},
        **FILTER,
    ),
    differs(
        "filter-metric-changed",
        "aws_cloudwatch_log_metric_filter",
        {"metric_transformation": [{"name": "o", "namespace": "n", "value": "1"}]},
        {"metric_transformation": [{"name": "m", "namespace": "n", "value": "1", "unit": "Count"}]},
        **FILTER,
    ),
    differs("filter-moved", "aws_cloudwatch_log_metric_filter", {"log_group_name": "h"}, {"tags": {}}, **FILTER),
    goes("alarm-removed", "aws_cloudwatch_metric_alarm", **ALARM),
    differs(
        "alarm-silenced",
        "aws_cloudwatch_metric_alarm",
        {"actions_enabled": False},
        {"ok_actions": ["x"]},
        **ALARM,
        actions_enabled=True,
    ),
    differs(
        "alarm-silenced",
        "aws_cloudwatch_composite_alarm",
        {"actions_suppressor": [{"alarm": "b"}]},
        {"ok_actions": ["x"]},
        alarm_rule="ALARM(a)",
    ),
    differs(
        "alarm-actions-removed",
        "aws_cloudwatch_metric_alarm",
        {"alarm_actions": ["x"]},
        {"alarm_actions": ["z", "y", "x"]},
        **ALARM,
    ),
    differs("alarm-rethresholded", "aws_cloudwatch_metric_alarm", {"threshold": 6}, {"threshold": 4}, **ALARM),
    differs(
        "alarm-rethresholded",
        "aws_cloudwatch_metric_alarm",
        {"metric_query": [_CALLS, {"id": "usual", "expression": "ANOMALY_DETECTION_BAND(calls, 5)"}]},
        {"metric_query": [_CALLS, {"id": "usual", "expression": "ANOMALY_DETECTION_BAND(calls, 2)"}]},
        alarm_name="a",
        comparison_operator="GreaterThanUpperThreshold",
        evaluation_periods=3,
        datapoints_to_alarm=2,
        threshold_metric_id="usual",
        treat_missing_data="notBreaching",
        metric_query=[_CALLS, {"id": "usual", "expression": "ANOMALY_DETECTION_BAND(calls, 3)"}],
    ),
    differs(
        "alarm-metric-changed",
        "aws_cloudwatch_metric_alarm",
        {"statistic": "Average"},
        {"alarm_description": "d"},
        **ALARM,
    ),
    differs(
        "alarm-rule-changed",
        "aws_cloudwatch_composite_alarm",
        {"alarm_rule": "FALSE"},
        {"ok_actions": ["x"]},
        alarm_rule="ALARM(a)",
    ),
    goes("subscription-filter-removed", "aws_cloudwatch_log_subscription_filter", name="s", filter_pattern=""),
    differs(
        "subscription-filter-narrowed",
        "aws_cloudwatch_log_subscription_filter",
        {"filter_pattern": '{ $.a = "b" }'},
        {"filter_pattern": '{ $.a = "b" || $.a = "c" || $.a = "d" }'},
        filter_pattern='{ $.a = "b" || $.a = "c" }',
    ),
    differs(
        "subscription-filter-re-aimed",
        "aws_cloudwatch_log_subscription_filter",
        {"destination_arn": "g"},
        {"distribution": "ByLogStream"},
        destination_arn="f",
    ),
    differs(
        "subscription-filter-narrowed",
        "aws_cloudwatch_log_subscription_filter",
        {"filter_pattern": '{ $.a = "b" }'},
        {"distribution": "ByLogStream"},
        filter_pattern="",
    ),
    differs(
        "event-rule-narrowed",
        "aws_cloudwatch_event_rule",
        {"event_pattern": None},
        {"event_pattern": '{"source": [{"prefix": "aws."}]}'},
        event_pattern='{"source": ["aws.iam"]}',
    ),
    RuleCase(
        "subscription-filter-removed",
        "aws_cloudwatch_log_subscription_filter",
        {"filter_pattern": '{ $.a = "b" }'},
        None,
        {"filter_pattern": ""},
    ),
    goes("event-rule-removed", "aws_cloudwatch_event_rule", name="r"),
    differs(
        "event-rule-disabled",
        "aws_cloudwatch_event_rule",
        {"state": "DISABLED"},
        {"state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"},
        state="ENABLED",
    ),
    differs(
        "event-rule-narrowed",
        "aws_cloudwatch_event_rule",
        {"event_pattern": '{"source": ["aws.iam"], "detail": {"a": [1]}}'},
        {"event_pattern": '{"source": ["aws.iam", "aws.sts"]}'},
        event_pattern='{"source": ["aws.iam"]}',
    ),
    goes("event-target-removed", "aws_cloudwatch_event_target", arn="a"),
    differs(
        "event-target-re-aimed", "aws_cloudwatch_event_target", {"arn": "b"}, {"force_destroy": True}, arn="a", rule="r"
    ),
    goes("event-bus-opened", "aws_cloudwatch_event_bus_policy", policy=policy(allow("events:PutEvents"))),
    goes("topic-removed", "aws_sns_topic", name="t"),
    differs(
        "topic-key-changed", "aws_sns_topic", {"kms_master_key_id": None}, {"display_name": "d"}, kms_master_key_id="k"
    ),
    *documents("topic", "aws_sns_topic_policy"),
    goes("recipient-removed", "aws_sns_topic_subscription", endpoint="someone@example.com", protocol="email"),
    differs(
        "recipient-filtered",
        "aws_sns_topic_subscription",
        {"filter_policy": '{"a": ["b"]}'},
        {"raw_message_delivery": True},
        endpoint="e",
    ),
    goes("function-removed", "aws_lambda_function", function_name="f"),
    differs(
        "function-throttled",
        "aws_lambda_function",
        {"reserved_concurrent_executions": 0},
        {"reserved_concurrent_executions": 10},
        reserved_concurrent_executions=-1,
    ),
    differs(
        "failed-calls-dropped",
        "aws_lambda_function",
        {"dead_letter_config": []},
        {"memory_size": 512},
        dead_letter_config=[{"target_arn": "q"}],
    ),
    RuleCase(
        "responder-settings-weakened",
        "aws_lambda_function",
        responders(),
        responders(lockout={"failures": 6, "lock_minutes": 30}),
        responders(lockout={"failures": 4, "lock_minutes": 60}),
    ),
    RuleCase(
        "break-glass-widened",
        "aws_lambda_function",
        responders(),
        responders(break_glass_users=["/ops/", "mallory"]),
        responders(break_glass_users=[]),
    ),
    differs(
        "function-reader-removed",
        "aws_lambda_event_source_mapping",
        {"enabled": False},
        {"batch_size": 1},
        enabled=True,
    ),
    goes("function-permission-removed", "aws_lambda_permission", principal="logs.amazonaws.com"),
    differs(
        "function-permission-opened",
        "aws_lambda_permission",
        {"principal": "*"},
        {"statement_id": "s"},
        principal="logs.amazonaws.com",
    ),
    differs("schedule-changed", "aws_scheduler_schedule", {"state": "DISABLED"}, {"description": "d"}, state="ENABLED"),
    goes("queue-removed", "aws_sqs_queue", name="q"),
    differs(
        "queue-dead-letters-cut", "aws_sqs_queue", {"redrive_policy": ""}, {"delay_seconds": 1}, redrive_policy="{}"
    ),
    differs(
        "queue-retention-shortened",
        "aws_sqs_queue",
        {"message_retention_seconds": 60},
        {"message_retention_seconds": 1_209_600},
        message_retention_seconds=345_600,
    ),
    *documents("queue", "aws_sqs_queue"),
    differs(
        "queue-key-changed", "aws_sqs_queue", {"kms_master_key_id": None}, {"delay_seconds": 1}, kms_master_key_id="k"
    ),
    goes("incidents-deleted", "aws_dynamodb_table", name="t"),
    differs(
        "table-unprotected",
        "aws_dynamodb_table",
        {"point_in_time_recovery": [{"enabled": False}]},
        {"tags": {"a": "b"}},
        point_in_time_recovery=[{"enabled": True}],
    ),
    differs("responders-switched-off", "aws_ssm_parameter", {"value": "off"}, {"description": "d"}, value="on"),
    goes("role-removed", "aws_iam_role", name="r"),
    differs(
        "role-trust-opened",
        "aws_iam_role",
        {"assume_role_policy": policy(trusted({"Service": "lambda.amazonaws.com"}), trusted({"AWS": OTHERS}))},
        {"description": "d"},
        assume_role_policy=policy(trusted({"Service": "lambda.amazonaws.com"})),
    ),
    differs(
        "role-trust-withdrawn",
        "aws_iam_role",
        {"assume_role_policy": policy(trusted({"AWS": ACCOUNT}))},
        {"description": "d"},
        assume_role_policy=policy(trusted({"Service": "lambda.amazonaws.com"})),
    ),
    differs(
        "role-boundary-changed",
        "aws_iam_role",
        {"permissions_boundary": None},
        {"description": "d"},
        permissions_boundary="b",
    ),
    differs(
        "role-policy-opened",
        "aws_iam_role_policy",
        {"policy": policy(allow("s3:*", ""))},
        {"policy": policy({**allow("s3:GetObject", ""), "Sid": "Other"})},
        policy=policy(allow("s3:GetObject", "")),
    ),
    differs(
        "role-policy-withdrawn",
        "aws_iam_role_policy",
        {"policy": policy(allow("s3:GetObject", ""))},
        {"policy": policy(allow(["s3:PutObject", "s3:GetObject"], ""))},
        policy=policy(allow(["s3:GetObject", "s3:PutObject"], "")),
    ),
    differs(
        "role-policy-foreign",
        "aws_iam_role",
        {"inline_policy": [{"name": "more", "policy": "{}"}]},
        {"description": "d"},
        inline_policy=[],
    ),
    RuleCase(
        "powers-granted",
        "aws_iam_policy",
        None,
        {"policy": policy(allow("cloudtrail:*", ""))},
        {"policy": policy(allow("cloudtrail:Describe*", ""))},
    ),
    RuleCase("policy-attached", "aws_iam_role_policy_attachment", None, {"policy_arn": "p"}, None),
    goes("guard-rail-removed", "aws_organizations_policy", name="p"),
    differs(
        "guard-rail-opened",
        "aws_organizations_policy",
        {"content": policy(allow("*", ""))},
        {"description": "d"},
        content=policy(allow("*", ""), {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}),
    ),
    differs(
        "identity-provider-opened",
        "aws_iam_openid_connect_provider",
        {"client_id_list": ["a", "b"]},
        {"tags": {"a": "b"}},
        client_id_list=["a"],
    ),
    goes("log-policy-opened", "aws_cloudwatch_log_resource_policy", policy_document=policy(allow("logs:PutLogEvents"))),
    differs(
        "budget-raised", "aws_budgets_budget", {"limit_amount": "300"}, {"limit_amount": "100.5"}, limit_amount="200"
    ),
    differs(
        "budget-removed",
        "aws_budgets_budget",
        {"notification": []},
        {"tags": {"a": "b"}},
        notification=[{"threshold": 80}],
    ),
    differs(
        "scan-limit-raised",
        "aws_athena_workgroup",
        {"configuration": [{}]},
        {"configuration": [{"bytes_scanned_cutoff_per_query": 1}]},
        configuration=[{"bytes_scanned_cutoff_per_query": 10}],
    ),
    goes("search-removed", "aws_athena_workgroup", name="w"),
    goes("search-removed", "aws_glue_catalog_database", name="d"),
    goes("search-removed", "aws_glue_catalog_table", name="t"),
    differs(
        "table-looks-elsewhere",
        "aws_glue_catalog_table",
        {"storage_descriptor": [{"location": "s3://other/"}]},
        {"description": "d"},
        storage_descriptor=[{"location": "s3://logs/AWSLogs/"}],
    ),
    differs(
        "table-looks-elsewhere",
        "aws_glue_catalog_table",
        {"parameters": PROJECTION | {"storage.location.template": "s3://other/${day}"}},
        {"parameters": PROJECTION | {"projection.region.values": "us-west-2,us-east-1,eu-west-1"}},
        parameters=PROJECTION,
    ),
    differs(
        "table-looks-elsewhere",
        "aws_glue_catalog_table",
        {"parameters": PROJECTION | {"projection.region.values": "us-east-1"}},
        {"description": "d"},
        parameters=PROJECTION,
    ),
    differs(
        "table-looks-elsewhere",
        "aws_glue_catalog_table",
        {"parameters": PROJECTION | {"projection.day.range": "2025/01/02,NOW"}},
        {"parameters": PROJECTION | {"projection.day.range": "2024/12/31,NOW"}},
        parameters=PROJECTION,
    ),
    differs(
        "table-looks-elsewhere",
        "aws_glue_catalog_table",
        {"parameters": PROJECTION | {"metadata_location": "s3://other/metadata.json"}},
        {"description": "d"},
        parameters=PROJECTION,
    ),
    differs(
        "table-looks-elsewhere",
        "aws_glue_catalog_table",
        {"target_table": [{"catalog_id": "444444444444", "database_name": "d", "name": "t"}]},
        {"description": "d"},
        target_table=[],
    ),
    differs(
        "table-looks-elsewhere",
        "aws_glue_catalog_table",
        {"table_type": "VIRTUAL_VIEW", "view_original_text": "SELECT 1"},
        {"description": "d"},
        table_type="EXTERNAL_TABLE",
    ),
    differs(
        "results-exposed",
        "aws_athena_workgroup",
        {"configuration": [{"result_configuration": [{"output_location": "s3://other/"}]}]},
        {"description": "d"},
        configuration=[{"result_configuration": [{"output_location": "s3://results/"}]}],
    ),
    differs(
        "results-exposed",
        "aws_athena_workgroup",
        {"configuration": [{"result_configuration": [{"encryption_configuration": []}]}]},
        {"description": "d"},
        configuration=[{"result_configuration": [{"encryption_configuration": [{"encryption_option": "SSE_S3"}]}]}],
    ),
    differs("search-disabled", "aws_athena_workgroup", {"state": "DISABLED"}, {"description": "d"}, state="ENABLED"),
    differs(
        "bucket-set-otherwise",
        "aws_s3_bucket",
        {"replication_configuration": [{"role": "r"}]},
        {"tags": {"a": "b"}},
        bucket="b",
    ),
    differs(
        "alarm-relabelled",
        "aws_cloudwatch_metric_alarm",
        {"tags": {"Level": "Low"}},
        {"tags": {"Level": "High", "Team": "a"}},
        **ALARM,
        tags={"Level": "High"},
    ),
    RuleCase("log-copied", "aws_cloudwatch_log_subscription_filter", None, {"destination_arn": OTHERS}, None),
    differs(
        "event-message-changed",
        "aws_cloudwatch_event_target",
        {"input_transformer": [{"input_template": '"all is well"'}]},
        {"tags": {}},
        arn="a",
        input_transformer=[{"input_template": '"<who> stopped the trail"'}],
    ),
    differs("topic-set-otherwise", "aws_sns_topic", {"policy": policy(allow())}, {"display_name": "d"}, name="t"),
    RuleCase(
        "recipient-elsewhere",
        "aws_sns_topic_subscription",
        None,
        {"protocol": "https", "endpoint": "https://example.com"},
        {"protocol": "email", "endpoint": "someone@example.com"},
    ),
    differs(
        "function-set-otherwise",
        "aws_lambda_function",
        {"handler": "other.handler"},
        {"memory_size": 512, "timeout": 60},
        handler="runtime.handler",
        timeout=30,
    ),
    RuleCase(
        "function-permission-opened",
        "aws_lambda_permission",
        None,
        {"principal": "*"},
        {"principal": "events.amazonaws.com", "source_arn": "r"},
    ),
    RuleCase(
        "role-policy-foreign",
        "aws_iam_role",
        None,
        {"managed_policy_arns": ["AdministratorAccess"]},
        {"assume_role_policy": policy(trusted({"Service": "lambda.amazonaws.com"}))},
    ),
    RuleCase(
        "role-trust-opened",
        "aws_iam_role",
        None,
        {"assume_role_policy": policy(trusted("*"))},
        {"assume_role_policy": policy(trusted({"Service": "lambda.amazonaws.com"}))},
    ),
    differs(
        "archive-unsearchable",
        "aws_s3_bucket_lifecycle_configuration",
        {"rule": [{"id": "a", "transition": [{"days": 0, "storage_class": "GLACIER"}]}]},
        {"rule": [{"id": "a", "transition": [{"days": 500, "storage_class": "GLACIER"}]}]},
        rule=[{"id": "a", "transition": [{"days": 400, "storage_class": "GLACIER"}]}],
    ),
    differs(
        "filter-metric-changed",
        "aws_cloudwatch_log_metric_filter",
        {"metric_transformation": [{"name": "m", "namespace": "n", "value": "1", "dimensions": {"who": "$.a"}}]},
        {"tags": {}},
        **FILTER,
    ),
    goes("policy-detached", "aws_iam_role_policy_attachment", policy_arn="p", role="r"),
    RuleCase(
        "powers-granted",
        "aws_iam_policy",
        None,
        {"policy": policy(allow("iam:*RolePolicy", ""))},
        {"policy": policy(allow("iam:Get*", ""))},
    ),
)
"""In all at least one for each rule."""
