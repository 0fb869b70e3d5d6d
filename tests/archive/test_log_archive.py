"""The archive as it is synthesised: buckets, lifecycle, lock, logging. Who may do what: ``test_access_archive``."""

from typing import Any

import pytest

from cloudtrail_monitoring.archive.settings import ArchiveSettings, GlacierClass, LockMode, ObjectLock
from tests.settings_samples import ARCHIVE, LOCATION, changed
from tests.synthesised import Resource, Stack, synthesise

TRAIL_ARN = LOCATION.arn("cloudtrail", "trail/sample-trail")
BUCKETS = ("archive", "access logs")


def archive(settings: ArchiveSettings = ARCHIVE, **arguments: Any) -> Stack:
    from cloudtrail_monitoring.archive.log_archive import LogArchive

    return synthesise(
        lambda stack: LogArchive(stack, "archive", settings, location=LOCATION, trail_arns=[TRAIL_ARN], **arguments)
    )


def bucket_of(stack: Stack, name: str) -> Resource:
    others = ("-evidence", "-results")
    names = [one["bucket"] for one in stack.all("aws_s3_bucket") if not any(part in one["bucket"] for part in others)]
    (wanted,) = [one for one in names if one.endswith("-access") == (name != "archive")]
    (bucket,) = [one for one in stack.all("aws_s3_bucket") if one["bucket"] == wanted]
    return bucket


def belonging(stack: Stack, type_: str, bucket: Resource) -> Resource:
    (found,) = [one for one in stack.all(type_) if one.refers_to(bucket, "bucket")]
    return found


@pytest.mark.parametrize("name", BUCKETS)
class TestBothBuckets:
    def test_versioned(self, stack: Stack, name: str) -> None:
        # R-ARC-3
        versioning = belonging(stack, "aws_s3_bucket_versioning", bucket_of(stack, name))
        assert versioning["versioning_configuration"] == {"status": "Enabled"}

    def test_aes_256(self, stack: Stack, name: str) -> None:
        # R-ARC-2
        encryption = belonging(stack, "aws_s3_bucket_server_side_encryption_configuration", bucket_of(stack, name))
        assert encryption["rule"] == [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]

    def test_no_public_access(self, stack: Stack, name: str) -> None:
        # R-ARC-6
        block = belonging(stack, "aws_s3_bucket_public_access_block", bucket_of(stack, name))
        for setting in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
            assert block[setting] is True, block

    def test_the_owner_is_enforced(self, stack: Stack, name: str) -> None:
        # R-ARC-6
        ownership = belonging(stack, "aws_s3_bucket_ownership_controls", bucket_of(stack, name))
        assert ownership["rule"] == {"object_ownership": "BucketOwnerEnforced"}

    def test_unfinished_uploads_go(self, stack: Stack, name: str) -> None:
        lifecycle = belonging(stack, "aws_s3_bucket_lifecycle_configuration", bucket_of(stack, name))
        (rule,) = lifecycle["rule"]
        assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]

    def test_small_objects_stay_where_they_are(self, stack: Stack, name: str) -> None:
        # R-ARC-4: S3's own default, stated
        lifecycle = belonging(stack, "aws_s3_bucket_lifecycle_configuration", bucket_of(stack, name))
        assert lifecycle["transition_default_minimum_object_size"] == "all_storage_classes_128K"

    def test_the_policy_waits_for_public_access_block_and_ownership(self, stack: Stack, name: str) -> None:
        bucket = bucket_of(stack, name)
        policy = belonging(stack, "aws_s3_bucket_policy", bucket)
        for type_ in ("aws_s3_bucket_public_access_block", "aws_s3_bucket_ownership_controls"):
            assert belonging(stack, type_, bucket).address in policy["depends_on"], policy

    def test_every_statement_of_the_policy_has_a_name_of_its_own(self, stack: Stack, name: str) -> None:
        policy = belonging(stack, "aws_s3_bucket_policy", bucket_of(stack, name))
        names = [statement["Sid"] for statement in policy.policy()["Statement"]]
        assert len(names) == len(set(names))

    def test_the_policy_fits(self, stack: Stack, name: str) -> None:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html: 20 KB
        policy = belonging(stack, "aws_s3_bucket_policy", bucket_of(stack, name))
        assert len(policy["policy"].encode()) <= 20_480


class TestLifecycle:
    def test_prod_moves_at_day_30_and_90_and_expires_after_seven_years(self, prod: Stack) -> None:
        # R-ARC-4, R-ARC-5
        (rule,) = belonging(prod, "aws_s3_bucket_lifecycle_configuration", bucket_of(prod, "archive"))["rule"]
        assert rule["status"] == "Enabled"
        assert rule["filter"] == [{"prefix": ""}]
        assert rule["transition"] == [
            {"days": 30, "storage_class": "STANDARD_IA"},
            {"days": 90, "storage_class": "GLACIER_IR"},
        ]
        assert rule["expiration"] == [{"days": 2557}]
        assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 30}]

    def test_access_logs_expire_and_move_nowhere(self, prod: Stack) -> None:
        (rule,) = belonging(prod, "aws_s3_bucket_lifecycle_configuration", bucket_of(prod, "access logs"))["rule"]
        assert rule["expiration"] == [{"days": 365}]
        assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 30}]
        assert "transition" not in rule

    @pytest.mark.parametrize("glacier_class", list(GlacierClass))
    def test_the_class_can_be_chosen(self, glacier_class: GlacierClass) -> None:
        stack = archive(changed(ARCHIVE, glacier_class=glacier_class))
        (rule,) = belonging(stack, "aws_s3_bucket_lifecycle_configuration", bucket_of(stack, "archive"))["rule"]
        assert rule["transition"][1]["storage_class"] == glacier_class.value

    @pytest.mark.parametrize(
        ("glacier_class", "warned"),
        [(GlacierClass.GLACIER_IR, False), (GlacierClass.GLACIER, True), (GlacierClass.DEEP_ARCHIVE, True)],
    )
    def test_a_class_that_needs_restoring_comes_with_a_warning_and_the_steps(
        self, glacier_class: GlacierClass, warned: bool
    ) -> None:
        # R-ARC-4
        warnings = archive(changed(ARCHIVE, glacier_class=glacier_class)).warnings
        assert any("restore-object" in warning for warning in warnings) is warned


class TestLock:
    @pytest.mark.parametrize(("environment", "days"), [("prod", 2557), ("staging", 400)])
    def test_every_version_is_locked_as_long_as_it_is_kept(
        self, environment: str, days: int, stacks: dict[str, Stack]
    ) -> None:
        # R-ARC-5
        stack = stacks[environment]
        bucket = bucket_of(stack, "archive")
        assert bucket["object_lock_enabled"] is True
        lock = belonging(stack, "aws_s3_bucket_object_lock_configuration", bucket)
        assert lock["rule"] == {"default_retention": {"mode": "GOVERNANCE", "days": days}}
        assert belonging(stack, "aws_s3_bucket_versioning", bucket).address in lock["depends_on"]

    def test_the_mode_can_be_compliance(self) -> None:
        stack = archive(changed(ARCHIVE, object_lock=ObjectLock(mode=LockMode.COMPLIANCE)))
        lock = stack.one("aws_s3_bucket_object_lock_configuration")
        assert lock["rule"]["default_retention"]["mode"] == "COMPLIANCE"

    def test_dev_is_not_locked(self, stacks: dict[str, Stack]) -> None:
        assert not stacks["dev"].all("aws_s3_bucket_object_lock_configuration")
        assert "object_lock_enabled" not in bucket_of(stacks["dev"], "archive")

    def test_access_logs_are_never_locked(self, stack: Stack) -> None:
        # S3 delivers access logs to no bucket with a default lock
        assert "object_lock_enabled" not in bucket_of(stack, "access logs")
        access_logs = bucket_of(stack, "access logs")
        locks = stack.all("aws_s3_bucket_object_lock_configuration")
        assert not [one for one in locks if one.refers_to(access_logs, "bucket")]


class TestAccessLogs:
    def test_the_archive_logs_into_the_second_bucket(self, stack: Stack) -> None:
        # R-ARC-6
        logging = belonging(stack, "aws_s3_bucket_logging", bucket_of(stack, "archive"))
        second = bucket_of(stack, "access logs")
        assert logging.refers_to(second, "target_bucket")
        assert logging["target_prefix"] == f"{bucket_of(stack, 'archive')['bucket']}/"
        assert belonging(stack, "aws_s3_bucket_policy", second).address in logging["depends_on"]

    def test_an_existing_bucket_takes_them_instead(self) -> None:
        stack = archive(existing_access_log_bucket="everybodys-access-logs")
        assert stack.one("aws_s3_bucket")["bucket"] == "sample-logs"
        assert stack.one("aws_s3_bucket_logging")["target_bucket"] == "everybodys-access-logs"


class TestProtection:
    def test_terraform_refuses_to_destroy_and_to_empty(self) -> None:
        for bucket in archive().all("aws_s3_bucket"):
            assert bucket["lifecycle"] == {"prevent_destroy": True}
            assert bucket["force_destroy"] is False

    def test_an_unprotected_archive_goes_with_its_logs(self) -> None:
        for bucket in archive(protected=False).all("aws_s3_bucket"):
            assert "lifecycle" not in bucket
            assert bucket["force_destroy"] is True


class TestOrganization:
    def test_the_policy_takes_the_organization_s_logs(self) -> None:
        # R-TRL-6
        stack = archive(organization_id="o-a1b2c3d4e5")
        policy = belonging(stack, "aws_s3_bucket_policy", bucket_of(stack, "archive"))
        assert policy.statement("CloudTrailDelivery")["Resource"] == [
            "arn:aws:s3:::sample-logs/AWSLogs/333333333333/*",
            "arn:aws:s3:::sample-logs/AWSLogs/o-a1b2c3d4e5/*",
        ]
