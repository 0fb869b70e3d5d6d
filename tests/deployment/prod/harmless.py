"""Changes that weaken nothing, as they are made every day: none may be flagged."""

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
    with_statement,
)
from tests.deployment.prod.weakenings import LOG_GROUP, LOGS, ROUTER, SETTINGS, TRAIL, lifecycle, set_in

_PATTERN = "pattern"


def _tagged(attributes: Attributes) -> Attributes:
    return {**attributes, "tags": {**attributes.get("tags", {}), "CostCentre": "4711"}}


def _another_selector(attributes: Attributes) -> Attributes:
    selector = {
        "name": "Data events 9: tables",
        "field_selector": [
            {"field": "eventCategory", "equals": ["Data"]},
            {"field": "resources.type", "equals": ["AWS::DynamoDB::Table"]},
        ],
    }
    return {**attributes, "advanced_event_selector": [*attributes["advanced_event_selector"], selector]}


def _selectors_turned(attributes: Attributes) -> Attributes:
    return {**attributes, "advanced_event_selector": attributes["advanced_event_selector"][::-1]}


def _turned(document: Any) -> None:
    document["Statement"].reverse()
    for one in document["Statement"]:
        for name in ("Action", "Resource"):
            if isinstance(one.get(name), str):
                one[name] = [one[name]]


def _renamed(document: Any) -> None:
    _turned(document)
    for position, one in enumerate(document["Statement"]):
        one["Sid"] = f"Statement{position}"


def _limited_to_account(document: Any) -> None:
    statement(document, "CloudWatchAlarms")["Condition"]["StringEquals"]["aws:SourceAccount"] = "333333333333"
    document["Statement"].append(
        {
            "Sid": "DenyStrangers",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Subscribe",
            "Resource": "arn:aws:sns:us-east-1:333333333333:xyz-corp-audit-email",
        }
    )


def _more_actions(attributes: Attributes) -> Attributes:
    return {**attributes, "ok_actions": attributes["alarm_actions"]}


def _as_new(**parts: Any) -> Any:
    return lambda attributes: {**attributes, **parts}


HARMLESS = (
    PlanChange("a tag on the trail", (TRAIL,), _tagged),
    PlanChange("further data events", (TRAIL,), _another_selector),
    PlanChange("selectors in another order", (TRAIL,), _selectors_turned),
    PlanChange("the log kept for longer", (LOG_GROUP,), put("retention_in_days", 731)),
    PlanChange("the log kept for ever", ("responders/router/log-group",), put("retention_in_days", 0)),
    PlanChange("a tag on the archive", (f"{LOGS}/bucket",), _tagged),
    PlanChange("objects kept for longer", (f"{LOGS}/lifecycle",), lifecycle(expiration=[{"days": 3650}])),
    PlanChange(
        "old versions kept for longer",
        ("evidence/evidence/lifecycle",),
        lifecycle(noncurrent_version_expiration=[{"noncurrent_days": 4000}]),
    ),
    PlanChange("access logs never deleted", ("archive/access-logs/lifecycle",), lifecycle(status="Disabled")),
    PlanChange("a longer lock", ("archive/object-lock",), put("rule.default_retention.days", 3650)),
    PlanChange("a firmer lock", ("evidence/object-lock",), put("rule.default_retention.mode", "COMPLIANCE")),
    PlanChange("a policy written otherwise", (f"{LOGS}/policy",), edit_json("policy", _renamed)),
    PlanChange("a policy with other names", ("evidence/evidence/policy",), edit_json("policy", _renamed)),
    PlanChange(
        "a further denial",
        ("archive/access-logs/policy",),
        edit_json(
            "policy",
            with_statement(
                Sid="DenyAcl",
                Effect="Deny",
                Principal={"AWS": "arn:aws:iam::444444444444:root"},
                Action="s3:GetBucketAcl",
                Resource="arn:aws:s3:::xyz-corp-cloudtrail-logs-2025-access",
            ),
        ),
    ),
    PlanChange("a description of the key", ("trail-key/key",), put("description", "What encrypts the trail")),
    PlanChange("a tag on a key", ("topics/key",), _tagged),
    PlanChange("a key policy in another order", ("responders/key/key",), edit_json("policy", _renamed)),
    PlanChange(
        "a filter that counts more",
        ("alarms/user-created-filter",),
        replace_text(
            _PATTERN, '($.eventName = "CreateUser")', '($.eventName = "CreateUser" || $.eventName = "CreateGroup")'
        ),
    ),
    PlanChange(
        "a pattern written otherwise",
        ("alarms/cis-vpc-change-filter",),
        replace_text(_PATTERN, "{($.eventName=CreateVpc)", '{ ( $.eventName = "CreateVpc" )'),
    ),
    PlanChange(
        "a further filter",
        ("alarms/user-deleted-filter",),
        _as_new(
            name="xyz-corp-audit-groups",
            pattern='{ $.eventName = "CreateGroup" }',
            metric_transformation={"name": "groups", "namespace": "XyzCorp/CloudTrail/prod", "value": "1"},
        ),
        as_new="groups-filter",
    ),
    PlanChange(
        "a further alarm",
        ("alarms/user-deleted-alarm",),
        _as_new(alarm_name="xyz-corp-audit-groups", metric_name="groups"),
        as_new="groups-alarm",
    ),
    PlanChange("a lower threshold", ("alarms/console-login-failures-alarm",), put("threshold", 3)),
    PlanChange("a shorter period where one event rings", ("alarms/user-created-alarm",), put("period", 60)),
    PlanChange(
        "a wider window",
        ("alarms/role-created-alarm",),
        all_of(put("evaluation_periods", 5), put("datapoints_to_alarm", 1)),
    ),
    PlanChange(
        "a narrower band",
        ("anomalies/api-call-errors-alarm",),
        replace_everywhere("ANOMALY_DETECTION_BAND(events, 3)", "ANOMALY_DETECTION_BAND(events, 2)"),
    ),
    PlanChange("a description", ("alarms/access-key-created-alarm",), put("alarm_description", "A key was made.")),
    PlanChange("told when it is over", ("alarms/access-key-deleted-alarm",), _more_actions),
    PlanChange(
        "an operator that includes the threshold",
        ("alarms/role-assumed-alarm",),
        put("comparison_operator", "GreaterThanOrEqualToThreshold"),
    ),
    PlanChange(
        "shorter business hours",
        ("alarms/off-hours-iam-policy-change-alarm",),
        replace_everywhere("elapsed<36000", "elapsed<32400"),
    ),
    PlanChange("a rule's description", ("root-activity/rule",), put("description", "Root")),
    PlanChange(
        "a rule that matches more",
        ("responders/event-path/rule-us-east-2",),
        edit_json("event_pattern", lambda held: held.pop("account")),
    ),
    PlanChange("a topic's display name", ("topics/email",), put("display_name", "Audit")),
    PlanChange("a topic policy that denies more", ("topics/email-policy",), edit_json("policy", _limited_to_account)),
    PlanChange(
        "a further recipient",
        ("topics/email-48ddc227",),
        _as_new(endpoint="soc@example.com"),
        as_new="another-recipient",
    ),
    PlanChange("responders act sooner", (ROUTER,), edit_json(SETTINGS, set_in("lockout.failures", 3))),
    PlanChange(
        "nobody is break-glass", ("responders/release/function",), edit_json(SETTINGS, set_in("break_glass_users", []))
    ),
    PlanChange(
        "a longer lock-out", ("responders/intake/function",), edit_json(SETTINGS, set_in("lockout.lock_minutes", 60))
    ),
    PlanChange(
        "more memory", ("responders/alarm-story/function",), all_of(put("memory_size", 512), put("timeout", 120))
    ),
    PlanChange(
        "the delay of failed calls",
        ("responders/queue/failed-calls",),
        put("visibility_timeout_seconds", 60),
    ),
    PlanChange("a slower visibility", ("responders/queue/queue",), put("visibility_timeout_seconds", 720)),
    PlanChange("a table's tag", ("responders/store/incidents",), _tagged),
    PlanChange("a switch's description", ("responders/switch",), put("description", "on, or off")),
    PlanChange("a role's description", ("responders/router/role",), put("description", "Routes")),
    PlanChange("a role policy in another order", ("responders/router/policy",), edit_json("policy", _renamed)),
    PlanChange("a smaller batch", ("responders/reader",), put("batch_size", 5)),
)
"""All of them in prod's own stack."""
