"""What a dashboard is about: an environment's detections, alarms, log group and responders; charts of its metrics."""

from collections.abc import Sequence
from typing import NamedTuple

from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings
from cloudtrail_monitoring.detections.detection import Detection, Level
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.observability.metric_queries import Expression, Metric, Statistic, search
from cloudtrail_monitoring.observability.widgets import MetricWidget, View
from cloudtrail_monitoring.responders.names import CONSOLE_EVENTS_LOG_GROUP
from cloudtrail_monitoring.responders.runtime.metrics import METRICS
from cloudtrail_monitoring.responders.settings import RespondersSettings

AN_HOUR, A_DAY = 3_600, 86_400


class ShownAlarm(NamedTuple):
    """An alarm by name, with the level of its detection; ``None``: it watches over this system itself."""

    name: str
    level: Level | None


class Monitored(NamedTuple):
    """What there is to show, as ``MonitoringDashboard`` is given it."""

    location: Location
    prefix: str
    namespace: str
    detections: Sequence[Detection]
    alarms: Sequence[ShownAlarm]
    log_group_name: str
    runbook_url: str
    anomaly: AnomalySettings
    responders: RespondersSettings | None

    @property
    def login_log_group(self) -> str:
        """Where logins are looked up: responders copy them to a log group of their own, a query of which costs less."""
        return CONSOLE_EVENTS_LOG_GROUP if self.responders else self.log_group_name

    def counts(self, detection_id: str) -> bool:
        return any(one.id == detection_id for one in self.detections)

    def metric(self, name: str, **rendering: str | bool) -> Metric:
        """A metric of the environment's own: a detection's, by its id, or the responders'."""
        return Metric.model_validate({"namespace": self.namespace, "name": name, **rendering})

    def counted_by(self, name: str, *, query_id: str) -> Expression:
        """What responders count a day, by each value of the metric's dimension, which alone is its label."""
        found = search(self.namespace, name, METRICS[name] or "", stat=Statistic.SUM, period_seconds=A_DAY)
        # an empty label adds nothing to those of the metrics:
        # https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudwatch.SearchExpressionProps.html
        return Expression(expression=found, id=query_id, label="")

    def chart(
        self,
        title: str,
        view: View,
        *metrics: Metric | Expression,
        period: int = A_DAY,
        stat: Statistic = Statistic.SUM,
    ) -> MetricWidget:
        """A chart; a single value has its line below it, and nothing that is counted falls below zero."""
        return MetricWidget(
            title=title,
            region=self.location.region,
            view=view,
            metrics=metrics,
            period=period,
            stat=stat,
            sparkline=view is View.SINGLE_VALUE,
            least=0.0 if view is View.TIME_SERIES else None,
        )
