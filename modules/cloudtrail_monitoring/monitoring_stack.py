"""MonitoringStack: the whole system for one environment, put together from its parts."""

from cdktf import TerraformOutput, TerraformStack
from constructs import Construct

from cloudtrail_monitoring.alerting.alert_topics import AlertTopics
from cloudtrail_monitoring.alerting.root_activity_rule import RootActivityRule
from cloudtrail_monitoring.alerting.security_alarms import SecurityAlarms
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.alerting.urgent_rules import UrgentRules
from cloudtrail_monitoring.archive.log_archive import LogArchive
from cloudtrail_monitoring.provider import aws_provider
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.remote_state import use_remote_state
from cloudtrail_monitoring.trail.audit_trail import AuditTrail, trail_arn
from cloudtrail_monitoring.trail.trail_key import TrailKey


class MonitoringStack(TerraformStack):
    """One environment's stack, named after it.

    >>> app = App()                           # doctest: +SKIP
    >>> MonitoringStack(app, prod_settings)   # doctest: +SKIP
    >>> app.synth()                           # doctest: +SKIP
    """

    def __init__(self, scope: Construct, settings: MonitoringSettings) -> None:
        super().__init__(scope, settings.environment)
        location = settings.location
        protected = settings.deletion_protection
        aws_provider(self, settings)
        providers = {region: aws_provider(self, settings, region) for region in settings.provider_regions}
        use_remote_state(self, settings.state, location=location, key=settings.environment)

        arn = trail_arn(location, settings.trail.name)
        self.archive = LogArchive(
            self,
            "archive",
            settings.archive,
            location=location,
            trail_arns=[arn],
            organization_id=settings.trail.organization_id,
            protected=protected,
        )
        self.key = (
            TrailKey(
                self,
                "trail-key",
                settings.archive,
                location=location,
                alias=f"{settings.name_prefix}-trail",
                trail_arns=[arn],
                log_group_name=settings.trail.log_group_name,
                protected=protected,
            )
            if settings.trail.customer_managed_key
            else None
        )
        self.trail = AuditTrail(
            self,
            "trail",
            settings.trail,
            location=location,
            # by name, so that a plan shows the exclusion of its objects; the policy it waits for follows the bucket
            bucket_name=settings.archive.bucket_name,
            bucket_policy=[self.archive.policy],
            own_arns=settings.own_arns,
            kms_key_arn=self.key.arn if self.key else None,
            protected=protected,
        )
        self.topics = AlertTopics(self, "topics", settings.alerting, location=location, prefix=settings.name_prefix)
        self.alarms = SecurityAlarms(
            self,
            "alarms",
            settings.alerting,
            detections=settings.deployed_detections,
            log_group_name=self.trail.log_group_name,
            topic_arns=self.topics.arns,
            prefix=settings.name_prefix,
            namespace=settings.metric_namespace,
        )
        self.root_activity = RootActivityRule(
            self,
            "root-activity",
            location=location,
            prefix=settings.name_prefix,
            topic_arn=self.topics.arns[Channel.EMAIL],
            runbook_url=settings.alerting.runbook_url,
            providers={region: providers[region] for region in settings.further_regions},
        )
        self.urgent = UrgentRules(
            self,
            "urgent",
            detections=settings.deployed_detections,
            location=location,
            prefix=settings.name_prefix,
            topic_arn=self.topics.arns[Channel.EMAIL],
            runbook_url=settings.alerting.runbook_url,
        )
        self._outputs()

    def _outputs(self) -> None:
        for name, value in {
            "trail_arn": self.trail.arn,
            "archive_bucket": self.archive.bucket_name,
            "log_group": self.trail.log_group_name,
            "email_topic_arn": self.topics.arns[Channel.EMAIL],
            "sms_topic_arn": self.topics.arns[Channel.SMS],
        }.items():
            TerraformOutput(self, name, value=value)
