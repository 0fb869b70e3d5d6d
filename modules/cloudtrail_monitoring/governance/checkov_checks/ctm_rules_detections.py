"""The rules of detections, alarms and the ways they reach people: R-EVT, R-ALM and R-QRY-4."""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rule import AWS_DOCS, DETECTIONS, Rule
else:
    from ctm_rule import AWS_DOCS, DETECTIONS, Rule

_ALARMS = f"{AWS_DOCS}/AmazonCloudWatch/latest/monitoring"
_FILTERS = f"{AWS_DOCS}/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"
_CONTROLS = f"{AWS_DOCS}/securityhub/latest/userguide/cloudwatch-controls.html"
_RULES = f"{AWS_DOCS}/eventbridge/latest/userguide"

DETECTION_RULES = (
    Rule(
        "CKV2_CTM_EVT_1",
        "R-EVT-1 to R-EVT-11",
        "the trail's log group has a metric filter for each monitored event",
        "An event that no filter names is neither counted nor alerted.",
        "Add an aws_cloudwatch_log_metric_filter for each of CreateUser, DeleteUser, AttachUserPolicy, CreateRole, "
        "PutUserPolicy, ChangePassword, ConsoleLogin, AssumeRole, GetSessionToken, CreateAccessKey, DeleteAccessKey.",
        _FILTERS,
        DETECTIONS,
    ),
    Rule(
        "CKV2_CTM_EVT_12",
        "R-EVT-12",
        "the trail's log group has the CIS controls' metric filters, letter by letter",
        "Security Hub compares the text: a filter that says the same in other words fails the control.",
        "Copy each pattern from the control's page, and put conditions of your own into a filter beside it.",
        _CONTROLS,
        DETECTIONS,
    ),
    Rule(
        "CKV2_CTM_EVT_12_ALARM",
        "R-EVT-12",
        "the metric of each CIS filter has an alarm that tells somebody",
        "A metric without an alarm is a number nobody looks at.",
        "Add an aws_cloudwatch_metric_alarm with the filter's metric_name and namespace, and alarm_actions.",
        _CONTROLS,
        DETECTIONS,
    ),
    Rule(
        "CKV2_CTM_ALM_1",
        "R-ALM-1",
        "more than 5 failed console logins in 15 minutes raise an alarm",
        "Guessed passwords show as failures in a row before the one that fits.",
        "Add an alarm on the failed logins' metric: Sum, period = 900, GreaterThanThreshold 5 or less.",
        _CONTROLS,
        DETECTIONS,
    ),
    Rule(
        "CKV2_CTM_ALM_2",
        "R-ALM-2",
        "a rule for root activity goes to a topic, or to the bus of another Region, without a function between",
        "A function in the middle can fail, be throttled or be changed, and the mail about root is not sent.",
        "Give the rule a target that is an SNS topic or an event bus.",
        f"{_RULES}/eb-targets.html",
    ),
    Rule(
        "CKV2_CTM_ALM_6",
        "R-ALM-6",
        "a rule for CloudTrail's events is enabled and has a target",
        "A rule that is off or goes nowhere looks like a detection and is none.",
        "Leave state at ENABLED and add an aws_cloudwatch_event_target.",
        f"{_RULES}/eb-rules.html",
    ),
    Rule(
        "CKV2_CTM_ALM_METRIC",
        "R-ALM-1 to R-ALM-6",
        "an alarm in a namespace of metric filters watches a metric that one of them writes",
        "CloudWatch takes an alarm on a metric nobody writes; it stays green for ever.",
        "Give the alarm the metric_name and namespace of the filter's metric_transformation.",
        f"{_ALARMS}/AlarmThatSendsEmail.html",
        DETECTIONS,
    ),
    Rule(
        "CKV2_CTM_ALM_SUM",
        "R-ALM-1 to R-ALM-6",
        "an alarm on counted events adds them up, and takes no events for quiet",
        "The average of ones is one however many there are; and missing data would leave the alarm without a state.",
        "Set statistic = Sum (stat in a metric_query) and treat_missing_data = notBreaching.",
        f"{_ALARMS}/alarms-and-missing-data.html",
        DETECTIONS,
    ),
    Rule(
        "CKV2_CTM_ALM_ACTION",
        "R-ALM-1 to R-ALM-6",
        "an alarm on counted events tells somebody, unless its level is Low",
        "An alarm without an action changes colour, and nobody sees it.",
        "Set alarm_actions and leave actions_enabled on; tag alarms for the dashboard alone with Level = Low.",
        f"{_ALARMS}/AlarmThatSendsEmail.html",
        DETECTIONS,
    ),
    Rule(
        "CKV2_CTM_ALM_TOPIC",
        "R-ALM-1 to R-ALM-6",
        "a topic that alarms publish to is encrypted with a key they may use",
        "CloudWatch can't use the key alias/aws/sns: the alarm fires, and the message is dropped in silence.",
        "Set kms_master_key_id to a customer-managed key whose policy lets cloudwatch.amazonaws.com use it.",
        f"{AWS_DOCS}/sns/latest/dg/sns-key-management.html",
        DETECTIONS,
    ),
    Rule(
        "CKV_CTM_ALM_TOPIC",
        "R-ALM-1 to R-ALM-6",
        "CloudWatch may publish to a topic for named alarms or accounts only, and nobody may anonymously",
        "Whoever can publish drowns true alerts in false ones.",
        "Give the statement for cloudwatch.amazonaws.com a condition on aws:SourceAccount or aws:SourceArn, and one "
        "for * a condition on the principal or the source.",
        f"{AWS_DOCS}/sns/latest/dg/sns-access-policy-use-cases.html",
    ),
    Rule(
        "CKV2_CTM_QRY_4",
        "R-QRY-4",
        "the category log groups stand together and keep their events for 365 days",
        "Analysts' commands name CloudTrail/IAMEvents and CloudTrail/ConsoleEvents; one that is missing finds nothing.",
        "Add both log groups with retention_in_days = 365.",
        f"{AWS_DOCS}/cli/latest/reference/logs/filter-log-events.html",
    ),
)
