"""The function that ends containments: called by each one's schedule, hourly for those a crash left behind, or by hand.

The hourly call also tells how many incidents are open, whoever closed others meanwhile.

Its event is ``{"containment": key}``, with ``"now": true`` to end one before its time, or ``{"sweep": true}``.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from cloudtrail_monitoring.responders.runtime.alerts import Alert
from cloudtrail_monitoring.responders.runtime.assembly import toolbox
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import readable
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry
from cloudtrail_monitoring.responders.runtime.metrics import OPEN_INCIDENTS, count
from cloudtrail_monitoring.responders.runtime.schedules import PAYLOAD_KEY

logger = Logger()

_WORDS = {
    Kind.ACCOUNT_LOCKOUT: "The lockout of user {target}",
    Kind.ENHANCED_LOGGING: "Enhanced logging on {target}",
    Kind.GEO_CHALLENGE: "The challenge of user {target}",
}
_RUNBOOKS = {
    Kind.ACCOUNT_LOCKOUT: "console-login-failures",
    Kind.ENHANCED_LOGGING: "off-hours-iam-policy-change",
    Kind.GEO_CHALLENGE: "console-login",
}


class ReleaseError(RuntimeError):
    """An event that names nothing to end, or containments that could not be mended; ``str()`` is one line."""


class Release:
    """Ends what is due."""

    def __init__(self, configuration: Configuration, aws: Aws) -> None:
        self._tools = toolbox(configuration, aws)

    def handle(self, event: dict[str, Any]) -> dict[str, str]:
        """End what the event names, or all that stands while responders are switched off.

        Returns:
            The state of each containment that was looked at, by its key.

        Raises:
            ReleaseError: the event names nothing, or some could not be mended; the others were.
        """
        settled: dict[str, str] = {}
        faults: list[Exception] = []
        for one in self._settled(event):
            if isinstance(one, Exception):
                faults.append(one)
                continue
            settled[one.key] = one.status.value
            if not one.is_standing:
                self._tell(one)
        if event.get("sweep"):
            count(OPEN_INCIDENTS, self._tools.now(), value=self._tools.incidents.open_ones())
        if faults:
            raise ReleaseError(f"{len(faults)} containments could not be mended, the first: {faults[0]}") from faults[0]
        return settled

    def containments(self) -> list[Containment]:
        """All that are remembered, the ended ones included."""
        return list(self._tools.containments.all())

    def _settled(self, event: dict[str, Any]) -> Iterator[Containment | Exception]:
        containments = self._tools.containments
        is_off = self._tools.safety.switched_off() is not None
        if event.get("sweep"):
            yield from containments.sweep(ending_all=is_off)
            return
        key = event.get(PAYLOAD_KEY)
        if not isinstance(key, str):
            raise ReleaseError(f'an event with "{PAYLOAD_KEY}" or "sweep" is needed')
        by_hand, known = bool(event.get("now")), key.casefold()
        settled = containments.end_now(known, by_hand=by_hand) if by_hand or is_off else containments.reconcile(known)
        if settled is None:
            raise ReleaseError(f"there is no containment {readable(key)}")
        yield settled

    def _tell(self, ended: Containment) -> None:
        at = ended.ended_at or ended.ends_at
        # of an ARN the name: a subject has room for no more
        target = readable(ended.target.rpartition("/")[2], most=64)
        title = f"{_WORDS[ended.kind].format(target=target)} has ended."
        self._tools.incidents.note(ended.incident_id, Entry(at, RESPONDER, title))
        moment = self._tools.wording.moment
        facts = (("From", moment(ended.began)), ("To", moment(at)), ("Incident", ended.incident_id))
        self._tools.alerts.tell(
            Alert(
                key=f"{ended.key}#{ended.began.isoformat()}#ended",
                subject=title.rstrip("."),
                text=self._tools.wording.letter(title, facts, runbook=_RUNBOOKS[ended.kind]),
            )
        )


@lru_cache(maxsize=1)
def _release() -> Release:
    configuration = Configuration.read()
    return Release(configuration, Aws(configuration.region))


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """What Lambda calls."""
    return _release().handle(event)
