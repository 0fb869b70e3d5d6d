"""The report of a replay: on the terminal, as a page to read and show, and as JSON for scripts.

All three say the same: each event with its detections, alarms and messages, whether the look-alikes stayed silent, and
what was deployed. The page is one file without scripts or outside resources; whatever comes from a record is escaped.
Laying out the page's data is left to ``report_page``, the judgement to ``scenario``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.sandbox.notifications import Notification
from cloudtrail_monitoring.sandbox.replay import ReplayedEvent, ReplayResult
from cloudtrail_monitoring.sandbox.report_page import (
    Letter,
    clock,
    counted,
    did,
    fates,
    letters,
    not_judged,
    notable,
    page,
    plural,
    printable,
    raised_count,
)
from cloudtrail_monitoring.sandbox.response import Contained
from cloudtrail_monitoring.sandbox.scenario import Finding, judge

HTML_NAME = "report.html"
JSON_NAME = "report.json"

# What a terminal shows at most; the page and the JSON go further.
_SHOWN_EVENTS = 200
_SHOWN_LETTERS = 60
_SHOWN_FAULTS = 20
_STYLES = {"alarm": "bold red", "silent": "green"}
_FOLD = "\n\nThreshold:"  # where the part of an alarm's mail begins that only repeats how the alarm is set up


def write_report(result: ReplayResult, deployed: Mapping[str, int], second_plan_changes: int, directory: Path) -> None:
    """Write ``report.html`` and ``report.json`` into ``directory``, which is made if it is missing.

    Args:
        result: What the replay found.
        deployed: Resources by Terraform type.
        second_plan_changes: How many changes a second plan of the same configuration shows; 0 is what it should be.
        directory: Where to write; files of an earlier run are replaced.
    """
    directory.mkdir(parents=True, exist_ok=True)
    findings = judge(result)
    document = as_json(result, deployed, second_plan_changes)
    (directory / JSON_NAME).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("cloudtrail_monitoring.sandbox", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("report.html.j2").render(page(result, deployed, second_plan_changes, findings))
    (directory / HTML_NAME).write_text(html, encoding="utf-8", errors="replace")


def as_json(result: ReplayResult, deployed: Mapping[str, int], second_plan_changes: int) -> dict[str, Any]:
    """The report as the JSON document that scripts read; event order is order of time."""
    return {
        "deployed": dict(deployed),
        "second_plan_changes": second_plan_changes,
        "events": [
            {
                "eventID": event.event_id,
                "eventName": event.name,
                "detections": list(event.detections),
                "alarms": list(event.alarms),
                "notifications": [_notification(sent) for sent in event.notifications],
                "actions": [_action(done) for done in event.actions],
            }
            for event in result.events
        ],
        "look_alikes_alarmed": _false_alarms(judge(result)),
        "transitions": [
            {"alarm": change.alarm.name, "at": change.at.isoformat(), "from": change.old, "to": change.new,
             "reason": change.reason}
            for change in result.transitions
        ],
        "not_evaluated": [{"alarm": alarm.alarm, "why": alarm.why} for alarm in result.not_evaluated],
        "unheard": list(result.unheard),
        "unanswered": list(result.unanswered),
        "unreadable": [{"file": one.file, "line": one.line, "why": one.why} for one in result.unreadable],
    }  # fmt: skip


def print_report(console: Console, result: ReplayResult, deployed: Mapping[str, int], second_plan_changes: int) -> None:
    """Print the report: summary, events, look-alikes, messages, and what could not be done."""
    findings = judge(result)
    console.print(_summary(result, deployed, second_plan_changes, findings))
    console.print(_events(result))
    if findings:
        console.print(_look_alikes(findings))
    console.print(_messages(letters(result), clock(result)))
    for line in _faults(result, findings):
        console.print(line)


def _action(done: Contained) -> dict[str, Any]:
    ended = done.ended.isoformat() if done.ended else None
    return {"kind": done.kind, "target": done.target, "began": done.began.isoformat(), "ended": ended}


def _notification(sent: Notification) -> dict[str, Any]:
    return {
        "at": sent.at.isoformat(),
        "sender": sent.sender,
        "via": sent.via,
        "topic": sent.topic_arn,
        "protocol": sent.protocol,
        "endpoint": sent.endpoint,
        "subject": sent.subject,
        "text": sent.text,
    }


def _false_alarms(findings: Sequence[Finding]) -> int:
    return sum(len(finding.false_alarms) for finding in findings)


def _summary(result: ReplayResult, deployed: Mapping[str, int], changes: int, findings: Sequence[Finding]) -> Panel:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="bold", justify="right")
    rows.add_column(style="dim")
    events = result.events
    span = f"{events[0].at:%d %b %Y %H:%M} to {events[-1].at:%d %b %Y %H:%M} UTC" if events else "none"
    rows.add_row(str(len(events)), Text(f"records replayed, {span}", style="default"))
    rows.add_row(str(sum(deployed.values())), f"resources deployed, {plural(changes, 'change')} in a second plan")
    rows.add_row(str(raised_count(result)), f"times an alarm went off, of {plural(len(result.alarms), 'alarm')}")
    rows.add_row(str(len(result.notifications)), f"messages: {counted(result.notifications) or 'none'}")
    attack = [finding for finding in findings if not finding.step.resembles]
    if attack:
        seen = sum(not finding.deviations for finding in attack)
        rows.add_row(f"{seen}/{len(attack)}", "steps of the attack alarmed as expected")
    if len(attack) < len(findings):
        alarmed = _false_alarms(findings)
        rows.add_row(str(alarmed), Text("look-alikes alarmed", style="bold red" if alarmed else "green"))
    rows.add_row(f"{result.records_per_second:,.0f}", "records matched and judged in a second")
    return Panel(rows, title="Replay", title_align="left", border_style="cyan", expand=False)


def _events(result: ReplayResult) -> Group:
    table = Table(expand=True, header_style="bold", border_style="dim")
    table.add_column("UTC", no_wrap=True, style="dim")
    for heading, ratio in (("what", 3), ("who", 4), ("from", 2), ("detection → alarm", 5), ("told", 2)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    seen = notable(result)
    for event in seen[:_SHOWN_EVENTS]:
        table.add_row(
            f"{event.at:{clock(result)}}",
            Text(printable(event.name)),
            Text(printable(event.actor)),
            Text(printable(f"{event.address}\n{event.region}")),
            _fate(result, event),
            counted(event.notifications),
        )
    notes = [
        f"{plural(number, 'record')} {why} left out"
        for number, why in (
            (len(seen) - _SHOWN_EVENTS, "with detections"),
            (len(result.events) - len(seen), "without any detection"),
        )
        if number > 0
    ]
    return Group(table, Padding(Text(", ".join(notes), style="dim"), (0, 0, 1, 1)))


def _fate(result: ReplayResult, event: ReplayedEvent) -> Text:
    lines = [
        Text.assemble((id_, "yellow"), " → ", (words, _STYLES.get(words, "red"))) for id_, words in fates(result, event)
    ]
    lines += [Text(word, style="bold blue") for word in dict.fromkeys(did(done) for done in event.actions)]
    return Text("\n").join(lines)


def _look_alikes(findings: Sequence[Finding]) -> Group:
    alarmed = _false_alarms(findings)
    verdict = f"{alarmed} alarmed" if alarmed else "none alarmed"
    rows = Table.grid(padding=(0, 2), expand=True)
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=2)
    rows.add_column(ratio=5, style="dim")
    for finding in findings:
        if finding.step.resembles:
            mark = Text("alarmed", style="bold red") if finding.false_alarms else Text("silent", style="green")
            rows.add_row(mark, finding.step.title, finding.step.story.replace("`", ""))
    return Group(Rule(f"Look-alikes: {verdict}", align="left", style="red" if alarmed else "green"), rows, Text())


def _messages(all_letters: Sequence[Letter], written: str) -> Group:
    """Every message; an alarm's mail in full once, as its later ones differ in times and counts only."""
    parts: list[Any] = [Rule("Messages, as they are read", align="left", style="cyan")]
    told: set[str] = set()
    for letter in all_letters[:_SHOWN_LETTERS]:
        title = Text(printable(letter.text if letter.kind == "SMS" else letter.subject or letter.via))
        to = Text(f"{letter.at:{written}} UTC, {letter.kind} to {', '.join(letter.readers)}", style="dim")
        if letter.kind == "SMS" or (letter.sender == "alarm" and letter.via in told):
            parts.append(Padding(Group(to, title), (0, 0, 1, 2)))
            continue
        if letter.sender == "alarm":
            told.add(letter.via)
        text, folded, _ = letter.text.partition(_FOLD)
        body = Text(printable(text.partition("\n\n--\n")[0].rstrip()))
        if folded:
            body.append(f"\n… how the alarm is set up follows, see {HTML_NAME}", style="dim italic")
        parts.append(Panel(Group(to, Text(), body), title=title, title_align="left", border_style="dim"))
    left_out = len(all_letters) - _SHOWN_LETTERS
    if not all_letters or left_out > 0:
        parts.append(Text(f"and {left_out} more" if left_out > 0 else "none", style="dim"))
    return Group(*parts)


def _faults(result: ReplayResult, findings: Sequence[Finding]) -> list[Text]:
    lines = [f"not judged, because {why}: {', '.join(alarms)}" for why, alarms in not_judged(result)]
    lines += [f"nobody was told: {line}" for line in result.unheard]
    lines += [f"not answered: {line}" for line in result.unanswered]
    lines += [f"other than expected: {line}" for finding in findings for line in finding.deviations]
    if result.unreadable:
        lines.append(f"{plural(len(result.unreadable), 'record')} could not be read:")
        lines += [f"  {one}" for one in result.unreadable[:_SHOWN_FAULTS]]
        more = len(result.unreadable) - _SHOWN_FAULTS
        lines += [f"  and {more} more, all of them in {JSON_NAME}"] if more > 0 else []
    return [Text(printable(line), style="yellow") for line in lines]
