"""The demonstration: an environment deployed unmodified into the embedded AWS by the real tools, and an attack replayed.

The steps are those of a real account: bootstrap the state bucket, ``cdktf deploy``, a second plan. Each writes its log
below ``build/demo``. A step that fails ends the demonstration: what had been deployed is named, and all of it goes with
the embedded AWS.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import Terraform, cli_environment, find_provider_mirror
from cloudtrail_monitoring.settings import MonitoringSettings

EXAMPLE_CONTACTS = Path("environments") / "contacts.example.toml"


class DemoError(RuntimeError):
    """A step failed; ``str()`` says which, why, where its log is and what was deployed by then."""


class Demo:
    """One run.

    Args:
        project: the folder of ``cdktf.json``.
        environment: the environment to deploy.
        directory: where logs and reports go; its ``cdktf.out`` and logs are made anew.
    """

    def __init__(self, project: Path, environment: str, directory: Path, console: Console) -> None:
        self._project = project
        self._directory = directory
        self._console = console
        self.settings = self._settings(environment)
        self._output = directory / "cdktf.out"

    def run(self, event_paths: Sequence[Path]) -> None:
        """Deploy, replay the records of these paths (the bundled scenario where there are none), and report."""
        from cloudtrail_monitoring.sandbox.replay import replay
        from cloudtrail_monitoring.sandbox.report import print_report, write_report
        from cloudtrail_monitoring.sandbox.scenario import SCENARIO

        shutil.rmtree(self._output, ignore_errors=True)
        self._directory.mkdir(parents=True, exist_ok=True)
        settings = self.settings
        with EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws:
            variables = self._variables(aws.environment)
            deployed, changes = self._deploy(variables)
            with self._console.status("replaying the records"):
                result = replay(event_paths or [SCENARIO], aws, settings)
        print_report(self._console, result, deployed, changes)
        write_report(result, deployed, changes, self._directory)

    def _deploy(self, variables: Mapping[str, str]) -> tuple[dict[str, int], int]:
        name = self.settings.environment
        lock = ["--skip-provider-lock"] if find_provider_mirror() else []
        terraform = Terraform(self._output / "stacks" / name, variables)
        try:
            self._step("bootstrap state", ["scripts/bootstrap-state.sh", name], variables)
            self._step(
                f"cdktf deploy {name}",
                ["cdktf", "deploy", name, "--auto-approve", "--output", str(self._output), *lock],
                variables,
            )
            with self._console.status("second plan"):
                terraform.init()
                changes = terraform.plan().changes
        except (DemoError, RuntimeError) as error:
            raise DemoError(f"{error}\n{self._what_stands(terraform)}") from None
        addresses = terraform.state_list()
        deployed = Counter(address.split(".")[0] for address in addresses)
        self._console.print(f"deployed {len(addresses)} resources; the second plan shows {changes} changes")
        return dict(sorted(deployed.items())), changes

    def _step(self, title: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        log = self._directory / f"{title.replace(' ', '-')}.log"
        with self._console.status(title), log.open("w") as file:
            try:
                done = subprocess.run(  # noqa: S603 - our own scripts and tools
                    command, cwd=self._project, env=dict(variables), stdout=file, stderr=subprocess.STDOUT, check=False
                )
            except OSError as error:
                raise DemoError(f"{title}: {command[0]} can't be run: {error.strerror}") from None
        if done.returncode:
            last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-12:]
            raise DemoError("\n".join([f"{title} failed (exit {done.returncode}); all of it is in {log}:", *last]))
        self._console.print(f"{title}: done")

    def _variables(self, embedded: Mapping[str, str]) -> dict[str, str]:
        """The embedded account's variables, the example contacts, and the virtual environment's tools first on PATH."""
        tools = [str(Path(sys.executable).parent), str(self._project / "node_modules" / ".bin")]
        variables = {
            **embedded,
            "PATH": os.pathsep.join([*tools, embedded.get("PATH", os.defpath)]),
            "CDKTF_OUTDIR": str(self._output),
            "CI": "1",
        }
        if "CLOUDTRAIL_MONITORING_CONTACTS" not in variables:
            variables["CLOUDTRAIL_MONITORING_CONTACTS"] = str(self._project / EXAMPLE_CONTACTS)
        return cli_environment(variables)

    def _settings(self, environment: str) -> MonitoringSettings:
        environments = load_environments(self._project / "environments")
        if environment not in environments:
            raise DemoError(f"there is no environment {environment!r}; there are {', '.join(environments)}")
        return environments[environment]

    @staticmethod
    def _what_stands(terraform: Terraform) -> str:
        try:
            addresses = terraform.state_list()
        except (RuntimeError, OSError):
            addresses = []
        stood = f"{len(addresses)} resources had been deployed" if addresses else "nothing had been deployed"
        return f"{stood}; the embedded AWS that held them is gone"
