"""What the numbers and tables of the dashboard say: shares a day, evaluated; tables of logins over sample records."""

from collections.abc import Callable

import pytest

from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.detections.samples import read_samples
from cloudtrail_monitoring.observability.body import in_rows
from cloudtrail_monitoring.observability.metric_queries import Expression
from cloudtrail_monitoring.observability.monitored import A_DAY, Monitored, ShownAlarm
from cloudtrail_monitoring.observability.panels import (
    LATEST_LOGINS,
    RAREST_LOGINS,
    alarm_states,
    alarms_now,
    authentication,
    mfa,
    rows,
)
from cloudtrail_monitoring.observability.widgets import AlarmWidget, MetricWidget
from cloudtrail_monitoring.sandbox.logs_insights.run import run
from cloudtrail_monitoring.sandbox.metric_math import Series, evaluate
from tests.settings_samples import LOCATION

ALARMS = (ShownAlarm("acme-loud", Level.HIGH), ShownAlarm("acme-quiet", Level.LOW), ShownAlarm("acme-queue", None))
SHOWN = Monitored(
    location=LOCATION,
    prefix="acme",
    namespace="Acme/CloudTrail",
    detections=tuple(CATALOGUE.values()),
    alarms=ALARMS,
    log_group_name="CloudTrail/acme",
    runbook_url="https://runbooks.example.com",
    anomaly=AnomalySettings(),
    responders=None,
)


def share(chart: MetricWidget | None, **counted: dict[int, int]) -> Series:
    """The percentage of each day, by the day's number."""
    assert chart
    math = {one.id: one.expression for one in chart.metrics if isinstance(one, Expression)}
    series = {id_: {day * A_DAY: float(count) for day, count in days.items()} for id_, days in counted.items()}
    found = evaluate(math, series, "rate", times=range(0, 4 * A_DAY, A_DAY))
    return {at // A_DAY: value for at, value in found.items()}


class TestAuthentication:
    # R-DSH-2
    def test_is_the_share_of_logins_that_succeed(self) -> None:
        assert share(authentication(SHOWN), logins={0: 20, 1: 4}, failures={0: 5, 1: 4}) == {0: 75.0, 1: 0.0}

    def test_a_day_without_failures_is_whole(self) -> None:
        assert share(authentication(SHOWN), logins={0: 20, 1: 4}, failures={0: 5}) == {0: 75.0, 1: 100.0}

    def test_a_day_without_logins_has_no_share(self) -> None:
        assert share(authentication(SHOWN), logins={1: 4}, failures={}) == {1: 100.0}


@pytest.mark.parametrize("panel", [authentication, mfa])
def test_a_share_has_its_course_below_it(panel: Callable[[Monitored], MetricWidget | None]) -> None:  # R-DSH-2
    chart = panel(SHOWN)
    assert chart
    assert chart.properties()["sparkline"] is True


class TestMfa:
    # R-DSH-2
    def test_is_the_share_of_logins_with_mfa(self) -> None:
        assert share(mfa(SHOWN), with_mfa={0: 3, 1: 8}, without_mfa={0: 1, 1: 0}) == {0: 75.0, 1: 100.0}

    def test_none_with_mfa_is_nought_and_none_without_is_whole(self) -> None:
        assert share(mfa(SHOWN), with_mfa={1: 3}, without_mfa={0: 1}) == {0: 0.0, 1: 100.0}

    def test_a_day_without_logins_has_no_share(self) -> None:
        assert share(mfa(SHOWN), with_mfa={}, without_mfa={}) == {}


LOGINS = [
    {**sample.event, "eventTime": f"2026-03-0{day}T08:00:00Z", "eventID": f"{day}-{number}"}
    for day in (1, 2)
    for number, sample in enumerate((*read_samples("console-login-with-mfa"), *read_samples("user-created")))
]


def test_the_latest_logins_tell_who_from_where_with_what_and_how_it_went() -> None:  # R-DSH-3
    found = run(LATEST_LOGINS, LOGINS)
    names = {event["eventTime"][:10] for event in LOGINS if event["eventName"] == "ConsoleLogin"}
    assert {row["time"][:10] for row in found} == names
    assert all(row.keys() >= {"time", "who", "address", "region", "result"} for row in found)
    assert {"Yes", "YES", "No"} == {row["mfa"] for row in found if "mfa" in row}
    assert {"Success", "Failure"} == {row["result"] for row in found}
    assert [row["time"] for row in found] == sorted((row["time"] for row in found), reverse=True)
    assert {"alice", "arn:aws:iam::111122223333:root"} <= {row["who"] for row in found}


def test_who_came_only_once_from_somewhere_stands_on_top() -> None:  # R-DSH-3
    abroad = {**LOGINS[0], "sourceIPAddress": "198.51.100.77", "eventTime": "2026-03-03T08:00:00Z", "eventID": "abroad"}
    first, *others = run(RAREST_LOGINS, [*LOGINS, abroad])
    assert (first["address"], first["logins"]) == ("198.51.100.77", "1")
    assert others
    assert all(int(row["logins"]) >= 2 for row in others)


def test_a_failed_login_is_no_login_from_somewhere() -> None:
    failed = [event for event in LOGINS if (event["responseElements"] or {}).get("ConsoleLogin") == "Failure"]
    assert failed
    assert run(RAREST_LOGINS, failed) == []


def alarm_widgets(shown: Monitored) -> dict[str, AlarmWidget]:
    found = [one for row in (*alarms_now(shown), *alarm_states(shown)) for one in row.widgets if one]
    return {one.title: one for one in found if isinstance(one, AlarmWidget)}


def test_alarms_stand_by_level_and_the_systems_own_apart() -> None:  # R-DSH-5
    found = {title: [arn.rpartition(":")[2] for arn in one.alarms] for title, one in alarm_widgets(SHOWN).items()}
    assert found == {
        "In alarm now": ["acme-loud", "acme-queue"],
        "Alarms, High": ["acme-loud"],
        "Alarms, Low": ["acme-quiet"],
        "Alarms on this system itself": ["acme-queue"],
    }


@pytest.mark.parametrize(("count", "parts"), [(100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_more_alarms_than_a_widget_takes_go_into_more_widgets(count: int, parts: list[int]) -> None:  # R-DSH-5
    alarms = [ShownAlarm(f"acme-{number}", Level.HIGH) for number in range(count)]
    found = alarm_widgets(SHOWN._replace(alarms=alarms))
    for title in ("In alarm now", "Alarms, High"):
        of_title = [one for name, one in found.items() if name.startswith(title)]
        assert [len(one.alarms) for one in of_title] == parts
        assert len({arn for one in of_title for arn in one.alarms}) == count


def test_an_environment_of_nothing_still_has_its_call_volume() -> None:
    placed = list(in_rows(rows(SHOWN._replace(detections=(), alarms=()))))
    assert [one.widget.title for one in placed if isinstance(one.widget, MetricWidget)] == [
        "API calls, and what is usual"
    ]
