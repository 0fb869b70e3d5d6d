"""The AWS provider of an environment: its account and no other, its Region, its tags on everything."""

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags

from cloudtrail_monitoring.settings import MonitoringSettings


def aws_provider(stack: TerraformStack, settings: MonitoringSettings, region: str | None = None) -> AwsProvider:
    """The provider of the home Region, or one with an alias for ``region``."""
    return AwsProvider(
        stack,
        f"aws-{region}" if region else "aws",
        alias=region,
        region=region or settings.home_region,
        allowed_account_ids=[settings.account_id],
        default_tags=[
            AwsProviderDefaultTags(
                tags={**settings.tags, "Environment": settings.environment, "ManagedBy": "cloudtrail-monitoring"}
            )
        ],
    )
