"""Who calls, and whom a Principal or NotPrincipal element names.

``Principal`` is a caller; ``PrincipalElement`` is what a resource-based policy says about callers. How far a match
reaches (the account, the role, or the caller itself) decides which other policies still limit it, and that is left to
``policy_evaluator``. Federated identities are accepted in documents but are no callers here.

Sources (AWS IAM User Guide):

- Principal: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
- NotPrincipal: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
- types and their context values:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from cloudtrail_monitoring.governance.policy_patterns import MalformedPolicyError, RequestError

_PARTITION = r"arn:(?P<partition>aws[a-z-]*)"
_ROLE = re.compile(_PARTITION + r":iam::(?P<account>\d{12}):role/(?P<path>(?:[!-~]+/)?)(?P<name>[\w+=,.@-]+)")
_USER = re.compile(_PARTITION + r":iam::(?P<account>\d{12}):user/(?P<path>(?:[!-~]+/)?)(?P<name>[\w+=,.@-]+)")
_ROOT = re.compile(_PARTITION + r":iam::(?P<account>\d{12}):root")
_SESSION = re.compile(_PARTITION + r":sts::(?P<account>\d{12}):(assumed-role/[\w+=,.@-]+|federated-user)/[\w+=,.@-]+")
_ACCOUNT = re.compile(r"\d{12}")
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_SERVICE_LINKED_PATH = "aws-service-role/"


class PrincipalType(StrEnum):
    """Kinds of callers; the value is ``aws:PrincipalType`` where AWS documents one."""

    ROOT = "Account"
    USER = "User"
    ROLE = "AssumedRole"
    ANONYMOUS = "Anonymous"
    SERVICE = "Service"


class Reach(IntEnum):
    """How directly a policy names a caller, in rising order."""

    NONE = 0
    ACCOUNT = 1
    """Its account, which delegates: identity policies must still allow."""
    ROLE = 2
    """The role behind its session: a permission boundary and session policies still limit."""
    DIRECT = 3
    """The user, the session, the service or everyone: nothing but an explicit deny or an SCP limits."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. Make it with one of the class methods.

    Example:
        >>> Principal.session("arn:aws:iam::333333333333:role/deploy", "alice").session_arn
        'arn:aws:sts::333333333333:assumed-role/deploy/alice'
    """

    type: PrincipalType
    arn: str | None = None
    """What ``aws:PrincipalArn`` holds: for a session the ARN of its role."""
    session_arn: str | None = None
    service_name: str | None = None

    @classmethod
    def role(cls, arn: str) -> "Principal":
        """Some session of a role, under a name no policy names.

        Raises:
            RequestError: not the ARN of a role.
        """
        _parsed(_ROLE, arn, "the ARN of a role")
        return cls(PrincipalType.ROLE, arn)

    @classmethod
    def session(cls, role_arn: str, session_name: str) -> "Principal":
        """A session of a role.

        Args:
            role_arn: ARN of the role, with its path.
            session_name: 2 to 64 characters
                (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).

        Raises:
            RequestError: not the ARN of a role, or not a session name.
        """
        role = _parsed(_ROLE, role_arn, "the ARN of a role")
        _parsed(_SESSION_NAME, session_name, "a session name")
        return cls(
            PrincipalType.ROLE,
            role_arn,
            f"arn:{role['partition']}:sts::{role['account']}:assumed-role/{role['name']}/{session_name}",
        )

    @classmethod
    def user(cls, arn: str) -> "Principal":
        """An IAM user.

        Raises:
            RequestError: not the ARN of a user.
        """
        _parsed(_USER, arn, "the ARN of a user")
        return cls(PrincipalType.USER, arn)

    @classmethod
    def root(cls, account: str, *, partition: str = "aws") -> "Principal":
        """The root user of an account.

        Raises:
            RequestError: not an account id.
        """
        arn = f"arn:{partition}:iam::{account}:root"
        _parsed(_ROOT, arn, "an account id of 12 digits and a partition")
        return cls(PrincipalType.ROOT, arn)

    @classmethod
    def service(cls, name: str) -> "Principal":
        """An AWS service that calls for itself, such as ``cloudtrail.amazonaws.com``.

        Raises:
            RequestError: not the name of a service principal.
        """
        _parsed(_SERVICE, name, "the name of a service principal")
        return cls(PrincipalType.SERVICE, service_name=name)

    @classmethod
    def anonymous(cls) -> "Principal":
        """A caller that signs nothing."""
        return cls(PrincipalType.ANONYMOUS)

    @property
    def account(self) -> str | None:
        """The account of the caller; None for services and anonymous callers."""
        return self.arn.split(":")[4] if self.arn else None

    @property
    def user_name(self) -> str | None:
        """The friendly name of a user, without its path."""
        return self.arn.rsplit("/", 1)[1] if self.arn and self.type is PrincipalType.USER else None

    @property
    def is_service_linked(self) -> bool:
        """Whether it is a service-linked role, which SCPs leave alone."""
        return self.type is PrincipalType.ROLE and f":role/{_SERVICE_LINKED_PATH}" in (self.arn or "")

    def __str__(self) -> str:
        return self.session_arn or self.arn or self.service_name or "an anonymous caller"


def _parsed(pattern: re.Pattern[str], value: str, wanted: str) -> re.Match[str]:
    match = pattern.fullmatch(value)
    if match is None:
        raise RequestError(f"{wanted} is needed for a principal (given: {value!r})")
    return match


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """A parsed Principal or NotPrincipal element."""

    everyone: bool = False
    accounts: frozenset[str] = frozenset()
    arns: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()

    def reach(self, caller: Principal) -> Reach:
        """How directly a Principal element names the caller."""
        if self.everyone or caller.service_name in self.services:
            return Reach.DIRECT
        if caller.arn is None:
            return Reach.NONE
        if caller.session_arn in self.arns:
            return Reach.DIRECT
        if caller.arn in self.arns:
            return Reach.ROLE if caller.type is PrincipalType.ROLE else Reach.DIRECT
        return Reach.ACCOUNT if caller.account in self.accounts else Reach.NONE

    def exempts(self, caller: Principal) -> bool:
        """Whether a NotPrincipal element leaves the caller out.

        AWS checks the account, then the user or role, then the session: each must be listed.
        """
        if self.everyone or caller.service_name in self.services:
            return True
        if caller.arn is None or caller.account not in self.accounts:
            return False
        needed: dict[PrincipalType, tuple[str | None, ...]] = {
            PrincipalType.USER: (caller.arn,),
            PrincipalType.ROLE: (caller.arn, caller.session_arn),
        }
        return all(arn in self.arns for arn in needed.get(caller.type, ()))


def parse_principals(element: object) -> PrincipalElement:
    """A Principal or NotPrincipal element.

    Raises:
        MalformedPolicyError: a shape AWS refuses, a wildcard inside an ARN, a group, or a canonical user id (which
            can't be compared with an ARN).
    """
    if element == "*":
        return PrincipalElement(everyone=True)
    if not isinstance(element, Mapping) or not element:
        raise MalformedPolicyError('Principal must be "*" or an object')
    found: dict[str, list[str]] = {"AWS": [], "Service": [], "Federated": []}
    for kind, given in element.items():
        if kind not in found:
            raise MalformedPolicyError(f"Principal: {kind} can't be evaluated")
        found[kind] = _names(kind, given)
    for name in found["Service"]:
        if not _SERVICE.fullmatch(name):
            raise MalformedPolicyError(f"Principal: {name!r} is no service principal")
    everyone, accounts, arns = _aws_principals(found["AWS"])
    return PrincipalElement(everyone, accounts, arns, frozenset(found["Service"]))


def _names(kind: str, given: object) -> list[str]:
    names = given if isinstance(given, (list, tuple)) else [given]
    if not names or not all(isinstance(name, str) for name in names):
        raise MalformedPolicyError(f"Principal: {kind} needs a string or a list of strings")
    return [str(name) for name in names]


def _aws_principals(names: list[str]) -> tuple[bool, frozenset[str], frozenset[str]]:
    everyone = False
    accounts: set[str] = set()
    arns: set[str] = set()
    for name in names:
        root = _ROOT.fullmatch(name)
        if name == "*":
            # AWS gives {"AWS": "*"} and "*" as equivalent, and documents no difference for services.
            everyone = True
        elif root or _ACCOUNT.fullmatch(name):
            accounts.add(root["account"] if root else name)
        elif any(pattern.fullmatch(name) for pattern in (_ROLE, _USER, _SESSION, _UNIQUE_ID)):
            arns.add(name)
        else:
            raise MalformedPolicyError(f"Principal: {name!r} is no account, user, role or session")
    return everyone, frozenset(accounts), frozenset(arns)
