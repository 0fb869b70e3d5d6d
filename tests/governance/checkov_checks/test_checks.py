"""Each rule, through the real Checkov, on samples that keep it, break it, or are none of its business."""

from typing import Any

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.governance.checkov_checks.ctm_cis_controls import CIS_CONTROLS
from cloudtrail_monitoring.governance.checkov_checks.ctm_rules import RULES
from tests.governance.checkov_checks.checkov_process import run_checkov
from tests.governance.checkov_checks.samples import FAILED, NOT_JUDGED, PASSED, Sample
from tests.governance.checkov_checks.samples_archive import ARCHIVE_SAMPLES
from tests.governance.checkov_checks.samples_detections import DETECTION_SAMPLES
from tests.governance.checkov_checks.samples_responders import RESPONDER_SAMPLES
from tests.governance.checkov_checks.samples_trail import TRAIL_SAMPLES

SAMPLES = (*TRAIL_SAMPLES, *ARCHIVE_SAMPLES, *DETECTION_SAMPLES, *RESPONDER_SAMPLES)
Records = dict[tuple[str, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Every record of one run over all samples, by sample and rule."""
    root = tmp_path_factory.mktemp("samples")
    for sample in SAMPLES:
        (root / sample.directory).mkdir()
        (root / sample.directory / "cdk.tf.json").write_text(sample.document())
    found: Records = {}
    for record in run_checkov(root, "terraform_json"):
        found.setdefault((record["file_path"].split("/")[1], record["check_id"]), []).append(record)
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.directory)
def test_sample(sample: Sample, records: Records) -> None:
    # R-CMP-2, and the requirement the rule names
    found = records.get((sample.directory, sample.rule_id), [])
    verdicts = {record["check_result"]["result"].lower() for record in found} or {NOT_JUDGED}
    # a sample may keep the rule in one place and break it in another
    verdict = FAILED if FAILED in verdicts else verdicts.pop()

    assert verdict == sample.verdict
    assert sample.says in "; ".join(detail for record in found for detail in record["details"])


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_has_samples_that_keep_and_break_it(rule_id: str) -> None:
    # R-CMP-2
    assert {PASSED, FAILED} <= {sample.verdict for sample in SAMPLES if sample.rule_id == rule_id}


def test_the_cis_texts_are_those_of_the_catalogue() -> None:
    # R-EVT-12
    published = {detection.pattern for detection in CATALOGUE.values() if detection.is_published}

    assert set(CIS_CONTROLS.values()) == published


def test_findings_name_requirement_and_remedy(records: Records) -> None:
    # R-CMP-2
    for (_, rule_id), found in records.items():
        for record in found:
            assert record["check_name"] == RULES[rule_id].name
            assert record["guideline"] == RULES[rule_id].guideline
