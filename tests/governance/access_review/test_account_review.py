"""R-INT-4: who really can what in an account: its users and roles, and the policies as they are deployed."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from cloudtrail_monitoring.aws_account import AccountError
from cloudtrail_monitoring.governance.access_review import intents as part
from cloudtrail_monitoring.governance.access_review.account import Account
from cloudtrail_monitoring.governance.access_review.parts import System
from cloudtrail_monitoring.governance.access_review.review import Holding, Review, Verdict
from cloudtrail_monitoring.governance.access_review.rights import Right
from cloudtrail_monitoring.governance.access_review.run import review_of_account
from cloudtrail_monitoring.governance.access_review.synthesised_parts import read_system
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.governance.access_review.conftest import AT, Synthesised
from tests.governance.access_review.reviewed_account import ANY, allow, deploy, document, make_role, make_user

ONLY_WITH_MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
OTHER_ACCOUNT = "444444444444"


class Reviewed(NamedTuple):
    aws: EmbeddedAws
    settings: MonitoringSettings
    system: System

    def review(self) -> Review:
        return review_of_account(self.settings, self.system, Account(self.settings), at=AT)


@pytest.fixture(scope="module")
def reviewed(synthesised_output: Path, environments: dict[str, MonitoringSettings]) -> Iterator[Reviewed]:
    synthesised = Synthesised(synthesised_output, environments["prod"])
    settings = synthesised.settings
    system = read_system(settings, synthesised.documents)
    with EmbeddedAws(settings.account_id, settings.home_region) as aws:
        deploy(aws, system)
        _people(aws)
        yield Reviewed(aws, settings, system)


def _people(aws: EmbeddedAws) -> None:
    iam = aws.client("iam")
    make_user(aws, "intern", policies={"reads": allow("s3:GetObject")})
    make_user(aws, "stopper", policies={"stops": allow("cloudtrail:StopLogging")})
    iam.create_access_key(UserName="stopper")
    make_user(aws, "careful", policies={"stops": allow("cloudtrail:StopLogging", **ONLY_WITH_MFA)})
    make_user(aws, "bystander", policies={"web": allow("s3:*", resource="arn:aws:s3:::web/*")})
    make_user(aws, "grouped")
    iam.create_group(GroupName="operators")
    iam.put_group_policy(GroupName="operators", PolicyName="alarms", PolicyDocument=allow("cloudwatch:DeleteAlarms"))
    iam.add_user_to_group(GroupName="operators", UserName="grouped")
    make_user(aws, "odd", policies={"strange": allow("s3:*", Condition={"BinaryEquals": {"aws:username": "b2Rk"}})})
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
    make_role(aws, "limited", policies={"all": document(ANY)}, boundary=limit)
    make_role(aws, "Administrator", policies={"all": document(ANY)})
    make_role(aws, "SecondAdministrator", policies={"all": document(ANY)})
    make_role(
        aws, "AWSServiceRoleForTests", path="/aws-service-role/tests.amazonaws.com/", policies={"all": document(ANY)}
    )
    make_role(aws, "stream-reader", policies={"one": allow("logs:GetLogEvents", resource=STREAM)})


STREAM = "arn:aws:logs:us-east-1:333333333333:log-group:CloudTrail/xyz-corp-audit-trail:log-stream:333333333333_one*"


@pytest.fixture(scope="module")
def review(reviewed: Reviewed) -> Review:
    return reviewed.review()


def of(review: Review, caller: str) -> dict[tuple[str, Right], Holding]:
    return {(one.part, one.right): one for one in review.holdings if one.caller == caller}


def test_the_account_as_deployed_differs_in_nothing(review: Review) -> None:
    # R-INT-4
    assert review.differences == ()


def test_an_intern_who_may_read_everything_is_refused_the_archive_by_its_policy(review: Review) -> None:
    # R-ARC-6
    held = of(review, "user/intern")
    archive = held[part.ARCHIVE, Right.READ]
    assert archive.verdict is Verdict.REFUSED
    assert archive.sid == "DenyObjectReadsButByAudit"
    # the state bucket has no such policy: a finding
    assert held[part.STATE, Right.READ].verdict is Verdict.EXCESS


def test_who_may_stop_the_trail_and_is_not_named_is_a_deviation(review: Review) -> None:
    # R-INT-2
    stopping = of(review, "user/stopper")[part.TRAIL, Right.STOP]
    assert stopping.verdict is Verdict.EXCESS
    assert stopping.actions == ("cloudtrail:StopLogging",)
    assert stopping.by == "by inline policy stops, statement 1"
    assert not stopping.conditional


def test_a_right_under_conditions_counts_and_is_said_to_be_one(review: Review) -> None:
    stopping = of(review, "user/careful")[part.TRAIL, Right.STOP]
    assert stopping.verdict is Verdict.EXCESS
    assert stopping.conditional


def test_a_group_s_policy_is_its_users(review: Review) -> None:
    deleting = of(review, "user/grouped")[part.ALARMS, Right.STOP]
    assert deleting.by == "by inline policy alarms of group operators, statement 1"


def test_a_permission_boundary_limits(review: Review) -> None:
    held = of(review, "role/limited")
    assert (part.TRAIL, Right.STOP) not in held
    assert (part.STATE, Right.READ) in held


def test_who_can_do_nothing_here_holds_nothing(review: Review) -> None:
    assert of(review, "user/bystander") == {}


def test_a_policy_on_a_single_stream_is_seen(review: Review) -> None:
    assert of(review, "role/stream-reader")[part.TRAIL_LOGS, Right.READ].verdict is Verdict.EXCESS


def test_what_administrators_could_do_is_a_deviation_and_the_archive_is_closed_to_them(review: Review) -> None:
    held = of(review, "role/Administrator")
    assert held[part.TRAIL, Right.STOP].verdict is Verdict.EXCESS
    assert {held[part.ARCHIVE, right].verdict for right in Right} == {Verdict.REFUSED}


def test_a_service_linked_role_is_shown_and_is_aws_s_own(review: Review) -> None:
    held = of(review, "role/aws-service-role/tests.amazonaws.com/AWSServiceRoleForTests")
    assert held[part.TRAIL, Right.STOP].verdict is Verdict.UNAVOIDABLE


def test_roles_of_the_settings_are_known_by_their_names(review: Review) -> None:
    assert of(review, "role/audit-team")[part.ARCHIVE, Right.READ].verdict is Verdict.MEANT
    assert of(review, "role/break-glass")[part.ARCHIVE, Right.BYPASS].verdict is Verdict.MEANT
    assert not [one for one in review.deviations if one.caller == "role/cloudtrail-monitoring-deploy"]


def test_a_policy_that_can_t_be_judged_is_named_and_the_review_is_not_passed(review: Review) -> None:
    # R-INT-4: nothing is lost
    assert [(who, name) for who, name, _ in review.unjudged] == [("user/odd", "inline policy strange")]
    assert not replace(review, holdings=(), differences=()).is_as_meant


def test_when_somebody_was_last_there_is_said(review: Review) -> None:
    facts = {one.name: one.facts for one in review.callers}
    keys = facts["user/stopper"]["access keys"]
    assert "active" in keys
    assert "never used" in keys
    assert facts["role/Administrator"]["last used"] == "not in the last 400 days"
    assert facts["role/Administrator"]["assumed by"] == "arn:aws:iam::333333333333:root"


def widened(reviewed: Reviewed, edit: Callable[[list[dict[str, Any]]], None]) -> Review:
    """The review with another policy on the archive's bucket, which is put back."""
    client = reviewed.aws.client("s3")
    (archive,) = reviewed.system.parts[part.ARCHIVE]
    changed = json.loads(archive.policy or "")
    edit(changed["Statement"])
    client.put_bucket_policy(Bucket=archive.name, Policy=json.dumps(changed))
    try:
        return reviewed.review()
    finally:
        client.put_bucket_policy(Bucket=archive.name, Policy=archive.policy)


def test_a_deployed_policy_that_differs_is_told_and_is_the_one_that_counts(reviewed: Reviewed) -> None:
    # R-INT-2, R-INT-4
    def edit(statements: list[dict[str, Any]]) -> None:
        statements[:] = [one for one in statements if one["Sid"] != "DenyObjectReadsButByAudit"]

    review = widened(reviewed, edit)
    assert [(one.part, one.text) for one in review.differences] == [
        (part.ARCHIVE, 'its policy: statement "DenyObjectReadsButByAudit" is missing')
    ]
    assert of(review, "user/intern")[part.ARCHIVE, Right.READ].verdict is Verdict.EXCESS


def test_another_account_that_a_deployed_policy_lets_in_is_a_deviation(reviewed: Reviewed) -> None:
    # R-INT-3
    def edit(statements: list[dict[str, Any]]) -> None:
        statements[:] = [one for one in statements if one["Sid"] != "DenyObjectReadsButByAudit"]
        statements.append(
            {
                "Sid": "Partner",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025/*",
            }
        )

    review = widened(reviewed, edit)
    partner = of(review, f"arn:aws:iam::{OTHER_ACCOUNT}:root, of another account")
    assert partner[part.ARCHIVE, Right.READ].verdict is Verdict.EXCESS


def test_what_the_account_lacks_is_told(reviewed: Reviewed) -> None:
    # R-INT-4
    iam = reviewed.aws.client("iam")
    iam.delete_role_policy(RoleName="audit-team", PolicyName="all")
    iam.delete_role(RoleName="audit-team")
    iam.delete_role_permissions_boundary(RoleName="xyz-corp-audit-intake")
    reviewed.aws.client("sqs").delete_queue(
        QueueUrl=reviewed.aws.client("sqs").get_queue_url(QueueName="xyz-corp-audit-failed-calls")["QueueUrl"]
    )
    differences = {(one.resource, one.text) for one in reviewed.review().differences}
    assert differences == {
        ("audit-team", "the settings name it, and the account has no such role"),
        ("xyz-corp-audit-failed-calls", "it is not in the account: is all deployed?"),
        (
            "xyz-corp-audit-intake",
            "its permission boundary is missing, and not arn:aws:iam::333333333333:policy/xyz-corp-audit-roles",
        ),
    }


def test_another_account_is_refused_before_anything_is_read(reviewed: Reviewed) -> None:
    # R-DEL-1
    other = reviewed.settings.model_copy(update={"account_id": OTHER_ACCOUNT})
    with pytest.raises(AccountError) as caught:
        Account(other)
    assert str(caught.value) == (
        "these credentials are of account 333333333333, and prod is account 444444444444:"
        " choose a profile of that account (AWS_PROFILE), or another --environment"
    )


def test_a_right_that_the_reviewer_lacks_is_named(reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch) -> None:
    # R-INT-4: half a review looks like a whole one
    make_user(reviewed.aws, "reviewer", policies={"who": allow("sts:GetCallerIdentity")})
    key = reviewed.aws.client("iam").create_access_key(UserName="reviewer")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    with enforced(monkeypatch), pytest.raises(AccountError) as caught:
        _ = Account(reviewed.settings).details
    assert str(caught.value).startswith("these credentials lack a right: GetAccountAuthorizationDetails: AccessDenied")
    assert "user/reviewer is not authorized to perform: iam:GetAccountAuthorizationDetails" in str(caught.value)


@contextmanager
def enforced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """While it lasts the embedded account judges who calls, as AWS does."""
    # the session in use has found its credentials already
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)
    yield
    monkeypatch.undo()
