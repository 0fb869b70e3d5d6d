"""Settings of the responders: what each does for how long, what stops all of them, and whom none ever acts on.

The numbers reach the functions as ``runtime.configuration``; the names there come from the deployed resources.
"""

import re
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from cloudtrail_monitoring.trail.settings import RETENTION_DAYS
from cloudtrail_monitoring.validation import EACH_ONCE, Settings, fault, matching

MINUTES_A_DAY = 1440

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
_USER = r"[A-Za-z0-9+=,.@_-]{1,64}"
_PATH = r"(?=.{3,512}\Z)/([A-Za-z0-9+=,.@_-]+/)+"


def _date(value: str) -> str:
    """A date such as 2026-12-25."""
    try:
        known = date.fromisoformat(value).isoformat() == value
    except ValueError:
        known = False
    if not known:
        raise fault("a date such as 2026-12-25 is needed")
    return value


def _network(value: str) -> str:
    """An IP address or network."""
    try:
        ip_network(value)
    except ValueError as error:
        raise fault("an IP address or network is needed: {problem}", problem=str(error)) from None
    return value


def _offered(value: int) -> int:
    """One of the numbers of days that CloudWatch Logs offers."""
    if value not in RETENTION_DAYS:
        raise fault("one of the numbers that CloudWatch Logs offers is needed: {all}", all=str(RETENTION_DAYS)[1:-1])
    return value


def _at_least(name: str, least: int, most: int) -> None:
    if most < least:
        raise fault("most_minutes_a_day ({most}) must be at least {name} ({least})", most=most, name=name, least=least)


NPM_COUNTRY_DATABASE = "node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb"
"""Where `make setup` puts a country database, below the project's folder."""

BreakGlassUser = Annotated[
    str,
    matching(f"({_PATH})|{_USER}", "a user's name of 1 to 64 letters, digits and +=,.@_-, or a path such as /ops/,"),
]
"""A user by name, or all users below a path, which begins and ends with a slash."""
HolidayDate = Annotated[str, AfterValidator(_date)]
CountryCode = Annotated[str, matching(r"[A-Z]{2}", "an ISO 3166 code of two capital letters")]
Network = Annotated[str, AfterValidator(_network)]


class LockoutSettings(Settings):
    """R-RSP-1: more than ``failures`` failed console logins within ``window_minutes`` lock the user out for a while."""

    failures: int = Field(5, ge=1, le=100)
    """One more than this locks; R-ALM-1 fixes 5 for the alarm."""
    window_minutes: int = Field(15, ge=1, le=MINUTES_A_DAY)
    """Minutes within which the failures fall; R-ALM-1 fixes 15 for the alarm."""
    lock_minutes: int = Field(30, ge=5, le=MINUTES_A_DAY)
    """Minutes until the lock ends by itself."""
    most_minutes_a_day: int = Field(120, ge=5, le=MINUTES_A_DAY)
    """Minutes in 24 hours: whoever fails on purpose can't keep somebody else out for longer."""
    full: bool = False
    """Deny access keys and sessions from before the burst too; else what a guessed password opened."""
    sprayed_users: int = Field(5, ge=1, le=1000)
    """One address that fails against more users than this within the window is told as spraying."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _at_least("lock_minutes", self.lock_minutes, self.most_minutes_a_day)
        return self


class EnhancedLoggingSettings(Settings):
    """R-RSP-3: a second trail logs data events after administrative changes outside business hours."""

    minutes: int = Field(60, ge=5, le=MINUTES_A_DAY)
    """Minutes it logs after the last such change."""
    most_minutes_a_day: int = Field(480, ge=5, le=MINUTES_A_DAY)
    """Minutes in 24 hours, which bounds what an attacker can make it cost."""
    holidays: Annotated[tuple[HolidayDate, ...], EACH_ONCE] = ()
    """Dates such as 2026-12-25 that count as outside business hours all day long."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _at_least("minutes", self.minutes, self.most_minutes_a_day)
        return self


class GeographySettings(Settings):
    """R-RSP-4: a login from a country new to the user revokes its sessions and demands MFA for a while."""

    database: Path
    """A country database in MaxMind's format (MMDB): your own, or ``NPM_COUNTRY_DATABASE`` below the project's folder.
    It is shipped to the function as it is at synth."""
    learning_days: int = Field(14, ge=1, le=90)
    """Days in which a user's countries are learnt and nobody is challenged."""
    challenge_hours: int = Field(24, ge=1, le=168)
    """Hours until the demand for MFA ends by itself."""
    trusted_countries: Annotated[tuple[CountryCode, ...], EACH_ONCE] = ()
    """Logins from these are never challenged."""
    trusted_networks: Annotated[tuple[Network, ...], EACH_ONCE] = ()
    """Addresses and networks whose country means nothing, such as a VPN's."""


class CircuitBreakerSettings(Settings):
    """As many new containments of people within the window make responders alert and not act."""

    containments: int = Field(5, ge=1, le=100)
    """So many within the window open the circuit: from then on responders tell, and do not act."""
    window_minutes: int = Field(60, ge=5, le=MINUTES_A_DAY)
    """Minutes over which containments are counted; the circuit closes when they have passed."""


class RespondersSettings(Settings):
    """R-RSP-1 to R-RSP-6. A responder that is ``None`` is not there; its containments that stand still end."""

    lockout: LockoutSettings | None = LockoutSettings()
    enhanced_logging: EnhancedLoggingSettings | None = EnhancedLoggingSettings()
    geography: GeographySettings | None = None
    circuit_breaker: CircuitBreakerSettings = CircuitBreakerSettings()
    containment_enabled: bool = True
    """What the switch says when it is made; responders that are switched off alert and don't act. At run time the SSM
    parameter itself is the switch, and Terraform leaves its value alone from then on."""
    break_glass_users: Annotated[tuple[BreakGlassUser, ...], EACH_ONCE] = ()
    """Users by name, or by a path that ends in a slash: never acted on, and the functions' roles can't."""
    log_retention_days: Annotated[int, AfterValidator(_offered)] = 365
    """Days the functions' own logs and the category log groups of R-QRY-4 are kept."""


def is_path(user: str) -> bool:
    """Whether a break-glass entry is a path and not a user's name."""
    return re.fullmatch(_PATH, user) is not None
