"""Finds an environment's Terraform JSON in what `python main.py` wrote, and has it written where there is none yet.

An output older than the code it came from is used all the same, and that is said. What stands in the document is left
to its readers.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]
"""A synthesised stack: its `cdk.tf.json`."""

MANIFEST = "manifest.json"
_NOT_SYNTHESISED = ("volumes.toml",)
"""What only `report cost` reads."""
_METRIC_FILTER = "aws_cloudwatch_log_metric_filter"
_PACKAGE = Path(__file__).parents[1]
_NOT_FOUND = "{output}: no synthesised output: run `make synth`, or name its folder with --output"


class SynthesisedOutputError(ValueError):
    """There is no usable synthesised output; ``str()`` says why and what to do."""


def read_environment(project: Path, output: Path, environment: str, tell: Callable[[str], None]) -> Document:
    """The synthesised stack of one environment.

    Args:
        project: The folder of `cdktf.json`; where there is no output yet, its `app` is run.
        output: The folder of the synthesised output, relative to ``project``.
        environment: The stack's name, such as `prod`.
        tell: Called with a line for each thing worth knowing: that it synthesises, that the output may be stale.

    Raises:
        SynthesisedOutputError: There is no output and none can be made, it cannot be read, or it has no such
            environment: those there are get named.

    Example:
        >>> document = read_environment(Path(), Path("cdktf.out"), "prod", print)  # doctest: +SKIP
    """
    folder = project / output
    if not (folder / MANIFEST).is_file():
        _synthesise(project, folder, tell)
    elif newer := _newer_source(project, folder):
        tell(f"{folder} may be stale: {newer} is newer; refresh it with `make synth`")
    stacks = _json(folder / MANIFEST).get("stacks")
    if not isinstance(stacks, dict):
        raise SynthesisedOutputError(f"{folder / MANIFEST}: it lists no stacks; write it again with `make synth`")
    if environment not in stacks:
        raise SynthesisedOutputError(f"there is no environment {environment!r}; {_environments(folder, stacks)}")
    document = _stack(folder, stacks, environment)
    if not resources(document, _METRIC_FILTER):
        raise SynthesisedOutputError(f"{environment} has no metric filters; {_environments(folder, stacks)}")
    return document


def resources(document: Document, type_: str) -> dict[str, Mapping[str, Any]]:
    """The resource blocks of a Terraform type by their name, in the document's order."""
    declared = document.get("resource")
    blocks = declared.get(type_) if isinstance(declared, dict) else None
    return {name: block for name, block in (blocks or {}).items() if isinstance(block, dict)}


def _environments(folder: Path, stacks: Mapping[str, Any]) -> str:
    """The stacks that hold detections; the others are of no use here."""
    usable = [name for name in sorted(stacks) if resources(_stack(folder, stacks, name), _METRIC_FILTER)]
    return f"there are {', '.join(usable)}" if usable else "no stack of the output has any"


def _stack(folder: Path, stacks: Mapping[str, Any], name: str) -> Document:
    try:
        path = folder / stacks[name]["synthesizedStackPath"]
    except (KeyError, TypeError):
        raise SynthesisedOutputError(f"{folder / MANIFEST}: it has no synthesizedStackPath for {name}") from None
    return _json(path)


def _json(path: Path) -> Document:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise SynthesisedOutputError(f"{path}: {error.strerror or error}; write it again with `make synth`") from None
    except (ValueError, RecursionError):
        raise SynthesisedOutputError(f"{path}: broken JSON; write it again with `make synth`") from None
    if not isinstance(document, dict):
        raise SynthesisedOutputError(f"{path}: not a JSON object; write it again with `make synth`")
    return document


def _synthesise(project: Path, folder: Path, tell: Callable[[str], None]) -> None:
    configuration = project / "cdktf.json"
    # A folder of other things is not to be written into.
    if (folder.exists() and not (folder.is_dir() and _is_empty(folder))) or not configuration.is_file():
        raise SynthesisedOutputError(_NOT_FOUND.format(output=folder))
    app = _json(configuration).get("app")
    if not isinstance(app, str) or not app.strip():
        raise SynthesisedOutputError(f"{configuration}: it names no app to synthesise with")
    tell("no synthesised output yet: synthesising")
    try:
        done = subprocess.run(  # noqa: S603 - the project's own program, as the cdktf CLI runs it
            _command(app, project),
            cwd=project,
            env={**os.environ, "CDKTF_OUTDIR": str(folder.resolve())},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SynthesisedOutputError(f"`{app}` can't be run: {reason}; `make setup` sets up what it needs") from None
    if done.returncode:
        said = done.stderr.strip()
        raise SynthesisedOutputError(
            "\n".join([*([said] if said else []), f"`{app}` failed (exit {done.returncode}): nothing was synthesised"])
        )
    if not (folder / MANIFEST).is_file():
        raise SynthesisedOutputError(f"`{app}` wrote no {MANIFEST} into {folder}: CDKTF_OUTDIR says where")


def _is_empty(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None


def _command(app: str, project: Path) -> list[str]:
    """The words of the app's command; where its own Python is not set up, with the one that runs now."""
    program, *arguments = shlex.split(app)
    found = (project / program).exists() if "/" in program else shutil.which(program)
    return [program if found or not Path(program).name.startswith("python") else sys.executable, *arguments]


def _newer_source(project: Path, folder: Path) -> Path | None:
    """A source file that changed after the output was written."""
    written = (folder / MANIFEST).stat().st_mtime
    return next((path for path in _sources(project) if path.stat().st_mtime > written), None)


def _sources(project: Path) -> Iterator[Path]:
    for found in ((project / "environments").glob("*"), (project / "main.py",), _PACKAGE.rglob("*.py")):
        yield from sorted(
            path
            for path in found
            if path.suffix in (".py", ".toml") and path.name not in _NOT_SYNTHESISED and path.is_file()
        )
