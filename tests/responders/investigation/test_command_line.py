"""``cloudtrail-monitoring investigate``: an example in each help, and one line for what can't be done, exit 2."""

from pathlib import Path
from unittest.mock import patch

import pytest
from typer.testing import CliRunner, Result

from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.responders.investigation import desk as desk_module
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.responders.investigation.desk_samples import ID, SETTINGS, Bench, attack, written
from tests.settings_samples import changed

COMMANDS = ("list", "show", "advance", "note", "gather", "report")


def run(*arguments: str, settings: MonitoringSettings = SETTINGS) -> Result:
    """The command over one environment, with the shell's credentials, which are the emulated account's."""
    with patch.object(desk_module, "load_environment", return_value=settings):
        return CliRunner().invoke(app, ["investigate", *arguments])


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, ["investigate", command, "--help"])
    assert result.exit_code == 0
    assert f"Example: cloudtrail-monitoring investigate {command}" in " ".join(result.stdout.split())


def test_a_wrong_account_is_refused_before_anything_is_read(bench: Bench) -> None:
    # R-DEL-1
    bench.open_incident()
    with bench.account.fail("Scan") as failure:
        said = refused(run("list", settings=changed(SETTINGS, account_id="444444444444")))
    assert "credentials are of account 123456789012, and sample is account 444444444444" in said
    assert not failure.calls


@pytest.mark.usefixtures("bench")
def test_an_environment_without_responders_has_no_incidents() -> None:
    assert "sample has no responders" in refused(run("list", settings=changed(SETTINGS, responders=None)))


def test_a_folder_without_environments_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["investigate", "list", "--project", str(tmp_path)])
    assert "no environments here" in refused(result)


@pytest.mark.parametrize(
    "arguments", [["show", "inc-x"], ["note", "inc-x", "text"], ["gather", "inc-x"], ["report", "inc-x"]]
)
@pytest.mark.usefixtures("bench")
def test_an_unknown_incident_is_said_in_a_line(arguments: list[str]) -> None:
    assert refused(run(*arguments)) == "there is no incident inc-x\n"


def test_the_whole_way_of_an_incident(bench: Bench, tmp_path: Path) -> None:
    # R-RSP-5
    bench.open_incident()
    bench.log(*attack())
    out = ["--output", str(tmp_path)]
    assert ID in run("list").stdout
    assert run("advance", ID, "--to", "assessment", "--why", "mine").exit_code == 0
    assert "records: 11, by those followed: 10" in run("gather", ID, *out).stdout
    assert run("note", ID, "Jordan, by phone: not me").exit_code == 0
    for stage in ("impact", "containment", "documentation", "closed"):
        assert run("advance", ID, "--to", stage).exit_code == 0
    assert run("report", ID, *out).exit_code == 0
    assert {one.name for one in tmp_path.iterdir()} == {
        "SHA256SUMS",
        "evidence.json",
        "records.jsonl.gz",
        "report.html",
        "report.md",
    }
    assert "alert → assessment: mine" in run("show", ID).stdout
    assert "nothing follows" in refused(run("advance", ID, "--to", "closed"))


def test_files_instead_of_the_log_group(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    local = written(tmp_path / "records.jsonl", *attack())
    result = run("gather", ID, "--records", str(local), "--output", str(tmp_path / "out"))
    assert "records: 11, by those followed: 10" in result.stdout
    absent = run("gather", ID, "--records", str(tmp_path / "absent"), "--output", str(tmp_path / "out"))
    assert "absent: no such file or folder" in refused(absent)


def test_evidence_that_was_changed_is_no_evidence(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    bench.log(*attack())
    run("gather", ID, "--output", str(tmp_path))
    (tmp_path / "evidence.json").write_text((tmp_path / "evidence.json").read_text().replace("11", "12"))
    assert "changed since it was gathered" in refused(run("report", ID, "--output", str(tmp_path)))
    (tmp_path / "records.jsonl.gz").unlink()
    assert "gather again" in refused(run("report", ID, "--output", str(tmp_path)))


def test_another_incident_s_evidence_is_not_taken(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    run("gather", ID, "--output", str(tmp_path))
    text = (tmp_path / "evidence.json").read_text().replace(ID, "inc-other")
    (tmp_path / "evidence.json").write_text(text)
    (tmp_path / "SHA256SUMS").unlink()
    assert "without evidence" in run("report", ID, "--output", str(tmp_path)).stdout


def test_an_upload_without_a_bucket_is_said_in_a_line(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    result = run("gather", ID, "--upload", "--output", str(tmp_path))
    assert result.exit_code == 2
    assert "is the environment deployed" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("bench")
def test_without_credentials_it_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    assert "no usable AWS credentials" in refused(run("list"))
