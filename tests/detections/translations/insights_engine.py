"""Logs Insights for tests: which of some records a pattern's query finds, by the sandbox's interpreter."""

from collections.abc import Sequence
from typing import Any

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.insights_query import MAX_RESULTS, insights_query
from cloudtrail_monitoring.sandbox.logs_insights import parse
from cloudtrail_monitoring.sandbox.logs_insights.discovery import discovered
from cloudtrail_monitoring.sandbox.logs_insights.run import run_discovered

_PLACE = "placeInTheTest"


class DiscoveredRecords:
    """Some records, whose fields are discovered once for all queries."""

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        self._rows = [{**discovered(record), _PLACE: place} for place, record in enumerate(records)]

    def found_by(self, pattern: FilterPattern) -> list[int]:
        """The places of the records that the pattern's query finds."""
        query = parse(insights_query(pattern, fields=[_PLACE], limit=MAX_RESULTS))
        return sorted(int(row[_PLACE]) for row in run_discovered(query, self._rows))
