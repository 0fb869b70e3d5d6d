"""A policy under the most favourable circumstances its caller could be in: the upper bound of what it lets.

A review asks who *could*. Whether a caller has used MFA, comes from the office, encrypts under which context or asks
before midnight is the caller's to arrange, so conditions on that are taken for met where they allow and for unmet where
they deny. Who the caller is can't be arranged: those conditions stay as they are.

Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from cloudtrail_monitoring.governance.policy_statements import Document

_OF_THE_CALLER = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
        # services alone state where they come from
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:userid",
        "aws:username",
        # derived from the resource
        "aws:requestedregion",
        "aws:resourceaccount",
    }
)
_TAGS_OF_THE_CALLER = "aws:principaltag/"


def favourable(document: Document, *, resource_based: bool = False) -> Document:
    """The document without the conditions that a caller can arrange.

    Args:
        resource_based: whether the policy is attached to a resource.

    >>> favourable({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
    ...                           "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}})
    {'Statement': [{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}]}
    """
    return _of_text(document, resource_based) if isinstance(document, str) else _of_data(document, resource_based)


@lru_cache(maxsize=4096)
def _of_text(document: str, resource_based: bool) -> Document:
    return _of_data(json.loads(document), resource_based)


def _of_data(document: Mapping[str, Any], resource_based: bool) -> Document:
    given = document["Statement"]
    kept = list(_statements(given if isinstance(given, list) else [given]))
    # a document needs a statement: this one changes no answer
    nothing = {**_NOTHING, "Principal": "*"} if resource_based else _NOTHING
    return {**document, "Statement": kept or [nothing]}


_NOTHING = {"Effect": "Deny", "Action": "none:Nothing", "Resource": "*"}


def _statements(statements: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for statement in statements:
        conditions = statement.get("Condition", {})
        of_the_caller = {
            operator: held
            for operator, keys in conditions.items()
            if (held := {key: value for key, value in keys.items() if _is_of_the_caller(key)})
        }
        if statement["Effect"] == "Deny":
            if of_the_caller == conditions:
                yield statement
            continue
        rest = {name: value for name, value in statement.items() if name != "Condition"}
        yield {**rest, "Condition": of_the_caller} if of_the_caller else rest


def _is_of_the_caller(key: str) -> bool:
    return key.lower() in _OF_THE_CALLER or key.lower().startswith(_TAGS_OF_THE_CALLER)
