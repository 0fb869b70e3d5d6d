"""What Terraform needs for what people look at: the dashboard, which is an account's and no Region's.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
"""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.part import Part


def observability(of: Delivered) -> Iterator[Part]:
    """The dashboard."""
    yield Part(
        "alerts",
        "Dashboards",
        (of.location.dashboard_arn(f"{of.ours.prefix}-*"),),
        ("cloudwatch:GetDashboard",),
        ("cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"),
    )
