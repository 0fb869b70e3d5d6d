"""Settings of alerting: who is told, through which channel for which level, business hours, and Regions watched."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import EmailStr, Field

from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings
from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.validation import AT_LEAST_ONE, EACH_ONCE, RegionName, Settings, matching

PhoneNumber = Annotated[str, matching(r"\+[1-9]\d{6,14}", "a phone number in E.164 form, such as +12065550100,")]
"""https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-phone-number-as-subscriber.html"""


class Channel(StrEnum):
    """A topic and the SNS protocol of its subscriptions."""

    EMAIL = "email"
    SMS = "sms"


class Contacts(Settings):
    """Who is told. Never in git: see ``environments/contacts.example.toml``."""

    email: Annotated[tuple[EmailStr, ...], AT_LEAST_ONE, EACH_ONCE]
    """At least one: an alarm that nobody reads is dead."""
    sms: Annotated[tuple[PhoneNumber, ...], EACH_ONCE] = ()

    def of(self, channel: Channel) -> tuple[str, ...]:
        """The addresses of a channel."""
        return {Channel.EMAIL: self.email, Channel.SMS: self.sms}[channel]


class AlertingSettings(Settings):
    """Who is told of what, when (R-ALM-1 to R-ALM-6)."""

    contacts: Contacts = Field(repr=False)
    business_hours: BusinessHours
    routes: Mapping[Level, tuple[Channel, ...]] = Field(
        default={Level.LOW: (), Level.MEDIUM: (Channel.EMAIL,), Level.HIGH: (Channel.EMAIL, Channel.SMS)}
    )
    """Channels of each level; a level without channels is a metric and an alarm state, and tells nobody."""
    anomaly: AnomalySettings = AnomalySettings()
    """How far the volume of calls, and their errors, may stray from what is usual (R-ALM-5)."""
    monitored_regions: tuple[RegionName, ...] = ()
    """Regions, beside the home Region and the one of global events, whose events reach the root-activity rule."""
    retired_regions: tuple[RegionName, ...] = ()
    """Regions that were monitored once. Terraform needs their provider to delete what it made there: move a Region
    here, deploy, and drop it afterwards."""
    runbook_url: Annotated[str, matching(r"https://[^\s\"<>\\{}]{1,248}", "an https address of up to 256 characters")]
    """Where the runbooks are read; a detection's id and ``.md`` follow. Stands in every alarm."""
