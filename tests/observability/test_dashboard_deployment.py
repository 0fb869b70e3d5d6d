"""The dashboard deployed by real Terraform into the embedded AWS, beside the alarms that it shows."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cloudtrail_monitoring as monitoring
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.observability.dashboard import alarms_of
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.terraform import PlanResult, Terraform, missing_for_deployment
from tests.settings_samples import ACCOUNT, ALERTING, LOCATION
from tests.synthesised import synthesise

MISSING = missing_for_deployment()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"DEPLOYMENT NOT TESTED: {MISSING}")

DETECTIONS = tuple(CATALOGUE[id_] for id_ in ("root-activity", "console-login", "console-login-failures"))


@dataclass
class Deployed:
    body: dict[str, Any]
    arn: str
    alarm_arns: set[str]
    second_plan: PlanResult
    left_after_destroy: list[str]


def build(stack: Any) -> None:
    from cdktf import LocalBackend
    from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
    from cdktf_cdktf_provider_aws.provider import AwsProvider

    # CDKTF's default is the project's folder
    LocalBackend(stack, path="terraform.tfstate")
    AwsProvider(stack, "aws", region=LOCATION.region, allowed_account_ids=[ACCOUNT])
    group = CloudwatchLogGroup(stack, "group", name="everybodys-trail")
    monitoring.SecurityAlarms(
        stack,
        "alarms",
        ALERTING,
        detections=DETECTIONS,
        log_group_name=group.name,
        topic_arns=dict.fromkeys(Channel, LOCATION.arn("sns", "everybodys-alerts")),
        prefix="sample",
        namespace="Sample",
    )
    monitoring.MonitoringDashboard(
        stack,
        "dashboard",
        monitoring.ObservabilitySettings(),
        location=LOCATION,
        prefix="sample",
        namespace="Sample",
        detections=DETECTIONS,
        alarms=tuple(alarms_of(stack)),
        log_group_name="everybodys-trail",
        runbook_url="https://runbooks.example.com",
        anomaly=ALERTING.anomaly,
    )


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    folder: Path = tmp_path_factory.mktemp("dashboard")
    with EmbeddedAws(ACCOUNT, LOCATION.region) as aws:
        (folder / "main.tf.json").write_text(json.dumps(synthesise(build).document), encoding="utf-8")
        terraform = Terraform(folder, aws.environment)
        terraform.init()
        terraform.apply()
        second_plan = terraform.plan()
        cloudwatch = aws.client("cloudwatch")
        answer = cloudwatch.get_dashboard(DashboardName="sample-overview")
        alarms = {one["AlarmArn"] for one in cloudwatch.describe_alarms()["MetricAlarms"]}
        terraform.destroy()
        left = [one["DashboardName"] for one in cloudwatch.list_dashboards()["DashboardEntries"]]
    return Deployed(json.loads(answer["DashboardBody"]), answer["DashboardArn"], alarms, second_plan, left)


def test_a_second_plan_changes_nothing(deployed: Deployed) -> None:  # R-DSH-5
    assert deployed.second_plan.changes == 0


def test_it_shows_the_alarms_that_are_there(deployed: Deployed) -> None:  # R-DSH-5
    listed = [one["properties"]["alarms"] for one in deployed.body["widgets"] if one["type"] == "alarm"]
    assert {arn for arns in listed for arn in arns} == deployed.alarm_arns
    assert len(deployed.alarm_arns) == len(DETECTIONS)


def test_its_arn_is_the_one_that_policies_name(deployed: Deployed) -> None:
    assert deployed.arn == LOCATION.dashboard_arn("sample-overview")


def test_it_goes_with_its_stack(deployed: Deployed) -> None:
    assert deployed.left_after_destroy == []
