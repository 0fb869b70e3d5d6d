"""The roles that GitHub Actions takes, deployed alone, and a refresh of them judged by their own policies (R-DEL-3)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.deployment_roles import DeploymentRoles
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import Terraform, missing_for_deployment
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.delivery.delivery_requests import DeliveryRole
from tests.delivery.judged_calls import refused
from tests.delivery.recorded_calls import recorded_calls
from tests.deployment.conftest import settings_of
from tests.synthesised import Stack

MISSING = missing_for_deployment()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"DEPLOYMENT NOT TESTED: {MISSING}")

NAME = "delivery"
PROVIDER = "token.actions.githubusercontent.com"


class DeployedRoles:
    """The construct in a stack of its own, with local state."""

    def __init__(self, aws: EmbeddedAws, folder: Path, settings: MonitoringSettings) -> None:
        from cdktf import App, LocalBackend, TerraformStack

        from cloudtrail_monitoring.provider import aws_provider

        assert settings.delivery
        self.aws, self.settings = aws, settings
        app = App(outdir=str(folder))
        stack = TerraformStack(app, NAME)
        # CDKTF's default is the project's folder
        LocalBackend(stack, path="terraform.tfstate")
        aws_provider(stack, settings)
        DeploymentRoles(stack, NAME, settings.delivery, delivered=Delivered.of(settings, settings.delivery))
        app.synth()
        self.stack = Stack.read(folder, NAME)
        self.terraform = Terraform(folder / "stacks" / NAME, aws.environment)
        self.terraform.init()
        self.terraform.apply()


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedRoles]:
    settings = settings_of("prod")
    with EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws:
        yield DeployedRoles(aws, tmp_path_factory.mktemp(NAME), settings)


def test_a_refresh_shows_no_change_and_is_within_the_plan_role(deployed: DeployedRoles) -> None:
    with recorded_calls() as calls:
        assert deployed.terraform.plan("-lock=false").actions == {}
    assert {call.operation for call in calls} >= {"GetOpenIDConnectProvider", "ListAttachedRolePolicies"}
    role = DeliveryRole.of(deployed.stack, "plan", deployed.settings.account_id)
    assert refused(calls, role, deployed.settings) == []


@pytest.mark.parametrize("name", ["cloudtrail-monitoring-plan", "cloudtrail-monitoring-deploy"])
def test_each_role_has_its_policies_and_trusts_github(name: str, deployed: DeployedRoles) -> None:
    iam = deployed.aws.client("iam")
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    provider = f"arn:aws:iam::{deployed.settings.account_id}:oidc-provider/{PROVIDER}"
    assert trust["Statement"][0]["Principal"] == {"Federated": provider}
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ClientIDList"] == ["sts.amazonaws.com"]
    attached = {one["PolicyName"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
    kind = name.rpartition("-")[2]
    groups = ("alerts", "recording", "responders", "roles", "search", "storage")
    assert attached == {f"xyz-corp-audit-{kind}-{group}" for group in groups}


def test_the_boundary_is_there_for_the_system_s_roles(deployed: DeployedRoles, prod: Stack) -> None:
    iam = deployed.aws.client("iam")
    [arn] = {role["permissions_boundary"] for role in prod.all("aws_iam_role")}
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert json.loads(deployed.stack.by_path("delivery/boundary")["policy"]) == document
