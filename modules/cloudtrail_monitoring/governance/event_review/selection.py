"""Which trails of a synthesised stack record a record, by their event selectors as CloudTrail applies them.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
What that costs is left to ``event_costs``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.records import Record
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources
from cloudtrail_monitoring.trail.event_selectors import PHI_SELECTOR

MANAGEMENT, DATA = "Management", "Data"

# a trail without selectors, or with basic ones, which this project does not write
_MANAGEMENT_ALONE = ({"field_selector": [{"field": "eventCategory", "equals": [MANAGEMENT]}]},)


class Recorded(NamedTuple):
    """What becomes of one record."""

    trails: frozenset[str]
    """The names of those that record it."""
    phi: bool
    """Whether a selector for protected health information does: nothing may cut that (R-TRL-2)."""


class Selection:
    """The selectors of a stack's trails.

    Example:
        >>> one = {"resource": {"aws_cloudtrail": {"t": {"name": "audit"}}}}
        >>> Selection(one).recorded({"eventName": "CreateUser"}).trails
        frozenset({'audit'})
    """

    def __init__(self, document: Document) -> None:
        self._selectors: dict[str, Sequence[Mapping[str, Any]]] = {
            str(one.get("name") or name): list(blocks(one.get("advanced_event_selector"))) or _MANAGEMENT_ALONE
            for name, one in resources(document, "aws_cloudtrail").items()
        }

    def recorded(self, record: Record) -> Recorded:
        taken = {name: [one for one in selectors if _takes(one, record)] for name, selectors in self._selectors.items()}
        return Recorded(
            frozenset(name for name, found in taken.items() if found),
            any(str(one.get("name")).startswith(PHI_SELECTOR) for found in taken.values() for one in found),
        )


def category(record: Record) -> str:
    """`Management`, `Data`, `Insight`, …; older records say only whether they are management events."""
    given = record.get("eventCategory")
    return str(given) if given else DATA if record.get("managementEvent") is False else MANAGEMENT


def is_read_only(record: Record) -> bool:
    """Whether it says so; a record that says nothing counts as a write."""
    return record.get("readOnly") in (True, "true")


def touched(record: Record) -> Iterator[tuple[str, str]]:
    """Type and ARN of the resources of a data event."""
    for one in blocks(record.get("resources")):
        yield str(one.get("type") or ""), str(one.get("ARN") or one.get("ARNPrefix") or "")


def _takes(selector: Mapping[str, Any], record: Record) -> bool:
    """All field selectors must hold; those of resources for one and the same resource."""
    fields = list(blocks(selector.get("field_selector")))
    of_resource = [one for one in fields if str(one.get("field")).startswith("resources.")]
    if not all(_holds(one, _value(record, str(one.get("field")))) for one in fields if one not in of_resource):
        return False
    if not of_resource:
        return True
    return any(
        all(_holds(one, type_ if one.get("field") == "resources.type" else arn) for one in of_resource)
        for type_, arn in touched(record)
    )


def _value(record: Record, field: str) -> str:
    if field == "eventCategory":
        return category(record)
    if field == "readOnly":
        return str(is_read_only(record)).lower()
    value: object = record
    for step in field.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)


def _holds(field: Mapping[str, Any], value: str) -> bool:
    given = {name: tuple(field.get(name) or ()) for name in _OPERATORS}
    return all(test(value, wanted) for name, test in _OPERATORS.items() if (wanted := given[name]))


_OPERATORS: Mapping[str, Callable[[str, tuple[str, ...]], bool]] = {
    "equals": lambda value, wanted: value in wanted,
    "not_equals": lambda value, wanted: value not in wanted,
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "not_starts_with": lambda value, wanted: not value.startswith(wanted),
    "ends_with": lambda value, wanted: value.endswith(wanted),
    "not_ends_with": lambda value, wanted: not value.endswith(wanted),
}
