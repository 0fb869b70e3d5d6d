"""Settings of the guard rails: where in the organisation the service control policy is attached, and the boundary."""

from typing import Annotated

from cloudtrail_monitoring.validation import EACH_ONCE, Settings, matching

OrganizationTarget = Annotated[
    str,
    matching(
        r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12}",
        "the id of a root (r-...), of an organizational unit (ou-...-...) or of an account (12 digits)",
    ),
]
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html"""


class GuardRailsSettings(Settings):
    """R-INT-2: nobody but the deploy role and break-glass stops, deletes or changes this system."""

    organization_targets: Annotated[tuple[OrganizationTarget, ...], EACH_ONCE] = ()
    """What the service control policy is attached to, by a deployment with the organization's management account or its
    delegated administrator; the environment's account must be among them, or below one. Empty: the policy is the output
    ``service_control_policy``, for whoever keeps the organization."""
    permission_boundary: bool = True
    """Whether the account has the managed policy ``<name_prefix>-guard-rail``, for its people to carry as boundary: the
    guard rail of an account without an organization, and of a management account."""
