"""Settings: what is refused, in one line and before anything is written; and both sides of every bound."""

import os
import shutil
import subprocess
import sys
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel, Contacts
from cloudtrail_monitoring.app import synthesise
from cloudtrail_monitoring.archive.settings import ArchiveSettings, BucketName, GlacierClass, LockMode, ObjectLock
from cloudtrail_monitoring.detections.detection import MAX_METRIC_FILTERS, Detection, Level
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.settings import RETENTION_DAYS, DataEvents, DataResource, TrailSettings
from cloudtrail_monitoring.validation import Settings
from tests.conftest import PROJECT
from tests.settings_samples import ALERTING, ARCHIVE, CONTACTS, SAMPLE, TRAIL, changed

DETECTION = Detection(
    id="sample", title="Sample", level=Level.LOW, pattern='{ $.eventName = "Sample" }', reason="To be one of many."
)
LOCKED = changed(ARCHIVE, object_lock=ObjectLock(retention_days=36_500))
UNLOCKED = changed(ARCHIVE, object_lock=None)

# What the environment file prod.py returns, and the one line that says what is wrong with it.
BAD_INPUT = {
    "unknown setting": (
        "changed(SAMPLE, archve=ARCHIVE)",
        "prod: MonitoringSettings.archve: Extra inputs are not permitted",
    ),
    "missing setting": (
        "StateSettings()",
        "prod: StateSettings.bucket_name: Field required",
    ),
    "wrong type": (
        "changed(ARCHIVE, retention_days='2557')",
        "prod: ArchiveSettings.retention_days: Input should be a valid integer (given: '2557')",
    ),
    "wrong model": (
        "changed(SAMPLE, archive='logs')",
        "prod: MonitoringSettings.archive: Input should be a valid dictionary or instance of ArchiveSettings"
        " (given: 'logs')",
    ),
    "bucket name": (
        "changed(ARCHIVE, bucket_name='Audit_Logs')",
        "prod: ArchiveSettings.bucket_name: a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens, with a"
        " letter or digit at both ends, is needed (given: 'Audit_Logs')",
    ),
    "one bucket for both": (
        "changed(ARCHIVE, access_log_bucket_name=ARCHIVE.bucket_name)",
        "prod: ArchiveSettings: access_log_bucket_name must differ from bucket_name: a bucket that logs into itself never"
        " ends",
    ),
    "state in the archive": (
        "changed(SAMPLE, state=StateSettings(bucket_name=ARCHIVE.bucket_name))",
        "prod: MonitoringSettings: state.bucket_name must differ from the archive's: sample-logs",
    ),
    "log retention": (
        "changed(TRAIL, log_retention_days=364)",
        "prod: TrailSettings: log_retention_days (364) must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400,"
        " 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
    ),
    "Standard-IA too early": (
        "changed(ARCHIVE, standard_ia_after_days=29)",
        "prod: ArchiveSettings.standard_ia_after_days: Input should be greater than or equal to 30 (given: 29)",
    ),
    "expiry before Glacier": (
        "changed(ARCHIVE, retention_days=90)",
        "prod: ArchiveSettings: retention_days (90) must be longer than glacier_after_days (90)",
    ),
    "lock shorter than retention": (
        "changed(ARCHIVE, object_lock=ObjectLock(retention_days=2556))",
        "prod: ArchiveSettings: object_lock.retention_days (2556) must be at least retention_days (2557)",
    ),
    "nobody may read": (
        "changed(ARCHIVE, audit_role_names=())",
        "prod: ArchiveSettings.audit_role_names: at least one is needed (given: ())",
    ),
    "role pattern": (
        "changed(ARCHIVE, audit_role_names=('audit*',))",
        "prod: ArchiveSettings.audit_role_names.0: only a permission set's role may end in *:"
        " aws-reserved/sso.amazonaws.com/AWSReservedSSO_<name>_* (given: 'audit*')",
    ),
    "time zone": (
        "BusinessHours(start=time(8), end=time(18), time_zone='Europe/Berln')",
        "prod: BusinessHours.time_zone: an IANA time zone is needed, perhaps Europe/Berlin (given: 'Europe/Berln')",
    ),
    "no business hours": (
        "BusinessHours(start=time(8), end=time(8), time_zone='Europe/Berlin')",
        "prod: BusinessHours: start and end are the same time: the hours between them are none, or all",
    ),
    "e-mail": (
        "Contacts(email=('security',))",
        "prod: Contacts.email.0: value is not a valid email address: An email address must have an @-sign."
        " (given: 'security')",
    ),
    "nobody is told": (
        "Contacts(email=())",
        "prod: Contacts.email: at least one is needed (given: ())",
    ),
    "address twice": (
        "Contacts(email=('a@example.com', 'b@example.com', 'a@example.com'))",
        "prod: Contacts.email: a@example.com stands more than once"
        " (given: ('a@example.com', 'b@example.com', 'a@example.com'))",
    ),
    "phone number": (
        "changed(CONTACTS, sms=('0206 555 0100',))",
        "prod: Contacts.sms.0: a phone number in E.164 form, such as +12065550100, is needed (given: '0206 555 0100')",
    ),
    "channel without contacts": (
        "changed(SAMPLE, alerting=changed(ALERTING, contacts=changed(CONTACTS, sms=())))",
        "prod: MonitoringSettings: alerting.routes: High goes to sms, and alerting.contacts has no sms",
    ),
    "account id": (
        "changed(SAMPLE, account_id='33333333333')",
        "prod: MonitoringSettings.account_id: an AWS account id of 12 digits is needed (given: '33333333333')",
    ),
    "account id as number": (
        "changed(SAMPLE, account_id=333333333333)",
        "prod: MonitoringSettings.account_id: Input should be a valid string (given: 333333333333)",
    ),
    "Region": (
        "changed(SAMPLE, home_region='Frankfurt')",
        "prod: MonitoringSettings.home_region: an AWS Region such as us-east-1 is needed (given: 'Frankfurt')",
    ),
    "home Region monitored": (
        "changed(SAMPLE, alerting=changed(ALERTING, monitored_regions=('us-east-1',)))",
        "prod: MonitoringSettings: alerting.monitored_regions: us-east-1 is the home Region already",
    ),
    "Region of another partition": (
        "changed(SAMPLE, alerting=changed(ALERTING, monitored_regions=('cn-north-1',)))",
        "prod: MonitoringSettings: alerting.monitored_regions: cn-north-1 is of another partition",
    ),
    "runbooks without TLS": (
        "changed(ALERTING, runbook_url='http://runbooks.example.com')",
        "prod: AlertingSettings.runbook_url: an https address of up to 256 characters is needed"
        " (given: 'http://runbooks.example.com')",
    ),
    "prefix of another service": (
        "DataEvents(resource_type=DataResource.LAMBDA_FUNCTION, arn_prefixes=('arn:aws:s3:::patients/',))",
        "prod: DataEvents: arn_prefixes: arn:aws:s3:::patients/ is no ARN of AWS::Lambda::Function, and would record"
        " nothing",
    ),
    "PHI in our own bucket": (
        "changed(SAMPLE, trail=changed(TRAIL, phi_resources=('arn:aws:s3:::sample-logs/AWSLogs/',)))",
        "prod: MonitoringSettings: trail.phi_resources: arn:aws:s3:::sample-logs/AWSLogs/ is this system's own, and"
        " logging it would never end",
    ),
    "PHI of another partition": (
        "changed(SAMPLE, trail=changed(TRAIL, phi_resources=('arn:aws-cn:s3:::patients/',)))",
        "prod: MonitoringSettings: trail: arn:aws-cn:s3:::patients/ is of another partition than us-east-1",
    ),
    "pattern that does not parse": (
        "changed(SAMPLE.detections[0], pattern='{ $.eventName = }')",
        'prod: Detection.pattern: filter pattern, character 17: found "}", expected a string, a number or a %regular'
        " expression% (given: '{ $.eventName = }')",
    ),
    "detection twice": (
        "changed(SAMPLE, detections=(SAMPLE.detections[0], SAMPLE.detections[0]))",
        "prod: MonitoringSettings: detections: console-login-failures stands more than once",
    ),
    "name of a state stack": (
        "changed(SAMPLE, environment='state-prod')",
        "prod: MonitoringSettings.environment: a name of up to 20 lower-case letters, digits and hyphens that does not"
        " begin with state- is needed (given: 'state-prod')",
    ),
    "namespace of AWS": (
        "changed(SAMPLE, metric_namespace='AWS/CloudTrail')",
        "prod: MonitoringSettings.metric_namespace: a metric namespace not in AWS/ is needed (given: 'AWS/CloudTrail')",
    ),
    "no settings": ("None", "prod: settings() must return MonitoringSettings, not NoneType"),
    "a name that Python does not know": (
        "LockMode.GOVERNANC",
        "prod: prod.py, line 5: AttributeError: GOVERNANC",
    ),
}


def environment_file(directory: Path, expression: str, name: str = "prod") -> Path:
    """An environment whose settings are the value of an expression over the samples."""
    directory.mkdir(exist_ok=True)
    path = directory / f"{name}.py"
    path.write_text(
        "from tests.test_settings import *\n"
        "from tests.settings_samples import *\n\n"
        f"def settings():\n    return {expression}\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(("expression", "line"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_line_and_nothing_is_written(
    expression: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "cdktf.out"))
    environment_file(tmp_path / "environments", expression)
    assert synthesise(tmp_path / "environments") == 2
    written = capsys.readouterr()
    assert written.err == f"{line}\n"
    assert written.out == ""
    assert not (tmp_path / "cdktf.out").exists()


def test_main_ends_with_status_2_and_without_a_traceback(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "main.py", tmp_path)
    environment_file(tmp_path / "environments", "changed(SAMPLE, account_id='1')")
    environment_file(tmp_path / "environments", "SAMPLE", name="dev")
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "prod: MonitoringSettings.account_id: an AWS account id of 12 digits is needed (given: '1')"
    ]
    assert not (tmp_path / "cdktf.out").exists()


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
    with pytest.raises(ValidationError, match="1,?024"):
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

    # beside the prefixes: the categories, the type, and this system's three buckets
    assert with_prefixes(500 - 6)
    with pytest.raises(ValidationError, match="501 values in the event selectors, and CloudTrail takes 500"):
        with_prefixes(500 - 5)


def test_settings_can_not_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SAMPLE.account_id = "111111111111"  # type: ignore[misc]


def test_contacts_are_not_printed_with_the_settings() -> None:
    assert "security@example.com" not in repr(SAMPLE)


def test_every_fault_of_one_environment_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment_file(tmp_path, "changed(ARCHIVE, retention_days=0, bucket_name='x')")
    assert synthesise(tmp_path) == 2
    assert [line.split(": ")[:2] for line in capsys.readouterr().err.splitlines()] == [
        ["prod", "ArchiveSettings.bucket_name"],
        ["prod", "ArchiveSettings.retention_days"],
    ]


def test_values_of_several_lines_are_told_in_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment_file(tmp_path, "changed(ARCHIVE, bucket_name='a\\nb')")
    assert synthesise(tmp_path) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


# Names for the expressions of BAD_INPUT, which are evaluated in a file that imports this one.
__all__ = [
    "AlertingSettings",
    "ArchiveSettings",
    "BusinessHours",
    "Contacts",
    "DataEvents",
    "DataResource",
    "LockMode",
    "ObjectLock",
    "StateSettings",
    "TrailSettings",
    "time",
]
