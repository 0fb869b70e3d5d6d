"""Settings of the budget: what a month may cost, what of the account's bill counts, and when somebody is told."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from cloudtrail_monitoring.validation import AT_LEAST_ONE, EACH_ONCE, Settings, fault

MAX_NOTIFICATIONS = 10
"""https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html"""

Percent = Annotated[int, Field(ge=1, le=1000)]
"""Of the limit; a forecast may be a multiple of it."""


class BilledService(StrEnum):
    """Services this system uses, as Billing names them: Budgets takes any name, and counts nothing for a wrong one."""

    CLOUDTRAIL = "AWS CloudTrail"
    CLOUDWATCH = "AmazonCloudWatch"
    S3 = "Amazon Simple Storage Service"
    KMS = "AWS Key Management Service"
    LAMBDA = "AWS Lambda"
    SNS = "Amazon Simple Notification Service"
    SQS = "Amazon Simple Queue Service"
    DYNAMODB = "Amazon DynamoDB"
    ATHENA = "Amazon Athena"
    GLUE = "AWS Glue"


class BudgetSettings(Settings):
    """The budget of R-CST-1.

    Example:
        >>> BudgetSettings(monthly_limit=50).actual_percents
        (80, 100)
    """

    monthly_limit: Annotated[float, Field(gt=0, le=1_000_000_000, allow_inf_nan=False)] = 200.0
    """In the currency AWS bills the partition in: US dollars, in China yuan. The source budgets $200."""
    services: Annotated[tuple[BilledService, ...], AT_LEAST_ONE, EACH_ONCE] = tuple(BilledService)
    """What counts: the account's whole bill for these services, other workloads' share included. Where others store
    much, leave S3 out, or raise the limit."""
    actual_percents: Annotated[tuple[Percent, ...], AT_LEAST_ONE, EACH_ONCE] = (80, 100)
    """Told once a month, when the month's cost exceeds this part of the limit."""
    forecast_percents: Annotated[tuple[Percent, ...], EACH_ONCE] = (100,)
    """Told when AWS expects the month to end above this part; forecasts begin after about five weeks.
    https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-best-practices.html"""

    @model_validator(mode="after")
    def _no_more_than_aws_takes(self) -> Self:
        count = len(self.actual_percents) + len(self.forecast_percents)
        if count > MAX_NOTIFICATIONS:
            raise fault(
                "a budget takes {most} notifications, and actual_percents and forecast_percents make {count}",
                most=MAX_NOTIFICATIONS,
                count=count,
            )
        return self
