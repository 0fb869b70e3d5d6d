"""Requests of the plan and the deploy role under their synthesised policies."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from cloudtrail_monitoring.governance.policy_context import ContextValues
from cloudtrail_monitoring.governance.policy_evaluator import Decision, Principal, Request, decide
from tests.synthesised import Stack


class DeliveryRole(NamedTuple):
    """One of the roles, with its policies as synthesised."""

    account: str
    name: str
    policies: Sequence[str]

    @classmethod
    def of(cls, state_stack: Stack, kind: str, account: str) -> Self:
        """``plan`` or ``deploy``, with every policy that is attached to its role."""
        role = state_stack.by_path(f"delivery/{kind}")
        attached = [one for one in state_stack.all("aws_iam_role_policy_attachment") if one.refers_to(role, "role")]
        policies = [
            policy["policy"]
            for policy in state_stack.all("aws_iam_policy")
            if any(one.refers_to(policy, "policy_arn") for one in attached)
        ]
        return cls(account, role["name"], policies)

    @property
    def principal(self) -> Principal:
        return Principal.role(f"arn:aws:iam::{self.account}:role/{self.name}")

    @property
    def statements(self) -> list[dict[str, Any]]:
        return [statement for policy in self.policies for statement in json.loads(policy)["Statement"]]

    def may(self, action: str, resource: str, context: ContextValues | None = None) -> Decision:
        """The answer where the resource's own policy is in nobody's way."""
        return decide(
            Request(self.principal, action, resource, context or {}),
            identity_policies=list(self.policies),
            resource_policy=key_left_to_account(self.account) if ":key/" in resource else None,
            resource_account=self.account,
        )


def key_left_to_account(account: str) -> Mapping[str, Any]:
    """A key's policy that leaves all of it to the account's own policies."""
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    return {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
    }


def many(value: str | Sequence[str]) -> list[str]:
    """A value of a policy as a list, which it is where it holds more than one."""
    return [value] if isinstance(value, str) else list(value)
