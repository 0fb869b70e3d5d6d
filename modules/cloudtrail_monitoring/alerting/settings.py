"""Settings of alerting: who is told, through which channel for which level, business hours, and Regions watched."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import EmailStr, Field

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.validation import RegionName, Settings, matching

PhoneNumber = Annotated[str, matching(r"\+[1-9]\d{6,14}", "a phone number in E.164 form, such as +12065550100,")]
"""https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-phone-number-as-subscriber.html"""


class Channel(StrEnum):
    """A topic and the SNS protocol of its subscriptions."""

    EMAIL = "email"
    SMS = "sms"


class Contacts(Settings):
    """Who is told. Never in git: see ``environments/contacts.example.toml``."""

    email: tuple[EmailStr, ...] = Field(min_length=1)
    """At least one: an alarm that nobody reads is dead."""
    sms: tuple[PhoneNumber, ...] = ()


class AlertingSettings(Settings):
    contacts: Contacts = Field(repr=False)
    business_hours: BusinessHours
    routes: Mapping[Level, tuple[Channel, ...]] = Field(
        default={Level.LOW: (), Level.MEDIUM: (Channel.EMAIL,), Level.HIGH: (Channel.EMAIL, Channel.SMS)}
    )
    """Channels of each level; a level without channels is a metric and an alarm state, and tells nobody."""
    monitored_regions: tuple[RegionName, ...] = ()
    """Regions, beside the home Region and the one of global events, whose events reach the root-activity rule."""
    runbook_url: Annotated[str, matching(r"https://\S+", "an https address")]
    """Where the runbooks are read; a detection's id and ``.md`` follow. Stands in every alarm."""
