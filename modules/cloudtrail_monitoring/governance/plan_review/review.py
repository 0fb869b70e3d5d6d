"""Reviews a plan: what in it weakens the audit trail (R-INT-2), and which of that somebody has approved.

What the plan changes is judged by the ``rules``. What has drifted is judged too, by what the plan makes of it: what it
leaves as it is, as a refresh-only plan does, counts; what it puts back is told and needs no approval.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from cloudtrail_monitoring.governance.plan_review.drift import done_by_others
from cloudtrail_monitoring.governance.plan_review.masking import Mask
from cloudtrail_monitoring.governance.plan_review.plan import Action, Change, Plan, normal
from cloudtrail_monitoring.governance.plan_review.rule import SENSITIVE, Rule
from cloudtrail_monitoring.governance.plan_review.rules import (
    HARMLESS_TYPES,
    INCOMPLETE,
    NOTHING_STANDS,
    RULES,
    UNKNOWN_TYPE,
)
from cloudtrail_monitoring.governance.plan_review.writing_over import compared

THE_PLAN = "the plan"
"""Stands for an address where no single resource is meant."""
_ID_CHARACTERS = 26
"""Of base 32: 128 bits, so that nobody finds two changes with one id. ``approve:`` and the id fit a GitHub label."""
_INCOMPARABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a judge runs into where an attribute has a form that it does not know."""
_BY_TYPE: dict[str, list[Rule]] = {}
for _rule in RULES:
    for _type in _rule.types:
        _BY_TYPE.setdefault(_type, []).append(_rule)


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
    """What changes, without contacts."""
    requirement: str
    reason: str
    id: str
    """Names this very change in this environment: the same change has it again, another change has not."""
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
    judge = _Judge(plan, environment)
    found = [*judge.of_the_whole(), *(one for change in plan.changes for one in judge.of(change))]
    mended: list[Weakening] = []
    planned = {change.address: change for change in plan.changes if change.action is not Action.NOTHING}
    for change in plan.drift:
        drifted = list(judge.of(change))
        left = drifted if change.address not in planned else list(judge.of(_left(change, planned[change.address])))
        known = {(one.address, one.rule) for one in found}
        found += [replace(one, is_drift=True) for one in left if (one.address, one.rule) not in known]
        mended += [one for one in drifted if one.rule not in {other.rule for other in left}]
    return Review(
        environment=environment,
        plan=plan,
        mask=judge.mask,
        weakenings=tuple(sorted({replace(one, approved=one.id in approved) for one in found})),
        mended=tuple(sorted(set(mended))),
        unused_approvals=tuple(sorted(set(approved) - {one.id for one in found})),
    )


def _left(drifted: Change, planned: Change) -> Change:
    """What of a drift stays when the plan is applied: from what was deployed to what the plan makes of it."""
    if planned.after is None or drifted.before is None:
        return replace(drifted, after=planned.after, action=planned.action)
    after = {name: planned.after.get(name) for name in drifted.before}
    return replace(drifted, after=after, action=Action.UPDATE)


class _Judge:
    """Asks the rules about the changes of one plan."""

    def __init__(self, plan: Plan, environment: str) -> None:
        self.mask = Mask(plan)
        self._plan = plan
        self._environment = environment
        self._is_first = bool(plan.changes) and all(change.before is None for change in plan.changes)

    def of_the_whole(self) -> Iterator[Weakening]:
        if not self._plan.is_complete:
            yield self._weakening(INCOMPLETE, THE_PLAN, "only a part of the system was planned", THE_PLAN)
        if self._is_first:
            yield self._weakening(
                NOTHING_STANDS, THE_PLAN, "everything is made anew: nothing is in the state", THE_PLAN
            )

    def of(self, change: Change) -> Iterator[Weakening]:
        if change.action is Action.NOTHING or self._is_first:
            return
        rules = _BY_TYPE.get(change.type, [] if change.type in HARMLESS_TYPES else [UNKNOWN_TYPE])
        for one in compared(change, self._plan):
            for rule in rules:
                for sentence in _sentences(rule, one):
                    yield self._weakening(rule, change.address, sentence, _meaning(one))

    def _weakening(self, rule: Rule, address: str, sentence: str, meaning: str) -> Weakening:
        digest = hashlib.sha256("\n".join((self._environment, rule.id, address, meaning)).encode(errors="replace"))
        letters = base64.b32encode(digest.digest()).decode().lower()[:_ID_CHARACTERS]
        return Weakening(
            address=self.mask(address),
            rule=rule.id,
            sentence=self.mask(sentence),
            requirement=rule.requirement,
            reason=rule.reason,
            id=f"{rule.id.split('-')[0]}-{letters}",
        )


def _sentences(rule: Rule, change: Change) -> Iterable[str]:
    try:
        return list(rule.judge(change))
    except _INCOMPARABLE as error:
        return [f"can't be compared ({type(error).__name__}), so it may weaken"]


def _meaning(change: Change) -> str:
    """All that a change does to a resource, in one form; what is sensitive only by its being changed."""
    before, after = change.before or {}, change.after
    if after is None:
        return change.action
    differing = sorted(name for name in {**before, **after} if normal(before.get(name)) != normal(after.get(name)))
    values = {
        name: SENSITIVE if name in change.sensitive else [normal(before.get(name)), normal(after.get(name))]
        for name in differing
    }
    return json.dumps([change.action, values], sort_keys=True, default=repr)
