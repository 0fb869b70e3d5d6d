"""Runs Checkov with the folder of checks alone, as somebody does who has only that folder."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.governance.checkov_run import CHECKS_DIR


def run_checkov(directory: Path, framework: str) -> list[dict[str, Any]]:
    """Every record of this project's rules, passed and failed, over a directory."""
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-m", "checkov.main"),
            *("-d", ".", "--framework", framework, "--external-checks-dir", str(CHECKS_DIR)),
            *("-o", "json", "--compact", "--skip-download", "--check", "CKV*_CTM*"),
        ],
        cwd=directory,
        env={"PATH": "", "HOME": str(directory), "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "[ERROR]" not in done.stderr, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["parsing_errors"] == []
    return [*results["passed_checks"], *results["failed_checks"]]
