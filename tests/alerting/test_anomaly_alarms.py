"""R-ALM-5: alarms without a threshold, on the volume of calls and on those that fail; R-TRL-5: Insights that are on."""

from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection, Level
from cloudtrail_monitoring.detections.tuning import Tuning
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.trail.settings import Insight
from tests.settings_samples import ALERTING, SAMPLE, TRAIL, changed
from tests.synthesised import Resource, Stack, synthesise, synthesise_monitoring

TOPICS = {channel: f"arn:aws:sns:us-east-1:333333333333:{channel.value}" for channel in Channel}
ERRORS = CATALOGUE["api-call-errors"]
ENVIRONMENTS = ("dev", "staging", "prod")


def anomalies(*detections: Detection, settings: AlertingSettings = ALERTING) -> Stack:
    from cloudtrail_monitoring.alerting.anomaly_alarms import AnomalyAlarms

    return synthesise(
        lambda stack: AnomalyAlarms(
            stack,
            "anomalies",
            settings,
            detections=detections,
            log_group_name="everybodys-trail",
            topic_arns=TOPICS,
            prefix="sample",
            namespace="Sample",
        )
    )


def alarm(stack: Stack, id_: str) -> Resource:
    (found,) = [one for one in stack.all("aws_cloudwatch_metric_alarm") if one["alarm_name"].endswith(id_)]
    return found


def counted(resource: Resource) -> dict[str, Any]:
    (metric,) = [query["metric"] for query in resource["metric_query"] if "metric" in query]
    return dict(metric)


class TestVolume:
    def test_is_what_comes_into_the_trail_s_log_group(self, stack: Stack) -> None:
        group = stack.by_path("trail/log-delivery/log-group")
        metric = counted(alarm(stack, "api-call-volume"))
        assert (metric["namespace"], metric["metric_name"], metric["stat"]) == ("AWS/Logs", "IncomingLogEvents", "Sum")
        assert metric["dimensions"] == {"LogGroupName": f"${{{group.address}.name}}"}

    def test_rings_above_and_below_what_is_usual(self, stack: Stack) -> None:
        volume = alarm(stack, "api-call-volume")
        assert volume["comparison_operator"] == "LessThanLowerOrGreaterThanUpperThreshold"
        assert "threshold" not in volume

    def test_takes_silence_for_a_stopped_trail(self, stack: Stack) -> None:
        assert alarm(stack, "api-call-volume")["treat_missing_data"] == "breaching"

    def test_needs_no_detection(self) -> None:
        assert [one["alarm_name"] for one in anomalies().all("aws_cloudwatch_metric_alarm")] == [
            "sample-api-call-volume"
        ]


class TestErrors:
    def test_are_what_their_filter_counts(self, stack: Stack) -> None:
        errors = alarm(stack, "api-call-errors")
        (own,) = stack.all("aws_cloudwatch_log_metric_filter", name=errors["alarm_name"])
        written, metric = own["metric_transformation"], counted(errors)
        assert (metric["namespace"], metric["metric_name"]) == (written["namespace"], written["name"])
        assert metric["stat"] == "Sum"
        assert errors["depends_on"] == [own.address]

    def test_ring_above_what_is_usual_and_silence_is_peace(self, stack: Stack) -> None:
        errors = alarm(stack, "api-call-errors")
        assert errors["comparison_operator"] == "GreaterThanUpperThreshold"
        assert errors["treat_missing_data"] == "notBreaching"

    def test_switched_off_they_have_no_alarm(self) -> None:
        reason = {"api-call-errors": "this account is a playground of broken scripts"}
        deployed = changed(SAMPLE, disabled_detections=reason).deployed_detections
        assert [one["alarm_name"] for one in anomalies(*deployed).all("aws_cloudwatch_metric_alarm")] == [
            "sample-api-call-volume"
        ]

    def test_a_threshold_for_them_is_refused(self) -> None:
        with pytest.raises(ValidationError, match=r"tuned_detections\.api-call-errors: .* is compared with"):
            changed(SAMPLE, tuned_detections={"api-call-errors": Tuning(threshold=5)})

    def test_another_level_for_them_is_another_route(self) -> None:
        (errors,) = [
            one
            for one in changed(
                SAMPLE, tuned_detections={"api-call-errors": Tuning(level=Level.LOW)}
            ).deployed_detections
            if one.id == "api-call-errors"
        ]
        assert alarm(anomalies(errors), "errors").get("alarm_actions", []) == []


def test_what_is_judged_by_numbers_is_no_event_for_the_fast_path() -> None:
    # R-ALM-6
    made = Detection(
        id="users-made",
        title="Unusually many users were made",
        level=Level.HIGH,
        pattern='{ $.eventName = "CreateUser" }',
        reason="A user for the way back in hides among others.",
        against_usual=True,
    )
    stack = synthesise_monitoring(changed(SAMPLE, detections=(CATALOGUE["user-deleted"], made)))
    rules = {one["name"] for one in stack.all("aws_cloudwatch_event_rule")}
    assert "sample-audit-user-deleted" in rules
    assert "sample-audit-users-made" not in rules
    assert len(alarm(stack, "users-made")["alarm_actions"]) == 2


class TestBand:
    @pytest.mark.parametrize("id_", ["api-call-volume", "api-call-errors"])
    def test_is_the_threshold(self, stack: Stack, id_: str) -> None:
        one = alarm(stack, id_)
        (band,) = [query for query in one["metric_query"] if "expression" in query]
        assert one["threshold_metric_id"] == band["id"]
        assert band["expression"] == "ANOMALY_DETECTION_BAND(events, 3)"
        assert all(query["return_data"] for query in one["metric_query"])

    def test_is_as_wide_and_looked_at_as_long_as_set(self) -> None:
        anomaly = AnomalySettings(
            band_standard_deviations=2.5, period_seconds=300, evaluation_periods=6, datapoints_to_alarm=4
        )
        for one in anomalies(ERRORS, settings=changed(ALERTING, anomaly=anomaly)).all("aws_cloudwatch_metric_alarm"):
            assert "ANOMALY_DETECTION_BAND(events, 2.5)" in str(one["metric_query"])
            assert counted(one)["period"] == 300
            assert (one["evaluation_periods"], one["datapoints_to_alarm"]) == (6, 4)

    def test_more_datapoints_than_periods_would_never_ring(self) -> None:
        with pytest.raises(ValidationError, match=r"datapoints_to_alarm \(4\) is more than evaluation_periods \(3\)"):
            AnomalySettings(datapoints_to_alarm=4)

    @pytest.mark.parametrize("id_", ["api-call-volume", "api-call-errors"])
    def test_is_told_by_mail_with_what_to_do(self, stack: Stack, id_: str) -> None:
        # R-RSP-6
        one = alarm(stack, id_)
        (topic,) = [topic for topic in stack.all("aws_sns_topic") if topic["name"].endswith("-email")]
        assert one["alarm_actions"] == [f"${{{topic.address}.arn}}"]
        assert one["tags"] == {"Detection": id_, "Level": "Medium"}
        assert f"https://runbooks.xyz-corp.example/cloudtrail-monitoring/{id_}.md" in one["alarm_description"]
        assert len(one["alarm_description"]) <= 1024


class TestInsights:
    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_are_detected_where_the_trail_records_them_and_nowhere_else(
        self, environment: str, stacks: dict[str, Stack], environments: dict[str, MonitoringSettings]
    ) -> None:
        # R-TRL-5
        ids = {"ApiCallRateInsight": "insight-call-rate", "ApiErrorRateInsight": "insight-error-rate"}
        names = {one["metric_transformation"]["name"] for one in stacks[environment].all(
            "aws_cloudwatch_log_metric_filter"
        )}  # fmt: skip
        on = set(environments[environment].trail.insights)
        assert {id_ for id_ in ids.values() if id_ in names} == {ids[insight.value] for insight in on}

    def test_each_comes_with_its_own(self) -> None:
        trail = changed(TRAIL, customer_managed_key=True, insights=(Insight.API_ERROR_RATE,))
        ids = {one.id for one in changed(SAMPLE, trail=trail).deployed_detections}
        assert {id_ for id_ in ids if id_.startswith("insight-")} == {"insight-error-rate"}

    def test_one_that_is_not_recorded_can_still_be_named_in_tuning(self) -> None:
        trail = changed(TRAIL, customer_managed_key=True)
        tuned = changed(SAMPLE, trail=trail, tuned_detections={"insight-call-rate": Tuning(level=Level.HIGH)})
        assert "insight-call-rate" not in {one.id for one in tuned.deployed_detections}
