"""Replay: CloudTrail records through what is deployed in the embedded AWS, step by step as the account takes them.

The metric filters on the trail's log group, the alarms on their metrics, the EventBridge rules of every Region, and the
topics with their subscriptions are read back through boto3, never from the code that made them. Records run through
them in order of `eventTime`, the only clock there is: matching filters publish datapoints, alarms change state, rules
fire, and each reader of a topic gets a message. States, messages and what responders measure are also set and published
in the embedded AWS.

What CloudTrail would record in the first place (event selectors) is taken as given: a record is replayed because it was
recorded. Reading files is left to ``records``, showing the result to ``report``.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudtrail_monitoring.sandbox.alarm_evaluation import (
    Alarm,
    Course,
    NotEvaluated,
    Transition,
    follow,
    read_alarm,
)
from cloudtrail_monitoring.sandbox.embedded_metrics import listening
from cloudtrail_monitoring.sandbox.event_bus import Client, Delivery, EventBuses
from cloudtrail_monitoring.sandbox.history import HISTORY
from cloudtrail_monitoring.sandbox.metric_filters import (
    Observations,
    ReplayError,
    log_groups,
    read_filters,
    without_prefix,
)
from cloudtrail_monitoring.sandbox.metric_publishing import put_measured
from cloudtrail_monitoring.sandbox.notifications import (
    MESSAGE_MAX_BYTES,
    Message,
    Notification,
    Topic,
    alarm_message,
    notifications,
    read_topic,
    rule_message,
)
from cloudtrail_monitoring.sandbox.response import Contained, Outcome, Published, Responders
from cloudtrail_monitoring.simulation.actor import actor
from cloudtrail_monitoring.simulation.records import Record, UnreadableRecord, event_time, read_records

if TYPE_CHECKING:
    from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
    from cloudtrail_monitoring.settings import MonitoringSettings

__all__ = ["ReplayError", "ReplayResult", "ReplayedEvent", "actor", "replay", "replay_records"]


@dataclass(frozen=True)
class ReplayedEvent:
    """What one record set off."""

    event_id: str
    name: str
    at: datetime
    source: str
    """The service, such as `iam.amazonaws.com`."""
    region: str
    actor: str
    address: str
    detections: tuple[str, ...]
    """Ids of the metric filters that matched."""
    alarms: tuple[str, ...]
    """Names of the alarms that went to ALARM because of this event, or were kept in ALARM by it."""
    raised: tuple[str, ...]
    """Those of ``alarms`` that went to ALARM because of it: only a change of state sends messages."""
    rules: tuple[str, ...]
    """Names of the EventBridge rules that reached a target other than a bus."""
    notifications: tuple[Notification, ...]
    actions: tuple[Contained, ...] = ()
    """What responders did."""


@dataclass(frozen=True)
class ReplayResult:
    """Everything a replay found out; ``events`` are in order of time."""

    name_prefix: str
    events: tuple[ReplayedEvent, ...]
    transitions: tuple[Transition, ...]
    """Every change of state of every alarm, in order of time; their ``events`` count into ``events`` of the result."""
    notifications: tuple[Notification, ...]
    alarms: tuple[str, ...]
    """Names of all alarms that were judged."""
    not_evaluated: tuple[NotEvaluated, ...]
    unheard: tuple[str, ...]
    """Alarms and rules whose message reached nobody, one line each with the reason."""
    has_responders: bool
    """Whether responders are deployed."""
    unanswered: tuple[str, ...]
    """Messages that no responder could handle, one line each."""
    unreadable: tuple[UnreadableRecord, ...]
    seconds: float
    """How long it took to read and match the records and judge the alarms, without calls to the embedded AWS."""

    @property
    def records_per_second(self) -> float:
        """Records read, matched and judged in a second."""
        return len(self.events) / self.seconds if self.seconds else 0.0

    def detection_id(self, name: str) -> str:
        """The name of a filter, an alarm or a rule without the environment's prefix."""
        return without_prefix(name, self.name_prefix)


def replay(
    paths: Sequence[Path], aws: "EmbeddedAws", settings: "MonitoringSettings", before: Iterable[Record] = ()
) -> ReplayResult:
    """Replay the records of files and folders against the environment that ``settings`` describe, deployed in ``aws``.

    Args:
        paths: What is replayed.
        aws: Where the environment is deployed.
        settings: The environment.
        before: Earlier records, from which responders learn beside the bundled ones.

    Raises:
        RecordsError: A path does not exist or holds no records.
        ReplayError, EventRuleError, MetricMathError: As for ``replay_records``.
    """
    unreadable: list[UnreadableRecord] = []
    geography = settings.responders.geography if settings.responders else None
    return replay_records(
        # a record of CloudTrail Insights names no event
        read_records(paths, unreadable.append, named=False),
        client=aws.client,
        name_prefix=settings.name_prefix,
        regions=settings.further_regions,
        unreadable=unreadable,
        before=chain(read_records([HISTORY], unreadable.append), before),
        country_file=geography.database if geography else None,
    )


def replay_records(
    records: Iterable[Record],
    *,
    client: Client,
    name_prefix: str,
    regions: Sequence[str] = (),
    unreadable: Sequence[UnreadableRecord] = (),
    before: Iterable[Record] = (),
    country_file: Path | None = None,
    stopwatch: Callable[[], float] = time.perf_counter,
) -> ReplayResult:
    """Run ``records`` through the deployed environment, and set the alarms' states in the embedded AWS.

    Args:
        records: As ``read_records`` gives them, in any order.
        client: ``client(service, region_name=None)``, a boto3 client; without a Region, the home one's.
        name_prefix: What the names of the environment's metric filters and alarms begin with, up to the last hyphen.
        regions: The Regions whose EventBridge rules are read, beside the home Region.
        unreadable: What could not be read; looked at after the last record, so it may still be filling up.
        before: Earlier records, from which responders have learnt.
        country_file: The country database of the deployed responders, where there is one.
        stopwatch: Seconds from an arbitrary start, for the throughput only.

    Raises:
        ReplayError: No trail that is logging delivers to a log group, or a deployed filter has a pattern that is not in
            the JSON filter language.
        EventRuleError: A deployed rule uses an operator that is not evaluated here.
        MetricMathError: An alarm's expression cannot be evaluated.
        RecordsError: From ``records``.
    """
    home, groups = log_groups(client)
    # Terraform makes things in any order; sorted, a replay of the same records says the same.
    filters = sorted(
        (found for group in groups for found in read_filters(client("logs"), group, name_prefix)), key=attrgetter("id")
    )
    buses = EventBuses(client, dict.fromkeys((home, *regions)))
    alarms, not_evaluated = _read_alarms(client("cloudwatch"), {filter_.metric[:2] for filter_ in filters})

    begun = stopwatch()
    ordered = _in_order(records)
    observations = Observations(filters)
    detections = [observations.add(number, at, record) for number, (at, record) in enumerate(ordered)]
    delivered = [(number, sent) for number, (_, record) in enumerate(ordered) for sent in buses.deliveries(record)]
    datapoints = observations.datapoints()
    courses = [(alarm, follow(alarm, datapoints)) for alarm in alarms]
    seconds = stopwatch() - begun

    transitions = sorted((change for _, course in courses for change in course.transitions), key=attrgetter("at"))
    post = _Post(client)
    for change in transitions:
        post.alarm_changed(change)
    for number, delivery in delivered:
        post.rule_fired(number, delivery, ordered[number][0])
    responders = Responders.find(client, name_prefix, country_file)
    response = Outcome()
    if responders is not None:
        with listening(responders.variables) as measured:
            responders.learn(_in_order(before))
            response = responders.run(ordered, delivered, transitions)
        put_measured(client("cloudwatch"), measured)
    for message in response.published:
        post.responder_told(message)
    return ReplayResult(
        name_prefix=name_prefix,
        events=tuple(_events(ordered, detections, courses, delivered, post.by_event, response.actions)),
        transitions=tuple(transitions),
        notifications=tuple(sorted(post.sent, key=_READING_ORDER)),
        alarms=tuple(alarm.name for alarm in alarms),
        not_evaluated=tuple(not_evaluated),
        unheard=tuple(sorted(post.unheard)),
        has_responders=responders is not None,
        unanswered=tuple(response.failed),
        unreadable=tuple(unreadable),
        seconds=seconds,
    )


def _in_order(records: Iterable[Record]) -> list[tuple[datetime, Record]]:
    return sorted(((event_time(record), record) for record in records), key=itemgetter(0))


def _read_alarms(cloudwatch: Any, fed: set[tuple[str, str]]) -> tuple[list[Alarm], list[NotEvaluated]]:
    """The alarms that only look at metrics in ``fed`` (namespace and name), and the others with the reason."""
    alarms: list[Alarm] = []
    skipped: list[NotEvaluated] = []
    for page in cloudwatch.get_paginator("describe_alarms").paginate():
        for description in page["MetricAlarms"]:
            alarm = read_alarm(description)
            if isinstance(alarm, NotEvaluated):
                skipped.append(alarm)
            elif others := {
                window.metric.namespace for window in alarm.metrics.values() if window.metric[:2] not in fed
            }:
                skipped.append(NotEvaluated(alarm.name, _why_not_judged(others)))
            else:
                alarms.append(alarm)
        for composite in page.get("CompositeAlarms", ()):
            skipped.append(NotEvaluated(composite["AlarmName"], "it is composed of other alarms"))
    return sorted(alarms, key=attrgetter("name")), sorted(skipped)


def _why_not_judged(namespaces: set[str]) -> str:
    if all(name.startswith("AWS/") for name in namespaces):
        return f"a replay has none of AWS's own metrics ({', '.join(sorted(namespaces))})"
    return "it watches a metric that no metric filter of the trail writes"


_READING_ORDER = attrgetter("at", "sender", "via", "protocol", "endpoint")


class _Post:
    """Sets states and publishes messages in the embedded AWS, and keeps what each reader got."""

    def __init__(self, client: Client) -> None:
        self._client = lru_cache(maxsize=None)(client)
        self._topics: dict[str, Topic | None] = {}
        self.sent: list[Notification] = []
        self.by_event: dict[int, list[Notification]] = {}
        self.unheard: dict[str, None] = {}

    def alarm_changed(self, change: Transition) -> None:
        self._client("cloudwatch", change.alarm.arn.split(":")[3]).set_alarm_state(
            AlarmName=change.alarm.name,
            StateValue=change.new,
            StateReason=change.reason,
            # CloudWatch's own states say so when they were judged
            StateReasonData=json.dumps({"version": "1.0", "queryDate": change.at.isoformat()}),
        )
        for arn in change.alarm.actions(change.new):
            self._publish(arn, alarm_message(change), via=change.alarm.name, at=change.at, events=change.events)

    def rule_fired(self, number: int, delivery: Delivery, at: datetime) -> None:
        self._publish(delivery.target.arn, rule_message(delivery.text), via=delivery.rule.name, at=at, events=(number,))

    def responder_told(self, message: Published) -> None:
        """What a function published itself, as its readers get it."""
        topic = self._topic(message.topic_arn)
        if topic is None or not topic.subscriptions:
            return
        told = Message("responder", message.subject, message.text)
        self._keep(notifications(told, topic, via=message.function, at=message.at), message.events)

    def _topic(self, arn: str) -> Topic | None:
        if arn not in self._topics:
            self._topics[arn] = read_topic(self._client("sns", arn.split(":")[3]), arn)
        return self._topics[arn]

    def _keep(self, told: Iterable[Notification], events: Sequence[int]) -> None:
        for notification in told:
            self.sent.append(notification)
            for event in events:
                self.by_event.setdefault(event, []).append(notification)

    def _publish(self, arn: str, message: Message, *, via: str, at: datetime, events: Sequence[int]) -> None:
        if arn.split(":")[2:3] != ["sns"]:
            return
        sns = self._client("sns", arn.split(":")[3])
        topic = self._topic(arn)
        if topic is None or not topic.subscriptions:
            why = "does not exist" if topic is None else "has no subscriptions"
            self.unheard[f"{via}: its topic {arn} {why}"] = None
            return
        if len(message.text.encode()) > MESSAGE_MAX_BYTES:
            self.unheard[f"{via}: a message over 256 KB, which SNS does not take"] = None
            return
        # The embedded SNS would call a web hook for real, and nothing leaves this machine.
        if not any(reader.protocol in ("http", "https") for reader in topic.subscriptions):
            subject = {"Subject": message.subject} if message.subject else {}
            sns.publish(TopicArn=arn, Message=message.text, **subject)
        self._keep(notifications(message, topic, via=via, at=at), events)


def _events(
    ordered: Sequence[tuple[datetime, Record]],
    detections: Sequence[tuple[str, ...]],
    courses: Sequence[tuple[Alarm, Course]],
    delivered: Sequence[tuple[int, Delivery]],
    sent: Mapping[int, Sequence[Notification]],
    actions: Mapping[int, Sequence[Contained]],
) -> Iterator[ReplayedEvent]:
    held, raised, rules = _Names(), _Names(), _Names()
    for alarm, course in courses:
        for number in course.events:
            held.add(number, alarm.name)
        for change in course.transitions:
            for number in change.events:
                raised.add(number, alarm.name)
    for number, delivery in delivered:
        rules.add(number, delivery.rule.name)
    for number, (at, record) in enumerate(ordered):
        yield ReplayedEvent(
            event_id=str(record.get("eventID") or ""),
            name=str(record.get("eventName") or record.get("eventType") or ""),
            at=at,
            source=str(record.get("eventSource") or ""),
            region=str(record.get("awsRegion") or ""),
            actor=actor(record),
            address=str(record.get("sourceIPAddress") or ""),
            detections=detections[number],
            alarms=held[number],
            raised=raised[number],
            rules=rules[number],
            notifications=tuple(sorted(sent.get(number, ()), key=_READING_ORDER)),
            actions=tuple(actions.get(number, ())),
        )


@dataclass
class _Names:
    """Names by the number of an event, each once, in the order they were added."""

    _of: dict[int, dict[str, None]] = field(default_factory=dict)

    def add(self, number: int, name: str) -> None:
        self._of.setdefault(number, {})[name] = None

    def __getitem__(self, number: int) -> tuple[str, ...]:
        return tuple(self._of.get(number, ()))
