"""What every settings model shares: the frozen pydantic class, the types of AWS's identifiers, and errors in one line.

A setting that AWS would refuse at apply is refused here, at construction, with the field, the value and the bound.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

Many = TypeVar("Many", bound=tuple[object, ...])


class Settings(BaseModel):
    """A frozen settings model: unknown fields are refused, numbers and strings are not converted into each other."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class SettingsError(ValueError):
    """Settings of one environment that can't be used; ``str()`` is one line for each fault."""


def fault(message: str, **context: Any) -> PydanticCustomError:
    """A validator's error whose message stands as it is, without pydantic's "Value error," before it."""
    return PydanticCustomError("setting", message, context or None)


def describe(error: ValidationError, *, environment: str) -> str:
    """One line for each fault: environment, settings class and field, what is wrong, and the value that was given.

    >>> describe(error, environment="prod")  # doctest: +SKIP
    "prod: ArchiveSettings.standard_ia_after_days: Input should be greater than or equal to 30 (given: 29)"
    """
    lines = []
    for part in error.errors(include_url=False):
        field = ".".join([error.title, *map(str, part["loc"])])
        given = part["input"]
        shown = "" if isinstance(given, (dict, Settings)) else f" (given: {given!r})"
        lines.append(f"{environment}: {field}: {part['msg']}{shown}")
    return "\n".join(lines)


@dataclass(frozen=True)
class Matching:
    """Demands a full match of ``pattern``; otherwise says that ``wanted`` is needed."""

    pattern: str
    wanted: str

    def __call__(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise fault(f"{self.wanted} is needed")
        return value


def matching(pattern: str, wanted: str) -> AfterValidator:
    """A validator that demands a full match of ``pattern`` and otherwise says that ``wanted`` is needed."""
    return AfterValidator(Matching(pattern, wanted))


def _at_least_one(value: Many) -> Many:
    if not value:
        raise fault("at least one is needed")
    return value


def _each_once(value: Many) -> Many:
    twice = next((one for position, one in enumerate(value) if one in value[:position]), None)
    if twice is not None:
        raise fault("{value} stands more than once", value=str(twice))
    return value


# Validators and not Field(min_length=1): pydantic counts what is valid, and would add "too short" to one faulty value.
AT_LEAST_ONE = AfterValidator(_at_least_one)
EACH_ONCE = AfterValidator(_each_once)

AccountId = Annotated[str, matching(r"\d{12}", "an AWS account id of 12 digits")]
_REGION = r"[a-z]{2,4}(-(gov|iso[a-z]?|[a-z]{2}))?-(north|south|east|west|central)(east|west)?-\d"
RegionName = Annotated[str, matching(_REGION, "an AWS Region such as us-east-1")]
"""The form of a Region's name: AWS adds Regions faster than lists of them are kept."""
