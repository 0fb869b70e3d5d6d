"""R-INT-2, R-DEL-3: real plans by real Terraform of changes to what is deployed, and what the review says of each."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from cloudtrail_monitoring.governance.plan_review.plan import Plan, parse_plan
from cloudtrail_monitoring.governance.plan_review.review import Review, Status, review
from tests.deployment.conftest import Deployed
from tests.deployment.prod.harmless import HARMLESS
from tests.deployment.prod.plan_changes import PlanChange, changed, in_waves
from tests.deployment.prod.weakenings import WEAKENINGS

MakePlan = Callable[[dict[str, Any]], Plan]


@pytest.fixture(scope="module")
def make_plan(prod: Deployed, tmp_path_factory: pytest.TempPathFactory) -> MakePlan:
    """Plan another document against what is deployed; nothing is refreshed, so that it takes seconds."""
    deployed = prod.deployment.terraform
    folder = tmp_path_factory.mktemp("plans") / "stack"
    shutil.copytree(deployed.working_dir, folder, symlinks=True)
    terraform = prod.deployment.terraform_in(folder)

    def make(document: dict[str, Any]) -> Plan:
        (folder / "cdk.tf.json").write_text(json.dumps(document))
        return parse_plan(terraform.plan("-refresh=false", "-lock=false").document)

    return make


@pytest.fixture(scope="module")
def document(prod: Deployed) -> dict[str, Any]:
    text = (prod.deployment.terraform.working_dir / "cdk.tf.json").read_text()
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def reviewed(
    changes: Sequence[PlanChange], document: dict[str, Any], make_plan: MakePlan
) -> Iterator[tuple[PlanChange, str, Review]]:
    """Each change with its address and the review of the plan it is in."""
    for wave in in_waves(changes):
        stack, addresses = changed(document, wave)
        found = review(make_plan(stack), environment="prod")
        for change in wave:
            yield change, addresses[change.name], found


@pytest.fixture(scope="module")
def weakened(document: dict[str, Any], make_plan: MakePlan) -> dict[str, tuple[str, Review]]:
    return {change.name: (address, found) for change, address, found in reviewed(WEAKENINGS, document, make_plan)}


@pytest.fixture(scope="module")
def harmless(document: dict[str, Any], make_plan: MakePlan) -> dict[str, tuple[str, Review]]:
    return {change.name: (address, found) for change, address, found in reviewed(HARMLESS, document, make_plan)}


# R-INT-2
@pytest.mark.parametrize("name", [change.name for change in WEAKENINGS])
def test_a_weakening_is_caught_at_its_resource(name: str, weakened: dict[str, tuple[str, Review]]) -> None:
    address, found = weakened[name]
    rules = {one.rule for one in found.weakenings if one.address == address}
    assert name.split(":")[0] in rules, found.weakenings
    assert found.status is Status.NEEDS_APPROVAL


# R-INT-2
@pytest.mark.parametrize("name", [change.name for change in HARMLESS])
def test_a_harmless_change_is_planned_and_not_flagged(name: str, harmless: dict[str, tuple[str, Review]]) -> None:
    address, found = harmless[name]
    assert address in {change.address for change in found.plan.changes if change.action.value != "no-op"}
    assert [one for one in found.weakenings if one.address == address] == []


# R-INT-2
def test_no_change_is_safe(document: dict[str, Any], make_plan: MakePlan) -> None:
    found = review(make_plan(document), environment="prod")
    assert (found.status, found.weakenings) == (Status.SAFE, ())


def test_there_are_enough_of_both() -> None:
    assert len(WEAKENINGS) >= 30
    assert len(HARMLESS) >= 30
    for changes in (WEAKENINGS, HARMLESS):
        assert len({change.name for change in changes}) == len(changes)


# R-INT-2
def test_what_was_changed_past_terraform_is_found_by_a_refresh_only_plan(prod: Deployed) -> None:
    cloudtrail, cloudwatch = prod.aws.client("cloudtrail"), prod.aws.client("cloudwatch")
    cloudtrail.stop_logging(Name="xyz-corp-audit-trail")
    cloudwatch.disable_alarm_actions(AlarmNames=["xyz-corp-audit-root-activity"])
    try:
        found = review(parse_plan(prod.deployment.terraform.plan("-refresh-only").document), environment="prod")
        put_back = review(parse_plan(prod.deployment.terraform.plan().document), environment="prod")
    finally:
        cloudtrail.start_logging(Name="xyz-corp-audit-trail")
        cloudwatch.enable_alarm_actions(AlarmNames=["xyz-corp-audit-root-activity"])
    assert found.status is Status.NEEDS_APPROVAL
    assert {(one.rule, one.is_drift) for one in found.weakenings} == {("trail-stopped", True), ("alarm-silenced", True)}
    assert put_back.status is Status.SAFE
    assert {one.rule for one in put_back.mended} == {"trail-stopped", "alarm-silenced"}


# R-INT-2
def test_an_account_that_is_as_written_has_not_drifted(prod: Deployed) -> None:
    found = review(parse_plan(prod.deployment.terraform.plan("-refresh-only").document), environment="prod")
    assert (found.status, found.weakenings, found.plan.drift) == (Status.SAFE, (), ())
