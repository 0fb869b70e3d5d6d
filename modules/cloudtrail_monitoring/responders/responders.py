"""Responders: both paths to one queue, the functions behind it, and what they need to contain and to let go again.

What the functions do is ``runtime``'s; which settings they get is ``function_configuration``'s. The switch is an SSM
parameter whose value Terraform sets once: whoever turns it off at three in the morning is not undone by a deployment.
"""

from collections.abc import Mapping, Sequence

from cdktf import AssetType, TerraformAsset, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.lambda_event_source_mapping import (
    LambdaEventSourceMapping,
    LambdaEventSourceMappingScalingConfig,
)
from cdktf_cdktf_provider_aws.lambda_layer_version import LambdaLayerVersion
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import Statement
from cloudtrail_monitoring.responders.alarm_story_rule import AlarmStoryRule
from cloudtrail_monitoring.responders.event_path import EventPath
from cloudtrail_monitoring.responders.event_queue import EventQueue
from cloudtrail_monitoring.responders.function_configuration import function_configuration
from cloudtrail_monitoring.responders.names import ALARM_STORY, INTAKE, RELEASE, ROUTER, ResponderNames
from cloudtrail_monitoring.responders.packaging import (
    COUNTRY_FILE,
    Archive,
    country_layer,
    dependency_layer,
    runtime_archive,
)
from cloudtrail_monitoring.responders.permissions import of_alarm_story, of_intake, of_release, of_router
from cloudtrail_monitoring.responders.record_path import RecordPath
from cloudtrail_monitoring.responders.release_schedules import ReleaseSchedules
from cloudtrail_monitoring.responders.responder_function import (
    ARCHITECTURE,
    RUNTIME,
    FunctionParts,
    FunctionSettings,
    ResponderFunction,
)
from cloudtrail_monitoring.responders.responder_key import ResponderKey
from cloudtrail_monitoring.responders.runtime.configuration import VARIABLE
from cloudtrail_monitoring.responders.runtime.country_database import VARIABLE as COUNTRY_VARIABLE
from cloudtrail_monitoring.responders.settings import GeographySettings, RespondersSettings
from cloudtrail_monitoring.responders.state_store import StateStore
from cloudtrail_monitoring.validation import SettingsError

FUNCTION_SETTINGS = {
    one.name: one
    for one in (
        FunctionSettings(
            INTAKE,
            "Hands the trail's records on to the responders' queue and to the category log groups",
            timeout_seconds=60,
            concurrency=5,
        ),
        FunctionSettings(
            ROUTER,
            "Gives each event of the queue to the responders, once",
            timeout_seconds=60,
            concurrency=5,
            memory_megabytes=512,
        ),
        FunctionSettings(
            RELEASE,
            "Ends containments in time, and hourly those that a crash left standing",
            timeout_seconds=60,
            concurrency=2,
        ),
        FunctionSettings(
            ALARM_STORY,
            "Tells the events behind an alarm",
            timeout_seconds=60,
            concurrency=2,
        ),
    )
}
BATCH_SIZE = 10
MAX_READERS = 2
"""Few at a time, which is the least Lambda takes: the circuit breaker counts what has been recorded.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""


class Responders(Construct):
    """R-RSP-1 to R-RSP-6.

    Args:
        prefix: begins the names of everything here, and of the alarms whose story is told.
        log_group_name: of the trail, exact; it must have a subscription filter to spare.
        log_group_reference: the same as a reference to the resource, where this stack makes it.
        topic_arns: where responders alert, exact ARNs; without one for SMS nobody is called. The topics' key must let
            the roles use it: ``AlertTopics(publisher_role_arns=ResponderNames(location, prefix).publisher_role_arns)``.
        alarm_actions: topics that are told when a function or the queue is in trouble.
        runbook_url: where the runbooks are read.
        business_hours: of people, for enhanced logging and for local times.
        deploy_role_arn: the role that applies this Terraform.
        metric_namespace: of what responders count, such as logins by country.
        enhanced_trail_arn: of an ``EnhancedTrail``, needed where ``enhanced_logging`` is set.
        plan_role_arn: who plans and changes nothing, where the delivery makes that role.
        reader_role_arns: people's roles that read incidents.
        providers: a provider for each further Region whose events are forwarded.
        protected: whether DynamoDB refuses to delete the incidents, and Terraform their key.

    Raises:
        SettingsError: if enhanced logging is set without a trail, the configuration is too long, a package of the layer
            is not installed, or the country database can't be read.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: RespondersSettings,
        *,
        location: Location,
        prefix: str,
        log_group_name: str,
        topic_arns: Mapping[Channel, str],
        alarm_actions: Sequence[str],
        runbook_url: str,
        business_hours: BusinessHours,
        deploy_role_arn: str,
        metric_namespace: str,
        log_group_reference: str | None = None,
        enhanced_trail_arn: str | None = None,
        plan_role_arn: str | None = None,
        reader_role_arns: Sequence[str] = (),
        providers: Mapping[str, AwsProvider] | None = None,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        if settings.enhanced_logging and enhanced_trail_arn is None:
            raise SettingsError("responders.enhanced_logging is set, and Responders was given no enhanced_trail_arn")
        self.names = names = ResponderNames(location, prefix)
        self.key = ResponderKey(
            self,
            "key",
            names=names,
            deploy_role_arn=deploy_role_arn,
            plan_role_arn=plan_role_arn,
            reader_role_arns=reader_role_arns,
            protected=protected,
        )
        self.store = StateStore(self, "store", names=names, key_arn=self.key.arn, protected=protected)
        self.queue = EventQueue(
            self,
            "queue",
            names=names,
            key_arn=self.key.arn,
            deploy_role_arn=deploy_role_arn,
            reader_timeout_seconds=FUNCTION_SETTINGS[ROUTER].timeout_seconds,
            alarm_actions=alarm_actions,
        )
        self.switch = self._switch(on=settings.containment_enabled)
        variables = {
            "POWERTOOLS_LOG_LEVEL": "INFO",
            "POWERTOOLS_METRICS_NAMESPACE": metric_namespace,
            VARIABLE: function_configuration(
                settings,
                names,
                log_group_name=log_group_name,
                topic_arns=topic_arns,
                runbook_url=runbook_url,
                business_hours=business_hours,
                enhanced_trail_arn=enhanced_trail_arn,
            ),
        }
        told = list(topic_arns.values())
        parts = FunctionParts(
            archive_path=self._asset("code", runtime_archive()).path,
            layer_arns=[self._layer("dependencies", "Python packages", dependency_layer()).arn],
            key_arn=self.key.arn,
            failed_calls_arn=self.queue.failed_calls.arn,
            variables=variables,
            log_retention_days=settings.log_retention_days,
            alarm_actions=alarm_actions,
        )
        self.functions = self._functions(
            {ROUTER: self._with_countries(parts, settings.geography)},
            parts,
            {
                INTAKE: of_intake(names),
                ROUTER: of_router(
                    names,
                    topic_arns=told,
                    enhanced_trail_arn=enhanced_trail_arn,
                    break_glass_users=settings.break_glass_users,
                ),
                RELEASE: of_release(
                    names,
                    topic_arns=told,
                    enhanced_trail_arn=enhanced_trail_arn,
                    break_glass_users=settings.break_glass_users,
                ),
                ALARM_STORY: of_alarm_story(names, topic_arns=told, log_group_name=log_group_name),
            },
        )
        self.reader = self._reader(self.functions[ROUTER])
        self.event_path = EventPath(
            self,
            "event-path",
            names=names,
            queue_arn=self.queue.queue.arn,
            providers=providers or {},
        )
        self.record_path = RecordPath(
            self,
            "record-path",
            names=names,
            log_group_name=log_group_name,
            log_group_reference=log_group_reference or log_group_name,
            intake_arn=self.functions[INTAKE].arn,
            key_arn=self.key.arn,
            log_retention_days=settings.log_retention_days,
        )
        self.schedules = ReleaseSchedules(self, "schedules", names=names, release_arn=self.functions[RELEASE].arn)
        self.stories = AlarmStoryRule(self, "stories", names=names, function_arn=self.functions[ALARM_STORY].arn)

    def _switch(self, *, on: bool) -> SsmParameter:
        switch = SsmParameter(
            self,
            "switch",
            name=self.names.switch_parameter,
            description="on lets responders contain; anything else makes them alert only",
            type="String",
            value="on" if on else "off",
            lifecycle=TerraformResourceLifecycle(ignore_changes=["value"]),
        )
        waive(
            switch,
            "CKV2_AWS_34",
            reason="Whether responders are on is no secret, and a switch that needs no key works when the key doesn't",
        )
        return switch

    def _asset(self, id_: str, archive: Archive) -> TerraformAsset:
        return TerraformAsset(self, id_, path=str(archive.path), type=AssetType.FILE)

    def _layer(self, name: str, what: str, archive: Archive) -> LambdaLayerVersion:
        return LambdaLayerVersion(
            self,
            f"{name}-layer",
            layer_name=f"{self.names.prefix}-{name}",
            description=f"{what} of the responder functions",
            filename=self._asset(name, archive).path,
            source_code_hash=archive.source_code_hash,
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )

    def _with_countries(self, parts: FunctionParts, settings: GeographySettings | None) -> FunctionParts:
        """The router judges logins by country, and nobody else needs the database."""
        if settings is None:
            return parts
        layer = self._layer("countries", "Country database", country_layer(settings.database))
        return parts._replace(
            layer_arns=[*parts.layer_arns, layer.arn],
            variables={**parts.variables, COUNTRY_VARIABLE: COUNTRY_FILE},
        )

    def _functions(
        self, of_one: Mapping[str, FunctionParts], parts: FunctionParts, statements: Mapping[str, Sequence[Statement]]
    ) -> dict[str, ResponderFunction]:
        return {
            name: ResponderFunction(
                self,
                name,
                FUNCTION_SETTINGS[name],
                names=self.names,
                parts=of_one.get(name, parts),
                statements=statements[name],
            )
            for name in statements
        }

    def _reader(self, router: ResponderFunction) -> LambdaEventSourceMapping:
        """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html (partial batch responses)"""
        return LambdaEventSourceMapping(
            self,
            "reader",
            event_source_arn=self.queue.queue.arn,
            function_name=router.arn,
            batch_size=BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=LambdaEventSourceMappingScalingConfig(maximum_concurrency=MAX_READERS),
        )
