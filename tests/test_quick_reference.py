"""The quick reference names what the environment has, and its commands exist and find what they say."""

import json
import re
import shlex
from datetime import UTC, datetime
from typing import Any

import jmespath
import pytest
from typer.testing import CliRunner

from cloudtrail_monitoring import quick_reference
from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.insights_query import MAX_CHARACTERS
from cloudtrail_monitoring.sandbox.logs_insights import run
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.conftest import CONTACTS_VARIABLE, ENVIRONMENTS, EXAMPLE_CONTACTS, PROJECT
from tests.documented_commands import commands, expanded, fault, options
from tests.settings_samples import SAMPLE, changed
from tests.synthesised import Stack

Environments = dict[str, MonitoringSettings]


def words(line: str) -> list[str]:
    [command] = commands(line)
    return command


def given(settings: MonitoringSettings, name: str) -> dict[str, list[str]]:
    return options(words(quick_reference.commands(settings)[name])[3:])[0]


# R-DEL-5
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_command_exists(environments: Environments, environment: str) -> None:
    lines = quick_reference.commands(environments[environment])
    assert {name: problem for name, line in lines.items() if (problem := fault(words(line)))} == {}


# R-DEL-5
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("name", ["create", "create_by_hand", "start", "status", "list_events"])
def test_what_the_requirement_names_is_there(environments: Environments, environment: str, name: str) -> None:
    assert quick_reference.commands(environments[environment])[name]


# R-DEL-5
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_stack_s_output_is_the_same_table(environments: Environments, environment: str, stacks: Any) -> None:
    output = stacks[environment].document["output"]["quick_reference"]["value"]
    assert output == quick_reference.commands(environments[environment])


# R-DEL-5
def test_names_are_those_of_the_synthesised_resources(environments: Environments, prod: Stack) -> None:
    trail, settings = prod.one("aws_cloudtrail", name="xyz-corp-audit-trail"), environments["prod"]
    create = given(settings, "create_by_hand")
    assert create["--name"] == [trail["name"]]
    assert create["--s3-bucket-name"] == [trail["s3_bucket_name"]]
    assert {"--is-multi-region-trail", "--include-global-service-events", "--enable-log-file-validation"} <= set(create)
    assert trail["is_multi_region_trail"] is trail["include_global_service_events"] is True
    assert trail["enable_log_file_validation"] is True
    [alias] = [one["name"] for one in prod.all("aws_kms_alias") if one["name"].endswith("-trail")]
    assert create["--kms-key-id"] == [alias]
    roles = [one["name"] for one in prod.all("aws_iam_role")]
    assert create["--cloud-watch-logs-role-arn"][0].rpartition("/")[2] in roles
    groups = [one["name"] for one in prod.all("aws_cloudwatch_log_group")]
    for name in ("iam_events", "console_events", "query_users_created"):
        assert given(settings, name)["--log-group-name"][0] in groups
    topics = [one["name"] for one in prod.all("aws_sns_topic")]
    assert given(settings, "email_subscriptions")["--topic-arn"][0].rpartition(":")[2] in topics
    assert given(settings, "responders_state")["--name"] == [one["name"] for one in prod.all("aws_ssm_parameter")]
    alarms = [one["alarm_name"] for one in prod.all("aws_cloudwatch_metric_alarm")]
    assert given(settings, "alarm_history")["--alarm-name"][0] in alarms
    assert all(name.startswith(given(settings, "alarms")["--alarm-name-prefix"][0]) for name in alarms)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_answer_with_nothing_in_it_is_shown_all_the_same(environments: Environments, environment: str) -> None:
    for line in quick_reference.commands(environments[environment]).values():
        if "--query " in line:
            [shown] = options(words(line)[3:])[0]["--query"]
            jmespath.search(shown, {})


# R-DEL-5
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_call_goes_to_the_home_region(environments: Environments, environment: str) -> None:
    settings = environments[environment]
    for name, line in quick_reference.commands(settings).items():
        if line.startswith("aws "):
            assert options(words(line)[3:])[0]["--region"] == [settings.home_region], name


def test_iam_s_events_are_looked_up_where_they_are_recorded() -> None:
    frankfurt = changed(SAMPLE, home_region="eu-central-1")
    assert given(frankfurt, "list_events")["--region"] == ["us-east-1"]
    assert given(frankfurt, "status")["--region"] == ["eu-central-1"]


def test_another_partition_has_its_own_arns() -> None:
    lines = quick_reference.commands(changed(SAMPLE, home_region="us-gov-west-1"))
    assert not [name for name, line in lines.items() if re.search("arn:aws:", line)]
    assert "arn:aws-us-gov:" in lines["validate"]


def test_what_an_environment_lacks_is_not_named() -> None:
    bare = changed(SAMPLE, search=None, trail=changed(SAMPLE.trail, insights=()))
    lines = quick_reference.commands(bare)
    assert SAMPLE.responders is None
    assert (
        not {"incidents", "responders_state", "responders_off", "enhanced_status", "insights", "search"} & lines.keys()
    )
    assert given(SAMPLE, "iam_events")["--log-group-name"] == [SAMPLE.trail.log_group_name]
    without_key = changed(SAMPLE, trail=changed(SAMPLE.trail, customer_managed_key=False))
    assert "--kms-key-id" in given(SAMPLE, "create_by_hand")
    assert "--kms-key-id" not in given(without_key, "create_by_hand")


def test_an_organization_trail_s_files_lie_below_the_organization() -> None:
    organization = changed(SAMPLE, trail=changed(SAMPLE.trail, organization_id="o-a1b2c3d4e5"))
    assert given(organization, "newest_files")["--prefix"][0].startswith(f"AWSLogs/o-a1b2c3d4e5/{SAMPLE.account_id}/")
    # validate-logs needs the account then
    assert given(organization, "validate")["--account-id"] == [SAMPLE.account_id]
    assert "--is-organization-trail" in given(organization, "create_by_hand")


LOGIN = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "userIdentity": {"type": "IAMUser"}}
FAILED = {**LOGIN, "errorMessage": "Failed authentication", "responseElements": {"ConsoleLogin": "Failure"}}
SUCCEEDED = {**LOGIN, "responseElements": {"ConsoleLogin": "Success"}}


def of_iam(name: str, **more: Any) -> dict[str, Any]:
    return {"eventSource": "iam.amazonaws.com", "eventName": name, **more}


# R-QRY-4
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    ("name", "found", "passed_over"),
    [
        ("iam_events", of_iam("CreateUser"), of_iam("DeleteUser")),
        ("console_events", FAILED, SUCCEEDED),
        # the code that the source's own command asked for does not occur in console logins
        ("console_events", {**LOGIN, "errorMessage": "Failed authentication"}, {**LOGIN, "errorCode": "SigninFailure"}),
    ],
)
def test_filters_find_what_they_say(
    environments: Environments, environment: str, name: str, found: dict[str, Any], passed_over: dict[str, Any]
) -> None:
    [text] = given(environments[environment], name)["--filter-pattern"]
    pattern = FilterPattern.parse(text)
    assert pattern.matches(found)
    assert not pattern.matches(passed_over)


# R-QRY-1, R-QRY-2, R-QRY-3
@pytest.mark.parametrize(
    ("name", "found", "passed_over"),
    [
        ("query_users_created", of_iam("CreateUser"), of_iam("CreateUser", errorCode="AccessDenied")),
        ("query_failed_logins", FAILED, SUCCEEDED),
        ("query_policies_attached", of_iam("AttachUserPolicy"), of_iam("AttachGroupPolicy")),
        ("query_policies_attached", of_iam("AttachRolePolicy"), of_iam("DetachRolePolicy")),
    ],
)
def test_queries_find_what_they_say(
    environments: Environments, name: str, found: dict[str, Any], passed_over: dict[str, Any]
) -> None:
    [query] = given(environments["prod"], name)["--query-string"]
    records = [
        {**record, "eventID": id_, "eventTime": "2026-03-12T02:13:00Z"}
        for id_, record in (("found", found), ("passed over", passed_over))
    ]
    rows = run(query, records, now=datetime(2026, 3, 13, tzinfo=UTC))
    assert [row["eventID"] for row in rows] == ["found"]


# R-QRY-1, R-QRY-2, R-QRY-3
@pytest.mark.parametrize("name", ["query_users_created", "query_failed_logins", "query_policies_attached"])
def test_queries_are_one_line_over_seven_days_in_seconds(environments: Environments, name: str) -> None:
    line = quick_reference.commands(environments["prod"])[name]
    query = given(environments["prod"], name)
    assert "\n" not in line
    assert query["--start-time"] == ["$(($(date +%s) - 604800))"]
    assert len(query["--query-string"][0]) <= MAX_CHARACTERS


# R-DEL-5, R-QRY-4; filter-log-events counts milliseconds, start-query seconds
@pytest.mark.parametrize(
    ("name", "days", "unit"),
    [
        ("iam_events", 1, 1000),
        ("console_events", 1, 1000),
        ("query_users_created", 7, 1),
        ("query_failed_logins", 7, 1),
    ],
)
def test_times_are_in_the_unit_that_the_call_counts_in(
    environments: Environments, name: str, days: int, unit: int
) -> None:
    given_words = options(expanded(quick_reference.commands(environments["prod"])[name])[3:])[0]
    ago = datetime.now(UTC).timestamp() - int(given_words["--start-time"][0]) / unit
    assert ago == pytest.approx(days * 86_400, abs=3_700), "an hour more or less where the clocks were changed"


# R-DEL-5
def test_the_newest_files_come_first(environments: Environments) -> None:
    files = [{"Key": f"{hour:02}.gz", "LastModified": f"2026-03-12T{hour:02}:00:00Z"} for hour in (3, 9, 1, 7, 5, 8, 2)]
    [shown] = given(environments["prod"], "newest_files")["--query"]
    assert [key for _, key in jmespath.search(shown, {"Contents": files})] == [
        "09.gz", "08.gz", "07.gz", "05.gz", "03.gz",
    ]  # fmt: skip


# R-DEL-5
def test_lines_do_what_is_said_of_them(environments: Environments) -> None:
    assert given(environments["prod"], "alarms")["--state-value"] == ["ALARM"]
    off = given(environments["prod"], "responders_off")
    # anything but "on" stops them, and the state is read as it is written
    assert off["--value"] == ["off"]
    assert off["--name"] == given(environments["prod"], "responders_state")["--name"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_in_a_line_is_a_template_of_terraform_or_stops_the_trail(
    environments: Environments, environment: str
) -> None:
    for name, line in quick_reference.commands(environments[environment]).items():
        assert "${" not in line, name
        assert "%{" not in line, name
        assert not re.search("stop-logging|delete-", line), name


@pytest.fixture(autouse=True)
def _example_contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTACTS_VARIABLE, EXAMPLE_CONTACTS)


# R-DEL-5
def test_the_command_line_prints_it_for_people_and_programs(environments: Environments) -> None:
    asked = ["quick-reference", "--environment", "staging", "--project", str(PROJECT)]
    staging = quick_reference.commands(environments["staging"])
    text = CliRunner().invoke(app, asked)
    assert text.exit_code == 0
    assert set(staging.values()) <= set(text.stdout.splitlines())
    assert json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout) == staging


def test_the_command_line_names_the_environments_there_are() -> None:
    result = CliRunner().invoke(app, ["quick-reference", "--environment", "nowhere", "--project", str(PROJECT)])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "there is no environment 'nowhere'; there are dev, prod, staging"
    assert result.stdout == ""


def test_names_are_quoted_for_a_shell() -> None:
    odd = changed(SAMPLE, trail=changed(SAMPLE.trail, log_group_name="#CloudTrail/sample"))
    assert shlex.quote("#CloudTrail/sample") in quick_reference.commands(odd)["tail"]
    assert words(quick_reference.commands(odd)["tail"])[3] == "#CloudTrail/sample"
