"""Runs Checkov with the folder of checks alone, as somebody does who has only that folder."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.governance.checkov_run import CHECKS_DIR

# with the package out of reach: an import of it fails
_CHECKOV = (
    "import runpy, sys; sys.modules['cloudtrail_monitoring'] = None; "
    "runpy.run_module('checkov.main', run_name='__main__')"
)
_FROM_FOLDER = ("--external-checks-dir", str(CHECKS_DIR))


def run_checkov(directory: Path, framework: str, *checks_from: str) -> list[dict[str, Any]]:
    """Every record of this project's rules, passed and failed, over a directory.

    Args:
        directory: what is scanned.
        framework: ``terraform`` or ``terraform_json``.
        checks_from: Checkov's options that say where the checks are; by default the folder of this project.
    """
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-c", _CHECKOV),
            *("-d", ".", "--framework", framework, *(checks_from or _FROM_FOLDER)),
            *("-o", "json", "--compact", "--skip-download", "--check", "CKV*_CTM*"),
        ],
        cwd=directory,
        # git is needed for checks from a repository
        env={"PATH": os.environ["PATH"], "HOME": str(directory), "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "[ERROR]" not in done.stderr, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["parsing_errors"] == []
    return [*results["passed_checks"], *results["failed_checks"]]
