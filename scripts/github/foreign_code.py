#!/usr/bin/env python3
"""Refuses synthesised output that could make Terraform run or read anything but the AWS provider while it plans.

A pull request's output comes from code that nobody has reviewed yet, and is planned with a role of AWS. A plan runs
providers, modules and external programs, and its expressions read files of the machine; this project's output has none
of these, so whatever is not known to be harmless is refused.

    scripts/github/foreign_code.py cdktf.out
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCKS = {
    "//",
    "check",
    "data",
    "locals",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
}
WITHIN = {"check": {"//", "assert"}, "moved": {"//", "from", "to"}, "removed": {"//", "from", "lifecycle"}}
"""What the blocks may hold that are neither resources nor data: a check could bring a data source along."""
BACKEND_SETTINGS = {"allowed_account_ids", "bucket", "encrypt", "key", "region", "use_lockfile"}
PROVIDER_SETTINGS = {"alias", "allowed_account_ids", "default_tags", "region"}
PROVIDER_SOURCES = {"aws", "hashicorp/aws"}
RUNS_PROGRAMS = {"connection", "provisioner"}
READS_FILES = re.compile(r"\b(file\w*|template\w+|abspath|pathexpand)\s*\(")
"""https://developer.hashicorp.com/terraform/language/functions#filesystem-functions"""


def faults(output: Path) -> Iterator[str]:
    """A line for each thing in the output that must not be planned."""
    stacks = sorted((output / "stacks").glob("*"))
    if not stacks:
        yield f"there is no stack in {output}"
    for stack in stacks:
        for path in stack.rglob("*"):
            inside = path.relative_to(stack)
            if path.is_symlink() or (path.is_file() and inside.parts[0] != "assets" and str(inside) != "cdk.tf.json"):
                yield f"{stack.name}: {inside}: only cdk.tf.json and assets are expected"
        try:
            document = json.loads((stack / "cdk.tf.json").read_bytes())
        except (OSError, ValueError) as error:
            yield f"{stack.name}: cdk.tf.json can't be read: {error}"
            continue
        try:
            yield from [f"{stack.name}: {fault}" for fault in _faults_of(document)]
        except (AttributeError, TypeError) as error:
            yield f"{stack.name}: cdk.tf.json is not in the form that is synthesised: {error}"


def _faults_of(document: dict[str, Any]) -> Iterator[str]:
    for block in sorted(document.keys() - BLOCKS):
        yield f"the block {block} is not expected"
    for setting in sorted(document.get("terraform", {}).keys() - {"backend", "required_providers"}):
        yield f"terraform.{setting} is not expected"
    for backend, settings in sorted(document.get("terraform", {}).get("backend", {}).items()):
        if backend != "s3":
            yield f"the backend {backend} is not expected"
        for setting in sorted(settings.keys() - BACKEND_SETTINGS):
            yield f"the backend's {setting} is not expected"
    for name, provider in document.get("terraform", {}).get("required_providers", {}).items():
        if name != "aws" or provider.get("source") not in PROVIDER_SOURCES:
            yield f"the provider {provider.get('source', name)} is not expected"
    for name, configured in document.get("provider", {}).items():
        settings = {setting for one in configured for setting in one}
        if name != "aws" or settings - PROVIDER_SETTINGS:
            yield f"provider.{name}: {', '.join(sorted(settings - PROVIDER_SETTINGS)) or name} is not expected"
    for name, body in _named(document.get("check", {})):
        yield from (f"check.{name}: {key} is not expected" for key in sorted(body.keys() - WITHIN["check"]))
    for block in ("moved", "removed"):
        for body in _each(document.get(block, [])):
            yield from (f"{block}: {key} is not expected" for key in sorted(body.keys() - WITHIN[block]))
    for kind in ("resource", "data"):
        for types in _each(document.get(kind, {})):
            for type_, named in types.items():
                if not type_.startswith("aws_"):
                    yield f"{kind}.{type_} is not of the AWS provider"
                for name, body in _named(named):
                    yield from (f"{type_}.{name}: {key} runs programs" for key in sorted(RUNS_PROGRAMS & body.keys()))
    for text in _texts(document):
        if ("${" in text or "%{" in text) and (found := READS_FILES.search(text)):
            yield f"an expression reads files: {found[1]}"


def _each(value: Any) -> list[Any]:
    """JSON takes a list of blocks where it takes a block."""
    return value if isinstance(value, list) else [value]


def _named(blocks: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and body of each block that has a name."""
    for group in _each(blocks):
        for name, bodies in group.items():
            yield from ((name, body) for body in _each(bodies))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: foreign_code.py OUTPUT", file=sys.stderr)
        return 2
    found = list(faults(Path(arguments[0])))
    for fault in found:
        print(f"foreign-code: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
