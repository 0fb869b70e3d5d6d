"""The rules of the trail: R-TRL-1 to R-TRL-7, and R-INT-2 where the trail's own block shows it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rule import (
        AWS_DOCS,
        DETECTIONS,
        LOG_GROUP,
        TERRAFORM_DOCS,
        TRAIL,
        Rule,
    )
else:
    from ctm_rule import AWS_DOCS, DETECTIONS, LOG_GROUP, TERRAFORM_DOCS, TRAIL, Rule

_TRAILS = f"{AWS_DOCS}/awscloudtrail/latest/userguide"
_SELECTORS = f"{_TRAILS}/filtering-data-events.html"
_LOGS = f"{_TRAILS}/send-cloudtrail-events-to-cloudwatch-logs.html"
_LIFECYCLE = f"{TERRAFORM_DOCS}/language/meta-arguments/lifecycle"

TRAIL_RULES = (
    Rule(
        "CKV_CTM_TRL_1",
        "R-TRL-1",
        "a running trail records every Region and the global services",
        "An intruder works where nobody records: in an unused Region, or through IAM.",
        "Set is_multi_region_trail = true and leave include_global_service_events on.",
        f"{_TRAILS}/receive-cloudtrail-log-files-from-multiple-regions.html",
        TRAIL,
    ),
    Rule(
        "CKV2_CTM_TRL_1",
        "R-TRL-1",
        "a log group that CloudTrail detections read is written by a trail that runs",
        "Metric filters on a log group that no trail writes to count nothing, and every alarm stays green.",
        "Add a running aws_cloudtrail whose cloud_watch_logs_group_arn is the ARN of that log group.",
        _LOGS,
        DETECTIONS,
    ),
    Rule(
        "CKV_CTM_TRL_2",
        "R-TRL-2",
        "a running trail selects management events, read and write, by advanced selectors",
        "Without one half of the management events, either the reconnaissance or the change goes unseen.",
        "Use advanced_event_selector, with one for Management that has no readOnly field.",
        _SELECTORS,
        TRAIL,
    ),
    Rule(
        "CKV_CTM_TRL_2_DATA",
        "R-TRL-2",
        "a running trail selects data events",
        "Who read an object or called a function shows in data events only.",
        "Add an advanced_event_selector for Data; waive it where an environment goes without them to save their cost.",
        _SELECTORS,
        TRAIL,
    ),
    Rule(
        "CKV_CTM_TRL_2_OWN",
        "R-TRL-2",
        "data events of types this system owns resources of are limited by ARN",
        "A responder that wakes itself loops, and each turn is paid for.",
        "Give each data selector a resources.ARN field with not_starts_with for this system's buckets, functions and "
        "tables.",
        _SELECTORS,
    ),
    Rule(
        "CKV2_CTM_TRL_2_OWN",
        "R-TRL-2",
        "data events leave out the bucket the trail delivers to",
        "A trail that records its own deliveries loops and costs without end.",
        "Add the bucket's ARN with a slash behind it to not_starts_with of each S3 selector's resources.ARN field.",
        _SELECTORS,
    ),
    Rule(
        "CKV_CTM_TRL_3",
        "R-TRL-3",
        "log files are validated by a digest chain",
        "Without digests nobody can show that a log file was not changed or removed.",
        "Set enable_log_file_validation = true.",
        f"{_TRAILS}/cloudtrail-log-file-validation-intro.html",
        TRAIL,
    ),
    Rule(
        "CKV_CTM_TRL_4",
        "R-TRL-4",
        "a running trail delivers to CloudWatch Logs with a role of its own",
        "Metric filters and alarms read the log group; S3 alone tells nobody anything.",
        "Set cloud_watch_logs_group_arn and cloud_watch_logs_role_arn.",
        _LOGS,
        TRAIL,
    ),
    Rule(
        "CKV2_CTM_TRL_4",
        "R-TRL-4",
        "the log group a trail delivers to keeps its events for 365 days or more",
        "Intrusions are found months later, when shorter logs are gone.",
        "Set retention_in_days = 365 on the trail's log group.",
        f"{AWS_DOCS}/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
        LOG_GROUP,
    ),
    Rule(
        "CKV2_CTM_TRL_4_ROLE",
        "R-TRL-4",
        "the role a trail writes its log group with may write log streams and nothing else",
        "A role with more rights is a way for whoever misuses it to read or silence other logs.",
        "Allow logs:CreateLogStream and logs:PutLogEvents on the log group's streams; no other action, and not on *.",
        f"{_TRAILS}/cloudtrail-required-policy-for-cloudwatch-logs.html",
        LOG_GROUP,
    ),
    Rule(
        "CKV_CTM_TRL_5",
        "R-TRL-5",
        "in production Insights watch call rate and error rate",
        "A burst of calls or of refusals has no pattern a filter could name; Insights notice it.",
        "Add insight_selector blocks for ApiCallRateInsight and ApiErrorRateInsight.",
        f"{_TRAILS}/logging-insights-events-with-cloudtrail.html",
    ),
    Rule(
        "CKV_CTM_TRL_7",
        "R-TRL-7",
        "management events are filtered by nothing but the KMS and RDS Data API noise",
        "Whatever is left out is a blind spot that an intruder can look up.",
        "In the Management selector leave out at most kms.amazonaws.com and rdsdata.amazonaws.com (eventSource).",
        f"{_TRAILS}/filtering-management-events.html",
        TRAIL,
    ),
    Rule(
        "CKV_CTM_RSP_3",
        "R-RSP-3",
        "Terraform leaves it to the responders whether a stopped trail logs",
        "The next apply would stop the enhanced trail in the middle of an incident.",
        "Add lifecycle { ignore_changes = [enable_logging] } beside enable_logging = false.",
        _LIFECYCLE,
    ),
    Rule(
        "CKV_CTM_INT_2",
        "R-INT-2",
        "in production Terraform refuses to destroy a running trail",
        "A renamed resource or a wrong workspace would end the recording without a question.",
        "Add lifecycle { prevent_destroy = true } to the trail.",
        _LIFECYCLE,
    ),
)
