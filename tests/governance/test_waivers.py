"""Waivers as they are declared: beside a CDKTF resource, into its synthesised form."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cdktf import App, TerraformResource, TerraformStack

from cloudtrail_monitoring.governance.waivers import MIN_REASON_CHARACTERS, WaiverError, waive

REASON = 'logs stay in one Region by policy; see v1.2 of ${the} "data" standard'


class Terraform(TerraformResource):
    """A resource of Terraform's built-in provider, so that no bindings are needed."""

    def __init__(self, scope: TerraformStack, id_: str) -> None:
        super().__init__(scope, id_, terraform_resource_type="terraform_data")


def synth(outdir: Path, *, waived: bool = True) -> str:
    app = App(outdir=str(outdir))
    stack = TerraformStack(app, "prod")
    # CDKTF would put it into the folder the tests run in
    stack.add_override("terraform.backend.local.path", "terraform.tfstate")
    bucket, plain = Terraform(stack, "bucket"), Terraform(stack, "plain")
    bucket.add_override("triggers_replace", "something else")
    plain.add_override("input", "nothing waived")
    if waived:
        waive(bucket, "CKV_AWS_144", reason=REASON)
        waive(bucket, "CKV2_AWS_62", "CKV_CTM_ARC_6_TLS", reason="first reason that will not do for long")
        waive(bucket, "CKV2_AWS_62", reason="nobody waits for events of this bucket")
    app.synth()
    return (outdir / "stacks/prod/cdk.tf.json").read_text()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return synth(tmp_path_factory.mktemp("synth"))


def resource(text: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)["resource"]["terraform_data"][name]
    return found


def test_waivers_of_one_resource_add_up_and_the_last_reason_counts(text: str) -> None:
    # R-CMP-2
    assert resource(text, "bucket")["//"]["waivers"] == {
        "CKV2_AWS_62": "nobody waits for events of this bucket",
        "CKV_AWS_144": REASON,
        "CKV_CTM_ARC_6_TLS": "first reason that will not do for long",
    }


def test_metadata_and_other_overrides_survive(text: str) -> None:
    # R-CMP-2
    bucket = resource(text, "bucket")

    assert bucket["//"]["metadata"]["path"] == "prod/bucket"
    assert bucket["triggers_replace"] == "something else"


def test_a_resource_without_waivers_carries_none(text: str) -> None:
    # R-CMP-2
    assert "waivers" not in resource(text, "plain")["//"]


def test_synthesis_stays_the_same_byte_for_byte(text: str, tmp_path: Path) -> None:
    # R-CMP-2
    assert synth(tmp_path) == text


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")
def test_terraform_accepts_waivers_and_plans_nothing_for_them(tmp_path: Path) -> None:
    # R-CMP-2
    def terraform(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=tmp_path / "stacks/prod",
            env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            check=True,
        )

    synth(tmp_path, waived=False)
    terraform("init", "-no-color")
    terraform("apply", "-auto-approve", "-no-color")
    synth(tmp_path, waived=True)

    assert json.loads(terraform("validate", "-json").stdout)["valid"]
    assert terraform("plan", "-detailed-exitcode", "-no-color").returncode == 0


@pytest.mark.parametrize("reason", ["", "   ", "n/a", "false positive", "x" * (MIN_REASON_CHARACTERS - 1)])
def test_a_reason_that_says_nothing_is_refused(reason: str) -> None:
    # R-CMP-2
    target = Terraform(TerraformStack(App(), "prod"), "bucket")

    with pytest.raises(WaiverError, match="CKV_AWS_144 gives no reason"):
        waive(target, "CKV_AWS_144", reason=reason)


def test_the_shortest_reason_is_taken() -> None:
    # R-CMP-2
    waive(Terraform(TerraformStack(App(), "prod"), "bucket"), "CKV_AWS_144", reason="x" * MIN_REASON_CHARACTERS)


@pytest.mark.parametrize("check_id", ["", "AWS_144", "CKV_AWS", "CKV_AWS_144.x", "ckv_aws_144", "CKV_AWS_144 "])
def test_what_is_no_check_id_is_refused(check_id: str) -> None:
    # R-CMP-2
    target = Terraform(TerraformStack(App(), "prod"), "bucket")

    with pytest.raises(WaiverError, match="Checkov id such as CKV_AWS_144"):
        waive(target, check_id, reason=REASON)


def test_a_waiver_of_nothing_is_refused() -> None:
    # R-CMP-2
    target = Terraform(TerraformStack(App(), "prod"), "bucket")

    with pytest.raises(WaiverError, match="at least one check id"):
        waive(target, reason=REASON)


def test_line_breaks_in_a_reason_become_spaces() -> None:
    # R-CMP-2
    target = Terraform(TerraformStack(App(), "prod"), "bucket")

    waive(target, "CKV_AWS_144", reason="logs stay\n   in one Region by policy")

    assert target.to_terraform()["resource"]["terraform_data"]["bucket"]["//"]["waivers"] == {
        "CKV_AWS_144": "logs stay in one Region by policy"
    }
