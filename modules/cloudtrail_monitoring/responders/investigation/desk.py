"""Where an investigation is worked from: an environment's incidents, containments and names, and who is asking.

The caller's account is compared with the environment's before anything is read: the tables of two environments bear
the same names.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.aws_account import caller_of
from cloudtrail_monitoring.environments import load_environment
from cloudtrail_monitoring.responders.evidence_settings import evidence_bucket_name
from cloudtrail_monitoring.responders.function_configuration import function_configuration
from cloudtrail_monitoring.responders.names import ResponderNames
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.configuration import Configuration, from_json
from cloudtrail_monitoring.responders.runtime.containment import Containment
from cloudtrail_monitoring.responders.runtime.incidents import HEADER, Incident, Incidents, Stage
from cloudtrail_monitoring.responders.runtime.messages import Wording
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.settings import MonitoringSettings


class InvestigationError(ValueError):
    """What keeps the command from doing its work; ``str()`` is one line that says what to do."""


@dataclass(frozen=True)
class Desk:
    """What the commands are given.

    Attributes:
        settings: the environment's.
        aws: its clients, in the home Region.
        caller: ARN of whoever asks, which stands as the actor in the timeline.
    """

    settings: MonitoringSettings
    aws: Aws
    caller: str
    tools: Toolbox

    @classmethod
    def of(cls, settings: MonitoringSettings, aws: Aws | None = None) -> "Desk":
        """The desk of an environment.

        Args:
            aws: clients; those of the shell's credentials if there are none.

        Raises:
            InvestigationError: the environment has no responders.
            AccountError: there are no usable credentials, or they are of another account.
        """
        configuration = _configuration(settings)
        aws = aws or Aws(settings.home_region)
        return cls(settings, aws, caller_of(settings, aws), Toolbox.of(configuration, aws, {}))

    @property
    def incidents(self) -> Incidents:
        return self.tools.incidents

    @property
    def wording(self) -> Wording:
        return self.tools.wording

    @property
    def log_group_name(self) -> str:
        return self.settings.trail.log_group_name

    @property
    def evidence_bucket(self) -> str:
        return evidence_bucket_name(self.settings.archive.bucket_name)

    def all_incidents(self) -> list[Incident]:
        """Every incident, the newest first."""
        from boto3.dynamodb.conditions import Attr

        table = self.aws.table(self.tools.configuration.incidents_table)
        page: dict[str, Any] = {"FilterExpression": Attr("sk").eq(HEADER), "ConsistentRead": True}
        found: list[Incident] = []
        while True:
            answer = table.scan(**page)
            found += map(_incident, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return sorted(found, key=lambda one: (one.opened_at, one.id), reverse=True)
            page["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def containments(self, incident_id: str | None = None) -> list[Containment]:
        """The containments of an incident, or all; standing ones and those that ended, in order of their beginning."""
        held = self.tools.containments.all()
        wanted = (one for one in held if incident_id in (None, one.incident_id))
        return sorted(wanted, key=lambda one: (one.began, one.key))


def open_desk(project: Path, environment: str) -> Desk:
    """The desk of an environment by its name, with the shell's credentials.

    Raises:
        SettingsError: the environments can't be read, or there is none of that name.
        AccountError, InvestigationError: as ``Desk.of``.
    """
    return Desk.of(load_environment(project / "environments", environment))


def _configuration(settings: MonitoringSettings) -> Configuration:
    """What the environment's functions know; nothing of it is sent anywhere from here."""
    if settings.responders is None:
        raise InvestigationError(
            f"{settings.environment} has no responders, and so no incidents: give it RespondersSettings()"
        )
    names = ResponderNames(settings.location, settings.name_prefix)
    text = function_configuration(
        settings.responders,
        names,
        log_group_name=settings.trail.log_group_name,
        topic_arns={channel: names.location.arn("sns", f"{names.prefix}-{channel.value}") for channel in Channel},
        runbook_url=settings.alerting.runbook_url,
        business_hours=settings.alerting.business_hours,
        enhanced_trail_arn=None,
    )
    return from_json(Configuration, json.loads(text))


def _incident(item: dict[str, Any]) -> Incident:
    return Incident(
        id=item["pk"],
        kind=item["kind"],
        subject=item["subject"],
        title=item["title"],
        opened_at=datetime.fromisoformat(item["opened_at"]),
        stage=Stage(item["stage"]),
    )
