"""Runs Terraform: finds it, gives it a CLI configuration of its own, and turns its failures into one readable message.

Where a provider mirror lies on this machine the AWS provider comes from there and the public registry is not asked;
elsewhere from the registry. Which account is reached is the caller's environment's business (see ``embedded_aws``).
"""

import atexit
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

MIRROR_VARIABLE = "CLOUDTRAIL_MONITORING_PROVIDER_MIRROR"
MINIMUM_VERSION = (1, 10)
"""The first Terraform whose S3 backend locks without DynamoDB.

See https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
"""

_REGISTRY = "registry.terraform.io"
_PROVIDER = f"{_REGISTRY}/hashicorp/aws"
_IMPLIED_MIRRORS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
_NOT_SEARCHED = {"node_modules", ".terraform", ".git", "__pycache__", "site-packages"}
_DEEPEST, _MOST_FOLDERS = 8, 40_000

# They change what a command does or where it looks, and come from another project's shell.
_FOREIGN = re.compile(r"TF_(CLI_ARGS(_.*)?|CLI_CONFIG_FILE|WORKSPACE|DATA_DIR|REATTACH_PROVIDERS|PLUGIN_CACHE_DIR)")
_OURS = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}

ProgressCallback = Callable[[str], None]


class TerraformError(RuntimeError):
    """Terraform can't be run or has failed; ``str()`` says why."""


class TerraformMissing(TerraformError):
    """There is no Terraform on the PATH, or one that is too old."""


class ProviderMirrorUnusable(TerraformError):
    """The mirror that the environment names has no AWS provider for this machine."""


class TerraformFailed(TerraformError):
    """A Terraform command ended in errors.

    ``str()`` is one line that names the command and its first errors; ``log`` is everything it wrote.
    """

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


@dataclass(frozen=True)
class PlanResult:
    """What a plan would change."""

    actions: Mapping[str, tuple[str, ...]]
    """Actions by address of each resource or output that changes, such as ``("delete", "create")``."""
    document: Mapping[str, Any]
    """The plan as ``terraform show -json`` prints it."""

    @property
    def changes(self) -> int:
        """The number of resources and outputs that would change; 0 when what is deployed is what is written."""
        return len(self.actions)


class Terraform:
    """Terraform in one working folder, with one environment.

    Args:
        working_dir: folder of the ``*.tf`` or ``*.tf.json`` files.
        environment: variables for Terraform, such as ``EmbeddedAws.environment``; ``TF_CLI_CONFIG_FILE`` and the like
            are replaced.
        progress: called with each line that Terraform prints, as it prints it.

    Raises:
        TerraformMissing: no Terraform on the environment's PATH, or older than 1.10.
        ProviderMirrorUnusable: ``CLOUDTRAIL_MONITORING_PROVIDER_MIRROR`` names a folder without the provider.

    >>> terraform = Terraform(Path("cdktf.out/stacks/prod"), aws.environment)  # doctest: +SKIP
    >>> terraform.init()  # doctest: +SKIP
    >>> terraform.apply()  # doctest: +SKIP
    """

    def __init__(
        self, working_dir: Path, environment: Mapping[str, str], *, progress: ProgressCallback | None = None
    ) -> None:
        self.working_dir = working_dir
        self._executable = _find_terraform(environment)
        self._environment = cli_environment(environment)
        self._progress = progress

    def init(self, *args: str) -> None:
        """Fetch the provider and connect the state backend, whose bucket must exist."""
        self._run("init", *args)

    def plan(self, *args: str) -> PlanResult:
        """Compare what is written with what is deployed."""
        with tempfile.TemporaryDirectory(prefix="terraform-plan-") as folder:
            file = str(Path(folder, "plan"))
            # 2: the plan has changes
            self._run("plan", "-detailed-exitcode", f"-out={file}", *args, succeeds=(0, 2))
            document = json.loads(self._ask("show", "-json", file))
        return PlanResult(dict(_planned_actions(document)), document)

    def apply(self, *args: str) -> None:
        """Deploy what is written, without asking."""
        self._run("apply", "-auto-approve", *args)

    def destroy(self, *args: str) -> None:
        """Delete what is deployed, without asking."""
        self._run("destroy", "-auto-approve", *args)

    def state_list(self) -> list[str]:
        """The addresses of all resources and data sources in the state."""
        return self._ask("state", "list").splitlines()

    def show_json(self) -> dict[str, Any]:
        """The state as ``terraform show -json`` prints it."""
        shown: dict[str, Any] = json.loads(self._ask("show", "-json"))
        return shown

    def output(self) -> dict[str, Any]:
        """The outputs by name, sensitive ones included."""
        return {name: entry["value"] for name, entry in json.loads(self._ask("output", "-json")).items()}

    def _run(self, command: str, *args: str, succeeds: tuple[int, ...] = (0,)) -> None:
        self._call([command, "-no-color", *args], self._progress, succeeds)

    def _ask(self, *args: str) -> str:
        return self._call([*args], None, (0,))

    def _call(self, args: list[str], progress: ProgressCallback | None, succeeds: tuple[int, ...]) -> str:
        process = subprocess.Popen(  # noqa: S603 - the executable is the one found, no shell
            [self._executable, *args],
            cwd=self.working_dir,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        assert process.stdout is not None  # noqa: S101 - for the type checker: both are pipes
        assert process.stderr is not None  # noqa: S101
        errors: list[str] = []
        reader = threading.Thread(target=_drain, args=(process.stderr, errors), daemon=True)
        reader.start()
        printed: list[str] = []
        try:
            for line in process.stdout:
                printed.append(line)
                if progress:
                    progress(line.rstrip("\n"))
            process.wait()
        except BaseException:
            # Terraform ends its running calls and writes the state before it goes
            process.terminate()
            process.wait()
            raise
        finally:
            reader.join()
            process.stdout.close()
            process.stderr.close()
        if process.returncode not in succeeds:
            log = "".join([*printed, *errors])
            raise TerraformFailed(f"terraform {args[0]} failed: {_summary(log, process.returncode)}", log)
        return "".join(printed)


def cli_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for Terraform, also when another tool starts it, such as ``cdktf deploy``.

    The CLI configuration is this module's own (of the caller's, whose file need not exist, nothing is read), no
    question is asked, and nobody is called home. With a mirror, ``cdktf deploy`` needs ``--skip-provider-lock``.

    Raises:
        ProviderMirrorUnusable: ``CLOUDTRAIL_MONITORING_PROVIDER_MIRROR`` names a folder without the provider.
    """
    kept = {name: value for name, value in environment.items() if not _FOREIGN.fullmatch(name)}
    mirror = find_provider_mirror(environment)
    cached = environment.get("TF_PLUGIN_CACHE_DIR", "")
    if mirror is None and Path(cached or os.devnull).is_dir():
        kept["TF_PLUGIN_CACHE_DIR"] = cached
    return {**kept, **_OURS, "TF_CLI_CONFIG_FILE": str(write_cli_config(_configuration_folder(mirror), mirror))}


def write_cli_config(directory: Path, mirror: Path | None) -> Path:
    """Write a Terraform CLI configuration into the folder, and return its path.

    Args:
        directory: an existing folder.
        mirror: where the AWS provider is taken from; None for the public registry.

    See https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
    """
    lines = ["disable_checkpoint = true"]
    if mirror is not None:
        # without the exclusion Terraform asks the registry too, and fails where there is no network
        path, provider = json.dumps(str(mirror)), json.dumps(_PROVIDER)
        lines += [
            "provider_installation {",
            f"  filesystem_mirror {{\n    path    = {path}\n    include = [{provider}]\n  }}",
            f"  direct {{\n    exclude = [{provider}]\n  }}",
            "}",
        ]
    file = directory / "terraform.tfrc"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def find_provider_mirror(environment: Mapping[str, str] | None = None) -> Path | None:
    """The folder of a provider mirror on this machine that has the AWS provider for it, or None.

    First what ``CLOUDTRAIL_MONITORING_PROVIDER_MIRROR`` names, then the folders that Terraform itself looks in, then a
    search of the file system: eight levels deep, once a process. Only providers that belong to this user or to the
    system, and that others can't write, are taken: they are programs, and will be run.

    Args:
        environment: where the variable is looked up; this process's own by default.

    Raises:
        ProviderMirrorUnusable: the variable names a folder without the provider.
    """
    named = (os.environ if environment is None else environment).get(MIRROR_VARIABLE)
    if not named:
        return _search_for_mirror()
    mirror = Path(named).expanduser().absolute()
    if not has_provider(mirror):
        raise ProviderMirrorUnusable(f"{MIRROR_VARIABLE}={named}: no {_PROVIDER} for {_platform()} in it")
    return mirror


def has_provider(mirror: Path) -> bool:
    """Whether the folder is a mirror, packed or unpacked, that has the AWS provider for this machine."""
    provider = mirror / _PROVIDER
    unpacked = provider.glob(f"*/{_platform()}/terraform-provider-aws*")
    packed = provider.glob(f"terraform-provider-aws_*_{_platform()}.zip")
    return any(_trusted(program) for candidates in (unpacked, packed) for program in candidates)


def missing_for_deployment() -> str | None:
    """Why nothing can be deployed from here, in one line, or None if Terraform and the provider can be had."""
    try:
        _find_terraform(os.environ)
        if find_provider_mirror() is None and not _registry_answers():
            return f"no mirror of {_PROVIDER} found (set {MIRROR_VARIABLE}), and the registry does not answer"
    except TerraformError as error:
        return str(error)
    return None


@cache
def _search_for_mirror() -> Path | None:
    candidates = [Path(place).expanduser() for place in _IMPLIED_MIRRORS]
    return next((mirror for mirror in (*candidates, *_folders_with_registry()) if has_provider(mirror)), None)


def _folders_with_registry() -> Iterator[Path]:
    """Folders that hold one named after the registry, nearest to the root first, within bounds."""
    root = Path(os.sep).resolve()
    # what lies in the temporary folder is nobody's mirror: tests and downloads leave such things
    skipped = {str(root / name) for name in ("proc", "sys", "dev", "run")} | {tempfile.gettempdir()}
    waiting = deque([(str(root), 0)])
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        folder, depth = waiting.popleft()
        try:
            with os.scandir(folder) as entries:
                below = [e for e in entries if e.is_dir(follow_symlinks=False) and e.name not in _NOT_SEARCHED]
        except OSError:
            continue
        for entry in below:
            if entry.name == _REGISTRY:
                yield Path(folder)
            elif depth + 1 < _DEEPEST and entry.path not in skipped:
                waiting.append((entry.path, depth + 1))


def _trusted(program: Path) -> bool:
    try:
        status = program.stat()
    except OSError:
        return False
    if os.name == "nt":
        return True
    return status.st_uid in (0, os.geteuid()) and not status.st_mode & 0o002


def _platform() -> str:
    """This machine as the registry names it, such as ``linux_amd64``."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386"}.get(machine, machine)
    return f"{platform.system().lower()}_{architecture}"


@cache
def _configuration_folder(mirror: Path | None) -> Path:  # noqa: ARG001 - one folder a mirror
    """A folder of this process for a configuration file, removed when the process ends."""
    folder = tempfile.mkdtemp(prefix="terraform-cli-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _registry_answers() -> bool:
    try:
        with urllib.request.urlopen(f"https://{_REGISTRY}/.well-known/terraform.json", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _find_terraform(environment: Mapping[str, str]) -> str:
    wanted = ".".join(str(part) for part in MINIMUM_VERSION)
    executable = shutil.which("terraform", path=environment.get("PATH", os.defpath))
    if executable is None:
        raise TerraformMissing(f"Terraform {wanted} or newer is needed, and there is none on the PATH")
    found = _terraform_version(executable)
    if tuple(int(part) for part in found.split(".")[:2]) < MINIMUM_VERSION:
        raise TerraformMissing(f"Terraform {wanted} or newer is needed; {executable} is {found}")
    return executable


@cache
def _terraform_version(executable: str) -> str:
    # an empty configuration: the caller's may name a file that is not there
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, **_OURS}
    command = [executable, "version", "-json"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'"terraform_version":\s*"(\d+\.\d+\.\d+)', answer.stdout)
    if found is None:
        raise TerraformMissing(f"{executable} does not say its version: is it Terraform?")
    return found[1]


def _planned_actions(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    changes = [(entry["address"], entry["change"]) for entry in document.get("resource_changes", ())]
    changes += [(f"output.{name}", change) for name, change in document.get("output_changes", {}).items()]
    for address, change in changes:
        if change["actions"] not in (["no-op"], ["read"]):
            yield address, tuple(change["actions"])


def _drain(stream: IO[str], into: list[str]) -> None:
    into.extend(stream)


def _summary(log: str, exit_code: int) -> str:
    """The errors of a Terraform log in one line: what happened, to which resource, and the details."""
    plain = re.sub(r"^[╷│╵] ?", "", log, flags=re.MULTILINE)
    errors = []
    for block in re.split(r"^Error: ", plain, flags=re.MULTILINE)[1:]:
        text = re.split(r"^Warning: ", block, maxsplit=1, flags=re.MULTILINE)[0]
        address = re.search(r"^\s+with (\S+?),?$", text, re.MULTILINE)
        # the place in the generated file and its quoted line help nobody
        kept = re.sub(r"^\s+(with \S+,?|on .* line \d+.*:|\d+: .*)$", "", text, flags=re.MULTILINE)
        line = " ".join(kept.split())
        errors.append(f"{address[1]}: {line}" if address else line)
    if not errors:
        last = plain.strip().splitlines()[-1:]
        return last[0].strip() if last else f"exit code {exit_code}"
    more = f" (and {len(errors) - 3} more)" if len(errors) > 3 else ""
    return "; ".join(errors[:3]) + more
