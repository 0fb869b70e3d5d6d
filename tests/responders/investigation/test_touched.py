"""What a record touched, and whether it was created, changed, deleted, used, read or refused."""

from typing import Any

import pytest

from cloudtrail_monitoring.responders.investigation.touched import Verb, is_change, touches
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent, from_record

ARN = "arn:aws:iam::123456789012:policy/build"


def event(source: str, name: str, request: Any = None, response: Any = None, **fields: Any) -> CloudTrailEvent:
    return from_record(
        {
            "eventID": "e",
            "eventName": name,
            "eventTime": "2026-03-09T06:00:00Z",
            "eventSource": f"{source}.amazonaws.com",
            "requestParameters": request,
            "responseElements": response,
            **fields,
        }
    )


USER = {"userName": "ada"}
CASES: list[tuple[CloudTrailEvent, set[tuple[str, str, Verb]]]] = [
    (event("iam", "CreateUser", USER), {("user", "ada", Verb.CREATED)}),
    (event("iam", "DeleteUser", USER), {("user", "ada", Verb.DELETED)}),
    (event("iam", "CreateLoginProfile", USER), {("user", "ada", Verb.CHANGED)}),
    (
        event("iam", "CreateAccessKey", USER, {"accessKey": {"accessKeyId": "AKIA1"}}),
        {("user", "ada", Verb.CHANGED), ("access key", "AKIA1", Verb.CREATED)},
    ),
    (
        event("iam", "DeleteUserPolicy", {**USER, "policyName": "inline"}),
        {("user", "ada", Verb.CHANGED), ("inline policy", "inline", Verb.DELETED)},
    ),
    (
        event("iam", "AttachUserPolicy", {**USER, "policyArn": ARN}),
        {("user", "ada", Verb.CHANGED), ("policy", ARN, Verb.CHANGED)},
    ),
    (event("iam", "CreatePolicyVersion", {"policyArn": ARN}), {("policy", ARN, Verb.CHANGED)}),
    (event("iam", "CreatePolicy", {}, {"policy": {"arn": ARN}}), {("policy", ARN, Verb.CREATED)}),
    (
        event("iam", "CreateVirtualMFADevice", {}, {"virtualMFADevice": {"serialNumber": "s"}}),
        {("MFA device", "s", Verb.CREATED)},
    ),
    (event("iam", "GetUser", USER, readOnly=True), {("user", "ada", Verb.READ)}),
    (event("iam", "DeleteUser", USER, errorCode="AccessDenied"), {("user", "ada", Verb.REFUSED)}),
    (event("iam", "GetAccountSummary", readOnly=True), {("call", "GetAccountSummary", Verb.READ)}),
    (event("s3", "DeleteBucket", {"bucketName": "logs"}), {("bucket", "logs", Verb.DELETED)}),
    (event("s3", "DeleteBucketPolicy", {"bucketName": "logs"}), {("bucket", "logs", Verb.CHANGED)}),
    (
        event("s3", "GetObject", {"bucketName": "logs", "key": "a"}, readOnly=True),
        {("objects in bucket", "logs", Verb.READ)},
    ),
    (
        event("sts", "AssumeRole", {"roleArn": "r"}, {"credentials": {"accessKeyId": "ASIA1"}}, readOnly=True),
        {("role", "r", Verb.USED), ("session key", "ASIA1", Verb.CREATED)},
    ),
    (
        event("ec2", "RunInstances", {}, {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}),
        {("instance", "i-1", Verb.CREATED), ("instance", "i-2", Verb.CREATED)},
    ),
    (event("cloudtrail", "StopLogging", {"name": "audit"}), {("trail", "audit", Verb.CHANGED)}),
    (event("kms", "ScheduleKeyDeletion", {"keyId": "k"}), {("key", "k", Verb.DELETED)}),
    (event("kms", "Decrypt", {"keyId": "k"}, readOnly=True), {("key", "k", Verb.USED)}),
    (event("lambda", "CreateFunction20150331", {"functionName": "f"}), {("function", "f", Verb.CREATED)}),
    (event("signin", "ConsoleLogin"), set()),
    (event("iam", "CreateUser", {"userName": {"evil": [1]}}, "text"), {("call", "CreateUser", Verb.CREATED)}),
]


@pytest.mark.parametrize(
    ("touching", "expected"), CASES, ids=lambda one: one.name if isinstance(one, CloudTrailEvent) else ""
)
def test_what_a_call_touches(touching: CloudTrailEvent, expected: set[tuple[str, str, Verb]]) -> None:
    # R-RSP-5
    assert {(one.kind, one.name, one.verb) for one in touches(touching)} == expected


def test_a_refused_change_was_meant_as_one_and_a_read_never_is() -> None:
    assert is_change(event("iam", "DeleteUser", errorCode="AccessDenied"))
    assert not is_change(event("iam", "GetUser", errorCode="AccessDenied"))
    assert not is_change(event("signin", "ConsoleLogin"))
