"""The trails of a synthesised stack: what each records a day of the declared volumes, and what CloudTrail asks for it.

Selectors are read as what they let through at most: an ARN prefix is not weighed, so a narrowed selector counts as the
whole resource type. Files and log groups that the records go into are left to ``storage`` and ``cloudwatch``.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-manage-costs.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudtrail_monitoring.governance.cost.references import named
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, HOURS_A_MONTH, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import DataVolume, EventVolumes
from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

Selector = Mapping[str, Mapping[str, Any]]
"""An advanced event selector by field."""

_ANY: Selector = {"eventCategory": {"equals": ["Management"]}}
"""What a trail without selectors records: every management event, and nothing else."""


@dataclass(frozen=True)
class Trail:
    """A trail with what it records in a day; events are those of a day on which it runs."""

    name: str
    bucket: str | None
    """The resource of its bucket; ``None`` if that is not of the stack."""
    log_group: str | None
    sends_to_logs: bool
    running: float
    """Part of the time in which it records: 1, or what is declared for a trail that is normally stopped."""
    is_encrypted: bool
    validates: bool
    regions: int
    management_reads: float
    management_writes: float
    data: Mapping[str, DataVolume]
    insights: frozenset[str]

    @property
    def management_events(self) -> float:
        return self.management_reads + self.management_writes

    @property
    def data_events(self) -> float:
        return sum(one.reads_a_day + one.writes_a_day for one in self.data.values())

    @property
    def events(self) -> float:
        return self.management_events + self.data_events


def read_trails(document: Document, volumes: EventVolumes) -> tuple[Trail, ...]:
    """The trails of a stack, in its order."""
    return tuple(
        _trail(document, name, attributes, volumes)
        for name, attributes in resources(document, "aws_cloudtrail").items()
    )


def trail_usage(trails: tuple[Trail, ...], volumes: EventVolumes) -> Iterator[Usage]:
    """CloudTrail's own charges in any month: data events, Insights, further copies of management events.

    The first copy of management events is free in each Region. Insights looks at write-only events for the call rate,
    and at all events for the error rate.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/insights-events-costs.html
    """
    for trail in trails:
        yield Usage(Part.CLOUDTRAIL, "data events", "cloudtrail-data-event", _monthly(trail, trail.data_events))
        analysed = {"ApiCallRateInsight": trail.management_writes, "ApiErrorRateInsight": trail.management_events}
        insights = sum(events for type_, events in analysed.items() if type_ in trail.insights)
        yield Usage(Part.CLOUDTRAIL, "Insights", "cloudtrail-insights", _monthly(trail, insights))
    copies = sorted((_monthly(trail, trail.management_events) for trail in trails), reverse=True)
    charged = copies if volumes.other_trails else copies[1:]
    yield Usage(
        Part.CLOUDTRAIL, "further copies of management events", "cloudtrail-management-event-copy", sum(charged)
    )


def trail_notes(trails: tuple[Trail, ...], document: Document, volumes: EventVolumes) -> Iterator[str]:
    """What can't be told from output and volumes, a line each."""
    for trail in trails:
        for type_ in trail.data:
            if type_ not in volumes.data_events:
                yield f"{trail.name} records {type_}, and no volume is declared for it: counted as none"
        if trail.bucket is None:
            yield f"{trail.name} writes to a bucket of another stack: its files are counted as Standard, kept for ever"
    for attributes in resources(document, "aws_cloudtrail").values():
        if attributes.get("event_selector"):
            yield f"{attributes.get('name')} has basic event selectors, not read here: counted as management events"


def _monthly(trail: Trail, events_a_day: float) -> float:
    return events_a_day * trail.running * DAYS_A_MONTH


def _trail(document: Document, name: str, attributes: Mapping[str, Any], volumes: EventVolumes) -> Trail:
    selectors = [_by_field(one) for one in blocks(attributes.get("advanced_event_selector"))] or [_ANY]
    management = [one for one in selectors if _values(one, "eventCategory") == ["Management"]]
    data = [one for one in selectors if _values(one, "eventCategory") == ["Data"]]
    log_group = attributes.get("cloud_watch_logs_group_arn")
    stopped = attributes.get("enable_logging") is False
    return Trail(
        name=str(attributes.get("name") or name),
        bucket=named(document, "aws_s3_bucket", attributes.get("s3_bucket_name"), by="bucket"),
        log_group=named(document, "aws_cloudwatch_log_group", log_group),
        sends_to_logs=bool(log_group),
        running=volumes.enhanced_hours_a_month / HOURS_A_MONTH if stopped else 1.0,
        is_encrypted=bool(attributes.get("kms_key_id")),
        validates=bool(attributes.get("enable_log_file_validation")),
        regions=volumes.regions if attributes.get("is_multi_region_trail") else 1,
        management_reads=max((_reads(one, volumes) for one in management if _lets(one, "true")), default=0.0),
        management_writes=volumes.management_writes_a_day if any(_lets(one, "false") for one in management) else 0.0,
        data=_data(data, volumes),
        insights=frozenset(str(one.get("insight_type")) for one in blocks(attributes.get("insight_selector"))),
    )


def _data(selectors: list[Selector], volumes: EventVolumes) -> dict[str, DataVolume]:
    types = dict.fromkeys(type_ for one in selectors for type_ in _values(one, "resources.type"))
    recorded = {}
    for type_ in types:
        declared = volumes.data_events.get(type_, DataVolume())
        own = [one for one in selectors if type_ in _values(one, "resources.type")]
        recorded[type_] = DataVolume.model_construct(
            reads_a_day=declared.reads_a_day if any(_lets(one, "true") for one in own) else 0.0,
            writes_a_day=declared.writes_a_day if any(_lets(one, "false") for one in own) else 0.0,
        )
    return recorded


def _reads(selector: Selector, volumes: EventVolumes) -> float:
    """The read-only management events a selector lets through, without the event sources it leaves out."""
    excluded = selector.get("eventSource", {}).get("not_equals") or []
    left_out = sum(count for source, count in volumes.management_reads_of.items() if source in excluded)
    return max(volumes.management_reads_a_day - left_out, 0.0)


def _lets(selector: Selector, read_only: str) -> bool:
    """Whether it lets through what is read-only (``"true"``), or what is not."""
    wanted = _values(selector, "readOnly")
    return not wanted or read_only in wanted


def _values(selector: Selector, field: str) -> list[str]:
    return list(selector.get(field, {}).get("equals") or [])


def _by_field(selector: Mapping[str, Any]) -> Selector:
    return {str(one.get("field")): one for one in blocks(selector.get("field_selector"))}
