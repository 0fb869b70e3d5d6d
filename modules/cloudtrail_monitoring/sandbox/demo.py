"""The demonstration: an environment deployed unmodified into the embedded AWS, an attack, report and dashboard.

A step that fails ends it: what had been deployed is named, and all of it goes with the embedded AWS.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from cloudtrail_monitoring.governance.dashboard_page.page import write_page
from cloudtrail_monitoring.sandbox.dashboard import ReplayWithDays
from cloudtrail_monitoring.sandbox.deployment import Deployment, settings_with_examples
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.report import print_report, write_report

DASHBOARD_NAME = "dashboard.html"


def run_demo(
    project: Path, environment: str, event_paths: Sequence[Path], *, directory: Path, console: Console
) -> None:
    """Deploy, look at a second plan, replay, report.

    Args:
        project: the folder of ``cdktf.json``.
        environment: the environment to deploy.
        event_paths: CloudTrail records to replay; the bundled scenario where there are none.
        directory: where logs, ``report.html``, ``report.json`` and ``dashboard.html`` go.

    Raises:
        SettingsError: if there is no such environment or its settings can't be used.
        DeploymentError: if a step of the deployment fails.
        RecordsError: if there are no records at these paths.
        DashboardError: if there is not exactly one dashboard.
    """
    settings = settings_with_examples(project, environment)
    # what can't be replayed is told before minutes of deployment, not after
    days = ReplayWithDays(event_paths)
    with EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws:
        deployment = Deployment(project, environment, embedded=aws.environment, directory=directory, console=console)
        deployment.deploy()
        with console.status("second plan"):
            changes = deployment.planned_changes()
        deployed = deployment.deployed()
        with console.status("replaying the records"):
            result = days.replay(aws, settings)
        write_report(result, deployed, changes, directory)
        with console.status("drawing the dashboard"):
            page = days.page(aws, settings, result)
    write_page(page, directory / DASHBOARD_NAME)
    print_report(console, result, deployed, changes)
    console.print(f"report: {directory / 'report.html'}", soft_wrap=True)
    console.print(f"dashboard: {directory / DASHBOARD_NAME}", soft_wrap=True)
