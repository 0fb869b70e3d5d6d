"""Finding the synthesised output: the environment's stack, or one line that says what to do."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.simulation.synthesised_output import SynthesisedOutputError, read_environment
from tests.simulation.terraform_documents import document, metric_filter, written

STACK = document([metric_filter("one")])
WRITES_A_STACK = """
import json, os, pathlib
folder = pathlib.Path(os.environ["CDKTF_OUTDIR"])
folder.mkdir(parents=True)
(folder / "prod.json").write_text({stack!r})
(folder / "manifest.json").write_text(json.dumps({{"stacks": {{"prod": {{"synthesizedStackPath": "prod.json"}}}}}}))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


def read(project: Path, environment: str = "prod", output: str = "cdktf.out") -> tuple[Any, list[str]]:
    told: list[str] = []
    return read_environment(project, Path(output), environment, told.append), told


def error_of(project: Path, environment: str = "prod") -> str:
    with pytest.raises(SynthesisedOutputError) as caught:
        read(project, environment)
    return str(caught.value)


def with_app(project: Path, program: str, app: str = "") -> None:
    project.mkdir()
    (project / "main.py").write_text(program)
    (project / "cdktf.json").write_text(json.dumps({"app": app or f"'{sys.executable}' main.py"}))


def test_the_manifest_leads_to_the_stack(project: Path) -> None:
    written(project / "cdktf.out", prod=STACK, dev=document([metric_filter("other")]))
    assert read(project)[0] == STACK


def test_an_output_elsewhere_needs_no_project(tmp_path: Path, project: Path) -> None:
    elsewhere = written(tmp_path / "elsewhere", prod=STACK)
    assert read(project, output=str(elsewhere))[0] == STACK


def test_an_unknown_environment_is_told_with_those_there_are(project: Path) -> None:
    state: dict[str, Any] = {"resource": {"aws_s3_bucket": {"state": {}}}}
    written(project / "cdktf.out", **{"prod": STACK, "dev": STACK, "state-prod": state})
    assert error_of(project, "nowhere") == "there is no environment 'nowhere'; there are dev, prod"
    assert error_of(project, "state-prod") == "state-prod has no metric filters; there are dev, prod"


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"stacks": {"prod": {}}}', '{"stacks": {"prod": 1}}'])
def test_a_broken_manifest_is_one_line(project: Path, content: str) -> None:
    (project / "cdktf.out").mkdir(parents=True)
    (project / "cdktf.out" / "manifest.json").write_text(content)
    assert "manifest.json" in error_of(project)
    assert "\n" not in error_of(project)


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_broken_stack_is_one_line(project: Path, content: str | None) -> None:
    stack = written(project / "cdktf.out", prod=STACK) / "stacks" / "prod" / "cdk.tf.json"
    stack.unlink() if content is None else stack.write_text(content)
    message = error_of(project)
    assert str(stack) in message
    assert "make synth" in message
    assert "\n" not in message


def test_without_an_output_it_is_synthesised(project: Path) -> None:
    with_app(project, WRITES_A_STACK.format(stack=json.dumps(STACK)))
    stack, told = read(project)
    assert stack == STACK
    assert told == ["no synthesised output yet: synthesising"]
    assert read(project)[1] == []  # the second time it is there


def test_an_app_that_fails_passes_on_what_it_says(project: Path) -> None:
    with_app(project, "import sys; sys.exit('prod: trail: something is wrong')")
    assert error_of(project).splitlines()[0] == "prod: trail: something is wrong"
    assert error_of(project).splitlines()[1].endswith("failed (exit 1): nothing was synthesised")


def test_an_app_that_cannot_be_run_is_told(project: Path) -> None:
    with_app(project, "", app="./absent.sh main.py")
    assert "make setup" in error_of(project)


def test_an_app_whose_python_is_not_set_up_runs_with_ours(project: Path) -> None:
    with_app(project, WRITES_A_STACK.format(stack=json.dumps(STACK)), app=".venv/bin/python main.py")
    assert read(project)[0] == STACK


@pytest.mark.parametrize("configuration", ["{}", '{"app": ""}', '{"app": 1}'])
def test_a_project_without_an_app_is_told(project: Path, configuration: str) -> None:
    with_app(project, "")
    (project / "cdktf.json").write_text(configuration)
    assert "names no app" in error_of(project)


def test_a_folder_that_is_no_project_is_told(project: Path) -> None:
    project.mkdir()
    assert "--output" in error_of(project)


def test_a_folder_of_other_things_is_not_written_into(project: Path) -> None:
    with_app(project, WRITES_A_STACK.format(stack=json.dumps(STACK)))
    (project / "cdktf.out").mkdir()
    (project / "cdktf.out" / "letter.txt").write_text("mine")
    assert "no synthesised output" in error_of(project)
    assert [path.name for path in (project / "cdktf.out").iterdir()] == ["letter.txt"]


def test_an_output_older_than_its_environments_may_be_stale(project: Path) -> None:
    written(project / "cdktf.out", prod=STACK)
    (project / "environments").mkdir()
    source = project / "environments" / "prod.py"
    source.write_text("")
    after = (project / "cdktf.out" / "manifest.json").stat().st_mtime + 10
    os.utime(source, (after, after))
    stack, (told,) = read(project)
    assert stack == STACK
    assert f"{source} is newer" in told
    assert "make synth" in told


def test_a_fresh_output_is_not_called_stale(project: Path) -> None:
    manifest = written(project / "cdktf.out", prod=STACK) / "manifest.json"
    (project / "environments").mkdir()
    (project / "environments" / "prod.py").write_text("")
    after = manifest.stat().st_mtime + 3600  # the package may be edited while this runs
    os.utime(manifest, (after, after))
    assert read(project)[1] == []
