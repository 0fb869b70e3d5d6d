"""The demonstration: an environment deployed unmodified into the embedded AWS, an attack replayed, and the report.

A step that fails ends it: what had been deployed is named, and all of it goes with the embedded AWS.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from cloudtrail_monitoring.alerting.contacts import EXAMPLE_FILE, FILE_VARIABLE
from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.sandbox.deployment import Deployment
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.replay import replay
from cloudtrail_monitoring.sandbox.report import print_report, write_report
from cloudtrail_monitoring.sandbox.scenario import SCENARIO
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.simulation.records import read_records
from cloudtrail_monitoring.validation import SettingsError


def run_demo(
    project: Path, environment: str, event_paths: Sequence[Path], *, directory: Path, console: Console
) -> None:
    """Deploy, look at a second plan, replay, report.

    Args:
        project: the folder of ``cdktf.json``.
        environment: the environment to deploy.
        event_paths: CloudTrail records to replay; the bundled scenario where there are none.
        directory: where logs, ``report.html`` and ``report.json`` go.

    Raises:
        SettingsError: if there is no such environment or its settings can't be used.
        DeploymentError: if a step of the deployment fails.
        RecordsError: if there are no records at these paths.
    """
    settings = _settings(project, environment)
    # what can't be replayed is told before minutes of deployment, not after
    read_records(event_paths, lambda _: None)
    with EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws:
        deployment = Deployment(project, environment, embedded=aws.environment, directory=directory, console=console)
        deployment.deploy()
        with console.status("second plan"):
            changes = deployment.planned_changes()
        deployed = deployment.deployed()
        with console.status("replaying the records"):
            result = replay(event_paths or [SCENARIO], aws, settings)
    write_report(result, deployed, changes, directory)
    print_report(console, result, deployed, changes)
    console.print(f"report: {directory / 'report.html'}", soft_wrap=True)


def _settings(project: Path, environment: str) -> MonitoringSettings:
    # the demonstration brings its own readers: nobody's address ends up in a report
    os.environ.setdefault(FILE_VARIABLE, str(project / "environments" / EXAMPLE_FILE))
    environments = load_environments(project / "environments")
    if environment not in environments:
        raise SettingsError(f"there is no environment {environment!r}; there are {', '.join(environments)}")
    return environments[environment]
