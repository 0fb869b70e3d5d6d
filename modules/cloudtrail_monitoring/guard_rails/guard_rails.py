"""Puts the guard rails up: attaches the service control policy where settings name a target, and makes the boundary.

Whoever keeps the organization elsewhere takes the policy from this construct's ``service_control_policy``, or uses the
construct in a stack of the management account.
"""

from cdktf import Annotations
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.organizations_policy import OrganizationsPolicy
from cdktf_cdktf_provider_aws.organizations_policy_attachment import OrganizationsPolicyAttachment
from constructs import Construct

from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.guard_rails import documents
from cloudtrail_monitoring.guard_rails.protected_resources import ProtectedResources
from cloudtrail_monitoring.guard_rails.settings import GuardRailsSettings


class GuardRails(Construct):
    """The service control policy with its attachments, and the permission boundary as a managed policy.

    >>> GuardRails(stack, "guard-rails", prod.guard_rails, ours=prod.protected_resources)  # doctest: +SKIP

    Args:
        ours: what is protected, and who is spared.
        organization_trail: whether the trail is an organization's, which lives in the management account: no service
            control policy restricts anybody there, and a warning says so.

    Raises:
        SettingsError: a document is longer than AWS takes.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: GuardRailsSettings,
        *,
        ours: ProtectedResources,
        organization_trail: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self.service_control_policy = documents.service_control_policy(ours)
        """The document, attached or not."""
        self.policy = self._policy(ours) if settings.organization_targets else None
        self.attachments = [
            OrganizationsPolicyAttachment(self, f"on-{target}", policy_id=self.policy.id, target_id=target)
            for target in settings.organization_targets
            if self.policy
        ]
        self.permission_boundary = documents.permission_boundary(ours) if settings.permission_boundary else None
        """The document, ``None`` where settings want none."""
        self.boundary = self._boundary(ours, self.permission_boundary) if self.permission_boundary else None
        if organization_trail:
            Annotations.of(self).add_warning(
                "guard_rails: an organization trail lives in the management account, where service control policies"
                " restrict nobody: give that account's people the permission boundary"
                " (docs/guard-rails.md)"
            )

    @property
    def outputs(self) -> dict[str, str]:
        """What people need of it, by the name of the stack's output: documents, and what to attach to a principal."""
        return {
            **({} if self.policy else {"service_control_policy": self.service_control_policy}),
            **(
                {"permission_boundary": self.permission_boundary, "permission_boundary_arn": self.boundary.arn}
                if self.permission_boundary and self.boundary
                else {}
            ),
        }

    def _policy(self, ours: ProtectedResources) -> OrganizationsPolicy:
        return OrganizationsPolicy(
            self,
            "service-control-policy",
            name=documents.policy_name(ours),
            description=f"Nobody but the deploy role and break-glass stops, deletes or changes {ours.prefix}",
            type="SERVICE_CONTROL_POLICY",
            content=self.service_control_policy,
        )

    def _boundary(self, ours: ProtectedResources, document: str) -> IamPolicy:
        boundary = IamPolicy(
            self,
            "permission-boundary",
            name=documents.policy_name(ours),
            description=f"Permission boundary of people: all but stopping, deleting or changing {ours.prefix}",
            policy=document,
        )
        waive(
            boundary,
            "CKV_AWS_62",
            "CKV_AWS_63",
            "CKV2_AWS_40",
            reason="A permission boundary grants nothing: it limits what other policies grant, and denies what is ours",
        )
        return boundary
