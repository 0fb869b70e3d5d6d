"""The parts of a system that a review is about: their resources, with ARNs and the policies on them.

How they are found is left to ``synthesised_parts``, who may do what with them to ``review``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cloudtrail_monitoring.governance.access_review import intents as part
from cloudtrail_monitoring.governance.access_review.rights import Kind, On
from cloudtrail_monitoring.settings import MonitoringSettings


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a part.

    Attributes:
        name: as its owner calls it.
        inside: what follows its ARN in that of an object or a log stream in it.
        policy: its own policy as synthesised or, once looked up, as deployed; of a role who may assume it, and of an
            identity policy its document.
        handle: by what AWS knows a key, whose ARN is not known before it is made: its alias.
    """

    kind: Kind
    name: str
    arn: str
    region: str
    inside: str = ""
    policy: str | None = None
    handle: str = ""

    def asked(self, on: On) -> tuple[str, ...]:
        """ARNs that a request may name; it is allowed if one of them is."""
        if on is On.ACCOUNT:
            return ("*",)
        # AWS's policies name log groups with ":*" and without
        whole = (self.arn, f"{self.arn}:*") if self.kind is Kind.LOG_GROUP else (self.arn,)
        return (f"{self.arn}{self.inside}", *(whole[1:])) if on is On.INSIDE else whole


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that the system makes.

    Attributes:
        trust: who may assume it, as a policy.
        policies: its identity policies, inline and attached, by name.
        boundary_arn: of its permission boundary, whose document is ``boundary`` where the system makes that, too.
    """

    name: str
    trust: str
    policies: Mapping[str, str]
    boundary_arn: str | None = None
    boundary: str | None = None


@dataclass(frozen=True, slots=True)
class System:
    """What there is to review.

    Attributes:
        parts: resources by part, in the report's order.
        roles: those that the system makes, by ARN.
        unreviewed: Terraform addresses that belong to no part.
    """

    parts: Mapping[str, tuple[Resource, ...]]
    roles: Mapping[str, "OwnRole"]
    unreviewed: tuple[str, ...] = ()

    def with_parts(self, parts: Mapping[str, tuple[Resource, ...]]) -> "System":
        return replace(self, parts=parts)

    def arns(self, *names: str) -> tuple[str, ...]:
        """The ARNs of these parts' resources."""
        return tuple(resource.arn for name in names for resource in self.parts.get(name, ()))


def named_roles(settings: MonitoringSettings) -> dict[str, tuple[str, ...]]:
    """The roles that the settings name, by what they are for."""
    return {
        part.AUDIT: settings.archive.audit_role_names,
        part.DEPLOY: (settings.archive.deploy_role_name,),
        part.PLAN: (settings.delivery.plan_role_name,) if settings.delivery else (),
        part.BREAK_GLASS: settings.archive.break_glass_role_names,
        part.INVESTIGATORS: settings.evidence.investigator_role_names if settings.evidence else (),
    }
