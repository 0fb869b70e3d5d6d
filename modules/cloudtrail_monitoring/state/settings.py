"""Settings of the Terraform state: the bucket each environment keeps it in, in its own account."""

from pydantic import Field

from cloudtrail_monitoring.archive.settings import BucketName
from cloudtrail_monitoring.validation import Settings


class StateSettings(Settings):
    """R-DEL-2. Versioning, encryption, TLS and the native lock file are always on and have no field."""

    bucket_name: BucketName
    access_log_bucket_name: BucketName
    """A bucket of its own for S3's server access logs of the state."""
    noncurrent_version_days: int = Field(90, ge=30, le=36_500)
    """Days an old version of the state stays recoverable."""
