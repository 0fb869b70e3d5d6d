"""One row of the table of what Terraform needs: a part of the system, with what reads and what changes it."""

from collections.abc import Sequence
from typing import NamedTuple

from cloudtrail_monitoring.policy_document import Conditions

EVERYWHERE = ("*",)
"""For the actions that take no ARN."""


class Part(NamedTuple):
    """One part of the system.

    Args:
        group: the managed policy it goes into.
        title: ends the statements' Sids.
        resources: ARNs.
        reads: what a refresh needs.
        changes: what making, changing and deleting it needs beside.
        conditions: on both.
    """

    group: str
    title: str
    resources: Sequence[str]
    reads: Sequence[str] = ()
    changes: Sequence[str] = ()
    conditions: Conditions | None = None
