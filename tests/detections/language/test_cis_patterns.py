"""Patterns as the CIS AWS Foundations Benchmark publishes them, on events they are meant to find or to spare.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from typing import Any

import pytest

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern

ROOT = '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}'
UNAUTHORIZED = '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}'
NO_MFA = (
    '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
    '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }'
)
FAILED_LOGIN = '{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}'
KEY_DELETION = "{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}"


# R-EVT-12
@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        (ROOT, {"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}, True),
        (ROOT, {"userIdentity": {"type": "Root"}, "eventType": "AwsServiceEvent"}, False),
        (ROOT, {"userIdentity": {"type": "Root", "invokedBy": "AWS Internal"}, "eventType": "AwsApiCall"}, False),
        (ROOT, {"userIdentity": {"type": "IAMUser"}, "eventType": "AwsApiCall"}, False),
        (UNAUTHORIZED, {"errorCode": "Client.UnauthorizedOperation"}, True),
        (UNAUTHORIZED, {"errorCode": "AccessDeniedException"}, True),
        (UNAUTHORIZED, {"errorCode": "NoSuchEntity"}, False),
        (UNAUTHORIZED, {}, False),
        (FAILED_LOGIN, {"eventName": "ConsoleLogin", "errorMessage": "Failed authentication"}, True),
        (FAILED_LOGIN, {"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}}, False),
        (KEY_DELETION, {"eventSource": "kms.amazonaws.com", "eventName": "DisableKey"}, True),
        (KEY_DELETION, {"eventSource": "iam.amazonaws.com", "eventName": "DisableKey"}, False),
    ],
)
def test_cis_patterns_find_what_they_are_for(pattern: str, event: dict[str, Any], expected: bool) -> None:
    assert FilterPattern.parse(pattern).matches(event) is expected


# R-ALM-4
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"additionalEventData": {"MFAUsed": "Yes"}}, False),
        ({"additionalEventData": {}}, False),
        ({"userIdentity": {"type": "AssumedRole"}}, False),
        ({"responseElements": {"ConsoleLogin": "Failure"}}, False),
        ({"responseElements": None}, False),
    ],
)
def test_cis_sign_in_without_mfa(changes: dict[str, Any], expected: bool) -> None:
    login = {
        "eventName": "ConsoleLogin",
        "userIdentity": {"type": "IAMUser"},
        "additionalEventData": {"MFAUsed": "No"},
        "responseElements": {"ConsoleLogin": "Success"},
    }
    assert FilterPattern.parse(NO_MFA).matches({**login, **changes}) is expected
