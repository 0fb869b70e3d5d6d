"""Reviews a plan: what in it weakens the audit trail (R-INT-2), and which of that somebody has approved.

What the plan changes is judged by the ``rules``. What has drifted is judged too: it counts where the plan leaves it as
it is, as a refresh-only plan does; where the plan puts it back it is told and needs no approval.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from cloudtrail_monitoring.governance.plan_review.drift import done_by_others
from cloudtrail_monitoring.governance.plan_review.masking import Mask
from cloudtrail_monitoring.governance.plan_review.plan import Action, Change, Plan
from cloudtrail_monitoring.governance.plan_review.rule import Rule
from cloudtrail_monitoring.governance.plan_review.rules import RULES

INCOMPLETE = Rule(
    "plan-incomplete",
    "R-INT-2",
    "what was left out is not reviewed",
    (),
    lambda _: (),
)
"""The weakening that no change shows: a plan made with ``-target`` or ``-exclude``."""
_ID_DIGITS = 8

_SAME_THING: Mapping[str, tuple[str, ...]] = {
    "aws_s3_bucket_policy": ("bucket",),
    "aws_s3_bucket_lifecycle_configuration": ("bucket",),
    "aws_s3_bucket_logging": ("bucket",),
    "aws_s3_bucket_object_lock_configuration": ("bucket",),
    "aws_s3_bucket_ownership_controls": ("bucket",),
    "aws_s3_bucket_public_access_block": ("bucket",),
    "aws_s3_bucket_server_side_encryption_configuration": ("bucket",),
    "aws_s3_bucket_versioning": ("bucket",),
    "aws_sns_topic_policy": ("arn",),
    "aws_sqs_queue_policy": ("queue_url",),
    "aws_kms_key_policy": ("key_id",),
    "aws_cloudwatch_metric_alarm": ("alarm_name",),
    "aws_cloudwatch_log_metric_filter": ("log_group_name", "name"),
    "aws_cloudwatch_log_subscription_filter": ("log_group_name", "name"),
    "aws_cloudwatch_event_rule": ("event_bus_name", "name"),
    "aws_iam_role_policy": ("role", "name"),
}
"""What makes two resources of a type one thing in AWS: a second one writes over the first."""


class Status(IntEnum):
    """How a review ends; the exit status of the command."""

    SAFE = 0
    NEEDS_APPROVAL = 3


@dataclass(frozen=True, order=True)
class Weakening:
    """One way in which a plan weakens the audit trail."""

    address: str
    rule: str
    sentence: str
    """What changes, masked."""
    requirement: str
    reason: str
    id: str
    """Names this very weakening in this environment: the same change has it again, another change has not."""
    approved: bool = False
    is_drift: bool = False
    """Somebody did it past Terraform already."""


@dataclass(frozen=True)
class Review:
    """What a plan amounts to."""

    environment: str
    plan: Plan
    mask: Mask
    weakenings: tuple[Weakening, ...]
    mended: tuple[Weakening, ...]
    """Weakenings found in the account that this plan puts back: they need no approval, but an explanation."""
    unused_approvals: tuple[str, ...]
    """Approved ids that name nothing in this plan."""

    @property
    def status(self) -> Status:
        """Whether everything that weakens is approved."""
        return Status.SAFE if all(one.approved for one in self.weakenings) else Status.NEEDS_APPROVAL


def review(plan: Plan, *, environment: str, approved: Collection[str] = ()) -> Review:
    """Judge a plan.

    Args:
        plan: the plan.
        environment: its name; an approval for one environment is none for another.
        approved: ids of weakenings that somebody has approved.

    >>> review(read_plan(Path("prod.json")), environment="prod").status  # doctest: +SKIP
    <Status.SAFE: 0>
    """
    plan = replace(plan, drift=tuple(done_by_others(plan.drift, plan.standing)))
    mask = Mask(plan)
    is_first = all(change.before is None for change in plan.changes)
    found = [] if is_first else list(_judged(plan.changes, plan, environment, mask))
    if not plan.is_complete:
        found.append(_weakening(INCOMPLETE, "the plan", "only a part of the system was planned", environment, mask))
    changed = {change.address for change in plan.changes if change.action is not Action.NOTHING}
    drifted = [replace(one, is_drift=True) for one in _judged(plan.drift, plan, environment, mask)]
    found += [one for one in drifted if one.address not in changed]
    known = {one.id for one in found}
    return Review(
        environment=environment,
        plan=plan,
        mask=mask,
        weakenings=tuple(sorted({replace(one, approved=one.id in approved) for one in found})),
        mended=tuple(sorted({one for one in drifted if one.address in changed})),
        unused_approvals=tuple(sorted(set(approved) - known)),
    )


def _judged(changes: Iterable[Change], plan: Plan, environment: str, mask: Mask) -> Iterator[Weakening]:
    by_type: dict[str, list[Rule]] = {}
    for rule in RULES:
        for type_ in rule.types:
            by_type.setdefault(type_, []).append(rule)
    standing = {_thing(change, change.before): change for change in plan.changes if change.before is not None}
    for change in changes:
        if change.action is Action.NOTHING:
            continue
        for rule in by_type.get(change.type, ()):
            for compared in _compared(change, standing):
                for sentence in rule.judge(compared):
                    yield _weakening(rule, change.address, sentence, environment, mask)


def _compared(change: Change, standing: Mapping[Any, Change]) -> Iterator[Change]:
    """The change, and, for one that writes over what another resource made, the change that amounts to."""
    yield change
    other = standing.get(_thing(change, change.after)) if change.action is Action.CREATE else None
    if other is not None and change.type in _SAME_THING:
        yield replace(change, action=Action.UPDATE, before=other.before)


def _thing(change: Change, attributes: Mapping[str, Any] | None) -> tuple[str, ...]:
    names = _SAME_THING.get(change.type, ())
    return (change.type, *(str((attributes or {}).get(name)) for name in names))


def _weakening(rule: Rule, address: str, sentence: str, environment: str, mask: Mask) -> Weakening:
    text = mask(sentence)
    digest = hashlib.sha256("\n".join((environment, rule.id, address, text)).encode()).hexdigest()
    return Weakening(
        address=address,
        rule=rule.id,
        sentence=text,
        requirement=rule.requirement,
        reason=rule.reason,
        id=f"{rule.id}-{digest[:_ID_DIGITS]}",
    )
