"""The CloudWatch dashboard of an environment (R-DSH-1 to R-DSH-5). What it shows is left to ``panels``.

CloudWatch does not check what a dashboard names: alarms and metrics may come after it, and it holds nothing up.
"""

import json
from collections.abc import Iterator, Sequence

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from constructs import Construct
from pydantic import ValidationError

from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings
from cloudtrail_monitoring.detections.detection import LEVEL_TAG, Detection, Level
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.observability.body import DashboardBody, in_rows
from cloudtrail_monitoring.observability.monitored import Monitored, ShownAlarm
from cloudtrail_monitoring.observability.panels import rows
from cloudtrail_monitoring.observability.settings import ObservabilitySettings
from cloudtrail_monitoring.responders.settings import RespondersSettings
from cloudtrail_monitoring.terraform_text import terraform_text
from cloudtrail_monitoring.validation import SettingsError


class MonitoringDashboard(Construct):
    """What is red, who logged in from where, what changed, how much is going on, what responders do.

    Args:
        location: where the metrics are.
        prefix: begins the dashboard's name, ``<prefix>-overview``. A name is an account's, not a Region's.
        namespace: of the metrics.
        detections: whose metrics are written there.
        alarms: whose states are shown; ``alarms_of`` finds those of a stack.
        log_group_name: of the trail.
        runbook_url: where the runbooks are read.
        anomaly: the band that the alarms on the unusual use.
        responders: what responders are there; ``None``: none, and nothing of them is drawn.

    Raises:
        SettingsError: CloudWatch would not take the dashboard; the line names widget and bound.

    >>> MonitoringDashboard(
    ...     stack, "dashboard", ObservabilitySettings(), location=location, prefix="acme", namespace="Acme/CloudTrail",
    ...     detections=tuple(CATALOGUE.values()), alarms=tuple(alarms_of(stack)), log_group_name="CloudTrail/audit",
    ...     runbook_url="https://runbooks.example.com", anomaly=AnomalySettings(),
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: ObservabilitySettings,
        *,
        location: Location,
        prefix: str,
        namespace: str,
        detections: Sequence[Detection],
        alarms: Sequence[ShownAlarm],
        log_group_name: str,
        runbook_url: str,
        anomaly: AnomalySettings,
        responders: RespondersSettings | None = None,
    ) -> None:
        super().__init__(scope, id_)
        shown = Monitored(
            location=location,
            prefix=prefix,
            namespace=namespace,
            detections=detections,
            alarms=alarms,
            log_group_name=log_group_name,
            runbook_url=runbook_url,
            anomaly=anomaly,
            responders=responders,
        )
        try:
            self.body = DashboardBody(
                name=f"{prefix}-overview", widgets=tuple(in_rows(rows(shown))), days_shown=settings.days_shown
            )
        except ValidationError as error:
            raise SettingsError("; ".join(part["msg"] for part in error.errors(include_url=False))) from None
        self.dashboard = CloudwatchDashboard(
            self,
            "dashboard",
            dashboard_name=self.body.name,
            dashboard_body=terraform_text(json.dumps(self.body.body())),
        )
        self.url = (
            f"{location.console_url}/cloudwatch/home?region={location.region}#dashboards/dashboard/{self.body.name}"
        )


def alarms_of(scope: Construct) -> Iterator[ShownAlarm]:
    """Every metric alarm that stands below ``scope`` by now, in the order they were made."""
    for one in scope.node.find_all():
        if isinstance(one, CloudwatchMetricAlarm):
            level = (one.tags_input or {}).get(LEVEL_TAG)
            yield ShownAlarm(str(one.alarm_name_input), Level(level) if level else None)
