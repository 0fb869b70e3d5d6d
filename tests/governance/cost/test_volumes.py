"""Declared volumes: by environment, with defaults, and files that are refused."""

from pathlib import Path

import pytest

from cloudtrail_monitoring.governance.cost.prices import CostError
from cloudtrail_monitoring.governance.cost.volumes import VOLUMES_FILE, EventVolumes, read_volumes
from tests.conftest import ENVIRONMENTS, PROJECT


def written(folder: Path, text: str) -> Path:
    path = folder / VOLUMES_FILE
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_declares_its_volumes(environment: str) -> None:
    # R-CST-1
    path = PROJECT / "environments" / VOLUMES_FILE
    assert read_volumes(path, environment, wanted=True).origin == str(path)


def test_what_is_left_out_has_the_default(tmp_path: Path) -> None:
    declared = read_volumes(written(tmp_path, "[prod]\nmanagement_writes_a_day = 7\n"), "prod")
    assert declared.volumes == EventVolumes(management_writes_a_day=7)


def test_without_a_file_the_defaults_stand_and_that_is_said(tmp_path: Path) -> None:
    declared = read_volumes(tmp_path / VOLUMES_FILE, "prod")
    assert declared.volumes == EventVolumes()
    assert declared.origin.startswith("defaults: there is no ")


def test_an_environment_that_is_not_declared_has_the_defaults_and_that_is_said(tmp_path: Path) -> None:
    declared = read_volumes(written(tmp_path, "[dev]\n"), "prod")
    assert declared.volumes == EventVolumes()
    assert declared.origin.endswith("has no [prod]")


def test_a_file_that_was_asked_for_has_to_name_the_environment(tmp_path: Path) -> None:
    with pytest.raises(CostError, match=r"there is no \[prod\]; there are dev"):
        read_volumes(written(tmp_path, "[dev]\n"), "prod", wanted=True)
    with pytest.raises(CostError, match="No such file"):
        read_volumes(tmp_path / "other.toml", "prod", wanted=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[prod]\nmanagement_reads_a_day = -1",
            "prod.management_reads_a_day: Input should be greater than or equal to 0",
        ),
        ("[prod]\nmanagement_reads_a_day = inf", "prod.management_reads_a_day: Input should be a finite number"),
        ("[prod]\nmanagement_reads_a_day = true", "prod.management_reads_a_day: Input should be a valid number"),
        ("[prod]\nhome_share = 1.5", "prod.home_share: Input should be less than or equal to 1 (given: 1.5)"),
        ("[prod]\nevents = 1", "prod.events: Extra inputs are not permitted (given: 1)"),
        ('[prod]\ndata_events."AWS::S3::Object".reads = 1', "Extra inputs are not permitted"),
        ("prod = 1", "Input should be a valid dictionary"),
        ("prod", "not TOML"),
    ],
)
def test_volumes_that_cannot_be_used_are_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(CostError) as raised:
        read_volumes(path, "prod")
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_scaling_leaves_what_is_no_event() -> None:
    twice = EventVolumes(management_reads_of={"kms.amazonaws.com": 10}).scaled(2)
    assert twice.management_reads_a_day == 240_000
    assert twice.management_reads_of == {"kms.amazonaws.com": 20}
    assert twice.data_events["AWS::S3::Object"].writes_a_day == 100_000
    assert (twice.event_bytes, twice.emails_a_day) == (1_500, 15)


def test_the_docs_list_every_volume_with_its_default() -> None:
    page = (PROJECT / "docs" / "cost.md").read_text(encoding="utf-8")
    for name, field in EventVolumes.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = f" {default:,.2f}".rstrip("0").rstrip(".") if isinstance(default, (int, float)) else ""
        assert f"| `{name}` |{shown}" in page, name
