"""What a record touched: which user, role, key, bucket, policy …, and whether it was created, changed, deleted or read.

CloudTrail has no field for that: what is touched stands under a service's own names in request and response, and the
verb in the event's name. A table knows the names that matter in an investigation; what none fits is counted under the
event's name, so that nothing is left out.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent

MAX_NAME_CHARACTERS = 200


class Verb(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    USED = "used"
    READ = "read"
    REFUSED = "refused"


class Touch(NamedTuple):
    """One thing that one record touched."""

    service: str
    kind: str
    name: str
    """As the record has it."""
    verb: Verb


CALL = "call"
"""The kind of what is known by the event's name only."""
_SESSION_KEY = "session key"

# By event source without its domain, then by a path in request or response: what it names.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "iam": {
        "userName": "user",
        "roleName": "role",
        "groupName": "group",
        "policyArn": "policy",
        "policyName": "inline policy",
        "accessKeyId": "access key",
        "serialNumber": "MFA device",
        "instanceProfileName": "instance profile",
        "accessKey.accessKeyId": "access key",
        "policy.arn": "policy",
        "virtualMFADevice.serialNumber": "MFA device",
    },
    "sts": {"roleArn": "role", "credentials.accessKeyId": _SESSION_KEY},
    "s3": {"bucketName": "bucket"},
    "cloudtrail": {"name": "trail", "trailName": "trail"},
    "kms": {"keyId": "key", "keyMetadata.keyId": "key"},
    "ec2": {
        "instancesSet.items.instanceId": "instance",
        "groupId": "security group",
        "volumeId": "volume",
        "snapshotId": "snapshot",
        "imageId": "image",
        "vpcId": "VPC",
    },
    "lambda": {"functionName": "function"},
    "secretsmanager": {"secretId": "secret"},
    "ssm": {"name": "parameter", "documentName": "document"},
    "dynamodb": {"tableName": "table"},
    "rds": {"dBInstanceIdentifier": "database", "dBSnapshotIdentifier": "snapshot"},
    "logs": {"logGroupName": "log group"},
    "sns": {"topicArn": "topic"},
    "sqs": {"queueUrl": "queue"},
    "events": {"name": "rule", "rule": "rule"},
    "monitoring": {"alarmName": "alarm"},
    "guardduty": {"detectorId": "detector"},
    "organizations": {"accountId": "account", "policyId": "policy"},
}
_INLINE = ("userpolicy", "rolepolicy", "grouppolicy")
_VERBS = (
    (Verb.USED, ("Assume", "Decrypt", "Encrypt", "GenerateDataKey", "GetSessionToken", "Invoke", "GetFederation")),
    (Verb.READ, ("Get", "List", "Describe", "Head", "Lookup", "BatchGet", "Search", "Query", "Scan", "Select")),
    (Verb.CREATED, ("Create", "Run", "Register", "Copy", "Import", "Allocate", "Generate", "Upload")),
    (Verb.DELETED, ("Delete", "Terminate", "Deregister", "ScheduleKeyDeletion", "Release")),
)
_THING = re.compile(r"^[A-Z][a-z]+(Virtual)?|s?\d*$")
"""What is left of an event's name without this is what it is about: `AccessKey` of `CreateAccessKey`."""


def touches(event: CloudTrailEvent) -> Iterator[Touch]:
    """What the record touched; a console login touches nothing."""
    if event.is_login:
        return
    service = event.source.partition(".")[0]
    verb = _verb(event)
    named = dict.fromkeys(_named(event, service))
    for kind, name in named:
        yield Touch(service, kind, name[:MAX_NAME_CHARACTERS], _on(verb, event, kind))
    if not named:
        yield Touch(service, CALL, event.name[:MAX_NAME_CHARACTERS], verb)


def is_change(event: CloudTrailEvent) -> bool:
    """Whether the call changed something, had it not been refused."""
    return not event.is_login and _intended(event) in (Verb.CREATED, Verb.CHANGED, Verb.DELETED)


def _verb(event: CloudTrailEvent) -> Verb:
    return Verb.REFUSED if event.error else _intended(event)


def _intended(event: CloudTrailEvent) -> Verb:
    for verb, beginnings in _VERBS:
        if event.name.startswith(beginnings):
            return verb
    return Verb.READ if event.read_only else Verb.CHANGED


def _on(verb: Verb, event: CloudTrailEvent, kind: str) -> Verb:
    """A call that creates or deletes one thing changes the others it names: DeleteUserPolicy changes the user."""
    if verb is Verb.USED and kind == _SESSION_KEY:
        return Verb.CREATED
    if verb not in (Verb.CREATED, Verb.DELETED) or event.name == "ScheduleKeyDeletion":
        return verb
    thing = _THING.sub("", event.name).lower()
    things = _INLINE if kind == "inline policy" else (kind.replace(" ", "").lower(),)
    return verb if thing in things else Verb.CHANGED


def _named(event: CloudTrailEvent, service: str) -> Iterator[tuple[str, str]]:
    objects = service == "s3" and isinstance(event.request.get("key"), str)
    for path, kind in _NAMES.get(service, {}).items():
        for holder in (event.request, event.response):
            for name in _at(holder, path.split(".")):
                yield "objects in bucket" if objects and kind == "bucket" else kind, name


def _at(value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value[:50]:
            yield from _at(one, path)
    elif path:
        if isinstance(value, Mapping):
            yield from _at(value.get(path[0]), path[1:])
    elif isinstance(value, str) and value:
        yield value
