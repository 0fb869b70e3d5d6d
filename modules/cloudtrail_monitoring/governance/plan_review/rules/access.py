"""Rules about who may: roles, their policies and boundaries, organisation policies, and what holds cost."""

from collections.abc import Iterator
from math import inf

from cloudtrail_monitoring.governance.plan_review.documents import (
    exemptions_widened,
    grant_withdrawn,
    let_in,
    policy_opened,
    powers_granted,
)
from cloudtrail_monitoring.governance.plan_review.plan import UNKNOWN, Action, Change
from cloudtrail_monitoring.governance.plan_review.rule import (
    Rule,
    at,
    changed,
    differs,
    either,
    ended,
    gained,
    leaves,
    lost,
    raised,
    shown,
)

_ROLE = ("aws_iam_role",)
_ROLE_POLICY = ("aws_iam_role_policy", "aws_iam_policy")
_ANY_POLICY = (*_ROLE_POLICY, "aws_iam_user_policy", "aws_iam_group_policy")
_ATTACHMENTS = (
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_iam_group_policy_attachment",
    "aws_iam_policy_attachment",
)
_SCP = ("aws_organizations_policy",)
_SCP_ATTACHMENT = ("aws_organizations_policy_attachment",)
_BUDGET = ("aws_budgets_budget",)
_WORKGROUP = ("aws_athena_workgroup",)
_NO_LIMIT = {None: inf}


def _attached(change: Change) -> list[str]:
    new = change.action in (Action.CREATE, Action.REPLACE)
    return [f"attached: {(change.after or {}).get('policy_arn')}"] if new else []


def _made_with_policies(change: Change) -> Iterator[str]:
    for name in ("inline_policy", "managed_policy_arns"):
        given = at(change.after, name)
        if change.action is Action.CREATE and given is not None and given is not UNKNOWN:
            yield f"a new role with {name}: {shown(given)}"


RULES = (
    Rule("role-removed", "R-TRL-4", "what works as this role stops working", _ROLE, ended),
    Rule(
        "role-trust-opened",
        "R-INT-2",
        "somebody can be this role who could not",
        _ROLE,
        either(
            policy_opened("assume_role_policy", resource_based=True),
            let_in("assume_role_policy"),
            exemptions_widened("assume_role_policy"),
        ),
    ),
    Rule(
        "role-trust-withdrawn",
        "R-TRL-4",
        "the service that works as this role may no longer be able to",
        _ROLE,
        grant_withdrawn("assume_role_policy", resource_based=True),
    ),
    Rule(
        "role-boundary-changed",
        "R-INT-2",
        "nothing limits what the role could be given",
        _ROLE,
        changed("permissions_boundary"),
    ),
    Rule(
        "role-policy-opened",
        "R-INT-2",
        "the role may do more than it needed",
        _ROLE_POLICY,
        either(policy_opened("policy", resource_based=False), exemptions_widened("policy", resource_based=False)),
    ),
    Rule(
        "role-policy-withdrawn",
        "R-TRL-4",
        "deliveries or responders may fail for want of a permission",
        _ROLE_POLICY,
        either(ended, grant_withdrawn("policy", resource_based=False)),
    ),
    Rule(
        "role-policy-foreign",
        "R-INT-2",
        "the role has a policy that is not written here",
        _ROLE,
        either(
            gained("inline_policy", "inline policy"),
            gained("managed_policy_arns", "managed policy"),
            _made_with_policies,
        ),
    ),
    Rule(
        "powers-granted",
        "R-INT-2",
        "whoever holds the policy can stop, change or delete a part of the system, or widen who can",
        _ANY_POLICY,
        powers_granted("policy"),
    ),
    Rule("policy-attached", "R-INT-2", "somebody gets what the policy allows", _ATTACHMENTS, _attached),
    Rule(
        "policy-detached",
        "R-INT-2",
        "what the policy denies is allowed, or somebody stops working",
        _ATTACHMENTS,
        ended,
    ),
    Rule(
        "guard-rail-removed",
        "R-INT-2",
        "administrators can stop, change or delete the audit trail",
        (*_SCP, *_SCP_ATTACHMENT),
        either(ended, changed("target_id"), changed("policy_id")),
    ),
    Rule(
        "guard-rail-opened",
        "R-INT-2",
        "the organisation's policy denies less than it did",
        _SCP,
        either(policy_opened("content", resource_based=False), exemptions_widened("content", resource_based=False)),
    ),
    Rule(
        "identity-provider-opened",
        "R-INT-2",
        "tokens for others, or from elsewhere, may be taken",
        ("aws_iam_openid_connect_provider",),
        either(gained("client_id_list", "audience"), gained("thumbprint_list", "thumbprint"), changed("url")),
    ),
    Rule(
        "log-policy-opened",
        "R-TRL-4",
        "others can write into the log groups, or deliveries stop",
        ("aws_cloudwatch_log_resource_policy",),
        either(policy_opened("policy_document", resource_based=True), let_in("policy_document"), ended),
    ),
    Rule(
        "budget-raised",
        "R-CST-1",
        "cost can grow further before anybody is told",
        _BUDGET,
        either(
            raised("limit_amount", _NO_LIMIT),
            *(differs(name) for name in ("cost_filter", "cost_types", "time_unit", "budget_type", "limit_unit")),
        ),
    ),
    Rule(
        "budget-removed",
        "R-CST-1",
        "nobody is told what it costs",
        _BUDGET,
        either(ended, lost("notification", "notification")),
    ),
    Rule(
        "scan-limit-raised",
        "R-CST-1",
        "one query may read, and cost, more",
        _WORKGROUP,
        either(
            raised("configuration.bytes_scanned_cutoff_per_query", _NO_LIMIT),
            leaves("configuration.enforce_workgroup_configuration", True, None),
        ),
    ),
)
