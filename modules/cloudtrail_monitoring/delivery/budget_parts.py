"""What Terraform needs for the budget: AWS Budgets has one permission to see and one to change, for all its calls.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
"""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.part import Part


def budgets(of: Delivered) -> Iterator[Part]:
    """The budget, its notifications, and its tags."""
    yield Part(
        "alerts",
        "Budgets",
        (of.location.budgets_arn(f"budget/{of.ours.prefix}-*"),),
        ("budgets:ListTagsForResource", "budgets:ViewBudget"),
        ("budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"),
    )
