"""The archive in S3, month by month: sizes, classes, moves and what is billed beyond them (R-CST-1, R-ARC-4)."""

import math
from collections import defaultdict
from typing import Any

import pytest

from cloudtrail_monitoring.governance.cost.storage import Files, storage_usage
from cloudtrail_monitoring.governance.cost.trails import read_trails
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, GB, Month
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from tests.governance.cost.stacks import BUCKET, OBJECTS, SEVEN_YEARS, archive, objects, rule, stack, trail, volumes

KB = 1024
ONE_REGION = trail(is_multi_region_trail=False, advanced_event_selector=[OBJECTS])

# 288 files a day with a mean of 256 KB: e^(-1/2) of them are above 128 KB, and hold (256 + 128) KB e^(-1/2) each
LARGE_FILES = volumes(data_events=objects(0, 288), event_bytes=256 * KB, gzip_ratio=1)
MOVED_FILES = 288 * 0.6065306597
MOVED = MOVED_FILES * 384 * KB / GB
LEFT = 288 * 256 * KB / GB - MOVED

# 288 files a day of 1 KB: one in e^128 is above 128 KB
SMALL_FILES = volumes(data_events=objects(0, 288), event_bytes=KB, gzip_ratio=1)
SMALL = 288 * KB / GB

IN_THE_MIDDLE_OF_MONTH_84 = 83.5 * 30.4375
"""Days since recording began."""


def charged(document: dict[str, Any], declared: EventVolumes, month: int) -> dict[str, float]:
    """Quantities by price, without what is none."""
    found: dict[str, float] = defaultdict(float)
    for usage in storage_usage(document, read_trails(document, declared), declared, Month(month)):
        found[usage.price] += usage.quantity
    return {price: quantity for price, quantity in found.items() if quantity > 1e-9}


def stored(document: dict[str, Any], declared: EventVolumes, month: int) -> dict[str, float]:
    """GB-months by storage class."""
    prefix = "s3-storage-"
    return {
        price[len(prefix) :]: n for price, n in charged(document, declared, month).items() if price.startswith(prefix)
    }


def test_large_files_move_through_the_classes_and_small_ones_stay() -> None:
    document = stack(ONE_REGION, **archive(SEVEN_YEARS))
    assert stored(document, LARGE_FILES, 84) == {
        "STANDARD": pytest.approx(MOVED * 30 + LEFT * IN_THE_MIDDLE_OF_MONTH_84),
        "STANDARD_IA": pytest.approx(MOVED * 60),
        "GLACIER_IR": pytest.approx(MOVED * (IN_THE_MIDDLE_OF_MONTH_84 - 90)),
    }


def test_small_files_never_leave_standard() -> None:
    document = stack(ONE_REGION, **archive(SEVEN_YEARS))
    assert stored(document, SMALL_FILES, 84) == {"STANDARD": pytest.approx(SMALL * IN_THE_MIDDLE_OF_MONTH_84)}
    assert not any("transition" in price for price in charged(document, SMALL_FILES, 84))


def test_the_first_month_bills_what_has_been_stored_on_average() -> None:
    document = stack(ONE_REGION, **archive(SEVEN_YEARS))
    assert stored(document, SMALL_FILES, 1) == {"STANDARD": pytest.approx(SMALL * 30.4375 / 2)}


def test_moves_are_charged_in_the_month_of_the_move() -> None:
    document = stack(ONE_REGION, **archive(SEVEN_YEARS))
    in_month = {month: charged(document, LARGE_FILES, month) for month in (1, 2, 4)}
    assert in_month[1]["s3-transition-STANDARD_IA"] == pytest.approx(MOVED_FILES * 0.4375)
    assert in_month[2]["s3-transition-STANDARD_IA"] == pytest.approx(MOVED_FILES * DAYS_A_MONTH)
    assert "s3-transition-GLACIER_IR" not in in_month[2]
    assert in_month[4]["s3-transition-GLACIER_IR"] == pytest.approx(MOVED_FILES * DAYS_A_MONTH)


def test_an_expired_file_is_kept_as_an_old_version_for_a_while() -> None:
    # R-ARC-5
    ends = rule(expiration=[{"days": 180}], noncurrent_version_expiration=[{"noncurrent_days": 30}])
    assert stored(stack(ONE_REGION, **archive(ends)), SMALL_FILES, 84) == {"STANDARD": pytest.approx(SMALL * 210)}


def test_without_versioning_an_expired_file_is_gone() -> None:
    resources = archive(rule(expiration=[{"days": 180}]))
    del resources["aws_s3_bucket_versioning"]
    assert stored(stack(ONE_REGION, **resources), SMALL_FILES, 84) == {"STANDARD": pytest.approx(SMALL * 180)}


def test_old_versions_that_nothing_deletes_are_kept_for_ever() -> None:
    document = stack(ONE_REGION, **archive(rule(expiration=[{"days": 180}])))
    assert stored(document, SMALL_FILES, 84) == {"STANDARD": pytest.approx(SMALL * IN_THE_MIDDLE_OF_MONTH_84)}


def test_a_file_that_leaves_a_class_early_is_billed_for_the_least_stay() -> None:
    moved = rule(transition=[{"days": 90, "storage_class": "GLACIER_IR"}], expiration=[{"days": 100}])
    resources = archive(moved)
    del resources["aws_s3_bucket_versioning"]
    assert stored(stack(ONE_REGION, **resources), LARGE_FILES, 84) == {
        "STANDARD": pytest.approx(MOVED * 90 + LEFT * 100),
        "GLACIER_IR": pytest.approx(MOVED * 90),
    }


def test_small_files_that_are_made_to_move_are_billed_as_large_ones() -> None:
    moved = rule(filter=[{"object_size_greater_than": 0}], transition=[{"days": 90, "storage_class": "GLACIER_IR"}])
    found = stored(stack(ONE_REGION, **archive(moved)), SMALL_FILES, 84)
    assert found["GLACIER_IR"] == pytest.approx(288 * 128 * KB / GB * (IN_THE_MIDDLE_OF_MONTH_84 - 90), rel=1e-3)


def test_flexible_retrieval_adds_forty_kilobytes_to_each_file() -> None:
    moved = rule(transition=[{"days": 90, "storage_class": "GLACIER"}])
    found = stored(stack(ONE_REGION, **archive(moved, minimum="varies_by_storage_class")), SMALL_FILES, 84)
    days = IN_THE_MIDDLE_OF_MONTH_84 - 90
    assert found == {
        "STANDARD": pytest.approx(SMALL * 90 + 288 * 8 * KB / GB * days),
        "GLACIER": pytest.approx(288 * (1 + 32) * KB / GB * days),
    }


@pytest.mark.parametrize(
    "ignored",
    [{"status": "Disabled"}, {"filter": [{"prefix": "query-results/"}]}, {"filter": [{"and": [{"prefix": "other/"}]}]}],
)
def test_rules_that_do_not_concern_the_logs_are_not_counted(ignored: dict[str, Any]) -> None:
    document = stack(ONE_REGION, **archive(rule(expiration=[{"days": 1}], **{**rule(), **ignored})))
    assert stored(document, SMALL_FILES, 84) == {"STANDARD": pytest.approx(SMALL * IN_THE_MIDDLE_OF_MONTH_84)}


def test_each_region_delivers_every_five_minutes_and_a_digest_an_hour() -> None:
    declared = volumes(management_reads_a_day=1e6, regions=3)
    found = charged(stack(trail(enable_log_file_validation=True), **archive()), declared, 1)
    assert found["s3-put"] == pytest.approx(3 * (288 + 24) * DAYS_A_MONTH)


def test_a_region_delivers_no_more_files_than_it_has_events() -> None:
    declared = volumes(management_reads_a_day=100, home_share=0.9, regions=3)
    assert charged(stack(trail(), **archive()), declared, 1)["s3-put"] == pytest.approx(100 * DAYS_A_MONTH)


def test_deliveries_are_written_to_the_access_log() -> None:
    # R-ARC-6
    resources = archive(SEVEN_YEARS)
    resources["aws_s3_bucket"]["access"] = {"bucket": "acme-access"}
    resources["aws_s3_bucket_logging"] = {
        "archive": {"bucket": BUCKET, "target_bucket": "${aws_s3_bucket.access.id}", "target_prefix": ""}
    }
    resources["aws_s3_bucket_lifecycle_configuration"]["access"] = {
        "bucket": "${aws_s3_bucket.access.id}",
        "rule": [rule(expiration=[{"days": 365}])],
    }
    plain = stored(stack(ONE_REGION, **archive(SEVEN_YEARS)), SMALL_FILES, 84)
    found = stored(stack(ONE_REGION, **resources), SMALL_FILES, 84)
    assert found["STANDARD"] - plain["STANDARD"] == pytest.approx(288 * 700 / GB * 365)


def test_sizes_add_up() -> None:
    files = Files(288, 100 * KB)
    parts = [files.between(0, 128 * KB), files.between(128 * KB, math.inf)]
    assert sum(count for count, _ in parts) == pytest.approx(288)
    assert sum(size for _, size in parts) == pytest.approx(288 * 100 * KB)
