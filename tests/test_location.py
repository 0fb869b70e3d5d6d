"""Partitions, Regions and ARNs, and the whole system synthesised outside the commercial partition."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from cloudtrail_monitoring.location import Location, RoleName
from cloudtrail_monitoring.validation import RegionName
from tests.settings_samples import ACCOUNT, LOCATION, SAMPLE, changed
from tests.synthesised import Stack, synthesise_monitoring

ROLE_NAME = TypeAdapter(RoleName)
REGION_NAME = TypeAdapter(RegionName)


@pytest.mark.parametrize(
    ("region", "partition", "dns_suffix", "global_events_region"),
    [
        ("us-east-1", "aws", "amazonaws.com", "us-east-1"),
        ("eu-central-1", "aws", "amazonaws.com", "us-east-1"),
        ("us-gov-east-1", "aws-us-gov", "amazonaws.com", "us-gov-west-1"),
        ("cn-northwest-1", "aws-cn", "amazonaws.com.cn", "cn-north-1"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov", "us-iso-east-1"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov", "us-isob-east-1"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu", "eusc-de-east-1"),
    ],
)
def test_partition_follows_from_the_region(
    region: str, partition: str, dns_suffix: str, global_events_region: str
) -> None:
    location = Location(account_id=ACCOUNT, region=region)
    assert (location.partition, location.dns_suffix) == (partition, dns_suffix)
    assert location.global_events_region == global_events_region
    assert location.arn("sns", "alerts") == f"arn:{partition}:sns:{region}:{ACCOUNT}:alerts"
    assert location.iam_arn("root") == f"arn:{partition}:iam::{ACCOUNT}:root"
    assert location.bucket_arn("logs") == f"arn:{partition}:s3:::logs"


def test_another_region_keeps_the_account() -> None:
    assert LOCATION.in_region("eu-west-1") == Location(account_id=ACCOUNT, region="eu-west-1")


@pytest.mark.parametrize("region", ["us-east", "US-EAST-1", "us-east-1a", "useast1", "", "us-east-1\n"])
def test_what_is_no_region_is_refused(region: str) -> None:
    with pytest.raises(ValidationError, match="an AWS Region such as us-east-1 is needed"):
        REGION_NAME.validate_python(region)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "a" * 64,
        "audit-team",
        "teams/security/audit+team=1,x.y@z_",
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_*",
        "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Audit_*",
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_0123456789abcdef",
    ],
)
def test_role_names_iam_knows_are_taken(name: str) -> None:
    assert ROLE_NAME.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 65,
        "/audit",
        "audit team",
        "audit\n",
        "arn:aws:iam::333333333333:role/audit",
        # R-ARC-6: no pattern may stand for roles that nobody named
        "*",
        "audit*",
        "aud?t",
        "a*t",
        "aws-reserved/sso.amazonaws.com/*",
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_*",
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit*",
        "elsewhere/AWSReservedSSO_Audit_*",
        "aws-reserved/*/AWSReservedSSO_Audit_*",
    ],
)
def test_what_is_no_role_or_more_than_one_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        ROLE_NAME.validate_python(name)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("us-gov-east-1", "aws-us-gov", "us-gov-west-1"), id="GovCloud"),
        pytest.param(("cn-northwest-1", "aws-cn", "cn-north-1"), id="China"),
    ],
)
def elsewhere(request: pytest.FixtureRequest) -> tuple[Stack, str, str, str]:
    region, partition, global_region = request.param
    return synthesise_monitoring(changed(SAMPLE, home_region=region)), region, partition, global_region


def test_no_arn_of_the_commercial_partition_is_left(elsewhere: tuple[Stack, str, str, str]) -> None:
    stack, _, partition, _ = elsewhere
    found = {match for match in re.findall(r"arn:([a-z-]+):", stack.text) if match}
    assert found == {partition}


def test_root_activity_is_forwarded_from_the_partition_s_global_region(
    elsewhere: tuple[Stack, str, str, str],
) -> None:
    # R-ALM-2
    stack, region, _, global_region = elsewhere
    assert [one.get("region") for one in stack.document["provider"]["aws"]] == [region, global_region]
    assert {rule.get("provider") for rule in stack.all("aws_cloudwatch_event_rule")} == {None, f"aws.{global_region}"}


def test_cloudwatch_logs_is_called_by_the_partition_s_name(elsewhere: tuple[Stack, str, str, str]) -> None:
    stack, region, partition, _ = elsewhere
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    statement = stack.one("aws_kms_key", description="Log files and log group of sample-audit-trail").statement(
        "CloudWatchLogsEncrypts"
    )
    assert statement["Principal"] == {"Service": f"logs.{region}.{suffix}"}
