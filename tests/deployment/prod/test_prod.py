"""Production, deployed unmodified, read back through AWS's own API."""

import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest

from cloudtrail_monitoring.responders.names import FUNCTIONS
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.sandbox.dashboard import ReplayWithDays
from cloudtrail_monitoring.sandbox.replay import ReplayResult, replay
from cloudtrail_monitoring.sandbox.report import as_json
from cloudtrail_monitoring.sandbox.scenario import LOOK_ALIKES, SCENARIO, judge
from cloudtrail_monitoring.sandbox.terraform import TerraformFailed
from tests.delivery.delivery_requests import DeliveryRole
from tests.delivery.judged_calls import refused
from tests.delivery.recorded_calls import recorded_calls
from tests.deployment.conftest import Deployed
from tests.synthesised import Stack

BUCKET = "xyz-corp-cloudtrail-logs-2025"


def test_a_second_plan_shows_no_change(prod: Deployed) -> None:  # R-DEL-1
    assert prod.deployment.planned_changes() == 0


def test_the_deploy_role_may_do_what_deployed(prod: Deployed, stacks: dict[str, Stack]) -> None:  # R-DEL-3
    assert prod.calls
    role = DeliveryRole.of(stacks["state-prod"], "deploy", prod.settings.account_id)
    assert refused(prod.calls, role, prod.settings) == []


def test_the_plan_role_may_do_what_a_plan_does(prod: Deployed, stacks: dict[str, Stack]) -> None:  # R-DEL-3
    terraform = prod.deployment.terraform
    with recorded_calls() as calls:
        terraform.init()
        assert terraform.plan("-lock=false").changes == 0
    role = DeliveryRole.of(stacks["state-prod"], "plan", prod.settings.account_id)
    assert calls
    assert refused(calls, role, prod.settings) == []


def test_cdktf_diff_shows_no_change(prod: Deployed) -> None:
    assert "No changes" in prod.deployment.cdktf("diff")


def test_the_trail_is_logging_everywhere_and_validated(prod: Deployed) -> None:  # R-TRL-1, R-TRL-3
    cloudtrail = prod.aws.client("cloudtrail")
    [trail] = cloudtrail.describe_trails(trailNameList=["xyz-corp-audit-trail"])["trailList"]
    assert trail["S3BucketName"] == BUCKET
    assert trail["IsMultiRegionTrail"]
    assert trail["IncludeGlobalServiceEvents"]
    assert trail["LogFileValidationEnabled"]
    assert trail["KmsKeyId"]
    assert cloudtrail.get_trail_status(Name=trail["Name"])["IsLogging"]


def test_the_trail_has_insights(prod: Deployed) -> None:  # R-TRL-5
    selectors = prod.aws.client("cloudtrail").get_insight_selectors(TrailName="xyz-corp-audit-trail")
    types = {selector["InsightType"] for selector in selectors["InsightSelectors"]}
    assert types == {"ApiCallRateInsight", "ApiErrorRateInsight"}


def test_the_log_group_keeps_a_year(prod: Deployed) -> None:  # R-TRL-4
    groups = prod.aws.client("logs").describe_log_groups()["logGroups"]
    assert prod.settings.trail.log_group_name in {group["logGroupName"] for group in groups}
    assert {group["retentionInDays"] for group in groups} == {365}


def test_the_enhanced_trail_waits_stopped(prod: Deployed) -> None:  # R-RSP-3
    cloudtrail = prod.aws.client("cloudtrail")
    [trail] = cloudtrail.describe_trails(trailNameList=["xyz-corp-audit-trail-enhanced"])["trailList"]
    assert trail["S3BucketName"] == BUCKET
    assert not cloudtrail.get_trail_status(Name=trail["Name"])["IsLogging"]


def test_a_started_enhanced_trail_and_a_turned_switch_are_no_drift(prod: Deployed) -> None:  # R-RSP-3
    cloudtrail, ssm = prod.aws.client("cloudtrail"), prod.aws.client("ssm")
    cloudtrail.start_logging(Name="xyz-corp-audit-trail-enhanced")
    ssm.put_parameter(Name="/xyz-corp-audit/responders", Value="off", Overwrite=True)
    try:
        assert prod.deployment.planned_changes() == 0
    finally:
        cloudtrail.stop_logging(Name="xyz-corp-audit-trail-enhanced")
        ssm.put_parameter(Name="/xyz-corp-audit/responders", Value="on", Overwrite=True)


def test_the_responders_are_there(prod: Deployed) -> None:  # R-RSP-1 to R-RSP-6
    functions = {one["FunctionName"]: one for one in prod.aws.client("lambda").list_functions()["Functions"]}
    assert functions.keys() == {f"xyz-corp-audit-{name}" for name in FUNCTIONS}
    for function in functions.values():
        read = Configuration.read(function["Environment"]["Variables"])
        assert prod.aws.client("dynamodb").describe_table(TableName=read.state_table)
        assert prod.aws.client("sqs").get_queue_attributes(QueueUrl=read.queue_url)
        assert prod.aws.client("ssm").get_parameter(Name=read.switch_parameter)["Parameter"]["Value"] == "on"


def test_the_log_group_feeds_the_intake(prod: Deployed) -> None:  # R-RSP-1
    [subscription] = prod.aws.client("logs").describe_subscription_filters(
        logGroupName=prod.settings.trail.log_group_name
    )["subscriptionFilters"]
    assert subscription["destinationArn"].endswith(":function:xyz-corp-audit-intake")


def test_the_archive_is_locked_for_seven_years(prod: Deployed) -> None:  # R-ARC-5
    lock = prod.aws.client("s3").get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]
    assert lock["ObjectLockEnabled"] == "Enabled"
    assert lock["Rule"]["DefaultRetention"]["Mode"] == "GOVERNANCE"
    assert lock["Rule"]["DefaultRetention"]["Days"] == 2557


def test_the_archive_moves_logs_to_colder_storage_and_expires_them(prod: Deployed) -> None:  # R-ARC-4, R-ARC-5
    [rule] = prod.aws.client("s3").get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert [(step["Days"], step["StorageClass"]) for step in rule["Transitions"]] == [
        (30, "STANDARD_IA"),
        (90, "GLACIER_IR"),
    ]
    assert rule["Expiration"]["Days"] == 2557
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30


def test_the_archive_logs_its_accesses_into_another_bucket(prod: Deployed) -> None:  # R-ARC-6
    logging = prod.aws.client("s3").get_bucket_logging(Bucket=BUCKET)["LoggingEnabled"]
    assert logging["TargetBucket"] == f"{BUCKET}-access"


def test_all_that_was_synthesised_is_there(prod: Deployed, stacks: dict[str, Stack]) -> None:  # R-EVT-12
    logs, cloudwatch, sns = (prod.aws.client(name) for name in ("logs", "cloudwatch", "sns"))
    pages = logs.get_paginator("describe_metric_filters").paginate(logGroupName=prod.settings.trail.log_group_name)
    alarms = cloudwatch.get_paginator("describe_alarms").paginate()
    there = {
        "aws_cloudwatch_log_metric_filter": sum(len(page["metricFilters"]) for page in pages),
        "aws_cloudwatch_metric_alarm": sum(len(page["MetricAlarms"]) for page in alarms),
        "aws_sns_topic_subscription": len(sns.list_subscriptions()["Subscriptions"]),
    }
    assert there == {type_: len(stacks["prod"].all(type_)) for type_ in there}


def test_every_alarm_can_reach_a_reader(prod: Deployed) -> None:  # R-ALM-1, R-ALM-3
    alarms = prod.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    sns = prod.aws.client("sns")
    quiet = {
        f"{prod.settings.name_prefix}-{one.id}"
        for one in prod.settings.deployed_detections
        if not prod.settings.alerting.routes.get(one.level)
    }
    assert {alarm["AlarmName"] for alarm in alarms if not alarm["AlarmActions"]} == quiet
    for alarm in (alarm for alarm in alarms if alarm["AlarmActions"]):
        protocols = {
            subscription["Protocol"]
            for topic in alarm["AlarmActions"]
            for subscription in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        }
        assert "email" in protocols, alarm["AlarmName"]


def test_the_state_lies_in_the_environments_own_bucket(prod: Deployed) -> None:  # R-DEL-2
    s3 = prod.aws.client("s3")
    bucket = prod.settings.state.bucket_name
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert keys == {"prod/terraform.tfstate", "state-prod/terraform.tfstate"}  # and no lock file left behind
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_state_bootstrap_runs_again_without_harm(prod: Deployed) -> None:  # R-DEL-2
    printed = prod.deployment.step("bootstrap again", ["scripts/bootstrap-state.sh", "prod"])
    assert "keeps its state in its bucket already" in printed
    assert "Apply" not in printed  # a change of what stands goes the way of every change


@pytest.fixture(scope="module")
def attack(prod: Deployed) -> ReplayResult:
    """The bundled attack, replayed once: responders answer an event once only."""
    return replay([SCENARIO], prod.aws, prod.settings)


def test_the_attack_alarms_and_its_look_alikes_do_not(prod: Deployed, attack: ReplayResult) -> None:
    # R-ALM-1 to R-ALM-4
    findings = judge(attack)
    assert findings
    assert [line for finding in findings for line in finding.deviations] == []
    assert [event for finding in findings for event in finding.false_alarms] == []
    report = as_json(attack, prod.deployment.deployed(), 0)
    assert report["look_alikes_alarmed"] == 0
    assert report["deployed"]["aws_cloudtrail"] == 2


def held(attack: ReplayResult, kind: str) -> list[tuple[str, str]]:
    """Beginnings and ends of what responders held, as times of the day; with the date where it is another."""
    found = dict.fromkeys(done for event in attack.events for done in event.actions if done.kind == kind)
    return [(f"{one.began:%H:%M:%S}", f"{one.ended:%d %H:%M:%S}" if one.ended else "") for one in found]


def test_the_guessed_user_is_locked_out_and_let_go_on_time(attack: ReplayResult) -> None:
    # R-RSP-1: the sixth failure of jordan.meyer was at 05:53:41; schedules fire at full minutes
    assert held(attack, "account_lockout") == [("05:53:46", "09 06:24:00")]


def test_the_login_from_a_new_country_is_challenged_for_a_day(attack: ReplayResult) -> None:  # R-RSP-4
    assert held(attack, "geo_challenge") == [("05:58:25", "10 05:59:00")]


def test_enhanced_logging_goes_on_and_off_again(prod: Deployed, attack: ReplayResult) -> None:
    # R-RSP-3: an hour after the last of each night's changes
    assert held(attack, "enhanced_logging") == [("06:10:51", "09 07:32:00"), ("22:20:36", "09 23:21:00")]
    name = f"{prod.settings.trail.name}-enhanced"
    assert prod.aws.client("cloudtrail").get_trail_status(Name=name)["IsLogging"] is False


def test_root_is_told_enriched_and_as_one_conversation(attack: ReplayResult) -> None:  # R-RSP-2
    mails = [one for one in attack.notifications if one.via == "router" and "Root session" in (one.subject or "")]
    assert len({one.subject for one in mails}) == 1
    assert any("MFA:" in one.text and "NO: the password or key alone" in one.text for one in mails)


def test_alarms_are_told_with_who_did_what(attack: ReplayResult) -> None:  # R-RSP-6
    told = [one.subject or "" for one in attack.notifications if one.via == "alarm-story" and one.protocol == "email"]
    assert any(one.startswith("user jordan.meyer: ") and "PutUserPolicy" in one for one in told), told


def test_look_alikes_set_off_no_responder(attack: ReplayResult) -> None:  # R-RSP-1 to R-RSP-4
    alike = {id_ for step in LOOK_ALIKES for id_ in step.event_ids}
    assert [event.event_id for event in attack.events if event.event_id in alike and event.actions] == []


def test_nothing_is_held_any_more_in_the_end(prod: Deployed, attack: ReplayResult) -> None:
    assert attack.unanswered == ()
    assert prod.aws.client("iam").list_user_policies(UserName="jordan.meyer")["PolicyNames"] == []
    group = prod.settings.name_prefix
    schedules = prod.aws.client("scheduler").list_schedules(GroupName=group)["Schedules"]
    assert [one["Name"] for one in schedules] == [f"{group}-sweep"]


@pytest.mark.parametrize(
    ("group", "pattern", "events"),
    [
        ("CloudTrail/IAMEvents", "{ $.eventName = CreateAccessKey }", 1),
        ("CloudTrail/IAMEvents", '{ $.eventName = "Attach*Policy" }', 2),
        ("CloudTrail/ConsoleEvents", '{ $.responseElements.ConsoleLogin = "Failure" }', 11),
        ("CloudTrail/ConsoleEvents", '{ $.userIdentity.type = "Root" }', 1),
    ],
)
@pytest.mark.usefixtures("attack")
def test_the_category_log_groups_answer_the_analysts(prod: Deployed, group: str, pattern: str, events: int) -> None:
    # R-QRY-4
    found = prod.aws.client("logs").filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
    assert len({json.loads(one["message"])["eventID"] for one in found}) == events


@pytest.mark.usefixtures("attack")
def test_an_alarm_stands_in_the_embedded_cloudwatch(prod: Deployed) -> None:  # R-ALM-1
    history = prod.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    reasons = {alarm["AlarmName"]: alarm["StateReason"] for alarm in history}
    assert "hreshold" in reasons["xyz-corp-audit-console-login-failures"]


def test_every_widget_of_the_dashboard_is_drawn(prod: Deployed, attack: ReplayResult) -> None:
    # R-DSH-1 to R-DSH-5
    page = unescape(ReplayWithDays(()).page(prod.aws, prod.settings, attack))
    for shortfall in ("Can't be shown", "Not drawn here", "is not drawn here", "does not exist"):
        assert shortfall not in page
    body = prod.aws.client("cloudwatch").get_dashboard(DashboardName=f"{prod.settings.name_prefix}-overview")
    titles = [one["properties"].get("title", "") for one in json.loads(body["DashboardBody"])["widgets"]]
    assert [title for title in titles if title not in page] == []
    # what responders measured is there: a login, a containment, the incidents of the full hour
    for measured in ("<td>AQ</td>", "<span>account_lockout</span>", "<dd>2</dd><dt>open</dt>"):
        assert measured in page
    # whoever is told has an address, and no page
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+|\+\d{8,}", page)


def test_destroying_production_is_refused(prod: Deployed) -> None:  # R-DEL-1
    with pytest.raises(TerraformFailed, match="prevent_destroy"):
        prod.deployment.terraform.destroy()
    assert len(prod.aws.client("cloudtrail").describe_trails()["trailList"]) == 2


def test_objects_of_the_archive_carry_the_default_lock(prod: Deployed) -> None:  # R-ARC-5
    s3 = prod.aws.client("s3")
    key = f"AWSLogs/{prod.settings.account_id}/CloudTrail/us-east-1/2026/03/09/file.json.gz"
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps({"Records": []}).encode())
    written = s3.head_object(Bucket=BUCKET, Key=key)
    assert written["ObjectLockMode"] == "GOVERNANCE"
    assert (written["ObjectLockRetainUntilDate"] - datetime.now(UTC)).days in (2556, 2557)
