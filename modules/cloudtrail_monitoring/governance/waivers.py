"""Declares, beside a construct, that a Checkov check does not hold for a resource, and why.

A waiver travels in the synthesised resource itself, under Terraform's comment key ``//``: the reviewer of a plan reads
it where it applies, and ``governance.scan`` takes it from there. Checkov's own skip comments can't: JSON has none, and
Checkov reads no others there (https://github.com/bridgecrewio/checkov/issues/4634).
"""

import re
from typing import Any, Protocol

MIN_REASON_CHARACTERS = 20
"""A reason that says why takes a few words; "n/a" and "false positive" don't say it."""
WAIVERS_KEY = "waivers"
"""The key under ``//`` of a resource; its value maps check ids to reasons."""
_CHECK_ID = re.compile(r"CKV\d?_[A-Z]+(_[A-Z0-9]+)+")


class WaiverError(ValueError):
    """A waiver that names no check or gives no reason; ``str()`` is one line."""


class Waivable(Protocol):
    """What a waiver can be declared on: any resource or data source of CDKTF."""

    def add_override(self, path: str, value: Any) -> None:
        """Set a value in the synthesised element."""


def waive(resource: Waivable, *check_ids: str, reason: str) -> None:
    """Accept that these checks fail on this resource, in the synthesised output and in front of every reviewer.

    Waivers on one resource add up; a second one for the same check replaces the first.

    Args:
        resource: the resource or data source Checkov names.
        check_ids: Checkov's ids, such as ``CKV_AWS_144``; at least one.
        reason: why the check does not hold here; at least ``MIN_REASON_CHARACTERS`` characters. Line breaks become
            spaces.

    Raises:
        WaiverError: if an id is not a Checkov id or the reason is too short.

    Example:
        >>> waive(bucket, "CKV_AWS_144", reason="CloudTrail's logs stay in one Region by policy")  # doctest: +SKIP
    """
    if not check_ids:
        raise WaiverError("a waiver needs at least one check id")
    for check_id in check_ids:
        if not _CHECK_ID.fullmatch(check_id):
            raise WaiverError(f"a waiver needs a Checkov id such as CKV_AWS_144, not {check_id!r}")
    text = " ".join(reason.split())
    fault = reason_fault(text)
    if fault:
        raise WaiverError(f"the waiver of {', '.join(check_ids)} {fault}")
    for check_id in check_ids:
        # a key for each id, and not one value for all: CDKTF replaces a value and merges keys; ids hold no dot
        resource.add_override(f"//.{WAIVERS_KEY}.{check_id}", text)


def reason_fault(reason: object) -> str | None:
    """What is wrong with a waiver's reason; None if it will do."""
    if not isinstance(reason, str) or not reason.strip():
        return "gives no reason"
    if len(reason.strip()) < MIN_REASON_CHARACTERS:
        return f"gives no reason but {reason.strip()!r}: at least {MIN_REASON_CHARACTERS} characters are needed"
    return None
