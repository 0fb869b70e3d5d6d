"""What the people behind a topic's subscriptions get to read: the e-mail, the text message, or the raw JSON.

CloudWatch writes one message for an alarm and SNS renders it for each protocol; a message from an EventBridge rule is
passed on as it is. The wording and layout here are those of the two services. When something is said, and to which
topic, is decided by ``replay``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from cloudtrail_monitoring.sandbox.alarm_evaluation import Alarm, State, Transition

SMS_MAX_CHARACTERS = 1600
"""https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html"""

MESSAGE_MAX_BYTES = 262_144
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

SUBJECT_MAX_CHARACTERS = 100
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

_SMS_NAME_CHARACTERS = (
    10  # of the topic's display name, https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
)
_DEFAULT_SUBJECT = "AWS Notification Message"


Sender = Literal["alarm", "rule", "responder"]
"""An alarm, an EventBridge rule, or a responder's function: they may have the same name."""


@dataclass(frozen=True)
class Subscription:
    """One reader of a topic."""

    arn: str
    protocol: str
    endpoint: str


@dataclass(frozen=True)
class Topic:
    """A topic and its readers."""

    arn: str
    display_name: str
    subscriptions: tuple[Subscription, ...]

    @property
    def region(self) -> str:
        """The Region of the topic."""
        return self.arn.split(":")[3]


@dataclass(frozen=True)
class Message:
    """What a service hands to a topic."""

    sender: Sender
    subject: str | None
    text: str
    email: str | None = None
    """What CloudWatch's mail says; `None` where the mail is ``text`` itself."""
    sms: str | None = None


@dataclass(frozen=True)
class Notification:
    """One message as one reader receives it."""

    at: datetime
    sender: Sender
    via: str
    """The name of the alarm or rule that sent it."""
    topic_arn: str
    protocol: str
    endpoint: str
    subject: str | None
    """`None` where the protocol has no subject."""
    text: str


def read_topic(sns: Any, arn: str) -> Topic | None:
    """The topic with its subscriptions, or `None` if there is no such topic."""
    try:
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    except (sns.exceptions.NotFoundException, sns.exceptions.InvalidParameterException):
        return None
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    return Topic(
        arn=arn,
        display_name=attributes.get("DisplayName") or "",
        subscriptions=tuple(
            Subscription(found["SubscriptionArn"], found["Protocol"], found["Endpoint"])
            for page in pages
            for found in page["Subscriptions"]
        ),
    )


def alarm_message(transition: Transition) -> Message:
    """CloudWatch's message about an alarm's change of state."""
    alarm, region = transition.alarm, _region_name(transition.alarm.arn.split(":")[3])
    subject = f'{transition.new}: "{alarm.name}" in {region}'
    return Message(
        sender="alarm",
        subject=subject[:SUBJECT_MAX_CHARACTERS],
        text=json.dumps(_alarm_document(transition, region)),
        email=_alarm_email(transition, region),
        sms=subject,
    )


def rule_message(text: str) -> Message:
    """The message of an EventBridge rule: nothing but the text of its target's input."""
    # A record may hold half of a surrogate pair, which JSON allows and UTF-8 does not.
    return Message(sender="rule", subject=None, text=text.encode(errors="replace").decode())


def notifications(message: Message, topic: Topic, *, via: str, at: datetime) -> Iterator[Notification]:
    """``message`` as each subscription of ``topic`` receives it."""
    for reader in topic.subscriptions:
        render = _RENDERERS.get(reader.protocol, _raw)
        subject, text = render(message, topic, reader)
        yield Notification(at, message.sender, via, topic.arn, reader.protocol, reader.endpoint, subject, text)


_Rendered = tuple[str | None, str]


def _email(message: Message, topic: Topic, reader: Subscription) -> _Rendered:
    unsubscribe = (
        f"https://sns.{topic.region}.amazonaws.com/unsubscribe.html"
        f"?SubscriptionArn={reader.arn}&Endpoint={reader.endpoint}"
    )
    footer = (
        "--\n"
        "If you wish to stop receiving notifications from this topic, please click or visit the link below to"
        f" unsubscribe:\n{unsubscribe}\n\n"
        "Please do not reply directly to this email. If you have any questions or comments regarding this email, please"
        " contact us at https://aws.amazon.com/support\n"
    )
    return message.subject or _DEFAULT_SUBJECT, f"{message.email or message.text}\n\n{footer}"


def _sms(message: Message, topic: Topic, _: Subscription) -> _Rendered:
    sender = f"{topic.display_name[:_SMS_NAME_CHARACTERS]}> " if topic.display_name else ""
    return None, (sender + " ".join((message.sms or message.text).split()))[:SMS_MAX_CHARACTERS]


def _raw(message: Message, _topic: Topic, _: Subscription) -> _Rendered:
    return message.subject, message.text


_RENDERERS: Mapping[str, Callable[[Message, Topic, Subscription], _Rendered]] = {"email": _email, "sms": _sms}


def _alarm_email(transition: Transition, region: str) -> str:
    alarm = transition.alarm
    code = alarm.arn.split(":")[3]
    when = f"{transition.at:%A %d %B, %Y %H:%M:%S} UTC"
    needed, of = alarm.datapoints_to_alarm or alarm.evaluation_periods, alarm.evaluation_periods
    details = {
        "Name": alarm.name,
        "Description": alarm.description,
        "State Change": f"{transition.old} -> {transition.new}",
        "Reason for State Change": transition.reason,
        "Timestamp": when,
        "AWS Account": alarm.arn.split(":")[4],
        "Alarm Arn": alarm.arn,
    }
    states: tuple[State, ...] = ("OK", "ALARM", "INSUFFICIENT_DATA")
    return "\n".join(
        (
            f'You are receiving this email because your Amazon CloudWatch Alarm "{alarm.name}" in the {region} region'
            f' has entered the {transition.new} state, because "{transition.reason}" at "{when}".',
            "",
            "View this alarm in the AWS Management Console:",
            f"https://{code}.console.aws.amazon.com/cloudwatch/deeplink.js?region={code}#alarmsV2:alarm/{alarm.name}",
            "",
            "Alarm Details:",
            *_aligned(details, 27),
            "",
            "Threshold:",
            f"- The alarm is in the ALARM state when the metric is {alarm.comparison} {alarm.threshold!r} for at least"
            f" {needed} of the last {of} period(s) of {alarm.period_seconds} seconds.",
            "",
            *_monitored(alarm),
            "",
            "State Change Actions:",
            *(f"- {state}: {_listed(alarm.actions(state))}".rstrip() for state in states),
        )
    )


def _monitored(alarm: Alarm) -> Iterator[str]:
    yield "Monitored Metric:" if not alarm.expressions else "Monitored Metrics:"
    for id_, expression in alarm.expressions.items():
        yield from _aligned({"MetricExpression": expression, "MetricLabel": alarm.labels.get(id_, id_)}, 37)
    for id_, window in alarm.metrics.items():
        metric = window.metric
        if alarm.expressions:
            yield f"- MetricId:                            {id_}"
        yield from _aligned(
            {
                "MetricNamespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": _listed(tuple(f"{name} = {value}" for name, value in metric.dimensions)),
                "Period": f"{window.period_seconds} seconds",
                "Statistic": window.statistic,
                "Unit": "not specified",
                "TreatMissingData": alarm.treat_missing_data,
            },
            37,
        )


def _aligned(fields: Mapping[str, str], width: int) -> Iterator[str]:
    for name, value in fields.items():
        yield f"- {name + ':':<{width}}{value}".rstrip()


def _listed(items: tuple[str, ...]) -> str:
    return f"[{', '.join(items)}]" if items else ""


def _alarm_document(transition: Transition, region: str) -> dict[str, Any]:
    """The JSON that CloudWatch publishes; queues, functions and web hooks receive it unchanged."""
    alarm = transition.alarm
    trigger: dict[str, Any] = {
        "ComparisonOperator": alarm.comparison,
        "EvaluationPeriods": alarm.evaluation_periods,
        "Period": alarm.period_seconds,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data,
    }
    if alarm.datapoints_to_alarm is not None:
        trigger["DatapointsToAlarm"] = alarm.datapoints_to_alarm
    stats: list[dict[str, Any]] = [
        {
            "Id": id_,
            "MetricStat": {
                "Metric": {
                    "Namespace": window.metric.namespace,
                    "MetricName": window.metric.name,
                    "Dimensions": [{"name": name, "value": value} for name, value in window.metric.dimensions],
                },
                "Period": window.period_seconds,
                "Stat": window.statistic,
            },
            "ReturnData": id_ == alarm.wanted,
        }
        for id_, window in alarm.metrics.items()
    ]
    if alarm.expressions:
        formulas = [
            {"Id": id_, "Expression": text, "ReturnData": id_ == alarm.wanted}
            for id_, text in alarm.expressions.items()
        ]
        trigger["Metrics"] = [*formulas, *stats]
    else:
        (window,) = alarm.metrics.values()
        metric = stats[0]["MetricStat"]["Metric"]
        trigger |= {**metric, "StatisticType": "Statistic", "Statistic": window.statistic.upper(), "Unit": None}
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.arn.split(":")[4],
        "NewStateValue": transition.new,
        "NewStateReason": transition.reason,
        "StateChangeTime": f"{transition.at:%Y-%m-%dT%H:%M:%S.000+0000}",
        "Region": region,
        "AlarmArn": alarm.arn,
        "OldStateValue": transition.old,
        "OKActions": list(alarm.ok_actions),
        "AlarmActions": list(alarm.alarm_actions),
        "InsufficientDataActions": list(alarm.insufficient_data_actions),
        "Trigger": trigger,
    }


@lru_cache(maxsize=64)
def _region_name(code: str) -> str:
    """The name a Region has in CloudWatch's messages, such as `US East (N. Virginia)`."""
    from botocore.loaders import Loader

    for partition in Loader().load_data("endpoints")["partitions"]:
        if code in partition["regions"]:
            return str(partition["regions"][code]["description"])
    return code
