"""Whether an alarm still rings whenever it did: threshold, periods, missing data and metric math, old against new.

How CloudWatch judges: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.governance.plan_review.alarm_band import band_metric_changed, band_weakened, has_band
from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Change, normal
from cloudtrail_monitoring.governance.plan_review.rule import at, kept_resources, shown
from cloudtrail_monitoring.sandbox.metric_math import evaluate

_METRIC = (
    *("metric_name", "namespace", "dimensions", "statistic", "extended_statistic", "unit"),
    "evaluate_low_sample_count_percentiles",
)
_COUNTS = ("period", "evaluation_periods", "datapoints_to_alarm", "threshold", "treat_missing_data")
_UPWARDS = ("GreaterThanOrEqualToThreshold", "GreaterThanThreshold")
"""The first holds wherever the second does."""
_DOWNWARDS = ("LessThanOrEqualToThreshold", "LessThanThreshold")
_RINGS_ON_GAPS = "breaching"
_QUARTER_HOUR = 900
_TWO_YEARS_FROM_2026 = range(1_767_225_600, 1_830_297_600, _QUARTER_HOUR)
"""Every quarter of an hour of 2026 and 2027: every weekday, hour and change of the clocks."""
_BURSTS = (1.0, 7.0, 100.0, 1e9)
"""Events in a period, from one to more than any threshold."""
_BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def thresholds_weakened(change: Change) -> Iterator[str]:
    """A sentence for each way in which an alarm now needs more than it did."""
    if not kept_resources(change):
        return
    before, after = change.before or {}, change.after or {}
    if unknown := [name for name in _COUNTS if at(after, name) is UNKNOWN]:
        yield f"{', '.join(unknown)}: known after apply only"
        return
    yield from _threshold(before, after)
    yield from _periods(before, after)
    if at(before, "treat_missing_data") == _RINGS_ON_GAPS != at(after, "treat_missing_data"):
        yield f"treat_missing_data: {_RINGS_ON_GAPS} → {shown(at(after, 'treat_missing_data'))}"
    if at(after, "treat_missing_data") == "ignore" and at(before, "treat_missing_data") != "ignore":
        yield f"treat_missing_data: {shown(at(before, 'treat_missing_data'))} → ignore, so it can stay as it is"


def metric_changed(change: Change) -> Iterator[str]:
    """A sentence if an alarm looks at another metric, or if its expression no longer rings at times it did."""
    if not kept_resources(change):
        return
    before, after = change.before or {}, change.after or {}
    for name in _METRIC:
        if normal(at(before, name)) != normal(at(after, name)):
            yield f"{name}: {shown(at(before, name))} → {shown(at(after, name))}"
    queries = [normal(at(side, "metric_query")) for side in (before, after)]
    if has_band(before) and has_band(after):
        yield from band_metric_changed(before, after)
    elif has_band(before) or has_band(after):
        return  # the other way of comparing is told as its threshold
    elif queries[0] and queries[0] != queries[1]:
        yield from _expression(before, after)


def _threshold(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    operators = at(before, "comparison_operator"), at(after, "comparison_operator")
    values = _float(at(before, "threshold")), _float(at(after, "threshold"))
    bands = at(before, "threshold_metric_id"), at(after, "threshold_metric_id")
    if bands[0] != bands[1]:
        yield f"threshold_metric_id: {shown(bands[0])} → {shown(bands[1])}"
        return
    if bands[0] is not None:
        yield from band_weakened(before, after)
        return
    for direction, weaker in ((_UPWARDS, values[1] > values[0]), (_DOWNWARDS, values[1] < values[0])):
        if set(operators) <= set(direction):
            stricter = values[0] == values[1] and operators == (direction[0], direction[1])
            if weaker or stricter:
                yield f"threshold: {_named(operators[0], values[0])} → {_named(operators[1], values[1])}"
            return
    if operators[0] != operators[1]:
        yield f"comparison_operator: {shown(operators[0])} → {shown(operators[1])}"


def _periods(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = at(before, "period"), at(after, "period")
    if old != new and old is not None:
        longer = new is not None and float(new) > float(old)
        if longer:
            yield f"period: {shown(old)} → {shown(new)} seconds, so it rings later"
        elif _float(at(before, "threshold")) > 0:
            yield f"period: {shown(old)} → {shown(new)} seconds, so fewer events fall into one"
    (old_needed, old_of), (new_needed, new_of) = (
        (_needed(side), _float(at(side, "evaluation_periods"))) for side in (before, after)
    )
    if new_needed > old_needed or (new_needed == old_needed and new_of < old_of):
        yield f"periods that must breach: {old_needed:g} of {old_of:g} → {new_needed:g} of {new_of:g}"


def _needed(alarm: Mapping[str, Any]) -> float:
    return _float(at(alarm, "datapoints_to_alarm")) or _float(at(alarm, "evaluation_periods"))


def _expression(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if _metrics(before) != _metrics(after):
        yield "metric_query: looks at another metric"
    lost = set().union(*(_ringing(before, burst) - _ringing(after, burst) for burst in _BURSTS))
    if lost:
        yield f"metric_query: no longer rings at {len(lost) * _QUARTER_HOUR // 3600 // 2} hours a year when it did"


def _ringing(alarm: Mapping[str, Any], events: float) -> set[int]:
    """The times at which so many events in a period make the alarm's expression breach."""
    queries = alarm["metric_query"]
    expressions = {query["id"]: query["expression"] for query in queries if query.get("expression")}
    metrics = {query["id"]: dict.fromkeys(_TWO_YEARS_FROM_2026, events) for query in queries if query.get("metric")}
    [watched] = [query["id"] for query in queries if query.get("return_data")]
    breaches, threshold = _BREACHES[alarm["comparison_operator"]], _float(at(alarm, "threshold"))
    values = evaluate(expressions, metrics, watched, times=_TWO_YEARS_FROM_2026)
    return {time for time, value in values.items() if breaches(value, threshold)}


def _metrics(alarm: Mapping[str, Any]) -> Any:
    return normal([query["metric"] for query in alarm.get("metric_query") or () if query.get("metric")])


def _float(value: Any) -> float:
    return 0.0 if value is None else float(value)


def _named(operator: Any, value: float) -> str:
    return f"{operator} {value:g}"
