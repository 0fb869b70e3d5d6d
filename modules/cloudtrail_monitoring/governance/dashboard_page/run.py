"""Runs `report dashboard --account`: the dashboard of the account that the shell's credentials lead to, as it is now.

The clock and the AWS clients are passed in, so that a test gives its own. The page of the embedded AWS, which needs a
deployment and a replay first, is made by ``sandbox.dashboard``.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.console import Console

from cloudtrail_monitoring.aws_account import caller_of
from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError
from cloudtrail_monitoring.governance.dashboard_page.observed import Observed, deployed_dashboard
from cloudtrail_monitoring.governance.dashboard_page.page import Source, render, write_page
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings


def write_account_dashboard(
    settings: MonitoringSettings,
    file: Path,
    *,
    name: str | None,
    console: Console,
    aws: Callable[[str], Aws] = Aws,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Read the account's dashboard and its data, and write the page.

    Args:
        settings: of the environment whose account it is.
        file: where the page goes.
        name: of the dashboard; the only one of the environment if not given.
        console: where is told what was written.
        aws: clients by Region.
        now: when one looks.

    Raises:
        AccountError: there are no usable credentials, they are of another account, or lack a right.
        DashboardError: there is no such dashboard, or the file can't be written.
    """
    by_region = lru_cache(maxsize=None)(aws)

    def client(service: str, region: str | None) -> Any:
        return by_region(region or settings.home_region).client(service)

    caller_of(settings, by_region(settings.home_region))
    if file.is_dir():
        raise DashboardError(f"{file} is a folder: name a file")
    found, dashboard = deployed_dashboard(client, settings.name_prefix, name)
    source = Source(found, f"Account {settings.account_id}, {settings.home_region}")
    observed = Observed(client, dashboard.span(now()))
    write_page(render(dashboard, observed, source, prefix=f"{settings.name_prefix}-"), file)
    console.print(f"dashboard: {file}", soft_wrap=True)
