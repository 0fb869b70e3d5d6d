"""In words, an alarm that compares with what is usual (R-ALM-5): how much there was, how much is usual, and of whom.

There is no one event to tell of: the mail names who called most and what, with numbers, over all records of the newest
period that could be read. What holds for every alarm is left to ``alarm_text``.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from cloudtrail_monitoring.responders.runtime import alarm_facts as facts
from cloudtrail_monitoring.responders.runtime.alarm_change import AlarmChange, is_call_volume
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.messages import Wording

Fact = tuple[str, Sequence[str]]


def subject(change: AlarmChange, detection: str, events: Sequence[CloudTrailEvent]) -> str:
    """``api-call-volume: 5321 in 15 minutes, usually 80 to 640, most by role ci/build``"""
    # what came before a silence did not cause it
    counts = Counter(map(facts.actor, events)).most_common(1) if change.counted else []
    most = f", most by {counts[0][0]}" if counts else ""
    return f"{detection}: {judged(change)}{most}"


def judged(change: AlarmChange) -> str:
    """``5321 in 15 minutes, usually 80 to 640``"""
    how_many = "none" if change.counted is None else f"{change.counted:.6g}"
    minutes = change.metric.period_seconds // 60 if change.metric else 0
    within = f" in {f'{minutes} minutes' if minutes > 1 else 'a minute'}" if minutes else ""
    return f"{how_many}{within}{_usually(change)}"


def what_is_known(change: AlarmChange, events: Sequence[CloudTrailEvent], wording: Wording) -> Iterator[Fact]:
    """The facts that differ from those of other alarms, in order of use."""
    yield "Alarm", [readable(change.name), judged(change)]
    yield "Who", [facts.counted(map(facts.actor, events)), facts.accounts(events, change.account_id)]
    yield "What", [facts.counted(facts.shown(one.name) for one in events)]
    yield "Services", [facts.counted(facts.shown(one.source.removesuffix(".amazonaws.com"), 30) for one in events)]
    yield "Result", [facts.result(events)]
    yield "From", facts.where(events)
    yield "First", [wording.moment(events[0].at)]
    yield "Last", [wording.moment(events[-1].at)]
    yield "With", [facts.agents(events)]


def why_nothing_was_found(change: AlarmChange) -> list[str]:
    """What an empty log group means: of the volume of calls, more than that it is late."""
    if not is_call_volume(change.metric):
        return ["None was found yet: the log group may lag behind. Search again, below."]
    return [
        "Nothing came in at all: the trail may be stopped, or cut off from its log group.",
        "Look at it first: aws cloudtrail describe-trails, then get-trail-status",
    ]


def _usually(change: AlarmChange) -> str:
    if change.usual is None:
        return ""
    lower, upper = change.usual
    # a count is never negative, whatever the band
    said = [f"{max(lower, 0):.4g}" if lower is not None else "", f"{upper:.4g}" if upper is not None else ""]
    if said[0] and said[1]:
        return f", usually {said[0]} to {said[1]}"
    return f", usually at least {said[0]}" if said[0] else f", usually up to {said[1]}"
