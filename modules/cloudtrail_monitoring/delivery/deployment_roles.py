"""The roles that GitHub Actions takes through OpenID Connect, without a stored key: one plans, one deploys (R-DEL-3).

They live in the state's stack, which an administrator applies: the deploy role can neither make nor change itself.
Who may take which is said by the token's subject, compared as a whole: jobs of the one repository's pull requests and
branch plan; jobs of the one GitHub environment, behind its reviewers, deploy.

https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from cloudtrail_monitoring.delivery.boundary import roles_boundary
from cloudtrail_monitoring.delivery.delivered import ISSUER, Delivered, boundary_name
from cloudtrail_monitoring.delivery.documents import deploy_policies, plan_policies
from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.policy_document import Statement, document

AUDIENCE = "sts.amazonaws.com"
"""What ``aws-actions/configure-aws-credentials`` asks GitHub for."""
SESSION_SECONDS = 3_600
"""The shortest that IAM takes as the longest session; a job may ask for less.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""


class DeploymentRoles(Construct):
    """The identity provider, both roles with their policies, and the boundary of the roles that deployments make.

    >>> DeploymentRoles(stack, "delivery", prod.delivery, delivered=Delivered.of(prod, prod.delivery))  # doctest: +SKIP

    Args:
        delivered: the system that is deployed.

    Raises:
        SettingsError: a policy is longer than IAM takes.
    """

    def __init__(self, scope: Construct, id_: str, settings: DeliverySettings, *, delivered: Delivered) -> None:
        super().__init__(scope, id_)
        ours = delivered.ours
        self.oidc_provider = (
            None
            if settings.existing_oidc_provider
            # without thumbprints: AWS trusts GitHub's certificate by its authority
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
            else IamOpenidConnectProvider(self, "oidc-provider", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])
        )
        self.boundary = IamPolicy(
            self,
            "boundary",
            name=boundary_name(ours.prefix),
            description=f"The most that any role of {ours.prefix} may do",
            policy=roles_boundary(delivered),
        )
        self.plan_role = self._role(
            "plan",
            delivered,
            name=settings.plan_role_name,
            description=f"GitHub Actions plans {delivered.environment}, and changes nothing",
            subjects=settings.plan_subjects,
            policies=plan_policies(delivered),
        )
        self.deploy_role = self._role(
            "deploy",
            delivered,
            name=ours.deploy_role_name,
            description=f"GitHub Actions deploys {delivered.environment}",
            subjects=[settings.deploy_subject(delivered.environment)],
            policies=deploy_policies(delivered),
        )

    def _role(
        self,
        kind: str,
        delivered: Delivered,
        *,
        name: str,
        description: str,
        subjects: Sequence[str],
        policies: Mapping[str, str],
    ) -> IamRole:
        role = IamRole(
            self,
            kind,
            name=name,
            description=description,
            max_session_duration=SESSION_SECONDS,
            assume_role_policy=document(_trust(delivered.oidc_provider, subjects)),
            depends_on=[self.oidc_provider] if self.oidc_provider else None,
        )
        for group, policy in policies.items():
            managed = IamPolicy(
                self,
                f"{kind}-{group}",
                name=delivered.policy_name(kind, group),
                description=f"{description}: {group}",
                policy=policy,
            )
            IamRolePolicyAttachment(self, f"{kind}-has-{group}", role=role.name, policy_arn=managed.arn)
        return role


def _trust(provider_arn: str, subjects: Sequence[str]) -> Statement:
    return {
        "Sid": "GitHubActions",
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": list(subjects)}},
    }
