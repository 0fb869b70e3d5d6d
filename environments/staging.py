"""Staging: like production, for a shorter time, with fewer data events."""

from datetime import date, time
from pathlib import Path

from cloudtrail_monitoring.alerting.budget_settings import BudgetSettings
from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.contacts import read_contacts
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.archive.settings import ArchiveSettings, LockMode, ObjectLock
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.responders.evidence_settings import EvidenceSettings, evidence_bucket_name
from cloudtrail_monitoring.responders.settings import NPM_COUNTRY_DATABASE, GeographySettings, RespondersSettings
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.settings import DataEvents, DataResource, Insight, ReadWrite, TrailSettings

# where addresses are registered, from npm's package (CC0); any MaxMind-format file may stand here
COUNTRY_DATABASE = Path(__file__).parents[1] / NPM_COUNTRY_DATABASE


def settings() -> MonitoringSettings:
    return MonitoringSettings(
        environment="staging",
        account_id="222222222222",
        name_prefix="xyz-corp-audit-staging",
        metric_namespace="XyzCorp/CloudTrail/staging",
        archive=ArchiveSettings(
            bucket_name="xyz-corp-cloudtrail-logs-staging",
            access_log_bucket_name="xyz-corp-cloudtrail-logs-staging-access",
            audit_role_names=("audit-team",),
            deploy_role_name="cloudtrail-monitoring-deploy",
            break_glass_role_names=("break-glass",),
            retention_days=400,
            object_lock=ObjectLock(mode=LockMode.GOVERNANCE, retention_days=400),
        ),
        trail=TrailSettings(
            name="xyz-corp-audit-trail-staging",
            log_group_name="CloudTrail/xyz-corp-audit-trail-staging",
            log_retention_days=365,
            data_events=(
                DataEvents(resource_type=DataResource.S3_OBJECT, read_write=ReadWrite.WRITE_ONLY),
                DataEvents(resource_type=DataResource.LAMBDA_FUNCTION, read_write=ReadWrite.WRITE_ONLY),
            ),
            insights=(Insight.API_ERROR_RATE,),
        ),
        alerting=AlertingSettings(
            contacts=read_contacts("staging", Path(__file__).parent),
            # nobody is woken: what is High goes by e-mail alone
            routes={Level.MEDIUM: (Channel.EMAIL,), Level.HIGH: (Channel.EMAIL,)},
            business_hours=BusinessHours(start=time(8), end=time(18), time_zone="America/New_York"),
            # where the sign-in endpoints beside us-east-1 record console logins
            monitored_regions=("ap-southeast-2", "eu-north-1", "us-east-2"),
            runbook_url="https://runbooks.xyz-corp.example/cloudtrail-monitoring",
        ),
        state=StateSettings(
            bucket_name="xyz-corp-terraform-state-222222222222",
            access_log_bucket_name="xyz-corp-terraform-state-222222222222-access",
        ),
        budget=BudgetSettings(monthly_limit=100),
        search=SearchSettings(
            results_bucket_name="xyz-corp-cloudtrail-logs-staging-results",
            results_access_log_bucket_name="xyz-corp-cloudtrail-logs-staging-results-access",
            first_day=date(2025, 1, 1),
        ),
        delivery=DeliverySettings(repository="xyz-corp/cloudtrail-monitoring"),
        responders=RespondersSettings(
            geography=GeographySettings(database=COUNTRY_DATABASE),
            # whoever has to get in when everything else is locked
            break_glass_users=("/break-glass/",),
        ),
        evidence=EvidenceSettings(
            bucket_name=evidence_bucket_name("xyz-corp-cloudtrail-logs-staging"),
            access_log_bucket_name="xyz-corp-cloudtrail-logs-staging-evidence-access",
            investigator_role_names=("incident-response",),
            object_lock=ObjectLock(mode=LockMode.GOVERNANCE, retention_days=400),
        ),
        tags={"DataClassification": "Confidential"},
    )
