"""The event with which CloudWatch tells EventBridge that an alarm changed its state, as far as an alert needs it.

``reasonData`` is JSON in a string. Its ``evaluatedDatapoints`` stand newest first, and are absent from AWS's own page
and from alarms whose state was set by hand, as is ``reasonData`` itself then.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

ALARM = "ALARM"
DETAIL_TYPE = "CloudWatch Alarm State Change"
OFF_HOURS_ID = "off_hours"
"""Of the expression that an alarm watches which judges business hours."""
BAND = "ANOMALY_DETECTION_BAND("
"""Begins the expression of what is usual, in alarms that compare with it (R-ALM-5)."""
VOLUME = ("AWS/Logs", "IncomingLogEvents")
"""The metric that CloudWatch Logs itself writes, for which there is no filter."""
LATE_SECONDS = 300
"""So far back alarms look for datapoints that come late."""
RECENT = "recentDatapoints"
_SILENT = "treated as [Breaching]"
"""Of missing datapoints, in CloudWatch's words for why the state changed."""


class UnusableAlarmError(ValueError):
    """An event that is no alarm's change of state; ``str()`` is one line."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What an alarm counts."""

    namespace: str
    name: str
    period_seconds: int


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm's change of state."""

    name: str
    account_id: str
    region: str
    state: str
    at: datetime
    """When it changed, aware, UTC."""
    since: datetime
    """When the first period began that made it change; of one ``against_usual`` the newest, which is told of."""
    description: str
    reason: str
    """CloudWatch's words, or those of whoever set the state by hand."""
    metric: Metric | None
    counted: float | None
    """The highest sum within a period, ``against_usual`` the newest; ``None`` where the event doesn't say, or where
    nothing came in."""
    threshold: float | None
    judges_hours: bool
    """Whether it fires outside business hours only (R-ALM-3)."""
    against_usual: bool = False
    """Whether it compares with what is usual (R-ALM-5)."""
    usual: tuple[float | None, float | None] | None = None
    """Between which counts it is usual, where it compares with that and the event says so; ``None``: not judged."""


def is_call_volume(metric: Metric | None) -> bool:
    """Whether a metric is the log group's own count of what comes in."""
    return metric is not None and (metric.namespace, metric.name) == VOLUME


def read_change(event: Mapping[str, Any]) -> AlarmChange:
    """The change that an EventBridge event tells of.

    Raises:
        UnusableAlarmError: it tells of none, or lacks the alarm's name, its state or the time.
    """
    detail, state = _object(event, "detail"), _object(_object(event, "detail"), "state")
    if event.get("detail-type") != DETAIL_TYPE:
        raise UnusableAlarmError(f"an event of type {DETAIL_TYPE!r} is needed")
    missing = [
        name
        for name, holder in (("alarmName", detail), ("value", state), ("timestamp", state))
        if not _text(holder, name)
    ]
    if missing:
        raise UnusableAlarmError(f"an alarm's change of state without {', '.join(missing)}")
    at = _time(_text(state, "timestamp"))
    if at is None:
        raise UnusableAlarmError("an alarm's change of state whose timestamp is no time")
    queries = _objects(_object(detail, "configuration"), "metrics")
    metric = next(filter(None, map(_metric, queries)), None)
    reason = _reason_data(state)
    against_usual = any(_text(one, "expression").startswith(BAND) for one in queries)
    threshold = _number(reason, "threshold")
    lately = at - timedelta(seconds=(metric.period_seconds if metric else 0) + LATE_SECONDS)
    since = _since(reason, threshold)
    return AlarmChange(
        name=_text(detail, "alarmName"),
        account_id=_text(event, "account"),
        region=_text(event, "region"),
        state=_text(state, "value"),
        at=at,
        since=max(since or lately, lately)
        if against_usual
        else since or at - timedelta(seconds=max(metric.period_seconds if metric else 0, LATE_SECONDS)),
        description=_text(_object(detail, "configuration"), "description"),
        reason=_text(state, "reason"),
        metric=metric,
        counted=_newest(state, reason, lately, metric)
        if against_usual
        else max(_numbers(reason, RECENT), default=None),
        threshold=threshold,
        judges_hours=any(one.get("id") == OFF_HOURS_ID and one.get("returnData") is True for one in queries),
        against_usual=against_usual,
        usual=_usual(reason) if against_usual else None,
    )


def _usual(reason: Mapping[str, Any]) -> tuple[float | None, float | None] | None:
    """The newest bounds; an alarm on one side has one of them."""
    bounds = [list(_numbers(reason, name))[-1:] for name in ("recentLowerThresholds", "recentUpperThresholds")]
    lower, upper = (one[0] if one else None for one in bounds)
    return None if lower is None and upper is None else (lower, upper)


def _newest(
    state: Mapping[str, Any], reason: Mapping[str, Any], lately: datetime, metric: Metric | None
) -> float | None:
    """The newest count, which may be too low as well as too high; ``None`` if nothing came in since an older one."""
    if _SILENT in _text(state, "reason"):
        return None
    points = [
        (at, value)
        for point in _objects(reason, "evaluatedDatapoints")
        if (value := _number(point, "value")) is not None and (at := _time(_text(point, "timestamp"))) is not None
    ]
    if points:
        at, value = max(points)
        # the whole of the period after it is over, and has no count
        return value if at + timedelta(seconds=metric.period_seconds if metric else 0) >= lately else None
    return next(reversed(list(_numbers(reason, RECENT))), None)


def _since(reason: Mapping[str, Any], threshold: float | None) -> datetime | None:
    """The start of the earliest period above the threshold, or of the earliest that was looked at."""
    above = [
        at
        for point in _objects(reason, "evaluatedDatapoints")
        if (value := _number(point, "value")) is not None and threshold is not None and value > threshold
        if (at := _time(_text(point, "timestamp"))) is not None
    ]
    return min(above, default=None) or _time(_text(reason, "startDate"))


def _numbers(reason: Mapping[str, Any], name: str) -> Iterator[float]:
    values = reason.get(name)
    for value in values if isinstance(values, list) else ():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)


def _metric(query: Mapping[str, Any]) -> Metric | None:
    stat = _object(query, "metricStat")
    metric = _object(stat, "metric")
    namespace, name, period = _text(metric, "namespace"), _text(metric, "name"), _number(stat, "period")
    return Metric(namespace, name, int(period or 0)) if namespace and name else None


def _reason_data(state: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        value = json.loads(_text(state, "reasonData") or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _time(text: str) -> datetime | None:
    """``2019-10-02T17:04:40.989+0000``, as CloudWatch writes it."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _number(holder: Mapping[str, Any], name: str) -> float | None:
    value = holder.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _objects(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = holder.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
