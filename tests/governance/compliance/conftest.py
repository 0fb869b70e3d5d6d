"""Prod's output as it is, and with protected health information named, so that all evidence but the unbuilt holds."""

import copy
from typing import Any

import pytest

from cloudtrail_monitoring.governance.compliance.assessment import Checks
from cloudtrail_monitoring.governance.scan import scan_stack
from tests.synthesised import Stack

PHI_SELECTOR = {
    "name": "PHI: S3 objects",
    "field_selector": [
        {"field": "eventCategory", "equals": ["Data"]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "resources.ARN", "starts_with": ["arn:aws:s3:::patients/"]},
    ],
}


@pytest.fixture(scope="session")
def complete(prod: Stack) -> dict[str, Any]:
    """Prod's document with a selector as ``phi_resources`` makes it."""
    document = copy.deepcopy(prod.document)
    for trail in document["resource"]["aws_cloudtrail"].values():
        if trail.get("enable_logging") is not False:
            trail["advanced_event_selector"].append(PHI_SELECTOR)
    return document


@pytest.fixture(scope="session")
def prod_checks(prod: Stack) -> Checks:
    """What the real Checkov says of prod."""
    return Checks(scan_stack("prod", prod.text), "prod")
