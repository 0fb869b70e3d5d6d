"""CloudTrail records to try a pattern on: the scenario's, odd ones, and some that just fit it or just don't.

``around`` reads a pattern's tree and builds records that match it, then changes them field by field. It knows what
texts and missing fields the catalogue asks for and no more: other conditions are a ``TypeError``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from cloudtrail_monitoring.detections.language.filter_pattern import (
    And,
    Comparison,
    Field,
    FilterPattern,
    Node,
    NotExists,
    Operator,
    Or,
    Step,
    Text,
)
from cloudtrail_monitoring.sandbox.scenario import SCENARIO

Record = dict[str, Any]

SCENARIO_RECORDS: list[Record] = [
    json.loads(line) for path in sorted(SCENARIO.glob("*.jsonl")) for line in path.read_text().splitlines()
]

_DEPLOYER = "arn:aws:iam::333333333333:role/deploy"
_ADDITIONS: list[Record] = [
    {"errorCode": "AccessDenied"},
    {"errorCode": "Client.UnauthorizedOperation"},
    {"errorMessage": "Failed authentication"},
    {"eventType": "AwsServiceEvent"},
    {"userIdentity": {"type": "AWSService", "invokedBy": "config.amazonaws.com"}},
    {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": _DEPLOYER}}}},
    {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": f"{_DEPLOYER}er"}}}},
    *({"additionalEventData": {"MFAUsed": answer}} for answer in ("Yes", "YES", "No", "")),
]

ODD_RECORDS: list[Record] = [
    {},
    {"userIdentity": {}, "requestParameters": {}, "responseElements": {}, "additionalEventData": {}},
    {"eventName": "", "eventSource": "", "errorCode": ""},
    {"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": ["Success"]}},
    {"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": {"Success": True}}},
    {"eventName": "consolelogin", "responseElements": {"consoleLogin": "Success"}},
    {"eventName": "DeleteUser' OR ''='", "eventSource": "iam.amazonaws.com"},
    {"errorCode": "AccessDenied\nUnauthorizedOperation"},
    {"errorCode": "x.UnauthorizedOperation\n"},
    {"errorCode": "accessdenied", "userIdentity": {"type": "root"}},
    {
        "eventSource": "monitoring.amazonaws.com",
        "eventName": "DeleteAlarms",
        "requestParameters": {"alarmNames": ["other", "sample-audit-root"]},
    },
    {
        "eventSource": "monitoring.amazonaws.com",
        "eventName": "DeleteAlarms",
        "requestParameters": {"alarmNames": []},
    },
    {
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutBucketVersioning",
        "requestParameters": {"bucketName": 5, "Versioning": {"Status": "Suspended", "list": [1, 2.5, {"a": None}]}},
    },
    {
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutBucketVersioning",
        "requestParameters": {"bucketName": "sample-logs%", "note": "\u202e\"'\\ ünï"},
        "readOnly": False,
        "resources": [{"ARN": "arn:aws:s3:::sample-logs", "accountId": "333333333333", "type": "AWS::S3::Bucket"}],
    },
]


def around(pattern: FilterPattern) -> list[Record]:
    """Records that match, and the same with a field gone, changed or added; each once."""
    found = {
        json.dumps(record, sort_keys=True): record
        for fitting in _fitting(pattern.root)
        for record in (fitting, *_changed(fitting), *(_merged(fitting, addition) for addition in _ADDITIONS))
    }
    return list(found.values())


def _fitting(node: Node) -> list[Record]:
    match node:
        case Or(terms):
            return [record for term in terms for record in _fitting(term)]
        case And(terms):
            records: list[Record] = [{}]
            for term in terms:
                records = [_merged(record, other) for record in records for other in _fitting(term)]
            return records
        case NotExists():
            return [{}]
        case Comparison(selector, operator, Text(text)):
            word = text.replace("*", "x") if operator is Operator.EQUAL else f"{text}x"
            return [_at(selector.steps, word)]
    raise TypeError(node)


def _at(steps: Sequence[Step], value: Any) -> Any:
    if not steps:
        return value
    inner = _at(steps[1:], value)
    return {steps[0].name: inner} if isinstance(steps[0], Field) else ["other", inner]


def _merged(left: Any, right: Any) -> Any:
    if not isinstance(left, dict) or not isinstance(right, dict):
        return deepcopy(right)
    return {**left, **{name: _merged(left.get(name), value) for name, value in right.items()}}


def _changed(record: Record) -> Iterator[Record]:
    """The record with one of its values gone, in capitals, longer at either end, or empty."""
    for path, value in _values(record):
        *outer, last = path
        words = [] if not isinstance(value, str) else [value.upper(), f"{value}x", f"x{value}", f"x{value}x", ""]
        for word in (None, *words):
            copy = deepcopy(record)
            place = copy
            for name in outer:
                place = place[name]
            if word is None:
                del place[last]
            else:
                place[last] = word
            yield copy


def _values(record: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _values(value, (*path, name))
        else:
            yield (*path, name), value
