"""What is deployed, read from the synthesised output: each filter with the alarm on its metric."""

from typing import Any

import pytest

from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.simulation.deployed_detections import DeployedDetection, patterns_by_id, read_detections
from tests.simulation.terraform_documents import LOG_GROUP, NAMESPACE, USER_CREATED, alarm, document, metric_filter
from tests.synthesised import Stack

TRAIL = {"trail": {"cloud_watch_logs_group_arn": "${aws_cloudwatch_log_group.trail.arn}:*"}}


def the_one(filters: list[dict[str, Any]], alarms: list[dict[str, Any]] | None = None) -> DeployedDetection:
    (detection,) = read_detections(document(filters, alarms)).detections
    return detection


def test_a_filter_is_a_detection_with_its_alarm_and_level() -> None:
    detection = the_one([metric_filter("user-created")], [alarm("user-created", "Medium")])
    assert (detection.id, detection.level, detection.alarm) == ("user-created", "Medium", "acme-user-created")
    assert detection.pattern.text == USER_CREATED
    assert (detection.filter_name, detection.log_group_name) == ("acme-user-created", LOG_GROUP)


def test_a_filter_without_an_alarm_has_no_level() -> None:
    detection = the_one([metric_filter("user-created")], [alarm("other")])
    assert (detection.level, detection.alarm, detection.condition) == (None, None, None)


def test_an_alarm_of_another_namespace_is_not_the_filters() -> None:
    assert the_one([metric_filter("one")], [alarm("one", namespace="Elsewhere")]).alarm is None


def test_an_alarm_on_metric_math_is_the_filters_too() -> None:
    counted = {"metric_name": "one", "namespace": NAMESPACE, "period": 60, "stat": "Sum"}
    math = alarm("one", metric_query=[
        {"id": "events", "metric": counted, "return_data": False},
        {"id": "closed", "expression": "events * 1", "label": "Outside business hours", "return_data": True},
    ])  # fmt: skip
    del math["metric_name"], math["namespace"], math["period"]
    detection = the_one([metric_filter("one")], [math])
    assert (detection.alarm, detection.condition) == ("acme-one", "outside business hours")


def test_filters_on_one_metric_share_its_id_and_alarm() -> None:
    part = metric_filter("long", name="acme-long-2", pattern='{ $.eventName = "DeleteUser" }')
    detections = read_detections(document([metric_filter("long"), part], [alarm("long")])).detections
    assert [(one.id, one.alarm, one.filter_name) for one in detections] == [
        ("long", "acme-long", "acme-long"),
        ("long", "acme-long", "acme-long-2"),
    ]
    assert [pattern.text for pattern in patterns_by_id(detections)["long"]] == [one.pattern.text for one in detections]


def test_the_loudest_of_several_alarms_stands_for_them() -> None:
    quiet, loud = alarm("one", "Low", alarm_name="quiet"), alarm("one", "High", alarm_name="loud")
    assert the_one([metric_filter("one")], [quiet, loud]).alarm == "loud"


def test_an_alarm_of_somebody_else_does_not_hide_the_detections_own() -> None:
    foreign = alarm("one", alarm_name="foreign", tags={"Level": "High"})
    assert the_one([metric_filter("one")], [foreign, alarm("one", "Low")]).alarm == "acme-one"


def test_an_alarm_without_tags_gives_no_level() -> None:
    untagged = alarm("one")
    del untagged["tags"]
    detection = the_one([metric_filter("one")], [untagged])
    assert (detection.alarm, detection.level) == ("acme-one", None)


def test_the_order_is_that_of_the_document() -> None:
    names = ["b", "a", "c"]
    found = read_detections(document([metric_filter(name) for name in names])).detections
    assert [one.id for one in found] == names


@pytest.mark.parametrize(
    ("written", "said"), [("$${aws:PrincipalTag/x}", "${aws:PrincipalTag/x}"), ("%%{x}", "%{x}"), ("50%", "50%")]
)
def test_terraforms_escapes_are_undone(written: str, said: str) -> None:
    assert the_one([metric_filter("one", f'{{ $.a = "{written}" }}')]).pattern.text == f'{{ $.a = "{said}" }}'


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ('{ $.a = "${aws_s3_bucket.logs.bucket}" }', "known only at apply"),
        ('{ $.a = "%{ if true }x%{ endif }" }', "known only at apply"),
        ("ERROR", "metric filter acme-odd is left out"),
        ("{ $.a = }", "metric filter acme-odd is left out"),
    ],
)
def test_a_pattern_that_cannot_be_run_is_named_and_the_rest_goes_on(pattern: str, why: str) -> None:
    deployed = read_detections(document([metric_filter("odd", pattern), metric_filter("good")]))
    assert [one.id for one in deployed.detections] == ["good"]
    assert len(deployed.left_out) == 1
    assert why in deployed.left_out[0]
    assert "\n" not in deployed.left_out[0]


def test_filters_on_a_log_group_that_no_trail_writes_are_left_out() -> None:
    foreign = metric_filter("foreign", log_group_name="${aws_cloudwatch_log_group.lambda.name}")
    deployed = read_detections(document([metric_filter("own"), foreign], aws_cloudtrail=TRAIL))
    assert [one.id for one in deployed.detections] == ["own"]
    assert "acme-foreign" in deployed.left_out[0]


@pytest.mark.parametrize("trail", [{}, {"trail": {"cloud_watch_logs_group_arn": "${data.x.y.arn}:*"}}])
def test_a_trail_elsewhere_leaves_no_filter_out(trail: dict[str, Any]) -> None:
    assert len(read_detections(document([metric_filter("one")], aws_cloudtrail=trail)).detections) == 1


@pytest.mark.parametrize(
    ("attributes", "condition"),
    [
        ({}, "any"),
        ({"threshold": 1, "comparison_operator": "GreaterThanOrEqualToThreshold"}, "any"),
        ({"threshold": 5, "period": 900}, "> 5 in 15 min"),
        ({"threshold": 10.0, "period": 3600}, "> 10 in 1 h"),
        ({"threshold": 2, "period": 86400}, "> 2 in 1 day"),
        ({"threshold": 2, "period": 90}, "> 2 in 90 s"),
        ({"evaluation_periods": 5, "datapoints_to_alarm": 1}, "any"),
        ({"evaluation_periods": 3}, "any, 3 times of 3"),
        (
            {
                "comparison_operator": "GreaterThanUpperThreshold",
                "threshold_metric_id": "band",
                "period": 900,
                "evaluation_periods": 3,
                "datapoints_to_alarm": 2,
            },
            "more than usual in 15 min, 2 times of 3",
        ),
        ({"comparison_operator": "NoSuchComparison"}, "by its own expression"),
    ],
)
def test_the_condition_says_when_the_alarm_fires(attributes: dict[str, Any], condition: str) -> None:
    assert the_one([metric_filter("one")], [alarm("one", **attributes)]).condition == condition


@pytest.mark.parametrize("nothing", [{}, {"resource": {}}, {"resource": {"aws_cloudwatch_log_metric_filter": {}}}])
def test_a_stack_without_filters_has_no_detections(nothing: dict[str, Any]) -> None:
    assert read_detections(nothing) == ((), ())


# R-ALM-1 to R-ALM-4
def test_every_environment_deploys_the_alarms_of_the_requirements(stack: Stack) -> None:
    deployed = read_detections(stack.document)
    assert deployed.left_out == ()
    conditions = {one.id: (one.level, one.condition) for one in deployed.detections}
    assert conditions["console-login-failures"] == ("Medium", "> 5 in 15 min")
    assert conditions["root-activity"] == ("High", "any")
    assert conditions["off-hours-iam-policy-change"] == ("High", "outside business hours")
    assert conditions["console-login-without-mfa"] == ("Medium", "any")


def test_every_filter_of_an_environment_is_read_and_has_an_alarm_and_a_level(stack: Stack) -> None:
    deployed = read_detections(stack.document).detections
    assert [one.filter_name for one in deployed] == [
        one["name"] for one in stack.all("aws_cloudwatch_log_metric_filter")
    ]
    assert [one.id for one in deployed if one.alarm is None or one.level not in set(Level)] == []
