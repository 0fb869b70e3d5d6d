"""No budget is deployed that could not tell anybody (R-CST-1)."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_monitoring.app import refuse_dead_alarms
from cloudtrail_monitoring.governance.dead_budgets import dead_budgets
from tests.synthesised import Resource, Stack


@pytest.fixture
def document(prod: Stack) -> dict[str, Any]:
    return copy.deepcopy(prod.document)


def attributes(document: dict[str, Any], resource: Resource) -> dict[str, Any]:
    found: dict[str, Any] = document["resource"][resource.type][resource.id]
    return found


def without(policy: str, sid: str) -> str:
    content = json.loads(policy)
    content["Statement"] = [one for one in content["Statement"] if one.get("Sid") != sid]
    return json.dumps(content)


def test_no_environment_has_a_dead_budget(stack: Stack) -> None:
    assert list(dead_budgets(stack.document)) == []


def test_a_topic_that_refuses_is_named(prod: Stack, document: dict[str, Any]) -> None:
    policy = attributes(document, prod.by_path("topics/email-policy"))
    policy["policy"] = without(policy["policy"], "Budgets")
    (line,) = dead_budgets(document)
    assert line == (
        "budget xyz-corp-audit-cost tells nobody: the policy of the topic xyz-corp-audit-email does not let AWS Budgets"
        " publish"
    )


def test_a_topic_for_another_accounts_budgets_is_named(prod: Stack, document: dict[str, Any]) -> None:
    policy = attributes(document, prod.by_path("topics/email-policy"))
    policy["policy"] = policy["policy"].replace("budgets::333333333333", "budgets::444444444444")
    (line,) = dead_budgets(document)
    assert "does not let AWS Budgets publish" in line


def test_a_topic_without_a_policy_is_named(prod: Stack, document: dict[str, Any]) -> None:
    policy = prod.by_path("topics/email-policy")
    del document["resource"][policy.type][policy.id]
    (line,) = dead_budgets(document)
    assert "has no policy that lets AWS Budgets publish" in line


def test_a_key_that_refuses_is_named(prod: Stack, document: dict[str, Any]) -> None:
    key = attributes(document, prod.by_path("topics/key"))
    key["policy"] = without(key["policy"], "Budgets")
    (line,) = dead_budgets(document)
    assert line.endswith("the key of the topic xyz-corp-audit-email does not let AWS Budgets use it (kms:Decrypt)")


def test_aws_s_own_key_is_named(prod: Stack, document: dict[str, Any]) -> None:
    attributes(document, prod.by_path("topics/email"))["kms_master_key_id"] = "alias/aws/sns"
    (line,) = dead_budgets(document)
    assert "encrypted with AWS's own key" in line


def test_a_budget_without_readers_is_named(prod: Stack, document: dict[str, Any]) -> None:
    budget = attributes(document, prod.one("aws_budgets_budget"))
    budget["notification"] = []
    (line,) = dead_budgets(document)
    assert line == "budget xyz-corp-audit-cost tells nobody: it has no notification with a reader"


def test_a_budget_by_tag_is_named(prod: Stack, document: dict[str, Any]) -> None:
    budget = attributes(document, prod.one("aws_budgets_budget"))
    budget["cost_filter"] = [{"name": "TagKeyValue", "values": ["user:Environment$prod"]}]
    (line,) = dead_budgets(document)
    assert "reads zero until the payer activates it" in line


def test_somebody_elses_topic_is_its_owners(prod: Stack, document: dict[str, Any]) -> None:
    budget = attributes(document, prod.one("aws_budgets_budget"))
    budget["notification"] = [{"subscriber_sns_topic_arns": ["arn:aws:sns:us-east-1:333333333333:everybodys"]}]
    assert list(dead_budgets(document)) == []


def test_an_output_with_a_dead_budget_is_taken_back(
    document: dict[str, Any], prod: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attributes(document, prod.one("aws_budgets_budget"))["notification"] = []
    (tmp_path / "prod.json").write_text(json.dumps(document))
    (tmp_path / "manifest.json").write_text(json.dumps({"stacks": {"prod": {"synthesizedStackPath": "prod.json"}}}))
    assert refuse_dead_alarms(tmp_path) == 2
    assert not (tmp_path / "manifest.json").exists()
    assert capsys.readouterr().err.startswith("prod: budget xyz-corp-audit-cost tells nobody")
