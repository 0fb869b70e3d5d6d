"""The command `report cost`: the shipped environments against the budget, its files, and what it refuses."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.governance.cost.cost_report import as_markdown, dominating, headline
from cloudtrail_monitoring.governance.cost.estimate import MONTHS, Estimate, estimate
from cloudtrail_monitoring.governance.cost.prices import read_prices
from cloudtrail_monitoring.governance.cost.usage import Part
from cloudtrail_monitoring.governance.cost.volumes import VOLUMES_FILE, Declared, read_volumes
from tests.conftest import ENVIRONMENTS, PROJECT
from tests.synthesised import Stack

VOLUMES = PROJECT / "environments" / VOLUMES_FILE


def report(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["report", "cost", "--project", str(PROJECT), *map(str, arguments)])


def of(output: Path, environment: str, factor: float = 1) -> Estimate:
    document = json.loads((output / "stacks" / environment / "cdk.tf.json").read_text())
    declared = read_volumes(VOLUMES, environment, wanted=True)
    return estimate(document, environment, Declared(declared.volumes.scaled(factor), declared.origin), read_prices())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_is_within_the_budget(synthesised_output: Path, environment: str) -> None:
    # R-CST-1
    found = of(synthesised_output, environment)
    assert found.is_within_budget
    assert headline(found).startswith("within the budget: $")
    assert found.notes == ()


def test_in_prod_cloudwatch_dominates_and_ends_the_budget_first(synthesised_output: Path) -> None:
    found = of(synthesised_output, "prod")
    assert dominating(found).startswith("CloudWatch dominates: ")
    assert found.headroom is not None
    assert found.headroom.limit.name == "CloudWatch"
    assert found.headroom.factor > 1.5


def test_ten_times_the_events_of_prod_are_over_the_budget_and_why_is_told(synthesised_output: Path) -> None:
    found = of(synthesised_output, "prod", factor=10)
    assert headline(found).startswith("over the budget: CloudWatch $")
    assert "Insights" in dominating(found)
    assert "over in month 1" in as_markdown(found)


def test_the_alarms_and_keys_of_prod_are_those_of_its_output(synthesised_output: Path, prod: Stack) -> None:
    found = of(synthesised_output, "prod").bill(1)
    single = [one for one in prod.all("aws_cloudwatch_metric_alarm") if "metric_query" not in one]
    assert found.quantity("cloudwatch-alarm-metric") >= len(single)
    assert found.quantity("kms-key") == len(prod.all("aws_kms_key"))
    assert found.cost(Part.STORAGE) > 0


def test_the_stopped_trail_of_prod_adds_its_hours_alone(synthesised_output: Path) -> None:
    # R-RSP-3
    declared = read_volumes(VOLUMES, "prod").volumes
    a_day = sum(one.reads_a_day + one.writes_a_day for one in declared.data_events.values())
    hours = 365.25 * 24 / 12 + declared.enhanced_hours_a_month
    assert of(synthesised_output, "prod").bill(1).quantity("cloudtrail-data-event") == pytest.approx(a_day / 24 * hours)


def test_the_files_hold_what_is_printed(synthesised_output: Path, tmp_path: Path) -> None:
    markdown, data = tmp_path / "new" / "cost.md", tmp_path / "cost.json"
    result = report("--output", synthesised_output, "--markdown", markdown, "--json", data)
    assert result.exit_code == 0, result.stderr
    content = json.loads(data.read_text())
    total = f"${content['months'][83]['cost']:,.2f}"
    assert f"within the budget: {total} of $200.00 in month" in result.stdout
    text = markdown.read_text()
    assert text.startswith("# What prod costs a month\n")
    assert total in text
    assert "free tiers: none is taken off" in text
    assert r"| management\_reads\_a\_day | 120,000 |" in text
    assert content["volumes_from"].endswith(VOLUMES_FILE)
    assert sum(content["months"][0]["parts"].values()) == pytest.approx(content["months"][0]["cost"])
    by_line = sum(line["months"]["84"]["cost"] for line in content["lines"])
    assert by_line == pytest.approx(content["months"][83]["cost"])


def changed(output: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of the output, and the alarms of its prod."""
    shutil.copytree(output, folder, ignore=shutil.ignore_patterns("assets"))
    path = folder / "stacks" / "prod" / "cdk.tf.json"
    return path, json.loads(path.read_text())


def test_the_difference_to_another_output_is_printed_and_written(synthesised_output: Path, tmp_path: Path) -> None:
    # R-DEL-3
    path, document = changed(synthesised_output, tmp_path / "before")
    alarms = document["resource"]["aws_cloudwatch_metric_alarm"]
    del alarms[next(name for name in alarms if name.startswith("responders_") and "errors-alarm" in name)]
    path.write_text(json.dumps(document))
    markdown, data = tmp_path / "cost.md", tmp_path / "cost.json"
    result = report(
        "--output", synthesised_output, "--against", tmp_path / "before", "--markdown", markdown, "--json", data
    )
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("### Cost of prod: +$0.10 a month\n")
    assert markdown.read_text() == result.stdout
    difference = json.loads(data.read_text())["difference"]["84"]["all"]
    assert difference["after"] - difference["before"] == pytest.approx(0.10)


def test_the_same_output_has_no_change_in_cost(synthesised_output: Path) -> None:
    result = report("--output", synthesised_output, "--against", synthesised_output)
    assert result.stdout == "### Cost of prod: no change in cost\n"


def test_nothing_is_synthesised_to_compare_with(synthesised_output: Path, tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    result = report("--output", synthesised_output, "--against", absent)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"{absent}: no synthesised output to compare with"
    assert not absent.exists()


@pytest.mark.parametrize("option", ["--prices", "--volumes"])
def test_a_file_that_cannot_be_used_is_told_in_one_line(synthesised_output: Path, tmp_path: Path, option: str) -> None:
    broken, markdown = tmp_path / "broken.toml", tmp_path / "cost.md"
    broken.write_text("[prod]\nregion = 1\n")
    result = report("--output", synthesised_output, option, broken, "--markdown", markdown)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{broken}: ")
    assert result.stderr.count("\n") == 1
    assert not markdown.exists()


def test_an_unknown_environment_is_named_with_those_there_are(synthesised_output: Path) -> None:
    result = report("--output", synthesised_output, "--environment", "nowhere")
    assert result.exit_code == 2
    assert "there is no environment 'nowhere'; there are dev, prod, staging" in result.stderr


def test_a_file_that_cannot_be_written_is_told(synthesised_output: Path, tmp_path: Path) -> None:
    result = report("--output", synthesised_output, "--markdown", tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path}: Is a directory" in result.stderr


def test_help_has_an_example() -> None:
    assert "Example: cloudtrail-monitoring report cost" in report("--help").stdout


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_docs_have_the_figures_of_the_shipped_environments(synthesised_output: Path, environment: str) -> None:
    # R-CST-1
    found = of(synthesised_output, environment)
    first, last = (f"${found.bill(month).cost():.0f}" for month in (1, MONTHS))
    page = (PROJECT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert f"| {environment} | {first} | {last} | custom metrics" in page


def test_the_docs_have_the_figures_of_the_budget(synthesised_output: Path) -> None:
    # R-CST-1
    found = of(synthesised_output, "prod")
    page = (PROJECT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert found.headroom is not None
    assert found.bill(MONTHS).cost(Part.STORAGE) < 3
    document = json.loads((synthesised_output / "stacks" / "prod" / "cdk.tf.json").read_text())
    rare = found.declared.volumes.model_copy(update={"metric_hours_share": 0.2})
    seldom = estimate(document, "prod", Declared(rare, ""), read_prices())
    assert seldom.headroom is not None
    assert (
        f"${seldom.bill(MONTHS).cost(Part.CLOUDWATCH):.0f}, and the budget bears {seldom.headroom.factor:.1f}" in page
    )
    taken, factor = found.bill(MONTHS).cost(Part.CLOUDWATCH), found.headroom.factor
    assert (
        f"CloudWatch takes ${taken:.0f} of its $50, and reaches them at {factor:.1f} times prod's events"
        in page.replace("\n", " ")
    )
