"""What the delivery's roles are about: one environment's system, and what of the delivery nobody in it may touch.

Names only, as with guard rails: the policies stand whole before anything is deployed.
"""

from typing import NamedTuple, Self

from cloudtrail_monitoring.delivery.settings import DeliverySettings
from cloudtrail_monitoring.guard_rails.documents import policy_name
from cloudtrail_monitoring.guard_rails.protected_resources import ProtectedResources
from cloudtrail_monitoring.location import Location, role_arns
from cloudtrail_monitoring.policy_document import Conditions
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.trail.settings import log_delivery_role_name
from cloudtrail_monitoring.validation import SettingsError

ISSUER = "token.actions.githubusercontent.com"
"""https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"""


def boundary_name(prefix: str) -> str:
    """The permission boundary that every role of the system carries."""
    return f"{prefix}-roles"


def boundary_arn(location: Location, prefix: str) -> str:
    return location.iam_arn(f"policy/{boundary_name(prefix)}")


class Delivered(NamedTuple):
    """One environment's system as the delivery's roles see it."""

    ours: ProtectedResources
    environment: str
    plan_role_name: str
    people_s_role_names: tuple[str, ...]
    """Whom the archive and the evidence are left to: break-glass, audit, investigators."""
    state_bucket_names: tuple[str, ...]
    """The state's bucket and that of its access logs: made, like the roles, by the state's stack."""
    protected: bool
    """Whether Terraform refuses to destroy what has to last. The deploy role then can't, either."""
    organization_trail: bool

    @classmethod
    def of(cls, settings: MonitoringSettings, delivery: DeliverySettings) -> Self:
        """The system of an environment.

        Raises:
            SettingsError: ``archive.deploy_role_name`` is none that can be made here, or is the plan role's; or the
                stack would change the organization, which these roles can't.
        """
        deploy_role = settings.archive.deploy_role_name
        where = f"{settings.environment}: delivery"
        if "*" in deploy_role or "/" in deploy_role:
            raise SettingsError(
                f"{where}: archive.deploy_role_name ({deploy_role}) is a role made elsewhere: name one without path and"
                " asterisk, or leave delivery out"
            )
        if deploy_role == delivery.plan_role_name:
            raise SettingsError(f"{where}.plan_role_name: {deploy_role} is the name of the deploy role, too")
        if settings.guard_rails.organization_targets:
            raise SettingsError(
                f"{where}: guard_rails.organization_targets: the deploy role changes no organization: put GuardRails"
                " into a stack of the management account (docs/guard-rails.md), or leave delivery out"
            )
        return cls(
            ours=settings.protected_resources,
            environment=settings.environment,
            plan_role_name=delivery.plan_role_name,
            people_s_role_names=tuple(
                dict.fromkeys(name for names in settings.people_s_role_names.values() for name in names)
            ),
            state_bucket_names=(settings.state.bucket_name, settings.state.access_log_bucket_name),
            protected=settings.deletion_protection,
            organization_trail=settings.trail.organization_id is not None,
        )

    @property
    def location(self) -> Location:
        return self.ours.location

    @property
    def boundary(self) -> str:
        return boundary_arn(self.location, self.ours.prefix)

    @property
    def oidc_provider(self) -> str:
        return self.location.iam_arn(f"oidc-provider/{ISSUER}")

    @property
    def delivery_roles(self) -> list[str]:
        names = (self.ours.deploy_role_name, self.plan_role_name)
        return [self.location.iam_arn(f"role/{name}") for name in names]

    @property
    def people_s_roles(self) -> list[str]:
        return role_arns(self.location, self.people_s_role_names)

    def policy_name(self, role: str, group: str) -> str:
        """A managed policy of ``plan`` or ``deploy``, under our prefix, which guard rails keep from everybody else."""
        return f"{self.ours.prefix}-{role}-{group}"

    @property
    def delivery_policies(self) -> list[str]:
        """The managed policies of both roles, and the boundary."""
        return [
            *(self.location.iam_arn(f"policy/{self.policy_name(role, '*')}") for role in ("plan", "deploy")),
            self.boundary,
        ]

    @property
    def guard_rail(self) -> str:
        """The one managed policy that the environment's own stack makes."""
        return self.location.iam_arn(f"policy/{policy_name(self.ours)}")

    @property
    def log_delivery_role(self) -> str:
        return self.location.iam_arn(f"role/{log_delivery_role_name(self.ours.trail_name)}")

    @property
    def prefixed_roles(self) -> str:
        return self.location.iam_arn(f"role/{self.ours.prefix}-*")

    @property
    def state_buckets(self) -> list[str]:
        return [self.location.bucket_arn(name) for name in self.state_bucket_names]

    @property
    def own_buckets(self) -> list[str]:
        """The buckets that the environment's own stack makes."""
        return [arn for arn in self.ours.buckets if arn not in self.state_buckets]

    def state_object(self, stack: str) -> str:
        return f"{self.state_buckets[0]}/{stack}/terraform.tfstate"

    def tagged(self, key: str, operator: str = "StringEquals") -> Conditions:
        """Known by its tags, where AWS chooses the name; the provider's default tags put them on."""
        tags = {"Environment": self.environment, "ManagedBy": "cloudtrail-monitoring"}
        return {operator: {f"aws:{key}/{name}": value for name, value in tags.items()}}
