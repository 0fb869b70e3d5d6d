"""The catalogue's sample records: complete CloudTrail records, and each judged right by its detection."""

from importlib import resources

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.samples import NoSamplesError, read_samples

NAMES = {
    "account_id": "111122223333",
    "archive_bucket": "sample-logs",
    "access_log_bucket": "sample-logs-access",
    "deploy_role_arn": "arn:aws:iam::111122223333:role/deploy",
    "log_delivery_role": "sample-trail-log-delivery",
    "log_group": "CloudTrail/sample",
    "name_prefix": "sample-audit",
    "release_session_arn": "arn:aws:sts::111122223333:assumed-role/sample-audit-release",
    "router_session_arn": "arn:aws:sts::111122223333:assumed-role/sample-audit-router",
}
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
IN_EVERY_RECORD = {
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "eventID",
    "eventType",
    "recipientAccountId",
}
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html
IN_EVERY_INSIGHT = {
    "eventVersion",
    "eventTime",
    "awsRegion",
    "eventID",
    "eventType",
    "recipientAccountId",
    "sharedEventID",
    "insightDetails",
    "eventCategory",
}


@pytest.mark.parametrize("detection_id", CATALOGUE)
def test_a_detection_has_two_of_each(detection_id: str) -> None:
    verdicts = [sample.matches for sample in read_samples(detection_id)]
    assert verdicts.count(True) >= 2
    assert verdicts.count(False) >= 2


@pytest.mark.parametrize("names", [NAMES, {}], ids=["named", "as-shipped"])
@pytest.mark.parametrize("detection_id", CATALOGUE)
def test_its_samples_are_judged_right(detection_id: str, names: dict[str, str]) -> None:
    pattern = FilterPattern.parse(CATALOGUE[detection_id].named(names).pattern)
    wrong = [
        f"{'missed' if sample.matches else 'counted'}: {sample.what}"
        for sample in read_samples(detection_id, names)
        if pattern.matches(sample.event) != sample.matches
    ]
    assert wrong == []


@pytest.mark.parametrize("detection_id", CATALOGUE)
def test_its_samples_are_complete_records(detection_id: str) -> None:
    for sample in read_samples(detection_id, NAMES):
        is_insight = sample.event["eventType"] == "AwsCloudTrailInsight"
        wanted = IN_EVERY_INSIGHT if is_insight else IN_EVERY_RECORD
        assert wanted - sample.event.keys() == set(), sample.what
        assert "<" not in str(sample.event), sample.what
        assert 0 < len(sample.what) <= 100, sample.what


def test_no_two_records_have_one_event_id() -> None:
    ids = [sample.event["eventID"] for detection_id in CATALOGUE for sample in read_samples(detection_id)]
    assert len(set(ids)) == len(ids)


def test_no_file_is_left_without_a_detection() -> None:
    folder = resources.files("cloudtrail_monitoring.detections.catalogue") / "samples"
    assert {file.name for file in folder.iterdir()} == {f"{detection_id}.jsonl" for detection_id in CATALOGUE}


def test_an_unknown_detection_is_said_by_name() -> None:
    with pytest.raises(NoSamplesError) as error:
        read_samples("root-activities")
    assert str(error.value) == "no samples of a detection 'root-activities'"
