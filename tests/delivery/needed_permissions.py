"""What IAM asks of the caller of a recorded call: the actions, the resources, and what conditions look at.

Most calls need the action of their name. The table of the others is from AWS's service authorization reference, whose
pages of S3, Lambda, KMS and the like list what each call is authorized as, and what it depends on:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from cloudtrail_monitoring.governance.policy_context import ContextValues
from tests.delivery.authorization_reference import known
from tests.delivery.recorded_calls import Call

NAMED_OTHERWISE = {
    **dict.fromkeys(
        (
            "budgets:CreateBudget",
            "budgets:CreateNotification",
            "budgets:CreateSubscriber",
            "budgets:DeleteBudget",
            "budgets:DeleteNotification",
            "budgets:DeleteSubscriber",
            "budgets:UpdateBudget",
            "budgets:UpdateNotification",
        ),
        "budgets:ModifyBudget",
    ),
    **dict.fromkeys(
        (
            "budgets:DescribeBudget",
            "budgets:DescribeNotificationsForBudget",
            "budgets:DescribeSubscribersForNotification",
        ),
        "budgets:ViewBudget",
    ),
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""Calls that IAM knows under another name."""

TAGS_ON_CREATION = {
    "budgets:CreateBudget": "budgets:TagResource",
    "athena:CreateWorkGroup": "athena:TagResource",
    "cloudtrail:CreateTrail": "cloudtrail:AddTags",
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
    "dynamodb:CreateTable": "dynamodb:TagResource",
    "events:PutRule": "events:TagResource",
    "glue:CreateDatabase": "glue:TagResource",
    "iam:CreatePolicy": "iam:TagPolicy",
    "iam:CreateRole": "iam:TagRole",
    "kms:CreateKey": "kms:TagResource",
    "lambda:CreateEventSourceMapping": "lambda:TagResource",
    "lambda:CreateFunction": "lambda:TagResource",
    "logs:CreateLogGroup": "logs:TagResource",
    "scheduler:CreateScheduleGroup": "scheduler:TagResource",
    "sns:CreateTopic": "sns:TagResource",
    "sqs:CreateQueue": "sqs:TagQueue",
    "ssm:PutParameter": "ssm:AddTagsToResource",
}
"""What a call needs besides when it gives tags to what it makes."""

NEEDS_NOTHING = frozenset({"sts:GetCallerIdentity"})
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""

PASSED_TO = {
    "cloudtrail": "cloudtrail.amazonaws.com",
    "events": "events.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "scheduler": "scheduler.amazonaws.com",
}


class Needed(NamedTuple):
    """One permission that a call needs."""

    action: str
    resource: str
    context: ContextValues = {}

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


def needed(call: Call, account: str) -> Iterator[Needed]:
    """Every permission that a call needs."""
    called = f"{call.service}:{call.operation}"
    if called in NEEDS_NOTHING:
        return
    tags = _tags(call.parameters)
    requested = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if called == "s3:DeleteObjects":  # of whatever version, which its body says
        for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
            yield Needed(action, f"{_arn(call, '', account)}/any")
        return
    name = NAMED_OTHERWISE.get(called, called)
    for arn in _arns(call, name, account):
        yield Needed(name, arn, {**requested, **_context(call)})
    if called == "s3:CreateBucket":  # with Object Lock, which a header asks for
        for also in ("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"):
            yield Needed(also, _arn(call, "", account))
    if tags and called in TAGS_ON_CREATION:
        tagging = TAGS_ON_CREATION[called]
        yield Needed(tagging, _made(call, account), requested)
    for role in _roles_handed_over(call.parameters):
        yield Needed("iam:PassRole", role, {"iam:PassedToService": PASSED_TO[call.service]})


def _arns(call: Call, action: str, account: str) -> list[str]:
    known_action = known(action)
    assert known_action, f"{action} is no action of IAM: {call}"
    if not known_action.takes_arn:
        return ["*"]
    if call.service == "kms" and "AliasName" in call.parameters:
        # both the alias and its key; a deletion names the alias alone
        key = call.parameters.get("TargetKeyId", "of-the-alias")
        return [_regional(call, account, call.parameters["AliasName"]), _regional(call, account, f"key/{key}")]
    if call.service == "glue":
        return [_regional(call, account, one) for one in _of_glue(call.operation, call.parameters)]
    return [_arn(call, action, account)]


def _of_glue(operation: str, given: Mapping[str, Any]) -> list[str]:
    """A table and what it is in: Glue asks for all of it, and to delete a database for what is in it as well.

    https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
    """
    if "ResourceArn" in given:
        return [given["ResourceArn"].split(":", 5)[5]]
    table = given.get("TableName") or given.get("TableInput", {}).get("Name")
    database = given.get("DatabaseName") or given.get("DatabaseInput", given).get("Name")
    table = table or (given.get("Name") if "DatabaseName" in given else None)
    if operation == "DeleteDatabase":
        # https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html#access-to-glue-resources-limitations
        return ["catalog", f"database/{database}", f"table/{database}/any", f"userDefinedFunction/{database}/any"]
    return ["catalog", f"database/{database}", *([f"table/{database}/{table}"] if table else [])]


def _made(call: Call, account: str) -> str:
    """The ARN of what is being made; its number where AWS chooses one."""
    numbered = {"kms:CreateKey": "key/new", "lambda:CreateEventSourceMapping": "event-source-mapping:new"}
    name = numbered.get(f"{call.service}:{call.operation}")
    return _regional(call, account, name) if name else _arn(call, "", account)


def _arn(call: Call, action: str, account: str) -> str:
    given = call.parameters
    named = _NAMES[call.service](given)
    if named.startswith("arn:"):
        return named
    if call.service == "s3":
        return f"arn:aws:s3:::{named}"
    if call.service in ("budgets", "iam") or named.startswith("dashboard/"):
        return f"arn:aws:{call.service}::{account}:{named}"
    assert named, f"no resource in {call} for {action}"
    return _regional(call, account, named)


def _regional(call: Call, account: str, name: str) -> str:
    return f"arn:aws:{call.service}:{call.region}:{account}:{name}"


def _first(given: Mapping[str, Any], *names: str, before: str = "") -> str:
    """The first of the parameters that is there; an ARN as it is."""
    for name in names:
        if name in given:
            value = given[name][0] if isinstance(given[name], list) else given[name]
            return value if str(value).startswith("arn:") else f"{before}{value}"
    return ""


def _of_lambda(given: Mapping[str, Any]) -> str:
    if "LayerName" in given:
        return ":".join(["layer", given["LayerName"], *([given["VersionNumber"]] if "VersionNumber" in given else [])])
    return _first(given, "UUID", before="event-source-mapping:") or _first(
        given, "ARN", "FunctionName", before="function:"
    )


def _of_scheduler(given: Mapping[str, Any]) -> str:
    group = given.get("GroupName", given.get("groupName"))
    return (
        f"schedule/{group}/{given['Name']}" if group else _first(given, "ResourceArn", "Name", before="schedule-group/")
    )


def _of_budgets(given: Mapping[str, Any]) -> str:
    named = given.get("Budget") or given.get("NewBudget") or given
    return _first(named, "ResourceARN", "BudgetName", before="budget/")


_NAMES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    # a named query's own id says nothing of its workgroup, and the recorded environment has but one
    "athena": lambda given: (
        _first(given, "ResourceARN", "WorkGroup", "Name", before="workgroup/") or "workgroup/xyz-corp-audit-search"
    ),
    "budgets": _of_budgets,
    "cloudtrail": lambda given: _first(given, "TrailName", "Name", "ResourceId", "ResourceIdList", before="trail/"),
    "cloudwatch": lambda given: (
        _first(given, "ResourceARN", "AlarmName", "AlarmNames.member.1", before="alarm:")
        or _first(given, "DashboardName", "DashboardNames.member.1", before="dashboard/")
    ),
    "dynamodb": lambda given: _first(given, "ResourceArn", "TableName", before="table/"),
    "events": lambda given: _first(given, "ResourceARN", "Rule", "Name", before="rule/"),
    "glue": lambda given: _of_glue("", given)[-1],
    "iam": lambda given: (
        _first(given, "RoleName", before="role/")
        or _first(given, "PolicyArn", "OpenIDConnectProviderArn", "PolicyName", before="policy/")
    ),
    "kms": lambda given: _first(given, "KeyId", before="key/"),
    "lambda": _of_lambda,
    "logs": lambda given: _first(given, "resourceArn", "logGroupName", before="log-group:"),
    "s3": lambda given: "/".join([given["Bucket"], *([given["Key"]] if "Key" in given else [])]),
    "scheduler": _of_scheduler,
    "sns": lambda given: _first(given, "ResourceArn", "TopicArn", "Name"),
    "sqs": lambda given: _first(given, "QueueName") or _first(given, "QueueUrl").rpartition("/")[2],
    "ssm": lambda given: _first(given, "Name", "ResourceId", before="parameter"),
}
"""What the resource part of the ARN is, by service."""


def _context(call: Call) -> ContextValues:
    """What conditions look at and only the call, or the resource it is about, can tell."""
    found: dict[str, str] = {}
    if "PermissionsBoundary" in call.parameters:
        found["iam:PermissionsBoundary"] = call.parameters["PermissionsBoundary"]
    if call.operation == "CreateEventSourceMapping":
        found["lambda:FunctionArn"] = call.parameters["FunctionName"]
    return found


def _tags(given: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a call, in each of the forms that AWS's interfaces have."""
    for name in ("Tags", "tags", "TagsList", "ResourceTags"):
        tags = given.get(name)
        if isinstance(tags, Mapping):
            return dict(tags)
        if tags:
            return {_either(tag, "Key"): _either(tag, "Value") for tag in tags}
    return {
        value: given[name.removesuffix("Key") + "Value"]
        for name, value in given.items()
        if name.startswith("Tags.member.") and name.endswith(".Key")
    }


def _either(tag: Mapping[str, str], key: str) -> str:
    return next(tag[one] for one in (key, f"Tag{key}", key.lower()) if one in tag)


def _roles_handed_over(given: Mapping[str, Any]) -> set[str]:
    """Every role of the account that a call hands to a service: parameters that end in "role" or "RoleArn"."""
    roles: set[str] = set()

    def look(value: Any, name: str) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                look(inner, key)
        elif isinstance(value, list):
            for inner in value:
                look(inner, name)
        elif isinstance(value, str) and ":role/" in value and name.lower().endswith(("role", "rolearn")):
            roles.add(value)

    look(json.loads(json.dumps(given)), "")
    return roles
