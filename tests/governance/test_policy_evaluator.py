"""Decisions: how the policies of a request add up, as AWS's evaluation logic describes it.

The evaluator is what the proofs of R-ARC-6, R-INT-2 and R-INT-4 stand on.
Documents, conditions and context keys have their own tests.
"""

import json
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import (
    Decision,
    Outcome,
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
FOREIGN = Principal.role(f"arn:aws:iam::{OTHER}:role/auditor")
CLOUDTRAIL = Principal.service("cloudtrail.amazonaws.com")
BUCKET, OBJECT = "arn:aws:s3:::archive", "arn:aws:s3:::archive/AWSLogs/a.gz"
KEY = f"arn:aws:kms:us-east-1:{OWN}:key/1234"
TRUSTED = f"arn:aws:iam::{OWN}:role/trusted"
DELEGATION = {"AWS": f"arn:aws:iam::{OWN}:root"}


def policy(effect: str, action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": {"Sid": f"{effect}It", "Effect": effect, "Action": action, "Resource": resource, **more},
    }


def trust(principal: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}],
    }


def read(principal: Principal, **policies: Any) -> Decision:
    return decide(Request(principal, "s3:GetObject", OBJECT), **{"resource_account": OWN, **policies})


def decrypt(principal: Principal, **policies: Any) -> Decision:
    return decide(Request(principal, "kms:Decrypt", KEY), **policies)


def assume(principal: Principal, **policies: Any) -> Decision:
    return decide(Request(principal, "sts:AssumeRole", TRUSTED), **policies)


ALLOW_READ, DENY_READ = policy("Allow", "s3:GetObject"), policy("Deny", "s3:GetObject")
ALLOW_ALL, ALLOW_OTHER = policy("Allow", "*"), policy("Allow", "sqs:*")
DENYING = {
    "identity_policies": [ALLOW_ALL, DENY_READ],
    "resource_policy": policy("Deny", "s3:*", Principal="*"),
    "service_control_policies": [ALLOW_ALL, DENY_READ],
    "permission_boundary": DENY_READ,
    "session_policies": [ALLOW_ALL, DENY_READ],
}


class TestOneAccount:
    def test_nothing_said_is_an_implicit_deny(self) -> None:
        decision = read(ROLE)
        assert not decision
        assert decision.outcome is Outcome.IMPLICIT_DENY
        assert decision.reason == f"implicit deny: no identity policy allows s3:GetObject on {OBJECT}"

    def test_identity_policy_alone_allows(self) -> None:
        decision = read(ROLE, identity_policies=[ALLOW_OTHER, ALLOW_READ])
        assert decision.allowed
        assert decision.reason == 'allowed: by identity policy 2, statement "AllowIt"'
        assert decision.sid == "AllowIt"

    def test_a_single_document_counts_as_a_list_of_one(self) -> None:
        assert read(ROLE, identity_policies=ALLOW_READ)
        assert read(ROLE, identity_policies=json.dumps(ALLOW_READ))

    def test_a_statement_without_sid_is_named_by_its_position(self) -> None:
        document = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        assert read(ROLE, identity_policies=document).reason == "allowed: by identity policy 1, statement 1"

    @pytest.mark.parametrize("named", [USER_ARN, "*"])
    def test_resource_policy_alone_allows_whom_it_names(self, named: str) -> None:
        assert read(USER, resource_policy=policy("Allow", "s3:*", Principal={"AWS": named}))

    def test_resource_policy_allows_nobody_else(self) -> None:
        assert not read(ROLE, resource_policy=policy("Allow", "s3:*", Principal={"AWS": USER_ARN}))

    def test_account_principal_only_delegates(self) -> None:
        document = policy("Allow", "s3:*", Principal=DELEGATION)
        assert not read(ROLE, resource_policy=document)
        assert read(ROLE, resource_policy=document, identity_policies=ALLOW_READ)

    # R-ARC-6
    @pytest.mark.parametrize("layer", DENYING)
    def test_explicit_deny_wins_in_every_layer(self, layer: str) -> None:
        decision = read(SESSION, **{"identity_policies": ALLOW_ALL, layer: DENYING[layer]})
        assert decision.outcome is Outcome.EXPLICIT_DENY
        assert decision.sid == "DenyIt"
        assert layer.split("_")[0] in decision.reason

    # R-ARC-6
    def test_account_principal_denies_everyone_in_it(self) -> None:
        document = policy("Deny", "s3:*", Principal={"AWS": OWN})
        for caller in (ROLE, SESSION, USER, ROOT):
            assert read(caller, resource_policy=document, identity_policies=ALLOW_ALL).outcome is Outcome.EXPLICIT_DENY

    def test_account_principal_leaves_other_accounts_alone(self) -> None:
        document = {
            "Version": "2012-10-17",
            "Statement": [
                policy("Allow", "s3:*", Principal={"AWS": OTHER})["Statement"],
                policy("Deny", "s3:*", Principal={"AWS": OWN})["Statement"],
            ],
        }
        assert read(FOREIGN, resource_policy=document, identity_policies=ALLOW_ALL)


class TestOtherAccounts:
    NAMED = policy("Allow", "s3:GetObject", Principal={"AWS": OTHER})

    # R-INT-3
    def test_both_sides_must_allow(self) -> None:
        decision = read(FOREIGN, resource_policy=self.NAMED, identity_policies=ALLOW_READ)
        assert decision
        assert "identity policy 1" in decision.reason
        assert "resource policy" in decision.reason

    # R-INT-3
    @pytest.mark.parametrize(
        "one_side", [{"resource_policy": NAMED}, {"identity_policies": ALLOW_READ}], ids=["resource", "identity"]
    )
    def test_one_side_is_not_enough(self, one_side: dict[str, Any]) -> None:
        assert read(FOREIGN, **one_side).outcome is Outcome.IMPLICIT_DENY

    def test_even_the_role_or_everyone_needs_its_own_side(self) -> None:
        for named in (FOREIGN.arn, "*"):
            document = policy("Allow", "s3:*", Principal={"AWS": named})
            assert not read(FOREIGN, resource_policy=document)
            assert read(FOREIGN, resource_policy=document, identity_policies=ALLOW_READ)

    def test_foreign_root_needs_the_resource_policy_only(self) -> None:
        assert read(Principal.root(OTHER), resource_policy=self.NAMED)
        assert not read(Principal.root(OTHER))

    def test_boundary_limits_the_callers_side(self) -> None:
        sides = {"resource_policy": self.NAMED, "identity_policies": ALLOW_READ}
        assert not read(FOREIGN, **sides, permission_boundary=ALLOW_OTHER)


class TestServicesAndAnonymous:
    # R-ARC-6
    def test_service_is_allowed_by_the_resource_policy(self) -> None:
        document = policy("Allow", "s3:*", Principal={"Service": "cloudtrail.amazonaws.com"})
        assert read(CLOUDTRAIL, resource_policy=document)
        assert not read(Principal.service("config.amazonaws.com"), resource_policy=document)

    def test_identity_policies_and_scps_say_nothing_about_services(self) -> None:
        assert not read(CLOUDTRAIL, identity_policies=ALLOW_ALL)
        document = policy("Allow", "s3:*", Principal={"Service": ["cloudtrail.amazonaws.com"]})
        assert read(CLOUDTRAIL, resource_policy=document, service_control_policies=DENY_READ)

    def test_deny_for_everyone_meets_services(self) -> None:
        assert read(CLOUDTRAIL, resource_policy=DENYING["resource_policy"]).outcome is Outcome.EXPLICIT_DENY

    @pytest.mark.parametrize("everyone", ["*", {"AWS": "*"}, {"AWS": [OTHER, "*"]}])
    def test_anonymous_needs_everyone(self, everyone: Any) -> None:
        assert read(Principal.anonymous(), resource_policy=policy("Allow", "s3:*", Principal=everyone))

    def test_anonymous_is_of_no_account(self) -> None:
        assert not read(Principal.anonymous(), resource_policy=policy("Allow", "s3:*", Principal={"AWS": OWN}))


class TestRoot:
    def test_root_needs_no_policy_in_its_account(self) -> None:
        assert read(ROOT).reason == "allowed: root user of the account that owns the resource"

    # R-INT-2
    def test_scp_binds_root(self) -> None:
        assert not read(ROOT, service_control_policies=[ALLOW_ALL, DENY_READ])

    def test_identity_policies_and_boundaries_do_not_apply_to_root(self) -> None:
        assert read(ROOT, identity_policies=DENY_READ, permission_boundary=DENY_READ)

    # R-ARC-6
    @pytest.mark.parametrize("action", ["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"])
    def test_bucket_policy_cannot_lock_the_owners_root_out(self, action: str) -> None:
        document = policy("Deny", "s3:*", Principal="*")
        request = Request(ROOT, action, BUCKET)
        assert decide(request, resource_account=OWN, resource_policy=document)
        scp = policy("Deny", action)
        assert not decide(request, resource_account=OWN, service_control_policies=[ALLOW_ALL, scp])

    def test_another_accounts_root_is_bound_by_the_bucket_policy(self) -> None:
        request = Request(Principal.root(OTHER), "s3:PutBucketPolicy", BUCKET)
        denied = decide(request, resource_account=OWN, resource_policy=policy("Deny", "s3:*", Principal="*"))
        assert denied.outcome is Outcome.EXPLICIT_DENY

    def test_bucket_policy_locks_root_out_of_everything_else(self) -> None:
        request = Request(ROOT, "s3:DeleteBucket", BUCKET)
        assert not decide(request, resource_account=OWN, resource_policy=policy("Deny", "s3:*", Principal="*"))

    # R-ARC-6
    def test_bucket_policy_is_for_the_owners_account_only(self) -> None:
        document = policy("Allow", "s3:*", Principal="*")
        for caller in (FOREIGN, Principal.root(OTHER), Principal.anonymous()):
            request = Request(caller, "s3:PutBucketPolicy", BUCKET)
            assert not decide(request, resource_account=OWN, resource_policy=document, identity_policies=ALLOW_ALL)

    def test_root_cannot_assume_a_role(self) -> None:
        assert not assume(ROOT, resource_policy=trust(DELEGATION))


class TestKeysAndRoles:
    def test_key_policy_is_needed(self) -> None:
        assert not decrypt(ROLE, identity_policies=ALLOW_ALL)
        elsewhere = policy("Allow", "kms:*", Principal={"AWS": OTHER})
        assert not decrypt(ROLE, identity_policies=ALLOW_ALL, resource_policy=elsewhere)

    def test_key_policy_alone_is_enough_for_whom_it_names(self) -> None:
        assert decrypt(ROLE, resource_policy=policy("Allow", "kms:Decrypt", Principal={"AWS": ROLE_ARN}))

    def test_key_policy_may_delegate_to_the_account(self) -> None:
        document = policy("Allow", "kms:*", Principal=DELEGATION)
        assert not decrypt(ROLE, resource_policy=document)
        decision = decrypt(ROLE, resource_policy=document, identity_policies=ALLOW_ALL)
        assert decision.reason.startswith('allowed: by identity policy 1, statement "AllowIt" and resource policy')

    def test_root_needs_the_key_policy_too(self) -> None:
        assert not decrypt(ROOT)
        assert decrypt(ROOT, resource_policy=policy("Allow", "kms:*", Principal=DELEGATION))

    def test_calls_without_a_key_need_identity_policies_only(self) -> None:
        assert decide(Request(ROLE, "kms:ListKeys", "*"), identity_policies=policy("Allow", "kms:ListKeys"))

    def test_other_account_needs_both_sides_of_a_key(self) -> None:
        document = policy("Allow", "kms:*", Principal={"AWS": OTHER})
        assert not decrypt(FOREIGN, resource_policy=document)
        assert decrypt(FOREIGN, resource_policy=document, identity_policies=ALLOW_ALL)

    def test_trust_policy_is_needed_and_may_be_enough(self) -> None:
        assert not assume(ROLE, identity_policies=ALLOW_ALL)
        assert assume(ROLE, resource_policy=trust({"AWS": ROLE_ARN}))

    def test_trust_in_the_account_needs_identity_policies(self) -> None:
        assert not assume(USER, resource_policy=trust(DELEGATION))
        assert assume(USER, resource_policy=trust(DELEGATION), identity_policies=ALLOW_ALL)

    def test_service_assumes_the_role_that_trusts_it(self) -> None:
        document = trust({"Service": "lambda.amazonaws.com"})
        assert assume(Principal.service("lambda.amazonaws.com"), resource_policy=document)
        assert not assume(CLOUDTRAIL, resource_policy=document)

    def test_other_calls_on_a_role_do_not_ask_its_trust_policy(self) -> None:
        assert decide(Request(ROLE, "iam:GetRole", TRUSTED), identity_policies=policy("Allow", "iam:GetRole"))


class TestLimits:
    @pytest.mark.parametrize(("boundary", "allowed"), [(ALLOW_READ, True), (ALLOW_OTHER, False)])
    def test_boundary_intersects_with_identity_policies(self, boundary: dict[str, Any], allowed: bool) -> None:
        assert read(USER, identity_policies=ALLOW_ALL, permission_boundary=boundary).allowed is allowed

    def test_boundary_grants_nothing(self) -> None:
        assert not read(USER, permission_boundary=ALLOW_ALL)

    @pytest.mark.parametrize(
        ("caller", "named", "allowed"),
        [
            (USER, USER_ARN, True),
            (SESSION, SESSION_ARN, True),
            (SESSION, "*", True),
            (SESSION, ROLE_ARN, False),
            (SESSION, OWN, False),
        ],
        ids=["user", "session", "everyone", "role", "account"],
    )
    def test_boundary_limits_resource_policies_by_what_they_name(
        self, caller: Principal, named: str, allowed: bool
    ) -> None:
        document = policy("Allow", "s3:*", Principal={"AWS": named})
        decision = read(caller, resource_policy=document, identity_policies=ALLOW_READ, permission_boundary=ALLOW_OTHER)
        assert decision.allowed is allowed

    @pytest.mark.parametrize(("session", "allowed"), [([ALLOW_READ], True), ([ALLOW_OTHER], False)])
    def test_session_policies_intersect_with_identity_policies(
        self, session: list[dict[str, Any]], allowed: bool
    ) -> None:
        assert read(SESSION, identity_policies=ALLOW_ALL, session_policies=session).allowed is allowed

    def test_session_policies_limit_what_names_the_role_but_not_the_session(self) -> None:
        for named, allowed in ((ROLE_ARN, False), (SESSION_ARN, True)):
            document = policy("Allow", "s3:*", Principal={"AWS": named})
            assert read(SESSION, resource_policy=document, session_policies=ALLOW_OTHER).allowed is allowed

    def test_session_policies_are_refused_for_users(self) -> None:
        with pytest.raises(RequestError, match="session policies"):
            read(USER, session_policies=ALLOW_ALL)

    # R-INT-2
    def test_scp_must_allow_what_other_policies_grant(self) -> None:
        for granted in ({"identity_policies": ALLOW_ALL}, {"resource_policy": policy("Allow", "s3:*", Principal="*")}):
            assert read(USER, **granted, service_control_policies=ALLOW_ALL)
            assert not read(USER, **granted, service_control_policies=ALLOW_OTHER)

    def test_scp_grants_nothing(self) -> None:
        assert not read(USER, service_control_policies=ALLOW_ALL)

    def test_policies_of_one_scp_level_add_up(self) -> None:
        assert read(USER, identity_policies=ALLOW_ALL, service_control_policies=[ALLOW_OTHER, ALLOW_READ])

    def test_every_scp_level_must_allow(self) -> None:
        levels = [[ALLOW_ALL], [ALLOW_OTHER, ALLOW_READ]]
        assert read(USER, identity_policies=ALLOW_ALL, service_control_policies=levels)
        decision = read(USER, identity_policies=ALLOW_ALL, service_control_policies=[*levels, [ALLOW_OTHER]])
        assert decision.reason == "implicit deny: no level 3 service control policy allows s3:GetObject"

    def test_scp_levels_and_documents_do_not_mix(self) -> None:
        with pytest.raises(RequestError, match="each level"):
            read(USER, service_control_policies=[ALLOW_ALL, [ALLOW_ALL]])

    def test_scp_leaves_service_linked_roles_alone(self) -> None:
        linked = Principal.role(f"arn:aws:iam::{OWN}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX")
        assert read(linked, identity_policies=ALLOW_ALL, service_control_policies=[ALLOW_ALL, DENY_READ])


# R-ARC-6
def test_the_archive_is_read_by_auditors_and_written_by_the_trail_only() -> None:
    trail = f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/audit"
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AuditorsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject*",
                "Resource": f"{BUCKET}/*",
                "Condition": {
                    "ArnNotLike": {"aws:PrincipalArn": ROLE_ARN},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            },
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [BUCKET, f"{BUCKET}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "TrailWrites",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"{BUCKET}/AWSLogs/{OWN}/*",
                "Condition": {"StringEquals": {"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
            },
        ],
    }

    def decided(principal: Principal, action: str, key: str = f"AWSLogs/{OWN}/a.gz", **context: str) -> Decision:
        stated = {name.replace("__", ":").replace("_", "-"): value for name, value in context.items()}
        request = Request(principal, action, f"{BUCKET}/{key}", stated)
        return decide(request, resource_account=OWN, resource_policy=document, identity_policies=ALLOW_ALL)

    full_control = {"s3__x_amz_acl": "bucket-owner-full-control"}
    assert decided(SESSION, "s3:GetObject")
    assert decided(SESSION, "s3:GetObject", aws__SecureTransport="false").sid == "TlsOnly"
    assert decided(USER, "s3:GetObjectVersion").sid == "AuditorsOnly"
    assert decided(Principal.anonymous(), "s3:GetObject").sid == "AuditorsOnly"
    assert decided(CLOUDTRAIL, "s3:PutObject", aws__SourceArn=trail, **full_control)
    assert not decided(CLOUDTRAIL, "s3:PutObject", **full_control)
    assert not decided(CLOUDTRAIL, "s3:PutObject", aws__SourceArn=trail.replace(OWN, OTHER), **full_control)
    assert not decided(CLOUDTRAIL, "s3:PutObject", key="else/a.gz", aws__SourceArn=trail, **full_control)
