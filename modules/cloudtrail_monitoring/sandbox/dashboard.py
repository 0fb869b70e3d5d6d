"""The dashboard of an environment as the embedded AWS has it after a replay: what `report dashboard` writes.

What AWS's services would have published by themselves is put into the embedded CloudWatch first, with a week without
an attack before it (`quiet_days`). From there on the page asks it as it would ask an account. It shows the moment at
which most alarms rang: later ones show an account at rest.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from rich.console import Console

from cloudtrail_monitoring.aws_account import AccountError
from cloudtrail_monitoring.governance.dashboard_page.body import DashboardError
from cloudtrail_monitoring.governance.dashboard_page.observed import Observed, deployed_dashboard
from cloudtrail_monitoring.governance.dashboard_page.page import Source, render, write_page
from cloudtrail_monitoring.sandbox.alarm_evaluation import Transition
from cloudtrail_monitoring.sandbox.deployment import Deployment, DeploymentError, settings_with_examples
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws, EmbeddedAwsError
from cloudtrail_monitoring.sandbox.event_bus import EventRuleError
from cloudtrail_monitoring.sandbox.metric_filters import Observations, ReplayError, log_groups, read_filters
from cloudtrail_monitoring.sandbox.metric_math import MetricMathError
from cloudtrail_monitoring.sandbox.metric_publishing import put_counted, put_incoming_events
from cloudtrail_monitoring.sandbox.quiet_days import quiet_records
from cloudtrail_monitoring.sandbox.replay import ReplayResult, replay
from cloudtrail_monitoring.sandbox.scenario import SCENARIO
from cloudtrail_monitoring.sandbox.terraform import TerraformError
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.simulation.records import Record, RecordsError, event_time, read_records

_LOGIN = "ConsoleLogin"
_LOGS = Path("build/dashboard")
"""Of the deployment, within the project."""
_A_MINUTE = timedelta(minutes=1)


class ReplayWithDays:
    """Records to replay, and the quiet days before them.

    Args:
        paths: CloudTrail records; the bundled scenario where there are none.

    Raises:
        RecordsError: there are no records at these paths.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths) or (SCENARIO,)
        self.records = list(read_records(self._paths, lambda _: None, named=False))
        if not self.records:
            raise RecordsError(f"there are no CloudTrail records in {', '.join(map(str, self._paths))}")
        self.quiet = list(quiet_records(min(map(event_time, self.records))))

    def replay(self, aws: EmbeddedAws, settings: MonitoringSettings) -> ReplayResult:
        """As ``replay.replay``; of the quiet days responders see the logins, from which they learn."""
        logins = (record for record in self.quiet if record["eventName"] == _LOGIN)
        return replay(self._paths, aws, settings, before=logins)

    def page(
        self, aws: EmbeddedAws, settings: MonitoringSettings, result: ReplayResult, name: str | None = None
    ) -> str:
        """The page of the dashboard that is deployed in ``aws``, after the replay.

        Raises:
            DashboardError: there is no such dashboard.
        """
        client = aws.client
        name, dashboard = deployed_dashboard(client, settings.name_prefix, name)
        records = [*self.quiet, *self.records]
        _publish(client, settings, records)
        times = [event_time(record) for record in self.records]
        _leave_undecided(client("cloudwatch"), result, min(times))
        now = busiest_moment(result.transitions, max(times))
        rang = any(change.new == "ALARM" for change in result.transitions)
        moment = "when most alarms rang" if rang else "after the last record"
        source = Source(
            name,
            f"Embedded AWS with the environment {settings.environment} as deployed; replayed records",
            (
                f"As it stood on {now:%d %B %Y at %H:%M} UTC, {moment}.",
                "The days before the first replayed record are made up: ordinary records, without an attack. They are"
                " counted, and no alarm is judged on them.",
                "Alarms on AWS's own metrics, and on what is usual, are not judged here: they have insufficient data.",
                "What is usual is here the mean of the same hour of working days or of weekends, and standard"
                " deviations around it; on AWS it is a model that CloudWatch trains on up to two weeks.",
                "Datapoints carry the time of their event; on AWS they trail it by the minutes that delivery takes.",
            ),
        )
        return render(dashboard, Observed(client, dashboard.span(now)), source, prefix=f"{settings.name_prefix}-")


def write_embedded_dashboard(
    project: Path, environment: str, file: Path, *, name: str | None, console: Console
) -> None:
    """Deploy an environment into the embedded AWS, replay the bundled attack, and write the dashboard's page.

    Args:
        project: the folder of ``cdktf.json``.
        environment: the environment's name.
        file: where the page goes.
        name: of the dashboard; the only one of the environment if not given.
        console: where the steps are told.

    Raises:
        SettingsError: there is no such environment, or its settings can't be used.
        DashboardError: there is no such dashboard, or a step before it failed, or the file can't be written.
    """
    settings = settings_with_examples(project, environment)
    if file.is_dir():
        raise DashboardError(f"{file} is a folder: name a file")
    days = ReplayWithDays(())
    try:
        with EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws:
            embedded, directory = aws.environment, project / _LOGS
            Deployment(project, environment, embedded=embedded, directory=directory, console=console).deploy()
            with console.status("replaying the records"):
                html = days.page(aws, settings, days.replay(aws, settings), name)
    except (
        AccountError,
        DeploymentError,
        EmbeddedAwsError,
        EventRuleError,
        MetricMathError,
        ReplayError,
        TerraformError,
    ) as error:
        raise DashboardError(str(error)) from None
    write_page(html, file)
    console.print(f"dashboard: {file}", soft_wrap=True)


def busiest_moment(transitions: Sequence[Transition], otherwise: datetime) -> datetime:
    """When the most alarms ring, the last such moment; the full minute after ``otherwise`` if none ever does.

    Args:
        transitions: in order of time.
    """
    rings: set[str] = set()
    most, busiest = 1, otherwise.replace(second=0, microsecond=0) + _A_MINUTE
    for at, changes in groupby(transitions, key=attrgetter("at")):
        for change in changes:
            (rings.add if change.new == "ALARM" else rings.discard)(change.alarm.name)
        if len(rings) >= most:
            most, busiest = len(rings), at
    return busiest


def _leave_undecided(cloudwatch: Any, result: ReplayResult, at: datetime) -> None:
    """What a replay can't judge has no state to show (AWS: each new alarm begins so, and is judged within minutes)."""
    for left_out in result.not_evaluated:
        cloudwatch.set_alarm_state(
            AlarmName=left_out.alarm,
            StateValue="INSUFFICIENT_DATA",
            StateReason=f"Not judged in a replay: {left_out.why}",
            StateReasonData=json.dumps({"version": "1.0", "queryDate": at.isoformat()}),
        )


def _publish(client: Any, settings: MonitoringSettings, records: Sequence[Record]) -> None:
    """What metric filters count, and how many events come in."""
    _, groups = log_groups(client)
    cloudwatch, logs = client("cloudwatch"), client("logs")
    for group in groups:
        observations = Observations(list(read_filters(logs, group, settings.name_prefix)))
        times = [event_time(record) for record in records]
        for number, (at, record) in enumerate(zip(times, records, strict=True)):
            observations.add(number, at, record)
        put_counted(cloudwatch, observations.datapoints())
        put_incoming_events(cloudwatch, group, times)
