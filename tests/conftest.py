"""What all tests of the synthesised output share: every environment, synthesised once, with the example contacts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.synthesised import Stack

PROJECT = Path(__file__).parents[1]
ENVIRONMENTS = ("dev", "staging", "prod")
CONTACTS_VARIABLE = "CLOUDTRAIL_MONITORING_CONTACTS"
EXAMPLE_CONTACTS = str(PROJECT / "environments" / "contacts.example.toml")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file, or of a package, share fixtures and so a process."""
    for item in items:
        folder = item.path.parent
        shared = folder if (folder / "__init__.py").exists() else item.path
        item.add_marker(pytest.mark.xdist_group(str(shared.relative_to(PROJECT))))


@pytest.fixture(autouse=True)
def _endpoint_is_as_it_was() -> Iterator[None]:
    """A test that leaves the address of an embedded AWS behind fails itself, rather than the next that calls AWS.

    Such as one whose ``monkeypatch``, undone after the embedded AWS is gone, puts that one's variables back.
    """
    before = os.environ.get("AWS_ENDPOINT_URL")
    yield
    assert os.environ.get("AWS_ENDPOINT_URL") == before, "AWS_ENDPOINT_URL still leads to an embedded AWS"


@pytest.fixture(scope="session")
def synthesised_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of ``python main.py``."""
    directory = tmp_path_factory.mktemp("synthesised") / "cdktf.out"
    variables = {**os.environ, "CDKTF_OUTDIR": str(directory), CONTACTS_VARIABLE: EXAMPLE_CONTACTS}
    variables.pop("CLOUDTRAIL_MONITORING_STOCK_BINDINGS", None)
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=PROJECT, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture(scope="session")
def stacks(synthesised_output: Path) -> dict[str, Stack]:
    """Every stack by its name."""
    names = sorted(path.name for path in (synthesised_output / "stacks").iterdir())
    return {name: Stack.read(synthesised_output, name) for name in names}


@pytest.fixture(scope="session")
def prod(stacks: dict[str, Stack]) -> Stack:
    return stacks["prod"]


@pytest.fixture(params=ENVIRONMENTS)
def stack(request: pytest.FixtureRequest, stacks: dict[str, Stack]) -> Stack:
    """The system's stack of each environment in turn."""
    return stacks[request.param]


@pytest.fixture(scope="session")
def environments() -> Iterator[dict[str, MonitoringSettings]]:
    """The settings of every environment, by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONTACTS_VARIABLE, EXAMPLE_CONTACTS)
        yield load_environments(PROJECT / "environments")
