"""A state that was lost, ruined or overwritten is brought back, with real Terraform and the project's own backend."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner, Result

from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import Terraform, TerraformFailed
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.recovery import StateVersions
from tests.conftest import CONTACTS_VARIABLE, EXAMPLE_CONTACTS
from tests.deployment.conftest import ROOT, settings_of
from tests.synthesised import Stack

KEPT, ADDED = "aws_cloudwatch_log_group.kept", "aws_cloudwatch_log_group.added"


class Sample(NamedTuple):
    """A stack of two log groups with the backend and the provider of ``state-dev``."""

    aws: EmbeddedAws
    settings: MonitoringSettings
    terraform: Terraform
    first: str
    """The version that knows ``kept`` alone; the one after knows ``added``, too."""

    @property
    def bucket(self) -> str:
        return self.settings.state.bucket_name

    @property
    def key(self) -> str:
        return "state-dev/terraform.tfstate"

    @property
    def s3(self) -> Any:
        return self.aws.client("s3")

    def state(self) -> Any:
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read())

    def run(self, *arguments: str) -> Result:
        fixed = ["--environment", "dev", "--stack", "state-dev", "--project", str(ROOT)]
        return CliRunner().invoke(app, ["state", *arguments, *fixed], env={CONTACTS_VARIABLE: EXAMPLE_CONTACTS})

    def versions(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("versions", "--json").stdout.splitlines()]

    def restore_first(self) -> None:
        result = self.run("restore", self.first)
        assert result.exit_code == 0, result.output

    def command(self, *arguments: str) -> None:
        """A Terraform command that the sandbox itself has no use for."""
        self.terraform._run(*arguments)


def document(state_stack: Stack, *log_groups: str) -> str:
    """A configuration with the project's backend and provider, and log groups of these names."""
    resources = {name: {"name": name} for name in log_groups}
    settings = {name: state_stack.document[name] for name in ("terraform", "provider")}
    return json.dumps({**settings, "resource": {"aws_cloudwatch_log_group": resources}})


@pytest.fixture(scope="module")
def sample(stacks: dict[str, Stack], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    settings, folder = settings_of("dev"), tmp_path_factory.mktemp("state-recovery")
    with EmbeddedAws(settings.account_id, settings.home_region) as aws:
        bucket = settings.state.bucket_name
        aws.client("s3").create_bucket(Bucket=bucket)
        aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        terraform = Terraform(folder, aws.environment)
        written = folder / "stack.tf.json"
        written.write_text(document(stacks["state-dev"], "kept"))
        terraform.init()
        terraform.apply()
        first = Sample(aws, settings, terraform, "").versions()[0]["version"]
        written.write_text(document(stacks["state-dev"], "kept", "added"))
        terraform.apply()
        yield Sample(aws, settings, terraform, first)


def test_terraform_keeps_the_state_in_the_object_alone(sample: Sample) -> None:  # R-DEL-2
    # no checksum beside it that a restored state would have to match
    listed = sample.s3.list_object_versions(Bucket=sample.bucket)
    kept = {one["Key"] for one in listed["Versions"]}
    assert kept == {sample.key, f"{sample.key}.tflock"}
    assert [(one["resources"], one["current"]) for one in sample.versions()] == [(2, True), (1, False)]


def test_an_overwritten_state_comes_back(sample: Sample) -> None:  # R-DEL-2
    planned = sample.terraform.working_dir / "earlier.tfplan"
    sample.command("plan", f"-out={planned}")
    sample.restore_first()
    assert sample.terraform.plan().actions == {ADDED: ("create",)}
    # AWS has it, and the state that was restored does not know it
    sample.command("import", ADDED, "added")
    assert sample.terraform.plan().changes == 0
    # with the version's own serial, that of the earlier plan would have been reached again by now
    with pytest.raises(TerraformFailed, match="plan is stale"):
        sample.terraform.apply(str(planned))
    serials = [one["serial"] for one in sample.versions()]
    assert serials == sorted(set(serials), reverse=True)


@pytest.mark.parametrize("ruin", ["deleted", "cut off"])
def test_a_state_that_is_gone_comes_back(sample: Sample, ruin: str) -> None:  # R-DEL-2
    before, newest = sample.state(), sample.versions()[0]["version"]
    if ruin == "deleted":
        sample.s3.delete_object(Bucket=sample.bucket, Key=sample.key)
        # what a deployment would do now, with everything there: make all of it anew
        assert set(sample.terraform.plan("-lock=false").actions) == {KEPT, ADDED}
    else:
        sample.s3.put_object(Bucket=sample.bucket, Key=sample.key, Body=json.dumps(before)[:200].encode())
        with pytest.raises(TerraformFailed):
            sample.terraform.plan("-lock=false")
    assert sample.run("restore", newest).exit_code == 0
    assert sample.state() == {**before, "serial": before["serial"] + 1}
    assert sample.terraform.plan().changes == 0


def test_a_locked_state_is_left_alone_until_it_is_unlocked(sample: Sample) -> None:  # R-DEL-2
    before = sample.state()
    lock = {
        "ID": "5b1f0d0c-2f3e-4a51-9d61-0c8f6f3f8f11",
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": "kim@laptop",
        "Version": "1.11.4",
        "Created": "2026-03-09T14:00:00Z",
        "Path": f"{sample.bucket}/{sample.key}",
    }
    sample.s3.put_object(Bucket=sample.bucket, Key=f"{sample.key}.tflock", Body=json.dumps(lock).encode())
    refused = sample.run("restore", sample.first)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(
        "state-dev is locked by kim@laptop since 2026-03-09T14:00:00Z (OperationTypeApply)"
    )
    assert sample.state() == before
    with pytest.raises(TerraformFailed, match="state lock"):
        sample.terraform.plan()
    sample.command("force-unlock", "-force", lock["ID"])
    assert sample.terraform.plan().changes == 0


def test_terraform_waits_while_a_version_is_restored(sample: Sample) -> None:  # R-DEL-2
    held = StateVersions(sample.settings, "state-dev")
    # ours is the lock that Terraform reads, holder and all
    with held._locked(), pytest.raises(TerraformFailed, match="state lock") as failure:
        sample.terraform.plan()
    assert "cloudtrail-monitoring state restore" in failure.value.log


def test_a_version_that_is_not_there_changes_nothing(sample: Sample) -> None:  # R-DEL-2
    before = sample.versions()
    refused = sample.run("restore", "absent")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "state-dev has no version absent: `state versions` lists what there is\n",
    )
    assert sample.versions() == before
