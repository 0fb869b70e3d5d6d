"""What the dashboard counts: a login of an IAM user or root is with MFA or without, and a change counts once."""

import pytest

from cloudtrail_monitoring.detections.catalogue.alarms import IAM_POLICY_CHANGES
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.catalogue.daily_counts import DAILY_COUNTS, ROLE_CHANGES, USER_CHANGES
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.detections.language.coverage import loss

WITH_MFA = CATALOGUE["console-login-with-mfa"].pattern
WITHOUT_MFA = CATALOGUE["console-login-without-mfa"].pattern
BY_PASSWORD = (
    '{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Success")'
    ' && (($.userIdentity.type = "IAMUser") || ($.userIdentity.type = "Root")) }'
)


def either(*patterns: str) -> str:
    return "{ " + " || ".join(f"({pattern.strip()[1:-1].strip()})" for pattern in patterns) + " }"


def both(*patterns: str) -> str:
    return "{ " + " && ".join(f"({pattern.strip()[1:-1].strip()})" for pattern in patterns) + " }"


NOTHING = '{ ($.eventName = "a") && ($.eventName = "b") }'


def test_every_login_of_a_user_or_root_is_with_mfa_or_without() -> None:  # R-DSH-2
    as_aws_writes_it = '{ ($.additionalEventData.MFAUsed NOT EXISTS) || ($.additionalEventData.MFAUsed = "*") }'
    assert loss(both(BY_PASSWORD, as_aws_writes_it), either(WITH_MFA, WITHOUT_MFA)) is None


def test_no_login_is_in_both_counts() -> None:  # R-DSH-2
    assert loss(both(WITH_MFA, WITHOUT_MFA), NOTHING) is None


@pytest.mark.parametrize("pattern", [WITH_MFA, WITHOUT_MFA])
def test_sso_is_in_neither_count(pattern: str) -> None:  # R-DSH-2
    assert loss(pattern, BY_PASSWORD) is None
    assert loss(both(pattern, '{ $.userIdentity.type = "AssumedRole" }'), NOTHING) is None


@pytest.mark.parametrize("pattern", [WITH_MFA, WITHOUT_MFA])
def test_one_count_alone_is_not_all(pattern: str) -> None:
    assert loss(BY_PASSWORD, pattern) is not None


def test_every_login_that_is_told_apart_is_among_the_logins() -> None:  # R-DSH-2
    of_sign_in = both(BY_PASSWORD, '{ $.eventSource = "signin.amazonaws.com" }')
    assert loss(of_sign_in, CATALOGUE["console-login"].pattern) is None


def test_a_change_is_one_of_a_user_of_a_role_or_of_policies() -> None:  # R-DSH-1
    changes = [*USER_CHANGES, *ROLE_CHANGES, *IAM_POLICY_CHANGES]
    assert len(set(changes)) == len(changes)


@pytest.mark.parametrize("narrower", ["user-created", "user-deleted", "password-changed", "access-key-created"])
def test_what_alarms_about_users_is_among_their_changes(narrower: str) -> None:  # R-DSH-1
    assert loss(CATALOGUE[narrower].pattern, CATALOGUE["iam-user-changed"].pattern) is None


def test_what_alarms_about_roles_is_among_their_changes() -> None:  # R-DSH-1
    assert loss(CATALOGUE["role-created"].pattern, CATALOGUE["iam-role-changed"].pattern) is None


def of_iam(event: str) -> str:
    return f'{{ ($.eventSource = "iam.amazonaws.com") && ($.eventName = "{event}") && ($.errorCode NOT EXISTS) }}'


@pytest.mark.parametrize("event", ["CreateServiceSpecificCredential", "UploadSigningCertificate", "UploadSSHPublicKey"])
def test_a_credential_of_any_kind_is_a_change_of_its_user(event: str) -> None:  # R-DSH-1
    assert loss(of_iam(event), CATALOGUE["iam-user-changed"].pattern) is None


@pytest.mark.parametrize("event", ["ListServiceSpecificCredentials", "ListSigningCertificates", "GetSSHPublicKey"])
def test_reading_credentials_is_no_change(event: str) -> None:  # R-DSH-1
    assert loss(both(of_iam(event), CATALOGUE["iam-user-changed"].pattern), NOTHING) is None


def test_they_tell_nobody() -> None:
    assert {one.level for one in DAILY_COUNTS} == {Level.LOW}
