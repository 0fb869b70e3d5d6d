"""The runbooks' questions, and what the records answer; where they don't, people have to.

The questions are the runbooks' own: those of pages written from the catalogue stand in ``runbook_guides``, those of
pages written by hand are repeated here, and a test compares them. A table says which kind of answer fits a question.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property

from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.detections.runbook_guides import GUIDES
from cloudtrail_monitoring.responders.investigation.evidence import Answer
from cloudtrail_monitoring.responders.investigation.gathering import Piece
from cloudtrail_monitoring.responders.investigation.leads import is_address
from cloudtrail_monitoring.responders.investigation.touched import CALL, is_change, touches
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.incidents import Incident
from cloudtrail_monitoring.responders.runtime.messages import Wording, who

WRITTEN_BY_HAND: Mapping[str, tuple[str, ...]] = {
    "console-login-failures": (
        "One user from one address (a forgotten password, or guessing), or one address and many users (spraying)?",
        "Did a login succeed afterwards, and with MFA?",
        "Is the address one of ours?",
    ),
    "console-login-without-mfa": (
        "Which user, and is it one that should exist? People should come through SSO.",
        "From where, and has this user logged in from there before?",
        "What did the session do?",
    ),
    "off-hours-iam-policy-change": (
        "Who changed what? A grant to oneself, or of `*`, is the worst sign.",
        "Was it automation that runs at night by plan?",
        "What did the same identity do in the hour before: a login from a new place, a new access key?",
    ),
    "root-activity": (
        "Did one of the people who hold root's credentials just do this? Ask by phone, not by chat.",
        "Console login or access key? Root should have no access key at all.",
        "What was changed? Deleting the archive's bucket policy is the call to look for first.",
    ),
}
_SHOWN = 6
_HOUR = timedelta(hours=1)


class Facts:
    """What the answers are made of."""

    def __init__(self, incident: Incident, pieces: Sequence[Piece], wording: Wording) -> None:
        self.incident = incident
        self.pieces = pieces
        self.theirs = [one.event for one in pieces if one.is_theirs]
        self.moment = wording.moment

    @cached_property
    def failures(self) -> list[CloudTrailEvent]:
        return [one.event for one in self.pieces if one.event.is_failed_login]

    @cached_property
    def logins(self) -> list[CloudTrailEvent]:
        """Those that succeeded."""
        return [one for one in self.theirs if one.is_login and one.login == "Success"]

    @cached_property
    def addresses(self) -> list[str]:
        return list(dict.fromkeys(one.address for one in self.theirs if is_address(one.address)))


def questions(runbook: str, detections: Iterable[Detection]) -> tuple[str, ...]:
    """What a runbook asks first; none where there is no such runbook."""
    if runbook in WRITTEN_BY_HAND:
        return WRITTEN_BY_HAND[runbook]
    detection = next((one for one in detections if one.id == runbook), None)
    told = (runbook, (detection.requirement or "") if detection else "")
    found = (guide for one in told if one for guide in GUIDES if one.startswith(guide.beginnings))
    guide = next(found, None)
    return guide.questions if guide else ()


def answers(
    runbook: str, incident: Incident, pieces: Sequence[Piece], wording: Wording, detections: Iterable[Detection]
) -> tuple[Answer, ...]:
    """The runbook's questions with what the records say to each."""
    facts = Facts(incident, pieces, wording)
    return tuple(
        Answer(question=question, answer=_answer(question, facts)) for question in questions(runbook, detections)
    )


def _answer(question: str, facts: Facts) -> str:
    if not facts.pieces:
        return ""
    return next((answer(facts) for beginning, answer in ANSWERS.items() if question.startswith(beginning)), "")


def _failures(facts: Facts) -> str:
    if not facts.failures:
        return "No failed console login is in the records."
    users = Counter(who(one.actor) for one in facts.failures)
    places = Counter(readable(one.address, most=60) for one in facts.failures)
    first, last = facts.failures[0].at, facts.failures[-1].at
    return (
        f"{_number(len(facts.failures), 'failed login')}, {facts.moment(first)} to {facts.moment(last)}:"
        f" {_counted(users)}; from {_counted(places)}."
    )


def _login_afterwards(facts: Facts) -> str:
    if not facts.failures:
        return _logins(facts)
    since = [one for one in facts.logins if one.at >= facts.failures[0].at]
    if not since:
        return "No: no login succeeded after the first failure, as far as the records reach."
    return f"Yes: {_each(_login(one, facts) for one in since)}."


def _logins(facts: Facts) -> str:
    if not facts.logins:
        return "No console login succeeded, as far as the records reach."
    return f"{_each(_login(one, facts) for one in facts.logins)}."


def _who_from_where(facts: Facts) -> str:
    pairs = Counter((who(one.actor), readable(one.address, most=60)) for one in facts.theirs)
    said = [f"{name} from {address} ({_number(number, 'record')})" for (name, address), number in pairs.most_common()]
    return f"{_each(said)}." if said else ""


def _addresses(facts: Facts) -> str:
    lines = []
    for address in facts.addresses:
        there = [one.event for one in facts.pieces if one.event.address == address]
        before = sum(one.at < facts.incident.opened_at - _HOUR for one in there)
        people = list(dict.fromkeys(who(one.actor) for one in there))
        earlier = f"{_number(before, 'record')} of it" if before else "nothing"
        first = facts.moment(there[0].at)
        lines.append(f"{address}: first seen {first}, {earlier} more than an hour before; used by {_each(people)}")
    return f"{_each(lines, ' / ')}. Whether it is one of ours, the records don't say." if lines else ""


def _changes(facts: Facts) -> str:
    made = [one for one in facts.theirs if is_change(one) and not one.error]
    refused = sum(is_change(one) and bool(one.error) for one in facts.theirs)
    tried = f" {_number(refused, 'further change')} {'was' if refused == 1 else 'were'} refused." if refused else ""
    if not made:
        return f"Nothing was changed, as far as the records reach.{tried}"
    return f"{_each(_change(one) for one in made)}.{tried}"


def _refusals(facts: Facts) -> str:
    refused = Counter(
        f"{readable(one.name, most=60)} ({readable(one.error, most=60)})" for one in facts.theirs if one.error
    )
    return f"{_counted(refused)}." if refused else "Nothing was refused, as far as the records reach."


def _what_succeeded(facts: Facts) -> str:
    near = (one for one in facts.theirs if abs(one.at - facts.incident.opened_at) <= _HOUR and not one.error)
    done = Counter(readable(one.name, most=60) for one in near if not one.is_failed_login)
    return f"Succeeded within an hour: {_counted(done)}." if done else "Nothing else succeeded within an hour."


def _hour_before(facts: Facts) -> str:
    begin = facts.incident.opened_at - _HOUR
    before = [one for one in facts.theirs if begin <= one.at <= facts.incident.opened_at]
    done = Counter(readable(one.name, most=60) for one in before)
    if not done:
        return "Nothing is in the records of the hour before."
    places = Counter(readable(one.address, most=60) for one in before)
    return f"{_counted(done)}; from {_counted(places)}."


def _sessions(facts: Facts) -> str:
    keys: dict[str, list[CloudTrailEvent]] = {}
    for one in facts.theirs:
        if one.actor.access_key_id:
            keys.setdefault(readable(one.actor.access_key_id, most=40), []).append(one)
    lines = []
    for key, events in keys.items():
        changes = sum(is_change(one) and not one.error for one in events)
        refused = sum(bool(one.error) for one in events)
        lines.append(
            f"{key}: {_number(len(events), 'call')}, {_number(changes, 'change')}, {refused} refused,"
            f" {facts.moment(events[0].at)} to {facts.moment(events[-1].at)}"
        )
    return f"{_each(lines, ' / ')}." if lines else "No call with an access key or a session is in the records."


def _login_or_key(facts: Facts) -> str:
    keys = Counter(readable(one.actor.access_key_id, most=40) for one in facts.theirs if _is_long_lived(one))
    with_keys = f"Access keys: {_counted(keys)}." if keys else "No call with a long-lived access key."
    return f"{_logins(facts)} {with_keys}"


def _is_long_lived(event: CloudTrailEvent) -> bool:
    return event.actor.access_key_id.startswith("AKIA")


ANSWERS: Mapping[str, Callable[[Facts], str]] = {
    "One user from one address": _failures,
    "One user and many addresses": _failures,
    "Did a login succeed afterwards": _login_afterwards,
    "Is the address one of ours": _addresses,
    "Are the addresses ours": _addresses,
    "From where": _addresses,
    "Who, and from which address": _addresses,
    "Which user, and is it one": _who_from_where,
    "Which user is it": _who_from_where,
    "Is it one identity": _who_from_where,
    "Who did it": _who_from_where,
    "Who changed what": _changes,
    "What was changed": _changes,
    "Which user, role or key is it about": _changes,
    "Which calls were refused": _refusals,
    "Was it refused": _refusals,
    "Did the same identity succeed": _what_succeeded,
    "What else did the same identity do": _what_succeeded,
    "What did the same identity do": _hour_before,
    "What did the session do": _sessions,
    "Console login or access key": _login_or_key,
}
"""By how a question begins; all others are for people."""


def _login(event: CloudTrailEvent, facts: Facts) -> str:
    mfa = {True: "with MFA", False: "without MFA", None: "the record doesn't say whether with MFA"}[event.mfa]
    return f"{who(event.actor)} from {readable(event.address, most=60)} at {facts.moment(event.at)}, {mfa}"


def _change(event: CloudTrailEvent) -> str:
    named = dict.fromkeys(f"{one.kind} {readable(one.name, most=80)}" for one in touches(event) if one.kind != CALL)
    about = f" ({', '.join(list(named)[:3])})" if named else ""
    return f"{event.at:%H:%M:%S} {readable(event.name, most=60)} by {who(event.actor)}{about}"


def _counted(counts: Counter[str]) -> str:
    return _each(f"{number} × {name}" for name, number in counts.most_common())


def _each(texts: Iterable[str], joint: str = "; ") -> str:
    listed = list(texts)
    more = f"{joint}and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return joint.join(listed[:_SHOWN]) + more


def _number(number: int, of: str) -> str:
    return f"{number:,} {of}{'' if number == 1 else 's'}"
