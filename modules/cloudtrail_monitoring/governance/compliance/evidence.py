"""All evidence there is, by the requirement it shows."""

from collections.abc import Iterator

from cloudtrail_monitoring.governance.compliance import (
    evidence_archive,
    evidence_detections,
    evidence_response,
    evidence_trail,
)
from cloudtrail_monitoring.governance.compliance.control import Evidence


def _in(value: object) -> Iterator[Evidence]:
    """The evidence in a module's value: itself, or a table of it."""
    if isinstance(value, Evidence):
        yield value
    elif isinstance(value, (tuple, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _in(one)


EVIDENCE = tuple(
    {
        id(one): one
        for module in (evidence_trail, evidence_archive, evidence_detections, evidence_response)
        for value in vars(module).values()
        for one in _in(value)
    }.values()
)
"""In the order of the files."""


def evidence_of(requirement: str) -> tuple[Evidence, ...]:
    """What shows a requirement; empty where no synthesised resource could.

    >>> [one.claim for one in evidence_of("R-TRL-3")]
    ['log files are validated by a digest chain']
    """
    return tuple(one for one in EVIDENCE if one.requirement == requirement)
