"""The permission boundary of the system's own roles: the most that any of them may ever do.

The deploy role makes these roles and writes their policies. The boundary, which it can neither change nor take off,
keeps it from making one that may do more than the system needs. What a role really may do is its own policy's business
(``responders.permissions`` and others), and narrower.

Inline policies on users are the one thing here with which a role could give rights away, as IAM has no condition on
their text. The boundary leaves them to the two functions that contain and let go, and reading the trail's log group to
the one that tells of alarms: to their roles, and to calls that come out of the functions. Whoever has rewritten the
trust of such a role and takes it directly has none of that.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered, boundary_name
from cloudtrail_monitoring.delivery.documents import written
from cloudtrail_monitoring.policy_document import Conditions, Statement, allow
from cloudtrail_monitoring.responders.names import (
    ALARM_STORY,
    CONSOLE_EVENTS_LOG_GROUP,
    IAM_EVENTS_LOG_GROUP,
    INTAKE,
    RELEASE,
    ROUTER,
    ResponderNames,
)

WRITE_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")


def roles_boundary(of: Delivered) -> str:
    """The boundary's document, as JSON text.

    Raises:
        SettingsError: it is longer than IAM takes.
    """
    responders = of.ours.responders
    statements = [*_every_role(of), *(_responders(of, responders) if responders else ())]
    return written(statements, boundary_name(of.ours.prefix))


def _every_role(of: Delivered) -> Iterator[Statement]:
    place = of.location
    yield allow(
        "DeliverLogs",
        WRITE_LOGS,
        [f"{_trail_log_group(of)}:*"],
        conditions={"ArnEquals": {"aws:PrincipalArn": of.log_delivery_role}},
    )
    yield allow("ForwardEvents", ["events:PutEvents"], [place.arn("events", "event-bus/default")])
    # topics and queues are encrypted with keys whose own policies say which role may use them for what
    yield allow(
        "UseOwnKeys",
        ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        [place.arn("kms", "key/*")],
        conditions=of.tagged("ResourceTag"),
    )


def _trail_log_group(of: Delivered) -> str:
    return of.location.arn("logs", f"log-group:{of.ours.log_group_name}")


def _calls_of(names: ResponderNames, *functions: str) -> Conditions:
    """Calls that come out of these functions, with their roles.

    Lambda tells of itself in what the code calls; not when it polls a queue or hands over failed calls. https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    """
    return {
        "ArnEquals": {
            "aws:PrincipalArn": [names.role_arn(function) for function in functions],
            "lambda:SourceFunctionArn": [names.function_arn(function) for function in functions],
        }
    }


def _responders(of: Delivered, names: ResponderNames) -> Iterator[Statement]:
    ours, place = of.ours, of.location
    users = [place.iam_arn("user/*")]
    yield allow(
        "WriteCategories",
        WRITE_LOGS,
        [f"{names.log_group_arn(group)}:*" for group in (IAM_EVENTS_LOG_GROUP, CONSOLE_EVENTS_LOG_GROUP)],
        conditions=_calls_of(names, INTAKE),
    )
    # Lambda itself writes these, and a function whose log is refused runs on in silence: no condition
    yield allow("WriteOwnLogs", WRITE_LOGS, [names.log_group_arn(names.function_log_group("*"))])
    yield allow(
        "FindEvents",
        ["logs:DescribeMetricFilters", "logs:FilterLogEvents"],
        [_trail_log_group(of), f"{_trail_log_group(of)}:*"],
        conditions=_calls_of(names, ALARM_STORY),
    )
    yield allow("Alert", ["sns:Publish"], [ours.named("sns", "")])
    yield allow(
        "HandOnEvents",
        [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ],
        [ours.named("sqs", "")],
    )
    yield allow(
        "KeepState",
        ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
        [ours.named("dynamodb", "table/")],
    )
    yield allow("LookAtAlarms", ["cloudwatch:ListTagsForResource"], [ours.named("cloudwatch", "alarm:")])
    yield allow("ReadSwitch", ["ssm:GetParameter"], [names.switch_parameter_arn])
    # takes no ARN: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    yield allow("WriteTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"])
    yield allow("CallRelease", ["lambda:InvokeFunction"], [names.function_arn(RELEASE)])
    yield allow(
        "ArrangeForEnds", ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], [names.ending_schedules_arn]
    )
    yield allow(
        "LetSchedulerCallRelease",
        ["iam:PassRole"],
        [names.scheduler_role_arn],
        conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
    )
    if ours.enhanced_trail_name:
        yield allow(
            "StartAndStopEnhancedTrail",
            ["cloudtrail:StartLogging", "cloudtrail:StopLogging"],
            [place.arn("cloudtrail", f"trail/{ours.enhanced_trail_name}")],
        )
    contain = _calls_of(names, ROUTER, RELEASE)
    yield allow(
        "ContainUsers",
        [
            "iam:CreatePolicy",
            "iam:DeletePolicy",
            "iam:DeleteUserPolicy",
            "iam:GetUser",
            "iam:ListAttachedUserPolicies",
            "iam:ListMFADevices",
            "iam:PutUserPolicy",
        ],
        [*users, *names.own_policy_arns],
        conditions=contain,
    )
    yield allow(
        "ContainUsersByOwnPolicies",
        ["iam:AttachUserPolicy", "iam:DetachUserPolicy"],
        users,
        conditions={**contain, "ArnLike": {"iam:PolicyARN": names.own_policy_arns}},
    )
