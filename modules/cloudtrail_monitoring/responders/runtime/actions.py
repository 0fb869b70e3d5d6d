"""What a responder did about an event, told to whoever keeps account: the function's log, or the demonstration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Action:
    """One thing done."""

    kind: str
    """``account_lockout``, ``root_alert``, ``enhanced_logging`` or ``geo_challenge``."""
    target: str
    began: datetime
    ends_at: datetime | None = None
    """When it ends by itself; ``None`` for what is told and not held."""


Did = Callable[[Action], None]


def nobody_asks(_: Action) -> None:
    """For toolboxes whose actions are of no interest."""
