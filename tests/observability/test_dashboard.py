"""The synthesised dashboard: everything it draws is published, every alarm is on it, and CloudWatch takes it."""

import json
import re
from collections import Counter
from itertools import product

import pytest
from pydantic import TypeAdapter

from cloudtrail_monitoring.observability.body import DashboardName
from cloudtrail_monitoring.observability.panels import IAM_CHANGES
from cloudtrail_monitoring.observability.settings import ObservabilitySettings
from cloudtrail_monitoring.responders.names import CONSOLE_EVENTS_LOG_GROUP
from cloudtrail_monitoring.responders.settings import RespondersSettings
from cloudtrail_monitoring.sandbox.logs_insights.syntax import parse
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.conftest import ENVIRONMENTS
from tests.observability.drawn import Drawn, body, drawn, expressions, ids, published, titled, widgets
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Stack, synthesise_monitoring

REASON = "Nobody looks at these here."
RESPONDERS = RespondersSettings(enhanced_logging=None)


@pytest.fixture(scope="module")
def sample() -> Stack:
    return synthesise_monitoring(SAMPLE)


def unpublished(stack: Stack) -> list[Drawn]:
    written = published(stack)
    return [one for chart in widgets(stack, "metric") for one in drawn(chart) if one not in written]


def test_every_metric_it_draws_has_a_publisher(stack: Stack) -> None:  # R-DSH-1 to R-DSH-4
    assert unpublished(stack) == []


@pytest.mark.parametrize(
    ("publisher", "metrics"),
    [
        ("aws_cloudwatch_log_metric_filter", {"console-login-with-mfa", "iam-user-changed", "api-call-errors"}),
        (
            "aws_lambda_function",
            {"LoginsByCountry", "ContainmentsBegun", "ContainmentsEnded", "IncidentsOpened", "OpenIncidents"},
        ),
        ("aws_scheduler_schedule", {"OpenIncidents"}),
        ("aws_cloudtrail", {"IncomingLogEvents"}),
    ],
)
def test_a_metric_without_its_publisher_is_found(publisher: str, metrics: set[str], prod: Stack) -> None:
    bare = Stack({**prod.document, "resource": {**prod.document["resource"], publisher: {}}})
    found = {one.name for one in unpublished(bare)}
    assert metrics <= found
    # and nothing else but what the filters count, which are many
    assert found == metrics or publisher == "aws_cloudwatch_log_metric_filter"


def alarm_arns(stack: Stack, settings: MonitoringSettings) -> set[str]:
    names = [one["alarm_name"] for one in stack.all("aws_cloudwatch_metric_alarm")]
    return {settings.location.arn("cloudwatch", f"alarm:{name}") for name in names}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alarm_is_shown_in_every_state(
    environment: str, stacks: dict[str, Stack], environments: dict[str, MonitoringSettings]
) -> None:  # R-DSH-5
    stack = stacks[environment]
    shown = [arn for one in titled(stack, "Alarms") for arn in one["alarms"]]
    assert len(shown) == len(set(shown))
    assert set(shown) == alarm_arns(stack, environments[environment])
    assert not [one for one in titled(stack, "Alarms") if "states" in one]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_is_red_stands_first_of_all_that_tells_somebody(
    environment: str, stacks: dict[str, Stack], environments: dict[str, MonitoringSettings]
) -> None:  # R-DSH-5
    stack, settings = stacks[environment], environments[environment]
    first = next(one["properties"] for one in body(stack)["widgets"] if one["type"] != "text")
    low = {f"{settings.name_prefix}-{one.id}" for one in settings.deployed_detections if one.level == "Low"}
    assert first["states"] == ["ALARM"]
    telling = {arn for arn in alarm_arns(stack, settings) if arn.rpartition(":")[2] not in low}
    assert set(first["alarms"]) == telling
    assert telling < alarm_arns(stack, settings)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_detection_is_counted_under_its_level(
    environment: str, stacks: dict[str, Stack], environments: dict[str, MonitoringSettings]
) -> None:  # R-DSH-5
    settings = environments[environment]
    for level in ("High", "Medium", "Low"):
        (table,) = titled(stacks[environment], f"Counted, {level}")
        counted = [one.name for one in drawn(table)]
        assert counted == [one.id for one in settings.deployed_detections if one.level == level]


def test_iam_changes_are_three_counts_a_day(stack: Stack) -> None:  # R-DSH-1
    (chart,) = titled(stack, "IAM changes")
    assert (chart["period"], chart["stat"]) == (86_400, "Sum")
    assert [one.name for one in drawn(chart)] == list(IAM_CHANGES)


def test_logins_by_country_are_found_by_their_dimension(prod: Stack) -> None:  # R-DSH-3
    (chart,) = titled(prod, "Console logins by country")
    assert list(drawn(chart)) == [Drawn("XyzCorp/CloudTrail/prod", "LoginsByCountry", (("Country", "*"),))]


def test_calls_are_drawn_in_the_band_of_their_alarm(stack: Stack) -> None:  # R-DSH-4
    banded = [one for one in widgets(stack, "metric") if any("BAND" in text for text in expressions(one).values())]
    assert [one.name for chart in banded for one in drawn(chart)] == ["IncomingLogEvents", "api-call-errors"]
    alarms = {}
    for one in stack.all("aws_cloudwatch_metric_alarm"):
        for query in one.get("metric_query") or []:
            if "BAND" in query.get("expression", ""):
                watched = next(each["metric"] for each in one["metric_query"] if "metric" in each)
                width = query["expression"].rpartition(",")[2]
                alarms[watched["metric_name"]] = (width, watched["period"], watched["stat"])
    for chart in banded:
        (metric,) = drawn(chart)
        (band,) = expressions(chart).values()
        assert alarms[metric.name] == (band.rpartition(",")[2], chart["period"], chart["stat"])


def test_ids_are_one_of_a_kind_and_begin_with_a_small_letter(stack: Stack) -> None:
    for chart in widgets(stack, "metric"):
        assert len(set(ids(chart))) == len(ids(chart))
        assert all(re.fullmatch(r"[a-z][A-Za-z0-9_]*", id_) for id_ in ids(chart))


def overlaps_and_holes(stack: Stack) -> list[tuple[int, int]]:
    """The cells of the grid, down to the last widget, in which there is not exactly one."""
    covered: Counter[tuple[int, int]] = Counter()
    for one in body(stack)["widgets"]:
        covered.update(
            (x, y) for x in range(one["x"], one["x"] + one["width"]) for y in range(one["y"], one["y"] + one["height"])
        )
    rows = 1 + max(y for _, y in covered)
    return [cell for cell in product(range(24), range(rows)) if covered.pop(cell, 0) != 1] + list(covered)


def test_it_is_within_cloudwatchs_limits(stack: Stack) -> None:
    # read from the output alone: what the models check is checked once more
    dashboard = body(stack)
    assert dashboard.keys() == {"start", "periodOverride", "widgets"}
    # a day is counted as a day, whatever range is looked at
    assert dashboard["periodOverride"] == "inherit"
    assert len(dashboard["widgets"]) <= 500
    assert sum(len(chart["metrics"]) for chart in widgets(stack, "metric")) <= 2500
    assert all(1 <= len(chart["metrics"]) <= 500 for chart in widgets(stack, "metric"))
    assert all(1 <= len(one["alarms"]) <= 100 for one in widgets(stack, "alarm"))
    assert overlaps_and_holes(stack) == []


def test_its_name_is_one_that_cloudwatch_takes(stack: Stack) -> None:
    name = stack.one("aws_cloudwatch_dashboard")["dashboard_name"]
    assert TypeAdapter(DashboardName).validate_python(name) == name
    assert stack.document["output"]["dashboard_url"]["value"].endswith(f"#dashboards/dashboard/{name}")


def test_it_names_no_references_which_a_plan_would_hide(stack: Stack) -> None:
    assert "${" not in stack.one("aws_cloudwatch_dashboard")["dashboard_body"]


def test_its_log_tables_can_be_run(stack: Stack) -> None:  # R-DSH-3
    groups = {one["name"] for one in stack.all("aws_cloudwatch_log_group")}
    for table in widgets(stack, "log"):
        source, _, query = table["query"].partition(" | ")
        assert source.removeprefix("SOURCE '").removesuffix("'") in groups
        assert parse(query)


def test_two_dashboards_of_the_same_are_the_same(sample: Stack) -> None:
    again = synthesise_monitoring(SAMPLE).one("aws_cloudwatch_dashboard")
    assert again["dashboard_body"] == sample.one("aws_cloudwatch_dashboard")["dashboard_body"]


def of(stack: Stack) -> str:
    return json.dumps(body(stack))


def test_without_responders_nothing_of_theirs_is_drawn(sample: Stack) -> None:
    theirs = ("Open incidents", "Containments", "Incidents", "Console logins by country")
    assert not [title for title in theirs if titled(sample, title)]
    assert CONSOLE_EVENTS_LOG_GROUP not in of(sample)
    assert unpublished(sample) == overlaps_and_holes(sample) == []


def test_without_a_country_database_there_is_no_map() -> None:
    stack = synthesise_monitoring(changed(SAMPLE, responders=RESPONDERS))
    assert titled(stack, "Open incidents")
    assert not titled(stack, "Console logins by country")
    assert unpublished(stack) == overlaps_and_holes(stack) == []


@pytest.mark.parametrize(
    ("disabled", "gone"),
    [
        (("console-login-failures",), "Console logins that succeed"),
        (("console-login-with-mfa",), "Logins of IAM users"),
        (("api-call-errors",), "api-call-errors, and"),
        (tuple(IAM_CHANGES), "IAM changes"),
        (("console-login-without-mfa", "console-login", *IAM_CHANGES), "Console logins that succeed"),
    ],
)
def test_a_disabled_detection_leaves_no_hole_and_no_metric(disabled: tuple[str, ...], gone: str, sample: Stack) -> None:
    assert titled(sample, gone)
    stack = synthesise_monitoring(changed(SAMPLE, disabled_detections=dict.fromkeys(disabled, REASON)))
    assert not titled(stack, gone)
    assert not [one for one in disabled if f'"{one}"' in of(stack)]
    assert unpublished(stack) == overlaps_and_holes(stack) == []


def test_one_of_the_iam_counts_may_be_missing() -> None:
    without = {"iam-role-changed": REASON}
    (chart,) = titled(synthesise_monitoring(changed(SAMPLE, disabled_detections=without)), "IAM changes")
    assert [one.name for one in drawn(chart)] == ["iam-user-changed", "off-hours-iam-policy-change"]


@pytest.mark.parametrize(
    ("region", "arn", "console"),
    [
        ("eu-central-1", "arn:aws:cloudwatch:eu-central-1:", "https://console.aws.amazon.com/"),
        ("us-gov-west-1", "arn:aws-us-gov:cloudwatch:us-gov-west-1:", "https://console.amazonaws-us-gov.com/"),
        ("cn-north-1", "arn:aws-cn:cloudwatch:cn-north-1:", "https://console.amazonaws.cn/"),
    ],
)
def test_another_region_and_partition(region: str, arn: str, console: str) -> None:
    stack = synthesise_monitoring(changed(SAMPLE, home_region=region))
    assert all(one.startswith(arn) for alarms in widgets(stack, "alarm") for one in alarms["alarms"])
    assert {one["region"] for type_ in ("metric", "log") for one in widgets(stack, type_)} == {region}
    assert stack.document["output"]["dashboard_url"]["value"].startswith(f"{console}cloudwatch/home?region={region}#")


def test_it_looks_back_as_far_as_is_set() -> None:
    settings = changed(SAMPLE, observability=ObservabilitySettings(days_shown=14))
    assert body(synthesise_monitoring(settings))["start"] == "-P14D"
