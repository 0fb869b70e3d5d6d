"""Puts the permission boundary on every role of a stack: whichever construct made it, none is forgotten."""

from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct


def bound_roles(scope: Construct, boundary_arn: str) -> None:
    """Give all roles below ``scope`` the boundary, which the deploy role demands of each."""
    for construct in scope.node.find_all():
        if isinstance(construct, IamRole):
            construct.permissions_boundary = boundary_arn
