"""CostBudget: tells through the e-mail topic when a month costs more than it may (R-CST-1).

It counts what the account pays for the services this system uses, and not what bears its tags: a budget by tag reads
zero, and never tells, until whoever pays for the organization activates the tag as a cost allocation tag, and several
of these charges, as those for alarms and metrics, bear no tags at all. So it may count other workloads of the account
as well, and tell too early; silent it is not. What the system itself costs is left to ``report cost``.
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html

The topic's policy and its key's let AWS Budgets publish: ``publishers``.
"""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.budgets_budget import (
    BudgetsBudget,
    BudgetsBudgetCostFilter,
    BudgetsBudgetNotification,
)
from constructs import Construct

from cloudtrail_monitoring.alerting.budget_settings import BudgetSettings
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.validation import SettingsError


def budget_name(prefix: str) -> str:
    return f"{prefix}-cost"


class CostBudget(Construct):
    """A monthly cost budget with its notifications.

    Args:
        prefix: begins the budget's name.
        topic_arn: of the topic that tells; it must be of the same account, and let AWS Budgets publish.
            https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
        topic_policy: what must be there first, or the first message is lost.

    Raises:
        SettingsError: the partition has no AWS Budgets, as GovCloud, whose bill is the commercial account's.

    Example:
        >>> CostBudget(  # doctest: +SKIP
        ...     stack, "budget", BudgetSettings(), location=location, prefix="audit", topic_arn=topic.arn
        ... )
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: BudgetSettings,
        *,
        location: Location,
        prefix: str,
        topic_arn: str,
        topic_policy: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        currency = location.budget_currency
        if currency is None:
            raise SettingsError(f"budget: {location.partition} has no AWS Budgets: leave it out")
        kinds = {"ACTUAL": settings.actual_percents, "FORECASTED": settings.forecast_percents}
        self.budget = BudgetsBudget(
            self,
            "budget",
            name=budget_name(prefix),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{settings.monthly_limit:.2f}",
            limit_unit=currency,
            cost_filter=[BudgetsBudgetCostFilter(name="Service", values=[one.value for one in settings.services])],
            notification=[
                BudgetsBudgetNotification(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_sns_topic_arns=[topic_arn],
                )
                for kind, percents in kinds.items()
                for percent in percents
            ],
            depends_on=list(topic_policy),
        )
