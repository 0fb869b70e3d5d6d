"""What every responder is, and what it is given: the tables, the clock, alerts, incidents, containments, safety.

``Toolbox.of`` puts them together from a configuration and AWS's clients; a test gives a configuration of its own and
clients of an emulated AWS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cloudtrail_monitoring.responders.runtime.actions import Did, nobody_asks
from cloudtrail_monitoring.responders.runtime.alerts import Alerts
from cloudtrail_monitoring.responders.runtime.aws import Aws, Clock
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.containment import Containments, Kind, Measure
from cloudtrail_monitoring.responders.runtime.incidents import Incidents
from cloudtrail_monitoring.responders.runtime.messages import Wording
from cloudtrail_monitoring.responders.runtime.safety import Safety
from cloudtrail_monitoring.responders.runtime.schedules import Schedules
from cloudtrail_monitoring.responders.runtime.table import Table


class Responder(Protocol):
    """Judges one kind of event. It may be given an event again, late, or out of order, and must come to the same."""

    def respond(self, event: CloudTrailEvent) -> None:
        """Act on the event, alert, or do nothing.

        Raises:
            Exception: a call to AWS failed; the event comes again.
        """


@dataclass(frozen=True)
class Toolbox:
    """What responders are given."""

    configuration: Configuration
    now: Clock
    state: Table
    containments: Containments
    alerts: Alerts
    incidents: Incidents
    safety: Safety
    wording: Wording
    did: Did

    @classmethod
    def of(
        cls, configuration: Configuration, aws: Aws, measures: Mapping[Kind, Measure], did: Did = nobody_asks
    ) -> "Toolbox":
        state = Table(aws.table(configuration.state_table))
        schedules = Schedules(
            aws.scheduler,
            group=configuration.schedule_group,
            prefix=configuration.name_prefix,
            function_arn=configuration.release_function_arn,
            role_arn=configuration.scheduler_role_arn,
        )
        containments = Containments(state, schedules, measures, aws.now, did)
        return cls(
            configuration=configuration,
            now=aws.now,
            state=state,
            containments=containments,
            alerts=Alerts(
                state,
                aws.sns,
                email_topic_arn=configuration.email_topic_arn,
                sms_topic_arn=configuration.sms_topic_arn,
                now=aws.now,
            ),
            incidents=Incidents(Table(aws.table(configuration.incidents_table)), state),
            safety=Safety(
                aws.ssm,
                aws.iam,
                containments,
                account_id=configuration.account_id,
                switch_parameter=configuration.switch_parameter,
                break_glass_users=configuration.break_glass_users,
                breaker=configuration.circuit_breaker,
                now=aws.now,
            ),
            wording=Wording(configuration),
            did=did,
        )
