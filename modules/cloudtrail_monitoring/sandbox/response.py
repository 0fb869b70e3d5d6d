"""The deployed responders at work on replayed records: the functions' own code, in this process, on what is deployed.

The functions' configuration, the queue, the log group's subscription and the schedules are read back from the embedded
AWS; tables, topics, users and the second trail are used there. Time is injected: a record reaches the queue by
EventBridge within seconds and by the log group minutes later, schedules fire when they are due, and in the end all that
are left. Who else is told, and what alarms do, is left to ``replay``.

Users that failed to log in or did so exist in a real account: they are made before the replay.
"""

import base64
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.responders.runtime.actions import Action
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import HIDDEN_NAME, CloudTrailEvent
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.containment import containment_key
from cloudtrail_monitoring.sandbox.alarm_evaluation import Transition
from cloudtrail_monitoring.sandbox.alarm_events import alarm_event
from cloudtrail_monitoring.sandbox.event_bus import Client, Delivery
from cloudtrail_monitoring.sandbox.history import DocumentationCountries
from cloudtrail_monitoring.simulation.records import Record

BY_EVENT_BRIDGE = timedelta(seconds=5)
BY_LOG_GROUP = timedelta(minutes=5)
"""CloudTrail's average.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html"""
_AN_HOUR, _HOURLY = timedelta(hours=1), "rate(1 hour)"
_BATCH = 10
_LOG_BATCH = 500
_ENDLESS = 10_000
_TRAIL_STREAM = "{account}_CloudTrail_{region}"


@dataclass(frozen=True)
class Contained:
    """One thing that a responder did about an event; the words of ``report.json``."""

    kind: str
    target: str
    began: datetime
    ended: datetime | None
    """``None`` for what is told and not held, or still stands."""


@dataclass(frozen=True)
class Published:
    """A message that a responder published."""

    at: datetime
    function: str
    topic_arn: str
    subject: str | None
    text: str
    events: tuple[int, ...]
    """The numbers of the records it is about, where it is about any."""


@dataclass
class Outcome:
    """What the responders did."""

    actions: dict[int, list[Contained]] = field(default_factory=dict)
    """By the number of the record."""
    published: list[Published] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """A line for each message that no responder could handle."""


@dataclass
class InjectedClock:
    """The replay's time."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


class ObservedAws(Aws):
    """The functions' clients, which tell what is published."""

    def __init__(self, region: str, now: InjectedClock, publish: Any) -> None:
        super().__init__(region, now)
        self._publish = publish

    def client(self, service: str) -> Any:
        client = super().client(service)
        if service == "sns":
            client.meta.events.register("provide-client-params.sns.Publish", self._observe)
        return client

    def _observe(self, params: dict[str, Any], **_: Any) -> None:
        self._publish(params["TopicArn"], params.get("Subject"), params["Message"])


class LambdaContext:
    """Of Lambda's context what the functions ask for."""

    function_name = "router"
    aws_request_id = "replay"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


class Responders:
    """The deployed responders of an environment; ``find`` gives them where there are any.

    Args:
        client: gives boto3 clients of the embedded AWS.
        configuration: of the functions, as deployed.
        subscription: pattern of the log group's subscription, as deployed; ``None`` without one.
        country_file: the country database that goes into the router's layer, if there is one.
        variables: the functions' environment, as deployed.
    """

    def __init__(
        self,
        client: Client,
        configuration: Configuration,
        subscription: FilterPattern | None,
        country_file: Path | None = None,
        variables: Mapping[str, str] = {},
    ) -> None:
        # what runs in Lambda needs Powertools, which only those need who replay
        from cloudtrail_monitoring.responders.runtime.alarm_story import AlarmStory
        from cloudtrail_monitoring.responders.runtime.intake import Intake
        from cloudtrail_monitoring.responders.runtime.release import Release
        from cloudtrail_monitoring.responders.runtime.router import Router, logger

        # the functions log every event, which belongs into CloudWatch and not onto a terminal
        logger.setLevel("ERROR")
        self.variables = variables
        self._client = client
        self._configuration = configuration
        self._subscription = subscription
        self._clock = InjectedClock(datetime(1970, 1, 1, tzinfo=UTC))
        self._outcome = Outcome()
        self._numbers: dict[str, int] = {}
        self._did: list[tuple[int, Action]] = []
        self._ends: dict[tuple[str, datetime], datetime | None] = {}
        self._events: tuple[int, ...] = ()
        self._function = ""
        aws = ObservedAws(configuration.region, self._clock, self._published)
        self._router = _followed(Router, self._began)(
            configuration, aws, self._acted, DocumentationCountries(str(country_file or ""))
        )
        self._release = Release(configuration, aws)
        self._intake = Intake(configuration, aws)
        self._story = AlarmStory(configuration, aws)

    @classmethod
    def find(cls, client: Client, name_prefix: str, country_file: Path | None = None) -> "Responders | None":
        """The responders that are deployed, ``None`` if there are none."""
        functions = client("lambda")
        try:
            described = functions.get_function_configuration(FunctionName=f"{name_prefix}-router")
        except functions.exceptions.ResourceNotFoundException:
            return None
        variables = described["Environment"]["Variables"]
        configuration = Configuration.read(variables)
        found = client("logs").describe_subscription_filters(logGroupName=configuration.log_group_name)
        patterns = [
            FilterPattern.parse(one["filterPattern"])
            for one in found["subscriptionFilters"]
            if one["destinationArn"].endswith(f":{name_prefix}-intake")
        ]
        return cls(client, configuration, patterns[0] if patterns else None, country_file, variables)

    def learn(self, ordered: Sequence[tuple[datetime, Record]]) -> None:
        """Let the responders have seen earlier records: what they did and said then is of no interest."""
        for step in self._events_on_both_paths(ordered, ()):
            self._clock.at = step.at
            step.deliver()
            self._drain()
        self._fire_schedules(until=None)
        self._outcome, self._did = Outcome(), []

    def run(
        self,
        ordered: Sequence[tuple[datetime, Record]],
        delivered: Sequence[tuple[int, Delivery]],
        transitions: Iterable[Transition],
    ) -> Outcome:
        """Give the responders what the deployed paths give them, in order of time, until the last schedule has fired.

        Args:
            ordered: the records with their times.
            delivered: what EventBridge's rules sent, with the number of the record.
            transitions: how the alarms changed their states.
        """
        self._numbers = {str(record.get("eventID")): number for number, (_, record) in enumerate(ordered)}
        self._make_users(record for _, record in ordered)
        # datapoints carry the time of their event in a replay, and so does what an alarm's story is found by
        self._write(ordered)
        agenda = [
            *self._events_on_both_paths(ordered, delivered),
            *self._stories(ordered, transitions),
            *self._hourly_calls(ordered),
        ]
        for step in sorted(agenda, key=attrgetter("at")):
            self._fire_schedules(until=step.at)
            self._clock.at = step.at
            step.deliver()
            self._drain()
        self._fire_schedules(until=None)
        self._settle()
        return self._outcome

    def _events_on_both_paths(
        self, ordered: Sequence[tuple[datetime, Record]], delivered: Iterable[tuple[int, Delivery]]
    ) -> Iterator["_Step"]:
        for number, delivery in delivered:
            if delivery.target.arn.split(":")[2] == "sqs":
                yield _Step(ordered[number][0] + BY_EVENT_BRIDGE, partial(self._send, delivery.text))
        for at, records in _deliveries(ordered):
            yield _Step(at, partial(self._take_in, records))

    def _stories(
        self, ordered: Sequence[tuple[datetime, Record]], transitions: Iterable[Transition]
    ) -> Iterator["_Step"]:
        for change in transitions:
            if change.new == "ALARM":
                event = alarm_event(change, sorted(ordered[number][0] for number in change.events))
                yield _Step(change.at + BY_EVENT_BRIDGE, partial(self._tell, event, change.events))

    def _hourly_calls(self, ordered: Sequence[tuple[datetime, Record]]) -> Iterator["_Step"]:
        """The hourly schedules, at the full hour after a record (AWS: an hour after the schedule was made, and on).

        After an hour without records a call finds nothing new: what ends by itself has a schedule of its own.
        """
        payloads = list(_hourly(self._client("scheduler"), self._configuration.schedule_group))
        seconds = int(_AN_HOUR.total_seconds())
        for hour in sorted({int(at.timestamp()) // seconds + 1 for at, _ in ordered}):
            for payload in payloads:
                yield _Step(datetime.fromtimestamp(hour * seconds, UTC), partial(self._call_hourly, payload))

    def _call_hourly(self, payload: str) -> None:
        self._function, self._events = "release", ()
        self._release.handle(json.loads(payload))

    def _tell(self, event: dict[str, Any], events: tuple[int, ...]) -> None:
        self._function, self._events = "alarm-story", events
        self._story.handle(event)

    def _send(self, text: str) -> None:
        self._client("sqs").send_message(QueueUrl=self._configuration.queue_url, MessageBody=text)

    def _take_in(self, records: Sequence[tuple[datetime, Record]]) -> None:
        """The log group hands those records to the intake that its subscription matches."""
        matches = self._subscription.matches if self._subscription else lambda _: False
        matching = [_log_event(at, record) for at, record in records if matches(record)]
        if not matching:
            return
        content = {"messageType": "DATA_MESSAGE", "logEvents": matching}
        self._function, self._events = "intake", ()
        packed = gzip.compress(json.dumps(content).encode())
        self._intake.handle({"awslogs": {"data": base64.b64encode(packed).decode()}})

    def _write(self, ordered: Sequence[tuple[datetime, Record]]) -> None:
        """What CloudTrail delivers to the trail's log group."""
        logs, group = self._client("logs"), self._configuration.log_group_name
        stream = _TRAIL_STREAM.format(account=self._configuration.account_id, region=self._configuration.region)
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        for first in range(0, len(ordered), _LOG_BATCH):
            events = [_log_event(at, record) for at, record in ordered[first : first + _LOG_BATCH]]
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def _drain(self) -> None:
        """Lambda's work: batches from the queue to the router, and what it is through with out of the queue."""
        sqs, url = self._client("sqs"), self._configuration.queue_url
        for _ in range(_ENDLESS):
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=_BATCH).get("Messages", [])
            if not messages:
                return
            self._function = "router"
            failed = self._routed(messages)
            self._outcome.failed += failed
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def _routed(self, messages: Sequence[dict[str, Any]]) -> list[str]:
        from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

        batch = {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": {},
                    "messageAttributes": {},
                    "eventSource": "aws:sqs",
                    "eventSourceARN": "",
                    "awsRegion": self._configuration.region,
                }
                for message in messages
            ]
        }
        try:
            answer = self._router.handle(batch, LambdaContext())
        except BatchProcessingError as error:
            return [str(error).splitlines()[0]]
        return [f"message {one['itemIdentifier']} was not handled" for one in answer["batchItemFailures"]]

    def _fire_schedules(self, until: datetime | None) -> None:
        """Call the release function for each one-time schedule in its turn; those it makes meanwhile, too."""
        scheduler, group = self._client("scheduler"), self._configuration.schedule_group
        for _ in range(_ENDLESS):
            due = sorted(_one_time(scheduler, group), key=attrgetter("at"))
            if not due or (until is not None and due[0].at > until):
                return
            self._clock.at = max(self._clock.at, due[0].at)
            self._function, self._events = "release", ()
            # as ActionAfterCompletion has it
            scheduler.delete_schedule(Name=due[0].name, GroupName=group)
            self._release.handle(json.loads(due[0].payload))
            # the table remembers the last containment of a target only
            self._ends |= {(one.key, one.began): one.ended_at for one in self._release.containments()}

    def _began(self, event: CloudTrailEvent) -> None:
        number = self._numbers.get(event.id)
        self._events = () if number is None else (number,)

    def _acted(self, _: CloudTrailEvent, action: Action) -> None:
        self._did += [(number, action) for number in self._events]

    def _published(self, topic_arn: str, subject: str | None, text: str) -> None:
        self._outcome.published.append(
            Published(self._clock.at, self._function, topic_arn, subject, text, self._events)
        )

    def _settle(self) -> None:
        """Each action with its end."""
        for number, action in self._did:
            contained = Contained(
                action.kind,
                action.target,
                action.began,
                self._ends.get((containment_key(action.kind, action.target), action.began)),
            )
            actions = self._outcome.actions.setdefault(number, [])
            if contained not in actions:
                actions.append(contained)

    def _make_users(self, records: Iterable[Record]) -> None:
        iam = self._client("iam")
        names = Counter(_user_name(record) for record in records)
        for name in filter(None, names):
            with suppress(iam.exceptions.EntityAlreadyExistsException):
                iam.create_user(UserName=name)


def _followed(router: Any, began: Callable[[CloudTrailEvent], None]) -> Any:
    """The router, which tells each event that it gives to the responders."""

    # the class comes out of the deployed code at run time, so that its type is not known
    class Followed(router):  # type: ignore[misc]
        def _respond(self, *, event_id: str, event: CloudTrailEvent) -> None:
            began(event)
            super()._respond(event_id=event_id, event=event)

    return Followed


@dataclass(frozen=True)
class _Step:
    at: datetime
    deliver: Any


@dataclass(frozen=True)
class _Schedule:
    at: datetime
    name: str
    payload: str


def _schedules(scheduler: Any, group: str) -> Iterator[dict[str, Any]]:
    for page in scheduler.get_paginator("list_schedules").paginate(GroupName=group):
        for listed in page["Schedules"]:
            yield scheduler.get_schedule(Name=listed["Name"], GroupName=group)


def _one_time(scheduler: Any, group: str) -> Iterator[_Schedule]:
    for found in _schedules(scheduler, group):
        expression = found["ScheduleExpression"]
        if expression.startswith("at("):
            at = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=UTC)
            yield _Schedule(at, found["Name"], found["Target"]["Input"])


def _hourly(scheduler: Any, group: str) -> Iterator[str]:
    for found in _schedules(scheduler, group):
        if found["ScheduleExpression"] == _HOURLY:
            yield found["Target"]["Input"]


def _log_event(at: datetime, record: Record) -> dict[str, Any]:
    return {"timestamp": int(at.timestamp() * 1000), "message": json.dumps(record)}


def _deliveries(
    ordered: Sequence[tuple[datetime, Record]],
) -> Iterator[tuple[datetime, list[tuple[datetime, Record]]]]:
    """CloudTrail's deliveries to the log group: the records of each five minutes, five minutes after their end."""
    grouped: dict[datetime, list[tuple[datetime, Record]]] = {}
    seconds = int(BY_LOG_GROUP.total_seconds())
    for at, record in ordered:
        end = datetime.fromtimestamp((int(at.timestamp()) // seconds + 1) * seconds, UTC)
        grouped.setdefault(end + BY_LOG_GROUP, []).append((at, record))
    yield from grouped.items()


def _user_name(record: Record) -> str | None:
    identity = record.get("userIdentity")
    if not isinstance(identity, dict) or identity.get("type") != "IAMUser":
        return None
    name = identity.get("userName")
    return name if isinstance(name, str) and name != HIDDEN_NAME else None
