"""What a cut costs in compliance: the controls whose status gets worse where selectors record less.

The compliance report is asked twice, of the output as it is and as the cut would leave it; Checkov is not.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cloudtrail_monitoring.governance.compliance.assessment import Checks, Status, assess
from cloudtrail_monitoring.governance.compliance.frameworks import FRAMEWORKS
from cloudtrail_monitoring.governance.compliance.output import Output
from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources
from cloudtrail_monitoring.trail.event_selectors import PHI_SELECTOR

_TRAIL, _SELECTORS, _FIELDS = "aws_cloudtrail", "advanced_event_selector", "field_selector"
_WORSE = (Status.MET, Status.PARTLY, Status.NOT_MET)
Statuses = Mapping[tuple[str, str], Status]


class Controls:
    """The controls of an environment's output.

    Example:
        >>> Controls({}).lost("Management", None, {"field": "eventSource", "not_equals": ["kms.amazonaws.com"]})
        ()
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def lost(self, category: str, resource_type: str | None, field: Mapping[str, Any]) -> tuple[str, ...]:
        """Those that get worse where one more field narrows the selectors of a kind, such as ``cis-aws 3.9``.

        Args:
            category: of the selectors, ``Management`` or ``Data``; those for health records stay as they are.
            resource_type: of data events.
        """
        after = _statuses(self._narrowed(category, resource_type, field))
        return tuple(
            f"{framework} {number}"
            for (framework, number), before in self._before.items()
            if before in _WORSE and _WORSE.index(after[framework, number]) > _WORSE.index(before)
        )

    @cached_property
    def _before(self) -> Statuses:
        return _statuses(self._document)

    def _narrowed(self, category: str, resource_type: str | None, field: Mapping[str, Any]) -> Document:
        trails = {
            name: {**trail, _SELECTORS: [self._selector(one, category, resource_type, field) for one in selectors]}
            for name, trail in resources(self._document, _TRAIL).items()
            for selectors in [list(blocks(trail.get(_SELECTORS)))]
        }
        declared = self._document.get("resource")
        return {**self._document, "resource": {**(declared if isinstance(declared, dict) else {}), _TRAIL: trails}}

    @staticmethod
    def _selector(
        selector: Mapping[str, Any], category: str, resource_type: str | None, field: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The selector with the field, if it is one of the kind."""
        given = {str(one.get("field")): one for one in blocks(selector.get(_FIELDS))}
        wanted = {"eventCategory": [category], **({"resources.type": [resource_type]} if resource_type else {})}
        is_meant = all(given.get(name, {}).get("equals") == value for name, value in wanted.items())
        if not is_meant or str(selector.get("name")).startswith(PHI_SELECTOR):
            return selector
        return {**selector, _FIELDS: list({**given, str(field["field"]): field}.values())}


def _statuses(document: Document) -> Statuses:
    assessed = assess(FRAMEWORKS, Output(document), Checks())
    return {(one.framework.id, which.control.number): which.status for one in assessed for which in one.controls}
