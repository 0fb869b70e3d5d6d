"""What an attribute of a stack says: the resource it names, by a Terraform reference or the very name, or a number."""

import re
from collections.abc import Mapping
from typing import Any

from cloudtrail_monitoring.governance.cost.prices import CostError
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_REFERENCE = re.compile(r"\$\{(aws_\w+)\.([\w-]+)\.")


def named(document: Document, type_: str, value: object, *, by: str = "name") -> str | None:
    """The resource of a type that ``value`` names, or ``None`` if it is not of the stack.

    Args:
        value: such as `${aws_lambda_function.router.arn}`, or a plain name.
        by: the attribute that holds a resource's name.

    Example:
        >>> named({}, "aws_s3_bucket", "somebody-elses") is None
        True
    """
    found = _REFERENCE.search(str(value))
    if found:
        return found[2] if found[1] == type_ else None
    return next((name for name, one in resources(document, type_).items() if value and one.get(by) == value), None)


def number(attributes: Mapping[str, Any], attribute: str) -> float:
    """An attribute that is a number, 0 where it is not set.

    Raises:
        CostError: it is something else, such as a reference that Terraform resolves only at apply.

    Example:
        >>> number({"retention_in_days": 365}, "retention_in_days")
        365.0
    """
    value = attributes.get(attribute) or 0
    try:
        return float(value)
    except (TypeError, ValueError):
        raise CostError(f"{attribute} is {value!r} in the output: its cost can't be told before apply") from None
