"""Calls that succeeded while their caller was contained: what somebody who responds to an incident must see first.

Such a call was made with what the containment leaves alone, before its policy had reached all of AWS, or by way of a
hole in it. Logins are not among them, as no policy denies one, nor is what a user did through a role: a role's session
does not bear the user's name.
"""

from collections.abc import Iterable
from datetime import datetime

from cloudtrail_monitoring.responders.runtime.challenge_policy import REVOKED_BEFORE
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent
from cloudtrail_monitoring.responders.runtime.containment import SINCE, Containment, Kind
from cloudtrail_monitoring.responders.runtime.messages import Wording

_WORDS = {Kind.ACCOUNT_LOCKOUT: "locked out", Kind.GEO_CHALLENGE: "challenged"}
_NEVER_DENIED = "GetCallerIdentity"
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


def although_contained(event: CloudTrailEvent, held: Iterable[Containment], wording: Wording) -> str:
    """Which containment stood when a call succeeded, in words; empty where none did, or where it lets the call pass.

    Args:
        held: containments, standing and ended ones.
    """
    is_call = not event.error and not event.is_login and event.name != _NEVER_DENIED
    if not is_call or event.actor.kind is not ActorKind.USER:
        return ""
    return "; ".join(
        f"{_WORDS[one.kind]} from {wording.moment(one.began)} to {wording.moment(one.ends_at)}{_reach(one, wording)}"
        for one in held
        # what is taken away later denies nothing after its end
        if one.kind in _WORDS and one.is_of(event.actor.name) and one.began <= event.at < one.ends_at
        if not _has_passed(event, one)
    )


def _has_passed(event: CloudTrailEvent, held: Containment) -> bool:
    """Whether the call met a challenge: the user has logged in again, with MFA."""
    return REVOKED_BEFORE in held.details and event.mfa is True


def _reach(held: Containment, wording: Wording) -> str:
    since = held.details.get(SINCE)
    if not since:
        return ""
    return f", but for access keys and sessions from before {wording.moment(datetime.fromisoformat(since))}"
