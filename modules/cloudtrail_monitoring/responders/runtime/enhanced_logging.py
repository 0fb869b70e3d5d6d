"""R-RSP-3: an administrative change outside business hours starts the second, normally stopped trail for a while.

Administrative is a changing call of IAM and any changing call by root, successful or refused, and root's login; not
what AWS's services do, nor our own roles. The trail logs until so many minutes after the last such event, in the
events' own time, and stops by itself; on one local day it logs no longer than the settings allow, and people are told.
Events that follow each other share one incident and one alert; each is a line of its timeline.

The rights on the second trail are Start- and StopLogging alone. What it records is left to the constructs.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cloudtrail_monitoring.responders.runtime.alerts import Alert
from cloudtrail_monitoring.responders.runtime.answered import Answered
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.configuration import Configuration, EnhancedLogging
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind, containment_key
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage, incident_id
from cloudtrail_monitoring.responders.runtime.logged_time import LoggedTime, Session
from cloudtrail_monitoring.responders.runtime.messages import who
from cloudtrail_monitoring.responders.runtime.opening_hours import OpeningHours
from cloudtrail_monitoring.responders.runtime.responder import Toolbox

RUNBOOK = "off-hours-iam-policy-change"
_IAM = "iam.amazonaws.com"
_SIGN_IN = "signin.amazonaws.com"
_BY_AWS = "AwsServiceEvent"
_SERVICE_LINKED = ":role/aws-service-role/"


class TrailLogging:
    """The measure behind enhanced logging.

    Args:
        cloudtrail: boto3's client, of the trail's home Region.
    """

    def __init__(self, cloudtrail: Any) -> None:
        self._cloudtrail = cloudtrail

    def apply(self, containment: Containment) -> None:
        self._cloudtrail.start_logging(Name=containment.target)

    def undo(self, containment: Containment) -> None:
        with suppress(self._cloudtrail.exceptions.TrailNotFoundException):
            self._cloudtrail.stop_logging(Name=containment.target)


class OffHoursLogging:
    """The responder to administrative changes outside business hours."""

    def __init__(self, tools: Toolbox, settings: EnhancedLogging) -> None:
        self._tools = tools
        self._settings = settings
        self._hours = OpeningHours.of(settings)
        self._zone = ZoneInfo(settings.time_zone)
        self._answered = Answered(tools.state, Kind.ENHANCED_LOGGING, tools.now)
        self._logged = LoggedTime(
            tools.state,
            settings.trail_arn,
            zone=self._zone,
            most=timedelta(minutes=settings.most_minutes_a_day),
            now=tools.now,
        )

    def respond(self, event: CloudTrailEvent) -> None:
        if not is_administrative(event, self._tools.configuration) or self._is_in_hours(event):
            return
        if event.id not in self._answered:
            self._answer(event)
            self._answered.add(event.id)

    def _is_in_hours(self, event: CloudTrailEvent) -> bool:
        return self._hours is not None and self._hours.contains(event.at)

    def _answer(self, event: CloudTrailEvent) -> None:
        end = event.at + timedelta(minutes=self._settings.minutes)
        own = incident_id(Kind.ENHANCED_LOGGING, f"{self._settings.trail_arn}#{event.id}", event.at)
        if end <= self._tools.now():
            self._too_late(event, own)
            return
        begun = self._logged.around(event.at, event.at)
        is_begun = begun is not None and begun.incident_id == own
        off = None if is_begun else self._tools.safety.switched_off()
        if off is not None:
            self._tell_once_a_day(event, "off", off)
            return
        claim = self._logged.claim(event.at, end, own)
        if claim.session is not None:
            self._log(event, claim.session, is_new=claim.session.incident_id == own)
        if claim.is_capped:
            self._tell_once_a_day(event, "cap", f"the {self._settings.most_minutes_a_day} minutes of this day are used")

    def _log(self, event: CloudTrailEvent, session: Session, *, is_new: bool) -> None:
        if is_new:
            title = f"Administrative changes outside business hours, the first by {who(event.actor)}"
            self._tools.incidents.open(
                Incident(
                    session.incident_id,
                    Kind.ENHANCED_LOGGING,
                    self._settings.trail_arn,
                    title,
                    event.at,
                    Stage.ALERT,
                )
            )
        if session.end > self._tools.now():
            self._tools.containments.hold(
                Containment(
                    Kind.ENHANCED_LOGGING,
                    self._settings.trail_arn,
                    session.begin,
                    session.end,
                    session.incident_id,
                )
            )
        self._note(event, session)
        if is_new:
            self._tell_begun(event, session)

    def _too_late(self, event: CloudTrailEvent, own: str) -> None:
        """Logging now would record nothing of what the event belongs to."""
        session = self._logged.around(event.at, event.at)
        if session is not None:
            self._log(event, session, is_new=session.incident_id == own)
        else:
            minutes = self._settings.minutes
            self._tell_once_a_day(event, "late", f"the event arrived more than {minutes} minutes after it happened")

    def _note(self, event: CloudTrailEvent, session: Session) -> None:
        text = f"{who(event.actor)}: {self._tools.wording.event(event)}"
        self._tools.incidents.note(session.incident_id, Entry(event.at, RESPONDER, text))

    def _tell_begun(self, event: CloudTrailEvent, session: Session) -> None:
        wording = self._tools.wording
        key = containment_key(Kind.ENHANCED_LOGGING, self._settings.trail_arn)
        self._tell(
            event,
            key=session.incident_id,
            subject="Enhanced logging started",
            done=(
                ("Done", f"enhanced logging until {wording.moment(session.end)}; further changes prolong it"),
                ("Undo now", wording.undo(key)),
                ("Incident", session.incident_id),
            ),
        )

    def _tell_once_a_day(self, event: CloudTrailEvent, reason: str, why: str) -> None:
        day = event.at.astimezone(self._zone).date().isoformat()
        self._tell(
            event,
            key=f"{Kind.ENHANCED_LOGGING}#{reason}#{day}",
            subject="Enhanced logging not prolonged" if reason == "cap" else "Enhanced logging not started",
            done=(("Done", f"nothing: {why}"), ("Further ones", f"of {day} are not told for this reason")),
        )

    def _tell(self, event: CloudTrailEvent, *, key: str, subject: str, done: tuple[tuple[str, str], ...]) -> None:
        name = readable(event.name, most=60)
        facts = (
            ("Who", who(event.actor)),
            ("What", f"{name} ({readable(event.source, most=60)})"),
            ("Refused", readable(event.error, most=60)),
            ("When", self._tools.wording.moment(event.at)),
            ("From", f"{readable(event.address, most=60)}, in {readable(event.region, most=20)}"),
            ("Hours", str(self._hours or "")),
            *done,
        )
        title = f"{who(event.actor)} made an administrative change outside business hours."
        self._tools.alerts.tell(
            Alert(
                key=key,
                subject=f"{subject}: {name} by {who(event.actor)}",
                text=self._tools.wording.letter(title, facts, [event], runbook=RUNBOOK),
            )
        )


def is_administrative(event: CloudTrailEvent, configuration: Configuration) -> bool:
    """Whether somebody, not AWS nor this system, changed IAM or acted as root."""
    if event.read_only is not False or _is_of_aws(event) or _is_of_this_system(event, configuration):
        return False
    if event.source == _SIGN_IN:
        # whoever knows root's address can fail to log in, or ask for a new password: nobody is in yet
        return event.actor.kind is ActorKind.ROOT and event.is_login and event.login == "Success"
    return event.source == _IAM or event.actor.kind is ActorKind.ROOT


def _is_of_aws(event: CloudTrailEvent) -> bool:
    actor = event.actor
    if actor.kind is ActorKind.SERVICE or event.type == _BY_AWS or _SERVICE_LINKED in actor.role_arn:
        return True
    # CIS 4.3 spares root too where a service acts for it; for others CloudFormation would be a way around
    return actor.kind is ActorKind.ROOT and bool(actor.invoked_by)


def _is_of_this_system(event: CloudTrailEvent, configuration: Configuration) -> bool:
    # exact names: whoever may make roles may make one that begins with our prefix
    role = f"arn:{configuration.partition}:iam::{configuration.account_id}:role/{configuration.name_prefix}"
    return event.actor.role_arn in (f"{role}-router", f"{role}-release")
