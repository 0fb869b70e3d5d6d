"""R-ALM-5: alarms on what is unusual, without a threshold: the volume of API calls, and those that fail.

The volume is the log group's own metric, ``IncomingLogEvents``: free, and every record that reaches the log group is in
it, data events too (CloudTrail keeps those above 256 KB from it). A filter of ours would count the same for money, and
could be deleted. It rings above the band and below it: a fall means that somebody stopped or narrowed the trail. So
does silence, for which there is no datapoint at all; missing ones are taken for a breach. An account that is idle at
night wants a longer period, in which something is always recorded: AWS's services call, too, at a rate that nobody
promises, and the responders' sweep does once an hour. Before the first records arrive after the first deployment the
alarm may ring once. Of failed calls only a rise is of interest, and silence is peace.

CloudWatch learns the band from up to two weeks, with the pattern of day and week; the first days' band is a guess from
little. Which failed calls are counted is left to ``SecurityAlarms``, whose filter writes their metric.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html (256 KB)
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.cloudwatch_log_metric_filter import CloudwatchLogMetricFilter
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from constructs import Construct

from cloudtrail_monitoring.alerting.security_alarms import describe
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel
from cloudtrail_monitoring.detections.call_volume import CALL_VOLUME, VOLUME_METRIC, VOLUME_NAMESPACE
from cloudtrail_monitoring.detections.detection import DETECTION_TAG, LEVEL_TAG, Detection
from cloudtrail_monitoring.terraform_text import terraform_text

_COUNT_ID, _BAND_ID = "events", "usual"
OUTSIDE, ABOVE = "LessThanLowerOrGreaterThanUpperThreshold", "GreaterThanUpperThreshold"


class AnomalyAlarms(Construct):
    """An alarm on the volume of calls, and one for each detection that is compared with what is usual.

    Args:
        settings: of alerting; ``anomaly`` says how wide the band is.
        detections: of the environment; others than those with ``against_usual`` are passed over.
        log_group_name: of the trail, in this Region.
        topic_arns: where each channel's alerts go.
        prefix: begins the alarms' names.
        namespace: of the detections' metrics.
        filters: that write the metrics, by detection, where this stack makes them.

    >>> AnomalyAlarms(
    ...     stack, "anomalies", alerting, detections=CATALOGUE.values(), log_group_name="CloudTrail/audit",
    ...     topic_arns=topics.arns, prefix="acme", namespace="Acme/CloudTrail",
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: AlertingSettings,
        *,
        detections: Sequence[Detection],
        log_group_name: str,
        topic_arns: Mapping[Channel, str],
        prefix: str,
        namespace: str,
        filters: Mapping[str, CloudwatchLogMetricFilter] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self._topic_arns = topic_arns
        self._prefix = prefix
        written = filters or {}
        self.volume = self._alarm(
            CALL_VOLUME,
            self._metric(VOLUME_NAMESPACE, VOLUME_METRIC, {"LogGroupName": log_group_name}),
            comparison=OUTSIDE,
            silence="breaching",
        )
        self.alarms = {
            one.id: self._alarm(
                one,
                self._metric(namespace, one.id),
                comparison=ABOVE,
                silence="notBreaching",
                waits_for=written.get(one.id),
            )
            for one in detections
            if one.against_usual
        }

    def _metric(
        self, namespace: str, name: str, dimensions: Mapping[str, str] | None = None
    ) -> CloudwatchMetricAlarmMetricQueryMetric:
        return CloudwatchMetricAlarmMetricQueryMetric(
            namespace=namespace,
            metric_name=name,
            dimensions=dimensions,
            stat="Sum",
            period=self._settings.anomaly.period_seconds,
        )

    def _alarm(
        self,
        detection: Detection,
        metric: CloudwatchMetricAlarmMetricQueryMetric,
        *,
        comparison: str,
        silence: str,
        waits_for: CloudwatchLogMetricFilter | None = None,
    ) -> CloudwatchMetricAlarm:
        anomaly = self._settings.anomaly
        return CloudwatchMetricAlarm(
            self,
            f"{detection.id}-alarm",
            alarm_name=f"{self._prefix}-{detection.id}",
            alarm_description=terraform_text(describe(detection, self._settings.runbook_url)),
            comparison_operator=comparison,
            threshold_metric_id=_BAND_ID,
            evaluation_periods=anomaly.evaluation_periods,
            datapoints_to_alarm=anomaly.datapoints_to_alarm,
            treat_missing_data=silence,
            metric_query=[
                CloudwatchMetricAlarmMetricQuery(id=_COUNT_ID, metric=metric, label="Events", return_data=True),
                CloudwatchMetricAlarmMetricQuery(
                    id=_BAND_ID,
                    expression=f"ANOMALY_DETECTION_BAND({_COUNT_ID}, {anomaly.band_standard_deviations:g})",
                    label="Usual",
                    return_data=True,
                ),
            ],
            alarm_actions=[self._topic_arns[channel] for channel in self._settings.routes.get(detection.level, ())],
            tags={DETECTION_TAG: detection.id, LEVEL_TAG: detection.level.value},
            depends_on=[waits_for] if waits_for else None,
        )
