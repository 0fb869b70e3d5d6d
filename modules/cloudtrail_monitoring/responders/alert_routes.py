"""Whether alerts reach people: the subscriptions of an environment's topics as they are, and a test through them.

An e-mail subscription delivers nothing until its reader has confirmed it, and lapses after 48 hours without; Terraform
takes it for made meanwhile. Nothing is changed here: what is missing comes back with the next deployment.

https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
https://docs.aws.amazon.com/sns/latest/dg/CleanUp.html (48 hours)
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.settings import MonitoringSettings

REACHES_NOBODY = 1
_PENDING, _DELETED = "PendingConfirmation", "Deleted"
"""In place of a subscription's ARN."""

Client = Callable[[str], Any]
"""Makes boto3's client of a service."""


class AlertRoutesError(RuntimeError):
    """AWS can't be asked, or is not the environment's; ``str()`` is one line."""


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
        client: makes clients; by default with the credentials of the shell, in the home Region.
    """

    def __init__(self, settings: MonitoringSettings, client: Client | None = None) -> None:
        self._settings = settings
        self._client = client or _clients(settings.home_region)

    def caller(self) -> str:
        """Who asks, as an ARN.

        Raises:
            AlertRoutesError: nobody may ask, or the account is not the environment's.
        """
        with _told_in_a_line("who you are"):
            identity = self._client("sts").get_caller_identity()
        if identity["Account"] != self._settings.account_id:
            raise AlertRoutesError(
                f"your credentials are of account {identity['Account']}, and {self._settings.environment} is in"
                f" {self._settings.account_id}: take credentials of that account"
            )
        return str(identity["Arn"])

    def look(self, channels: Sequence[Channel] = tuple(Channel)) -> tuple[Route, ...]:
        """The routes as they are.

        Raises:
            AlertRoutesError: there is no such topic, or AWS can't be asked.
        """
        return tuple(self._route(channel) for channel in channels)

    def send_test(self, route: Route, *, caller: str, at: datetime) -> None:
        """One message, marked as a test.

        Raises:
            AlertRoutesError: the topic does not take it.
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
        with _told_in_a_line(f"to publish to {route.topic_arn}"):
            self._client("sns").publish(TopicArn=route.topic_arn, Subject=subject[:99], Message=text)

    def _route(self, channel: Channel) -> Route:
        settings = self._settings
        arn = settings.location.arn("sns", f"{settings.name_prefix}-{channel.value}")
        with _told_in_a_line(f"who reads {arn}"):
            pages = self._client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
            found = [_reader(one) for page in pages for one in page["Subscriptions"]]
        known = {reader.endpoint.casefold() for reader in found}
        contacts = settings.alerting.contacts.of(channel)
        lapsed = [Reader(one, State.LAPSED) for one in contacts if one.casefold() not in known]
        is_used = bool(contacts) or any(channel in channels for channels in settings.alerting.routes.values())
        return Route(channel, arn, (*found, *lapsed), is_used)


def run_check(settings: MonitoringSettings, console: Console, client: Client | None = None) -> int:
    """Print the routes; 0 if all are sound, else 1.

    Raises:
        AlertRoutesError: as ``AlertRoutes``.
    """
    routes = AlertRoutes(settings, client)
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
    settings: MonitoringSettings, console: Console, *, channel: str | None = None, client: Client | None = None
) -> int:
    """Send the test, and print to whom; 1 if a message reaches nobody.

    Args:
        channel: only that one; else each that is used.

    Raises:
        AlertRoutesError: as ``AlertRoutes``, or there is no such channel.
    """
    names = [one.value for one in Channel]
    if channel not in (None, *names):
        raise AlertRoutesError(f"there is no channel {channel!r}; there are {', '.join(names)}")
    routes = AlertRoutes(settings, client)
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


def _clients(region: str) -> Client:
    def client(service: str) -> Any:
        try:
            import boto3
        except ModuleNotFoundError:
            raise AlertRoutesError("boto3 is needed: pip install 'cloudtrail-monitoring[sandbox]'") from None
        # boto3's stubs know a client only by a literal name
        return boto3.client(service, region_name=region)  # type: ignore[call-overload]

    return client


@contextmanager
def _told_in_a_line(what: str) -> Iterator[None]:
    """What AWS, or the way to it, objects to, as one line."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError:
        raise AlertRoutesError("boto3 is needed: pip install 'cloudtrail-monitoring[sandbox]'") from None
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("NotFound", "NotFoundException"):
            raise AlertRoutesError(f"AWS was asked {what}, and there is no such topic: deploy first") from None
        raise AlertRoutesError(f"AWS was asked {what}, and answers {code}: {_line(error)}") from None
    except BotoCoreError as error:
        raise AlertRoutesError(f"AWS can't be asked {what}: {_line(error)}") from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
