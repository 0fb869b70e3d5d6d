"""The Terraform runner: how it finds Terraform and the provider, and one real deployment into the embedded AWS."""

import json
import os
import platform
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import (
    MIRROR_VARIABLE,
    PlanResult,
    ProviderMirrorUnusable,
    Terraform,
    TerraformFailed,
    TerraformMissing,
    cli_environment,
    find_provider_mirror,
    has_provider,
    missing_for_deployment,
    write_cli_config,
)

ACCOUNT = "333333333333"
STATE_BUCKET = "state-of-the-test"
MISSING = missing_for_deployment()

needs_terraform = pytest.mark.skipif(MISSING is not None, reason=f"NOTHING WAS DEPLOYED: {MISSING}")


def this_platform() -> str:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}_{machine}"


def make_mirror(folder: Path, version: str = "5.100.0", machine: str | None = None) -> Path:
    provider = folder / "registry.terraform.io" / "hashicorp" / "aws" / version / (machine or this_platform())
    provider.mkdir(parents=True)
    program = provider / f"terraform-provider-aws_v{version}_x5"
    program.write_bytes(b"")
    program.chmod(0o755)
    return folder


def make_terraform(folder: Path, prints: str) -> dict[str, str]:
    """An environment on whose PATH the only Terraform is one that prints this, whatever it is asked."""
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{prints}\nEND\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.defpath}"}


class TestProviderMirror:
    def test_folder_named_by_the_variable_is_taken(self, tmp_path: Path) -> None:
        assert find_provider_mirror({MIRROR_VARIABLE: str(make_mirror(tmp_path))}) == tmp_path

    def test_folder_without_the_provider_is_an_error_of_one_line(self, tmp_path: Path) -> None:
        with pytest.raises(ProviderMirrorUnusable, match=MIRROR_VARIABLE) as caught:
            find_provider_mirror({MIRROR_VARIABLE: str(tmp_path)})
        assert "\n" not in str(caught.value)

    def test_packed_mirror_is_one_too(self, tmp_path: Path) -> None:
        provider = tmp_path / "registry.terraform.io" / "hashicorp" / "aws"
        provider.mkdir(parents=True)
        (provider / f"terraform-provider-aws_5.100.0_{this_platform()}.zip").write_bytes(b"")
        assert has_provider(tmp_path)

    def test_mirror_for_another_machine_is_none(self, tmp_path: Path) -> None:
        assert not has_provider(make_mirror(tmp_path, machine="plan9_mips"))

    def test_provider_that_others_can_write_is_not_trusted(self, tmp_path: Path) -> None:
        make_mirror(tmp_path)
        (program,) = tmp_path.rglob("terraform-provider-aws*")
        program.chmod(program.stat().st_mode | stat.S_IWOTH)
        assert not has_provider(tmp_path)


class TestCliConfiguration:
    def test_mirror_is_used_for_the_provider_and_the_registry_left_out(self, tmp_path: Path) -> None:
        text = write_cli_config(tmp_path, Path("/srv/mirror")).read_text()
        mirror, direct = text.split("direct {")
        assert 'path    = "/srv/mirror"' in mirror
        assert 'include = ["registry.terraform.io/hashicorp/aws"]' in mirror
        assert 'exclude = ["registry.terraform.io/hashicorp/aws"]' in direct

    def test_without_a_mirror_the_registry_is_asked(self, tmp_path: Path) -> None:
        assert "provider_installation" not in write_cli_config(tmp_path, None).read_text()

    def test_callers_configuration_and_switches_are_replaced(self, tmp_path: Path) -> None:
        foreign = {
            "TF_CLI_CONFIG_FILE": "/no/such/file",
            "TF_CLI_ARGS": "-bogus",
            "TF_CLI_ARGS_plan": "-destroy",
            "TF_WORKSPACE": "elsewhere",
            "TF_DATA_DIR": "/elsewhere",
            "TF_REATTACH_PROVIDERS": "{}",
            "TF_PLUGIN_CACHE_DIR": "/no/such/folder",
        }
        ours = cli_environment({**foreign, MIRROR_VARIABLE: str(make_mirror(tmp_path))})
        assert [name for name in foreign if ours.get(name) == foreign[name]] == []
        assert str(tmp_path) in Path(ours["TF_CLI_CONFIG_FILE"]).read_text()

    def test_what_is_not_terraforms_own_stays(self, tmp_path: Path) -> None:
        given = {"TF_VAR_name": "x", "AWS_REGION": "us-east-1", MIRROR_VARIABLE: str(make_mirror(tmp_path))}
        assert given.items() <= cli_environment(given).items()

    def test_nothing_is_asked_and_nobody_called(self, tmp_path: Path) -> None:
        ours = cli_environment({MIRROR_VARIABLE: str(make_mirror(tmp_path))})
        assert (ours["CHECKPOINT_DISABLE"], ours["TF_IN_AUTOMATION"], ours["TF_INPUT"]) == ("1", "1", "0")

    def test_two_mirrors_have_a_configuration_each(self, tmp_path: Path) -> None:
        first, second = make_mirror(tmp_path / "a"), make_mirror(tmp_path / "b")
        files = {cli_environment({MIRROR_VARIABLE: str(mirror)})["TF_CLI_CONFIG_FILE"] for mirror in (first, second)}
        assert len(files) == 2


class TestFindingTerraform:
    def test_none_on_the_path(self, tmp_path: Path) -> None:
        with pytest.raises(TerraformMissing, match=r"1\.10 or newer is needed, and there is none on the PATH"):
            Terraform(tmp_path, {"PATH": str(tmp_path)})

    @pytest.mark.parametrize("version", ["1.9.8", "0.15.5"])
    def test_one_that_is_too_old(self, tmp_path: Path, version: str) -> None:
        environment = make_terraform(tmp_path, json.dumps({"terraform_version": version}, indent=2))
        with pytest.raises(TerraformMissing, match=version):
            Terraform(tmp_path, environment)

    @pytest.mark.parametrize("version", ["1.10.0", "1.10.0-beta1", "1.11.4", "2.0.0"])
    def test_one_that_is_new_enough(self, tmp_path: Path, version: str) -> None:
        environment = make_terraform(tmp_path, json.dumps({"terraform_version": version}, indent=2))
        Terraform(tmp_path, {**environment, MIRROR_VARIABLE: str(make_mirror(tmp_path / "mirror"))})

    def test_something_else_of_that_name(self, tmp_path: Path) -> None:
        with pytest.raises(TerraformMissing, match="does not say its version"):
            Terraform(tmp_path, make_terraform(tmp_path, "hello"))

    def test_reason_for_not_deploying_is_one_line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        reason = missing_for_deployment()
        assert reason is not None
        assert "\n" not in reason


class TestInterruption:
    def test_terraform_is_ended_with_the_caller(self, tmp_path: Path) -> None:
        program = tmp_path / "terraform"
        version = '{"terraform_version": "1.11.4"}'
        program.write_text(f"#!/bin/sh\n[ $1 = version ] && echo '{version}' && exit\necho $$\nexec sleep 600\n")
        program.chmod(0o755)
        started: list[int] = []

        def interrupt(line: str) -> None:
            started.append(int(line))
            raise KeyboardInterrupt

        environment = {"PATH": f"{tmp_path}:{os.defpath}", MIRROR_VARIABLE: str(make_mirror(tmp_path / "mirror"))}
        terraform = Terraform(tmp_path, environment, progress=interrupt)
        with pytest.raises(KeyboardInterrupt):
            terraform.init()
        with pytest.raises(ProcessLookupError):
            os.kill(started[0], 0)


def statement(**parts: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [parts]})


def configuration() -> dict[str, Any]:
    """A trail as comparable stacks have it, in two Regions, with the settings that moto alone would stumble over."""
    deny_plain_http = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": ["arn:aws:s3:::xyz-access-logs", "arn:aws:s3:::xyz-access-logs/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    allow_logs = {
        "Effect": "Allow",
        "Principal": {"Service": ["logging.s3.amazonaws.com"]},
        "Action": ["s3:PutObject"],
        "Resource": ["arn:aws:s3:::xyz-access-logs/*"],
    }
    metric = {"metric_name": "PolicyChange", "namespace": "Audit", "period": 60, "stat": "Sum"}
    rule = {"name": "root", "event_pattern": json.dumps({"detail": {"userIdentity": {"type": ["Root"]}}})}
    account = {"allowed_account_ids": [ACCOUNT]}
    return {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}},
            "backend": {
                "s3": {
                    "bucket": STATE_BUCKET,
                    "key": "prod/terraform.tfstate",
                    "region": "us-east-1",
                    "encrypt": True,
                    "use_lockfile": True,
                }
            },
        },
        "provider": {"aws": [{"region": "us-east-1", **account}, {"alias": "eu", "region": "eu-north-1", **account}]},
        "resource": {
            "aws_s3_bucket": {
                "archive": {"bucket": "xyz-archive", "force_destroy": True},
                "access_logs": {"bucket": "xyz-access-logs", "force_destroy": True},
            },
            "aws_s3_bucket_policy": {
                "access_logs": {
                    "bucket": "${aws_s3_bucket.access_logs.id}",
                    "policy": json.dumps({"Version": "2012-10-17", "Statement": [deny_plain_http, allow_logs]}),
                }
            },
            "aws_s3_bucket_logging": {
                "archive": {
                    "bucket": "${aws_s3_bucket.archive.id}",
                    "target_bucket": "${aws_s3_bucket_policy.access_logs.bucket}",
                    "target_prefix": "archive/",
                }
            },
            "aws_kms_key": {"trail": {"enable_key_rotation": True, "deletion_window_in_days": 7}},
            "aws_cloudwatch_log_group": {"trail": {"name": "/xyz/trail", "retention_in_days": 365}},
            "aws_iam_role": {
                "delivery": {
                    "name": "delivery",
                    "assume_role_policy": statement(
                        Effect="Allow", Principal={"Service": "cloudtrail.amazonaws.com"}, Action="sts:AssumeRole"
                    ),
                }
            },
            "aws_sns_topic": {
                "alerts": {"name": "alerts", "kms_master_key_id": "${aws_kms_key.trail.arn}"},
                "deliveries": {"name": "deliveries", "provider": "aws.eu"},
            },
            "aws_sns_topic_subscription": {
                "mail": {"topic_arn": "${aws_sns_topic.alerts.arn}", "protocol": "email", "endpoint": "a@example.com"},
                "text": {"topic_arn": "${aws_sns_topic.alerts.arn}", "protocol": "sms", "endpoint": "+15555550100"},
            },
            "aws_cloudtrail": {
                "trail": {
                    "name": "xyz-corp-audit-trail",
                    "s3_bucket_name": "${aws_s3_bucket.archive.id}",
                    "is_multi_region_trail": True,
                    "enable_log_file_validation": True,
                    "kms_key_id": "${aws_kms_key.trail.arn}",
                    "cloud_watch_logs_group_arn": "${aws_cloudwatch_log_group.trail.arn}:*",
                    "cloud_watch_logs_role_arn": "${aws_iam_role.delivery.arn}",
                    "sns_topic_name": "${aws_sns_topic.deliveries.arn}",
                    "advanced_event_selector": [
                        {
                            "name": "Management events selector",
                            "field_selector": [{"field": "eventCategory", "equals": ["Management"]}],
                        }
                    ],
                    "insight_selector": [
                        {"insight_type": "ApiCallRateInsight"},
                        {"insight_type": "ApiErrorRateInsight"},
                    ],
                }
            },
            "aws_cloudwatch_log_metric_filter": {
                "policy": {
                    "name": "policy-change",
                    "pattern": "{ $.eventName = PutUserPolicy }",
                    "log_group_name": "${aws_cloudwatch_log_group.trail.name}",
                    "metric_transformation": {"name": "PolicyChange", "namespace": "Audit", "value": "1"},
                }
            },
            "aws_cloudwatch_metric_alarm": {
                "off_hours": {
                    "alarm_name": "off-hours",
                    "comparison_operator": "GreaterThanThreshold",
                    "threshold": 0,
                    "evaluation_periods": 1,
                    "treat_missing_data": "notBreaching",
                    "alarm_actions": ["${aws_sns_topic.alerts.arn}"],
                    "metric_query": [
                        {"id": "m", "metric": metric},
                        {"id": "off", "expression": "IF(HOUR(m) < 8 OR HOUR(m) >= 18, m, 0)", "return_data": True},
                    ],
                }
            },
            "aws_cloudwatch_event_rule": {"home": rule, "eu": {**rule, "provider": "aws.eu"}},
            "aws_cloudwatch_event_target": {
                "home": {"rule": "${aws_cloudwatch_event_rule.home.name}", "arn": "${aws_sns_topic.alerts.arn}"}
            },
        },
        "output": {"trail_arn": {"value": "${aws_cloudtrail.trail.arn}"}},
    }


@dataclass
class Deployment:
    """What was seen on the way from nothing to nothing."""

    first_plan: PlanResult
    second_plan: PlanResult
    changed_plan: PlanResult
    resources: list[str]
    resources_after_destroy: list[str]
    output: dict[str, Any]
    state: dict[str, Any]
    state_keys: list[str]
    rules: dict[str, list[str]]
    trail: dict[str, Any]
    wrong_account: TerraformFailed
    several_errors: TerraformFailed
    progress: list[str] = field(default_factory=list)


def write(folder: Path, contents: dict[str, Any]) -> None:
    (folder / "main.tf.json").write_text(json.dumps(contents))


def failure_of_plan(folder: Path, terraform: Terraform, contents: dict[str, Any]) -> TerraformFailed:
    write(folder, contents)
    with pytest.raises(TerraformFailed) as caught:
        terraform.plan("-lock=false")
    return caught.value


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("stack")
    progress: list[str] = []
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        aws.client("s3").create_bucket(Bucket=STATE_BUCKET)
        terraform = Terraform(folder, aws.environment, progress=progress.append)
        write(folder, configuration())
        terraform.init()
        first_plan = terraform.plan()
        terraform.apply()
        second_plan = terraform.plan()

        changed = configuration()
        changed["resource"]["aws_cloudwatch_log_group"]["trail"]["retention_in_days"] = 30
        del changed["resource"]["aws_cloudwatch_event_rule"]["eu"]
        write(folder, changed)
        changed_plan = terraform.plan()

        elsewhere = configuration()
        elsewhere["provider"]["aws"][0]["allowed_account_ids"] = ["111111111111"]
        wrong_account = failure_of_plan(folder, terraform, elsewhere)
        broken = configuration()
        broken["resource"]["aws_cloudwatch_log_group"]["trail"]["retention_in_days"] = 8
        broken["resource"]["aws_kms_key"]["trail"]["deletion_window_in_days"] = 1
        several_errors = failure_of_plan(folder, terraform, broken)

        write(folder, configuration())
        keys = aws.client("s3").list_objects_v2(Bucket=STATE_BUCKET).get("Contents", [])
        seen = {
            "resources": terraform.state_list(),
            "output": terraform.output(),
            "state": terraform.show_json(),
            "state_keys": [entry["Key"] for entry in keys],
            "rules": {
                region: [rule["Name"] for rule in aws.client("events", region).list_rules()["Rules"]]
                for region in ("us-east-1", "eu-north-1", "us-west-2")
            },
            "trail": aws.client("cloudtrail").get_trail(Name="xyz-corp-audit-trail")["Trail"],
        }
        terraform.destroy()
        left = terraform.state_list()
    return Deployment(
        first_plan=first_plan,
        second_plan=second_plan,
        changed_plan=changed_plan,
        resources_after_destroy=left,
        wrong_account=wrong_account,
        several_errors=several_errors,
        progress=progress,
        **seen,
    )


@needs_terraform
class TestDeployment:
    def test_first_plan_creates_everything(self, deployment: Deployment) -> None:
        assert {action for actions in deployment.first_plan.actions.values() for action in actions} == {"create"}
        assert deployment.first_plan.changes == len(deployment.resources) + 1  # and the output

    def test_second_plan_has_no_changes(self, deployment: Deployment) -> None:
        assert dict(deployment.second_plan.actions) == {}
        assert deployment.second_plan.changes == 0

    def test_changes_are_named_by_address_and_action(self, deployment: Deployment) -> None:
        assert deployment.changed_plan.actions == {
            "aws_cloudwatch_log_group.trail": ("update",),
            "aws_cloudwatch_event_rule.eu": ("delete",),
        }

    def test_state_lies_in_the_bucket_and_no_lock_is_left(self, deployment: Deployment) -> None:
        # R-DEL-2
        assert deployment.state_keys == ["prod/terraform.tfstate"]

    def test_each_region_has_its_own_resources(self, deployment: Deployment) -> None:
        assert deployment.rules == {"us-east-1": ["root"], "eu-north-1": ["root"], "us-west-2": []}

    def test_trail_is_what_was_written(self, deployment: Deployment) -> None:
        # R-TRL-1, R-TRL-3
        trail = deployment.trail
        assert (trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (True, True)
        assert trail["SnsTopicARN"] == f"arn:aws:sns:eu-north-1:{ACCOUNT}:deliveries"
        assert (trail["HasCustomEventSelectors"], trail["HasInsightSelectors"]) == (True, True)

    def test_output_and_state_are_read_back(self, deployment: Deployment) -> None:
        arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/xyz-corp-audit-trail"
        assert deployment.output == {"trail_arn": arn}
        assert deployment.state["values"]["outputs"]["trail_arn"]["value"] == arn

    def test_progress_is_told_line_by_line(self, deployment: Deployment) -> None:
        assert any(line.startswith("aws_cloudtrail.trail: Creation complete") for line in deployment.progress)
        assert not any("\n" in line or "\x1b" in line for line in deployment.progress)

    def test_destroy_leaves_nothing(self, deployment: Deployment) -> None:
        assert deployment.resources
        assert deployment.resources_after_destroy == []

    def test_wrong_account_is_refused_in_one_line(self, deployment: Deployment) -> None:
        # R-DEL-1
        message = str(deployment.wrong_account)
        assert message.startswith("terraform plan failed: ")
        assert ACCOUNT in message
        assert "\n" not in message

    def test_errors_name_their_resource_and_the_log_has_the_rest(self, deployment: Deployment) -> None:
        message = str(deployment.several_errors)
        assert "aws_cloudwatch_log_group.trail: expected retention_in_days" in message
        assert "aws_kms_key.trail: expected deletion_window_in_days" in message
        assert "main.tf.json" not in message
        assert "main.tf.json" in deployment.several_errors.log


@needs_terraform
def test_cli_environment_serves_terraform_started_by_another_tool(tmp_path: Path) -> None:
    write(tmp_path, {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}}})
    executable = shutil.which("terraform")
    assert executable
    environment = cli_environment({**os.environ, "TF_CLI_CONFIG_FILE": "/no/such/file"})
    done = subprocess.run(
        [executable, "init", "-no-color"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "Installing hashicorp/aws v5.100.0" in done.stdout
    assert "configuration file" not in done.stderr
