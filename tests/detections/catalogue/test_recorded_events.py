"""The shipped patterns against recorded events of real accounts, judged by plain Python beside them.

The recordings are not part of the project: where ``../shared/corpus`` is absent these tests are skipped.
"""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.detections.catalogue.alarms import IAM_POLICY_CHANGES
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.catalogue.own_roles import OWN_ROLES
from cloudtrail_monitoring.detections.catalogue.trail_protection import TRAIL_PROTECTION
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "recorded-events.jsonl.gz"
Event = dict[str, Any]


def _login_failed(event: Event) -> bool:
    answer = event.get("responseElements") or {}
    failed = event.get("errorMessage") == "Failed authentication" or answer.get("ConsoleLogin") == "Failure"
    return event["eventName"] == "ConsoleLogin" and failed


def _root_acted(event: Event) -> bool:
    identity = event.get("userIdentity") or {}
    by_hand = identity.get("type") == "Root" and "invokedBy" not in identity
    return by_hand and event.get("eventType", "AwsServiceEvent") != "AwsServiceEvent"


def _iam_policy_changed(event: Event) -> bool:
    return event["eventSource"] == "iam.amazonaws.com" and event["eventName"] in IAM_POLICY_CHANGES


def _login_without_mfa(event: Event) -> bool:
    succeeded = (event.get("responseElements") or {}).get("ConsoleLogin") == "Success"
    person = (event.get("userIdentity") or {}).get("type") in ("IAMUser", "Root")
    mfa = (event.get("additionalEventData") or {}).get("MFAUsed")
    return event["eventName"] == "ConsoleLogin" and succeeded and person and mfa not in ("Yes", "YES")


def _login_with_mfa(event: Event) -> bool:
    succeeded = (event.get("responseElements") or {}).get("ConsoleLogin") == "Success"
    person = (event.get("userIdentity") or {}).get("type") in ("IAMUser", "Root")
    return event["eventName"] == "ConsoleLogin" and succeeded and person and not _login_without_mfa(event)


def _insight_began(event: Event, insight: str) -> bool:
    details = event.get("insightDetails") or {}
    return (details.get("insightType"), details.get("state")) == (insight, "Start")


PLAIN: dict[str, Callable[[Event], bool]] = {
    "console-login-failures": _login_failed,
    "root-activity": _root_acted,
    "off-hours-iam-policy-change": _iam_policy_changed,
    "console-login-without-mfa": _login_without_mfa,
    "console-login-with-mfa": _login_with_mfa,
    "cis-unauthorized-api-calls": lambda event: (
        str(event.get("errorCode", "")).endswith("UnauthorizedOperation")
        or str(event.get("errorCode", "")).startswith("AccessDenied")
    ),
    "cis-login-without-mfa": lambda event: (
        _login_without_mfa(event)
        and event["userIdentity"]["type"] == "IAMUser"
        and "MFAUsed" in event["additionalEventData"]
    ),
    "cis-console-authentication-failures": lambda event: (
        event["eventName"] == "ConsoleLogin" and event.get("errorMessage") == "Failed authentication"
    ),
    "api-call-errors": lambda event: isinstance(event.get("errorCode"), str),
    "insight-call-rate": lambda event: _insight_began(event, "ApiCallRateInsight"),
    "insight-error-rate": lambda event: _insight_began(event, "ApiErrorRateInsight"),
    "role-assumed-from-another-account": lambda event: (
        event["eventName"] == "AssumeRole"
        and "errorCode" not in event
        and (event.get("userIdentity") or {}).get("type") == "AWSAccount"
    ),
    "user-inline-policy-put": lambda event: (
        event["eventSource"] == "iam.amazonaws.com"
        and event["eventName"] == "PutUserPolicy"
        and "errorCode" not in event
    ),
    "call-from-another-account": lambda event: (
        event["eventName"] != "AssumeRole"
        and (event.get("userIdentity") or {}).get("type") == "AWSAccount"
        and event["userIdentity"].get("accountId", "ANONYMOUS_PRINCIPAL") != "ANONYMOUS_PRINCIPAL"
    ),
}


def _named(detection_id: str) -> Callable[[Event], bool]:
    """Source, names of events, and success, read off a pattern that says no more, by regular expressions."""
    text = CATALOGUE[detection_id].pattern
    sources = re.findall(r'eventSource *= *"?([a-z0-9.]+)', text)
    names = re.findall(r'eventName *= *"?(\w+)', text)
    succeeded = "errorCode NOT EXISTS" in text

    def judge(event: Event) -> bool:
        if succeeded and "errorCode" in event:
            return False
        return event["eventName"] in names and (not sources or event["eventSource"] in sources)

    return judge


PLAIN |= {
    id_: _named(id_)
    for id_, detection in CATALOGUE.items()
    if id_ not in PLAIN and not re.search(r"userIdentity|errorMessage|errorCode *=", detection.pattern)
}
# Those of our own resources and of our own roles match nothing in somebody else's account.
OWN = {detection.id for detection in (*TRAIL_PROTECTION, *OWN_ROLES)}


@pytest.fixture(scope="module")
def recorded() -> list[Event]:
    if not CORPUS.exists():
        pytest.skip(f"no recorded events at {CORPUS}")
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["event"] for line in lines]


@pytest.mark.parametrize("detection_id", PLAIN)
def test_pattern_and_plain_python_agree_on_every_recorded_event(detection_id: str, recorded: list[Event]) -> None:
    pattern = FilterPattern.parse(CATALOGUE[detection_id].pattern)
    differing = [event.get("eventID") for event in recorded if pattern.matches(event) != PLAIN[detection_id](event)]
    assert differing == []


def test_recorded_policy_changes_and_logins_are_among_them(recorded: list[Event]) -> None:  # R-ALM-3, R-ALM-4
    for detection_id in ("off-hours-iam-policy-change", "console-login-without-mfa"):
        pattern = FilterPattern.parse(CATALOGUE[detection_id].pattern)
        assert any(pattern.matches(event) for event in recorded)


def test_every_shipped_detection_is_compared() -> None:
    assert PLAIN.keys() | OWN == CATALOGUE.keys()


@pytest.mark.parametrize("detection_id", CATALOGUE)
def test_shipped_patterns_use_wildcards_at_the_ends_only(detection_id: str) -> None:
    """AWS's pages disagree on an asterisk in the middle of a text."""
    assert FilterPattern.parse(CATALOGUE[detection_id].pattern).inner_wildcards == ()
