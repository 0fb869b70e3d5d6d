"""Decides a request as IAM does: who may do what to which resource, under all the policies that have a say.

For tests and reports over synthesised policy documents, because no emulator enforces conditions. Pure: nothing is
looked up, the clock included. The parts are in ``policy_statements`` (documents), ``policy_conditions`` (conditions),
``policy_principals`` (callers) and ``policy_context`` (context keys AWS sets by itself).

Not modelled, so an answer holds only where these play no part: resource control policies, VPC endpoint policies, ACLs,
block public access, KMS grants, RAM shares and federated callers. A call that needs several permissions (copying an
object) is several requests.

Sources:

- order of evaluation, resource-based policies and implicit denies:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
- other accounts:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
- permission boundaries: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
- session policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
- SCPs: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
- KMS keys: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
- role trust: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html
- bucket policy calls: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
- root users and roles: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cloudtrail_monitoring.governance.policy_context import ContextValues, build_context
from cloudtrail_monitoring.governance.policy_patterns import (
    ARN_PARTS,
    MalformedPolicyError,
    PolicyError,
    RequestError,
    UnknownOperatorError,
)
from cloudtrail_monitoring.governance.policy_principals import Principal, PrincipalType, Reach
from cloudtrail_monitoring.governance.policy_statements import Call, Document, Statement, parse_policy

__all__ = [
    "Decision",
    "Document",
    "MalformedPolicyError",
    "Outcome",
    "PolicyError",
    "Principal",
    "PrincipalType",
    "Request",
    "RequestError",
    "UnknownOperatorError",
    "decide",
]

Documents = Document | Sequence[Document]
Levels = Documents | Sequence[Sequence[Document]]

_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_ACCOUNT = re.compile(r"\d{12}")
_ACCOUNT_PART = 4
_BUCKET_POLICY_CALLS = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
_SOLE_AUTHORITIES = (
    re.compile(r"kms:.* arn:[a-z-]+:kms:[^:]*:\d{12}:key/.*"),
    re.compile(r"sts:.* arn:[a-z-]+:iam::\d{12}:role/.*"),
)
"""Action and resource of calls that the resource's own policy must allow: keys and roles."""


class Outcome(StrEnum):
    """How a request ends."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer; true when the request is allowed."""

    outcome: Outcome
    detail: str
    sid: str | None = None
    """Sid of the statement that decided, where one did and has one."""

    @property
    def allowed(self) -> bool:
        """Whether AWS would let the request through."""
        return self.outcome is Outcome.ALLOWED

    @property
    def reason(self) -> str:
        """One line: the outcome, and which policy and statement decided."""
        return f"{self.outcome}: {self.detail}"

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Request:
    """One request to AWS.

    Args:
        principal: the caller.
        action: ``service:Action``, no wildcards.
        resource: ARN of the resource, or ``*`` for calls that have none.
        context: context keys (any case) that are particular to this request; see ``policy_context``.

    Raises:
        RequestError: the action or the resource has another form.
    """

    principal: Principal
    action: str
    resource: str
    context: ContextValues = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ACTION.fullmatch(self.action):
            raise RequestError(f"an action such as s3:GetObject is needed (given: {self.action!r})")
        is_arn = self.resource.startswith("arn:") and self.resource.count(":") >= ARN_PARTS - 1
        if self.resource != "*" and (not is_arn or "${" in self.resource):
            raise RequestError(f'the ARN of one resource, or "*", is needed (given: {self.resource!r})')


@dataclass(frozen=True, slots=True)
class _Policies:
    scp_levels: tuple[tuple[Statement, ...], ...]
    resource: tuple[Statement, ...]
    identity: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None
    session: tuple[Statement, ...] | None


def decide(
    request: Request,
    *,
    identity_policies: Documents = (),
    resource_policy: Document | None = None,
    resource_account: str | None = None,
    service_control_policies: Levels = (),
    permission_boundary: Document | None = None,
    session_policies: Documents = (),
) -> Decision:
    """Whether AWS allows a request, and which policy and statement decides.

    Every document is checked completely. Policies that cannot apply to the kind of caller are then left aside, as AWS
    does: identity policies and boundaries for root users; these and SCPs for services and anonymous callers; SCPs for
    service-linked roles.

    Args:
        request: the request.
        identity_policies: all policies of the caller, its groups' included.
        resource_policy: the policy of the resource: bucket policy, key policy, role trust policy, …
        resource_account: account that owns the resource; needed where its ARN does not tell (S3).
        service_control_policies: those of the caller's account. A plain list is one level; a list of lists is one
            entry for each level, root to account, every one of which must allow. None at all: no organisation.
        permission_boundary: the caller's permission boundary.
        session_policies: those the role session was made with.

    Raises:
        MalformedPolicyError: a document AWS would refuse, or one that can't be judged faithfully.
        UnknownOperatorError: a condition operator that is not known.
        RequestError: the request leaves open what the answer depends on.

    Example:
        >>> reader = Principal.role("arn:aws:iam::333333333333:role/reader")
        >>> request = Request(reader, "s3:GetObject", "arn:aws:s3:::logs/a.gz")
        >>> bool(decide(request, resource_account="333333333333"))
        False
    """
    policies = _parse(
        identity_policies, resource_policy, service_control_policies, permission_boundary, session_policies
    )
    caller = request.principal
    if policies.session is not None and caller.type is not PrincipalType.ROLE:
        raise RequestError("session policies belong to role sessions")
    owner = _owner(request, resource_account)
    call = Call(
        principal=caller,
        action=request.action,
        resource=request.resource,
        context=build_context(caller, resource=request.resource, resource_account=owner, stated=request.context),
        bounded=policies.boundary is not None and caller.type in (PrincipalType.USER, PrincipalType.ROLE),
    )
    applicable = _applicable(policies, call, owner)
    for refusal in (_explicit_deny(applicable, call), _fixed_rule(call, owner), _organisation(applicable, call)):
        if refusal is not None:  # a refusal is false, so "or" would pass it over
            return refusal
    return _grant(applicable, call, owner)


def _parse(
    identity: Documents,
    resource: Document | None,
    scps: Levels,
    boundary: Document | None,
    session: Documents,
) -> _Policies:
    boundaries = None if boundary is None else parse_policy(boundary, name="permission boundary")
    return _Policies(
        scp_levels=tuple(_merged(level, name) for name, level in _levels(scps)),
        resource=() if resource is None else parse_policy(resource, name="resource policy", resource_based=True),
        identity=_merged(_listed(identity), "identity policy"),
        boundary=boundaries,
        session=_merged(_listed(session), "session policy") if _listed(session) else None,
    )


def _listed(documents: Documents) -> Sequence[Document]:
    return (documents,) if isinstance(documents, (str, Mapping)) else documents


def _levels(given: Levels) -> Iterator[tuple[str, Sequence[Document]]]:
    if isinstance(given, (str, Mapping)):
        given = (given,)
    levels = [level for level in given if not isinstance(level, (str, Mapping))]
    documents = [document for document in given if isinstance(document, (str, Mapping))]
    if levels and documents:
        raise RequestError("service control policies are either one list or a list for each level")
    if documents:
        yield "service control policy", documents
    for position, level in enumerate(levels, start=1):
        yield f"level {position} service control policy", level


def _merged(documents: Sequence[Document], name: str) -> tuple[Statement, ...]:
    return tuple(
        statement
        for position, document in enumerate(documents, start=1)
        for statement in parse_policy(document, name=f"{name} {position}")
    )


def _owner(request: Request, stated: str | None) -> str | None:
    """The account that owns the resource; None only where the answer doesn't depend on it."""
    if stated is not None and not _ACCOUNT.fullmatch(stated):
        raise RequestError(f"an account id of 12 digits is needed (given: {stated!r})")
    parts = request.resource.split(":", ARN_PARTS - 1)
    in_arn = parts[_ACCOUNT_PART] if len(parts) == ARN_PARTS and _ACCOUNT.fullmatch(parts[_ACCOUNT_PART]) else None
    if stated and in_arn and stated != in_arn:
        raise RequestError(f"{request.resource} does not belong to account {stated}")
    if request.principal.account is None or stated or in_arn:
        return stated or in_arn
    if request.resource == "*":
        return request.principal.account
    raise RequestError(f"state resource_account: the ARN {request.resource} does not tell whose it is")


def _applicable(policies: _Policies, call: Call, owner: str | None) -> _Policies:
    """The policies AWS looks at for this kind of caller and this call."""
    caller = call.principal
    is_root = caller.type is PrincipalType.ROOT
    has_policies = caller.account is not None and not is_root
    keeps_bucket = is_root and caller.account == owner and call.action.lower() in _BUCKET_POLICY_CALLS
    return _Policies(
        scp_levels=() if caller.account is None or caller.is_service_linked else policies.scp_levels,
        # A bucket's owner can't be locked out by the bucket policy.
        resource=() if keeps_bucket else policies.resource,
        identity=policies.identity if has_policies else (),
        boundary=policies.boundary if has_policies else None,
        session=policies.session,
    )


def _explicit_deny(policies: _Policies, call: Call) -> Decision | None:
    for statements in (
        *policies.scp_levels,
        policies.resource,
        policies.identity,
        policies.boundary or (),
        policies.session or (),
    ):
        denying = _best(statements, "Deny", call)
        if denying:
            return Decision(Outcome.EXPLICIT_DENY, f"by {denying}", denying.sid)
    return None


def _fixed_rule(call: Call, owner: str | None) -> Decision | None:
    """What no policy can allow."""
    if call.action.lower() in _BUCKET_POLICY_CALLS and (owner is None or call.principal.account != owner):
        return _implicit(f"{call.action} is for the bucket owner's account only")
    if call.action.lower() == "sts:assumerole" and call.principal.type is PrincipalType.ROOT:
        return _implicit("a root user can't assume a role")
    return None


def _organisation(policies: _Policies, call: Call) -> Decision | None:
    for position, level in enumerate(policies.scp_levels, start=1):
        if not _best(level, "Allow", call):
            return _implicit(f"no level {position} service control policy allows {call.action}")
    return None


def _grant(policies: _Policies, call: Call, owner: str | None) -> Decision:
    caller = call.principal
    named = _best(policies.resource, "Allow", call)
    reach = named.reach(call) if named else Reach.NONE
    same_account = caller.account is not None and caller.account == owner
    if named and reach is Reach.DIRECT and (same_account or caller.account is None):
        return _allowed(named)
    if caller.account is None:
        return _implicit(f"the resource policy does not allow {call.action} to {caller}")
    if not named and not same_account:
        return _implicit(f"the resource policy does not allow {call.action} to {caller} of another account")
    if not named and _is_sole_authority(call):
        return _implicit(f"the resource's own policy must allow {call.action} to {caller} or its account, and does not")
    if caller.type is PrincipalType.ROOT:
        return (
            _allowed(named) if named else Decision(Outcome.ALLOWED, "root user of the account that owns the resource")
        )
    # A role named by the policy of its own account needs no identity policy; from elsewhere it does.
    granting = named if same_account and reach is Reach.ROLE else _best(policies.identity, "Allow", call)
    if granting is None:
        return _implicit(f"no identity policy allows {call.action} on {call.resource}")
    for name, limit in (("permission boundary", policies.boundary), ("session policies", policies.session)):
        if limit is not None and not _best(limit, "Allow", call):
            return _implicit(f"{name} without an allow for {call.action} on {call.resource}")
    # Both are named where neither alone would have been enough.
    needs_both = named is not None and granting is not named and (not same_account or _is_sole_authority(call))
    return _allowed(granting, named) if named and needs_both else _allowed(granting)


def _is_sole_authority(call: Call) -> bool:
    return any(pattern.fullmatch(f"{call.action.lower()} {call.resource}") for pattern in _SOLE_AUTHORITIES)


def _best(statements: Sequence[Statement], effect: str, call: Call) -> Statement | None:
    """The statement of that effect that covers the call most directly."""
    covering = [(statement.reach(call), statement) for statement in statements if statement.effect == effect]
    reach, statement = max(covering, key=lambda pair: pair[0], default=(Reach.NONE, None))
    return None if reach is Reach.NONE else statement


def _allowed(*statements: Statement) -> Decision:
    return Decision(Outcome.ALLOWED, "by " + " and ".join(map(str, statements)), statements[0].sid)


def _implicit(detail: str) -> Decision:
    return Decision(Outcome.IMPLICIT_DENY, detail)
