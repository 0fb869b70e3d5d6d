"""Table, workgroup and named queries deployed by real Terraform into the embedded AWS, and taken away again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cloudtrail_monitoring.archive.search.cloudtrail_table import CloudTrailTable
from cloudtrail_monitoring.archive.search.saved_searches import SavedSearch
from cloudtrail_monitoring.archive.search.settings import MIN_SCAN_LIMIT_BYTES
from cloudtrail_monitoring.delivery.search_parts import search
from cloudtrail_monitoring.detections.translations.cloudtrail_columns import COLUMNS
from cloudtrail_monitoring.governance.plan_review.plan import parse_plan
from cloudtrail_monitoring.governance.plan_review.review import review
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import PlanResult, Terraform, missing_for_deployment
from tests.archive.search.samples import NAMES
from tests.archive.search.samples import table as sample_table
from tests.delivery.recorded_calls import Call, recorded_calls
from tests.settings_samples import ACCOUNT
from tests.synthesised import synthesise

MISSING = missing_for_deployment()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"DEPLOYMENT NOT TESTED: {MISSING}")

LIKE_A_TEMPLATE = SavedSearch(
    "detections/odd", "Looks like ${a.template}", "SELECT '${a.b}', '%{ if }' FROM cloudtrail"
)


class Deployed(NamedTuple):
    table: dict[str, Any]
    workgroup: dict[str, Any]
    tags: list[dict[str, str]]
    query: dict[str, Any]
    second_plan: PlanResult
    widened_plan: PlanResult
    widened: dict[str, Any]
    databases_after_destroy: list[str]
    calls: Sequence[Call]
    weakenings: Mapping[str, set[str]]
    """What the review of a real plan tells, by what the plan changes."""


CHANGES: Mapping[str, Mapping[str, Any]] = {
    "raised limit": {"scan_limit_bytes": 2 * MIN_SCAN_LIMIT_BYTES},
    "other results": {"results_bucket_name": "somebody-s-results"},
    "another archive": {"table": replace(sample_table(), bucket_name="somebody-s-logs")},
    "later first day": {"table": sample_table(first_day=date(2026, 1, 1))},
    "earlier first day": {"table": sample_table(first_day=date(2024, 1, 1))},
    "fewer Regions": {"table": sample_table(regions=("us-east-1",))},
    "another Region": {"table": replace(sample_table(), regions=(*sample_table().regions, "xx-new-1"))},
    "other words": {"saved_searches": [LIKE_A_TEMPLATE._replace(sql="SELECT 1")]},
}


def document(
    *,
    table: CloudTrailTable | None = None,
    scan_limit_bytes: int = MIN_SCAN_LIMIT_BYTES,
    results_bucket_name: str = "sample-results",
    saved_searches: Sequence[SavedSearch] = (LIKE_A_TEMPLATE,),
) -> dict[str, Any]:
    def build(stack: Any) -> None:
        from cdktf import LocalBackend
        from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags

        from cloudtrail_monitoring.archive.search.archive_table import ArchiveTable
        from cloudtrail_monitoring.archive.search.search_workgroup import SearchWorkgroup

        # CDKTF's default is the project's folder
        LocalBackend(stack, path="terraform.tfstate")
        tags = [AwsProviderDefaultTags(tags={"Environment": "sample"})]
        AwsProvider(stack, "aws", region="us-east-1", allowed_account_ids=[ACCOUNT], default_tags=tags)
        ArchiveTable(stack, "table", table or sample_table(), names=NAMES)
        SearchWorkgroup(
            stack,
            "workgroup",
            names=NAMES,
            results_bucket_name=results_bucket_name,
            scan_limit_bytes=scan_limit_bytes,
            saved_searches=saved_searches,
            protected=False,
        )

    return synthesise(build).document


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    folder: Path = tmp_path_factory.mktemp("search")
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        (folder / "main.tf.json").write_text(json.dumps(document()), encoding="utf-8")
        terraform = Terraform(folder, aws.environment)
        terraform.init()
        with recorded_calls() as calls:
            terraform.apply()
            second_plan = terraform.plan()
        glue, athena = aws.client("glue"), aws.client("athena")
        found = glue.get_table(DatabaseName=NAMES.database, Name=NAMES.table)["Table"]
        workgroup = athena.get_work_group(WorkGroup=NAMES.workgroup)["WorkGroup"]
        tags = athena.list_tags_for_resource(ResourceARN=NAMES.workgroup_arn)["Tags"]
        (query_id,) = athena.list_named_queries(WorkGroup=NAMES.workgroup)["NamedQueryIds"]
        query = athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]
        weakenings = {}
        for name, change in CHANGES.items():
            (folder / "main.tf.json").write_text(json.dumps(document(**change)), encoding="utf-8")
            reviewed = review(parse_plan(terraform.plan("-refresh=false").document), environment="sample")
            weakenings[name] = {one.rule for one in reviewed.weakenings}
        (folder / "main.tf.json").write_text(json.dumps(document(**CHANGES["raised limit"])), encoding="utf-8")
        widened_plan = terraform.plan()
        with recorded_calls() as changing:
            terraform.apply()
        widened = athena.get_work_group(WorkGroup=NAMES.workgroup)["WorkGroup"]["Configuration"]
        with recorded_calls() as ending:
            terraform.destroy()
        left = [one["Name"] for one in glue.get_databases()["DatabaseList"]]
        return Deployed(
            found,
            workgroup,
            tags,
            query,
            second_plan,
            widened_plan,
            widened,
            left,
            [*calls, *changing, *ending],
            weakenings,
        )


def test_the_table_has_the_columns_and_the_template_letter_by_letter(deployed: Deployed) -> None:  # R-ARC-8
    stored = [one["Name"] for one in deployed.table["StorageDescriptor"]["Columns"]]
    assert stored == [name.lower() for name in COLUMNS]
    assert deployed.table["Parameters"]["storage.location.template"] == (
        "s3://sample-logs/AWSLogs/${account}/CloudTrail/${region}/${day}"
    )


def test_the_workgroup_enforces_what_it_sets(deployed: Deployed) -> None:  # R-ARC-8
    configuration = deployed.workgroup["Configuration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == MIN_SCAN_LIMIT_BYTES
    assert configuration["ResultConfiguration"]["ExpectedBucketOwner"] == ACCOUNT
    assert configuration["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}


def test_the_workgroup_carries_the_providers_tags(deployed: Deployed) -> None:
    assert deployed.tags == [{"Key": "Environment", "Value": "sample"}]


def test_a_query_is_stored_as_it_was_written(deployed: Deployed) -> None:
    assert deployed.query["QueryString"] == LIKE_A_TEMPLATE.sql
    assert deployed.query["Description"] == LIKE_A_TEMPLATE.description


def test_a_second_plan_shows_no_change(deployed: Deployed) -> None:
    assert dict(deployed.second_plan.actions) == {}


def test_another_limit_changes_the_workgroup_in_place_and_nothing_else_of_it(deployed: Deployed) -> None:
    assert list(deployed.widened_plan.actions.values()) == [("update",)]
    assert deployed.widened == {
        **deployed.workgroup["Configuration"],
        "BytesScannedCutoffPerQuery": 2 * MIN_SCAN_LIMIT_BYTES,
    }


def test_deployment_may_make_every_call_and_a_plan_every_one_that_reads(deployed: Deployed) -> None:  # R-DEL-3
    granted = {action for part in search(NAMES) for action in (*part.reads, *part.changes)}
    made = {f"{call.service}:{call.operation}" for call in deployed.calls if call.service != "sts"}
    assert {"athena:CreateWorkGroup", "athena:UpdateWorkGroup", "glue:CreateTable"} <= made
    assert made <= granted
    read = {action for part in search(NAMES) for action in part.reads}
    assert {name for name in made if name.split(":")[1].startswith(("Get", "List"))} <= read


def test_a_plan_that_narrows_moves_or_opens_the_search_is_told_and_another_is_not(deployed: Deployed) -> None:
    # R-INT-2
    assert deployed.weakenings == {
        "raised limit": {"scan-limit-raised"},
        "other results": {"results-exposed"},
        "another archive": {"table-looks-elsewhere"},
        "later first day": {"table-looks-elsewhere"},
        "earlier first day": set(),
        "fewer Regions": {"table-looks-elsewhere"},
        "another Region": set(),
        "other words": set(),
    }


def test_destroying_takes_the_table_away_and_no_log_file(deployed: Deployed) -> None:
    assert NAMES.database not in deployed.databases_after_destroy
