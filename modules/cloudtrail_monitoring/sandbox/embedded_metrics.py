"""Metrics that functions write into their logs, as CloudWatch Logs reads them: lines in the embedded metric format.

On AWS a function's standard output is its log, and the metrics come out of it. Here a function runs in this process:
its output is listened to while it runs, and what is no metric is of no interest.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cloudtrail_monitoring.responders.runtime.metrics import NAMESPACE_VARIABLE


class Measured(NamedTuple):
    """One value of a metric."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    at: datetime
    value: float


class _Heard(io.StringIO):
    """Standard output that is kept; a terminal's spinner goes on writing to the terminal."""

    def __init__(self, before: Any) -> None:
        super().__init__()
        # what rich writes to where standard output is replaced
        self.rich_proxied_file = before


@contextmanager
def listening(variables: Mapping[str, str]) -> Iterator[list[Measured]]:
    """Listen to what functions print until the block ends; the list is filled then.

    Args:
        variables: the functions' environment, which names the namespace of their metrics.
    """
    found: list[Measured] = []
    heard, before = _Heard(sys.stdout), os.environ.get(NAMESPACE_VARIABLE)
    if namespace := variables.get(NAMESPACE_VARIABLE):
        os.environ[NAMESPACE_VARIABLE] = namespace
    try:
        with redirect_stdout(heard):
            yield found
    finally:
        if before is None:
            os.environ.pop(NAMESPACE_VARIABLE, None)
        else:
            os.environ[NAMESPACE_VARIABLE] = before
        found += (metric for line in heard.getvalue().splitlines() for metric in read_metrics(line))


def read_metrics(line: str) -> Iterator[Measured]:
    """The metrics of one line of a log; none where it is no line of the embedded metric format.

    >>> line = '{"_aws": {"Timestamp": 0, "CloudWatchMetrics": [{"Namespace": "A", "Dimensions": [["Country"]],'
    >>> line += ' "Metrics": [{"Name": "Logins"}]}]}, "Country": "US", "Logins": 1}'
    >>> [(one.name, one.dimensions, one.value) for one in read_metrics(line)]
    [('Logins', (('Country', 'US'),), 1.0)]
    """
    try:
        read = json.loads(line)
        metadata = read["_aws"]
        at = datetime.fromtimestamp(metadata["Timestamp"] / 1000, UTC)
        for directive in metadata["CloudWatchMetrics"]:
            for names in directive.get("Dimensions") or [[]]:
                dimensions = tuple(sorted((name, str(read[name])) for name in names))
                for metric in directive["Metrics"]:
                    for value in _values(read[metric["Name"]]):
                        yield Measured(directive["Namespace"], metric["Name"], dimensions, at, float(value))
    except (ValueError, KeyError, TypeError, AttributeError):
        return


def _values(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
