"""Whether an alarm on an anomaly band still rings whenever it did: width, sides and period, old against new.

What all alarms share, missing data and the number of periods, is judged by ``alarm_sensitivity``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.governance.plan_review.plan import normal
from cloudtrail_monitoring.governance.plan_review.rule import at, shown

_SIDES: Mapping[Any, frozenset[str]] = {
    "GreaterThanUpperThreshold": frozenset({"above"}),
    "LessThanLowerThreshold": frozenset({"below"}),
    "LessThanLowerOrGreaterThanUpperThreshold": frozenset({"above", "below"}),
}
_BAND = re.compile(r"\s*ANOMALY_DETECTION_BAND\(\s*(?P<metric>\w+)\s*(?:,\s*(?P<width>\d+(?:\.\d+)?)\s*)?\)\s*")
_WIDTH = 2.0
"""Where the expression names none."""


def has_band(alarm: Mapping[str, Any]) -> bool:
    """Whether an alarm compares with an anomaly band."""
    return at(alarm, "threshold_metric_id") is not None


def band_weakened(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each way in which less is unusual than was: both sides compare with a band."""
    operators = at(before, "comparison_operator"), at(after, "comparison_operator")
    lost = _SIDES.get(operators[0], frozenset()) - _SIDES.get(operators[1], frozenset())
    if lost or (operators[0] != operators[1] and operators[0] not in _SIDES):
        yield f"comparison_operator: {shown(operators[0])} → {shown(operators[1])}"
    bands = _expression(before), _expression(after)
    widths = _width(bands[0]), _width(bands[1])
    if widths[0] is None or widths[1] is None:
        if bands[0] != bands[1]:
            yield f"band: {shown(bands[0])} → {shown(bands[1])}"
    elif widths[1] > widths[0]:
        yield f"band: {widths[0]:g} → {widths[1]:g} standard deviations wide to each side, so less is unusual"
    periods = _period(before), _period(after)
    if periods[0] != periods[1] and not _is_shorter(*periods):
        yield f"period: {shown(periods[0])} → {shown(periods[1])} seconds, so it rings later"


def band_metric_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """A sentence if the band is no longer that of the same metric."""
    if _metrics(before) != _metrics(after) or _subject(before) != _subject(after):
        yield "metric_query: looks at another metric"


def _queries(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [query for query in alarm.get("metric_query") or () if isinstance(query, Mapping)]


def _expression(alarm: Mapping[str, Any]) -> Any:
    band = at(alarm, "threshold_metric_id")
    return next((query.get("expression") for query in _queries(alarm) if query.get("id") == band), None)


def _width(expression: Any) -> float | None:
    found = _BAND.fullmatch(expression) if isinstance(expression, str) else None
    return None if found is None else float(found["width"] or _WIDTH)


def _subject(alarm: Mapping[str, Any]) -> Any:
    expression = _expression(alarm)
    found = _BAND.fullmatch(expression) if isinstance(expression, str) else None
    return found["metric"] if found else expression


def _blocks(alarm: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    found = {query.get("id"): normal(query.get("metric")) for query in _queries(alarm) if query.get("metric")}
    return {id_: dict(one[0] if isinstance(one, list) else one) for id_, one in found.items()}


def _metrics(alarm: Mapping[str, Any]) -> Any:
    return {
        id_: {name: value for name, value in metric.items() if name != "period"}
        for id_, metric in _blocks(alarm).items()
    }


def _period(alarm: Mapping[str, Any]) -> Any:
    periods = [metric.get("period") for metric in _blocks(alarm).values()]
    return periods[0] if len(periods) == 1 else periods


def _is_shorter(old: Any, new: Any) -> bool:
    return isinstance(old, int | float) and isinstance(new, int | float) and new < old
