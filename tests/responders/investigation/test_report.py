"""R-RSP-5: the report as an auditor reads it, and what a hostile record can't do to it."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion

from cloudtrail_monitoring.responders.investigation import commands
from cloudtrail_monitoring.responders.investigation.commands import Search
from cloudtrail_monitoring.responders.investigation.markdown import markdown_text
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage
from tests.responders.investigation.desk_samples import (
    HOSTILE,
    ID,
    INCIDENT,
    NOW,
    OPENED,
    Bench,
    attack,
    held_up_attack,
)

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# what GitHub turns into a link without being asked: https://github.github.com/gfm/#autolinks-extension-
AUTOLINK = re.compile(r"(?i)https?://|\bwww\.|(?<!\\)@")
APOSTROPHES = re.compile("[\u2019']")


def worked_on(bench: Bench) -> None:
    """An incident that was found, locked, assessed and half-way written up."""
    bench.open_incident()
    bench.log(*held_up_attack())
    bench.lock_and_let_go()
    steps = (
        ("assessment", "mine"),
        ("impact", "not Jordan: guessed, and no MFA"),
        ("containment", "a policy of their own; nothing read as far as is known"),
    )
    for stage, why in steps:
        commands.advance(bench.desk, bench.console, ID, stage, why)
        bench.account.clock.move(minutes=4)
    commands.note(bench.desk, bench.console, ID, "inline-admin deleted, build-tools back at v3, password reset")


def written_report(bench: Bench, directory: Path) -> tuple[str, str]:
    commands.report(bench.desk, bench.console, ID, output=directory)
    return (directory / "report.md").read_text(), (directory / "report.html").read_text()


def test_the_report(bench: Bench, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    # R-RSP-5
    worked_on(bench)
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    markdown, _ = written_report(bench, tmp_path)
    assert markdown == snapshot


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_what_the_markdown_says(bench: Bench, tmp_path: Path) -> None:
    worked_on(bench)
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    markdown, html = written_report(bench, tmp_path)
    page = Page(html)
    headings = [APOSTROPHES.sub("", one) for one in re.findall(r"^## (.+)$", markdown, re.MULTILINE)]
    for heading in headings:
        assert heading in APOSTROPHES.sub("", page.text) or heading in ("Summary", "Stages")
    for said in ("succeeded without MFA", "inline-admin deleted", "7 failed logins", "ended 2026-03-09 06:24:00", ID):
        assert said in page.text
        assert said in markdown


def test_the_page_fetches_nothing_and_runs_nothing(bench: Bench, tmp_path: Path) -> None:
    worked_on(bench)
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    _, html = written_report(bench, tmp_path)
    page = Page(html)
    assert not {"script", "img", "iframe", "link", "object", "embed", "form", "base"} & {tag for tag, _ in page.tags}
    attributes = [(name, value) for _, attrs in page.tags for name, value in attrs.items()]
    assert not [name for name, _ in attributes if name == "src" or name.startswith("on")]
    runbook = "https://runbooks.example.com/console-login-failures.md"
    assert {value for name, value in attributes if name == "href"} == {runbook}
    assert "url(" not in html
    assert "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html


def hostile(bench: Bench, directory: Path) -> tuple[str, str]:
    """A report in which every text that anybody could have chosen is hostile."""
    incident = Incident(ID, HOSTILE, f"user {HOSTILE}", HOSTILE, OPENED, Stage.ALERT)
    bench.open_incident(incident)
    bench.desk.incidents.note(ID, Entry(OPENED, HOSTILE, HOSTILE))
    bench.desk.incidents.note(ID, Entry(OPENED, RESPONDER, HOSTILE))
    bench.lock(HOSTILE, ends_at=NOW + timedelta(hours=1))
    record = {
        **attack()[8],
        "sourceIPAddress": HOSTILE,
        "userAgent": HOSTILE,
        "awsRegion": HOSTILE,
        "eventSource": "iam.amazonaws.com",
        "eventName": f"Create{HOSTILE}",
        "userIdentity": {"type": "IAMUser", "userName": HOSTILE, "accountId": HOSTILE, "accessKeyId": HOSTILE},
        "requestParameters": {"userName": HOSTILE, "policyName": HOSTILE},
    }
    bench.log(record, {**record, "eventID": "b", "errorCode": HOSTILE})
    commands.gather_evidence(bench.desk, bench.console, ID, Search(principals=[f"user {HOSTILE}"]), output=directory)
    return written_report(bench, directory)


def test_hostile_names_stay_text_in_markdown(bench: Bench, tmp_path: Path) -> None:
    # R-RSP-6
    markdown, _ = hostile(bench, tmp_path)
    assert not {"\x1b", "\u202e"} & set(markdown)
    page = Page(MARKDOWN.render(markdown))
    assert AUTOLINK.findall(re.sub(r"(?m)^ {6}.*$", "", markdown)) == ["https://"]
    allowed = {"h1", "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong", "pre", "code"}
    assert {tag for tag, _ in page.tags} - allowed == {"a"}
    assert [attrs["href"] for tag, attrs in page.tags if tag == "a"] == ["https://runbooks.example.com/README.md"]
    assert page.text.count("<script>alert(1)</script>") > 10
    assert "evil" in page.text


def test_hostile_names_make_no_rows_and_columns(bench: Bench, tmp_path: Path) -> None:
    markdown, _ = hostile(bench, tmp_path)
    rows = [line for line in markdown.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} <= {3, 4, 5, 6}
    assert not [line for line in markdown.splitlines() if line.startswith("# ") and ID not in line]


def test_hostile_names_stay_text_on_the_page(bench: Bench, tmp_path: Path) -> None:
    # R-RSP-6
    _, html = hostile(bench, tmp_path)
    page = Page(html)
    assert not {"\x1b", "\u202e"} & set(html)
    assert not {"script", "b"} & {tag for tag, _ in page.tags}
    assert page.text.count("<script>alert(1)</script>") > 10


def test_without_evidence_the_report_says_so(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    markdown, html = written_report(bench, tmp_path)
    for text in (markdown, html):
        assert "No evidence has been gathered" in text
        assert "The stage impact has not begun" in text
    assert f"gather {ID}" in bench.said


def test_empty_evidence_and_what_is_missing_stand_among_the_open_questions(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    markdown, html = written_report(bench, tmp_path)
    for text in (markdown, Page(html).text):
        assert "the evidence is empty" in text
        assert "Evidence: No record matched" in text
        assert "For people to answer: Did a login succeed afterwards" in text


def test_what_succeeded_although_contained_stands_first(bench: Bench, tmp_path: Path) -> None:
    worked_on(bench)
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    markdown, html = written_report(bench, tmp_path)
    (flagged,) = json.loads((tmp_path / "evidence.json").read_text())["although_contained"]
    assert flagged["name"] == "CreateAccessKey"
    assert flagged["outcome"].startswith("succeeded although contained: locked out from 2026-03-09 05:53:41 UTC")
    for text in (markdown, Page(html).text):
        assert text.index("Succeeded although contained") < text.index("user jordan.meyer. Opened")
        # once by itself, once in the timeline
        assert text.count("succeeded although contained: locked out") == 2
    assert "user jordan.meyer: CreateAccessKey (iam) succeeded although contained" in bench.said


def test_where_the_containment_held_nothing_is_flagged(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    bench.log(*(one for one in held_up_attack() if one["eventName"] != "CreateAccessKey"))
    bench.lock_and_let_go()
    commands.gather_evidence(bench.desk, bench.console, ID, Search(), output=tmp_path)
    for text in (*written_report(bench, tmp_path), bench.said):
        assert "although contained" not in text.lower()


def test_a_containment_that_stands_tells_until_when_and_how_to_undo_it(bench: Bench, tmp_path: Path) -> None:
    bench.account.clock.at = OPENED + timedelta(minutes=10)
    bench.open_incident()
    bench.lock(ends_at=OPENED + timedelta(minutes=30))
    markdown, html = written_report(bench, tmp_path)
    for text in (markdown, Page(html).text):
        assert "Account lockout of jordan.meyer still holds until 2026-03-09 06:23:41 UTC (07:23 CET)" in text
        assert "aws lambda invoke" in text


def test_a_containment_that_ended_tells_when_and_how_it_was_undone(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    bench.lock(ends_at=NOW - timedelta(minutes=1))
    markdown, html = written_report(bench, tmp_path)
    for text in (markdown, Page(html).text):
        assert "Account lockout of jordan.meyer" in text
        assert "ended 2026-03-09 09:00:00 UTC (10:00 CET)" in text
        assert "the policy denies nothing after its end, and is then taken off the user" in text
        assert "aws lambda invoke" not in text


def test_a_closed_incident_has_no_stage_ahead(bench: Bench, tmp_path: Path) -> None:
    bench.open_incident()
    for stage in list(Stage)[1:]:
        bench.desk.incidents.advance(ID, stage, actor="morgan", at=NOW)
    markdown, _ = written_report(bench, tmp_path)
    assert "has not begun" not in markdown
    assert "the incident is closed" in markdown
    assert INCIDENT.title in markdown


@pytest.mark.parametrize(
    "text",
    ["# a", "- a", "+ a", "1. a", "1) a", "=== a", "> a", "**a**", "_a_", "`a`", "[a](b)", "![a](b)", "<a>", "&lt;",
     "a|b", "~~a~~", "$a$", "https://evil.example", "www.evil.example", "a@evil.example", "\\", "\\*a\\*", "a\nb"],
)  # fmt: skip
def test_markdown_shows_a_text_letter_by_letter(text: str) -> None:
    shown = markdown_text(text)
    page = Page(MARKDOWN.render(shown))
    assert not AUTOLINK.search(shown)
    assert [tag for tag, _ in page.tags] == ["p"]
    assert page.text.strip() == text.replace("\n", "�")
