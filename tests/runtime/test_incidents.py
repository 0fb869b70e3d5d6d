"""R-RSP-5: an incident walks its stages one by one, with who and when; nothing written is lost or written twice."""

from contextlib import suppress
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from cloudtrail_monitoring.responders.runtime.incidents import (
    ORDER,
    RESPONDER,
    Entry,
    Incident,
    IncidentError,
    Incidents,
    Stage,
    incident_id,
)
from tests.runtime.account import BEGIN, Account

ID = incident_id("account_lockout", "user jordan", BEGIN)
INCIDENT = Incident(ID, "account_lockout", "user jordan", "6 failed logins", BEGIN, Stage.ALERT)


@pytest.fixture
def incidents(account: Account) -> Incidents:
    found = account.toolbox({}).incidents
    assert found.open(INCIDENT)
    return found


def test_the_same_occurrence_is_one_incident(incidents: Incidents) -> None:
    assert not incidents.open(INCIDENT)
    assert incidents.find(ID) == INCIDENT
    assert incident_id("account_lockout", "user jordan", BEGIN) == ID
    assert incident_id("account_lockout", "user ada", BEGIN) != ID


def test_it_walks_all_stages_with_who_and_when(incidents: Incidents) -> None:
    for hour, stage in enumerate(ORDER[1:]):
        incidents.advance(ID, stage, actor="morgan", at=BEGIN + timedelta(hours=hour), why="looked at")
    assert incidents.find(ID).stage is Stage.CLOSED
    first, *_, last = incidents.timeline(ID)
    assert first == Entry(BEGIN, "morgan", "alert → assessment: looked at")
    assert last.text == "documentation → closed: looked at"


@pytest.mark.parametrize("to", [stage for stage in Stage if stage is not Stage.ASSESSMENT])
def test_no_stage_is_left_out_and_none_is_gone_back_to(incidents: Incidents, to: Stage) -> None:
    with pytest.raises(IncidentError, match="is in alert: only assessment follows"):
        incidents.advance(ID, to, actor="morgan", at=BEGIN)


def test_nothing_follows_the_last(incidents: Incidents) -> None:
    for stage in ORDER[1:]:
        incidents.advance(ID, stage, actor="morgan", at=BEGIN)
    with pytest.raises(IncidentError, match="is in closed: nothing follows"):
        incidents.advance(ID, Stage.CLOSED, actor="morgan", at=BEGIN)


def test_entries_stand_in_order_of_time_and_each_once(incidents: Incidents) -> None:
    later, earlier = Entry(BEGIN + timedelta(minutes=5), RESPONDER, "locked"), Entry(BEGIN, RESPONDER, "failed")
    for entry in (later, earlier, later):
        incidents.note(ID, entry)
    assert list(incidents.timeline(ID)) == [earlier, later]


@pytest.mark.parametrize("number", range(1, 5))
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_anywhere_leaves_no_move_without_who_when_and_why(
    account: Account, incidents: Incidents, number: int, after: bool
) -> None:
    with account.fail(number=number, after=after), suppress(ClientError):
        incidents.advance(ID, Stage.ASSESSMENT, actor="morgan", at=BEGIN, why="mine")
    told = [Entry(BEGIN, "morgan", "alert → assessment: mine")]
    assert list(incidents.timeline(ID)) == (told if incidents.find(ID).stage is Stage.ASSESSMENT else [])
    if incidents.find(ID).stage is Stage.ALERT:
        incidents.advance(ID, Stage.ASSESSMENT, actor="morgan", at=BEGIN, why="mine")
    incidents.advance(ID, Stage.IMPACT, actor="ada", at=BEGIN + timedelta(hours=1))
    later = Entry(BEGIN + timedelta(hours=1), "ada", "assessment → impact")
    assert list(incidents.timeline(ID)) == [*told, later]


def test_one_that_is_not_there_is_said(incidents: Incidents) -> None:
    with pytest.raises(IncidentError, match="there is no incident inc-20260309-x"):
        incidents.find("inc-20260309-x")
