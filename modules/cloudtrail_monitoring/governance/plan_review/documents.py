"""Judges of documents within an attribute: policies, patterns, and the settings of the responders' functions."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.detections.language.coverage import Loss, loss
from cloudtrail_monitoring.detections.translations.event_pattern_coverage import event_pattern_loss
from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Action, Change
from cloudtrail_monitoring.governance.plan_review.rule import SENSITIVE, Judge, at, is_sensitive, kept_resources, shown
from cloudtrail_monitoring.governance.policy_comparison import OpeningKind, openings

_GRANTS = (OpeningKind.ALLOW_ADDED, OpeningKind.ALLOW_WIDENED, OpeningKind.NOT_COMPARABLE)

POWERS = (
    *("cloudtrail:Delete*", "cloudtrail:Put*", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"),
    *("cloudwatch:Delete*", "cloudwatch:Disable*", "cloudwatch:Put*", "cloudwatch:SetAlarmState"),
    *("dynamodb:Delete*", "dynamodb:PutItem", "dynamodb:Update*"),
    *("events:Delete*", "events:Disable*", "events:Put*", "events:Remove*"),
    *("iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:PassRole", "iam:Put*", "iam:Set*"),
    *("iam:Update*", "kms:CreateGrant", "kms:Disable*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"),
    *("lambda:Add*", "lambda:Delete*", "lambda:Put*", "lambda:Remove*", "lambda:Update*"),
    *("logs:Delete*", "logs:Disassociate*", "logs:Put*", "organizations:Detach*", "organizations:LeaveOrganization"),
    *("s3:BypassGovernanceRetention", "s3:Delete*", "s3:PutBucket*", "s3:PutEncryptionConfiguration"),
    *("s3:PutLifecycleConfiguration", "s3:PutObject*", "scheduler:Delete*", "scheduler:Update*"),
    *("sns:Delete*", "sns:Remove*", "sns:Set*", "sns:Unsubscribe"),
    *("sqs:Delete*", "sqs:PurgeQueue", "sqs:SendMessage", "sqs:SetQueueAttributes", "ssm:PutParameter"),
    "sts:AssumeRole",
)
"""Actions over the audit trail, or over who has them: a new policy that grants one is worth a look."""


def policy_opened(path: str, *, resource_based: bool) -> Judge:
    """A policy allows more, or denies less, than it did; the exemptions of denials apart."""
    return _openings(path, resource_based, lambda kind: kind is not OpeningKind.EXCEPTION_WIDENED)


def exemptions_widened(path: str, *, resource_based: bool = True) -> Judge:
    """A denial spares more principals than it did."""
    return _openings(path, resource_based, lambda kind: kind is OpeningKind.EXCEPTION_WIDENED)


def grant_withdrawn(path: str, *, resource_based: bool) -> Judge:
    """A policy no longer allows what something of the system may need: deliveries, encryption, publishing."""

    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        before, after = at(change.before, path), at(change.after, path)
        if after is UNKNOWN:
            yield f"{path}: known after apply only"
            return
        for one in openings(after, before, resource_based=resource_based) if before != after else ():
            if one.kind in _GRANTS:
                yield f"no longer allowed, or less so: {one.sid or one.sentence}"

    return _unless_sensitive(path, judge)


def let_in(path: str) -> Judge:
    """A policy that is new allows somebody who is not one of AWS's services."""

    def principals(statement: Mapping[str, Any]) -> Iterator[str]:
        principal = statement.get("Principal", "nobody in particular")
        if not isinstance(principal, dict) or set(principal) != {"Service"}:
            yield shown(principal)

    return _of_a_new_policy(path, "lets in", principals)


def powers_granted(path: str) -> Judge:
    """A policy that is new allows one of ``POWERS``."""
    return _of_a_new_policy(path, "allows", _powers)


def pattern_narrowed(path: str) -> Judge:
    """A filter pattern no longer matches a record that it did; none at all matches every record."""
    return _narrowed(path, loss, none_is_everything=True)


def event_pattern_narrowed(path: str) -> Judge:
    """An event pattern no longer matches an event that it did; a rule without one matches none."""
    return _narrowed(path, event_pattern_loss, none_is_everything=False)


def settings_weakened(path: str, table: Mapping[str, Callable[[Any, Any], bool]]) -> Judge:
    """A JSON document within an attribute has a number or a list changed for the worse.

    Args:
        path: of the attribute.
        table: for each path in the document, what of (before, after) is a weakening.
    """

    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        texts = at(change.before, path), at(change.after, path)
        if texts[0] is None or texts[0] == texts[1]:
            return
        if texts[1] is UNKNOWN:
            yield f"{path}: known after apply only"
            return
        if texts[1] is None:
            yield f"{path}: {shown(texts[0])} → nothing"
            return
        before, after = (json.loads(text) for text in texts)
        for name, weakens in table.items():
            old, new = at(before, name), at(after, name)
            if old != new and weakens(old, new):
                yield f"{name}: {shown(old)} → {shown(new)}"

    return _unless_sensitive(path, judge)


def _of_a_new_policy(path: str, words: str, tell: Callable[[Mapping[str, Any]], Iterable[str]]) -> Judge:
    """What is to be told of the Allow statements of a policy that was not there."""

    def judge(change: Change) -> Iterator[str]:
        if change.action is not Action.CREATE:
            return
        text = at(change.after, path)
        if text is UNKNOWN:
            yield f"a new policy, {path} known after apply only"
        elif found := sorted({one for statement in _allowing(text) for one in tell(statement)}):
            yield f"a new policy {words} {', '.join(found)}"

    return _unless_sensitive(path, judge)


def _unless_sensitive(path: str, judge: Judge) -> Judge:
    """What the judge finds; of a sensitive attribute only that it found something."""

    def silent(change: Change) -> Iterator[str]:
        found = list(judge(change))
        yield from [f"{path}: {SENSITIVE}, weaker than it was"] if found and is_sensitive(change, path) else found

    return silent


def _openings(path: str, resource_based: bool, wanted: Callable[[OpeningKind], bool]) -> Judge:
    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        before, after = at(change.before, path), at(change.after, path)
        if after is UNKNOWN:
            yield f"{path}: known after apply only"
        elif before != after:
            found = openings(before, after, resource_based=resource_based)
            yield from (one.sentence for one in found if wanted(one.kind))

    return _unless_sensitive(path, judge)


def _allowing(text: Any) -> list[Mapping[str, Any]]:
    statements = json.loads(text)["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return [statement for statement in listed if statement["Effect"] == "Allow"]


def _powers(statement: Mapping[str, Any]) -> Iterator[str]:
    if "NotAction" in statement:
        yield f"all but {shown(statement['NotAction'])}"
    actions = statement.get("Action") or ()
    for action in [actions] if isinstance(actions, str) else actions:
        if any(_meet(action.lower(), power.lower()) for power in POWERS):
            yield action


def _meet(one: str, other: str) -> bool:
    """Whether some text fits both patterns of ``*`` and ``?``."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(other, one)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _meet(one[1:], other[1:])


def _narrowed(path: str, compare: Callable[[Any, Any], Loss | None], *, none_is_everything: bool) -> Judge:
    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        before, after = at(change.before, path), at(change.after, path)
        if after is UNKNOWN:
            yield f"{path}: known after apply only"
        elif before is None or after is None:
            if before != after and (after is None) is not none_is_everything:
                yield f"{path}: {_or_none(before, none_is_everything)} → {_or_none(after, none_is_everything)}"
        elif found := compare(before, after):
            yield found.sentence

    return _unless_sensitive(path, judge)


def _or_none(pattern: Any, none_is_everything: bool) -> str:
    return shown(pattern) if pattern is not None or not none_is_everything else "everything"
