"""Reads attributes of a Terraform resource the way Checkov hands them over, and makes a check of a judgement.

Checkov wraps every value in a list, and lists once more; a block is a list of dictionaries. The same shape comes from
Terraform JSON, from HCL and from plans, with small differences that end here. A value that is an expression only a plan
can tell (``var.days``, ``each.value``) raises ``UnreadableError``: the rule is then not judged, which is no failure.

This is a package of one file because Checkov runs every other file anew, also one that has been imported already, and
an exception that is defined twice is not caught.
"""

import re
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

_YEAR_DAYS = 365
_WORD = re.compile(r"[\w:-]*")
_COMPUTED = re.compile(r"\b(?:var|local|each|count|module|data)\.|[(?]|\[(?![\d\"])")
_PRODUCTION = {"prod", "production"}
_ENVIRONMENT_TAGS = {"environment", "env", "stage"}


class UnreadableError(Exception):
    """A value stands in the configuration as an expression: what it will be can't be told from here."""


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
        try:
            faults = self._judge(conf)
        except UnreadableError:
            return CheckResult.UNKNOWN
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
    """The nested blocks of that name, and those that a ``dynamic`` block writes out.

    Raises:
        UnreadableError: if a dynamic block's values are not known here.
    """
    written = [block for block in many(attributes, name) if isinstance(block, dict)]
    for generated in many(attributes, "dynamic"):
        found = blocks(generated, name) if isinstance(generated, dict) else []
        if any("content" in block or "for_each" in block for block in found):
            raise UnreadableError(name)
        # Checkov itself has put them in the block's place where no graph check asks
        written += [block for block in found if block not in written]
    return written


def block(attributes: Attributes, *path: str) -> Attributes:
    """The first nested block at that path; empty if there is none."""
    for name in path:
        attributes = next(iter(blocks(attributes, name)), {})
    return attributes


def word(attributes: Attributes, name: str) -> str | None:
    """The value of an argument that takes one of a few words, such as a status; None if it is not set.

    Raises:
        UnreadableError: if it is an expression.
    """
    value = one(attributes, name)
    if value is None:
        return None
    if not _WORD.fullmatch(str(value)):
        raise UnreadableError(value)
    return str(value)


def is_computed(value: Any) -> bool:
    """Whether a value depends on more than the resources it refers to: a variable, a module, a function."""
    return bool(_COMPUTED.search(str(value)))


def is_true(value: Any) -> bool:
    """Whether Terraform takes the value for true; a value that is not set is not.

    Raises:
        UnreadableError: if it is an expression.
    """
    return _truth(value) is True


def is_false(value: Any) -> bool:
    """Whether Terraform takes the value for false; a value that is not set is not.

    Raises:
        UnreadableError: if it is an expression.
    """
    return _truth(value) is False


def _truth(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if str(value).lower() not in ("true", "false"):
        raise UnreadableError(value)
    return str(value).lower() == "true"


def number(value: Any) -> float | None:
    """The number, also where it is written as a string; None if it is not set.

    Raises:
        UnreadableError: if it is an expression.
    """
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UnreadableError(value) from None


def whole_number(value: Any) -> int | None:
    """The number without its fraction, as ``number`` reads it."""
    found = number(value)
    return None if found is None else int(found)


def kept_for_a_year(log_group: Attributes) -> bool:
    """Whether a log group keeps its events for 365 days or more."""
    # CloudWatch Logs never deletes where nothing, or 0, is set
    days = whole_number(one(log_group, "retention_in_days")) or 0
    return days == 0 or days >= _YEAR_DAYS


def is_production(attributes: Attributes) -> bool:
    """Whether the resource says that it belongs to production: by an environment tag, or by its CDKTF path."""
    for tags in (*blocks(attributes, "tags"), *blocks(attributes, "tags_all")):
        for name in tags:
            if name.lower() in _ENVIRONMENT_TAGS:
                return str(one(tags, name)).lower() in _PRODUCTION
    comment = attributes.get("//")
    path = comment.get("metadata", {}).get("path", "") if isinstance(comment, dict) else ""
    return str(path).split("/")[0].lower() in _PRODUCTION
