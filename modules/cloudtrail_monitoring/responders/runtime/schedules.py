"""One-time schedules of EventBridge Scheduler: at the end of a containment the release function is called.

The Scheduler is precise to the minute: it may fire at any second of the minute it is given. A schedule is therefore set
to the first full minute that does not lie before the end, and bears that minute in its name, so that one that may be
firing is never changed: an extension makes another. What is left of earlier ends fires harmlessly, as ``reconcile``
leaves alone what still stands and what has ended already; that asks for no right to list schedules.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

PAYLOAD_KEY = "containment"
"""Under which the release function finds the containment's key in its event."""


class Schedules:
    """The schedules of one group.

    Args:
        scheduler: boto3's client.
        group: their group.
        prefix: begins their names.
        function_arn: the release function.
        role_arn: with which the Scheduler calls it.
    """

    def __init__(self, scheduler: Any, *, group: str, prefix: str, function_arn: str, role_arn: str) -> None:
        self._scheduler = scheduler
        self._group = group
        self._prefix = prefix
        self._function_arn = function_arn
        self._role_arn = role_arn

    def end(self, key: str, at: datetime) -> None:
        """Have the containment ended at a time, or up to a minute after it."""
        # one of that name is the same in all else
        with suppress(self._scheduler.exceptions.ConflictException):
            self._scheduler.create_schedule(
                Name=self.name(key, at),
                GroupName=self._group,
                ScheduleExpression=f"at({_full_minute(at):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self._function_arn,
                    "RoleArn": self._role_arn,
                    "Input": json.dumps({PAYLOAD_KEY: key}),
                },
            )

    def forget(self, key: str, at: datetime) -> None:
        """Take back the schedule of a containment's end."""
        with suppress(self._scheduler.exceptions.ResourceNotFoundException):
            self._scheduler.delete_schedule(Name=self.name(key, at), GroupName=self._group)

    def name(self, key: str, at: datetime) -> str:
        """A key may hold what no schedule's name may, and be longer: 64 characters of letters, digits and -_. ."""
        digest = hashlib.sha256(key.encode()).hexdigest()[:16]
        return f"{self._prefix}-end-{digest}-{_full_minute(at):%Y%m%d%H%M}"


def _full_minute(at: datetime) -> datetime:
    """The first full minute, in UTC, that does not lie before a time."""
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)
    return minute if minute == at else minute + timedelta(minutes=1)
