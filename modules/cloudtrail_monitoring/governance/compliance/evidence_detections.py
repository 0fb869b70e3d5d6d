"""Evidence of what is noticed and told: monitored events, CIS filters, alarms, changes of this system (R-EVT, R-ALM,
R-INT-2, R-INT-3), and what people look at (R-QRY, R-DSH).

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.governance.checkov_checks.ctm_cis_controls import CIS_CONTROLS
from cloudtrail_monitoring.governance.compliance.assertion import All, Assertion, AtLeast, Every, Is, Says, Some
from cloudtrail_monitoring.governance.compliance.control import Evidence
from cloudtrail_monitoring.governance.compliance.denial import GuardRailRefuses
from cloudtrail_monitoring.governance.compliance.drawing import Draws, DrawsEveryAlarm
from cloudtrail_monitoring.governance.compliance.output import Selection, of_type
from cloudtrail_monitoring.governance.compliance.telling import Counts, LoudAlarmsHaveRules, Reaches, Rings, RuleTells

_EVENTS_CHECK = ("CKV2_CTM_EVT_1",)
_ALARM_CHECKS = ("CKV2_CTM_ALM_METRIC", "CKV2_CTM_ALM_SUM", "CKV2_CTM_ALM_ACTION", "CKV2_CTM_ALM_TOPIC")
_RULE_CHECKS = ("CKV2_CTM_ALM_6", "CKV_CTM_ALM_TOPIC")


def _event(number: int, detection: str, level: Level, claim: str) -> Evidence:
    noticed = Counts(detection) if level is Level.LOW else Rings(detection, level=level)
    return Evidence(f"R-EVT-{number}", f"{claim}, at level {level.value}", noticed, _EVENTS_CHECK)


USER_CREATED = _event(1, "user-created", Level.MEDIUM, "a new IAM user is told")
USER_DELETED = _event(2, "user-deleted", Level.HIGH, "a deleted IAM user is told")
POLICY_ATTACHED = _event(3, "user-policy-attached", Level.MEDIUM, "a policy attached to a user is told")
ROLE_CREATED = _event(4, "role-created", Level.MEDIUM, "a new role is told")
INLINE_POLICY = _event(5, "user-inline-policy-put", Level.HIGH, "an inline policy put on a user is told")
PASSWORD_CHANGED = _event(6, "password-changed", Level.LOW, "changed passwords are counted")
CONSOLE_LOGIN = _event(7, "console-login", Level.LOW, "console logins are counted")
ROLE_ASSUMED = Evidence(
    "R-EVT-8",
    "assumed roles are counted, and told where they are assumed from another account",
    All((Counts("role-assumed"), Rings("role-assumed-from-another-account", level=Level.MEDIUM))),
    _EVENTS_CHECK,
)
SESSION_TOKEN = _event(9, "session-token-issued", Level.LOW, "session tokens are counted")
KEY_CREATED = _event(10, "access-key-created", Level.HIGH, "a new access key is told")
KEY_DELETED = _event(11, "access-key-deleted", Level.MEDIUM, "a deleted access key is told")

ACCOUNTS_AND_RIGHTS = (USER_CREATED, USER_DELETED, POLICY_ATTACHED, ROLE_CREATED, INLINE_POLICY)
CREDENTIALS = (PASSWORD_CHANGED, KEY_CREATED, KEY_DELETED)
SIGN_INS = (CONSOLE_LOGIN, ROLE_ASSUMED, SESSION_TOKEN)

_CIS = {
    "4.1": ("CloudWatch.2", "cis-unauthorized-api-calls"),
    "4.2": ("CloudWatch.3", "cis-login-without-mfa"),
    "4.3": ("CloudWatch.1", "root-activity"),
    "4.4": ("CloudWatch.4", "cis-iam-policy-change"),
    "4.5": ("CloudWatch.5", "cis-cloudtrail-change"),
    "4.6": ("CloudWatch.6", "cis-console-authentication-failures"),
    "4.7": ("CloudWatch.7", "cis-key-disabled-or-deleted"),
    "4.8": ("CloudWatch.8", "cis-bucket-policy-change"),
    "4.9": ("CloudWatch.9", "cis-config-change"),
    "4.10": ("CloudWatch.10", "cis-security-group-change"),
    "4.11": ("CloudWatch.11", "cis-network-acl-change"),
    "4.12": ("CloudWatch.12", "cis-network-gateway-change"),
    "4.13": ("CloudWatch.13", "cis-route-table-change"),
    "4.14": ("CloudWatch.14", "cis-vpc-change"),
    "4.15": ("CIS-4.15", "cis-organizations-change"),
}
"""Number of the benchmark's monitoring controls: the control whose text is compared, and the detection."""
CIS_FILTERS = {
    number: Evidence(
        "R-EVT-12",
        f"the filter of CIS {number} stands letter by letter, with an alarm that tells somebody",
        Rings(detection, CIS_CONTROLS[control]),
        ("CKV2_CTM_EVT_12", "CKV2_CTM_EVT_12_ALARM"),
    )
    for number, (control, detection) in _CIS.items()
}

LOGIN_FAILURES = Evidence(
    "R-ALM-1",
    "more than 5 failed console logins in 15 minutes are told",
    All(
        (
            Rings("console-login-failures"),
            Every(
                of_type("aws_cloudwatch_metric_alarm", "alarm on failed logins", metric_name="console-login-failures"),
                {"threshold": Is(5), "period": Is(900), "statistic": Is("Sum")},
            ),
        )
    ),
    ("CKV2_CTM_ALM_1", *_ALARM_CHECKS),
)
ROOT_TOLD = Evidence(
    "R-ALM-2",
    "root activity is told at once, by an alarm and by a rule without a function between",
    All((Rings("root-activity", level=Level.HIGH), RuleTells("R-ALM-2"))),
    ("CKV2_CTM_ALM_2", *_ALARM_CHECKS),
)
OFF_HOURS = Evidence(
    "R-ALM-3",
    "IAM policies changed outside business hours are told by e-mail and SMS",
    All(
        (
            Rings("off-hours-iam-policy-change", level=Level.HIGH),
            Some(
                of_type("aws_cloudwatch_metric_alarm", "alarm that knows business hours"),
                {"metric_query.expression": Says(r"^EPOCH\(", "reads the time of the metric")},
            ),
        )
    ),
    _ALARM_CHECKS,
)
WITHOUT_MFA = Evidence(
    "R-ALM-4", "a console login without MFA is told", Rings("console-login-without-mfa"), _ALARM_CHECKS
)
_BANDS = Selection(
    "alarm with an anomaly band",
    lambda output: [
        one for one in output.of_type("aws_cloudwatch_metric_alarm") if one.attributes.get("threshold_metric_id")
    ],
)
ANOMALIES = Evidence(
    "R-ALM-5",
    "an unusual volume of calls raises an alarm",
    All(
        (
            Some(
                _BANDS,
                {
                    "alarm_name": Says("call-volume$", "is that of the call volume"),
                    "metric_query.expression": Says("ANOMALY_DETECTION_BAND", "draws an anomaly band"),
                },
            ),
            Reaches(_BANDS, "alarm_actions"),
        )
    ),
)
REAL_TIME = Evidence(
    "R-ALM-6",
    "critical events are told by rules within seconds, beside their alarms",
    All((RuleTells("R-ALM-6"), LoudAlarmsHaveRules(without=("root-activity", "off-hours-iam-policy-change")))),
    _RULE_CHECKS,
)

_PROTECTED = {
    "the trail": ("trail-recording-changed", "trail-access-changed"),
    "the archive": ("archive-access-changed", "archive-keeping-changed"),
    "keys": ("key-policy-changed",),
    "alarms and topics": ("alarms-changed", "topics-changed"),
    "the log group and its filters": ("log-filters-changed", "log-group-changed", "log-policies-changed"),
    "event rules": ("event-rules-changed", "event-bus-changed"),
    "responders": (
        "responders-changed",
        "responder-feed-changed",
        "responders-switched",
        "responder-misused",
        "queues-changed",
        "own-roles-changed",
    ),
}
OWN_CHANGES = {
    part: Evidence("R-INT-2", f"a change of {part} past deployment is told", All(tuple(map(Rings, detections))))
    for part, detections in _PROTECTED.items()
}
GUARDED = Evidence(
    "R-INT-2",
    "the service control policy, once it is attached to the account, refuses to stop, delete or change the trail and"
    " its log group",
    GuardRailRefuses(
        {
            "aws_cloudtrail": ("cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"),
            "aws_cloudwatch_log_group": ("logs:DeleteLogGroup", "logs:PutRetentionPolicy"),
        }
    ),
)
OTHER_ACCOUNTS = Evidence(
    "R-INT-3",
    "access from other accounts is counted and told",
    All(
        (
            Rings("role-assumed-from-another-account"),
            Counts("call-from-another-account"),
            Rings("role-trust-changed"),
        )
    ),
)

_QUERY = of_type("aws_cloudwatch_query_definition", "saved query")


def _query(number: int, claim: str, expression: str) -> Evidence:
    return Evidence(
        f"R-QRY-{number}",
        f"a saved query finds {claim}",
        Some(
            _QUERY,
            {
                "name": Says(rf"\bR-QRY-{number}\b", f"names R-QRY-{number}"),
                "query_string": Says(expression, f"asks for {claim}"),
            },
        ),
    )


def _board(number: int, claim: str, *drawn: Assertion) -> Evidence:
    return Evidence(f"R-DSH-{number}", f"the dashboard shows {claim}", All(drawn))


QUERIES = (
    _query(1, "IAM users created", "CreateUser"),
    _query(2, "failed logins", "Failed authentication"),
    _query(3, "policy attachments", r"AttachUserPolicy(?s:.)*AttachRolePolicy|AttachRolePolicy(?s:.)*AttachUserPolicy"),
)
CATEGORY_LOG_GROUPS = Evidence(
    "R-QRY-4",
    "the category log groups stand, and keep their events for a year",
    All(
        tuple(
            Every(
                of_type("aws_cloudwatch_log_group", f"log group {name}", name=name), {"retention_in_days": AtLeast(365)}
            )
            for name in ("CloudTrail/IAMEvents", "CloudTrail/ConsoleEvents")
        )
    ),
    ("CKV2_CTM_QRY_4",),
)
DASHBOARD = (
    _board(1, "IAM changes a day", Draws("metric", ("iam-user-changed", "iam-role-changed"))),
    _board(
        2,
        "logins that succeed, and those with MFA",
        Draws("metric", ("console-login", "console-login-failures")),
        Draws("metric", ("console-login-with-mfa",)),
    ),
    _board(
        3, "where logins come from", Draws("metric", ("LoginsByCountry",)), Draws("log", ("sourceIPAddress", "who"))
    ),
    _board(4, "the volume of calls in its band", Draws("metric", ("IncomingLogEvents", "ANOMALY_DETECTION_BAND"))),
    _board(5, "the state of every alarm", DrawsEveryAlarm()),
)
