"""EventBridge as deployed: which rules a CloudTrail record reaches, in which Region, and what their targets are sent.

The record is wrapped the way CloudTrail hands it to EventBridge, matched by the rules of its Region's default bus, and
forwarded once to another bus where a rule says so. Patterns are matched by moto, which takes an operator it does not
know for a match: such a pattern is refused here instead. What a topic makes of the text is left to ``notifications``.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloudtrail_monitoring.simulation.records import Record

if TYPE_CHECKING:
    from moto.events.models import EventPattern

Client = Callable[..., Any]
"""``client(service, region_name=None)``: a boto3 client of the embedded AWS."""

Event = dict[str, Any]
Bus = tuple[str, str]
"""Region and name of an event bus."""

_DETAIL_TYPES = {
    "AwsApiCall": "AWS API Call via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
    "AwsConsoleAction": "AWS Console Action via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsCloudTrailInsight": "AWS Insight via CloudTrail",
}
_ALL_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
_READING_VERBS = ("Describe", "Get", "List")
_COUNTED_AS_CHANGES = frozenset({"GetFederationToken", "GetSessionToken"})

_OPERATORS = frozenset(
    {"prefix", "suffix", "anything-but", "equals-ignore-case", "exists", "numeric", "cidr", "wildcard"}
)
_NESTED_OPERATORS = {
    "anything-but": frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard"}),
    "prefix": frozenset({"equals-ignore-case"}),
    "suffix": frozenset({"equals-ignore-case"}),
}


class EventRuleError(ValueError):
    """A deployed rule that cannot be evaluated here; ``str()`` is one line."""


@dataclass(frozen=True)
class Target:
    """Where a rule sends an event, and which part of it."""

    arn: str
    constant: str | None = None
    path: str | None = None
    paths: Mapping[str, str] | None = None
    template: str | None = None


@dataclass(frozen=True)
class Rule:
    """An enabled rule with an event pattern."""

    name: str
    arn: str
    state: str
    pattern: "EventPattern"
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Delivery:
    """What one target of one rule is sent."""

    rule: Rule
    target: Target
    text: str


class EventBuses:
    """The event buses of some Regions with their enabled rules, as read from the account.

    Args:
        client: Gives boto3 clients of the embedded AWS.
        regions: The Regions to read; a record of another Region reaches no rule.

    Raises:
        EventRuleError: A rule's pattern has an operator that is not evaluated here.
    """

    def __init__(self, client: Client, regions: Iterable[str]) -> None:
        self._rules: dict[Bus, tuple[Rule, ...]] = {}
        for region in regions:
            events = client("events", region_name=region)
            for bus in events.list_event_buses()["EventBuses"]:
                self._rules[region, bus["Name"]] = tuple(_read_rules(events, bus["Name"]))

    def deliveries(self, record: Record) -> Iterator[Delivery]:
        """What every target is sent because of ``record``, in the order of the rules."""
        event = envelope(record)
        if event is not None:
            yield from self._deliver(event, (event["region"], "default"), forwarded=False)

    def _deliver(self, event: Event, bus: Bus, *, forwarded: bool) -> Iterator[Delivery]:
        for rule in self._rules.get(bus, ()):
            # moto types an event narrower than what it matches
            if not _is_let_through(event["detail"], rule.state) or not rule.pattern.matches_event(event):  # type: ignore[arg-type]
                continue
            for target in rule.targets:
                onward = _bus(target.arn)
                if onward is None:
                    yield Delivery(rule, target, input_for(target, event, rule))
                elif not forwarded:  # EventBridge passes an event on from bus to bus once
                    yield from self._deliver(event, onward, forwarded=True)


def envelope(record: Record) -> Event | None:
    """The EventBridge event of a CloudTrail record; `None` for record types that EventBridge is not sent."""
    detail_type = _DETAIL_TYPES.get(record.get("eventType", "AwsApiCall"))
    source = str(record.get("eventSource") or "")
    region = record.get("awsRegion")
    if detail_type is None or not source or not isinstance(region, str):
        return None
    return {
        "version": "0",
        "id": record.get("eventID") or "",
        "detail-type": detail_type,
        "source": f"aws.{source.split('.')[0]}",
        "account": record.get("recipientAccountId") or "",
        "time": record["eventTime"],
        "region": region,
        "resources": [],
        "detail": record,
    }


def refuse_unknown_operators(pattern: object, rule: str) -> None:
    """Refuse what moto would silently take for a match.

    Raises:
        EventRuleError: ``pattern`` has an operator that is not evaluated here, or several operators in one object.
    """
    if not isinstance(pattern, dict):
        raise EventRuleError(f"rule {rule}: an event pattern is a JSON object")
    for key, value in pattern.items():
        if key == "$or":
            for alternative in value:
                refuse_unknown_operators(alternative, rule)
        elif isinstance(value, dict):
            refuse_unknown_operators(value, rule)
        elif isinstance(value, list):
            for member in value:
                _refuse_unknown_operator(member, _OPERATORS, rule)


def input_for(target: Target, event: Event, rule: Rule) -> str:
    """The text that ``target`` receives: a constant, a part of the event, the filled template, or the whole event."""
    if target.constant is not None:
        return target.constant
    if target.template is not None:
        return fill_template(target.template, target.paths or {}, event, rule_name=rule.name, rule_arn=rule.arn)
    if target.path is not None:
        return json.dumps(_at_path(target.path, event, None))
    return json.dumps(event)


def fill_template(
    template: str, paths: Mapping[str, str], event: Event, *, rule_name: str = "", rule_arn: str = ""
) -> str:
    """An input template with its variables filled in.

    In a text, a variable stands as it is, an object without its quotes, and a path that leads nowhere as nothing. In a
    JSON template a variable outside quotes is a JSON value. The quotes around a text template belong to the output, as
    in AWS's examples: the reader of the message sees them.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html

    >>> fill_template('"<who> in <where>"', {"who": "$.detail.user", "where": "$.region"},
    ...               {"detail": {"user": "root"}, "region": "us-east-1"})
    '"root in us-east-1"'
    """
    variables: dict[str, Any] = {name: _at_path(path, event, "") for name, path in paths.items()}
    variables["aws.events.rule-name"] = rule_name
    variables["aws.events.rule-arn"] = rule_arn
    variables["aws.events.event"] = {key: value for key, value in event.items() if key != "detail"}
    variables["aws.events.event.json"] = event
    variables["aws.events.event.ingestion-time"] = event.get("time", "")
    is_json = template.lstrip().startswith(("{", "["))
    filled: list[str] = []
    quoted = False
    for part in _TEMPLATE_PARTS.findall(template):
        name = part[1:-1]
        if part == '"':
            quoted = not quoted
        if not part.startswith("<") or name not in variables:
            filled.append(part)
        elif is_json and quoted:
            filled.append(json.dumps(_text(variables[name]))[1:-1])
        elif is_json:
            filled.append(json.dumps(variables[name]))
        else:
            filled.append(_text(variables[name]))
    return "".join(filled)


_TEMPLATE_PARTS = re.compile(r'<[A-Za-z0-9_.-]+>|\\.|"|[^<"\\]+|.', re.DOTALL)
_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":")).replace('"', "")


def _at_path(path: str, event: Event, missing: Any) -> Any:
    """The value at a JSON path (dots, dashes, list indices and `[*]`), or ``missing``."""
    found: list[Any] = [event]
    many = False
    for name, index in _PATH_STEP.findall(path.removeprefix("$")):
        many = many or index == "*"
        if name:
            found = [value[name] for value in found if isinstance(value, dict) and name in value]
        elif index == "*":
            found = [member for value in found if isinstance(value, list) for member in value]
        else:
            found = [value[int(index)] for value in found if isinstance(value, list) and int(index) < len(value)]
    if many:
        return found
    return found[0] if found else missing


def _refuse_unknown_operator(member: object, known: frozenset[str], rule: str) -> None:
    if not isinstance(member, dict):
        return
    operators = list(member)
    if len(operators) != 1 or operators[0] not in known:
        shown = ", ".join(map(repr, operators)) or "none"
        raise EventRuleError(f"rule {rule}: one known operator is needed in an event pattern, not {shown}")
    value = member[operators[0]]
    _refuse_unknown_operator(value, _NESTED_OPERATORS.get(operators[0], frozenset()), rule)


def _is_let_through(record: Record, state: str) -> bool:
    """Whether a rule in ``state`` gets to see ``record``: most calls that only read are kept from a rule by default."""
    if state == _ALL_MANAGEMENT_EVENTS or record.get("eventCategory", "Management") != "Management":
        return True
    name = str(record.get("eventName") or "")
    return record.get("readOnly") is False or not name.startswith(_READING_VERBS) or name in _COUNTED_AS_CHANGES


def _bus(arn: str) -> Bus | None:
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[2] == "events" and parts[5].startswith("event-bus/"):
        return parts[3], parts[5].removeprefix("event-bus/")
    return None


def _read_rules(events: Any, bus: str) -> Iterator[Rule]:
    from moto.events.models import EventPattern

    pages = events.get_paginator("list_rules").paginate(EventBusName=bus)
    for rule in (rule for page in pages for rule in page["Rules"]):
        if not rule.get("EventPattern") or rule["State"] == "DISABLED":
            continue
        refuse_unknown_operators(json.loads(rule["EventPattern"]), rule["Name"])
        yield Rule(
            name=rule["Name"],
            arn=rule["Arn"],
            state=rule["State"],
            pattern=EventPattern.load(rule["EventPattern"]),
            targets=tuple(_read_targets(events, rule["Name"], bus)),
        )


def _read_targets(events: Any, rule: str, bus: str) -> Iterator[Target]:
    pages = events.get_paginator("list_targets_by_rule").paginate(Rule=rule, EventBusName=bus)
    for target in (target for page in pages for target in page["Targets"]):
        transformer = target.get("InputTransformer") or {}
        yield Target(
            arn=target["Arn"],
            constant=target.get("Input"),
            path=target.get("InputPath"),
            paths=transformer.get("InputPathsMap"),
            template=transformer.get("InputTemplate"),
        )
