"""Alarms over datapoints, as CloudWatch judges them: windows, comparisons, missing data, metric math and its words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudtrail_monitoring.sandbox.alarm_evaluation import (
    Alarm,
    Course,
    Datapoint,
    Metric,
    NotEvaluated,
    Transition,
    follow,
    read_alarm,
)
from cloudtrail_monitoring.sandbox.metric_math import MetricMathError

METRIC = Metric("Acme", "logins")


def description(**fields: Any) -> dict[str, Any]:
    return {
        "AlarmName": "acme-logins",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:333333333333:alarm:acme-logins",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5.0,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "Namespace": "Acme",
        "MetricName": "logins",
        "Statistic": "Sum",
        "Period": 900,
        "Metrics": [],
        **fields,
    }


def alarm(**fields: Any) -> Alarm:
    found = read_alarm(description(**fields))
    assert isinstance(found, Alarm), found
    return found


def math_alarm(expression: str, **fields: Any) -> Alarm:
    stat = {"Metric": {"Namespace": "Acme", "MetricName": "logins"}, "Period": 60, "Stat": "Sum"}
    metrics = [
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        {"Id": "judged", "Expression": expression, "ReturnData": True},
    ]
    return alarm(Metrics=metrics, Threshold=0.0, **fields)


def at(clock: str) -> int:
    return int(datetime.fromisoformat(f"2026-03-12T{clock}+00:00").timestamp())


def course(judged: Alarm, *clocks: str, values: Sequence[float] = ()) -> Course:
    points = [
        Datapoint(at(clock), values[number] if values else 1.0, number) for number, clock in enumerate(sorted(clocks))
    ]
    return follow(judged, {METRIC: points})


def told(changes: Sequence[Transition]) -> list[str]:
    return [f"{change.at:%H:%M} {change.new}" for change in changes]


def test_more_than_the_threshold_within_the_period_alarms() -> None:  # R-ALM-1
    found = course(alarm(), *(f"02:0{minute}:30" for minute in range(1, 7)))
    assert told(found.transitions) == ["02:07 ALARM", "02:17 OK"]
    assert found.transitions[0].events == (0, 1, 2, 3, 4, 5)


def test_the_threshold_itself_does_not_alarm() -> None:  # R-ALM-1
    assert course(alarm(), *(f"02:0{minute}:30" for minute in range(1, 6))).transitions == []


def test_the_window_slides_over_the_quarter_hours() -> None:  # R-ALM-1
    found = course(alarm(), "02:10:00", "02:11:00", "02:14:00", "02:16:00", "02:20:00", "02:24:00")
    assert told(found.transitions)[0] == "02:25 ALARM"


def test_six_in_a_little_more_than_the_period_do_not_alarm() -> None:  # R-ALM-1
    found = course(alarm(), "02:10:00", "02:11:00", "02:14:00", "02:16:00", "02:20:00", "02:25:00")
    assert found.transitions == []


def test_an_event_that_keeps_the_alarm_ringing_belongs_to_it() -> None:
    found = course(alarm(Period=60, Threshold=0.0), "02:00:10", "02:01:10", "02:04:10")
    assert told(found.transitions) == ["02:01 ALARM", "02:03 OK", "02:05 ALARM", "02:06 OK"]
    assert [change.events for change in found.transitions if change.new == "ALARM"] == [(0,), (2,)]
    assert found.events == {0, 1, 2}


def test_the_reason_is_worded_as_cloudwatch_words_it() -> None:
    raised, calmed = course(alarm(Period=60, Threshold=0.0), "02:15:59").transitions
    assert raised.reason == (
        "Threshold Crossed: 1 datapoint [1.0 (12/03/26 02:15:00)] was greater than the threshold (0.0)."
    )
    assert calmed.reason == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as"
        " [NonBreaching]."
    )


def test_the_reason_of_an_m_out_of_n_alarm() -> None:
    judged = alarm(Period=60, Threshold=0.0, EvaluationPeriods=3, DatapointsToAlarm=2)
    raised, _ = course(judged, "02:15:00", "02:17:00").transitions
    assert raised.at == datetime(2026, 3, 12, 2, 18, tzinfo=UTC)
    assert raised.reason == (
        "Threshold Crossed: 2 out of the last 3 datapoints [1.0 (12/03/26 02:17:00), 1.0 (12/03/26 02:15:00)] were"
        " greater than the threshold (0.0) (minimum 2 datapoints for OK -> ALARM transition)."
    )


@pytest.mark.parametrize(
    ("operator", "rings"),
    [
        ("GreaterThanThreshold", False),
        ("GreaterThanOrEqualToThreshold", True),
        ("LessThanThreshold", False),
        ("LessThanOrEqualToThreshold", True),
    ],
)
def test_comparisons_at_the_threshold(operator: str, rings: bool) -> None:
    found = course(alarm(ComparisonOperator=operator, Threshold=1.0), "02:00:00")
    assert bool(found.events) is rings


def test_all_periods_must_breach_unless_fewer_are_named() -> None:
    judged = alarm(Period=60, Threshold=0.0, EvaluationPeriods=2)
    assert course(judged, "02:00:00", "02:02:00").transitions == []
    assert told(course(judged, "02:00:00", "02:01:00").transitions) == ["02:02 ALARM", "02:03 OK"]


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        ("notBreaching", ["OK to ALARM", "ALARM to OK"]),
        ("missing", ["INSUFFICIENT_DATA to ALARM", "ALARM to INSUFFICIENT_DATA"]),
        ("ignore", ["INSUFFICIENT_DATA to ALARM"]),
        ("breaching", []),
    ],
)
def test_what_silence_makes_of_an_alarm(treatment: str, expected: list[str]) -> None:
    found = course(alarm(Period=60, Threshold=0.0, TreatMissingData=treatment), "02:00:00")
    assert [f"{change.old} to {change.new}" for change in found.transitions] == expected


def test_breaching_silence_ends_while_there_is_data() -> None:
    judged = alarm(Period=60, Threshold=1.0, ComparisonOperator="LessThanThreshold", TreatMissingData="breaching")
    assert told(course(judged, "02:00:00").transitions) == ["02:01 OK", "02:02 ALARM"]


@pytest.mark.parametrize(
    ("statistic", "threshold", "rings"),
    [("Sum", 5.0, True), ("SampleCount", 2.0, False), ("Average", 2.9, True), ("Minimum", 2.0, False),
     ("Maximum", 3.5, True)],
)  # fmt: skip
def test_statistics(statistic: str, threshold: float, rings: bool) -> None:
    judged = alarm(Statistic=statistic, Threshold=threshold)
    assert bool(course(judged, "02:00:00", "02:00:10", values=(2.0, 4.0)).events) is rings


def test_metric_math_decides_by_the_time_of_the_datapoint() -> None:  # R-ALM-3
    judged = math_alarm("IF(HOUR(m1) < 8, m1, 0)")
    found = course(judged, "02:13:00", "12:30:00")
    assert told(found.transitions) == ["02:14 ALARM", "02:15 OK"]
    assert found.events == {0}


def test_a_fault_in_metric_math_names_the_alarm() -> None:
    with pytest.raises(MetricMathError, match=r"acme-logins: .*SEARCH"):
        course(math_alarm("SEARCH(m1)"), "02:00:00")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"ThresholdMetricId": "band", "ComparisonOperator": "GreaterThanUpperThreshold"}, "anomaly band"),
        ({"Statistic": None, "ExtendedStatistic": "p99"}, "the statistic p99 is not evaluated here"),
        ({"Period": 10}, "a period of 10 s is shorter"),
    ],
)
def test_an_alarm_that_cannot_be_judged_says_why(fields: dict[str, Any], why: str) -> None:  # R-ALM-5
    found = read_alarm(description(**fields))
    assert isinstance(found, NotEvaluated)
    assert why in found.why


def test_switched_off_actions_are_not_called() -> None:
    assert alarm(AlarmActions=["arn:aws:sns:us-east-1:333333333333:mail"], ActionsEnabled=False).actions("ALARM") == ()


def test_another_metric_is_not_looked_at() -> None:
    found = follow(alarm(Threshold=0.0), {Metric("Acme", "others"): [Datapoint(at("02:00:00"), 1.0, 0)]})
    assert (found.transitions, found.events) == ([], set())
