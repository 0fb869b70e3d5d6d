"""The report: the same facts on the terminal, on the page and as JSON, and a page that no record can break."""

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from cloudtrail_monitoring.sandbox.alarm_evaluation import NotEvaluated
from cloudtrail_monitoring.sandbox.replay import ReplayResult
from cloudtrail_monitoring.sandbox.report import as_json, print_report, write_report
from cloudtrail_monitoring.sandbox.report_page import letters, printable, timeline
from cloudtrail_monitoring.sandbox.response import Contained
from cloudtrail_monitoring.sandbox.scenario import LOOK_ALIKES, SCENARIO, judge
from cloudtrail_monitoring.simulation.records import UnreadableRecord, read_records
from tests.sandbox.monitored_account import (
    PREFIX,
    MonitoredAccount,
    embedded_aws,
    monitored_account,
    record,
    with_alarms_of_the_requirements,
)

DEPLOYED = {"aws_cloudwatch_metric_alarm": 4, "aws_sns_topic": 2}
HOSTILE = '<script>alert("x")</script><img src=x onerror=y>{{ 7 * 7 }}\x1b[31m\u202e'


@pytest.fixture(scope="module")
def account() -> Iterator[MonitoredAccount]:
    with embedded_aws() as aws:
        yield with_alarms_of_the_requirements(monitored_account(aws))


@pytest.fixture(scope="module")
def result(account: MonitoredAccount) -> ReplayResult:
    return account.replay(*read_records([SCENARIO], lambda _: None))


@pytest.fixture(scope="module")
def hostile(account: MonitoredAccount) -> ReplayResult:
    return account.replay(
        record(
            "02:13:00",
            HOSTILE,
            eventID=HOSTILE,
            sourceIPAddress=HOSTILE,
            userIdentity={"type": "Root", "invokedBy": HOSTILE},
            userAgent=HOSTILE,
        ),
        record("02:20:00", HOSTILE, userIdentity={"type": "Root"}, sourceIPAddress=HOSTILE),
    )


def html_of(result: ReplayResult, directory: Path) -> str:
    write_report(result, DEPLOYED, 0, directory)
    return (directory / "report.html").read_text(encoding="utf-8")


def terminal(result: ReplayResult, *, changes: int = 0, width: int = 140) -> str:
    out = io.StringIO()
    print_report(Console(file=out, width=width), result, DEPLOYED, changes)
    return out.getvalue()


def with_a_false_alarm(result: ReplayResult) -> ReplayResult:
    wrong = LOOK_ALIKES[0].event_ids[0]
    alarms = (f"{PREFIX}-console-login-without-mfa",)
    return replace(
        result, events=tuple(replace(one, alarms=alarms) if one.event_id == wrong else one for one in result.events)
    )


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "line", "rect", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "circle"):
            assert self.open.pop() == tag


# -- JSON ---------------------------------------------------------------------------------------------------------


def test_the_json_report_has_the_keys_that_scripts_rely_on(result: ReplayResult, tmp_path: Path) -> None:
    write_report(result, DEPLOYED, 3, tmp_path / "build" / "demo")
    document = json.loads((tmp_path / "build" / "demo" / "report.json").read_text())
    assert document["deployed"] == DEPLOYED
    assert document["second_plan_changes"] == 3
    assert document["look_alikes_alarmed"] == 0
    assert len(document["events"]) == len(result.events)
    for event in document["events"]:
        assert list(event) == ["eventID", "eventName", "detections", "alarms", "notifications", "actions"]
        assert event["actions"] == []


def test_the_json_report_holds_each_message_as_it_was_read(result: ReplayResult) -> None:
    document = as_json(result, DEPLOYED, 0)
    (event,) = (one for one in document["events"] if one["eventName"] == "CreateAccessKey")
    assert event["detections"] == ["root-activity"]
    assert event["alarms"] == [f"{PREFIX}-root-activity"]
    assert [(one["sender"], one["endpoint"]) for one in event["notifications"]] == [
        ("rule", "audit@example.com"),
        ("rule", "security-team@example.com"),
    ]
    assert event["notifications"][0]["text"].startswith('"Root: CreateAccessKey"\n')


def test_a_look_alike_that_alarmed_is_counted(result: ReplayResult) -> None:
    assert as_json(with_a_false_alarm(result), DEPLOYED, 0)["look_alikes_alarmed"] == 1


def test_unreadable_records_are_named(result: ReplayResult, tmp_path: Path) -> None:
    faulty = replace(result, unreadable=(UnreadableRecord("logs.jsonl", 7, "no eventTime"),))
    assert as_json(faulty, DEPLOYED, 0)["unreadable"] == [{"file": "logs.jsonl", "line": 7, "why": "no eventTime"}]
    assert "logs.jsonl:7: no eventTime" in html_of(faulty, tmp_path)
    assert "logs.jsonl:7: no eventTime" in terminal(faulty)


# -- the terminal -------------------------------------------------------------------------------------------------


def test_the_terminal_says_what_became_of_each_event(result: ReplayResult) -> None:
    lines = terminal(result).splitlines()
    row = next(line for line in lines if "05:58:20" in line)
    for cell in ("ConsoleLogin", "jordan.meyer", "203.0.113.57", "console-login-without-mfa → alarm", "2 e-mails"):
        assert cell in row
    assert any("06:25:10" in line and "root-activity → in alarm already" in line for line in lines)
    assert any("12:30:44" in line and "off-hours-iam-policy-change → silent" in line for line in lines)


def test_the_terminal_sums_up(result: ReplayResult) -> None:
    text = terminal(result)
    for words in ("6  resources deployed, no changes in a second plan", "9/9  steps of the attack", "0  look-alikes"):
        assert words in text
    assert "1 change in a second plan" in terminal(result, changes=1)


def test_the_terminal_has_a_section_for_look_alikes(result: ReplayResult) -> None:
    assert "Look-alikes: none alarmed" in terminal(result)
    text = terminal(with_a_false_alarm(result))
    assert "Look-alikes: 1 alarmed" in text
    assert "other than expected: " in text


def test_the_terminal_shows_messages_as_they_are_read(result: ReplayResult) -> None:
    text = terminal(result)
    assert 'ALARM: "acme-prod-console-login-failures" in US East (N. Virginia)' in text
    assert "e-mail to audit@example.com, security-team@example.com" in text
    assert '"Root: CreateAccessKey"' in text
    assert "SMS to +12065550100" in text


def test_a_record_cannot_steer_the_terminal(hostile: ReplayResult) -> None:
    text = terminal(hostile)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "{{ 7" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_report_keeps_to_the_width(result: ReplayResult, width: int) -> None:
    assert max(map(len, terminal(result, width=width).splitlines())) <= width


# -- the page -----------------------------------------------------------------------------------------------------


def test_the_page_is_one_file_without_scripts(result: ReplayResult, tmp_path: Path) -> None:
    html = html_of(result, tmp_path)
    tags = Tags(html)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe", "object", "a"} & {tag for tag, _ in tags.tags}
    assert not any(
        name in ("src", "href") or name.startswith("on") for _, attributes in tags.tags for name in attributes
    )
    assert not re.search(r"url\(|@import", html)


def test_the_page_knows_dark_and_small_screens(result: ReplayResult, tmp_path: Path) -> None:
    html = html_of(result, tmp_path)
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport"' in html
    assert "@media (max-width" in html


def test_the_page_tells_the_story(result: ReplayResult, tmp_path: Path) -> None:
    html = html_of(result, tmp_path)
    for words in ("Guessing a password", "Look-alikes: none alarmed", "aws_cloudwatch_metric_alarm", "in ALARM"):
        assert words in html
    for letter in letters(result):
        assert letter.readers[0] in html


def test_the_page_escapes_what_a_record_says(hostile: ReplayResult, tmp_path: Path) -> None:
    html = html_of(hostile, tmp_path)
    assert not {"script", "img"} & {tag for tag, _ in Tags(html).tags}
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html
    assert "\x1b" not in html


def test_half_a_character_of_a_record_does_not_stop_the_page(account: MonitoredAccount, tmp_path: Path) -> None:
    halved = account.replay(record("02:13:00", "Create\ud83dUser", userIdentity={"type": "Root"}))
    assert "Create\ufffdUser" in html_of(halved, tmp_path)
    assert "Create\ufffdUser" in terminal(halved)


def test_a_replay_of_other_records_has_no_story(account: MonitoredAccount, tmp_path: Path) -> None:
    other = account.replay(record("02:13:00"))
    html = html_of(other, tmp_path)
    assert "step by step" not in html
    assert "Look-alikes" not in html + terminal(other)


def test_a_replay_of_nothing_has_a_page(account: MonitoredAccount, tmp_path: Path) -> None:
    nothing = account.replay()
    assert "None were sent." in html_of(nothing, tmp_path)
    assert "none" in terminal(nothing)


def test_alarms_that_were_not_judged_are_on_the_page(result: ReplayResult, tmp_path: Path) -> None:
    skipped = replace(result, not_evaluated=(NotEvaluated("acme-prod-volume", "it is composed of other alarms"),))
    assert "because it is composed of other alarms" in html_of(skipped, tmp_path)
    assert "not judged, because it is composed of other alarms: volume" in terminal(skipped)


def test_what_responders_did_is_on_all_three(result: ReplayResult, tmp_path: Path) -> None:
    began = result.events[0].at
    locked = Contained("account_lockout", "jordan", began, began + timedelta(minutes=30))
    told = Contained("root_alert", "root", began, None)
    first = replace(result.events[0], actions=(locked, told))
    answered = replace(result, has_responders=True, events=(first, *result.events[1:]))
    html = html_of(answered, tmp_path)
    assert "What the responders did, and when it ended" in html
    assert "<td>jordan</td><td>30</td>" in html
    assert "locked out" in terminal(answered)
    stamp = began.isoformat()
    assert as_json(answered, DEPLOYED, 0)["events"][0]["actions"] == [
        {
            "kind": "account_lockout",
            "target": "jordan",
            "began": stamp,
            "ended": locked.ended and locked.ended.isoformat(),
        },
        {"kind": "root_alert", "target": "root", "began": stamp, "ended": None},
    ]


def test_without_responders_nothing_is_said_of_them(result: ReplayResult, tmp_path: Path) -> None:
    assert "What the responders did" not in html_of(result, tmp_path)


def test_messages_that_reached_nobody_are_on_the_page(result: ReplayResult, tmp_path: Path) -> None:
    unheard = replace(result, unheard=("acme-prod-root-activity: its topic has no subscriptions",))
    assert "Nobody was told: acme-prod-root-activity" in html_of(unheard, tmp_path)
    assert "nobody was told: acme-prod-root-activity" in terminal(unheard)


def test_the_timeline_has_a_lane_for_each_alarm(result: ReplayResult) -> None:
    lanes = timeline(result, judge(result))["lanes"]
    assert {lane["id"]: (lane["raised"], len(lane["bars"])) for lane in lanes} == {
        "console-login-failures": (1, 1),
        "root-activity": (2, 2),
        "off-hours-iam-policy-change": (3, 3),
        "console-login-without-mfa": (2, 2),
    }


def test_the_timeline_keeps_the_order_of_time_and_its_width(result: ReplayResult) -> None:
    for lane in timeline(result, judge(result))["lanes"]:
        places = [dot["x"] for dot in lane["dots"]]
        assert places == sorted(places)
        assert all(0 <= place <= 100 for place in places)
        assert all(bar["x"] + bar["width"] <= 100.7 for bar in lane["bars"])


def test_a_long_replay_still_makes_a_small_page(account: MonitoredAccount, tmp_path: Path) -> None:
    times = [
        f"{minute // 60:02d}:{minute % 60:02d}:{second:02d}" for minute in range(720) for second in (0, 15, 30, 45)
    ]
    long = account.replay(*(record(at, number=number + 1) for number, at in enumerate(times)))
    html = html_of(long, tmp_path)
    assert len(html) < 2_000_000
    assert "records are left out here" in html


def test_printable_keeps_text_and_line_breaks() -> None:
    assert printable("a\tb\nç日") == "a\tb\nç日"
    assert printable("\x07\x1b\u202e\ud800") == "\ufffd" * 4
