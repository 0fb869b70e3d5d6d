"""What the page of a replay shows, as plain data: the story, the timeline's places, the messages, the tables.

Nothing here is HTML: the template lays it out and escapes it. Places on the timeline are percentages of its width, so
that it fits a phone and a desk.
"""

import math
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, zip_longest
from typing import Any

from cloudtrail_monitoring.sandbox.notifications import Notification, Sender
from cloudtrail_monitoring.sandbox.replay import ReplayedEvent, ReplayResult
from cloudtrail_monitoring.sandbox.response import Contained
from cloudtrail_monitoring.sandbox.scenario import Finding

_KINDS = {"email": "e-mail", "email-json": "e-mail (JSON)", "sms": "SMS"}
_SENDERS: Mapping[Sender, str] = {"alarm": "alarm", "rule": "EventBridge rule", "responder": "responder"}
_WORDS = {
    "account_lockout": "locked out",
    "enhanced_logging": "enhanced logging",
    "geo_challenge": "challenged",
    "root_alert": "root told",
}
_TICK_DISTANCE_PERCENT = 11
_NARROWEST_BAR_PERCENT = 0.6
# A browser stays quick with this many rows, messages and marks of a lane; the JSON report has all of them.
_EVENTS_ON_PAGE = 2000
_LETTERS_ON_PAGE = 300
_MARKS_IN_LANE = 400


@dataclass(frozen=True)
class Letter:
    """One message with everybody who got it."""

    at: datetime
    sender: Sender
    via: str
    kind: str
    subject: str | None
    text: str
    readers: tuple[str, ...]


def letters(result: ReplayResult) -> list[Letter]:
    """The messages, each once for all readers of the same protocol, in order of time."""
    grouped: dict[tuple[Any, ...], list[Notification]] = {}
    for sent in result.notifications:
        # Mails to several readers differ in the link to unsubscribe only.
        key = (
            sent.at,
            sent.sender,
            sent.via,
            sent.topic_arn,
            sent.protocol,
            sent.subject,
            sent.text.partition("\n--\n")[0],
        )
        grouped.setdefault(key, []).append(sent)
    return [
        Letter(
            at=same[0].at,
            sender=same[0].sender,
            via=same[0].via,
            kind=_kind(same[0].protocol),
            subject=same[0].subject,
            text=same[0].text,
            # The same reader twice: two records led to the same words.
            readers=tuple(dict.fromkeys(sent.endpoint for sent in same)),
        )
        for same in grouped.values()
    ]


def notable(result: ReplayResult) -> list[ReplayedEvent]:
    """The events that some filter, alarm or rule saw."""
    return [event for event in result.events if event.detections or event.alarms or event.rules or event.actions]


def raised_count(result: ReplayResult) -> int:
    """How many times an alarm went to ALARM."""
    return sum(change.new == "ALARM" for change in result.transitions)


def counted(sent: Iterable[Notification]) -> str:
    """`2 e-mails, 1 SMS`; empty where there are none."""
    numbers = Counter(_kind(one.protocol) for one in sent)
    return ", ".join(
        f"{number} SMS" if kind == "SMS" else plural(number, kind)
        for kind, number in sorted(numbers.items(), key=_order)
    )


def _order(kind: tuple[str, int]) -> tuple[bool, str]:
    return kind[0] != _KINDS["email"], kind[0]


def fates(result: ReplayResult, event: ReplayedEvent) -> list[tuple[str, str]]:
    """Each detection with what its alarm made of the event; alarms of another name follow.

    The second is `alarm`, `in alarm already` (it rang before, and sends nothing again) or `silent`.
    """
    raised = {result.detection_id(name) for name in event.raised}
    alarmed = {result.detection_id(name) for name in event.alarms}
    return [
        (id_, "alarm" if id_ in raised else "in alarm already" if id_ in alarmed else "silent")
        for id_ in dict.fromkeys((*event.detections, *sorted(alarmed)))
    ]


def did(done: Contained) -> str:
    """What a responder did, in words."""
    return _WORDS.get(done.kind, done.kind)


def not_judged(result: ReplayResult) -> list[tuple[str, list[str]]]:
    """The alarms that were not judged, by the reason, without the environment's prefix."""
    by_reason: dict[str, list[str]] = {}
    for one in result.not_evaluated:
        by_reason.setdefault(one.why, []).append(result.detection_id(one.alarm))
    return list(by_reason.items())


def contained(result: ReplayResult) -> list[Contained]:
    """What responders held, each once, in order of its beginning; what was only told is left out."""
    held = dict.fromkeys(done for event in result.events for done in event.actions if done.ended is not None)
    return sorted(held, key=lambda done: (done.began, done.kind, done.target))


def plural(number: int, of: str) -> str:
    """`no changes`, `1 change`, `2 changes`."""
    return f"{number or 'no'} {of}{'' if number == 1 else 's'}"


def clock(result: ReplayResult) -> str:
    """How a moment is written: the time, with the date before it where the records span several days."""
    one_day = not result.events or result.events[0].at.date() == result.events[-1].at.date()
    return "%H:%M:%S" if one_day else "%Y-%m-%d %H:%M:%S"


def printable(text: str) -> str:
    """Text of a record made safe to show: control characters, such as a terminal's escape, become U+FFFD."""
    return "".join(
        character if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs") else "\ufffd"
        for character in text
    )


def page(
    result: ReplayResult, deployed: Mapping[str, int], second_plan_changes: int, findings: Sequence[Finding]
) -> dict[str, Any]:
    """Everything that the template shows."""
    attack = [finding for finding in findings if not finding.step.resembles]
    alike = [finding for finding in findings if finding.step.resembles]
    rows = result.events if len(result.events) <= _EVENTS_ON_PAGE else notable(result)[:_EVENTS_ON_PAGE]
    largest = max(deployed.values(), default=1)
    written = letters(result)
    return {
        "span": _span(result),
        "records": len(result.events),
        "resources": sum(deployed.values()),
        "second_plan_changes": second_plan_changes,
        "alarm_count": len(result.alarms),
        "raised": raised_count(result),
        "message_count": len(result.notifications),
        "messages_by_kind": counted(result.notifications),
        "attack": [_step(result, finding) for finding in attack],
        "attack_seen": sum(not finding.deviations for finding in attack),
        "look_alikes": [_step(result, finding) for finding in alike],
        "look_alike_records": sum(len(finding.events) for finding in alike),
        "look_alikes_alarmed": sum(len(finding.false_alarms) for finding in alike),
        "timeline": timeline(result, findings) if result.events else None,
        "letters": [_shown_letter(result, letter) for letter in written[:_LETTERS_ON_PAGE]],
        "letters_left_out": max(len(written) - _LETTERS_ON_PAGE, 0),
        "events": [_row(result, event) for event in rows],
        "events_left_out": len(result.events) - len(rows),
        "deployed": [
            {"type": kind, "count": number, "percent": round(100 * number / largest, 1)}
            for kind, number in sorted(deployed.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        "contained": [_held(result, done) for done in contained(result)],
        "not_evaluated": not_judged(result),
        "unanswered": [printable(line) for line in result.unanswered],
        "unheard": result.unheard,
        "deviations": [printable(line) for finding in findings for line in finding.deviations],
        "unreadable": [printable(str(one)) for one in result.unreadable[:_EVENTS_ON_PAGE]],
        "unreadable_count": len(result.unreadable),
        "speed": f"{result.records_per_second:,.0f}",
    }


def timeline(result: ReplayResult, findings: Sequence[Finding]) -> dict[str, Any]:
    """A lane for each alarm that was judged: a dot for each event it counted, a bar while it was in ALARM."""
    resembling = {event.event_id: finding for finding in findings if finding.step.resembles for event in finding.events}
    seen = notable(result) or list(result.events)
    held = {moment for done in contained(result) for moment in (done.began, done.ended) if moment is not None}
    moments = sorted({event.at for event in seen} | {change.at for change in result.transitions} | held)
    place = _Axis([moment.timestamp() for moment in moments])
    written = clock(result)
    lanes = []
    for name in result.alarms:
        id_ = result.detection_id(name)
        changes = [change for change in result.transitions if change.alarm.name == name]
        bars = []
        for opened, closed in zip_longest(changes, changes[1:]):
            if opened.new != "ALARM":
                continue
            start = place.percent(opened.at)
            end = place.percent(closed.at) if closed else 100.0
            width = max(end - start, _NARROWEST_BAR_PERCENT)
            bars.append({"x": start, "width": round(width, 2), "title": f"{opened.at:{written}} UTC: {opened.reason}"})
        dots = [
            {
                "x": place.percent(event.at),
                "alike": event.event_id in resembling,
                "title": printable(f"{event.at:{written}} UTC: {event.name}, {event.actor}"),
            }
            for event in seen
            if id_ in event.detections or name in event.alarms
        ]
        if not (dots or bars):
            continue
        lanes.append(
            {
                "id": id_,
                "bars": _thinned(bars),
                "dots": _thinned(dots),
                "raised": sum(c.new == "ALARM" for c in changes),
            }
        )
    others = [
        {
            "x": place.percent(event.at),
            "title": printable(f"{event.at:{written}} UTC: {event.name}, {event.actor}"),
        }
        for event in result.events
        if not event.detections
    ]
    return {
        "lanes": lanes,
        "quiet": len(result.alarms) - len(lanes),
        "held": [_held_lane(place, done, written) for done in contained(result)],
        "others": _thinned(others),
        "undetected": len(others),
        "ticks": place.ticks(moments, written),
    }


def _held_lane(place: "_Axis", done: Contained, written: str) -> dict[str, Any]:
    start, end = place.percent(done.began), place.percent(done.ended or done.began)
    return {
        "kind": did(done),
        "target": printable(_short_target(done.target)),
        "x": start,
        "width": round(max(end - start, _NARROWEST_BAR_PERCENT), 2),
        "title": f"{done.began:{written}} to {_end(done, written)} UTC",
    }


def _held(result: ReplayResult, done: Contained) -> dict[str, Any]:
    written, ended = clock(result), done.ended or done.began
    return {
        "kind": did(done),
        "target": printable(_short_target(done.target)),
        "began": f"{done.began:{written}}",
        "ended": _end(done, written),
        "minutes": round((ended - done.began).total_seconds() / 60),
    }


def _end(done: Contained, written: str) -> str:
    """The end, with its date where it is another day's than the beginning."""
    ended = done.ended or done.began
    return f"{ended:{written}}" if ended.date() == done.began.date() or "%d" in written else f"{ended:%d %b {written}}"


def _short_target(target: str) -> str:
    """A user's name as it is, of an ARN the resource."""
    return target.rpartition(":")[2] if target.startswith("arn:") else target


def _thinned(marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The marks of a lane, or where they would hide each other, one for every small part of its width."""
    if len(marks) <= _MARKS_IN_LANE:
        return marks
    return list({round(mark["x"] * _MARKS_IN_LANE / 100): mark for mark in marks}.values())


class _Axis:
    """Time to percent of the width: every gap between two moments gets room by the logarithm of its length."""

    def __init__(self, seconds: Sequence[float]) -> None:
        self._seconds = [seconds[0] - 60, *seconds, seconds[-1] + 60]
        room = [math.log2(2 + (later - earlier) / 60) for earlier, later in pairwise(self._seconds)]
        total, reached = sum(room), 0.0
        self._percents = [0.0]
        for part in room:
            reached += part
            self._percents.append(100 * reached / total)

    def percent(self, at: datetime) -> float:
        """The place of a moment; outside the axis, its nearer end."""
        seconds = min(max(at.timestamp(), self._seconds[0]), self._seconds[-1])
        after = min(bisect_right(self._seconds, seconds), len(self._seconds) - 1)
        start, end = self._seconds[after - 1], self._seconds[after]
        left, right = self._percents[after - 1], self._percents[after]
        return round(left + (right - left) * (seconds - start) / (end - start), 2)

    def ticks(self, moments: Sequence[datetime], written: str) -> list[dict[str, Any]]:
        """Labels at moments that lie far enough apart to be read."""
        labels: list[dict[str, Any]] = []
        for moment in moments:
            x = self.percent(moment)
            if not labels or x - labels[-1]["x"] >= _TICK_DISTANCE_PERCENT:
                labels.append({"x": x, "label": f"{moment:{written}}".removesuffix(f":{moment:%S}")})
        return labels


def _kind(protocol: str) -> str:
    return _KINDS.get(protocol, protocol)


def _span(result: ReplayResult) -> str:
    if not result.events:
        return "no records"
    first, last = result.events[0].at, result.events[-1].at
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%d %B %Y %H:%M}"
    return f"{first:%A, %d %B %Y, %H:%M} to {until} UTC"


def _step(result: ReplayResult, finding: Finding) -> dict[str, Any]:
    first, last = finding.events[0], finding.events[-1]
    sent = dict.fromkeys(one for event in finding.events for one in event.notifications)
    names = Counter(event.name for event in finding.events)
    return {
        "time": f"{first.at:%H:%M:%S}" + (f" to {last.at:%H:%M:%S}" if last is not first else ""),
        "title": finding.step.title,
        "story": finding.step.story.replace("`", ""),
        "events": [printable(f"{number} times {name}" if number > 1 else name) for name, number in names.items()],
        "who": printable(", ".join(dict.fromkeys(event.actor for event in finding.events))),
        "where": printable(", ".join(dict.fromkeys(event.address for event in finding.events))),
        "regions": printable(", ".join(dict.fromkeys(event.region for event in finding.events))),
        "detections": sorted({name for event in finding.events for name in event.detections}),
        "raised": sorted({result.detection_id(name) for event in finding.events for name in event.raised}),
        "held": sorted(
            {result.detection_id(name) for event in finding.events for name in event.alarms}
            - {result.detection_id(name) for event in finding.events for name in event.raised}
        ),
        "resembles": finding.step.resembles,
        "told": counted(sent),
        "done": sorted({did(done) for event in finding.events for done in event.actions}),
        "as_expected": not finding.deviations,
        "false_alarm": bool(finding.false_alarms),
    }


def _shown_letter(result: ReplayResult, letter: Letter) -> dict[str, Any]:
    return {
        "time": f"{letter.at:{clock(result)}}",
        "via": result.detection_id(letter.via),
        "kind": letter.kind,
        "subject": printable(letter.subject or ""),
        "text": printable(letter.text.rstrip()),
        "readers": ", ".join(letter.readers),
        "is_sms": letter.kind == _KINDS["sms"],
        "is_alarm": letter.sender == "alarm",
        "sender": _SENDERS[letter.sender],
    }


def _row(result: ReplayResult, event: ReplayedEvent) -> dict[str, Any]:
    return {
        "time": f"{event.at:%H:%M:%S}",
        "date": f"{event.at:%Y-%m-%d}",
        "name": printable(event.name),
        "service": printable(event.source.removesuffix(".amazonaws.com")),
        "who": printable(event.actor),
        "address": printable(event.address),
        "region": printable(event.region),
        "fates": fates(result, event),
        "told": counted(event.notifications),
        "done": [did(done) for done in event.actions],
        "id": printable(event.event_id),
    }
