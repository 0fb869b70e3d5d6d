"""The permission boundary of the system's own roles: the most that any of them may ever do.

The deploy role makes these roles and writes their policies. The boundary, which it can neither change nor take off,
keeps it from making one that may do more than the system needs. What a role really may do is its own policy's business
(``responders.permissions`` and others), and narrower.

Inline policies on users are the one thing here with which a role could give rights away, as IAM has no condition on
their text. The boundary leaves them to the two roles that contain and let go, by their ARNs.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered, boundary_name
from cloudtrail_monitoring.delivery.documents import written
from cloudtrail_monitoring.policy_document import Statement, allow
from cloudtrail_monitoring.responders.names import RELEASE, ROUTER, ResponderNames


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
        "WriteLogs",
        ["logs:CreateLogStream", "logs:DescribeMetricFilters", "logs:FilterLogEvents", "logs:PutLogEvents"],
        of.ours.log_groups,
    )
    yield allow("ForwardEvents", ["events:PutEvents"], [place.arn("events", "event-bus/default")])
    # topics and queues are encrypted with keys whose own policies say which role may use them for what
    yield allow(
        "UseOwnKeys",
        ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        [place.arn("kms", "key/*")],
        conditions=of.tagged("ResourceTag"),
    )


def _responders(of: Delivered, names: ResponderNames) -> Iterator[Statement]:
    ours, place = of.ours, of.location
    users = [place.iam_arn("user/*")]
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
    contain = {"ArnEquals": {"aws:PrincipalArn": [names.role_arn(ROUTER), names.role_arn(RELEASE)]}}
    yield allow(
        "ContainUsers",
        [
            "iam:DeleteUserPolicy",
            "iam:GetUser",
            "iam:ListAttachedUserPolicies",
            "iam:ListMFADevices",
            "iam:PutUserPolicy",
        ],
        users,
        conditions=contain,
    )
    yield allow("MakeOwnPolicies", ["iam:CreatePolicy", "iam:DeletePolicy"], names.own_policy_arns, conditions=contain)
    yield allow(
        "ContainUsersByOwnPolicies",
        ["iam:AttachUserPolicy", "iam:DetachUserPolicy"],
        users,
        conditions={"ArnLike": {"iam:PolicyARN": names.own_policy_arns}, **contain},
    )
