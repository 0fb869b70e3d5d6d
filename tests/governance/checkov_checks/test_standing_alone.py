"""The folder of checks guards Terraform written by hand as well, and needs nothing of this package."""

import ast
from pathlib import Path

import pytest

from cloudtrail_monitoring.governance.checkov_run import CHECKS_DIR
from tests.governance.checkov_checks.checkov_process import run_checkov

TRAIL = """
resource "aws_s3_bucket" "archive" {
  bucket = "the-archive"
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.archive.id
  is_multi_region_trail      = true
  enable_log_file_validation = %(validated)s

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }
  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field           = "resources.ARN"
      not_starts_with = ["${aws_s3_bucket.archive.arn}/"]
    }
  }
}

resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.archive.arn, "${aws_s3_bucket.archive.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "%(denied)s" } }
    }]
  })
}
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """Verdicts on two configurations in HCL, by directory and rule."""
    root = tmp_path_factory.mktemp("hcl")
    for name, values in (
        ("good", {"validated": "true", "denied": "false"}),
        ("bad", {"validated": "false", "denied": "true"}),
    ):
        (root / name).mkdir()
        (root / name / "main.tf").write_text(TRAIL % values)
    return {
        (record["file_path"].split("/")[1], record["check_id"]): record["check_result"]["result"]
        for record in run_checkov(root, "terraform")
    }


@pytest.mark.parametrize(
    "rule_id", ["CKV_CTM_TRL_1", "CKV_CTM_TRL_2", "CKV_CTM_TRL_3", "CKV2_CTM_TRL_2_OWN", "CKV_CTM_ARC_6_TLS"]
)
def test_hcl_that_keeps_a_rule_passes(rule_id: str, verdicts: dict[tuple[str, str], str]) -> None:
    # R-CMP-2
    assert verdicts["good", rule_id] == "PASSED"


@pytest.mark.parametrize("rule_id", ["CKV_CTM_TRL_3", "CKV_CTM_ARC_6_TLS", "CKV2_CTM_ARC_3", "CKV2_CTM_ARC_6_PUBLIC"])
def test_hcl_that_breaks_a_rule_fails(rule_id: str, verdicts: dict[tuple[str, str], str]) -> None:
    # R-CMP-2
    assert verdicts["bad", rule_id] == "FAILED"


@pytest.mark.parametrize("file", sorted(CHECKS_DIR.glob("*.py")), ids=lambda file: file.name)
def test_nothing_of_the_package_is_imported_at_run_time(file: Path) -> None:
    # R-CMP-2
    tree = ast.parse(file.read_text())
    for_types_only = {
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and isinstance(branch.test, ast.Name) and branch.test.id == "TYPE_CHECKING"
        for statement in branch.body
        for node in ast.walk(statement)
    }
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and node not in for_types_only
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }

    assert not [name for name in imported if name.split(".")[0] == "cloudtrail_monitoring"]


def test_file_names_collide_with_no_other_module() -> None:
    # Checkov makes each file a top-level module of its process
    assert all(file.name.startswith("ctm_") for file in CHECKS_DIR.glob("*.py") if file.name != "__init__.py")
