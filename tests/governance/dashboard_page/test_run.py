"""`report dashboard --account`: the page of the account that the credentials lead to, or one line that says why not.

The command itself is tested in `test_command`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from cloudtrail_monitoring.aws_account import AccountError
from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError
from cloudtrail_monitoring.governance.dashboard_page.run import write_account_dashboard
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.settings_samples import SAMPLE

NOW = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(SAMPLE.account_id, SAMPLE.home_region) as running:
        body = {"start": "-P7D", "widgets": [{"type": "text", "properties": {"markdown": "# Look here"}}]}
        running.client("cloudwatch").put_dashboard(
            DashboardName=f"{SAMPLE.name_prefix}-overview", DashboardBody=json.dumps(body)
        )
        yield running


def write(settings: MonitoringSettings, file: Path, name: str | None = None) -> str:
    console = Console(width=200)
    with console.capture() as printed:
        write_account_dashboard(settings, file, name=name, console=console, now=lambda: NOW)
    return printed.get()


@pytest.mark.usefixtures("aws")
def test_the_account_s_dashboard_is_written(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert write(SAMPLE, file) == f"dashboard: {file}\n"
    page = file.read_text()
    assert "<h3>Look here</h3>" in page
    assert f"Account {SAMPLE.account_id}, {SAMPLE.home_region}. Monday 02 March 2026" in page
    assert "made up" not in page


@pytest.mark.usefixtures("aws")
def test_a_dashboard_that_is_not_there_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match="no dashboard is called nothing"):
        write(SAMPLE, tmp_path / "page.html", "nothing")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("aws")
def test_another_account_is_refused(tmp_path: Path) -> None:
    other = SAMPLE.model_copy(update={"account_id": "999999999999"})
    with pytest.raises(AccountError, match="these credentials are of account"):
        write(other, tmp_path / "page.html")
