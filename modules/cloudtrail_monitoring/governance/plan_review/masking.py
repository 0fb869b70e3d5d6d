"""Hides whom alerts reach, and what Terraform calls sensitive, in everything a review says.

Contacts are known from the plan itself, so they are found wherever else they stand; other e-mail addresses are hidden
by their form.
"""

import re
from collections.abc import Iterator
from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import Change, Plan
from cloudtrail_monitoring.governance.plan_review.rule import at

HIDDEN = "(hidden)"
_CONTACTS = {
    "aws_sns_topic_subscription": ("endpoint",),
    "aws_budgets_budget": ("notification",),
    "aws_sns_sms_preferences": (),
}
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+")
_SHORTEST = 4
"""A shorter text would be found everywhere."""


class Mask:
    """``mask(text)``: the text with every contact and sensitive value of the plan hidden."""

    def __init__(self, plan: Plan) -> None:
        found = {text for change in (*plan.changes, *plan.drift) for text in _secrets(change) if len(text) >= _SHORTEST}
        # the longest first, or a part of it would go and leave the rest
        self._secrets = sorted(found, key=lambda text: (-len(text), text))

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _EMAIL.sub(HIDDEN, text)


def _secrets(change: Change) -> Iterator[str]:
    names = {*change.sensitive, *_CONTACTS.get(change.type, ())}
    for attributes in (change.before, change.after):
        for name in names:
            value = at(attributes, name) if attributes else None
            # the endpoint of a queue or a function is an ARN, and no person's
            yield from (text for text in _texts(value) if name in change.sensitive or not text.startswith("arn:"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
