"""A bucket as every bucket of this system is made: versioned, encrypted, private, owner-enforced, TLS only."""

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
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
from constructs import Construct

from cloudtrail_monitoring.archive.access_policy import deny_insecure_transport
from cloudtrail_monitoring.governance.waivers import waive
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import Statement, document


class HardenedBucket(Construct):
    """The bucket and its protections; lifecycle, lock and logging are its user's.

    Args:
        bucket_name: exact name.
        statements: the bucket policy beside the denial of plain HTTP and old TLS, which always stands.
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
        statements: Sequence[Statement] = (),
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
        name = self.bucket.id
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
        self.policy = S3BucketPolicy(
            self,
            "policy",
            bucket=name,
            policy=document(*statements, *deny_insecure_transport(self.arn)),
            # S3 answers "OperationAborted" to two changes of a bucket's access at once
            depends_on=[self.public_access_block, self.ownership],
        )
        waive(
            self.bucket,
            "CKV_AWS_145",
            reason="R-ARC-2: SSE-S3 (AES-256) by default. Log files carry the trail's own key; digest files and S3's"
            " access logs can't be delivered to a bucket that demands KMS",
        )
        waive(
            self.bucket,
            "CKV_AWS_144",
            reason="One copy, versioned and guarded by policy: a replica in another Region doubles the storage that"
            " R-CST-1 budgets",
        )
        waive(
            self.bucket,
            "CKV2_AWS_62",
            reason="Nothing acts on single objects: detections read the events from CloudWatch Logs",
        )
