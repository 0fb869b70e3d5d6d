"""An alarm in words, for somebody who is woken by it: who did what from where first, the rest in order of use.

A subject and a line for telephones say it all in short; the mail is short lines, each with its name before it. Facts of
records come from ``alarm_facts``, fit to be shown; what the alarm's own description says was written by the constructs,
and is made fit all the same.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from cloudtrail_monitoring.responders.runtime import alarm_facts as facts
from cloudtrail_monitoring.responders.runtime import unusual_text
from cloudtrail_monitoring.responders.runtime.alarm_change import AlarmChange
from cloudtrail_monitoring.responders.runtime.alarm_records import Findings
from cloudtrail_monitoring.responders.runtime.alerts import MAX_SMS_CHARACTERS, MAX_SUBJECT_CHARACTERS
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.log_search import LogSearch
from cloudtrail_monitoring.responders.runtime.messages import Wording
from cloudtrail_monitoring.responders.runtime.opening_hours import OpeningHours

AROUND = timedelta(hours=1)
"""So far before and after is looked for what else the addresses did."""
FIRST_EVENTS, LAST_EVENTS = 7, 3
_WIDTH = 10

# title, requirement in brackets, level, reason, runbook: as the constructs write it
_DESCRIPTION = re.compile(
    r"(?P<title>.+?)(?: \((?P<requirement>[^()]*)\))?\. Level: (?P<level>\w+)\. (?P<reason>.*) What to do: \S+",
    re.DOTALL,
)
_MEASURES = {
    Kind.ACCOUNT_LOCKOUT: "user {target} is locked out until {end}",
    Kind.GEO_CHALLENGE: "user {target} must log in anew, with MFA, until {end}",
    Kind.ENHANCED_LOGGING: "all data events are recorded until {end}",
}


class Description(NamedTuple):
    """What an alarm's description says of its detection."""

    title: str
    reason: str
    level: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that an alert tells."""

    change: AlarmChange
    detection: str
    level: str
    description: Description
    findings: Findings
    containments: tuple[Containment, ...] = ()
    """Those that stand and concern somebody in the records."""
    hours: OpeningHours | None = None
    """Business hours, where the alarm judges them and they are known."""

    @property
    def events(self) -> tuple[CloudTrailEvent, ...]:
        return self.findings.events


def read_description(text: str) -> Description:
    """The parts of an alarm's description; of one that somebody else wrote, its beginning."""
    found = _DESCRIPTION.fullmatch(text)
    if found is None:
        return Description(readable(text, most=120), "", "")
    return Description(readable(found["title"]), readable(found["reason"], most=400), found["level"])


def subject(story: Story) -> str:
    """``root: CreateAccessKey from 203.0.113.7``, at most 99 ASCII characters."""
    if story.change.against_usual:
        return _cut(unusual_text.subject(story.change, story.detection, story.events), MAX_SUBJECT_CHARACTERS)
    if not story.events:
        return _cut(
            f"{story.detection} in {story.change.account_id}: alarm, records not found yet", MAX_SUBJECT_CHARACTERS
        )
    whom = _first_of(map(_whom_in_short, story.events))
    where = _first_of(facts.shown(one.address, 40) for one in story.events if one.address)
    from_where = f" from {_cut(where, 48)}" if where else ""
    room = MAX_SUBJECT_CHARACTERS - len(from_where)
    return _cut(f"{_cut(whom, room // 2)}: {_what_in_short(story.events)}", room) + from_where


def sms(story: Story, wording: Wording) -> str:
    """The same on one line for telephones, with time and account."""
    at = wording.clock(story.events[-1].at if story.events else story.change.at)
    ending = f", {at}, account {story.change.account_id}"
    beginning = f"{story.level.upper()} {subject(story)}"
    return _cut(beginning, MAX_SMS_CHARACTERS - len(ending)) + ending


def letter(story: Story, wording: Wording, search: LogSearch, configuration: Configuration) -> str:
    """The mail."""
    change = story.change
    lines = [
        f"{story.description.title or story.detection}.",
        f"{story.level}, in account {change.account_id} ({configuration.name_prefix}), {change.region}",
        "",
    ]
    for name, texts in _what_is_known(story, wording) if story.events else _what_is_not_known(story, wording):
        told = [text for text in texts if text]
        lines += [f"{f'{name}:' if not at else '':<{_WIDTH}}{text}" for at, text in enumerate(told)]
    if story.events and not change.against_usual:
        lines += ["", "Events (UTC):", *_listed(story)]
        lines += ["", "The newest event:", wording.link(story.events[-1]), *_around(story, search)]
    return "\n".join([*lines, *_again(story, search)])


Fact = tuple[str, Sequence[str]]


def _what_is_known(story: Story, wording: Wording) -> Iterator[Fact]:
    events = story.events
    if story.change.against_usual:
        yield from unusual_text.what_is_known(story.change, events, wording)
        yield "Done", _done(story, wording)
        yield "Undo now", [wording.undo(one.key) for one in story.containments]
        yield "To do", [wording.runbook(story.detection)]
        yield "Why", [story.description.reason]
        yield "Found", [_found(story.findings)]
        return
    yield "Hours", _doubt_about_hours(story)
    yield "Who", [facts.counted(map(facts.actor, events)), facts.accounts(events, story.change.account_id)]
    yield "What", [facts.what(events)]
    yield "Rate", [facts.counted(facts.shown(one.rate) for one in events if one.rate)]
    yield "Result", [facts.result(events)]
    yield "From", facts.where(events)
    yield "When" if len(events) == 1 else "First", [wording.moment(events[0].at)]
    yield "Last", [wording.moment(events[-1].at)] if len(events) > 1 else []
    yield "MFA", [facts.mfa(events)]
    yield "On", facts.resources(events)
    yield "New key", [facts.made(events)]
    yield "Done", _done(story, wording)
    yield "Undo now", [wording.undo(one.key) for one in story.containments]
    yield "To do", [wording.runbook(story.detection)]
    yield "Why", [story.description.reason]
    yield "With", [facts.agents(events)]
    yield "Alarm", _judged(story)
    yield "Found", [_found(story.findings)]


def _what_is_not_known(story: Story, wording: Wording) -> Iterator[Fact]:
    if story.findings.is_cut_off:
        why = ["The search took too long and was given up. Search again, below."]
    elif story.findings.patterns:
        why = unusual_text.why_nothing_was_found(story.change)
    else:
        why = [
            "No metric filter writes this alarm's metric any more.",
            "Somebody may have deleted it: look at that first.",
        ]
    yield "Records", [*why, _unreadable(story.findings)]
    yield "Begin", [wording.moment(story.change.since)]
    yield "End", [wording.moment(story.change.at)]
    yield "To do", [wording.runbook(story.detection)]
    yield "Why", [story.description.reason]
    yield "Alarm", _judged(story)


def _judged(story: Story) -> list[str]:
    change = story.change
    if change.against_usual:
        return [readable(change.name), unusual_text.judged(change)]
    if change.counted is None or change.threshold is None or change.metric is None:
        return [readable(change.name), readable(change.reason)]
    minutes = change.metric.period_seconds // 60
    window = f"{minutes} minutes" if minutes != 1 else "a minute"
    return [readable(change.name), f"counted {change.counted:g} within {window}, alarms above {change.threshold:g}"]


def _doubt_about_hours(story: Story) -> list[str]:
    """Where a record's own time is within business hours, though its delivery was not."""
    if story.hours is None:
        return []
    within, total = sum(story.hours.contains(one.at) for one in story.events), len(story.events)
    if not within:
        return []
    some = f"{within} of {total} {'was' if within == 1 else 'were'}"
    how_many = "This was" if total == 1 else f"All {total} were" if within == total else some
    return [f"{how_many} WITHIN business hours ({story.hours}):", "the alarm goes by delivery, minutes later."]


def _done(story: Story, wording: Wording) -> list[str]:
    lines = []
    for one in story.containments:
        said = _MEASURES[one.kind].format(target=facts.shown(one.target, 64), end=wording.moment(one.ends_at))
        lines += [said, f"incident {one.incident_id}"]
    return lines + _not_done(story, bool(lines))


def _not_done(story: Story, is_anything_done: bool) -> list[str]:
    if any(one.actor.kind is ActorKind.ROOT and not one.actor.invoked_by for one in story.events):
        return ["nothing about root: no policy limits it.", "Change its password, delete its keys, call AWS"]
    return [] if is_anything_done else ["nothing by the responders so far"]


def _found(findings: Findings) -> str:
    more = (
        f"{findings.most} or more: these are the earliest; all others are missing in the counts"
        if findings.is_cut_off
        else ""
    )
    return ". ".join(filter(None, [more, _unreadable(findings)]))


def _unreadable(findings: Findings) -> str:
    number = findings.unreadable
    return "" if not number else f"{number} log event{'s' if number != 1 else ''} that could not be read"


def _listed(story: Story) -> Iterator[str]:
    events = story.events
    hidden = len(events) - FIRST_EVENTS - LAST_EVENTS
    # what all have in common stands above
    whom, address, region = (
        len({one(event) for event in events}) > 1
        for one in (facts.actor, lambda one: one.address, lambda one: one.region)
    )
    is_one_day = events[0].at.date() == events[-1].at.date()
    for number, one in enumerate(events):
        if hidden > 0 and FIRST_EVENTS <= number < FIRST_EVENTS + hidden:
            if number == FIRST_EVENTS:
                yield f"  ... {hidden} more ..."
            continue
        parts = [
            f"{facts.shown(one.name)} ({facts.shown(one.source.removesuffix('.amazonaws.com'), 30)})",
            facts.error(one),
            facts.shown(one.address, 40) if address else "",
            facts.shown(one.region, 20) if region else "",
            "within business hours" if story.hours and story.hours.contains(one.at) else "",
        ]
        at = f"{one.at:%H:%M:%S}" if is_one_day else f"{one.at:%Y-%m-%d %H:%M:%S}"
        yield f"  {at}  {f'{facts.actor(one)}: ' if whom else ''}{', '.join(filter(None, parts))}"


def _around(story: Story, search: LogSearch) -> list[str]:
    addresses = list(dict.fromkeys(one.address for one in story.events))
    link = search.link(addresses, story.events[0].at - AROUND, story.change.at + AROUND)
    return ["", "All that these addresses did, an hour before to an hour after (Logs Insights):", link] if link else []


def _again(story: Story, search: LogSearch) -> Iterator[str]:
    yield ""
    yield "While the alarm stays in ALARM, what follows is not told. To see it, search again:"
    for pattern in story.findings.patterns:
        yield search.command(pattern, story.findings.begin)
    if not story.findings.patterns:
        yield search.command("", story.findings.begin)


def _what_in_short(events: Sequence[CloudTrailEvent]) -> str:
    most_telling = min(events, key=_rank)
    same = [one for one in events if one.name == most_telling.name]
    failed = " failed" if all(map(facts.is_failed, same)) else ""
    times = f" ({len(same)})" if len(same) > 1 else ""
    others = len({one.name for one in events}) - 1
    return f"{facts.shown(most_telling.name, 40)}{failed}{times}{f' and {others} more' if others else ''}"


def _rank(event: CloudTrailEvent) -> int:
    """A change that succeeded says more than a login, and an attempt more than what was only read."""
    if event.read_only is not False:
        return 3
    if facts.is_failed(event):
        return 2
    return 1 if event.is_login else 0


def _whom_in_short(event: CloudTrailEvent) -> str:
    return "unknown user" if event.actor.is_hidden else facts.actor(event)


def _first_of(texts: Iterable[str]) -> str:
    """The most frequent, and how many others there are."""
    different = list(texts)
    if not different:
        return ""
    most = max(dict.fromkeys(different), key=different.count)
    others = len(set(different)) - 1
    return f"{most} and {others} more" if others else most


def _cut(text: str, most: int) -> str:
    """ASCII, and no longer than that."""
    plain = text.encode("ascii", "replace").decode()
    return plain if len(plain) <= most else f"{plain[: most - 3]}..."
