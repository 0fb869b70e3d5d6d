"""Development, which may be destroyed, and what is refused on the way."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from cloudtrail_monitoring import quick_reference
from cloudtrail_monitoring.sandbox.deployment import Deployment, DeploymentError
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from tests.deployment.conftest import ROOT, Deployed, settings_of
from tests.documented_commands import ask


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    settings = settings_of("dev")
    with EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws:
        embedded = {**aws.environment, "PATH": _terraform_that_fails_to_migrate_once(tmp_path_factory, aws)}
        deployment = Deployment(
            ROOT, "dev", embedded=embedded, directory=tmp_path_factory.mktemp("dev"), console=Console(quiet=True)
        )
        # R-DEL-2: the bootstrap fails once, and goes on where it stopped
        with pytest.raises(DeploymentError, match="state-dev: 0 resources had been deployed"):
            deployment.step("bootstrap", ["scripts/bootstrap-state.sh", "dev"])
        deployment.deploy()
        yield Deployed(aws, settings, deployment)


def test_a_bootstrap_that_failed_goes_on_where_it_stopped(dev: Deployed) -> None:  # R-DEL-2
    keys = {
        item["Key"] for item in dev.aws.client("s3").list_objects_v2(Bucket=dev.settings.state.bucket_name)["Contents"]
    }
    assert "state-dev/terraform.tfstate" in keys
    assert dev.deployment.deployed("state-dev")["aws_s3_bucket"] == 2


def test_dev_deploys_and_a_second_plan_shows_no_change(dev: Deployed) -> None:  # R-DEL-1
    assert dev.deployment.deployed()["aws_cloudtrail"] == 1
    assert "No changes" in dev.deployment.cdktf("diff")


def test_the_quick_reference_finds_what_was_deployed(dev: Deployed) -> None:  # R-DEL-5, R-QRY-4
    lines, settings = quick_reference.commands(dev.settings), dev.settings
    # the embedded AWS has no LookupEvents; the others are AWS's CLI's own, and change something
    left_out = {"list_events", "list_events_of_user", "tail", "validate", "create_by_hand", "query_results"}
    answers = {
        name: ask(dev.aws.client, line)
        for name, line in lines.items()
        if line.startswith("aws ") and name not in left_out
    }
    assert answers["status"]["IsLogging"] is True
    assert [trail["Name"] for trail in answers["describe"]["trailList"]] == [settings.trail.name]
    assert answers["selectors"]["AdvancedEventSelectors"]
    assert answers["iam_events"] == answers["console_events"] == []
    assert all(answers[name]["queryId"] for name in answers if name.startswith("query_"))
    # beside a prefix the embedded AWS doesn't heed the state
    assert {name for name, *_ in answers["alarms"]} >= {f"{settings.name_prefix}-root-activity"}
    assert all(name.startswith(f"{settings.name_prefix}-") for name, *_ in answers["alarms"])
    endpoints = {one["Endpoint"] for one in answers["email_subscriptions"]["Subscriptions"]}
    assert endpoints == set(settings.alerting.contacts.email)


def test_a_failing_deployment_names_what_had_been_deployed(dev: Deployed, tmp_path: Path) -> None:
    project = _copy_with_a_fault(tmp_path)
    broken = Deployment(
        project, "dev", embedded=dev.aws.environment, directory=tmp_path / "run", console=Console(quiet=True)
    )
    with pytest.raises(DeploymentError, match=r"dev: \d+ resources had been deployed: .*aws_cloudtrail") as failure:
        broken.cdktf("deploy", "--auto-approve")
    assert "NoSuchEntity" in str(failure.value)


def test_dev_can_be_destroyed_with_its_logs(dev: Deployed) -> None:  # runs last in this file
    s3 = dev.aws.client("s3")
    s3.put_object(Bucket=dev.settings.archive.bucket_name, Key="AWSLogs/a.json.gz", Body=b"")
    dev.deployment.cdktf("deploy", "--auto-approve")  # takes back what the failing deployment left
    dev.deployment.cdktf("destroy", "--auto-approve")
    assert dev.aws.client("cloudtrail").describe_trails()["trailList"] == []
    assert {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]} == {
        dev.settings.state.bucket_name,
        dev.settings.state.access_log_bucket_name,
    }
    assert dev.deployment.deployed() == {}


def _terraform_that_fails_to_migrate_once(paths: pytest.TempPathFactory, aws: EmbeddedAws) -> str:
    """A PATH whose terraform fails at the first ``init -migrate-state``."""
    folder = paths.mktemp("bin")
    path = aws.environment["PATH"]
    wrapper = folder / "terraform"
    wrapper.write_text(
        "#!/usr/bin/env bash\n"
        f'if [ "$1 $2" = "init -migrate-state" ] && [ ! -e "{folder}/failed" ]; then\n'
        f'  touch "{folder}/failed"; echo "connection lost" >&2; exit 1\n'
        "fi\n"
        f'exec "{shutil.which("terraform", path=path)}" "$@"\n'
    )
    wrapper.chmod(0o755)
    return os.pathsep.join([str(folder), path])


def _copy_with_a_fault(folder: Path) -> Path:
    """The project with one more resource in dev, which AWS refuses: a policy of a role that does not exist."""
    project = folder / "project"
    project.mkdir()
    for name in ("environments", "modules", "node_modules", "scripts", ".venv", "cdktf.json"):
        (project / name).symlink_to(ROOT / name)
    (project / "main.py").write_text(
        "import json, os, pathlib, sys\n"
        "from cloudtrail_monitoring.app import synthesise\n"
        "status = synthesise(pathlib.Path('environments'))\n"
        "path = pathlib.Path(os.environ['CDKTF_OUTDIR'], 'stacks', 'dev', 'cdk.tf.json')\n"
        "stack = json.loads(path.read_text())\n"
        "stack['resource'].setdefault('aws_iam_role_policy', {})['fault'] = {'role': 'absent', 'policy': '{}'}\n"
        "path.write_text(json.dumps(stack))\n"
        "sys.exit(status)\n"
    )
    return project
