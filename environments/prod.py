"""Production: the names of the requirements, seven years, everything on."""

from datetime import date, time
from pathlib import Path

from cloudtrail_monitoring.alerting.budget_settings import BudgetSettings
from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.contacts import read_contacts
from cloudtrail_monitoring.alerting.settings import AlertingSettings
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.archive.settings import ArchiveSettings, LockMode, ObjectLock
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.responders.evidence_settings import EvidenceSettings, evidence_bucket_name
from cloudtrail_monitoring.responders.settings import NPM_COUNTRY_DATABASE, GeographySettings, RespondersSettings
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.settings import DataEvents, DataResource, Insight, ReadWrite, TrailSettings

# where addresses are registered, from npm's package (CC0); any MaxMind-format file may stand here
COUNTRY_DATABASE = Path(__file__).parents[1] / NPM_COUNTRY_DATABASE


def settings() -> MonitoringSettings:
    return MonitoringSettings(
        environment="prod",
        account_id="333333333333",
        name_prefix="xyz-corp-audit",
        metric_namespace="XyzCorp/CloudTrail/prod",
        archive=ArchiveSettings(
            bucket_name="xyz-corp-cloudtrail-logs-2025",
            access_log_bucket_name="xyz-corp-cloudtrail-logs-2025-access",
            audit_role_names=("audit-team",),
            deploy_role_name="cloudtrail-monitoring-deploy",
            break_glass_role_names=("break-glass",),
            retention_days=2557,
            object_lock=ObjectLock(mode=LockMode.GOVERNANCE, retention_days=2557),
        ),
        trail=TrailSettings(
            name="xyz-corp-audit-trail",
            log_group_name="CloudTrail/xyz-corp-audit-trail",
            log_retention_days=365,
            data_events=(
                DataEvents(resource_type=DataResource.S3_OBJECT, read_write=ReadWrite.ALL),
                DataEvents(resource_type=DataResource.LAMBDA_FUNCTION, read_write=ReadWrite.ALL),
            ),
            insights=(Insight.API_CALL_RATE, Insight.API_ERROR_RATE),
        ),
        alerting=AlertingSettings(
            contacts=read_contacts("prod", Path(__file__).parent),
            business_hours=BusinessHours(start=time(8), end=time(18), time_zone="America/New_York"),
            # where the sign-in endpoints beside us-east-1 record console logins
            monitored_regions=("ap-southeast-2", "eu-north-1", "us-east-2"),
            runbook_url="https://runbooks.xyz-corp.example/cloudtrail-monitoring",
        ),
        state=StateSettings(
            bucket_name="xyz-corp-terraform-state-333333333333",
            access_log_bucket_name="xyz-corp-terraform-state-333333333333-access",
        ),
        budget=BudgetSettings(),
        search=SearchSettings(
            results_bucket_name="xyz-corp-cloudtrail-logs-2025-results",
            results_access_log_bucket_name="xyz-corp-cloudtrail-logs-2025-results-access",
            first_day=date(2025, 1, 1),
        ),
        delivery=DeliverySettings(repository="xyz-corp/cloudtrail-monitoring"),
        responders=RespondersSettings(
            geography=GeographySettings(database=COUNTRY_DATABASE),
            # whoever has to get in when everything else is locked
            break_glass_users=("/break-glass/",),
        ),
        evidence=EvidenceSettings(
            bucket_name=evidence_bucket_name("xyz-corp-cloudtrail-logs-2025"),
            access_log_bucket_name="xyz-corp-cloudtrail-logs-2025-evidence-access",
            investigator_role_names=("incident-response",),
            object_lock=ObjectLock(mode=LockMode.GOVERNANCE, retention_days=2557),
        ),
        tags={"DataClassification": "Confidential"},
    )
