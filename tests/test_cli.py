"""The command line: an example in each help, one line for what can't be used."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudtrail_monitoring.cli import app
from tests.synthesised import Stack

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("command", ["demo", "detections", "scan", "simulate"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: cloudtrail-monitoring {command}" in result.stdout


def test_an_unknown_environment_is_named_with_those_there_are() -> None:
    result = CliRunner().invoke(app, ["demo", "--environment", "nowhere", "--project", str(ROOT)])
    assert result.exit_code == 2
    assert result.stderr == "there is no environment 'nowhere'; there are dev, prod, staging\n"


def test_a_folder_without_environments_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--project", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "no environments here" in result.stderr


def test_missing_records_are_refused_before_anything_is_deployed(tmp_path: Path) -> None:
    absent = tmp_path / "absent.jsonl"
    result = CliRunner().invoke(
        app, ["demo", "--project", str(ROOT), "--events", str(absent), "--output", str(tmp_path / "out")]
    )
    assert result.exit_code == 2
    assert str(absent) in result.stderr
    assert not (tmp_path / "out").exists()


def test_scanning_nothing_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["scan", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "make synth" in result.stderr


SIMULATED = ["simulate", "--project", str(ROOT), "--output"]
ROOT_LOGIN = {
    "eventVersion": "1.09",
    "eventID": "7e1f3a52-0000-4000-8000-000000000001",
    "eventTime": "2026-03-12T02:13:00Z",
    "eventName": "ConsoleLogin",
    "eventSource": "signin.amazonaws.com",
    "eventType": "AwsConsoleSignIn",
    "userIdentity": {"type": "Root"},
    "responseElements": {"ConsoleLogin": "Success"},
    "additionalEventData": {"MFAUsed": "No"},
}
LIST = {**ROOT_LOGIN, "eventID": "7e1f3a52-0000-4000-8000-000000000002", "eventName": "ListUsers", "userIdentity": {}}


@pytest.fixture
def logins(tmp_path: Path) -> Path:
    file = tmp_path / "logins.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (LIST, ROOT_LOGIN)))
    return file


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from cloudtrail_monitoring.cli import app; app()", *arguments]


# R-ALM-2, R-ALM-4
def test_simulate_answers_each_record_with_its_detections(synthesised_output: Path, logins: Path) -> None:
    result = CliRunner().invoke(app, [*SIMULATED, str(synthesised_output), str(logins), "--json"])
    assert result.exit_code == 0
    nothing, login = (json.loads(line) for line in result.stdout.splitlines())
    assert nothing == {
        "eventID": LIST["eventID"],
        "eventName": "ListUsers",
        "eventTime": "2026-03-12T02:13:00Z",
        "detections": [],
    }
    assert {"root-activity", "console-login-without-mfa"} <= set(login["detections"])


def test_simulate_reads_standard_input(synthesised_output: Path, logins: Path) -> None:
    done = subprocess.run(
        command(*SIMULATED, str(synthesised_output), "-", "--json"),
        input=logins.read_text(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line)["eventID"] for line in done.stdout.splitlines()] == [
        LIST["eventID"],
        ROOT_LOGIN["eventID"],
    ]


def test_simulate_shows_people_a_table(synthesised_output: Path, logins: Path) -> None:
    result = CliRunner().invoke(app, [*SIMULATED, str(synthesised_output), str(logins)])
    assert result.exit_code == 0
    assert "root-activity" in result.stdout
    assert "2 records read" in result.stdout


def test_simulate_explains_a_record(synthesised_output: Path, logins: Path) -> None:
    event_id = ROOT_LOGIN["eventID"]
    result = CliRunner().invoke(
        app,
        [*SIMULATED, str(synthesised_output), str(logins), "--explain", str(event_id), "--detection", "root-activity"],
    )
    assert result.exit_code == 0
    assert "✓ root-activity" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.jsonl"], "absent.jsonl: no such file or folder"),
        (["{logins}", "--environment", "nowhere"], "there is no environment 'nowhere'; there are dev, prod, staging"),
        (["{logins}", "--environment", "state-prod"], "state-prod has no metric filters"),
        (["{logins}", "--explain", "no-such-id"], "no record has the eventID no-such-id"),
        (["{logins}", "--detection", "root-activty"], "did you mean root-activity"),
    ],
)
def test_what_simulate_cannot_use_is_told_in_a_line(
    synthesised_output: Path, logins: Path, arguments: list[str], said: str
) -> None:
    filled = [argument.format(logins=logins) for argument in arguments]
    result = CliRunner().invoke(app, [*SIMULATED, str(synthesised_output), *filled])
    assert result.exit_code == 2
    assert said in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_reader_that_leaves_early_ends_simulate_quietly(synthesised_output: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text((json.dumps(ROOT_LOGIN) + "\n") * 5_000)
    with subprocess.Popen(
        command(*SIMULATED, str(synthesised_output), str(many), "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaints = process.stderr.read().decode()
    assert process.returncode == 141
    assert "Error" not in complaints
    assert "Exception" not in complaints


def test_a_terminal_sees_progress_and_a_pipe_does_not(synthesised_output: Path, logins: Path) -> None:
    terminal, stderr = pty.openpty()
    arguments = command(*SIMULATED, str(synthesised_output), str(logins))
    subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=stderr, check=True)
    os.close(stderr)
    shown = os.read(terminal, 1 << 16)
    os.close(terminal)
    assert b"reading" in shown
    quiet = subprocess.run(arguments, capture_output=True, check=True)
    assert b"reading" not in quiet.stderr + quiet.stdout


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_detections_lists_the_metric_filters_and_what_simulate_calls_them(
    synthesised_output: Path, stacks: dict[str, Stack], environment: str
) -> None:
    result = CliRunner().invoke(
        app, ["detections", "--json", "--environment", environment, "--output", str(synthesised_output)]
    )
    assert result.exit_code == 0
    listed = [json.loads(line) for line in result.stdout.splitlines()]
    filters = stacks[environment].all("aws_cloudwatch_log_metric_filter")
    assert [(one["id"], one["pattern"]) for one in listed] == [
        (filter_["metric_transformation"]["name"], filter_["pattern"]) for filter_ in filters
    ]
    assert all(set(one) == {"id", "level", "pattern", "alarm"} for one in listed)
    alarms = {alarm["alarm_name"] for alarm in stacks[environment].all("aws_cloudwatch_metric_alarm")}
    assert {one["alarm"] for one in listed} <= alarms


def test_one_detection_is_printed_in_full(synthesised_output: Path) -> None:
    result = CliRunner().invoke(app, ["detections", "--id", "root-activity", "--output", str(synthesised_output)])
    assert result.exit_code == 0
    assert '$.userIdentity.type = "Root"\n' in result.stdout


def test_without_output_and_project_detections_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["detections", "--project", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "make synth" in result.stderr


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("insights", '| filter eventSource = "iam.amazonaws.com" and eventName = "CreateUser"'),
        ("athena", "eventname = 'CreateUser' AND errorcode IS NULL"),
        ("eventbridge", '"eventName": ['),
    ],
)
def test_a_detection_is_said_for_other_services(synthesised_output: Path, language: str, said: str) -> None:
    options = ["--output", str(synthesised_output), "--id", "user-created", "--as", language]
    result = CliRunner().invoke(app, ["detections", *options])
    assert result.exit_code == 0, result.stderr
    assert said in result.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--as", "insights"), "--as says one detection: name it with --id"),
        (("--id", "alarms-changed", "--as", "insights"), "alarms-changed can't be said for insights: "),
    ],
)
def test_what_cannot_be_said_is_told_in_a_line(synthesised_output: Path, options: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(app, ["detections", "--output", str(synthesised_output), *options])
    assert result.exit_code == 2
    assert result.stderr.startswith(told)
    assert result.stderr.count("\n") == 1
