"""The examples of the README run as they stand."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_stack_of_ones_own_synthesises(tmp_path: Path) -> None:  # R-DEL-4
    subprocess.run(
        [sys.executable, "examples/own_stack.py"],
        cwd=ROOT,
        env={**os.environ, "CDKTF_OUTDIR": str(tmp_path)},
        check=True,
    )
    stack = json.loads((tmp_path / "stacks" / "audit" / "cdk.tf.json").read_text())
    assert {"aws_cloudtrail", "aws_s3_bucket_object_lock_configuration"} <= stack["resource"].keys()
