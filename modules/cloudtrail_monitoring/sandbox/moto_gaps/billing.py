"""Budgets: tags, changes, and who is told when a threshold is crossed."""

import json
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement


def _tag_budgets() -> Iterable[Replacement]:
    from moto.budgets.responses import BudgetsResponse
    from moto.utilities.tagging_service import TaggingService

    create = BudgetsResponse.create_budget

    def tagger(response: Any) -> TaggingService:
        # kept on the backend itself, so that the tags end with its other contents
        service: TaggingService = vars(response.backend).setdefault(
            "budget_tags", TaggingService(tag_name="ResourceTags")
        )
        return service

    def create_budget(self: Any) -> str:
        answer = create(self)
        account, name = self._get_param("AccountId"), self._get_param("Budget")["BudgetName"]
        arn = f"arn:{self.partition}:budgets::{account}:budget/{name}"
        tagger(self).tag_resource(arn, self._get_param("ResourceTags") or [])
        return answer

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps(tagger(self).list_tags_for_resource(self._get_param("ResourceARN")))

    def tag_resource(self: Any) -> str:
        tagger(self).tag_resource(self._get_param("ResourceARN"), self._get_param("ResourceTags"))
        return json.dumps({})

    def untag_resource(self: Any) -> str:
        tagger(self).untag_resource_using_names(self._get_param("ResourceARN"), self._get_param("ResourceTagKeys"))
        return json.dumps({})

    for operation in (create_budget, list_tags_for_resource, tag_resource, untag_resource):
        yield Replacement(BudgetsResponse, operation.__name__, operation)


def _change_budgets() -> Iterable[Replacement]:
    from moto.budgets.exceptions import NotFoundException
    from moto.budgets.responses import BudgetsResponse
    from moto.core.utils import unix_time

    def update_budget(self: Any) -> str:
        account, changed = self._get_param("AccountId"), self._get_param("NewBudget")
        budget = self.backend.budgets[account].get(changed["BudgetName"])
        if budget is None:
            raise NotFoundException(f"Unable to update budget: {changed['BudgetName']} - the budget doesn't exist.")
        budget.budget = {"TimePeriod": budget.budget["TimePeriod"], **changed, "LastUpdatedTime": unix_time()}
        return json.dumps({})

    yield Replacement(BudgetsResponse, "update_budget", update_budget)


def _name_subscribers() -> Iterable[Replacement]:
    from moto.budgets.exceptions import NotFoundException
    from moto.budgets.responses import BudgetsResponse

    def describe_subscribers_for_notification(self: Any) -> str:
        account, name = self._get_param("AccountId"), self._get_param("BudgetName")
        wanted = self._get_param("Notification")
        budget = self.backend.budgets[account].get(name)
        for notification in budget.notifications if budget else ():
            # AWS fills in NotificationState, which the caller may send back or leave out
            if {**notification.details, **wanted} == {**wanted, **notification.details}:
                return json.dumps({"Subscribers": notification.subscribers})
        raise NotFoundException(f"Unable to find the notification of budget: {name}")

    yield Replacement(BudgetsResponse, "describe_subscribers_for_notification", describe_subscribers_for_notification)


BILLING_GAPS = (
    Gap(
        operation="budgets:ListTagsForResource",
        aws="keeps tags of a budget",
        moto="does not know the calls",
        bridge=_tag_budgets,
    ),
    Gap(
        operation="budgets:UpdateBudget",
        aws="changes a budget in place",
        moto="does not know the call",
        bridge=_change_budgets,
    ),
    Gap(
        operation="budgets:DescribeSubscribersForNotification",
        aws="names who is told of a notification",
        moto="keeps them, but does not know the call",
        bridge=_name_subscribers,
    ),
)
