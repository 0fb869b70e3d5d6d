"""Sends alerts to the topics, each once: a key tells whether one was sent already.

An alert is marked as sent after it was published: a crash in between sends it twice, which is better than never.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cloudtrail_monitoring.responders.runtime.aws import Clock
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT, Table

PARTITION = "alerts"
KEPT_DAYS = 90
MAX_SUBJECT_CHARACTERS = 99
"""SNS takes fewer than 100 ASCII characters, and no line break."""
MAX_SMS_CHARACTERS = 159
"""One part of a text message has 160 characters of the GSM alphabet, 70 of others; the topic's name stands before."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told."""

    key: str
    """The same for the same occurrence, however often it is told."""
    subject: str
    text: str
    sms: str = ""
    """One line for a telephone; without one nobody is called."""


class Alerts:
    """The way to people.

    Args:
        table: the state table.
        sns: boto3's client.
        email_topic_arn: takes subject and text.
        sms_topic_arn: takes the line for telephones; empty: nobody is called.
        now: the clock.
    """

    def __init__(self, table: Table, sns: Any, *, email_topic_arn: str, sms_topic_arn: str, now: Clock) -> None:
        self._table = table
        self._sns = sns
        self._email_topic_arn = email_topic_arn
        self._sms_topic_arn = sms_topic_arn
        self._now = now

    def tell(self, alert: Alert) -> bool:
        """Send an alert unless it was sent; whether it is sent now."""
        sent = self._table.get(PARTITION, alert.key) or {}
        if not sent.get("email"):
            self._sns.publish(
                TopicArn=self._email_topic_arn,
                Subject=_ascii(alert.subject)[:MAX_SUBJECT_CHARACTERS],
                Message=alert.text,
            )
            self._mark(alert.key, {"email": True})
        if alert.sms and self._sms_topic_arn and not sent.get("sms"):
            self._sns.publish(TopicArn=self._sms_topic_arn, Message=_ascii(alert.sms)[:MAX_SMS_CHARACTERS])
            self._mark(alert.key, {"email": True, "sms": True})
        return not sent.get("email")

    def _mark(self, key: str, done: dict[str, bool]) -> None:
        forgotten = self._now() + timedelta(days=KEPT_DAYS)
        self._table.put(PARTITION, key, {**done, EXPIRES_AT: int(forgotten.timestamp())})


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
