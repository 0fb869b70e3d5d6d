"""One-time schedules of EventBridge Scheduler: at the end of a containment the release function is called.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime
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
        """Have the containment ended at a time, instead of the time arranged for before."""
        schedule = {
            "Name": self.name(key),
            "GroupName": self._group,
            "ScheduleExpression": f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self._function_arn,
                "RoleArn": self._role_arn,
                "Input": json.dumps({PAYLOAD_KEY: key}),
            },
        }
        try:
            self._scheduler.create_schedule(**schedule)
        except self._scheduler.exceptions.ConflictException:
            self._scheduler.update_schedule(**schedule)

    def forget(self, key: str) -> None:
        """Take a containment's schedule back."""
        with suppress(self._scheduler.exceptions.ResourceNotFoundException):
            self._scheduler.delete_schedule(Name=self.name(key), GroupName=self._group)

    def name(self, key: str) -> str:
        """A key may hold what no schedule's name may, and be longer: 64 characters of letters, digits and -_. ."""
        return f"{self._prefix}-end-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
