"""Requests the evaluator refuses, and whom NotPrincipal spares."""

from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import (
    Decision,
    MalformedPolicyError,
    Principal,
    Request,
    RequestError,
    decide,
)

OWN, OTHER = "333333333333", "444444444444"
ROLE_ARN, USER_ARN = f"arn:aws:iam::{OWN}:role/team/auditor", f"arn:aws:iam::{OWN}:user/people/alice"
SESSION_ARN = f"arn:aws:sts::{OWN}:assumed-role/auditor/alice"
ROLE, USER, ROOT = Principal.role(ROLE_ARN), Principal.user(USER_ARN), Principal.root(OWN)
SESSION = Principal.session(ROLE_ARN, "alice")
OBJECT, KEY = "arn:aws:s3:::archive/AWSLogs/a.gz", f"arn:aws:kms:us-east-1:{OWN}:key/1234"
ALLOW_ALL = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def read(principal: Principal, **policies: Any) -> Decision:
    return decide(Request(principal, "s3:GetObject", OBJECT), resource_account=OWN, **policies)


class TestNotPrincipal:
    @staticmethod
    def sparing(*arns: str) -> dict[str, Any]:
        listed = {"AWS": list(arns)}
        return {"Statement": {"Effect": "Deny", "NotPrincipal": listed, "Action": "s3:*", "Resource": "*"}}

    def test_a_user_is_spared_with_its_account(self) -> None:
        assert read(USER, identity_policies=ALLOW_ALL, resource_policy=self.sparing(OWN, USER_ARN))

    @pytest.mark.parametrize("listed", [(USER_ARN,), (OWN,), (OWN, ROLE_ARN)])
    def test_a_user_is_denied_unless_all_of_it_is_listed(self, listed: tuple[str, ...]) -> None:
        assert not read(USER, identity_policies=ALLOW_ALL, resource_policy=self.sparing(*listed))

    def test_a_session_is_spared_with_its_role_and_account(self) -> None:
        spared = self.sparing(OWN, ROLE_ARN, SESSION_ARN)
        assert read(SESSION, identity_policies=ALLOW_ALL, resource_policy=spared)
        assert not read(ROLE, identity_policies=ALLOW_ALL, resource_policy=spared)

    def test_whoever_has_a_boundary_is_denied(self) -> None:
        document = self.sparing(OWN, USER_ARN)
        assert not read(USER, identity_policies=ALLOW_ALL, resource_policy=document, permission_boundary=ALLOW_ALL)

    def test_root_is_spared_with_its_account(self) -> None:
        assert read(ROOT, resource_policy=self.sparing(OWN), permission_boundary=ALLOW_ALL)
        assert not read(ROOT, resource_policy=self.sparing(USER_ARN))


class TestRequests:
    @pytest.mark.parametrize("action", ["GetObject", "s3:*", "s3:Get?bject", "S3 GetObject"])
    def test_action_must_be_one_call(self, action: str) -> None:
        with pytest.raises(RequestError, match="action"):
            Request(ROLE, action, OBJECT)

    @pytest.mark.parametrize("resource", ["archive", "arn:aws:s3", "arn:aws:s3:::${aws_s3_bucket.archive.id}"])
    def test_resource_must_be_one_arn(self, resource: str) -> None:
        with pytest.raises(RequestError, match="ARN"):
            Request(ROLE, "s3:GetObject", resource)

    def test_owner_must_be_told_where_the_arn_does_not(self) -> None:
        with pytest.raises(RequestError, match="resource_account"):
            decide(Request(ROLE, "s3:GetObject", OBJECT), identity_policies=ALLOW_ALL)

    def test_owner_must_not_contradict_the_arn(self) -> None:
        with pytest.raises(RequestError, match="does not belong"):
            decide(Request(ROLE, "kms:Decrypt", KEY), resource_account=OTHER)

    def test_owner_must_be_an_account(self) -> None:
        with pytest.raises(RequestError, match="12 digits"):
            decide(Request(ROLE, "s3:GetObject", OBJECT), resource_account="prod")

    def test_a_bad_document_is_an_error_even_where_it_would_not_apply(self) -> None:
        with pytest.raises(MalformedPolicyError, match="permission boundary"):
            read(ROOT, permission_boundary={"Statement": []})
