"""The enhanced trail: all data events, recorded only while responders have it started (R-RSP-3).

It is made stopped, and Terraform leaves alone whether it logs. It delivers into the trail's own bucket, under the same
key, and records no management events: the trail has them, and a second copy is paid for. A trail of its own and not
other selectors on the first: starting and stopping needs rights on this trail alone, and Terraform does not fight it.

AWS takes five trails a Region, and this is one of them.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
"""

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudtrail import Cloudtrail
from constructs import Construct, IDependable

from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.trail.audit_trail import selector_block, trail_arn
from cloudtrail_monitoring.trail.event_selectors import data_selectors
from cloudtrail_monitoring.trail.settings import DataEvents, DataResource, enhanced_trail_name


class EnhancedTrail(Construct):
    """The trail.

    Args:
        trail_name: of the trail it stands beside.
        bucket_name: where it delivers; the bucket's policy, and the key's, must name ``trail_arn`` of this one too.
        bucket_policy: what must stand before it.
        own_arns: beginnings of ARNs of this system, which it never records; ``bucket_name`` is always one.
        kms_key_arn: of log files; ``None`` leaves them to AWS's own encryption.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        location: Location,
        trail_name: str,
        bucket_name: str,
        bucket_policy: Sequence[IDependable] = (),
        own_arns: Sequence[str] = (),
        kms_key_arn: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        name = enhanced_trail_name(trail_name)
        self.arn = trail_arn(location, name)
        own = list(dict.fromkeys([f"{location.bucket_arn(bucket_name)}/", *own_arns]))
        everything = [DataEvents(resource_type=resource_type) for resource_type in DataResource]
        self.trail = Cloudtrail(
            self,
            "trail",
            name=name,
            s3_bucket_name=bucket_name,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            enable_logging=False,
            kms_key_id=kms_key_arn,
            advanced_event_selector=[selector_block(one) for one in data_selectors(everything, own_arns=own)],
            depends_on=list(bucket_policy),
            lifecycle=TerraformResourceLifecycle(ignore_changes=["enable_logging"]),
        )
        waive(
            self.trail,
            "CKV_AWS_252",
            reason="A notification for each delivered file has no reader here: these logs are evidence, for later",
        )
        waive(
            self.trail,
            "CKV_AWS_251",
            reason="R-RSP-3: it stays stopped until a responder starts it; the trail beside it always logs",
        )
        waive(
            self.trail,
            "CKV2_AWS_10",
            reason="Its data events are evidence in the archive; detections read the trail's log group, not these",
        )
        if kms_key_arn is None:
            waive(
                self.trail,
                "CKV_AWS_35",
                reason="R-ARC-2 is met by AES-256 under AWS's own keys; customer_managed_key is off here",
            )
