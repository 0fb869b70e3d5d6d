"""What is looked for: leads from an incident's words and from records, quoted by the pattern's own tree."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cloudtrail_monitoring.detections.language.filter_pattern import MAX_CHARACTERS, FilterPattern
from cloudtrail_monitoring.responders.investigation.leads import (
    Lead,
    LeadKind,
    lead_of,
    leads_from,
    occasion,
    patterns,
)
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import from_record

SESSION = "arn:aws:sts::123456789012:assumed-role/reader/ada"


def record(name: str = "GetUser", **fields: Any) -> dict[str, Any]:
    identity = {"type": "IAMUser", "userName": "jordan", "accessKeyId": "AKIAJORDANEXAMPLE000"}
    return {
        "eventID": "e",
        "eventName": name,
        "eventTime": "2026-03-09T06:00:00Z",
        "sourceIPAddress": "203.0.113.57",
        "userIdentity": identity,
        **fields,
    }


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("user jordan", LeadKind.USER, "jordan"),
        ("jordan", LeadKind.USER, "jordan"),
        ("root", LeadKind.ROOT, ""),
        ("arn:aws:iam::123456789012:root", LeadKind.ROOT, ""),
        ("role reader/ada", LeadKind.SESSION, "reader/ada"),
        (SESSION, LeadKind.SESSION, "reader/ada"),
        ("arn:aws:iam::123456789012:user/jordan", LeadKind.IDENTITY, "arn:aws:iam::123456789012:user/jordan"),
        ("203.0.113.57", LeadKind.ADDRESS, "203.0.113.57"),
        ("2001:db8::7", LeadKind.ADDRESS, "2001:db8::7"),
        ("AKIAIOSFODNN7EXAMPLE", LeadKind.ACCESS_KEY, "AKIAIOSFODNN7EXAMPLE"),
    ],
)
def test_an_incidents_words_name_whom_to_look_for(text: str, kind: LeadKind, value: str) -> None:
    assert lead_of(text, "") == Lead(kind, value, "")


@pytest.mark.parametrize(
    ("lead", "identity"),
    [
        (lead_of("user jordan", ""), {"type": "IAMUser", "userName": "jordan"}),
        (lead_of("role reader/ada", ""), {"type": "AssumedRole", "arn": SESSION}),
        (lead_of("root", ""), {"type": "Root"}),
        (lead_of("AKIAIOSFODNN7EXAMPLE", ""), {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
        (lead_of("user jor�dan", ""), {"type": "IAMUser", "userName": "jor\ndan"}),
        (lead_of("role reader/" + "a" * 5 + "…", ""), {"arn": SESSION.replace("ada", "aaaaaaaa")}),
    ],
    ids=str,
)
def test_a_lead_matches_its_records_and_no_others(lead: Lead, identity: dict[str, str]) -> None:
    assert lead.pattern.matches(record(userIdentity=identity))
    assert not lead.pattern.matches(record(userIdentity={"type": "IAMUser", "userName": "priya"}))


def test_an_occasion_is_what_was_changed_in_its_second() -> None:
    lead = occasion(datetime(2026, 3, 9, 6, tzinfo=UTC), "")
    changed = record("PutUserPolicy", eventSource="iam.amazonaws.com", readOnly=False)
    assert lead.pattern.matches(changed)
    assert not lead.pattern.matches({**changed, "readOnly": True})
    assert not lead.pattern.matches({**changed, "eventTime": "2026-03-09T06:00:01Z"})


@pytest.mark.parametrize("name", ['x" || $.eventName = "*', "a\\", 'a\\" }', "%x%", "o'brien", "a && b"])
def test_quotes_in_a_name_stay_within_the_name(name: str) -> None:
    (pattern,) = patterns([lead_of(f"user {name}", "")])
    assert FilterPattern.parse(pattern.text) == pattern
    assert pattern.matches(record(userIdentity={"type": "IAMUser", "userName": name}))
    assert not pattern.matches(record())


def test_many_leads_are_as_few_patterns_as_their_length_allows() -> None:
    leads = [lead_of(f"AKIA{number:016}", "") for number in range(100)]
    packed = patterns(leads)
    assert all(len(one.text) <= MAX_CHARACTERS for one in packed)
    assert len(packed) == -(-sum(len(str(one.node)) + 4 for one in leads) // MAX_CHARACTERS)
    for lead in leads:
        used = record(userIdentity={"accessKeyId": lead.value})
        assert any(one.matches(used) for one in packed)
    assert patterns([]) == []


def found(name: str = "GetUser", **fields: Any) -> set[str]:
    return {str(one) for one in leads_from(from_record(record(name, **fields)), from_occasion=False)}


BASE = {"address 203.0.113.57", "access key AKIAJORDANEXAMPLE000"}


def test_a_record_leads_to_addresses_keys_sessions_and_users() -> None:
    assert found() == BASE
    made = {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}}
    assert found("CreateAccessKey", responseElements=made) == {*BASE, "access key AKIAIOSFODNN7EXAMPLE"}
    assumed = {"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE"}, "assumedRoleUser": {"arn": SESSION}}
    opened = {*BASE, "access key ASIAIOSFODNN7EXAMPLE", "session reader/ada"}
    assert found("AssumeRole", responseElements=assumed) == opened
    assert found("CreateUser", responseElements={"user": {"userName": "backup"}}) == {*BASE, "user backup"}
    assert found("ConsoleLogin", responseElements={"ConsoleLogin": "Success"}) == {*BASE, "user jordan"}


def test_what_was_refused_made_nothing() -> None:
    made = {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}}
    assert found("CreateAccessKey", responseElements=made, errorCode="AccessDenied") == BASE


@pytest.mark.parametrize("hostile", ["*", "back*up", "a\x1b[2J", "x" * 257, "\ud800", 7, None, ["a"]])
def test_a_hostile_record_leads_to_nobody(hostile: Any) -> None:
    response = {"user": {"userName": hostile}, "accessKey": {"accessKeyId": hostile}, "credentials": hostile}
    identity = {"type": "IAMUser", "userName": "jordan", "accessKeyId": hostile}
    assert found("CreateUser", responseElements=response, userIdentity=identity, sourceIPAddress=hostile) == set()


def test_a_service_s_name_is_no_address() -> None:
    assert found(sourceIPAddress="cloudformation.amazonaws.com") == {"access key AKIAJORDANEXAMPLE000"}
    assert found(sourceIPAddress="fe80::1%evil") == {"access key AKIAJORDANEXAMPLE000"}
