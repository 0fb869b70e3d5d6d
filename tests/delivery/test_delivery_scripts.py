"""``make plan``, ``review``, ``apply`` and ``drift`` in the embedded AWS, and ``seal`` (R-DEL-3).

Real Terraform, the real review, the smallest synthesised stack there is: an environment's state bucket.
"""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import cli_environment, missing_for_deployment

PROJECT = Path(__file__).parents[2]
STACK = "state-dev"
BUCKET = "xyz-corp-terraform-state-111111111111"
STATE_OF_THE_TESTS = "state-of-the-tests"
PASSPHRASE = "correct horse"

MISSING = missing_for_deployment()
deployed_for_real = pytest.mark.skipif(MISSING is not None, reason=f"DEPLOYMENT NOT TESTED: {MISSING}")


class Delivery:
    """The scripts, with folders of their own and the credentials of the embedded account."""

    def __init__(self, folder: Path, output: Path, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.output, self.plans = folder / "cdktf.out", folder / "plans"
        shutil.copytree(output / "stacks" / STACK, self.output / "stacks" / STACK)
        shutil.copy(output / "manifest.json", self.output)
        self.variables = {
            **cli_environment(aws.environment),
            "CDKTF_OUTDIR": str(self.output),
            "PLANS_DIR": str(self.plans),
        }
        for name in ("APPROVED", "LOCK", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
            self.variables.pop(name, None)
        # the stack's own bucket would have to be there before the stack
        aws.client("s3").create_bucket(Bucket=STATE_OF_THE_TESTS)
        self.change(lambda stack: stack["terraform"]["backend"]["s3"].update(bucket=STATE_OF_THE_TESTS))
        self.as_synthesised = self.configuration.read_bytes()

    @property
    def configuration(self) -> Path:
        return self.output / "stacks" / STACK / "cdk.tf.json"

    def change(self, edit: Any) -> None:
        document = json.loads(self.configuration.read_bytes())
        edit(document)
        self.configuration.write_text(json.dumps(document))

    def tag(self, value: str) -> None:
        """A change that weakens nothing, of the access logs' bucket alone."""
        self.change(lambda stack: of_type(stack, "aws_s3_bucket", "access-logs").update(tags={"Note": value}))

    def run(self, script: str, stack: str = STACK, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(PROJECT / "scripts" / f"{script}.sh"), stack],
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def do(self, *scripts: str, **variables: str) -> None:
        for script in scripts:
            done = self.run(script, **variables)
            assert done.returncode == 0, "".join([done.stdout, done.stderr, *self.reports()])

    def reports(self) -> list[str]:
        return [path.read_text() for path in self.plans.glob("*.md")]

    def file(self, ending: str) -> Path:
        return self.plans / f"{STACK}.{ending}"

    def tags(self) -> dict[str, str]:
        answer = self.aws.client("s3").get_bucket_tagging(Bucket=f"{BUCKET}-access")
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def of_type(stack: dict[str, Any], type_: str, name: str) -> Any:
    """The resource whose id begins with the name."""
    [found] = [body for key, body in stack["resource"][type_].items() if key.startswith(name)]
    return found


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, synthesised_output: Path) -> Iterator[Delivery]:
    if MISSING is not None:
        pytest.skip(f"DEPLOYMENT NOT TESTED: {MISSING}")
    with EmbeddedAws(account_id="111111111111", region="us-east-1") as aws:
        delivery = Delivery(tmp_path_factory.mktemp("delivery"), synthesised_output, aws)
        delivery.do("plan")
        # a first deployment is told from a lost state by a person
        assert delivery.run("review").returncode == 3
        [first] = json.loads(delivery.file("review.json").read_text())["weakenings"]
        assert first["rule"] == "plan-first"
        delivery.do("review", APPROVED=first["id"])
        delivery.do("apply")
        yield delivery


@pytest.fixture
def delivery(deployed: Delivery) -> Iterator[Delivery]:
    """What is deployed, with nothing planned, and put back afterwards."""
    shutil.rmtree(deployed.plans)
    yield deployed
    deployed.configuration.write_bytes(deployed.as_synthesised)


def refused(done: "subprocess.CompletedProcess[str]", status: int, *words: str) -> None:
    """It failed with this status and one line that has these words."""
    assert done.returncode == status, done.stdout + done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


# first, while what is deployed is what is synthesised
@deployed_for_real
class TestDrift:
    def test_after_a_deployment_there_is_none(self, delivery: Delivery) -> None:
        delivery.do("drift", LOCK="false")
        assert not delivery.file("drift.md").exists()

    def test_somebodys_change_is_told(self, delivery: Delivery, tmp_path: Path) -> None:
        s3, summary = delivery.aws.client("s3"), tmp_path / "summary"
        blocked = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
        opened = {**blocked, "BlockPublicPolicy": False}
        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=opened)
        done = delivery.run("drift", GITHUB_STEP_SUMMARY=str(summary))
        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=blocked)
        assert done.returncode == 1
        assert "what is deployed is not what is written" in done.stderr
        assert "aws_s3_bucket_public_access_block" in delivery.file("drift.md").read_text() == summary.read_text()

    def test_what_is_written_and_not_deployed_is_told(self, delivery: Delivery) -> None:
        delivery.tag("written only")
        assert delivery.run("drift").returncode == 1
        assert "aws_s3_bucket" in delivery.file("drift.md").read_text()


@deployed_for_real
class TestPlan:
    def test_what_is_deployed_as_written_changes_nothing(self, delivery: Delivery, tmp_path: Path) -> None:
        done = delivery.run("plan", LOCK="false", GITHUB_OUTPUT=str(tmp_path / "outputs"))
        assert "No changes" in done.stdout
        assert (tmp_path / "outputs").read_text() == "changes=false\n"

    def test_its_files_are_their_owners_alone_and_it_prints_no_plan(self, delivery: Delivery) -> None:
        delivery.tag("+15555550100")
        done = delivery.run("plan")
        assert len(done.stdout.splitlines()) == 1
        assert "1 to change" in done.stdout
        assert "+15555550100" in delivery.file("json").read_text()
        assert "+15555550100" not in done.stdout + done.stderr
        for path in delivery.plans.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path

    def test_a_failing_plan_leaves_none_behind(self, delivery: Delivery) -> None:
        delivery.plans.mkdir()
        for ending in ("tfplan", "json", "verdict", "md"):
            delivery.file(ending).write_text("of an older plan")
        delivery.change(lambda stack: stack["provider"]["aws"][0].update(allowed_account_ids=["999999999999"]))
        refused(delivery.run("plan"), 1, "plan failed: ")
        assert {path.suffix for path in delivery.plans.iterdir()} == {".log"}


@deployed_for_real
class TestApply:
    def test_a_reviewed_plan_is_applied_once(self, delivery: Delivery, tmp_path: Path) -> None:
        delivery.tag("applied")
        delivery.do("plan", "review")
        shutil.copytree(delivery.plans, tmp_path / "plans")
        delivery.do("apply")
        assert delivery.tags()["Note"] == "applied"
        refused(delivery.run("apply"), 2, "there is no plan of state-dev")
        # the state has moved on since this was planned
        refused(delivery.run("apply", PLANS_DIR=str(tmp_path / "plans")), 1, "apply failed", "stale")

    def test_without_a_verdict_on_this_very_plan_it_is_refused(self, delivery: Delivery) -> None:
        delivery.tag("never applied")
        delivery.do("plan")
        refused(delivery.run("apply"), 2, "nobody has reviewed the plan of state-dev")
        for content in ("", "[]", "{}", '{"plan_sha256": null}'):
            delivery.file("verdict").write_text(content)
            refused(delivery.run("apply"), 2, "can't be read")
        delivery.do("review")
        with delivery.file("tfplan").open("ab") as plan:
            plan.write(b"\0")
        refused(delivery.run("apply"), 2, "was of another plan")
        assert delivery.tags().get("Note") != "never applied"

    def test_a_weakening_is_accepted_only_if_it_is_approved(self, delivery: Delivery, tmp_path: Path) -> None:
        def stop_versioning(stack: dict[str, Any]) -> None:
            of_type(stack, "aws_s3_bucket_versioning", "state")["versioning_configuration"]["status"] = "Suspended"

        delivery.change(stop_versioning)
        delivery.do("plan")
        summary = tmp_path / "summary"
        assert delivery.run("review", GITHUB_STEP_SUMMARY=str(summary)).returncode == 3
        assert summary.read_text() == delivery.file("md").read_text() != ""
        refused(delivery.run("apply"), 2, "weakens what is not approved")

        ids = [one["id"] for one in json.loads(delivery.file("review.json").read_bytes())["weakenings"]]
        assert delivery.run("review", APPROVED="another-id").returncode == 3
        refused(delivery.run("apply"), 2, "weakens what is not approved")
        delivery.do("review", APPROVED=" ".join(ids))
        verdict = json.loads(delivery.file("verdict").read_bytes())
        assert (verdict["status"], verdict["approved"]) == ("approved", ids)
        delivery.do("apply")
        assert delivery.aws.client("s3").get_bucket_versioning(Bucket=BUCKET)["Status"] == "Suspended"


@pytest.mark.parametrize("script", ["plan", "review", "apply", "drift"])
class TestNames:
    def run(self, script: str, name: str, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "manifest.json").write_text("{}")
        variables = {**os.environ, "CDKTF_OUTDIR": str(tmp_path), "PLANS_DIR": str(tmp_path / "plans")}
        command = [str(PROJECT / "scripts" / f"{script}.sh"), name]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

    @pytest.mark.parametrize("name", ["", "../prod", "prod;ls", "-prod", "Prod"])
    def test_a_name_is_a_stacks(self, script: str, name: str, tmp_path: Path) -> None:
        refused(self.run(script, name, tmp_path), 2, f"usage: make {script} ENV=prod")
        assert not (tmp_path / "plans").exists()

    def test_an_environment_that_is_not_there_is_named(self, script: str, tmp_path: Path) -> None:
        refused(self.run(script, "nowhere", tmp_path), 2, "nowhere")


@pytest.mark.skipif(shutil.which("gpg") is None, reason="GnuPG, which GitHub's runners have, is not installed")
class TestSeal:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "scripts").mkdir()
        shutil.copy(PROJECT / "scripts" / "seal.sh", tmp_path / "scripts")
        (tmp_path / "out" / "stacks").mkdir(parents=True)
        (tmp_path / "out" / "stacks" / "cdk.tf.json").write_text("+15555550100")
        (tmp_path / "out" / ".terraform").mkdir()
        (tmp_path / "out" / ".terraform" / "provider").write_text("fetched again")
        return tmp_path

    def seal(self, folder: Path, *arguments: str, passphrase: str = PASSPHRASE) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(folder / "scripts" / "seal.sh"), *arguments],
            env={"PATH": os.environ["PATH"], "ARTIFACT_PASSPHRASE": passphrase},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_what_is_sealed_comes_out_as_it_was(self, folder: Path) -> None:
        assert self.seal(folder, "close", "sealed/out.gpg", "out").returncode == 0
        assert b"+15555550100" not in (folder / "sealed" / "out.gpg").read_bytes()
        shutil.rmtree(folder / "out")
        done = self.seal(folder, "open", "sealed/out.gpg", "out")
        assert done.returncode == 0, done.stderr
        assert (folder / "out" / "stacks" / "cdk.tf.json").read_text() == "+15555550100"
        assert not (folder / "out" / ".terraform").exists()

    def test_what_was_there_is_replaced(self, folder: Path) -> None:
        self.seal(folder, "close", "out.gpg", "out")
        (folder / "out" / "left over").write_text("")
        assert self.seal(folder, "open", "out.gpg", "out").returncode == 0
        assert not (folder / "out" / "left over").exists()

    def test_another_passphrase_opens_nothing(self, folder: Path) -> None:
        self.seal(folder, "close", "out.gpg", "out")
        shutil.rmtree(folder / "out")
        refused(self.seal(folder, "open", "out.gpg", "out", passphrase="wrong"), 1, "the passphrase is another one")
        assert not (folder / "out").exists()

    @pytest.mark.parametrize("position", [40, -10])
    def test_a_changed_archive_opens_not_at_all(self, folder: Path, position: int) -> None:
        self.seal(folder, "close", "out.gpg", "out")
        content = bytearray((folder / "out.gpg").read_bytes())
        content[position] ^= 1
        (folder / "out.gpg").write_bytes(content)
        shutil.rmtree(folder / "out")
        refused(self.seal(folder, "open", "out.gpg", "out"), 1, "can't be opened")
        assert not (folder / "out").exists()

    @pytest.mark.parametrize("command", ["close", "open"])
    def test_a_passphrase_is_needed(self, folder: Path, command: str) -> None:
        refused(self.seal(folder, command, "out.gpg", "out", passphrase=""), 2, "ARTIFACT_PASSPHRASE is not set")
        assert not (folder / "out.gpg").exists()

    def test_only_what_is_asked_for_comes_out(self, folder: Path) -> None:
        (folder / "scripts" / "plan.sh").write_text("whose is this")
        self.seal(folder, "close", "out.gpg", "out", "scripts")
        (folder / "scripts" / "plan.sh").write_text("ours")
        assert self.seal(folder, "open", "out.gpg", "out").returncode == 0
        assert (folder / "scripts" / "plan.sh").read_text() == "ours"

    def test_a_link_does_not_come_out(self, folder: Path) -> None:
        (folder / "out" / "elsewhere").symlink_to(folder / "scripts")
        self.seal(folder, "close", "out.gpg", "out")
        refused(self.seal(folder, "open", "out.gpg", "out"), 1, "neither a file nor a folder")

    def test_what_is_not_in_it_is_told(self, folder: Path) -> None:
        self.seal(folder, "close", "out.gpg", "out")
        refused(self.seal(folder, "open", "out.gpg", "cdktf.out"), 1, "does not hold cdktf.out")
        refused(self.seal(folder, "close", "other.gpg", "nothing"), 1, "there is no nothing")
