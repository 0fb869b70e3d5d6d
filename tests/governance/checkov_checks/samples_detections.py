"""Samples for the rules of detections, alarms and topics: R-EVT, R-ALM and R-QRY-4."""

import json
from typing import Any

from cloudtrail_monitoring.detections.catalogue.cis_benchmark import CIS_BENCHMARK
from cloudtrail_monitoring.governance.checkov_checks.ctm_cis_controls import CIS_CONTROLS
from tests.governance.checkov_checks.samples import FAILED, NOT_JUDGED, PASSED, Resources, Sample, archive, statement

_EVENTS = (
    *("CreateUser", "DeleteUser", "AttachUserPolicy", "CreateRole", "PutUserPolicy", "ChangePassword"),
    *("ConsoleLogin", "AssumeRole", "GetSessionToken", "CreateAccessKey", "DeleteAccessKey"),
)
_ROOT = CIS_CONTROLS["CloudWatch.1"]
_FAILED_LOGINS = CIS_CONTROLS["CloudWatch.6"]
_PATTERNS = {
    "root": _ROOT,
    **{detection.id: detection.pattern for detection in CIS_BENCHMARK},
    **{event: f'{{ $.eventName = "{event}" }}' for event in _EVENTS},
}
_GROUP = "${aws_cloudwatch_log_group.trail.name}"
_TOPIC = "${aws_sns_topic.alerts.arn}"


def _filter(pattern: str, metric: str, *, group: str = _GROUP) -> dict[str, Any]:
    return {
        "name": metric,
        "pattern": pattern,
        "log_group_name": group,
        "metric_transformation": {"name": metric, "namespace": "Audit", "value": "1"},
    }


def _alarm(metric: str, *, without: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    arguments = {
        "alarm_name": metric,
        "metric_name": metric,
        "namespace": "Audit",
        "statistic": "Sum",
        "period": 900,
        "evaluation_periods": 1,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 5,
        "treat_missing_data": "notBreaching",
        "alarm_actions": [_TOPIC],
        **changes,
    }
    return {key: value for key, value in arguments.items() if key not in without}


def _id(name: str) -> str:
    return name.replace("-", "_")


def _detections(
    *, without: tuple[str, ...] = (), filters: dict[str, Any] | None = None, alarms: dict[str, Any] | None = None
) -> Resources:
    """A trail with its log group, a filter and an alarm for everything, changed."""
    names = [name for name in _PATTERNS if name not in without]
    return archive() | {
        "aws_cloudwatch_log_metric_filter": {_id(n): _filter(_PATTERNS[n], n) for n in names} | (filters or {}),
        "aws_cloudwatch_metric_alarm": {_id(n): _alarm(n) for n in names} | (alarms or {}),
        "aws_sns_topic": {"alerts": {"name": "alerts", "kms_master_key_id": "${aws_kms_key.alerts.arn}"}},
    }


def _one(filter_: dict[str, Any], *alarms: dict[str, Any], **resources: Any) -> Resources:
    """A trail with its log group, one filter, and alarms."""
    return archive() | {
        "aws_cloudwatch_log_metric_filter": {"one": filter_},
        "aws_cloudwatch_metric_alarm": {f"a{number}": alarm for number, alarm in enumerate(alarms)},
        **resources,
    }


_LOGINS = _filter(_FAILED_LOGINS, "logins")
_QUERY = {
    "metric_query": [
        {"id": "m", "metric": {"metric_name": "logins", "namespace": "Audit", "period": 60, "stat": "Sum"}},
        {"id": "e", "expression": "IF(m > 5, m, 0)", "return_data": True},
    ]
}
_OF_QUERY = ("metric_name", "namespace", "statistic", "period")

_DETECTIONS = (
    # R-TRL-1
    Sample("CKV2_CTM_TRL_1", "fed", PASSED, _detections()),
    Sample(
        "CKV2_CTM_TRL_1",
        "no trail",
        FAILED,
        {kind: bodies for kind, bodies in _detections().items() if kind != "aws_cloudtrail"},
    ),
    Sample(
        "CKV2_CTM_TRL_1",
        "stopped",
        FAILED,
        _detections() | {"aws_cloudtrail": {"t": archive()["aws_cloudtrail"]["audit"] | {"enable_logging": False}}},
    ),
    Sample(
        "CKV2_CTM_TRL_1",
        "no detections",
        NOT_JUDGED,
        _one(_filter("ERROR", "errors")) | {"aws_cloudtrail": {}},
    ),
    # R-EVT-1 to R-EVT-11
    Sample("CKV2_CTM_EVT_1", "all events", PASSED, _detections()),
    *(
        Sample("CKV2_CTM_EVT_1", f"without {event}", FAILED, _detections(without=(event,)))
        for event in ("CreateUser", "GetSessionToken", "DeleteAccessKey")
    ),
    Sample("CKV2_CTM_EVT_1", "no detections", NOT_JUDGED, archive()),
    Sample(
        "CKV2_CTM_EVT_1",
        "patterns by variable",
        NOT_JUDGED,
        _detections(without=("CreateUser",), filters={"more": _filter("${var.pattern}", "more")}),
    ),
    # R-EVT-12
    Sample("CKV2_CTM_EVT_12", "all controls", PASSED, _detections()),
    Sample("CKV2_CTM_EVT_12", "one missing", FAILED, _detections(without=("cis-iam-policy-change",))),
    Sample(
        "CKV2_CTM_EVT_12",
        "other words",
        FAILED,
        _detections(without=("root",), filters={"root": _filter(_ROOT.replace("&&", "&& "), "root")}),
    ),
    Sample("CKV2_CTM_EVT_12_ALARM", "alarmed", PASSED, _one(_LOGINS, _alarm("logins"))),
    Sample("CKV2_CTM_EVT_12_ALARM", "no alarm", FAILED, _one(_LOGINS)),
    Sample("CKV2_CTM_EVT_12_ALARM", "another metric", FAILED, _one(_LOGINS, _alarm("login"))),
    Sample("CKV2_CTM_EVT_12_ALARM", "another namespace", FAILED, _one(_LOGINS, _alarm("logins", namespace="Else"))),
    Sample("CKV2_CTM_EVT_12_ALARM", "no action", FAILED, _one(_LOGINS, _alarm("logins", without=("alarm_actions",)))),
    Sample("CKV2_CTM_EVT_12_ALARM", "actions off", FAILED, _one(_LOGINS, _alarm("logins", actions_enabled=False))),
    Sample("CKV2_CTM_EVT_12_ALARM", "by variable", NOT_JUDGED, _one(_LOGINS, _alarm("${var.metric}"))),
    Sample("CKV2_CTM_EVT_12_ALARM", "no control", NOT_JUDGED, _one(_filter("{ $.eventName = X }", "x"))),
    # R-QRY-4
    *(
        Sample(
            "CKV2_CTM_QRY_4",
            situation,
            verdict,
            {"aws_cloudwatch_log_group": {f"g{n}": {"name": f"CloudTrail/{name}", **kept} for n, name in groups}},
        )
        for situation, verdict, groups, kept in (
            ("both", PASSED, ((0, "IAMEvents"), (1, "ConsoleEvents")), {"retention_in_days": 365}),
            ("one", FAILED, ((0, "IAMEvents"),), {"retention_in_days": 365}),
            ("a month", FAILED, ((0, "IAMEvents"), (1, "ConsoleEvents")), {"retention_in_days": 30}),
            ("others", NOT_JUDGED, ((0, "Other"),), {}),
        )
    ),
)

_ALARMS = (
    # R-ALM-1
    Sample("CKV2_CTM_ALM_1", "5 in 15 minutes", PASSED, _one(_LOGINS, _alarm("logins"))),
    Sample(
        "CKV2_CTM_ALM_1",
        "6 or more",
        PASSED,
        _one(_LOGINS, _alarm("logins", comparison_operator="GreaterThanOrEqualToThreshold", threshold=6)),
    ),
    Sample("CKV2_CTM_ALM_1", "5 in 5 minutes", FAILED, _one(_LOGINS, _alarm("logins", period=300))),
    Sample("CKV2_CTM_ALM_1", "more than 6", FAILED, _one(_LOGINS, _alarm("logins", threshold=6))),
    Sample("CKV2_CTM_ALM_1", "twice in a row", FAILED, _one(_LOGINS, _alarm("logins", evaluation_periods=2))),
    Sample("CKV2_CTM_ALM_1", "no alarm", FAILED, _one(_LOGINS)),
    Sample("CKV2_CTM_ALM_1", "no filter", FAILED, _one(_filter("{ $.eventName = X }", "x"), _alarm("x"))),
    Sample("CKV2_CTM_ALM_1", "by variable", NOT_JUDGED, _one(_LOGINS, _alarm("logins", threshold="${var.most}"))),
    # alarms and metrics belong together
    Sample("CKV2_CTM_ALM_METRIC", "written", PASSED, _one(_LOGINS, _alarm("logins"))),
    Sample(
        "CKV2_CTM_ALM_METRIC",
        "written for a query",
        PASSED,
        _one(_LOGINS, _alarm("", without=_OF_QUERY, **_QUERY)),
    ),
    Sample("CKV2_CTM_ALM_METRIC", "written by nobody", FAILED, _one(_LOGINS, _alarm("login"))),
    Sample("CKV2_CTM_ALM_METRIC", "of AWS", NOT_JUDGED, _one(_LOGINS, _alarm("Errors", namespace="AWS/Lambda"))),
    Sample("CKV2_CTM_ALM_SUM", "sum", PASSED, _one(_LOGINS, _alarm("logins"))),
    Sample("CKV2_CTM_ALM_SUM", "sum of a query", PASSED, _one(_LOGINS, _alarm("", without=_OF_QUERY, **_QUERY))),
    Sample("CKV2_CTM_ALM_SUM", "average", FAILED, _one(_LOGINS, _alarm("logins", statistic="Average"))),
    Sample("CKV2_CTM_ALM_SUM", "no data", FAILED, _one(_LOGINS, _alarm("logins", without=("treat_missing_data",)))),
    Sample(
        "CKV2_CTM_ALM_SUM", "of AWS", NOT_JUDGED, _one(_LOGINS, _alarm("E", namespace="AWS/X", statistic="Minimum"))
    ),
    Sample("CKV2_CTM_ALM_ACTION", "told", PASSED, _one(_LOGINS, _alarm("logins"))),
    Sample("CKV2_CTM_ALM_ACTION", "untold", FAILED, _one(_LOGINS, _alarm("logins", without=("alarm_actions",)))),
    Sample("CKV2_CTM_ALM_ACTION", "off", FAILED, _one(_LOGINS, _alarm("logins", actions_enabled=False))),
    Sample(
        "CKV2_CTM_ALM_ACTION",
        "low",
        NOT_JUDGED,
        _one(_LOGINS, _alarm("logins", without=("alarm_actions",), tags={"Level": "Low"})),
    ),
    # topics
    *(
        Sample(
            "CKV2_CTM_ALM_TOPIC",
            situation,
            verdict,
            _one(_LOGINS, _alarm("logins"), aws_sns_topic={"alerts": {"name": "alerts", **key}}),
        )
        for situation, verdict, key in (
            ("own key", PASSED, {"kms_master_key_id": "${aws_kms_key.alerts.arn}"}),
            ("key by variable", PASSED, {"kms_master_key_id": "${var.key}"}),
            ("key of AWS", FAILED, {"kms_master_key_id": "alias/aws/sns"}),
            ("no key", FAILED, {}),
        )
    ),
    Sample("CKV2_CTM_ALM_TOPIC", "no alarm", NOT_JUDGED, {"aws_sns_topic": {"news": {"name": "news"}}}),
)


def _topic_policy(principal: Any, condition: dict[str, Any]) -> Resources:
    allowed = statement("Allow", ["sns:Publish"], [_TOPIC], condition, principal)
    return {"aws_sns_topic_policy": {"alerts": {"arn": _TOPIC, "policy": json.dumps({"Statement": [allowed]})}}}


_CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
_OF_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "333333333333"}}

_TOPICS = (
    Sample("CKV_CTM_ALM_TOPIC", "own account", PASSED, _topic_policy(_CLOUDWATCH, _OF_ACCOUNT)),
    Sample("CKV_CTM_ALM_TOPIC", "any account", FAILED, _topic_policy(_CLOUDWATCH, {}), "CloudWatch"),
    Sample("CKV_CTM_ALM_TOPIC", "anybody", FAILED, _topic_policy("*", {}), "everybody"),
    Sample("CKV_CTM_ALM_TOPIC", "anybody of the account", PASSED, _topic_policy({"AWS": "*"}, _OF_ACCOUNT)),
    # EventBridge can't be held by conditions
    Sample("CKV_CTM_ALM_TOPIC", "EventBridge", PASSED, _topic_policy({"Service": "events.amazonaws.com"}, {})),
    Sample(
        "CKV_CTM_ALM_TOPIC",
        "policy by variable",
        NOT_JUDGED,
        {"aws_sns_topic_policy": {"alerts": {"arn": _TOPIC, "policy": "${var.policy}"}}},
    ),
)


def _rule(detail: dict[str, Any], *targets: str, **changes: Any) -> Resources:
    return {
        "aws_cloudwatch_event_rule": {
            "rule": {"name": "rule", "event_pattern": json.dumps({"detail": detail}), **changes}
        },
        "aws_cloudwatch_event_target": {
            f"t{number}": {"rule": "${aws_cloudwatch_event_rule.rule.name}", "arn": target}
            for number, target in enumerate(targets)
        },
    }


_ROOT_CALL = {"userIdentity": {"type": ["Root"]}, "readOnly": [False]}
_NOT_ROOT = {"userIdentity": {"type": [{"anything-but": "Root"}]}}
_FUNCTION = "${aws_lambda_function.tell.arn}"

_RULES = (
    # R-ALM-2
    Sample("CKV2_CTM_ALM_2", "topic", PASSED, _rule(_ROOT_CALL, _TOPIC)),
    Sample("CKV2_CTM_ALM_2", "home bus", PASSED, _rule(_ROOT_CALL, "arn:aws:events:us-east-1:3:event-bus/default")),
    Sample("CKV2_CTM_ALM_2", "function and topic", PASSED, _rule(_ROOT_CALL, _FUNCTION, _TOPIC)),
    Sample("CKV2_CTM_ALM_2", "function", FAILED, _rule(_ROOT_CALL, _FUNCTION)),
    Sample("CKV2_CTM_ALM_2", "all but root", NOT_JUDGED, _rule(_NOT_ROOT, _FUNCTION)),
    Sample("CKV2_CTM_ALM_2", "by variable", NOT_JUDGED, _rule(_ROOT_CALL, "${var.topic}")),
    # R-ALM-6
    Sample("CKV2_CTM_ALM_6", "on", PASSED, _rule({"eventName": ["CreateUser"]}, _TOPIC)),
    Sample("CKV2_CTM_ALM_6", "one of ways", PASSED, _rule({"$or": [{"eventName": ["CreateUser"]}]}, _TOPIC)),
    Sample("CKV2_CTM_ALM_6", "no target", FAILED, _rule({"eventName": ["CreateUser"]})),
    Sample("CKV2_CTM_ALM_6", "off", FAILED, _rule({"eventName": ["CreateUser"]}, _TOPIC, state="DISABLED")),
    Sample("CKV2_CTM_ALM_6", "off as of old", FAILED, _rule({"eventName": ["CreateUser"]}, _TOPIC, is_enabled=False)),
    Sample("CKV2_CTM_ALM_6", "other events", NOT_JUDGED, _rule({"state": ["stopped"]})),
    Sample(
        "CKV2_CTM_ALM_6",
        "state by variable",
        NOT_JUDGED,
        _rule({"eventName": ["CreateUser"]}, _TOPIC, state="${var.state}"),
    ),
)

DETECTION_SAMPLES = (*_DETECTIONS, *_ALARMS, *_TOPICS, *_RULES)
