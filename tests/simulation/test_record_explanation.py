"""One record explained: in full where it is counted, in a line where it is not."""

import io
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from cloudtrail_monitoring.simulation.deployed_detections import read_detections
from cloudtrail_monitoring.simulation.record_explanation import explain_record, print_explained
from tests.simulation.terraform_documents import alarm, document, metric_filter

CREATED = '{ $.eventSource = "iam.amazonaws.com" && $.eventName = "CreateUser" }'
DELETED = '{ $.eventSource = "iam.amazonaws.com" && $.eventName = "DeleteUser" }'
STOPPED = '{ $.eventSource = "cloudtrail.amazonaws.com" && $.eventName = "StopLogging" }'
DETECTIONS = read_detections(
    document(
        [metric_filter("stopped", STOPPED), metric_filter("deleted", DELETED), metric_filter("created", CREATED)],
        [alarm("created", "Medium")],
    )
).detections
RECORD = {
    "eventID": "event-1",
    "eventName": "CreateUser",
    "eventSource": "iam.amazonaws.com",
    "eventTime": "2026-03-12T02:13:00Z",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.7",
    "userIdentity": {"type": "IAMUser", "userName": "jordan"},
}


def printed(
    record: Mapping[str, Any] = RECORD, *, in_full: bool = False, width: int = 140, terminal: bool = False
) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, color_system=None)
    print_explained(console, explain_record(dict(record), DETECTIONS), in_full=in_full)
    return out.getvalue()


def test_the_heading_says_what_when_who_and_from_where() -> None:
    heading = "\n".join(printed().splitlines()[:5])
    for part in ("CreateUser", "2026-03-12T02:13:00Z", "jordan", "192.0.2.7", "event-1"):
        assert part in heading


def test_what_counts_the_record_is_shown_clause_by_clause() -> None:
    lines = printed().splitlines()
    at = lines.index("✓ created  Medium")
    assert [line.strip()[0] for line in lines[at + 1 : lines.index("", at)]] == ["✓"] * 3
    assert any('$.eventName = "CreateUser"' in line for line in lines[at:])


def test_what_does_not_count_it_has_a_line_with_the_reason_the_nearest_first() -> None:
    others = [line for line in printed().splitlines() if line.startswith("✗")]
    assert [line.split()[1] for line in others] == ["deleted", "stopped"]
    assert "DeleteUser" in others[0]
    assert "iam.amazonaws.com" not in others[0]  # that clause holds


def test_in_full_shows_the_clauses_that_fail_too() -> None:
    text = printed(in_full=True)
    assert '✗ $.eventName is "CreateUser", not "DeleteUser"' in text
    assert '✓ $.eventSource = "iam.amazonaws.com"' in text


def test_a_record_that_nothing_counts_says_so() -> None:
    assert "no detection counts this record" in printed({**RECORD, "eventName": "ListUsers"})


def test_a_terminal_gets_no_line_wider_than_itself_and_a_pipe_whole_ones() -> None:
    long = {**RECORD, "eventSource": "x" * 50}
    clause = f'$.eventSource is "{"x" * 50}", not "iam.amazonaws.com"'
    assert max(map(len, printed(long, in_full=True, width=60, terminal=True).splitlines()[6:])) <= 60
    assert any(clause in line for line in printed(long, in_full=True, width=60).splitlines())


def test_what_the_record_says_can_neither_colour_nor_hide() -> None:
    text = printed({**RECORD, "eventName": "\x1b[31m[red]", "userIdentity": {"userName": "\u202eeve"}}, in_full=True)
    assert "[red]" in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_as_json_each_filter_has_its_clauses_and_the_reason() -> None:
    explained = explain_record(RECORD, DETECTIONS).as_json()
    assert explained["eventID"] == "event-1"
    assert explained["detections"] == ("created",)
    stopped, _, created = explained["filters"]
    assert (stopped["id"], stopped["matches"], stopped["level"]) == ("stopped", False, None)
    assert stopped["why_not"]
    assert (created["id"], created["matches"], created["why_not"]) == ("created", True, [])
    assert [clause["depth"] for clause in created["clauses"]] == [0, 1, 1]
