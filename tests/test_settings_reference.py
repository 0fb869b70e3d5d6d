"""The settings reference names every settings class and field, and says of each what the code demands."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import Field

from cloudtrail_monitoring import settings_reference
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.settings_reference import settings_classes, tables
from cloudtrail_monitoring.validation import AT_LEAST_ONE, EACH_ONCE, AccountId, RegionName, Settings, matching
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
CELL = re.compile(r"(?<!\\)\|")


def rows(text: str) -> dict[tuple[str, str], list[str]]:
    """Value, default and meaning by class and field."""
    found: dict[tuple[str, str], list[str]] = {}
    for section in text.split("\n## ")[1:]:
        name = section.partition("\n")[0]
        for line in re.findall(r"^\| `.*\|$", section, re.MULTILINE):
            _, field, *cells, _ = (cell.strip() for cell in CELL.split(line))
            found[name, field.strip("`")] = cells
    return found


ROWS = rows("\n" + tables())


@pytest.mark.parametrize("model", settings_classes(), ids=lambda model: model.__name__)
def test_every_field_has_a_row_on_the_page(model: type[Settings]) -> None:
    missing = [name for name in model.model_fields if (model.__name__, name) not in rows(PAGE)]
    assert missing == []


def test_every_field_says_what_it_is() -> None:
    assert [field for field, (_, _, meaning) in ROWS.items() if not meaning] == []


def test_a_field_without_a_docstring_is_told_by_its_settings_class() -> None:
    assert ROWS["MonitoringSettings", "state"][2].startswith("R-DEL-2. Versioning")
    assert ROWS["MonitoringSettings", "budget"][2] == "Tell when a month costs more (R-CST-1); `None`: nobody is told."


def test_every_class_that_an_environment_holds_is_found() -> None:
    names = {model.__name__ for model in settings_classes()}
    assert {"MonitoringSettings", "ObjectLock", "LockoutSettings", "Exclusions", "Contacts", "DataEvents"} <= names
    assert len(names) == len(settings_classes())
    assert settings_classes()[0] is MonitoringSettings


def test_every_link_within_the_page_leads_to_a_class() -> None:
    anchors = {f"#{model.__name__.lower()}" for model in settings_classes()}
    assert set(re.findall(r"\]\((#[^)]+)\)", tables())) <= anchors


def test_a_table_has_four_cells_in_every_row() -> None:
    assert {len(cells) for cells in ROWS.values()} == {3}


@pytest.mark.parametrize(
    ("field", "value", "default", "meaning"),
    [
        (("ArchiveSettings", "standard_ia_after_days"), "a whole number, 30 or more", "`30`", "[AWS](https://docs.aws"),
        (("ArchiveSettings", "retention_days"), "a whole number, 1 to 36,500", "`2557`", "Days until"),
        (("ArchiveSettings", "bucket_name"), "3 to 63 lower-case letters", "required", "bucketnamingrules.html"),
        (("ArchiveSettings", "audit_role_names"), "one or more, each a role's name", "required", "R-ARC-6"),
        (("ArchiveSettings", "object_lock"), "[ObjectLock](#objectlock) or `None`", "`ObjectLock()`", "`None` leaves"),
        (("ObjectLock", "mode"), "`LockMode`: `GOVERNANCE`, `COMPLIANCE`", "`LockMode.GOVERNANCE`", "[AWS]"),
        (("Contacts", "sms"), "any number, none twice, each a phone number", "`()`", "[AWS]"),
        (("BusinessHours", "first_year"), "a whole number, 2000 to 2100", "`2025`", "First year"),
        (("BusinessHours", "time_zone"), "an IANA time zone such as Europe/Berlin", "required", "`Europe/Berlin`"),
        (("RespondersSettings", "log_retention_days"), "that CloudWatch Logs offers", "`365`", "R-QRY-4"),
        (("MonitoringSettings", "home_region"), "an AWS Region such as us-east-1", "`'us-east-1'`", "trail is made"),
        (("MonitoringSettings", "tags"), "up to 48", "`{}`", "AWS takes 50"),
        (("Detection", "period_seconds"), "60 to 86,400, a multiple of 60", "`300`", "[AWS]"),
        (("Tuning", "threshold"), "a whole number, 0 or more, or `None`", "`None`", "as the detection says"),
        (("Exclusions", "role_arns"), r"arn:\<partition\>:iam::\<account\>:role/\<name\>", "`()`", "Automation"),
    ],
)
def test_a_row_says_what_the_code_demands(field: tuple[str, str], value: str, default: str, meaning: str) -> None:
    told = ROWS[field]
    assert value in told[0]
    assert told[1] == default
    assert meaning in told[2]


def test_a_long_default_is_counted_and_not_written_out() -> None:
    assert re.fullmatch(r"\d+ of `Detection`", ROWS["MonitoringSettings", "detections"][1])


class Colour(StrEnum):
    """What it looks like."""

    RED = "red"
    BLUE = "blue"


class Inner(Settings):
    """Within another; of the source https://docs.aws.amazon.com/inner.html."""

    size: int = Field(3, le=7)


class Sample(Settings):
    """A class that nobody has described yet.

    Its second paragraph is not shown.
    """

    colours: tuple[Colour, ...] = (Colour.RED,)
    inner: Inner = Inner(size=4)
    second: Inner = Inner()
    """Described by itself."""
    names: Annotated[tuple[AccountId, ...], AT_LEAST_ONE, EACH_ONCE]
    share: float = Field(0.5, gt=0, lt=1)
    short: Annotated[str, Field(min_length=2, max_length=9)] | None = None
    kind: Literal["a", "b"] = "a"
    places: Mapping[RegionName, Inner] = Field(default_factory=dict)
    odd: Annotated[str, matching(r"[|<]", "a | or a <,")] = "|"
    """Either of ``|`` and ``<``; https://docs.aws.amazon.com/x_y.html, or <b>*bold*</b>."""


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(settings_reference, "MonitoringSettings", Sample)
    return "\n" + tables()


def test_a_new_class_is_described_by_itself(sample: str) -> None:
    told = rows(sample)
    assert [name for name, _ in told] == ["Sample"] * 9 + ["Inner"]
    assert told["Sample", "colours"] == [
        "any number, each `Colour`: `RED`, `BLUE`", "`(Colour.RED,)`", "What it looks like.",
    ]  # fmt: skip
    assert told["Sample", "inner"][:2] == ["[Inner](#inner)", "`Inner(size=4)`"]
    assert told["Sample", "inner"][2].startswith("Within another; of the source [AWS]")
    assert told["Sample", "second"][2] == "Described by itself."
    assert told["Inner", "size"][0] == "a whole number, 7 or less"
    assert told["Sample", "names"][:2] == ["one or more, none twice, each an AWS account id of 12 digits", "required"]
    assert told["Sample", "share"][0] == "a number, more than 0, less than 1"
    assert told["Sample", "short"][0] == "text, 2 to 9 characters or `None`"
    assert told["Sample", "kind"][0] == "`'a'` or `'b'`"
    assert told["Sample", "places"][0] == "a mapping, from an AWS Region such as us-east-1 to [Inner](#inner)"
    assert "second paragraph" not in sample


def test_what_would_be_markup_is_none(sample: str) -> None:
    value, default, meaning = rows(sample)["Sample", "odd"]
    assert value == r"a \| or a \<"
    assert default == r"`'\|'`"
    assert meaning.startswith(r"Either of `\|` and `<`; [AWS](https://docs.aws.amazon.com/x_y.html), or \<b\>\*bold")
