"""Which actions change which part of the system, as a table.

Actions are those of AWS's service authorization reference; an asterisk stands for a family that changes or deletes, and
never reads. Left free on purpose, beside all that reads:

- making trails and buckets of one's own;
- saving and deleting queries, which take no resource in IAM: a denial would hold for every query of the account;
- calling the release function, lifting a containment, reading and clearing dead letters: ``docs/responders.md``;
- what a resource's own policy denies already, and nobody may change: deleting objects of all buckets but the state's,
  and taking events from the queue, which needs its key;
- ``s3:PutAccountPublicAccessBlock``, as each bucket has a block of its own;
- ``sns:Unsubscribe``, which has no resource in IAM: its denial would hold for every topic of the account.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cloudtrail_monitoring.archive.search.cloudtrail_table import SearchNames
from cloudtrail_monitoring.guard_rails.protected_resources import ProtectedResources
from cloudtrail_monitoring.responders.names import ResponderNames


class Part(NamedTuple):
    """One part of the system, and what would change it.

    Args:
        title: as ``docs/guard-rails.md`` calls it.
        page: of the service authorization reference:
            ``https://docs.aws.amazon.com/service-authorization/latest/reference/list_<page>.html``
    """

    title: str
    page: str
    actions: Sequence[str]
    resources: Sequence[str]


def parts(ours: ProtectedResources) -> Iterator[Part]:
    """What only the deploy role, break-glass and, as far as their own policies let them, our own roles may do."""
    place = ours.location
    yield Part(
        "trails",
        "awscloudtrail",
        ("cloudtrail:DeleteTrail", "cloudtrail:Put*", "cloudtrail:St*Logging", "cloudtrail:UpdateTrail"),
        ours.trails,
    )
    yield Part(
        "buckets and Terraform's state",
        "amazons3",
        ("s3:CreateBucketMetadata*", "s3:Delete*", "s3:Put*", "s3:UpdateBucketMetadata*"),
        (*ours.buckets, f"{place.bucket_arn(ours.state_bucket_name)}/*"),
    )
    yield Part("key aliases", "awskeymanagementservice", ("kms:*Alias",), (place.arn("kms", f"alias/{ours.prefix}-*"),))
    yield Part(
        "log groups",
        "amazoncloudwatchlogs",
        ("logs:*KmsKey", "logs:Delete*", "logs:Put*"),
        ours.log_groups,
    )
    yield Part(
        "alarms and dashboard",
        "amazoncloudwatch",
        ("cloudwatch:Delete*", "cloudwatch:DisableAlarm*", "cloudwatch:Put*", "cloudwatch:SetAlarmState"),
        (ours.named("cloudwatch", "alarm:"), place.dashboard_arn(f"{ours.prefix}-*")),
    )
    yield Part(
        "event rules and targets",
        "amazoneventbridge",
        ("events:*Targets", "events:DeleteRule", "events:DisableRule", "events:PutRule"),
        (ours.named_everywhere("events", "rule/"),),
    )
    yield Part(
        "topics and subscriptions",
        "amazonsns",
        ("sns:*Permission", "sns:DeleteTopic", "sns:PutData*", "sns:Set*Attributes", "sns:Subscribe"),
        (ours.named("sns", ""),),
    )
    yield Part(
        "budgets",
        "awsbudgetservice",
        ("budgets:ModifyBudget",),
        (place.budgets_arn(f"budget/{ours.prefix}-*"),),
    )
    yield Part(
        "queues",
        "amazonsqs",
        ("sqs:*Permission", "sqs:*eQueue", "sqs:SetQueueAttributes"),
        (ours.named("sqs", ""),),
    )
    yield Part(
        "functions",
        "awslambda",
        ("lambda:*Permission", "lambda:CreateFunction*", "lambda:Delete*", "lambda:Put*", "lambda:Update*"),
        (ours.named("lambda", "function:"),),
    )
    yield Part(
        "roles and managed policies",
        "awsidentityandaccessmanagementiam",
        (
            "iam:*tachRolePolicy",
            "iam:Create*",
            "iam:Delete*",
            "iam:PassRole",
            "iam:PutRole*",
            "iam:SetDefaultPolicyVersion",
            "iam:Update*Role*",
        ),
        (*ours.roles, place.iam_arn(f"policy/{ours.prefix}-*")),
    )
    if ours.search:
        yield from _of_search(ours.search)
    if ours.responders:
        yield from _of_responders(ours, ours.responders)


def _of_search(search: SearchNames) -> Iterator[Part]:
    yield Part("search", "amazonathena", ("athena:Delete*", "athena:Update*"), (search.workgroup_arn,))
    catalogued = (search.database_arn, search.tables_arn)
    yield Part("archive's table", "awsglue", ("glue:*Delete*", "glue:Update*"), catalogued)


def _of_responders(ours: ProtectedResources, responders: ResponderNames) -> Iterator[Part]:
    yield Part(
        "tables and their items",
        "amazondynamodb",
        (
            "dynamodb:BatchWriteItem",
            "dynamodb:Delete*",
            "dynamodb:PartiQL*te",
            "dynamodb:PartiQLInsert",
            "dynamodb:Put*",
            "dynamodb:Update*",
        ),
        (ours.named("dynamodb", "table/"),),
    )
    yield Part(
        "schedules",
        "amazoneventbridgescheduler",
        ("scheduler:*teSchedule*",),
        (
            ours.location.arn("scheduler", f"schedule/{responders.schedule_group}/*"),
            responders.schedule_group_arn,
        ),
    )
