"""What CloudWatch makes of the datapoints of a deployed alarm: when it goes to ALARM, when back, and in which words.

An alarm is evaluated every minute over a sliding window of `EvaluationPeriods` periods that ends at that minute. Only a
period of 60 seconds therefore falls on fixed boundaries; six failed logins in any 15 minutes raise a 900-second alarm,
wherever the quarter hours lie. Datapoints carry the time of their event: the minutes that CloudTrail takes to deliver,
and the moment CloudWatch waits for late data, are left out. Reading the events is left to ``replay``, metric math to
``metric_math``, the messages to ``notifications``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
"""

import math
import operator
import statistics
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from cloudtrail_monitoring.sandbox.metric_math import MetricMathError, Series, evaluate

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

_MINUTE = 60
_SHORTEST_PERIOD_SECONDS = 60  # metric filters publish at one-minute resolution

STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": math.fsum,
    "SampleCount": len,
    "Average": statistics.fmean,
    "Minimum": min,
    "Maximum": max,
}

_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}

# What silence, a window without any datapoint, makes of an alarm. With "ignore" the state stays as it is.
_STATE_OF_SILENCE: Mapping[str, State | None] = {
    "notBreaching": "OK",
    "breaching": "ALARM",
    "missing": "INSUFFICIENT_DATA",
    "ignore": None,
}
_TREATED_AS = {"notBreaching": "NonBreaching", "breaching": "Breaching"}


class Metric(NamedTuple):
    """A CloudWatch metric: what a metric filter publishes and an alarm watches."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


class Datapoint(NamedTuple):
    """One value that a metric filter published."""

    at: int
    """Seconds since 1970-01-01T00:00Z, the event's time cut to the second."""
    value: float
    event: int | None
    """The number of the event it came from; `None` for a filter's default value."""


class NotEvaluated(NamedTuple):
    """An alarm that a replay cannot judge, and why."""

    alarm: str
    why: str


class MetricWindow(NamedTuple):
    """A metric as an alarm asks for it."""

    metric: Metric
    period_seconds: int
    statistic: str


@dataclass(frozen=True)
class Alarm:
    """A metric alarm as `DescribeAlarms` returns it, reduced to what decides its state and its message."""

    name: str
    arn: str
    description: str
    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int | None
    """`None` where the alarm does not set it: all periods must breach then."""
    treat_missing_data: str
    metrics: Mapping[str, MetricWindow]
    expressions: Mapping[str, str]
    labels: Mapping[str, str]
    """What the console calls an expression, by id."""
    wanted: str
    """The id, among metrics and expressions, whose datapoints are compared with the threshold."""
    alarm_actions: tuple[str, ...] = ()
    ok_actions: tuple[str, ...] = ()
    insufficient_data_actions: tuple[str, ...] = ()

    @property
    def period_seconds(self) -> int:
        """The period of its datapoints: the metrics of one alarm share it."""
        return max(window.period_seconds for window in self.metrics.values())

    def actions(self, state: State) -> tuple[str, ...]:
        """The ARNs that the alarm calls on when it enters ``state``."""
        return {
            "ALARM": self.alarm_actions,
            "OK": self.ok_actions,
            "INSUFFICIENT_DATA": self.insufficient_data_actions,
        }[state]


@dataclass(frozen=True)
class Transition:
    """An alarm's change of state, with the words CloudWatch gives as its reason."""

    alarm: Alarm
    at: datetime
    old: State
    new: State
    reason: str
    events: tuple[int, ...] = ()
    """The events whose datapoints breached; empty unless the new state is ALARM."""


@dataclass
class Course:
    """What became of one alarm during a replay."""

    transitions: list[Transition] = field(default_factory=list)
    events: set[int] = field(default_factory=set)
    """Every event that raised the alarm or kept it in ALARM."""


def read_alarm(description: Mapping[str, Any]) -> Alarm | NotEvaluated:
    """An alarm from one of the `MetricAlarms` of `DescribeAlarms`, or why a replay cannot judge it."""
    name = description["AlarmName"]
    queries = description.get("Metrics") or [_query(description)]
    if description.get("ThresholdMetricId"):
        return NotEvaluated(name, "it compares with an anomaly band, which takes weeks of history to learn")
    if description["ComparisonOperator"] not in _COMPARISONS:
        return NotEvaluated(name, f"its comparison, {description['ComparisonOperator']}, needs an anomaly band")
    metrics = {query["Id"]: _window(query["MetricStat"]) for query in queries if query.get("MetricStat")}
    for window in metrics.values():
        if window.statistic not in STATISTICS:
            return NotEvaluated(name, f"the statistic {window.statistic} is not evaluated here")
        if window.period_seconds < _SHORTEST_PERIOD_SECONDS:
            return NotEvaluated(name, f"a period of {window.period_seconds} s is shorter than a metric filter's minute")
    if len({window.period_seconds for window in metrics.values()}) != 1:
        return NotEvaluated(name, "it watches no metric of this account, or metrics with different periods")
    switched_on = description.get("ActionsEnabled", True)
    return Alarm(
        name=name,
        arn=description["AlarmArn"],
        description=description.get("AlarmDescription") or "",
        comparison=description["ComparisonOperator"],
        threshold=float(description["Threshold"]),
        evaluation_periods=int(description["EvaluationPeriods"]),
        datapoints_to_alarm=description.get("DatapointsToAlarm"),
        treat_missing_data=description.get("TreatMissingData") or "missing",
        metrics=metrics,
        expressions={query["Id"]: query["Expression"] for query in queries if query.get("Expression")},
        labels={query["Id"]: query["Label"] for query in queries if query.get("Label")},
        wanted=next((query["Id"] for query in queries if query.get("ReturnData", True)), queries[0]["Id"]),
        alarm_actions=tuple(description.get("AlarmActions") or ()) if switched_on else (),
        ok_actions=tuple(description.get("OKActions") or ()) if switched_on else (),
        insufficient_data_actions=tuple(description.get("InsufficientDataActions") or ()) if switched_on else (),
    )


def follow(alarm: Alarm, datapoints: Mapping[Metric, Sequence[Datapoint]]) -> Course:
    """Everything ``alarm`` does over ``datapoints``, from the first minute that has one to its last change of state.

    Before the first datapoint the alarm is in the state that silence puts it in (`TreatMissingData`). A window with
    fewer datapoints than periods counts the missing ones as `TreatMissingData` says; CloudWatch first looks for older
    datapoints a few periods back, so in the account an alarm can return to OK some minutes later than here.

    Args:
        alarm: The alarm.
        datapoints: For each metric its datapoints, in order of time.

    Raises:
        MetricMathError: An expression of the alarm cannot be evaluated.
    """
    watched = {id_: datapoints.get(window.metric, ()) for id_, window in alarm.metrics.items()}
    times = {id_: [point.at for point in points] for id_, points in watched.items()}
    state = _STATE_OF_SILENCE[alarm.treat_missing_data] or "INSUFFICIENT_DATA"
    course = Course()
    for end in _minutes_that_matter(alarm, times):
        starts = [end - alarm.period_seconds * (back + 1) for back in range(alarm.evaluation_periods)]
        members = {
            id_: {start: _between(points, times[id_], start, start + alarm.period_seconds) for start in starts}
            for id_, points in watched.items()
        }
        values = _values(alarm, members, sorted(starts))
        new, breaching = _judge(alarm, values, starts, state)
        events = {
            point.event
            for windows in members.values()
            for start in breaching
            for point in windows[start]
            if point.event is not None
        }
        if new == "ALARM":
            course.events |= events
        if new != state:
            at, raised_by = datetime.fromtimestamp(end, UTC), tuple(sorted(events)) if new == "ALARM" else ()
            reason = _reason(alarm, values, starts, new, breaching)
            course.transitions.append(Transition(alarm, at, state, new, reason, raised_by))
            state = new
    return course


def _query(description: Mapping[str, Any]) -> dict[str, Any]:
    metric = {key: description.get(key) for key in ("Namespace", "MetricName", "Dimensions")}
    statistic = description.get("Statistic") or description.get("ExtendedStatistic")
    return {"Id": "m1", "MetricStat": {"Metric": metric, "Period": description.get("Period"), "Stat": statistic}}


def _window(stat: Mapping[str, Any]) -> MetricWindow:
    metric = stat["Metric"]
    dimensions = tuple(sorted((pair["Name"], pair["Value"]) for pair in metric.get("Dimensions") or ()))
    return MetricWindow(
        Metric(metric["Namespace"], metric["MetricName"], dimensions), int(stat["Period"] or 0), str(stat["Stat"])
    )


def _minutes_that_matter(alarm: Alarm, times: Mapping[str, Sequence[int]]) -> Iterator[int]:
    """The ends of the windows worth a look: a datapoint enters, moves on to the next period, or leaves.

    Metric math may depend on the time of the window itself, so there every minute in between counts too.
    """
    span = alarm.period_seconds * alarm.evaluation_periods
    step = _MINUTE if alarm.expressions else alarm.period_seconds
    ends = {
        entered + later
        for points in times.values()
        for entered in {at - at % _MINUTE + _MINUTE for at in points}
        for later in range(0, span + 1, step)
    }
    yield from sorted(ends)


def _between(points: Sequence[Datapoint], times: Sequence[int], start: int, end: int) -> Sequence[Datapoint]:
    return points[bisect_left(times, start) : bisect_left(times, end)]


def _values(alarm: Alarm, members: Mapping[str, Mapping[int, Sequence[Datapoint]]], starts: Sequence[int]) -> Series:
    series = {
        id_: {
            start: float(STATISTICS[alarm.metrics[id_].statistic]([point.value for point in points]))
            for start, points in sorted(windows.items())
            if points
        }
        for id_, windows in members.items()
    }
    if not alarm.expressions:
        return series[alarm.wanted]
    try:
        return evaluate(alarm.expressions, series, alarm.wanted, times=starts)
    except MetricMathError as error:
        raise MetricMathError(f"{alarm.name}: {error}") from error


def _judge(alarm: Alarm, values: Series, starts: Sequence[int], state: State) -> tuple[State, tuple[int, ...]]:
    """The state after this evaluation, and the starts of the periods that breach."""
    compare, _ = _COMPARISONS[alarm.comparison]
    breaching = tuple(start for start in starts if start in values and compare(values[start], alarm.threshold))
    if not values:
        return _STATE_OF_SILENCE[alarm.treat_missing_data] or state, ()
    missing = sum(start not in values for start in starts)
    needed = alarm.datapoints_to_alarm or alarm.evaluation_periods
    if len(breaching) + (missing if alarm.treat_missing_data == "breaching" else 0) >= needed:
        return "ALARM", breaching
    undecided = alarm.treat_missing_data == "ignore" and len(breaching) + missing >= needed
    return state if undecided else "OK", breaching


def _reason(alarm: Alarm, values: Series, starts: Sequence[int], new: State, breaching: Sequence[int]) -> str:
    """The reason in CloudWatch's words, such as `Threshold Crossed: 1 datapoint [6.0 (12/03/26 02:15:00)] was …`."""
    present = [start for start in starts if start in values]
    if not present:
        periods = _count(alarm.evaluation_periods, "period")
        treated = _TREATED_AS.get(alarm.treat_missing_data)
        if treated is None:
            return f"Insufficient Data: {_count(alarm.evaluation_periods, 'datapoint')} were unknown."
        points = _count(alarm.evaluation_periods, "missing datapoint")
        verb = "was" if alarm.evaluation_periods == 1 else "were"
        return (
            f"Threshold Crossed: no datapoints were received for {periods} and {points} {verb} treated as [{treated}]."
        )
    told = [start for start in present if start in breaching] if new == "ALARM" else present
    shown = ", ".join(f"{values[start]!r} ({datetime.fromtimestamp(start, UTC):%d/%m/%y %H:%M:%S})" for start in told)
    was = ("was" if len(told) == 1 else "were") + ("" if new == "ALARM" else " not")
    _, words = _COMPARISONS[alarm.comparison]
    if alarm.datapoints_to_alarm is None or new != "ALARM":
        points = _count(len(told), "datapoint")
        return f"Threshold Crossed: {points} [{shown}] {was} {words} the threshold ({alarm.threshold!r})."
    needed = _count(alarm.datapoints_to_alarm, "datapoint")
    return (
        f"Threshold Crossed: {len(told)} out of the last {alarm.evaluation_periods} datapoints [{shown}] {was} {words} "
        f"the threshold ({alarm.threshold!r}) (minimum {needed} for OK -> ALARM transition)."
    )


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'' if number == 1 else 's'}"
