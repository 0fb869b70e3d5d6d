"""Rules about what acts: the responders' functions, the ways to them, their settings and what they remember."""

from collections.abc import Callable
from typing import Any

from cloudtrail_monitoring.governance.plan_review.documents import (
    exemptions_widened,
    grant_withdrawn,
    policy_opened,
    settings_weakened,
)
from cloudtrail_monitoring.governance.plan_review.rule import (
    Rule,
    added,
    becomes,
    changed,
    either,
    ended,
    leaves,
    lowered,
    replaced,
)

_FUNCTION = ("aws_lambda_function",)
_READER = ("aws_lambda_event_source_mapping",)
_PERMISSION = ("aws_lambda_permission",)
_SCHEDULE = ("aws_scheduler_schedule",)
_QUEUE = ("aws_sqs_queue",)
_TABLE = ("aws_dynamodb_table",)
_SWITCH = ("aws_ssm_parameter",)
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
    "circuit_breaker.containments": _down,
    "circuit_breaker.window_minutes": _up,
}
"""What of the functions' settings weakens what, by its path in the document."""

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
        either(ended, becomes("enabled", False), changed("event_source_arn"), added("filter_criteria")),
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
        either(changed("principal"), changed("source_account"), changed("action")),
    ),
    Rule(
        "schedule-removed",
        "R-RSP-1",
        "what a crash left standing is no longer ended",
        _SCHEDULE,
        either(ended, becomes("state", "DISABLED"), changed("schedule_expression"), changed("target.arn")),
    ),
    Rule("queue-removed", "R-RSP-1", "events and failures are gone", _QUEUE, either(ended, replaced)),
    Rule(
        "queue-dead-letters-cut",
        "R-RSP-1",
        "an event that can't be handled is lost",
        _QUEUE,
        changed("redrive_policy"),
    ),
    Rule(
        "queue-retention-shortened",
        "R-RSP-1",
        "events are lost sooner when responders are down",
        _QUEUE,
        lowered("message_retention_seconds", _FOUR_DAYS),
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
        ),
    ),
    Rule(
        "responders-switched-off",
        "R-RSP-1",
        "responders alert, and do not act",
        _SWITCH,
        either(ended, leaves("value", "on")),
    ),
)
