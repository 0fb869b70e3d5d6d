"""Every requirement is known, and reads met only where resource, file and test are there."""

import re
from pathlib import Path

import pytest

from cloudtrail_monitoring.governance.compliance.assessment import Status
from cloudtrail_monitoring.governance.compliance.evidence import EVIDENCE
from cloudtrail_monitoring.governance.compliance.output import Output
from cloudtrail_monitoring.governance.compliance.requirements import (
    FAMILIES,
    Requirement,
    files_naming,
    named_in,
    requirements,
    shown,
    tables,
)
from tests.conftest import PROJECT
from tests.governance.test_check_table import IDS
from tests.synthesised import Stack

SHARED = PROJECT.parent / "shared" / "REQUIREMENTS.md"
VALIDATION = requirements()["R-TRL-3"]
NAMED = {"R-TRL-3": ("tests/trail/test_audit_trail.py",)}


def test_every_requirement_is_there_once() -> None:
    # R-CMP-1
    assert list(requirements()) == sorted(IDS, key=lambda id_: (list(FAMILIES).index(id_[2:5]), int(id_[6:])))


@pytest.mark.skipif(not SHARED.is_file(), reason="the list the requirements come from is not beside the project")
def test_they_are_those_of_the_list_they_come_from() -> None:
    # R-CMP-1
    rows = re.findall(r"^\| (R-[A-Z]{3}-\d+(?:\.\.\d+)?) \|", SHARED.read_text(encoding="utf-8"), re.MULTILINE)
    assert {id_ for row in rows for id_ in named_in(row)} == set(requirements())


def test_evidence_is_of_known_requirements() -> None:
    # R-CMP-1
    assert {one.requirement for one in EVIDENCE} <= requirements().keys()


@pytest.mark.parametrize("id_", IDS)
def test_each_has_a_resource_or_says_why_it_has_none(id_: str) -> None:
    # R-CMP-1
    has_evidence = any(one.requirement == id_ for one in EVIDENCE)
    assert has_evidence != (requirements()[id_].beside is not None)


def test_it_is_met_where_resource_file_and_test_are_there(prod: Stack) -> None:
    # R-CMP-1
    met = shown(VALIDATION, Output(prod.document), NAMED, PROJECT)
    assert (met.status, met.faults) == (Status.MET, ())
    assert [one.path for one in met.seen] == ["enhanced-trail/trail", "trail/trail"]


def test_it_is_not_met_without_its_resource() -> None:
    # R-CMP-1
    missing = shown(VALIDATION, Output({}), NAMED, PROJECT)
    assert (missing.status, missing.faults) == (Status.NOT_MET, ("there is no trail",))


def test_it_is_not_met_without_a_test(prod: Stack) -> None:
    # R-CMP-1
    assert shown(VALIDATION, Output(prod.document), {}, PROJECT).faults == ("no test names it",)


def test_it_is_not_met_without_its_file(prod: Stack, tmp_path: Path) -> None:
    # R-CMP-1
    found = shown(VALIDATION, Output(prod.document), NAMED, tmp_path)
    assert found.faults == ("modules/cloudtrail_monitoring/trail/audit_trail.py is not there",)


def test_what_is_nowhere_is_not_built() -> None:
    # R-CMP-1
    nothing = Requirement("R-XXX-1", "something")
    assert shown(nothing, Output({}), {"R-XXX-1": ("tests/test_x.py",)}, PROJECT).faults == ("not built",)


@pytest.mark.parametrize("id_", ["R-INT-1", "R-HLT-1", "R-HLT-2"])
def test_a_test_that_names_it_does_not_make_it_built(id_: str, prod: Stack) -> None:
    # R-INT-1, R-HLT-1, R-HLT-2
    found = shown(requirements()[id_], Output(prod.document), {id_: ("tests/test_x.py",)}, PROJECT)
    assert found.status is Status.NOT_MET
    assert "not built" in found.faults[0]
    assert "| **not met**: not built" in tables([found])


def test_ids_are_read_from_comments_and_docstrings_alone(tmp_path: Path) -> None:
    # R-CMP-1
    (tmp_path / "tests").mkdir()
    text = '"""Of R-TRL-1."""\nx = "R-ARC-1"\n# R-ALM-1 to R-ALM-3, R-RSP-2\ny = 1 ' + "# R-CST-1"
    (tmp_path / "tests" / "test_x.py").write_text(f"{text}\n", encoding="utf-8")
    (tmp_path / "tests" / "sample.py").write_text("# R-DSH-1\n", encoding="utf-8")
    found = files_naming(tmp_path)
    assert set(found) == {"R-TRL-1", "R-ALM-1", "R-ALM-2", "R-ALM-3", "R-RSP-2", "R-CST-1"}
    assert found["R-ALM-2"] == ("tests/test_x.py",)


def test_a_cell_can_not_break_the_table() -> None:
    # R-CMP-1
    row = tables([shown(Requirement("R-TRL-9", "this | that"), Output({}), {}, PROJECT)]).splitlines()[4]
    assert r"this \| that" in row
