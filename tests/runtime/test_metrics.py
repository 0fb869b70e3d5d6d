"""R-RSP-1 to R-RSP-5 in numbers: what responders count, once, whatever comes again; and how many incidents are open."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudtrail_monitoring.responders.runtime import metrics
from cloudtrail_monitoring.responders.runtime.assembly import measures
from cloudtrail_monitoring.responders.runtime.containment import (
    Containment,
    Containments,
    Kind,
    MeasureRefusedError,
)
from cloudtrail_monitoring.responders.runtime.incidents import ORDER, Incident, Incidents, Stage
from cloudtrail_monitoring.responders.runtime.open_incidents import PARTITION
from cloudtrail_monitoring.responders.runtime.release import Release
from tests.runtime.account import BEGIN, Account, Failure

NAMESPACE = "CloudTrailMonitoring/prod"
LOCKOUT = Containment(Kind.ACCOUNT_LOCKOUT, "jordan", BEGIN, BEGIN + timedelta(minutes=30), "inc-1")
LINE = {
    "_aws": {
        "Timestamp": int(BEGIN.timestamp() * 1000),
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["Action"]],
                "Metrics": [{"Name": "ContainmentsBegun", "Unit": "Count"}],
            }
        ],
    },
    "Action": "account_lockout",
    "ContainmentsBegun": 1,
}


class Published:
    """The metrics written so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._lines: list[dict[str, Any]] = []

    def lines(self) -> list[dict[str, Any]]:
        written = (line for line in self._capsys.readouterr().out.splitlines() if line.startswith('{"_aws"'))
        self._lines += map(json.loads, written)
        return self._lines

    def values(self, metric: str) -> list[int]:
        return [line[metric] for line in self.lines() if metric in line]

    def actions(self, metric: str) -> list[str]:
        return [line["Action"] for line in self.lines() if metric in line]


@pytest.fixture
def published(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Published:
    monkeypatch.setenv(metrics.NAMESPACE_VARIABLE, NAMESPACE)
    return Published(capsys)


@pytest.fixture
def containments(account: Account) -> Containments:
    account.add_user("jordan")
    return account.toolbox(measures(account.configuration, account.aws)).containments


@pytest.fixture
def incidents(account: Account) -> Incidents:
    return account.toolbox({}).incidents


def incident(number: int) -> Incident:
    return Incident(f"inc-{number}", "account_lockout", "jordan", "6 failed logins", BEGIN, Stage.ALERT)


def close(incidents: Incidents, id_: str) -> None:
    for stage in ORDER[1:]:
        incidents.advance(id_, stage, actor="morgan", at=BEGIN)


def sweep(account: Account) -> None:
    Release(account.configuration, account.aws).handle({"sweep": True})


def test_every_metric_has_one_dimension_of_few_values_or_none() -> None:
    assert metrics.METRICS == {
        "LoginsByCountry": "Country",
        "ContainmentsBegun": "Action",
        "ContainmentsEnded": "Action",
        "IncidentsOpened": None,
        "OpenIncidents": None,
    }


def test_a_metric_that_is_not_in_the_table_is_refused(published: Published) -> None:
    with pytest.raises(KeyError):
        metrics.count("Others", BEGIN)
    assert published.lines() == []


def test_without_a_namespace_nothing_is_written(
    incidents: Incidents, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(metrics.NAMESPACE_VARIABLE, raising=False)
    incidents.open(incident(1))
    assert capsys.readouterr().out == ""


class TestContainments:
    def test_one_counts_when_it_has_begun(self, containments: Containments, published: Published) -> None:
        containments.hold(LOCKOUT)
        assert published.lines() == [LINE]

    def test_held_again_it_counts_no_more(self, containments: Containments, published: Published) -> None:
        containments.hold(LOCKOUT)
        containments.hold(LOCKOUT)
        containments.reconcile(LOCKOUT.key)
        assert published.actions("ContainmentsBegun") == ["account_lockout"]

    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize("operation", ["CreateSchedule", "PutUserPolicy", "PutItem"])
    def test_a_crash_on_the_way_and_another_try_are_one(
        self, account: Account, containments: Containments, published: Published, operation: str, after: bool
    ) -> None:
        account.aws.failures.append(Failure(operation, after=after))
        with suppress(ClientError):
            containments.hold(LOCKOUT)
        containments.hold(LOCKOUT)
        assert published.actions("ContainmentsBegun") == ["account_lockout"]

    def test_its_end_counts_once_whoever_comes(
        self, account: Account, containments: Containments, published: Published
    ) -> None:
        containments.hold(LOCKOUT)
        account.clock.move(minutes=30)
        for _ in range(2):
            Release(account.configuration, account.aws).handle({"containment": LOCKOUT.key})
            sweep(account)
        assert published.actions("ContainmentsEnded") == ["account_lockout"]

    def test_ended_by_hand_it_has_ended(self, containments: Containments, published: Published) -> None:
        containments.hold(LOCKOUT)
        containments.end_now(LOCKOUT.key)
        assert published.actions("ContainmentsEnded") == ["account_lockout"]

    def test_the_next_one_ends_the_one_whose_time_was_over(
        self, account: Account, containments: Containments, published: Published
    ) -> None:
        containments.hold(LOCKOUT)
        now = account.clock.move(hours=2)
        containments.hold(Containment(LOCKOUT.kind, "jordan", now, now + timedelta(minutes=30), "inc-2"))
        assert len(published.actions("ContainmentsBegun")) == 2
        assert len(published.actions("ContainmentsEnded")) == 1

    def test_one_that_aws_refuses_neither_begins_nor_ends(self, account: Account, published: Published) -> None:
        class Refused:
            def apply(self, containment: Containment) -> None:
                raise MeasureRefusedError(f"{containment.target} has no room for a policy")

            def undo(self, containment: Containment) -> None: ...

        with pytest.raises(MeasureRefusedError):
            account.toolbox({Kind.ACCOUNT_LOCKOUT: Refused()}).containments.hold(LOCKOUT)
        assert published.lines() == []


class TestIncidents:
    def test_an_incident_counts_when_it_is_opened_and_not_again(
        self, incidents: Incidents, published: Published
    ) -> None:
        for number in (1, 1, 2):
            incidents.open(incident(number))
        assert published.values("IncidentsOpened") == [1, 1]
        (first, _) = published.lines()
        assert first["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]

    def test_the_hourly_sweep_tells_how_many_are_open(
        self, account: Account, incidents: Incidents, published: Published
    ) -> None:
        sweep(account)
        for number in (1, 2, 3):
            incidents.open(incident(number))
        sweep(account)
        assert published.values("OpenIncidents") == [0, 3]

    def test_one_that_people_closed_is_open_no_more(
        self, account: Account, incidents: Incidents, published: Published
    ) -> None:
        # R-RSP-5
        for number in (1, 2):
            incidents.open(incident(number))
        close(incidents, "inc-1")
        sweep(account)
        sweep(account)
        assert published.values("OpenIncidents") == [1, 1]

    def test_so_many_are_looked_at_and_no_more(
        self, account: Account, incidents: Incidents, published: Published, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("cloudtrail_monitoring.responders.runtime.open_incidents.MAX_COUNTED", 2)
        for number in (1, 2, 3):
            incidents.open(incident(number))
        close(incidents, "inc-1")
        sweep(account)
        # the mark of a closed one took room once, and has gone
        sweep(account)
        assert published.values("OpenIncidents") == [1, 2]

    def test_told_again_after_it_was_closed_it_stays_closed(
        self, account: Account, incidents: Incidents, published: Published
    ) -> None:
        incidents.open(incident(1))
        close(incidents, "inc-1")
        sweep(account)
        assert not incidents.open(incident(1))
        sweep(account)
        assert published.values("OpenIncidents") == [0, 0]

    @pytest.mark.parametrize("number", [1, 2])
    @pytest.mark.parametrize("after", [False, True])
    def test_a_crash_while_it_is_opened_forgets_none_and_makes_none(
        self, account: Account, incidents: Incidents, published: Published, number: int, after: bool
    ) -> None:
        account.aws.failures.append(Failure("PutItem", number=number, after=after))
        with pytest.raises(ClientError):
            incidents.open(incident(1))
        incidents.open(incident(1))
        sweep(account)
        assert published.values("OpenIncidents") == [1]

    def test_one_that_was_never_written_is_not_open(self, account: Account, published: Published) -> None:
        account.toolbox({}).state.put_new(PARTITION, "inc-9", {})
        sweep(account)
        assert published.values("OpenIncidents") == [0]

    def test_other_calls_of_the_function_tell_nothing_of_incidents(
        self, account: Account, containments: Containments, published: Published
    ) -> None:
        containments.hold(LOCKOUT)
        Release(account.configuration, account.aws).handle({"containment": LOCKOUT.key})
        assert published.values("OpenIncidents") == []
