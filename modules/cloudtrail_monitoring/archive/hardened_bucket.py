"""A bucket as every bucket of this system is made: versioned, encrypted, private, owner-enforced, TLS only.

Its policy comes last (``close``): once it stands, only the deploy role may still configure the bucket, and a deployment
by anybody else would end half-way.
"""

from collections.abc import Mapping, Sequence

from cdktf import TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct, IDependable

from cloudtrail_monitoring.archive.access_policy import deny_insecure_transport
from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import Statement, document

ABORT_INCOMPLETE_UPLOAD_DAYS = 7


class HardenedBucket(Construct):
    """The bucket and its protections. Its user says how long things are kept, and then calls ``close``.

    Args:
        bucket_name: exact name.
        sse_s3_because: why SSE-S3 and not a KMS key encrypts it: the reason of that waiver.
        object_lock: whether the bucket is made with Object Lock.
        protected: whether Terraform refuses to destroy it (``prevent_destroy``).
        emptied_on_destroy: whether destroying it deletes its objects; else a bucket that holds any stays.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        location: Location,
        bucket_name: str,
        sse_s3_because: str,
        object_lock: bool = False,
        protected: bool,
        emptied_on_destroy: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self.arn = location.bucket_arn(bucket_name)
        self.bucket = S3Bucket(
            self,
            "bucket",
            bucket=bucket_name,
            object_lock_enabled=True if object_lock else None,
            force_destroy=emptied_on_destroy,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
        )
        self.name = name = self.bucket.id
        self.versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=name,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        self.encryption = S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=name,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ],
        )
        self.public_access_block = S3BucketPublicAccessBlock(
            self,
            "public-access-block",
            bucket=name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        self.ownership = S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=name,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        self.lifecycle: S3BucketLifecycleConfiguration | None = None
        self.logging: S3BucketLoggingA | None = None
        self._configuration: list[TerraformResource] = [
            self.versioning,
            self.encryption,
            self.public_access_block,
            self.ownership,
        ]
        waive(self.bucket, "CKV_AWS_145", reason=f"R-ARC-2: SSE-S3 (AES-256) by default. {sse_s3_because}")
        waive(
            self.bucket,
            "CKV_AWS_144",
            reason="One copy, versioned: a replica in another Region doubles the storage that R-CST-1 budgets",
        )
        waive(self.bucket, "CKV2_AWS_62", reason="Nothing here acts on single objects")

    def keep(
        self,
        rule_name: str,
        *,
        noncurrent_version_days: int,
        expiration_days: int | None = None,
        transition_days: Mapping[str, int] | None = None,
    ) -> None:
        """Say how long objects and their old versions are kept, and from which day on in which storage class.

        S3 moves no object below 128 KB, and moving one would cost more than it saves: that default is kept.
        """
        self.lifecycle = S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self.name,
            transition_default_minimum_object_size="all_storage_classes_128K",
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id=rule_name,
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    transition=[
                        S3BucketLifecycleConfigurationRuleTransition(days=days, storage_class=storage_class)
                        for storage_class, days in (transition_days or {}).items()
                    ]
                    or None,
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=expiration_days)]
                    if expiration_days
                    else None,
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=noncurrent_version_days
                        )
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=ABORT_INCOMPLETE_UPLOAD_DAYS
                        )
                    ],
                )
            ],
            depends_on=[self.versioning],
        )
        self._configuration.append(self.lifecycle)

    def log_accesses(self, target_bucket: str, *, prefix: str, after: Sequence[IDependable] = ()) -> None:
        """Have S3 log every access into another bucket.

        Args:
            after: the target's policy: S3 checks that it may write there.
        """
        self.logging = S3BucketLoggingA(
            self,
            "logging",
            bucket=self.name,
            target_bucket=target_bucket,
            target_prefix=prefix,
            depends_on=list(after) or None,
        )
        self._configuration.append(self.logging)

    def configured(self, resource: TerraformResource) -> None:
        """Have the policy wait for a further piece of the bucket's configuration."""
        self._configuration.append(resource)

    def close(self, statements: Sequence[Statement] = ()) -> S3BucketPolicy:
        """Put the bucket policy on, after all configuration.

        Args:
            statements: beside the denial of plain HTTP and old TLS, which always stands.
        """
        return S3BucketPolicy(
            self,
            "policy",
            bucket=self.name,
            policy=document(*statements, *deny_insecure_transport(self.arn)),
            # also: S3 answers "OperationAborted" to two changes of a bucket's access at once
            depends_on=list(self._configuration),
        )
