"""Without an extra a command names the extra; the package brings its data files along."""

import fnmatch
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cloudtrail_monitoring.extras import EXTRAS
from tests.conftest import PROJECT

DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE = PROJECT / "modules" / "cloudtrail_monitoring"

# as where the extras are not installed
WITHOUT = """
import sys
for package in {packages}:
    sys.modules[package] = None
from cloudtrail_monitoring.cli import app
app()
"""


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("demo", "[sandbox]"),
        ("scan {output}", "[scan]"),
        ("report compliance --output {output}", "[scan]"),
        ("report cost --output {output} --html {page}", "[investigate]"),
        ("report dashboard --html {page}", "[sandbox]"),
        ("report dashboard --account --html {page}", "[investigate]"),
        ("alerts check", "[investigate]"),
        ("state account", "[investigate]"),
        ("search --event-name DeleteUser --run", "[investigate]"),
    ],
)
def test_a_missing_extra_is_told_in_a_line(command: str, told: str, synthesised_output: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    words = command.format(output=synthesised_output, page=page).split()
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(packages=sorted(EXTRAS)), *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].endswith(f"pip install 'cloudtrail-monitoring{told}'")
    assert "Traceback" not in done.stderr
    assert not page.exists()


def test_every_extra_brings_what_is_said_of_it() -> None:
    distributions = {"markdown_it": "markdown-it-py", "botocore": "boto3"}
    for package, extra in EXTRAS.items():
        brought = {re.split(r"[\[<>=~! ]", one)[0] for one in DECLARED["project"]["optional-dependencies"][extra]}
        assert distributions.get(package, package) in brought, package


def test_the_sandbox_brings_all_of_investigate() -> None:
    extras = DECLARED["project"]["optional-dependencies"]
    assert set(extras["investigate"]) <= set(extras["sandbox"])


def test_every_data_file_is_packaged() -> None:
    patterns = DECLARED["tool"]["setuptools"]["package-data"]["cloudtrail_monitoring"]
    files = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_file()]
    data = [str(path) for path in files if path.suffix != ".py" and "__pycache__" not in path.parts]
    assert data
    anywhere = [f"*/{one.removeprefix('**/')}" for one in patterns]
    assert [path for path in data if not any(fnmatch.fnmatch(f"/{path}", one) for one in anywhere)] == []
