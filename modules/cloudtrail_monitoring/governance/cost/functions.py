"""What runs, and what carries events to it: how often each function is invoked, told from what invokes it.

A subscription filter and a rule hand on what responders look at; a queue brings it twice, once for each path; schedules
run by the clock.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.governance.cost.references import named, number
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_FUNCTION = "aws_lambda_function"
_ALARM_STATE = "CloudWatch Alarm State Change"
_PATHS = 2
_DEFAULT_MEGABYTES = 128
_MINUTES_A_DAY = 1_440
_MINUTES = {"minute": 1, "hour": 60, "day": _MINUTES_A_DAY}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) .*\)")

# Lambda keeps five connections waiting on a queue, twenty seconds each.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
_POLLS_A_DAY = 5 * 3 * _MINUTES_A_DAY
_REQUESTS_A_MESSAGE = 3
# state is looked up and written, and the event marked as done: so many of each, for an event
_TABLE_REQUESTS_AN_EVENT = 4


def invocations_a_day(document: Document, volumes: EventVolumes) -> dict[str, float]:
    """Runs a day by the resource name of the function, and 0 for those nothing of the stack invokes."""
    runs = dict.fromkeys(resources(document, _FUNCTION), 0.0)
    for invoked, times in _invokers(document, volumes):
        name = named(document, _FUNCTION, invoked, by="function_name")
        if name is not None:
            runs[name] += times
    return runs


def function_usage(document: Document, volumes: EventVolumes) -> Iterator[Usage]:
    """The charges of Lambda, X-Ray, queues, schedules, tables and forwarded events, in any month."""
    part = Part.RESPONDERS
    for name, times in invocations_a_day(document, volumes).items():
        attributes = resources(document, _FUNCTION)[name]
        monthly = times * DAYS_A_MONTH
        architecture = str((attributes.get("architectures") or ["x86_64"])[0])
        gigabytes = (number(attributes, "memory_size") or _DEFAULT_MEGABYTES) / 1024
        yield Usage(part, "function runs", "lambda-request", monthly)
        seconds = monthly * volumes.function_seconds * gigabytes
        yield Usage(part, "function time", f"lambda-duration-{architecture}", seconds)
        if any(one.get("mode") == "Active" for one in blocks(attributes.get("tracing_config"))):
            yield Usage(part, "traces", "xray-trace", monthly)
    events = volumes.responder_events_a_day
    for _ in resources(document, "aws_lambda_event_source_mapping"):
        requests = _POLLS_A_DAY + _PATHS * events * _REQUESTS_A_MESSAGE
        yield Usage(part, "queue, waiting included", "sqs-request", requests * DAYS_A_MONTH)
    for attributes in resources(document, "aws_scheduler_schedule").values():
        times = times_a_day(str(attributes.get("schedule_expression")))
        yield Usage(part, "schedules", "scheduler-invocation", times * DAYS_A_MONTH)
    if resources(document, "aws_dynamodb_table"):
        for price in ("dynamodb-write", "dynamodb-read"):
            requests = events * _TABLE_REQUESTS_AN_EVENT
            yield Usage(part, "tables", price, requests * DAYS_A_MONTH)
    if any(_leaves_its_region(one) for one in resources(document, "aws_cloudwatch_event_target").values()):
        forwarded = events * (1 - volumes.home_share)
        yield Usage(part, "events of other Regions", "eventbridge-forwarded-event", forwarded * DAYS_A_MONTH)


def queue_messages_a_day(document: Document, volumes: EventVolumes) -> float:
    """Messages a day through the queues that functions read."""
    return len(resources(document, "aws_lambda_event_source_mapping")) * _PATHS * volumes.responder_events_a_day


def times_a_day(expression: str) -> float:
    """How often a schedule runs on a day it runs on: `rate(…)`, or the minutes and hours of `cron(…)`.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html

    >>> times_a_day("cron(0/15 8-17 ? * MON-FRI *)")
    40.0
    """
    rate = _RATE.fullmatch(expression)
    if rate:
        return _MINUTES_A_DAY / (int(rate[1]) * _MINUTES[rate[2]])
    cron = _CRON.fullmatch(expression)
    return float(_values(cron[1], 60) * _values(cron[2], 24)) if cron else 0.0


def _values(field: str, size: int) -> int:
    """How many values a cron field stands for."""
    count = 0
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in ("*", "?"):
            width = size
        elif last:
            width = int(last) - int(first) + 1
        else:
            width = size - int(first) if step else 1
        count += -(-width // int(step or 1))
    return count


def _invokers(document: Document, volumes: EventVolumes) -> Iterator[tuple[object, float]]:
    """What is invoked, and how often a day."""
    events = volumes.responder_events_a_day
    for attributes in resources(document, "aws_cloudwatch_log_subscription_filter").values():
        yield attributes.get("destination_arn"), events
    for attributes in resources(document, "aws_lambda_event_source_mapping").values():
        yield attributes.get("function_name"), _PATHS * events
    for attributes in resources(document, "aws_scheduler_schedule").values():
        for target in blocks(attributes.get("target")):
            yield target.get("arn"), times_a_day(str(attributes.get("schedule_expression")))
    for attributes in resources(document, "aws_cloudwatch_event_target").values():
        yield attributes.get("arn"), _rule_matches(document, attributes.get("rule"), volumes)


def _rule_matches(document: Document, reference: object, volumes: EventVolumes) -> float:
    name = named(document, "aws_cloudwatch_event_rule", reference)
    rule = resources(document, "aws_cloudwatch_event_rule").get(name or "", {})
    if rule.get("schedule_expression"):
        return times_a_day(str(rule["schedule_expression"]))
    of_alarms = _ALARM_STATE in str(rule.get("event_pattern"))
    return volumes.alarms_a_day if of_alarms else volumes.responder_events_a_day


def _leaves_its_region(target: Mapping[str, Any]) -> bool:
    return ":event-bus/" in str(target.get("arn"))
