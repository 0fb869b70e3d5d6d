"""Development: few data events, half a year, no lock, no key of its own, and Terraform may destroy it."""

from datetime import time
from pathlib import Path

from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings
from cloudtrail_monitoring.alerting.budget_settings import BudgetSettings
from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.contacts import read_contacts
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel
from cloudtrail_monitoring.archive.settings import ArchiveSettings
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.settings import DataEvents, DataResource, ReadWrite, TrailSettings


def settings() -> MonitoringSettings:
    return MonitoringSettings(
        environment="dev",
        account_id="111111111111",
        name_prefix="xyz-corp-audit-dev",
        metric_namespace="XyzCorp/CloudTrail/dev",
        archive=ArchiveSettings(
            bucket_name="xyz-corp-cloudtrail-logs-dev",
            access_log_bucket_name="xyz-corp-cloudtrail-logs-dev-access",
            audit_role_names=("audit-team",),
            deploy_role_name="cloudtrail-monitoring-deploy",
            break_glass_role_names=("break-glass",),
            retention_days=180,
            object_lock=None,
        ),
        trail=TrailSettings(
            name="xyz-corp-audit-trail-dev",
            log_group_name="CloudTrail/xyz-corp-audit-trail-dev",
            log_retention_days=365,
            data_events=(DataEvents(resource_type=DataResource.S3_OBJECT, read_write=ReadWrite.WRITE_ONLY),),
            customer_managed_key=False,
        ),
        alerting=AlertingSettings(
            contacts=read_contacts("dev", Path(__file__).parent),
            # nobody is woken: what is High goes by e-mail alone
            routes={Level.MEDIUM: (Channel.EMAIL,), Level.HIGH: (Channel.EMAIL,)},
            # at night hardly anybody works here: by the hour there is something to count
            anomaly=AnomalySettings(period_seconds=3600),
            business_hours=BusinessHours(start=time(8), end=time(18), time_zone="America/New_York"),
            runbook_url="https://runbooks.xyz-corp.example/cloudtrail-monitoring",
        ),
        state=StateSettings(
            bucket_name="xyz-corp-terraform-state-111111111111",
            access_log_bucket_name="xyz-corp-terraform-state-111111111111-access",
        ),
        budget=BudgetSettings(monthly_limit=50),
        delivery=DeliverySettings(repository="xyz-corp/cloudtrail-monitoring"),
        deletion_protection=False,
        tags={"DataClassification": "Internal"},
    )
