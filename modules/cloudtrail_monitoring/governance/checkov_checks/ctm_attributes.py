"""Reads attributes of a Terraform resource the way Checkov hands them over, and makes a check of a judgement.

Checkov wraps every value in a list, and lists once more; a block is a list of dictionaries. The same shape comes from
Terraform JSON, from HCL and from plans, with small differences that end here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES
else:  # Checkov runs this file with its folder on sys.path, not as part of a package
    from ctm_rules import RULES

Attributes = dict[str, Any]
Judge = Callable[[Attributes], "list[str] | None"]
"""Returns what is wrong, nothing if all is well, or None where the rule does not apply or the value can't be read."""

_PRODUCTION = {"prod", "production"}
_ENVIRONMENT_TAGS = {"environment", "env", "stage"}


class RequirementCheck(BaseResourceCheck):
    """A rule of the catalogue as a Checkov check; what is wrong stands in the finding's details."""

    def __init__(self, rule_id: str, resource_type: str, judge: Judge) -> None:
        rule = RULES[rule_id]
        super().__init__(
            name=rule.name,
            id=rule.id,
            categories=[CheckCategories.LOGGING],
            supported_resources=[resource_type],
            guideline=rule.guideline,
        )
        self._judge = judge

    def scan_resource_conf(self, conf: Attributes) -> CheckResult:
        """Passed, failed with details, or unknown where there is nothing to judge."""
        faults = self._judge(conf)
        if faults is None:
            return CheckResult.UNKNOWN
        self.details = faults
        return CheckResult.FAILED if faults else CheckResult.PASSED


def one(attributes: Attributes, name: str) -> Any:
    """The value of an argument that holds one value; None if it is not set."""
    value = attributes.get(name)
    while isinstance(value, list):
        if not value:
            return None
        value = value[0]
    return value


def many(attributes: Attributes, name: str) -> list[Any]:
    """The values of an argument that holds a list; empty if it is not set."""
    value = attributes.get(name)
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def blocks(attributes: Attributes, name: str) -> list[Attributes]:
    """The nested blocks of that name."""
    return [block for block in many(attributes, name) if isinstance(block, dict)]


def block(attributes: Attributes, *path: str) -> Attributes:
    """The first nested block at that path; empty if there is none."""
    for name in path:
        attributes = next(iter(blocks(attributes, name)), {})
    return attributes


def is_true(value: Any) -> bool:
    """Whether Terraform takes the value for true; an expression that is not known yet is not."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_false(value: Any) -> bool:
    """Whether Terraform takes the value for false; a value that is not set is not."""
    return value is False or (isinstance(value, str) and value.lower() == "false")


def whole_number(value: Any) -> int | None:
    """The number, also where it is written as a string; None if there is none."""
    if isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def is_production(attributes: Attributes) -> bool:
    """Whether the resource says that it belongs to production: by an environment tag, or by its CDKTF path."""
    for tags in (*blocks(attributes, "tags"), *blocks(attributes, "tags_all")):
        for name in tags:
            if name.lower() in _ENVIRONMENT_TAGS:
                return str(one(tags, name)).lower() in _PRODUCTION
    comment = attributes.get("//")
    path = comment.get("metadata", {}).get("path", "") if isinstance(comment, dict) else ""
    return str(path).split("/")[0].lower() in _PRODUCTION
