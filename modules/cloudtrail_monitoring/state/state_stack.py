"""The stack that makes what an environment's deployments need first: its state bucket, and the roles that deploy.

It keeps its own state in that bucket, and the deploy role can't apply it.

``scripts/bootstrap-state.sh`` walks the way from nothing: apply with local state, then move that state in.
"""

from cdktf import TerraformOutput, TerraformStack
from constructs import Construct

from cloudtrail_monitoring.archive.access_log_bucket import AccessLogBucket
from cloudtrail_monitoring.archive.access_policy import keepers
from cloudtrail_monitoring.archive.hardened_bucket import HardenedBucket
from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.deployment_roles import DeploymentRoles
from cloudtrail_monitoring.provider import aws_provider
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.state.remote_state import use_remote_state


class StateStack(TerraformStack):
    """``state-<environment>``: the bucket, versioned, encrypted, TLS only, private; old versions expire.

    The trail records no data events of it, so that S3's own access log tells who read or wrote the state.
    """

    def __init__(self, scope: Construct, settings: MonitoringSettings) -> None:
        super().__init__(scope, f"state-{settings.environment}")
        location, state = settings.location, settings.state
        aws_provider(self, settings)
        use_remote_state(self, state, location=location, key=f"state-{settings.environment}")
        self.state_bucket = HardenedBucket(
            self,
            "state",
            location=location,
            bucket_name=state.bucket_name,
            sse_s3_because="The state holds no secret but the contacts, and a reader could use the key as well",
            protected=settings.deletion_protection,
        )
        self.state_bucket.keep("expire-old-versions", noncurrent_version_days=state.noncurrent_version_days)
        self.access_logs = AccessLogBucket(
            self,
            "access-logs",
            location=location,
            bucket_name=state.access_log_bucket_name,
            source_bucket_arn=self.state_bucket.arn,
            keepers=keepers(settings.archive, location),
            retention_days=settings.archive.access_log_retention_days,
            noncurrent_version_days=state.noncurrent_version_days,
            protected=settings.deletion_protection,
        )
        self.state_bucket.log_accesses(
            self.access_logs.name, prefix=f"{state.bucket_name}/", after=[self.access_logs.policy]
        )
        self.policy = self.state_bucket.close()
        TerraformOutput(self, "state_bucket", value=self.state_bucket.name)
        self.delivery = (
            DeploymentRoles(self, "delivery", settings.delivery, delivered=Delivered.of(settings, settings.delivery))
            if settings.delivery
            else None
        )
        if self.delivery:
            TerraformOutput(self, "plan_role_arn", value=self.delivery.plan_role.arn)
            TerraformOutput(self, "deploy_role_arn", value=self.delivery.deploy_role.arn)
