"""CloudTrail's way into CloudWatch Logs: the log group, and the role that may write to it and no more (R-TRL-4)."""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import allow, document, trust


class LogDelivery(Construct):
    """Log group (unless an existing one is named) and CloudTrail's role for it.

    Args:
        organization_id: of an organization trail, which begins the names of the member accounts' streams with it.
        protected: whether Terraform refuses to destroy the log group.
        existing_log_group: use this log group of the account, and make none.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        location: Location,
        role_name: str,
        log_group_name: str,
        retention_days: int,
        organization_id: str | None = None,
        kms_key_arn: str | None = None,
        existing_log_group: str | None = None,
        protected: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self.log_group = (
            None
            if existing_log_group
            else CloudwatchLogGroup(
                self,
                "log-group",
                name=log_group_name,
                retention_in_days=retention_days,
                kms_key_id=kms_key_arn,
                lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
            )
        )
        name = existing_log_group or log_group_name
        self.log_group_name = self.log_group.name if self.log_group else name
        self.log_group_arn = (
            f"{self.log_group.arn}:*" if self.log_group else location.arn("logs", f"log-group:{name}:*")
        )
        self.role = IamRole(
            self,
            "role",
            name=role_name,
            description="CloudTrail writes its events to CloudWatch Logs",
            assume_role_policy=document(
                # No source conditions: AWS documents none for this role, and a trail whose role CloudTrail can't assume
                # delivers nothing. Another account can't name this role: iam:PassRole ends at the account.
                trust("CloudTrail", "cloudtrail.amazonaws.com")
            ),
        )
        self.policy = IamRolePolicy(
            self,
            "policy",
            name="write-events",
            role=self.role.name,
            policy=document(
                allow(
                    "WriteEvents",
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    [
                        location.arn("logs", f"log-group:{name}:log-stream:{stream}")
                        for stream in _streams(location.account_id, organization_id)
                    ],
                )
            ),
        )


def _streams(account_id: str, organization_id: str | None) -> list[str]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html"""
    # without the last underscore: Insights have streams of their own, <account>_CloudTrail-Insight_<Region>
    return [f"{account_id}_CloudTrail*", *([f"{organization_id}_*"] if organization_id else [])]
