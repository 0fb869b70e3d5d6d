"""The stack that makes an environment's state bucket, and keeps its own state in it.

``scripts/bootstrap-state.sh`` walks the way from nothing: apply with local state, then move that state in.
"""

from cdktf import TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from constructs import Construct

from cloudtrail_monitoring.archive.hardened_bucket import HardenedBucket
from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.provider import aws_provider
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.remote_state import use_remote_state


class StateStack(TerraformStack):
    """``state-<environment>``: the bucket, versioned, encrypted, TLS only, private; old versions expire."""

    def __init__(self, scope: Construct, settings: MonitoringSettings) -> None:
        super().__init__(scope, f"state-{settings.environment}")
        location = settings.location
        aws_provider(self, settings)
        use_remote_state(self, settings.state, location=location, key=f"state-{settings.environment}")
        self.state_bucket = HardenedBucket(
            self,
            "state",
            location=location,
            bucket_name=settings.state.bucket_name,
            protected=settings.deletion_protection,
        )
        self.lifecycle = S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self.state_bucket.bucket.id,
            transition_default_minimum_object_size="all_storage_classes_128K",
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire-old-versions",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=settings.state.noncurrent_version_days
                        )
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=7)
                    ],
                )
            ],
            depends_on=[self.state_bucket.versioning],
        )
        waive(
            self.state_bucket.bucket,
            "CKV_AWS_18",
            reason="The state bucket precedes every bucket that could take its access logs; changes of it are"
            " management events, which the trail records",
        )
        TerraformOutput(self, "state_bucket", value=self.state_bucket.bucket.id)
