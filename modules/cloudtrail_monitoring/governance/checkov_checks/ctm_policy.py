"""Reads a policy: its statements, what they deny to whom, and which conditions narrow that.

Only what the checks of this folder ask is answered: it says whether a document states a guard, and does not evaluate
requests.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
else:
    import ctm_attributes as tf

_DOCUMENT = re.compile(
    r"(?:\$\{)?data\.aws_iam_policy_document\.(?P<name>[\w-]+)(?:\[[^\]]*\])?\.(?:minified_)?json\}?"
)
# a document made of others: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_EXPRESSION = re.compile(r"\$\{[^{}]*\}")
_JSONENCODE = re.compile(r"^\$?\{?jsonencode\((?P<object>.*)\)\}?$", re.DOTALL)
_SPLIT_STRING = re.compile(r"''([^']*)'([^',]*)'")
_ANYBODY = ("role/anybody-at-all", "user/anybody-at-all")
_ARN_PARTS = 6
_SETS = ("forallvalues:", "foranyvalue:")


@dataclass(frozen=True)
class Condition:
    """One key of a statement's condition block: operator and key in lower case, without ``...IfExists``."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement, every element as a tuple; an element that is not there is empty."""

    effect: str
    principals: tuple[tuple[str, str], ...]
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]

    @property
    def denies_everyone(self) -> bool:
        """Whether it denies to every principal, before its conditions."""
        return self.effect == "Deny" and any(name == "*" and kind in ("*", "AWS") for kind, name in self.principals)

    @property
    def allows_everyone(self) -> bool:
        """Whether it allows every principal, before its conditions."""
        return self.effect == "Allow" and any(name == "*" and kind in ("*", "AWS") for kind, name in self.principals)

    def allows_service(self, service: str) -> bool:
        """Whether it allows that service principal."""
        return self.effect == "Allow" and ("Service", service) in self.principals

    def covers(self, action: str) -> bool:
        """Whether its actions include that one; case does not count, ``*`` and ``?`` are wildcards."""
        if self.not_actions:
            return not any(_matches(action, pattern) for pattern in self.not_actions)
        return any(_matches(action, pattern) for pattern in self.actions)

    @property
    def on_objects(self) -> bool:
        """Whether it holds for every object of a bucket."""
        return any(resource == "*" or resource.endswith("/*") for resource in self.resources)

    @property
    def on_bucket(self) -> bool:
        """Whether it holds for a bucket itself."""
        return any(resource == "*" or "/" not in resource.rpartition(":::")[2] for resource in self.resources)


def statements(policy: Any, documents: Mapping[str, tf.Attributes] | None = None) -> list[Statement] | None:
    """The statements of a policy argument; None if it is not written out here (a variable, an unknown function).

    Args:
        policy: the argument's value.
        documents: the ``aws_iam_policy_document`` data sources beside it, by name.
    """
    reference = _DOCUMENT.fullmatch(str(policy))
    if reference:
        found = (documents or {}).get(reference["name"])
        return None if found is None else _of_document(found)
    document = policy if isinstance(policy, dict) else _parsed(str(policy or ""))
    if not isinstance(document, dict):
        return None
    return [_statement(raw) for raw in _listed(document.get("Statement")) if isinstance(raw, dict)]


def _of_document(document: tf.Attributes) -> list[Statement] | None:
    """The statements of an ``aws_iam_policy_document``; None if it takes others in that can't be seen from it."""
    if any(tf.one(document, name) for name in _MERGED):
        return None
    try:
        blocks = tf.blocks(document, "statement")
        return [
            Statement(
                effect=tf.word(block, "effect") or "Allow",
                principals=tuple(
                    (str(tf.one(principal, "type")), str(name))
                    for principal in tf.blocks(block, "principals")
                    for name in tf.many(principal, "identifiers")
                ),
                actions=_texts(tf.many(block, "actions")),
                not_actions=_texts(tf.many(block, "not_actions")),
                resources=_texts(tf.many(block, "resources")),
                conditions=tuple(
                    condition
                    for found in tf.blocks(block, "condition")
                    for condition in _conditions(
                        {str(tf.one(found, "test")): {str(tf.one(found, "variable")): tf.many(found, "values")}}
                    )
                ),
            )
            for block in blocks
        ]
    except tf.UnreadableError:
        return None


def exempts_everyone(arn: str) -> bool:
    """Whether an ARN pattern means every role or user of an account, and so no named principal."""
    if _EXPRESSION.fullmatch(arn):
        return False
    parts = _EXPRESSION.sub("*", arn).split(":", 5)
    # whichever partition and account: what counts is whom of it the pattern names
    named = parts[5] if len(parts) == _ARN_PARTS else arn
    return any(_matches(anybody, named) for anybody in _ANYBODY)


def _parsed(text: str) -> Any:
    """The document of JSON text with Terraform expressions in it, or of the text Checkov makes of ``jsonencode``."""
    for candidate in (text, _EXPRESSION.sub("expression", text)):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    encoded = _JSONENCODE.match(text.strip())
    if encoded:
        try:
            # Checkov writes "${bucket.arn}/*" as ''bucket.arn'/*'
            return ast.literal_eval(_SPLIT_STRING.sub(r"'${\1}\2'", encoded["object"]))
        except (SyntaxError, ValueError):
            return None
    return None


def _statement(raw: dict[str, Any]) -> Statement:
    principal = raw.get("Principal", ())
    kinds = principal.items() if isinstance(principal, dict) else [("*", principal)]
    return Statement(
        effect=str(raw.get("Effect")),
        principals=tuple((str(kind), name) for kind, names in kinds for name in _texts(names)),
        actions=_texts(raw.get("Action")),
        not_actions=_texts(raw.get("NotAction")),
        resources=_texts(raw.get("Resource")),
        conditions=tuple(_conditions(raw.get("Condition") or {})),
    )


def _conditions(raw: dict[str, Any]) -> Iterable[Condition]:
    for operator, keys in raw.items():
        name = operator.lower()
        for prefix in _SETS:
            name = name.removeprefix(prefix)
        name = name.removesuffix("ifexists")
        for key, values in keys.items():
            yield Condition(name, key.lower(), tuple(value.lower() for value in _texts(values)))


def _matches(value: str, pattern: str) -> bool:
    # IAM knows no character classes; fnmatch would read "[" as one
    return fnmatchcase(value.lower(), pattern.lower().replace("[", "[[]"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _texts(value: Any) -> tuple[str, ...]:
    return tuple("true" if item is True else "false" if item is False else str(item) for item in _listed(value))
