"""The small language of evidence: assertions on an output, which say what they saw and, where they fail, why.

``Every`` and ``Some`` look at attributes of resources; alarms, policies and event selectors have assertions of their
own (``telling``, ``denial``, ``recording``). Which of them shows which requirement is left to the ``evidence_*`` files.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cloudtrail_monitoring.governance.compliance.output import Output, Resource, Selection, leaves


@dataclass(frozen=True)
class Seen:
    """A resource that an assertion rests on, with the values at the paths it looked at."""

    address: str
    path: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Judgement:
    """What an assertion says of an output: it holds where there is no fault.

    Attributes:
        seen: what it rests on.
        faults: why it does not hold, a sentence each without a full stop.
    """

    seen: tuple[Seen, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.faults


class Assertion(Protocol):
    """Something that an output says or does not."""

    def judge(self, output: Output) -> Judgement:
        """Look at an output."""


class Predicate(Protocol):
    """What a value must be; ``str()`` says it."""

    def holds(self, value: object) -> bool:
        """Whether a value will do."""


@dataclass(frozen=True)
class Is:
    """This very value."""

    wanted: object

    def holds(self, value: object) -> bool:
        return type(value) is type(self.wanted) and value == self.wanted

    def __str__(self) -> str:
        return f"is {_text(self.wanted)}"


@dataclass(frozen=True)
class OneOf:
    """One of these."""

    wanted: tuple[object, ...]

    def holds(self, value: object) -> bool:
        return value in self.wanted

    def __str__(self) -> str:
        return f"is one of {', '.join(map(_text, self.wanted))}"


@dataclass(frozen=True)
class AtLeast:
    """A number no smaller than this."""

    least: int

    def holds(self, value: object) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= self.least

    def __str__(self) -> str:
        return f"is {self.least} or more"


@dataclass(frozen=True)
class IsSet:
    """Anything but nothing."""

    def holds(self, value: object) -> bool:
        return value not in (None, "", [], {})

    def __str__(self) -> str:
        return "is set"


@dataclass(frozen=True)
class Says:
    """A text in which a regular expression is found."""

    expression: str
    meaning: str

    def holds(self, value: object) -> bool:
        return isinstance(value, str) and bool(re.search(self.expression, value))

    def __str__(self) -> str:
        return self.meaning


@dataclass(frozen=True)
class Has:
    """A block whose arguments are all as wanted."""

    wanted: Mapping[str, "Predicate"]

    def holds(self, value: object) -> bool:
        return isinstance(value, Mapping) and all(one.holds(value.get(name)) for name, one in self.wanted.items())

    def __str__(self) -> str:
        return "is a block where " + " and ".join(f"{name} {one}" for name, one in self.wanted.items())


@dataclass(frozen=True)
class Throughout:
    """At each place where there is a value, not only at one: a second rule may undo what the first promises."""

    predicate: Predicate

    def holds(self, value: object) -> bool:
        return self.predicate.holds(value)

    def __str__(self) -> str:
        return f"{self.predicate} in each place"


Wanted = Mapping[str, Predicate]
"""What must hold at each path, for one of the values there; with ``Throughout`` for all of them."""


@dataclass(frozen=True)
class Every:
    """There are such resources, and each of them is as wanted.

    >>> from cloudtrail_monitoring.governance.compliance.output import TRAIL
    >>> Every(TRAIL, {"enable_log_file_validation": Is(True)}).judge(Output({})).faults
    ('there is no trail that records',)
    """

    selection: Selection
    wanted: Wanted

    def judge(self, output: Output) -> Judgement:
        found = self.selection.find(output)
        if not found:
            return Judgement(faults=(f"there is no {self.selection.name}",))
        faults = tuple(fault for one in found for fault in faults_of(one, self.wanted))
        return Judgement(tuple(seen(one, self.wanted) for one in found), faults)


@dataclass(frozen=True)
class Some:
    """There is a resource that is as wanted, whatever others are like."""

    selection: Selection
    wanted: Wanted

    def judge(self, output: Output) -> Judgement:
        found = self.selection.find(output)
        good = [one for one in found if not faults_of(one, self.wanted)]
        if good:
            return Judgement(tuple(seen(one, self.wanted) for one in good))
        words = " and ".join(f"{path} {predicate}" for path, predicate in self.wanted.items())
        return Judgement(faults=(f"there is no {self.selection.name}" + (f" of which {words}" if found else ""),))


@dataclass(frozen=True)
class All:
    """Several assertions at once."""

    parts: tuple[Assertion, ...]

    def judge(self, output: Output) -> Judgement:
        judged = [one.judge(output) for one in self.parts]
        return Judgement(
            tuple(one for part in judged for one in part.seen), tuple(one for part in judged for one in part.faults)
        )


@dataclass(frozen=True)
class Unbuilt:
    """A requirement that nothing of the system serves: it holds in no output, until an assertion takes its place."""

    what: str

    def judge(self, output: Output) -> Judgement:  # noqa: ARG002 - every assertion is asked alike
        return Judgement(faults=(f"not built: {self.what}",))


def seen(resource: Resource, wanted: Wanted) -> Seen:
    """A resource with its values at the paths that matter."""
    values = {}
    for path in wanted:
        found = list(leaves(resource.attributes, path))
        values[path] = found[0] if len(found) == 1 else found or None
    return Seen(resource.address, resource.path, values)


def faults_of(resource: Resource, wanted: Wanted) -> list[str]:
    """What of a resource is not as wanted."""
    faults = []
    for path, predicate in wanted.items():
        found = list(leaves(resource.attributes, path))
        enough = all if isinstance(predicate, Throughout) else any
        if not found or not enough(predicate.holds(value) for value in found):
            given = ", ".join(map(_text, found)) if found else "not set"
            faults.append(f"{resource.address}: wanted is that {path} {predicate}, and it is {given}")
    return faults


def _text(value: object) -> str:
    """A value as Terraform's JSON has it."""
    return json.dumps(value, ensure_ascii=False, default=str)
