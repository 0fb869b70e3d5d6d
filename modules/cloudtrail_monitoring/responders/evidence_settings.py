"""Settings of the evidence bucket: its name, who puts evidence there, and how long the lock keeps it."""

from typing import Annotated

from pydantic import Field

from cloudtrail_monitoring.archive.settings import BucketName, ObjectLock
from cloudtrail_monitoring.location import RoleName
from cloudtrail_monitoring.validation import AT_LEAST_ONE, Settings

KEPT_DAYS = 365


def evidence_bucket_name(archive_bucket_name: str) -> str:
    """Where an environment's evidence lies: ``investigate gather --upload`` knows it by this name."""
    return f"{archive_bucket_name}-evidence"


class EvidenceSettings(Settings):
    """R-RSP-5: evidence of incidents, which nobody changes afterwards. Encryption, versioning and TLS have no field."""

    bucket_name: BucketName
    """``evidence_bucket_name`` of the archive's, or ``--upload`` does not find it."""
    access_log_bucket_name: BucketName
    """A bucket of its own for S3's server access logs of the evidence."""
    investigator_role_names: Annotated[tuple[RoleName, ...], AT_LEAST_ONE]
    """The roles that may put evidence, and neither read nor delete it; nobody else may put any."""
    object_lock: ObjectLock = Field(default_factory=lambda: ObjectLock(retention_days=KEPT_DAYS))
    """How long each piece of evidence can't be deleted."""
    access_log_retention_days: int = Field(365, ge=1, le=36_500)
    """Days until an access log of the evidence expires."""
