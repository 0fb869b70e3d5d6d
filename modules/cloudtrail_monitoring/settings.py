"""Settings of one environment: who and where it is, and the settings of its parts."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from cloudtrail_monitoring.alerting.settings import AlertingSettings
from cloudtrail_monitoring.archive.settings import ArchiveSettings
from cloudtrail_monitoring.detections.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.settings import TrailSettings
from cloudtrail_monitoring.validation import AccountId, RegionName, Settings, fault, matching


class MonitoringSettings(Settings):
    """Everything that differs between environments."""

    environment: Annotated[str, matching(r"[a-z][a-z0-9-]{0,19}", "a name of up to 20 lower-case letters and digits")]
    """Names the stack."""
    account_id: AccountId
    """The environment's own account; Terraform refuses any other (R-DEL-1)."""
    home_region: RegionName = "us-east-1"
    """Where the trail is made and alarms are kept; the trail records all Regions."""
    name_prefix: Annotated[str, matching(r"[a-z][a-z0-9-]{1,29}", "a prefix of 2 to 30 lower-case letters and digits")]
    """Begins the names of alarms, filters, topics and rules."""
    metric_namespace: Annotated[str, matching(r"[A-Za-z0-9._/#-]{1,255}", "a metric namespace")]
    archive: ArchiveSettings
    trail: TrailSettings
    alerting: AlertingSettings
    state: StateSettings
    detections: tuple[Detection, ...] = tuple(CATALOGUE.values())
    deletion_protection: bool = True
    """Whether Terraform refuses to destroy archive, trail, keys and state bucket."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Beside ``Environment`` and ``ManagedBy``, on everything that takes tags."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [self.archive.bucket_name, self.archive.access_log_bucket_name, self.state.bucket_name]
        if len(set(names)) < len(names):
            raise fault("state.bucket_name must differ from the archive's: {name}", name=self.state.bucket_name)
        if self.alerting.monitored_regions and self.home_region in self.alerting.monitored_regions:
            raise fault("alerting.monitored_regions: {region} is the home Region already", region=self.home_region)
        return self

    @property
    def location(self) -> Location:
        return Location(account_id=self.account_id, region=self.home_region)

    @property
    def further_regions(self) -> tuple[str, ...]:
        """Every monitored Region but the home Region, each once."""
        wanted = {self.location.global_events_region, *self.alerting.monitored_regions}
        return tuple(sorted(wanted - {self.home_region}))
