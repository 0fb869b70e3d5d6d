"""The guard rails' two documents: a service control policy and a permission boundary, with the same denials (R-INT-2).

A service control policy restricts everybody of the member accounts it reaches, the root user included, but nobody in
the management account, no service-linked role, and no AWS service that calls for itself: CloudTrail's delivery, alarms
and event rules go on. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html

A boundary restricts only who carries it. It therefore also demands that whatever user or role its carriers make
carries it, and lets none of them take one off. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

Keys are known by their aliases, as their ARNs are not known before they are made.
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
"""

import json
from collections.abc import Sequence

from cloudtrail_monitoring.guard_rails.parts import parts
from cloudtrail_monitoring.guard_rails.protected_resources import ProtectedResources
from cloudtrail_monitoring.policy_document import Conditions, Statement, allow, deny
from cloudtrail_monitoring.responders.names import ResponderNames
from cloudtrail_monitoring.validation import SettingsError

MAX_SERVICE_CONTROL_POLICY = 10_240
"""Characters, white space included; 5,120 until May 2026.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"""
MAX_MANAGED_POLICY = 6_144
"""Characters without white space; a principal carries one boundary, so that it can't be split.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

ACCOUNT_WIDE = (
    # the trail ends with the account, and this policy with leaving the organization
    "account:CloseAccount",
    "cloudtrail:*OrganizationDelegatedAdmin",
    # masks or drops records of every log group; taking such a policy away only gives them back
    "logs:PutAccountPolicy",
    "organizations:LeaveOrganization",
    # a spending limit of nothing ends the telephone
    "sns:SetSMSAttributes",
)
"""Calls that name no resource, and would still stop the log or the alerts."""
KEY_ACTIONS = ("kms:Disable*", "kms:PutKeyPolicy", "kms:Re*Grant", "kms:ScheduleKeyDeletion")
FEED_ACTIONS = ("lambda:CreateEvent*", "lambda:DeleteEvent*", "lambda:UpdateEvent*")


def policy_name(ours: ProtectedResources) -> str:
    """What both policies are called, each in its service."""
    return f"{ours.prefix}-guard-rail"


def service_control_policy(ours: ProtectedResources) -> str:
    """The service control policy, as JSON text. It only denies: ``FullAWSAccess``, or the like, stays beside it.

    Raises:
        SettingsError: it is longer than Organizations takes.
    """
    return _written(denials(ours), "service control policy", MAX_SERVICE_CONTROL_POLICY, "Organizations")


def permission_boundary(ours: ProtectedResources) -> str:
    """The permission boundary, as JSON text. A boundary limits what else grants, so that it allows all the rest.

    Raises:
        SettingsError: it is longer than IAM takes.
    """
    # the other buckets' policies deny the same, and only the root user, who carries no boundary, could take them off
    carried = ours._replace(bucket_names=(ours.state_bucket_name,))
    statements = [
        allow("AllowTheRest", ["*"], ["*"]),
        *denials(carried, account_wide=(*ACCOUNT_WIDE, "iam:Delete*PermissionsBoundary")),
        _deny_all_but(
            ours.deployment,
            "DenyPrincipalsWithoutBoundary",
            ["iam:CreateRole", "iam:CreateUser", "iam:Put*PermissionsBoundary"],
            ["*"],
            {"StringNotEquals": {"iam:PermissionsBoundary": ours.location.iam_arn(f"policy/{policy_name(ours)}")}},
        ),
    ]
    hint = ", or go without it: guard_rails.permission_boundary=False"
    return _written(statements, "permission boundary", MAX_MANAGED_POLICY, "IAM", hint)


def denials(ours: ProtectedResources, *, account_wide: Sequence[str] = ACCOUNT_WIDE) -> list[Statement]:
    """What is denied to everybody else: a statement for each circle of roles that is spared, and for each condition."""
    # parts share a statement: the actions of one never take the resources of another
    actions = dict.fromkeys(action for part in parts(ours) for action in part.actions)
    resources = dict.fromkeys(resource for part in parts(ours) for resource in part.resources)
    return [
        _deny_all_but([*ours.deployment, *ours.own_roles], "DenyChanges", list(actions), list(resources)),
        _deny_all_but(
            ours.deployment,
            "DenyLossOfKeys",
            KEY_ACTIONS,
            [ours.location.arn("kms", "key/*")],
            {"ForAnyValue:StringLike": {"kms:ResourceAliases": f"alias/{ours.prefix}-*"}},
        ),
        _deny_all_but(ours.deployment, "DenyAccountWideChanges", account_wide, ["*"]),
        # a count below zero takes from the sum that an alarm looks at; ours all come from log groups
        deny(
            "DenyForgedMetrics",
            ["cloudwatch:PutMetricData"],
            ["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": ours.metric_namespace}},
        ),
        *(_of_responders(ours, ours.responders) if ours.responders else ()),
    ]


def _of_responders(ours: ProtectedResources, responders: ResponderNames) -> tuple[Statement, Statement]:
    return (
        # who responds to incidents may turn responders off: in an emergency it may be them who are wrong
        _deny_all_but(
            [*ours.deployment, *ours.switch_roles],
            "DenySwitch",
            ["ssm:DeleteParameter*", "ssm:PutParameter"],
            [responders.switch_parameter_arn],
        ),
        _deny_all_but(
            ours.deployment,
            "DenyFeedChanges",
            FEED_ACTIONS,
            ["*"],
            {"ArnLike": {"lambda:FunctionArn": ours.named("lambda", "function:")}},
        ),
    )


def _deny_all_but(
    spared: Sequence[str],
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Conditions | None = None,
) -> Statement:
    spare = {"ArnNotLike": {"aws:PrincipalArn": list(spared)}}
    return deny(sid, actions, resources, conditions={**spare, **(conditions or {})})


def _written(statements: Sequence[Statement], title: str, most: int, taker: str, hint: str = "") -> str:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))
    if len(text) > most:
        raise SettingsError(
            f"guard_rails: the {title} has {len(text)} characters and {taker} takes {most}: shorten name_prefix and the"
            f" names of buckets, log group and roles{hint}"
        )
    return text
