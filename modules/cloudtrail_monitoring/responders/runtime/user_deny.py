"""A policy that denies a user calls for a time, and ends by itself: each of its conditions holds its end.

Which calls are denied is told by denials: those of the lockout stand here, those of the challenge in
``challenge_policy``. Somebody at the console acts through temporary credentials, so a Deny on tokens issued since a
burst began hits the sessions that a guessed password opened, and leaves access keys and older sessions alone. The full
lockout denies both.

The policy's name begins with the environment's prefix; no other is ever written, attached or deleted. IAM has no
condition on an inline policy's name, so that this is held by the code, and by the alarm on what the role does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-tokenissuetime
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (2,048 characters of inline policies a user)
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cloudtrail_monitoring.responders.runtime.containment import SINCE, Containment, MeasureRefusedError

_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to attach a policy that was just made."""


@dataclass(frozen=True, slots=True)
class Denial:
    """All calls that meet the conditions are denied while the containment lasts."""

    sid: str
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By operator and key, besides the end; without any, every call is denied."""


Denials = Callable[[Containment], Iterable[Denial]]


def lockout(containment: Containment) -> tuple[Denial, ...]:
    """What a lockout denies: tokens issued since the burst began (``SINCE``), or everything."""
    since = containment.details.get(SINCE)
    # absent of calls with access keys, and a condition on an absent key does not hold
    issued = {"DateGreaterThanEquals": {"aws:TokenIssueTime": stamp(datetime.fromisoformat(since))}} if since else {}
    return (Denial("Lockout", issued),)


class UserDeny:
    """The measure behind a lockout and a challenge.

    A user's inline policies hold 2,048 characters together. Where that is used up the same text becomes a managed
    policy of the user's own, of which a user takes ten; where those are used up too, AWS refuses the measure.

    Args:
        iam: boto3's client.
        policy_name: of the inline policy; begins the managed policy's.
        policy_arn: what the ARNs of this account's managed policies begin with, ``arn:aws:iam::333333333333:policy/``.
        denials: what a containment denies.
    """

    def __init__(self, iam: Any, policy_name: str, policy_arn: str, denials: Denials = lockout) -> None:
        self._iam = iam
        self._policy_name = policy_name
        self._policy_arn = policy_arn
        self._denials = denials

    def apply(self, containment: Containment) -> None:
        user, document = containment.target, policy_document(containment.ends_at, self._denials(containment))
        try:
            self._iam.put_user_policy(UserName=user, PolicyName=self._policy_name, PolicyDocument=document)
        except self._iam.exceptions.NoSuchEntityException:
            return  # of a user who is gone there is nothing to deny, and the others' sweep must not stop at it
        except self._iam.exceptions.LimitExceededException:
            self._attach(user, document)

    def undo(self, containment: Containment) -> None:
        with suppress(self._iam.exceptions.NoSuchEntityException):
            self._iam.delete_user_policy(UserName=containment.target, PolicyName=self._policy_name)
        with suppress(self._iam.exceptions.NoSuchEntityException):
            for name in self._attached(containment.target):
                self._detach(containment.target, name)

    def _attach(self, user: str, document: str) -> None:
        """Attach a policy with this text, unless one is attached, and only then take away those with others.

        Its name ends at random: one that could be foretold might have been made by somebody who wants it attached.
        """
        before = self._attached(user)
        stem = f"{self._managed_prefix(user)}{_digest(document)}-"
        name = next((one for one in before if one.startswith(stem)), None)
        if name is None:
            name = f"{stem}{secrets.token_hex(4)}"
            self._make_and_attach(user, name, document)
        for other in before:
            if other != name:
                self._detach(user, other)

    def _make_and_attach(self, user: str, name: str, document: str) -> None:
        arn = f"{self._policy_arn}{name}"
        self._iam.create_policy(PolicyName=name, PolicyDocument=document)
        try:
            self._attach_once_known(user, arn)
        except Exception as fault:
            with suppress(self._iam.exceptions.NoSuchEntityException):
                self._iam.delete_policy(PolicyArn=arn)
            if isinstance(fault, self._iam.exceptions.LimitExceededException):
                raise MeasureRefusedError(
                    "the user's inline policies have no room left,"
                    " and as many managed policies are attached as AWS takes"
                ) from None
            raise

    def _attach_once_known(self, user: str, arn: str) -> None:
        """IAM may not know a policy everywhere yet that was just made, and then says that it is not there."""
        for pause in (*_PAUSES, None):
            try:
                self._iam.attach_user_policy(UserName=user, PolicyArn=arn)
            except self._iam.exceptions.NoSuchEntityException:
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                return

    def _attached(self, user: str) -> list[str]:
        pages = self._iam.get_paginator("list_attached_user_policies").paginate(UserName=user)
        names = (one["PolicyName"] for page in pages for one in page["AttachedPolicies"])
        return [name for name in names if name.startswith(self._managed_prefix(user))]

    def _detach(self, user: str, name: str) -> None:
        arn = f"{self._policy_arn}{name}"
        with suppress(self._iam.exceptions.NoSuchEntityException):
            self._iam.detach_user_policy(UserName=user, PolicyArn=arn)
        # one that others attached elsewhere stays theirs
        with suppress(self._iam.exceptions.NoSuchEntityException, self._iam.exceptions.DeleteConflictException):
            self._iam.delete_policy(PolicyArn=arn)

    def _managed_prefix(self, user: str) -> str:
        return f"{self._policy_name}-{_digest(user.casefold())}-"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def policy_document(ends_at: datetime, denials: Iterable[Denial]) -> str:
    """The policy's text.

    Args:
        ends_at: it denies nothing from then on.
        denials: each becomes a statement.
    """
    statements = [
        {
            "Sid": one.sid,
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                **one.conditions,
                "DateLessThan": {**one.conditions.get("DateLessThan", {}), "aws:CurrentTime": stamp(ends_at)},
            },
        }
        for one in denials
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def stamp(at: datetime) -> str:
    """A time as IAM reads it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
