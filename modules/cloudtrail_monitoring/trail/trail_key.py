"""The KMS key of the trail's log files and its log group (R-ARC-2).

The account's administrators keep key management through IAM, but not the use of the key: the audit roles decrypt,
CloudTrail and CloudWatch Logs encrypt, nobody else does either. Losing the key loses the archive, so where it is
protected only break-glass may disable it or schedule its deletion, and only deployment may change its policy, too.
"""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from cloudtrail_monitoring.archive.settings import ArchiveSettings
from cloudtrail_monitoring.location import Location, role_arns
from cloudtrail_monitoring.policy_document import EVERYONE, Statement, allow, aws, deny, document, service

# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
ADMINISTRATION_ACTIONS = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
DELETION_WINDOW_DAYS = 30
"""The longest that KMS waits before it deletes a key."""

# In a key policy "*" means this key. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
THIS_KEY = ("*",)


def administration(location: Location) -> Statement:
    """Lets the account's IAM policies grant management of a key, and not its use."""
    return allow("AccountAdministersKey", ADMINISTRATION_ACTIONS, THIS_KEY, principal=aws(location.iam_arn("root")))


class TrailKey(Construct):
    """The key and its alias.

    Args:
        archive: names who may decrypt, deploy and break glass.
        trail_arns: the trails that may encrypt.
        log_group_name: the log group that is encrypted with it.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        archive: ArchiveSettings,
        *,
        location: Location,
        alias: str,
        trail_arns: list[str],
        log_group_name: str,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self.key = KmsKey(
            self,
            "key",
            description=f"Log files and log group of {alias}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=document(
                administration(location),
                *_deny_loss(location, archive, protected=protected),
                *_cloudtrail(location, trail_arns),
                _cloudwatch_logs(location, log_group_name),
                _audit_roles(location, archive),
            ),
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
        )
        self.arn = self.key.arn
        self.alias = KmsAlias(self, "alias", name=f"alias/{alias}", target_key_id=self.key.key_id)


def _deny_loss(location: Location, archive: ArchiveSettings, *, protected: bool) -> tuple[Statement, Statement]:
    """Who takes the key out of the settings takes ``prevent_destroy`` away, too: its policy must refuse on its own."""
    break_glass = role_arns(location, archive.break_glass_role_names)
    deployment = [*role_arns(location, (archive.deploy_role_name,)), *break_glass]
    return (
        _deny_all_but(
            break_glass if protected else deployment,
            "DenyLossOfKeyButByBreakGlass" if protected else "DenyLossOfKeyButByDeployment",
            ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
        ),
        _deny_all_but(deployment, "DenyPolicyChangeButByDeployment", ["kms:PutKeyPolicy"]),
    )


def _deny_all_but(spared: list[str], sid: str, actions: list[str]) -> Statement:
    return deny(
        sid,
        actions,
        THIS_KEY,
        principal=EVERYONE,
        conditions={
            "ArnNotLike": {"aws:PrincipalArn": spared},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )


def _cloudtrail(location: Location, trail_arns: list[str]) -> tuple[Statement, Statement]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"""
    cloudtrail = service("cloudtrail.amazonaws.com")
    return (
        allow(
            "CloudTrailEncrypts",
            ["kms:GenerateDataKey*"],
            THIS_KEY,
            principal=cloudtrail,
            conditions={
                "StringEquals": {"aws:SourceArn": trail_arns},
                "StringLike": {
                    "kms:EncryptionContext:aws:cloudtrail:arn": (
                        f"arn:{location.partition}:cloudtrail:*:{location.account_id}:trail/*"
                    )
                },
            },
        ),
        allow(
            "CloudTrailDescribesKey",
            ["kms:DescribeKey"],
            THIS_KEY,
            principal=cloudtrail,
            conditions={"StringEquals": {"aws:SourceArn": trail_arns}},
        ),
    )


def _cloudwatch_logs(location: Location, log_group_name: str) -> Statement:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
    return allow(
        "CloudWatchLogsEncrypts",
        ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        THIS_KEY,
        principal=service(f"logs.{location.region}.{location.dns_suffix}"),
        conditions={
            "ArnEquals": {"kms:EncryptionContext:aws:logs:arn": location.arn("logs", f"log-group:{log_group_name}")}
        },
    )


def _audit_roles(location: Location, archive: ArchiveSettings) -> Statement:
    """The roles are named in a condition: KMS refuses a policy whose principal does not exist yet."""
    return allow(
        "AuditRolesDecryptLogFiles",
        ["kms:Decrypt"],
        THIS_KEY,
        principal=aws("*"),
        conditions={
            "ArnLike": {"aws:PrincipalArn": role_arns(location, archive.audit_role_names)},
            "StringEquals": {"aws:PrincipalAccount": location.account_id},
            "Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"},
        },
    )
