"""Evidence that an event is noticed and somebody is told: filter, metric, alarm, topic and subscription in one chain,
and rules of EventBridge with a reader at their end.

A chain with a missing link looks like a detection and is none, so that each link is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloudtrail_monitoring.detections.detection import DETECTION_TAG, LEVEL_TAG, Level
from cloudtrail_monitoring.governance.compliance.assertion import Judgement, Seen
from cloudtrail_monitoring.governance.compliance.output import Output, Resource, Selection, leaves
from cloudtrail_monitoring.simulation.deployed_detections import metrics_watched, metrics_written

_FILTER, _ALARM = "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_metric_alarm"
_RULE, _TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"


@dataclass(frozen=True)
class Counts:
    """A metric filter on the trail's log group writes the detection's metric, and an alarm watches it.

    Args:
        detection: the detection's id, which is the metric's name.
        pattern: the filter's text, letter by letter, where a standard publishes one.
    """

    detection: str
    pattern: str | None = None

    def judge(self, output: Output) -> Judgement:
        filters = [one for one in output.of_type(_FILTER) if self.detection in _names(one)]
        if not filters:
            return Judgement(faults=(f"no metric filter counts {self.detection}",))
        counting = [one for one in filters if self._is_on_trail(one, output)]
        if not counting:
            return Judgement(faults=(f"{filters[0].address} is not on the log group that the trail delivers to",))
        if self.pattern is not None:
            counting = [one for one in counting if one.attributes.get("pattern") == self.pattern]
            if not counting:
                return Judgement(faults=(f"{filters[0].address}: its pattern is not the published one",))
        metrics = {metric for one in counting for metric in metrics_written(one.attributes)}
        alarms = [one for one in output.of_type(_ALARM) if metrics & set(metrics_watched(one.attributes))]
        if not alarms:
            return Judgement(faults=(f"no alarm watches the metric {self.detection}",))
        return self._of_alarms(
            [Seen(one.address, one.path, {"pattern": one.attributes.get("pattern")}) for one in counting],
            alarms,
            output,
        )

    def _of_alarms(self, filters: list[Seen], alarms: list[Resource], output: Output) -> Judgement:  # noqa: ARG002 - Rings asks whom it reaches
        return Judgement((*filters, *(_watching(one) for one in alarms)))

    def _is_on_trail(self, metric_filter: Resource, output: Output) -> bool:
        given = metric_filter.attributes.get("log_group_name")
        return any(one.is_named_in(given) or one.attributes.get("name") == given for one in output.log_groups)


@dataclass(frozen=True)
class Rings(Counts):
    """As ``Counts``, and an alarm on the metric publishes to a topic that somebody is subscribed to.

    Args:
        level: the alarm's level, where a requirement fixes it; High has a reader by SMS, too.
    """

    level: Level | None = None

    def _of_alarms(self, filters: list[Seen], alarms: list[Resource], output: Output) -> Judgement:
        heard = [(one, _readers(one, output)) for one in alarms]
        heard = [(one, readers) for one, readers in heard if readers]
        if not heard:
            return Judgement(faults=(f"{alarms[0].address} has no action with a subscription: it tells nobody",))
        if self.level is not None:
            heard = [(one, readers) for one, readers in heard if _tag(one, LEVEL_TAG) == self.level.value]
            if not heard:
                return Judgement(faults=(f"{alarms[0].address}: its level is not {self.level.value}",))
            if self.level is Level.HIGH and not any(_by_sms(readers) for _, readers in heard):
                return Judgement(faults=(f"{heard[0][0].address}: nobody is told by SMS",))
        return Judgement((*filters, *(_watching(one, readers) for one, readers in heard)))


@dataclass(frozen=True)
class Reaches:
    """Each such resource names a topic that somebody is subscribed to.

    Args:
        selection: such as budgets.
        path: the dotted path of the topic's reference.
    """

    selection: Selection
    path: str

    def judge(self, output: Output) -> Judgement:
        resources = self.selection.find(output)
        if not resources:
            return Judgement(faults=(f"there is no {self.selection.name}",))
        found, faults = [], []
        for one in resources:
            readers = [reader for topic in leaves(one.attributes, self.path) for reader in output.readers(topic)]
            if readers:
                found.append(Seen(one.address, one.path, {"subscriptions": _protocols(readers)}))
            else:
                faults.append(f"{one.address}: {self.path} names no topic with a subscription: it tells nobody")
        return Judgement(tuple(found), tuple(faults))


@dataclass(frozen=True)
class RuleTells:
    """Rules of EventBridge that are described by a requirement's id: each is on and has a target, and at the end of one
    is a reader."""

    requirement: str

    def judge(self, output: Output) -> Judgement:
        rules = [
            one
            for one in output.of_type(_RULE)
            if str(one.attributes.get("description", "")).startswith(f"{self.requirement}: ")
        ]
        if not rules:
            return Judgement(faults=(f"no event rule is for {self.requirement}",))
        found, faults, told = [], [], False
        for rule in rules:
            if str(rule.attributes.get("state", "ENABLED")).startswith("DISABLED"):
                faults.append(f"{rule.address} is disabled")
            targets = [one for one in output.of_type(_TARGET) if rule.is_named_in(one.attributes.get("rule"))]
            if not targets:
                faults.append(f"{rule.address} has no target")
            for target in targets:
                readers = output.readers(target.attributes.get("arn"))
                told = told or bool(readers)
                values = {"description": rule.attributes["description"], "readers": len(readers) or "the home Region"}
                found.append(Seen(rule.address, rule.path, values))
        if not told and not faults:
            faults.append(f"no rule for {self.requirement} has a target with a subscription: it tells nobody")
        return Judgement(tuple(found), tuple(faults))


@dataclass(frozen=True)
class LoudAlarmsHaveRules:
    """Each High detection of single events has a rule beside its alarm (R-ALM-6); counts and business hours can't have
    one.

    Args:
        without: detections that no rule can judge.
    """

    without: tuple[str, ...]

    def judge(self, output: Output) -> Judgement:
        rules = output.of_type(_RULE)
        found, faults = [], []
        for alarm in output.of_type(_ALARM):
            detection = _tag(alarm, DETECTION_TAG)
            if _tag(alarm, LEVEL_TAG) != Level.HIGH.value or detection is None or detection in self.without:
                continue
            own = [one for one in rules if str(one.attributes.get("name", "")).endswith(f"-{detection}")]
            found += [
                Seen(one.address, one.path, {"event_pattern": one.attributes.get("event_pattern")}) for one in own
            ]
            if not own:
                faults.append(f"{alarm.address}: no event rule beside it")
        if not found and not faults:
            faults.append("no alarm is of level High")
        return Judgement(tuple(found), tuple(faults))


def _names(metric_filter: Resource) -> set[str]:
    return {name for _, name in metrics_written(metric_filter.attributes)}


def _tag(resource: Resource, name: str) -> str | None:
    tags = resource.attributes.get("tags")
    return tags.get(name) if isinstance(tags, dict) else None


def _readers(alarm: Resource, output: Output) -> list[Resource]:
    return [reader for action in alarm.attributes.get("alarm_actions") or () for reader in output.readers(action)]


def _by_sms(readers: list[Resource]) -> bool:
    return any(one.attributes.get("protocol") == "sms" for one in readers)


def _protocols(readers: list[Resource]) -> str:
    return ", ".join(sorted({str(one.attributes.get("protocol")) for one in readers}))


def _watching(alarm: Resource, readers: list[Resource] | None = None) -> Seen:
    values: dict[str, Any] = {name: alarm.attributes.get(name) for name in _shown_of(alarm)}
    if readers is not None:
        values["subscriptions"] = _protocols(readers)
    return Seen(alarm.address, alarm.path, values)


def _shown_of(alarm: Resource) -> Iterator[str]:
    yield from (name for name in ("metric_name", "threshold", "period") if name in alarm.attributes)
    if not alarm.attributes.get("metric_name"):
        yield "alarm_name"
