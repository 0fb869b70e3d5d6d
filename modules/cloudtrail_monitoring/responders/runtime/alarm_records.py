"""Finds the records that a metric filter counted: its pattern as deployed, searched for in the log group.

The pattern is read from the account, so that the alert tells what the alarm saw, whatever the settings said at synth.
A record's place in time is its delivery, minutes after ``eventTime``; the search begins earlier by what CloudTrail's
delivery takes, so that it misses nothing whichever of the two a log event bears. Order is by ``eventTime``.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta
from typing import Any

from cloudtrail_monitoring.responders.runtime.alarm_change import Metric, is_call_volume
from cloudtrail_monitoring.responders.runtime.aws import Clock
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent, UnusableEventError, from_record
from cloudtrail_monitoring.responders.runtime.insight_record import from_insight, is_insight

DELIVERY = timedelta(minutes=5)
"""On average, not guaranteed.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-working-with-log-files.html"""
MAX_EVENTS = 200
MANY_EVENTS = 5_000
"""Of an alarm that is about numbers, and tells who is behind them. A call finds up to 10,000."""
EVERY_RECORD = '{ $.eventVersion = "*" }'
"""What is behind the volume of calls, which no filter counts."""
FIRST_YEAR = 2013
"""CloudTrail's first. A time near the bounds of what can be reckoned with would end the alert."""
MAX_PAGES = 25
"""A page may be empty while there are more: each is what one call looked through."""
MAX_SEARCH = timedelta(seconds=20)
"""After which no further page is asked for: the function has a minute for everything."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found."""

    begin: datetime
    end: datetime
    patterns: tuple[str, ...]
    """Those of the deployed metric filters; none if there is no filter."""
    events: tuple[CloudTrailEvent, ...] = ()
    """Each once, in order of ``eventTime``."""
    unreadable: int = 0
    """Log events that are no records."""
    is_cut_off: bool = False
    """Whether there was more to search than a message needs."""
    most: int = MAX_EVENTS
    """So many events would have been taken."""


class AlarmRecords:
    """The records behind alarms.

    Args:
        logs: boto3's client.
        log_group_name: of the trail.
        now: the clock.
    """

    def __init__(self, logs: Any, log_group_name: str, now: Clock) -> None:
        self._logs = logs
        self._log_group_name = log_group_name
        self._now = now

    def patterns(self, metric: Metric) -> tuple[str, ...]:
        """The patterns of the filters on the log group that write a metric, or of what it counts without any."""
        if is_call_volume(metric):
            return (EVERY_RECORD,)
        page: dict[str, Any] = {
            "logGroupName": self._log_group_name,
            "metricName": metric.name,
            "metricNamespace": metric.namespace,
        }
        found: list[str] = []
        while True:
            answer = self._logs.describe_metric_filters(**page)
            found += [one["filterPattern"] for one in answer["metricFilters"]]
            if not answer.get("nextToken"):
                return tuple(dict.fromkeys(found))
            page["nextToken"] = answer["nextToken"]

    def find(self, patterns: Sequence[str], since: datetime, until: datetime, *, most: int = MAX_EVENTS) -> Findings:
        """The records that match any of the patterns, from the earliest delivered on.

        Args:
            patterns: of metric filters.
            since: when the first period began that counts.
            until: when the alarm changed.
            most: how many are taken.
        """
        begin = since - DELIVERY
        search = _Search(self._logs, self._log_group_name, begin, until, self._now, most)
        for pattern in patterns:
            search.run(pattern)
        events = sorted(search.events.values(), key=lambda one: (one.at, one.id))
        return Findings(begin, until, tuple(patterns), tuple(events), search.unreadable, search.is_cut_off, most)


class _Search:
    """One search, its bounds, and what it has found."""

    def __init__(self, logs: Any, log_group_name: str, begin: datetime, end: datetime, now: Clock, most: int) -> None:
        self._logs = logs
        self._most = most
        self._range = {
            "logGroupName": log_group_name,
            "startTime": milliseconds(begin),
            # a log event of the very millisecond counts as well
            "endTime": milliseconds(end),
        }
        self._now = now
        self._deadline = now() + MAX_SEARCH
        self._pages = 0
        self.events: dict[str, CloudTrailEvent] = {}
        self.unreadable = 0
        self.is_cut_off = False

    def run(self, pattern: str) -> None:
        for message in self._messages(pattern):
            try:
                record = _record(message)
                event = from_insight(record) if is_insight(record) else from_record(record)
            except UnusableEventError:
                self.unreadable += 1
                continue
            if FIRST_YEAR <= event.at.year < MAXYEAR:
                self.events.setdefault(event.id, event)
            else:
                self.unreadable += 1

    def _messages(self, pattern: str) -> Iterator[str]:
        token: dict[str, str] = {}
        while True:
            room = self._most - len(self.events) - self.unreadable
            if room <= 0 or self._pages >= MAX_PAGES or self._now() > self._deadline:
                self.is_cut_off = True
                return
            self._pages += 1
            answer = self._logs.filter_log_events(**self._range, **token, filterPattern=pattern, limit=room)
            yield from (one["message"] for one in answer["events"])
            if not answer.get("nextToken"):
                return
            token = {"nextToken": answer["nextToken"]}


def milliseconds(at: datetime) -> int:
    """As CloudWatch Logs counts time."""
    return int(at.timestamp() * 1000)


def _record(message: str) -> dict[str, Any]:
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        raise UnusableEventError("not JSON") from None
    if not isinstance(value, dict):
        raise UnusableEventError("not a JSON object")
    return value
