"""What each function's role may do, to the action and the ARN; writing its own log and traces comes with the function.

Use of keys is granted by the keys themselves: each names the roles, and for what (``responder_key``, ``publishers``).

IAM has no condition on the name of an inline policy. ``iam:PutUserPolicy`` therefore lets a role write any inline
policy on the users it may act on, and that only ours are written is held by ``runtime.user_deny``, and by the detection
``responder-misused`` on whatever else these roles do. Managed policies, for users whose inline policies are full, have
to be ours by name. Break-glass users can't be held, by a Deny; they can be let go, for who is named one while held.
Those with the tag are known by ``iam:ResourceTag``, which IAM has for every action on a user.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_identityandaccessmanagement.html
"""

from collections.abc import Sequence

from cloudtrail_monitoring.policy_document import Statement, allow, deny
from cloudtrail_monitoring.responders.names import (
    CONSOLE_EVENTS_LOG_GROUP,
    IAM_EVENTS_LOG_GROUP,
    RELEASE,
    ResponderNames,
)
from cloudtrail_monitoring.responders.runtime.safety import BREAK_GLASS_TAG
from cloudtrail_monitoring.responders.settings import is_path

_INLINE = ("iam:DeleteUserPolicy", "iam:PutUserPolicy")
_MANAGED = ("iam:AttachUserPolicy", "iam:DetachUserPolicy")
_HOLDING = ("iam:AttachUserPolicy", "iam:PutUserPolicy")


def of_intake(names: ResponderNames) -> tuple[Statement, ...]:
    """Hands records on to the queue and the category log groups."""
    groups = [f"{names.log_group_arn(group)}:*" for group in (IAM_EVENTS_LOG_GROUP, CONSOLE_EVENTS_LOG_GROUP)]
    return (
        allow("HandOnEvents", ["sqs:SendMessage"], [names.queue_arn]),
        allow("WriteCategories", ["logs:CreateLogStream", "logs:PutLogEvents"], groups),
    )


def of_router(
    names: ResponderNames,
    *,
    topic_arns: Sequence[str],
    enhanced_trail_arn: str | None,
    break_glass_users: Sequence[str],
) -> tuple[Statement, ...]:
    """Takes events from the queue and contains.

    Args:
        topic_arns: where it alerts.
        enhanced_trail_arn: the trail it starts; ``None`` without enhanced logging.
        break_glass_users: names, and paths that end in a slash.
    """
    return (
        allow(
            "TakeEvents",
            ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            [names.queue_arn],
        ),
        *of_release(
            names,
            topic_arns=topic_arns,
            enhanced_trail_arn=enhanced_trail_arn,
            break_glass_users=break_glass_users,
        ),
    )


def of_release(
    names: ResponderNames,
    *,
    topic_arns: Sequence[str],
    enhanced_trail_arn: str | None,
    break_glass_users: Sequence[str],
) -> tuple[Statement, ...]:
    """Ends containments, or mends one that a crash left half-way; arguments as for ``of_router``."""
    users = names.location.iam_arn("user/*")
    own_policies = names.own_policy_arns
    return (
        allow(
            "KeepState",
            ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
            [names.table_arn(names.state_table)],
        ),
        allow(
            "RecordIncidents",
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            [names.table_arn(names.incidents_table)],
        ),
        allow("LookAtUsers", ["iam:GetUser", "iam:ListAttachedUserPolicies", "iam:ListMFADevices"], [users]),
        allow("ContainUsers", _INLINE, [users]),
        allow("MakeOwnPolicies", ["iam:CreatePolicy", "iam:DeletePolicy"], own_policies),
        allow("ContainUsersByOwnPolicies", _MANAGED, [users], conditions={"ArnLike": {"iam:PolicyARN": own_policies}}),
        *(
            [deny("NeverHoldBreakGlassUsers", _HOLDING, _user_arns(names, break_glass_users))]
            if break_glass_users
            else []
        ),
        deny(
            "NeverHoldTaggedUsers",
            _HOLDING,
            [users],
            # with Null a tag without a value would not count
            conditions={"StringLike": {f"iam:ResourceTag/{BREAK_GLASS_TAG}": "*"}},
        ),
        allow(
            "ArrangeForEnds",
            ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"],
            [names.ending_schedules_arn],
        ),
        allow(
            "LetSchedulerCallRelease",
            ["iam:PassRole"],
            [names.scheduler_role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
        ),
        allow("Alert", ["sns:Publish"], topic_arns),
        allow("ReadSwitch", ["ssm:GetParameter"], [names.switch_parameter_arn]),
        *(
            [
                allow(
                    "StartAndStopEnhancedTrail",
                    ["cloudtrail:StartLogging", "cloudtrail:StopLogging"],
                    [enhanced_trail_arn],
                )
            ]
            if enhanced_trail_arn
            else []
        ),
    )


def of_alarm_story(names: ResponderNames, *, topic_arns: Sequence[str], log_group_name: str) -> tuple[Statement, ...]:
    """Finds the events behind an alarm and tells them.

    Args:
        topic_arns: where it alerts.
        log_group_name: of the trail.
    """
    group = names.log_group_arn(log_group_name)
    return (
        # the service authorization reference has log groups without ":*", AWS's own examples with it
        allow("FindEvents", ["logs:DescribeMetricFilters", "logs:FilterLogEvents"], [group, f"{group}:*"]),
        allow(
            "LookAtAlarms",
            ["cloudwatch:ListTagsForResource"],
            [names.location.arn("cloudwatch", f"alarm:{names.prefix}-*")],
        ),
        allow(
            "RememberWhatWasTold",
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            [names.table_arn(names.state_table)],
        ),
        allow("Alert", ["sns:Publish"], topic_arns),
    )


def of_scheduler(names: ResponderNames) -> tuple[Statement, ...]:
    """The role with which EventBridge Scheduler calls: the release function, and nothing else."""
    return (allow("CallRelease", ["lambda:InvokeFunction"], [names.function_arn(RELEASE)]),)


def _user_arns(names: ResponderNames, users: Sequence[str]) -> list[str]:
    """A user named alone may stand under any path."""
    resources = [
        resource
        for user in users
        for resource in ((f"user{user}*",) if is_path(user) else (f"user/{user}", f"user/*/{user}"))
    ]
    return [names.location.iam_arn(resource) for resource in resources]
