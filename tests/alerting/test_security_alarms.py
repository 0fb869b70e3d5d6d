"""Metric filters and alarms as they are synthesised: the limits of AWS, and that no alarm is deaf or dumb."""

import re
from typing import Any

import pytest

from cloudtrail_monitoring.alerting.security_alarms import describe
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import MAX_METRIC_FILTERS, Detection, Level
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.settings_samples import ALERTING, changed
from tests.synthesised import Resource, Stack, synthesise

TOPICS = {channel: f"arn:aws:sns:us-east-1:333333333333:{channel.value}" for channel in Channel}
DETECTION = Detection(
    id="key-made",
    title="An access key was made",
    level=Level.HIGH,
    pattern='{ $.eventName = "CreateAccessKey" }',
    reason="A key outlives the session that made it.",
)


def alarms(*detections: Detection, settings: AlertingSettings = ALERTING) -> Stack:
    from cloudtrail_monitoring.alerting.security_alarms import SecurityAlarms

    return synthesise(
        lambda stack: SecurityAlarms(
            stack,
            "alarms",
            settings,
            detections=detections,
            log_group_name="everybodys-trail",
            topic_arns=TOPICS,
            prefix="sample",
            namespace="Sample",
        )
    )


def metrics_of(alarm: Resource) -> list[dict[str, Any]]:
    """The metrics an alarm reads, each with its namespace, name, statistic and period."""
    if "metric_query" not in alarm:
        return [
            {
                "namespace": alarm["namespace"],
                "metric_name": alarm["metric_name"],
                "stat": alarm["statistic"],
                "period": alarm["period"],
            }
        ]
    return [query["metric"] for query in alarm["metric_query"] if "metric" in query]


def transformation(metric_filter: Resource) -> dict[str, Any]:
    return dict(metric_filter["metric_transformation"])


def alarm_of(stack: Stack, detection_id: str) -> Resource:
    (found,) = [one for one in stack.all("aws_cloudwatch_metric_alarm") if one["alarm_name"].endswith(detection_id)]
    return found


def topics_of(stack: Stack, alarm: Resource) -> set[str]:
    """The channels an alarm tells."""
    channels = {one.address: one["name"].rsplit("-", 1)[1] for one in stack.all("aws_sns_topic")}
    return {channel for address, channel in channels.items() if f"${{{address}.arn}}" in alarm["alarm_actions"]}


class TestFiltersAndAlarmsBelongTogether:
    @pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
    def test_every_detection_has_a_filter_and_an_alarm(
        self, environment: str, stacks: dict[str, Stack], environments: dict[str, MonitoringSettings]
    ) -> None:
        stack, prefix = stacks[environment], environments[environment].name_prefix
        filters = {one["name"] for one in stack.all("aws_cloudwatch_log_metric_filter")}
        alarms = {
            one["alarm_name"]
            for part in ("alarms", "anomalies")
            for one in stack.below(part, "aws_cloudwatch_metric_alarm")
        }
        # the volume of calls is counted by no filter
        assert alarms - filters == {f"{prefix}-api-call-volume"}
        assert filters - alarms == set()
        assert filters == {f"{prefix}-{one.id}" for one in environments[environment].deployed_detections}

    def test_what_is_compared_with_what_is_usual_has_no_alarm_here(self) -> None:
        # R-ALM-5
        stack = alarms(changed(DETECTION, against_usual=True))
        assert len(stack.all("aws_cloudwatch_log_metric_filter")) == 1
        assert stack.all("aws_cloudwatch_metric_alarm") == []

    def test_every_metric_of_an_alarm_is_published(self, stack: Stack) -> None:
        published = {
            (transformation(one)["namespace"], transformation(one)["name"])
            for one in stack.all("aws_cloudwatch_log_metric_filter")
        }
        for alarm in stack.below("alarms", "aws_cloudwatch_metric_alarm"):
            metrics = metrics_of(alarm)
            assert metrics, alarm
            for metric in metrics:
                assert (metric["namespace"], metric["metric_name"]) in published, alarm

    def test_an_alarm_waits_for_its_filter(self, stack: Stack) -> None:
        for alarm in stack.below("alarms", "aws_cloudwatch_metric_alarm"):
            (own,) = stack.all("aws_cloudwatch_log_metric_filter", name=alarm["alarm_name"])
            assert alarm["depends_on"] == [own.address]

    def test_filters_read_the_trail_s_log_group(self, stack: Stack) -> None:
        group = stack.by_path("trail/log-delivery/log-group")
        for metric_filter in stack.all("aws_cloudwatch_log_metric_filter"):
            assert metric_filter["log_group_name"] == f"${{{group.address}.name}}"


class TestLimitsOfAws:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html

    def test_a_log_group_takes_100_filters(self, stack: Stack) -> None:
        assert 0 < len(stack.all("aws_cloudwatch_log_metric_filter")) <= MAX_METRIC_FILTERS

    def test_a_pattern_takes_1024_characters(self, stack: Stack) -> None:
        for metric_filter in stack.all("aws_cloudwatch_log_metric_filter"):
            assert 0 < len(metric_filter["pattern"]) <= 1024, metric_filter

    def test_dimensions_and_a_default_exclude_each_other(self, stack: Stack) -> None:
        for metric_filter in stack.all("aws_cloudwatch_log_metric_filter"):
            assert not {"dimensions", "default_value"} <= set(transformation(metric_filter))

    def test_a_match_counts_one(self, stack: Stack) -> None:
        for metric_filter in stack.all("aws_cloudwatch_log_metric_filter"):
            assert transformation(metric_filter)["value"] == "1"

    def test_a_description_takes_1024_characters(self, stack: Stack) -> None:
        for alarm in stack.all("aws_cloudwatch_metric_alarm"):
            assert 0 < len(alarm["alarm_description"]) <= 1024

    def test_the_longest_of_everything_still_fits_the_description(self) -> None:
        longest = changed(DETECTION, id="a" * 64, title="a" * 120, reason="a" * 400, requirement="a" * 40)
        assert len(describe(longest, "https://" + "a" * 248)) <= 1024

    def test_an_alarm_takes_ten_metrics_and_one_answer(self, stack: Stack) -> None:
        for alarm in stack.all("aws_cloudwatch_metric_alarm"):
            queries = alarm.get("metric_query")
            if queries:
                assert len(queries) <= 10
                # a band is an answer beside the metric it surrounds
                assert sum(bool(query["return_data"]) for query in queries) == (
                    2 if "threshold_metric_id" in alarm else 1
                )
                assert len({query["id"] for query in queries}) == len(queries)
                assert max(len(query.get("expression", "")) for query in queries) <= 2048

    def test_one_detection_too_many_is_refused(self) -> None:
        many = [changed(DETECTION, id=f"key-{number}") for number in range(MAX_METRIC_FILTERS + 1)]
        with pytest.raises(SettingsError, match="101, and a log group takes 100"):
            alarms(*many)

    def test_five_patterns_may_have_regular_expressions_and_not_six(self) -> None:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
        with_regex = "{ $.userAgent = %^Mozilla% }"
        several = [changed(DETECTION, id=f"agent-{number}", pattern=with_regex) for number in range(6)]
        assert len(alarms(*several[:5], DETECTION).all("aws_cloudwatch_log_metric_filter")) == 6
        with pytest.raises(SettingsError, match="agent-5 have regular expressions, and a log group takes 5 filters"):
            alarms(*several)

    def test_an_id_that_stands_twice_is_refused(self) -> None:
        with pytest.raises(SettingsError, match="key-made stands more than once"):
            alarms(DETECTION, DETECTION)


class TestEveryAlarm:
    def test_sums(self, stack: Stack) -> None:
        for alarm in stack.below("alarms", "aws_cloudwatch_metric_alarm"):
            assert {metric["stat"] for metric in metrics_of(alarm)} == {"Sum"}, alarm

    def test_takes_silence_for_peace(self, stack: Stack) -> None:
        for alarm in stack.below("alarms", "aws_cloudwatch_metric_alarm"):
            assert alarm["treat_missing_data"] == "notBreaching", alarm

    def test_fires_above_its_threshold_in_one_period_of_the_last_five_minutes(self, stack: Stack) -> None:
        for alarm in stack.below("alarms", "aws_cloudwatch_metric_alarm"):
            assert alarm["comparison_operator"] == "GreaterThanThreshold"
            assert alarm.get("datapoints_to_alarm", 1) == 1
            period = alarm.get("period") or alarm["metric_query"][0]["metric"]["period"]
            assert alarm["evaluation_periods"] == max(1, 300 // period)

    def test_says_what_happened_and_what_to_do(self, stack: Stack) -> None:
        # R-RSP-6
        written = {one["metric_transformation"]["name"] for one in stack.all("aws_cloudwatch_log_metric_filter")}
        for detection in (CATALOGUE[id_] for id_ in written):
            (alarm,) = stack.all(
                "aws_cloudwatch_metric_alarm", tags={"Detection": detection.id, "Level": detection.level}
            )
            text = alarm["alarm_description"]
            assert detection.title in text
            assert f"Level: {detection.level.value}." in text
            assert f"https://runbooks.xyz-corp.example/cloudtrail-monitoring/{detection.id}.md" in text

    def test_bears_the_environment_s_prefix(self) -> None:
        assert alarms(DETECTION).one("aws_cloudwatch_metric_alarm")["alarm_name"] == "sample-key-made"


class TestRouting:
    @pytest.mark.parametrize(
        ("level", "channels"),
        [(Level.LOW, []), (Level.MEDIUM, [Channel.EMAIL]), (Level.HIGH, [Channel.EMAIL, Channel.SMS])],
    )
    def test_levels_go_to_their_channels(self, level: Level, channels: list[Channel]) -> None:
        # R-EVT-1
        alarm = alarms(changed(DETECTION, level=level)).one("aws_cloudwatch_metric_alarm")
        assert alarm.get("alarm_actions", []) == [TOPICS[channel] for channel in channels]

    def test_a_level_without_a_route_tells_nobody(self) -> None:
        alarm = alarms(DETECTION, settings=changed(ALERTING, routes={})).one("aws_cloudwatch_metric_alarm")
        assert alarm.get("alarm_actions", []) == []


class TestRequirements:
    def test_failed_console_logins(self, stack: Stack) -> None:
        # R-ALM-1: more than 5 in 15 minutes
        alarm = alarm_of(stack, "console-login-failures")
        assert (alarm["statistic"], alarm["period"]) == ("Sum", 900)
        assert (alarm["comparison_operator"], alarm["threshold"]) == ("GreaterThanThreshold", 5)
        assert "email" in topics_of(stack, alarm)

    def test_root_activity_is_judged_every_minute(self, stack: Stack) -> None:
        # R-ALM-2
        alarm = alarm_of(stack, "root-activity")
        assert (alarm["period"], alarm["threshold"]) == (60, 0)
        assert "email" in topics_of(stack, alarm)

    def test_policy_changes_outside_business_hours_go_to_sms_and_email(self, prod: Stack) -> None:
        # R-ALM-3
        alarm = alarm_of(prod, "off-hours-iam-policy-change")
        assert topics_of(prod, alarm) == {"email", "sms"}
        assert alarm["threshold"] == 0
        ((answer),) = [query["expression"] for query in alarm["metric_query"] if query["return_data"]]
        assert answer == "IF(events,events*(1-open),0)"

    def test_policy_changes_are_all_counted(self, prod: Stack) -> None:
        # R-ALM-3: the metric is the same inside business hours; only the alarm is not
        metric_filter = prod.one("aws_cloudwatch_log_metric_filter", name="xyz-corp-audit-off-hours-iam-policy-change")
        for change in ("PutUserPolicy", "AttachRolePolicy", "CreatePolicyVersion", "DeleteGroupPolicy"):
            assert re.search(rf"\$\.eventName={change}\b", metric_filter["pattern"])

    def test_login_without_mfa(self, stack: Stack) -> None:
        # R-ALM-4
        assert "email" in topics_of(stack, alarm_of(stack, "console-login-without-mfa"))


def test_the_period_and_threshold_are_the_detection_s() -> None:
    alarm = alarms(changed(DETECTION, period_seconds=900, threshold=5)).one("aws_cloudwatch_metric_alarm")
    assert (alarm["period"], alarm["threshold"]) == (900, 5)


def test_patterns_reach_the_output_with_the_environment_s_names_and_otherwise_unchanged(prod: Stack) -> None:
    written = {transformation(one)["name"]: one["pattern"] for one in prod.all("aws_cloudwatch_log_metric_filter")}
    assert written.keys() == CATALOGUE.keys()
    for detection in CATALOGUE.values():
        if "<" not in detection.pattern:
            assert written[detection.id] == detection.pattern
        assert "<" not in written[detection.id]
    assert '($.requestParameters.bucketName = "xyz-corp-cloudtrail-logs-2025")' in written["archive-access-changed"]
