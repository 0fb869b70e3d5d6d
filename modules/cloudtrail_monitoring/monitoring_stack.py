"""MonitoringStack: the whole system for one environment, put together from its parts."""

from collections.abc import Mapping

from cdktf import TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from cloudtrail_monitoring.alerting.alert_topics import AlertTopics
from cloudtrail_monitoring.alerting.anomaly_alarms import AnomalyAlarms
from cloudtrail_monitoring.alerting.cost_budget import CostBudget
from cloudtrail_monitoring.alerting.root_activity_rule import RootActivityRule
from cloudtrail_monitoring.alerting.security_alarms import SecurityAlarms
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.alerting.urgent_rules import ROOT_ACTIVITY, UrgentRules
from cloudtrail_monitoring.archive.access_policy import keepers
from cloudtrail_monitoring.archive.log_archive import LogArchive
from cloudtrail_monitoring.archive.search.archive_search import ArchiveSearch
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.delivery.bounded_roles import bound_roles
from cloudtrail_monitoring.delivery.delivered import boundary_arn
from cloudtrail_monitoring.detections.detection import DISABLED_OUTPUT, Level
from cloudtrail_monitoring.guard_rails.guard_rails import GuardRails
from cloudtrail_monitoring.location import role_arns
from cloudtrail_monitoring.observability.dashboard import MonitoringDashboard, alarms_of
from cloudtrail_monitoring.observability.saved_queries import SavedQueries
from cloudtrail_monitoring.provider import aws_provider
from cloudtrail_monitoring.quick_reference import commands
from cloudtrail_monitoring.responders.evidence_bucket import EvidenceBucket
from cloudtrail_monitoring.responders.names import ResponderNames
from cloudtrail_monitoring.responders.responders import Responders
from cloudtrail_monitoring.responders.settings import RespondersSettings
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.remote_state import use_remote_state
from cloudtrail_monitoring.trail.audit_trail import AuditTrail, trail_arn
from cloudtrail_monitoring.trail.enhanced_trail import EnhancedTrail
from cloudtrail_monitoring.trail.settings import enhanced_trail_name
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
        further = {region: providers[region] for region in settings.further_regions}
        use_remote_state(self, settings.state, location=location, key=settings.environment)

        trail_names = [settings.trail.name]
        if settings.has_enhanced_trail:
            trail_names.append(enhanced_trail_name(settings.trail.name))
        trail_arns = [trail_arn(location, name) for name in trail_names]
        self.archive = LogArchive(
            self,
            "archive",
            settings.archive,
            location=location,
            trail_arns=trail_arns,
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
                trail_arns=trail_arns,
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
        self.topics = AlertTopics(
            self,
            "topics",
            settings.alerting,
            location=location,
            prefix=settings.name_prefix,
            publisher_role_arns=ResponderNames(location, settings.name_prefix).publisher_role_arns
            if settings.responders
            else (),
            budget_publishes=settings.budget is not None,
        )
        self.budget = (
            CostBudget(
                self,
                "budget",
                settings.budget,
                location=location,
                prefix=settings.name_prefix,
                topic_arn=self.topics.arns[Channel.EMAIL],
                topic_policy=[self.topics.policies[Channel.EMAIL]],
            )
            if settings.budget
            else None
        )
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
        self.anomalies = AnomalyAlarms(
            self,
            "anomalies",
            settings.alerting,
            detections=settings.deployed_detections,
            log_group_name=self.trail.log_group_name,
            topic_arns=self.topics.arns,
            prefix=settings.name_prefix,
            namespace=settings.metric_namespace,
            filters=self.alarms.filters,
        )
        self.root_activity = (
            None
            if ROOT_ACTIVITY in settings.disabled_detections
            else RootActivityRule(
                self,
                "root-activity",
                location=location,
                prefix=settings.name_prefix,
                topic_arn=self.topics.arns[Channel.EMAIL],
                runbook_url=settings.alerting.runbook_url,
                providers=further,
            )
        )
        self.urgent = UrgentRules(
            self,
            "urgent",
            detections=settings.deployed_detections,
            location=location,
            prefix=settings.name_prefix,
            topic_arn=self.topics.arns[Channel.EMAIL],
            runbook_url=settings.alerting.runbook_url,
            providers=further,
        )
        self.evidence = (
            EvidenceBucket(
                self,
                "evidence",
                settings.evidence,
                location=location,
                keepers=keepers(settings.archive, location),
                protected=protected,
            )
            if settings.evidence
            else None
        )
        self.search = self._search(settings, settings.search) if settings.search else None
        self.enhanced_trail = self._enhanced_trail(settings) if settings.has_enhanced_trail else None
        self.responders = self._responders(settings, settings.responders, further) if settings.responders else None
        self.guard_rails = GuardRails(
            self,
            "guard-rails",
            settings.guard_rails,
            ours=settings.protected_resources,
            organization_trail=settings.trail.organization_id is not None,
        )
        self.saved_queries = self._saved_queries(settings)
        self.dashboard = self._dashboard(settings)
        self._outputs(settings)
        if settings.delivery:
            bound_roles(self, boundary_arn(location, settings.name_prefix))

    def _search(self, settings: MonitoringSettings, search: SearchSettings) -> ArchiveSearch:
        return ArchiveSearch(
            self,
            "search",
            search,
            location=settings.location,
            prefix=settings.name_prefix,
            archive_bucket_name=settings.archive.bucket_name,
            keepers=keepers(settings.archive, settings.location),
            detections=settings.deployed_detections,
            organization_id=settings.trail.organization_id,
            key_arn=self.key.arn if self.key else None,
            protected=settings.deletion_protection,
        )

    def _enhanced_trail(self, settings: MonitoringSettings) -> EnhancedTrail:
        return EnhancedTrail(
            self,
            "enhanced-trail",
            location=settings.location,
            trail_name=settings.trail.name,
            bucket_name=settings.archive.bucket_name,
            bucket_policy=[self.archive.policy],
            own_arns=settings.own_arns,
            kms_key_arn=self.key.arn if self.key else None,
        )

    def _responders(
        self, settings: MonitoringSettings, responders: RespondersSettings, providers: Mapping[str, AwsProvider]
    ) -> Responders:
        location, archive = settings.location, settings.archive
        investigators = settings.evidence.investigator_role_names if settings.evidence else ()
        return Responders(
            self,
            "responders",
            responders,
            location=location,
            prefix=settings.name_prefix,
            log_group_name=settings.trail.log_group_name,
            log_group_reference=self.trail.log_group_name,
            topic_arns={
                channel: arn
                for channel, arn in self.topics.exact_arns.items()
                if channel is Channel.EMAIL or channel in settings.alerting.routes[Level.HIGH]
            },
            alarm_actions=[self.topics.arns[channel] for channel in settings.alerting.routes[Level.MEDIUM]],
            runbook_url=settings.alerting.runbook_url,
            business_hours=settings.alerting.business_hours,
            deploy_role_arn=role_arns(location, (archive.deploy_role_name,))[0],
            metric_namespace=settings.metric_namespace,
            enhanced_trail_arn=self.enhanced_trail.arn if self.enhanced_trail else None,
            plan_role_arn=role_arns(location, (settings.delivery.plan_role_name,))[0] if settings.delivery else None,
            reader_role_arns=role_arns(location, (*archive.audit_role_names, *investigators)),
            providers=providers,
            protected=settings.deletion_protection,
        )

    def _saved_queries(self, settings: MonitoringSettings) -> SavedQueries:
        categories = self.responders.record_path.categories if self.responders else ()
        return SavedQueries(
            self,
            "saved-queries",
            detections=settings.deployed_detections,
            account_id=settings.account_id,
            prefix=settings.name_prefix,
            log_group_name=self.trail.log_group_name,
            category_log_groups={str(group.name_input): group.name for group in categories},
        )

    def _dashboard(self, settings: MonitoringSettings) -> MonitoringDashboard:
        """Made last: it shows every alarm that stands by then."""
        return MonitoringDashboard(
            self,
            "dashboard",
            settings.observability,
            location=settings.location,
            prefix=settings.name_prefix,
            namespace=settings.metric_namespace,
            detections=settings.deployed_detections,
            alarms=tuple(alarms_of(self)),
            log_group_name=settings.trail.log_group_name,
            runbook_url=settings.alerting.runbook_url,
            anomaly=settings.alerting.anomaly,
            responders=settings.responders,
        )

    def _outputs(self, settings: MonitoringSettings) -> None:
        responders = self.responders
        for name, value in {
            "trail_arn": self.trail.arn,
            "archive_bucket": self.archive.bucket_name,
            "log_group": self.trail.log_group_name,
            "email_topic_arn": self.topics.arns[Channel.EMAIL],
            "sms_topic_arn": self.topics.arns[Channel.SMS],
            **({"evidence_bucket": self.evidence.bucket_name} if self.evidence else {}),
            **(
                {
                    "search_workgroup": self.search.workgroup.workgroup.name,
                    "searcher_policy": self.search.searcher_policy,
                }
                if self.search
                else {}
            ),
            **(
                {
                    "events_queue_url": responders.queue.queue.url,
                    "dead_letters_queue_url": responders.queue.dead_letters.url,
                    "responder_state_table": responders.store.state.name,
                    "incidents_table": responders.store.incidents.name,
                    "responders_switch": responders.switch.name,
                }
                if responders
                else {}
            ),
            **self.guard_rails.outputs,
            "dashboard_url": self.dashboard.url,
            "quick_reference": commands(settings),
        }.items():
            TerraformOutput(self, name, value=value)
        if settings.disabled_detections:
            TerraformOutput(self, DISABLED_OUTPUT, value=dict(settings.disabled_detections))
