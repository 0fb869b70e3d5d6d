"""The GitHub workflows: what they may do, whose code runs where; every step runs without GitHub, too (R-DEL-3)."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
WORKFLOWS = PROJECT / ".github" / "workflows"
FILES = sorted(WORKFLOWS.glob("*.yml"))
ACTIONS = sorted((PROJECT / ".github" / "actions").glob("*/action.yml"))
BASE_SHA = "${{ github.event.pull_request.base.sha }}"
BEFORE_MERGE = "${{ github.event.before || github.sha }}"
CHECKOUT = "actions/checkout"
AWS_CREDENTIALS = "aws-actions/configure-aws-credentials"

SEALED = {"build/sealed", "build/planned"}

READ = {"contents": "read"}
PLANS = {"contents": "read", "id-token": "write", "pull-requests": "read"}
PERMISSIONS = {
    ("check", "check"): READ,
    ("check", "code-scanning"): {"actions": "read", "security-events": "write"},
    ("pull-request", "synth"): READ,
    ("pull-request", "plan"): PLANS,
    ("pull-request", "comment"): {"contents": "read", "pull-requests": "write"},
    ("pull-request", "gate"): READ,
    ("deploy", "synth"): READ,
    ("deploy", "dev"): PLANS,
    ("deploy", "staging"): PLANS,
    ("deploy", "prod"): PLANS,
    ("deploy-environment", "plan"): PLANS,
    ("deploy-environment", "deploy"): {"contents": "read", "id-token": "write"},
    ("drift", "drift"): {"contents": "read", "id-token": "write"},
    ("drift", "issue"): {"contents": "read", "issues": "write"},
}
"""The whole of what each job's token may do."""


class Job(NamedTuple):
    workflow: str
    name: str
    body: dict[str, Any]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.body.get("steps", ()))

    def step(self, text: str) -> dict[str, Any]:
        """The one step that runs or uses this."""
        [found] = [one for one in self.steps if text in one.get("run", "") or text in one.get("uses", "")]
        return found

    def at(self, text: str) -> int:
        return self.steps.index(self.step(text))


def parsed(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def triggers(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true
    value: dict[Any, Any] = dict(parsed(path))
    return dict(value[True])


JOBS = [Job(path.stem, name, body) for path in FILES for name, body in parsed(path)["jobs"].items()]
JOB = {(job.workflow, job.name): job for job in JOBS}
STEPS = [(job, step) for job in JOBS for step in job.steps]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def job_id(job: Job) -> str:
    return f"{job.workflow}/{job.name}"


@pytest.fixture(params=JOBS, ids=job_id)
def job(request: pytest.FixtureRequest) -> Job:
    found: Job = request.param
    return found


def test_each_job_may_do_exactly_what_it_needs() -> None:
    assert {(job.workflow, job.name): job.body.get("permissions") for job in JOBS} == PERMISSIONS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_grants_nothing_by_itself(path: Path) -> None:
    assert parsed(path)["permissions"] == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_workflow_runs_a_strangers_code_with_our_rights(path: Path) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & triggers(path).keys()


def test_only_a_job_with_an_environment_gets_the_deploy_role() -> None:
    with_environment = {(job.workflow, job.name) for job in JOBS if "environment" in job.body}
    with_deploy_role = {
        (job.workflow, job.name)
        for job in JOBS
        if any("deploy_role" in text for step in job.steps for text in texts(step))
    }
    assert with_environment == with_deploy_role == {("deploy-environment", "deploy")}
    assert JOB["deploy-environment", "deploy"].body["environment"] == "${{ inputs.environment }}"


def test_aws_is_reached_only_where_a_token_may_be_asked_for(job: Job) -> None:
    reaches = any(step.get("uses", "").startswith(AWS_CREDENTIALS) for step in job.steps)
    called = "uses" in job.body
    assert reaches or called or "id-token" not in job.body["permissions"]
    assert not reaches or job.body["permissions"]["id-token"] == "write"


def test_credentials_reach_terraform_alone(job: Job) -> None:
    for step in job.steps:
        if step.get("uses", "").startswith(AWS_CREDENTIALS):
            assert step["with"]["output-env-credentials"] is False
            assert "aws-access-key-id" not in step["with"]
        if "AWS_SESSION_TOKEN" in step.get("env", {}):
            assert step["run"] in {"make plan", "make apply", "make drift"}


def test_long_lived_keys_are_not_used() -> None:
    for path in FILES:
        assert not re.search(r"secrets\.AWS", path.read_text(encoding="utf-8"))


def test_no_job_with_a_token_for_aws_runs_the_pull_requests_code() -> None:
    for name in ("plan", "comment", "gate"):
        assert JOB["pull-request", name].step(CHECKOUT)["with"]["ref"] == BASE_SHA
    plan = JOB["pull-request", "plan"]
    # its output is data, looked at before Terraform reads it
    assert (
        plan.at("seal.sh open build/sealed/head.gpg cdktf.out") < plan.at("foreign_code.py") < plan.at(AWS_CREDENTIALS)
    )
    assert plan.at(AWS_CREDENTIALS) < plan.at("make plan") < plan.at("make review")
    assert "id-token" not in JOB["pull-request", "synth"].body["permissions"]


def test_a_merge_is_judged_by_the_reviewer_of_before_it() -> None:
    for name in ("plan", "deploy"):
        assert JOB["deploy-environment", name].step(CHECKOUT)["with"]["ref"] == BEFORE_MERGE


def test_what_is_applied_is_what_was_reviewed() -> None:
    plan, deploy = JOB["deploy-environment", "plan"], JOB["deploy-environment", "deploy"]
    assert plan.at("make plan") < plan.at("make review") < plan.at("seal.sh close")
    sealed, opened = plan.step("seal.sh close")["run"], deploy.step("seal.sh open")["run"]
    assert sealed.replace("close", "open") == opened
    assert [step["run"] for step in deploy.steps if step.get("run", "").startswith("make")] == ["make apply"]
    assert deploy.body["needs"] == "plan"


@pytest.mark.parametrize(("workflow", "job"), [("pull-request", "plan"), ("drift", "drift")])
def test_every_stack_is_planned_and_looked_at(workflow: str, job: str, synthesised_output: Path) -> None:
    rows = JOB[workflow, job].body["strategy"]["matrix"]["include"]
    stacks = {path.name for path in (synthesised_output / "stacks").iterdir()}
    assert {row["environment"] for row in rows} == stacks
    for row in rows:
        environment = row["environment"].removeprefix("state-").upper()
        assert row["role"] == "${{ vars.PLAN_ROLE_%s }}" % environment  # noqa: UP031 - braces of the workflow's own


def test_environments_are_deployed_one_after_the_other() -> None:
    needs = {name: JOB["deploy", name].body["needs"] for name in ("dev", "staging", "prod")}
    assert needs == {"dev": "synth", "staging": "dev", "prod": "staging"}
    for name in needs:
        inputs = JOB["deploy", name].body["with"]
        assert inputs["environment"] == name
        assert inputs["plan_role"] == f"${{{{ vars.PLAN_ROLE_{name.upper()} }}}}"
        assert inputs["deploy_role"] == f"${{{{ vars.DEPLOY_ROLE_{name.upper()} }}}}"


def test_a_deployment_is_never_broken_off() -> None:
    assert JOB["deploy-environment", "deploy"].body["concurrency"]["cancel-in-progress"] is False


def test_only_sealed_output_and_plans_and_masked_reviews_leave_a_job() -> None:
    uploaded = {
        (job.workflow, job.name): step["with"]["path"].splitlines()
        for job, step in STEPS
        if step.get("uses", "").startswith("actions/upload-artifact")
    }
    environment = "${{ matrix.environment }}"
    assert uploaded == {
        ("check", "check"): ["build/open.sarif", "build/scan.*"],  # of the example contacts
        ("pull-request", "synth"): ["build/sealed"],
        ("pull-request", "plan"): [f"build/plans/{environment}.md", f"build/cost/{environment}.md"],
        ("deploy", "synth"): ["build/sealed"],
        ("deploy-environment", "plan"): ["build/planned"],
        ("drift", "drift"): [f"build/plans/{environment}.drift.md"],
    }


def test_what_is_sealed_is_kept_a_day() -> None:
    for _, step in STEPS:
        if step.get("uses", "").startswith("actions/upload-artifact") and step["with"]["path"] in SEALED:
            assert step["with"]["retention-days"] == 1


def test_contacts_and_passphrase_reach_the_step_that_needs_them_alone() -> None:
    for job, step in STEPS:
        names = {name for name in step.get("env", {}) if name.startswith("CLOUDTRAIL_MONITORING_")}
        assert not names or step["run"] == "make synth", job_id(job)
        if names:
            assert names == {
                f"CLOUDTRAIL_MONITORING_{environment}_{kind}"
                for environment in ("DEV", "STAGING", "PROD")
                for kind in ("EMAIL", "SMS")
            }
        if "ARTIFACT_PASSPHRASE" in step.get("env", {}):
            assert step["run"].startswith("scripts/seal.sh")
    for job in JOBS:
        assert not any("secrets." in text for text in texts(job.body.get("env", {})))
        assert job.body.get("secrets") != "inherit"


def test_a_fork_is_not_planned_and_does_not_pass_for_it() -> None:
    # a skipped job counts as passed, so the required check is one that always runs and looks at the others
    assert "head.repo.full_name == github.repository" in JOB["pull-request", "synth"].body["if"]
    gate = JOB["pull-request", "gate"]
    assert gate.body["if"] == "${{ always() }}"
    assert gate.body["needs"] == ["synth", "plan"]
    assert gate.step("gate.sh")["env"] == {"NEEDS": "${{ toJSON(needs) }}"}


def test_a_label_is_looked_at_when_it_comes_and_when_it_goes() -> None:
    assert {"labeled", "unlabeled", "synchronize", "opened"} <= set(
        triggers(WORKFLOWS / "pull-request.yml")["pull_request"]["types"]
    )
    # and does not make the long checks run again
    assert triggers(WORKFLOWS / "check.yml")["pull_request"] is None


def test_drift_is_looked_for_every_night() -> None:
    [schedule] = triggers(WORKFLOWS / "drift.yml")["schedule"]
    minute, hour, *days = schedule["cron"].split()
    assert minute.isdecimal()
    assert hour.isdecimal()
    assert days == ["*", "*", "*"]


@pytest.mark.parametrize("path", [*FILES, *ACTIONS], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_action_is_pinned_to_a_commit_whose_version_is_said(path: Path) -> None:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"\s*(- )?uses:", line)]
    foreign = [line for line in lines if "uses: ./" not in line]
    assert foreign or path.name == "deploy.yml"
    for line in foreign:
        assert re.fullmatch(r"(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_one_action_has_one_version() -> None:
    used = {
        tuple(match)
        for path in [*FILES, *ACTIONS]
        for match in re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40})", path.read_text(encoding="utf-8"))
    }
    assert len({name for name, _ in used}) == len(used)


def test_credentials_of_the_repository_are_not_kept(job: Job) -> None:
    for step in job.steps:
        if step.get("uses", "").startswith(CHECKOUT):
            assert step["with"]["persist-credentials"] is False


def test_every_job_has_an_end(job: Job) -> None:
    assert "uses" in job.body or 0 < job.body["timeout-minutes"] <= 90


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_runs_do_not_pile_up(path: Path) -> None:
    # a called workflow belongs to its caller's group
    # a deployment queues environment by environment
    assert path.stem.startswith("deploy") or parsed(path)["concurrency"]["group"]


def test_no_expression_reaches_a_shell() -> None:
    for job, step in STEPS:
        assert "${{" not in step.get("run", ""), f"{job_id(job)}: {step['run']}"


def test_every_step_is_a_command_of_this_repository() -> None:
    targets = set(re.findall(r"^([a-z][a-z -]*):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    commands = [shlex.split(step["run"]) for _, step in STEPS if "run" in step]
    assert commands
    for command in commands:
        if command[0] == "make":
            assert command[1:] == [command[1]]
            assert command[1] in known
        else:
            program = PROJECT / command[0]
            assert program.is_file(), command[0]
            assert program.stat().st_mode & 0o100, f"{command[0]} is not executable"
