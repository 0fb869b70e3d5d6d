"""R-RSP-2: what the root user does, told as one conversation: its beginning, and each new kind of call once.

The plain EventBridge rule tells each call within seconds, with no function between (R-ALM-2). This tells who, from
where, with MFA or not and since when, and keeps one incident for the whole session instead of 300 mails: calls within
an hour of each other belong together. Nothing acts on root: no policy limits it.
"""

from datetime import timedelta

from cloudtrail_monitoring.responders.runtime.actions import Action
from cloudtrail_monitoring.responders.runtime.alerts import Alert
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.episodes import Episode, join
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT

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
        if len(kinds) <= MAX_MAILS:
            self._tell(event, episode, kinds)

    def _kinds_told(self, episode: Episode, event: CloudTrailEvent) -> list[str]:
        """The kinds of calls in the conversation so far, this one included, in the order in which they came."""
        partition, kind = f"root#{episode.id}", event.name[:128]
        forgotten = event.at + timedelta(days=KEPT_DAYS)
        told = [item["sk"] for item in self._tools.state.query(partition)]
        if kind not in told:
            self._tools.state.put_new(partition, kind, {EXPIRES_AT: int(forgotten.timestamp())})
            told.append(kind)
        return told

    def _tell(self, event: CloudTrailEvent, episode: Episode, kinds: list[str]) -> None:
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
            ("So far", ", ".join(readable(kind, most=60) for kind in kinds[:MAX_MAILS])),
            ("Since", self._tools.wording.moment(episode.began)),
            ("Done", "nothing: no policy limits root. Change its password, delete its keys, call AWS"),
            ("Incident", episode.id),
        )
        self._tools.alerts.tell(
            Alert(
                key=f"{episode.id}#{event.name[:128]}",
                # the same for the whole conversation, so that mail programs keep it together
                subject=f"Root session in account {self._tools.configuration.account_id}, {episode.id}",
                text=self._tools.wording.letter(
                    f"The root user did {name} from {address}.", facts, [event], runbook=RUNBOOK
                ),
                sms=f"ROOT of {self._tools.configuration.account_id}: {name} from {address}, {ended}"
                if len(kinds) == 1
                else "",
            )
        )


def is_by_root(event: CloudTrailEvent) -> bool:
    """Whether root itself logged in, tried to, or made a changing call; what services do on its behalf is not."""
    by_hand = event.actor.kind is ActorKind.ROOT and not event.actor.invoked_by and event.type != "AwsServiceEvent"
    return by_hand and (event.is_login or event.read_only is False)


def _is_key(event: CloudTrailEvent) -> bool:
    return event.actor.access_key_id.startswith("AKIA")
