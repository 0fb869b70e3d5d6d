"""Functions, queues, schedules, keys and messages: who invokes whom decides how often (R-CST-1)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from cloudtrail_monitoring.governance.cost.alerts import alert_usage
from cloudtrail_monitoring.governance.cost.functions import function_usage, invocations_a_day, times_a_day
from cloudtrail_monitoring.governance.cost.keys import key_usage
from cloudtrail_monitoring.governance.cost.trails import read_trails
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, Month, Usage
from tests.governance.cost.stacks import NOTHING, archive, stack, trail, volumes

BUSY = volumes(responder_events_a_day=1_000, alarms_a_day=7, home_share=0.75)
ROUTER = "${aws_lambda_function.router.arn}"


def charged(usages: Iterable[Usage]) -> dict[str, float]:
    """Quantities by price, without what is none."""
    found: dict[str, float] = defaultdict(float)
    for usage in usages:
        found[usage.price] += usage.quantity
    return {price: quantity for price, quantity in found.items() if quantity}


def function(**attributes: Any) -> dict[str, Any]:
    return {"aws_lambda_function": {"router": {"function_name": "router", "memory_size": 512, **attributes}}}


@pytest.mark.parametrize(
    ("resources", "times"),
    [
        ({}, 0),
        ({"aws_cloudwatch_log_subscription_filter": {"a": {"destination_arn": ROUTER}}}, 1_000),
        # an event comes on both paths
        ({"aws_lambda_event_source_mapping": {"a": {"function_name": ROUTER}}}, 2_000),
        (
            {"aws_scheduler_schedule": {"a": {"schedule_expression": "rate(1 hour)", "target": {"arn": ROUTER}}}},
            24,
        ),
        (
            {
                "aws_cloudwatch_event_target": {
                    "a": {"arn": ROUTER, "rule": "${aws_cloudwatch_event_rule.alarms.name}"},
                },
                "aws_cloudwatch_event_rule": {"alarms": {"event_pattern": '["CloudWatch Alarm State Change"]'}},
            },
            7,
        ),
        (
            {
                "aws_cloudwatch_event_target": {"a": {"arn": ROUTER, "rule": "nightly"}},
                "aws_cloudwatch_event_rule": {"a": {"name": "nightly", "schedule_expression": "rate(1 day)"}},
            },
            1,
        ),
        ({"aws_cloudwatch_event_target": {"a": {"arn": "${aws_sns_topic.router.arn}", "rule": "r"}}}, 0),
    ],
    ids=["nothing", "subscription", "queue", "schedule", "alarm rule", "timed rule", "another target"],
)
def test_who_invokes_a_function_decides_how_often_it_runs(resources: dict[str, Any], times: float) -> None:
    assert invocations_a_day(stack(**function(), **resources), BUSY) == {"router": times}


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("rate(5 minutes)", 288),
        ("rate(2 days)", 0.5),
        ("cron(0 3 * * ? *)", 1),
        ("cron(0/15 8-17 ? * MON-FRI *)", 40),
        ("cron(*/10,5 * * * ? *)", 7 * 24),
        ("at(2026-01-01T00:00:00)", 0),
    ],
)
def test_a_schedule_has_its_runs_a_day(expression: str, times: float) -> None:
    assert times_a_day(expression) == times


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_function_is_billed_by_runs_and_by_memory_and_time(architecture: str) -> None:
    document = stack(
        **function(architectures=[architecture], tracing_config={"mode": "Active"}),
        aws_cloudwatch_log_subscription_filter={"a": {"destination_arn": ROUTER}},
    )
    assert charged(function_usage(document, volumes(responder_events_a_day=1_000, function_seconds=2))) == {
        "lambda-request": pytest.approx(1_000 * DAYS_A_MONTH),
        f"lambda-duration-{architecture}": pytest.approx(1_000 * DAYS_A_MONTH * 2 * 0.5),
        "xray-trace": pytest.approx(1_000 * DAYS_A_MONTH),
    }


def test_a_queue_is_waited_on_when_it_is_empty() -> None:
    document = stack(**function(), aws_lambda_event_source_mapping={"a": {"function_name": ROUTER}})
    idle, busy = (charged(function_usage(document, one))["sqs-request"] / DAYS_A_MONTH for one in (NOTHING, BUSY))
    assert idle == pytest.approx(5 * 3 * 1_440)
    assert busy - idle == pytest.approx(2 * 1_000 * 3)


def test_events_of_other_regions_are_forwarded() -> None:
    targets = {"a": {"arn": "arn:aws:events:us-east-1:111111111111:event-bus/default", "provider": "aws.eu-north-1"}}
    found = charged(function_usage(stack(aws_cloudwatch_event_target=targets), BUSY))
    assert found == {"eventbridge-forwarded-event": pytest.approx(250 * DAYS_A_MONTH)}


@pytest.mark.parametrize(("month", "keys"), [(1, 2), (12, 2), (13, 3), (24, 3), (25, 4), (84, 4)])
def test_the_first_two_rotations_raise_the_price_of_a_key(month: int, keys: int) -> None:
    document = stack(aws_kms_key={"rotated": {"enable_key_rotation": True}, "plain": {}})
    assert charged(key_usage(document, (), NOTHING, Month(month))) == {"kms-key": keys}


def test_a_data_key_is_asked_for_with_each_log_file_but_not_with_digests() -> None:
    declared = volumes(management_writes_a_day=1e6, regions=1)
    audited = trail(kms_key_id="${aws_kms_key.trail.arn}", enable_log_file_validation=True)
    document = stack(audited, **archive(), aws_kms_key={"trail": {}})
    found = charged(key_usage(document, read_trails(document, declared), declared, Month(1)))
    assert found["kms-request"] == pytest.approx(288 * DAYS_A_MONTH)


def test_a_message_goes_to_each_subscription() -> None:
    protocols = {"a": "email", "b": "email", "c": "sms", "d": "https"}
    subscriptions = {name: {"protocol": protocol} for name, protocol in protocols.items()}
    document = stack(aws_sns_topic_subscription=subscriptions)
    assert charged(alert_usage(document, volumes(emails_a_day=10, sms_a_day=3))) == {
        "sns-email": pytest.approx(20 * DAYS_A_MONTH),
        "sns-sms": pytest.approx(3 * DAYS_A_MONTH),
    }
