"""What a dashboard shows, asked of the account it is in: metrics, states of alarms, answers to log queries.

CloudWatch evaluates metric math, searches and anomaly bands, and CloudWatch Logs its queries: nothing of that is done
here. Only calls that read are made; a log query is billed by what it scans. Which account answers is decided by the
clients, which are passed in: the one of the shell's credentials, or the embedded AWS.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cloudtrail_monitoring.aws_account import told_in_a_line
from cloudtrail_monitoring.governance.dashboard_page.body import Dashboard, DashboardError, Span, read_dashboard
from cloudtrail_monitoring.governance.dashboard_page.metric_rows import MetricRow

Client = Callable[[str, str | None], Any]
"""A boto3 client for a service and a Region; the home Region's where there is none."""

MOST_NAMES = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""
MOST_ROWS = 50
"""Of a log query's answer, on the page."""
QUERY_SECONDS = 60
_PAUSE_SECONDS = 1.0
_NOT_ANSWERED = frozenset({"InternalError", "Forbidden"})
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html"""


class Line(NamedTuple):
    """The datapoints of one time series, in order of time; a search and an anomaly band have several."""

    row: MetricRow
    label: str
    points: tuple[tuple[float, float], ...]
    """Seconds since 1970-01-01T00:00Z, and values."""


class Episode(NamedTuple):
    """From when until when an alarm was in ALARM; ``None``: before the span, or still."""

    began: datetime | None
    ended: datetime | None


@dataclass(frozen=True)
class AlarmView:
    """An alarm as it is, and when within the span it rang."""

    name: str
    arn: str
    state: str
    reason: str
    episodes: tuple[Episode, ...] = ()


class LogAnswer(NamedTuple):
    """A query's answer, and how many of its rows are left out."""

    rows: tuple[Mapping[str, str], ...]
    left_out: int


class _Change(NamedTuple):
    """An alarm's change of state."""

    at: datetime
    old: str
    new: str
    reason: str


class Observed:
    """An account's view of one span of time.

    Args:
        client: gives the account's clients.
        span: the time looked at.
        sleep: waits between looks at a running log query.
    """

    def __init__(self, client: Client, span: Span, sleep: Callable[[float], object] = time.sleep) -> None:
        self._client = client
        self.span = span
        self._sleep = sleep
        self._histories: dict[str | None, dict[str, list[_Change]]] = {}

    def lines(self, rows: Sequence[MetricRow], region: str | None) -> list[Line]:
        """The time series of a metric widget, in the order of its rows.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
        """
        if not any(row.visible for row in rows):
            return []
        found: dict[tuple[str, int], tuple[str, list[tuple[float, float]]]] = {}
        with told_in_a_line():
            pages = self._client("cloudwatch", region).get_paginator("get_metric_data")
            for page in pages.paginate(
                MetricDataQueries=[dict(row.query) for row in rows],
                StartTime=self._aligned(rows),
                EndTime=self.span.end,
                ScanBy="TimestampAscending",
            ):
                # a series of a search or a band shares its id with the others, and keeps its place from page to page
                numbers: dict[str, int] = {}
                for result in page["MetricDataResults"]:
                    id_ = result["Id"]
                    if result.get("StatusCode") in _NOT_ANSWERED:
                        said = " ".join(one["Value"] for one in result.get("Messages", ()) if one.get("Value"))
                        raise DashboardError(f"CloudWatch has no answer for {id_} ({result['StatusCode']}): {said}")
                    numbers[id_] = number = numbers.get(id_, -1) + 1
                    _, points = found.setdefault((id_, number), (result.get("Label") or id_, []))
                    times = (moment.timestamp() for moment in result["Timestamps"])
                    points += zip(times, result["Values"], strict=True)
        places = {row.id: (place, row) for place, row in enumerate(rows)}
        ordered = sorted(found.items(), key=lambda item: (places[item[0][0]][0], item[0][1]))
        return [Line(places[id_][1], label, tuple(sorted(points))) for (id_, _), (label, points) in ordered]

    def _aligned(self, rows: Sequence[MetricRow]) -> datetime:
        """The start, at the beginning of a period: a day is counted from midnight, not from whenever one looks."""
        longest = max((row.period_seconds or 1 for row in rows), default=1)
        start = int(self.span.start.timestamp())
        return datetime.fromtimestamp(start - start % longest, UTC)

    def alarms(self, arns: Sequence[str]) -> list[AlarmView]:
        """Alarms by ARN, in the order given; an alarm that is not there is left out."""
        names = {arn: arn.split(":alarm:")[-1] for arn in arns}
        found: dict[str, Mapping[str, Any]] = {}
        with told_in_a_line():
            for region, wanted in _by_region(names).items():
                pages = self._client("cloudwatch", region).get_paginator("describe_alarms")
                for first in range(0, len(wanted), MOST_NAMES):
                    some = wanted[first : first + MOST_NAMES]
                    for page in pages.paginate(AlarmNames=some, AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
                        for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
                            found[alarm["AlarmArn"]] = alarm
        return [
            AlarmView(
                name,
                arn,
                *self._at_the_end(found[arn], self._history(_region(arn)).get(name, ())),
            )
            for arn, name in names.items()
            if arn in found
        ]

    def _at_the_end(self, alarm: Mapping[str, Any], changes: Sequence[_Change]) -> tuple[str, str, tuple[Episode, ...]]:
        """State, reason and episodes as they were when the span ended, which may be some time ago."""
        within = [change for change in changes if change.at <= self.span.end]
        later = [change for change in changes if change.at > self.span.end]
        state, reason = alarm["StateValue"], alarm.get("StateReason") or ""
        if later:
            state, reason = later[0].old, within[-1].reason if within else ""
        return state, reason, _episodes(within)

    def answer(self, query: str, region: str | None) -> LogAnswer:
        """The answer to a log widget's query, whose sources stand in its ``SOURCE`` parts.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html

        Raises:
            DashboardError: the query names no source, fails, or takes more than a minute.
        """
        groups, text = split_sources(query)
        if not groups:
            raise DashboardError("the query names no log group (SOURCE 'name' | …)")
        with told_in_a_line():
            logs = self._client("logs", region)
            started = logs.start_query(
                logGroupNames=groups,
                startTime=int(self.span.start.timestamp()),
                endTime=int(self.span.end.timestamp()),
                queryString=text,
            )
        for _ in range(int(QUERY_SECONDS / _PAUSE_SECONDS)):
            with told_in_a_line():
                found = logs.get_query_results(queryId=started["queryId"])
            if found["status"] == "Complete":
                rows = [
                    {one["field"]: one["value"] for one in row if one["field"] != "@ptr"} for row in found["results"]
                ]
                return LogAnswer(tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS))
            if found["status"] not in ("Scheduled", "Running"):
                raise DashboardError(f"the query ended as {found['status']}")
            self._sleep(_PAUSE_SECONDS)
        raise DashboardError(f"the query took more than {QUERY_SECONDS} seconds")

    def _history(self, region: str | None) -> dict[str, list[_Change]]:
        """How a Region's alarms changed since the span began, by name and in order of time; asked for once.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
        """
        if region in self._histories:
            return self._histories[region]
        changes: dict[str, list[_Change]] = {}
        with told_in_a_line():
            for page in (
                self._client("cloudwatch", region)
                .get_paginator("describe_alarm_history")
                .paginate(
                    HistoryItemType="StateUpdate",
                    StartDate=self.span.start,
                    AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                )
            ):
                for item in page["AlarmHistoryItems"]:
                    data = json.loads(item["HistoryData"])
                    old, new = data["oldState"], data["newState"]
                    change = _Change(
                        item["Timestamp"], old["stateValue"], new["stateValue"], new.get("stateReason") or ""
                    )
                    changes.setdefault(item["AlarmName"], []).append(change)
        self._histories[region] = {name: sorted(found) for name, found in changes.items()}
        return self._histories[region]


def deployed_dashboard(client: Client, prefix: str, name: str | None = None) -> tuple[str, Dashboard]:
    """A dashboard of the account, with its name: the one that is named, or the only one that begins with ``prefix``.

    Raises:
        DashboardError: there is none, or more than one; its body can't be read.
        AccountError: the account can't be asked.
    """
    cloudwatch = client("cloudwatch", None)
    with told_in_a_line():
        pages = cloudwatch.get_paginator("list_dashboards").paginate(DashboardNamePrefix=name or prefix)
        names = sorted(entry["DashboardName"] for page in pages for entry in page["DashboardEntries"])
    if name is not None:
        names = [found for found in names if found == name]
    if not names:
        raise DashboardError(
            f"no dashboard {f'is called {name}' if name else f'begins with {prefix}'}: deploy it first"
        )
    if len(names) > 1:
        raise DashboardError(f"choose a dashboard with --name: {', '.join(names)}")
    with told_in_a_line():
        body = cloudwatch.get_dashboard(DashboardName=names[0])["DashboardBody"]
    return names[0], read_dashboard(body)


def split_sources(query: str) -> tuple[list[str], str]:
    """A log widget's query, and the log groups its ``SOURCE`` parts name.

    >>> split_sources("SOURCE 'trail' | fields @message")
    (['trail'], 'fields @message')
    """
    groups: list[str] = []
    rest = query.strip()
    while rest.upper().startswith("SOURCE "):
        source, _, rest = rest.partition("|")
        groups.append(source[len("SOURCE ") :].strip().strip("'\""))
        rest = rest.strip()
    return groups, rest


def _region(arn: str) -> str | None:
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[3] else None


def _by_region(names: Mapping[str, str]) -> dict[str | None, list[str]]:
    regions: dict[str | None, list[str]] = {}
    for arn, name in names.items():
        regions.setdefault(_region(arn), []).append(name)
    return regions


def _episodes(changes: Sequence[_Change]) -> tuple[Episode, ...]:
    """The times in ALARM among changes of state in order of time."""
    found: list[Episode] = []
    for change in changes:
        if change.new == "ALARM" and change.old != "ALARM":
            found.append(Episode(change.at, None))
        elif change.old == "ALARM" and change.new != "ALARM":
            began = found.pop().began if found and found[-1].ended is None else None
            found.append(Episode(began, change.at))
    return tuple(found)
