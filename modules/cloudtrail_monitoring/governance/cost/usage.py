"""What is consumed, before it has a price: lines of a part, a row of the price table and a quantity, for one month.

Time runs from the first day of recording, at a steady pace: a month is the twelfth part of a year.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

DAYS_A_MONTH = 365.25 / 12
HOURS_A_MONTH = DAYS_A_MONTH * 24
GB = 2**30
"""S3 bills 2^30 bytes as a GB (https://aws.amazon.com/s3/faqs/); CloudWatch does not say: taken to do the same."""


class Part(StrEnum):
    """The parts of the report, in its order."""

    STORAGE = "storage"
    CLOUDWATCH = "CloudWatch"
    CLOUDTRAIL = "CloudTrail"
    SEARCH = "search"
    KEYS = "keys"
    RESPONDERS = "responders"
    ALERTS = "alerts"


@dataclass(frozen=True)
class Usage:
    """A quantity of one row of the price table, consumed in one month."""

    part: Part
    item: str
    """What it is for, such as `log files`."""
    price: str
    """The id of the row."""
    quantity: float
    """In the row's unit."""


@dataclass(frozen=True)
class Month:
    """A month of operation: 1 is the first."""

    number: int

    @property
    def begin(self) -> float:
        """Days since recording began."""
        return (self.number - 1) * DAYS_A_MONTH

    @property
    def end(self) -> float:
        return self.number * DAYS_A_MONTH

    def days_kept(self, since: float, until: float) -> float:
        """Days' worth of what arrives evenly that is between two ages, averaged over the month.

        >>> round(Month(84).days_kept(0, 30), 6)
        30.0
        """
        return (self._up_to(until) - self._up_to(since)) / DAYS_A_MONTH

    def days_reaching(self, age: float) -> float:
        """Days' worth of what arrives evenly that reaches an age within the month."""
        return max(self.end - age, 0) - max(self.begin - age, 0)

    def _up_to(self, age: float) -> float:
        """The days' worth younger than ``age``, summed over each day of the month: the integral of min(t, age)."""

        def since_the_beginning(day: float) -> float:
            return day**2 / 2 if day <= age or math.isinf(age) else age * day - age**2 / 2

        return since_the_beginning(self.end) - since_the_beginning(self.begin)
