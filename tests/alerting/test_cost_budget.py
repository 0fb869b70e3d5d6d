"""The budget as it is synthesised (R-CST-1). Whether it can tell anybody: ``test_dead_budgets``."""

from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.alerting.budget_settings import BilledService, BudgetSettings
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.settings_samples import LOCATION, SAMPLE, changed
from tests.synthesised import Resource, Stack, synthesise, synthesise_monitoring

TOPIC = LOCATION.arn("sns", "everybodys-alerts")


def budget(settings: BudgetSettings | None = None, *, location: Location = LOCATION) -> Resource:
    from cloudtrail_monitoring import CostBudget

    def build(stack: Any) -> None:
        CostBudget(stack, "budget", settings or BudgetSettings(), location=location, prefix="sample", topic_arn=TOPIC)

    return synthesise(build).one("aws_budgets_budget")


def told(budget_: Resource) -> set[tuple[str, int]]:
    return {(one["notification_type"], one["threshold"]) for one in budget_["notification"]}


def test_prod_has_the_budget_of_the_source(prod: Stack) -> None:  # R-CST-1
    one = prod.one("aws_budgets_budget")
    assert (float(one["limit_amount"]), one["limit_unit"], one["time_unit"]) == (200, "USD", "MONTHLY")
    assert one["name"] == "xyz-corp-audit-cost"


def test_it_tells_before_and_when_the_limit_is_reached() -> None:
    assert told(budget()) == {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
    other = BudgetSettings(actual_percents=(50,), forecast_percents=())
    assert told(budget(other)) == {("ACTUAL", 50)}


def test_it_tells_the_email_topic_and_holds_no_address(stack: Stack) -> None:
    # a contact in the budget would be one more copy of it in the state
    topic = stack.by_path("topics/email")
    for notification in stack.one("aws_budgets_budget")["notification"]:
        assert notification["subscriber_sns_topic_arns"] == [f"${{{topic.address}.arn}}"]
        assert "subscriber_email_addresses" not in notification


def test_the_topics_policy_is_there_first(stack: Stack) -> None:
    assert stack.one("aws_budgets_budget")["depends_on"] == [stack.by_path("topics/email-policy").address]


def test_it_counts_services_and_no_tags() -> None:
    # a tag counts nothing until the payer's account activates it
    (counted,) = budget()["cost_filter"]
    assert counted == {"name": "Service", "values": [one.value for one in BilledService]}
    less = BudgetSettings(services=(BilledService.CLOUDTRAIL,))
    assert budget(less)["cost_filter"] == [{"name": "Service", "values": ["AWS CloudTrail"]}]


@pytest.mark.parametrize(("region", "currency"), [("eu-west-1", "USD"), ("cn-north-1", "CNY")])
def test_it_counts_in_the_partitions_currency(region: str, currency: str) -> None:
    assert budget(location=LOCATION.in_region(region))["limit_unit"] == currency


def test_govcloud_has_none() -> None:
    with pytest.raises(SettingsError, match="aws-us-gov has no AWS Budgets: leave it out"):
        budget(location=LOCATION.in_region("us-gov-west-1"))
    with pytest.raises(ValidationError, match="budget: aws-us-gov has no AWS Budgets: leave it out"):
        changed(SAMPLE, home_region="us-gov-west-1", budget=BudgetSettings())


def test_without_a_budget_nobody_of_billing_publishes() -> None:
    stack = synthesise_monitoring(SAMPLE)
    assert not stack.all("aws_budgets_budget")
    assert "budgets.amazonaws.com" not in stack.text


def test_notifications_are_as_many_as_aws_takes() -> None:
    # https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html
    assert BudgetSettings(actual_percents=tuple(range(10, 100, 10)), forecast_percents=(100,))
    with pytest.raises(ValidationError, match=r"takes 10 notifications, and .* make 11"):
        BudgetSettings(actual_percents=tuple(range(10, 110, 10)), forecast_percents=(100,))


def test_every_environment_has_one(environments: dict[str, MonitoringSettings]) -> None:  # R-CST-1
    assert all(settings.budget for settings in environments.values())
