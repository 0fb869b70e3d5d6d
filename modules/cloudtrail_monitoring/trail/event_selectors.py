"""What the trail records: settings become advanced event selectors (R-TRL-2, R-TRL-7).

This system's own buckets and functions are left out of every data selector: a trail that logs its own deliveries
loops and costs without end. A selector is a plain model here; ``audit_trail`` writes it as Terraform.
"""

from collections.abc import Sequence

from cloudtrail_monitoring.trail.settings import (
    MAX_SELECTOR_VALUES,
    DataEvents,
    DataResource,
    ReadWrite,
    TrailSettings,
)
from cloudtrail_monitoring.validation import Settings, SettingsError


class FieldSelector(Settings):
    """One field's condition; several operators of one field must all hold.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
    """

    field: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()

    @property
    def value_count(self) -> int:
        return sum(map(len, (self.equals, self.not_equals, self.starts_with, self.not_starts_with)))


class EventSelector(Settings):
    name: str
    fields: tuple[FieldSelector, ...]


# Some auditors look for this very name.
MANAGEMENT_SELECTOR_NAME = "Management events selector"
PHI_SELECTOR = "PHI: "
"""Begins the names of the selectors for ``phi_resources``."""
_READ_ONLY = {ReadWrite.READ_ONLY: "true", ReadWrite.WRITE_ONLY: "false"}
_SHORT = {DataResource.S3_OBJECT: "S3 objects", DataResource.LAMBDA_FUNCTION: "Lambda functions"}


def event_selectors(settings: TrailSettings, *, own_arns: Sequence[str]) -> tuple[EventSelector, ...]:
    """The trail's selectors.

    Args:
        own_arns: beginnings of this system's own ARNs, such as ``arn:aws:s3:::audit-logs/``.

    Raises:
        SettingsError: if ``phi_resources`` names a resource of this system, or the selectors hold more than 500 values
            (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html).
    """
    for phi in settings.phi_resources:
        for own in own_arns:
            if phi.startswith(own) or f"{phi}/" == own:
                raise SettingsError(f"trail.phi_resources: {phi} is this system's own, and logging it would never end")
    selectors = (
        _management(settings),
        *data_selectors(settings.data_events, own_arns=own_arns),
        *_phi(settings, own_arns),
    )
    values = sum(field.value_count for selector in selectors for field in selector.fields)
    if values > MAX_SELECTOR_VALUES:
        raise SettingsError(
            f"trail.data_events: {values} values in the event selectors, and CloudTrail takes {MAX_SELECTOR_VALUES}"
        )
    return selectors


def data_selectors(events: Sequence[DataEvents], *, own_arns: Sequence[str]) -> tuple[EventSelector, ...]:
    """A selector for each kind of data events, this system's own resources left out."""
    return tuple(_data(number, one, own_arns) for number, one in enumerate(events, start=1))


def _management(settings: TrailSettings) -> EventSelector:
    fields = [FieldSelector(field="eventCategory", equals=("Management",))]
    if settings.exclude_management_sources:
        fields.append(FieldSelector(field="eventSource", not_equals=settings.exclude_management_sources))
    return EventSelector(name=MANAGEMENT_SELECTOR_NAME, fields=tuple(fields))


def _data(number: int, events: DataEvents, own_arns: Sequence[str]) -> EventSelector:
    fields = [
        FieldSelector(field="eventCategory", equals=("Data",)),
        FieldSelector(field="resources.type", equals=(events.resource_type.value,)),
    ]
    if events.read_write in _READ_ONLY:
        fields.append(FieldSelector(field="readOnly", equals=(_READ_ONLY[events.read_write],)))
    own = tuple(arn for arn in own_arns if arn.split(":")[2] == events.service)
    if events.arn_prefixes or own:
        fields.append(FieldSelector(field="resources.ARN", starts_with=events.arn_prefixes, not_starts_with=own))
    return EventSelector(name=f"Data events {number}: {_SHORT[events.resource_type]}", fields=tuple(fields))


def _phi(settings: TrailSettings, own_arns: Sequence[str]) -> tuple[EventSelector, ...]:
    """Their own selectors, so that no narrowing of ``data_events`` reaches them."""
    selectors = []
    for resource_type in DataResource:
        events = DataEvents(resource_type=resource_type)
        arns = tuple(arn for arn in settings.phi_resources if arn.split(":")[2] == events.service)
        if arns:
            selector = _data(0, DataEvents(resource_type=resource_type, arn_prefixes=arns), own_arns)
            selectors.append(EventSelector(name=f"{PHI_SELECTOR}{_SHORT[resource_type]}", fields=selector.fields))
    return tuple(selectors)
