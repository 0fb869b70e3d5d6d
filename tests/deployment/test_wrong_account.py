"""Credentials of another account are refused before anything changes: both stacks, by backend and provider alike."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.sandbox.deployment import Deployment, DeploymentError
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import Terraform, TerraformFailed
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.conftest import CONTACTS_VARIABLE, EXAMPLE_CONTACTS
from tests.deployment.conftest import ROOT, settings_of

STACKS = ("prod", "state-prod")
OTHER = "111111111111"
REFUSED = f"AWS account ID not allowed: {OTHER}"


class Accounts(NamedTuple):
    """Prod's account, with a state bucket, and another one beside it."""

    aws: EmbeddedAws
    settings: MonitoringSettings

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Every call is one with credentials of the other account."""
        with pytest.MonkeyPatch.context() as patch:
            # moto looks here for whose credentials it is given
            patch.setenv("MOTO_ACCOUNT_ID", OTHER)
            yield

    def everything(self) -> list[str]:
        """What stands in either account: buckets, every version of their objects, trails and keys."""
        own = list(_standing(self.aws))
        with self.swapped():
            return [*own, *_standing(self.aws)]


def _standing(aws: EmbeddedAws) -> Iterator[str]:
    yield aws.client("sts").get_caller_identity()["Account"]
    s3: Any = aws.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        yield bucket["Name"]
        listed = s3.list_object_versions(Bucket=bucket["Name"])
        yield from (f"{one['Key']} {one['VersionId']}" for one in listed.get("Versions", ()))
    yield from (trail["Name"] for trail in aws.client("cloudtrail").describe_trails()["trailList"])
    yield from (key["KeyId"] for key in aws.client("kms").list_keys()["Keys"])


@pytest.fixture(scope="module")
def accounts() -> Iterator[Accounts]:
    settings = settings_of("prod")
    with EmbeddedAws(settings.account_id, settings.home_region) as aws:
        bucket = settings.state.bucket_name
        aws.client("s3").create_bucket(Bucket=bucket)
        aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        made = Accounts(aws, settings)
        assert made.everything() == [settings.account_id, bucket, OTHER]
        yield made


def connected(accounts: Accounts, output: Path, stack: str, folder: Path, backend: dict[str, Any] | None) -> Terraform:
    """Terraform in a copy of a synthesised stack, after ``init`` with the right credentials.

    Args:
        backend: in place of the stack's own.
    """
    shutil.copytree(output / "stacks" / stack, folder, dirs_exist_ok=True)
    if backend:
        (folder / "bootstrap_override.tf.json").write_text(json.dumps({"terraform": {"backend": backend}}))
    terraform = Terraform(folder, accounts.aws.environment)
    terraform.init()
    return terraform


@pytest.mark.parametrize("stack", STACKS)
def test_the_backend_refuses_it(accounts: Accounts, stack: str, synthesised_output: Path, tmp_path: Path) -> None:
    # R-DEL-1: also where somebody with the right credentials had connected the folder before
    terraform = connected(accounts, synthesised_output, stack, tmp_path, None)
    before = accounts.everything()
    with accounts.swapped():
        for command in (terraform.init, terraform.plan, terraform.apply, terraform.destroy):
            with pytest.raises(TerraformFailed, match=REFUSED):
                command()
    assert accounts.everything() == before


@pytest.mark.parametrize("stack", STACKS)
def test_the_provider_refuses_it_too(accounts: Accounts, stack: str, synthesised_output: Path, tmp_path: Path) -> None:
    # R-DEL-1: with local state, as during the bootstrap, no backend stands guard
    local_state = tmp_path / "local.tfstate"
    terraform = connected(accounts, synthesised_output, stack, tmp_path, {"local": {"path": str(local_state)}})
    # so that there is something to destroy
    local_state.write_text(state_of_one_bucket(accounts.settings.state.bucket_name))
    before = accounts.everything()
    with accounts.swapped():
        for command in (terraform.plan, terraform.apply, terraform.destroy):
            with pytest.raises(TerraformFailed, match=REFUSED):
                command()
    assert accounts.everything() == before


def test_the_bootstrap_refuses_it(accounts: Accounts, tmp_path: Path) -> None:
    # R-DEL-1, R-DEL-2
    before = accounts.everything()
    deployment = Deployment(
        ROOT, "prod", embedded=accounts.aws.environment, directory=tmp_path, console=Console(quiet=True)
    )
    with accounts.swapped(), pytest.raises(DeploymentError, match=REFUSED):
        deployment.step("bootstrap", ["scripts/bootstrap-state.sh", "prod"])
    assert accounts.everything() == before


def test_one_line_says_which_account_is_wanted(accounts: Accounts) -> None:
    # R-DEL-1: Terraform names only the one it was given
    with accounts.swapped():
        said = CliRunner().invoke(
            app,
            ["state", "account", "--environment", "prod", "--project", str(ROOT)],
            env={CONTACTS_VARIABLE: EXAMPLE_CONTACTS},
        )
    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr == (
        f"these credentials are of account {OTHER}, and prod is account 333333333333: choose a profile of that account"
        " (AWS_PROFILE), or another --environment\n"
    )


def state_of_one_bucket(name: str) -> str:
    """A state that knows a bucket which the configuration has no longer."""
    return json.dumps(
        {
            "version": 4,
            "terraform_version": "1.10.0",
            "serial": 1,
            "lineage": "0b6f8f0e-5f0a-4a0e-9a39-1b1f7a6f0c11",
            "outputs": {},
            "resources": [
                {
                    "mode": "managed",
                    "type": "aws_s3_bucket",
                    "name": "gone_from_the_configuration",
                    "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
                    "instances": [{"schema_version": 0, "attributes": {"id": name, "bucket": name}}],
                }
            ],
        }
    )
