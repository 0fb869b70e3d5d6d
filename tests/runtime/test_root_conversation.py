"""R-RSP-2: root's session is one conversation, told in words, and nothing acts on it."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from cloudtrail_monitoring.responders.runtime.assembly import measures
from cloudtrail_monitoring.responders.runtime.root_conversation import MAX_MAILS, RootConversation
from tests.runtime.account import ACCOUNT, BEGIN, Account
from tests.runtime.records import Record, by_root, event


def respond(account: Account, records: Iterable[Record]) -> None:
    responder = RootConversation(account.toolbox(measures(account.configuration, account.aws)))
    for record in records:
        responder.respond(event(record))


SUCCESS = {"ConsoleLogin": "Success"}
LOGIN = by_root(
    "ConsoleLogin",
    eventSource="signin.amazonaws.com",
    responseElements=SUCCESS,
    additionalEventData={"MFAUsed": "No"},
)


def test_a_login_without_mfa_is_told_as_such(account: Account) -> None:
    respond(account, [LOGIN])
    (mail,) = account.said("email")
    assert mail.subject.startswith(f"Root session in account {ACCOUNT}, inc-20260309-")
    assert "The root user did ConsoleLogin from 203.0.113.57." in mail.text
    assert "MFA:      NO: the password or key alone" in mail.text
    (sms,) = account.said("sms")
    assert sms.text == f"ROOT of {ACCOUNT}: ConsoleLogin from 203.0.113.57, logged in"


def test_each_new_kind_of_call_is_told_once_under_one_subject(account: Account) -> None:
    respond(
        account, [LOGIN, *(by_root("CreateAccessKey", number) for number in range(1, 50)), by_root("DeleteTrail", 51)]
    )
    mails = account.said("email")
    assert len(mails) == 3
    assert len({mail.subject for mail in mails}) == 1
    assert "So far:   ConsoleLogin, CreateAccessKey, DeleteTrail" in mails[-1].text
    assert len(account.said("sms")) == 1


def test_all_of_it_stands_in_one_incident(account: Account) -> None:
    respond(account, [LOGIN, by_root("CreateAccessKey", 1), by_root("CreateAccessKey", 2)])
    (header,) = account.incident_headers()
    timeline = list(account.toolbox({}).incidents.timeline(header["pk"]))
    assert [entry.at for entry in timeline] == [BEGIN + timedelta(minutes=number) for number in range(3)]
    assert "CreateAccessKey (iam.amazonaws.com), from 203.0.113.57 in us-east-1" in timeline[-1].text


def test_the_next_day_is_another_conversation(account: Account) -> None:
    respond(account, [LOGIN, by_root("CreateAccessKey", 24 * 60)])
    assert len(account.incident_headers()) == 2
    assert len(account.said("sms")) == 2


def test_the_same_event_again_says_nothing_again(account: Account) -> None:
    respond(account, [LOGIN, LOGIN])
    assert len(account.said("email")) == 1


def test_a_script_that_calls_everything_does_not_fill_the_mailbox(account: Account) -> None:
    respond(account, [by_root(f"Create{number}", number % 60) for number in range(60)])
    assert len(account.said("email")) == MAX_MAILS


def test_a_login_that_succeeds_after_failures_rings(account: Account) -> None:
    # a guessed password must not hide behind the failures that came before
    failed = by_root(
        "ConsoleLogin",
        eventSource="signin.amazonaws.com",
        errorMessage="Failed authentication",
        responseElements={"ConsoleLogin": "Failure"},
    )
    respond(account, [failed] * 3)
    assert len(account.said("email")) == 1
    assert account.said("sms") == []
    respond(account, [by_root("ConsoleLogin", 2, eventSource="signin.amazonaws.com", responseElements=SUCCESS)])
    assert len(account.said("email")) == 2
    (sms,) = account.said("sms")
    assert "logged in" in sms.text


def test_the_same_call_from_another_address_is_told_too(account: Account) -> None:
    respond(account, [by_root("CreateUser"), by_root("CreateUser", 1, sourceIPAddress="198.51.100.9")])
    assert len(account.said("email")) == 2


def test_the_first_success_rings_however_many_failures_came_before(account: Account) -> None:
    respond(account, [by_root(f"Create{number}", number % 50, errorCode="AccessDenied") for number in range(50)])
    assert account.said("sms") == []
    respond(account, [by_root("CreateUser", 55)])
    (sms,) = account.said("sms")
    assert "CreateUser" in sms.text


@pytest.mark.parametrize(
    "record",
    [
        by_root("ListUsers", readOnly=True),
        by_root("CreateUser", userIdentity={"type": "Root", "invokedBy": "support.amazonaws.com"}),
        by_root("RotateKey", eventType="AwsServiceEvent"),
        by_root("CreateUser", userIdentity={"type": "IAMUser", "userName": "root"}),
    ],
)
def test_what_is_not_roots_own_doing_is_silent(account: Account, record: Record) -> None:
    respond(account, [record])
    assert account.said() == []
    assert account.incident_headers() == []


def test_nothing_acts_on_root(account: Account) -> None:
    respond(account, [LOGIN, by_root("DeleteTrail", 1)])
    assert account.containment_items() == []
    assert {"PutUserPolicy", "DeleteUserPolicy"}.isdisjoint(account.aws.calls)
