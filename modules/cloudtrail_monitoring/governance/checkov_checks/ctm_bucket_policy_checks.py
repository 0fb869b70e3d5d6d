"""R-ARC-6 and R-TRL-6, read off ``aws_s3_bucket_policy``.

Every bucket must refuse requests without TLS. A policy that lets CloudTrail write is the archive's, and must hold the
archive's guards as well. A policy that is not written out in the configuration is not judged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_configuration as graph
    from cloudtrail_monitoring.governance.checkov_checks import ctm_policy as iam
else:
    import ctm_attributes as tf
    import ctm_configuration as graph
    import ctm_policy as iam

_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_LOGS = "/AWSLogs/"
_NOT_THESE = {"arnnotlike", "arnnotequals", "stringnotlike", "stringnotequals"}
_THESE = {"arnlike", "arnequals", "stringlike", "stringequals"}

Policy = list[iam.Statement]
PolicyJudge = Callable[[Policy], list[str]]


@dataclass(frozen=True)
class _Guard:
    """What only named principals may do, and what the denial must not reach beside that."""

    on_objects: tuple[str, ...] = ()
    on_bucket: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_READ = _Guard(
    on_objects=("s3:GetObject", "s3:GetObjectVersion"),
    # Terraform refreshes and CloudTrail checks the bucket with these
    never=("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketPolicy"),
)
_CONFIGURATION = _Guard(
    on_bucket=(
        "s3:DeleteBucketPolicy",
        "s3:PutBucketLogging",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
    )
)
_DELETION = _Guard(on_objects=("s3:DeleteObject", "s3:DeleteObjectVersion"), on_bucket=("s3:DeleteBucket",))


def _delivery(policy: Policy) -> Policy:
    return [statement for statement in policy if statement.allows_service(_CLOUDTRAIL)]


def _only_tls(policy: Policy) -> list[str]:
    denials = [
        statement
        for statement in policy
        if statement.denies_everyone
        and statement.covers("s3:GetObject")
        and statement.covers("s3:PutBucketPolicy")
        and [(c.operator, c.key, c.values) for c in statement.conditions]
        == [("bool", "aws:securetransport", ("false",))]
    ]
    faults = []
    if not any(denial.on_objects for denial in denials):
        faults.append("objects can be reached without TLS")
    if not any(denial.on_bucket for denial in denials):
        faults.append("the bucket can be reached without TLS")
    return faults


def _is_about_transport(statement: iam.Statement) -> bool:
    """Whether it denies plain HTTP or old TLS: that covers every action, and guards none of them."""
    return any(condition.key in ("aws:securetransport", "s3:tlsversion") for condition in statement.conditions)


def _narrowed_by(statement: iam.Statement) -> list[str]:
    """What keeps the statement from denying to all but the principals it names; nothing, if it does that."""
    faults = []
    named = False
    for condition in statement.conditions:
        if condition.key == "aws:principalarn" and condition.operator in _NOT_THESE:
            named = bool(condition.values)
            faults += [f"exempts {arn}" for arn in condition.values if iam.exempts_everyone(arn)]
        elif (condition.operator, condition.key, condition.values) != ("bool", "aws:principalisawsservice", ("false",)):
            faults.append(f"has a condition on {condition.key}")
    if not named:
        faults.append("names nobody by aws:PrincipalArn")
    return faults


def _guarded(guard: _Guard) -> PolicyJudge:
    """The judgement that everybody is denied the guard's actions but those the denial names."""

    def judge(policy: Policy) -> list[str]:
        denials = [denial for denial in policy if denial.denies_everyone and not _is_about_transport(denial)]
        wanted = [(action, True) for action in guard.on_objects] + [(action, False) for action in guard.on_bucket]
        missing: list[str] = []
        reasons: list[str] = []
        for action, on_objects in wanted:
            in_scope = [
                denial
                for denial in denials
                if denial.covers(action) and (denial.on_objects if on_objects else denial.on_bucket)
            ]
            narrowed = [_narrowed_by(denial) for denial in in_scope]
            if [] not in narrowed:
                missing.append(action)
                reasons += [reason for faults in narrowed for reason in faults if reason not in reasons]
        faults = [f"not denied to everybody but named principals: {', '.join(missing)}"] if missing else []
        faults += [f"a denial {reason}" for reason in reasons]
        faults += [
            f"{action} is denied too" for action in guard.never if any(denial.covers(action) for denial in denials)
        ]
        return faults

    return judge


def _for_named_trails(policy: Policy) -> list[str]:
    faults = []
    for statement in _delivery(policy):
        trails = [
            arn
            for condition in statement.conditions
            if condition.key == "aws:sourcearn" and condition.operator in _THESE
            for arn in condition.values
        ]
        actions = ", ".join(statement.actions)
        if not trails:
            faults.append(f"{actions} is allowed to CloudTrail without aws:SourceArn")
        faults += [f"{actions} is allowed for {arn}" for arn in trails if arn == "*" or arn.endswith(":trail/*")]
    return faults


def _named_prefixes(policy: Policy) -> list[str]:
    faults = []
    for statement in _delivery(policy):
        if statement.covers("s3:PutObject"):
            for resource in statement.resources:
                owner = resource.partition(_LOGS)[2].partition("/")[0]
                if not owner or "*" in owner:
                    faults.append(f"CloudTrail may write to {resource}: no account or organization is named")
    return faults


class _PolicyCheck(tf.RequirementCheck):
    """A rule about a bucket policy, written out or by an ``aws_iam_policy_document`` beside it."""

    def __init__(self, rule_id: str, judge: PolicyJudge, *, archive_only: bool) -> None:
        super().__init__(rule_id, "aws_s3_bucket_policy", self._faults)
        self._judge_policy = judge
        self._archive_only = archive_only

    def _faults(self, resource: tf.Attributes) -> list[str] | None:
        policy = iam.statements(tf.one(resource, "policy"), graph.documents_beside(self))
        if policy is None or (self._archive_only and not _delivery(policy)):
            return None
        return self._judge_policy(policy)


checks = [
    _PolicyCheck("CKV_CTM_ARC_6_TLS", _only_tls, archive_only=False),
    _PolicyCheck("CKV_CTM_ARC_6_READ", _guarded(_READ), archive_only=True),
    _PolicyCheck("CKV_CTM_ARC_6_CONFIG", _guarded(_CONFIGURATION), archive_only=True),
    _PolicyCheck("CKV_CTM_ARC_6_DELETE", _guarded(_DELETION), archive_only=True),
    _PolicyCheck("CKV_CTM_ARC_6_SOURCE", _for_named_trails, archive_only=True),
    _PolicyCheck("CKV_CTM_TRL_6", _named_prefixes, archive_only=True),
]
