"""What a scan has to say: open findings, waived ones, waivers that are no good, and what was not looked at."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """A check that failed on a resource, with the reason of its waiver if it has one.

    ``path`` is the construct's path, or the address where there is none; ``details`` says what is wrong where the
    check tells.
    """

    stack: str
    address: str
    check_id: str
    title: str
    path: str
    details: tuple[str, ...] = ()
    guideline: str | None = None
    reason: str | None = None


@dataclass(frozen=True, order=True)
class Waiver:
    """A waiver as it stands in a synthesised resource."""

    stack: str
    address: str
    check_id: str
    reason: str


@dataclass(frozen=True)
class ScanResult:
    """The verdict over all stacks.

    Attributes:
        findings: failed checks nobody waived.
        waived: failed checks with a waiver and its reason.
        unused: waivers whose check passes, does not exist, or does not apply to the resource.
        reasonless: waivers whose reason is missing or too short; they waive nothing.
        faults: what was not looked at and why, a line each.
        passed: number of checks that passed.
        resources: number of resources and data sources in each stack.
    """

    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    unused: tuple[Waiver, ...]
    reasonless: tuple[Waiver, ...]
    faults: tuple[str, ...]
    passed: int
    resources: dict[str, int]

    @property
    def ok(self) -> bool:
        """Whether the gate opens."""
        return not (self.findings or self.unused or self.reasonless or self.faults)

    def to_json(self) -> str:
        """The result as a JSON object, with the fields of this class and ``ok``."""
        return json.dumps({"ok": self.ok, **asdict(self)}, indent=2)
