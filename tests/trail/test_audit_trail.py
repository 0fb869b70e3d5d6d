"""The trail, its log group and role as they are synthesised."""

from typing import Any

import pytest

from cloudtrail_monitoring.trail.settings import TrailSettings
from tests.settings_samples import LOCATION, SAMPLE, TRAIL, changed
from tests.synthesised import Stack, synthesise, synthesise_monitoring


def audit_trail(settings: TrailSettings = TRAIL, **arguments: Any) -> Stack:
    from cloudtrail_monitoring.trail.audit_trail import AuditTrail

    given = {"location": LOCATION, "bucket_name": "logs", **arguments}
    return synthesise(lambda stack: AuditTrail(stack, "trail", settings, **given))


def test_every_region_and_global_events(stack: Stack) -> None:
    # R-TRL-1
    trail = stack.by_path("trail/trail")
    assert trail["is_multi_region_trail"] is True
    assert trail["include_global_service_events"] is True
    assert trail["enable_logging"] is True


def test_log_files_are_validated(stack: Stack) -> None:
    # R-TRL-3
    assert stack.by_path("trail/trail")["enable_log_file_validation"] is True


@pytest.mark.parametrize(
    ("environment", "insights"),
    [
        ("dev", []),
        ("staging", ["ApiErrorRateInsight"]),
        ("prod", ["ApiCallRateInsight", "ApiErrorRateInsight"]),
    ],
)
def test_insights(environment: str, insights: list[str], stacks: dict[str, Stack]) -> None:
    # R-TRL-5
    selected = stacks[environment].by_path("trail/trail").get("insight_selector", [])
    assert [one["insight_type"] for one in selected] == insights


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_cloudwatch_logs_keeps_events_for_a_year(environment: str, stacks: dict[str, Stack]) -> None:
    # R-TRL-4
    stack = stacks[environment]
    group = stack.by_path("trail/log-delivery/log-group")
    trail = stack.by_path("trail/trail")
    assert group["retention_in_days"] == 365
    assert trail["cloud_watch_logs_group_arn"] == f"${{{group.address}.arn}}:*"
    assert trail.refers_to(stack.by_path("trail/log-delivery/role"), "cloud_watch_logs_role_arn")


def test_the_trail_waits_for_bucket_policy_key_and_role_policy(prod: Stack) -> None:
    trail = prod.by_path("trail/trail")
    assert prod.by_path("archive/logs/policy").address in trail["depends_on"]
    assert prod.by_path("trail/log-delivery/policy").address in trail["depends_on"]
    assert trail.refers_to(prod.by_path("trail-key/key"), "kms_key_id")
    assert trail["s3_bucket_name"] == prod.by_path("archive/logs/bucket")["bucket"]


@pytest.mark.parametrize(("environment", "encrypted"), [("dev", False), ("staging", True), ("prod", True)])
def test_files_and_log_group_share_the_key(environment: str, encrypted: bool, stacks: dict[str, Stack]) -> None:
    # R-ARC-2
    stack = stacks[environment]
    keys = {stack.by_path(path).get("kms_key_id") for path in ("trail/trail", "trail/log-delivery/log-group")}
    assert len(keys) == 1
    assert (keys != {None}) is encrypted


def test_the_role_is_cloudtrail_s_alone(prod: Stack) -> None:
    # R-TRL-4
    role = prod.by_path("trail/log-delivery/role")
    assert role.statement("CloudTrail", "assume_role_policy") == {
        "Sid": "CloudTrail",
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def test_the_role_may_write_to_the_trail_s_streams_only(prod: Stack) -> None:
    # R-TRL-4
    (statement,) = prod.by_path("trail/log-delivery/policy").policy()["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert statement["Resource"] == (
        "arn:aws:logs:us-east-1:333333333333:log-group:CloudTrail/xyz-corp-audit-trail:log-stream:333333333333_CloudTrail*"
    )


def test_the_role_s_name_fits_for_the_longest_trail() -> None:
    stack = audit_trail(changed(TRAIL, name="a" * 128))
    name = stack.one("aws_iam_role")["name"]
    assert len(name) == 64
    assert name.endswith("-log-delivery")


ORGANIZATION = "o-a1b2c3d4e5"


@pytest.fixture(scope="module")
def organization() -> Stack:
    return synthesise_monitoring(changed(SAMPLE, trail=changed(TRAIL, organization_id=ORGANIZATION)))


class TestOrganizationTrail:
    def test_it_is_off_by_default(self, stack: Stack) -> None:
        assert stack.by_path("trail/trail")["is_organization_trail"] is False

    def test_it_is_an_option(self, organization: Stack) -> None:
        # R-TRL-6
        assert organization.one("aws_cloudtrail")["is_organization_trail"] is True

    def test_the_bucket_takes_the_member_accounts_logs(self, organization: Stack) -> None:
        # R-TRL-6
        delivery = organization.by_path("archive/logs/policy").statement("CloudTrailDelivery")
        assert f"arn:aws:s3:::sample-logs/AWSLogs/{ORGANIZATION}/*" in delivery["Resource"]

    def test_the_role_may_write_the_member_accounts_streams(self, organization: Stack) -> None:
        # R-TRL-6: these are named o-…_<account>_CloudTrail_<Region>
        (statement,) = organization.by_path("trail/log-delivery/policy").policy()["Statement"]
        streams = "arn:aws:logs:us-east-1:333333333333:log-group:CloudTrail/sample:log-stream"
        assert statement["Resource"] == [f"{streams}:333333333333_CloudTrail*", f"{streams}:{ORGANIZATION}_*"]


def test_an_existing_log_group_is_used_and_none_is_made() -> None:
    stack = audit_trail(existing_log_group="everybodys-trail")
    assert not stack.all("aws_cloudwatch_log_group")
    assert stack.one("aws_cloudtrail")["cloud_watch_logs_group_arn"] == (
        "arn:aws:logs:us-east-1:333333333333:log-group:everybodys-trail:*"
    )
    (statement,) = stack.one("aws_iam_role_policy").policy()["Statement"]
    assert ":log-group:everybodys-trail:" in statement["Resource"]


def test_an_existing_key_is_used() -> None:
    key = LOCATION.arn("kms", "key/1234")
    stack = audit_trail(kms_key_arn=key)
    assert stack.one("aws_cloudtrail")["kms_key_id"] == key
    assert stack.one("aws_cloudwatch_log_group")["kms_key_id"] == key


@pytest.mark.parametrize("protected", [True, False])
def test_protection_covers_trail_and_log_group(protected: bool) -> None:
    stack = audit_trail(protected=protected)
    for type_ in ("aws_cloudtrail", "aws_cloudwatch_log_group"):
        lifecycle = stack.one(type_).get("lifecycle", {})
        assert lifecycle.get("prevent_destroy", False) is protected


def test_the_bucket_it_delivers_to_is_left_out_even_if_nobody_says_so() -> None:
    # R-TRL-2: or each delivery would be recorded and delivered
    stack = audit_trail()
    (excluded,) = [
        field["not_starts_with"]
        for selector in stack.one("aws_cloudtrail")["advanced_event_selector"]
        for field in selector["field_selector"]
        if field["field"] == "resources.ARN"
    ]
    assert excluded == ["arn:aws:s3:::logs/"]
