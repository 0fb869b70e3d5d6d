"""Rules about the trail and its log group: what records, and what is delivered."""

from collections.abc import Iterator
from math import inf

from cloudtrail_monitoring.governance.plan_review.event_selectors import selectors_narrowed
from cloudtrail_monitoring.governance.plan_review.plan import Change
from cloudtrail_monitoring.governance.plan_review.rule import (
    Rule,
    becomes,
    changed,
    differs,
    either,
    ended,
    leaves,
    lost,
    lowered,
    replaced,
)
from cloudtrail_monitoring.trail.settings import enhanced_trail_name

_TRAIL = ("aws_cloudtrail",)
_LOG_GROUP = ("aws_cloudwatch_log_group",)
_FOR_EVER = {None: inf, 0: inf}
"""How Terraform writes that a log group never forgets."""


def _stopped(change: Change) -> Iterator[str]:
    """Logging ends; the enhanced trail's is started and ended by its responder, and Terraform leaves it alone."""
    if not str((change.before or {}).get("name")).endswith(enhanced_trail_name("")):
        yield from becomes("enable_logging", False)(change)


RULES = (
    Rule("trail-deleted", "R-TRL-1", "nothing records what happens in the account from then on", _TRAIL, ended),
    Rule("trail-replaced", "R-TRL-1", "between the old and the new trail nothing is recorded", _TRAIL, replaced),
    Rule(
        "trail-stopped",
        "R-TRL-1",
        "a trail that does not log is there for the eye only",
        _TRAIL,
        _stopped,
    ),
    Rule(
        "trail-single-region",
        "R-TRL-1",
        "whoever acts in another Region is not recorded",
        _TRAIL,
        becomes("is_multi_region_trail", False),
    ),
    Rule(
        "trail-global-events-off",
        "R-TRL-1",
        "changes of IAM and logins are global events, and are no longer recorded",
        _TRAIL,
        becomes("include_global_service_events", False),
    ),
    Rule(
        "trail-validation-off",
        "R-TRL-3",
        "without digests nobody can show that no log file was changed or deleted",
        _TRAIL,
        leaves("enable_log_file_validation", True),
    ),
    Rule("trail-selectors-narrowed", "R-TRL-2", "some events are no longer recorded", _TRAIL, selectors_narrowed),
    Rule(
        "trail-insights-removed",
        "R-TRL-5",
        "unusual call and error rates are no longer told",
        _TRAIL,
        lost("insight_selector", "insight"),
    ),
    Rule(
        "trail-archive-changed",
        "R-ARC-1",
        "log files go somewhere else, past the archive's lock, policy and checks",
        _TRAIL,
        either(changed("s3_bucket_name"), differs("s3_key_prefix")),
    ),
    Rule(
        "trail-log-delivery-cut",
        "R-TRL-4",
        "filters and alarms see only what reaches the log group",
        _TRAIL,
        either(changed("cloud_watch_logs_group_arn"), changed("cloud_watch_logs_role_arn")),
    ),
    Rule(
        "trail-key-changed",
        "R-ARC-2",
        "log files are encrypted with another key, or without one of ours",
        _TRAIL,
        changed("kms_key_id"),
    ),
    Rule(
        "trail-organization-off",
        "R-TRL-6",
        "member accounts are no longer recorded",
        _TRAIL,
        becomes("is_organization_trail", False),
    ),
    Rule("log-group-deleted", "R-TRL-4", "a log group is gone, with all its events", _LOG_GROUP, ended),
    Rule("log-group-replaced", "R-TRL-4", "the events it held are gone, and its filters with it", _LOG_GROUP, replaced),
    Rule(
        "log-retention-shortened",
        "R-TRL-4",
        "events are forgotten sooner",
        _LOG_GROUP,
        lowered("retention_in_days", _FOR_EVER),
    ),
    Rule(
        "log-group-key-changed",
        "R-ARC-2",
        "events are encrypted with another key, or without one of ours",
        _LOG_GROUP,
        changed("kms_key_id"),
    ),
    Rule(
        "log-group-class-changed",
        "R-EVT-12",
        "metric filters work in the class STANDARD only",
        _LOG_GROUP,
        leaves("log_group_class", "STANDARD", None),
    ),
)
