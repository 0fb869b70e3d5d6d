"""Synthesised output makes Terraform run and read nothing but the AWS provider, or is refused (R-DEL-3)."""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "github" / "foreign_code.py"

HARMLESS: dict[str, Any] = {
    "terraform": {"backend": {"s3": {}}, "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}},
    "provider": {"aws": [{"region": "us-east-1", "allowed_account_ids": ["111111111111"]}]},
    "resource": {"aws_sns_topic": {"alerts": {"name": '${join("-", ["a", "file"])}'}}},
}


def look_at(output: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPT), str(output)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class TestForeignCode:
    def test_what_this_project_synthesises_has_none(self, synthesised_output: Path) -> None:
        done = look_at(synthesised_output)
        assert done.returncode == 0, done.stderr

    @pytest.mark.parametrize(
        ("path", "value", "said"),
        [
            (("module",), {"theirs": {"source": "git::https://example.com/x"}}, "block module"),
            (("ephemeral",), {}, "block ephemeral"),
            (("terraform", "backend"), {"http": {"address": "https://example.com"}}, "backend http"),
            (("terraform", "cloud"), {}, "terraform.cloud"),
            (("terraform", "backend", "s3", "endpoints"), {"sts": "https://example.com"}, "backend's endpoints"),
            (("check",), {"x": {"data": {"external": {"y": {}}}}}, "check.x: data"),
            (("check",), [{"x": [{"data": {"external": {"y": {}}}}]}], "check.x: data"),
            (("removed",), [{"from": "aws_x.y", "provisioner": [{"local-exec": {}}]}], "removed: provisioner"),
            (("resource",), [{"aws_x": {"y": [{"provisioner": []}]}}], "provisioner runs programs"),
            (("resource",), "no block", "not in the form"),
            (("terraform", "required_providers", "null"), {"source": "hashicorp/null"}, "provider hashicorp/null"),
            (("terraform", "required_providers", "aws", "source"), "eve/aws", "provider eve/aws"),
            (("provider", "external"), [{}], "provider.external"),
            (("provider", "aws"), [{"endpoints": [{"s3": "https://example.com"}]}], "endpoints"),
            (("data",), {"external": {"x": {"program": ["sh"]}}}, "data.external"),
            (("resource", "terraform_data"), {"x": {}}, "resource.terraform_data"),
            (("resource", "aws_sns_topic", "alerts", "provisioner"), [{"local-exec": {}}], "runs programs"),
            (("resource", "aws_sns_topic", "alerts", "name"), '${file("/proc/self/environ")}', "reads files"),
            (("resource", "aws_sns_topic", "alerts", "name"), "${filebase64 (\"x\")}", "reads files"),
            (("resource", "aws_sns_topic", "alerts", "name"), '%{ if templatefile("x", {}) }', "reads files"),
        ],
    )  # fmt: skip
    def test_whatever_else_could_run_or_read_is_named(
        self, tmp_path: Path, path: tuple[str, ...], value: Any, said: str
    ) -> None:
        document = deepcopy(HARMLESS)
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        done = self.synthesised(tmp_path, document)
        assert done.returncode == 1
        assert said in done.stderr

    def test_the_harmless_is_let_through(self, tmp_path: Path) -> None:
        done = self.synthesised(tmp_path, HARMLESS)
        assert done.returncode == 0, done.stderr

    @pytest.mark.parametrize("name", ["override.tf.json", "main.tf", ".terraform.lock.hcl", ".terraform/providers/aws"])
    def test_other_files_are_not_planned(self, tmp_path: Path, name: str) -> None:
        file = tmp_path / "stacks" / "prod" / name
        file.parent.mkdir(parents=True)
        file.write_text("")
        done = self.synthesised(tmp_path, HARMLESS)
        assert done.returncode == 1
        assert name in done.stderr

    def test_no_output_is_not_let_through(self, tmp_path: Path) -> None:
        assert look_at(tmp_path).returncode == 1

    def synthesised(self, output: Path, document: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
        stack = output / "stacks" / "prod"
        stack.mkdir(parents=True, exist_ok=True)
        (stack / "cdk.tf.json").write_text(json.dumps(document))
        return look_at(output)
