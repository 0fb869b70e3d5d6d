"""What Terraform needs for what tells and what acts: alarms, rules and topics, and the responders."""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.part import EVERYWHERE, Part
from cloudtrail_monitoring.responders.names import ResponderNames


def alerts(of: Delivered) -> Iterator[Part]:
    """Alarms, event rules of all Regions, topics."""
    ours = of.ours
    yield Part(
        "alerts",
        "Alarms",
        (ours.named("cloudwatch", "alarm:"),),
        ("cloudwatch:ListTagsForResource",),
        (
            "cloudwatch:DeleteAlarms",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource",
        ),
    )
    # takes ARNs, but with them tells nothing of composite alarms, and of no alarm where the call names none:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    yield Part("alerts", "AllAlarms", EVERYWHERE, ("cloudwatch:DescribeAlarms",))
    yield Part(
        "alerts",
        "Rules",
        (ours.named_everywhere("events", "rule/"),),
        ("events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"),
        (
            "events:DeleteRule",
            "events:DisableRule",
            "events:EnableRule",
            "events:PutRule",
            "events:PutTargets",
            "events:RemoveTargets",
            "events:TagResource",
            "events:UntagResource",
        ),
    )
    yield Part(
        "alerts",
        "Topics",
        (ours.named("sns", ""),),
        ("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"),
        (
            "sns:CreateTopic",
            "sns:DeleteTopic",
            "sns:SetTopicAttributes",
            "sns:Subscribe",
            "sns:TagResource",
            "sns:UntagResource",
        ),
    )
    yield Part(
        "alerts",
        "Subscriptions",
        EVERYWHERE,
        ("sns:GetSubscriptionAttributes",),
        ("sns:SetSubscriptionAttributes", "sns:Unsubscribe"),
    )


def responders(of: Delivered, names: ResponderNames) -> Iterator[Part]:
    """Queues, functions and what feeds them, tables, schedules, the switch."""
    ours, place = of.ours, of.location
    yield Part(
        "responders",
        "Queues",
        (ours.named("sqs", ""),),
        ("sqs:GetQueueAttributes", "sqs:ListQueueTags"),
        ("sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"),
    )
    yield Part(
        "responders",
        "Functions",
        (ours.named("lambda", "function:"),),
        (
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:GetPolicy",
            "lambda:ListVersionsByFunction",
        ),
        (
            "lambda:AddPermission",
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetFunctionConfiguration",
            "lambda:PutFunctionConcurrency",
            "lambda:RemovePermission",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ),
    )
    layer = ours.named("lambda", "layer:")
    yield Part(
        "responders",
        "Layers",
        (layer, f"{layer}:*"),
        ("lambda:GetLayerVersion",),
        ("lambda:DeleteLayerVersion", "lambda:PublishLayerVersion"),
    )
    feeds = (place.arn("lambda", "event-source-mapping:*"),)
    of_our_functions = {"ArnLike": {"lambda:FunctionArn": ours.named("lambda", "function:")}}
    yield Part(
        "responders",
        "Feeds",
        feeds,
        ("lambda:GetEventSourceMapping",),
        ("lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"),
        of_our_functions,
    )
    yield Part(
        "responders",
        "NewFeeds",
        EVERYWHERE,
        changes=("lambda:CreateEventSourceMapping",),
        conditions=of_our_functions,
    )
    # these know neither the function, as a condition, nor a name
    yield Part("responders", "TagsOfFeeds", feeds, ("lambda:ListTags",), ("lambda:TagResource", "lambda:UntagResource"))
    yield Part(
        "responders",
        "Tables",
        (ours.named("dynamodb", "table/"),),
        (
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:ListTagsOfResource",
        ),
        (
            "dynamodb:CreateTable",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ),
    )
    tables = [names.table_arn(names.state_table), *([] if of.protected else [names.table_arn(names.incidents_table)])]
    yield Part("responders", "EndOfTables", tables, changes=("dynamodb:DeleteTable",))
    yield Part(
        "responders",
        "Schedules",
        (place.arn("scheduler", f"schedule/{names.schedule_group}/*"), names.schedule_group_arn),
        ("scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"),
        (
            "scheduler:CreateSchedule",
            "scheduler:CreateScheduleGroup",
            "scheduler:DeleteSchedule",
            "scheduler:DeleteScheduleGroup",
            "scheduler:TagResource",
            "scheduler:UntagResource",
            "scheduler:UpdateSchedule",
        ),
    )
    yield Part(
        "responders",
        "Parameters",
        (place.arn("ssm", f"parameter/{ours.prefix}/*"),),
        ("ssm:GetParameter", "ssm:ListTagsForResource"),
        ("ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"),
    )
    yield Part("responders", "AllParameters", EVERYWHERE, ("ssm:DescribeParameters",))
