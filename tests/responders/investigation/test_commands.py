"""R-RSP-5: incidents are listed, shown, moved on and noted by people, with who and when."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.responders.investigation import commands
from cloudtrail_monitoring.responders.investigation.commands import Search
from cloudtrail_monitoring.responders.investigation.desk import InvestigationError
from cloudtrail_monitoring.responders.runtime.incidents import ORDER, Entry, Incident, IncidentError, Stage
from tests.responders.investigation.desk_samples import HOSTILE, ID, INCIDENT, NOW, OPENED, Bench, attack


def texts(bench: Bench) -> list[str]:
    return [one.text for one in bench.desk.incidents.timeline(ID)]


def listed(bench: Bench, **options: bool) -> str:
    commands.list_incidents(bench.desk, bench.console, **{"show_all": False, "as_json": False, **options})
    return bench.said


def test_open_incidents_are_listed_newest_first_with_what_holds(bench: Bench) -> None:
    bench.open_incident()
    bench.lock(ends_at=NOW + timedelta(minutes=20))
    later = Incident("inc-later", "root_alert", "root", "Root", OPENED + timedelta(hours=1), Stage.ALERT)
    bench.open_incident(later)
    said = listed(bench)
    assert said.index("inc-later") < said.index(ID)
    assert "05:53:41 UTC" in said
    assert "(06:53 CET)" in said
    assert "account_lockout 2026-03-09" in said
    assert "09:20:00 UTC" in said


def test_closed_ones_are_listed_when_asked_for(bench: Bench) -> None:
    bench.open_incident()
    for stage in ORDER[1:]:
        bench.desk.incidents.advance(ID, stage, actor="morgan", at=NOW)
    assert "no open incidents (--all lists closed ones)" in listed(bench)
    assert ID in listed(bench, show_all=True)


def test_a_long_list_is_read_to_its_last_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        bench.open_incident(Incident(f"inc-{number}", "root_alert", "root", "Root", OPENED, Stage.ALERT))
    table = bench.desk.aws.table(bench.desk.tools.configuration.incidents_table)
    table.meta.client.meta.events.register(
        "provide-client-params.dynamodb.Scan", lambda params, **_: {**params, "Limit": 7}
    )
    monkeypatch.setattr(bench.account.aws, "table", lambda _: table)
    assert len(bench.desk.all_incidents()) == 30


def test_lists_for_scripts_are_json_lines(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.open_incident()
    bench.lock(ends_at=NOW)
    listed(bench, as_json=True)
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["id"], told["stage"], told["opened_at"]) == (ID, "alert", OPENED.isoformat())
    assert told["containments"][0]["target"] == "jordan.meyer"


def test_an_incident_is_shown_with_what_is_to_be_done_next(bench: Bench) -> None:
    bench.open_incident()
    bench.lock(ends_at=NOW + timedelta(minutes=20))
    commands.show_incident(bench.desk, bench.console, ID, as_json=False)
    for expected in (
        "responder: locked for half an hour",
        "stands until 2026-03-09 09:20:00 UTC (10:20 CET)",
        "undo now: aws lambda invoke",
        "now: alert",
        "next: assessment",
        "Ask the person concerned by phone",
        f"advance {ID} --to assessment",
        "https://runbooks.example.com/console-login-failures.md",
    ):
        assert expected in bench.said


def test_for_scripts_it_is_shown_as_json(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.open_incident()
    commands.show_incident(bench.desk, bench.console, ID, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["next"]["stage"] == "assessment"
    assert told["timeline"][0]["text"] == "locked for half an hour"


def test_people_move_it_on_in_their_own_name(bench: Bench) -> None:
    bench.open_incident()
    commands.advance(bench.desk, bench.console, ID, "assessment", " looked at ")
    *_, last = bench.desk.incidents.timeline(ID)
    assert last == Entry(NOW, bench.desk.caller, "alert → assessment: looked at")
    assert bench.desk.caller.startswith("arn:aws:sts::123456789012:")


def test_no_stage_is_left_out(bench: Bench) -> None:
    bench.open_incident()
    with pytest.raises(IncidentError, match="only assessment follows"):
        commands.advance(bench.desk, bench.console, ID, "closed", "")
    with pytest.raises(InvestigationError, match="no stage 'done'; there are alert, assessment, impact"):
        commands.advance(bench.desk, bench.console, ID, "done", "")


def test_of_two_people_at_once_one_moves_it_and_the_other_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open_incident()
    second = bench.new_desk()
    read: Any = second.incidents._header(ID)
    commands.advance(bench.desk, bench.console, ID, "assessment", "first")
    monkeypatch.setattr(second.incidents, "_header", lambda _: read)
    with pytest.raises(IncidentError, match="changed by somebody else meanwhile"):
        commands.advance(second, bench.console, ID, "assessment", "second")
    assert bench.desk.incidents.find(ID).stage is Stage.ASSESSMENT
    assert [one for one in texts(bench) if "→" in one] == ["alert → assessment: first"]


def test_a_note_stands_in_the_timeline_as_it_was_written(bench: Bench) -> None:
    bench.open_incident()
    commands.note(bench.desk, bench.console, ID, f"Jordan, by phone: not me {HOSTILE}")
    assert texts(bench)[-1] == f"Jordan, by phone: not me {HOSTILE}"
    assert f"noted in {ID}" in bench.said


@pytest.mark.parametrize(("text", "said"), [(" \n", "an empty note"), ("x" * 10_001, "10,000 are the most")])
def test_notes_that_say_nothing_or_too_much_are_refused(bench: Bench, text: str, said: str) -> None:
    bench.open_incident()
    with pytest.raises(InvestigationError, match=said):
        commands.note(bench.desk, bench.console, ID, text)


def test_a_note_on_nothing_is_refused(bench: Bench) -> None:
    with pytest.raises(IncidentError, match="there is no incident inc-x"):
        commands.note(bench.desk, bench.console, "inc-x", "text")
    assert list(bench.desk.incidents.timeline("inc-x")) == []


def test_uploaded_evidence_lies_under_its_digest_and_is_noted(bench: Bench, tmp_path: Path) -> None:
    # R-RSP-5
    s3 = bench.make_evidence_bucket()
    bench.open_incident()
    bench.log(*attack())
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path, uploaded=True)
    digest = hashlib.sha256((tmp_path / "SHA256SUMS").read_bytes()).hexdigest()
    place = f"evidence/{ID}/{digest[:12]}"
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="sample-logs-evidence")["Contents"]]
    assert keys == [f"{place}/{name}" for name in ("SHA256SUMS", "evidence.json", "records.jsonl.gz")]
    for key in keys:
        stored = s3.get_object(Bucket="sample-logs-evidence", Key=key)["Body"].read()
        assert stored == (tmp_path / key.rpartition("/")[2]).read_bytes()
    assert texts(bench)[-1] == (
        f"evidence uploaded: 11 records, s3://sample-logs-evidence/{place}/, SHA-256 of SHA256SUMS {digest}"
    )


def test_evidence_for_scripts_is_json(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench.open_incident()
    bench.log(*attack())
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path, as_json=True)
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "evidence.json").read_text())
    assert bench.said == ""


def test_the_manifest_is_one_that_sha256sum_reads(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    bench.log(*attack())
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    lines = [line.split("  ") for line in (tmp_path / "SHA256SUMS").read_text().splitlines()]
    assert [name for _, name in lines] == ["evidence.json", "records.jsonl.gz"]
    for digest, name in lines:
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest


def test_hostile_names_never_reach_the_terminal(bench: Bench, tmp_path: Path) -> None:
    # R-RSP-6
    hostile = Incident(ID, HOSTILE, f"user {HOSTILE}", HOSTILE, OPENED, Stage.ALERT)
    bench.open_incident(hostile)
    commands.note(bench.desk, bench.console, ID, HOSTILE)
    record = {
        **attack()[0],
        "userAgent": HOSTILE,
        "awsRegion": HOSTILE,
        "eventSource": HOSTILE,
        "eventName": f"Create{HOSTILE}",
        "errorCode": HOSTILE,
        "userIdentity": {"type": "IAMUser", "userName": HOSTILE, "accountId": HOSTILE, "accessKeyId": HOSTILE},
    }
    bench.log(record)
    listed(bench)
    commands.show_incident(bench.desk, bench.console, ID, as_json=False)
    commands.gather_evidence(bench.desk, bench.console, ID, Search(principals=[f"user {HOSTILE}"]), output=tmp_path)
    assert "records: 1," in bench.said
    assert not {"\x1b", "\u202e"} & set(bench.said)
    assert not {"\x1b", "\u202e"} & set((tmp_path / "evidence.json").read_text())


def test_the_incident_is_still_found_by_a_name_that_was_cleaned(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident(Incident(ID, INCIDENT.kind, "user jor�dan", "odd", OPENED, Stage.ALERT))
    odd = {**attack()[0], "userIdentity": {"type": "IAMUser", "userName": "jor\ndan"}}
    bench.log(odd)
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    assert "records: 1, by those followed: 1" in bench.said
