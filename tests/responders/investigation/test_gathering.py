"""R-RSP-5: the evidence is all that belongs to an incident, the same from the log group and from files."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.responders.investigation import gathering
from cloudtrail_monitoring.responders.investigation.commands import Search, gather_evidence
from cloudtrail_monitoring.responders.investigation.evidence import Evidence
from cloudtrail_monitoring.responders.investigation.evidence_files import gathered_evidence
from cloudtrail_monitoring.responders.investigation.gathering import Gathered, first_leads, gather, window_around
from cloudtrail_monitoring.responders.investigation.sources import FileSource, LogGroupSource
from cloudtrail_monitoring.responders.runtime.containment import Kind
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage
from cloudtrail_monitoring.simulation.records import RecordsError
from tests.responders.investigation.desk_samples import (
    ID,
    INCIDENT,
    LOG_GROUP,
    OPENED,
    Bench,
    Record,
    attack,
    written,
)
from tests.runtime.account import ACCOUNT, REGION

ADDRESS = "203.0.113.57"
WINDOW = window_around(OPENED, hours_before=24, hours_after=1)


def call(
    name: str, minute: float, *, user: str = "jordan.meyer", key: str = "", address: str = ADDRESS, **fields: Any
) -> Record:
    at = OPENED + timedelta(minutes=minute)
    return {
        "eventID": f"{name}-{user}-{minute}",
        "eventName": name,
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "iam.amazonaws.com",
        "awsRegion": REGION,
        "sourceIPAddress": address,
        "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT, "userName": user, "accessKeyId": key},
        "readOnly": False,
        **fields,
    }


def from_files(tmp_path: Path, *records: Record | str, incident: Incident = INCIDENT, **rest: Any) -> Gathered:
    source = FileSource([written(tmp_path / "records.jsonl", *records)])
    return gather(source, first_leads(incident, rest.pop("timeline", ()), **rest), WINDOW)


def names(gathered: Gathered) -> list[str]:
    return [one.event.name for one in gathered.pieces]


def files(directory: Path) -> tuple[bytes, Evidence]:
    found = gathered_evidence(directory, ID)
    assert found is not None
    return (directory / "records.jsonl.gz").read_bytes(), found[0]


def test_both_sources_give_the_same_evidence(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    bench.log(*attack())
    local = written(tmp_path / "records.jsonl", *reversed(attack()), attack()[0])
    gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path / "log")
    gather_evidence(bench.desk, bench.console, ID, Search(records=[local]), output=tmp_path / "files")
    (log_records, log_evidence), (file_records, file_evidence) = files(tmp_path / "log"), files(tmp_path / "files")
    assert log_records == file_records
    own = {"source", "missing"}
    assert log_evidence.model_dump(exclude=own) == file_evidence.model_dump(exclude=own)
    assert log_evidence.source == f"log group {LOG_GROUP} in {REGION}"
    assert log_evidence.records == 11


def test_the_same_again_is_the_same_to_the_byte(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    bench.log(*attack())
    for name in ("first", "second"):
        gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path / name)
    for name in ("records.jsonl.gz", "evidence.json", "SHA256SUMS"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_the_log_group_is_read_to_its_last_page(bench: Bench) -> None:
    bench.log(*(call("GetUser", number / 60) for number in range(40)))
    client = bench.desk.aws.logs
    client.meta.events.register(
        "provide-client-params.cloudwatch-logs.FilterLogEvents",
        lambda params, **_: {**params, "limit": 7},
    )
    looked_at: list[int] = []
    source = LogGroupSource(client, LOG_GROUP, REGION)
    found = gather(source, first_leads(INCIDENT, ()), WINDOW, lambda: looked_at.append(1))
    assert len(found.pieces) == 40
    assert bench.account.calls("FilterLogEvents") >= 6
    assert len(looked_at) >= 40


def test_keys_that_were_made_are_followed_wherever_they_are_used(tmp_path: Path) -> None:
    made = {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}, "user": {"userName": "backup"}}
    gathered = from_files(
        tmp_path,
        call("CreateUser", 1, responseElements={"user": {"userName": "backup"}}),
        call("CreateAccessKey", 2, responseElements=made),
        call("ListBuckets", 5, user="backup", key="AKIAIOSFODNN7EXAMPLE", address="198.51.100.9"),
        call("GetObject", 6, user="somebody", address="198.51.100.9"),
        call("GetObject", 7, user="nobody", address="192.0.2.1"),
    )
    assert names(gathered) == ["CreateUser", "CreateAccessKey", "ListBuckets", "GetObject"]
    assert [one.is_theirs for one in gathered.pieces] == [True, True, True, False]


def test_who_shares_an_address_is_kept_and_not_followed(tmp_path: Path) -> None:
    gathered = from_files(
        tmp_path,
        call("GetUser", 1),
        call("GetUser", 2, user="colleague", key="AKIACOLLEAGUEEXAMPLE"),
        call("PutUserPolicy", 3, user="colleague", key="AKIACOLLEAGUEEXAMPLE", address="192.0.2.200"),
    )
    assert [(one.event.actor.name, one.is_theirs) for one in gathered.pieces] == [
        ("jordan.meyer", True),
        ("colleague", False),
    ]


def test_what_others_did_to_the_user_belongs_to_it(tmp_path: Path) -> None:
    locked = call("PutUserPolicy", 1, user="router", address="lambda.amazonaws.com")
    locked["requestParameters"] = {"userName": "jordan.meyer", "policyName": "xyz-corp-prod-account-lockout"}
    (piece,) = from_files(tmp_path, locked).pieces
    assert not piece.is_theirs


def test_of_an_address_that_sprayed_whoever_got_in_is_followed(tmp_path: Path) -> None:
    spraying = Incident(ID, "password_spraying", ADDRESS, "sprayed", OPENED, Stage.ALERT)
    login: dict[str, Any] = {"eventSource": "signin.amazonaws.com", "responseElements": {"ConsoleLogin": "Success"}}
    gathered = from_files(
        tmp_path,
        call("ConsoleLogin", -1, user="ada", errorMessage="Failed authentication"),
        call("ConsoleLogin", 0, user="ada", **login),
        call("CreateUser", 9, user="ada", address="198.51.100.9"),
        incident=spraying,
    )
    assert names(gathered) == ["ConsoleLogin", "ConsoleLogin", "CreateUser"]


def test_off_hours_changes_lead_to_who_made_them(tmp_path: Path) -> None:
    trail = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/enhanced"
    off_hours = Incident(ID, Kind.ENHANCED_LOGGING, trail, "changes", OPENED, Stage.ALERT)
    gathered = from_files(
        tmp_path,
        call("PutUserPolicy", 0, user="ada"),
        call("ListUsers", -30, user="ada", address="198.51.100.9", readOnly=True),
        call("AttachRolePolicy", 10, user="priya", address="192.0.2.7"),
        call("ListUsers", 11, user="somebody", address="192.0.2.8", readOnly=True),
        incident=off_hours,
        timeline=[Entry(OPENED + timedelta(minutes=10), RESPONDER, "user priya: AttachRolePolicy")],
    )
    assert names(gathered) == ["ListUsers", "PutUserPolicy", "AttachRolePolicy"]


def test_an_investigator_names_further_ones(tmp_path: Path) -> None:
    records = (call("GetUser", 1), call("GetUser", 2, user="ada", address="192.0.2.8"))
    assert len(from_files(tmp_path, *records).pieces) == 1
    assert len(from_files(tmp_path, *records, named=["user ada"]).pieces) == 2


def test_the_time_is_that_of_the_event_and_both_ends_belong_to_it(tmp_path: Path) -> None:
    inside = [call("Inside", minute) for minute in (-24 * 60, 60)]
    outside = [call("Outside", minute) for minute in (-24 * 60 - 1, 61)]
    assert names(from_files(tmp_path, *inside, *outside)) == ["Inside", "Inside"]


def test_the_same_record_counts_once_and_a_different_one_of_its_id_is_told(tmp_path: Path) -> None:
    first = call("GetUser", 1)
    forged = {**first, "eventName": "ListUsers"}
    gathered = from_files(tmp_path, first, first, forged)
    assert len(gathered.pieces) == 2
    assert "1 records differ" in gathered.missing[0]


def test_what_cannot_be_read_is_counted_and_named(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    without_id = {**call("GetUser", 1), "eventID": None}
    bench.log(call("GetUser", 1), "no JSON \x1b[2J", json.dumps([1]), without_id)
    local = written(tmp_path / "records.jsonl", call("GetUser", 1), "no JSON \x1b[2J", "[1]", without_id)
    for search in (Search(), Search(records=[local])):
        gather_evidence(bench.desk, bench.console, ID, search, output=tmp_path / "out")
        _, evidence = files(tmp_path / "out")
        assert evidence.records == 1
        assert evidence.unreadable >= 3
        assert any("no eventID" in one for one in evidence.unreadable_named)
        assert "\x1b" not in "".join(evidence.unreadable_named)
    assert "\x1b" not in bench.said


def test_empty_evidence_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    _, evidence = files(tmp_path)
    assert evidence.records == 0
    assert evidence.missing[0].startswith("No record matched")
    assert "records: 0," in bench.said
    assert "No record matched" in bench.said


def test_what_may_not_have_arrived_yet_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    bench.account.clock.at = OPENED + timedelta(minutes=20)
    gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    assert any("may be absent" in one for one in files(tmp_path)[1].missing)


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [("MAX_ROUNDS", 1, "further leads"), ("MAX_LEADS", 2, "not followed"), ("MAX_RECORDS", 1, "the rest was left")],
)
def test_what_a_limit_left_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str
) -> None:
    monkeypatch.setattr(gathering, limit, value)
    gathered = from_files(tmp_path, call("GetUser", 1, key="AKIAJORDANEXAMPLE000"), call("GetUser", 2))
    assert any(said in one for one in gathered.missing)


def test_standard_input_is_refused_as_it_can_be_read_once_only() -> None:
    with pytest.raises(RecordsError, match="give a file"):
        FileSource([Path("-")])
