"""What a right amounts to: for each kind of resource, the actions of AWS with which it is used.

Reading a *configuration* is no right here: Terraform refreshes with it, and it is denied to nobody (``archive.
access_policy``). To read is to see what is recorded, or to have it sent. Who is meant to have a right is left to
``intents``.

Actions and the resources each is asked on:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Right(StrEnum):
    """What somebody can do to a part; ``letter`` stands for it in the matrix."""

    READ = "read"
    WRITE = "write"
    CHANGE = "change"
    STOP = "stop"
    BYPASS = "bypass the lock"

    @property
    def letter(self) -> str:
        return self.value[0]

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Right.READ: "see what is recorded, or have it sent",
    Right.WRITE: "add to it, forge it",
    Right.CHANGE: "change its configuration or its policy",
    Right.STOP: "stop, disable, empty or delete it",
    Right.BYPASS: "shorten or lift Object Lock",
}


class Kind(StrEnum):
    """A kind of resource: its Terraform type."""

    TRAIL = "aws_cloudtrail"
    BUCKET = "aws_s3_bucket"
    KEY = "aws_kms_key"
    LOG_GROUP = "aws_cloudwatch_log_group"
    ALARM = "aws_cloudwatch_metric_alarm"
    DASHBOARD = "aws_cloudwatch_dashboard"
    COMPOSITE_ALARM = "aws_cloudwatch_composite_alarm"
    BUDGET = "aws_budgets_budget"
    TOPIC = "aws_sns_topic"
    RULE = "aws_cloudwatch_event_rule"
    QUEUE = "aws_sqs_queue"
    FUNCTION = "aws_lambda_function"
    TRIGGER = "aws_lambda_event_source_mapping"
    TABLE = "aws_dynamodb_table"
    WORKGROUP = "aws_athena_workgroup"
    CATALOG_TABLE = "aws_glue_catalog_table"
    PARAMETER = "aws_ssm_parameter"
    SCHEDULE = "aws_scheduler_schedule"
    ROLE = "aws_iam_role"
    POLICY = "aws_iam_policy"
    IDENTITY_PROVIDER = "aws_iam_openid_connect_provider"


WITH_RESOURCE_POLICY = frozenset({Kind.BUCKET, Kind.KEY, Kind.TOPIC, Kind.QUEUE, Kind.FUNCTION})
"""Kinds whose own policy has a say about requests; a role's is about who may assume it alone."""


class On(StrEnum):
    """What a request names as its resource."""

    ITSELF = "the resource"
    INSIDE = "an object or a stream in it"
    ACCOUNT = "no resource"


class Actions(NamedTuple):
    """One way to use a right.

    Args:
        needed: whoever is meant to have the right needs all of these.
        further: amount to the right as well, and nobody needs them.
    """

    needed: tuple[str, ...]
    further: tuple[str, ...] = ()
    on: On = On.ITSELF

    @property
    def all(self) -> tuple[str, ...]:
        return self.needed + self.further


_ALARM: Mapping[Right, tuple[Actions, ...]] = {
    Right.CHANGE: (
        Actions(("cloudwatch:PutMetricAlarm",), ("cloudwatch:PutCompositeAlarm", "cloudwatch:SetAlarmState")),
    ),
    Right.STOP: (Actions(("cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions")),),
}

ACTIONS: Mapping[Kind, Mapping[Right, tuple[Actions, ...]]] = {
    Kind.TRAIL: {
        # 90 days of management events, whatever the archive's policy says
        Right.READ: (Actions(("cloudtrail:LookupEvents",), on=On.ACCOUNT),),
        Right.CHANGE: (
            Actions(
                ("cloudtrail:PutEventSelectors", "cloudtrail:UpdateTrail"),
                ("cloudtrail:PutInsightSelectors", "cloudtrail:StartLogging"),
            ),
        ),
        Right.STOP: (Actions(("cloudtrail:DeleteTrail", "cloudtrail:StopLogging")),),
    },
    Kind.BUCKET: {
        Right.READ: (Actions(("s3:GetObject",), ("s3:GetObjectVersion",), on=On.INSIDE),),
        Right.WRITE: (Actions(("s3:PutObject",), ("s3:ReplicateObject",), on=On.INSIDE),),
        Right.CHANGE: (
            Actions(
                (
                    "s3:PutBucketLogging",
                    "s3:PutBucketPolicy",
                    "s3:PutBucketPublicAccessBlock",
                    "s3:PutBucketVersioning",
                    "s3:PutEncryptionConfiguration",
                    "s3:PutLifecycleConfiguration",
                ),
                (
                    "s3:DeleteBucket",
                    "s3:DeleteBucketPolicy",
                    "s3:PutBucketAcl",
                    "s3:PutBucketObjectLockConfiguration",
                    "s3:PutBucketOwnershipControls",
                    "s3:PutReplicationConfiguration",
                ),
            ),
        ),
        Right.STOP: (Actions(("s3:DeleteObject", "s3:DeleteObjectVersion"), on=On.INSIDE),),
        Right.BYPASS: (
            Actions(
                ("s3:BypassGovernanceRetention", "s3:PutObjectRetention"), ("s3:PutObjectLegalHold",), on=On.INSIDE
            ),
        ),
    },
    Kind.KEY: {
        # a grant hands the use of the key to somebody else
        Right.READ: (Actions(("kms:Decrypt",), ("kms:CreateGrant", "kms:ReEncryptFrom")),),
        Right.WRITE: (Actions(("kms:GenerateDataKey",), ("kms:Encrypt",)),),
        Right.CHANGE: (Actions(("kms:PutKeyPolicy",)),),
        Right.STOP: (Actions(("kms:DisableKey", "kms:ScheduleKeyDeletion")),),
    },
    Kind.LOG_GROUP: {
        Right.READ: (
            Actions(("logs:FilterLogEvents",), ("logs:StartLiveTail", "logs:StartQuery")),
            Actions((), ("logs:GetLogEvents",), on=On.INSIDE),
        ),
        Right.WRITE: (Actions(("logs:PutLogEvents",), on=On.INSIDE),),
        Right.CHANGE: (
            Actions(
                ("logs:PutMetricFilter", "logs:PutRetentionPolicy"),
                ("logs:DisassociateKmsKey", "logs:PutDataProtectionPolicy", "logs:PutSubscriptionFilter"),
            ),
        ),
        Right.STOP: (
            Actions((), ("logs:DeleteLogGroup", "logs:DeleteMetricFilter", "logs:DeleteSubscriptionFilter")),
            Actions((), ("logs:DeleteLogStream",), on=On.INSIDE),
        ),
    },
    Kind.ALARM: _ALARM,
    Kind.COMPOSITE_ALARM: _ALARM,
    Kind.DASHBOARD: {
        Right.CHANGE: (Actions(("cloudwatch:PutDashboard",)),),
        Right.STOP: (Actions(("cloudwatch:DeleteDashboards",)),),
    },
    # one permission for all calls that change or delete: https://docs.aws.amazon.com/cost-management/latest/userguide/
    # billing-permissions-ref.html
    Kind.BUDGET: {
        Right.CHANGE: (Actions(("budgets:ModifyBudget",)),),
        Right.STOP: (Actions(("budgets:ModifyBudget",)),),
    },
    Kind.TOPIC: {
        Right.READ: (Actions(("sns:Subscribe",)),),
        Right.WRITE: (Actions(("sns:Publish",)),),
        Right.CHANGE: (Actions(("sns:SetTopicAttributes",), ("sns:AddPermission", "sns:RemovePermission")),),
        Right.STOP: (Actions(("sns:DeleteTopic",)),),
    },
    Kind.RULE: {
        Right.CHANGE: (Actions(("events:PutRule", "events:PutTargets")),),
        Right.STOP: (Actions(("events:DeleteRule", "events:RemoveTargets"), ("events:DisableRule",)),),
    },
    Kind.QUEUE: {
        Right.READ: (Actions(("sqs:ReceiveMessage",)),),
        Right.WRITE: (Actions(("sqs:SendMessage",)),),
        Right.CHANGE: (Actions(("sqs:SetQueueAttributes",), ("sqs:AddPermission", "sqs:RemovePermission")),),
        Right.STOP: (Actions((), ("sqs:DeleteMessage", "sqs:DeleteQueue", "sqs:PurgeQueue")),),
    },
    Kind.FUNCTION: {
        Right.WRITE: (Actions(("lambda:InvokeFunction",)),),
        Right.CHANGE: (
            Actions(
                ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"),
                ("lambda:AddPermission", "lambda:RemovePermission"),
            ),
        ),
        Right.STOP: (Actions((), ("lambda:DeleteFunction", "lambda:PutFunctionConcurrency")),),
    },
    Kind.TRIGGER: {
        Right.CHANGE: (Actions(("lambda:UpdateEventSourceMapping",)),),
        Right.STOP: (Actions((), ("lambda:DeleteEventSourceMapping",)),),
    },
    Kind.TABLE: {
        Right.READ: (Actions(("dynamodb:Query",), ("dynamodb:GetItem", "dynamodb:Scan")),),
        Right.WRITE: (
            Actions(("dynamodb:PutItem",), ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem")),
        ),
        Right.CHANGE: (
            Actions(
                ("dynamodb:UpdateTable",),
                ("dynamodb:PutResourcePolicy", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTimeToLive"),
            ),
        ),
        Right.STOP: (Actions((), ("dynamodb:DeleteTable",)),),
    },
    # reading takes the log files' and the results' buckets, too, which are reviewed for themselves
    Kind.WORKGROUP: {
        Right.CHANGE: (Actions(("athena:UpdateWorkGroup",), ("athena:UpdateNamedQuery",)),),
        Right.STOP: (Actions((), ("athena:DeleteNamedQuery", "athena:DeleteWorkGroup")),),
    },
    Kind.CATALOG_TABLE: {
        Right.CHANGE: (Actions(("glue:UpdateTable",)),),
        Right.STOP: (Actions((), ("glue:BatchDeleteTable", "glue:DeleteTable")),),
    },
    Kind.PARAMETER: {
        Right.CHANGE: (Actions(("ssm:PutParameter",)),),
        Right.STOP: (Actions((), ("ssm:DeleteParameter",)),),
    },
    Kind.SCHEDULE: {
        Right.CHANGE: (Actions(("scheduler:UpdateSchedule",), ("scheduler:CreateSchedule",)),),
        Right.STOP: (Actions((), ("scheduler:DeleteSchedule",)),),
    },
    Kind.ROLE: {
        Right.CHANGE: (
            Actions(
                ("iam:PutRolePolicy",),
                (
                    "iam:AttachRolePolicy",
                    "iam:DeleteRolePermissionsBoundary",
                    "iam:PutRolePermissionsBoundary",
                    "iam:UpdateAssumeRolePolicy",
                ),
            ),
        ),
        Right.STOP: (Actions((), ("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy")),),
    },
    Kind.POLICY: {
        Right.CHANGE: (Actions(("iam:CreatePolicyVersion",), ("iam:SetDefaultPolicyVersion",)),),
        Right.STOP: (Actions((), ("iam:DeletePolicy", "iam:DeletePolicyVersion")),),
    },
    Kind.IDENTITY_PROVIDER: {
        Right.CHANGE: (
            Actions((), ("iam:AddClientIDToOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint")),
        ),
        Right.STOP: (Actions((), ("iam:DeleteOpenIDConnectProvider",)),),
    },
}
