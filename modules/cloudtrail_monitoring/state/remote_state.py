"""Terraform's remote state: the S3 backend with its native lock file (R-DEL-2)."""

from cdktf import S3Backend, TerraformStack

from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.state.settings import StateSettings


def use_remote_state(stack: TerraformStack, settings: StateSettings, *, location: Location, key: str) -> None:
    """Keep the stack's state under ``key`` in the environment's bucket; another account's credentials are refused."""
    backend = S3Backend(
        stack,
        bucket=settings.bucket_name,
        key=f"{key}/terraform.tfstate",
        region=location.region,
        encrypt=True,
        allowed_account_ids=[location.account_id],
    )
    # S3Backend knows no such property; Terraform 1.10 or newer does
    backend.add_override("use_lockfile", True)
