"""The function behind alarms: finds the records that made one fire, and tells people what happened (R-RSP-6).

EventBridge calls it when an alarm changes its state. What the alarm counts stands in the event; the filter's pattern
and the alarm's tags are read from the account, so that nothing here can drift from what is deployed. An error is
raised, and Lambda calls again: meanwhile the alarm's own e-mail, which goes past this function, has told that it fired.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger

from cloudtrail_monitoring.responders.runtime import alarm_text
from cloudtrail_monitoring.responders.runtime.alarm_change import ALARM, AlarmChange, is_call_volume, read_change
from cloudtrail_monitoring.responders.runtime.alarm_records import MANY_EVENTS, MAX_EVENTS, AlarmRecords, Findings
from cloudtrail_monitoring.responders.runtime.alarm_text import Description, Story
from cloudtrail_monitoring.responders.runtime.alerts import Alert
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.log_search import LogSearch
from cloudtrail_monitoring.responders.runtime.opening_hours import OpeningHours
from cloudtrail_monitoring.responders.runtime.responder import Toolbox

DETECTION_TAG, LEVEL_TAG = "Detection", "Level"
_ID = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)

CALL_VOLUME = "api-call-volume"
"""What has no filter, and is known by its metric."""

LOW, MEDIUM, HIGH = "Low", "Medium", "High"
_TOLD, _CALLED = (MEDIUM, HIGH), (HIGH,)
"""Levels told by e-mail, and those told by telephone as well."""

logger = Logger()


class Outcome(StrEnum):
    """What became of a change of state."""

    TOLD = "told"
    TOLD_BEFORE = "told before"
    NO_ALARM = "not in alarm"
    NOT_OURS = "not an alarm of ours"
    LOW_LEVEL = "of a level that nobody is told of"


@dataclass(frozen=True, slots=True)
class Told:
    """What was done about a change of state."""

    outcome: Outcome
    alarm: str
    detection: str = ""
    events: int = 0
    is_cut_off: bool = False


class AlarmStory:
    """Tells what is behind alarms."""

    def __init__(self, configuration: Configuration, aws: Aws) -> None:
        self._configuration = configuration
        self._cloudwatch = aws.cloudwatch
        self._records = AlarmRecords(aws.logs, configuration.log_group_name, aws.now)
        # nothing is held or undone here: containments are read only
        self._tools = Toolbox.of(configuration, aws, {})
        self._search = LogSearch(configuration)

    def handle(self, event: Mapping[str, Any]) -> Told:
        """Tell what made an alarm fire, once.

        Raises:
            UnusableAlarmError: the event is no alarm's change of state.
            ClientError: a call to AWS failed.
        """
        change = read_change(event)
        if change.state != ALARM:
            return Told(Outcome.NO_ALARM, change.name)
        if not self._is_ours(change):
            return Told(Outcome.NOT_OURS, change.name)
        tags = self._tags(change)
        patterns = self._records.patterns(change.metric) if change.metric else ()
        detection = self._detection(change, tags, patterns)
        if not detection:
            return Told(Outcome.NOT_OURS, change.name)
        description = alarm_text.read_description(change.description)
        level = _level(tags, description)
        if level not in _TOLD:
            return Told(Outcome.LOW_LEVEL, change.name, detection)
        most = MANY_EVENTS if change.against_usual else MAX_EVENTS
        findings = self._records.find(patterns, change.since, change.at, most=most)
        story = Story(
            change=change,
            detection=detection,
            level=level,
            description=description,
            findings=findings,
            containments=self._containments(findings),
            hours=OpeningHours.of(self._configuration.enhanced_logging) if change.judges_hours else None,
        )
        is_new = self._tools.alerts.tell(self._alert(story))
        outcome = Outcome.TOLD if is_new else Outcome.TOLD_BEFORE
        return Told(outcome, change.name, detection, len(findings.events), findings.is_cut_off)

    def _is_ours(self, change: AlarmChange) -> bool:
        ours = (self._configuration.account_id, self._configuration.region)
        is_here = (change.account_id, change.region) == ours
        return is_here and change.name.startswith(f"{self._configuration.name_prefix}-")

    def _tags(self, change: AlarmChange) -> dict[str, str]:
        name = f"alarm:{change.name}"
        arn = f"arn:{self._configuration.partition}:cloudwatch:{change.region}:{change.account_id}:{name}"
        try:
            tags = self._cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
        except self._cloudwatch.exceptions.ResourceNotFoundException:
            return {}  # deleted since: what it told of happened all the same
        return {tag["Key"]: tag["Value"] for tag in tags}

    def _detection(self, change: AlarmChange, tags: Mapping[str, str], patterns: tuple[str, ...]) -> str:
        """The detection's id; empty if the alarm stands for none.

        Either its tag or its filter is enough: whoever removes one of them does not silence the alert.
        """
        tagged = tags.get(DETECTION_TAG, "")
        if _ID.fullmatch(tagged):
            return tagged
        if is_call_volume(change.metric):
            return CALL_VOLUME
        name = change.metric.name if change.metric else ""
        return name if patterns and _ID.fullmatch(name) else ""

    def _containments(self, findings: Findings) -> tuple[Containment, ...]:
        users = {one.actor.name for one in findings.events if one.actor.kind is ActorKind.USER}
        return tuple(
            one
            for one in self._tools.containments.all()
            if one.is_standing
            and one.ends_at > self._tools.now()
            and (any(map(one.is_of, users)) or (one.kind is Kind.ENHANCED_LOGGING and findings.events))
        )

    def _alert(self, story: Story) -> Alert:
        wording = self._tools.wording
        return Alert(
            key=f"alarm#{story.change.name}#{story.change.at.isoformat()}",
            subject=alarm_text.subject(story),
            text=alarm_text.letter(story, wording, self._search, self._configuration),
            sms=alarm_text.sms(story, wording) if story.level in _CALLED else "",
        )


def _level(tags: Mapping[str, str], description: Description) -> str:
    """As tagged, else as described, else one that is told."""
    known = (LOW, MEDIUM, HIGH)
    return next((one for one in (tags.get(LEVEL_TAG), description.level) if one in known), MEDIUM)


@lru_cache(maxsize=1)
def _story() -> AlarmStory:
    configuration = Configuration.read()
    return AlarmStory(configuration, Aws(configuration.region))


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """What Lambda calls."""
    told = asdict(_story().handle(event))
    logger.info("alarm", extra=told)
    return told
