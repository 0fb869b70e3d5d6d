"""The responders of a replay on their hourly schedule: called at full hours, for what no record brings about."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cloudtrail_monitoring.responders.runtime.assembly import measures
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.incidents import Incident, Stage
from cloudtrail_monitoring.responders.runtime.metrics import NAMESPACE_VARIABLE, OPEN_INCIDENTS
from cloudtrail_monitoring.sandbox.embedded_metrics import listening
from cloudtrail_monitoring.sandbox.response import Responders
from tests.runtime.account import BEGIN, REGION, Account, begin

EARLIER = BEGIN - timedelta(minutes=50)


@pytest.fixture
def account() -> Iterator[Account]:
    with begin() as account:
        logs = boto3.client("logs", region_name=REGION)
        logs.create_log_group(logGroupName=account.configuration.log_group_name)
        yield account


def schedule(account: Account, expression: str, payload: dict[str, object], name: str = "sweep") -> None:
    configuration = account.configuration
    target = {
        "Arn": configuration.release_function_arn,
        "RoleArn": configuration.scheduler_role_arn,
        "Input": json.dumps(payload),
    }
    account.scheduler.create_schedule(
        Name=name,
        GroupName=configuration.schedule_group,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )


def open_incidents(account: Account, times: Sequence[datetime]) -> list[tuple[datetime, float]]:
    """What the hourly call tells, and when, of a replay of harmless records at these times."""

    def client(service: str, region: str | None = None) -> Any:
        return boto3.client(service, region_name=region or REGION)  # type: ignore[call-overload]

    variables = {NAMESPACE_VARIABLE: "Acme"}
    responders = Responders(client, account.configuration, None, variables=variables)
    records = [(at, {"eventID": str(at), "eventName": "ListBuckets", "userIdentity": {}}) for at in times]
    with listening(variables) as measured:
        responders.run(records, (), ())
    return [(one.at, one.value) for one in measured if one.name == OPEN_INCIDENTS]


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 9, hour, minute, tzinfo=UTC)


def test_the_full_hour_after_a_record_tells_how_many_incidents_are_open(account: Account) -> None:
    schedule(account, "rate(1 hour)", {"sweep": True})
    account.toolbox({}).incidents.open(Incident("inc-1", "account_lockout", "jordan", "6 failures", BEGIN, Stage.ALERT))
    # two within an hour bring one call; the hours without records bring none
    assert open_incidents(account, [at(13, 10), at(13, 50), at(17, 0)]) == [(at(14), 1.0), (at(18), 1.0)]


def test_without_an_hourly_schedule_nothing_is_called(account: Account) -> None:
    schedule(account, "rate(2 hours)", {"sweep": True})
    assert open_incidents(account, [at(13, 10)]) == []


def test_it_ends_what_has_lost_its_own_schedule(account: Account) -> None:  # R-RSP-1
    account.add_user("jordan")
    account.clock.at = EARLIER
    lockout = Containment(Kind.ACCOUNT_LOCKOUT, "jordan", EARLIER, EARLIER + timedelta(minutes=30), "inc-1")
    account.toolbox(measures(account.configuration, account.aws)).containments.hold(lockout)
    assert account.user_policies("jordan")
    lost = account.scheduler.list_schedules(GroupName=account.configuration.schedule_group)["Schedules"]
    for one in lost:
        account.scheduler.delete_schedule(Name=one["Name"], GroupName=account.configuration.schedule_group)
    assert lost
    schedule(account, "rate(1 hour)", {"sweep": True})
    open_incidents(account, [at(13, 20)])
    assert account.user_policies("jordan") == {}
