"""docs/guard-rails.md and CODEOWNERS say what is so: parts, detections, GitHub's rules and the checks they require."""

import json
import re
from pathlib import PurePosixPath
from typing import Any

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.guard_rails.parts import parts
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.conftest import PROJECT

SECURITY = "@xyz-corp/security"


@pytest.fixture(scope="module")
def page() -> str:
    return (PROJECT / "docs" / "guard-rails.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ruleset(page: str) -> dict[str, Any]:
    """What the page applies with ``gh api``."""
    (body,) = re.findall(r"rulesets --input - <<'JSON'\n(.*?)\nJSON", page, re.DOTALL)
    parsed = json.loads(body)
    assert isinstance(parsed, dict)
    return parsed


def rule(ruleset: dict[str, Any], type_: str) -> dict[str, Any]:
    (found,) = [one for one in ruleset["rules"] if one["type"] == type_]
    return dict(found.get("parameters", {}))


def test_every_part_has_a_row(page: str, environments: dict[str, MonitoringSettings]) -> None:  # R-INT-2
    for part in parts(environments["prod"].protected_resources):
        assert f"\n| {part.title} |" in page, part.title


def test_detections_that_are_named_exist(page: str) -> None:
    tables = "\n".join(line for line in page.splitlines() if line.startswith("| "))
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", tables)) - {"main"}
    assert named
    assert named <= set(CATALOGUE), named - set(CATALOGUE)


def test_nobody_gets_past_the_rules_of_the_branch(ruleset: dict[str, Any]) -> None:  # R-INT-2
    assert ruleset["enforcement"] == "active"
    assert ruleset["bypass_actors"] == []
    review = rule(ruleset, "pull_request")
    for wanted in ("require_code_owner_review", "require_last_push_approval", "dismiss_stale_reviews_on_push"):
        assert review[wanted] is True, wanted
    assert review["required_approving_review_count"] >= 1
    rule(ruleset, "non_fast_forward")
    rule(ruleset, "deletion")


def test_required_checks_are_jobs_of_the_workflows(ruleset: dict[str, Any]) -> None:
    """A check that no workflow reports blocks every pull request for good."""
    workflows = [path.read_text(encoding="utf-8") for path in (PROJECT / ".github" / "workflows").glob("*.yml")]
    jobs = {name.strip() for text in workflows for name in re.findall(r"^    name: (.+)$", text, re.MULTILINE)}
    required = {one["context"] for one in rule(ruleset, "required_status_checks")["required_status_checks"]}
    assert required
    assert required <= jobs


def owners(path: str) -> list[str]:
    """Whose approval a change of a file needs: the last pattern that fits decides, as for GitHub."""
    found: list[str] = []
    for line in (PROJECT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern, *who = line.split()
            if pattern == "*" or f"/{path}" == pattern or (pattern.endswith("/") and f"/{path}".startswith(pattern)):
                found = who
    return found


@pytest.mark.parametrize(
    "path",
    [
        ".github/CODEOWNERS",
        ".github/workflows/deploy.yml",
        "environments/prod.py",
        "modules/cloudtrail_monitoring/settings.py",
        "scripts/lock.sh",
        "Makefile",
        "Pipfile.lock",
        "main.py",
        "docs/guard-rails.md",
        "docs/runbooks/alarms-changed.md",
    ],
)
def test_security_approves_what_becomes_infrastructure(path: str) -> None:  # R-INT-2
    assert owners(path) == [SECURITY]


def test_documentation_needs_no_more_than_platform() -> None:
    assert "@xyz-corp/platform" in owners("docs/tuning.md")


def test_owned_paths_exist() -> None:
    for line in (PROJECT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines():
        if line.startswith("/"):
            assert (PROJECT / PurePosixPath(line.split()[0].strip("/"))).exists(), line
