"""The command `report dashboard`: what can't be done ends with 2 and one line, before anything is done."""

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.sandbox.embedded_aws import sealed_environment
from tests.conftest import PROJECT


def last_line(done: Result) -> str:
    """What is said; warnings about the example's contacts may stand before it."""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_without_credentials_the_command_says_so_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in sealed_environment({}).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    # other tests have theirs, which has found its credentials already
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    file = tmp_path / "page.html"
    arguments = ["report", "dashboard", "--account", "--html", str(file), "--project", str(PROJECT)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert last_line(done) == (
        "no usable AWS credentials (Unable to locate credentials): log in (aws sso login), or set AWS_PROFILE"
    )
    assert not file.exists()


@pytest.mark.parametrize("account", [["--account"], []])
def test_an_environment_that_is_none_is_told_before_anything_is_done(account: list[str], tmp_path: Path) -> None:
    arguments = ["report", "dashboard", *account, "--environment", "nowhere", "--project", str(PROJECT)]
    done = CliRunner().invoke(app, [*arguments, "--html", str(tmp_path / "page.html")])
    assert done.exit_code == 2
    assert last_line(done) == "there is no environment 'nowhere'; there are dev, prod, staging"


def test_a_folder_is_no_file_for_the_page(tmp_path: Path) -> None:
    arguments = ["report", "dashboard", "--html", str(tmp_path), "--project", str(PROJECT)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert last_line(done) == f"{tmp_path} is a folder: name a file"
