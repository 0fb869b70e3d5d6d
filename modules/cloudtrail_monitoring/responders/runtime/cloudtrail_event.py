"""A CloudTrail record as the responders read it: who did what, when and from where, whatever else the record holds.

Everything in a record but the fields AWS sets itself was written by whoever made the call. Nothing here trusts it: a
field of another type than AWS documents is taken as absent, and ``readable`` makes a text fit to be shown. What follows
from an event is left to the responders.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

HIDDEN_NAME = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""In place of a user name that does not exist: it may be a password typed into the wrong field."""

MAX_BODY_CHARACTERS = 1_048_576
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html (1 MiB)"""

MAX_ID_CHARACTERS = 128
"""AWS's have 36."""

_SIGN_IN = "ConsoleLogin"
_MFA = {"yes": True, "no": False, "true": True, "false": False}


class UnusableEventError(ValueError):
    """Text that is no CloudTrail record; ``str()`` is one line that says why."""


class ActorKind(StrEnum):
    """``userIdentity.type``, as far as responders tell them apart."""

    ROOT = "Root"
    USER = "IAMUser"
    ROLE = "AssumedRole"
    FEDERATED = "FederatedUser"
    ACCOUNT = "AWSAccount"
    SERVICE = "AWSService"
    OTHER = "other"


_KINDS = {kind.value: kind for kind in ActorKind}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made the call. Texts are as the record has them, empty where it has none."""

    kind: ActorKind
    name: str = ""
    """The user's name; of a role's session its role and session name, ``role/session``."""
    arn: str = ""
    account_id: str = ""
    access_key_id: str = ""
    role_arn: str = ""
    """The role behind a session."""
    invoked_by: str = ""
    """The AWS service that acted on the caller's behalf."""

    @property
    def is_hidden(self) -> bool:
        """Whether AWS hid the name: never act on it."""
        return self.name == HIDDEN_NAME


@dataclass(frozen=True, slots=True)
class CloudTrailEvent:
    """One record. Texts are as the record has them, empty where it has none."""

    id: str
    name: str
    at: datetime
    """``eventTime``, aware, UTC."""
    source: str = ""
    """``eventSource``, such as ``iam.amazonaws.com``."""
    region: str = ""
    account_id: str = ""
    address: str = ""
    """``sourceIPAddress``: an address, or the service that called."""
    user_agent: str = ""
    actor: Actor = Actor(ActorKind.OTHER)
    error: str = ""
    """``errorCode``, or ``errorMessage`` where there is none, as of failed logins; empty if the call succeeded."""
    read_only: bool | None = None
    mfa: bool | None = None
    """Whether the login or the session had MFA; ``None`` where the record doesn't say."""
    login: str = ""
    """Of a console login: ``Success`` or ``Failure``."""
    type: str = ""
    """``eventType``."""
    rate: str = ""
    """Of a CloudTrail Insight: the calls a minute, and how many are usual."""
    request: Mapping[str, Any] = field(default_factory=dict)
    """``requestParameters``."""
    response: Mapping[str, Any] = field(default_factory=dict)
    """``responseElements``."""

    @property
    def is_login(self) -> bool:
        return self.name == _SIGN_IN

    @property
    def is_failed_login(self) -> bool:
        # R-ALM-1: sign-in records carry no errorCode
        return self.is_login and (self.login == "Failure" or self.error == "Failed authentication")


def read_event(body: str) -> CloudTrailEvent:
    """The event in the body of a queue's message: a CloudTrail record, or the EventBridge event around one.

    Raises:
        UnusableEventError: it is neither, or lacks ``eventID``, ``eventName`` or a usable ``eventTime``.
    """
    if len(body) > MAX_BODY_CHARACTERS:
        raise UnusableEventError(f"a message of {len(body):,} characters, and {MAX_BODY_CHARACTERS:,} are the most")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnusableEventError(f"not JSON: {type(error).__name__}") from None
    record = value.get("detail", value) if isinstance(value, dict) else value
    if not isinstance(record, dict):
        raise UnusableEventError("not a JSON object")
    return from_record(record)


def from_record(record: Mapping[str, Any]) -> CloudTrailEvent:
    """The event of a record.

    Raises:
        UnusableEventError: as ``read_event``.
    """
    missing = [name for name in ("eventID", "eventName", "eventTime") if not _text(record, name)]
    if missing:
        raise UnusableEventError(f"no {', '.join(missing)}")
    if len(_text(record, "eventID")) > MAX_ID_CHARACTERS:
        raise UnusableEventError(f"an eventID of more than {MAX_ID_CHARACTERS} characters")
    identity = _object(record, "userIdentity")
    return CloudTrailEvent(
        id=_text(record, "eventID"),
        name=_text(record, "eventName"),
        at=_time(_text(record, "eventTime")),
        source=_text(record, "eventSource"),
        region=_text(record, "awsRegion"),
        account_id=_text(record, "recipientAccountId"),
        address=_text(record, "sourceIPAddress"),
        user_agent=_text(record, "userAgent"),
        actor=_actor(identity),
        error=_text(record, "errorCode") or _text(record, "errorMessage"),
        read_only=record.get("readOnly") if isinstance(record.get("readOnly"), bool) else None,
        mfa=_mfa(record, identity),
        login=_text(_object(record, "responseElements"), _SIGN_IN),
        type=_text(record, "eventType"),
        request=_object(record, "requestParameters"),
        response=_object(record, "responseElements"),
    )


def readable(text: str, *, most: int = 200) -> str:
    """A text from a record on one line, without what would act on a terminal, a mail or a page's layout.

    Control characters, line breaks and marks that turn the direction of writing become ``�``; what is longer is cut.
    Markup is left to whoever writes HTML.

    >>> readable("alice\\n\\u202eevil")
    'alice��evil'
    """
    shown = "".join("�" if unicodedata.category(one)[0] == "C" or one in "\u2028\u2029" else one for one in text[:most])
    return f"{shown}…" if len(text) > most else shown


def _actor(identity: Mapping[str, Any]) -> Actor:
    type_ = _text(identity, "type")
    kind = _KINDS.get(type_, ActorKind.OTHER)
    arn = _text(identity, "arn")
    issuer = _object(_object(identity, "sessionContext"), "sessionIssuer")
    named = _text(identity, "userName")
    return Actor(
        kind=kind,
        name=arn.partition(":assumed-role/")[2] or named if kind is ActorKind.ROLE else named,
        arn=arn,
        account_id=_text(identity, "accountId"),
        access_key_id=_text(identity, "accessKeyId"),
        role_arn=_text(issuer, "arn"),
        invoked_by=_text(identity, "invokedBy"),
    )


def _mfa(record: Mapping[str, Any], identity: Mapping[str, Any]) -> bool | None:
    # of a login MFAUsed is "Yes", "No" or root's "YES"; of other calls the session says "true" or "false"
    used = _text(_object(record, "additionalEventData"), "MFAUsed")
    session = _text(_object(_object(identity, "sessionContext"), "attributes"), "mfaAuthenticated")
    return _MFA.get((used or session).lower())


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnusableEventError(f"eventTime is no time: {readable(text, most=40)}") from None


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}
