"""What a statement applies to, made comparable: whom, which actions, on which resources, under which conditions.

A scope covers another when every request of the other is one of its own. A Not… element is kept whole; the others are
taken apart, because a statement's share may be found again in several statements, and several in one. Documents are
checked by ``policy_statements``; texts and conditions are compared by ``policy_text_coverage`` and
``policy_condition_coverage``.

Sources:

- Principal: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
- NotPrincipal: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
- ``"*"`` and ``{"AWS": "*"}`` are not the same to every service:
  https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.StarPrincipal.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

from cloudtrail_monitoring.governance.policy_condition_coverage import Requirement, requirements
from cloudtrail_monitoring.governance.policy_patterns import ARN_PARTS
from cloudtrail_monitoring.governance.policy_statements import Document, Statement, parse_policy
from cloudtrail_monitoring.governance.policy_text_coverage import Text

_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?")
_ACCOUNT_PART = 4
_WITH_VARIABLES = "2012-10-17"


class Item(Protocol):
    """What an element lists: ``Text`` or ``Caller``."""

    @property
    def takes_in_everything(self) -> bool:
        """Whether it is ``*``."""

    def covers(self, other: Self, /) -> bool:
        """Whether everything the other stands for is meant by this one too."""

    def spares_all_of(self, other: Self, /) -> bool:
        """Whether a Not… list with this one leaves out what one with the other does."""

    def excludes(self, other: Self, /) -> bool:
        """Whether nothing is meant by both."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One name of a Principal or NotPrincipal element.

    Args:
        kind: ``AWS``, ``Service`` or ``Federated``; ``*`` for everyone.
        name: the name; an account is its id.
        members_of: the account all of whose users and roles are meant. Only a Deny does that. An Allow to an account
            delegates and one to a role does not, so that neither covers the other.
    """

    kind: str
    name: str
    members_of: str | None = None

    @property
    def takes_in_everything(self) -> bool:
        """Whether it is everyone."""
        return self.kind == "*"

    def covers(self, other: Self) -> bool:
        """Whether everyone the other names is named by this one, and as directly."""
        if self.takes_in_everything or self.spares_all_of(other):
            return True
        if self.kind != "AWS" or other.kind != "AWS":
            return False
        return self.name == "*" or (self.members_of is not None and self.members_of == _account(other.name))

    def spares_all_of(self, other: Self) -> bool:
        """Whether they are the same: NotPrincipal spares a caller whose every name it lists."""
        return (self.kind, self.name) == (other.kind, other.name)

    def excludes(self, _: Self) -> bool:
        """Never sure, because a caller goes by several names."""
        return False

    def __str__(self) -> str:
        if self.takes_in_everything:
            return "everyone"
        return "every AWS identity" if self.name == "*" else self.name


def _account(name: str) -> str | None:
    parts = name.split(":", ARN_PARTS - 1)
    return parts[_ACCOUNT_PART] if len(parts) == ARN_PARTS else None


AnItem = TypeVar("AnItem", bound=Item)


@dataclass(frozen=True, slots=True)
class Element(Generic[AnItem]):
    """Principal, Action or Resource, or its Not… twin."""

    items: tuple[AnItem, ...]
    negated: bool = False

    @property
    def parts(self) -> tuple[Self, ...]:
        """Its items one by one; a Not… element whole."""
        return (self,) if self.negated else tuple(replace(self, items=(item,)) for item in self.items)

    def covers(self, other: Self) -> bool:
        """Whether everything the other applies to is among what this one applies to."""
        match self.negated, other.negated:
            case False, False:
                return all(any(ours.covers(theirs) for ours in self.items) for theirs in other.items)
            case True, True:
                return not self.items_beyond(other)
            case True, False:
                return all(ours.excludes(theirs) for ours in self.items for theirs in other.items)
            case _:
                return any(ours.takes_in_everything for ours in self.items)

    def items_beyond(self, other: Self) -> tuple[AnItem, ...]:
        """Of two Not… elements: what this one leaves out and the other doesn't."""
        return tuple(ours for ours in self.items if not any(theirs.spares_all_of(ours) for theirs in other.items))


@dataclass(frozen=True, slots=True)
class Scope:
    """A statement, or a share of one."""

    sid: str | None
    position: int
    effect: Literal["Allow", "Deny"]
    principals: Element[Caller]
    actions: Element[Text]
    resources: Element[Text]
    requirements: tuple[Requirement, ...]
    names_principals: bool
    names_resources: bool

    @property
    def label(self) -> str:
        """What a reader finds the statement by."""
        return self.sid or f"statement {self.position}"

    @property
    def shares(self) -> Iterator["Scope"]:
        """One principal, one action, one resource each."""
        for principals, actions, resources in product(self.principals.parts, self.actions.parts, self.resources.parts):
            yield replace(self, principals=principals, actions=actions, resources=resources)

    def covers(self, other: "Scope") -> bool:
        """Whether every request of the other is one of this."""
        return self.spans(other) and not self.unmet(other)

    def spans(self, other: "Scope") -> bool:
        """The same, conditions aside."""
        return (
            self.actions.covers(other.actions)
            and self.resources.covers(other.resources)
            and self.principals.covers(other.principals)
        )

    def unmet(self, other: "Scope") -> tuple[Requirement, ...]:
        """The requirements of this one that those of the other don't imply."""
        return tuple(one for one in self.requirements if not any(theirs.implies(one) for theirs in other.requirements))


def read_scopes(document: Document, *, name: str, resource_based: bool) -> tuple[Scope, ...]:
    """The statements of a policy document.

    Args:
        document: JSON text or data.
        name: what the document is called in errors.
        resource_based: whether its statements name principals.

    Raises:
        MalformedPolicyError: AWS would refuse the document, or it can't be judged faithfully.
    """
    checked = parse_policy(document, name=name, resource_based=resource_based)
    data = json.loads(document) if isinstance(document, str) else document
    given = data["Statement"]
    variables = data.get("Version") == _WITH_VARIABLES
    statements = [given] if isinstance(given, Mapping) else given
    return tuple(_scope(statement, written, variables) for statement, written in zip(checked, statements, strict=True))


def _scope(statement: Statement, written: Mapping[str, Any], variables: bool) -> Scope:
    sources = [text.source for text in statement.resources] or ["*"]
    return Scope(
        sid=statement.sid,
        position=statement.position,
        effect=statement.effect,
        principals=_principals(statement, written),
        actions=Element(tuple(map(Text.action, statement.actions)), statement.not_action),
        resources=Element(
            tuple(Text.resource(source, variables=variables) for source in sources), statement.not_resource
        ),
        requirements=tuple(requirements(written.get("Condition", {}), variables=variables)),
        names_principals=statement.principals is not None,
        names_resources=bool(statement.resources),
    )


def _principals(statement: Statement, written: Mapping[str, Any]) -> Element[Caller]:
    given = written.get("NotPrincipal" if statement.not_principal else "Principal", "*")
    if given == "*":
        return Element((Caller("*", "*"),), statement.not_principal)
    denies_members = statement.effect == "Deny"
    return Element(
        tuple(
            _caller(kind, name, denies_members)
            for kind, names in given.items()
            for name in (names if isinstance(names, (list, tuple)) else [names])
        ),
        statement.not_principal,
    )


def _caller(kind: str, name: str, denies_members: bool) -> Caller:
    account = _ACCOUNT.fullmatch(name) if kind == "AWS" else None
    if account is None:
        return Caller(kind, name)
    return Caller(kind, account[1], account[1] if denies_members else None)
