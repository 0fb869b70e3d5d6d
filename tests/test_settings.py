"""Settings that can't be used: one line each, before anything is written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.app import synthesise
from tests.conftest import PROJECT
from tests.settings_samples import SAMPLE

# What the expressions below may name.
IMPORTS = """
from datetime import time
from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.alerting.settings import Contacts
from cloudtrail_monitoring.archive.settings import LockMode, ObjectLock
from cloudtrail_monitoring.state.settings import StateSettings
from cloudtrail_monitoring.trail.settings import DataEvents, DataResource
from tests.settings_samples import ALERTING, ARCHIVE, CONTACTS, SAMPLE, TRAIL, changed

"""

# What the environment file prod.py returns, and the one line that says what is wrong with it.
BAD_INPUT = {
    "unknown setting": (
        "changed(SAMPLE, archve=ARCHIVE)",
        "prod: MonitoringSettings.archve: Extra inputs are not permitted",
    ),
    "missing setting": (
        "StateSettings(bucket_name='state')",
        "prod: StateSettings.access_log_bucket_name: Field required",
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
        "prod: ArchiveSettings.bucket_name: a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens, with"
        " a letter or digit at both ends, is needed (given: 'Audit_Logs')",
    ),
    "one bucket for both": (
        "changed(ARCHIVE, access_log_bucket_name=ARCHIVE.bucket_name)",
        "prod: ArchiveSettings: access_log_bucket_name must differ from bucket_name: a bucket that logs into itself"
        " never ends",
    ),
    "state in the archive": (
        "changed(SAMPLE, state=StateSettings(bucket_name=ARCHIVE.bucket_name, access_log_bucket_name='other'))",
        "prod: MonitoringSettings: the names of the buckets must differ: sample-logs, sample-logs-access, sample-logs,"
        " other",
    ),
    "log retention": (
        "changed(TRAIL, log_retention_days=364)",
        "prod: TrailSettings: log_retention_days (364) must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365,"
        " 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
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
        "prod: BusinessHours: start and end must differ, and both are 08:00",
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
    "Region that is none": (
        "changed(SAMPLE, home_region='us-eats-2')",
        "prod: MonitoringSettings.home_region: an AWS Region such as us-east-1 is needed (given: 'us-eats-2')",
    ),
    "tag of AWS": (
        "changed(SAMPLE, tags={'aws:owner': 'us'})",
        "prod: MonitoringSettings.tags.aws:owner.[key]: a tag key of 1 to 128 characters, not aws:..., is needed"
        " (given: 'aws:owner')",
    ),
    "long tag": (
        "changed(SAMPLE, tags={'owner': 'x' * 257})",
        f"prod: MonitoringSettings.tags.owner: a tag value of up to 256 characters is needed (given: {'x' * 257!r})",
    ),
    "trail named like an address": (
        "changed(TRAIL, name='192.168.5.4')",
        "prod: TrailSettings.name: a trail name of 3 to 128 letters, digits, single dots, underscores and hyphens, with"
        " a letter or digit at both ends, and no IP address, is needed (given: '192.168.5.4')",
    ),
    "log group of AWS": (
        "changed(TRAIL, log_group_name='aws/cloudtrail')",
        "prod: TrailSettings.log_group_name: a log group name of 1 to 512 characters, not aws/..., is needed"
        " (given: 'aws/cloudtrail')",
    ),
    "High alerts that reach nobody": (
        "changed(SAMPLE, alerting=changed(ALERTING, routes={}))",
        "prod: MonitoringSettings: alerting.routes: Medium needs a channel",
    ),
    "home Region monitored": (
        "changed(SAMPLE, alerting=changed(ALERTING, monitored_regions=('us-east-1',)))",
        "prod: MonitoringSettings: alerting.monitored_regions: us-east-1 is the home Region already",
    ),
    "Region of another partition": (
        "changed(SAMPLE, alerting=changed(ALERTING, monitored_regions=('cn-north-1',)))",
        "prod: MonitoringSettings: alerting: Region cn-north-1 is of another partition",
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
    "break-glass among our own roles": (
        "changed(SAMPLE, archive=changed(ARCHIVE, break_glass_role_names=('break-glass', 'sample-audit-break-glass')))",
        "prod: MonitoringSettings: archive.break_glass_role_names: sample-audit-break-glass is a name of the system's"
        " own roles (sample-audit-* and sample-trail-log-delivery), which deployment may change: name a role otherwise",
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
        "prod: prod.py, line 11: AttributeError: GOVERNANC",
    ),
}


def environment_file(directory: Path, expression: str, name: str = "prod") -> Path:
    """An environment whose settings are the value of an expression over the samples."""
    directory.mkdir(exist_ok=True)
    path = directory / f"{name}.py"
    path.write_text(
        f"{IMPORTS}def settings():\n    return {expression}\n",
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
