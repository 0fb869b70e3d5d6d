"""Valid settings to start from: a test changes the one field it is about."""

from datetime import time
from typing import Any, TypeVar

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Contacts
from cloudtrail_monitoring.archive.settings import ArchiveSettings
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.settings import DataEvents, DataResource, Insight, TrailSettings
from cloudtrail_monitoring.validation import Settings

Model = TypeVar("Model", bound=Settings)

ACCOUNT = "333333333333"
LOCATION = Location(account_id=ACCOUNT, region="us-east-1")
ARCHIVE = ArchiveSettings(
    bucket_name="sample-logs",
    access_log_bucket_name="sample-logs-access",
    audit_role_names=("audit-team",),
    deploy_role_name="deploy",
    break_glass_role_names=("break-glass",),
)
TRAIL = TrailSettings(
    name="sample-trail",
    log_group_name="CloudTrail/sample",
    customer_managed_key=False,
    data_events=(
        DataEvents(resource_type=DataResource.S3_OBJECT),
        DataEvents(resource_type=DataResource.LAMBDA_FUNCTION),
    ),
)
CONTACTS = Contacts(email=("security@example.com",), sms=("+12065550100",))
ALERTING = AlertingSettings(
    contacts=CONTACTS,
    business_hours=BusinessHours(start=time(8), end=time(18), time_zone="Europe/Berlin"),
    runbook_url="https://runbooks.example.com",
)
SAMPLE = MonitoringSettings(
    environment="sample",
    account_id=ACCOUNT,
    name_prefix="sample-audit",
    metric_namespace="Sample/CloudTrail",
    archive=ARCHIVE,
    trail=TRAIL.model_copy(update={"customer_managed_key": True, "insights": tuple(Insight)}),
    alerting=ALERTING,
    state=StateSettings(bucket_name="sample-state", access_log_bucket_name="sample-state-access"),
)


def changed(settings: Model, **fields: Any) -> Model:
    """The same settings with some fields replaced, validated anew."""
    return type(settings)(**{**dict(settings), **fields})
