"""S3: whom a bucket policy denies, and who may receive server access logs."""

import json
import re
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement

_LOGGING_SERVICE = "logging.s3.amazonaws.com"


def grants_access_logs(policy: str, *, partition: str, bucket: str, prefix: str) -> bool:
    """Whether a bucket policy lets S3's logging service write below the prefix.

    Reads the policy as IAM does: a statement, principal, action or resource may be one value or a list, ``*`` and ``?``
    are wildcards. Conditions are not judged.

    Args:
        policy: the bucket policy, JSON.
        partition: of the bucket, such as ``aws``.
        bucket: name of the bucket that receives the logs.
        prefix: key prefix of the logs, may be empty.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    log_object = f"arn:{partition}:s3:::{bucket}/{prefix}2026-01-01-00-00-00-0123456789ABCDEF"
    return any(
        statement.get("Effect") == "Allow"
        and _names_logging_service(statement.get("Principal"))
        and _covers(statement.get("Action"), "s3:PutObject", re.IGNORECASE)
        and _covers(statement.get("Resource"), log_object)
        for statement in _listed(json.loads(policy).get("Statement"))
    )


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _names_logging_service(principal: Any) -> bool:
    if isinstance(principal, dict):
        return _LOGGING_SERVICE in _listed(principal.get("Service"))
    return bool(principal == "*")


def _covers(patterns: Any, wanted: str, flags: re.RegexFlag = re.NOFLAG) -> bool:
    expressions = (re.escape(p).replace(r"\*", ".*").replace(r"\?", ".") for p in _listed(patterns))
    return any(re.fullmatch(expression, wanted, flags) for expression in expressions)


def _read_policies_as_iam_does() -> Iterable[Replacement]:
    from moto.s3.models import FakeBucket

    def policy_grants(target_bucket: Any, target_prefix: str | None) -> bool:
        return bool(target_bucket.policy) and grants_access_logs(
            target_bucket.policy.decode(),
            partition=target_bucket.partition,
            bucket=target_bucket.name,
            prefix=target_prefix or "",
        )

    yield Replacement(FakeBucket, "_log_permissions_enabled_policy", staticmethod(policy_grants))


def _leave_conditional_statements_out() -> Iterable[Replacement]:
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy.decode())
        policy["Statement"] = [part for part in _listed(policy["Statement"]) if "Condition" not in part]
        return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

    yield Replacement(FakeBucket, "get_permission", get_permission)


STORAGE_GAPS = (
    Gap(
        operation="s3:*Object",
        aws="applies a bucket policy's statement only where its conditions hold",
        moto="ignores conditions: a denial of plain HTTP denies everything; bridged, such statements are left out",
        bridge=_leave_conditional_statements_out,
    ),
    Gap(
        operation="s3:PutBucketLogging",
        aws="reads the target bucket's policy as IAM does",
        moto='answers 500 if a statement has Principal "*", and refuses principals, actions or resources in lists',
        bridge=_read_policies_as_iam_does,
    ),
)
