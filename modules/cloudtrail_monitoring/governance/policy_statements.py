"""Policy documents: parsed, checked completely, and asked whether a statement covers a request.

Accepts a document as JSON text or as data. A misshapen element is an error even in a statement that no
request reaches, so that a typing error never passes for a policy that says nothing. What the statements of several
policies add up to is left to ``policy_evaluator``.

Sources (AWS IAM User Guide):

- grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
- Action, NotAction: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
- Resource, NotResource: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
- Version: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cloudtrail_monitoring.governance.policy_conditions import Condition, parse_conditions
from cloudtrail_monitoring.governance.policy_patterns import (
    MalformedPolicyError,
    PolicyError,
    PolicyText,
    RequestContext,
    matches_action,
    matches_resource,
)
from cloudtrail_monitoring.governance.policy_principals import Principal, PrincipalElement, Reach, parse_principals

Document = str | Mapping[str, Any]
"""A policy document: JSON text, or the data it describes."""

_VERSIONS = frozenset({"2008-10-17", "2012-10-17"})
_WITH_VARIABLES = "2012-10-17"
_DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE_IMPLIED = frozenset({"sts", "ecr"})
"""Services whose resource-based policies have no Resource element: role trust and container repositories."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a statement is compared with."""

    principal: Principal
    action: str
    resource: str
    context: RequestContext
    bounded: bool
    """Whether the caller carries a permission boundary."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy."""

    policy: str
    position: int
    sid: str | None
    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[PolicyText, ...]
    not_resource: bool
    principals: PrincipalElement | None
    not_principal: bool
    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        name = f'"{self.sid}"' if self.sid else str(self.position)
        return f"{self.policy}, statement {name}"

    def reach(self, call: Call) -> Reach:
        """How directly the statement covers the call; ``NONE`` when it doesn't.

        Raises:
            RequestError: a condition looks at a key that AWS always sends and the request does not state.
        """
        reach = self._principal_reach(call)
        covered = (
            reach is not Reach.NONE
            and self._covers_action(call.action)
            and self._covers_resource(call.resource, call.context)
            and all(condition.holds(call.context) for condition in self.conditions)
        )
        return reach if covered else Reach.NONE

    def _principal_reach(self, call: Call) -> Reach:
        if self.principals is None:
            return Reach.DIRECT
        if not self.not_principal:
            return self.principals.reach(call.principal)
        # NotPrincipal denies every user and role that has a permission boundary, whomever it lists.
        return Reach.NONE if self.principals.exempts(call.principal) and not call.bounded else Reach.DIRECT

    def _covers_action(self, action: str) -> bool:
        return any(matches_action(pattern, action) for pattern in self.actions) != self.not_action

    def _covers_resource(self, resource: str, context: RequestContext) -> bool:
        if not self.resources:
            return True
        patterns = [text.pattern(context) for text in self.resources]
        if any(pattern is not None and matches_resource(pattern, resource) for pattern in patterns):
            return not self.not_resource
        # A variable without a value makes the statement invalid, so NotResource does not profit from it.
        return self.not_resource and None not in patterns


def parse_policy(document: Document, *, name: str, resource_based: bool = False) -> tuple[Statement, ...]:
    """The statements of a policy document.

    Args:
        document: JSON text or data, language version 2008-10-17 or 2012-10-17.
        name: what the policy is called in errors and reasons.
        resource_based: whether the policy is attached to a resource, so that its statements name principals.

    Raises:
        MalformedPolicyError: AWS would refuse the document, or it can't be judged faithfully.
    """
    try:
        return _statements(_data(document), name, resource_based)
    except PolicyError as error:
        raise type(error)(f"{name}: {error}") from error


def _data(document: Document) -> Mapping[str, Any]:
    if isinstance(document, str):
        try:
            document = json.loads(document, object_pairs_hook=_unique)
        except json.JSONDecodeError as error:
            raise MalformedPolicyError(f"not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise MalformedPolicyError("a policy document is a JSON object")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Python keeps the last of two equal keys, which would drop half a Condition without a word.
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise MalformedPolicyError(f"{key!r} occurs twice in one object")
        found[key] = value
    return found


def _statements(document: Mapping[str, Any], name: str, resource_based: bool) -> tuple[Statement, ...]:
    _only(document, _DOCUMENT_ELEMENTS)
    version = document.get("Version", "2008-10-17")
    if not isinstance(version, str) or version not in _VERSIONS:
        raise MalformedPolicyError(f"Version {version!r} is none of {', '.join(sorted(_VERSIONS))}")
    given = document.get("Statement")
    statements = [given] if isinstance(given, Mapping) else given
    if not isinstance(statements, (list, tuple)) or not statements:
        raise MalformedPolicyError("at least one Statement is needed")
    parsed = []
    for position, statement in enumerate(statements, start=1):
        try:
            parsed.append(_statement(statement, name, position, resource_based, version == _WITH_VARIABLES))
        except PolicyError as error:
            raise type(error)(f"statement {position}: {error}") from error
    sids = [statement.sid for statement in parsed if statement.sid]
    if len(sids) != len(set(sids)):
        raise MalformedPolicyError("a Sid occurs twice")
    return tuple(parsed)


def _statement(given: object, policy: str, position: int, resource_based: bool, variables: bool) -> Statement:
    if not isinstance(given, Mapping):
        raise MalformedPolicyError("a statement is an object")
    _only(given, _STATEMENT_ELEMENTS)
    effect, sid = given.get("Effect"), given.get("Sid")
    if effect not in ("Allow", "Deny"):
        raise MalformedPolicyError(f"Effect must be Allow or Deny (given: {effect!r})")
    if sid is not None and not isinstance(sid, str):
        raise MalformedPolicyError("Sid must be a string")
    actions, not_action = _choice(given, "Action")
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise MalformedPolicyError(f"{action!r} is no action")
    principals, not_principal = _principals(given, resource_based)
    services = {action.split(":")[0].lower() for action in actions}
    if not_principal and (effect == "Allow" or "sts" in services):
        raise MalformedPolicyError("NotPrincipal is for Deny, and not for role trust policies")
    implied = resource_based and not not_action and services <= _RESOURCE_IMPLIED
    resources, not_resource = _choice(given, "Resource", optional=implied)
    for resource in resources:
        if resource != "*" and not resource.startswith("arn:"):
            raise MalformedPolicyError(f'Resource must be "*" or an ARN (given: {resource!r})')
    return Statement(
        policy=policy,
        position=position,
        sid=sid or None,
        effect="Allow" if effect == "Allow" else "Deny",
        actions=actions,
        not_action=not_action,
        resources=tuple(PolicyText(resource, variables) for resource in resources),
        not_resource=not_resource,
        principals=principals,
        not_principal=not_principal,
        conditions=parse_conditions(given.get("Condition", {}), variables=variables),
    )


def _principals(given: Mapping[str, Any], resource_based: bool) -> tuple[PrincipalElement | None, bool]:
    stated = [name for name in ("Principal", "NotPrincipal") if name in given]
    if not resource_based:
        if stated:
            raise MalformedPolicyError(f"{stated[0]} belongs to resource-based policies only")
        return None, False
    if len(stated) != 1:
        raise MalformedPolicyError("either Principal or NotPrincipal is needed")
    return parse_principals(given[stated[0]]), stated[0] == "NotPrincipal"


def _choice(given: Mapping[str, Any], name: str, *, optional: bool = False) -> tuple[tuple[str, ...], bool]:
    """The values of an element or of its Not… twin, and whether it was the twin."""
    stated = [element for element in (name, f"Not{name}") if element in given]
    if not stated and optional:
        return (), False
    if len(stated) != 1:
        raise MalformedPolicyError(f"either {name} or Not{name} is needed")
    value = given[stated[0]]
    values = value if isinstance(value, (list, tuple)) else [value]
    if not values or not all(isinstance(one, str) for one in values):
        raise MalformedPolicyError(f"{stated[0]} needs a string or a list of strings")
    return tuple(values), stated[0] != name


def _only(given: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(str(element) for element in given if element not in known)
    if unknown:
        raise MalformedPolicyError(f"{unknown[0]} is no element of a policy")
