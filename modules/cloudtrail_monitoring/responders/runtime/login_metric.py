"""Logins by country as a CloudWatch metric: the country is the only dimension, the database's codes its only values.

How it is written is left to ``metrics``.
"""

from datetime import datetime

from cloudtrail_monitoring.responders.runtime.metrics import COUNTRY, LOGINS_BY_COUNTRY, count

METRIC = LOGINS_BY_COUNTRY
DIMENSION = COUNTRY


def count_login(country: str, at: datetime) -> None:
    """Count one login at its own time.

    Args:
        country: an ISO 3166 code.
    """
    count(METRIC, at, of=country)
