"""Dependencies run one way: settings and detections, then constructs, then the stack, then ``main.py`` and the CLI."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT

MODULES = PROJECT / "modules"
PACKAGE = "cloudtrail_monitoring"
CDKTF = {"cdktf", "cdktf_cdktf_provider_aws", "constructs", "jsii"}
PARTITION_LITERAL = "arn:" + "aws:"

SOURCES = sorted((MODULES / PACKAGE).rglob("*.py"))
# Writes ARNs of accounts that do not exist, in the commercial partition as moto does.
EMULATION = MODULES / PACKAGE / "sandbox"


def module_name(path: Path) -> str:
    parts = path.relative_to(MODULES).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def from_module(path: Path, node: ast.ImportFrom) -> str:
    """The absolute name of what ``from … import`` imports from."""
    above: tuple[str, ...] = ()
    if node.level:
        package = path.relative_to(MODULES).parts[:-1]
        above = package[: len(package) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def imports(path: Path) -> Iterator[str]:
    """The modules a file imports, anywhere in it, except for type checkers alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = from_module(path, node)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in KNOWN)


KNOWN = {module_name(path) for path in SOURCES}
IMPORTS = {module_name(path): set(imports(path)) for path in SOURCES}


def is_below(module: str, *packages: str) -> bool:
    return any(module == f"{PACKAGE}.{one}" or module.startswith(f"{PACKAGE}.{one}.") for one in packages)


CONSTRUCTS = {
    module
    for module, imported in IMPORTS.items()
    if {name.split(".")[0] for name in imported} & CDKTF and not is_below(module, "app", "bindings")
}


def reachable(module: str) -> set[str]:
    """The modules of the package that an import of this one runs, itself included."""
    seen: set[str] = set()
    todo = [module]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo += IMPORTS[current] & KNOWN - {PACKAGE}
    return seen


def violations(who: set[str], forbidden: set[str]) -> list[str]:
    return sorted(
        f"{module} reaches {', '.join(found)}" for module in who if (found := sorted(reachable(module) & forbidden))
    )


def test_the_constructs_are_found() -> None:
    assert {
        f"{PACKAGE}.{name}" for name in ("archive.log_archive", "trail.audit_trail", "monitoring_stack")
    } <= CONSTRUCTS


def test_settings_and_detections_know_no_cdktf() -> None:
    pure = {
        module
        for module in IMPORTS
        if module.endswith("settings") or is_below(module, "detections", "environments", "location", "validation")
    }
    assert violations(pure, CONSTRUCTS) == []


def test_constructs_do_not_know_who_uses_them() -> None:
    users = {module for module in IMPORTS if is_below(module, "monitoring_stack", "app", "cli", "environments")}
    assert violations(CONSTRUCTS - users, users) == []


@pytest.mark.parametrize("part", ["governance", "sandbox", "simulation"])
def test_who_reads_the_output_never_constructs(part: str) -> None:
    readers = {module for module in IMPORTS if is_below(module, part)}
    assert readers
    assert violations(readers, CONSTRUCTS | {f"{PACKAGE}.app"}) == []


def test_constructs_know_of_governance_only_how_to_declare_waivers() -> None:
    other = {module for module in IMPORTS if is_below(module, "governance", "sandbox") and "waivers" not in module} - {
        f"{PACKAGE}.governance"
    }
    assert violations(CONSTRUCTS, other) == []


def test_only_the_sandbox_calls_aws() -> None:
    callers = {
        module for module, imported in IMPORTS.items() if {name.split(".")[0] for name in imported} & {"boto3", "moto"}
    }
    assert [module for module in sorted(callers) if not is_below(module, "sandbox", "responders")] == []


def test_what_runs_in_lambda_stands_alone() -> None:
    runtime = {module for module in IMPORTS if ".runtime" in module}
    for module in runtime:
        outside = {name for name in IMPORTS[module] if name.startswith(PACKAGE)} - runtime
        assert not outside, f"{module} imports {outside}"


def test_environments_hold_settings_only() -> None:
    for path in sorted((PROJECT / "environments").glob("*.py")):
        assert not {name for name in imports(path) if name in CONSTRUCTS or name.split(".")[0] in CDKTF}, path


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """The string literals of a file but its docstrings, which may show an example."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_no_literal_names_the_commercial_partition() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}"
        for path in (*SOURCES, *(PROJECT / "environments").glob("*.py"))
        if not path.is_relative_to(EMULATION)
        for line, value in literals(path)
        if PARTITION_LITERAL in value
    ]
    assert found == []


def test_every_file_opens_with_what_it_is_for() -> None:
    bare = [
        module_name(path)
        for path in SOURCES
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert bare == []


def test_names_of_the_package_load_when_they_are_used() -> None:
    program = (
        f"import {PACKAGE} as package\n"
        "for name in package.__all__: assert getattr(getattr(package, name), '__name__', name) == name, name\n"
        "try: package.Nothing\n"
        "except AttributeError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Nothing" in done.stdout
