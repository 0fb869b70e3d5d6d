"""Where a user's policies are full: the same text as a managed policy, and an alert where that has no room either."""

import json
from datetime import timedelta

import pytest

from cloudtrail_monitoring.responders.runtime.account_lockout import AccountLockout
from cloudtrail_monitoring.responders.runtime.assembly import measures
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind, MeasureRefusedError, Status
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from tests.runtime.account import ACCOUNT, BEGIN, PREFIX, Account
from tests.runtime.records import event, failed_login

FULL = "LimitExceeded"
LOCKOUT = Containment(Kind.ACCOUNT_LOCKOUT, "jordan", BEGIN, BEGIN + timedelta(minutes=30), "inc-1")


@pytest.fixture
def jordan(account: Account) -> Account:
    account.add_user("jordan")
    return account


def tools(account: Account) -> Toolbox:
    return account.toolbox(measures(account.configuration, account.aws))


def attached(account: Account) -> list[str]:
    policies = account.iam.list_attached_user_policies(UserName="jordan")["AttachedPolicies"]
    return [one["PolicyName"] for one in policies]


def managed(account: Account) -> list[str]:
    return [one["PolicyName"] for one in account.iam.list_policies(Scope="Local")["Policies"]]


def test_full_inline_policies_are_gone_around(jordan: Account) -> None:
    with jordan.fail("PutUserPolicy", code=FULL):
        tools(jordan).containments.hold(LOCKOUT)
    (name,) = attached(jordan)
    assert name.startswith(f"{PREFIX}-account-lockout-")
    assert jordan.user_policies("jordan") == {}


def test_the_managed_policy_goes_with_the_lockout(jordan: Account) -> None:
    with jordan.fail("PutUserPolicy", code=FULL):
        tools(jordan).containments.hold(LOCKOUT)
    jordan.clock.move(minutes=30)
    jordan.fire_schedules(tools(jordan))
    assert attached(jordan) == []
    assert managed(jordan) == []


def test_one_that_is_there_already_is_replaced(jordan: Account) -> None:
    for minutes in (30, 40):
        longer = Containment(Kind.ACCOUNT_LOCKOUT, "jordan", BEGIN, BEGIN + timedelta(minutes=minutes), "inc-1")
        with jordan.fail("PutUserPolicy", code=FULL):
            tools(jordan).containments.hold(longer)
    (name,) = attached(jordan)
    assert managed(jordan) == [name]


def test_one_of_its_name_that_somebody_else_made_is_not_attached(jordan: Account) -> None:
    # its name can be foretold
    with jordan.fail("PutUserPolicy", code=FULL):
        tools(jordan).containments.hold(LOCKOUT)
    (name,) = attached(jordan)
    tools(jordan).containments.end_now(LOCKOUT.key)
    planted = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    jordan.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(planted))
    with jordan.fail("PutUserPolicy", code=FULL):
        tools(jordan).containments.hold(LOCKOUT)
    (other,) = attached(jordan)
    assert other != name
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{other}"
    version = jordan.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = jordan.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert [one["Effect"] for one in document["Statement"]] == ["Deny"]


def test_one_that_iam_does_not_know_everywhere_yet_is_waited_for(jordan: Account) -> None:
    with jordan.fail("PutUserPolicy", code=FULL), jordan.fail("AttachUserPolicy", code="NoSuchEntity"):
        tools(jordan).containments.hold(LOCKOUT)
    assert attached(jordan) == managed(jordan)
    assert jordan.calls("CreatePolicy") == 1


def test_one_with_the_same_text_is_left_attached(jordan: Account) -> None:
    # a second would need another of the user's ten places
    for _ in range(2):
        with jordan.fail("PutUserPolicy", code=FULL):
            tools(jordan).containments.hold(LOCKOUT)
    assert jordan.calls("AttachUserPolicy") == 1


def test_where_neither_has_room_nothing_is_left_behind(jordan: Account) -> None:
    refused = pytest.raises(MeasureRefusedError, match="as many managed policies are attached as AWS takes")
    with jordan.fail("PutUserPolicy", code=FULL), jordan.fail("AttachUserPolicy", code=FULL), refused:
        tools(jordan).containments.hold(LOCKOUT)
    assert attached(jordan) == []
    assert managed(jordan) == []
    assert jordan.schedules() == {}
    (item,) = jordan.containment_items()
    assert item["status"] == Status.ENDED


def test_it_is_told_then(jordan: Account) -> None:
    jordan.clock.move(minutes=8)
    assert jordan.configuration.lockout
    responder = AccountLockout(tools(jordan), jordan.configuration.lockout)
    with jordan.fail("PutUserPolicy", code=FULL), jordan.fail("AttachUserPolicy", code=FULL):
        for number in range(6):
            responder.respond(event(failed_login(number)))
    (mail,) = jordan.said()
    assert mail.subject == "NOT LOCKED: user jordan, 6 failed console logins"
    assert "nothing: the user's inline policies have no room left" in mail.text


def test_the_sweep_goes_on_past_one_that_is_refused(jordan: Account) -> None:
    jordan.add_user("ada")
    other = Containment(Kind.ACCOUNT_LOCKOUT, "ada", BEGIN, BEGIN + timedelta(minutes=30), "inc-2")
    for one in (LOCKOUT, other):
        tools(jordan).containments.hold(one)
    jordan.iam.delete_user_policy(UserName="jordan", PolicyName=f"{PREFIX}-account-lockout")
    with jordan.fail("PutUserPolicy", code=FULL), jordan.fail("AttachUserPolicy", code=FULL):
        settled = [one for one in tools(jordan).containments.sweep() if isinstance(one, Containment)]
    assert {one.target: one.status for one in settled} == {"ada": Status.ENDED, "jordan": Status.ACTIVE}
