"""What could be recorded less, what it saves, and what is never proposed (R-CST-2)."""

import json
from typing import Any

import pytest

from cloudtrail_monitoring.governance.event_review.controls import Controls
from cloudtrail_monitoring.governance.event_review.cuts import Cut, cuts
from cloudtrail_monitoring.simulation.deployed_detections import read_detections
from tests.governance.event_review.recorded import (
    BUCKET,
    KMS_PATTERN,
    MANAGEMENT,
    OBJECTS,
    data,
    record,
    selector,
    stack,
)
from tests.governance.event_review.test_event_costs import costs, seen
from tests.synthesised import Stack

SQL = record("ExecuteStatement", source="rdsdata.amazonaws.com")
DECRYPT = record("Decrypt", source="kms.amazonaws.com", readOnly=True)
READ = data("GetObject", read=True)


def found(records: list[dict[str, Any]], document: dict[str, Any] | None = None) -> dict[str, Cut]:
    document = document or stack()
    detections = read_detections(document).detections
    made = cuts(seen(records, document).events, costs(document), detections, Controls(document))
    return {one.setting: one for one in made}


def test_a_noisy_source_can_be_left_out() -> None:  # R-TRL-7
    cut = found([SQL] * 50)['trail.exclude_management_sources=("rdsdata.amazonaws.com",)']
    assert (cut.withheld, cut.count) == (None, 50)
    assert cut.saving > 0


def test_a_source_that_a_detection_names_stays() -> None:
    made = found([DECRYPT] * 50, stack(patterns={"key-disabled": KMS_PATTERN}))
    cut = made['trail.exclude_management_sources=("kms.amazonaws.com",)']
    assert cut.withheld == "needed by key-disabled"


def test_a_source_stays_whose_samples_a_shipped_detection_counts() -> None:
    # its pattern may name the call alone
    made = found([DECRYPT], stack(patterns={"cis-key-disabled-or-deleted": "{ $.eventName = DisableKey }"}))
    assert made['trail.exclude_management_sources=("kms.amazonaws.com",)'].withheld


def test_what_a_detection_counted_stays() -> None:
    made = found([SQL] * 3, stack(patterns={"sql": "{ $.eventName = ExecuteStatement }"}))
    assert made['trail.exclude_management_sources=("rdsdata.amazonaws.com",)'].withheld == "needed by sql"


def test_detections_of_every_source_are_named_with_what_is_lost() -> None:
    made = found([SQL], stack(patterns={"root": '{ $.userIdentity.type = "Root" }'}))
    cut = made['trail.exclude_management_sources=("rdsdata.amazonaws.com",)']
    assert cut.withheld is None
    assert "root would see nothing there any more" in cut.loses


def test_reads_of_objects_can_be_left_out_with_exactly_their_cost() -> None:
    document = stack()
    cut = found([READ] * 100 + [data("PutObject")] * 10)[
        "trail.data_events: DataEvents(S3_OBJECT, read_write=WRITE_ONLY)"
    ]
    assert (cut.withheld, cut.count) == (None, 100)
    assert cut.saving == pytest.approx(costs(document).total(seen([READ] * 100, document).events))


def test_a_read_that_a_detection_counts_stays() -> None:
    made = found([READ], stack(patterns={"reads": "{ $.eventName = GetObject }"}))
    assert made["trail.data_events: DataEvents(S3_OBJECT, read_write=WRITE_ONLY)"].withheld == "needed by reads"


def test_a_busy_bucket_can_be_left_out_and_a_quiet_one_is_not_worth_it() -> None:
    made = found([data("PutObject")] * 95 + [data("PutObject", "arn:aws:s3:::quiet/a")] * 5)
    prefixes = [one for one in made if "arn_prefixes" in one]
    assert prefixes == [f"trail.data_events: DataEvents(S3_OBJECT, arn_prefixes=(…)) with all but {BUCKET}/"]


def test_the_only_bucket_is_not_left_out() -> None:
    assert not [one for one in found([data("PutObject")] * 9) if "arn_prefixes" in one]


def test_health_records_are_never_cut() -> None:  # R-TRL-2
    phi = selector(
        "PHI: S3 objects",
        eventCategory=["Data"],
        resources__type=["AWS::S3::Object"],
        resources__ARN={"starts_with": [f"{BUCKET}/"]},
    )
    made = found([READ] * 9, stack(MANAGEMENT, OBJECTS, phi))
    assert not [one for one in made if "data_events" in one]
    assert made["trail.phi_resources"].withheld == "HIPAA 164.312(b), R-TRL-2"


def test_other_management_events_can_t_be_cut_and_it_says_so() -> None:
    cut = found([record("DescribeInstances", source="ec2.amazonaws.com", readOnly=True)])["none"]
    assert cut.withheld
    assert "CloudTrail leaves out KMS and RDS Data alone" in cut.withheld


def test_what_is_not_recorded_is_not_cut() -> None:
    assert not found([READ] * 9, stack(MANAGEMENT))


def test_proposals_come_first() -> None:
    made = [one.withheld is None for one in found([SQL, DECRYPT, READ], stack(patterns={"k": KMS_PATTERN})).values()]
    assert made == sorted(made, reverse=True)


def test_a_cut_names_the_controls_that_it_costs(prod: Stack) -> None:
    # R-CST-2, R-CMP-1
    made = found([READ] * 9 + [data("PutObject", "arn:aws:s3:::other/a")] * 9, prod.document)
    reads = made["trail.data_events: DataEvents(S3_OBJECT, read_write=WRITE_ONLY)"]
    assert reads.loses == "reads of AWS::S3::Object; and less is met of pci-dss 10.2.1.1, pci-dss 10.2.2, cis-aws 3.9"
    one_bucket = next(one for name, one in made.items() if "arn_prefixes" in name)
    assert "pci-dss 10.2.1.1" in one_bucket.loses


def test_no_control_is_lost_where_nothing_is_narrowed(prod: Stack) -> None:
    # R-CST-2
    controls = Controls(prod.document)
    assert controls.lost("Data", "AWS::DynamoDB::Table", {"field": "readOnly", "equals": ["false"]}) == ()
    unfiltered = controls.lost("Management", None, {"field": "eventSource", "not_equals": ["kms.amazonaws.com"]})
    assert "pci-dss 10.2.1" in unfiltered
    assert prod.document == json.loads(prod.text)
