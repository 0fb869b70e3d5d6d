"""``scripts/setup.sh`` says in one line what a machine lacks, before it installs anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "setup.sh"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the script in an empty project, and a PATH with the usual tools but no Terraform."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts" / "setup.sh")
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "cat", "cksum", "dirname", "env"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return tmp_path


def program(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/usr/bin/env bash\n{script}\n")
    path.chmod(0o755)


def python_of(machine: Path) -> None:
    """A real python3 by its path, so that no version manager's wrapper is needed."""
    import sys

    (machine / "bin" / "python3").symlink_to(sys.executable)


def run(machine: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "scripts/setup.sh"],
        cwd=machine,
        env={"PATH": str(machine / "bin"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_terraform_is_one_clear_line(machine: Path) -> None:
    python_of(machine)
    result = run(machine)
    assert result.returncode == 2
    assert result.stderr.startswith("setup: Terraform 1.10 or newer is needed, and there is no terraform on PATH")
    assert result.stderr.count("\n") == 1
    assert not (machine / ".venv").exists()


@pytest.mark.parametrize("version", ["1.9.8", "0.15.0"])
def test_an_old_terraform_is_one_clear_line(machine: Path, version: str) -> None:
    python_of(machine)
    program(machine, "terraform", f"""echo '{{"terraform_version": "{version}"}}'""")
    result = run(machine)
    assert result.returncode == 2
    assert f"is {version}" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_old_python_is_one_clear_line(machine: Path) -> None:
    program(machine, "python3", '[ "$1" = --version ] && echo Python 3.9.2; exit 1')
    result = run(machine)
    assert result.returncode == 2
    assert "Python 3.11 or newer is needed" in result.stderr
    assert "3.9.2" in result.stderr


def test_tests_go_on_without_terraform_and_say_so(machine: Path) -> None:
    python_of(machine)
    (machine / ".venv" / "bin").mkdir(parents=True)
    pipenv = machine / ".venv" / "bin" / "pipenv"
    pipenv.write_text("#!/usr/bin/env bash\nexit 9\n")  # far enough: nothing is installed here
    pipenv.chmod(0o755)
    result = run(machine, SETUP_TERRAFORM="optional")
    assert result.stderr.startswith("setup: warning: Terraform 1.10 or newer is needed")
    assert "Deployment tests will be skipped." in result.stderr.splitlines()[0]
