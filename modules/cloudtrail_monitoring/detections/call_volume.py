"""The volume of API calls, which no pattern counts: CloudWatch Logs counts what comes into a log group (R-ALM-5).

It is described like the detections, so that its alarm and its runbook read like theirs; it has no metric filter, and
is no part of the catalogue.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
"""

from cloudtrail_monitoring.detections.detection import Detection, Level

VOLUME_NAMESPACE = "AWS/Logs"
VOLUME_METRIC = "IncomingLogEvents"
"""Of a log group, by the dimension ``LogGroupName``; nothing is written for a minute in which nothing came in."""

CALL_VOLUME = Detection(
    id="api-call-volume",
    title="The number of API calls is unusual",
    level=Level.MEDIUM,
    # every record of CloudTrail, for whoever looks for what is behind it
    pattern='{ $.eventVersion = "*" }',
    reason="Many more: somebody tries everything, or a job runs wild. Many fewer, or none: the trail may be stopped.",
    requirement="R-ALM-5",
    techniques=("T1580", "T1562.008"),
    references=(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html",
    ),
    against_usual=True,
)
