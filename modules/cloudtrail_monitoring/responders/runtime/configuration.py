"""What the functions know of their environment: one variable with JSON, written by the constructs and read once.

The names are those of the deployed resources, the numbers those of the settings. Nothing secret stands here.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

VARIABLE = "RESPONDERS"

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Lockout:
    """R-RSP-1: more than ``failures`` failed logins within ``window_minutes`` lock a user for ``lock_minutes``."""

    failures: int
    window_minutes: int
    lock_minutes: int
    most_minutes_a_day: int
    """Somebody who fails on purpose can't keep a user locked out for longer."""
    full: bool
    """Deny access keys and sessions from before the burst too."""
    sprayed_users: int
    """One address failing against more users than this within the window is told as spraying."""


@dataclass(frozen=True, slots=True)
class EnhancedLogging:
    """R-RSP-3: the second trail logs for ``minutes`` after the last administrative change outside business hours."""

    trail_arn: str
    minutes: int
    most_minutes_a_day: int
    time_zone: str
    start: str
    """Opening time, ``08:00``."""
    end: str
    days: tuple[int, ...]
    """Working days, Monday being 1."""
    holidays: tuple[str, ...]
    """Dates such as ``2026-12-25``."""


@dataclass(frozen=True, slots=True)
class Geography:
    """R-RSP-4: countries a user logs in from, learnt for ``learning_days``."""

    learning_days: int
    challenge_hours: int
    trusted_countries: tuple[str, ...]
    """ISO 3166 codes of two letters."""
    trusted_networks: tuple[str, ...]
    """Addresses and networks whose country means nothing, such as a VPN's."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """``containments`` new ones within ``window_minutes`` open it: responders then alert and don't act."""

    containments: int
    window_minutes: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything a function needs to know."""

    account_id: str
    region: str
    partition: str
    console_url: str
    name_prefix: str
    """Begins the names of this system's resources, inline policies included."""
    log_group_name: str
    iam_events_log_group: str
    console_events_log_group: str
    queue_url: str
    state_table: str
    incidents_table: str
    email_topic_arn: str
    sms_topic_arn: str
    """Empty where the environment calls nobody."""
    runbook_url: str
    time_zone: str
    release_function_arn: str
    """What the schedules that end a containment call."""
    scheduler_role_arn: str
    schedule_group: str
    switch_parameter: str
    """SSM parameter: ``on`` lets responders act, anything else makes them alert only."""
    break_glass_users: tuple[str, ...]
    """Names of users, or paths that end in ``/``, that are never acted on."""
    circuit_breaker: CircuitBreaker
    lockout: Lockout | None
    enhanced_logging: EnhancedLogging | None
    geography: Geography | None

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> "Configuration":
        """The configuration of this function.

        Raises:
            KeyError, ValueError: the variable is missing, or no JSON.
        """
        return from_json(cls, json.loads(variables[VARIABLE]))


def from_json(kind: type[Part], value: Mapping[str, Any]) -> Part:
    """A dataclass from the JSON object of its fields; lists become tuples, objects the dataclasses they stand for."""
    hints = get_type_hints(kind)
    # only dataclasses come here, which a type variable can't say to `fields`
    return kind(**{one.name: _converted(hints[one.name], value[one.name]) for one in fields(kind)})  # type: ignore[arg-type]


def _converted(hint: Any, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        (kind,) = [one for one in (hint, *getattr(hint, "__args__", ())) if is_dataclass(one)]
        # `is_dataclass` tells an instance from a type no better than this
        return from_json(kind, value)  # type: ignore[arg-type]
    return value
