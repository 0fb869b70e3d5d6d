"""Saved queries, alone, by real Terraform into the embedded AWS: made, moved to another folder, gone (R-QRY-1)."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection, Level
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.logs_insights import run
from cloudtrail_monitoring.sandbox.terraform import PlanResult, Terraform
from tests.settings_samples import ACCOUNT, LOCATION
from tests.synthesised import synthesise

PROVIDER = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}},
    "provider": {"aws": {"region": LOCATION.region}},
}
ROOT = CATALOGUE["root-activity"]


class Seen(NamedTuple):
    queries: dict[str, dict[str, Any]]
    second_plan: PlanResult
    change: PlanResult
    changed: dict[str, dict[str, Any]]
    left: list[Any]


def write(folder: Path, detections: Sequence[Detection]) -> None:
    from cloudtrail_monitoring import SavedQueries

    def build(stack: Any) -> None:
        SavedQueries(
            stack,
            "queries",
            detections=detections,
            account_id=ACCOUNT,
            prefix="sample",
            log_group_name="CloudTrail/sample",
        )

    (folder / "cdk.tf.json").write_text(json.dumps({**synthesise(build).document, **PROVIDER}))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("queries")
    with EmbeddedAws(ACCOUNT, LOCATION.region) as aws:
        terraform, logs = Terraform(folder, aws.environment), aws.client("logs")

        def saved() -> dict[str, dict[str, Any]]:
            found = logs.describe_query_definitions(queryDefinitionNamePrefix="sample/")["queryDefinitions"]
            return {one["name"]: one for one in found}

        write(folder, [ROOT])
        terraform.init()
        terraform.apply()
        queries, second_plan = saved(), terraform.plan()
        write(folder, [ROOT.model_copy(update={"level": Level.LOW})])
        change = terraform.plan()
        terraform.apply()
        changed = saved()
        terraform.destroy()
        yield Seen(queries, second_plan, change, changed, logs.describe_query_definitions()["queryDefinitions"])


def test_they_ask_the_log_group_that_was_meant(seen: Seen) -> None:
    assert len(seen.queries) == 14
    assert {tuple(one["logGroupNames"]) for one in seen.queries.values()} == {("CloudTrail/sample",)}


def test_a_deployed_query_finds_what_its_detection_counts(seen: Seen) -> None:
    text = seen.queries["sample/detections/High/root-activity"]["queryString"]
    root, user = ({"userIdentity": {"type": kind}, "eventType": "AwsApiCall"} for kind in ("Root", "IAMUser"))
    assert len(run(text, [root, user])) == 1
    assert run(text, [user]) == []


def test_a_second_plan_changes_nothing(seen: Seen) -> None:
    assert seen.second_plan.changes == 0


def test_another_level_moves_the_query_in_place(seen: Seen) -> None:
    before = seen.queries["sample/detections/High/root-activity"]
    after = seen.changed["sample/detections/Low/root-activity"]
    assert seen.change.changes == 1
    assert len(seen.changed) == len(seen.queries)
    assert after["queryDefinitionId"] == before["queryDefinitionId"]


def test_nothing_is_left(seen: Seen) -> None:
    assert seen.left == []
