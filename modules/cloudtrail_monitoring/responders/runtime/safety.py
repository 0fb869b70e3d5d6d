"""What keeps responders from doing harm: the switch, the circuit breaker, and whom nobody acts on.

Each check answers with the reason not to act, which stands in the alert, or with nothing.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from cloudtrail_monitoring.responders.runtime.aws import Clock
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import Actor, ActorKind, readable
from cloudtrail_monitoring.responders.runtime.configuration import CircuitBreaker
from cloudtrail_monitoring.responders.runtime.containment import Containments, Kind, containment_key

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
_USER_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)

ON = "on"
BREAKER_OPEN = "the circuit breaker is open"
"""Begins that objection."""
BREAK_GLASS_TAG = "break-glass"
"""A user with this tag, whatever its value, is never acted on."""


class Safety:
    """The reasons not to act on somebody.

    Args:
        ssm, iam: boto3's clients.
        containments: those that stand, and stood.
        account_id: whose users may be contained.
        switch_parameter: name of the SSM parameter; only ``on`` lets anybody act.
        break_glass_users: names, or paths that end in ``/``.
        breaker: when too many containments are too many.
        now: the clock.
    """

    def __init__(
        self,
        ssm: Any,
        iam: Any,
        containments: Containments,
        *,
        account_id: str,
        switch_parameter: str,
        break_glass_users: Iterable[str],
        breaker: CircuitBreaker,
        now: Clock,
    ) -> None:
        self._ssm = ssm
        self._iam = iam
        self._containments = containments
        self._account_id = account_id
        self._switch_parameter = switch_parameter
        self._break_glass_users = tuple(break_glass_users)
        self._breaker = breaker
        self._now = now

    def objection(self, actor: Actor, kind: Kind) -> str | None:
        """Why a containment of this kind must not be held against the actor; ``None`` if it may be."""
        return (
            self.switched_off()
            or self._who_is_never_contained(actor)
            or self._protected(actor.name)
            or self.breaker_open(kind, actor.name)
        )

    def switched_off(self) -> str | None:
        """Why nothing is to be done at all; ``None`` while responders may act."""
        try:
            value = self._ssm.get_parameter(Name=self._switch_parameter)["Parameter"]["Value"]
        except self._ssm.exceptions.ParameterNotFound:
            return f"responders are switched off: their switch {self._switch_parameter} is gone"
        return None if value == ON else f"responders are switched off ({self._switch_parameter})"

    def _protected(self, user_name: str) -> str | None:
        if user_name.casefold() in map(str.casefold, self._break_glass_users):
            return "break-glass users are never acted on"
        try:
            user = self._iam.get_user(UserName=user_name)["User"]
        except self._iam.exceptions.NoSuchEntityException:
            return "the user does not exist any more"
        paths = [path for path in self._break_glass_users if path.endswith("/")]
        tagged = any(tag["Key"] == BREAK_GLASS_TAG for tag in user.get("Tags", ()))
        if tagged or user["Path"].startswith(tuple(paths)):
            return "break-glass users are never acted on"
        return None

    def breaker_open(self, kind: Kind, target: str) -> str | None:
        """Why one more of this kind would be too many: who fails to log in as everybody must not lock everybody out.

        Each kind has a breaker of its own: locking out users takes no password, and must not spare from a challenge
        somebody who has one.
        """
        since = self._now() - timedelta(minutes=self._breaker.window_minutes)
        recent = [one for one in self._containments.all() if one.kind is kind and one.began >= since]
        if any(one.key == containment_key(kind, target) and one.is_standing for one in recent):
            return None  # it is counted already
        if len(recent) < self._breaker.containments:
            return None
        return f"{BREAKER_OPEN}: {len(recent)} containments within {self._breaker.window_minutes} minutes"

    def _who_is_never_contained(self, actor: Actor) -> str | None:
        if actor.account_id != self._account_id:
            return f"the user is of another account, {readable(actor.account_id, most=12) or 'which the record hides'}"
        return _kind_that_is_never_contained(actor)


def _kind_that_is_never_contained(actor: Actor) -> str | None:
    if actor.kind is ActorKind.ROOT:
        return "no policy limits the root user"
    if actor.kind is not ActorKind.USER:
        return "only IAM users are contained: the access of others ends at their identity provider or account"
    if actor.is_hidden:
        return "AWS hid the name, which no user has"
    return None if _USER_NAME.fullmatch(actor.name) else "the record names nobody: no user can have this name"
