"""Settings of the archive: names, who may read, how long what is kept in which storage class, and the lock."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from cloudtrail_monitoring.location import RoleName
from cloudtrail_monitoring.validation import AT_LEAST_ONE, Settings, fault, matching

SEVEN_YEARS_DAYS = 2557
"""Seven years with the two leap days they can hold (R-ARC-5)."""


def _bucket_rules(value: str) -> str:
    if ".." in value or re.fullmatch(r"\d+(\.\d+){3}", value):
        raise fault("a bucket name has no two dots in a row and is no IP address")
    for prefix in ("xn--", "sthree-", "amzn-s3-demo-"):
        if value.startswith(prefix):
            raise fault("a bucket name does not begin with {prefix}", prefix=prefix)
    for suffix in ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"):
        if value.endswith(suffix):
            raise fault("a bucket name does not end with {suffix}", suffix=suffix)
    return value


BucketName = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends,",
    ),
    AfterValidator(_bucket_rules),
]
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""


class LockMode(StrEnum):
    """Object Lock's retention modes; https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"""

    GOVERNANCE = "GOVERNANCE"
    """Shortened only by a principal with ``s3:BypassGovernanceRetention``: here break-glass alone."""
    COMPLIANCE = "COMPLIANCE"
    """Shortened by nobody, the root user included, until the time is over."""


class GlacierClass(StrEnum):
    """The storage class from ``glacier_after_days`` on.

    Athena skips objects of the last two until they are restored, and so does the verification of the digest chain.
    """

    GLACIER_IR = "GLACIER_IR"
    GLACIER = "GLACIER"
    DEEP_ARCHIVE = "DEEP_ARCHIVE"


NEEDS_RESTORE = frozenset({GlacierClass.GLACIER, GlacierClass.DEEP_ARCHIVE})
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html"""


class ObjectLock(Settings):
    """Default retention of each object version (R-ARC-5). Can't be switched on later without AWS's support."""

    mode: LockMode = LockMode.GOVERNANCE
    retention_days: int = Field(SEVEN_YEARS_DAYS, ge=1, le=36_500)
    """Days; S3 takes up to 100 years."""


class ArchiveSettings(Settings):
    """R-ARC-1 to R-ARC-6. What a requirement fixes (encryption, versioning, TLS, no public access) has no field."""

    bucket_name: BucketName
    access_log_bucket_name: BucketName
    """A bucket of its own for S3's server access logs of the archive."""
    audit_role_names: Annotated[tuple[RoleName, ...], AT_LEAST_ONE]
    """The roles that may read the archived logs; nobody else may (R-ARC-6)."""
    deploy_role_name: RoleName
    """The role that applies this Terraform: it alone, with break-glass, changes the buckets' configuration."""
    break_glass_role_names: Annotated[tuple[RoleName, ...], AT_LEAST_ONE]
    """The roles of the last resort: they alone may delete logs, where the lock lets them."""
    retention_days: int = Field(SEVEN_YEARS_DAYS, ge=1, le=36_500)
    """Days until a log file expires."""
    standard_ia_after_days: int = Field(30, ge=30)
    """Days; S3 moves nothing to Standard-IA before day 30.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"""
    glacier_after_days: int = Field(90, ge=60)
    """Days; at least 30 after the move to Standard-IA."""
    glacier_class: GlacierClass = GlacierClass.GLACIER_IR
    noncurrent_version_days: int = Field(30, ge=1, le=36_500)
    """Days an old version outlives the current one it was; the lock, where longer, prevails."""
    access_log_retention_days: int = Field(365, ge=1, le=36_500)
    """Days until an access log of the archive expires."""
    object_lock: ObjectLock | None = ObjectLock()
    """``None`` leaves the archive without Object Lock: for environments whose logs are evidence of nothing."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.bucket_name == self.access_log_bucket_name:
            raise fault(
                "access_log_bucket_name must differ from bucket_name: a bucket that logs into itself never ends"
            )
        if self.glacier_after_days < self.standard_ia_after_days + 30:
            raise fault(
                "glacier_after_days ({glacier}) must be at least 30 days after standard_ia_after_days ({ia})",
                glacier=self.glacier_after_days,
                ia=self.standard_ia_after_days,
            )
        if self.retention_days <= self.glacier_after_days:
            raise fault(
                "retention_days ({retention}) must be longer than glacier_after_days ({glacier})",
                retention=self.retention_days,
                glacier=self.glacier_after_days,
            )
        if self.object_lock and self.object_lock.retention_days < self.retention_days:
            raise fault(
                "object_lock.retention_days ({lock}) must be at least retention_days ({retention})",
                lock=self.object_lock.retention_days,
                retention=self.retention_days,
            )
        return self
