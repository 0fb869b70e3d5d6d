"""What the workflows ask GitHub and make of the answers: approvals, the comment, the issue, the gate (R-DEL-3).

GitHub itself is a program ``gh`` that answers from files and writes down what it is told.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
SCRIPTS = PROJECT / "scripts" / "github"
needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq, which GitHub's runners have, is not installed")

GH = """#!/usr/bin/env python3
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["GH_FOLDER"])
arguments = sys.argv[1:]
url = next(one for one in arguments if one.startswith("repos/")).split("?")[0]
if "--method" in arguments:
    with (folder / "told").open("a") as told:
        body = json.load(sys.stdin) if "--input" in arguments else [one for one in arguments if "=" in one]
        told.write(json.dumps([arguments[arguments.index("--method") + 1], url, body]) + "\\n")
    sys.exit()
answers = json.loads((folder / "answers").read_text())
if url not in answers:
    sys.exit(f"gh: Not Found: {url}")
answer = answers[url]
print(json.dumps([answer] if "--slurp" in arguments else answer))
"""


def person(login: str, type_: str = "User") -> dict[str, str]:
    return {"login": login, "type": type_}


def labelled(label: str, by: dict[str, str] | None) -> dict[str, Any]:
    return {"event": "labeled", "label": {"name": label}, "actor": by}


def answers() -> dict[str, Any]:
    """A pull request of ann's, to which ben pushed a commit of ann's, and that cleo, who maintains, approved."""
    return {
        "pull_request": {
            "user": person("ann"),
            "labels": [{"name": "approve:trail-stopped-0725259f"}, {"name": "documentation"}],
            "commits": 2,
            "head": {"sha": "bbb", "ref": "weaken"},
        },
        "commits": [
            {"sha": "aaa", "author": person("ann"), "committer": person("web-flow")},
            {"sha": "bbb", "author": person("ann"), "committer": person("dan")},
        ],
        "events": [
            {"event": "closed", "actor": person("ann")},
            labelled("documentation", person("ann")),
            labelled("approve:trail-stopped-0725259f", person("cleo")),
        ],
        "activity": [
            {"activity_type": "push", "after": "bbb", "actor": person("ben")},
            {"activity_type": "branch_creation", "after": "aaa", "actor": person("ann")},
        ],
        "permissions": {
            name: {"permission": "write", "role_name": "maintain"} for name in ("ann", "ben", "cleo", "dan")
        },
    }


def approved(given: dict[str, Any]) -> list[str]:
    done = judge(given)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def judge(given: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPTS / "approved_weakenings.py")]
    return subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)


class TestApproval:
    def test_a_maintainers_label_counts(self) -> None:
        assert approved(answers()) == ["trail-stopped-0725259f"]

    def test_an_admin_counts_whatever_the_role_is_called(self) -> None:
        given = answers()
        given["permissions"]["cleo"] = {"permission": "admin", "role_name": "security-lead"}
        assert approved(given) == ["trail-stopped-0725259f"]

    @pytest.mark.parametrize("name", ["ann", "ben", "dan"], ids=["author", "pusher", "committer"])
    def test_who_had_a_hand_in_the_change_does_not_approve_it(self, name: str) -> None:
        given = answers()
        given["events"][-1]["actor"] = person(name)
        assert approved(given) == []

    @pytest.mark.parametrize("role", ["write", "triage", "read"])
    def test_a_lesser_role_does_not_approve(self, role: str) -> None:
        given = answers()
        given["permissions"]["cleo"]["role_name"] = role
        assert approved(given) == []

    def test_who_has_no_role_here_does_not_approve(self) -> None:
        given = answers()
        del given["permissions"]["cleo"]
        assert approved(given) == []

    def test_a_program_does_not_approve(self) -> None:
        given = answers()
        given["events"][-1]["actor"] = person("cleo", "Bot")
        assert approved(given) == []

    def test_a_deleted_account_does_not_approve(self) -> None:
        given = answers()
        given["events"][-1]["actor"] = None
        assert approved(given) == []

    def test_the_last_to_set_a_label_is_who_set_it(self) -> None:
        given = answers()
        given["events"].append(labelled("approve:trail-stopped-0725259f", person("ann")))
        assert approved(given) == []

    def test_a_label_that_was_taken_off_counts_no_more(self) -> None:
        given = answers()
        given["pull_request"]["labels"] = []
        assert approved(given) == []

    def test_a_label_that_came_back_by_another_s_being_renamed_counts_no_more(self) -> None:
        given = answers()
        given["events"].append({**labelled("approve:trail-stopped-0725259f", person("cleo")), "event": "unlabeled"})
        assert approved(given) == []

    def test_a_label_of_another_form_is_none(self) -> None:
        for label in ("approve:", "approve:a b", "approve:--approved", "Approve:x", "xapprove:x"):
            given = answers()
            given["pull_request"]["labels"] = [{"name": label}]
            given["events"] = [labelled(label, person("cleo"))]
            assert approved(given) == [], label

    @pytest.mark.parametrize("unknown", ["more commits", "no push", "a push by nobody"])
    def test_if_it_is_not_known_who_changed_it_nothing_is_approved(self, unknown: str) -> None:
        given = answers()
        if unknown == "more commits":
            given["pull_request"]["commits"] = 251
        elif unknown == "no push":
            given["activity"] = given["activity"][1:]
        else:
            given["activity"][0]["actor"] = None
        done = judge(given)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.startswith("approvals: none counts: ")

    @pytest.mark.parametrize("given", [{}, [], {"pull_request": {}}])
    def test_answers_that_are_none_are_an_error(self, given: Any) -> None:
        done = judge(given)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1


class GitHub:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin" / "gh").write_text(GH)
        (folder / "bin" / "gh").chmod(0o755)
        self.answers({})

    def answers(self, by_url: dict[str, Any]) -> None:
        content = {f"repos/xyz/audit/{path}": answer for path, answer in by_url.items()}
        (self.folder / "answers").write_text(json.dumps(content))

    def run(self, script: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GH_FOLDER": str(self.folder),
            "GITHUB_REPOSITORY": "xyz/audit",
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            **variables,
        }
        command = [str(SCRIPTS / script), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def told(self) -> list[list[Any]]:
        file = self.folder / "told"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def outputs(self) -> str:
        return (self.folder / "outputs").read_text()


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    return GitHub(tmp_path)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "prod.md").write_text("## prod\nthe trail is stopped\n")
    (folder / "dev.md").write_text("## dev\nnothing\n")
    return folder


def asked_of_pull_request(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "pulls/7": given["pull_request"],
        "pulls/7/commits": given["commits"],
        "issues/7/events": given["events"],
        "activity": given["activity"],
        **{f"collaborators/{name}/permission": role for name, role in given["permissions"].items()},
    }


@needs_jq
class TestAsking:
    def test_a_pull_request_is_asked_for_and_judged(self, github: GitHub) -> None:
        github.answers(asked_of_pull_request(answers()))
        done = github.run("approvals.sh", "pull", "7")
        assert done.returncode == 0, done.stderr
        assert github.outputs() == "ids=trail-stopped-0725259f\n"

    def test_a_commit_has_the_approvals_of_what_was_merged_with_it(self, github: GitHub) -> None:
        merged = [{"number": 7, "merged_at": "2026-01-01T00:00:00Z"}, {"number": 8, "merged_at": None}]
        github.answers({**asked_of_pull_request(answers()), "commits/abc/pulls": merged})
        assert github.run("approvals.sh", "commit", "abc").returncode == 0
        assert github.outputs() == "ids=trail-stopped-0725259f\n"

    def test_a_commit_without_a_pull_request_has_none(self, github: GitHub) -> None:
        github.answers({"commits/abc/pulls": []})
        assert github.run("approvals.sh", "commit", "abc").returncode == 0
        assert github.outputs() == "ids=\n"

    @pytest.mark.parametrize(
        "missing", ["pulls/7", "pulls/7/commits", "issues/7/events", "activity", "collaborators/cleo/permission"]
    )
    def test_a_question_without_an_answer_is_no_approval(self, github: GitHub, missing: str) -> None:
        known = asked_of_pull_request(answers())
        del known[missing]
        github.answers(known)
        assert github.run("approvals.sh", "pull", "7").returncode != 0
        assert not (github.folder / "outputs").exists()


@needs_jq
class TestComment:
    MARKER = "<!-- cloudtrail-monitoring: plan review -->"

    def test_the_first_time_it_is_made(self, github: GitHub, reports: Path) -> None:
        github.answers({"issues/7/comments": []})
        assert github.run("comment.sh", "7", str(reports), str(reports / "none")).returncode == 0
        [[method, url, body]] = github.told()
        assert (method, url) == ("POST", "repos/xyz/audit/issues/7/comments")
        assert body["body"].startswith(self.MARKER)
        assert body["body"].index("## dev") < body["body"].index("the trail is stopped")

    def test_then_it_is_brought_up_to_date(self, github: GitHub, reports: Path) -> None:
        comments = [
            {"id": 1, "user": {"login": "eve"}, "body": f"{self.MARKER}\nnot ours"},
            {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "of another workflow"},
            {"id": 3, "user": {"login": "github-actions[bot]"}, "body": f"{self.MARKER}\nolder"},
        ]
        github.answers({"issues/7/comments": comments})
        assert github.run("comment.sh", "7", str(reports)).returncode == 0
        [[method, url, _]] = github.told()
        assert (method, url) == ("PATCH", "repos/xyz/audit/issues/comments/3")

    def test_what_is_too_long_is_cut(self, github: GitHub, reports: Path) -> None:
        (reports / "prod.md").write_text("x" * 100_000)
        github.answers({"issues/7/comments": []})
        assert github.run("comment.sh", "7", str(reports)).returncode == 0
        body = github.told()[0][2]["body"]
        assert len(body) < 65_536
        assert "Cut here" in body


@needs_jq
class TestIssue:
    OURS = {
        "number": 9,
        "user": {"login": "github-actions[bot]"},
        "body": "<!-- cloudtrail-monitoring: drift -->\nolder",
    }

    @pytest.mark.parametrize(("there", "told"), [([], ("POST", "issues")), ([OURS], ("PATCH", "issues/9"))])
    def test_drift_has_one_issue(self, github: GitHub, reports: Path, there: list[Any], told: tuple[str, str]) -> None:
        github.answers({"issues": there})
        assert github.run("drift_issue.sh", str(reports), CLEAN="false").returncode == 0
        [[method, url, body]] = github.told()
        assert (method, url.removeprefix("repos/xyz/audit/")) == told
        assert "the trail is stopped" in body["body"]

    def test_it_is_closed_when_all_is_well(self, github: GitHub, tmp_path: Path) -> None:
        github.answers({"issues": [self.OURS]})
        assert github.run("drift_issue.sh", str(tmp_path / "none"), CLEAN="true").returncode == 0
        assert github.told() == [["PATCH", "repos/xyz/audit/issues/9", ["state=closed", "state_reason=completed"]]]

    def test_a_run_that_could_not_look_says_nothing(self, github: GitHub, tmp_path: Path) -> None:
        github.answers({"issues": [self.OURS]})
        assert github.run("drift_issue.sh", str(tmp_path / "none"), CLEAN="false").returncode == 0
        assert github.told() == []


@needs_jq
class TestGate:
    @pytest.mark.parametrize("result", ["skipped", "failure", "cancelled"])
    def test_what_did_not_succeed_does_not_pass(self, github: GitHub, result: str) -> None:
        needs = {"synth": {"result": "success"}, "plan": {"result": result}}
        done = github.run("gate.sh", NEEDS=json.dumps(needs))
        assert done.returncode == 1
        assert done.stderr.splitlines() == [f"gate: not everything was planned and reviewed: plan: {result}"]

    def test_what_succeeded_passes(self, github: GitHub) -> None:
        assert github.run("gate.sh", NEEDS='{"synth": {"result": "success"}}').returncode == 0


class TestOpenFindings:
    SCRIPT = SCRIPTS / "open_findings.py"

    def test_what_is_waived_is_left_out(self, tmp_path: Path) -> None:
        waived, found = {"ruleId": "A", "suppressions": [{"kind": "inSource"}]}, {"ruleId": "B"}
        (tmp_path / "scan.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [{"results": [waived, found]}]}))
        done = subprocess.run([self.SCRIPT, tmp_path / "scan.sarif", tmp_path / "open.sarif"], check=False)
        assert done.returncode == 0
        written = json.loads((tmp_path / "open.sarif").read_text())
        assert written == {"version": "2.1.0", "runs": [{"results": [found]}]}

    def test_what_can_not_be_read_is_told_in_one_line(self, tmp_path: Path) -> None:
        command = [self.SCRIPT, tmp_path / "none.sarif", tmp_path / "open.sarif"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert not (tmp_path / "open.sarif").exists()
