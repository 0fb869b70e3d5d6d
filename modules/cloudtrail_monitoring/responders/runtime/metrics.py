"""What responders count as CloudWatch metrics, in the embedded metric format: a line of JSON in the function's log.

``METRICS`` is all there is: each name with its one dimension, or none. The values of a dimension are few, whoever does
what: countries' codes, and the kinds of containments. Written where it happened for the first time, by whoever knows,
so that an event that comes again counts once; CloudWatch promises to take a line at least once.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime

NAMESPACE_VARIABLE = "POWERTOOLS_METRICS_NAMESPACE"

LOGINS_BY_COUNTRY = "LoginsByCountry"
CONTAINMENTS_BEGUN = "ContainmentsBegun"
CONTAINMENTS_ENDED = "ContainmentsEnded"
INCIDENTS_OPENED = "IncidentsOpened"
OPEN_INCIDENTS = "OpenIncidents"
"""A gauge, written once an hour: the highest of an hour's values, and no sum of them, says something."""

COUNTRY, ACTION = "Country", "Action"

METRICS: Mapping[str, str | None] = {
    LOGINS_BY_COUNTRY: COUNTRY,
    CONTAINMENTS_BEGUN: ACTION,
    CONTAINMENTS_ENDED: ACTION,
    INCIDENTS_OPENED: None,
    OPEN_INCIDENTS: None,
}
"""Every metric of the responders, with the name of its dimension. An ``Action`` is one of ``containment.Kind``."""


def count(
    metric: str, at: datetime, *, of: str = "", value: int = 1, variables: Mapping[str, str] = os.environ
) -> None:
    """Write one value of a metric; nothing where the function has no namespace.

    Args:
        metric: one of ``METRICS``.
        at: when it happened, aware. CloudWatch takes what is up to two weeks old.
        of: the value of the metric's dimension, where it has one.
    """
    namespace = variables.get(NAMESPACE_VARIABLE)
    if not namespace:
        return
    dimension = METRICS[metric]
    directive = {
        "Namespace": namespace,
        "Dimensions": [[dimension] if dimension else []],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    metadata = {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    print(json.dumps({"_aws": metadata, **({dimension: of} if dimension else {}), metric: value}), flush=True)
