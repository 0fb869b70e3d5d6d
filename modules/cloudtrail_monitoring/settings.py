"""Settings of one environment: who and where it is, and the settings of its parts."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from cloudtrail_monitoring.alerting.budget_settings import BudgetSettings
from cloudtrail_monitoring.alerting.settings import AlertingSettings
from cloudtrail_monitoring.archive.search.cloudtrail_table import CloudTrailTable, SearchNames, unknown_regions
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.archive.settings import ArchiveSettings
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection, DetectionId, Level, fault_of_detections
from cloudtrail_monitoring.detections.tuning import Reason, Tuning, tuned
from cloudtrail_monitoring.guard_rails.documents import permission_boundary, service_control_policy
from cloudtrail_monitoring.guard_rails.protected_resources import ProtectedResources
from cloudtrail_monitoring.guard_rails.settings import GuardRailsSettings
from cloudtrail_monitoring.location import Location, role_arns
from cloudtrail_monitoring.observability.settings import ObservabilitySettings
from cloudtrail_monitoring.responders.evidence_settings import EvidenceSettings
from cloudtrail_monitoring.responders.names import RELEASE, ROUTER, ResponderNames
from cloudtrail_monitoring.responders.settings import RespondersSettings
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.event_selectors import event_selectors
from cloudtrail_monitoring.trail.settings import (
    MAX_TRAIL_NAME,
    TrailSettings,
    enhanced_trail_name,
    log_delivery_role_name,
)
from cloudtrail_monitoring.validation import AccountId, RegionName, Settings, SettingsError, fault, matching

TagKey = Annotated[str, matching(r"(?!aws:)[\w .:/=+@-]{1,128}", "a tag key of 1 to 128 characters, not aws:...,")]
TagValue = Annotated[str, matching(r"[\w .:/=+@-]{0,256}", "a tag value of up to 256 characters")]

_ENVIRONMENT_NAME = "a name of up to 20 lower-case letters, digits and hyphens that does not begin with state-"


class MonitoringSettings(Settings):
    """Everything that differs between environments."""

    environment: Annotated[str, matching(r"(?!state-)[a-z][a-z0-9-]{0,19}", _ENVIRONMENT_NAME)]
    """Names the stack; the stack of its state bucket is ``state-<environment>``."""
    account_id: AccountId
    """The environment's own account; Terraform refuses any other (R-DEL-1)."""
    home_region: RegionName = "us-east-1"
    """Where the trail is made and alarms are kept; the trail records all Regions."""
    name_prefix: Annotated[str, matching(r"[a-z][a-z0-9-]{1,29}", "a prefix of 2 to 30 lower-case letters and digits")]
    """Begins the names of alarms, filters, topics and rules."""
    metric_namespace: Annotated[str, matching(r"(?!AWS/)[A-Za-z0-9._/#-]{1,255}", "a metric namespace not in AWS/")]
    """Where the metrics of detections and responders are."""
    archive: ArchiveSettings
    trail: TrailSettings
    alerting: AlertingSettings
    state: StateSettings
    responders: RespondersSettings | None = None
    """Contain by themselves what R-RSP names; ``None``: nothing acts."""
    evidence: EvidenceSettings | None = None
    """A locked bucket for the evidence of incidents (R-RSP-5); ``None``: evidence stays where it is gathered."""
    budget: BudgetSettings | None = None
    """Tell when a month costs more (R-CST-1); ``None``: nobody is told."""
    search: SearchSettings | None = None
    """Athena over the archive (R-ARC-8); ``None``: log files are searched one by one."""
    observability: ObservabilitySettings = ObservabilitySettings()
    """What people look at (R-DSH-1 to R-DSH-5)."""
    guard_rails: GuardRailsSettings = GuardRailsSettings()
    """What keeps everybody else from stopping, deleting or changing all this (R-INT-2)."""
    delivery: DeliverySettings | None = None
    """Who plans and deploys from GitHub (R-DEL-3); ``None``: the deploy role is made elsewhere."""
    detections: tuple[Detection, ...] = tuple(CATALOGUE.values())
    """Your own stand beside the shipped ones: ``(*CATALOGUE.values(), Detection(...))``."""
    disabled_detections: Mapping[DetectionId, Reason] = Field(default_factory=dict)
    """Ids of detections that this environment goes without, each with the reason."""
    tuned_detections: Mapping[DetectionId, Tuning] = Field(default_factory=dict)
    """Level, threshold, period and exclusions by id."""
    deletion_protection: bool = True
    """Whether Terraform refuses to destroy trail, log group, trail key and buckets, and DynamoDB the incidents."""
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=48)] = Field(default_factory=dict)
    """Beside ``Environment`` and ``ManagedBy``, on everything that takes tags; AWS takes 50 in all.
    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.bucket_names.values())) < len(self.bucket_names):
            raise fault("the names of the buckets must differ: {names}", names=", ".join(self.bucket_names.values()))
        if self.alerting.monitored_regions and self.home_region in self.alerting.monitored_regions:
            raise fault("alerting.monitored_regions: {region} is the home Region already", region=self.home_region)
        for region in (*self.alerting.monitored_regions, *self.alerting.retired_regions):
            if self.location.in_region(region).partition != self.location.partition:
                raise fault("alerting: Region {region} is of another partition", region=region)
        if self.budget and self.location.budget_currency is None:
            raise fault("budget: {partition} has no AWS Budgets: leave it out", partition=self.location.partition)
        self._check_people_s_roles()
        self._check_search()
        self._check_trail()
        self._check_routes()
        try:
            problem = fault_of_detections(self.deployed_detections)
        except SettingsError as error:
            problem = str(error)
        except ValidationError as error:
            problem = "; ".join(f"detections: {part['msg']}" for part in error.errors(include_url=False))
        if problem:
            raise fault("{problem}", problem=problem)
        self._check_silence()
        self._check_guard_rails()
        return self

    def _check_people_s_roles(self) -> None:
        """Deployment may change the system's own roles, and guard rails spare them: no person's is to be among them."""
        log_delivery = log_delivery_role_name(self.trail.name)
        for field, names in self.people_s_role_names.items():
            for name in names:
                # an account has no two roles whose names differ in case alone
                if name.lower().startswith(f"{self.name_prefix}-") or name.lower() == log_delivery.lower():
                    raise fault(
                        "{field}: {name} is a name of the system's own roles ({prefix}-* and {log_delivery}), which"
                        " deployment may change: name a role otherwise",
                        field=field,
                        name=name,
                        prefix=self.name_prefix,
                        log_delivery=log_delivery,
                    )

    def _check_search(self) -> None:
        """A search that would find nothing, in silence, is refused."""
        if self.search is None:
            return
        unknown = unknown_regions(self.search.regions, self.location.partition)
        if unknown:
            raise fault("search.regions: {regions} is of another partition", regions=", ".join(unknown))
        if self.search.organization_account_ids and not self.trail.organization_id:
            raise fault("search.organization_account_ids: this is no organization's trail: set trail.organization_id")

    def _check_trail(self) -> None:
        arns = [*self.trail.phi_resources, *(arn for events in self.trail.data_events for arn in events.arn_prefixes)]
        for arn in arns:
            if arn.split(":")[1] != self.location.partition:
                raise fault("trail: {arn} is of another partition than {region}", arn=arn, region=self.home_region)
        if self.has_enhanced_trail and len(enhanced_trail_name(self.trail.name)) > MAX_TRAIL_NAME:
            raise fault(
                "trail.name: {name} is longer than the {most} characters that CloudTrail takes",
                name=enhanced_trail_name(self.trail.name),
                most=MAX_TRAIL_NAME,
            )
        try:
            event_selectors(self.trail, own_arns=self.own_arns)
        except SettingsError as error:
            raise fault("{problem}", problem=str(error)) from None

    def _check_routes(self) -> None:
        """Alerts that would reach nobody, in silence, are refused."""
        for level in (Level.MEDIUM, Level.HIGH):
            if not self.alerting.routes.get(level):
                raise fault("alerting.routes: {level} needs a channel", level=level.value)
        for level, channels in self.alerting.routes.items():
            for channel in channels:
                if not self.alerting.contacts.of(channel):
                    raise fault(
                        "alerting.routes: {level} goes to {channel}, and alerting.contacts has no {channel}",
                        level=level.value,
                        channel=channel.value,
                    )

    def _check_silence(self) -> None:
        """Tuning that would leave nothing of a detection is refused: disabling it says so, with a reason."""
        for id_, tuning in self.tuned_detections.items():
            if self.account_id in tuning.exclusions.account_ids:
                raise fault(
                    "tuned_detections.{id}: excluding account {account} leaves out everybody of this environment:"
                    " exclude principals or roles, or disable the detection with a reason",
                    id=id_,
                    account=self.account_id,
                )

    def _check_guard_rails(self) -> None:
        try:
            service_control_policy(self.protected_resources)
            if self.guard_rails.permission_boundary:
                permission_boundary(self.protected_resources)
        except SettingsError as error:
            raise fault("{problem}", problem=str(error)) from None

    @property
    def bucket_names(self) -> dict[str, str]:
        """The buckets of this environment, by the setting that names each."""
        return {
            "archive.bucket_name": self.archive.bucket_name,
            "archive.access_log_bucket_name": self.archive.access_log_bucket_name,
            "state.bucket_name": self.state.bucket_name,
            "state.access_log_bucket_name": self.state.access_log_bucket_name,
            **(
                {
                    "evidence.bucket_name": self.evidence.bucket_name,
                    "evidence.access_log_bucket_name": self.evidence.access_log_bucket_name,
                }
                if self.evidence
                else {}
            ),
            **(
                {
                    "search.results_bucket_name": self.search.results_bucket_name,
                    "search.results_access_log_bucket_name": self.search.results_access_log_bucket_name,
                }
                if self.search
                else {}
            ),
        }

    @property
    def people_s_role_names(self) -> dict[str, tuple[str, ...]]:
        """The roles that people take, by the setting that names them."""
        return {
            "archive.audit_role_names": self.archive.audit_role_names,
            "archive.break_glass_role_names": self.archive.break_glass_role_names,
            **({"evidence.investigator_role_names": self.evidence.investigator_role_names} if self.evidence else {}),
        }

    @property
    def own_arns(self) -> tuple[str, ...]:
        """Beginnings of ARNs whose data events the trail never records: our own buckets and functions (R-TRL-2)."""
        return (
            *(f"{self.location.bucket_arn(bucket)}/" for bucket in self.bucket_names.values()),
            self.location.arn("lambda", f"function:{self.name_prefix}-"),
        )

    @property
    def deployed_detections(self) -> tuple[Detection, ...]:
        """The detections as this environment tunes them, with its names in their patterns."""
        responders = ResponderNames(self.location, self.name_prefix)
        names = {
            "account_id": self.account_id,
            "archive_bucket": self.archive.bucket_name,
            "access_log_bucket": self.archive.access_log_bucket_name,
            "deploy_role_arn": role_arns(self.location, (self.archive.deploy_role_name,))[0],
            "log_delivery_role": log_delivery_role_name(self.trail.name),
            "log_group": self.trail.log_group_name,
            "name_prefix": self.name_prefix,
            "release_session_arn": responders.session_arn(RELEASE),
            "router_session_arn": responders.session_arn(ROUTER),
        }
        return tuple(
            detection.named(names)
            for detection in tuned(self.detections, self.disabled_detections, self.tuned_detections)
            # what CloudTrail never writes here would be a detection that never fires
            if detection.needs_insight in (None, *self.trail.insights)
        )

    @property
    def protected_resources(self) -> ProtectedResources:
        """What guard rails protect, and whom they spare."""
        trail, archive = self.trail, self.archive
        return ProtectedResources(
            location=self.location,
            prefix=self.name_prefix,
            metric_namespace=self.metric_namespace,
            trail_name=trail.name,
            log_group_name=trail.log_group_name,
            bucket_names=tuple(self.bucket_names.values()),
            state_bucket_name=self.state.bucket_name,
            deploy_role_name=archive.deploy_role_name,
            break_glass_role_names=archive.break_glass_role_names,
            enhanced_trail_name=enhanced_trail_name(trail.name) if self.has_enhanced_trail else None,
            responders=ResponderNames(self.location, self.name_prefix) if self.responders else None,
            search=self.search_names if self.search else None,
            plan_role_name=self.delivery.plan_role_name if self.delivery else None,
            switch_role_names=self.evidence.investigator_role_names if self.evidence else (),
        )

    @property
    def location(self) -> Location:
        return Location(account_id=self.account_id, region=self.home_region)

    @property
    def search_names(self) -> SearchNames:
        """What the search's resources are called."""
        return SearchNames(self.location, self.name_prefix)

    @property
    def archive_table(self) -> CloudTrailTable | None:
        """Where the search finds the archive's log files; ``None`` without a search."""
        return (
            CloudTrailTable.of(
                self.search,
                location=self.location,
                bucket_name=self.archive.bucket_name,
                organization_id=self.trail.organization_id,
            )
            if self.search
            else None
        )

    @property
    def has_enhanced_trail(self) -> bool:
        return self.responders is not None and self.responders.enhanced_logging is not None

    @property
    def further_regions(self) -> tuple[str, ...]:
        """Every monitored Region but the home Region, each once."""
        wanted = {self.location.global_events_region, *self.alerting.monitored_regions}
        return tuple(sorted(wanted - {self.home_region}))

    @property
    def provider_regions(self) -> tuple[str, ...]:
        """Every Region that needs a provider: monitored, or holding what Terraform has yet to delete."""
        return tuple(sorted({*self.further_regions, *self.alerting.retired_regions} - {self.home_region}))
