"""Policy documents: what they cover, whom they name, and which are refused."""

import json
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import (
    MalformedPolicyError,
    PolicyError,
    Principal,
    Request,
    RequestError,
    decide,
)

ACCOUNT = "333333333333"
USER = Principal.user(f"arn:aws:iam::{ACCOUNT}:user/alice")
ROOT = Principal.root(ACCOUNT)
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EVERYONE = {**ALLOW, "Principal": "*"}


def document(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def allows(statement: dict[str, Any], action: str = "s3:GetObject", resource: str = "arn:aws:s3:::a/b") -> bool:
    request = Request(USER, action, resource)
    return decide(request, identity_policies=document(statement), resource_account=ACCOUNT).allowed


class TestActions:
    @pytest.mark.parametrize("action", ["*", "s3:*", "S3:getobject", "s3:Get*", "s3:G?tObject", "s3:*Object"])
    def test_match(self, action: str) -> None:
        assert allows(ALLOW | {"Action": action})

    @pytest.mark.parametrize("action", ["s3:GetObjectVersion", "s3:Get?", "sqs:*", "s3:Put*"])
    def test_no_match(self, action: str) -> None:
        assert not allows(ALLOW | {"Action": action})

    def test_any_of_a_list(self) -> None:
        assert allows(ALLOW | {"Action": ["sqs:*", "s3:GetObject"]})

    def test_not_action_covers_everything_else(self) -> None:
        statement = {"Effect": "Allow", "NotAction": ["s3:Put*", "iam:*"], "Resource": "*"}
        assert allows(statement)
        assert not allows(statement, action="s3:PutObject")


class TestResources:
    @pytest.mark.parametrize(
        "resource",
        ["*", "arn:aws:s3:::a/b", "arn:aws:s3:::*", "arn:aws:s3:::a/?", "arn:*:s3:::a/b", "arn:aws:s3:*", "arn:aws:*"],
    )
    def test_match(self, resource: str) -> None:
        assert allows(ALLOW | {"Resource": resource})

    @pytest.mark.parametrize("resource", ["arn:aws:s3:::a", "arn:aws:s3:::A/b", "arn:aws:s3:::a/b/?", "arn:aws:sqs:*"])
    def test_no_match(self, resource: str) -> None:
        assert not allows(ALLOW | {"Resource": resource})

    def test_wildcard_spans_slashes_and_colons_of_the_last_part(self) -> None:
        logs = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/a/b:log-stream:c"
        assert allows(ALLOW | {"Resource": "arn:aws:logs:*:*:log-group:/a*:c"}, "logs:PutLogEvents", logs)

    def test_star_that_ends_a_part_may_run_on(self) -> None:
        queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:alerts"
        assert allows(ALLOW | {"Resource": "arn:aws:sqs:us-*:alerts"}, "sqs:SendMessage", queue)
        assert not allows(ALLOW | {"Resource": "arn:aws:sqs:us-*:alarms"}, "sqs:SendMessage", queue)

    def test_wildcard_inside_an_earlier_part_stays_there(self) -> None:
        queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:alerts"
        assert allows(ALLOW | {"Resource": "arn:aws:sqs:us-*-1:*:alerts"}, "sqs:SendMessage", queue)
        assert not allows(ALLOW | {"Resource": "arn:aws:sqs:us-*3:alerts:x"}, "sqs:SendMessage", f"{queue}:x")

    def test_not_resource_covers_everything_else(self) -> None:
        statement = {"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]}
        assert not allows(statement)
        assert allows(statement, resource="arn:aws:s3:::c/d")

    def test_a_call_without_resource_needs_the_star(self) -> None:
        assert allows(ALLOW, action="s3:ListAllMyBuckets", resource="*")
        assert not allows(ALLOW | {"Resource": "arn:aws:s3:::*"}, action="s3:ListAllMyBuckets", resource="*")

    def test_variable_in_a_resource(self) -> None:
        statement = ALLOW | {"Resource": "arn:aws:s3:::a/${aws:username}/*"}
        assert allows(statement, resource="arn:aws:s3:::a/alice/b")
        assert not allows(statement, resource="arn:aws:s3:::a/bob/b")

    @pytest.mark.parametrize("element", ["Resource", "NotResource"])
    def test_variable_without_a_value_makes_the_statement_void(self, element: str) -> None:
        statement = {"Effect": "Deny", "Principal": "*", "Action": "*", element: "arn:aws:s3:::a/${aws:username}"}
        request = Request(ROOT, "s3:GetObject", "arn:aws:s3:::a/b")
        assert decide(request, resource_account=ACCOUNT, resource_policy=document(statement))


class TestDocuments:
    def test_json_text_and_data_are_the_same(self) -> None:
        request = Request(USER, "sqs:ListQueues", "*")
        for given in (document(ALLOW), json.dumps(document(ALLOW)), {"Statement": ALLOW}, document(ALLOW, Id="x")):
            assert decide(request, identity_policies=given)

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            "[]",
            '"Allow"',
            '{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}',
        ],
    )
    def test_text_that_is_no_policy(self, text: str) -> None:
        with pytest.raises(MalformedPolicyError, match="identity policy 1"):
            decide(Request(USER, "sqs:ListQueues", "*"), identity_policies=text)

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"Version": "2012-10-17"},
            {"Statement": []},
            {"Statement": "Allow"},
            {"Statement": ["Allow"]},
            {"Version": "2012-10-18", "Statement": ALLOW},
            {"Version": ["2012-10-17"], "Statement": ALLOW},
            {"Statement": ALLOW, "Statements": []},
            document(ALLOW | {"Sid": "A"}, ALLOW | {"Sid": "A"}),
        ],
    )
    def test_malformed_document(self, given: Any) -> None:
        with pytest.raises(MalformedPolicyError):
            decide(Request(USER, "sqs:ListQueues", "*"), identity_policies=[given])

    @pytest.mark.parametrize(
        "change",
        [
            {"Effect": "allow"},
            {"Effect": None},
            {"Sid": 1},
            {"Action": None},
            {"Action": []},
            {"Action": "GetObject"},
            {"Action": "s3:"},
            {"Action": [1]},
            {"NotAction": "s3:*"},
            {"Resource": []},
            {"Resource": "bucket"},
            {"Resource": "arn:aws:s3:::${aws_s3_bucket.a.id}"},
            {"NotResource": "*"},
            {"Principal": "*"},
            {"NotPrincipal": "*"},
            {"Conditions": {}},
            {"condition": {}},
        ],
    )
    def test_malformed_statement(self, change: dict[str, Any]) -> None:
        with pytest.raises(MalformedPolicyError, match="identity policy 1: statement 1: "):
            allows(ALLOW | change)

    @pytest.mark.parametrize("missing", ["Effect", "Action", "Resource"])
    def test_missing_element(self, missing: str) -> None:
        with pytest.raises(MalformedPolicyError):
            allows({key: value for key, value in ALLOW.items() if key != missing})

    def test_error_is_one_line_and_names_the_place(self) -> None:
        with pytest.raises(PolicyError) as caught:
            allows(ALLOW | {"Condition": {"StringIs": {"aws:username": "a"}}})
        assert str(caught.value) == (
            "identity policy 1: statement 1: StringIs is no condition operator that can be evaluated"
        )


class TestPrincipalElements:
    @staticmethod
    def parse(principal: Any, **change: Any) -> None:
        statement = {key: value for key, value in (EVERYONE | change).items() if value is not None}
        if principal is not None:
            statement["Principal"] = principal
        request = Request(USER, "s3:GetObject", "arn:aws:s3:::a/b")
        decide(request, resource_account=ACCOUNT, resource_policy=document(statement))

    @pytest.mark.parametrize(
        "principal",
        [
            "*",
            {"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws-cn:iam::{ACCOUNT}:role/a/b"]},
            {"AWS": [f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b", f"arn:aws:sts::{ACCOUNT}:federated-user/a"]},
            {"AWS": "AROAEXAMPLEEXAMPLEID", "Service": ["logs.us-east-1.amazonaws.com"]},
            {"Federated": "accounts.google.com"},
        ],
    )
    def test_accepted(self, principal: Any) -> None:
        self.parse(principal)

    @pytest.mark.parametrize(
        "principal",
        [
            "everyone",
            [],
            {},
            {"AWS": []},
            {"AWS": [1]},
            {"AWS": "alice"},
            {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"},
            {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/a/*"},
            {"AWS": f"arn:aws:iam::{ACCOUNT}:group/admins"},
            {"AWS": "${aws_iam_role.a.arn}"},
            {"Service": "*"},
            {"Service": "cloudtrail"},
            {"CanonicalUser": "79a5"},
            {"aws": ACCOUNT},
        ],
    )
    def test_refused(self, principal: Any) -> None:
        with pytest.raises(MalformedPolicyError, match="Principal"):
            self.parse(principal)

    def test_resource_policy_needs_a_principal(self) -> None:
        with pytest.raises(MalformedPolicyError, match="Principal"):
            self.parse(None, Principal=None)

    def test_both_principal_elements_are_refused(self) -> None:
        with pytest.raises(MalformedPolicyError, match="Principal"):
            self.parse("*", NotPrincipal="*", Effect="Deny")

    @pytest.mark.parametrize("change", [{"Effect": "Allow"}, {"Effect": "Deny", "Action": "sts:AssumeRole"}])
    def test_not_principal_is_for_deny_outside_trust_policies(self, change: dict[str, str]) -> None:
        with pytest.raises(MalformedPolicyError, match="NotPrincipal"):
            self.parse(None, Principal=None, NotPrincipal={"AWS": ACCOUNT}, **change)

    def test_only_trust_and_repository_policies_go_without_resource(self) -> None:
        self.parse("*", Action="sts:AssumeRole", Resource=None)
        self.parse("*", Action=["ecr:BatchGetImage"], Resource=None)
        for action in ("s3:GetObject", "*", ["sts:AssumeRole", "s3:*"]):
            with pytest.raises(MalformedPolicyError, match="Resource"):
                self.parse("*", Action=action, Resource=None)


class TestPrincipals:
    def test_session_keeps_the_name_but_not_the_path_of_its_role(self) -> None:
        session = Principal.session(f"arn:aws-us-gov:iam::{ACCOUNT}:role/team/deploy", "ci@main")
        assert session.session_arn == f"arn:aws-us-gov:sts::{ACCOUNT}:assumed-role/deploy/ci@main"
        assert session.arn == f"arn:aws-us-gov:iam::{ACCOUNT}:role/team/deploy"
        assert session.account == ACCOUNT

    def test_root_of_another_partition(self) -> None:
        assert Principal.root(ACCOUNT, partition="aws-cn").arn == f"arn:aws-cn:iam::{ACCOUNT}:root"

    @pytest.mark.parametrize(
        ("principal", "text"),
        [
            (Principal.session(f"arn:aws:iam::{ACCOUNT}:role/a", "bc"), f"arn:aws:sts::{ACCOUNT}:assumed-role/a/bc"),
            (USER, f"arn:aws:iam::{ACCOUNT}:user/alice"),
            (Principal.service("sns.amazonaws.com"), "sns.amazonaws.com"),
            (Principal.anonymous(), "an anonymous caller"),
        ],
    )
    def test_text(self, principal: Principal, text: str) -> None:
        assert str(principal) == text

    @pytest.mark.parametrize(
        ("make", "arguments"),
        [
            (Principal.role, [f"arn:aws:iam::{ACCOUNT}:user/alice"]),
            (Principal.role, ["deploy"]),
            (Principal.user, [f"arn:aws:iam::{ACCOUNT}:role/deploy"]),
            (Principal.session, [f"arn:aws:iam::{ACCOUNT}:role/deploy", "a"]),
            (Principal.session, [f"arn:aws:iam::{ACCOUNT}:role/deploy", "a" * 65]),
            (Principal.root, ["3333"]),
            (Principal.service, ["cloudtrail"]),
        ],
    )
    def test_refused(self, make: Any, arguments: list[str]) -> None:
        with pytest.raises(RequestError, match="principal"):
            make(*arguments)
