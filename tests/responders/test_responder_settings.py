"""Both sides of every bound of the responders' settings, and what an environment makes of them."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.responders.settings import (
    CircuitBreakerSettings,
    EnhancedLoggingSettings,
    GeographySettings,
    LockoutSettings,
    RespondersSettings,
    is_path,
)
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import Settings
from tests.settings_samples import SAMPLE, changed

LOCKOUT = LockoutSettings()
ENHANCED = EnhancedLoggingSettings()
GEOGRAPHY = GeographySettings(database=Path("countries.mmdb"))
BREAKER = CircuitBreakerSettings()
RESPONDERS = RespondersSettings()

BOUNDS: list[tuple[Settings, str, list[Any], list[Any]]] = [
    (LOCKOUT, "failures", [1, 100], [0, 101]),
    (LOCKOUT, "window_minutes", [1, 1440], [0, 1441]),
    (LOCKOUT, "lock_minutes", [5, 120], [4, 121]),
    (LOCKOUT, "most_minutes_a_day", [30, 1440], [29, 1441]),
    (LOCKOUT, "full", [True, False], ["yes", 1]),
    (LOCKOUT, "sprayed_users", [1, 1000], [0, 1001]),
    (ENHANCED, "minutes", [5, 480], [4, 481]),
    (ENHANCED, "most_minutes_a_day", [60, 1440], [59, 1441]),
    (
        ENHANCED,
        "holidays",
        [(), ("2026-12-25", "2028-02-29")],
        [("2026-02-29",), ("25.12.2026",), ("20261225",), ("2026-12-25",) * 2, ["2026-12-25"]],
    ),
    (GEOGRAPHY, "database", [Path("a.mmdb")], ["a.mmdb", None]),
    (GEOGRAPHY, "learning_days", [1, 90], [0, 91]),
    (GEOGRAPHY, "challenge_hours", [1, 168], [0, 169]),
    (GEOGRAPHY, "trusted_countries", [(), ("DE", "US")], [("de",), ("DEU",), ("DE", "DE")]),
    (
        GEOGRAPHY,
        "trusted_networks",
        [(), ("192.0.2.0/24", "198.51.100.7", "2001:db8::/32")],
        [("192.0.2.1/24",), ("vpn",), ("",)],
    ),
    (BREAKER, "containments", [1, 100], [0, 101]),
    (BREAKER, "window_minutes", [5, 1440], [4, 1441]),
    (RESPONDERS, "lockout", [None, LOCKOUT], [False]),
    (RESPONDERS, "enhanced_logging", [None, ENHANCED], [True]),
    (RESPONDERS, "geography", [None, GEOGRAPHY], [True]),
    (RESPONDERS, "containment_enabled", [True, False], ["on"]),
    (
        RESPONDERS,
        "break_glass_users",
        [(), ("alice",), ("a" * 64,), ("/ops/",), ("/ops/emergency/", "a+b=c,d.e@f_g-h")],
        [("",), ("a" * 65,), ("ops/",), ("/ops",), ("/",), ("//",), ("*",), ("/*/",), ("a b",), ("alice", "alice")],
    ),
    (RESPONDERS, "log_retention_days", [1, 365, 3653], [0, 364, 366]),
]


@pytest.mark.parametrize(
    ("base", "field", "value", "valid"),
    [
        pytest.param(base, field, value, valid, id=f"{type(base).__name__}.{field}={str(value)[:40]}-{valid}")
        for base, field, accepted, refused in BOUNDS
        for valid, values in ((True, accepted), (False, refused))
        for value in values
    ],
)
def test_both_sides_of_every_bound(base: Settings, field: str, value: object, valid: bool) -> None:
    if valid:
        assert getattr(changed(base, **{field: value}), field) == value
    else:
        with pytest.raises(ValidationError):
            changed(base, **{field: value})


def test_the_numbers_of_the_requirements_are_the_defaults() -> None:
    # R-RSP-1, R-ALM-1
    assert (LOCKOUT.failures, LOCKOUT.window_minutes) == (5, 15)


@pytest.mark.parametrize(("user", "path"), [("alice", False), ("/ops/", True), ("/ops/emergency/", True)])
def test_a_path_is_told_from_a_name(user: str, path: bool) -> None:
    assert is_path(user) is path


def test_the_enhanced_trail_s_name_has_to_fit() -> None:
    def named(length: int) -> MonitoringSettings:
        return changed(SAMPLE, responders=RESPONDERS, trail=changed(SAMPLE.trail, name="a" * length))

    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
    assert named(128 - len("-enhanced"))
    with pytest.raises(ValidationError, match="longer than the 128 characters"):
        named(129 - len("-enhanced"))
    assert changed(SAMPLE, trail=changed(SAMPLE.trail, name="a" * 128))


@pytest.mark.parametrize(("name", "on"), [("dev", False), ("staging", True), ("prod", True)])
def test_where_responders_act(name: str, on: bool, environments: dict[str, MonitoringSettings]) -> None:
    assert (environments[name].responders is not None) is on
    assert environments[name].has_enhanced_trail is on
