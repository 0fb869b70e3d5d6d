"""Saved queries as synthesised: which there are, where they stand, and that Logs Insights takes them (R-QRY-1)."""

from typing import Any

import pytest

import cloudtrail_monitoring as monitoring
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.sandbox.logs_insights import parse
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.conftest import ENVIRONMENTS
from tests.synthesised import Resource, Stack, synthesise

QUERY = "aws_cloudwatch_query_definition"
MOST_IN_A_REGION = 1000
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""


def queries(stack: Stack) -> dict[str, Resource]:
    return {str(one["name"]): one for one in stack.all(QUERY)}


def build(stack: Any, **changes: Any) -> Any:
    given = {
        "detections": (CATALOGUE["root-activity"],),
        "account_id": "333333333333",
        "prefix": "sample",
        "log_group_name": "everybodys-trail",
        **changes,
    }
    return monitoring.SavedQueries(stack, "queries", **given)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_query_is_one_to_logs_insights(environment: str, stacks: dict[str, Stack]) -> None:
    # R-QRY-1, R-QRY-2, R-QRY-3
    found = queries(stacks[environment])
    assert 0 < len(found) <= MOST_IN_A_REGION
    for name, one in found.items():
        assert parse(one["query_string"]), name
        assert len(name) <= 255


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_required_ones_stand_in_every_environment(
    environment: str, stacks: dict[str, Stack], environments: dict[str, MonitoringSettings]
) -> None:
    # R-QRY-1, R-QRY-2, R-QRY-3
    folder = f"{environments[environment].name_prefix}/requirements/"
    required = sorted(name.removeprefix(folder) for name in queries(stacks[environment]) if name.startswith(folder))
    assert required == [
        "R-QRY-1 IAM users made in the last 7 days",
        "R-QRY-2 failed console logins",
        "R-QRY-3 policies attached",
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_deployed_detection_has_one_or_a_reason(
    environment: str, stacks: dict[str, Stack], environments: dict[str, MonitoringSettings]
) -> None:
    settings = environments[environment]
    folder = f"{settings.name_prefix}/detections/"
    filed = {name.removeprefix(folder) for name in queries(stacks[environment]) if name.startswith(folder)}
    deployed = {f"{one.level.value}/{one.id}" for one in settings.deployed_detections}
    assert filed <= deployed
    assert {path.split("/")[1] for path in deployed - filed} == {"alarms-changed", "responders-switched"}


def test_each_asks_one_log_group_as_copies_would_count_twice(prod: Stack) -> None:
    # R-QRY-4
    trail = prod.one("aws_cloudwatch_log_group", name="CloudTrail/xyz-corp-audit-trail")
    categories = {
        "xyz-corp-audit/categories/changes in IAM": "CloudTrail/IAMEvents",
        "xyz-corp-audit/categories/console logins": "CloudTrail/ConsoleEvents",
    }
    for name, query in queries(prod).items():
        group = prod.one("aws_cloudwatch_log_group", name=categories[name]) if name in categories else trail
        assert query["log_group_names"] == [f"${{{group.address}.name}}"], name


def test_without_category_log_groups_nothing_asks_them() -> None:
    assert not any("/categories/" in name for name in queries(synthesise(build)))


def test_a_detection_that_insights_cannot_say_is_named_with_the_reason() -> None:
    made: list[Any] = []
    yours = CATALOGUE["alarms-changed"].model_copy(update={"id": "yours"})
    shipped = CATALOGUE["responders-switched"]
    stack = synthesise(lambda scope: made.append(build(scope, detections=(yours, shipped))))
    assert not any("/detections/" in name for name in queries(stack))
    assert list(made[0].not_expressible) == ["yours", "responders-switched"]
    (warning,) = (one for one in made[0].node.metadata if one.type == "@cdktf/warn")
    assert str(warning.data).startswith("yours has no saved query: $.requestParameters.alarmNames[*]")


def test_what_looks_like_a_template_of_terraform_is_none() -> None:
    one = CATALOGUE["root-activity"].model_copy(update={"pattern": '{ $.userAgent = "${x}" || $.userAgent = "%{y}" }'})
    query = queries(synthesise(lambda scope: build(scope, detections=(one,))))["sample/detections/High/root-activity"]
    assert '"$${x}", "%%{y}"' in query["query_string"]


@pytest.mark.parametrize(("characters", "taken"), [(255, True), (256, False)])
def test_a_name_has_255_characters_at_most(characters: int, taken: bool) -> None:
    longest = "/requirements/R-QRY-1 IAM users made in the last 7 days"
    prefix = "x" * (characters - len(longest))
    if taken:
        assert f"{prefix}{longest}" in queries(synthesise(lambda scope: build(scope, prefix=prefix)))
    else:
        with pytest.raises(SettingsError, match="too long for the name of a saved query: 255 at most"):
            synthesise(lambda scope: build(scope, prefix=prefix))


def test_another_level_moves_a_query_and_keeps_its_resource() -> None:
    def id_at(level: monitoring.Level) -> str:
        one = CATALOGUE["root-activity"].model_copy(update={"level": level})
        found = queries(synthesise(lambda scope: build(scope, detections=(one,))))
        return found[f"sample/detections/{level.value}/root-activity"].id

    assert id_at(monitoring.Level.HIGH) == id_at(monitoring.Level.LOW)
