"""The trail: multi-Region, with global service events and log file validation, always (R-TRL-1 to R-TRL-7).

It waits for the archive's bucket policy, the key with its policy, and its role's policy: CloudTrail checks all three
when it makes the trail.
"""

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudtrail import (
    Cloudtrail,
    CloudtrailAdvancedEventSelector,
    CloudtrailAdvancedEventSelectorFieldSelector,
    CloudtrailInsightSelector,
)
from constructs import Construct, IDependable

from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.trail.event_selectors import EventSelector, FieldSelector, event_selectors
from cloudtrail_monitoring.trail.log_delivery import LogDelivery
from cloudtrail_monitoring.trail.settings import TrailSettings, log_delivery_role_name
from cloudtrail_monitoring.validation import SettingsError


def trail_arn(location: Location, name: str) -> str:
    """Built from its parts, not read off the trail: the bucket policy names it before the trail exists."""
    return location.arn("cloudtrail", f"trail/{name}")


class AuditTrail(Construct):
    """The trail with its delivery to CloudWatch Logs.

    Args:
        bucket_name: the archive's bucket, or an existing one whose policy lets this trail deliver.
        bucket_policy: what must stand before the trail, the archive's ``policy``, which comes after all its
            configuration; empty for an existing bucket.
        own_arns: beginnings of ARNs of this system, which no data selector records; ``bucket_name`` is always one.
        kms_key_arn: key of log files and log group; ``None``, with ``customer_managed_key`` off, leaves both to AWS's
            own encryption.
        existing_log_group: name of a log group to deliver to, instead of one made here.

    Raises:
        SettingsError: if ``customer_managed_key`` is on and no key is given.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: TrailSettings,
        *,
        location: Location,
        bucket_name: str,
        bucket_policy: Sequence[IDependable] = (),
        own_arns: Sequence[str] = (),
        kms_key_arn: str | None = None,
        existing_log_group: str | None = None,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        if settings.customer_managed_key and kms_key_arn is None:
            raise SettingsError("trail.customer_managed_key is on, and AuditTrail was given no kms_key_arn")
        self.arn = trail_arn(location, settings.name)
        self.log_delivery = LogDelivery(
            self,
            "log-delivery",
            location=location,
            role_name=log_delivery_role_name(settings.name),
            log_group_name=settings.log_group_name,
            retention_days=settings.log_retention_days,
            organization_id=settings.organization_id,
            kms_key_arn=kms_key_arn,
            existing_log_group=existing_log_group,
            protected=protected,
        )
        own = dict.fromkeys([f"{location.bucket_arn(bucket_name)}/", *own_arns])
        self.log_group_name = self.log_delivery.log_group_name
        self.trail = Cloudtrail(
            self,
            "trail",
            name=settings.name,
            s3_bucket_name=bucket_name,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            enable_logging=True,
            is_organization_trail=settings.organization_id is not None,
            kms_key_id=kms_key_arn,
            cloud_watch_logs_group_arn=self.log_delivery.log_group_arn,
            cloud_watch_logs_role_arn=self.log_delivery.role.arn,
            advanced_event_selector=[
                selector_block(selector) for selector in event_selectors(settings, own_arns=list(own))
            ],
            insight_selector=[CloudtrailInsightSelector(insight_type=insight.value) for insight in settings.insights],
            depends_on=[*bucket_policy, self.log_delivery.policy],
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
        )
        waive(
            self.trail,
            "CKV_AWS_252",
            reason="A notification for each delivered file has no reader here: alarms come from the log group",
        )
        if kms_key_arn is None:
            self._waive_customer_managed_key()

    def _waive_customer_managed_key(self) -> None:
        reason = "R-ARC-2 is met by AES-256 under AWS's own keys; customer_managed_key is off in this environment"
        waive(self.trail, "CKV_AWS_35", reason=reason)
        if self.log_delivery.log_group:
            waive(self.log_delivery.log_group, "CKV_AWS_158", reason=reason)


def selector_block(selector: EventSelector) -> CloudtrailAdvancedEventSelector:
    return CloudtrailAdvancedEventSelector(
        name=selector.name, field_selector=[_field_selector(field) for field in selector.fields]
    )


def _field_selector(field: FieldSelector) -> CloudtrailAdvancedEventSelectorFieldSelector:
    return CloudtrailAdvancedEventSelectorFieldSelector(
        field=field.field,
        equal_to=list(field.equals) or None,
        not_equals=list(field.not_equals) or None,
        starts_with=list(field.starts_with) or None,
        not_starts_with=list(field.not_starts_with) or None,
    )
