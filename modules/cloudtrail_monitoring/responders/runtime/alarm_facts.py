"""What the records behind an alarm say, fact by fact: who, what, how it ended, where from, on what.

A fact is a few short lines, counted where several records share them. Every text of a record is made fit to be shown:
on one line, cut, and without a link that somebody could follow out of an alert. Which facts an alert tells in which
order is left to ``alarm_text``.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.messages import who

MAX_LISTED = 5
MAX_RESOURCES = 8
MAX_LINE = 60

RESOURCES: Mapping[str, str] = {
    "userName": "user",
    "roleName": "role",
    "groupName": "group",
    "policyArn": "policy",
    "policyName": "policy",
    "accessKeyId": "access key",
    "serialNumber": "MFA device",
    "roleArn": "role",
    "instanceProfileName": "instance profile",
    "bucketName": "bucket",
    "keyId": "key",
    "name": "name",
    "trailName": "trail",
    "logGroupName": "log group",
    "filterName": "filter",
    "alarmNames": "alarm",
    "topicArn": "topic",
    "functionName": "function",
    "groupId": "security group",
    "networkAclId": "network ACL",
    "routeTableId": "route table",
    "internetGatewayId": "internet gateway",
    "vpcId": "VPC",
}
"""Fields of ``requestParameters`` that name what a call is about, and what people call it; in this order."""

_BY_PASSWORD = (ActorKind.ROOT, ActorKind.USER)
"""Whose records say whether MFA was used: the others' is at their identity provider, and always reads "no"."""


def shown(text: str, most: int = 60) -> str:
    """A record's text, fit to be shown: see ``readable``; a link in it is broken.

    >>> shown("http://evil.example/")
    'http[://]evil.example/'
    """
    return readable(text, most=most).replace("://", "[://]")


def actor(event: CloudTrailEvent) -> str:
    """Who did it: ``user alice``, ``root``, ``role admin/session``."""
    return shown(who(event.actor), 140)


def is_failed(event: CloudTrailEvent) -> bool:
    return bool(event.error) or event.is_failed_login


def error(event: CloudTrailEvent) -> str:
    """Why it failed, empty if it did not."""
    return shown(event.error) or ("Failure" if event.is_failed_login else "")


def counted(texts: Iterable[str], most: int = MAX_LISTED) -> str:
    """Different texts, the most frequent first, with their numbers where these tell something.

    >>> counted(["alice", "bob", "alice"]), counted(["alice", "bob"]), counted(["alice", "alice"])
    ('alice (2), bob (1)', 'alice, bob', 'alice')
    """
    counts = Counter(texts)
    is_telling = len(counts) > 1 and counts.total() > len(counts)
    parts = [f"{text} ({number})" if is_telling else text for text, number in counts.most_common(most)]
    more = len(counts) - most
    return ", ".join([*parts, *([f"and {more} more"] if more > 0 else [])])


def what(events: Sequence[CloudTrailEvent]) -> str:
    names = [shown(one.name) for one in events]
    return f"{names[0]} ({len(names)})" if len(names) > 1 and len(set(names)) == 1 else counted(names)


def result(events: Sequence[CloudTrailEvent]) -> str:
    """``2 succeeded, 1 failed: AccessDenied``"""
    errors = [error(one) for one in events if is_failed(one)]
    good = len(events) - len(errors)
    failed = f"{len(errors)} failed: {counted(errors)}" if errors else ""
    if len(events) == 1:
        return f"failed: {errors[0]}" if errors else "succeeded"
    return ", ".join(filter(None, [f"{good} succeeded" if good else "none succeeded", failed]))


def where(events: Sequence[CloudTrailEvent]) -> list[str]:
    """The addresses and the Regions, on a line each where one would be too long."""
    addresses = counted(shown(one.address) for one in events if one.address)
    regions = counted(shown(one.region, 20) for one in events if one.region)
    parts = [*([addresses] if addresses else []), *([f"in {regions}"] if regions else [])]
    return [", ".join(parts)] if len(addresses) + len(regions) < MAX_LINE else parts


def mfa(events: Sequence[CloudTrailEvent]) -> str:
    """Whether there was MFA, where a record says something that means something: a failed login does not."""
    said = [one.mfa for one in events if one.mfa is not None and one.actor.kind in _BY_PASSWORD and not is_failed(one)]
    if not said:
        return ""
    if len(set(said)) == 1:
        return "yes" if said[0] else "NO"
    return f"yes ({said.count(True)}), NO ({said.count(False)})"


def agents(events: Sequence[CloudTrailEvent]) -> str:
    return counted((shown(one.user_agent, 80) for one in events if one.user_agent), most=2)


def accounts(events: Sequence[CloudTrailEvent], own: str) -> str:
    """The accounts that callers came from, other than our own."""
    foreign = counted(shown(id_, 20) for one in events if (id_ := one.actor.account_id) and id_ != own)
    return f"of ANOTHER account: {foreign}" if foreign else ""


def made(events: Sequence[CloudTrailEvent]) -> str:
    """The access keys that were made: what to switch off first."""
    keys = (_text(_object(one.response, "accessKey"), "accessKeyId") for one in events)
    return ", ".join(shown(key, 40) for key in dict.fromkeys(filter(None, keys)))


def resources(events: Sequence[CloudTrailEvent]) -> list[str]:
    """What the calls were about, a line each: ``policy arn:... (2)``."""
    counts = Counter(one for event in events for one in _resources(event))
    lines = [f"{text} ({number})" if number > 1 else text for text, number in counts.most_common(MAX_RESOURCES)]
    more = len(counts) - MAX_RESOURCES
    return [*lines, *([f"and {more} more"] if more > 0 else [])]


def _resources(event: CloudTrailEvent) -> Iterator[str]:
    for field, called in RESOURCES.items():
        value = event.request.get(field)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one:
                yield f"{called} {shown(one, 120)}"


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
