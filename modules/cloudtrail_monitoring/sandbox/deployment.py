"""Deploys a project into the embedded AWS with the real tools: its state bootstrap, the ``cdktf`` CLI, Terraform.

The stacks are deployed as they are; only environment variables lead the tools to the embedded account. Each step writes
its log into a folder of the run.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from cloudtrail_monitoring.alerting.contacts import EXAMPLE_FILE, FILE_VARIABLE
from cloudtrail_monitoring.environments import load_environment
from cloudtrail_monitoring.sandbox.terraform import Terraform, TerraformError, cli_environment, find_provider_mirror
from cloudtrail_monitoring.settings import MonitoringSettings

_LOG_TAIL_LINES = 12
_READERS = re.compile(r"CLOUDTRAIL_MONITORING_.+_(EMAIL|SMS)")
"""Variables that name an environment's readers, before any file does."""


class DeploymentError(RuntimeError):
    """A step failed; ``str()`` says which, why, where its log is, and what had been deployed by then."""


def settings_with_examples(project: Path, environment: str) -> MonitoringSettings:
    """An environment's settings with the example's readers, whatever readers this process's variables name.

    From then on the variables name the example's, also to the tools that are started: nobody's own address ends up in
    a report, in a synthesised output or in a log.

    Args:
        project: the folder of ``cdktf.json``.
        environment: the environment's name.

    Raises:
        SettingsError: if there is no such environment or its settings can't be used.
    """
    for name in [name for name in os.environ if _READERS.fullmatch(name)]:
        del os.environ[name]
    os.environ[FILE_VARIABLE] = str(project / "environments" / EXAMPLE_FILE)
    return load_environment(project / "environments", environment)


class Deployment:
    """One environment of a project, on its way into the embedded AWS.

    Args:
        project: the folder of ``cdktf.json``.
        environment: the environment's name.
        embedded: the variables that lead to the embedded account, as ``EmbeddedAws.environment``.
        directory: where the synthesised output and the logs go.
        console: where the steps are told.
    """

    def __init__(
        self, project: Path, environment: str, *, embedded: Mapping[str, str], directory: Path, console: Console
    ) -> None:
        self._project = project
        self._environment = environment
        self._directory = directory
        self._console = console
        self._output = directory / "cdktf.out"
        self._variables = self._tools_and_contacts(embedded)
        self._lock = ["--skip-provider-lock"] if find_provider_mirror() else []
        directory.mkdir(parents=True, exist_ok=True)
        # of an earlier run, whose account is gone
        for leftovers in (self._output, directory / "bootstrap-state"):
            shutil.rmtree(leftovers, ignore_errors=True)

    @property
    def terraform(self) -> Terraform:
        """Terraform in the synthesised stack's folder."""
        return self.terraform_in(self._output / "stacks" / self._environment)

    def terraform_in(self, folder: Path) -> Terraform:
        """Terraform in another folder, on the same account."""
        return Terraform(folder, self._variables)

    def deploy(self) -> None:
        """From nothing: bootstrap the state bucket, then deploy the stack.

        Raises:
            DeploymentError: if a step fails; what had been deployed is named.
        """
        self.step("bootstrap state", ["scripts/bootstrap-state.sh", self._environment])
        self.cdktf("deploy", "--auto-approve")

    def cdktf(self, command: str, *options: str) -> str:
        """Run ``cdktf deploy``, ``diff`` or ``destroy`` on the environment's stack, and return what it printed."""
        return self.step(
            f"cdktf {command} {self._environment}",
            ["cdktf", command, self._environment, "--output", str(self._output), *options, *self._lock],
        )

    def deployed(self, stack: str | None = None) -> dict[str, int]:
        """How many resources of each Terraform type are in a stack's state; nothing where there is no state yet."""
        folder = self._output / "stacks" / (stack or self._environment)
        try:
            addresses = self.terraform_in(folder).state_list()
        except (TerraformError, OSError):
            return {}
        return dict(sorted(Counter(address.split(".")[0] for address in addresses).items()))

    def planned_changes(self) -> int:
        """How many changes another plan shows."""
        terraform = self.terraform
        terraform.init()
        return terraform.plan().changes

    def step(self, title: str, command: Sequence[str]) -> str:
        log = self._directory / f"{title.replace(' ', '-')}.log"
        with self._console.status(title), log.open("w") as file:
            try:
                done = subprocess.run(  # noqa: S603 - the project's own scripts and tools
                    self._found(command),
                    cwd=self._project,
                    env=self._variables,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            except OSError as error:
                raise DeploymentError(f"{title}: {command[0]} can't be run: {error.strerror}") from None
        printed = log.read_text(errors="replace")
        if done.returncode:
            last = [line for line in printed.splitlines() if line.strip()][-_LOG_TAIL_LINES:]
            raise DeploymentError(
                "\n".join(
                    [f"{title} failed (exit {done.returncode}); {log} has all of it:", *last, self._what_stands()]
                )
            )
        self._console.print(f"{title}: done")
        return printed

    def _found(self, command: Sequence[str]) -> list[str]:
        """The command with its program looked up on the run's own PATH, not the caller's."""
        return [shutil.which(command[0], path=self._variables["PATH"]) or command[0], *command[1:]]

    def _what_stands(self) -> str:
        lines = []
        for stack in (f"state-{self._environment}", self._environment):
            types = self.deployed(stack)
            named = ", ".join(f"{number} {type_}" for type_, number in types.items())
            lines.append(f"{stack}: {sum(types.values())} resources had been deployed{': ' if named else ''}{named}")
        return "\n".join([*lines, "all of it goes with the embedded AWS"])

    def _tools_and_contacts(self, embedded: Mapping[str, str]) -> dict[str, str]:
        tools = [str(Path(sys.executable).parent), str(self._project / "node_modules" / ".bin")]
        return cli_environment(
            {
                FILE_VARIABLE: str(self._project / "environments" / EXAMPLE_FILE),
                **embedded,
                "PATH": os.pathsep.join([*tools, embedded.get("PATH", os.defpath)]),
                "CDKTF_OUTDIR": str(self._output),
                "BOOTSTRAP_DIR": str(self._directory / "bootstrap-state"),
                # no colours, no spinners
                "CI": "1",
                "NO_COLOR": "1",
                "FORCE_COLOR": "0",
            }
        )
