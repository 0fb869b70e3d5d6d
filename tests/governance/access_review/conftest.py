"""The synthesised stacks of each environment, as a review reads them, and reviews of changed ones."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.governance.access_review.callers import callers_of_output
from cloudtrail_monitoring.governance.access_review.review import Review, review_access
from cloudtrail_monitoring.governance.access_review.synthesised_parts import read_system
from cloudtrail_monitoring.settings import MonitoringSettings

AT = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)

Change = Callable[[dict[str, Any]], object]


class Synthesised:
    """One environment: its settings and its two stacks."""

    def __init__(self, output: Path, settings: MonitoringSettings) -> None:
        self.settings = settings
        self.documents = [
            json.loads((output / "stacks" / name / "cdk.tf.json").read_text(encoding="utf-8"))
            for name in (settings.environment, f"state-{settings.environment}")
        ]

    @cached_property
    def as_it_is(self) -> Review:
        return self.review(lambda _: None)

    def review(self, change: Change) -> Review:
        """The review of the output, after a change to the environment's stack."""
        documents = copy.deepcopy(self.documents)
        change(documents[0])
        system = read_system(self.settings, documents)
        return review_access(self.settings, system, callers_of_output(self.settings, system), at=AT)


@pytest.fixture(scope="session", params=["dev", "staging", "prod"])
def environment(
    request: pytest.FixtureRequest, synthesised_output: Path, environments: dict[str, MonitoringSettings]
) -> Synthesised:
    return Synthesised(synthesised_output, environments[request.param])


@pytest.fixture(scope="session")
def prod_review(synthesised_output: Path, environments: dict[str, MonitoringSettings]) -> Synthesised:
    return Synthesised(synthesised_output, environments["prod"])
