"""Business hours, for a single event and its own time: the alarm's metric math judges the time of delivery instead.

Opening and closing times are local, whatever daylight-saving time does. A closing time before the opening time is on
the next day, and belongs to the day of opening, as do holidays.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cloudtrail_monitoring.responders.runtime.configuration import EnhancedLogging

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Weekly hours in one zone."""

    zone: str
    start: time
    end: time
    days: tuple[int, ...]
    """Monday being 1."""
    holidays: tuple[date, ...] = ()

    @classmethod
    def of(cls, settings: EnhancedLogging | None) -> "OpeningHours | None":
        """The hours that enhanced logging goes by; ``None`` where they are not known."""
        if settings is None:
            return None
        return cls(
            zone=settings.time_zone,
            start=time.fromisoformat(settings.start),
            end=time.fromisoformat(settings.end),
            days=settings.days,
            holidays=tuple(map(date.fromisoformat, settings.holidays)),
        )

    def contains(self, at: datetime) -> bool:
        """Whether a time, aware, is within them."""
        local = at.astimezone(ZoneInfo(self.zone))
        today, clock = local.date(), local.time()
        if self.start < self.end:
            return self._is_open_on(today) and self.start <= clock < self.end
        yesterday = today - timedelta(days=1)
        return (clock >= self.start and self._is_open_on(today)) or (clock < self.end and self._is_open_on(yesterday))

    def _is_open_on(self, day: date) -> bool:
        return day.isoweekday() in self.days and day not in self.holidays

    def __str__(self) -> str:
        """``Mon-Fri 08:00-18:00 America/New_York``"""
        days = sorted(self.days)
        names = [_DAYS[day - 1] for day in days]
        is_run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
        weekdays = f"{names[0]}-{names[-1]}" if is_run else ", ".join(names)
        return f"{weekdays} {self.start:%H:%M}-{self.end:%H:%M} {self.zone}"
