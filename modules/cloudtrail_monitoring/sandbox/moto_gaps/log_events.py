"""CloudWatch Logs: JSON filter patterns that filter, and log events of the time that a replay gives them."""

import json
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement


def _filter_by_json_patterns() -> Iterable[Replacement]:
    from moto.logs import models
    from moto.logs.utils import EventMessageFilter

    from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern

    class JsonPatterns:
        """Takes JSON patterns itself, and leaves others to moto."""

        def __init__(self, pattern: str | None) -> None:
            is_json = (pattern or "").lstrip().startswith("{")
            self._matches = self._json(FilterPattern.parse(pattern or "")) if is_json else self._terms(pattern)

        def matches(self, message: str) -> bool:
            return bool(self._matches(message))

        @staticmethod
        def _terms(pattern: str | None) -> Any:
            return EventMessageFilter(pattern or "").matches

        @staticmethod
        def _json(pattern: FilterPattern) -> Any:
            def matches(message: str) -> bool:
                try:
                    event = json.loads(message)
                except (ValueError, RecursionError):
                    return False
                return isinstance(event, dict) and pattern.matches(event)

            return matches

    yield Replacement(models, "EventMessageFilter", JsonPatterns)


def _take_events_of_any_time() -> Iterable[Replacement]:
    from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
    from moto.logs.models import LogsBackend

    def put_log_events(
        self: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
    ) -> tuple[str, dict[str, Any]]:
        if log_group_name not in self.groups:
            raise ResourceNotFoundException()
        times = [event["timestamp"] for event in log_events]
        if times != sorted(times):
            raise InvalidParameterException(
                "Log events in a single PutLogEvents request must be in chronological order."
            )
        return self.groups[log_group_name].put_log_events(log_stream_name, log_events), {}

    yield Replacement(LogsBackend, "put_log_events", put_log_events)


LOG_EVENT_GAPS = (
    Gap(
        operation="logs:FilterLogEvents",
        aws="returns the events that a JSON filter pattern matches",
        moto="returns every event whatever the JSON pattern says",
        bridge=_filter_by_json_patterns,
    ),
    Gap(
        operation="logs:PutLogEvents",
        aws="rejects events older than 14 days or more than 2 hours ahead of now",
        moto="does so by the machine's clock, while a replay has the clock of its records",
        bridge=_take_events_of_any_time,
    ),
)
