"""What AWS's services publish by themselves, put into the embedded CloudWatch and asked for there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudtrail_monitoring.sandbox.alarm_evaluation import Datapoint, Metric
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.embedded_metrics import Measured
from cloudtrail_monitoring.sandbox.metric_publishing import (
    MOST_METRICS,
    put_counted,
    put_incoming_events,
    put_measured,
)

AT = datetime(2026, 3, 9, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def cloudwatch() -> Iterator[Any]:
    with EmbeddedAws("333333333333", "us-east-1") as running:
        yield running.client("cloudwatch")


def values(client: Any, namespace: str, name: str, stat: str, end: timedelta, **dimensions: str) -> list[float]:
    named = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": named}
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": stat}}
    found = client.get_metric_data(
        MetricDataQueries=[query], StartTime=AT, EndTime=AT + end, ScanBy="TimestampAscending"
    )
    result: list[float] = found["MetricDataResults"][0]["Values"]
    return result


@pytest.mark.parametrize(("stat", "wanted"), [("Sum", [6, 5]), ("SampleCount", [2, 1]), ("Maximum", [4, 5])])
def test_what_filters_count_keeps_each_statistic(cloudwatch: Any, stat: str, wanted: list[float]) -> None:
    start = int(AT.timestamp())
    points = [Datapoint(start, 2.0, 0), Datapoint(start + 70, 4.0, 1), Datapoint(start + 301, 5.0, 2)]
    put_counted(cloudwatch, {Metric("Acme", f"counted-{stat}"): points})
    assert values(cloudwatch, "Acme", f"counted-{stat}", stat, timedelta(hours=1)) == wanted


# R-DSH-3
def test_what_functions_measure_has_its_dimension(cloudwatch: Any) -> None:
    logins = [Measured("Acme", "Logins", (("Country", country),), AT, 1.0) for country in ("AQ", "US", "US")]
    put_measured(cloudwatch, logins)
    assert values(cloudwatch, "Acme", "Logins", "Sum", timedelta(hours=1), Country="US") == [2]


# R-DSH-4
def test_events_that_come_in_are_counted_for_their_log_group(cloudwatch: Any) -> None:
    times = [AT + timedelta(minutes=minute) for minute in (0, 1, 4, 5)]
    put_incoming_events(cloudwatch, "trail", times)
    found = values(cloudwatch, "AWS/Logs", "IncomingLogEvents", "Sum", timedelta(hours=1), LogGroupName="trail")
    assert found == [3, 1]


def test_more_than_one_call_takes_is_put_in_several(cloudwatch: Any) -> None:
    periods = MOST_METRICS + 1
    put_incoming_events(cloudwatch, "busy", [AT + timedelta(minutes=5 * number) for number in range(periods)])
    end = timedelta(minutes=5 * periods)
    found = values(cloudwatch, "AWS/Logs", "IncomingLogEvents", "Sum", end, LogGroupName="busy")
    assert len(found) == periods
