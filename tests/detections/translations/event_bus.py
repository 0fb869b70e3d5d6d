"""EventBridge's verdict by moto's matcher, which is not ours; what it gets wrong, and who asks it keeps clear of:

* An operator that it doesn't know matches everything: ``operators`` says which ones a pattern has.
* It doesn't look into arrays of objects, as ``$.resources[*].type`` wants.
* It takes ``true`` for 1 and ``false`` for 0, in lists of values and under ``numeric``.
* The asterisk of ``wildcard`` stops at a line feed.
* An empty object or array is a value to it, so that ``exists`` finds it; EventBridge sees leaves only.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.events.models import EventPattern

KNOWN_OPERATORS = {"exists", "prefix", "suffix", "wildcard", "numeric", "anything-but"}
"""Those that our patterns have and moto knows; under ``anything-but`` stand texts or one of the first four."""


class EventBus:
    """A rule with one event pattern for CloudTrail records."""

    def __init__(self, pattern: Mapping[str, Any]) -> None:
        self._pattern = EventPattern.load(json.dumps({"detail": pattern}))

    def delivers(self, record: Mapping[str, Any]) -> bool:
        """Whether the rule's target would get the record."""
        event: Any = {"detail": record}
        return self._pattern.matches_event(event)


def operators(pattern: Mapping[str, Any]) -> Iterator[str]:
    """The operators of an event pattern, those inside ``anything-but`` too."""
    for name, value in pattern.items():
        if isinstance(value, dict):
            yield from operators(value)
        elif name == "$or":
            for alternative in value:
                yield from operators(alternative)
        else:
            for demand in value:
                if isinstance(demand, dict):
                    ((operator, operand),) = demand.items()
                    yield operator
                    yield from operand if isinstance(operand, dict) else ()
