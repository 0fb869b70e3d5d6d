"""The budget and its topic, alone, by real Terraform into the embedded AWS: made, changed in place, gone (R-CST-1)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cloudtrail_monitoring.alerting.budget_settings import BudgetSettings
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import PlanResult, Terraform
from tests.settings_samples import ACCOUNT, ALERTING, LOCATION
from tests.synthesised import synthesise

PROVIDER = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}},
    "provider": {"aws": {"region": LOCATION.region, "default_tags": {"tags": {"Environment": "sample"}}}},
}


class Seen(NamedTuple):
    budget: dict[str, Any]
    notifications: list[dict[str, Any]]
    told: list[dict[str, Any]]
    tags: list[dict[str, str]]
    topic: str
    second_plan: PlanResult
    change: PlanResult
    changed: dict[str, Any]
    left: list[Any]


def write(folder: Path, settings: BudgetSettings) -> None:
    from cloudtrail_monitoring import AlertTopics, CostBudget

    def build(stack: Any) -> None:
        topics = AlertTopics(stack, "topics", ALERTING, location=LOCATION, prefix="sample", budget_publishes=True)
        CostBudget(
            stack,
            "budget",
            settings,
            location=LOCATION,
            prefix="sample",
            topic_arn=topics.arns[Channel.EMAIL],
            topic_policy=[topics.policies[Channel.EMAIL]],
        )

    document = synthesise(build).document
    (folder / "cdk.tf.json").write_text(json.dumps({**document, **PROVIDER}))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("budget")
    with EmbeddedAws(ACCOUNT, LOCATION.region) as aws:
        terraform, budgets = Terraform(folder, aws.environment), aws.client("budgets")
        write(folder, BudgetSettings())
        terraform.init()
        terraform.apply()
        of = {"AccountId": ACCOUNT, "BudgetName": "sample-cost"}
        budget = budgets.describe_budget(**of)["Budget"]
        notifications = budgets.describe_notifications_for_budget(**of)["Notifications"]
        told = [
            one
            for notification in notifications
            for one in budgets.describe_subscribers_for_notification(**of, Notification=notification)["Subscribers"]
        ]
        tags = budgets.list_tags_for_resource(ResourceARN=LOCATION.budgets_arn("budget/sample-cost"))["ResourceTags"]
        second_plan = terraform.plan()
        write(folder, BudgetSettings(monthly_limit=250))
        change = terraform.plan()
        terraform.apply()
        changed = budgets.describe_budget(**of)["Budget"]
        terraform.destroy()
        left = budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]
        topic = LOCATION.arn("sns", "sample-email")
        yield Seen(budget, notifications, told, tags, topic, second_plan, change, changed, left)


def test_it_is_the_budget_that_was_meant(seen: Seen) -> None:
    assert float(seen.budget["BudgetLimit"]["Amount"]) == 200
    assert seen.budget["BudgetLimit"]["Unit"] == "USD"
    assert "AWS CloudTrail" in seen.budget["CostFilters"]["Service"]


def test_every_notification_tells_the_topic(seen: Seen) -> None:
    kinds = {(one["NotificationType"], one["Threshold"]) for one in seen.notifications}
    assert kinds == {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
    assert seen.told == [{"SubscriptionType": "SNS", "Address": seen.topic}] * 3


def test_it_bears_the_environments_tags(seen: Seen) -> None:
    assert seen.tags == [{"Key": "Environment", "Value": "sample"}]


def test_a_second_plan_changes_nothing(seen: Seen) -> None:
    assert seen.second_plan.changes == 0


def test_a_new_limit_is_a_change_in_place(seen: Seen) -> None:
    assert seen.change.changes == 1
    assert float(seen.changed["BudgetLimit"]["Amount"]) == 250


def test_nothing_is_left(seen: Seen) -> None:
    assert seen.left == []
