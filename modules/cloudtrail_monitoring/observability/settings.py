"""Settings of what people look at: the dashboard of an environment."""

from pydantic import Field

from cloudtrail_monitoring.validation import Settings


class ObservabilitySettings(Settings):
    """Nothing need be set: what a dashboard shows follows from what the environment deploys."""

    days_shown: int = Field(7, ge=1, le=14)
    """How far back the dashboard looks when it is opened. Countries and containments are found by a search, which knows
    only what was counted within the last two weeks: beyond them, some would be missing unsaid.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-search-expressions.html"""
