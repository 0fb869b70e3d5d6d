"""An embedded account that holds what a review looks at: the synthesised policies deployed, and people around them."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from cloudtrail_monitoring.governance.access_review.parts import Resource, System
from cloudtrail_monitoring.governance.access_review.rights import Kind
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws

ANY = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str = "*", **rest: Any) -> str:
    return document({"Effect": "Allow", "Action": list(actions), "Resource": resource, **rest})


def deploy(aws: EmbeddedAws, system: System) -> None:
    """The system's resources that have policies, and its roles, as synthesised; and the roles the settings name."""
    iam = aws.client("iam")
    everything = [resource for resources in system.parts.values() for resource in resources]
    managed = {one.name: one for one in everything if one.kind is Kind.POLICY}
    for policy in managed.values():
        iam.create_policy(PolicyName=policy.name, PolicyDocument=policy.policy)
    for role in system.roles.values():
        inline = {name: text for name, text in role.policies.items() if name not in managed}
        make_role(aws, role.name, trust=role.trust, policies=inline, boundary=role.boundary_arn)
        for name in role.policies.keys() & managed.keys():
            iam.attach_role_policy(RoleName=role.name, PolicyArn=managed[name].arn)
    for resource in everything:
        if resource.kind in _DEPLOYED and resource.arn not in system.roles:
            _DEPLOYED[resource.kind](aws, resource)


def make_role(
    aws: EmbeddedAws,
    name: str,
    *,
    path: str = "/",
    trust: str | None = None,
    policies: Mapping[str, str] = {},
    boundary: str | None = None,
) -> None:
    iam = aws.client("iam")
    root = f"arn:aws:iam::{aws.account_id}:root"
    trusts_account = document({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"})
    limited = {"PermissionsBoundary": boundary} if boundary else {}
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust or trusts_account, **limited)
    for policy, text in policies.items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=text)


def make_user(aws: EmbeddedAws, name: str, *, policies: Mapping[str, str] = {}) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    for policy, text in policies.items():
        iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=text)


def _bucket(aws: EmbeddedAws, bucket: Resource) -> None:
    client = aws.client("s3")
    client.create_bucket(Bucket=bucket.name)
    if bucket.policy:
        client.put_bucket_policy(Bucket=bucket.name, Policy=bucket.policy)


def _key(aws: EmbeddedAws, key: Resource) -> None:
    client = aws.client("kms")
    made = client.create_key(Policy=key.policy)["KeyMetadata"]
    client.create_alias(AliasName=key.handle, TargetKeyId=made["KeyId"])


def _topic(aws: EmbeddedAws, topic: Resource) -> None:
    aws.client("sns").create_topic(Name=topic.name, Attributes={"Policy": topic.policy})


def _queue(aws: EmbeddedAws, queue: Resource) -> None:
    aws.client("sqs").create_queue(QueueName=queue.name, Attributes={"Policy": queue.policy})


def _function(aws: EmbeddedAws, function: Resource) -> None:
    client = aws.client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "")
    client.create_function(
        FunctionName=function.name,
        Role=f"arn:aws:iam::{aws.account_id}:role/{function.name}",
        Runtime="python3.13",
        Handler="a.b",
        Code={"ZipFile": code.getvalue()},
    )
    for position, statement in enumerate(json.loads(function.policy)["Statement"] if function.policy else ()):
        conditions = statement["Condition"]
        account = conditions.get("StringEquals", {}).get("AWS:SourceAccount")
        client.add_permission(
            FunctionName=function.name,
            StatementId=f"terraform-{position}",
            Action=statement["Action"],
            Principal=statement["Principal"]["Service"],
            SourceArn=conditions["ArnLike"]["AWS:SourceArn"],
            **({"SourceAccount": account} if account else {}),
        )


def _named_role(aws: EmbeddedAws, role: Resource) -> None:
    path, _, name = role.name.rpartition("/")
    make_role(aws, name, path=f"/{path}/" if path else "/", policies={"all": document(ANY)})


_DEPLOYED: Mapping[Kind, Callable[[EmbeddedAws, Resource], None]] = {
    Kind.BUCKET: _bucket,
    Kind.KEY: _key,
    Kind.TOPIC: _topic,
    Kind.QUEUE: _queue,
    Kind.FUNCTION: _function,
    Kind.ROLE: _named_role,
}
