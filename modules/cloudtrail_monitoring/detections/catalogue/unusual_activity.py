"""More of something than is usual: API calls that fail (R-ALM-5), and what CloudTrail Insights itself finds (R-TRL-5).

CloudTrail delivers Insights events to the trail's log group, beside the others. They are no calls: there is no
``userIdentity``, and service and call stand in ``insightDetails``. Each has a Start and an End; the Start is told.
The number of all calls needs no filter: ``AnomalyAlarms`` watches the log group's own metric.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html
"""

from cloudtrail_monitoring.detections.detection import Detection, InsightType, Level

INSIGHTS_FIELDS = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html"
RECORD_CONTENTS = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"
)
ANOMALY_DETECTION = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html"


def _insight(id_: str, insight: InsightType, title: str, reason: str, techniques: tuple[str, ...]) -> Detection:
    return Detection(
        id=id_,
        title=title,
        level=Level.MEDIUM,
        pattern=(
            f'{{ ($.eventType = "AwsCloudTrailInsight") && ($.insightDetails.insightType = "{insight}")'
            ' && ($.insightDetails.state = "Start") }'
        ),
        reason=reason,
        requirement="R-TRL-5",
        techniques=techniques,
        references=(INSIGHTS_FIELDS,),
        needs_insight=insight,
    )


UNUSUAL_ACTIVITY = (
    Detection(
        id="api-call-errors",
        title="Unusually many API calls failed",
        level=Level.MEDIUM,
        pattern='{ $.errorCode = "*" }',
        reason="Somebody may be trying out what stolen credentials can do, or something just broke.",
        requirement="R-ALM-5",
        techniques=("T1580", "T1526"),
        references=(RECORD_CONTENTS, ANOMALY_DETECTION),
        against_usual=True,
    ),
    _insight(
        "insight-call-rate",
        "ApiCallRateInsight",
        "CloudTrail Insights saw an unusual rate of a changing call",
        "Much made, deleted or changed in a short time: automation gone wild, or an intruder at work.",
        ("T1496", "T1485"),
    ),
    _insight(
        "insight-error-rate",
        "ApiErrorRateInsight",
        "CloudTrail Insights saw an unusual rate of errors of one call",
        "The same call refused over and over: somebody tries out rights, or a pipeline has lost some.",
        ("T1580",),
    ),
)
