"""Changes that weaken the audit trail, each named after the rule that has to catch it, and more where it needs that."""

import json
from typing import Any

from tests.deployment.prod.plan_changes import (
    Attributes,
    PlanChange,
    all_of,
    edit_json,
    put,
    replace_everywhere,
    replace_text,
    statement,
    take_out,
    with_statement,
    without_statement,
)

TRAIL = "trail/trail"
ENHANCED_TRAIL = "enhanced-trail/trail"
LOGS = "archive/logs"
LOG_GROUP = "trail/log-delivery/log-group"
ROUTER = "responders/router/function"
SETTINGS = "environment.variables.RESPONDERS"
INTERN = "arn:aws:iam::333333333333:role/intern"
STRANGER = "arn:aws:iam::444444444444:root"


def _spare_intern(sid: str) -> Any:
    def edit(document: Any) -> None:
        spared = statement(document, sid)["Condition"]["ArnNotLike"]
        held = spared["aws:PrincipalArn"]
        spared["aws:PrincipalArn"] = [*([held] if isinstance(held, str) else held), INTERN]

    return edit


def set_in(path: str, value: Any) -> Any:
    def edit(document: Any) -> None:
        *above, last = path.split(".")
        for name in above:
            document = document[name]
        document[last] = value

    return edit


def _drop_selector(attributes: Attributes) -> Attributes:
    kept = [one for one in attributes["advanced_event_selector"] if "Lambda" not in one["name"]]
    assert len(kept) < len(attributes["advanced_event_selector"])
    return {**attributes, "advanced_event_selector": kept}


def _exclude_kms(attributes: Attributes) -> Attributes:
    for one in attributes["advanced_event_selector"]:
        if any(field.get("equals") == ["Management"] for field in one["field_selector"]):
            one["field_selector"].append({"field": "eventSource", "not_equals": ["kms.amazonaws.com"]})
    return attributes


def lifecycle(**parts: Any) -> Any:
    def make(attributes: Attributes) -> Attributes:
        for rule in attributes["rule"]:
            rule.update(parts)
        return attributes

    return make


def _to_glacier(attributes: Attributes) -> Attributes:
    for rule in attributes["rule"]:
        for transition in rule.get("transition", ()):
            if transition["storage_class"] == "GLACIER_IR":
                transition["storage_class"] = "GLACIER"
    return attributes


def _new_name(attribute: str) -> Any:
    return all_of(lambda attributes: {**attributes, attribute: f"{attributes[attribute]}-new"}, put("lifecycle", {}))


def _fewer_actions(attributes: Attributes) -> Attributes:
    return {**attributes, "alarm_actions": attributes["alarm_actions"][:1]}


WEAKENINGS = (
    PlanChange("trail-deleted", (TRAIL,), take_out, alone=True),
    PlanChange("trail-replaced", (TRAIL,), _new_name("name"), alone=True),
    PlanChange("trail-stopped", (TRAIL,), put("enable_logging", False)),
    PlanChange("trail-single-region", (ENHANCED_TRAIL,), put("is_multi_region_trail", False)),
    PlanChange("trail-global-events-off", (TRAIL,), put("include_global_service_events", False)),
    PlanChange("trail-validation-off", (ENHANCED_TRAIL,), put("enable_log_file_validation", False)),
    PlanChange("trail-selectors-narrowed: one fewer", (TRAIL,), _drop_selector),
    PlanChange("trail-selectors-narrowed: no KMS", (TRAIL,), _exclude_kms),
    PlanChange("trail-insights-removed", (TRAIL,), put("insight_selector", [{"insight_type": "ApiCallRateInsight"}])),
    PlanChange(
        "trail-archive-changed: bucket", (TRAIL,), put("s3_bucket_name", "xyz-corp-terraform-state-333333333333")
    ),
    PlanChange("trail-archive-changed: prefix", (ENHANCED_TRAIL,), put("s3_key_prefix", "elsewhere")),
    PlanChange(
        "trail-log-delivery-cut",
        (TRAIL,),
        all_of(put("cloud_watch_logs_group_arn", None), put("cloud_watch_logs_role_arn", None)),
    ),
    PlanChange("trail-key-changed: none", (TRAIL,), put("kms_key_id", None)),
    PlanChange("trail-key-changed: another", (TRAIL,), put("kms_key_id", "${@topics/key@.arn}")),
    PlanChange("log-group-replaced", (LOG_GROUP,), _new_name("name"), alone=True),
    PlanChange(
        "log-group-deleted",
        ("responders/record-path/console-events", "saved-queries/categories-console-logins"),
        take_out,
        alone=True,
    ),
    PlanChange("log-retention-shortened", (LOG_GROUP,), put("retention_in_days", 90)),
    PlanChange("log-group-key-changed", (LOG_GROUP,), put("kms_key_id", None)),
    PlanChange("bucket-deleted", ("evidence/access-logs/bucket",), _new_name("bucket"), alone=True),
    PlanChange("bucket-emptied-on-destroy", (f"{LOGS}/bucket",), put("force_destroy", True)),
    PlanChange("versioning-off", (f"{LOGS}/versioning",), put("versioning_configuration.status", "Suspended")),
    PlanChange("versioning-off: no longer written", ("evidence/evidence/versioning",), take_out),
    PlanChange(
        "encryption-changed",
        (f"{LOGS}/encryption",),
        put("rule", [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]),
    ),
    PlanChange("encryption-changed: gone", ("evidence/evidence/encryption",), take_out),
    PlanChange("public-access-opened", (f"{LOGS}/public-access-block",), put("block_public_policy", False)),
    PlanChange("public-access-opened: gone", ("evidence/evidence/public-access-block",), take_out),
    PlanChange("ownership-changed", (f"{LOGS}/ownership",), put("rule.object_ownership", "BucketOwnerPreferred")),
    PlanChange("bucket-policy-deleted", ("evidence/access-logs/policy",), take_out),
    PlanChange(
        "bucket-policy-opened: a denial gone",
        (f"{LOGS}/policy",),
        edit_json("policy", without_statement("DenyObjectReadsButByAudit")),
    ),
    PlanChange(
        "bucket-policy-opened: another account",
        ("archive/access-logs/policy",),
        edit_json(
            "policy",
            with_statement(
                Sid="Share",
                Effect="Allow",
                Principal={"AWS": STRANGER},
                Action="s3:GetObject",
                Resource="arn:aws:s3:::xyz-corp-cloudtrail-logs-2025-access/*",
            ),
        ),
    ),
    PlanChange(
        "bucket-policy-opened: written over",
        (f"{LOGS}/policy",),
        edit_json("policy", without_statement("DenyObjectDeletionButByBreakGlass")),
        as_new="another_policy",
    ),
    PlanChange(
        "bucket-exemptions-widened: break-glass",
        (f"{LOGS}/policy",),
        edit_json("policy", _spare_intern("DenyObjectDeletionButByBreakGlass")),
    ),
    PlanChange(
        "bucket-exemptions-widened: audit",
        ("evidence/evidence/policy",),
        edit_json("policy", _spare_intern("DenyConfigurationButByDeployment")),
    ),
    PlanChange(
        "bucket-delivery-cut", (f"{LOGS}/policy",), edit_json("policy", without_statement("CloudTrailDelivery"))
    ),
    PlanChange("retention-shortened", (f"{LOGS}/lifecycle",), lifecycle(expiration=[{"days": 365}])),
    PlanChange(
        "retention-shortened: old versions",
        ("evidence/evidence/lifecycle",),
        lifecycle(noncurrent_version_expiration=[{"noncurrent_days": 1}]),
    ),
    PlanChange("archive-unsearchable", (f"{LOGS}/lifecycle",), _to_glacier),
    PlanChange("lock-removed", ("evidence/object-lock",), take_out),
    PlanChange("lock-shortened", ("archive/object-lock",), put("rule.default_retention.days", 30)),
    PlanChange("access-logging-cut", (f"{LOGS}/logging",), take_out),
    PlanChange("key-deleted", ("trail-key/key",), all_of(put("multi_region", True), put("lifecycle", {})), alone=True),
    PlanChange("key-disabled", ("trail-key/key",), put("is_enabled", False)),
    PlanChange("key-rotation-off", ("topics/key",), put("enable_key_rotation", False)),
    PlanChange("key-deletion-window-shortened", ("responders/key/key",), put("deletion_window_in_days", 7)),
    PlanChange(
        "key-policy-opened",
        ("trail-key/key",),
        edit_json(
            "policy",
            with_statement(
                Sid="Share", Effect="Allow", Principal={"AWS": STRANGER}, Action="kms:Decrypt", Resource="*"
            ),
        ),
    ),
    PlanChange("key-alias-changed", ("trail-key/alias",), take_out),
    PlanChange("filter-removed", ("alarms/user-created-filter",), take_out),
    PlanChange(
        "filter-narrowed: a name less",
        ("alarms/cis-cloudtrail-change-filter",),
        replace_text("pattern", " || ($.eventName=StopLogging)", ""),
    ),
    PlanChange(
        "filter-narrowed: one user spared",
        ("alarms/user-deleted-filter",),
        replace_text("pattern", "{ (", '{ ($.userIdentity.userName != "mallory") && ('),
    ),
    PlanChange(
        "filter-metric-changed", ("alarms/role-created-filter",), put("metric_transformation.name", "role-created-2")
    ),
    PlanChange(
        "filter-metric-changed: counts nothing",
        ("alarms/console-login-filter",),
        put("metric_transformation.value", "0"),
    ),
    PlanChange(
        "filter-moved",
        ("alarms/password-changed-filter",),
        put("log_group_name", "${@responders/router/log-group@.name}"),
    ),
    PlanChange("alarm-removed", ("alarms/role-created-alarm",), take_out),
    PlanChange("alarm-silenced", ("alarms/user-deleted-alarm",), put("actions_enabled", False)),
    PlanChange("alarm-actions-removed", ("alarms/access-key-created-alarm",), _fewer_actions),
    PlanChange("alarm-rethresholded", ("alarms/console-login-failures-alarm",), put("threshold", 50)),
    PlanChange("alarm-rethresholded: at once", ("alarms/root-activity-alarm",), put("threshold", 1)),
    PlanChange("alarm-rethresholded: slower", ("alarms/user-created-alarm",), put("period", 86400)),
    PlanChange("alarm-rethresholded: more periods", ("alarms/access-key-deleted-alarm",), put("evaluation_periods", 3)),
    PlanChange(
        "alarm-rethresholded: a wider band",
        ("anomalies/api-call-errors-alarm",),
        replace_everywhere("ANOMALY_DETECTION_BAND(events, 3)", "ANOMALY_DETECTION_BAND(events, 9)"),
    ),
    PlanChange(
        "alarm-rethresholded: no fall is told",
        ("anomalies/api-call-volume-alarm",),
        put("comparison_operator", "GreaterThanUpperThreshold"),
    ),
    PlanChange("alarm-metric-changed", ("alarms/role-assumed-alarm",), put("statistic", "Average")),
    PlanChange("alarm-metric-changed: namespace", ("alarms/cis-vpc-change-alarm",), put("namespace", "Elsewhere")),
    PlanChange(
        "alarm-metric-changed: longer business hours",
        ("alarms/off-hours-iam-policy-change-alarm",),
        replace_everywhere("elapsed<36000", "elapsed<43200"),
    ),
    PlanChange("subscription-filter-removed", ("responders/record-path/subscription",), take_out),
    PlanChange(
        "subscription-filter-narrowed",
        ("responders/record-path/subscription",),
        replace_text(
            "filter_pattern", '($.eventSource = "signin.amazonaws.com" && $.eventName = "ConsoleLogin") || ', ""
        ),
    ),
    PlanChange("event-rule-removed", ("root-activity/rule", "root-activity/target"), take_out),
    PlanChange("event-rule-disabled", ("responders/event-path/rule",), put("state", "DISABLED")),
    PlanChange(
        "event-rule-narrowed",
        ("responders/event-path/rule-us-east-2",),
        edit_json("event_pattern", set_in("detail.awsRegion", ["us-east-2"])),
    ),
    PlanChange("event-target-removed", ("responders/event-path/target-eu-north-1",), take_out),
    PlanChange(
        "event-target-re-aimed",
        ("root-activity/target-us-east-2",),
        put("arn", "arn:aws:events:us-east-1:444444444444:event-bus/default"),
    ),
    PlanChange("topic-key-changed", ("topics/email",), put("kms_master_key_id", None)),
    PlanChange(
        "topic-policy-opened",
        ("topics/email-policy",),
        edit_json(
            "policy",
            with_statement(
                Sid="Share",
                Effect="Allow",
                Principal={"AWS": STRANGER},
                Action="sns:Publish",
                Resource="arn:aws:sns:us-east-1:333333333333:xyz-corp-audit-email",
            ),
        ),
    ),
    PlanChange(
        "topic-grant-withdrawn", ("topics/sms-policy",), edit_json("policy", without_statement("CloudWatchAlarms"))
    ),
    PlanChange("recipient-removed", ("topics/email-2d76057e",), put("endpoint", "mallory@example.com")),
    PlanChange("recipient-filtered", ("topics/email-48ddc227",), put("filter_policy", '{"severity": ["high"]}')),
    PlanChange("function-removed", (ROUTER, "responders/reader"), take_out, alone=True),
    PlanChange("function-throttled", (ROUTER,), put("reserved_concurrent_executions", 0)),
    PlanChange("failed-calls-dropped", ("responders/release/function",), put("dead_letter_config", None)),
    PlanChange("responder-settings-weakened", (ROUTER,), edit_json(SETTINGS, set_in("lockout.failures", 50))),
    PlanChange(
        "responder-settings-weakened: off",
        ("responders/release/function",),
        edit_json(SETTINGS, set_in("lockout", None)),
    ),
    PlanChange(
        "break-glass-widened", (ROUTER,), edit_json(SETTINGS, set_in("break_glass_users", ["/break-glass/", "mallory"]))
    ),
    PlanChange("function-reader-removed", ("responders/reader",), put("enabled", False)),
    PlanChange("function-permission-removed", ("responders/stories/permission",), take_out),
    PlanChange("function-permission-opened", ("responders/record-path/permission",), put("source_account", None)),
    PlanChange("schedule-changed", ("responders/schedules/sweep",), put("state", "DISABLED")),
    PlanChange(
        "queue-dead-letters-cut", ("responders/queue/queue",), replace_text("redrive_policy", "-dead-letters", "-other")
    ),
    PlanChange("queue-retention-shortened", ("responders/queue/dead-letters",), put("message_retention_seconds", 60)),
    PlanChange(
        "queue-policy-opened", ("responders/queue/queue",), edit_json("policy", without_statement("DenyForgedEvents"))
    ),
    PlanChange("queue-key-changed", ("responders/queue/failed-calls",), put("kms_master_key_id", None)),
    PlanChange("incidents-deleted", ("responders/store/incidents",), _new_name("name"), alone=True),
    PlanChange("table-unprotected", ("responders/store/incidents",), put("deletion_protection_enabled", False)),
    PlanChange(
        "table-unprotected: no way back", ("responders/store/state",), put("point_in_time_recovery.enabled", False)
    ),
    PlanChange(
        "role-trust-opened",
        ("responders/router/role",),
        edit_json(
            "assume_role_policy",
            with_statement(Sid="Anybody", Effect="Allow", Principal={"AWS": STRANGER}, Action="sts:AssumeRole"),
        ),
    ),
    PlanChange(
        "role-policy-opened",
        ("responders/router/policy",),
        edit_json("policy", with_statement(Sid="All", Effect="Allow", Action="iam:*", Resource="*")),
    ),
    PlanChange(
        "role-policy-withdrawn",
        ("responders/release/policy",),
        edit_json("policy", lambda held: held["Statement"].pop(0)),
    ),
    PlanChange(
        "powers-granted",
        ("responders/alarm-story/policy",),
        all_of(
            put("name", "more"),
            put(
                "policy",
                json.dumps({"Statement": {"Effect": "Allow", "Action": "cloudtrail:Stop*", "Resource": "*"}}),
            ),
        ),
        as_new="more",
    ),
)
"""In all, more than one for most rules that a stack of ours can break."""
