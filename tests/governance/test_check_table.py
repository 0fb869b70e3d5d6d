"""The page of the checks says what the checks say, and no requirement is forgotten."""

import re
from pathlib import Path

import pytest

from cloudtrail_monitoring.governance.check_table import NOT_READ, with_tables
from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"
REQUIREMENTS = {"TRL": 7, "ARC": 8, "EVT": 12, "ALM": 6, "QRY": 4, "DSH": 5, "RSP": 6}
REQUIREMENTS |= {"CMP": 2, "INT": 4, "HLT": 2, "CST": 2, "DEL": 6}
IDS = [f"R-{family}-{number}" for family, last in REQUIREMENTS.items() for number in range(1, last + 1)]


def checked() -> set[str]:
    """Every requirement a rule names, alone or in a range."""
    found = set()
    for rule in RULES.values():
        family, first, last = re.fullmatch(r"R-([A-Z]+)-(\d+)(?: to R-\1-(\d+))?", rule.requirement).groups()
        found |= {f"R-{family}-{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def test_the_page_is_not_stale() -> None:
    # R-CMP-2
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "docs/checks.md is stale: run make docs"


@pytest.mark.parametrize("requirement", IDS)
def test_each_requirement_has_a_check_or_a_reason_why_not(requirement: str) -> None:
    # R-CMP-2
    assert requirement in checked() | NOT_READ.keys()


def test_no_requirement_has_both_or_is_made_up() -> None:
    # R-CMP-2
    assert not checked() & NOT_READ.keys()
    assert checked() | NOT_READ.keys() <= set(IDS)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_each_rule_explains_itself(rule: object) -> None:
    # R-CMP-2
    for text in (rule.why, rule.remedy):
        assert text.endswith(".")
        assert len(text) > 20
    assert rule.source.startswith("https://")
    assert rule.why in rule.guideline
    assert rule.remedy in rule.guideline


def test_a_page_without_marks_is_refused() -> None:
    # R-CMP-2
    with pytest.raises(ValueError, match="checks"):
        with_tables("# Checks\n")
