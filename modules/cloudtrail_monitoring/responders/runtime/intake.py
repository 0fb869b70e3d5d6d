"""The function behind the log group's subscription: unpacks records into the queue and the category groups.

It is the complete path, minutes after EventBridge's: every Region's events reach the log group. The same records go to
the log groups of R-QRY-4, IAM's changes to one and console logins to the other, so that analysts can filter them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
"""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.configuration import Configuration

MAX_BATCH = 10
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""
MAX_BATCH_BYTES = 262_144
MAX_LOG_BYTES = 900_000
"""Of one call, whose limit is 1,048,576 with 26 bytes for each event.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"""
MAX_LOG_EVENTS = 10_000

logger = Logger()

LogEvent = dict[str, Any]


class IntakeError(RuntimeError):
    """Not everything was taken over; Lambda tries twice more within minutes, then the batch lies with failed calls."""


class Intake:
    """Hands records on."""

    def __init__(self, configuration: Configuration, aws: Aws) -> None:
        self._configuration = configuration
        self._sqs = aws.sqs
        self._logs = aws.logs
        self._now = aws.now

    def handle(self, event: dict[str, Any]) -> dict[str, int]:
        """Hand on the records of one delivery.

        Returns:
            How many were handed on.

        Raises:
            IntakeError: the queue or a log group did not take all of them.
        """
        delivery = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
        if delivery["messageType"] != "DATA_MESSAGE":
            return {"records": 0}
        events: list[LogEvent] = delivery["logEvents"]
        for batch in batches(events, MAX_BATCH, MAX_BATCH_BYTES):
            self._send(batch)
        for group, of_category in self._by_category(events).items():
            for batch in batches(of_category, MAX_LOG_EVENTS, MAX_LOG_BYTES):
                self._write(group, batch)
        return {"records": len(events)}

    def _send(self, batch: Sequence[LogEvent]) -> None:
        entries = [{"Id": str(number), "MessageBody": one["message"]} for number, one in enumerate(batch)]
        failed = self._sqs.send_message_batch(QueueUrl=self._configuration.queue_url, Entries=entries).get("Failed")
        if failed:
            raise IntakeError(f"{len(failed)} records did not reach the queue: {failed[0].get('Code')}")

    def _by_category(self, events: Iterable[LogEvent]) -> dict[str, list[LogEvent]]:
        groups: dict[str, list[LogEvent]] = {}
        for event in events:
            group = self._group(event["message"])
            if group:
                groups.setdefault(group, []).append(event)
        return groups

    def _group(self, message: str) -> str | None:
        try:
            record = json.loads(message)
        except (ValueError, RecursionError):
            return None  # it went to the queue, whose reader names it
        if not isinstance(record, dict):
            return None
        if record.get("eventName") == "ConsoleLogin":
            return self._configuration.console_events_log_group
        return self._configuration.iam_events_log_group if record.get("eventSource") == "iam.amazonaws.com" else None

    def _write(self, group: str, batch: Sequence[LogEvent]) -> None:
        stream = f"{self._now():%Y/%m/%d}"
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_stream(logGroupName=group, logStreamName=stream)
        ordered = sorted(batch, key=lambda one: one["timestamp"])
        answer = self._logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": one["timestamp"], "message": one["message"]} for one in ordered],
        )
        if rejected := answer.get("rejectedLogEventsInfo"):
            # too old or too new for a log group, which trying again does not mend; the queue has them
            logger.warning("log events rejected", extra={"log_group": group, "rejected": rejected})


def batches(events: Iterable[LogEvent], most: int, most_bytes: int) -> Iterator[list[LogEvent]]:
    """The events in their order, so many and so many bytes at most together; one that is larger goes alone."""
    batch: list[LogEvent] = []
    size = 0
    for event in events:
        length = len(event["message"].encode())
        if batch and (len(batch) == most or size + length > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


@lru_cache(maxsize=1)
def _intake() -> Intake:
    configuration = Configuration.read()
    return Intake(configuration, Aws(configuration.region))


def handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """What Lambda calls."""
    return _intake().handle(event)
