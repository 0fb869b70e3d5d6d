"""The dashboard's page after a replay: what AWS's services would have published is there, at its own time."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloudtrail_monitoring.sandbox.alarm_evaluation import State, Transition, read_alarm
from cloudtrail_monitoring.sandbox.dashboard import ReplayWithDays, busiest_moment
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.simulation.records import RecordsError
from tests.sandbox.monitored_account import (
    LOG_GROUP,
    NAMESPACE,
    PREFIX,
    MonitoredAccount,
    arn,
    embedded_aws,
    monitored_account,
    record,
)
from tests.settings_samples import SAMPLE

SETTINGS = SAMPLE.model_copy(update={"name_prefix": PREFIX, "responders": None, "further_regions": ()})


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as running:
        yield running


@pytest.fixture
def account(aws: EmbeddedAws) -> MonitoredAccount:
    account = monitored_account(aws)
    account.filter("user-created", '{ $.eventName = "CreateUser" }')
    account.alarm("user-created")
    metrics = [[NAMESPACE, "user-created", {"label": "users"}]]
    volume = ["AWS/Logs", "IncomingLogEvents", "LogGroupName", LOG_GROUP, {"id": "calls", "label": "calls"}]
    band = [{"expression": "ANOMALY_DETECTION_BAND(calls, 2)", "id": "usual", "label": "usual"}]
    shared = {"region": "us-east-1", "stat": "Sum"}
    widgets = [
        {"type": "metric", "properties": {**shared, "view": "table", "period": 86400, "metrics": metrics}},
        {"type": "metric", "properties": {**shared, "view": "timeSeries", "period": 3600, "metrics": [volume, band]}},
        {"type": "alarm", "properties": {"alarms": [arn("cloudwatch", f"alarm:{PREFIX}-user-created")]}},
    ]
    body = json.dumps({"start": "-P7D", "widgets": widgets})
    aws.client("cloudwatch").put_dashboard(DashboardName=f"{PREFIX}-overview", DashboardBody=body)
    return account


def page(account: MonitoredAccount, folder: Path, *records: dict[str, object]) -> str:
    file = folder / "records.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in records))
    days = ReplayWithDays([file])
    text = days.page(account.aws, SETTINGS, days.replay(account.aws, SETTINGS))
    return html.unescape(text)


def test_metrics_alarms_and_the_volume_are_of_the_replay(account: MonitoredAccount, tmp_path: Path) -> None:
    text = page(account, tmp_path, record("09:20:00"), record("09:20:30"))
    # R-DSH-1
    assert re.search(r'<td>users</td><td class="number">\d+</td>', text)
    # R-DSH-4: a week of hours, in its band
    assert text.count('class="band"') == 1
    assert len(re.findall(r"[ML][\d.]+,[\d.]+", text.split('class="line"')[1].split("/>")[0])) > 100
    # R-DSH-5: as it stood when the alarm rang, although it is quiet by now
    assert "In alarm since 12 Mar 09:21" in text


def test_the_page_says_that_it_is_no_account(account: MonitoredAccount, tmp_path: Path) -> None:
    text = page(account, tmp_path, record("09:20:00"))
    assert "Embedded AWS with the environment sample as deployed; replayed records" in text
    assert "The days before the first replayed record are made up" in text
    assert "As it stood on 12 March 2026 at 09:21 UTC, when most alarms rang." in text


def test_an_alarm_that_is_not_judged_does_not_stand_as_ok(account: MonitoredAccount, tmp_path: Path) -> None:  # R-DSH-5
    cloudwatch = account.aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=f"{PREFIX}-dead-letters", Namespace="AWS/SQS", MetricName="ApproximateNumberOfMessagesVisible",
        Statistic="Maximum", Period=60, EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    alarms = [arn("cloudwatch", f"alarm:{PREFIX}-dead-letters")]
    body = json.dumps({"start": "-P7D", "widgets": [{"type": "alarm", "properties": {"alarms": alarms}}]})
    cloudwatch.put_dashboard(DashboardName=f"{PREFIX}-overview", DashboardBody=body)
    text = page(account, tmp_path, record("09:20:00"))
    assert "<span>dead-letters</span><small>Insufficient data</small>" in text
    assert "Not judged in a replay: a replay has none of AWS's own metrics (AWS/SQS)" in text


def test_where_no_alarm_rang_the_page_does_not_say_that_one_did(account: MonitoredAccount, tmp_path: Path) -> None:
    text = page(account, tmp_path, record("09:20:00", "ListUsers"))
    assert "As it stood on 12 March 2026 at 09:21 UTC, after the last record." in text


def test_without_records_there_is_nothing_to_replay(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(RecordsError):
        ReplayWithDays([tmp_path])


def change(name: str, minute: int, new: State) -> Transition:
    description = {
        "AlarmName": name, "AlarmArn": name, "Namespace": "Acme", "MetricName": name, "Statistic": "Sum", "Period": 60,
        "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "EvaluationPeriods": 1,
    }  # fmt: skip
    alarm = read_alarm(description)
    assert not isinstance(alarm, tuple)
    return Transition(alarm, moment(minute), "OK", new, "")


def moment(minute: int) -> datetime:
    return datetime(2026, 3, 12, 9, minute, tzinfo=UTC)


def test_the_busiest_moment_is_the_last_at_which_most_alarms_ring() -> None:
    changes = [
        change("a", 1, "ALARM"), change("b", 2, "ALARM"), change("a", 3, "OK"),
        change("c", 10, "ALARM"), change("b", 11, "OK"), change("c", 12, "OK"), change("a", 20, "ALARM"),
    ]  # fmt: skip
    assert busiest_moment(changes, moment(30)) == moment(10)


def test_without_an_alarm_the_last_record_s_minute_is_shown() -> None:
    assert busiest_moment([], moment(30).replace(second=12)) == moment(31)
