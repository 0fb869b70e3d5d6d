"""R-RSP-5: a call is flagged if a containment of its caller should have denied it, and at no other time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudtrail_monitoring.responders.investigation.although_contained import although_contained
from cloudtrail_monitoring.responders.runtime.challenge_policy import REVOKED_BEFORE
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import from_record
from cloudtrail_monitoring.responders.runtime.containment import SINCE, Containment, Kind
from cloudtrail_monitoring.responders.runtime.messages import Wording
from tests.runtime.account import ACCOUNT, CONFIGURATION

BEGAN = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)
ENDS = BEGAN + timedelta(minutes=30)
WORDING = Wording(CONFIGURATION)


def held(kind: Kind = Kind.ACCOUNT_LOCKOUT, details: Mapping[str, str] | None = None) -> Containment:
    return Containment(kind, "jordan", BEGAN, ENDS, "inc-1", details or {})


def flagged(at: datetime = BEGAN, *containments: Containment, mfa: bool = False, **fields: Any) -> str:
    record = {
        "eventID": "1",
        "eventName": "CreateUser",
        "eventSource": "iam.amazonaws.com",
        "eventTime": at.isoformat(),
        "userIdentity": {
            "type": "IAMUser",
            "userName": "jordan",
            "accountId": ACCOUNT,
            "sessionContext": {"attributes": {"mfaAuthenticated": str(mfa).lower()}},
        },
        **fields,
    }
    return although_contained(from_record(record), containments or (held(),), WORDING)


@pytest.mark.parametrize(("seconds", "is_flagged"), [(-1, False), (0, True), (30 * 60 - 1, True), (30 * 60, False)])
def test_it_is_flagged_from_the_beginning_to_the_policy_s_own_end(seconds: int, is_flagged: bool) -> None:
    assert bool(flagged(BEGAN + timedelta(seconds=seconds))) is is_flagged


@pytest.mark.parametrize(
    "fields",
    [
        {"errorCode": "AccessDenied"},
        {"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}},
        {"eventName": "GetCallerIdentity"},
        {"userIdentity": {"type": "IAMUser", "userName": "ada"}},
        {"userIdentity": {"type": "Root", "userName": "jordan"}},
    ],
    ids=["refused", "login", "never denied", "somebody else", "no user"],
)
def test_what_no_containment_denies_is_not(fields: dict[str, Any]) -> None:
    assert flagged(**fields) == ""


def test_what_a_lockout_leaves_alone_is_said() -> None:
    assert "but for access keys and sessions from before 2026-03-09 05:50:00 UTC" in flagged(
        BEGAN, held(details={SINCE: "2026-03-09T05:50:00+00:00"})
    )
    assert "but for" not in flagged()


@pytest.mark.parametrize(("mfa", "is_flagged"), [(True, False), (False, True)])
def test_who_met_the_challenge_goes_on(mfa: bool, is_flagged: bool) -> None:
    challenge = held(Kind.GEO_CHALLENGE, {REVOKED_BEFORE: BEGAN.isoformat()})
    assert bool(flagged(BEGAN, challenge, mfa=mfa)) is is_flagged


def test_mfa_lifts_no_challenge_that_denies_everything() -> None:
    assert flagged(BEGAN, held(Kind.GEO_CHALLENGE), mfa=True).startswith("challenged from 2026-03-09 06:00:00 UTC")


def test_enhanced_logging_contains_nobody() -> None:
    assert flagged(BEGAN, held(Kind.ENHANCED_LOGGING)) == ""
