"""``cloudtrail-monitoring state``: what was kept is listed, and comes back only where nobody's work is lost by it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner, Result

from cloudtrail_monitoring import environments
from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.recovery import StateError, StateVersions, with_serial
from tests.conftest import PROJECT
from tests.settings_samples import SAMPLE, changed

SETTINGS = changed(SAMPLE, account_id="123456789012")
BUCKET = SETTINGS.state.bucket_name
KEY = "sample/terraform.tfstate"
LOCK = f"{KEY}.tflock"
COMMANDS = ("versions", "restore", "account")


@pytest.fixture(autouse=True)
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


def state_text(serial: int, *, lineage: str = "first", instances: int = 1) -> str:
    """A state as Terraform lays it out."""
    document = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": serial,
        "lineage": lineage,
        "outputs": {"note": {"value": '"serial": 1', "type": "string"}},
        "resources": [
            {"mode": "data", "type": "aws_partition", "name": "it", "instances": [{}]},
            {"mode": "managed", "type": "aws_sns_topic", "name": "it", "instances": [{"serial": 7}] * instances},
        ],
    }
    return json.dumps(document, indent=2)


def write(s3: Any, text: str, key: str = KEY) -> str:
    return str(s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())["VersionId"])


def current(s3: Any) -> Any:
    return json.loads(s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read())


def everything(s3: Any) -> list[tuple[str, str]]:
    """All versions and markers in the bucket, the lock's included."""
    listed = s3.list_object_versions(Bucket=BUCKET)
    return [(one["Key"], one["VersionId"]) for kind in ("Versions", "DeleteMarkers") for one in listed.get(kind, ())]


def run(*arguments: str, settings: MonitoringSettings = SETTINGS) -> Result:
    with patch.object(environments, "load_environment", return_value=settings):
        return CliRunner().invoke(app, ["state", *arguments])


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, ["state", command, "--help"])
    assert result.exit_code == 0
    assert f"Example: cloudtrail-monitoring state {command}" in " ".join(result.stdout.split())


class TestVersions:  # R-DEL-2
    def test_each_tells_what_it_knows_the_newest_first(self, s3: Any) -> None:
        first, second = write(s3, state_text(1)), write(s3, state_text(2, instances=3))
        lines = [json.loads(line) for line in run("versions", "--json").stdout.splitlines()]
        assert [(one["version"], one["serial"], one["resources"], one["current"]) for one in lines] == [
            (second, 2, 3, True),
            (first, 1, 1, False),
        ]
        assert {(one["lineage"], one["terraform_version"], one["deleted"]) for one in lines} == {
            ("first", "1.11.4", False)
        }

    def test_deletions_and_what_is_no_state_are_named(self, s3: Any) -> None:
        write(s3, state_text(1))
        write(s3, '{"version": 4, "serial": 2, "line')
        write(s3, "[]")
        s3.delete_object(Bucket=BUCKET, Key=KEY)
        shown = run("versions").stdout
        assert shown.count("not a state") == 2
        assert shown.count("current, deleted") == 1

    def test_the_lock_and_other_stacks_are_left_out(self, s3: Any) -> None:
        own = write(s3, state_text(1))
        write(s3, "{}", LOCK)
        write(s3, state_text(5), "state-sample/terraform.tfstate")
        assert [one.id for one in StateVersions(SETTINGS).newest()] == [own]
        assert [one.snapshot and one.snapshot.serial for one in StateVersions(SETTINGS, "state-sample").newest()] == [5]

    def test_no_more_are_read_than_asked_for(self, s3: Any) -> None:
        for serial in range(1, 5):
            write(s3, state_text(serial))
        serials = [one.snapshot and one.snapshot.serial for one in StateVersions(SETTINGS).newest(2)]
        assert serials == [4, 3]

    def test_an_id_is_copied_whole_from_a_narrow_terminal(self, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "40")
        assert write(s3, state_text(1)) in run("versions").stdout

    def test_none_at_all_is_said(self) -> None:
        assert run("versions").stdout == f"no version of {KEY} in {BUCKET}\n"


class TestRestore:  # R-DEL-2
    def test_an_older_version_is_the_state_again_under_a_new_serial(self, s3: Any) -> None:
        old = write(s3, state_text(1, instances=2))
        replaced = write(s3, state_text(4))
        result = run("restore", old)
        assert result.exit_code == 0, result.output
        assert current(s3) == json.loads(state_text(5, instances=2))
        assert f"what it replaced stays as version {replaced} for 90 days" in result.stdout
        assert "make plan ENV=sample" in result.stdout

    def test_the_serial_is_above_all_later_ones_of_its_lineage(self, s3: Any) -> None:
        old = write(s3, state_text(3))
        for serial in (4, 9, 2):  # 2: pushed by force
            write(s3, state_text(serial))
        write(s3, state_text(50, lineage="second"))
        StateVersions(SETTINGS).restore(old, other_lineage=True)
        assert (current(s3)["serial"], current(s3)["lineage"]) == (10, "first")

    @pytest.mark.parametrize("ruin", ["delete", "truncate"])
    def test_a_ruined_state_comes_back(self, s3: Any, ruin: str) -> None:
        old = write(s3, state_text(3))
        if ruin == "delete":
            s3.delete_object(Bucket=BUCKET, Key=KEY)
        else:
            write(s3, state_text(4)[:100])
        assert run("restore", old).exit_code == 0
        assert current(s3) == json.loads(state_text(4))

    def test_the_lock_is_released(self, s3: Any) -> None:
        old = write(s3, state_text(1))
        write(s3, state_text(2))
        StateVersions(SETTINGS).restore(old)
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket=BUCKET, Key=LOCK)

    def test_it_is_encrypted_as_the_backend_does(self, s3: Any) -> None:
        old = write(s3, state_text(1))
        write(s3, state_text(2))
        StateVersions(SETTINGS).restore(old)
        written = s3.head_object(Bucket=BUCKET, Key=KEY)
        assert (written["ServerSideEncryption"], written["ContentType"]) == ("AES256", "application/json")

    def test_nothing_is_written_to_this_machine(self, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        old = write(s3, state_text(1))
        write(s3, state_text(2))
        assert run("restore", old).exit_code == 0
        assert list(tmp_path.iterdir()) == []


class TestRefused:  # R-DEL-2
    """One line, exit 2, and the bucket is as it was."""

    @pytest.fixture
    def versions(self, s3: Any) -> dict[str, str]:
        written = {
            "another beginning": write(s3, state_text(8, lineage="second")),
            "not a state": write(s3, "{}"),
            "older": write(s3, state_text(1)),
        }
        s3.delete_object(Bucket=BUCKET, Key=KEY)
        marker = s3.list_object_versions(Bucket=BUCKET)["DeleteMarkers"][0]["VersionId"]
        return {**written, "a deletion": marker, "current": write(s3, state_text(2))}

    @pytest.mark.parametrize(
        ("which", "said"),
        [
            ("another beginning", "is of lineage first now, and version"),
            ("not a state", "that is no state that Terraform wrote; choose an older version"),
            ("a deletion", "that is the marker of a deletion"),
            ("current", "as its state already"),
            ("none\x1b[2J", "sample has no version none\ufffd[2J: `state versions` lists what there is"),
        ],
    )
    def test_a_version_that_is_none(self, s3: Any, versions: dict[str, str], which: str, said: str) -> None:
        before = everything(s3)
        assert said in refused(run("restore", versions.get(which, which)))
        assert everything(s3) == before

    def test_a_locked_state(self, s3: Any, versions: dict[str, str]) -> None:
        lock = {"ID": "8f2c", "Operation": "OperationTypeApply", "Who": "kim@laptop", "Created": "2026-03-09T14:00:00Z"}
        write(s3, json.dumps(lock), LOCK)
        before = everything(s3)
        said = refused(run("restore", versions["older"]))
        assert "sample is locked by kim@laptop since 2026-03-09T14:00:00Z (OperationTypeApply)" in said
        assert "terraform force-unlock 8f2c" in said
        assert everything(s3) == before

    @pytest.mark.parametrize("lock", ["", "[]", '{"ID": 1}'])
    def test_a_lock_that_does_not_say_whose(self, s3: Any, versions: dict[str, str], lock: str) -> None:
        write(s3, lock, LOCK)
        before = everything(s3)
        assert "sample is locked, by whom can't be read" in refused(run("restore", versions["older"]))
        assert everything(s3) == before

    @pytest.mark.parametrize("race", ["written", "deleted", "made"])
    def test_a_state_that_is_written_meanwhile(self, s3: Any, race: str) -> None:
        old = write(s3, state_text(1))
        write(s3, state_text(2))
        if race == "made":
            s3.delete_object(Bucket=BUCKET, Key=KEY)

        def meanwhile(params: dict[str, Any], **_: Any) -> None:
            """After the lock was taken: somebody writes who takes none."""
            if params["Key"] == KEY and not raced:
                raced.append(race)
                s3.delete_object(Bucket=BUCKET, Key=KEY) if race == "deleted" else write(s3, state_text(3))

        raced: list[str] = []
        session = boto3.Session(region_name="us-east-1")
        session.events.register("provide-client-params.s3.PutObject", meanwhile)
        with patch.object(boto3, "client", session.client), pytest.raises(StateError, match="was written meanwhile"):
            StateVersions(SETTINGS, aws=Aws("us-east-1")).restore(old)
        assert raced
        if race == "deleted":
            assert StateVersions(SETTINGS).newest()[0].is_deletion
        else:
            assert current(s3)["serial"] == 3
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket=BUCKET, Key=LOCK)

    def test_a_lock_that_stays_is_said(self, s3: Any) -> None:
        old = write(s3, state_text(1))
        write(s3, state_text(2))
        session = boto3.Session(region_name="us-east-1")
        denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteObject")

        def fail(**_: Any) -> None:
            raise denied

        session.events.register("before-call.s3.DeleteObject", fail)
        with patch.object(boto3, "client", session.client), pytest.raises(StateError, match="stays locked") as failure:
            StateVersions(SETTINGS).restore(old)
        held = json.loads(s3.get_object(Bucket=BUCKET, Key=LOCK)["Body"].read())
        assert f"terraform force-unlock {held['ID']} " in str(failure.value)

    def test_a_stack_of_another_environment(self) -> None:
        assert "sample has no stack prod; it has sample and state-sample" in refused(run("versions", "--stack", "prod"))

    def test_a_bucket_that_is_not_there(self) -> None:
        absent = changed(SETTINGS, state=changed(SETTINGS.state, bucket_name="absent"))
        assert "make bootstrap-state makes the state bucket" in refused(run("versions", settings=absent))

    @pytest.mark.parametrize("text", ['{"outputs": {"serial": 1}, "serial": 2}', '{"a": "\\"serial\\": 1"}'])
    def test_a_state_whose_serial_stands_elsewhere(self, text: str) -> None:
        with pytest.raises(StateError, match="not laid out as Terraform writes"):
            with_serial(text, 9)


class TestAnotherAccount:  # R-DEL-1
    OTHER = changed(SETTINGS, account_id="444444444444")

    @pytest.mark.parametrize("arguments", [("versions",), ("restore", "x"), ("account",)])
    def test_is_refused_before_anything_is_read(self, arguments: tuple[str, ...]) -> None:
        made: list[str] = []
        client = boto3.client

        def counted(service: str, **options: Any) -> Any:
            made.append(service)
            return client(service, **options)  # type: ignore[call-overload] # known by a literal name only

        with patch.object(boto3, "client", counted):
            said = refused(run(*arguments, settings=self.OTHER))
        assert "these credentials are of account 123456789012, and sample is account 444444444444" in said
        assert made == ["sts"]

    def test_the_right_one_is_told_who_you_are(self) -> None:
        result = run("account")
        assert result.exit_code == 0
        assert "sample is account 123456789012, and you are arn:" in result.stdout

    def test_no_credentials_are_said_in_a_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_PROFILE", "absent")
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        assert "set AWS_PROFILE" in refused(run("account"))


def test_a_folder_without_environments_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["state", "versions", "--project", str(tmp_path)])
    assert "no environments here" in refused(result)


def test_the_commands_of_the_documentation_are_understood() -> None:
    text = (PROJECT / "docs" / "state-recovery.md").read_text()
    commands = re.findall(r"^cloudtrail-monitoring state ([^#\n]+)", text, re.MULTILINE)
    assert {command.split()[0] for command in commands} == set(COMMANDS)
    for command in commands:
        assert "Usage" not in run(*command.split()).output
