"""What could be recorded less, with the saving of each: settings of the trail, and what speaks against them.

CloudTrail leaves out management events of two sources only, KMS and the RDS Data API; data events it narrows by type,
read or write, and ARN. A cut is withheld, with the reason, where a detection counts what would go, where it names the
source in its pattern or its samples, and where a requirement records it.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from cloudtrail_monitoring.detections.samples import NoSamplesError, read_samples
from cloudtrail_monitoring.governance.event_review.controls import Controls
from cloudtrail_monitoring.governance.event_review.event_costs import EventCosts
from cloudtrail_monitoring.governance.event_review.selection import DATA, MANAGEMENT
from cloudtrail_monitoring.governance.event_review.tally import Event, Seen
from cloudtrail_monitoring.simulation.deployed_detections import DeployedDetection
from cloudtrail_monitoring.trail.settings import DataResource, ExcludedSource

_LEAST_SHARE = 0.1
"""Of a type's data events: a quieter bucket or function is not worth a list of all others."""
_MOST_NAMED = 3


@dataclass(frozen=True)
class Cut:
    """One setting that would record less."""

    setting: str
    """As it stands in ``environments/*.py``."""
    loses: str
    """What would no longer be recorded."""
    count: int
    saving: float
    """A month."""
    withheld: str | None = None
    """Why it is not proposed."""


def cuts(
    events: Mapping[Event, Seen],
    costs: EventCosts,
    detections: Sequence[DeployedDetection],
    controls: Controls,
) -> tuple[Cut, ...]:
    """Every cut there is, the proposed ones first, the largest saving first. Savings of one type overlap."""
    steady = {name for name, trail in costs.trails.items() if trail.running == 1}
    recorded = {event: seen for event, seen in events.items() if event.trails & steady}
    reader = _Reader(recorded, costs, steady, detections, controls)
    found = [*reader.sources(), *reader.reads(), *reader.prefixes(), *reader.required()]
    return tuple(sorted(found, key=lambda one: (one.withheld is not None, -one.saving, one.setting)))


class _Reader:
    def __init__(
        self,
        events: Mapping[Event, Seen],
        costs: EventCosts,
        steady: Collection[str],
        detections: Sequence[DeployedDetection],
        controls: Controls,
    ) -> None:
        self._events, self._costs, self._steady, self._detections = events, costs, steady, detections
        self._controls = controls

    def sources(self) -> Iterator[Cut]:
        """The management sources that CloudTrail lets a trail leave out."""
        for source in get_args(ExcludedSource):
            gone = self._management({source})
            if gone:
                naming = [one.id for one in self._detections if _is_about(one, source)]
                general = _listed(sorted({one.id for one in self._detections if _is_about_any(one)}))
                yield self._cut(
                    f'trail.exclude_management_sources=("{source}",)',
                    f"every management event of {source}"
                    + (f"; {general} would see nothing there any more" if general else "")
                    + self._worse(MANAGEMENT, None, {"field": "eventSource", "not_equals": [source]}),
                    gone,
                    naming,
                )

    def reads(self) -> Iterator[Cut]:
        """Data events that only read."""
        for type_ in DataResource:
            gone = self._data(type_, lambda event: event.read_only)
            if gone:
                yield self._cut(
                    f"trail.data_events: DataEvents({type_.name}, read_write=WRITE_ONLY)",
                    f"reads of {type_.value}"
                    + self._worse(DATA, type_.value, {"field": "readOnly", "equals": ["false"]}),
                    gone,
                )

    def prefixes(self) -> Iterator[Cut]:
        """One busy bucket or function: selectors name what is recorded, so that all others have to be listed."""
        for type_ in DataResource:
            by_prefix: dict[str, int] = {}
            whole = self._data(type_, lambda _: True)
            for event, seen in whole.items():
                by_prefix[event.arn_prefix] = by_prefix.get(event.arn_prefix, 0) + seen.count
            total = sum(by_prefix.values())
            if len(by_prefix) <= 1:
                continue
            worse = self._worse(DATA, type_.value, {"field": "resources.ARN", "starts_with": ["…"]})
            for prefix, count in by_prefix.items():
                if prefix and count >= _LEAST_SHARE * total:
                    gone = {event: seen for event, seen in whole.items() if event.arn_prefix == prefix}
                    yield self._cut(
                        f"trail.data_events: DataEvents({type_.name}, arn_prefixes=(…)) with all but {prefix}",
                        f"data events of {prefix}, and of every resource not listed{worse}",
                        gone,
                    )

    def required(self) -> Iterator[Cut]:
        """What costs, and has no setting."""
        phi = {event: seen for event, seen in self._events.items() if event.phi}
        if phi:
            yield self._cut("trail.phi_resources", "access to health records", phi, because="HIPAA 164.312(b), R-TRL-2")
        fixed = self._management({event.source for event in self._events} - set(get_args(ExcludedSource)))
        if fixed:
            yield self._cut(
                "none", "management events of other sources", fixed,
                because="CloudTrail leaves out KMS and RDS Data alone, and R-TRL-2 records reads and writes",
            )  # fmt: skip

    def _worse(self, category: str, resource_type: str | None, field: Mapping[str, Any]) -> str:
        """The controls that a narrower selector no longer meets, as the end of a sentence."""
        lost = _listed(self._controls.lost(category, resource_type, field))
        return f"; and less is met of {lost}" if lost else ""

    def _management(self, sources: Collection[str]) -> dict[Event, Seen]:
        return self._where(lambda event: event.category == MANAGEMENT and event.source in sources)

    def _where(self, wanted: Callable[[Event], bool]) -> dict[Event, Seen]:
        return {event: seen for event, seen in self._events.items() if wanted(event)}

    def _data(self, type_: DataResource, wanted: Callable[[Event], bool]) -> dict[Event, Seen]:
        """Data events of a type; those of health records stay recorded whatever ``data_events`` says."""
        return self._where(
            lambda event: (
                event.category == DATA and event.resource_type == type_.value and not event.phi and wanted(event)
            )
        )

    def _cut(
        self,
        setting: str,
        loses: str,
        gone: Mapping[Event, Seen],
        naming: Collection[str] = (),
        *,
        because: str | None = None,
    ) -> Cut:
        counted = [id_ for seen in gone.values() for id_ in seen.detections]
        needed = sorted({*counted, *naming})
        if because is None and needed:
            because = f"needed by {_listed(needed)}"
        saving = self._costs.total(gone) - self._costs.total(gone, without=self._steady)
        return Cut(setting, loses, sum(seen.count for seen in gone.values()), saving, because)


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return f"{', '.join(ids[:_MOST_NAMED])}{more}"


def _is_about_any(detection: DeployedDetection) -> bool:
    """Whether it looks at calls of every source, such as all that root does."""
    return not any(field in detection.pattern.text for field in ("$.eventSource", "$.eventName"))


def _is_about(detection: DeployedDetection, source: str) -> bool:
    """Whether a detection means a source: its pattern names it, or a sample it counts comes from there."""
    if source in detection.pattern.text:
        return True
    try:
        samples = read_samples(detection.id)
    except NoSamplesError:
        return False
    return any(one.matches and one.event.get("eventSource") == source for one in samples)
