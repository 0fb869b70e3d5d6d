"""`GetMetricData` over stored datapoints: statistics by period, metric math, searches and anomaly bands.

Periods begin at multiples of their length since 1970 (AWS: aligns them likewise where the request does). Metric math is
`metric_math`, searches are `metric_search`. AWS's anomaly band comes from a model trained on up to two weeks, with the
course of the day and of the week; here it is the mean of the same hour, of working days or of weekends, plus and minus
standard deviations, over the two weeks before the end of the request.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
"""

import math
import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cloudtrail_monitoring.sandbox.alarm_evaluation import Metric
from cloudtrail_monitoring.sandbox.metric_math import MetricMathError, Series, evaluate
from cloudtrail_monitoring.sandbox.metric_search import Search, distinguished, find_searches

TRAINED_ON = timedelta(days=14)
_DEFAULT_PERIOD = 300
_BAND = re.compile(r"\s*ANOMALY_DETECTION_BAND\(\s*(\w+)\s*(?:,\s*(\d+(?:\.\d+)?)\s*)?\)\s*")
_DEVIATIONS = 2.0
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


class Stored(NamedTuple):
    """Some values of a metric at one time, as `PutMetricData` takes them."""

    at: int
    total: float
    least: float
    most: float
    samples: float


class Result(NamedTuple):
    """One time series of an answer."""

    id: str
    label: str
    points: Series


_STATISTICS: Mapping[str, Callable[[Sequence[Stored]], float]] = {
    "Sum": lambda stored: math.fsum(one.total for one in stored),
    "SampleCount": lambda stored: math.fsum(one.samples for one in stored),
    "Average": lambda stored: math.fsum(one.total for one in stored) / math.fsum(one.samples for one in stored),
    "Minimum": lambda stored: min(one.least for one in stored),
    "Maximum": lambda stored: max(one.most for one in stored),
}


class MetricData:
    """The datapoints of an account's Region, and questions about them.

    Args:
        stored: by metric, whose dimensions are in order of their names.
    """

    def __init__(self, stored: Mapping[Metric, Sequence[Stored]]) -> None:
        self._stored = {metric: sorted(points) for metric, points in stored.items()}

    def answer(self, queries: Sequence[Mapping[str, Any]], start: datetime, end: datetime) -> list[Result]:
        """The time series of one request, in the order of its queries.

        Args:
            queries: ``MetricDataQueries``.
            start, end: the end is not part of it.

        Raises:
            MetricMathError: an expression can't be evaluated here, or a statistic is unknown.
        """
        begin, until = int(start.timestamp()), int(end.timestamp())
        plain = {query["Id"]: query for query in queries if "MetricStat" in query}
        series = {id_: self._asked(query["MetricStat"], begin, until) for id_, query in plain.items()}
        expressions: dict[str, str] = {}
        several: dict[str, list[Result]] = {}
        found: dict[str, Series] = {}
        periods = [int(query["MetricStat"]["Period"]) for query in plain.values()]
        for query in queries:
            if "Expression" not in query:
                continue
            id_, text = query["Id"], query["Expression"]
            if band := _BAND.fullmatch(text):
                several[id_] = self._band(query, plain, band, begin, until)
                continue
            for number, search in enumerate(find_searches(text)):
                members = self._searched(search, begin, until)
                periods.append(search.period_seconds)
                if search.text == text.strip():
                    several[id_] = [Result(id_, query.get("Label") or label, points) for label, points in members]
                names = [f"{id_}_search_{number}_{place}" for place in range(len(members))]
                found.update(zip(names, (points for _, points in members), strict=True))
                text = text.replace(search.text, f"[{', '.join(names)}]")
            if id_ not in several:
                expressions[id_] = text
        times = _periods(begin, until, min(periods, default=_DEFAULT_PERIOD))
        results: list[Result] = []
        for query in queries:
            if query.get("ReturnData", True) is False:
                continue
            id_ = query["Id"]
            if id_ in several:
                results += several[id_]
            else:
                points = series[id_] if id_ in series else evaluate(expressions, {**series, **found}, id_, times=times)
                results.append(Result(id_, query.get("Label") or _label(query), points))
        return results

    def _asked(self, stat: Mapping[str, Any], begin: int, until: int) -> Series:
        named = stat["Metric"]
        dimensions = tuple(sorted((pair["Name"], pair["Value"]) for pair in named.get("Dimensions") or ()))
        metric = Metric(named["Namespace"], named["MetricName"], dimensions)
        return self._series(metric, int(stat["Period"]), stat["Stat"], begin, until)

    def _series(self, metric: Metric, period: int, statistic: str, begin: int, until: int) -> Series:
        reduce = _statistic(statistic)
        windows: dict[int, list[Stored]] = {}
        first = begin - begin % period
        for one in self._stored.get(metric, ()):
            if first <= one.at < until:
                windows.setdefault(one.at - one.at % period, []).append(one)
        return {start: reduce(stored) for start, stored in windows.items()}

    def _searched(self, search: Search, begin: int, until: int) -> list[tuple[str, Series]]:
        metrics = sorted(metric for metric in self._stored if search.matches(metric))
        found = [
            (metric, self._series(metric, search.period_seconds, search.statistic, begin, until)) for metric in metrics
        ]
        shown = [(metric, points) for metric, points in found if points]
        return list(zip(distinguished([metric for metric, _ in shown]), (points for _, points in shown), strict=True))

    def _band(
        self,
        query: Mapping[str, Any],
        plain: Mapping[str, Mapping[str, Any]],
        band: "re.Match[str]",
        begin: int,
        until: int,
    ) -> list[Result]:
        id_, watched = query["Id"], plain.get(band[1])
        if watched is None:
            raise MetricMathError(f"{id_}: a band is drawn here around a metric of the request, and {band[1]} is none")
        stat = watched["MetricStat"]
        learnt = self._asked(stat, until - int(TRAINED_ON.total_seconds()), until)
        usual = usual_values(learnt)
        times = [at for at in _periods(begin, until, int(stat["Period"])) if _kind_of_hour(at) in usual]
        deviations = float(band[2] or _DEVIATIONS)
        # what was never negative is not expected to be: AWS's bands neither
        least = 0.0 if all(value >= 0 for value in learnt.values()) else -math.inf
        ends = {}
        for side in (1, -1):
            ends[side] = {
                at: max(least, mean + side * deviations * spread)
                for at in times
                for mean, spread in [usual[_kind_of_hour(at)]]
            }
        label = query.get("Label") or f"{stat['Metric']['MetricName']} (expected)"
        return [Result(id_, label, ends[1]), Result(id_, label, ends[-1])]


def usual_values(learnt: Series) -> dict[tuple[bool, int], tuple[float, float]]:
    """Mean and standard deviation by the hour of a working day or of a weekend, both in UTC."""
    by_hour: dict[tuple[bool, int], list[float]] = {}
    for at, value in learnt.items():
        by_hour.setdefault(_kind_of_hour(at), []).append(value)
    return {hour: (statistics.fmean(values), statistics.pstdev(values)) for hour, values in by_hour.items()}


def _kind_of_hour(at: int) -> tuple[bool, int]:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.weekday() >= 5, moment.hour


def _periods(begin: int, until: int, period: int) -> Iterable[int]:
    return range(begin - begin % period, until, period)


def _statistic(name: str) -> Callable[[Sequence[Stored]], float]:
    if name in _STATISTICS:
        return _STATISTICS[name]
    if percentile := _PERCENTILE.fullmatch(name):
        share = float(percentile[1]) / 100

        def of(stored: Sequence[Stored]) -> float:
            values = sorted(one.total / one.samples for one in stored)
            return values[min(len(values) - 1, math.ceil(share * len(values)) - 1 if share else 0)]

        return of
    raise MetricMathError(f"the statistic {name} is not evaluated here")


def _label(query: Mapping[str, Any]) -> str:
    return str(query["MetricStat"]["Metric"]["MetricName"]) if "MetricStat" in query else str(query["Id"])
