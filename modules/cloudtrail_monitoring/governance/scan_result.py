"""What a scan has to say: open findings, waived ones, waivers that are no good, and what was not looked at."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """A check on a resource: one that failed, with the reason of its waiver if it has one, or one that passed.

    ``path`` is the construct's path, or the address where there is none; ``details`` says what is wrong where the
    check tells; ``line`` is where the resource begins in its ``cdk.tf.json``, from 1 on.
    """

    stack: str
    address: str
    check_id: str
    title: str
    path: str
    details: tuple[str, ...] = ()
    guideline: str | None = None
    reason: str | None = None
    line: int = 1

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        said = "; ".join(self.details)
        return f"{self.title}: {said}" if said else self.title


@dataclass(frozen=True, order=True)
class Waiver:
    """A waiver as it stands in a synthesised resource, which begins at ``line``."""

    stack: str
    address: str
    check_id: str
    reason: str
    line: int = 1


@dataclass(frozen=True)
class ScanResult:
    """The verdict over all stacks.

    Attributes:
        findings: failed checks nobody waived.
        waived: failed checks with a waiver and its reason.
        unused: waivers whose check passes, does not exist, or does not apply to the resource.
        reasonless: waivers whose reason is missing or too short; they waive nothing.
        faults: what was not looked at and why, a line each.
        passes: checks that passed.
        resources: number of resources and data sources in each stack.
    """

    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    unused: tuple[Waiver, ...]
    reasonless: tuple[Waiver, ...]
    faults: tuple[str, ...]
    passes: tuple[Finding, ...]
    resources: dict[str, int]

    @property
    def ok(self) -> bool:
        """Whether the gate opens."""
        return not (self.findings or self.unused or self.reasonless or self.faults)

    @property
    def passed(self) -> int:
        """The number of checks that passed."""
        return len(self.passes)

    def to_json(self) -> str:
        """The result as a JSON object: the fields of this class but ``passes``, and ``ok`` and ``passed``."""
        fields = asdict(self)
        del fields["passes"]
        return json.dumps({"ok": self.ok, "passed": self.passed, **fields}, indent=2)
