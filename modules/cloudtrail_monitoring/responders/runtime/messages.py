"""Alerts in words: who, what, when in UTC and local time, where from, what was done and how to undo it (R-RSP-6).

Whatever comes from a record goes through ``readable``. What happened, and what to say about it, is left to the
responders; sending to ``alerts``.
"""

import json
import shlex
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import Actor, ActorKind, CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.schedules import PAYLOAD_KEY

_SHOWN_EVENTS = 10


def who(actor: Actor) -> str:
    """The actor in few words: a user's name, ``root``, a role's session, or the service or account.

    >>> who(Actor(ActorKind.USER, name="alice"))
    'user alice'
    """
    if actor.kind is ActorKind.ROOT:
        return "root"
    if actor.kind is ActorKind.USER:
        return "a user whose name AWS hid" if actor.is_hidden else f"user {readable(actor.name, most=64)}"
    if actor.kind is ActorKind.ROLE:
        return f"role {readable(actor.name, most=130)}"
    named = actor.invoked_by or actor.arn or actor.account_id
    return readable(named, most=130) if named else "somebody unknown"


class Wording:
    """The environment's words: its time zone, its console, its runbooks."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._zone = ZoneInfo(configuration.time_zone)

    def moment(self, at: datetime) -> str:
        """A time in UTC and as it is where the team works: ``2026-03-09 06:05:00 UTC (02:05 EDT)``."""
        local = at.astimezone(self._zone)
        other_day = f"{local:%a} " if local.date() != at.date() else ""
        return f"{at:%Y-%m-%d %H:%M:%S} UTC ({other_day}{local:%H:%M %Z})"

    def clock(self, at: datetime) -> str:
        """The same, as short as a text message wants it: ``06:05 UTC``."""
        return f"{at:%H:%M} UTC"

    def event(self, event: CloudTrailEvent) -> str:
        """An event on one line: when, what, how it ended, where from."""
        ended = f", {readable(event.error, most=60)}" if event.error else ""
        return (
            f"{event.at:%H:%M:%S}  {readable(event.name, most=60)} ({readable(event.source, most=60)}){ended},"
            f" from {readable(event.address, most=60)} in {readable(event.region, most=20)}"
        )

    def link(self, event: CloudTrailEvent) -> str:
        """The event in CloudTrail's console, in the Region where it was recorded."""
        region = quote(readable(event.region, most=30) or self._configuration.region, safe="-")
        id_ = quote(readable(event.id, most=128), safe="-")
        return f"{self._configuration.console_url}/cloudtrailv2/home?region={region}#/events?EventId={id_}"

    def undo(self, containment_key: str) -> str:
        """The command that ends a containment before its time."""
        payload = json.dumps({PAYLOAD_KEY: containment_key, "now": True})
        function = self._configuration.release_function_arn.rpartition(":")[2]
        return (
            f"aws lambda invoke --region {self._configuration.region} --function-name {function}"
            f" --cli-binary-format raw-in-base64-out --payload {shlex.quote(payload)} /dev/stdout"
        )

    def runbook(self, name: str) -> str:
        return f"{self._configuration.runbook_url.rstrip('/')}/{name}.md"

    def letter(
        self,
        title: str,
        facts: Iterable[tuple[str, str]],
        events: Iterable[CloudTrailEvent] = (),
        *,
        runbook: str,
    ) -> str:
        """A mail: a title, facts by name, the first events, and where to read on.

        Args:
            title: what happened, as a sentence.
            facts: name and text; those without a text are left out, and one without a name goes on with the last.
            events: in order of time; the first ten are listed, the newest is linked.
            runbook: its name.
        """
        listed = list(events)
        known = [(name, text) for name, text in facts if text]
        width = max((len(name) for name, _ in known), default=0) + 2
        lines = [title, "", *(f"{name and name + ':':<{width}}{text}" for name, text in known)]
        lines.append(f"{'Account:':<{width}}{self._configuration.account_id}, {self._configuration.name_prefix}")
        if listed:
            more = len(listed) - _SHOWN_EVENTS
            lines += ["", "Events (UTC):", *(f"  {self.event(one)}" for one in listed[:_SHOWN_EVENTS])]
            lines += [f"  and {more} more"] if more > 0 else []
            lines += ["", f"Event: {self.link(listed[-1])}"]
        return "\n".join([*lines, f"What to do: {self.runbook(runbook)}"])
