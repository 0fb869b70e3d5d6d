"""The runbooks' questions are the runbooks' own, and the records answer what they can."""

import re

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.runbook_guides import GUIDES
from cloudtrail_monitoring.responders.investigation.gathering import Piece, first_leads, gather, window_around
from cloudtrail_monitoring.responders.investigation.questions import ANSWERS, WRITTEN_BY_HAND, answers, questions
from cloudtrail_monitoring.responders.investigation.sources import FileSource
from cloudtrail_monitoring.responders.investigation.stages import RUNBOOKS
from cloudtrail_monitoring.responders.runtime.messages import Wording
from tests.conftest import PROJECT
from tests.responders.investigation.desk_samples import INCIDENT, OPENED, SCENARIO
from tests.runtime.account import CONFIGURATION

PAGES = PROJECT / "docs" / "runbooks"
WORDING = Wording(CONFIGURATION)
DETECTIONS = tuple(CATALOGUE.values())
ASKED = [
    *(one for guide in GUIDES for one in guide.questions),
    *(one for all_ in WRITTEN_BY_HAND.values() for one in all_),
]


@pytest.mark.parametrize("runbook", WRITTEN_BY_HAND)
def test_questions_of_pages_written_by_hand_are_those_of_the_page(runbook: str) -> None:
    page = (PAGES / f"{runbook}.md").read_text(encoding="utf-8")
    first = page.partition("**First questions**")[2].partition("```")[0]
    assert tuple(re.findall(r"^\d+\. (.+)$", first, re.MULTILINE)) == WRITTEN_BY_HAND[runbook]


@pytest.mark.parametrize("runbook", sorted({*RUNBOOKS.values(), *CATALOGUE} - {"README"}))
def test_every_runbook_asks_three(runbook: str) -> None:
    assert len(questions(runbook, DETECTIONS)) == 3


def test_an_unknown_runbook_asks_nothing() -> None:
    assert questions("README", DETECTIONS) == ()


@pytest.mark.parametrize("beginning", ANSWERS)
def test_no_answer_waits_for_a_question_that_nobody_asks(beginning: str) -> None:
    assert any(one.startswith(beginning) for one in ASKED)


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    source = FileSource([SCENARIO / "attack.jsonl"])
    first = first_leads(INCIDENT, (), ["root"])
    return gather(source, first, window_around(OPENED, hours_before=24, hours_after=24)).pieces


def answered(runbook: str, pieces: list[Piece]) -> dict[str, str]:
    found = answers(runbook, INCIDENT, pieces, WORDING, DETECTIONS)
    return {one.question: one.answer for one in found}


def test_failed_logins_are_answered_from_the_records(pieces: list[Piece]) -> None:
    # R-RSP-5
    how, afterwards, ours = answered("console-login-failures", pieces).values()
    assert how.startswith("7 failed logins, 2026-03-09 05:46:02 UTC")
    assert "user jordan.meyer" in how
    assert "203.0.113.57" in how
    assert afterwards.startswith("Yes: user jordan.meyer from 203.0.113.57")
    assert "without MFA" in afterwards
    assert "used by user jordan.meyer" in ours
    assert "the records don't say" in ours


def test_what_root_did_is_answered_and_the_phone_call_is_left_to_people(pieces: list[Piece]) -> None:
    asked, how, changed = answered("root-activity", pieces).values()
    assert asked == ""
    assert "root from 198.51.100.23" in how
    assert "No call with a long-lived access key" in how
    assert "CreateAccessKey by root (access key AKIAIOSFODNN7EXAMPLE)" in changed
    assert "1 further change was refused" in changed


@pytest.mark.parametrize("runbook", sorted(CATALOGUE))
def test_no_runbook_s_questions_break_on_records(runbook: str, pieces: list[Piece]) -> None:
    assert len(answered(runbook, pieces)) == 3


def test_without_records_nothing_is_answered() -> None:
    assert set(answered("console-login-failures", []).values()) == {""}
