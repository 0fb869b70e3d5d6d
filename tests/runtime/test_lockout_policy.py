"""R-RSP-1: what the lockout denies whom, decided as IAM decides: before, during and after it."""

from datetime import UTC, datetime, timedelta

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import Principal, Request, decide
from cloudtrail_monitoring.responders.runtime.containment import SINCE, Containment, Kind
from cloudtrail_monitoring.responders.runtime.user_deny import lockout, policy_document
from tests.runtime.account import ACCOUNT

BURST = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
ENDS = BURST + timedelta(minutes=35)
SECOND = timedelta(seconds=1)
USER = Principal.user(f"arn:aws:iam::{ACCOUNT}:user/alice")
ROLE = Principal.role(f"arn:aws:iam::{ACCOUNT}:role/admin")
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

EARLIER, GUESSED = BURST - timedelta(hours=2), BURST + timedelta(minutes=7)
"""When a session's token was issued: hours before the burst, or with the password that was guessed in it."""
WITH_KEYS = None


def held(**details: str) -> str:
    return policy_document(ENDS, lockout(Containment(Kind.ACCOUNT_LOCKOUT, "alice", BURST, ENDS, "inc", details)))


LIMITED, FULL = held(**{SINCE: BURST.isoformat()}), held()


def denied(policy: str, at: datetime, issued: datetime | None, *, mfa: bool = False, who: Principal = USER) -> bool:
    context = {"aws:CurrentTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    if issued is not None:
        context["aws:TokenIssueTime"] = f"{issued:%Y-%m-%dT%H:%M:%SZ}"
        context["aws:MultiFactorAuthPresent"] = str(mfa).lower()
    # a role's session is bound by the role's policies, not by those of the user who assumed it
    policies = [ADMINISTRATOR, policy] if who is USER else [ADMINISTRATOR]
    return not decide(Request(who, "iam:CreateAccessKey", "*", context), identity_policies=policies)


@pytest.mark.parametrize("mfa", [False, True])
@pytest.mark.parametrize(
    ("issued", "limited", "full"),
    [
        (GUESSED, True, True),  # the console's session that a guessed password opened
        (BURST, True, True),
        (BURST - SECOND, False, True),
        (EARLIER, False, True),  # the user's own session, from before
    ],
)
def test_during_it_sessions_since_the_burst_are_denied(issued: datetime, limited: bool, full: bool, mfa: bool) -> None:
    assert denied(LIMITED, GUESSED, issued, mfa=mfa) is limited
    assert denied(FULL, GUESSED, issued, mfa=mfa) is full


def test_access_keys_go_on_but_for_the_full_mode() -> None:
    assert not denied(LIMITED, GUESSED, WITH_KEYS)
    assert denied(FULL, GUESSED, WITH_KEYS)


@pytest.mark.parametrize("issued", [GUESSED, EARLIER, WITH_KEYS])
@pytest.mark.parametrize("policy", [LIMITED, FULL])
def test_afterwards_nothing_is_denied_though_the_policy_be_there(policy: str, issued: datetime | None) -> None:
    assert not denied(policy, ENDS, issued)


def test_the_last_second_is_denied() -> None:
    assert denied(LIMITED, ENDS - SECOND, GUESSED)


def test_a_role_assumed_before_goes_on() -> None:
    # docs/responders.md says so
    assert not denied(LIMITED, GUESSED, EARLIER, who=ROLE)


@pytest.mark.parametrize("policy", [LIMITED, FULL])
def test_it_leaves_room_in_a_users_inline_policies(policy: str) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 2,048 characters together
    assert len(policy) < 300
