"""R-TRL-2, R-TRL-7: whether a trail with other selectors records all that it did."""

from typing import Any

import pytest

from tests.governance.plan_review.plans import entry, reviewed

Field = dict[str, Any]
MANAGEMENT: list[Field] = [{"field": "eventCategory", "equals": ["Management"]}]
DATA: list[Field] = [{"field": "eventCategory", "equals": ["Data"]}]


def advanced(*selectors: list[Field]) -> dict[str, Any]:
    return {"advanced_event_selector": [{"name": "s", "field_selector": fields} for fields in selectors]}


def on(type_: str, **arn: list[str]) -> list[Field]:
    arns = [{"field": "resources.ARN", **arn}] if arn else []
    return [*DATA, {"field": "resources.type", "equals": [type_]}, *arns]


def basic(**block: Any) -> dict[str, Any]:
    return {"event_selector": [{"read_write_type": "All", "include_management_events": True, **block}]}


S3 = "AWS::S3::Object"
WRITES: list[Field] = [{"field": "readOnly", "equals": ["false"]}]
NO_KMS: list[Field] = [{"field": "eventSource", "not_equals": ["kms.amazonaws.com"]}]

NARROWER = [
    (advanced(MANAGEMENT, on(S3)), advanced(MANAGEMENT)),
    (advanced(MANAGEMENT), advanced(MANAGEMENT + WRITES)),
    (advanced(MANAGEMENT), advanced(MANAGEMENT + NO_KMS)),
    (advanced(on(S3)), advanced(on("AWS::Lambda::Function"))),
    (advanced(on(S3)), advanced(on(S3, starts_with=["arn:aws:s3:::a/"]))),
    (advanced(on(S3, starts_with=["arn:aws:s3:::a"])), advanced(on(S3, starts_with=["arn:aws:s3:::a/phi/"]))),
    (advanced(on(S3, starts_with=["x", "y"])), advanced(on(S3, starts_with=["x"]))),
    (advanced(on(S3, not_starts_with=["x"])), advanced(on(S3, not_starts_with=["x", "y"]))),
    (advanced(on(S3, not_starts_with=["x/y"])), advanced(on(S3, not_starts_with=["x"]))),
    (advanced(on(S3, not_equals=["x"])), advanced(on(S3, not_starts_with=["x"]))),
    (advanced(MANAGEMENT), basic(read_write_type="WriteOnly")),
    (advanced(MANAGEMENT), basic(exclude_management_event_sources=["kms.amazonaws.com"])),
    (basic(), basic(include_management_events=False)),
    (basic(), advanced(on(S3))),
    ({}, advanced(on(S3))),
    (basic(data_resource=[{"type": S3, "values": ["arn:aws:s3"]}]), basic()),
    (advanced(on(S3)), basic(data_resource=[{"type": S3, "values": ["arn:aws:s3:::a/"]}])),
]
AS_WIDE = [
    (advanced(MANAGEMENT + WRITES), advanced(MANAGEMENT)),
    (advanced(MANAGEMENT + NO_KMS), advanced(MANAGEMENT)),
    (advanced(MANAGEMENT, on(S3)), advanced(on(S3), MANAGEMENT)),
    (advanced(on(S3, starts_with=["arn:aws:s3:::a/phi/"])), advanced(on(S3, starts_with=["arn:aws:s3:::a/"]))),
    (advanced(on(S3, equals=["x/y"])), advanced(on(S3, starts_with=["x"]))),
    (advanced(on(S3, equals=["y/x"])), advanced(on(S3, ends_with=["x"]))),
    (advanced(on(S3, not_starts_with=["x"])), advanced(on(S3, not_starts_with=["x/y"]))),
    (advanced(on(S3, not_starts_with=["x"])), advanced(on(S3, not_equals=["x/y"]))),
    (advanced(on(S3, equals=["a", "b"])), advanced(on(S3, not_equals=["c"]))),
    (advanced(MANAGEMENT), basic()),
    (basic(), advanced(MANAGEMENT)),
    ({}, advanced(MANAGEMENT)),
    (basic(data_resource=[{"type": S3, "values": ["arn:aws:s3:::a/"]}]), advanced(MANAGEMENT, on(S3))),
    (advanced(MANAGEMENT, on(S3)), basic(data_resource=[{"type": S3, "values": ["arn:aws:s3"]}])),
]


def sentences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    found = reviewed(entry("aws_cloudtrail", {"name": "t", **before}, {"name": "t", **after}))
    return [one.sentence for one in found.weakenings if one.rule == "trail-selectors-narrowed"]


@pytest.mark.parametrize(("before", "after"), NARROWER)
def test_what_is_no_longer_recorded_is_told(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert sentences(before, after)


@pytest.mark.parametrize(("before", "after"), AS_WIDE)
def test_what_records_as_much_is_not(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert sentences(before, after) == []


def test_the_sentence_names_the_selector_and_what_narrows_it() -> None:
    assert sentences(advanced(MANAGEMENT), advanced(MANAGEMENT + NO_KMS)) == [
        "no longer recorded as before: s (now eventSource not equals kms.amazonaws.com)"
    ]
