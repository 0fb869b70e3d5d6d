"""Evidence of responders and cost: what contains, what tells, what writes it down (R-RSP-1 to R-RSP-6, R-CST-1)."""

from cloudtrail_monitoring.governance.compliance.assertion import All, Every, Is, IsSet, Says, Some
from cloudtrail_monitoring.governance.compliance.control import Evidence
from cloudtrail_monitoring.governance.compliance.evidence_trail import FULLER_LOGGING
from cloudtrail_monitoring.governance.compliance.output import of_type
from cloudtrail_monitoring.governance.compliance.telling import Reaches

_FUNCTION, _SETTINGS = "aws_lambda_function", "environment.variables.RESPONDERS"


def _router(setting: str) -> Some:
    """The function that acts has this among its settings, and hands on what it fails on."""
    return Some(
        of_type(_FUNCTION, "function that acts on events"),
        {
            "handler": Says(r"\.router\.handler$", "is the router's"),
            _SETTINGS: Says(f'"{setting}":(?!null)', f"has a {setting}"),
        },
    )


_FED = All(
    (
        Every(
            of_type("aws_cloudwatch_log_subscription_filter", "subscription of the log group"),
            {"filter_pattern": IsSet()},
        ),
        Some(
            of_type("aws_cloudwatch_event_rule", "event rule that feeds the responders"),
            {"description": Says("^R-RSP: ", "is for the responders")},
        ),
        Every(
            of_type("aws_lambda_event_source_mapping", "reader of the queue"),
            {"function_response_types": Is("ReportBatchItemFailures")},
        ),
    )
)
_CHECKS = ("CKV2_CTM_RSP_FAILURE", "CKV_CTM_RSP_BATCH", "CKV2_CTM_RSP_QUEUE")

LOCKOUT = Evidence(
    "R-RSP-1",
    "a user whose password is guessed is locked out for a while",
    All((_FED, _router("lockout"), _router("circuit_breaker"))),
    ("CKV2_CTM_RSP_1", *_CHECKS),
)
ROOT_CONVERSATION = Evidence(
    "R-RSP-2",
    "root's session is told as one conversation",
    All((_FED, _router("email_topic_arn"))),
    _CHECKS,
)
GEOGRAPHY = Evidence("R-RSP-4", "a login from a new country is challenged", All((_FED, _router("geography"))), _CHECKS)
INCIDENT_RECORD = Evidence(
    "R-RSP-5",
    "incidents are written down where they can't be deleted, and evidence goes to a locked bucket",
    All(
        (
            Some(
                of_type("aws_dynamodb_table", "table of incidents", deletion_protection_enabled=True),
                {"name": Says("incidents$", "is that of incidents"), "point_in_time_recovery.enabled": Is(True)},
            ),
            Some(
                of_type("aws_s3_bucket", "bucket of evidence", object_lock_enabled=True),
                {"bucket": Says("evidence", "is that of evidence")},
            ),
        )
    ),
)
ALARM_STORY = Evidence(
    "R-RSP-6",
    "each alarm is followed by who, what, where from, and what to do",
    All(
        (
            Some(
                of_type("aws_cloudwatch_event_rule", "event rule for alarms"),
                {"description": Says("^R-RSP-6: ", "is for telling alarms")},
            ),
            Some(
                of_type(_FUNCTION, "function that tells alarms"),
                {"handler": Says(r"\.alarm_story\.handler$", "tells alarms"), "dead_letter_config.target_arn": IsSet()},
            ),
        )
    ),
)
CONTAINMENT = (LOCKOUT, GEOGRAPHY, FULLER_LOGGING)
_BUDGETS = of_type("aws_budgets_budget", "budget")
BUDGET = Evidence(
    "R-CST-1",
    "a budget tells when the month costs more than meant",
    All(
        (
            Every(_BUDGETS, {"limit_amount": IsSet(), "notification.threshold": IsSet()}),
            Reaches(_BUDGETS, "notification.subscriber_sns_topic_arns"),
        )
    ),
)
