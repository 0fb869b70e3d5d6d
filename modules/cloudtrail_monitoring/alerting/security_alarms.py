"""A metric filter and an alarm for each detection; the alarm reads the very metric its filter writes (R-ALM-1 to 4).

Filters publish 1 a match and no default value. Alarms sum, and take silence for peace: without
``treat_missing_data = notBreaching`` they would sit in INSUFFICIENT_DATA. Of a detection that is compared with what is
usual, the alarm is left to ``AnomalyAlarms``.
"""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.cloudwatch_log_metric_filter import (
    CloudwatchLogMetricFilter,
    CloudwatchLogMetricFilterMetricTransformation,
)
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from constructs import Construct

from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel
from cloudtrail_monitoring.detections.detection import DETECTION_TAG, LEVEL_TAG, Detection, fault_of_detections
from cloudtrail_monitoring.terraform_text import terraform_text
from cloudtrail_monitoring.validation import SettingsError

# Log events reach the metric late and unevenly: an alarm on the last minute alone could miss one.
LATE_DATAPOINT_SECONDS = 300
_COUNT_ID = "events"


class SecurityAlarms(Construct):
    """Filters on the trail's log group and alarms to the topics.

    Args:
        detections: what to detect; ids must differ.
        log_group_name: of the trail, in this Region.
        topic_arns: where each channel's alerts go.
        prefix: begins the names of filters and alarms, so that environments never share one.
        namespace: of the metrics.

    Raises:
        SettingsError: if an id stands twice, or there are more detections than a log group takes filters (100).
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: AlertingSettings,
        *,
        detections: Sequence[Detection],
        log_group_name: str,
        topic_arns: dict[Channel, str],
        prefix: str,
        namespace: str,
    ) -> None:
        super().__init__(scope, id_)
        if problem := fault_of_detections(detections):
            raise SettingsError(problem)
        self._settings = settings
        self._namespace = namespace
        self.filters: dict[str, CloudwatchLogMetricFilter] = {}
        self.alarms: dict[str, CloudwatchMetricAlarm] = {}
        for detection in detections:
            name = f"{prefix}-{detection.id}"
            self.filters[detection.id] = CloudwatchLogMetricFilter(
                self,
                f"{detection.id}-filter",
                name=name,
                log_group_name=log_group_name,
                pattern=terraform_text(detection.pattern),
                metric_transformation=CloudwatchLogMetricFilterMetricTransformation(
                    name=detection.id, namespace=namespace, value="1", unit="Count"
                ),
            )
            if detection.against_usual:
                continue
            self.alarms[detection.id] = self._alarm(
                detection, name, [topic_arns[channel] for channel in settings.routes.get(detection.level, ())]
            )

    def _alarm(self, detection: Detection, name: str, actions: list[str]) -> CloudwatchMetricAlarm:
        if detection.only_outside_business_hours:
            queries = self._off_hours_queries(detection)
            counted: dict[str, object] = {"metric_query": queries}
        else:
            counted = {
                "metric_name": detection.id,
                "namespace": self._namespace,
                "statistic": "Sum",
                "period": detection.period_seconds,
            }
        periods = max(1, LATE_DATAPOINT_SECONDS // detection.period_seconds)
        return CloudwatchMetricAlarm(
            self,
            f"{detection.id}-alarm",
            alarm_name=name,
            alarm_description=terraform_text(describe(detection, self._settings.runbook_url)),
            comparison_operator="GreaterThanThreshold",
            threshold=detection.threshold,
            evaluation_periods=periods,
            datapoints_to_alarm=1 if periods > 1 else None,
            treat_missing_data="notBreaching",
            alarm_actions=actions,
            tags={DETECTION_TAG: detection.id, LEVEL_TAG: detection.level.value},
            # the alarm outlives no filter, and starts when its metric can be written
            depends_on=[self.filters[detection.id]],
            **counted,
        )

    def _off_hours_queries(self, detection: Detection) -> list[CloudwatchMetricAlarmMetricQuery]:
        count = CloudwatchMetricAlarmMetricQuery(
            id=_COUNT_ID,
            label="Events",
            metric=CloudwatchMetricAlarmMetricQueryMetric(
                metric_name=detection.id, namespace=self._namespace, stat="Sum", period=detection.period_seconds
            ),
            return_data=False,
        )
        expressions = self._settings.business_hours.off_hours_expressions(_COUNT_ID)
        return [
            count,
            *(
                CloudwatchMetricAlarmMetricQuery(
                    id=part.id, expression=part.expression, label=part.label, return_data=part.return_data
                )
                for part in expressions
            ),
        ]


def describe(detection: Detection, runbook_url: str) -> str:
    """The alarm's description: what its e-mail says beside the numbers. CloudWatch takes 1,024 characters."""
    requirement = f" ({detection.requirement})" if detection.requirement else ""
    return (
        f"{detection.title}{requirement}. Level: {detection.level.value}. {detection.reason}"
        f" What to do: {runbook_url.rstrip('/')}/{detection.id}.md"
    )
