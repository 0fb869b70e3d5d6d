"""The service control policy and the boundary deployed by real Terraform into an organization of the embedded AWS."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cloudtrail_monitoring as monitoring
from cloudtrail_monitoring.guard_rails.settings import GuardRailsSettings
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import PlanResult, Terraform, missing_for_deployment
from tests.settings_samples import ACCOUNT, SAMPLE
from tests.synthesised import synthesise

MISSING = missing_for_deployment()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"DEPLOYMENT NOT TESTED: {MISSING}")


@dataclass
class Deployed:
    unit: str
    second_plan: PlanResult
    attached: list[str]
    content: dict[str, Any]
    boundary: dict[str, Any]
    attached_after_destroy: list[str]


def names_on(aws: EmbeddedAws, unit: str) -> list[str]:
    answer = aws.client("organizations").list_policies_for_target(TargetId=unit, Filter="SERVICE_CONTROL_POLICY")
    return [str(one["Name"]) for one in answer["Policies"]]


def document_of_stack(unit: str) -> dict[str, Any]:
    """The construct alone, in the stack of whoever keeps the organization."""

    def build(stack: Any) -> None:
        from cdktf import LocalBackend
        from cdktf_cdktf_provider_aws.provider import AwsProvider

        # CDKTF's default is the project's folder
        LocalBackend(stack, path="terraform.tfstate")
        AwsProvider(stack, "aws", region="us-east-1", allowed_account_ids=[ACCOUNT])
        settings = GuardRailsSettings(organization_targets=(unit, ACCOUNT))
        monitoring.GuardRails(stack, "guard-rails", settings, ours=SAMPLE.protected_resources)

    return synthesise(build).document


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    folder: Path = tmp_path_factory.mktemp("organization")
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        organizations = aws.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        root = organizations.list_roots()["Roots"][0]["Id"]
        organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
        unit = str(
            organizations.create_organizational_unit(ParentId=root, Name="production")["OrganizationalUnit"]["Id"]
        )
        document = document_of_stack(unit)
        (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
        terraform = Terraform(folder, aws.environment)
        terraform.init()
        terraform.apply()
        second_plan = terraform.plan()
        attached = names_on(aws, unit)
        (policy,) = [
            one
            for one in organizations.list_policies_for_target(TargetId=ACCOUNT, Filter="SERVICE_CONTROL_POLICY")[
                "Policies"
            ]
            if one["Name"] == "sample-audit-guard-rail"
        ]
        content = organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]
        iam = aws.client("iam")
        arn = f"arn:aws:iam::{ACCOUNT}:policy/sample-audit-guard-rail"
        boundary = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        terraform.destroy()
        return Deployed(unit, second_plan, attached, json.loads(content), boundary, names_on(aws, unit))


def test_the_policy_is_attached_to_the_unit_and_the_account(deployed: Deployed) -> None:  # R-INT-2
    assert "sample-audit-guard-rail" in deployed.attached
    assert deployed.content["Statement"][0]["Sid"] == "DenyChanges"


def test_the_boundary_is_there_to_be_carried(deployed: Deployed) -> None:  # R-INT-2
    assert deployed.boundary["Statement"][0] == {
        "Sid": "AllowTheRest",
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
    }


def test_a_second_plan_shows_no_change(deployed: Deployed) -> None:
    assert dict(deployed.second_plan.actions) == {}


def test_destroying_detaches_it(deployed: Deployed) -> None:
    assert "sample-audit-guard-rail" not in deployed.attached_after_destroy
