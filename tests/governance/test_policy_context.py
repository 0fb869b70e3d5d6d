"""The context keys AWS sets by itself, and those a request must state, through ``decide``."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cloudtrail_monitoring.governance.policy_evaluator import Principal, Request, RequestError, decide

ACCOUNT = "333333333333"
USER = Principal.user(f"arn:aws:iam::{ACCOUNT}:user/people/alice")
ROLE = Principal.role(f"arn:aws:iam::{ACCOUNT}:role/deploy")
SESSION = Principal.session(f"arn:aws:iam::{ACCOUNT}:role/deploy", "alice")
ROOT = Principal.root(ACCOUNT)
CLOUDTRAIL = Principal.service("cloudtrail.amazonaws.com")
ANONYMOUS = Principal.anonymous()
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:alerts"

Stated = Mapping[str, str | Sequence[str]]


def holds(condition: Mapping[str, Any], context: Stated | None = None, principal: Principal = USER) -> bool:
    """Whether a condition holds: it is put on a deny, so that it shows for root users too."""
    everything = {"Principal": "*", "Action": "*", "Resource": "*"}
    statements = [everything | {"Effect": "Allow"}, everything | {"Effect": "Deny", "Condition": condition}]
    request = Request(principal, "sqs:SendMessage", QUEUE, context or {})
    return not decide(request, resource_policy={"Version": "2012-10-17", "Statement": statements})


DERIVED = [
    (USER, "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:user/people/alice"),
    (USER, "aws:username", "alice"),
    (USER, "aws:PrincipalType", "User"),
    (USER, "aws:PrincipalIsAWSService", "false"),
    (SESSION, "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/deploy"),
    (SESSION, "aws:PrincipalType", "AssumedRole"),
    (SESSION, "aws:PrincipalAccount", ACCOUNT),
    (ROOT, "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:root"),
    (ROOT, "aws:PrincipalType", "Account"),
    (ROOT, "aws:userid", ACCOUNT),
    (CLOUDTRAIL, "aws:PrincipalIsAWSService", "true"),
    (CLOUDTRAIL, "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"),
    (ANONYMOUS, "aws:PrincipalAccount", "anonymous"),
    (ANONYMOUS, "aws:PrincipalType", "Anonymous"),
    (ANONYMOUS, "aws:userid", "anonymous"),
    *((caller, "aws:SecureTransport", "true") for caller in (USER, SESSION, ROOT, CLOUDTRAIL, ANONYMOUS)),
    (USER, "aws:ResourceAccount", ACCOUNT),
    (USER, "aws:RequestedRegion", "eu-west-1"),
]
ABSENT = [
    (ANONYMOUS, "aws:PrincipalArn"),
    (ANONYMOUS, "aws:PrincipalIsAWSService"),
    (ROOT, "aws:username"),
    (SESSION, "aws:username"),
    (USER, "aws:PrincipalServiceName"),
    (USER, "aws:TokenIssueTime"),
    (USER, "aws:SourceArn"),
    (CLOUDTRAIL, "aws:PrincipalArn"),
    (CLOUDTRAIL, "aws:SourceAccount"),
    (USER, "s3:TlsVersion"),
]


class TestContext:
    @pytest.mark.parametrize(("caller", "key", "value"), DERIVED)
    def test_keys_aws_sets(self, caller: Principal, key: str, value: str) -> None:
        assert holds({"StringEquals": {key: value}}, principal=caller)
        assert not holds({"StringNotEquals": {key: value}}, principal=caller)

    @pytest.mark.parametrize(("caller", "key"), ABSENT)
    def test_keys_aws_does_not_set(self, caller: Principal, key: str) -> None:
        assert holds({"Null": {key: "true"}}, principal=caller)
        assert not holds({"Null": {key: "false"}}, principal=caller)

    def test_the_request_overrides(self) -> None:
        assert not holds({"Bool": {"aws:SecureTransport": "true"}}, {"AWS:securetransport": "false"})
        assert holds({"Null": {"aws:PrincipalArn": "true"}}, {"aws:PrincipalArn": []})

    def test_source_account_comes_with_the_source(self) -> None:
        source = {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit"}
        condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        assert holds(condition, source, CLOUDTRAIL)
        assert not holds(condition, source | {"aws:SourceAccount": "444444444444"}, CLOUDTRAIL)

    def test_service_names_are_a_list(self) -> None:
        names = {"aws:PrincipalServiceNamesList": "cloudtrail.amazonaws.com"}
        assert holds({"ForAnyValue:StringEquals": names}, principal=CLOUDTRAIL)
        assert not holds({"ForAnyValue:StringEquals": names}, principal=USER)

    @pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
    def test_the_clock_must_be_stated(self, key: str) -> None:
        with pytest.raises(RequestError, match=key):
            holds({"DateLessThan": {key: "2026-01-01"}})

    def test_one_clock_tells_the_other(self) -> None:
        assert holds({"NumericEquals": {"aws:EpochTime": "1767225600"}}, {"aws:CurrentTime": "2026-01-01"})
        assert holds({"DateEquals": {"aws:CurrentTime": "2026-01-01"}}, {"aws:EpochTime": "1767225600"})

    def test_a_sessions_beginning_must_be_stated(self) -> None:
        condition = {"DateLessThan": {"aws:TokenIssueTime": "2026-01-01"}}
        with pytest.raises(RequestError, match="TokenIssueTime"):
            holds(condition, principal=ROLE)
        assert holds(condition, {"aws:TokenIssueTime": "2025-12-31T23:59:59Z"}, ROLE)

    def test_the_region_must_be_stated_for_global_resources(self) -> None:
        document = {
            "Statement": {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
            }
        }
        resource = f"arn:aws:iam::{ACCOUNT}:role/deploy"
        with pytest.raises(RequestError, match="RequestedRegion"):
            decide(Request(USER, "iam:GetRole", resource), identity_policies=document)
        stated = Request(USER, "iam:GetRole", resource, {"aws:RequestedRegion": "us-east-1"})
        assert decide(stated, identity_policies=document)

    # R-RSP-1
    def test_a_containment_ends_by_itself(self) -> None:
        deny = {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "DateGreaterThanEquals": {"aws:TokenIssueTime": "2026-01-01T09:55:00Z"},
                "DateLessThan": {"aws:CurrentTime": "2026-01-01T11:00:00Z"},
            },
        }
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}

        def allowed(now: str, **session: str) -> bool:
            context = {"aws:CurrentTime": now} | {f"aws:{key}": value for key, value in session.items()}
            request = Request(USER, "sqs:SendMessage", QUEUE, context)
            return decide(request, identity_policies={"Version": "2012-10-17", "Statement": [allow, deny]}).allowed

        assert not allowed("2026-01-01T10:00:00Z", TokenIssueTime="2026-01-01T09:59:00Z")
        assert allowed("2026-01-01T11:00:00Z", TokenIssueTime="2026-01-01T09:59:00Z")
        assert allowed("2026-01-01T10:00:00Z", TokenIssueTime="2026-01-01T09:00:00Z")
        assert allowed("2026-01-01T10:00:00Z")
