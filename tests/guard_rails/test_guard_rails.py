"""The construct: what is attached where, what is put out, and what is refused or warned of."""

import json
from typing import Any

import pytest

import cloudtrail_monitoring as monitoring
from cloudtrail_monitoring.guard_rails.settings import GuardRailsSettings
from cloudtrail_monitoring.trail.settings import TrailSettings
from tests.conftest import ENVIRONMENTS
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Stack, synthesise, synthesise_monitoring

TARGETS = ("ou-ab12-c3d4e5f6", "333333333333", "r-ab12")


def guard_rails(settings: GuardRailsSettings, **rest: Any) -> Stack:
    return synthesise(
        lambda stack: monitoring.GuardRails(stack, "guard", settings, ours=SAMPLE.protected_resources, **rest)
    )


@pytest.fixture(scope="module")
def attached() -> Stack:
    return guard_rails(GuardRailsSettings(organization_targets=TARGETS))


def test_the_policy_is_attached_to_every_target(attached: Stack) -> None:  # R-INT-2
    policy = attached.one("aws_organizations_policy", type="SERVICE_CONTROL_POLICY", name="sample-audit-guard-rail")
    attachments = attached.all("aws_organizations_policy_attachment")
    assert {one["target_id"] for one in attachments} == set(TARGETS)
    assert all(one.refers_to(policy, "policy_id") for one in attachments)
    assert json.loads(policy["content"])["Statement"][0]["Sid"] == "DenyChanges"


def test_without_a_target_nothing_of_the_organization_is_made() -> None:
    stack = guard_rails(GuardRailsSettings())
    assert not stack.all("aws_organizations_policy")
    assert not stack.all("aws_organizations_policy_attachment")


def test_without_a_target_the_policy_is_put_out(prod: Stack) -> None:  # R-INT-2
    outputs = prod.document["output"]
    assert json.loads(outputs["service_control_policy"]["value"])["Version"] == "2012-10-17"
    assert json.loads(outputs["permission_boundary"]["value"]) == prod.one("aws_iam_policy").policy()
    assert prod.one("aws_iam_policy").address in outputs["permission_boundary_arn"]["value"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_boundary_grants_nobody_anything(environment: str, stacks: dict[str, Stack]) -> None:
    # it allows all that it does not deny: as somebody's policy it would be an administrator's
    stack = stacks[environment]
    boundary = stack.by_path("guard-rails/permission-boundary")
    held_by = [
        other.address
        for other in stack.resources()
        if other.address != boundary.address and (boundary.address in str(other) or boundary["name"] in str(other))
    ]
    assert held_by == []


def test_with_a_target_it_is_not_put_out_as_well() -> None:
    settings = changed(SAMPLE, guard_rails=GuardRailsSettings(organization_targets=TARGETS[:1]))
    stack = synthesise_monitoring(settings)
    assert "service_control_policy" not in stack.document["output"]
    assert len(stack.all("aws_organizations_policy_attachment")) == 1
    assert not stack.warnings


def test_the_boundary_can_be_done_without() -> None:
    settings = changed(SAMPLE, guard_rails=GuardRailsSettings(permission_boundary=False))
    stack = synthesise_monitoring(settings)
    assert not stack.all("aws_iam_policy")
    assert not {"permission_boundary", "permission_boundary_arn"} & set(stack.document["output"])


def test_an_organizations_trail_is_warned_of(attached: Stack) -> None:
    """It lives in the management account, where no service control policy restricts anybody."""
    trail = TrailSettings(**{**dict(SAMPLE.trail), "organization_id": "o-a1b2c3d4e5"})
    (warning,) = synthesise_monitoring(changed(SAMPLE, trail=trail)).warnings
    assert "management account" in warning
    assert "permission boundary" in warning
    assert not attached.warnings


@pytest.mark.parametrize("target", ["ou-ab12", "o-a1b2c3d4e5", "33333333333", "r-AB12", "ou-ab12-c3d4e5f6/x", ""])
def test_what_is_no_target_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match=r"the id of a root \(r-\.\.\.\)"):
        GuardRailsSettings(organization_targets=(target,))


def test_a_target_stands_once() -> None:
    with pytest.raises(ValueError, match="r-ab12 stands more than once"):
        GuardRailsSettings(organization_targets=("r-ab12", "r-ab12"))
