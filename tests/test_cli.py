"""The command line: an example in each help, one line for what can't be used."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudtrail_monitoring.cli import app

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("command", ["demo", "scan"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: cloudtrail-monitoring {command}" in result.stdout


def test_an_unknown_environment_is_named_with_those_there_are() -> None:
    result = CliRunner().invoke(app, ["demo", "--environment", "nowhere", "--project", str(ROOT)])
    assert result.exit_code == 2
    assert result.stderr == "there is no environment 'nowhere'; there are dev, prod, staging\n"


def test_a_folder_without_environments_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--project", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "no environments here" in result.stderr


def test_missing_records_are_refused_before_anything_is_deployed(tmp_path: Path) -> None:
    absent = tmp_path / "absent.jsonl"
    result = CliRunner().invoke(
        app, ["demo", "--project", str(ROOT), "--events", str(absent), "--output", str(tmp_path / "out")]
    )
    assert result.exit_code == 2
    assert str(absent) in result.stderr
    assert not (tmp_path / "out").exists()


def test_scanning_nothing_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["scan", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "make synth" in result.stderr
