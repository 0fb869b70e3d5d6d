"""What every settings model shares: the frozen pydantic class, the types of AWS's identifiers, and errors in one line.

A setting that AWS would refuse at apply is refused here, at construction, with the field, the value and the bound.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError


class Settings(BaseModel):
    """A frozen settings model: unknown fields are refused, numbers and strings are not converted into each other."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class SettingsError(ValueError):
    """Settings of one environment that can't be used; ``str()`` is one line for each fault."""


def fault(message: str, **context: Any) -> PydanticCustomError:
    """A validator's error whose message stands as it is, without pydantic's "Value error," before it."""
    return PydanticCustomError("setting", message, context or None)


def describe(error: ValidationError, *, environment: str) -> str:
    """One line for each fault: environment, field, what is wrong, and the value that was given.

    >>> describe(error, environment="prod")  # doctest: +SKIP
    'prod: archive.bucket_name: at least 3 characters are needed (given: "ab")'
    """
    lines = []
    for part in error.errors(include_url=False):
        field = ".".join(str(step) for step in part["loc"]) or "settings"
        given = part["input"]
        shown = "" if isinstance(given, (dict, Settings)) else f" (given: {given!r})"
        lines.append(f"{environment}: {field}: {part['msg']}{shown}")
    return "\n".join(lines)


def matching(pattern: str, wanted: str) -> AfterValidator:
    """A validator that demands a full match of ``pattern`` and otherwise says that ``wanted`` is needed."""
    import re

    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise fault(f"{wanted} is needed")
        return value

    return AfterValidator(check)


AccountId = Annotated[str, matching(r"\d{12}", "an AWS account id of 12 digits")]
RegionName = Annotated[str, matching(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS Region such as us-east-1")]
