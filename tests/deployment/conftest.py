"""Real Terraform and the real cdktf CLI against the embedded AWS; one deployment serves all tests of a file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console

from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.sandbox.deployment import Deployment
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import missing_for_deployment
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.delivery.recorded_calls import Call, recorded_calls

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


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    settings = settings_of("prod")
    with EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws:
        deployment = Deployment(
            ROOT,
            "prod",
            embedded=aws.environment,
            directory=tmp_path_factory.mktemp("prod"),
            console=Console(quiet=True),
        )
        deployment.step("bootstrap state", ["scripts/bootstrap-state.sh", "prod"])
        with recorded_calls() as calls:
            deployment.cdktf("deploy", "--auto-approve")
        yield Deployed(aws, settings, deployment, calls)
