"""Judges of documents within an attribute: policies, patterns, and the settings of the responders' functions."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from cloudtrail_monitoring.detections.language.coverage import Loss, loss
from cloudtrail_monitoring.detections.translations.event_pattern_coverage import event_pattern_loss
from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Action, Change
from cloudtrail_monitoring.governance.plan_review.rule import Judge, at, kept_resources, shown
from cloudtrail_monitoring.governance.policy_comparison import Opening, OpeningKind, openings

_GRANTS = (OpeningKind.ALLOW_ADDED, OpeningKind.ALLOW_WIDENED, OpeningKind.NOT_COMPARABLE)

POWERS = (
    *("cloudtrail:Delete*", "cloudtrail:Put*", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"),
    *("cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions", "cloudwatch:PutMetricAlarm"),
    *("dynamodb:DeleteTable", "events:DeleteRule", "events:DisableRule", "events:PutRule", "events:RemoveTargets"),
    *("iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:PassRole", "iam:Put*", "iam:Set*"),
    *("iam:Update*", "kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "lambda:Delete*"),
    *("lambda:Put*", "lambda:Update*", "logs:Delete*", "logs:PutMetricFilter", "logs:PutRetentionPolicy"),
    *("s3:BypassGovernanceRetention", "s3:DeleteBucket*", "s3:DeleteObject*", "s3:PutBucketPolicy"),
    *("s3:PutLifecycleConfiguration", "s3:PutObjectRetention", "sns:Delete*", "sns:SetTopicAttributes"),
    *("sns:Unsubscribe", "sqs:DeleteQueue", "sqs:PurgeQueue", "ssm:PutParameter", "sts:AssumeRole"),
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
        if not kept_resources(change) or at(change.after, path) is UNKNOWN:
            return  # what is unknown, policy_opened tells
        before, after = at(change.before, path), at(change.after, path)
        for one in openings(after, before, resource_based=resource_based) if before != after else ():
            if one.kind in _GRANTS:
                yield f"no longer allowed, or less so: {_statement(one)}"

    return judge


def powers_granted(path: str) -> Judge:
    """A policy that is new allows one of ``POWERS``."""

    def judge(change: Change) -> Iterator[str]:
        if change.action is not Action.CREATE:
            return
        text = at(change.after, path)
        if text is UNKNOWN:
            yield f"a new policy, {path} known after apply only"
            return
        granted = sorted(set(_powers(text)))
        if granted:
            yield f"a new policy allows {', '.join(granted)}"

    return judge


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
        try:
            before, after = (json.loads(text) for text in texts)
        except (TypeError, ValueError):
            yield f"{path}: can't be compared, it is no JSON"
            return
        for name, weakens in table.items():
            old, new = at(before, name), at(after, name)
            if old != new and weakens(old, new):
                yield f"{name}: {shown(old)} → {shown(new)}"

    return judge


def _openings(path: str, resource_based: bool, wanted: Callable[[OpeningKind], bool]) -> Judge:
    def judge(change: Change) -> Iterator[str]:
        if not kept_resources(change):
            return
        before, after = at(change.before, path), at(change.after, path)
        if after is UNKNOWN:
            if wanted(OpeningKind.NOT_COMPARABLE):
                yield f"{path}: known after apply only"
            return
        if before != after:
            found = openings(before, after, resource_based=resource_based)
            yield from (one.sentence for one in found if wanted(one.kind))

    return judge


def _statement(opening: Opening) -> str:
    return opening.sid or opening.sentence


def _powers(text: Any) -> Iterator[str]:
    try:
        statements = json.loads(text)["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            if statement["Effect"] != "Allow":
                continue
            if "NotAction" in statement:
                yield f"all but {shown(statement['NotAction'])}"
            yield from _powerful(statement.get("Action") or ())
    except (KeyError, TypeError, ValueError):
        yield "what can't be read"


def _powerful(actions: Any) -> Iterable[str]:
    for action in [actions] if isinstance(actions, str) else actions:
        if any(_overlap(action.lower(), power.lower()) for power in POWERS):
            yield action


def _overlap(one: str, other: str) -> bool:
    """Whether one pattern matches what the other stands for; both end in their wildcard if they have one."""
    return fnmatchcase(one.rstrip("*"), other) or fnmatchcase(other.rstrip("*"), one)


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

    return judge


def _or_none(pattern: Any, none_is_everything: bool) -> str:
    return shown(pattern) if pattern is not None or not none_is_everything else "everything"
