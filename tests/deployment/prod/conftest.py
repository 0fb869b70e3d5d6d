"""Production, deployed unmodified, once for all tests of this folder, whose end is that of its embedded AWS."""

from collections.abc import Iterator

import pytest
from rich.console import Console

from cloudtrail_monitoring.sandbox.deployment import Deployment
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from tests.delivery.recorded_calls import recorded_calls
from tests.deployment.conftest import ROOT, Deployed, settings_of


@pytest.fixture(scope="package")
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
