"""The folder of checks guards Terraform that people write by hand, and needs nothing of this package.

``hand_written`` holds the same system three times: it keeps each rule, breaks each rule, and leaves everything to
variables, of which nothing can be told. Every run has the package out of reach.
"""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES
from cloudtrail_monitoring.governance.checkov_run import CHECKS_DIR
from tests.governance.checkov_checks.checkov_process import run_checkov

HAND_WRITTEN = Path(__file__).parent / "hand_written"
Verdicts = dict[tuple[str, str], set[str]]


def verdicts_on(root: Path, *checks_from: str) -> Verdicts:
    """What each rule made of each directory."""
    found: Verdicts = {}
    for record in run_checkov(root, "terraform", *checks_from):
        folder = record["file_path"].split("/")[1]
        found.setdefault((folder, record["check_id"]), set()).add(record["check_result"]["result"])
    return found


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """One run over all directories."""
    root = tmp_path_factory.mktemp("hcl") / "all"
    shutil.copytree(HAND_WRITTEN, root)
    return verdicts_on(root)


@pytest.mark.parametrize("rule_id", RULES)
def test_hcl_that_keeps_a_rule_passes(rule_id: str, verdicts: Verdicts) -> None:
    # R-CMP-2
    assert verdicts.get(("kept", rule_id)) == {"PASSED"}


@pytest.mark.parametrize("rule_id", RULES)
def test_hcl_that_breaks_a_rule_fails(rule_id: str, verdicts: Verdicts) -> None:
    # R-CMP-2
    broken = verdicts.get(("broken", rule_id), set()) | verdicts.get(("broken_bare", rule_id), set())
    assert "FAILED" in broken


@pytest.mark.parametrize("rule_id", RULES)
def test_what_only_a_plan_can_tell_does_not_fail(rule_id: str, verdicts: Verdicts) -> None:
    # R-CMP-2
    assert "FAILED" not in verdicts.get(("unreadable", rule_id), set())


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A repository whose branch ``checks`` holds the folder and nothing else, as docs/checks.md publishes it."""
    repository = tmp_path / "published"
    shutil.copytree(CHECKS_DIR, repository, ignore=shutil.ignore_patterns("__pycache__"))
    git(repository, "init", "--quiet", "--initial-branch", "checks")
    git(repository, "config", "user.name", "test")
    git(repository, "config", "user.email", "test@example.com")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "checks")
    return repository


def test_checkov_takes_the_checks_from_a_git_branch(published: Path, tmp_path: Path) -> None:
    # R-CMP-2, R-DEL-4
    scanned = tmp_path / "scanned"
    shutil.copytree(HAND_WRITTEN / "broken_bare", scanned / "audit")

    found = verdicts_on(scanned, "--external-checks-git", f"{published.as_uri()}?ref=heads/checks")

    assert found["audit", "CKV_CTM_TRL_3"] == {"FAILED"}
    assert found["audit", "CKV2_CTM_ARC_3"] == {"FAILED"}
    assert not list(scanned.glob("*_checks")), "Checkov clones into the folder it scans, and tidies up"


@pytest.mark.parametrize(
    "file", sorted(CHECKS_DIR.rglob("*.py")), ids=lambda file: str(file.relative_to(CHECKS_DIR)).replace("/", ".")
)
def test_nothing_of_the_package_is_imported_at_run_time(file: Path) -> None:
    # R-CMP-2
    tree = ast.parse(file.read_text())
    within_the_package = {
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) in ("TYPE_CHECKING", "TYPE_CHECKING or __package__")
        for statement in branch.body
        for node in ast.walk(statement)
    }
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and node not in within_the_package
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }

    assert not [name for name in imported if name.split(".")[0] == "cloudtrail_monitoring"]


def test_file_names_collide_with_no_other_module() -> None:
    # Checkov makes each file a top-level module of its process
    names = {path.name for path in CHECKS_DIR.iterdir()} - {"__init__.py", "__pycache__"}
    assert all(name.startswith("ctm_") for name in names)
