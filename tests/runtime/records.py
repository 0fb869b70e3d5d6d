"""CloudTrail records for the responders' tests, in AWS's documented form; a test changes what it is about."""

import json
from datetime import datetime, timedelta
from typing import Any

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import HIDDEN_NAME, CloudTrailEvent, from_record
from tests.runtime.account import ACCOUNT, BEGIN

Record = dict[str, Any]
ADDRESS = "203.0.113.57"


def failed_login(
    number: int, *, user: str = "jordan", at: datetime | None = None, address: str = ADDRESS, **fields: Any
) -> Record:
    """The ``number``-th failure: a minute after the one before, unless a time is given."""
    moment = at or BEGIN + timedelta(minutes=number)
    return {
        "eventVersion": "1.11",
        "eventID": f"failure-{user[:20]}-{address}-{number}",
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventType": "AwsConsoleSignIn",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": address,
        "userAgent": "Mozilla/5.0",
        "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": "", "userName": user},
        "errorMessage": "Failed authentication",
        "responseElements": {"ConsoleLogin": "Failure"},
        "additionalEventData": {"MFAUsed": "No"},
        "readOnly": False,
        **fields,
    }


def hidden_login(number: int, **fields: Any) -> Record:
    record = failed_login(number, user=HIDDEN_NAME, **fields)
    return {**record, "errorMessage": "No username found in supplied account"}


def by_root(name: str, number: int = 0, **fields: Any) -> Record:
    moment = BEGIN + timedelta(minutes=number)
    return {
        "eventVersion": "1.11",
        "eventID": f"root-{name}-{number}",
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "eventType": "AwsApiCall",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": ADDRESS,
        "userAgent": "Mozilla/5.0",
        "userIdentity": {"type": "Root", "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root"},
        "readOnly": False,
        **fields,
    }


def event(record: Record) -> CloudTrailEvent:
    return from_record(record)


def batch(*records: Record | str) -> dict[str, Any]:
    """A batch of the queue, as Lambda gives it to the router; messages are numbered from 0."""
    bodies = [one if isinstance(one, str) else json.dumps(one) for one in records]
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": "handle",
                "body": body,
                "attributes": {},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:{ACCOUNT}:events",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


class LambdaContext:
    """Of Lambda's context what Powertools asks for."""

    function_name = "router"
    aws_request_id = "request"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30_000
