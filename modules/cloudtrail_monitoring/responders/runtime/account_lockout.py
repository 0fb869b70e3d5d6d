"""R-RSP-1: too many failed console logins lock the user's sessions since then, for a while; spraying is told.

More than five failures of one user in 15 minutes, in the events' own time, deny everything to the sessions the user
opened since the burst began. The lockout ends by itself, half an hour after the last failure. Somebody who fails on
purpose can prolong it, but only to so many minutes a day; what somebody lifted by hand is not held again for the same
burst. A name that AWS hid is nobody's: such failures count by address, as do those of many users from one address, and
are told.

Who is never locked out, the switch and the circuit breaker are left to ``safety``.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from cloudtrail_monitoring.responders.runtime.alerts import Alert
from cloudtrail_monitoring.responders.runtime.answered import Answered
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import (
    HIDDEN_NAME,
    Actor,
    ActorKind,
    CloudTrailEvent,
    readable,
)
from cloudtrail_monitoring.responders.runtime.configuration import Lockout
from cloudtrail_monitoring.responders.runtime.containment import (
    LIFTED,
    SINCE,
    Containment,
    Kind,
    MeasureRefusedError,
)
from cloudtrail_monitoring.responders.runtime.episodes import Episode, join
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage
from cloudtrail_monitoring.responders.runtime.login_failures import Burst, Failure, LoginFailures, network_of
from cloudtrail_monitoring.responders.runtime.messages import who
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.responders.runtime.safety import BREAKER_OPEN

RUNBOOK = "console-login-failures"
SPRAYING = "password_spraying"
USED_MINUTES, DAY = "used_minutes", "day"
"""Among a containment's details: for how long the user had been locked out that day before."""


class AccountLockout:
    """The responder to failed console logins."""

    def __init__(self, tools: Toolbox, settings: Lockout) -> None:
        self._tools = tools
        self._settings = settings
        self._window = timedelta(minutes=settings.window_minutes)
        self._failures = LoginFailures(tools.state, self._window)
        self._answered = Answered(tools.state, Kind.ACCOUNT_LOCKOUT, tools.now)

    def respond(self, event: CloudTrailEvent) -> None:
        if event.is_failed_login and event.id not in self._answered:
            self._answer(event)
            self._answered.add(event.id)

    def _answer(self, event: CloudTrailEvent) -> None:
        self._failures.remember(event)
        if _is_told_apart(event.actor):
            burst = self._failures.of_user(event, self._settings.failures)
            if burst is not None:
                self._locked_or_told(event, burst)
        self._look_for_spraying(event)

    def _locked_or_told(self, event: CloudTrailEvent, burst: Burst) -> None:
        subject = who(event.actor)
        episode = join(self._tools.state, Kind.ACCOUNT_LOCKOUT, subject.casefold(), event.at, gap=self._window)
        self._open(episode, subject, f"{len(burst.failures)} failed console logins of {subject}")
        objection = self._tools.safety.objection(event.actor, Kind.ACCOUNT_LOCKOUT)
        if objection is not None:
            if objection.startswith(BREAKER_OPEN):
                self._tell_of_the_breaker(event, objection)
            self._not_locked(event, burst, episode, objection)
            return
        wanted = self._wanted(event, burst, episode)
        known = self._tools.containments.find(wanted.key)
        if known and _is_lifted(known, episode):
            self._not_locked(event, burst, episode, "somebody has lifted the lockout by hand")
            return
        if wanted.ends_at <= self._tools.now():
            self._not_locked(event, burst, episode, self._too_late(wanted))
            return
        try:
            held = self._tools.containments.hold(wanted)
        except MeasureRefusedError as refused:
            self._not_locked(event, burst, episode, str(refused))
            return
        ends = self._tools.wording.moment(held.ends_at)
        self._note(episode, held.began, f"locked until {ends}")
        self._tell(event, burst, episode, held=held, done=f"locked {self._how()} until {ends}")

    def _not_locked(self, event: CloudTrailEvent, burst: Burst, episode: Episode, why: str) -> None:
        self._note(episode, event.at, f"not locked: {why}")
        self._tell(event, burst, episode, done=f"nothing: {why}")

    def _wanted(self, event: CloudTrailEvent, burst: Burst, episode: Episode) -> Containment:
        now = self._tools.now().replace(microsecond=0)
        ends_at = burst.last + timedelta(minutes=self._settings.lock_minutes)
        details = {} if self._settings.full else {SINCE: burst.began.isoformat()}
        wanted = Containment(Kind.ACCOUNT_LOCKOUT, event.actor.name, now, ends_at, episode.id, details)
        known = self._tools.containments.find(wanted.key)
        began, used = _standing_since(known, now)
        latest = began + timedelta(minutes=self._settings.most_minutes_a_day - used)
        counted = {USED_MINUTES: str(used), DAY: began.date().isoformat()}
        return replace(wanted, ends_at=min(ends_at, latest), details={**details, **counted})

    def _too_late(self, wanted: Containment) -> str:
        most = self._settings.most_minutes_a_day
        return (
            f"the burst was told too late, or the user has been locked for {most} minutes today already: the lockout"
            f" would have ended at {self._tools.wording.moment(wanted.ends_at)}"
        )

    def _look_for_spraying(self, event: CloudTrailEvent) -> None:
        failures = self._failures.of_address(event)
        named = {one.user for one in failures if one.user and not _is_hidden(one)}
        hidden = [one for one in failures if _is_hidden(one)]
        if len(named) <= self._settings.sprayed_users and len(hidden) <= self._settings.failures:
            return
        address = readable(event.address, most=60)
        network = readable(network_of(event.address), most=60)
        episode = join(self._tools.state, SPRAYING, network, event.at, gap=self._window)
        what = f"{len(failures)} failed console logins from {address}"
        self._open(episode, address, what, kind=SPRAYING)
        names = ", ".join(sorted(readable(name, most=64) for name in named)[:10])
        facts = (
            ("What", f"{len(failures)} failed console logins within {self._settings.window_minutes} minutes"),
            ("From", f"{address}, in {readable(event.region, most=20)}"),
            ("Users", f"{len(named)} known ones{f': {names}' if names else ''}"),
            ("Hidden", f"{len(hidden)} names that no user has, which AWS hides" if hidden else ""),
            ("When", self._between(failures[0].at, failures[-1].at)),
            ("Done", "nothing: an address is not locked, as it may be shared; block it at your identity provider"),
            ("Incident", episode.id),
        )
        self._tools.alerts.tell(
            Alert(
                key=episode.id,
                subject=f"Password spraying from {address}: {len(named)} users, {len(hidden)} unknown names",
                text=self._tools.wording.letter(
                    "One address tries to log in as many users.", facts, [event], runbook=RUNBOOK
                ),
            )
        )

    def _tell(
        self, event: CloudTrailEvent, burst: Burst, episode: Episode, *, done: str, held: Containment | None = None
    ) -> None:
        subject, number = who(event.actor), len(burst.failures)
        addresses = sorted({readable(one.address, most=60) for one in burst.failures})
        undo = self._tools.wording.undo(held.key) if held else ""
        locked = f"Locked until {self._tools.wording.clock(held.ends_at)}" if held else "NOT LOCKED"
        facts = (
            ("Who", subject),
            ("What", f"{number} failed console logins within {self._settings.window_minutes} minutes"),
            ("When", self._between(burst.began, burst.last)),
            ("From", ", ".join(addresses[:10])),
            ("Done", done),
            ("Goes on", self._what_goes_on() if held else ""),
            ("Undo now", undo),
            ("", "it is not locked again for this burst then" if held else ""),
            ("Incident", episode.id),
        )
        self._tools.alerts.tell(
            Alert(
                key=f"{episode.id}#{f'locked#{held.began.isoformat()}' if held else 'told'}",
                subject=f"{locked}: {subject}, {number} failed console logins",
                text=self._tools.wording.letter(
                    f"Somebody is guessing the password of {subject}.", facts, [event], runbook=RUNBOOK
                ),
                sms=f"{locked}: {subject}, {number} failed logins from {addresses[0]}" if held else "",
            )
        )

    def _tell_of_the_breaker(self, event: CloudTrailEvent, why: str) -> None:
        now, account = self._tools.now(), self._tools.configuration.account_id
        facts = (
            ("Why", why),
            ("First", f"{who(event.actor)} is not locked, and neither is anybody who comes next"),
            ("Done", "nothing: who fails to log in as everybody must not lock everybody out"),
        )
        self._tools.alerts.tell(
            Alert(
                key=f"{BREAKER_OPEN}#{Kind.ACCOUNT_LOCKOUT}#{now:%Y-%m-%dT%H}",
                subject=f"NOBODY IS LOCKED OUT any more in account {account}: the circuit breaker is open",
                text=self._tools.wording.letter(
                    "Too many users were locked out at once; responders now only tell.", facts, [event], runbook=RUNBOOK
                ),
                sms=f"Circuit breaker open in {account}: failed logins lock nobody out any more",
            )
        )

    def _open(self, episode: Episode, subject: str, title: str, *, kind: str = Kind.ACCOUNT_LOCKOUT) -> None:
        self._tools.incidents.open(Incident(episode.id, kind, subject, title, episode.opened, Stage.ALERT))

    def _note(self, episode: Episode, at: datetime, text: str) -> None:
        self._tools.incidents.note(episode.id, Entry(at, RESPONDER, text))

    def _how(self) -> str:
        return "out altogether" if self._settings.full else "out of sessions since the burst began"

    def _what_goes_on(self) -> str:
        roles = "roles that the user has assumed already"
        return roles if self._settings.full else f"the user's access keys, sessions from before, and {roles}"

    def _between(self, first: datetime, last: datetime) -> str:
        moment = self._tools.wording.moment
        return moment(first) if first == last else f"{moment(first)} to {moment(last)}"


def _standing_since(known: Containment | None, now: datetime) -> tuple[datetime, int]:
    """When the lockout that stands, or else the one to be, began, and the minutes of others that day."""
    if known is None:
        return now, 0
    used = int(known.details.get(USED_MINUTES, "0"))
    if known.is_standing and known.ends_at > now:
        return known.began, used
    ended = known.ended_at or known.ends_at
    today = known.details.get(DAY) == now.date().isoformat()
    return now, used + -(-int((ended - known.began).total_seconds()) // 60) if today else 0


def _is_lifted(known: Containment, episode: Episode) -> bool:
    lifted = known.details.get(LIFTED)
    if lifted is None:
        return False
    return known.incident_id == episode.id or datetime.fromisoformat(lifted) >= episode.began


def _is_told_apart(actor: Actor) -> bool:
    return actor.kind is ActorKind.ROOT or (bool(actor.name) and not actor.is_hidden)


def _is_hidden(failure: Failure) -> bool:
    return failure.user == HIDDEN_NAME
