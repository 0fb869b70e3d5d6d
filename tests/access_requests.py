"""Requests to AWS under the synthesised policies: callers, the policies in force, and a table's row as an assertion.

Every caller of the account may do everything by its own policies, as an administrator does. What is refused is
therefore refused by the synthesised policy, and by nothing else.
"""

from typing import NamedTuple

from cloudtrail_monitoring.governance.policy_context import ContextValues
from cloudtrail_monitoring.governance.policy_evaluator import Decision, Principal, Request, decide
from tests.synthesised import Resource

ACCOUNT = "333333333333"
OTHER_ACCOUNT = "444444444444"
ADMINISTRATOR_ACCESS = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def role(name: str, account: str = ACCOUNT) -> Principal:
    return Principal.role(f"arn:aws:iam::{account}:role/{name}")


ADMIN = role("Administrator")
AUDIT = role("audit-team")
DEPLOY = role("cloudtrail-monitoring-deploy")
BREAK_GLASS = role("break-glass")
USER = Principal.user(f"arn:aws:iam::{ACCOUNT}:user/alice")
ROOT = Principal.root(ACCOUNT)
STRANGER = role("Administrator", OTHER_ACCOUNT)
NAMESAKE = role("audit-team", OTHER_ACCOUNT)
LOOKALIKE = role("contractors/audit-team")
ANYBODY = Principal.anonymous()

CLOUDTRAIL = Principal.service("cloudtrail.amazonaws.com")
S3_LOGS = Principal.service("logging.s3.amazonaws.com")
CLOUDWATCH = Principal.service("cloudwatch.amazonaws.com")
CLOUDWATCH_LOGS = Principal.service("logs.us-east-1.amazonaws.com")
EVENTBRIDGE = Principal.service("events.amazonaws.com")
BUDGETS = Principal.service("budgets.amazonaws.com")
SNS = Principal.service("sns.amazonaws.com")

TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/xyz-corp-audit-trail"
TLS = {"s3:TlsVersion": "1.3"}


class Case(NamedTuple):
    """One request and its answer; ``sid`` names the statement that must be the one to decide, where given."""

    title: str
    caller: Principal
    action: str
    resource: str
    allowed: bool
    context: ContextValues = {}
    sid: str | None = None

    def __str__(self) -> str:
        return f"{self.title}: {self.action}"


def decide_under(policy_of: Resource, case: Case, *, attribute: str = "policy") -> Decision:
    """The answer to a request with a resource's own policy in force."""
    return decide(
        Request(case.caller, case.action, case.resource, case.context),
        identity_policies=ADMINISTRATOR_ACCESS,
        resource_policy=policy_of[attribute],
        resource_account=ACCOUNT,
    )


def check(case: Case, decision: Decision) -> None:
    assert decision.allowed is case.allowed, f"{case}: {decision.reason}"
    if case.sid:
        assert decision.sid == case.sid, f"{case}: {decision.reason}"
