"""Real Terraform and the real cdktf CLI against the embedded AWS; one deployment serves a file or a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.sandbox.deployment import Deployment
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import missing_for_deployment
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.delivery.recorded_calls import Call

ROOT = Path(__file__).parents[2]


class Deployed(NamedTuple):
    aws: EmbeddedAws
    settings: MonitoringSettings
    deployment: Deployment
    calls: Sequence[Call] = ()
    """What Terraform asked of AWS to deploy the stack."""


def settings_of(environment: str) -> MonitoringSettings:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOUDTRAIL_MONITORING_CONTACTS", str(ROOT / "environments" / "contacts.example.toml"))
        return load_environments(ROOT / "environments")[environment]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    ours = [item for item in items if here in item.path.parents]
    reason = missing_for_deployment() if ours else None
    for item in ours:
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"DEPLOYMENT NOT TESTED: {reason}"))
