"""Remote state: the backend of every stack, and the stack that makes its bucket."""

import pytest

from tests.conftest import ENVIRONMENTS
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Stack

pytestmark = pytest.mark.parametrize("name", ENVIRONMENTS)


def bucket_name(stack: Stack) -> str:
    return str(stack.document["terraform"]["backend"]["s3"]["bucket"])


def test_every_stack_keeps_its_state_in_s3(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2
    for stack_name in (name, f"state-{name}"):
        backend = stacks[stack_name].document["terraform"]["backend"]
        assert list(backend) == ["s3"]
        settings = backend["s3"]
        assert settings["key"] == f"{stack_name}/terraform.tfstate"
        assert settings["region"] == "us-east-1"
        assert settings["encrypt"] is True


def test_the_lock_is_s3_s_own(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2: Terraform's use of DynamoDB for it is deprecated
    for stack_name in (name, f"state-{name}"):
        settings = stacks[stack_name].document["terraform"]["backend"]["s3"]
        assert settings["use_lockfile"] is True
        assert "dynamodb_table" not in settings


def test_the_bucket_is_the_one_that_the_state_stack_makes(name: str, stacks: dict[str, Stack]) -> None:
    made = stacks[f"state-{name}"].by_path("state/bucket")["bucket"]
    assert bucket_name(stacks[name]) == bucket_name(stacks[f"state-{name}"]) == made


def test_each_environment_has_its_own_bucket(name: str, stacks: dict[str, Stack]) -> None:
    others = {bucket_name(stacks[other]) for other in ENVIRONMENTS if other != name}
    assert bucket_name(stacks[name]) not in others


def test_the_bucket_is_versioned_encrypted_private_and_owner_enforced(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2
    stack = stacks[f"state-{name}"]
    assert stack.by_path("state/versioning")["versioning_configuration"] == {"status": "Enabled"}
    (rule,) = stack.by_path("state/encryption")["rule"]
    assert rule == {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    block = stack.by_path("state/public-access-block")
    for setting in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
        assert block[setting] is True, block
    assert stack.by_path("state/ownership")["rule"] == {"object_ownership": "BucketOwnerEnforced"}


def test_the_bucket_takes_tls_only(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2
    policy = stacks[f"state-{name}"].by_path("state/policy")
    assert [statement["Sid"] for statement in policy.policy()["Statement"]] == ["DenyPlainHttp", "DenyOldTls"]


def test_old_versions_of_the_state_expire_and_the_state_does_not(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2
    (rule,) = stacks[f"state-{name}"].by_path("state/lifecycle")["rule"]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 90}]
    assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]
    assert not {"expiration", "transition"} & set(rule)


def test_the_state_is_never_deleted_with_the_bucket(name: str, stacks: dict[str, Stack]) -> None:
    bucket = stacks[f"state-{name}"].by_path("state/bucket")
    assert bucket["force_destroy"] is False
    assert bucket.get("lifecycle", {}).get("prevent_destroy", False) is (name != "dev")


def test_the_bucket_is_an_output(name: str, stacks: dict[str, Stack]) -> None:
    stack = stacks[f"state-{name}"]
    assert stack.document["output"]["state_bucket"]["value"] == f"${{{stack.by_path('state/bucket').address}.id}}"


def test_recoverable_days_are_a_setting(name: str) -> None:
    from cdktf import App

    from cloudtrail_monitoring.state.state_stack import StateStack

    settings = changed(SAMPLE, environment=name, state=changed(SAMPLE.state, noncurrent_version_days=30))
    lifecycle = StateStack(App(), settings).state_bucket.lifecycle
    assert lifecycle is not None
    assert lifecycle.rule_input[0].noncurrent_version_expiration[0].noncurrent_days == 30


def test_every_access_to_the_state_is_logged(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-2: the trail records no data events of the system's own buckets
    stack = stacks[f"state-{name}"]
    target = stack.by_path("access-logs/bucket")
    assert stack.by_path("state/logging")["target_bucket"] == f"${{{target.address}.id}}"
    delivery = stack.by_path("access-logs/policy").statement("AccessLogDelivery")
    assert delivery["Condition"]["ArnLike"]["aws:SourceArn"] == f"arn:aws:s3:::{bucket_name(stack)}"
