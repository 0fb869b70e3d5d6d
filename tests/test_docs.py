"""The docs that are made from the code are fresh, and every alarm's runbook exists."""

import re
import subprocess
import sys

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.environments import load_environment
from cloudtrail_monitoring.governance.compliance.requirements import requirements
from cloudtrail_monitoring.observability.query_catalogue import saved_query_of
from tests.conftest import PROJECT


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/docs.py", "--check"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_detection_has_a_runbook_with_three_first_questions() -> None:
    # R-RSP-6
    for id_ in CATALOGUE:
        page = (PROJECT / "docs" / "runbooks" / f"{id_}.md").read_text(encoding="utf-8")
        assert all(f"\n{number}. " in page for number in (1, 2, 3)), id_
        assert "aws logs filter-log-events" in page, id_


def test_the_runbooks_of_prod_name_the_query_that_shows_the_same() -> None:
    # R-RSP-6
    prod = load_environment(PROJECT / "environments", "prod")
    for detection in prod.deployed_detections:
        page = (PROJECT / "docs" / "runbooks" / f"{detection.id}.md").read_text(encoding="utf-8")
        query = saved_query_of(detection, prod.name_prefix)
        assert (f"saved query `{query}`" if query else "There is no saved query") in page, detection.id


def test_readme_and_changelog_count_the_detections_there_are() -> None:
    number = len(load_environment(PROJECT / "environments", "prod").deployed_detections)
    assert f" {number} of them:" in (PROJECT / "README.md").read_text(encoding="utf-8")
    assert f"\n- {number} detections:" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


# R-CMP-1: none of these is built yet; whoever builds one takes it out
NOT_BUILT = {"R-INT-1", "R-HLT-1", "R-HLT-2"}


def test_every_requirement_has_a_resource_and_a_test_or_reads_not_met() -> None:
    # R-CMP-1
    page = (PROJECT / "docs" / "requirements.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(): [cell.strip() for cell in cells[2:-1]] for cells in table_rows(page)}
    assert list(rows) == list(requirements())
    for id_, (_, status, where, resources, tests) in rows.items():
        if id_ in NOT_BUILT:
            assert status.startswith("**not met**: not built"), id_
            continue
        assert status == "met", f"{id_}: {status}"
        assert where != "-", id_
        assert resources != "-", id_
        assert "](../tests/" in tests, id_


def table_rows(page: str) -> list[list[str]]:
    return [re.split(r"(?<!\\)\|", line) for line in page.splitlines() if line.startswith("| R-")]
