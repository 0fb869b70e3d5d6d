"""The rows of a metric widget: CloudWatch's shorthand for metrics and expressions, as queries for `GetMetricData`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError

DEFAULT_PERIOD_SECONDS = 300
DEFAULT_STATISTIC = "Average"
SAME, SAME_AS_BEFORE = ".", "..."
_SEARCHED_PERIOD = re.compile(r"SEARCH\(.*?,\s*(\d+)\s*\)")
_HEX_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class MetricRow:
    """A metric or an expression of a widget, as it is asked for and as it is drawn."""

    id: str
    query: Mapping[str, Any]
    """A ``MetricDataQuery``."""
    label: str | None
    colour: str | None
    on_the_right: bool
    visible: bool

    @property
    def period_seconds(self) -> int | None:
        """The period it is asked for; ``None`` for an expression that leaves it to its metrics."""
        found = self.query.get("MetricStat", self.query).get("Period") or _SEARCHED_PERIOD.findall(
            str(self.query.get("Expression", ""))
        )
        return max(map(int, found)) if isinstance(found, list) and found else found or None

    @property
    def is_band(self) -> bool:
        """Whether it is an anomaly band."""
        return str(self.query.get("Expression", "")).lstrip().startswith("ANOMALY_DETECTION_BAND")


def read_rows(properties: Mapping[str, Any], *, period: int | None = None) -> tuple[MetricRow, ...]:
    """The rows of a widget's ``metrics``.

    Args:
        properties: of the metric widget.
        period: seconds, instead of the widget's and its rows' own.

    Raises:
        DashboardError: a row is not in CloudWatch's shorthand.

    >>> rows = read_rows({"metrics": [["AWS/Logs", "IncomingBytes"], [".", "IncomingLogEvents", {"stat": "Sum"}]]})
    >>> rows[1].query["MetricStat"]["Metric"]
    {'Namespace': 'AWS/Logs', 'MetricName': 'IncomingLogEvents', 'Dimensions': []}
    """
    before: list[str] = []
    rows = properties.get("metrics") or ()
    if not isinstance(rows, list | tuple):
        raise DashboardError("a metric widget's metrics are not a list")
    read: list[MetricRow] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or not row:
            raise DashboardError(f"row {number} of the metrics is not a list")
        *names, options = row if isinstance(row[-1], dict) else [*row, {}]
        for elsewhere in ("accountId", "region"):
            if options.get(elsewhere, properties.get(elsewhere)) != properties.get(elsewhere):
                raise DashboardError(f"row {number} of the metrics has its own {elsewhere}, which is not asked here")
        id_ = str(options.get("id") or f"row_{number}")
        if "expression" in options:
            query: dict[str, Any] = {"Id": id_, "Expression": str(options["expression"])}
            if seconds := period or options.get("period") or properties.get("period"):
                query["Period"] = _seconds(seconds)
        else:
            before = _written_out(names, before, number)
            stat = options.get("stat") or properties.get("stat") or DEFAULT_STATISTIC
            seconds = period or options.get("period") or properties.get("period") or DEFAULT_PERIOD_SECONDS
            query = {"Id": id_, "MetricStat": _metric_stat(before, str(stat), _seconds(seconds))}
        label, colour = options.get("label"), options.get("color")
        if label:
            query["Label"] = str(label)
        visible = options.get("visible") is not False
        colour = colour if isinstance(colour, str) and _HEX_COLOUR.fullmatch(colour) else None
        query["ReturnData"] = visible
        right = options.get("yAxis") == "right"
        read.append(MetricRow(id_, query, str(label) if label else None, colour, right, visible))
    return tuple(read)


def _written_out(names: Sequence[Any], before: Sequence[str], number: int) -> list[str]:
    """A row with the places filled that stand for the row before."""
    texts = [str(name) for name in names]
    if SAME_AS_BEFORE in texts:
        at = texts.index(SAME_AS_BEFORE)
        left_out = len(before) - (len(texts) - 1)
        texts[at : at + 1] = before[at : at + left_out] if left_out > 0 else []
    if len(texts) > len(before) and SAME in texts[len(before) :]:
        raise DashboardError(f"row {number} of the metrics repeats what the row before does not have")
    texts = [before[at] if text == SAME else text for at, text in enumerate(texts)]
    if len(texts) < 2 or len(texts) % 2:
        raise DashboardError(f"row {number} of the metrics is not a namespace, a name and pairs of dimensions")
    return texts


def _metric_stat(names: Sequence[str], statistic: str, period: int) -> dict[str, Any]:
    namespace, name, *pairs = names
    dimensions = [{"Name": key, "Value": value} for key, value in zip(pairs[::2], pairs[1::2], strict=True)]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
    return {"Metric": metric, "Period": period, "Stat": statistic}


def _seconds(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise DashboardError(f"a period of {value!r} is not a number of seconds")
    return value
