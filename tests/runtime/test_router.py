"""The router: each event once whichever path it came by, failures alone, and no crash that loses anything."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from cloudtrail_monitoring.responders.runtime.login_failures import LoginFailures
from cloudtrail_monitoring.responders.runtime.router import Router
from tests.runtime.account import PREFIX, Account
from tests.runtime.records import LambdaContext, Record, batch, by_root, event, failed_login

POLICY = f"{PREFIX}-account-lockout"


class OutOfTime(LambdaContext):
    """Of a function that ends in the middle: what it had begun may be taken up at once."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 0


def handle(account: Account, *records: Record | str, context: LambdaContext | None = None) -> list[str]:
    """What failed, by the place in the batch."""
    answer = Router(account.configuration, account.aws).handle(batch(*records), context or LambdaContext())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def remember(account: Account, *records: Record) -> None:
    """Let failed logins have been handled before."""
    failures = LoginFailures(account.toolbox({}).state, timedelta(minutes=15))
    for record in records:
        failures.remember(event(record))


@pytest.fixture
def jordan(account: Account) -> Account:
    account.add_user("jordan")
    account.clock.move(minutes=8)
    return account


BURST = [failed_login(number) for number in range(6)]


def from_event_bridge(record: Record) -> Record:
    return {
        "version": "0",
        "source": "aws.signin",
        "detail-type": "AWS Console Sign In via CloudTrail",
        "detail": record,
    }


def test_an_event_on_both_paths_is_handled_once(jordan: Account) -> None:
    assert handle(jordan, *BURST, *map(from_event_bridge, BURST)) == []
    assert len(jordan.said("email")) == 1
    assert jordan.calls("PutUserPolicy") == 1


def test_it_is_remembered_across_batches_and_functions(jordan: Account) -> None:
    handle(jordan, *BURST)
    calls = jordan.calls("PutUserPolicy")
    handle(jordan, *BURST)
    assert jordan.calls("PutUserPolicy") == calls


def test_an_event_of_a_member_account_is_left_to_it(jordan: Account) -> None:
    # an organization trail brings it, and its users may bear the same names
    assert handle(jordan, *({**one, "recipientAccountId": "210987654321"} for one in BURST)) == []
    assert jordan.user_policies("jordan") == {}
    assert jordan.said() == []
    assert jordan.incident_headers() == []


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"eventName": "X"}', "[" * 100_000, json.dumps({"eventID": "x" * 10_000})]
)
def test_a_message_that_is_no_event_fails_alone(jordan: Account, body: str) -> None:
    assert handle(jordan, BURST[0], body, *BURST[1:]) == ["1"]
    assert POLICY in jordan.user_policies("jordan")


def test_a_batch_in_which_all_fail_is_told_as_such(jordan: Account) -> None:
    # Powertools raises for a batch that failed whole, and Lambda then returns all of it to the queue
    with pytest.raises(BatchProcessingError, match="All records failed processing"):
        handle(jordan, "{", "[]")


def test_an_event_that_nobody_answers_to_is_done(jordan: Account) -> None:
    assert handle(jordan, by_root("ListUsers", readOnly=True)) == []
    assert jordan.said() == []


class TestACrashBetweenAnyTwoSteps:
    """Every call to AWS that the last event of a burst leads to fails once, before or after it took effect."""

    STEPS = 29

    def test_there_are_no_more_steps_than_are_tried(self, jordan: Account) -> None:
        remember(jordan, *BURST[:5])
        before = len(jordan.aws.calls)
        handle(jordan, BURST[5])
        assert self.STEPS - 3 <= len(jordan.aws.calls) - before <= self.STEPS

    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize("number", range(1, STEPS + 1))
    def test_is_mended_by_the_retry(self, jordan: Account, number: int, after: bool) -> None:
        remember(jordan, *BURST[:5])
        with jordan.fail(number=number, code="InternalServerError", after=after), suppress(BatchProcessingError):
            handle(jordan, BURST[5], context=OutOfTime())
        assert handle(jordan, BURST[5]) == []
        assert POLICY in jordan.user_policies("jordan")
        assert len(jordan.incident_headers()) == 1
        assert list(jordan.schedules()) == ["account_lockout#jordan"]
        # an alert is sent twice rather than never
        assert 1 <= len(jordan.said("email")) <= 2


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
@pytest.mark.parametrize(
    "operation", ["PutItem", "GetUser", "PutUserPolicy", "CreateSchedule", "Publish", "GetParameter"]
)
def test_a_refused_call_is_tried_again(jordan: Account, operation: str, code: str) -> None:
    remember(jordan, *BURST[:5])
    with jordan.fail(operation, code=code) as failure, pytest.raises(BatchProcessingError, match=code):
        handle(jordan, BURST[5], context=OutOfTime())
    assert failure.happened
    assert handle(jordan, BURST[5]) == []
    assert POLICY in jordan.user_policies("jordan")
    assert len(jordan.said("email")) == 1
