"""Outputs broken at one point: for an assertion, every way in which what it asks for can be missing.

``breaks`` gives each as a name and a document; an assertion of a kind it doesn't know is a fault of the test.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

from cloudtrail_monitoring.governance.compliance.assertion import (
    All,
    Assertion,
    AtLeast,
    Every,
    Has,
    Is,
    IsSet,
    OneOf,
    Predicate,
    Says,
    Some,
    Throughout,
    Unbuilt,
    faults_of,
)
from cloudtrail_monitoring.governance.compliance.denial import BucketRefuses, GuardRailRefuses
from cloudtrail_monitoring.governance.compliance.drawing import Draws, DrawsEveryAlarm
from cloudtrail_monitoring.governance.compliance.output import Output, Resource
from cloudtrail_monitoring.governance.compliance.recording import LeavesOutItself, Records
from cloudtrail_monitoring.governance.compliance.telling import (
    Counts,
    LoudAlarmsHaveRules,
    Reaches,
    Rings,
    RuleTells,
)

Document = dict[str, Any]
Break = tuple[str, Document]
_MOST_STATEMENTS = 5

FILTERS, ALARMS = "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_metric_alarm"
RULES, TARGETS = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"


def breaks(assertion: Assertion, document: Document) -> Iterator[Break]:
    """Every way to break an output at a point that an assertion looks at."""
    match assertion:
        case All():
            for part in assertion.parts:
                yield from breaks(part, document)
        case Every() | Some():
            yield from _of_attributes(assertion, document)
        case Counts():  # and Rings
            yield from _of_chain(assertion, document)
        case Draws() | DrawsEveryAlarm():
            yield from _of_widgets(assertion, document)
        case Reaches():
            for one in assertion.selection.find(Output(document)):
                yield f"{one.address} names no topic", changed(document, one.address, assertion.path, [])
            yield "nobody is subscribed", _without_type(document, "aws_sns_topic_subscription")
        case RuleTells():
            yield from _of_rules(assertion, document)
        case LoudAlarmsHaveRules():
            for seen in assertion.judge(Output(document)).seen:
                yield f"without {seen.address}", without(document, seen.address)
        case Records():
            yield from _of_selectors(assertion, document)
        case LeavesOutItself():
            yield "it records itself", _edited_selectors(document, lambda field: field.pop("not_starts_with", None))
        case BucketRefuses() | GuardRailRefuses():
            yield from _of_policies(assertion, document)
        case Unbuilt():
            return
        case _:
            raise TypeError(f"how to break {assertion!r}?")


def without(document: Document, *addresses: str) -> Document:
    """The document without these resources or blocks."""
    broken = copy.deepcopy(document)
    for address in addresses:
        parent, name = _place(broken, address)
        del parent[name]
    return broken


def changed(document: Document, address: str, path: str, value: object) -> Document:
    """The document with a value at a dotted path of a resource; None takes it away. Lists are walked through."""
    broken = copy.deepcopy(document)
    parent, name = _place(broken, address)
    _set(parent[name], path.split("."), value)
    return broken


def _place(document: Document, address: str) -> tuple[Any, Any]:
    """What holds a resource, a backend, a provider or an output, and under which name."""
    kind, _, name = address.partition(".")
    if kind == "terraform":
        return document["terraform"]["backend"], name.removeprefix("backend.")
    if kind == "provider":
        return document["provider"]["aws"], int(name[len("aws[") : -1])
    if kind == "output":
        return document["output"], name
    return document["resource"][kind], name


def _set(value: Any, path: list[str], wanted: object) -> None:
    if isinstance(value, list):
        for one in value:
            _set(one, path, wanted)
    elif isinstance(value, dict):
        if len(path) > 1:
            _set(value.get(path[0]), path[1:], wanted)
        elif wanted is None:
            value.pop(path[0], None)
        else:
            value[path[0]] = wanted


def _of_attributes(assertion: Every | Some, document: Document) -> Iterator[Break]:
    found = list(assertion.selection.find(Output(document)))
    if not found:
        return
    if not any(one.address.startswith(("terraform.", "provider.")) for one in found):
        yield f"no {assertion.selection.name}", without(document, *(one.address for one in found))
    for path, predicate in assertion.wanted.items():
        for wrong in (None, *_wrong(predicate)):
            if isinstance(assertion, Every):
                for one in found:
                    yield f"{one.address}: {path} = {wrong}", changed(document, one.address, path, wrong)
            else:
                broken = document
                for one in (one for one in found if not faults_of(one, assertion.wanted)):
                    broken = changed(broken, one.address, path, wrong)
                yield f"all {assertion.selection.name}: {path} = {wrong}", broken


def _wrong(predicate: Predicate) -> tuple[object, ...]:
    """Values that are there and won't do."""
    match predicate:
        case Is(wanted=bool() as wanted):
            return (not wanted, str(wanted).lower())
        case Is(wanted=int() as wanted):
            return (wanted + 1,)
        case Is() | OneOf() | Says():
            return ("something else",)
        case AtLeast():
            return (predicate.least - 1,)
        case IsSet():
            return ("",)
        case Has():
            return ({"something": "else"},)
        case Throughout():
            return _wrong(predicate.predicate)
        case _:
            raise TypeError(f"what is wrong for {predicate!r}?")


def _of_chain(assertion: Counts, document: Document) -> Iterator[Break]:
    output = Output(document)
    filters, alarms = _chain(assertion.detection, output)
    yield f"{assertion.detection}: no filter", without(document, *filters)
    yield f"{assertion.detection}: no alarm", without(document, *alarms)
    elsewhere = other_metric = other_pattern = silent = relevelled = document
    for one in filters:
        elsewhere = changed(elsewhere, one, "log_group_name", "somewhere/else")
        other_metric = changed(other_metric, one, "metric_transformation.namespace", "Other")
        other_pattern = changed(other_pattern, one, "pattern", "{ $.eventName = * }")
    yield f"{assertion.detection}: the filter reads another log group", elsewhere
    yield f"{assertion.detection}: nobody writes the alarm's metric", other_metric
    if assertion.pattern is not None:
        yield f"{assertion.detection}: another pattern", other_pattern
    if isinstance(assertion, Rings):
        for one in alarms:
            silent = changed(silent, one, "alarm_actions", [])
            relevelled = changed(relevelled, one, "tags.Level", "Unheard")
        yield f"{assertion.detection}: the alarm has no action", silent
        yield f"{assertion.detection}: nobody is subscribed", _without_type(document, "aws_sns_topic_subscription")
        if assertion.level is not None:
            yield f"{assertion.detection}: another level", relevelled


def _chain(detection: str, output: Output) -> tuple[list[str], list[str]]:
    filters = [
        one.address for one in output.of_type(FILTERS) if one.attributes["metric_transformation"]["name"] == detection
    ]
    return filters, [one.address for one in output.of_type(ALARMS) if _watches(one, detection)]


def _watches(alarm: Resource, detection: str) -> bool:
    return f'"metric_name": "{detection}"' in json.dumps(alarm.attributes)


def _of_rules(assertion: RuleTells, document: Document) -> Iterator[Break]:
    seen = assertion.judge(Output(document)).seen
    yield "no rule", without(document, *{one.address for one in seen})
    for one in seen:
        yield f"{one.address} is off", changed(document, one.address, "state", "DISABLED")
        targets = [
            target.address
            for target in Output(document).of_type(TARGETS)
            if f"{one.address}." in str(target.attributes["rule"])
        ]
        yield f"{one.address} has no target", without(document, *targets)
    yield "nobody is subscribed", _without_type(document, "aws_sns_topic_subscription")


def _without_type(document: Document, type_: str) -> Document:
    broken = copy.deepcopy(document)
    del broken["resource"][type_]
    return broken


def _of_selectors(assertion: Records, document: Document) -> Iterator[Break]:
    for trail in Output(document).trails:
        yield "the trail is stopped", changed(document, trail.address, "enable_logging", False)
        yield "no selectors", changed(document, trail.address, "advanced_event_selector", None)
    kept = "false" if assertion.direction == "read" else "true"
    narrowed = copy.deepcopy(document)
    for trail in narrowed["resource"]["aws_cloudtrail"].values():
        for selector in trail["advanced_event_selector"]:
            selector["field_selector"].append({"field": "readOnly", "equals": [kept]})
    yield "one half only", narrowed
    if assertion.resource_type:
        yield (
            "another type of resource",
            _edited_selectors(document, lambda field: field.update(equals=["AWS::DynamoDB::Table"]), "resources.type"),
        )
    if assertion.whole:
        partly = copy.deepcopy(document)
        for trail in partly["resource"]["aws_cloudtrail"].values():
            for selector in trail["advanced_event_selector"]:
                selector["field_selector"] += [
                    {"field": "eventSource", "not_equals": ["kms.amazonaws.com"]},
                    {"field": "resources.ARN", "starts_with": ["arn:aws:s3:::one-bucket/"]},
                ]
        yield "a part only", partly
    eventless = copy.deepcopy(document)
    for trail in eventless["resource"]["aws_cloudtrail"].values():
        for selector in trail["advanced_event_selector"]:
            selector["field_selector"].append({"field": "eventName", "equals": ["PutObject"]})
    yield "one event only", eventless
    if assertion.whole and assertion.resource_type:
        yield (
            "somebody else's bucket and function are left out",
            _edited_selectors(
                document,
                lambda field: field.get("not_starts_with", []).extend(
                    ["arn:aws:s3:::patients/", "arn:aws:lambda:us-east-1:333333333333:function:billing"]
                ),
            ),
        )
    if assertion.named:
        yield (
            "a part of it is left out",
            _edited_selectors(document, lambda field: field.update(not_starts_with=["arn:aws:s3:::patients/x/"])),
        )
        yield (
            "another purpose",
            changed(document, Output(document).trails[0].address, "advanced_event_selector.name", "x"),
        )


def _edited_selectors(document: Document, edit: Any, field: str = "resources.ARN") -> Document:
    broken = copy.deepcopy(document)
    for trail in broken["resource"]["aws_cloudtrail"].values():
        for selector in trail["advanced_event_selector"]:
            for one in selector["field_selector"]:
                if one["field"] == field:
                    edit(one)
    return broken


def _of_widgets(assertion: Draws | DrawsEveryAlarm, document: Document) -> Iterator[Break]:
    (board,) = Output(document).of_type("aws_cloudwatch_dashboard")
    body = json.loads(board.attributes["dashboard_body"])
    kind = assertion.kind if isinstance(assertion, Draws) else "alarm"
    others = {**body, "widgets": [one for one in body["widgets"] if one["type"] != kind]}
    yield "no dashboard", without(document, board.address)
    yield f"no {kind} widget", changed(document, board.address, "dashboard_body", json.dumps(others))
    yield "no body", changed(document, board.address, "dashboard_body", "no JSON")
    if isinstance(assertion, Draws):
        for text in assertion.texts:
            undrawn = json.dumps(body).replace(text, "nothing")
            yield f"{text} is not drawn", changed(document, board.address, "dashboard_body", undrawn)
    else:
        for alarm in Output(document).of_type(ALARMS):
            renamed = changed(document, alarm.address, "alarm_name", "another")
            yield f"{alarm.address} is not drawn", renamed


def _of_policies(assertion: BucketRefuses | GuardRailRefuses, document: Document) -> Iterator[Break]:
    for wanted in assertion.judge(Output(document)).seen:
        ((_, refusal),) = wanted.values.items()
        broken = document
        for _ in range(_MOST_STATEMENTS):  # several statements may refuse one action
            sids = [
                name[name.index("[") + 1 : -1]
                for seen in assertion.judge(Output(broken)).seen
                for name, said in seen.values.items()
                if said == refusal and seen.address == wanted.address
            ]
            if not sids:
                break
            broken = _without_statement(broken, wanted.address, sids[0])
        yield f"{wanted.address} no longer {refusal}", broken


def _without_statement(document: Document, address: str, sid: str) -> Document:
    broken = copy.deepcopy(document)
    parent, name = _place(broken, address)
    attribute = "value" if address.startswith("output.") else "policy"
    policy = json.loads(parent[name][attribute])
    policy["Statement"] = [one for one in policy["Statement"] if one.get("Sid") != sid]
    parent[name][attribute] = json.dumps(policy)
    return broken
