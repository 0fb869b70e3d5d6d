"""How much an environment records and does, declared: what no synthesised output can tell.

Declared beside the environments, in ``volumes.toml``, and read by the cost report alone: nothing that is synthesised
depends on it. Where nothing is declared the defaults stand, and the report says so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, ValidationError

from cloudtrail_monitoring.governance.cost.prices import CostError, first_fault, read_toml
from cloudtrail_monitoring.validation import Settings

VOLUMES_FILE = "volumes.toml"

_MOST = 1e12
Count = Annotated[float, Field(ge=0, le=_MOST, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class DataVolume(Settings):
    """Data events a day of one resource type, as far as the selectors let them through."""

    reads_a_day: Count = 0
    writes_a_day: Count = 0


class EventVolumes(Settings):
    """What one environment records and does in a day; the defaults are a mid-sized account of the source's kind.

    Example:
        >>> EventVolumes(management_writes_a_day=10_000).management_reads_a_day
        120000.0
    """

    management_reads_a_day: Count = 120_000.0
    """Read-only management events of all Regions, those of AWS services and roles included."""
    management_writes_a_day: Count = 30_000.0
    """Management events that change something."""
    management_reads_of: Mapping[str, Count] = Field(default_factory=dict)
    """Part of ``management_reads_a_day`` by event source, such as ``kms.amazonaws.com``: what may be left out."""
    data_events: Mapping[str, DataVolume] = Field(
        default_factory=lambda: {
            "AWS::S3::Object": DataVolume(reads_a_day=150_000, writes_a_day=50_000),
            "AWS::Lambda::Function": DataVolume(writes_a_day=50_000),
        }
    )
    """By resource type; Lambda's invocations are writes."""
    event_bytes: float = Field(1_500.0, ge=1, le=262_144)
    """Bytes of a record as JSON, on average; CloudTrail's records hold up to 256 KB. Published recordings of 2020 to
    2023 measure 1,262; today's carry more (TLS details, session context).
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"""
    gzip_ratio: Share = 0.12
    """Bytes of a log file for each byte of its records; the same recordings measure 0.11 to 0.12."""
    home_share: Share = 0.9
    """Part of the events that one Region, usually the home Region, records; the others share the rest evenly."""
    regions: int = Field(17, ge=1, le=100)
    """Regions that are enabled: 17 are by default.
    https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"""
    other_trails: int = Field(0, ge=0, le=100)
    """Trails beside this system's that record the same management events, such as an organisation's: the first copy is
    free, and one of theirs may be it."""
    enhanced_hours_a_month: float = Field(8.0, ge=0, le=730.5)
    """Hours in which responders let the otherwise stopped trail record."""
    responder_events_a_day: Count = 200.0
    """Console logins and changes in IAM: what the responders look at, and what the category log groups hold."""
    alarms_a_day: Count = 5.0
    """Alarms that go off."""
    emails_a_day: Count = 15.0
    """Messages to the e-mail topic: an alarm, its story and an urgent rule make one each."""
    sms_a_day: Count = 2.0
    """Messages to the SMS topic."""
    function_seconds: float = Field(1.0, ge=0, le=900)
    """How long a function runs, on average, a cold start included."""
    metric_hours_share: Share = 1.0
    """Part of the hours in which a detection's metric has data. CloudWatch bills a metric by the hours with data, so 1
    is the most that metrics can cost: a detection that sees something once a month costs next to nothing."""
    logs_insights_gb_a_month: Count = 20.0
    """GB that Logs Insights queries and alarm stories search through."""
    athena_gb_a_month: Count = 20.0
    """GB of the archive that Athena's queries read, as gzip; spread over it as evenly as it lies in its classes."""
    athena_results_gb_a_month: Count = 0.1
    """GB of results that these queries write."""
    responder_metrics: Count = 15.0
    """Metrics that the responders' functions write, beside those that alarms watch: one for each name and value of its
    dimension, such as the countries of logins."""

    def scaled(self, factor: float) -> "EventVolumes":
        """The same environment with ``factor`` times the recorded events."""
        return self.model_copy(
            update={
                "management_reads_a_day": self.management_reads_a_day * factor,
                "management_writes_a_day": self.management_writes_a_day * factor,
                "management_reads_of": {one: count * factor for one, count in self.management_reads_of.items()},
                "data_events": {
                    type_: DataVolume.model_construct(
                        reads_a_day=volume.reads_a_day * factor, writes_a_day=volume.writes_a_day * factor
                    )
                    for type_, volume in self.data_events.items()
                },
            }
        )


class Declared(NamedTuple):
    """The volumes of an environment, and where they are from."""

    volumes: EventVolumes
    origin: str


def read_volumes(path: Path, environment: str, *, wanted: bool = False) -> Declared:
    """The volumes of one environment: its table in a TOML file, the defaults for what it leaves out.

    Args:
        wanted: the file was asked for, so that it has to be there and to name the environment.

    Raises:
        CostError: the file can't be read, or a value is out of bounds; one line.
    """
    if not wanted and not path.exists():
        return Declared(EventVolumes(), f"defaults: there is no {path}")
    content = read_toml(path)
    table = content.get(environment)
    if table is None:
        if wanted:
            raise CostError(f"{path}: there is no [{environment}]; there are {', '.join(content) or 'none'}")
        return Declared(EventVolumes(), f"defaults: {path} has no [{environment}]")
    try:
        return Declared(EventVolumes.model_validate(table), str(path))
    except ValidationError as error:
        raise CostError(f"{path}: {environment}.{first_fault(error)}") from None
