"""Reads an account for its access review, with the shell's credentials: principals, deployed policies, last use.

Only calls that read are made. The account is compared with the environment's before anything else is asked. What can't
be asked for lack of a permission ends the review with the name of the action: half a review looks like a whole one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from cloudtrail_monitoring.governance.access_review.callers import Caller
from cloudtrail_monitoring.governance.access_review.comparison import policy_differences
from cloudtrail_monitoring.governance.access_review.parts import Resource, System
from cloudtrail_monitoring.governance.access_review.review import Difference
from cloudtrail_monitoring.governance.access_review.rights import Kind
from cloudtrail_monitoring.governance.policy_evaluator import Document, PolicyError, PrincipalType
from cloudtrail_monitoring.governance.policy_statements import parse_policy
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings

Details = Mapping[str, Any]

_LOG_IN = "log in (aws sso login), or set AWS_PROFILE"
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"})
_ABSENT = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
_WITHOUT_POLICY = frozenset({"NoSuchBucketPolicy"})


class AccountError(ValueError):
    """What keeps the account from being reviewed; ``str()`` is one line that says what to do."""


class Absent(Exception):
    """AWS does not know what was asked for: no error, but a finding."""


class Account:
    """An environment's account.

    Args:
        aws: clients of its home Region; those of the shell's credentials if there are none.

    Raises:
        AccountError: there are no usable credentials, or they are of another account.
    """

    def __init__(self, settings: MonitoringSettings, aws: Aws | None = None) -> None:
        self._settings = settings
        self._aws = aws or Aws(settings.home_region)
        with _asking("sts:GetCallerIdentity"):
            found = self._aws.client("sts").get_caller_identity()["Account"]
        if found != settings.account_id:
            raise AccountError(
                f"these credentials are of account {found}, and {settings.environment} is account"
                f" {settings.account_id}: choose a profile of that account (AWS_PROFILE), or --environment"
            )

    @cached_property
    def details(self) -> Details:
        """Users, groups, roles and managed policies: the lists of GetAccountAuthorizationDetails, all pages.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        found: dict[str, list[Any]] = {name: [] for name in lists}
        with _asking("iam:GetAccountAuthorizationDetails"):
            for page in self._aws.iam.get_paginator("get_account_authorization_details").paginate():
                for name in lists:
                    found[name] += page.get(name, [])
        return found

    def deployed(self, system: System) -> tuple[System, list[Difference]]:
        """The system with the policies its resources have in the account, and what differs from the synthesised ones.

        What the account does not have keeps its synthesised policy: nobody's rights on it would be real.
        """
        differences: list[Difference] = []
        parts: dict[str, tuple[Resource, ...]] = {}
        for part, resources in system.parts.items():
            parts[part] = tuple(self._looked_up(part, one, differences) for one in resources)
        return system.with_parts(parts), differences

    def with_last_use(self, caller: Caller) -> Caller:
        """The caller with when it was last used: its password, its access keys; a role's is among the details.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html (PasswordLastUsed)
        """
        if caller.principal.type is not PrincipalType.USER or caller.principal.user_name is None:
            return caller
        password = self._passwords.get(caller.principal.user_name)
        facts = {"password last used": f"{password:%Y-%m-%d}" if password else "never, or none"}
        keys = [self._key(key) for key in self._access_keys(caller.principal.user_name)]
        return replace(caller, facts={**caller.facts, **facts, "access keys": "; ".join(keys) or "none"})

    @cached_property
    def _passwords(self) -> dict[str, datetime | None]:
        with _asking("iam:ListUsers"):
            pages = list(self._aws.iam.get_paginator("list_users").paginate())
        return {user["UserName"]: user.get("PasswordLastUsed") for page in pages for user in page["Users"]}

    def _access_keys(self, user: str) -> list[Any]:
        with _asking("iam:ListAccessKeys"):
            pages = list(self._aws.iam.get_paginator("list_access_keys").paginate(UserName=user))
        return [key for page in pages for key in page["AccessKeyMetadata"]]

    def _key(self, key: Mapping[str, Any]) -> str:
        with _asking("iam:GetAccessKeyLastUsed"):
            used = self._aws.iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
        last = used.get("LastUsedDate")
        age = (self._aws.now() - key["CreateDate"]).days
        # the last four tell keys apart and are of no use to a reader of the report
        return (
            f"…{key['AccessKeyId'][-4:]} {key['Status'].lower()}, {age} days old,"
            f" {f'last used {last:%Y-%m-%d}' if last else 'never used'}"
        )

    def _looked_up(self, part: str, resource: Resource, differences: list[Difference]) -> Resource:
        look = _POLICIES.get(resource.kind)
        if look is None:
            return resource
        try:
            arn, policy = look(self._aws, resource)
        except Absent:
            differences.append(Difference(part, resource.name, "it is not in the account: is all deployed?"))
            return resource
        differences += (
            Difference(part, resource.name, f"its policy: {text}")
            for text in policy_differences(resource.policy, policy)
        )
        if policy is not None and (fault := fault_of_policy(policy, resource_based=True)):
            text = f"its policy can't be judged, and is left aside: {fault}"
            differences.append(Difference(part, resource.name, text))
            policy = None
        return replace(resource, arn=arn, policy=policy)


Looked = tuple[str, str | None]
"""ARN and policy."""


def _of_bucket(aws: Aws, bucket: Resource) -> Looked:
    with _asking("s3:GetBucketPolicy"):
        from botocore.exceptions import ClientError

        try:
            return bucket.arn, aws.client("s3").get_bucket_policy(Bucket=bucket.name)["Policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _WITHOUT_POLICY:
                return bucket.arn, None
            raise


def _of_key(aws: Aws, key: Resource) -> Looked:
    client = aws.client("kms")
    with _asking("kms:DescribeKey"):
        arn = client.describe_key(KeyId=key.handle)["KeyMetadata"]["Arn"]
    with _asking("kms:GetKeyPolicy"):
        return arn, client.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]


def _of_topic(aws: Aws, topic: Resource) -> Looked:
    with _asking("sns:GetTopicAttributes"):
        return topic.arn, aws.sns.get_topic_attributes(TopicArn=topic.arn)["Attributes"].get("Policy")


def _of_queue(aws: Aws, queue: Resource) -> Looked:
    with _asking("sqs:GetQueueUrl"):
        url = aws.sqs.get_queue_url(QueueName=queue.name)["QueueUrl"]
    with _asking("sqs:GetQueueAttributes"):
        found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return queue.arn, found.get("Attributes", {}).get("Policy")


def _of_function(aws: Aws, function: Resource) -> Looked:
    client = aws.client("lambda")
    try:
        with _asking("lambda:GetPolicy"):
            return function.arn, client.get_policy(FunctionName=function.name)["Policy"]
    except Absent:
        # Lambda has the same answer for no policy and for no function
        with _asking("lambda:GetFunctionConfiguration"):
            client.get_function_configuration(FunctionName=function.name)
        return function.arn, None


_POLICIES: Mapping[Kind, Callable[[Aws, Resource], Looked]] = {
    Kind.BUCKET: _of_bucket,
    Kind.KEY: _of_key,
    Kind.TOPIC: _of_topic,
    Kind.QUEUE: _of_queue,
    Kind.FUNCTION: _of_function,
}


@contextmanager
def _asking(action: str) -> Iterator[None]:
    """What AWS, or the way to it, objects to, as one line with the action that was asked."""
    try:
        from botocore import exceptions as faults
    except ModuleNotFoundError:
        raise AccountError("boto3 is needed: pip install 'cloudtrail-monitoring[investigate]'") from None
    try:
        yield
    except faults.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _ABSENT:
            raise Absent(action) from None
        if code in _EXPIRED:
            raise AccountError(f"AWS takes these credentials no longer: {_LOG_IN}") from None
        if code in _REFUSED:
            raise AccountError(f"these credentials lack {action}: the review needs it") from None
        raise AccountError(f"{action}: {_line(error)}") from None
    except (faults.NoCredentialsError, faults.PartialCredentialsError, faults.ProfileNotFound) as error:
        raise AccountError(f"no usable AWS credentials ({_line(error)}): {_LOG_IN}") from None
    except faults.BotoCoreError as error:
        raise AccountError(f"{action}: AWS could not be asked: {_line(error)}") from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def fault_of_policy(document: Document, *, resource_based: bool = False) -> str | None:
    """Why a policy can't be judged; ``None``: it can."""
    try:
        parse_policy(document, name="policy", resource_based=resource_based)
    except PolicyError as error:
        return str(error)
    return None


def as_text(document: Any) -> str:
    """A policy document as text: boto3 gives those of IAM as data, others as text."""
    return document if isinstance(document, str) else json.dumps(document)
