"""`GetMetricData` in the embedded AWS: statistics by period, metric math, searches and bands, as CloudWatch does it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws

START = datetime(2026, 3, 9, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def cloudwatch() -> Iterator[Any]:
    with EmbeddedAws("333333333333", "us-east-1") as running:
        client = running.client("cloudwatch")
        for country, logins in (("US", 5), ("DE", 2)):
            put(client, "Logins", START, logins, Country=country)
        put(client, "Logins", START, 100)
        put(client, "Logins", START, 1000, Country="US", User="root")
        for value in (1, 3):
            put(client, "Calls", START + timedelta(minutes=1), value)
        put(client, "Calls", START + timedelta(minutes=6), 8)
        yield client


def put(client: Any, name: str, at: datetime, value: float, **dimensions: str) -> None:
    named = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    datum = {"MetricName": name, "Timestamp": at, "Value": value, "Dimensions": named}
    client.put_metric_data(Namespace="Acme", MetricData=[datum])


def metric(name: str, id_: str = "m1", stat: str = "Sum", period: int = 300, **query: Any) -> dict[str, Any]:
    named = {"Namespace": "Acme", "MetricName": name, "Dimensions": []}
    return {"Id": id_, "MetricStat": {"Metric": named, "Period": period, "Stat": stat}, **query}


def asked(client: Any, *queries: dict[str, Any], end: datetime = START + HOUR) -> list[tuple[str, list[float]]]:
    found = client.get_metric_data(
        MetricDataQueries=list(queries), StartTime=START, EndTime=end, ScanBy="TimestampAscending"
    )
    return [(result["Label"], result["Values"]) for result in found["MetricDataResults"]]


@pytest.mark.parametrize(
    ("stat", "values"),
    [
        ("Sum", [4, 8]),
        ("Average", [2, 8]),
        ("Minimum", [1, 8]),
        ("Maximum", [3, 8]),
        ("SampleCount", [2, 1]),
        ("p50", [1, 8]),
        ("p100", [3, 8]),
    ],
)
def test_a_period_without_data_has_no_value_and_the_others_their_statistic(
    cloudwatch: Any, stat: str, values: list[float]
) -> None:
    assert asked(cloudwatch, metric("Calls", stat=stat)) == [("Calls", values)]


def test_a_metric_without_dimensions_is_none_with_dimensions(cloudwatch: Any) -> None:
    assert asked(cloudwatch, metric("Logins")) == [("Logins", [100])]


def test_the_end_is_not_part_of_the_answer(cloudwatch: Any) -> None:
    assert asked(cloudwatch, metric("Calls"), end=START + timedelta(minutes=5)) == [("Calls", [4])]


def test_metric_math_reads_hidden_metrics(cloudwatch: Any) -> None:
    expression = {"Id": "e1", "Expression": "m1 * 2", "Label": "twice"}
    assert asked(cloudwatch, metric("Calls", ReturnData=False), expression) == [("twice", [8, 16])]


def test_a_search_finds_every_value_of_exactly_its_dimensions(cloudwatch: Any) -> None:
    search = """SEARCH('{"Acme",Country} MetricName="Logins"', 'Sum', 3600)"""
    assert asked(cloudwatch, {"Id": "e1", "Expression": search}) == [("DE", [2]), ("US", [5])]


def test_what_a_search_finds_can_be_added_up(cloudwatch: Any) -> None:
    total = """SUM(SEARCH('{Acme,Country} Logins', 'Sum', 3600))"""
    assert asked(cloudwatch, {"Id": "e1", "Expression": total, "Label": "all"}) == [("all", [7])]


@pytest.mark.parametrize("terms", ["Logouts", 'MetricName="logins"', 'MetricName="Login"', 'Country="us"'])
def test_a_search_that_finds_nothing_has_no_series(cloudwatch: Any, terms: str) -> None:
    # what stands in quotes is the whole name, in its own case
    assert asked(cloudwatch, {"Id": "e1", "Expression": f"SEARCH('{{Acme,Country}} {terms}', 'Sum', 3600)"}) == []


@pytest.mark.parametrize(
    "expression",
    [
        "SEARCH('{Acme,Country} a OR b', 'Sum', 3600)",
        "SEARCH('{Acme,Country} (a)', 'Sum', 3600)",
        "SEARCH('Logins', 'Sum', 3600)",
        "ANOMALY_DETECTION_BAND(unknown, 2)",
        "RATE(m1)",
    ],
)
def test_what_is_not_evaluated_here_is_refused_by_name(cloudwatch: Any, expression: str) -> None:
    with pytest.raises(ClientError, match=r"evaluated here|unknown function RATE|is none"):
        asked(cloudwatch, metric("Calls"), {"Id": "e1", "Expression": expression})


# R-DSH-4
def test_a_band_lies_around_the_mean_of_the_same_hour(cloudwatch: Any) -> None:
    for days, value in ((3, 10), (4, 14)):  # a Friday and a Thursday
        put(cloudwatch, "Volume", START - timedelta(days=days), value)
    put(cloudwatch, "Volume", START - timedelta(days=1), 1000)  # a Sunday says nothing of a Monday
    put(cloudwatch, "Volume", START - timedelta(days=17), 1000)  # nor a Friday of more than two weeks ago
    band = {"Id": "e1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "Label": "usual"}
    upper, lower = asked(cloudwatch, metric("Volume", period=3600), band)[1:]
    assert (upper, lower) == (("usual", [16]), ("usual", [8]))


def test_of_what_was_never_negative_the_band_is_not_either(cloudwatch: Any) -> None:
    for days, value in ((3, 0), (4, 10)):
        put(cloudwatch, "Spiky", START - timedelta(days=days), value)
    band = {"Id": "e1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "Label": "usual"}
    upper, lower = asked(cloudwatch, metric("Spiky", period=3600), band)[1:]
    assert (upper, lower) == (("usual", [15]), ("usual", [0]))
