"""Which trails record a record, as CloudTrail reads advanced event selectors."""

from typing import Any

import pytest

from cloudtrail_monitoring.governance.event_review.selection import Selection, category
from tests.governance.event_review.recorded import (
    BUCKET,
    FUNCTION,
    MANAGEMENT,
    OBJECTS,
    data,
    record,
    selector,
    stack,
)
from tests.synthesised import Stack


def is_recorded(one: dict[str, Any], *selectors: dict[str, Any]) -> bool:
    return bool(Selection(stack(*selectors)).recorded(one).trails)


WRITES = selector("w", eventCategory=["Data"], resources__type=["AWS::S3::Object"], readOnly=["false"])
NO_KMS = selector("m", eventCategory=["Management"], eventSource={"not_equals": ["kms.amazonaws.com"]})
ONE_BUCKET = selector(
    "b",
    eventCategory=["Data"],
    resources__type=["AWS::S3::Object"],
    resources__ARN={"starts_with": [f"{BUCKET}/"], "not_starts_with": [f"{BUCKET}/own/"]},
)


@pytest.mark.parametrize(
    ("one", "selectors", "recorded"),
    [
        (record("CreateUser"), [MANAGEMENT], True),
        (record("CreateUser"), [OBJECTS], False),
        (data("PutObject"), [MANAGEMENT], False),
        (data("PutObject"), [MANAGEMENT, OBJECTS], True),
        (data("Invoke", FUNCTION), [OBJECTS], False),
        (data("GetObject", read=True), [WRITES], False),
        (data("PutObject"), [WRITES], True),
        (record("Decrypt", source="kms.amazonaws.com"), [NO_KMS], False),
        (record("CreateUser"), [NO_KMS], True),
        (data("PutObject"), [ONE_BUCKET], True),
        (data("PutObject", "arn:aws:s3:::mediation/a"), [ONE_BUCKET], False),
        (data("PutObject", f"{BUCKET}/own/a"), [ONE_BUCKET], False),
        (record("X", eventCategory="Insight"), [MANAGEMENT, OBJECTS], False),
    ],
)
def test_every_field_of_one_selector_must_hold(
    one: dict[str, Any], selectors: list[dict[str, Any]], recorded: bool
) -> None:
    assert is_recorded(one, *selectors) is recorded


def test_a_resource_must_meet_all_conditions_itself() -> None:
    # the bucket beside the object is no object, whatever its name
    one = record(
        "PutObject",
        eventCategory="Data",
        resources=[
            {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::other/a"},
            {"type": "AWS::S3::Bucket", "ARN": f"{BUCKET}/"},
        ],
    )
    assert not is_recorded(one, ONE_BUCKET)


def test_a_trail_without_selectors_records_management_events() -> None:
    plain = Selection({"resource": {"aws_cloudtrail": {"t": {"name": "audit"}}}})
    assert plain.recorded(record("CreateUser")).trails == {"audit"}
    assert plain.recorded(data("PutObject")).trails == frozenset()


def test_older_records_tell_their_category_otherwise() -> None:
    assert category({"eventName": "CreateUser"}) == "Management"
    assert category({"eventName": "PutObject", "managementEvent": False}) == "Data"


def test_prods_trail_leaves_its_own_bucket_out(prod: Stack) -> None:  # R-TRL-2
    selection = Selection(prod.document)
    assert "xyz-corp-audit-trail" in selection.recorded(data("PutObject")).trails
    assert not selection.recorded(data("PutObject", "arn:aws:s3:::xyz-corp-cloudtrail-logs-2025/a")).trails


def test_health_records_are_told_apart() -> None:
    phi = {**ONE_BUCKET, "name": "PHI: S3 objects"}
    selection = Selection(stack(MANAGEMENT, phi))
    assert selection.recorded(data("GetObject", read=True)).phi
    assert not selection.recorded(record("CreateUser")).phi
