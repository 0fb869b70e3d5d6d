"""The saved queries find what they are called after (R-QRY-1 to R-QRY-3), and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cloudtrail_monitoring.detections.call_volume import CALL_VOLUME
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.runbook import runbook
from cloudtrail_monitoring.detections.samples import Sample, read_samples
from cloudtrail_monitoring.observability.query_catalogue import (
    ACCESS_KEY,
    ADDRESS,
    PRINCIPAL,
    category_queries,
    detection_queries,
    detection_query,
    investigation_queries,
    required_queries,
    saved_query_of,
)
from cloudtrail_monitoring.sandbox.logs_insights import run
from cloudtrail_monitoring.simulation.other_languages import Language, said_in

ACCOUNT = "111122223333"
NOW = datetime(2026, 1, 8, 12, tzinfo=UTC)
USERS_MADE, LOGINS_FAILED, POLICIES_ATTACHED = (query.text for query in required_queries())
INVESTIGATION = {query.name: query.text for query in investigation_queries(ACCOUNT)}
ALICE, ROLE = f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/bob"


def call(name: str, *, source: str = "iam", time: str = "2026-01-08T11:00:00Z", **fields: Any) -> dict[str, Any]:
    identity = {"type": "IAMUser", "arn": ALICE, "accountId": ACCOUNT, "accessKeyId": "AKIAALICE"}
    return {
        "eventTime": time,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "userIdentity": identity,
        "sourceIPAddress": "192.0.2.7",
        "eventID": name,
        **fields,
    }


def found(query: str, *records: dict[str, Any]) -> list[dict[str, str]]:
    return run(query, records, now=NOW)


def ids(query: str, *records: dict[str, Any]) -> list[str]:
    return [row["eventID"] for row in found(query, *records)]


def samples(id_: str) -> tuple[Sample, ...]:
    return read_samples(id_, {"account_id": ACCOUNT})


class TestUsersMade:
    # R-QRY-1
    def test_a_user_made_within_7_days_is_found_with_who_made_it_and_its_name(self) -> None:
        (row,) = found(USERS_MADE, call("CreateUser", requestParameters={"userName": "eve"}))
        assert (row["eventName"], row["who"], row["target"]) == ("CreateUser", ALICE, "eve")

    @pytest.mark.parametrize(
        ("time", "rows"), [("2026-01-01T12:00:00Z", 1), ("2026-01-01T11:59:59Z", 0), ("2025-01-01T00:00:00Z", 0)]
    )
    def test_7_days_are_counted_back_from_the_start_of_the_query(self, time: str, rows: int) -> None:
        assert len(found(USERS_MADE, call("CreateUser", time=time))) == rows

    @pytest.mark.parametrize(
        "record",
        [call("CreateRole"), call("CreateUser", errorCode="AccessDenied"), call("CreateUser", source="cognito-idp")],
        ids=["role", "refused", "other service"],
    )
    def test_other_calls_are_not_found(self, record: dict[str, Any]) -> None:
        assert found(USERS_MADE, record) == []


class TestFailedLogins:
    # R-QRY-2
    def test_it_finds_the_logins_that_the_alarm_counts(self) -> None:
        cases = samples("console-login-failures")
        expected = {case.event["eventID"] for case in cases if case.matches}
        assert set(ids(LOGINS_FAILED, *(case.event for case in cases))) == expected

    def test_a_row_says_who_from_where_and_why(self) -> None:
        failed = call(
            "ConsoleLogin",
            source="signin",
            errorMessage="Failed authentication",
            responseElements={"ConsoleLogin": "Failure"},
            additionalEventData={"MFAUsed": "No"},
        )
        (row,) = found(LOGINS_FAILED, failed)
        assert {"who": ALICE, "sourceIPAddress": "192.0.2.7", "outcome": "Failure", "mfa": "No"}.items() <= row.items()
        assert row["errorMessage"] == "Failed authentication"


class TestPoliciesAttached:
    # R-QRY-3
    @pytest.mark.parametrize(
        ("name", "parameter", "target"),
        [("AttachUserPolicy", "userName", "eve"), ("AttachRolePolicy", "roleName", "admin")],
    )
    def test_what_was_attached_to_whom_is_found(self, name: str, parameter: str, target: str) -> None:
        policy = "arn:aws:iam::aws:policy/AdministratorAccess"
        (row,) = found(POLICIES_ATTACHED, call(name, requestParameters={parameter: target, "policyArn": policy}))
        assert (row["eventName"], row["target"], row["policy"]) == (name, target, policy)

    @pytest.mark.parametrize(
        "record",
        [
            call("AttachGroupPolicy"),
            call("DetachUserPolicy"),
            call("PutUserPolicy"),
            call("AttachRolePolicy", errorCode="AccessDenied"),
            call("AttachRolePolicy", source="iot"),
        ],
    )
    def test_other_calls_are_not_found(self, record: dict[str, Any]) -> None:
        assert found(POLICIES_ATTACHED, record) == []


class TestInvestigation:
    RECORDS = (
        call("GetUser"),
        call("ListUsers", errorCode="AccessDenied"),
        call("GetUser", time="2026-01-08T11:01:00Z", sourceIPAddress="192.0.2.8"),
        call(
            "RunInstances",
            source="ec2",
            errorCode="Client.UnauthorizedOperation",
            userIdentity={"type": "AssumedRole", "arn": ROLE, "accessKeyId": "ASIABOB"},
        ),
        call("GetBucketAcl", source="s3", userIdentity={"type": "AWSService", "invokedBy": "config.amazonaws.com"}),
    )

    @pytest.mark.parametrize(
        ("name", "placeholder", "wanted", "expected"),
        [
            ("calls of one principal", PRINCIPAL, "assumed-role/admin", ["RunInstances"]),
            ("calls of one principal", PRINCIPAL, ALICE, ["GetUser", "GetUser", "ListUsers"]),
            ("calls with one access key", ACCESS_KEY, "ASIABOB", ["RunInstances"]),
            ("calls from one address", ADDRESS, "192.0.2.8", ["GetUser"]),
        ],
    )
    def test_what_is_put_in_place_is_found(self, name: str, placeholder: str, wanted: str, expected: list[str]) -> None:
        text = INVESTIGATION[name]
        assert ids(text, *self.RECORDS) == []
        assert sorted(ids(text.replace(placeholder, wanted), *self.RECORDS)) == expected

    def test_calls_are_counted_by_caller_the_busiest_first(self) -> None:
        rows = found(INVESTIGATION["calls by caller"], *self.RECORDS)
        assert rows[0] == {"who": ALICE, "calls": "3", "kinds": "2", "addresses": "2"}
        assert {row["who"] for row in rows[1:]} == {ROLE, "config.amazonaws.com"}

    def test_calls_are_counted_by_event_and_over_time(self) -> None:
        by_event = found(INVESTIGATION["calls by event"], *self.RECORDS)
        assert by_event[0] == {
            "eventSource": "iam.amazonaws.com",
            "eventName": "GetUser",
            "calls": "2",
            "refused": "0",
        }
        (bin_,) = found(INVESTIGATION["calls over time"], *self.RECORDS)
        assert bin_ == {"bin(5m)": "2026-01-08 11:00:00.000", "calls": "5", "refused": "2"}

    def test_refused_calls_are_counted_by_principal(self) -> None:
        rows = found(INVESTIGATION["refused calls by principal"], *self.RECORDS)
        assert {(row["who"], row["errorCode"], row["refused"]) for row in rows} == {
            (ALICE, "AccessDenied", "1"),
            (ROLE, "Client.UnauthorizedOperation", "1"),
        }

    @pytest.mark.parametrize(
        ("name", "detections"),
        [
            ("console logins with MFA and address", ("console-login",)),
            ("what root did", ("root-activity",)),
            ("calls from other accounts", ("role-assumed-from-another-account", "call-from-another-account")),
        ],
    )
    def test_it_finds_what_the_detection_counts(self, name: str, detections: tuple[str, ...]) -> None:
        cases = [sample for id_ in detections for sample in samples(id_)]
        patterns = [FilterPattern.parse(CATALOGUE[id_].named({"account_id": ACCOUNT}).pattern) for id_ in detections]
        events = [case.event for case in cases]
        expected = [event["eventID"] for event in events if any(pattern.matches(event) for pattern in patterns)]
        assert 0 < len(expected) < len(events)
        assert sorted(ids(INVESTIGATION[name], *events)) == sorted(expected)

    def test_a_login_shows_mfa_and_address(self) -> None:
        record = call(
            "ConsoleLogin",
            source="signin",
            responseElements={"ConsoleLogin": "Success"},
            additionalEventData={"MFAUsed": "Yes"},
        )
        (row,) = found(INVESTIGATION["console logins with MFA and address"], record)
        assert {"mfa": "Yes", "outcome": "Success", "sourceIPAddress": "192.0.2.7"}.items() <= row.items()


def test_a_category_is_shown_as_it_comes() -> None:
    # R-QRY-4
    for query in category_queries():
        assert ids(query.text, call("a"), call("b", time="2026-01-08T11:59:00Z")) == ["b", "a"]


@pytest.mark.parametrize("id_", CATALOGUE)
def test_a_detection_is_saved_as_the_command_line_prints_it(id_: str) -> None:
    (queries, refused) = detection_queries([CATALOGUE[id_]])
    if id_ in refused:
        assert queries == ()
        assert 'no "any element"' in refused[id_]
    else:
        assert [query.text for query in queries] == [
            said_in(Language.INSIGHTS, FilterPattern.parse(CATALOGUE[id_].pattern))
        ]


def test_a_runbook_sends_people_to_a_query_that_stands() -> None:
    # R-QRY-1
    detections = (*CATALOGUE.values(), CALL_VOLUME)
    (queries, refused) = detection_queries(tuple(CATALOGUE.values()))
    stand = {query.full_name("acme") for query in (*queries, *investigation_queries(ACCOUNT))}
    named = {one.id: saved_query_of(one, "acme") for one in detections}
    assert {id_ for id_, name in named.items() if name is None} == set(refused)
    assert {name for name in named.values() if name} <= stand
    assert named["api-call-volume"] == "acme/investigation/calls by caller"
    page = runbook(CALL_VOLUME, log_group_name="g", region="r", saved_query=named["api-call-volume"])
    assert "saved query `acme/investigation/calls by caller`" in page
    assert "There is no saved query" in runbook(CALL_VOLUME, log_group_name="g", region="r")


def test_a_detection_is_filed_under_its_level() -> None:
    root = CATALOGUE["root-activity"].model_copy(update={"level": Level.LOW})
    assert detection_query(root).full_name("acme") == "acme/detections/Low/root-activity"
