"""How trail, archive and log group stand together.

The archive is the bucket a trail delivers to. Here stands that it has each companion its protection needs (what such a
companion says is judged where it stands), that the trail leaves it out of its data events, and that the trail's log
group keeps a year and is written by a role that can do nothing else. Other buckets, and a bucket that is not in this
configuration, are not judged.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_bucket_checks as bucket_checks
    from cloudtrail_monitoring.governance.checkov_checks import ctm_configuration as graph
    from cloudtrail_monitoring.governance.checkov_checks import ctm_selectors as events
else:
    import ctm_attributes as tf
    import ctm_bucket_checks as bucket_checks
    import ctm_configuration as graph
    import ctm_selectors as events

_S3_OBJECTS = "AWS::S3::Object"
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_LOGS = "/AWSLogs/"
_ORGANIZATION = "o-"
_WRITES = {"logs:createlogstream", "logs:putlogevents"}


def _companions(configuration: graph.Configuration, bucket: graph.Resource, kind: str) -> list[graph.Resource]:
    return configuration.companions(bucket, kind, "bucket", name="bucket")


def _has_companion(
    kind: str,
    *,
    inline: str = "",
    # the defaults ask nothing: their argument is there for the signature
    says: Callable[[tf.Attributes], bool] = lambda companion: True,  # noqa: ARG005
    needed_by: Callable[[tf.Attributes], bool] = lambda bucket: True,  # noqa: ARG005
) -> graph.GraphJudge:
    """The judgement that each archive which needs it has a companion of that type that says something.

    A bucket in the style of the provider's version 3, with the ``inline`` block, is not judged.
    """

    def judge(configuration: graph.Configuration, bucket: graph.Resource) -> bool | None:
        if not configuration.is_archive(bucket) or not needed_by(bucket.attributes) or inline in bucket.attributes:
            return None
        return any(says(companion.attributes) for companion in _companions(configuration, bucket, kind))

    return judge


def _must_lock(bucket: tf.Attributes) -> bool:
    return tf.is_true(tf.one(bucket, "object_lock_enabled")) or tf.is_production(bucket)


def _can_lock(configuration: graph.Configuration, bucket: graph.Resource) -> bool | None:
    setting = tf.one(bucket.attributes, "object_lock_enabled")
    # unset is no answer: the lock configuration itself turns it on for a bucket that stands already
    if setting is None or not _companions(configuration, bucket, "aws_s3_bucket_object_lock_configuration"):
        return None
    return tf.is_true(setting)


def _lets_cloudtrail_write(configuration: graph.Configuration, bucket: graph.Resource) -> bool | None:
    if not configuration.is_archive(bucket):
        return None
    policies = _companions(configuration, bucket, "aws_s3_bucket_policy")
    if not policies:
        return None
    allowed = [
        statement
        for policy in policies
        for statement in configuration.policy(tf.one(policy.attributes, "policy"))
        if statement.allows_service(_CLOUDTRAIL)
    ]
    return all(any(statement.covers(action) for statement in allowed) for action in ("s3:GetBucketAcl", "s3:PutObject"))


def _takes_organization(configuration: graph.Configuration, bucket: graph.Resource) -> bool | None:
    """Whether CloudTrail may write an organization's logs, where a trail of one delivers here."""
    trails = [
        trail
        for trail in configuration.of("aws_cloudtrail")
        if bucket.is_named_by(tf.one(trail.attributes, "s3_bucket_name"), name="bucket")
    ]
    if not any(tf.is_true(tf.one(trail.attributes, "is_organization_trail")) for trail in trails):
        return None
    owners = [
        resource.partition(_LOGS)[2]
        for policy in _companions(configuration, bucket, "aws_s3_bucket_policy")
        for statement in configuration.policy(tf.one(policy.attributes, "policy"))
        if statement.allows_service(_CLOUDTRAIL) and statement.covers("s3:PutObject")
        for resource in statement.resources
    ]
    if any(owner.startswith(_ORGANIZATION) for owner in owners):
        return True
    if any("$" in owner or tf.is_computed(owner) for owner in owners):
        raise tf.UnreadableError(owners)
    return False


def _keeps_a_year(configuration: graph.Configuration, group: graph.Resource) -> bool | None:
    return tf.kept_for_a_year(group.attributes) if configuration.is_written_by_trail(group) else None


def _writes_only(configuration: graph.Configuration, trail: graph.Resource) -> bool | None:
    """Whether the policies of the role that a trail writes its log group with allow just that."""
    role = configuration.named("aws_iam_role", tf.one(trail.attributes, "cloud_watch_logs_role_arn"), name="arn")
    if role is None:
        return None
    policies: list[Any] = [tf.one(policy, "policy") for policy in tf.blocks(role.attributes, "inline_policy")]
    policies += [
        tf.one(policy.attributes, "policy")
        for policy in configuration.of("aws_iam_role_policy")
        if role.is_named_by(tf.one(policy.attributes, "role"), name="name")
    ]
    for attachment in configuration.of("aws_iam_role_policy_attachment"):
        if role.is_named_by(tf.one(attachment.attributes, "role"), name="name"):
            attached = configuration.named("aws_iam_policy", tf.one(attachment.attributes, "policy_arn"), name="arn")
            policies.append(tf.one(attached.attributes, "policy") if attached else None)
    if not policies:
        return None
    statements = [statement for policy in policies for statement in configuration.policy(policy)]
    return all(
        {action.lower() for action in statement.actions} <= _WRITES
        and not statement.not_actions
        and "*" not in statement.resources
        for statement in statements
        if statement.effect == "Allow"
    )


def _leaves_archive_out(configuration: graph.Configuration, trail: graph.Resource) -> bool | None:
    bucket = configuration.named("aws_s3_bucket", tf.one(trail.attributes, "s3_bucket_name"), name="bucket")
    taken = [
        fields
        for fields in events.selectors(trail.attributes, "Data")
        if _S3_OBJECTS in events.values(fields.get("resources.type", []), ("equals",))
    ]
    if bucket is None or not taken:
        return None
    return not any(_takes(fields, bucket) for fields in taken)


def _takes(fields: events.Fields, bucket: graph.Resource) -> bool:
    """Whether a selector of S3 data events takes in the bucket's objects."""
    arns = fields.get("resources.ARN", [])
    if any(_means(arn, bucket) for arn in events.values(arns, ("not_starts_with",))):
        return False
    taken_in = events.values(arns, ("starts_with", "equals"))
    return not taken_in or any(_means(arn, bucket) for arn in taken_in)


def _means(arn: str, bucket: graph.Resource) -> bool:
    name = arn.rpartition(":::")[2].partition("/")[0]
    return bucket.is_named_by(arn, name="arn") or name == tf.one(bucket.attributes, "bucket")


_BUCKET = "aws_s3_bucket"
_CHECKS: tuple[tuple[str, str, graph.GraphJudge], ...] = (
    ("CKV2_CTM_TRL_2_OWN", "aws_cloudtrail", _leaves_archive_out),
    ("CKV2_CTM_TRL_4", "aws_cloudwatch_log_group", _keeps_a_year),
    ("CKV2_CTM_TRL_4_ROLE", "aws_cloudtrail", _writes_only),
    (
        "CKV2_CTM_ARC_2",
        _BUCKET,
        _has_companion(
            "aws_s3_bucket_server_side_encryption_configuration", inline="server_side_encryption_configuration"
        ),
    ),
    ("CKV2_CTM_ARC_3", _BUCKET, _has_companion("aws_s3_bucket_versioning", inline="versioning")),
    (
        "CKV2_CTM_ARC_4",
        _BUCKET,
        _has_companion(
            "aws_s3_bucket_lifecycle_configuration", inline="lifecycle_rule", says=bucket_checks.moves_objects
        ),
    ),
    (
        "CKV2_CTM_ARC_5",
        _BUCKET,
        _has_companion(
            "aws_s3_bucket_object_lock_configuration", inline="object_lock_configuration", needed_by=_must_lock
        ),
    ),
    ("CKV2_CTM_ARC_5_LOCKABLE", _BUCKET, _can_lock),
    ("CKV2_CTM_ARC_6_POLICY", _BUCKET, _has_companion("aws_s3_bucket_policy", inline="policy")),
    ("CKV2_CTM_ARC_6_DELIVERY", _BUCKET, _lets_cloudtrail_write),
    ("CKV2_CTM_TRL_6", _BUCKET, _takes_organization),
    ("CKV2_CTM_ARC_6_PUBLIC", _BUCKET, _has_companion("aws_s3_bucket_public_access_block")),
    ("CKV2_CTM_ARC_6_OWNER", _BUCKET, _has_companion("aws_s3_bucket_ownership_controls")),
    ("CKV2_CTM_ARC_6_LOGGING", _BUCKET, _has_companion("aws_s3_bucket_logging", inline="logging")),
)

checks = [graph.register(rule_id, resource_type, judge) for rule_id, resource_type, judge in _CHECKS]
