"""R-ARC-8: the table's columns, folders and Regions are those of CloudTrail and of the settings."""

import re
from typing import Any

import botocore.session
import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.archive.search.cloudtrail_table import SearchNames, columns, unknown_regions
from cloudtrail_monitoring.archive.search.regions import REGIONS
from cloudtrail_monitoring.archive.search.settings import MAX_PROJECTED_ACCOUNTS
from cloudtrail_monitoring.location import Location
from tests.archive.search.samples import ORGANIZATION, SEARCH, SEARCHED, of_organization, table
from tests.detections.translations.athena_table import COLUMNS as DOCUMENTED
from tests.settings_samples import ACCOUNT, SAMPLE, changed

TEMPLATE = "storage.location.template"


def hive(structure: Any) -> str:
    match structure:
        case dict():
            return f"struct<{','.join(f'{name}:{hive(one)}' for name, one in structure.items())}>"
        case [inner]:
            return f"array<{hive(inner)}>"
    return "string"


def test_the_columns_are_those_that_aws_documents() -> None:
    written = columns() | {"useridentity": columns()["useridentity"].replace("map<string,string>", "string")}
    assert written == {name: hive(structure) for name, structure in DOCUMENTED.items()}


def test_an_account_s_folders_are_below_its_id() -> None:
    assert table().projection[TEMPLATE] == "s3://sample-logs/AWSLogs/${account}/CloudTrail/${region}/${day}"
    assert table().projection["projection.account.values"] == ACCOUNT
    assert table().log_files == f"AWSLogs/{ACCOUNT}/CloudTrail/*"


def test_an_organizations_are_below_its_own() -> None:  # R-TRL-6
    made = table(organization_id=ORGANIZATION)
    assert made.projection[TEMPLATE].startswith(f"s3://sample-logs/AWSLogs/{ORGANIZATION}/${{account}}/")
    assert made.log_files == f"AWSLogs/{ORGANIZATION}/*/CloudTrail/*"


def test_an_organizations_accounts_are_listed_or_named_by_each_query() -> None:  # R-TRL-6
    listed = table(organization_id=ORGANIZATION, organization_account_ids=("111111111111", "222222222222"))
    assert listed.projection["projection.account.values"] == "111111111111,222222222222"
    unlisted = table(organization_id=ORGANIZATION).projection
    assert unlisted["projection.account.type"] == "injected"
    assert "projection.account.values" not in unlisted


def test_days_begin_with_the_first_and_never_end() -> None:
    assert table().projection["projection.day.range"] == "2025/01/01,NOW"


def test_regions_are_all_of_the_partition_or_those_of_the_settings() -> None:
    assert table().regions == REGIONS["aws"]
    assert table(regions=("eu-west-1",)).projection["projection.region.values"] == "eu-west-1"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"])
def test_no_region_that_boto_knows_is_missing(partition: str) -> None:
    known = botocore.session.Session().get_available_regions("cloudtrail", partition)
    assert known
    assert set(known) <= set(REGIONS[partition])


def test_every_region_of_the_list_is_of_its_partition_and_stands_once() -> None:
    for partition, regions in REGIONS.items():
        assert len(set(regions)) == len(regions)
        for region in regions:
            assert Location(account_id=ACCOUNT, region=region).partition == partition
    assert unknown_regions(["us-east-1", "cn-north-1"], "aws") == ["cn-north-1"]


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_other_partitions_have_their_own_arns(region: str) -> None:
    names = SearchNames(Location(account_id=ACCOUNT, region=region), "a-b")
    assert names.database == "a_b_archive"
    for arn in (names.workgroup_arn, names.catalog_arn, names.database_arn, names.table_arn):
        assert re.match(rf"arn:aws-(us-gov|cn):(glue|athena):{region}:{ACCOUNT}:", arn)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (
            lambda: changed(SAMPLE, search=changed(SEARCH, regions=("cn-north-1",))),
            "cn-north-1 is of another partition",
        ),
        (lambda: changed(SAMPLE, search=changed(SEARCH, regions=("us-east-1",) * 2)), "more than once"),
        (
            lambda: changed(SAMPLE, search=changed(SEARCH, organization_account_ids=("444444444444",))),
            "no organization's trail",
        ),
        (lambda: changed(SEARCH, results_bucket_name="sample-results-access"), "must differ"),
        (lambda: changed(SAMPLE, search=changed(SEARCH, results_bucket_name="sample-logs")), "buckets must differ"),
    ],
)
def test_settings_that_would_find_nothing_are_refused(build: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        build()


def test_an_organization_takes_a_few_dozen_accounts() -> None:
    most = tuple(f"{number:012}" for number in range(MAX_PROJECTED_ACCOUNTS))
    assert of_organization(*most).archive_table.account_ids == most
    with pytest.raises(ValidationError):
        of_organization(*most, "444444444444")


def test_the_trail_never_records_results() -> None:  # R-TRL-2
    own = SEARCHED.own_arns
    assert {"arn:aws:s3:::sample-results/", "arn:aws:s3:::sample-results-access/"} <= set(own)
    assert "arn:aws:s3:::sample-results/" not in SAMPLE.own_arns
