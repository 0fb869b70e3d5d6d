"""Reads the commands of a page or a line as a shell would, and says what of them does not exist.

AWS's commands are held against botocore's own models, ours against the command line's, make's against the Makefile.
"""

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import botocore.loaders
import botocore.model
import click
import jmespath
import typer
from botocore import xform_name

from cloudtrail_monitoring.cli import app
from tests.conftest import PROJECT

# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html and, of commands whose answers come in
# pages, https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
GLOBAL_OPTIONS = frozenset(
    {
        "--cli-binary-format",
        "--cli-input-json",
        "--max-items",
        "--no-cli-pager",
        "--no-paginate",
        "--output",
        "--page-size",
        "--profile",
        "--query",
        "--region",
        "--starting-token",
    }
)
# What AWS's CLI adds to the services' own calls: needed options, other options, positional arguments.
# https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/validate-logs.html
# https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html
# https://docs.aws.amazon.com/cli/latest/reference/s3/
ADDED: Mapping[tuple[str, str], tuple[set[str], set[str], int]] = {
    ("cloudtrail", "validate-logs"): (
        {"--trail-arn", "--start-time"},
        {"--end-time", "--s3-bucket", "--s3-prefix", "--account-id", "--verbose"},
        0,
    ),
    ("logs", "tail"): (set(), {"--since", "--follow", "--format", "--filter-pattern"}, 1),
    ("s3", "cp"): (set(), {"--recursive", "--exclude", "--include"}, 2),
    ("s3", "ls"): (set(), {"--recursive"}, 1),
}
_SEPARATORS = frozenset({"|", "||", "&&", ";", "&"})
_REDIRECTIONS = frozenset({">", ">>", "<", "2>"})
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WITHIN = re.compile(r"\$\(((?:aws|cloudtrail-monitoring) [^()]+)\)")
_IN_TEXT = re.compile(r"`((?:make|cloudtrail-monitoring) [^`\n]+)`")


def shell_blocks(page: str) -> list[str]:
    """The blocks of a Markdown page that are marked as commands."""
    return [text for language, text in _FENCE.findall(page) if language in {"sh", "bash"}]


def commands_in_text(page: str) -> list[str]:
    """Our own commands that stand within sentences."""
    return _IN_TEXT.findall(_FENCE.sub("", page))


def commands(block: str) -> Iterator[list[str]]:
    """The words of each command of a block, those within ``$(...)`` too; comments and assignments left out."""
    pending = ""
    for line in block.replace("\\\n", " ").splitlines():
        pending = f"{pending}\n{line}" if pending else line
        try:
            words = _words(pending)
        except ValueError:  # a quotation goes on
            continue
        if words and words[-1] == "|":
            continue
        for inner in _WITHIN.findall(pending):
            yield from commands(inner)
        pending = ""
        command: list[str] = []
        for word in [*words, ";"]:
            if word not in _SEPARATORS:
                command.append(word)
            else:
                if command := _without_assignments(command):
                    yield command
                command = []
    assert not pending, f"this goes on where the block ends: {pending}"


def _words(line: str) -> list[str]:
    reader = shlex.shlex(line, posix=True, punctuation_chars="|;&<>")
    reader.whitespace_split = True
    return list(reader)


def _without_assignments(command: list[str]) -> list[str]:
    while command and re.match(r"[A-Za-z_]+=", command[0]):
        command = command[1:]
    ends = [position for position, word in enumerate(command) if word in _REDIRECTIONS]
    return command[: ends[0]] if ends else command


def fault(command: Sequence[str], *, is_mention: bool = False) -> str | None:
    """Why the command can't be run as it stands; None if it can, or is none of those we know.

    Args:
        command: its words.
        is_mention: it stands in a sentence, where a command may be called by its name alone.
    """
    match list(command):
        case ["aws", service, operation, *rest]:
            return _fault_of_aws(service, operation, rest)
        case ["cloudtrail-monitoring", *rest]:
            return _fault_of_ours(rest, is_mention=is_mention)
        case ["make", *rest]:
            wanted = [word for word in rest if "=" not in word and not word.startswith("-")]
            return next((f"make has no target {word}" for word in wanted if word not in make_targets()), None)
    return None


@cache
def make_targets() -> frozenset[str]:
    lines = re.findall(r"^([a-z][a-z -]*):(?!=)", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(word for line in lines for word in line.split())


def _fault_of_ours(words: Sequence[str], *, is_mention: bool) -> str | None:
    command: click.Command = typer.main.get_command(app)
    path, rest = ["cloudtrail-monitoring"], [re.sub(r"[….]{1,3}$", "", word) or "x" for word in words]
    while hasattr(command, "commands"):
        if not rest:
            return None
        known = command.commands.get(rest[0])
        if known is None:
            return f"{' '.join(path)} has no command {rest[0]}"
        path.append(rest.pop(0))
        command = known
    if is_mention and not rest:
        return None
    try:
        command.make_context(" ".join(path), rest)
    except Exception as error:  # typer brings a click of its own
        message = getattr(error, "message", None) or getattr(error, "format_message", lambda: None)()
        return f"{' '.join(path)}: {message or error}"
    return None


@cache
def _service(name: str) -> botocore.model.ServiceModel | None:
    loader = botocore.loaders.Loader()
    model = {"s3api": "s3"}.get(name, name)
    if model not in loader.list_available_services("service-2"):
        return None
    return botocore.model.ServiceModel(loader.load_service_model(model, "service-2"), model)


def call(service: str, operation: str) -> botocore.model.OperationModel | None:
    """The call behind a command of AWS's CLI."""
    model = _service(service)
    name = {xform_name(one, "-"): one for one in model.operation_names}.get(operation) if model else None
    return model.operation_model(name) if model and name else None


def options(words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The options with their values, and the words before the first of them."""
    found: dict[str, list[str]] = {}
    positional: list[str] = []
    values = positional
    for word in words:
        if word.startswith("--"):
            values = found.setdefault(word, [])
        else:
            values.append(word)
    return found, positional


def _fault_of_aws(service: str, operation: str, words: Sequence[str]) -> str | None:
    given, positional = options(words)
    if added := ADDED.get((service, operation)):
        needed, others, arguments = added
        return _fault_of_options(given, needed, needed | others) or (
            f"{arguments} arguments are needed" if len(positional) != arguments else None
        )
    model = call(service, operation)
    if model is None:
        return f"AWS has no {service} {operation}"
    shape = model.input_shape
    members = {f"--{xform_name(name, '-')}": (name, one) for name, one in shape.members.items()} if shape else {}
    needed = {option for option, (name, _) in members.items() if shape and name in shape.required_members}
    switches = {f"--no-{option[2:]}" for option, (_, one) in members.items() if one.type_name == "boolean"}
    problem = _fault_of_options(given, needed, set(members) | switches)
    if problem:
        return problem
    for option, values in given.items():
        if option in members:
            shape_of_option = members[option][1]
            problem = _fault_of_values(shape_of_option, values) or _fault_of_alias(shape_of_option, values)
            if problem:
                return f"{option}: {problem}"
    return None


def _fault_of_alias(shape: botocore.model.Shape, values: Sequence[str]) -> str | None:
    """Some of KMS's calls take a key by its alias, and some do not: the model says so in words."""
    is_alias = bool(values) and values[0].startswith("alias/")
    return "takes no alias" if is_alias and "alias" not in shape.documentation.lower() else None


def _fault_of_options(given: Mapping[str, list[str]], needed: set[str], known: set[str]) -> str | None:
    if unknown := sorted(given.keys() - known - GLOBAL_OPTIONS):
        return f"there is no option {', '.join(unknown)}"
    if missing := sorted(needed - given.keys()):
        return f"{', '.join(missing)} is needed"
    return None


def _fault_of_values(shape: botocore.model.Shape, values: Sequence[str]) -> str | None:
    if shape.type_name == "boolean":
        return None if values in ([], ["true"], ["false"]) else "takes no value"
    if not values:
        return "has no value"
    if shape.type_name == "list":
        return next((problem for value in values if (problem := _fault_of_values(shape.member, [value]))), None)
    if shape.type_name == "structure" and values[0].startswith("{"):
        return next((f"there is no {name}" for name in json.loads(values[0]) if name not in shape.members), None)
    if shape.type_name == "structure":
        for pair in values[0].split(","):
            name, equals, value = pair.partition("=")
            if not equals or name not in shape.members:
                return f"there is no {name}"
            if problem := _fault_of_values(shape.members[name], [value]):
                return problem
        return None
    allowed = getattr(shape, "enum", [])
    return f"{values[0]} is none of {', '.join(allowed)}" if allowed and values[0] not in allowed else None


def expanded(line: str) -> list[str]:
    """The words of a line as bash hands them to the program, with what ``$(...)`` prints in its place."""
    done = subprocess.run(
        ["bash", "-c", f"printed() {{ printf '%s\\0' \"$@\"; }}; printed {line}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\0")[:-1]


def ask(client: Callable[[str], Any], line: str) -> Any:
    """What AWS answers to a command of its CLI: the same call with the same arguments, ``--query`` applied."""
    _, service, operation, *words = expanded(line)
    model, (given, _) = call(service, operation), options(words)
    assert model is not None
    shapes = {f"--{xform_name(name, '-')}": (name, one) for name, one in model.input_shape.members.items()}
    arguments = {
        shapes[option][0]: _value(shapes[option][1], values) for option, values in given.items() if option in shapes
    }
    answer = getattr(client({"s3api": "s3"}.get(service, service)), xform_name(model.name))(**arguments)
    return jmespath.search(given["--query"][0], answer) if "--query" in given else answer


def _value(shape: botocore.model.Shape, values: Sequence[str]) -> Any:
    match shape.type_name:
        case "boolean":
            return values in ([], ["true"])
        case "integer" | "long":
            return int(values[0])
        case "list":
            return [_value(shape.member, [value]) for value in values]
        case "structure":
            pairs = (pair.split("=", 1) for pair in values[0].split(","))
            return {name: _value(shape.members[name], [value]) for name, value in pairs}
        case _:
            return values[0]
