"""Settings of what people look at: the dashboard of an environment."""

from pydantic import Field

from cloudtrail_monitoring.validation import Settings


class ObservabilitySettings(Settings):
    """Nothing need be set: what a dashboard shows follows from what the environment deploys."""

    days_shown: int = Field(7, ge=1, le=63)
    """How far back the dashboard looks when it is opened. CloudWatch keeps datapoints of five minutes, in which calls
    and their band are drawn, for 63 days.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention"""
