"""Asks the policy evaluator on behalf of one caller: is this action allowed on this resource, by what, and when.

"Allowed" is under favourable circumstances; ``Grant.conditional`` says that it takes them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cloudtrail_monitoring.governance.access_review.callers import Caller
from cloudtrail_monitoring.governance.access_review.circumstances import favourable
from cloudtrail_monitoring.governance.access_review.parts import Resource
from cloudtrail_monitoring.governance.access_review.rights import WITH_RESOURCE_POLICY, On
from cloudtrail_monitoring.governance.policy_context import ContextValues
from cloudtrail_monitoring.governance.policy_evaluator import (
    Decision,
    Document,
    PolicyError,
    PrincipalType,
    Request,
    decide,
)
from cloudtrail_monitoring.governance.policy_patterns import matches_action
from cloudtrail_monitoring.governance.policy_statements import Statement, parse_policy


@dataclass(frozen=True, slots=True)
class Answer:
    """What AWS would answer to one request.

    Attributes:
        allowed: under the most favourable circumstances.
        by: the policy and the statement that decide, in words.
        sid: of that statement, where it has one.
        refused: not allowed, and by the resource's own policy alone: the caller's policies would let it.
        conditional: allowed, but not to a plain request: it takes MFA, an address, an encryption context, …
    """

    allowed: bool
    by: str
    sid: str | None = None
    conditional: bool = False
    refused: bool = False


class Asker:
    """One caller's requests.

    Args:
        account_id: owns everything that is asked for.
        at: when the caller asks.
    """

    def __init__(self, caller: Caller, *, account_id: str, at: datetime) -> None:
        self.caller = caller
        self._account = account_id
        self._policies = list(caller.policies.values())
        self._favourable = [favourable(one) for one in self._policies]
        self._boundary = None if caller.boundary is None else favourable(caller.boundary)
        # leaves all to the identity policies
        self._delegating: Document = {
            "Statement": {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "*", "Resource": "*"}
        }
        self._allowing = [
            (name, statement)
            for name, document in zip(caller.policies, self._favourable, strict=True)
            for statement in parse_policy(document, name=name)
            if statement.effect == "Allow"
        ]
        moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._plain: ContextValues = {
            "aws:CurrentTime": moment,
            "aws:TokenIssueTime": moment,
            "s3:TlsVersion": "1.3",
        }

    def ask(self, action: str, resource: Resource, on: On) -> Answer:
        """The answer on the first ARN that is allowed; if none is, on the first."""
        answers = (
            self._ask(action, resource, arn, source)
            for arn in self._arns(resource, on)
            for source in self.caller.sources or ("",)
        )
        first = next(answers)
        return first if first.allowed else next((one for one in answers if one.allowed), first)

    def _arns(self, resource: Resource, on: On) -> Iterator[str]:
        """Those a request may name, and those inside the resource that the caller's policies name themselves."""
        yield from resource.asked(on)
        if on is On.INSIDE:
            for _, statement in self._allowing:
                for one in statement.resources:
                    # a bucket's ARN may begin another's
                    if one.source.startswith((f"{resource.arn}/", f"{resource.arn}:")) and "${" not in one.source:
                        yield one.source.replace("*", "a").replace("?", "a")

    def _ask(self, action: str, resource: Resource, arn: str, source: str) -> Answer:
        policy = resource.policy if resource.kind in WITH_RESOURCE_POLICY else None
        if not self._may_be_granted(action, policy):
            return Answer(False, "nothing allows it")
        context: ContextValues = {
            "aws:RequestedRegion": resource.region,
            **self.caller.context,
            # a bucket's ARN does not tell its account
            **({"aws:SourceArn": source, "aws:SourceAccount": self._account} if source else {}),
        }
        request = Request(self.caller.principal, action, arn, context)
        upper = None if policy is None else favourable(policy, resource_based=True)
        decision = self._decide(request, self._favourable, self._boundary, upper)
        if not decision.allowed:
            delegated = self._decide(request, self._favourable, self._boundary, self._delegating)
            return Answer(False, self._named(decision), decision.sid, refused=delegated.allowed)
        plain = Request(self.caller.principal, action, arn, {**self._plain, **context})
        return Answer(True, self._named(decision), decision.sid, self._is_conditional(plain, policy))

    def _is_conditional(self, request: Request, policy: Document | None) -> bool:
        if request.principal.type is PrincipalType.SERVICE:
            return False
        try:
            return not self._decide(request, self._policies, self.caller.boundary, policy).allowed
        except PolicyError:
            # a policy looks at something that the request can't tell
            return True

    def _decide(
        self,
        request: Request,
        identity: Sequence[Document],
        boundary: Document | None,
        policy: Document | None,
    ) -> Decision:
        return decide(
            request,
            identity_policies=identity,
            resource_policy=policy,
            resource_account=self._account,
            permission_boundary=boundary,
        )

    def _may_be_granted(self, action: str, policy: str | None) -> bool:
        """Whether any statement allows the action on anything: most callers are done with after this."""
        if self.caller.principal.type is PrincipalType.ROOT or any(
            _covers(statement, action) for _, statement in self._allowing
        ):
            return True
        return policy is not None and any(_covers(statement, action) for statement in _allowing(policy))

    def _named(self, decision: Decision) -> str:
        """The evaluator counts identity policies; people know them by name."""
        text = decision.detail
        for position, name in enumerate(self.caller.policies, start=1):
            text = text.replace(f"identity policy {position},", f"{name},")
        return text


@lru_cache(maxsize=1024)
def _allowing(policy: str) -> tuple[Statement, ...]:
    """The statements of a resource's policy that allow."""
    parsed = parse_policy(favourable(policy, resource_based=True), name="resource policy", resource_based=True)
    return tuple(statement for statement in parsed if statement.effect == "Allow")


def _covers(statement: Statement, action: str) -> bool:
    return any(matches_action(pattern, action) for pattern in statement.actions) is not statement.not_action
