"""Settings of the alarms that know no threshold: how wide the band of what is usual, and how long something is outside.

The same numbers hold for the volume of calls and for their errors; what is watched is fixed.
"""

from typing import Self

from pydantic import Field, model_validator

from cloudtrail_monitoring.validation import Settings, fault

MAX_PERIODS = 24
"""Our own bound: with the longest period it makes the one day that CloudWatch lets an alarm look back.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""


class AnomalySettings(Settings):
    """R-ALM-5. The defaults ring for half an hour out of 45 minutes; a quiet account does better with an hour's period.

    >>> AnomalySettings(band_standard_deviations=4.0).datapoints_to_alarm
    2
    """

    band_standard_deviations: float = Field(3.0, gt=0, le=10)
    """Half the width of the band: the more, the less is noticed. CloudWatch wants a positive number and names no other
    bound; beyond 10, ours, an alarm would never ring.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""
    period_seconds: int = Field(900, ge=60, le=3_600, multiple_of=60)
    """Seconds over which records are counted. CloudWatch wants a minute at least; an hour at most is our own bound: who
    waits longer learns too late.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Anomaly_Detection_Alarm.html"""
    evaluation_periods: int = Field(3, ge=1, le=MAX_PERIODS)
    """So many of the last periods are looked at."""
    datapoints_to_alarm: int = Field(2, ge=1, le=MAX_PERIODS)
    """So many of them must lie outside the band."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.datapoints_to_alarm > self.evaluation_periods:
            raise fault(
                "datapoints_to_alarm ({needed}) is more than evaluation_periods ({periods}): it would never ring",
                needed=self.datapoints_to_alarm,
                periods=self.evaluation_periods,
            )
        return self
