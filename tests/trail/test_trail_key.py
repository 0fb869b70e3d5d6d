"""The key of log files and log group as it is synthesised. Who may use it: ``test_access_keys``."""

import pytest

from cloudtrail_monitoring.archive.settings import ArchiveSettings
from tests.settings_samples import ARCHIVE, LOCATION, changed
from tests.synthesised import Resource, Stack, synthesise

TRAIL_ARN = LOCATION.arn("cloudtrail", "trail/sample-trail")


def trail_key(settings: ArchiveSettings = ARCHIVE, *, protected: bool = True) -> Stack:
    from cloudtrail_monitoring.trail.trail_key import TrailKey

    return synthesise(
        lambda stack: TrailKey(
            stack,
            "trail-key",
            settings,
            location=LOCATION,
            alias="sample-trail",
            trail_arns=[TRAIL_ARN],
            log_group_name="CloudTrail/sample",
            protected=protected,
        )
    )


@pytest.fixture(scope="module")
def key() -> Resource:
    return trail_key().one("aws_kms_key")


def test_it_rotates_and_waits_as_long_as_kms_does_before_it_is_deleted(key: Resource) -> None:
    assert key["enable_key_rotation"] is True
    assert key["deletion_window_in_days"] == 30


def test_it_has_an_alias() -> None:
    stack = trail_key()
    alias = stack.one("aws_kms_alias")
    assert alias["name"] == "alias/sample-trail"
    assert alias.refers_to(stack.one("aws_kms_key"), "target_key_id")


@pytest.mark.parametrize("protected", [True, False])
def test_terraform_refuses_to_destroy_it(protected: bool) -> None:
    lifecycle = trail_key(protected=protected).one("aws_kms_key").get("lifecycle", {})
    assert lifecycle.get("prevent_destroy", False) is protected


def test_the_policy_lets_the_trail_encrypt(key: Resource) -> None:
    # R-ARC-2, R-TRL-6
    assert key.statement("CloudTrailEncrypts") == {
        "Sid": "CloudTrailEncrypts",
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceArn": TRAIL_ARN},
            "StringLike": {
                "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:333333333333:trail/*",
            },
        },
    }


def test_the_policy_lets_the_log_group_encrypt(key: Resource) -> None:
    statement = key.statement("CloudWatchLogsEncrypts")
    assert statement["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:333333333333:log-group:CloudTrail/sample"
        }
    }


def test_every_audit_role_decrypts() -> None:
    # R-ARC-6
    roles = ("audit-team", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_*")
    statement = (
        trail_key(changed(ARCHIVE, audit_role_names=roles)).one("aws_kms_key").statement("AuditRolesDecryptLogFiles")
    )
    assert statement["Action"] == "kms:Decrypt"
    assert statement["Condition"]["ArnLike"]["aws:PrincipalArn"] == [
        f"arn:aws:iam::333333333333:role/{role}" for role in roles
    ]


def test_the_account_manages_the_key_and_does_not_use_it(key: Resource) -> None:
    actions = key.statement("AccountAdministersKey")["Action"]
    assert not [action for action in actions if "*" in action]
    using = ("Decrypt", "Encrypt", "GenerateDataKey", "ReEncrypt", "CreateGrant", "Sign", "GenerateMac")
    assert not [action for action in actions if action.removeprefix("kms:").startswith(using)]


def test_staging_and_prod_have_one_and_dev_has_none(stacks: dict[str, Stack]) -> None:
    # R-ARC-2
    made = {
        name: [one["name"] for one in stacks[name].all("aws_kms_alias") if one["name"].endswith("-trail")]
        for name in ("dev", "staging", "prod")
    }
    assert made == {
        "dev": [],
        "staging": ["alias/xyz-corp-audit-staging-trail"],
        "prod": ["alias/xyz-corp-audit-trail"],
    }
