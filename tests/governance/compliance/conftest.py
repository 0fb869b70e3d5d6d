"""Prod's output as it is, and with protected health information named, so that all evidence but the unbuilt holds."""

from typing import Any

import pytest

from cloudtrail_monitoring.governance.compliance.assessment import Checks
from cloudtrail_monitoring.governance.scan import scan_stack
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.synthesised import Stack, synthesise_monitoring


@pytest.fixture(scope="session")
def complete(environments: dict[str, MonitoringSettings]) -> dict[str, Any]:
    """The document of prod with ``phi_resources``, synthesised."""
    prod = environments["prod"]
    trail = prod.trail.model_copy(update={"phi_resources": ("arn:aws:s3:::patients/",)})
    return synthesise_monitoring(prod.model_copy(update={"trail": trail})).document


@pytest.fixture(scope="session")
def prod_checks(prod: Stack) -> Checks:
    """What the real Checkov says of prod."""
    return Checks(scan_stack("prod", prod.text), "prod")
