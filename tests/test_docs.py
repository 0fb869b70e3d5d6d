"""The docs that are made from the code are fresh, and every alarm's runbook exists."""

import subprocess
import sys

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
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
