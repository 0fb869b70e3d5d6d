"""The review itself: every caller asked about every right on every part, and the answers compared with the intents.

What is found is data; how it is shown is left to ``view``. Whether a right that nobody is meant to have is a deviation
depends on what is known: of a caller whose identity policies are not known only what the system's own policies promise
to refuse is judged (``Intent.held``); the rest is listed as left to IAM.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cloudtrail_monitoring.governance.access_review.callers import Caller
from cloudtrail_monitoring.governance.access_review.granting import Answer, Asker
from cloudtrail_monitoring.governance.access_review.intents import Intent, intents
from cloudtrail_monitoring.governance.access_review.parts import Resource, System
from cloudtrail_monitoring.governance.access_review.rights import ACTIONS, Actions, Right
from cloudtrail_monitoring.governance.policy_evaluator import PrincipalType
from cloudtrail_monitoring.settings import MonitoringSettings

# AWS lets root at the policy of a bucket of its account, whatever that says.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
_ROOT_S_OWN = frozenset({"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})


class Verdict(StrEnum):
    """What a right that somebody has, or lacks, is to the settings."""

    MEANT = "meant"
    EXCESS = "allowed, not meant"
    LACK = "meant, not allowed"
    REFUSED = "refused by the system"
    """Its own policies would let the caller; the resource's policy does not."""
    LEFT_TO_IAM = "left to IAM"
    """Nothing of the system refuses it; whether anybody has it, the account's IAM policies say."""
    UNAVOIDABLE = "AWS's own rule"
    """Root's, or a service-linked role's: recorded and alarmed on, and not to be taken away by a policy."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One right of one caller on one part; or one that is lacking.

    Attributes:
        actions: those that are allowed; of a lack or a refusal, those that are not.
        resource: where the first of them is, by name.
        by: what decides that, and the statement's ``sid``.
        conditional: whether all of them take particular circumstances.
    """

    caller: str
    part: str
    right: Right
    verdict: Verdict
    requirement: str
    actions: tuple[str, ...]
    resource: str
    by: str
    sid: str | None
    conditional: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands otherwise in the account than in the synthesised output."""

    part: str
    resource: str
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """A finished review.

    Attributes:
        of_account: whether the account was read, or the synthesised output alone.
        callers: whoever was asked about.
        differences: of the account; empty without one.
    """

    environment: str
    account_id: str
    at: datetime
    of_account: bool
    system: System
    callers: tuple[Caller, ...]
    holdings: tuple[Holding, ...]
    differences: tuple[Difference, ...] = ()

    @property
    def held(self) -> tuple[Holding, ...]:
        """The rights that somebody has."""
        return tuple(one for one in self.holdings if one.verdict not in (Verdict.LACK, Verdict.REFUSED))

    def with_verdict(self, *verdicts: Verdict) -> tuple[Holding, ...]:
        return tuple(one for one in self.holdings if one.verdict in verdicts)

    @property
    def deviations(self) -> tuple[Holding, ...]:
        return self.with_verdict(Verdict.EXCESS, Verdict.LACK)

    @property
    def unjudged(self) -> tuple[tuple[str, str, str], ...]:
        """Caller, policy and reason, for each policy that can't be judged."""
        return tuple((one.name, name, why) for one in self.callers for name, why in one.unjudged.items())

    @property
    def is_as_meant(self) -> bool:
        return not (self.deviations or self.differences or self.unjudged)


def review_access(
    settings: MonitoringSettings,
    system: System,
    callers: Sequence[Caller],
    *,
    at: datetime,
    of_account: bool = False,
    differences: Sequence[Difference] = (),
) -> Review:
    """Ask everybody about everything.

    Args:
        at: when the review is made, aware.
        of_account: whether the callers and policies are those of the account.
        differences: found while the account was read.
    """
    meant = intents(settings)
    holdings = [
        holding
        for caller in callers
        for asker in (Asker(caller, account_id=settings.account_id, at=at),)
        for part, resources in system.parts.items()
        for right, intent in meant[part].items()
        for holding in _holdings(asker, part, resources, right, intent)
    ]
    return Review(
        settings.environment,
        settings.account_id,
        at,
        of_account,
        system,
        tuple(callers),
        tuple(holdings),
        tuple(differences),
    )


def _holdings(
    asker: Asker, part: str, resources: Sequence[Resource], right: Right, intent: Intent
) -> Iterator[Holding]:
    caller = asker.caller
    if allowed := list(_first(asker, resources, right, lambda _, answer: answer.allowed)):
        verdict = _verdict(caller, intent, [action for action, _, _ in allowed])
        yield _holding(caller, part, right, intent, verdict, allowed)
    elif intent.held and not intent.allows(caller.groups):
        refused = list(_first(asker, resources, right, lambda _, answer: answer.refused))
        yield from [_holding(caller, part, right, intent, Verdict.REFUSED, refused)] if refused else []
    if not caller.groups.isdisjoint(intent.must):
        lacking = list(_first(asker, resources, right, lambda is_needed, answer: is_needed and not answer.allowed))
        yield from [_holding(caller, part, right, intent, Verdict.LACK, lacking)] if lacking else []


Asked = tuple[str, Resource, Answer]


def _first(
    asker: Asker, resources: Sequence[Resource], right: Right, wanted: Callable[[bool, Answer], bool]
) -> Iterator[Asked]:
    """Each action of the right whose answer on some resource is the wanted one, with the first such.

    Args:
        wanted: given whether the action is needed, and the answer.
    """
    seen: set[str] = set()
    for resource in resources:
        for ways, action in _ways(resource, right):
            if action in seen:
                continue
            answer = asker.ask(action, resource, ways.on)
            if wanted(action in ways.needed, answer):
                seen.add(action)
                yield action, resource, answer


def _ways(resource: Resource, right: Right) -> Iterator[tuple[Actions, str]]:
    for ways in ACTIONS[resource.kind].get(right, ()):
        for action in ways.all:
            yield ways, action


def _verdict(caller: Caller, intent: Intent, actions: Sequence[str]) -> Verdict:
    if intent.allows(caller.groups):
        return Verdict.MEANT
    is_root = caller.principal.type is PrincipalType.ROOT
    if not caller.answers or (is_root and (not intent.held or _ROOT_S_OWN.issuperset(actions))):
        return Verdict.UNAVOIDABLE
    return Verdict.EXCESS if caller.known or intent.held else Verdict.LEFT_TO_IAM


def _holding(
    caller: Caller, part: str, right: Right, intent: Intent, verdict: Verdict, asked: Sequence[Asked]
) -> Holding:
    _, resource, answer = asked[0]
    return Holding(
        caller.name,
        part,
        right,
        verdict,
        intent.requirement,
        tuple(sorted({action for action, _, _ in asked})),
        resource.name,
        answer.by,
        answer.sid,
        all(one.conditional for _, _, one in asked),
    )
