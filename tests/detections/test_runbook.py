"""The pages that are made from the catalogue: what their command shows of a record."""

import json
import re
import shutil
import subprocess

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.runbook import runbook
from cloudtrail_monitoring.detections.samples import read_samples


def shown(id_: str) -> list[list[str]]:
    """What the page's own jq makes of the records that the detection is for, a list of fields for each."""
    page = runbook(CATALOGUE[id_], log_group_name="trail", region="us-east-1")
    (program,) = re.findall(r"jq -r '(.*)'", page)
    records = "\n".join(json.dumps(one.event) for one in read_samples(id_) if one.matches)
    done = subprocess.run(["jq", "-r", program], input=records, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq, which the pages' commands use, is not installed")
class TestCommand:
    def test_a_call_is_shown_with_its_caller(self) -> None:
        for at, name, *_ in shown("user-deleted"):
            assert at.endswith("Z")
            assert name == "DeleteUser"

    # R-TRL-5
    def test_an_insight_is_shown_with_its_call_and_whoever_called_most(self) -> None:
        assert [fields[1:] for fields in shown("insight-error-rate")] == [
            ["GetUser", "arn:aws:iam::111122223333:user/dana", "us-east-1", "AccessDenied"],
            [
                "GetBucketLocation",
                "arn:aws:sts::111122223333:assumed-role/nightly-etl/run",
                "eu-central-1",
                "NoSuchBucket",
            ],
        ]
