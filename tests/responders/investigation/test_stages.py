"""R-RSP-5: each stage says what it asks for; each kind of incident has a runbook that exists."""

import pytest

from cloudtrail_monitoring.responders.investigation.report_view import MEASURES
from cloudtrail_monitoring.responders.investigation.stages import RUNBOOKS, TASKS, following, runbook_of
from cloudtrail_monitoring.responders.runtime.containment import Kind
from cloudtrail_monitoring.responders.runtime.incidents import ORDER, Stage
from tests.conftest import PROJECT


def test_every_stage_has_a_task_and_all_but_the_last_steps() -> None:
    assert tuple(TASKS) == ORDER
    assert [stage for stage, task in TASKS.items() if not task.steps] == [Stage.CLOSED]


def test_a_stage_is_followed_by_the_next_and_the_last_by_none() -> None:
    assert [following(one) for one in ORDER] == [*ORDER[1:], None]


@pytest.mark.parametrize("kind", [*RUNBOOKS, "key-policy-changed", "unheard of", "../evil", "x" * 99])
def test_every_kind_leads_to_a_page_that_exists(kind: str) -> None:
    assert (PROJECT / "docs" / "runbooks" / f"{runbook_of(kind)}.md").exists()


def test_every_containment_is_told_in_words_and_how_it_is_undone() -> None:
    assert set(MEASURES) == set(Kind)
    assert {Kind.ACCOUNT_LOCKOUT, Kind.GEO_CHALLENGE, Kind.ENHANCED_LOGGING} <= set(RUNBOOKS)
