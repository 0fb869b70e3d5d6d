"""Every command in the docs exists: AWS's by its service models, ours by the command line, make's by the Makefile."""

import shlex
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.documented_commands import commands, commands_in_text, fault, shell_blocks

PAGES = sorted((*PROJECT.joinpath("docs").rglob("*.md"), PROJECT / "README.md", PROJECT / "CONTRIBUTING.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_command_of_a_page_exists(page: Path) -> None:
    # R-DEL-5, R-DEL-6
    text = page.read_text(encoding="utf-8")
    blocks = [command for block in shell_blocks(text) for command in commands(block)]
    mentions = [command for line in commands_in_text(text) for command in commands(line)]
    found = [(fault(command), command) for command in blocks]
    found += [(fault(command, is_mention=True), command) for command in mentions]
    assert [(problem, shlex.join(command)) for problem, command in found if problem] == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("aws cloudtrail get-trail-state --name audit", "AWS has no cloudtrail get-trail-state"),
        ("aws cloudtrial describe-trails", "AWS has no cloudtrial describe-trails"),
        ("aws cloudtrail get-trail-status --trail-name audit", "there is no option --trail-name"),
        ("aws cloudtrail get-trail-status", "--name is needed"),
        ("aws cloudtrail get-trail-status --name", "--name: has no value"),
        ("aws cloudtrail create-trail --name a --s3-bucket-name b --is-multi-region-trail yes", "takes no value"),
        ("aws cloudtrail lookup-events --lookup-attributes AttributeKey=Event,AttributeValue=x", "Event is none of"),
        ("aws cloudtrail lookup-events --lookup-attributes Key=EventName", "there is no Key"),
        ("aws cloudwatch describe-alarms --state-value RED", "RED is none of OK"),
        ("aws cloudtrail validate-logs --trail-arn arn", "--start-time is needed"),
        ("aws kms get-key-policy --key-id alias/audit", "--key-id: takes no alias"),
        ("aws logs tail --follow", "1 arguments are needed"),
        ("cloudtrail-monitoring simulated logs/", "has no command simulated"),
        ("cloudtrail-monitoring alerts check --everybody", "No such option"),
        ("cloudtrail-monitoring review-plan", "Missing argument"),
        ("cloudtrail-monitoring quick-reference extra", "extra"),
        ("make deployed ENV=prod", "make has no target deployed"),
        ("make synth plan reviewed ENV=prod", "make has no target reviewed"),
    ],
)
def test_a_command_that_does_not_exist_is_told(line: str, problem: str) -> None:
    [command] = commands(line)
    assert problem in (fault(command) or "")


def test_commands_are_found_behind_comments_pipes_assignments_and_line_ends() -> None:
    block = """
# aws none of this
queues=https://example.com   # nor this
aws logs filter-log-events --log-group-name a \\
  --filter-pattern '{ $.a = "b|c" }' --query 'events[].message' --output text |
  jq -r '[.a, .b] | @tsv' > out.json
AWS_PROFILE=audit aws cloudtrail describe-trails && make demo
aws kms get-key-policy --key-id "$(aws kms describe-key --key-id alias/a)"
"""
    assert [command[:3] for command in commands(block)] == [
        ["aws", "logs", "filter-log-events"],
        ["jq", "-r", "[.a, .b] | @tsv"],
        ["aws", "cloudtrail", "describe-trails"],
        ["make", "demo"],
        ["aws", "kms", "describe-key"],
        ["aws", "kms", "get-key-policy"],
    ]


def test_only_blocks_of_commands_and_our_own_names_are_read() -> None:
    page = "Run `make nothing`, not `aws x`.\n\n```python\nmake = 1\n```\n\n```sh\nmake demo\n```\n"
    assert shell_blocks(page) == ["make demo\n"]
    assert commands_in_text(page) == ["make nothing"]
