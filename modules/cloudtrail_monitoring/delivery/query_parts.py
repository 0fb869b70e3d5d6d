"""What Terraform needs for saved queries: their actions take no ARN.

A query is known to IAM neither by its name nor by its id, so whoever may save one may change each of the account's.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
"""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.part import EVERYWHERE, Part


def queries(_: Delivered) -> Iterator[Part]:
    """Logs Insights' saved queries."""
    yield Part(
        "alerts",
        "SavedQueries",
        EVERYWHERE,
        ("logs:DescribeQueryDefinitions",),
        ("logs:DeleteQueryDefinition", "logs:PutQueryDefinition"),
    )
