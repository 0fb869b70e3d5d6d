"""What recorded events cost a month, by kind, with the price table and the trails of the cost report.

Counted are the charges that follow the number and size of events: data events, further copies of management events,
Insights, and ingestion into CloudWatch Logs. Seven years in the archive cost less than a cent for each dollar of these,
and are left to ``report cost``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cloudtrail_monitoring.governance.cost.cloudwatch import LOG_EVENT_BYTES
from cloudtrail_monitoring.governance.cost.prices import PriceTable
from cloudtrail_monitoring.governance.cost.trails import Trail
from cloudtrail_monitoring.governance.cost.usage import GB
from cloudtrail_monitoring.governance.event_review.selection import DATA, MANAGEMENT
from cloudtrail_monitoring.governance.event_review.tally import Event, Seen

DATA_EVENTS, COPIES, INSIGHTS, INGESTION = "data events", "further copies", "Insights", "log ingestion"
KINDS = (DATA_EVENTS, COPIES, INSIGHTS, INGESTION)
Costs = Mapping[str, float]


@dataclass(frozen=True)
class EventCosts:
    """Turns what was seen into a month's charges.

    Args:
        trails: those of the stack, by name.
        months: how many months the records span; their costs are divided by it.
        other_trails: trails of others that record the same management events.
    """

    prices: PriceTable
    trails: Mapping[str, Trail]
    months: float
    other_trails: int = 0

    def of(self, event: Event, seen: Seen, *, without: Collection[str] = ()) -> dict[str, float]:
        """Charges a month by kind.

        Args:
            without: trails that are thought not to record it.
        """
        recording = [self.trails[name] for name in sorted(event.trails) if name not in without]
        count, size = seen.count / self.months, (seen.size + seen.count * LOG_EVENT_BYTES) / self.months
        logged = sum(trail.running for trail in recording if trail.sends_to_logs)
        found = {INGESTION: self.prices.cost("cloudwatch-logs-ingestion", logged * size / GB)}
        if event.category == DATA:
            charged = count * sum(trail.running for trail in recording)
            found[DATA_EVENTS] = self.prices.cost("cloudtrail-data-event", charged)
        elif event.category == MANAGEMENT:
            # the first copy is free in each Region; another trail may have it
            copies = sorted((trail.running for trail in recording), reverse=True)
            charged = count * sum(copies if self.other_trails else copies[1:])
            found[COPIES] = self.prices.cost("cloudtrail-management-event-copy", charged)
            looked_at = sum(trail.running * self._insights(trail, event) for trail in recording)
            found[INSIGHTS] = self.prices.cost("cloudtrail-insights", count * looked_at)
        return {kind: found.get(kind, 0.0) for kind in KINDS}

    def total(self, events: Mapping[Event, Seen], *, without: Collection[str] = ()) -> float:
        """All charges of some events."""
        return sum(sum(self.of(event, seen, without=without).values()) for event, seen in events.items())

    @staticmethod
    def _insights(trail: Trail, event: Event) -> int:
        """How often Insights looks at it: the call rate at writes, the error rate at all."""
        rate = "ApiCallRateInsight" in trail.insights and not event.read_only
        return int(rate) + int("ApiErrorRateInsight" in trail.insights)
