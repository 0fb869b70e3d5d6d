"""Runs the real Checkov over synthesised stacks, sealed off, and gives every verdict its Terraform address.

Checkov sees copies in a directory of its own, so that no configuration file, environment variable or network answer
of the machine can change a verdict (https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html: ``.checkov.yaml``
of the scanned, working and home directory, ``CKV_SKIP_CHECK``, ``BC_API_KEY``). What the verdicts amount to is for
``scan`` to say.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHECKS_DIR = Path(__file__).parent / "checkov_checks"
"""This project's checks, for ``--external-checks-dir``."""
_FILE = "cdk.tf.json"
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
_BLOCKS = ("resource", "data")
_HEADER = re.compile(r'^(?P<indent> {2}| {4}| {6})"(?P<name>(?:[^"\\]|\\.)*)": \{')
_ERROR = re.compile(r"\[ERROR\s*\]\s+(?P<message>.*)")
_CRASH = re.compile(r"Failed to run check (?P<check>\S+) on /(?P<stack>[^/]+)/\S+?:(?P<element>\S+)$")
_TIMEOUT_SECONDS = 600


class ScanError(Exception):
    """The scan can't be done; ``str()`` is one line that says what to do."""


@dataclass(frozen=True)
class Stack:
    """A synthesised stack: its name, the document, and its resources and data sources by Terraform address.

    ``lines`` says on which line of the file each of them begins, from 1 on; it is empty for a file CDKTF did not lay
    out.
    """

    name: str
    document: Mapping[str, Any]
    elements: Mapping[str, Mapping[str, Any]]
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """One check on one resource."""

    stack: str
    address: str
    check_id: str
    title: str
    passed: bool
    details: tuple[str, ...] = ()
    guideline: str | None = None


@dataclass(frozen=True)
class CheckovReport:
    """What Checkov found, and what kept it from looking (``faults``, a line each)."""

    verdicts: tuple[Verdict, ...]
    faults: tuple[str, ...]


def parse_stack(name: str, text: str) -> Stack:
    """A stack from its ``cdk.tf.json``.

    Raises:
        ValueError: if it is not a JSON object.
    """
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    elements = {
        f"{prefix}{kind}.{id_}": body
        for block, prefix in (("resource", ""), ("data", "data."))
        for kind, bodies in document.get(block, {}).items()
        for id_, body in bodies.items()
    }
    return Stack(name, document, elements, {address: line for line, address in _addresses_by_line(text)})


def run_checkov(stacks: Sequence[Stack]) -> CheckovReport:
    """One run over all stacks, with Checkov's checks and this project's.

    Raises:
        ScanError: if Checkov is not installed or gives no report.
    """
    if find_spec("checkov") is None:
        raise ScanError("Checkov is not installed: pip install 'cloudtrail-monitoring[scan]'")
    if not stacks:
        return CheckovReport((), ())
    with tempfile.TemporaryDirectory(prefix="checkov-") as work:
        addresses: dict[tuple[str, int], str] = {}
        for stack in stacks:
            text = _scannable(stack)
            addresses.update({(stack.name, line): address for line, address in _addresses_by_line(text)})
            folder = Path(work, stack.name)
            folder.mkdir()
            (folder / _FILE).write_text(text, encoding="utf-8")
        done = _checkov(work)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip() or "it printed nothing").splitlines()[-1]
        raise ScanError(f"Checkov gave no report (exit status {done.returncode}): {last}") from None
    return _read(report, done.stderr, {stack.name: stack for stack in stacks}, addresses)


def _checkov(directory: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - Checkov of our own environment, no shell
            [
                *(sys.executable, "-I", "-m", "checkov.main"),
                *("--directory", "."),
                *("--framework", "terraform_json"),
                *("--external-checks-dir", str(CHECKS_DIR.resolve())),
                *("--output", "json"),
                *("--compact", "--skip-download"),
            ],
            cwd=directory,
            env=_environment(directory),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ScanError(f"Checkov did not finish within {_TIMEOUT_SECONDS} seconds") from None


def _environment(home: str) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed_on, "HOME": home, "USERPROFILE": home, "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"}


def _scannable(stack: Stack) -> str:
    """The stack as Checkov can read it: it fails to parse a file where ``required_version`` is a string.

    https://github.com/bridgecrewio/checkov/issues/7454
    """
    document = dict(stack.document)
    settings = document.get("terraform")
    if isinstance(settings, dict):
        document["terraform"] = {key: value for key, value in settings.items() if key != "required_version"}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _addresses_by_line(text: str) -> Iterator[tuple[int, str]]:
    """The line each resource and data source begins on: python checks report an id without its type, and the line."""
    block = kind = ""
    for number, line in enumerate(text.split("\n"), start=1):
        header = _HEADER.match(line)
        if not header:
            continue
        name = json.loads(f'"{header["name"]}"')
        match len(header["indent"]):
            case 2:
                block = name
            case 4:
                kind = name
            case _ if block in _BLOCKS:
                yield number, f"data.{kind}.{name}" if block == "data" else f"{kind}.{name}"


def _read(
    report: Any, log: str, stacks: Mapping[str, Stack], addresses: Mapping[tuple[str, int], str]
) -> CheckovReport:
    results = report.get("results", {}) if isinstance(report, dict) else {}
    verdicts = []
    for passed, key in ((True, "passed_checks"), (False, "failed_checks")):
        for record in results.get(key, ()):
            stack = record["file_path"].strip("/").split("/")[0]
            verdicts.append(
                Verdict(
                    stack=stack,
                    address=addresses.get((stack, record["file_line_range"][0]), record["resource"]),
                    check_id=record["check_id"],
                    title=record["check_name"],
                    passed=passed,
                    details=tuple(record.get("details") or ()),
                    guideline=record.get("guideline"),
                )
            )
    faults = [
        f"{Path(path).parent.name}: Checkov could not parse the stack" for path in results.get("parsing_errors", ())
    ]
    for message in (match["message"] for match in _ERROR.finditer(log)):
        crash = _CRASH.match(message.strip())
        if crash and crash["stack"] in stacks:
            verdicts.append(_crashed(crash["check"], stacks[crash["stack"]], crash["element"]))
        else:
            faults.append(f"Checkov: {message.strip()}")
    return CheckovReport(tuple(verdicts), tuple(faults))


def _crashed(check_id: str, stack: Stack, element: str) -> Verdict:
    """A check that raised on a resource: Checkov leaves it out of its report, which must not count as passed."""
    address = element if element in stack.elements else f"data.{element}"
    return Verdict(stack.name, address, check_id, "the check failed to run on this resource", passed=False)
