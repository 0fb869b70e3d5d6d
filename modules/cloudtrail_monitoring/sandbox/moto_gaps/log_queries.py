"""CloudWatch Logs Insights: queries that are carried out, over events that are JSON."""

import json
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement


def _carry_out_queries() -> Iterable[Replacement]:
    from moto.logs import models
    from moto.logs.exceptions import InvalidParameterException

    from cloudtrail_monitoring.sandbox.logs_insights import QueryFault, run

    def execute_query(log_groups: list[Any], query: str, start_time: int, end_time: int) -> list[dict[str, str]]:
        events = (
            event
            for group in log_groups
            for stream in group.streams.values()
            for event in stream.events
            if start_time * 1000 <= event.timestamp <= end_time * 1000
        )
        try:
            return run(query, [record for event in events if (record := _read(event.message)) is not None])
        except QueryFault as fault:
            raise InvalidParameterException(str(fault)) from None

    yield Replacement(models, "execute_query", execute_query)


def _read(message: str) -> dict[str, Any] | None:
    try:
        read = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


LOG_QUERY_GAPS = (
    Gap(
        operation="logs:StartQuery",
        aws="carries out the whole Logs Insights language; startTime and endTime are in seconds",
        moto="knows a few commands, and no fields within JSON",
        bridge=_carry_out_queries,
    ),
)
