"""Logins by country as a CloudWatch metric, in the embedded metric format: one line of JSON in the function's log.

The country is the only dimension, and the database's codes are the only values: a few hundred at most, whoever logs in.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime

NAMESPACE_VARIABLE = "POWERTOOLS_METRICS_NAMESPACE"
METRIC = "LoginsByCountry"
DIMENSION = "Country"


def count_login(country: str, at: datetime, variables: Mapping[str, str] = os.environ) -> None:
    """Count one login at its own time; nothing where the function has no namespace.

    Args:
        country: an ISO 3166 code.
    """
    namespace = variables.get(NAMESPACE_VARIABLE)
    if not namespace:
        return
    directive = {
        "Namespace": namespace,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{"Name": METRIC, "Unit": "Count"}],
    }
    metadata = {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    print(json.dumps({"_aws": metadata, DIMENSION: country, METRIC: 1}), flush=True)
