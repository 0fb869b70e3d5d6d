"""R-ALM-5, R-TRL-5: what is told of an alarm that compares with the usual, and of CloudTrail's Insights."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from cloudtrail_monitoring.detections.call_volume import CALL_VOLUME, VOLUME_METRIC, VOLUME_NAMESPACE
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.detections.samples import read_samples
from cloudtrail_monitoring.responders.runtime import alarm_story
from cloudtrail_monitoring.responders.runtime.alarm_change import LATE_SECONDS, VOLUME, read_change
from cloudtrail_monitoring.responders.runtime.alarm_records import EVERY_RECORD, MANY_EVENTS, MAX_EVENTS
from cloudtrail_monitoring.responders.runtime.alarm_story import Outcome
from cloudtrail_monitoring.responders.runtime.alerts import MAX_SUBJECT_CHARACTERS
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, UnusableEventError, from_record
from cloudtrail_monitoring.responders.runtime.insight_record import from_insight
from tests.runtime.account import ACCOUNT, BEGIN, PREFIX, Account
from tests.runtime.alarms import NAMESPACE, EventBridgeEvent, Watched, fired, mail, policy_change, tell
from tests.runtime.records import Record

ERRORS = CATALOGUE["api-call-errors"]
AT = BEGIN + timedelta(minutes=50)


@pytest.fixture
def watched(account: Account) -> Watched:
    return Watched(account)


def unusual(
    detection: Detection, counted: float, *, lower: float | None = None, upper: float | None = None, **more: Any
) -> EventBridgeEvent:
    """The event of an alarm on a band, as AWS shows it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    event = fired(detection, BEGIN, AT)
    is_volume = detection is CALL_VOLUME
    metric = {
        "name": VOLUME_METRIC if is_volume else detection.id,
        "namespace": VOLUME_NAMESPACE if is_volume else NAMESPACE,
        "dimensions": {},
    }
    event["detail"]["configuration"]["metrics"] = [
        {"id": "events", "metricStat": {"metric": metric, "period": 900, "stat": "Sum"}, "returnData": True},
        {"id": "usual", "expression": "ANOMALY_DETECTION_BAND(events, 3)", "label": "Usual", "returnData": True},
    ]
    bounds = {
        name: [value - 1, value]
        for name, value in (("recentLowerThresholds", lower), ("recentUpperThresholds", upper))
        if value is not None
    }
    reason = {
        "version": "1.0",
        "queryDate": f"{AT:%Y-%m-%dT%H:%M:%S}.000+0000",
        "startDate": f"{BEGIN:%Y-%m-%dT%H:%M:%S}.000+0000",
        "period": 900,
        "recentDatapoints": [999.0, counted],
        **bounds,
        **more,
    }
    event["detail"]["state"]["reasonData"] = json.dumps(reason)
    return event


def calls(number: int, *, user: str, name: str, **fields: Any) -> list[Record]:
    at = (AT - timedelta(minutes=15) + timedelta(seconds=one) for one in range(number))
    return [
        policy_change(f"{moment:%Y-%m-%dT%H:%M:%SZ}", user=user, name=name, eventID=f"{user}-{name}-{one}", **fields)
        for one, moment in enumerate(at)
    ]


def test_the_pattern_behind_the_volume_is_that_of_its_runbook() -> None:
    assert CALL_VOLUME.pattern == EVERY_RECORD
    assert VOLUME == (VOLUME_NAMESPACE, VOLUME_METRIC)
    assert CALL_VOLUME.id == alarm_story.CALL_VOLUME


def test_the_newest_count_is_told_with_what_is_usual() -> None:
    change = read_change(unusual(CALL_VOLUME, 3, lower=80, upper=640))
    assert (change.against_usual, change.counted, change.usual) == (True, 3.0, (80.0, 640.0))


def test_the_records_are_those_of_the_period_that_is_told() -> None:
    # of the earliest, a search that is cut off would name who was busy before
    assert read_change(unusual(CALL_VOLUME, 3, upper=2)).since == AT - timedelta(minutes=15, seconds=LATE_SECONDS)
    young = unusual(CALL_VOLUME, 3, upper=2, startDate=f"{AT - timedelta(minutes=15):%Y-%m-%dT%H:%M:%S}.000+0000")
    assert read_change(young).since == AT - timedelta(minutes=15)


@pytest.mark.parametrize(("minutes_ago", "counted"), [(30, 600.0), (34, 600.0), (36, None), (60, None)])
def test_what_came_before_a_silence_is_not_told_as_its_count(minutes_ago: int, counted: float | None) -> None:
    newest, older = (f"{AT - timedelta(minutes=one):%Y-%m-%dT%H:%M:%S}.000+0000" for one in (minutes_ago, 90))
    points = [{"timestamp": newest, "value": 600.0}, {"timestamp": older, "value": 610.0}]
    change = read_change(unusual(CALL_VOLUME, 600, lower=500, upper=700, evaluatedDatapoints=points))
    assert change.counted == counted


def test_what_is_missing_and_taken_for_a_breach_is_a_silence() -> None:
    event = unusual(CALL_VOLUME, 600, lower=500, upper=700)
    event["detail"]["state"]["reason"] = (
        "Thresholds Crossed: 1 datapoint [600.0 (09/03/26 14:00:00)] was not less than the lower thresholds, and 2"
        " missing datapoints were treated as [Breaching]."
    )
    assert read_change(event).counted is None


def test_other_alarms_are_not_against_the_usual() -> None:
    change = read_change(fired(CATALOGUE["root-activity"], BEGIN, AT))
    assert (change.against_usual, change.usual) == (False, None)


class TestVolume:
    def test_a_rise_is_told_with_who_called_what_and_how_often(self, watched: Watched) -> None:
        # R-RSP-6
        watched.deliver(
            *calls(250, user="dana", name="GetRole"),
            *calls(20, user="sam", name="ListUsers", errorCode="AccessDenied"),
        )
        told = tell(watched, unusual(CALL_VOLUME, 5321, lower=-4, upper=640))
        assert (told.outcome, told.detection, told.events) == (Outcome.TOLD, "api-call-volume", 270)
        said = mail(watched)
        assert said.subject == "api-call-volume: 5321 in 15 minutes, usually 0 to 640, most by user dana"
        for line in (
            "Who:      user dana (250), user sam (20)",
            "What:     GetRole (250), ListUsers (20)",
            "Services: iam",
            "Result:   250 succeeded, 20 failed: AccessDenied",
            "To do:    https://runbooks.example.com/api-call-volume.md",
        ):
            assert line in said.text, said.text
        assert "Events (UTC)" not in said.text
        assert "5321 in 15 minutes, usually 0 to 640" in said.text

    def test_a_fall_to_nothing_says_to_look_at_the_trail(self, watched: Watched) -> None:
        event = unusual(CALL_VOLUME, 0, lower=80, upper=640)
        told = tell(watched, event)
        assert (told.outcome, told.events) == (Outcome.TOLD, 0)
        assert "the trail may be stopped" in mail(watched).text
        assert "get-trail-status" in mail(watched).text
        assert "No metric filter" not in mail(watched).text

    def test_a_silence_is_told_as_one_whatever_came_before(self, watched: Watched) -> None:
        watched.deliver(*calls(40, user="dana", name="GetRole"))
        last = f"{AT - timedelta(minutes=45):%Y-%m-%dT%H:%M:%S}.000+0000"
        points = [{"timestamp": last, "value": 600.0}]
        tell(watched, unusual(CALL_VOLUME, 600, lower=500, upper=700, evaluatedDatapoints=points))
        assert mail(watched).subject == "api-call-volume: none in 15 minutes, usually 500 to 700"

    def test_a_period_of_a_minute_is_one(self, watched: Watched) -> None:
        event = unusual(CALL_VOLUME, 9, upper=2)
        event["detail"]["configuration"]["metrics"][0]["metricStat"]["period"] = 60
        tell(watched, event)
        assert mail(watched).subject == "api-call-volume: 9 in a minute, usually up to 2"

    def test_more_records_than_can_be_read_are_said_to_be_the_earliest(
        self, watched: Watched, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("cloudtrail_monitoring.responders.runtime.alarm_story.MANY_EVENTS", 30)
        watched.deliver(*calls(40, user="dana", name="GetRole"))
        told = tell(watched, unusual(CALL_VOLUME, 40, upper=9))
        assert (told.events, told.is_cut_off) == (30, True)
        assert "30 or more: these are the earliest" in mail(watched).text

    def test_other_alarms_take_as_few_as_ever(self) -> None:
        assert MAX_EVENTS < MANY_EVENTS <= 10_000


class TestErrors:
    def test_are_told_with_whose_they_are(self, watched: Watched) -> None:
        watched.detection("api-call-errors")
        watched.deliver(
            *calls(12, user="sam", name="ListUsers", errorCode="AccessDenied"), *calls(3, user="dana", name="GetRole")
        )
        told = tell(watched, unusual(ERRORS, 12, upper=2.5))
        assert told.events == 12
        said = mail(watched)
        assert said.subject == "api-call-errors: 12 in 15 minutes, usually up to 2.5, most by user sam"
        assert "Result:   none succeeded, 12 failed: AccessDenied" in said.text

    def test_the_longest_names_fit(self, watched: Watched) -> None:
        watched.detection("api-call-errors")
        watched.deliver(*calls(2, user="ü" * 64, name="ListUsers", errorCode="AccessDenied"))
        tell(watched, unusual(ERRORS, 12, upper=2.5))
        assert len(mail(watched).subject) <= MAX_SUBJECT_CHARACTERS
        assert mail(watched).subject.isascii()


class TestInsights:
    def test_are_told_with_the_call_the_caller_and_the_rate(self, watched: Watched) -> None:
        detection = watched.detection("insight-call-rate")
        began = next(one.event for one in read_samples("insight-call-rate") if one.matches)
        moment = f"{BEGIN + timedelta(minutes=4):%Y-%m-%dT%H:%M:%SZ}"
        watched.deliver({**began, "eventTime": moment, "recipientAccountId": ACCOUNT})
        told = tell(watched, fired(detection, BEGIN + timedelta(minutes=3), BEGIN + timedelta(minutes=9)))
        assert told.events == 1
        text = mail(watched).text
        assert "Who:      role ci-deploy/build-4711" in text
        assert "What:     RunInstances" in text
        assert "Rate:     41 a minute, usually 0.0021" in text

    @pytest.mark.parametrize(
        ("arn", "kind", "name"),
        [
            ("arn:aws:iam::123456789012:root", ActorKind.ROOT, ""),
            ("arn:aws:iam::123456789012:user/people/dana", ActorKind.USER, "dana"),
            ("arn:aws:sts::123456789012:assumed-role/ci/build", ActorKind.ROLE, "ci/build"),
            ("AWS Internal", ActorKind.OTHER, ""),
        ],
    )
    def test_the_one_who_called_most_is_the_caller(self, arn: str, kind: ActorKind, name: str) -> None:
        attributions = [
            {
                "attribute": "userIdentityArn",
                "insight": [{"value": "arn:aws:iam::1:user/other", "average": 1}, {"value": arn, "average": 2.5}],
            }
        ]
        event = from_insight(insight(insightContext={"attributions": attributions}))
        assert (event.actor.kind, event.actor.name, event.rate) == (kind, name, "")

    @pytest.mark.parametrize(
        "context",
        [
            None,
            [],
            {"attributions": "x", "statistics": []},
            {"attributions": [1, {"attribute": "userIdentityArn", "insight": [{"average": "x"}, None]}]},
            {"statistics": {"insight": {"average": True}, "baseline": {"average": "much"}}},
        ],
    )
    def test_what_is_not_as_documented_is_taken_as_absent(self, context: Any) -> None:
        event = from_insight(insight(insightContext=context))
        assert (event.name, event.actor.name) == ("RunInstances", "")

    def test_no_error_is_no_error(self) -> None:
        assert from_insight(insight(errorCode="null")).error == ""
        assert from_insight(insight(errorCode="AccessDenied")).error == "AccessDenied"

    def test_responders_read_none(self) -> None:
        with pytest.raises(UnusableEventError, match="no eventName"):
            from_record(insight())

    def test_one_without_a_call_is_unreadable(self) -> None:
        with pytest.raises(UnusableEventError, match="no eventName"):
            from_insight({**insight(), "insightDetails": None})


def insight(**details: Any) -> Record:
    return {
        "eventVersion": "1.09",
        "eventTime": datetime.isoformat(BEGIN),
        "eventID": f"{PREFIX}-insight",
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": ACCOUNT,
        "insightDetails": {
            "state": "Start",
            "eventSource": "ec2.amazonaws.com",
            "eventName": "RunInstances",
            **details,
        },
    }
