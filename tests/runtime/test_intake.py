"""The intake: every record of a delivery reaches the queue, and its category's log group (R-QRY-4)."""

import base64
import gzip
import json
import time
from typing import Any

import boto3
import pytest

from cloudtrail_monitoring.responders.runtime.intake import Intake, batches
from tests.runtime.account import REGION, Account
from tests.runtime.records import Record, by_root, failed_login

Delivery = dict[str, Any]


def delivery(*records: Record | str, kind: str = "DATA_MESSAGE") -> Delivery:
    # moto refuses what is older than 14 days by the machine's clock, as AWS does
    now = int(time.time() * 1000)
    events = [
        {
            "id": str(number),
            "timestamp": now - number,
            "message": one if isinstance(one, str) else json.dumps(one),
        }
        for number, one in enumerate(records)
    ]
    content = {"messageType": kind, "logGroup": "CloudTrail/x", "logEvents": events}
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(content).encode())).decode()}}


@pytest.fixture
def queue(account: Account) -> Any:
    logs = boto3.client("logs", region_name=REGION)
    for group in (account.configuration.iam_events_log_group, account.configuration.console_events_log_group):
        logs.create_log_group(logGroupName=group)
    return boto3.resource("sqs", region_name=REGION).Queue(account.configuration.queue_url)


def taken_in(account: Account, event: Delivery) -> dict[str, int]:
    return Intake(account.configuration, account.aws).handle(event)


def received(queue: Any) -> list[str]:
    found: list[str] = []
    while messages := queue.receive_messages(MaxNumberOfMessages=10):
        for message in messages:
            found.append(message.body)
            message.delete()
    return found


def written(group: str) -> list[str]:
    logs = boto3.client("logs", region_name=REGION)
    return [json.loads(one["message"])["eventID"] for one in logs.filter_log_events(logGroupName=group)["events"]]


def test_every_record_reaches_the_queue(account: Account, queue: Any) -> None:
    records = [failed_login(number) for number in range(23)]
    assert taken_in(account, delivery(*records)) == {"records": 23}
    assert sorted(received(queue)) == sorted(json.dumps(one) for one in records)


def test_iam_changes_and_logins_reach_their_log_groups(account: Account, queue: Any) -> None:
    # R-QRY-4
    taken_in(account, delivery(failed_login(1), by_root("CreateUser"), by_root("StopLogging", eventSource="x")))
    assert written(account.configuration.console_events_log_group) == [failed_login(1)["eventID"]]
    assert written(account.configuration.iam_events_log_group) == ["root-CreateUser-0"]
    assert len(received(queue)) == 3


def test_the_stream_of_the_day_is_made_once(account: Account, queue: Any) -> None:
    taken_in(account, delivery(failed_login(1)))
    taken_in(account, delivery(failed_login(2)))
    assert len(written(account.configuration.console_events_log_group)) == 2
    assert len(received(queue)) == 2


@pytest.mark.parametrize("text", ["no JSON", "[]", "[" * 50_000])
def test_what_is_no_record_goes_to_the_queue_whose_reader_names_it(account: Account, queue: Any, text: str) -> None:
    assert taken_in(account, delivery(text)) == {"records": 1}
    assert received(queue) == [text]


def test_the_test_message_of_a_new_subscription_holds_nothing(account: Account, queue: Any) -> None:
    assert taken_in(account, delivery("CWL CONTROL MESSAGE", kind="CONTROL_MESSAGE")) == {"records": 0}
    assert received(queue) == []


@pytest.mark.parametrize("operation", ["SendMessageBatch", "PutLogEvents"])
def test_a_failure_is_told_to_lambda_which_calls_again(account: Account, queue: Any, operation: str) -> None:
    with account.fail(operation), pytest.raises(Exception, match="ThrottlingException"):
        taken_in(account, delivery(failed_login(1)))
    taken_in(account, delivery(failed_login(1)))
    assert len(received(queue)) >= 1


def test_batches_hold_so_many_and_so_many_bytes() -> None:
    events = [{"message": "x" * size} for size in (4, 4, 4, 20, 1, 1, 1, 1)]
    sizes = [[len(one["message"]) for one in batch] for batch in batches(events, 3, 10)]
    assert sizes == [[4, 4], [4], [20], [1, 1, 1], [1]]
