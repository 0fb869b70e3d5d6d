"""R-RSP-2: what the root user does, told as one conversation: its beginning, and each new kind of call once.

A kind is a call's name and how it ended, and of those that succeeded also the address: a guessed password must not hide
behind a hundred failures, nor a second person behind the first. The telephone rings for the first call that succeeds.

The plain EventBridge rule tells each call within seconds, with no function between (R-ALM-2). This tells who, from
where, with MFA or not and since when, and keeps one incident for the whole session instead of 300 mails: calls within
an hour of each other belong together. Nothing acts on root: no policy limits it.
"""

from collections.abc import Sequence
from datetime import timedelta

from cloudtrail_monitoring.responders.runtime.actions import Action
from cloudtrail_monitoring.responders.runtime.alerts import Alert
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.episodes import Episode, join
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT, Item

KIND = "root_alert"
RUNBOOK = "root-activity"
GAP = timedelta(hours=1)
MAX_MAILS = 20
"""Kinds of calls told in one conversation; the others stand in the incident."""
KEPT_DAYS = 30

_MFA = {True: "yes", False: "NO: the password or key alone", None: ""}


class RootConversation:
    """The responder to root's console logins and changing calls."""

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools

    def respond(self, event: CloudTrailEvent) -> None:
        if not is_by_root(event):
            return
        episode = join(self._tools.state, KIND, "root", event.at, gap=GAP)
        self._tools.incidents.open(
            Incident(episode.id, KIND, "root", "The root user is in use", episode.opened, Stage.ALERT)
        )
        self._tools.incidents.note(episode.id, Entry(event.at, RESPONDER, self._tools.wording.event(event)))
        self._tools.did(Action(KIND, "root", event.at))
        kinds = self._kinds_told(episode, event)
        if len(kinds) <= MAX_MAILS or _is_first_success(kinds):
            self._tell(event, episode, kinds)

    def _kinds_told(self, episode: Episode, event: CloudTrailEvent) -> list[Item]:
        """The kinds of calls in the conversation so far, in the order of their times, and then this one."""
        partition, kind = f"root#{episode.id}", _kind(event)
        told = [one for one in self._tools.state.query(partition) if one["sk"] != kind]
        forgotten = event.at + timedelta(days=KEPT_DAYS)
        item = {
            "at": event.at.isoformat(),
            "name": event.name[:128],
            "failed": bool(event.error) or event.is_failed_login,
        }
        self._tools.state.put_new(partition, kind, {**item, EXPIRES_AT: int(forgotten.timestamp())})
        return [*sorted(told, key=lambda one: one["at"]), item]

    def _tell(self, event: CloudTrailEvent, episode: Episode, kinds: list[Item]) -> None:
        name, address = readable(event.name, most=60), readable(event.address, most=60)
        ended = readable(event.error, most=60) or ("logged in" if event.is_login else "succeeded")
        facts = (
            ("Who", "root"),
            ("What", f"{name} ({readable(event.source, most=60)}): {ended}"),
            ("When", self._tools.wording.moment(event.at)),
            ("From", f"{address}, in {readable(event.region, most=20)}"),
            ("MFA", _MFA[event.mfa]),
            ("With", f"access key {readable(event.actor.access_key_id, most=40)}" if _is_key(event) else ""),
            ("Agent", readable(event.user_agent, most=100)),
            ("So far", ", ".join(dict.fromkeys(readable(kind["name"], most=60) for kind in kinds[-MAX_MAILS:]))),
            ("Since", self._tools.wording.moment(episode.began)),
            ("Done", "nothing: no policy limits root. Change its password, delete its keys, call AWS"),
            ("Incident", episode.id),
        )
        self._tools.alerts.tell(
            Alert(
                key=f"{episode.id}#{_kind(event)}",
                # the same for the whole conversation, so that mail programs keep it together
                subject=f"Root session in account {self._tools.configuration.account_id}, {episode.id}",
                text=self._tools.wording.letter(
                    f"The root user did {name} from {address}.", facts, [event], runbook=RUNBOOK
                ),
                sms=f"ROOT of {self._tools.configuration.account_id}: {name} from {address}, {ended}"
                if _is_first_success(kinds)
                else "",
            )
        )


def is_by_root(event: CloudTrailEvent) -> bool:
    """Whether root itself logged in, tried to, or made a changing call; what services do on its behalf is not."""
    by_hand = event.actor.kind is ActorKind.ROOT and not event.actor.invoked_by and event.type != "AwsServiceEvent"
    return by_hand and (event.is_login or event.read_only is False)


def _kind(event: CloudTrailEvent) -> str:
    return "#".join((event.name[:128], event.error[:128] or event.address[:128]))


def _is_first_success(kinds: Sequence[Item]) -> bool:
    """Whether the last of some kinds succeeded, and none earlier in time did."""
    *others, this = kinds
    return not this["failed"] and all(one["failed"] or one["at"] >= this["at"] for one in others)


def _is_key(event: CloudTrailEvent) -> bool:
    return event.actor.access_key_id.startswith("AKIA")
