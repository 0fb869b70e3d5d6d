"""Reads an account for its access review, with the shell's credentials: principals, deployed policies, last use.

Only calls that read are made. The account is compared with the environment's before anything else is asked. What can't
be asked for lack of a permission ends the review with the name of the action: half a review looks like a whole one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from cloudtrail_monitoring.aws_account import AbsentError, caller_of, told_in_a_line
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

_WITHOUT_POLICY = frozenset({"NoSuchBucketPolicy"})


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
        caller_of(settings, self._aws)

    @cached_property
    def details(self) -> Details:
        """Users, groups, roles and managed policies: the lists of GetAccountAuthorizationDetails, all pages.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        found: dict[str, list[Any]] = {name: [] for name in lists}
        with told_in_a_line():
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
        with told_in_a_line():
            pages = list(self._aws.iam.get_paginator("list_users").paginate())
        return {user["UserName"]: user.get("PasswordLastUsed") for page in pages for user in page["Users"]}

    def _access_keys(self, user: str) -> list[Any]:
        with told_in_a_line():
            pages = list(self._aws.iam.get_paginator("list_access_keys").paginate(UserName=user))
        return [key for page in pages for key in page["AccessKeyMetadata"]]

    def _key(self, key: Mapping[str, Any]) -> str:
        with told_in_a_line():
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
        except AbsentError:
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
    with told_in_a_line():
        from botocore.exceptions import ClientError

        try:
            return bucket.arn, aws.client("s3").get_bucket_policy(Bucket=bucket.name)["Policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _WITHOUT_POLICY:
                return bucket.arn, None
            raise


def _of_key(aws: Aws, key: Resource) -> Looked:
    client = aws.client("kms")
    with told_in_a_line():
        arn = client.describe_key(KeyId=key.handle)["KeyMetadata"]["Arn"]
    with told_in_a_line():
        return arn, client.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]


def _of_topic(aws: Aws, topic: Resource) -> Looked:
    with told_in_a_line():
        return topic.arn, aws.sns.get_topic_attributes(TopicArn=topic.arn)["Attributes"].get("Policy")


def _of_queue(aws: Aws, queue: Resource) -> Looked:
    with told_in_a_line():
        url = aws.sqs.get_queue_url(QueueName=queue.name)["QueueUrl"]
    with told_in_a_line():
        found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return queue.arn, found.get("Attributes", {}).get("Policy")


def _of_function(aws: Aws, function: Resource) -> Looked:
    client = aws.client("lambda")
    try:
        with told_in_a_line():
            return function.arn, client.get_policy(FunctionName=function.name)["Policy"]
    except AbsentError:
        # Lambda has the same answer for no policy and for no function
        with told_in_a_line():
            client.get_function_configuration(FunctionName=function.name)
        return function.arn, None


_POLICIES: Mapping[Kind, Callable[[Aws, Resource], Looked]] = {
    Kind.BUCKET: _of_bucket,
    Kind.KEY: _of_key,
    Kind.TOPIC: _of_topic,
    Kind.QUEUE: _of_queue,
    Kind.FUNCTION: _of_function,
}


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
