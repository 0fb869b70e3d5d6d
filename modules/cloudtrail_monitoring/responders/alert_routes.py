"""Whether alerts reach people: the subscriptions of an environment's topics as they are, and a test through them.

An e-mail subscription delivers nothing until its reader has confirmed it, and lapses after 48 hours without; Terraform
takes it for made meanwhile. Nothing is changed here: what is missing comes back with the next deployment.

https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
https://docs.aws.amazon.com/sns/latest/dg/CleanUp.html (48 hours)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.aws_account import caller_of, told_in_a_line
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings

REACHES_NOBODY = 1
_PENDING, _DELETED = "PendingConfirmation", "Deleted"
"""In place of a subscription's ARN."""


class AlertRoutesError(ValueError):
    """There is no such channel; ``str()`` is one line."""


class State(StrEnum):
    """How it stands with one reader."""

    CONFIRMED = "confirmed"
    PENDING = "NOT CONFIRMED: the link in SNS's mail waits for a click, and lapses after 48 hours"
    LAPSED = "NOT SUBSCRIBED, though a contact: deploy again"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who should receive alerts, or does."""

    endpoint: str
    state: State


@dataclass(frozen=True, slots=True)
class Route:
    """One topic."""

    channel: Channel
    topic_arn: str
    readers: tuple[Reader, ...]
    is_used: bool
    """Whether a level goes there, or a contact expects it to."""

    @property
    def confirmed(self) -> int:
        return sum(reader.state is State.CONFIRMED for reader in self.readers)

    @property
    def is_sound(self) -> bool:
        """Whether everybody is reached, and there is somebody if alerts go there."""
        return self.confirmed == len(self.readers) and (bool(self.readers) or not self.is_used)


class AlertRoutes:
    """The topics of an environment.

    Args:
        settings: the environment.
        aws: clients of its home Region; those of the shell's credentials if there are none.
    """

    def __init__(self, settings: MonitoringSettings, aws: Aws | None = None) -> None:
        self._settings = settings
        self._aws = aws or Aws(settings.home_region)

    def caller(self) -> str:
        """Who asks, as an ARN.

        Raises:
            AccountError: nobody may ask, or the account is not the environment's.
        """
        return caller_of(self._settings, self._aws)

    def look(self, channels: Sequence[Channel] = tuple(Channel)) -> tuple[Route, ...]:
        """The routes as they are.

        Raises:
            AccountError: there is no such topic, or AWS can't be asked.
        """
        return tuple(self._route(channel) for channel in channels)

    def send_test(self, route: Route, *, caller: str, at: datetime) -> None:
        """One message, marked as a test.

        Raises:
            AccountError: the topic does not take it.
        """
        settings = self._settings
        subject = f"[TEST] Alerts of {settings.environment}, account {settings.account_id}"
        text = {
            Channel.EMAIL: "\n".join(
                (
                    "This is a TEST. Nothing has happened.",
                    "",
                    f"It shows that alerts of {settings.environment} (account {settings.account_id}) reach you.",
                    f"Sent {at:%Y-%m-%d %H:%M:%S} UTC by {caller}.",
                    "What to do: tell the sender that it has arrived.",
                )
            ),
            Channel.SMS: f"TEST, nothing has happened: alerts of {settings.environment} reach you. {at:%H:%M} UTC",
        }[route.channel]
        with told_in_a_line(absent=f"deploy {route.topic_arn} first"):
            self._aws.sns.publish(TopicArn=route.topic_arn, Subject=subject[:99], Message=text)

    def _route(self, channel: Channel) -> Route:
        settings = self._settings
        arn = settings.location.arn("sns", f"{settings.name_prefix}-{channel.value}")
        with told_in_a_line(absent=f"deploy {arn} first"):
            pages = self._aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
            found = [_reader(one) for page in pages for one in page["Subscriptions"]]
        known = {reader.endpoint.casefold() for reader in found}
        contacts = settings.alerting.contacts.of(channel)
        lapsed = [Reader(one, State.LAPSED) for one in contacts if one.casefold() not in known]
        is_used = bool(contacts) or any(channel in channels for channels in settings.alerting.routes.values())
        return Route(channel, arn, (*found, *lapsed), is_used)


def run_check(settings: MonitoringSettings, console: Console, aws: Aws | None = None) -> int:
    """Print the routes; 0 if all are sound, else 1.

    Raises:
        AccountError: as ``AlertRoutes``.
    """
    routes = AlertRoutes(settings, aws)
    routes.caller()
    seen = routes.look()
    table = Table("channel", "reader", "state", title=f"{settings.environment}, account {settings.account_id}")
    for route in seen:
        for reader in route.readers:
            table.add_row(route.channel.value, Text(reader.endpoint), Text(reader.state.value))
        if not route.readers:
            table.add_row(route.channel.value, "nobody", "NO READER" if route.is_used else "no level goes there")
    console.print(table)
    total, confirmed = sum(len(route.readers) for route in seen), sum(route.confirmed for route in seen)
    console.print(f"alerts reach {confirmed} of {total}")
    return 0 if all(route.is_sound for route in seen) else REACHES_NOBODY


def run_send_test(
    settings: MonitoringSettings, console: Console, *, channel: str | None = None, aws: Aws | None = None
) -> int:
    """Send the test, and print to whom; 1 if a message reaches nobody.

    Args:
        channel: only that one; else each that is used.

    Raises:
        AccountError: as ``AlertRoutes``.
        AlertRoutesError: there is no such channel.
    """
    names = [one.value for one in Channel]
    if channel not in (None, *names):
        raise AlertRoutesError(f"there is no channel {channel!r}; there are {', '.join(names)}")
    routes = AlertRoutes(settings, aws)
    caller = routes.caller()
    wanted = [
        route for route in routes.look([Channel(channel)] if channel else tuple(Channel)) if channel or route.is_used
    ]
    for route in wanted:
        routes.send_test(route, caller=caller, at=datetime.now(UTC))
        readers = f"{route.confirmed} reader{'s' if route.confirmed != 1 else ''}"
        console.print(f"{route.channel.value}: a test went to {readers}", highlight=False)
    return 0 if all(route.confirmed for route in wanted) else REACHES_NOBODY


def _reader(subscription: dict[str, Any]) -> Reader:
    states = {_PENDING: State.PENDING, _DELETED: State.DELETED}
    return Reader(subscription["Endpoint"], states.get(subscription["SubscriptionArn"], State.CONFIRMED))
