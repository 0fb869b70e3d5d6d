"""Leads: whom and what an investigation follows through the records, each a condition of a filter pattern.

An incident gives the first leads; records of somebody followed give further ones: the addresses they came from, the
access keys they used, and the keys, sessions and users they made. What a lead's value holds is untrusted: an address
must be one, a key look like one, and the pattern's own tree does the quoting.

A value that AWS or a responder cut or cleaned is searched for with an asterisk in place of what is not known; it may
then find more than it should, never less.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address

from cloudtrail_monitoring.detections.language.filter_pattern import (
    MAX_CHARACTERS,
    And,
    Comparison,
    FilterPattern,
    IsBoolean,
    Node,
    Operator,
    Or,
    Selector,
    Text,
)
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent, readable

MAX_VALUE_CHARACTERS = 256
_KEY = re.compile(r"A[A-Z0-9]{15,127}")
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html"""
_UNKNOWN = re.compile(r"[\ufffd*]+|…$")


class LeadKind(StrEnum):
    USER = "user"
    SESSION = "session"
    """Of a role, as ``role/session``."""
    ROOT = "root user"
    IDENTITY = "identity"
    """By ARN."""
    ADDRESS = "address"
    ACCESS_KEY = "access key"
    OCCASION = "administrative change at"
    """What was changed in the second of a time."""
    TARGET = "calls about user"


_NOT_FOLLOWED = frozenset({LeadKind.ADDRESS, LeadKind.TARGET})
"""Others may share an address, and whoever changes a user may be anybody."""


@dataclass(frozen=True)
class Lead:
    """One thing to look for."""

    kind: LeadKind
    value: str
    why: str = field(compare=False)
    is_first: bool = field(default=False, compare=False)
    """Whether the incident itself names it."""

    @property
    def is_followed(self) -> bool:
        """Whether its records give further leads."""
        return self.kind not in _NOT_FOLLOWED or (self.is_first and self.kind is LeadKind.ADDRESS)

    @property
    def node(self) -> Node:
        """The condition that its records meet."""
        value = _UNKNOWN.sub("*", self.value)
        match self.kind:
            case LeadKind.USER:
                return And((_is("IAMUser", "userIdentity", "type"), _is(value, "userIdentity", "userName")))
            case LeadKind.SESSION:
                return _is(f"*:assumed-role/{value}", "userIdentity", "arn")
            case LeadKind.ROOT:
                return _is("Root", "userIdentity", "type")
            case LeadKind.IDENTITY:
                return _is(value, "userIdentity", "arn")
            case LeadKind.ADDRESS:
                return _is(value, "sourceIPAddress")
            case LeadKind.ACCESS_KEY:
                return _is(value, "userIdentity", "accessKeyId")
            case LeadKind.TARGET:
                return _is(value, "requestParameters", "userName")
            case LeadKind.OCCASION:
                administrative = Or((_is("iam.amazonaws.com", "eventSource"), _is("Root", "userIdentity", "type")))
                changing = IsBoolean(Selector.of("readOnly"), value=False)
                return And((_is(value, "eventTime"), changing, administrative))

    @cached_property
    def pattern(self) -> FilterPattern:
        return FilterPattern.from_tree(self.node)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}".rstrip()


def lead_of(text: str, why: str, *, is_first: bool = False) -> Lead:
    """What a text names: ``user jordan``, ``role reader/session``, ``root``, an ARN, an address, a key; else a user.

    >>> str(lead_of("role reader/ada", "the incident's subject"))
    'session reader/ada'
    """
    text = text.strip()
    if text == "root" or text.endswith(":root"):
        return Lead(LeadKind.ROOT, "", why, is_first)
    if is_address(text):
        return Lead(LeadKind.ADDRESS, text, why, is_first)
    if _KEY.fullmatch(text):
        return Lead(LeadKind.ACCESS_KEY, text, why, is_first)
    if ":assumed-role/" in text:
        return Lead(LeadKind.SESSION, text.partition(":assumed-role/")[2], why, is_first)
    if text.startswith("arn:"):
        return Lead(LeadKind.IDENTITY, text, why, is_first)
    if text.startswith("role "):
        return Lead(LeadKind.SESSION, text.removeprefix("role "), why, is_first)
    return Lead(LeadKind.USER, text.removeprefix("user "), why, is_first)


def occasion(at: datetime, why: str) -> Lead:
    return Lead(LeadKind.OCCASION, f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", why, is_first=True)


def leads_from(event: CloudTrailEvent, *, from_occasion: bool) -> Iterator[Lead]:
    """Where a record of somebody followed leads.

    Args:
        from_occasion: whether it was found by its time: then whoever acted is a lead, as is whoever logged in.
    """
    return (one for one in _leads_from(event, from_occasion) if _is_plain(one.value))


def _leads_from(event: CloudTrailEvent, from_occasion: bool) -> Iterator[Lead]:
    by = readable(event.name, most=60)
    logged_in = event.is_login and event.login == "Success"
    if (from_occasion or logged_in) and (who := _identity(event, f"did {by}")):
        yield who
    if is_address(event.address):
        yield Lead(LeadKind.ADDRESS, event.address, f"where {by} came from")
    if _KEY.fullmatch(event.actor.access_key_id):
        yield Lead(LeadKind.ACCESS_KEY, event.actor.access_key_id, f"used for {by}")
    if event.error:
        return
    for holder in ("accessKey", "credentials"):
        made = _inner(event, holder, "accessKeyId")
        if _KEY.fullmatch(made):
            yield Lead(LeadKind.ACCESS_KEY, made, f"made by {by}")
    session = _inner(event, "assumedRoleUser", "arn").partition(":assumed-role/")[2]
    if session:
        yield Lead(LeadKind.SESSION, session, f"opened by {by}")
    if event.name == "CreateUser" and (user := _inner(event, "user", "userName")):
        yield Lead(LeadKind.USER, user, f"made by {by}")


def patterns(leads: Sequence[Lead]) -> list[FilterPattern]:
    """As few patterns as their length allows that together match what any of the leads does."""
    packed: list[FilterPattern] = []
    terms: list[Node] = []
    length = 0
    for lead in leads:
        own = len(str(lead.node)) + len(" || ()")
        if terms and length + own > MAX_CHARACTERS - len("{  }"):
            packed.append(_any(terms))
            terms, length = [], 0
        terms.append(lead.node)
        length += own
    return [*packed, _any(terms)] if terms else packed


def is_address(text: str) -> bool:
    """Whether a ``sourceIPAddress`` is an address; a service's name stands there too."""
    try:
        return "%" not in text and bool(ip_address(text))
    except ValueError:
        return False


def _is_plain(value: str) -> bool:
    """Whether a record's text can be searched for: an asterisk would find everybody."""
    return len(value) <= MAX_VALUE_CHARACTERS and not _UNKNOWN.search(value) and value.isprintable()


def _identity(event: CloudTrailEvent, why: str) -> Lead | None:
    if event.actor.kind is ActorKind.ROOT:
        return Lead(LeadKind.ROOT, "", why)
    if event.actor.kind is ActorKind.USER and event.actor.name and not event.actor.is_hidden:
        return Lead(LeadKind.USER, event.actor.name, why)
    if event.actor.kind is ActorKind.ROLE and event.actor.name:
        return Lead(LeadKind.SESSION, event.actor.name, why)
    return Lead(LeadKind.IDENTITY, event.actor.arn, why) if event.actor.arn else None


def _inner(event: CloudTrailEvent, holder: str, name: str) -> str:
    held = event.response.get(holder)
    value = held.get(name) if isinstance(held, dict) else None
    return value if isinstance(value, str) else ""


def _is(value: str, *names: str) -> Comparison:
    return Comparison(Selector.of(*names), Operator.EQUAL, Text(value))


def _any(terms: Sequence[Node]) -> FilterPattern:
    return FilterPattern.from_tree(terms[0] if len(terms) == 1 else Or(tuple(terms)))
