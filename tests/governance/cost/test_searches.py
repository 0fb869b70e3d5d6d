"""What searching the archive costs (R-ARC-8, R-CST-1)."""

from collections import defaultdict
from typing import Any

import pytest

from cloudtrail_monitoring.governance.cost.searches import search_usage
from cloudtrail_monitoring.governance.cost.usage import Month, Part, Usage
from tests.governance.cost.stacks import rule, stack, volumes

READ = volumes(athena_gb_a_month=100, athena_results_gb_a_month=3)
STORED = [
    Usage(Part.STORAGE, "log files", "s3-storage-STANDARD", 10),
    Usage(Part.STORAGE, "log files", "s3-storage-STANDARD_IA", 20),
    Usage(Part.STORAGE, "log files", "s3-storage-GLACIER_IR", 70),
    Usage(Part.STORAGE, "deliveries", "s3-put", 1_000),
]


def searched(*rules: dict[str, Any], bucket: str = "results") -> dict[str, Any]:
    """A workgroup with the bucket of its results."""
    return stack(
        aws_athena_workgroup={
            "search": {"configuration": {"result_configuration": {"output_location": f"s3://{bucket}/some/where"}}}
        },
        aws_glue_catalog_database={"audit": {"name": "audit"}},
        aws_glue_catalog_table={"trail": {"name": "trail"}},
        aws_s3_bucket={"results": {"bucket": "results"}},
        aws_s3_bucket_lifecycle_configuration={"r": {"bucket": "${aws_s3_bucket.results.id}", "rule": list(rules)}},
    )


def charged(document: dict[str, Any], stored: list[Usage] = STORED, month: int = 84) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for usage in search_usage(document, stored, READ, Month(month)):
        found[usage.price] += usage.quantity
    return dict(found)


def test_athena_is_charged_by_what_it_reads() -> None:
    assert charged(searched())["athena-scanned"] == 100


def test_colder_classes_ask_for_reading_their_share() -> None:
    # Standard, a tenth here, is read for nothing
    found = charged(searched())
    assert found["s3-retrieval-STANDARD_IA"] == pytest.approx(20)
    assert found["s3-retrieval-GLACIER_IR"] == pytest.approx(70)


def test_an_empty_archive_is_read_for_nothing_of_s3() -> None:
    found = charged(searched(), stored=[])
    assert found["s3-retrieval-GLACIER_IR"] == 0


def test_results_are_stored_as_long_as_their_bucket_keeps_them() -> None:
    kept = rule(expiration=[{"days": 30}], noncurrent_version_expiration=[{"noncurrent_days": 1}])
    assert charged(searched(kept))["s3-storage-STANDARD"] == pytest.approx(3 / 30.4375 * 31)
    forever = charged(searched(), month=12)["s3-storage-STANDARD"]
    assert forever == pytest.approx(3 / 30.4375 * 11.5 * 30.4375)


def test_results_elsewhere_have_no_rule_of_this_stack() -> None:
    kept = rule(expiration=[{"days": 30}])
    assert charged(searched(kept, bucket="everybodys"))["s3-storage-STANDARD"] > 3 * 80


def test_catalogue_objects_are_counted() -> None:
    assert charged(searched())["glue-catalog-object"] == 2


def test_without_a_workgroup_nobody_searches() -> None:
    assert {price for price, quantity in charged(stack()).items() if quantity} == set()
