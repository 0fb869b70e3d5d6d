"""How the responders stand together in a stack: functions, queue, paths, tables, schedules, switch, enhanced trail."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.responders.names import FUNCTIONS
from cloudtrail_monitoring.responders.packaging import dependency_layer, runtime_archive
from cloudtrail_monitoring.responders.settings import GeographySettings, RespondersSettings
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.settings_samples import ALERTING, SAMPLE, changed
from tests.synthesised import Resource, Stack, synthesise_monitoring

PREFIX = "xyz-corp-audit"


def sample(**fields: Any) -> Stack:
    return synthesise_monitoring(changed(SAMPLE, **{"responders": RespondersSettings(), **fields}))


@pytest.fixture(params=FUNCTIONS)
def function(request: pytest.FixtureRequest, prod: Stack) -> Resource:
    """Each function in turn."""
    return prod.by_path(f"responders/{request.param}/function")


def part(prod: Stack, function: Resource, name: str) -> Resource:
    return prod.by_path(f"responders/{function['function_name'].removeprefix(f'{PREFIX}-')}/{name}")


class TestFunctions:
    def test_runtime_and_handler(self, function: Resource) -> None:
        assert (function["runtime"], function["architectures"]) == ("python3.13", ["arm64"])
        module = function["function_name"].removeprefix(f"{PREFIX}-").replace("-", "_")
        assert function["handler"] == f"cloudtrail_monitoring.responders.runtime.{module}.handler"

    def test_code_and_layer(self, function: Resource, prod: Stack) -> None:
        layer = prod.by_path("responders/dependencies-layer")
        assert function["source_code_hash"] == runtime_archive().source_code_hash
        assert layer["source_code_hash"] == dependency_layer().source_code_hash
        assert function["layers"][0] == f"${{{layer.address}.arn}}"
        assert function["filename"].startswith("assets/")

    def test_each_has_a_role_a_log_and_a_limit_of_its_own(self, function: Resource, prod: Stack) -> None:
        role, log_group = part(prod, function, "role"), part(prod, function, "log-group")
        assert function.refers_to(role, "role")
        assert log_group["name"] == f"/aws/lambda/{function['function_name']}"
        assert log_group["retention_in_days"] == 365
        assert {part(prod, function, "policy").address, log_group.address} == set(function["depends_on"])
        assert 1 <= function["reserved_concurrent_executions"] <= 5

    def test_it_is_encrypted_and_traced(self, function: Resource, prod: Stack) -> None:
        key = prod.by_path("responders/key/key")
        assert function.refers_to(key, "kms_key_arn")
        assert part(prod, function, "log-group").refers_to(key, "kms_key_id")
        assert function["tracing_config"] == {"mode": "Active"}

    def test_an_asynchronous_call_that_failed_for_good_is_kept(self, function: Resource, prod: Stack) -> None:
        # the router reads a queue that has dead letters
        kept = prod.by_path("responders/queue/failed-calls")
        if function["function_name"] == f"{PREFIX}-router":
            assert "dead_letter_config" not in function
        else:
            assert function["dead_letter_config"] == {"target_arn": f"${{{kept.address}.arn}}"}

    @pytest.mark.parametrize("metric", ["Errors", "Throttles"])
    def test_its_trouble_is_told_as_medium_is(self, metric: str, function: Resource, prod: Stack) -> None:
        alarm = part(prod, function, f"{metric.lower()}-alarm")
        assert (alarm["namespace"], alarm["metric_name"], alarm["statistic"]) == ("AWS/Lambda", metric, "Sum")
        assert alarm["dimensions"] == {"FunctionName": function["function_name"]}
        assert (alarm["threshold"], alarm["treat_missing_data"]) == (0, "notBreaching")
        assert alarm["alarm_actions"] == [f"${{{prod.by_path('topics/email').address}.arn}}"]


def test_trouble_goes_where_medium_goes() -> None:
    both = (Channel.EMAIL, Channel.SMS)
    stack = sample(alerting=changed(ALERTING, routes={Level.MEDIUM: both, Level.HIGH: both}))
    alarms = stack.below("responders", "aws_cloudwatch_metric_alarm")
    assert len(alarms) == 2 * len(FUNCTIONS) + 3
    assert {len(alarm["alarm_actions"]) for alarm in alarms} == {2}


class TestQueue:
    def test_it_is_encrypted_and_gives_up_after_five_times(self, prod: Stack) -> None:
        queue, dead = prod.by_path("responders/queue/queue"), prod.by_path("responders/queue/dead-letters")
        for one in (queue, dead, prod.by_path("responders/queue/failed-calls")):
            assert one.refers_to(prod.by_path("responders/key/key"), "kms_master_key_id")
            assert one["message_retention_seconds"] == 14 * 86_400
        redrive = json.loads(queue["redrive_policy"])
        assert redrive["maxReceiveCount"] == 5
        assert redrive["deadLetterTargetArn"].endswith(f":{dead['name']}")
        assert queue["depends_on"] == [dead.address]

    def test_a_message_is_hidden_for_six_runs_of_the_router(self, prod: Stack) -> None:
        router = prod.by_path("responders/router/function")
        assert prod.by_path("responders/queue/queue")["visibility_timeout_seconds"] == 6 * router["timeout"]

    def test_the_router_reads_it_and_names_what_failed(self, prod: Stack) -> None:
        reader = prod.one("aws_lambda_event_source_mapping")
        assert reader.refers_to(prod.by_path("responders/queue/queue"), "event_source_arn")
        assert reader.refers_to(prod.by_path("responders/router/function"), "function_name")
        assert reader["function_response_types"] == ["ReportBatchItemFailures"]
        assert reader["batch_size"] == 10
        assert reader["scaling_config"] == {"maximum_concurrency": 2}

    @pytest.mark.parametrize(
        ("name", "queue", "metric", "threshold"),
        [
            ("dead-letters-alarm", "dead-letters", "ApproximateNumberOfMessagesVisible", 0),
            ("failed-calls-alarm", "failed-calls", "ApproximateNumberOfMessagesVisible", 0),
            ("age-alarm", "queue", "ApproximateAgeOfOldestMessage", 900),
        ],
    )
    def test_what_piles_up_is_told(self, name: str, queue: str, metric: str, threshold: int, prod: Stack) -> None:
        alarm = prod.by_path(f"responders/queue/{name}")
        assert (alarm["namespace"], alarm["metric_name"], alarm["threshold"]) == ("AWS/SQS", metric, threshold)
        assert alarm["dimensions"] == {"QueueName": prod.by_path(f"responders/queue/{queue}")["name"]}
        assert alarm["alarm_actions"]


class TestPaths:
    def test_the_log_group_feeds_the_intake(self, prod: Stack) -> None:
        subscription = prod.one("aws_cloudwatch_log_subscription_filter")
        permission = prod.by_path("responders/record-path/permission")
        assert subscription.refers_to(prod.by_path("trail/log-delivery/log-group"), "log_group_name")
        assert subscription.refers_to(prod.by_path("responders/intake/function"), "destination_arn")
        assert subscription["depends_on"] == [permission.address]
        assert permission["principal"] == "logs.amazonaws.com"
        assert permission["source_account"] == "333333333333"
        assert permission["source_arn"] == (
            "arn:aws:logs:us-east-1:333333333333:log-group:CloudTrail/xyz-corp-audit-trail:*"
        )

    def test_a_log_group_takes_two_subscriptions(self, stack: Stack) -> None:
        assert len(stack.all("aws_cloudwatch_log_subscription_filter")) <= 2

    @pytest.mark.parametrize("name", ["CloudTrail/IAMEvents", "CloudTrail/ConsoleEvents"])
    def test_analysts_have_their_log_groups(self, name: str, prod: Stack) -> None:
        # R-QRY-4
        group = prod.one("aws_cloudwatch_log_group", name=name)
        assert group["retention_in_days"] == 365
        assert group.refers_to(prod.by_path("responders/key/key"), "kms_key_id")

    def test_the_home_rule_feeds_the_queue_without_a_role(self, prod: Stack) -> None:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html: a role would break it
        target = prod.by_path("responders/event-path/target")
        assert target.refers_to(prod.by_path("responders/event-path/rule"), "rule")
        assert target.refers_to(prod.by_path("responders/queue/queue"), "arn")
        assert "role_arn" not in target

    def test_other_regions_forward_to_the_home_bus(self, prod: Stack) -> None:
        for region in ("ap-southeast-2", "eu-north-1", "us-east-2"):
            target = prod.by_path(f"responders/event-path/target-{region}")
            assert target["provider"] == f"aws.{region}"
            assert target["arn"] == "arn:aws:events:us-east-1:333333333333:event-bus/default"
            assert target.refers_to(prod.by_path("responders/event-path/forwarder"), "role_arn")

    def test_alarms_call_the_story(self, prod: Stack) -> None:
        # R-RSP-6
        story = prod.by_path("responders/alarm-story/function")
        assert prod.by_path("responders/stories/target").refers_to(story, "arn")
        permission = prod.by_path("responders/stories/permission")
        assert permission["principal"] == "events.amazonaws.com"
        assert permission.refers_to(prod.by_path("responders/stories/rule"), "source_arn")


class TestTables:
    def test_state_expires_and_incidents_stay(self, prod: Stack) -> None:
        state, incidents = (prod.by_path(f"responders/store/{name}") for name in ("state", "incidents"))
        assert state["ttl"] == {"attribute_name": "expires_at", "enabled": True}
        assert "ttl" not in incidents
        for table in (state, incidents):
            assert (table["hash_key"], table["range_key"]) == ("pk", "sk")
            assert table["billing_mode"] == "PAY_PER_REQUEST"
            assert table["point_in_time_recovery"] == {"enabled": True}
            assert "key" in table["server_side_encryption"]["kms_key_arn"]

    @pytest.mark.parametrize("protected", [True, False])
    def test_incidents_are_protected_where_the_environment_is(self, protected: bool) -> None:
        # R-RSP-5
        stack = sample(deletion_protection=protected)
        assert stack.by_path("responders/store/incidents")["deletion_protection_enabled"] is protected
        assert not stack.by_path("responders/store/state").get("deletion_protection_enabled")


class TestSchedulesAndSwitch:
    def test_the_sweep_is_hourly(self, prod: Stack) -> None:
        sweep = prod.one("aws_scheduler_schedule")
        assert sweep["schedule_expression"] == "rate(1 hour)"
        assert json.loads(sweep["target"]["input"]) == {"sweep": True}
        assert sweep.refers_to(prod.by_path("responders/schedules/group"), "group_name")
        assert f"${{{prod.by_path('responders/release/function').address}.arn}}" in str(sweep["target"])

    @pytest.mark.parametrize(("on", "value"), [(True, "on"), (False, "off")])
    def test_terraform_sets_the_switch_once(self, on: bool, value: str) -> None:
        switch = sample(responders=RespondersSettings(containment_enabled=on)).one("aws_ssm_parameter")
        assert switch["value"] == value
        assert switch["lifecycle"]["ignore_changes"] == ["value"]


class TestCountries:
    def test_the_router_alone_has_the_database(self, tmp_path: Path) -> None:
        # R-RSP-4
        database = tmp_path / "own.mmdb"
        database.write_bytes(b"\xab\xcd\xefMaxMind.com")
        stack = sample(responders=RespondersSettings(geography=GeographySettings(database=database)))
        layer = stack.by_path("responders/countries-layer")
        for name in FUNCTIONS:
            one = stack.by_path(f"responders/{name}/function")
            assert (f"${{{layer.address}.arn}}" in one["layers"]) is (name == "router")
            path = one["environment"]["variables"].get("COUNTRY_DATABASE")
            assert path == ("/opt/countries.mmdb" if name == "router" else None)

    def test_production_has_a_database(self, prod: Stack) -> None:
        # R-RSP-4
        router = prod.by_path("responders/router/function")
        assert router["environment"]["variables"]["COUNTRY_DATABASE"] == "/opt/countries.mmdb"
        assert json.loads(router["environment"]["variables"]["RESPONDERS"])["geography"]["learning_days"] == 14

    def test_without_geography_there_is_none(self) -> None:
        for one in sample(responders=RespondersSettings()).all("aws_lambda_function"):
            assert len(one["layers"]) == 1
            assert "COUNTRY_DATABASE" not in one["environment"]["variables"]


class TestEnhancedTrail:
    def test_it_is_made_stopped_and_left_alone(self, prod: Stack) -> None:
        # R-RSP-3
        trail = prod.by_path("enhanced-trail/trail")
        assert trail["name"] == "xyz-corp-audit-trail-enhanced"
        assert trail["enable_logging"] is False
        assert trail["lifecycle"]["ignore_changes"] == ["enable_logging"]
        assert trail["enable_log_file_validation"] is True
        assert trail["s3_bucket_name"] == "xyz-corp-cloudtrail-logs-2025"
        assert trail.refers_to(prod.by_path("trail-key/key"), "kms_key_id")
        assert prod.by_path("archive/logs/policy").address in trail["depends_on"]

    def test_it_records_all_data_events_but_our_own(self, prod: Stack) -> None:
        # R-TRL-2, R-RSP-3
        selectors = prod.by_path("enhanced-trail/trail")["advanced_event_selector"]
        kinds = []
        for selector in selectors:
            fields = {one["field"]: one for one in selector["field_selector"]}
            assert fields.keys() == {"eventCategory", "resources.type", "resources.ARN"}
            assert fields["eventCategory"]["equals"] == ["Data"]
            assert "starts_with" not in fields["resources.ARN"]
            assert fields["resources.ARN"]["not_starts_with"]
            kinds += fields["resources.type"]["equals"]
        assert kinds == ["AWS::S3::Object", "AWS::Lambda::Function"]

    def test_a_region_takes_five_trails(self, stack: Stack) -> None:
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
        assert len(stack.all("aws_cloudtrail")) <= 5

    def test_without_enhanced_logging_there_is_none(self) -> None:
        stack = sample(responders=RespondersSettings(enhanced_logging=None))
        assert [one["name"] for one in stack.all("aws_cloudtrail")] == ["sample-trail"]
        for policy in stack.below("responders", "aws_iam_role_policy"):
            assert "cloudtrail:" not in policy["policy"]


def test_dev_has_none(stacks: dict[str, Stack]) -> None:
    dev = stacks["dev"]
    assert not dev.below("responders", "aws_lambda_function")
    assert len(dev.all("aws_cloudtrail")) == 1


def test_tables_and_queues_are_outputs(prod: Stack) -> None:
    # R-RSP-5
    names = {"events_queue_url", "dead_letters_queue_url", "responder_state_table", "incidents_table"}
    assert names <= prod.document["output"].keys()


@pytest.mark.parametrize(("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
def test_other_partitions_synthesise(region: str, partition: str) -> None:
    stack = sample(home_region=region)
    assert "arn:aws:" not in stack.text
    assert f"arn:{partition}:lambda:{region}:" in stack.text


def test_names_fit_for_the_longest_prefix() -> None:
    stack = sample(name_prefix="a" * 30)
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    for type_, attribute, most in (
        ("aws_iam_role", "name", 64),
        ("aws_lambda_function", "function_name", 64),
        ("aws_cloudwatch_event_rule", "name", 64),
        ("aws_sqs_queue", "name", 80),
        ("aws_scheduler_schedule", "name", 64),
        ("aws_scheduler_schedule_group", "name", 64),
    ):
        for resource in stack.all(type_):
            assert len(resource[attribute]) <= most, resource


def test_environments_settings_stay_frozen(environments: dict[str, MonitoringSettings]) -> None:
    responders = environments["prod"].responders
    assert responders is not None
    with pytest.raises(ValueError, match="frozen"):
        responders.containment_enabled = False  # type: ignore[misc]
