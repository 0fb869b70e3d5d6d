"""R-ARC-8: what the search is made of, as synthesised: limits, encryption, order, and the text of named queries."""

from typing import Any

import pytest

from cloudtrail_monitoring.archive.access_policy import keepers
from cloudtrail_monitoring.archive.search.archive_query import MAX_QUERY_BYTES
from cloudtrail_monitoring.archive.search.saved_searches import MAX_DESCRIPTION, REQUIRED, saved_searches
from cloudtrail_monitoring.detections.detection import Detection, Level
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.athena_predicate import NotExpressible, athena_predicate
from tests.archive.search.samples import NAMES, SEARCH, SEARCHED
from tests.settings_samples import ACCOUNT, ARCHIVE, LOCATION, SAMPLE
from tests.synthesised import Stack, synthesise, synthesise_monitoring

AWKWARD = Detection(
    id="awkward",
    title="Looks like a template",
    level=Level.LOW,
    pattern='{ $.requestParameters.name = "${a.b}%{ if }\'" }',
    reason="Nobody writes ${this}.",
)


def made(**more: Any) -> Stack:
    def build(scope: Any) -> None:
        from cloudtrail_monitoring.archive.search.archive_search import ArchiveSearch

        ArchiveSearch(
            scope,
            "search",
            SEARCH,
            location=LOCATION,
            prefix="sample-audit",
            archive_bucket_name=ARCHIVE.bucket_name,
            keepers=keepers(ARCHIVE, LOCATION),
            **more,
        )

    return synthesise(build)


@pytest.fixture(scope="module")
def stack() -> Stack:
    return made()


def test_the_workgroup_limits_encrypts_and_lets_nobody_set_that_aside(stack: Stack) -> None:  # R-ARC-8
    configuration = stack.one("aws_athena_workgroup")["configuration"]
    assert configuration == {
        "enforce_workgroup_configuration": True,
        "publish_cloudwatch_metrics_enabled": True,
        "requester_pays_enabled": False,
        "bytes_scanned_cutoff_per_query": SEARCH.scan_limit_bytes,
        "engine_version": {"selected_engine_version": "Athena engine version 3"},
        "result_configuration": {
            "output_location": "s3://sample-results/",
            "expected_bucket_owner": ACCOUNT,
            "encryption_configuration": {"encryption_option": "SSE_S3"},
        },
    }


def test_nothing_is_queried_before_the_results_are_guarded(stack: Stack) -> None:  # R-ARC-6
    policy = stack.by_path("search/query-results/results/policy")
    assert policy.address in stack.one("aws_athena_workgroup")["depends_on"]


def test_results_soon_expire(stack: Stack) -> None:
    (rule,) = stack.by_path("search/query-results/results/lifecycle")["rule"]
    assert rule["expiration"] == [{"days": 30}]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 1}]


@pytest.mark.parametrize("protected", [True, False])
def test_destroying_takes_results_along_only_where_nothing_is_protected(protected: bool) -> None:
    stack = made(protected=protected)
    for bucket in stack.all("aws_s3_bucket"):
        assert bucket["force_destroy"] is not protected
        assert ("lifecycle" in bucket) is protected
    assert stack.one("aws_athena_workgroup")["force_destroy"] is not protected


def test_terraform_takes_texts_letter_by_letter() -> None:
    query = made(detections=[AWKWARD]).one("aws_athena_named_query", name="detections/awkward")
    assert "= '$${a.b}%%{ if }'''" in query["query"]
    assert query["description"].endswith("Nobody writes $${this}.")


def test_each_requirement_and_detection_has_its_query_in_a_folder_of_its_own() -> None:  # R-QRY-1 to R-QRY-3
    names = [one.name for one in saved_searches(NAMES, SEARCHED.deployed_detections, account_ids=[ACCOUNT])]
    assert names[: len(REQUIRED)] == [
        "requirements/user-creations",
        "requirements/failed-logins",
        "requirements/policy-attachments",
    ]
    assert all(name.startswith("detections/") for name in names[len(REQUIRED) :])
    assert len(set(names)) == len(names) > 40


def test_what_athena_can_not_say_has_none() -> None:
    pattern = '{ $.nothing.here = "a" }'
    with pytest.raises(NotExpressible):
        athena_predicate(FilterPattern.parse(pattern))
    inexpressible = Detection(id="odd", title="Odd", level=Level.LOW, pattern=pattern, reason="To be left out.")
    assert [one.name for one in saved_searches(NAMES, [inexpressible], account_ids=[ACCOUNT])] == [
        one.name for one in REQUIRED
    ]


def test_queries_are_as_long_as_athena_takes_them() -> None:
    for one in saved_searches(NAMES, SEARCHED.deployed_detections, account_ids=[ACCOUNT] * 36):
        assert len(one.sql.encode()) <= MAX_QUERY_BYTES
        assert len(one.name) <= 128
        assert len(one.description) <= MAX_DESCRIPTION


def test_the_whole_stack_has_the_search_where_settings_want_it() -> None:
    with_search = synthesise_monitoring(SEARCHED)
    outputs = with_search.document["output"]
    assert outputs["search_workgroup"]["value"].startswith("${aws_athena_workgroup.")
    assert "kms:Decrypt" in outputs["searcher_policy"]["value"]
    without = synthesise_monitoring(SAMPLE)
    assert not [one for one in without.resources() if one.type.startswith(("aws_athena", "aws_glue"))]
    assert "searcher_policy" not in without.document["output"]
