"""Both sides of every bound that settings have."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings
from cloudtrail_monitoring.alerting.budget_settings import BilledService, BudgetSettings
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.archive.search.settings import MAX_SCAN_LIMIT_BYTES, MIN_SCAN_LIMIT_BYTES
from cloudtrail_monitoring.archive.settings import BucketName, GlacierClass, LockMode, ObjectLock
from cloudtrail_monitoring.detections.detection import MAX_METRIC_FILTERS, Detection, Level
from cloudtrail_monitoring.observability.settings import ObservabilitySettings
from cloudtrail_monitoring.responders.evidence_settings import EvidenceSettings
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.trail.settings import RETENTION_DAYS, DataEvents, DataResource
from cloudtrail_monitoring.validation import Settings
from tests.archive.search.samples import SEARCH
from tests.settings_samples import ALERTING, ARCHIVE, CONTACTS, SAMPLE, TRAIL, changed

DETECTION = Detection(
    id="sample", title="Sample", level=Level.LOW, pattern='{ $.eventName = "Sample" }', reason="To be one of many."
)
LOCKED = changed(ARCHIVE, object_lock=ObjectLock(retention_days=36_500))
UNLOCKED = changed(ARCHIVE, object_lock=None)

S3_NAMES = {
    True: ["abc", "a" * 63, "0ab", "a.b-c.d", "xyz-corp-cloudtrail-logs-2025", "192.168.1.x", "1.2.3"],
    False: [
        "ab",
        "a" * 64,
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "Abc",
        "a_b",
        "a b",
        "a..b",
        "192.168.1.1",
        "xn--abc",
        "sthree-abc",
        "amzn-s3-demo-abc",
        "abc-s3alias",
        "abc--ol-s3",
        "abc.mrap",
        "abc--x-s3",
        "abc--table-s3",
        "abc\n",
        "bücher",
        "１２３",  # noqa: RUF001 - digits, and none of S3's
    ],
}


@pytest.mark.parametrize(("name", "valid"), [(name, valid) for valid, names in S3_NAMES.items() for name in names])
def test_bucket_names_follow_the_rules_of_s3(name: str, valid: bool) -> None:
    adapter = TypeAdapter(BucketName)
    if valid:
        assert adapter.validate_python(name) == name
    else:
        with pytest.raises(ValidationError, match="bucket name"):
            adapter.validate_python(name)


PREFIX_OF = "arn:aws:s3:::patients/"

# Settings to start from, the field, and values on either side of its bounds.
BOUNDS: list[tuple[Settings, str, list[Any], list[Any]]] = [
    (ObjectLock(), "retention_days", [1, 36_500], [0, 36_501]),
    (ObjectLock(), "mode", [LockMode.GOVERNANCE, LockMode.COMPLIANCE], ["GOVERNANCE", None]),
    (LOCKED, "retention_days", [91, 36_500], [90, 36_501]),
    (ObservabilitySettings(), "days_shown", [1, 14], [0, 15]),
    (LOCKED, "standard_ia_after_days", [30, 60], [29, 61]),
    (LOCKED, "glacier_after_days", [60, 2556], [59, 2557]),
    (LOCKED, "glacier_class", list(GlacierClass), ["GLACIER_IR", "STANDARD"]),
    (LOCKED, "noncurrent_version_days", [1, 36_500], [0, 36_501]),
    (LOCKED, "access_log_retention_days", [1, 36_500], [0, 36_501]),
    (
        ARCHIVE,
        "object_lock",
        [None, ObjectLock(retention_days=2557), ObjectLock(retention_days=36_500)],
        [ObjectLock(retention_days=2556), True],
    ),
    (SEARCH, "results_retention_days", [1, 365], [0, 366]),
    (SEARCH, "access_log_retention_days", [1, 36_500], [0, 36_501]),
    (
        SEARCH,
        "scan_limit_bytes",
        [MIN_SCAN_LIMIT_BYTES, MAX_SCAN_LIMIT_BYTES],
        [MIN_SCAN_LIMIT_BYTES - 1, MAX_SCAN_LIMIT_BYTES + 1, 1e9],
    ),
    (SEARCH, "first_day", [date(2013, 11, 13)], ["2025-01-01", None]),
    (SEARCH, "organization_account_ids", [(), ("0" * 12,)], [("0" * 11,), ("0" * 12,) * 2, ["0" * 12]]),
    (UNLOCKED, "deploy_role_name", ["d", "teams/deploy"], ["", "deploy*"]),
    (SAMPLE.state, "noncurrent_version_days", [30, 36_500], [29, 36_501]),
    (TRAIL, "log_retention_days", list(RETENTION_DAYS), [0, 2, 364, 366, 3654]),
    (
        TRAIL,
        "name",
        ["abc", "a-b", "a" * 128, "a-b.c_d"],
        ["ab", "a" * 129, "a--b", "-ab", "ab-", "a-" * 63 + "abc", "a b"],
    ),
    (TRAIL, "log_group_name", ["a", "a" * 512, "CloudTrail/x.y_z#-"], ["", "a" * 513, "a b", "a*"]),
    (
        TRAIL,
        "organization_id",
        [None, "o-" + "a" * 10, "o-" + "a" * 32],
        ["o-" + "a" * 9, "o-" + "a" * 33, "a1b2c3d4e5"],
    ),
    (
        TRAIL,
        "phi_resources",
        [(), (PREFIX_OF,), ("arn:aws:lambda:us-east-1:333333333333:function:patients",)],
        [("arn:aws:dynamodb:us-east-1:333333333333:table/x",), ("arn:aws:s3:::*",), ("patients",), [PREFIX_OF]],
    ),
    (TRAIL, "exclude_management_sources", [("kms.amazonaws.com", "rdsdata.amazonaws.com")], [("iam.amazonaws.com",)]),
    (CONTACTS, "email", [("a@example.com", "b@example.com")], [("a@",), ("a@example.com",) * 2, ["a@example.com"]]),
    (
        CONTACTS,
        "sms",
        [(), ("+1234567",), ("+123456789012345",)],
        [("+123456",), ("+1234567890123456",), ("+0123456",)],
    ),
    (
        ALERTING,
        "runbook_url",
        ["https://a", "https://" + "a" * 248],
        ["https://", "https://" + "a" * 249, "https://a b"],
    ),
    (ALERTING, "routes", [{}, {Level.LOW: (Channel.EMAIL,)}], [{"High": (Channel.EMAIL,)}, {Level.LOW: ("email",)}]),
    (AnomalySettings(), "band_standard_deviations", [0.1, 2, 10.0], [0, -1.0, 10.1, "3"]),
    (AnomalySettings(), "period_seconds", [60, 900, 3_600], [0, 59, 61, 3_660]),
    (AnomalySettings(datapoints_to_alarm=1), "evaluation_periods", [1, 24], [0, 25]),
    (AnomalySettings(evaluation_periods=5), "datapoints_to_alarm", [1, 5], [0, 6]),
    (BudgetSettings(), "monthly_limit", [0.01, 200.0, 1e9], [0.0, -1.0, 1.1e9, float("inf"), "200"]),
    (
        BudgetSettings(),
        "services",
        [(BilledService.S3,), tuple(BilledService)],
        [(), ("Amazon S3",), (BilledService.S3,) * 2],
    ),
    (BudgetSettings(), "actual_percents", [(1,), (80, 1000)], [(), (0,), (1001,), (80, 80), (80.5,)]),
    (BudgetSettings(), "forecast_percents", [(), (1,), (1000,)], [(0,), (1001,), (100, 100)]),
    (SAMPLE, "environment", ["a", "a" * 20, "prod-eu"], ["", "a" * 21, "Prod", "1st", "state-a", "a_b"]),
    (SAMPLE, "account_id", ["0" * 12], ["0" * 11, "0" * 13, "１" * 12, 333333333333]),  # noqa: RUF001
    (SAMPLE, "name_prefix", ["ab", "a" * 30], ["a", "a" * 31, "Ab", "a_b"]),
    (SAMPLE, "metric_namespace", ["a", "a" * 255, "X/y.z_#-"], ["", "a" * 256, "a b", "a:b"]),
    (SAMPLE, "deletion_protection", [True, False], ["true", 1]),
    (DETECTION, "id", ["a", "a" * 64, "a-b-1"], ["", "a" * 65, "a--b", "-a", "A", "a_b"]),
    (DETECTION, "title", ["a", "a" * 120], ["", "a" * 121]),
    (DETECTION, "reason", ["a", "a" * 400], ["", "a" * 401]),
    (DETECTION, "requirement", [None, "a" * 40], ["a" * 41]),
    (DETECTION, "period_seconds", [60, 900, 86_400], [0, 59, 61, 86_460]),
    (DETECTION, "threshold", [0, 5], [-1, 0.5]),
    (changed(DETECTION, against_usual=True), "threshold", [0], [1]),
    (changed(DETECTION, against_usual=True), "only_outside_business_hours", [False], [True]),
    (DETECTION, "needs_insight", [None, "ApiCallRateInsight"], ["Insight"]),
]


@pytest.mark.parametrize(
    ("base", "field", "value", "valid"),
    [
        pytest.param(base, field, value, valid, id=f"{type(base).__name__}.{field}={str(value)[:40]}-{valid}")
        for base, field, accepted, refused in BOUNDS
        for valid, values in ((True, accepted), (False, refused))
        for value in values
    ],
)
def test_both_sides_of_every_bound(base: Settings, field: str, value: object, valid: bool) -> None:
    if valid:
        assert getattr(changed(base, **{field: value}), field) == value
    else:
        with pytest.raises(ValidationError):
            changed(base, **{field: value})


def test_a_pattern_of_1024_characters_is_the_longest() -> None:
    around = len('{ $.eventName = "" }')
    assert changed(DETECTION, pattern='{ $.eventName = "' + "a" * (1024 - around) + '" }')
    with pytest.raises(ValidationError, match=r"1,?024"):
        changed(DETECTION, pattern='{ $.eventName = "' + "a" * (1025 - around) + '" }')


def test_as_many_detections_as_a_log_group_takes_filters() -> None:
    many = tuple(changed(DETECTION, id=f"sample-{number}") for number in range(MAX_METRIC_FILTERS + 1))
    assert changed(SAMPLE, detections=many[:-1])
    with pytest.raises(ValidationError, match="101, and a log group takes 100 metric filters"):
        changed(SAMPLE, detections=many)


def test_as_many_selector_values_as_cloudtrail_takes() -> None:
    def with_prefixes(count: int) -> MonitoringSettings:
        prefixes = tuple(f"arn:aws:s3:::bucket-{number}/" for number in range(count))
        events = DataEvents(resource_type=DataResource.S3_OBJECT, arn_prefixes=prefixes)
        return changed(SAMPLE, trail=changed(TRAIL, data_events=(events,)))

    # beside the prefixes: the categories, the type, and this system's four buckets
    assert with_prefixes(500 - 7)
    with pytest.raises(ValidationError, match="501 values in the event selectors, and CloudTrail takes 500"):
        with_prefixes(500 - 6)


INVESTIGATED = EvidenceSettings(
    bucket_name="sample-evidence",
    access_log_bucket_name="sample-evidence-access",
    investigator_role_names=("incident-response",),
)
PEOPLE_S_ROLES: dict[str, Callable[[str], MonitoringSettings]] = {
    "archive.audit_role_names": lambda name: changed(SAMPLE, archive=changed(ARCHIVE, audit_role_names=(name,))),
    "archive.break_glass_role_names": lambda name: changed(
        SAMPLE, archive=changed(ARCHIVE, break_glass_role_names=("break-glass", name))
    ),
    "evidence.investigator_role_names": lambda name: changed(
        SAMPLE, evidence=changed(INVESTIGATED, investigator_role_names=(name,))
    ),
}


@pytest.mark.parametrize("field", PEOPLE_S_ROLES)
@pytest.mark.parametrize(
    "name",
    [
        "sample-audit-people",
        "sample-audit-",
        "Sample-Audit-People",  # IAM has one role of a name, whatever its case
        "sample-audit-team/people",
        "sample-trail-log-delivery",
    ],
)
def test_a_person_s_role_is_none_of_the_system_s_own(field: str, name: str) -> None:
    # R-ARC-6, R-DEL-3: deployment may write the trust of those, and guard rails spare them, with delivery or without
    assert SAMPLE.delivery is None
    with pytest.raises(ValidationError, match=rf"{field}: {name} is a name of the system's own roles"):
        PEOPLE_S_ROLES[field](name)


@pytest.mark.parametrize("field", PEOPLE_S_ROLES)
@pytest.mark.parametrize(
    "name", ["sample-audit", "sample-auditors", "people-sample-audit-x", "teams/sample-audit-people", "sample-trail"]
)
def test_a_person_s_role_of_another_name_is_taken(field: str, name: str) -> None:
    assert name in PEOPLE_S_ROLES[field](name).people_s_role_names[field]
