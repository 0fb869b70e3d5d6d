"""Rules about what acts: the responders' functions, the ways to them, their settings and what they remember."""

from collections.abc import Callable, Iterator
from math import inf
from typing import Any

from cloudtrail_monitoring.governance.plan_review.documents import (
    exemptions_widened,
    grant_withdrawn,
    policy_opened,
    settings_weakened,
)
from cloudtrail_monitoring.governance.plan_review.plan import Action, Change
from cloudtrail_monitoring.governance.plan_review.rule import (
    Rule,
    added,
    at,
    becomes,
    changed,
    differs,
    either,
    ended,
    kept_resources,
    leaves,
    lost,
    lowered,
    replaced,
    shown,
)

_FUNCTION = ("aws_lambda_function",)
_READER = ("aws_lambda_event_source_mapping",)
_PERMISSION = ("aws_lambda_permission",)
_SCHEDULE = ("aws_scheduler_schedule",)
_QUEUE = ("aws_sqs_queue",)
_TABLE = ("aws_dynamodb_table",)
_SWITCH = ("aws_ssm_parameter",)
_REDIRECTING = ("AWS_LAMBDA_EXEC_WRAPPER", "AWS_ENDPOINT_URL", "LD_PRELOAD", "PATH", "PYTHONPATH", "TZ")
"""Variables that make a function load or reach something else."""
_THREE_SECONDS = {None: 3.0}
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"""
_SERVICES = (".amazonaws.com", ".amazonaws.com.cn")
_SETTINGS = "environment.variables.RESPONDERS"
_FOUR_DAYS = {None: 345_600.0}
"""Seconds a queue keeps a message if nothing is said.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""


def _up(before: Any, after: Any) -> bool:
    return before is not None and (after is None or after > before)


def _down(before: Any, after: Any) -> bool:
    return before is not None and (after is None or after < before)


def _grew(before: Any, after: Any) -> bool:
    return bool(set(after or ()) - set(before or ()))


def _off(before: Any, after: Any) -> bool:
    return bool(before) and not after


_WEAKER: dict[str, Callable[[Any, Any], bool]] = {
    "lockout": _off,
    "lockout.failures": _up,
    "lockout.window_minutes": _down,
    "lockout.lock_minutes": _down,
    "lockout.most_minutes_a_day": _down,
    "lockout.full": _off,
    "lockout.sprayed_users": _up,
    "enhanced_logging": _off,
    "enhanced_logging.trail_arn": lambda before, after: before != after,
    "enhanced_logging.minutes": _down,
    "enhanced_logging.most_minutes_a_day": _down,
    "enhanced_logging.start": _down,
    "enhanced_logging.end": _up,
    "enhanced_logging.days": _grew,
    "enhanced_logging.holidays": lambda before, after: bool(set(before or ()) - set(after or ())),
    "enhanced_logging.time_zone": lambda before, after: before != after,
    "geography": _off,
    "geography.learning_days": _up,
    "geography.challenge_hours": _down,
    "geography.trusted_countries": _grew,
    "geography.trusted_networks": _grew,
    "circuit_breaker": _off,
    "circuit_breaker.containments": _down,
    "circuit_breaker.window_minutes": _up,
    **{
        name: lambda *_: True
        for name in (
            *("account_id", "region", "partition", "console_url", "name_prefix", "log_group_name", "queue_url"),
            *("iam_events_log_group", "console_events_log_group", "state_table", "incidents_table", "runbook_url"),
            *("email_topic_arn", "sms_topic_arn", "release_function_arn", "scheduler_role_arn", "schedule_group"),
            *("switch_parameter", "time_zone"),
        )
    },
}
"""What of the functions' settings weakens what, by its path in the document."""


def _anybody_added(change: Change) -> Iterator[str]:
    """A new permission that is not bound to something of this account."""
    if change.action is Action.CREATE:
        after = change.after or {}
        if not (
            str(after.get("principal")).endswith(_SERVICES) and (after.get("source_arn") or after.get("source_account"))
        ):
            yield f"a new permission for {shown(after.get('principal'))}, not bound to a source"


def _switched_off(change: Change) -> Iterator[str]:
    before, after = at(change.before, "value"), at(change.after, "value")
    if kept_resources(change) and before == "on" and after != "on":
        yield "on → something else, which stops them from acting"


RULES = (
    Rule("function-removed", "R-RSP-1", "nothing contains, releases or tells any more", _FUNCTION, ended),
    Rule(
        "function-throttled",
        "R-RSP-1",
        "a function without concurrency never runs",
        _FUNCTION,
        becomes("reserved_concurrent_executions", 0),
    ),
    Rule(
        "function-set-otherwise",
        "R-RSP-1",
        "the function runs something else, as somebody else, or not to its end",
        _FUNCTION,
        either(
            *(differs(name) for name in ("handler", "role", "image_uri", "package_type", "vpc_config")),
            *(differs(f"environment.variables.{name}") for name in _REDIRECTING),
            lowered("timeout", _THREE_SECONDS),
        ),
    ),
    Rule(
        "failed-calls-dropped",
        "R-RSP-1",
        "calls that fail are lost, and nobody sees them",
        _FUNCTION,
        changed("dead_letter_config.target_arn"),
    ),
    Rule(
        "responder-settings-weakened",
        "R-RSP-1",
        "responders act later, for a shorter time, or not at all",
        _FUNCTION,
        settings_weakened(_SETTINGS, _WEAKER),
    ),
    Rule(
        "break-glass-widened",
        "R-RSP-1",
        "responders never act on these users, whoever holds their passwords",
        _FUNCTION,
        settings_weakened(_SETTINGS, {"break_glass_users": _grew}),
    ),
    Rule(
        "function-reader-removed",
        "R-RSP-1",
        "events wait in the queue until they are gone",
        _READER,
        either(
            ended,
            becomes("enabled", False),
            differs("event_source_arn"),
            differs("function_name"),
            added("filter_criteria"),
            lost("function_response_types", "response type"),
        ),
    ),
    Rule(
        "function-permission-removed",
        "R-RSP-1",
        "the log group or the rule can't call the function",
        _PERMISSION,
        either(ended, changed("source_arn")),
    ),
    Rule(
        "function-permission-opened",
        "R-RSP-1",
        "others can call the function",
        _PERMISSION,
        either(
            *(changed(name) for name in ("principal", "source_account", "principal_org_id", "action")),
            _anybody_added,
        ),
    ),
    Rule(
        "schedule-changed",
        "R-RSP-1",
        "what a crash left standing may no longer be ended, or later",
        (*_SCHEDULE, "aws_scheduler_schedule_group"),
        either(
            ended,
            becomes("state", "DISABLED"),
            *(differs(name) for name in ("schedule_expression", "start_date", "end_date", "group_name", "name")),
            *(differs(f"target.{name}") for name in ("arn", "input", "role_arn")),
        ),
    ),
    Rule("queue-removed", "R-RSP-1", "events and failures are gone", _QUEUE, either(ended, replaced)),
    Rule(
        "queue-dead-letters-cut",
        "R-RSP-1",
        "an event that can't be handled is lost",
        _QUEUE,
        settings_weakened("redrive_policy", {"deadLetterTargetArn": lambda *_: True, "maxReceiveCount": _down}),
    ),
    Rule(
        "queue-retention-shortened",
        "R-RSP-1",
        "events are lost sooner when responders are down",
        _QUEUE,
        either(
            lowered("message_retention_seconds", _FOUR_DAYS),
            lowered("max_message_size", {None: inf}),
            leaves("sqs_managed_sse_enabled", True),
        ),
    ),
    Rule(
        "queue-policy-opened",
        "R-RSP-1",
        "somebody may forge, read or drop events",
        _QUEUE,
        policy_opened("policy", resource_based=True),
    ),
    Rule(
        "queue-exemptions-widened",
        "R-RSP-1",
        "a denial of the queue spares more callers",
        _QUEUE,
        exemptions_widened("policy"),
    ),
    Rule(
        "queue-grant-withdrawn",
        "R-RSP-1",
        "events may no longer reach the queue, in silence",
        _QUEUE,
        grant_withdrawn("policy", resource_based=True),
    ),
    Rule("queue-key-changed", "R-RSP-1", "senders may not be let use the key", _QUEUE, changed("kms_master_key_id")),
    Rule(
        "incidents-deleted",
        "R-RSP-5",
        "incident records, or what is held until when, are gone",
        _TABLE,
        either(ended, replaced),
    ),
    Rule(
        "table-unprotected",
        "R-RSP-5",
        "incident records could be deleted, or not be brought back",
        _TABLE,
        either(
            leaves("deletion_protection_enabled", True),
            leaves("point_in_time_recovery.enabled", True),
            leaves("server_side_encryption.enabled", True),
            changed("server_side_encryption.kms_key_arn"),
            differs("ttl"),
            lowered("point_in_time_recovery.recovery_period_in_days", {None: 35.0}),
        ),
    ),
    Rule(
        "responders-switched-off",
        "R-RSP-1",
        "responders alert, and do not act",
        _SWITCH,
        either(ended, _switched_off),
    ),
)
