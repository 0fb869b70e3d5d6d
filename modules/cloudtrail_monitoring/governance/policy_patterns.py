"""The text of IAM policies: wildcards, policy variables, and the request context that fills the variables.

The lowest layer of the policy evaluator. What a pattern means inside an operator or an element is left to
``policy_conditions`` and ``policy_statements``.

Sources (AWS IAM User Guide):

- variables and their default values:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
- wildcards in Resource: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
- wildcards in ARN operators:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

ARN_PARTS = 6
_ANY, _ONE = "\ufdd0", "\ufdd1"  # Unicode noncharacters: a wildcard of the policy, never a character of a value
_WILDCARDS = str.maketrans({"*": _ANY, "?": _ONE})
_LITERALS = str.maketrans({_ANY: "*", _ONE: "?"})
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"\s*(?P<key>[\w.-]+:[^,']*?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?")
_SPECIAL = frozenset("*?$")


class PolicyError(ValueError):
    """Anything the evaluator refuses to judge; ``str()`` is one line."""


class MalformedPolicyError(PolicyError):
    """A policy document AWS would refuse, or one this evaluator can't judge faithfully."""


class UnknownOperatorError(MalformedPolicyError):
    """A condition operator that AWS does not define, or that is not modelled (``BinaryEquals``)."""


class RequestError(PolicyError):
    """A request that is incomplete or contradicts itself, so that no answer would be honest."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The context keys of one request. Names are compared without case, as AWS does.

    ``undetermined`` holds keys AWS always sends but nobody stated: to look one up is an error, because to treat it
    as missing would answer another question.
    """

    entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undetermined: frozenset[str] = frozenset()

    def values(self, key: str) -> tuple[str, ...]:
        """The values of a key; empty when the request does not carry it.

        Raises:
            RequestError: AWS always sends this key, and the request does not state it.
        """
        name = key.lower()
        if name in self.undetermined:
            raise RequestError(f"a policy looks at {key}, which AWS always sends: state it in the request's context")
        return self.entries.get(name, ())


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One string of a policy, which may hold wildcards and (language version 2012-10-17) variables.

    Raises:
        MalformedPolicyError: a ``${…}`` that is no IAM variable, such as a Terraform reference left unresolved.
    """

    source: str
    variables: bool

    def __post_init__(self) -> None:
        if "${" not in self.source:
            return
        if "$${" in self.source:
            raise MalformedPolicyError(f"{self.source!r} holds Terraform's escape $${{: write it as ${{ first")
        names = _VARIABLE.findall(self.source)
        if len(names) != self.source.count("${"):
            raise MalformedPolicyError(f"{self.source!r} holds a variable that is not closed")
        for name in names:
            if name not in _SPECIAL and not _NAME.fullmatch(name):
                raise MalformedPolicyError(
                    f"{self.source!r}: ${{{name}}} is no IAM policy variable; resolve Terraform references first"
                )

    def pattern(self, context: RequestContext) -> str | None:
        """The text with its variables filled in, for the match functions below; None if a variable has no value."""
        if not self.variables:
            return self.source.translate(_WILDCARDS)
        parts: list[str] = []
        end = 0
        for found in _VARIABLE.finditer(self.source):
            value = _variable(found[1], context)
            if value is None:
                return None
            parts += (self.source[end : found.start()].translate(_WILDCARDS), value)
            end = found.end()
        return "".join((*parts, self.source[end:].translate(_WILDCARDS)))

    def literal(self, context: RequestContext) -> str | None:
        """The same where ``*`` and ``?`` are ordinary characters."""
        pattern = self.pattern(context)
        return None if pattern is None else pattern.translate(_LITERALS)


def _variable(name: str, context: RequestContext) -> str | None:
    if name in _SPECIAL:
        return name
    match = _NAME.fullmatch(name)
    if match is None:  # PolicyText has checked it
        raise MalformedPolicyError(f"${{{name}}} is no IAM policy variable")
    values = context.values(match["key"])
    # A key with several values can't fill a variable.
    return values[0] if len(values) == 1 else match["default"]


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern of ``PolicyText.pattern`` covers the whole value; ``*`` also spans colons and slashes."""
    return _compiled(pattern).fullmatch(value) is not None


def matches_arn(pattern: str, value: str) -> bool:
    """ArnLike: the six parts of an ARN one by one; a wildcard stays in its part. ``*`` alone covers every ARN."""
    wanted, given = pattern.split(":", ARN_PARTS - 1), value.split(":", ARN_PARTS - 1)
    if len(given) != ARN_PARTS or given[0] != "arn":
        return False
    if pattern == _ANY:
        return True
    return len(wanted) == ARN_PARTS and all(matches(part, text) for part, text in zip(wanted, given, strict=True))


def matches_resource(pattern: str, value: str) -> bool:
    """The Resource element: wildcards stay within a part of the ARN, but a ``*`` that ends a part may run on."""
    return _compiled_resource(pattern).fullmatch(value) is not None


def matches_action(pattern: str, action: str) -> bool:
    """The Action element: without case, and only wildcards are special."""
    return matches(pattern.lower().translate(_WILDCARDS), action.lower())


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern, many=".*", one="."), re.DOTALL)


@lru_cache(maxsize=4096)
def _compiled_resource(pattern: str) -> re.Pattern[str]:
    *parts, last = pattern.split(":", ARN_PARTS - 1)
    return re.compile(":".join((*_leading(parts), _expression(last, many=".*", one="."))), re.DOTALL)


def _leading(parts: list[str]) -> Iterator[str]:
    for part in parts:
        ending = ".*" if part.endswith(_ANY) else ""
        yield _expression(part.removesuffix(_ANY), many="[^:]*", one="[^:]") + ending


def _expression(pattern: str, *, many: str, one: str) -> str:
    return "".join(many if sign == _ANY else one if sign == _ONE else re.escape(sign) for sign in pattern)
