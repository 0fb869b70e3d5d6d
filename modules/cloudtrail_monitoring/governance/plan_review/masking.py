"""Hides whom alerts reach in everything a review says, wherever it stands.

Recipients are known from the plan itself; other e-mail addresses are hidden by their form. What Terraform calls
sensitive is not shown in the first place.
"""

import re
from collections.abc import Iterator
from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import CONTACTS, Change, Plan

HIDDEN = "(hidden)"
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,}")


class Mask:
    """``mask(text)``: the text with every contact of the plan hidden."""

    def __init__(self, plan: Plan) -> None:
        found = {text for change in (*plan.changes, *plan.drift) for text in _contacts(change)}
        # the longest first, or a part of it would go and leave the rest
        longest_first = sorted(found, key=lambda text: (-len(text), text))
        self._contacts = (
            re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in longest_first)) if found else None
        )

    def __call__(self, text: str) -> str:
        return _EMAIL.sub(HIDDEN, self._contacts.sub(HIDDEN, text) if self._contacts else text)


def _contacts(change: Change) -> Iterator[str]:
    """What has the form of an address or a number: other text would hide what a reviewer has to see."""
    for attributes in (change.before or {}, change.after or {}):
        for name in CONTACTS.get(change.type, ()):
            for text in _texts(attributes.get(name)):
                if _EMAIL.fullmatch(text) or _PHONE.fullmatch(text):
                    yield text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
