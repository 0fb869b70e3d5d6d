"""R-RSP-4: whom the challenge's policy denies what, decided as IAM decides: before, during and after it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import Outcome, Principal, Request, decide
from cloudtrail_monitoring.responders.runtime.challenge_policy import REVOKED_BEFORE, challenge
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.user_deny import policy_document
from tests.runtime.account import ACCOUNT

BEGAN = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
ENDS = BEGAN + timedelta(hours=12)
BEFORE, DURING, AFTER = BEGAN - timedelta(hours=1), BEGAN + timedelta(hours=1), ENDS
MINUTE = timedelta(minutes=1)

USER = Principal.user(f"arn:aws:iam::{ACCOUNT}:user/alice")
ROLE = Principal.role(f"arn:aws:iam::{ACCOUNT}:role/admin")
ADMINISTRATOR = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def document(**details: str) -> str:
    held = Containment(Kind.GEO_CHALLENGE, "alice", BEGAN, ENDS, "inc", details)
    return policy_document(ENDS, challenge(held))


CHALLENGE = document(**{REVOKED_BEFORE: BEGAN.isoformat()})
BLOCK = document()

KEYS = (None, None)
"""Of calls with access keys: no token was issued, and nothing tells of MFA."""
ACTIONS = [
    ("iam:EnableMFADevice", f"arn:aws:iam::{ACCOUNT}:user/alice"),
    ("iam:CreateVirtualMFADevice", f"arn:aws:iam::{ACCOUNT}:mfa/another"),
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/alice"),
    ("iam:DeleteUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/alice"),
    ("sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/x"),
    ("ec2:DescribeInstances", "*"),
]


def denied(policy: str, at: datetime, issued: datetime | None, mfa: bool | None, action: int = -1) -> bool:
    context = {"aws:CurrentTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "aws:RequestedRegion": "us-east-1"}
    if issued is not None:
        context["aws:TokenIssueTime"] = f"{issued:%Y-%m-%dT%H:%M:%SZ}"
    if mfa is not None:
        context["aws:MultiFactorAuthPresent"] = str(mfa).lower()
    name, resource = ACTIONS[action]
    decision = decide(Request(USER, name, resource, context), identity_policies=[ADMINISTRATOR, policy])
    assert decision.outcome in (Outcome.ALLOWED, Outcome.EXPLICIT_DENY)
    return not decision


@pytest.mark.parametrize("action", range(len(ACTIONS)))
class TestTheChallenge:
    @pytest.mark.parametrize(
        ("issued", "mfa", "is_denied"),
        [
            (BEFORE, False, True),  # the console's session that the password opened
            (BEFORE, True, True),  # and one with MFA from before: revoked
            (DURING, False, True),  # logged in again, or GetSessionToken, without MFA
            (DURING, True, False),  # the challenge is passed
            (BEGAN, True, False),
            (BEGAN - timedelta(seconds=1), True, True),
            (*KEYS, True),  # an access key, perhaps made by the intruder
        ],
    )
    def test_during_it_only_new_sessions_with_mfa_act(
        self, action: int, issued: datetime | None, mfa: bool | None, is_denied: bool
    ) -> None:
        assert denied(CHALLENGE, DURING + MINUTE, issued, mfa, action) is is_denied

    @pytest.mark.parametrize(
        ("issued", "mfa"), [(BEFORE, False), (BEFORE, True), (DURING, False), (DURING, True), KEYS]
    )
    def test_afterwards_nothing_is_denied(self, action: int, issued: datetime | None, mfa: bool | None) -> None:
        assert not denied(CHALLENGE, AFTER, issued, mfa, action)
        assert not denied(BLOCK, AFTER, issued, mfa, action)

    @pytest.mark.parametrize(
        ("issued", "mfa"), [(BEFORE, False), (BEFORE, True), (DURING, False), (DURING, True), KEYS]
    )
    def test_the_block_denies_everything_so_that_no_device_can_be_enrolled(
        self, action: int, issued: datetime | None, mfa: bool | None
    ) -> None:
        assert denied(BLOCK, ENDS - timedelta(seconds=1), issued, mfa, action)


def test_the_last_second_is_denied_and_the_next_is_not() -> None:
    assert denied(CHALLENGE, ENDS - timedelta(seconds=1), DURING, False)
    assert not denied(CHALLENGE, ENDS, DURING, False)


def test_bool_would_have_spared_access_keys() -> None:
    spared = CHALLENGE.replace("BoolIfExists", "Bool")
    assert not denied(spared, DURING, *KEYS)
    assert denied(spared, DURING, DURING, False)


def test_a_role_assumed_before_is_not_bound_but_another_cannot_be_assumed() -> None:
    now = f"{DURING:%Y-%m-%dT%H:%M:%SZ}"
    context = {
        "aws:CurrentTime": now,
        "aws:TokenIssueTime": f"{BEFORE:%Y-%m-%dT%H:%M:%SZ}",
        "aws:MultiFactorAuthPresent": "false",
        "aws:RequestedRegion": "us-east-1",
    }
    # the role's own policies are what counts for its sessions
    assert decide(Request(ROLE, "ec2:DescribeInstances", "*", context), identity_policies=[ADMINISTRATOR])
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    assuming = Request(USER, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin", context)
    assert decide(assuming, identity_policies=[ADMINISTRATOR], resource_policy=trust)
    refused = decide(assuming, identity_policies=[ADMINISTRATOR, CHALLENGE], resource_policy=trust)
    assert refused.outcome is Outcome.EXPLICIT_DENY


def test_the_documents_are_these_and_small() -> None:
    end = {"aws:CurrentTime": "2026-03-10T02:00:00Z"}
    everything = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    revoked = {"DateLessThan": {"aws:TokenIssueTime": "2026-03-09T14:00:00Z", **end}}
    demanded = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, "DateLessThan": end}
    assert json.loads(CHALLENGE) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "RevokeSessions", **everything, "Condition": revoked},
            {"Sid": "DemandMfa", **everything, "Condition": demanded},
        ],
    }
    assert json.loads(BLOCK)["Statement"] == [{"Sid": "GeoBlock", **everything, "Condition": {"DateLessThan": end}}]
    # a user's inline policies share 2,048 characters
    assert len(CHALLENGE) < 512
