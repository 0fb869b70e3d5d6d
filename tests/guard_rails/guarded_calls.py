"""The calls that would stop, delete or change a synthesised resource, by its type; a type that is not here is a gap.

``calls`` gives, for one resource, the requests that somebody would make; ``UNGUARDED`` says why a type needs no guard.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cloudtrail_monitoring.governance.policy_context import ContextValues
from tests.access_requests import ACCOUNT
from tests.synthesised import Resource, Stack

UNGUARDED = {
    "aws_cloudwatch_query_definition": "takes no resource in IAM: a denial would hold for all queries of the account;"
    " without one nothing alarms less, and the next deployment puts it back",
    "aws_iam_openid_connect_provider": "whatever it says, a role is for whom its own trust names",
    "aws_lambda_layer_version": "a version is never changed, and a function keeps the layer whose version is deleted",
}

BUCKET_PARTS = {
    "aws_s3_bucket": "DeleteBucket CreateBucketMetadataConfiguration UpdateBucketMetadataJournalTableConfiguration",
    "aws_s3_bucket_lifecycle_configuration": "PutLifecycleConfiguration",
    "aws_s3_bucket_logging": "PutBucketLogging",
    "aws_s3_bucket_object_lock_configuration": "PutBucketObjectLockConfiguration",
    "aws_s3_bucket_ownership_controls": "PutBucketOwnershipControls",
    "aws_s3_bucket_policy": "PutBucketPolicy DeleteBucketPolicy",
    "aws_s3_bucket_public_access_block": "PutBucketPublicAccessBlock",
    "aws_s3_bucket_server_side_encryption_configuration": "PutEncryptionConfiguration",
    "aws_s3_bucket_versioning": "PutBucketVersioning",
}
TABLE = "DeleteTable UpdateTable PutItem DeleteItem BatchWriteItem PartiQLDelete PartiQLInsert PartiQLUpdate"
ROLE = (
    "CreateRole DeleteRole UpdateAssumeRolePolicy PutRolePolicy AttachRolePolicy PassRole DeleteRolePermissionsBoundary"
)


class Guarded(NamedTuple):
    """One request, without its caller."""

    action: str
    resource: str
    context: ContextValues = {}


class _Place(NamedTuple):
    """Where a resource is, and what it refers to."""

    stack: Stack
    resource: Resource

    def arn(self, service: str, name: str) -> str:
        region = (self.resource.get("provider") or "aws.us-east-1").removeprefix("aws.")
        return f"arn:aws:{service}:{region}:{ACCOUNT}:{name}"

    def text(self, attribute: str) -> str:
        """An attribute, with what it refers to by name."""
        value = str(self.resource[attribute])
        for other in self.stack.resources():
            if value.startswith(f"${{{other.address}."):
                name = ("name", "bucket", "function_name")
                return str(next(other[one] for one in name if one in other))
        return value


def _each(service: str, actions: str, arn: str, context: ContextValues | None = None) -> Iterator[Guarded]:
    for action in actions.split():
        yield Guarded(f"{service}:{action}", arn, context or {})


def _bucket(place: _Place) -> Iterator[Guarded]:
    yield from _each("s3", BUCKET_PARTS[place.resource.type], f"arn:aws:s3:::{place.text('bucket')}")


def _log_group(actions: str, attribute: str) -> Callable[[_Place], Iterator[Guarded]]:
    def calls_on(place: _Place) -> Iterator[Guarded]:
        arn = place.arn("logs", f"log-group:{place.text(attribute)}")
        for form in (arn, f"{arn}:*", f"{arn}:log-stream:"):
            yield from _each("logs", actions, form)

    return calls_on


def _key(place: _Place) -> Iterator[Guarded]:
    """A key is known by its alias: one without would not be guarded, and fails the test here."""
    alias = next(one for one in place.stack.all("aws_kms_alias") if one.refers_to(place.resource, "target_key_id"))
    context = {"kms:ResourceAliases": [str(alias["name"])]}
    yield from _each("kms", "DisableKey ScheduleKeyDeletion PutKeyPolicy", place.arn("kms", "key/1234"), context)


def _event_source(place: _Place) -> Iterator[Guarded]:
    context = {"lambda:FunctionArn": place.arn("lambda", f"function:{place.text('function_name')}")}
    arn = place.arn("lambda", "event-source-mapping:1234")
    yield from _each("lambda", "DeleteEventSourceMapping UpdateEventSourceMapping", arn, context)
    yield Guarded("lambda:CreateEventSourceMapping", "*", context)


def _by(service: str, actions: str, attribute: str, before: str = "") -> Callable[[_Place], Iterator[Guarded]]:
    def calls_on(place: _Place) -> Iterator[Guarded]:
        yield from _each(service, actions, place.arn(service, f"{before}{place.text(attribute)}"))

    return calls_on


def _iam(actions: str, attribute: str, kind: str) -> Callable[[_Place], Iterator[Guarded]]:
    def calls_on(place: _Place) -> Iterator[Guarded]:
        yield from _each("iam", actions, f"arn:aws:iam::{ACCOUNT}:{kind}/{place.text(attribute)}")

    return calls_on


def _topic(actions: str, attribute: str) -> Callable[[_Place], Iterator[Guarded]]:
    return _by("sns", actions, attribute)


def _budget(place: _Place) -> Iterator[Guarded]:
    yield from _each("budgets", "ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/{place.text('name')}")


def _dashboard(place: _Place) -> Iterator[Guarded]:
    arn = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{place.text('dashboard_name')}"
    yield from _each("cloudwatch", "DeleteDashboards PutDashboard", arn)


def _catalog_database(place: _Place) -> Iterator[Guarded]:
    yield from _each("glue", "DeleteDatabase UpdateDatabase", place.arn("glue", f"database/{place.text('name')}"))


def _catalog_table(place: _Place) -> Iterator[Guarded]:
    arn = place.arn("glue", f"table/{place.text('database_name')}/{place.text('name')}")
    yield from _each("glue", "BatchDeleteTable DeleteTable DeleteTableVersion UpdateTable", arn)


_CALLS: dict[str, Callable[[_Place], Iterator[Guarded]]] = {
    **dict.fromkeys(BUCKET_PARTS, _bucket),
    "aws_athena_named_query": _by("athena", "DeleteNamedQuery UpdateNamedQuery", "workgroup", "workgroup/"),
    "aws_athena_workgroup": _by("athena", "DeleteWorkGroup UpdateWorkGroup", "name", "workgroup/"),
    "aws_budgets_budget": _budget,
    "aws_cloudtrail": _by(
        "cloudtrail", "DeleteTrail StopLogging UpdateTrail PutEventSelectors PutInsightSelectors", "name", "trail/"
    ),
    "aws_cloudwatch_dashboard": _dashboard,
    "aws_cloudwatch_event_rule": _by("events", "DeleteRule DisableRule PutRule", "name", "rule/"),
    "aws_cloudwatch_event_target": _by("events", "RemoveTargets PutTargets", "rule", "rule/"),
    "aws_cloudwatch_log_group": _log_group(
        "DeleteLogGroup DeleteLogStream PutRetentionPolicy DisassociateKmsKey PutDataProtectionPolicy PutTransformer"
        " PutLogEvents",
        "name",
    ),
    "aws_cloudwatch_log_metric_filter": _log_group("DeleteMetricFilter PutMetricFilter", "log_group_name"),
    "aws_cloudwatch_log_subscription_filter": _log_group(
        "DeleteSubscriptionFilter PutSubscriptionFilter", "log_group_name"
    ),
    "aws_cloudwatch_metric_alarm": _by(
        "cloudwatch",
        "DeleteAlarms DisableAlarmActions PutMetricAlarm PutAlarmMuteRule SetAlarmState",
        "alarm_name",
        "alarm:",
    ),
    "aws_dynamodb_table": _by("dynamodb", TABLE, "name", "table/"),
    "aws_glue_catalog_database": _catalog_database,
    "aws_glue_catalog_table": _catalog_table,
    "aws_iam_policy": _iam("DeletePolicy CreatePolicyVersion SetDefaultPolicyVersion", "name", "policy"),
    "aws_iam_role": _iam(ROLE, "name", "role"),
    "aws_iam_role_policy": _iam("DeleteRolePolicy PutRolePolicy", "role", "role"),
    "aws_iam_role_policy_attachment": _iam("AttachRolePolicy DetachRolePolicy", "role", "role"),
    "aws_kms_alias": _by("kms", "DeleteAlias UpdateAlias", "name"),
    "aws_kms_key": _key,
    "aws_lambda_event_source_mapping": _event_source,
    "aws_lambda_function": _by(
        "lambda",
        "DeleteFunction UpdateFunctionCode UpdateFunctionConfiguration PutFunctionConcurrency CreateFunctionUrlConfig",
        "function_name",
        "function:",
    ),
    "aws_lambda_permission": _by("lambda", "AddPermission RemovePermission", "function_name", "function:"),
    "aws_scheduler_schedule": _by(
        "scheduler", "CreateSchedule DeleteSchedule UpdateSchedule", "name", "schedule/xyz-corp-audit/"
    ),
    "aws_scheduler_schedule_group": _by("scheduler", "DeleteScheduleGroup", "name", "schedule-group/"),
    "aws_sns_topic": _topic("DeleteTopic SetTopicAttributes Subscribe AddPermission PutDataProtectionPolicy", "name"),
    "aws_sns_topic_policy": _topic("SetTopicAttributes", "arn"),
    "aws_sns_topic_subscription": _topic("SetSubscriptionAttributes", "topic_arn"),
    "aws_sqs_queue": _by("sqs", "DeleteQueue PurgeQueue SetQueueAttributes AddPermission", "name"),
    "aws_ssm_parameter": _by("ssm", "PutParameter DeleteParameter DeleteParameters", "name", "parameter"),
}


def calls(stack: Stack, resource: Resource) -> list[Guarded]:
    """What would stop, delete or change it.

    Raises:
        KeyError: nobody has thought about resources of its type yet.
    """
    return [] if resource.type in UNGUARDED else list(_CALLS[resource.type](_Place(stack, resource)))
