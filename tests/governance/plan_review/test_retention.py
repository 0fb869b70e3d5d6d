"""R-ARC-4, R-ARC-5: whether a bucket with other rules keeps what it did."""

from typing import Any

import pytest

from tests.governance.plan_review.plans import entry, reviewed, rules_of

Rule = dict[str, Any]


def rule(id_: str = "keep", **parts: Any) -> Rule:
    return {"id": id_, "status": "Enabled", "filter": [{"prefix": ""}], **parts}


def expires(days: int) -> Rule:
    return {"expiration": [{"days": days}]}


def old(days: int, kept: int | None = None) -> Rule:
    return {"noncurrent_version_expiration": [{"noncurrent_days": days, "newer_noncurrent_versions": kept}]}


SOONER = [
    ([rule(**expires(2557))], [rule(**expires(2556))]),
    ([rule()], [rule(**expires(2557))]),
    ([], [rule(**expires(2557))]),
    ([rule(**expires(2557))], [rule(**expires(2557)), rule("another", **expires(30))]),
    ([rule(status="Disabled", **expires(30))], [rule(**expires(30))]),
    ([rule(**old(30))], [rule(**old(29))]),
    ([rule(**old(30))], [rule(**old(30, kept=1))]),
    ([rule(**expires(30), filter=[{"prefix": "tmp/"}])], [rule(**expires(30))]),
    ([rule()], [rule(expiration=[{"date": "2027-01-01T00:00:00Z"}])]),
]
NOT_SOONER = [
    ([rule(**expires(2557))], [rule(**expires(2558))]),
    ([rule(**expires(2557))], [rule()]),
    ([rule(**expires(2557))], []),
    ([rule(**expires(30))], [rule(status="Disabled", **expires(1))]),
    ([rule(**old(30, kept=1))], [rule(**old(30))]),
    ([rule(filter=[], **expires(30))], [rule(filter=[{"prefix": ""}], **expires(30))]),
    ([rule(**expires(30))], [rule(**expires(30), transition=[{"days": 10, "storage_class": "STANDARD_IA"}])]),
]


def lifecycle(rules: list[Rule]) -> dict[str, Any]:
    return {"bucket": "b", "rule": rules}


@pytest.mark.parametrize(("before", "after"), SOONER)
def test_what_deletes_sooner_is_told(before: list[Rule], after: list[Rule]) -> None:
    found = reviewed(entry("aws_s3_bucket_lifecycle_configuration", lifecycle(before), lifecycle(after)))
    assert rules_of(found) == {"retention-shortened"}


@pytest.mark.parametrize(("before", "after"), NOT_SOONER)
def test_what_keeps_as_long_is_not(before: list[Rule], after: list[Rule]) -> None:
    found = reviewed(entry("aws_s3_bucket_lifecycle_configuration", lifecycle(before), lifecycle(after)))
    assert rules_of(found) == set()


def lock(**retention: Any) -> dict[str, Any]:
    return {"rule": [{"default_retention": [retention]}]}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (lock(mode="GOVERNANCE", days=365), lock(mode="GOVERNANCE", days=364), True),
        (lock(mode="GOVERNANCE", years=7), lock(mode="GOVERNANCE", days=2554), True),
        (lock(mode="GOVERNANCE", years=7), lock(mode="GOVERNANCE", days=2555), False),
        (lock(mode="COMPLIANCE", days=30), lock(mode="GOVERNANCE", days=60), True),
        (lock(mode="GOVERNANCE", days=30), lock(mode="COMPLIANCE", days=30), False),
        (lock(mode="GOVERNANCE", days=30), {"rule": []}, True),
    ],
)
def test_a_lock_is_judged_by_days_and_mode(before: dict[str, Any], after: dict[str, Any], told: bool) -> None:
    found = reviewed(entry("aws_s3_bucket_object_lock_configuration", before, after))
    assert ("lock-shortened" in rules_of(found)) is told
