"""Rules about what notices: metric filters, alarms, EventBridge rules, and the topics that tell people."""

from collections.abc import Iterator

from cloudtrail_monitoring.governance.plan_review.alarm_sensitivity import metric_changed, thresholds_weakened
from cloudtrail_monitoring.governance.plan_review.documents import (
    event_pattern_narrowed,
    exemptions_widened,
    grant_withdrawn,
    let_in,
    pattern_narrowed,
    policy_opened,
)
from cloudtrail_monitoring.governance.plan_review.plan import Action, Change
from cloudtrail_monitoring.governance.plan_review.rule import (
    Rule,
    added,
    becomes,
    changed,
    created,
    differs,
    either,
    ended,
    leaves,
    lost,
    replaced,
)

_FILTER = ("aws_cloudwatch_log_metric_filter",)
_SUBSCRIPTION_FILTER = ("aws_cloudwatch_log_subscription_filter",)
_ALARM = ("aws_cloudwatch_metric_alarm",)
_ANY_ALARM = (*_ALARM, "aws_cloudwatch_composite_alarm")
_EVENT_RULE = ("aws_cloudwatch_event_rule",)
_TARGET = ("aws_cloudwatch_event_target",)
_TOPIC = ("aws_sns_topic",)
_TOPIC_POLICY = ("aws_sns_topic_policy",)
_SUBSCRIPTION = ("aws_sns_topic_subscription",)
_READ_BY_PEOPLE = ("email", "email-json", "sms")
_METRIC = "metric_transformation"


def _machine_added(change: Change) -> Iterator[str]:
    protocol = (change.after or {}).get("protocol")
    if change.action is Action.CREATE and protocol not in _READ_BY_PEOPLE:
        yield f"a new subscription by {protocol}"


RULES = (
    Rule("filter-removed", "R-EVT-12", "nothing counts these events any more", _FILTER, ended),
    Rule(
        "filter-narrowed", "R-EVT-12", "some of the events are no longer counted", _FILTER, pattern_narrowed("pattern")
    ),
    Rule(
        "filter-metric-changed",
        "R-EVT-12",
        "an alarm on the old metric would never ring again",
        _FILTER,
        either(
            *(differs(f"{_METRIC}.{name}") for name in ("name", "namespace", "value", "dimensions", "default_value")),
            becomes("apply_on_transformed_logs", True),
        ),
    ),
    Rule(
        "filter-moved",
        "R-EVT-12",
        "it looks at another log group than the trail's",
        _FILTER,
        changed("log_group_name"),
    ),
    Rule("alarm-removed", "R-ALM-6", "nobody is told any more", _ANY_ALARM, ended),
    Rule(
        "alarm-silenced",
        "R-ALM-6",
        "it changes its state, and tells nobody",
        _ANY_ALARM,
        either(leaves("actions_enabled", True, None), added("actions_suppressor")),
    ),
    Rule(
        "alarm-actions-removed",
        "R-ALM-6",
        "somebody is no longer told",
        _ANY_ALARM,
        lost("alarm_actions", "alarm action"),
    ),
    Rule("alarm-rethresholded", "R-ALM-1", "it takes more, or longer, until it rings", _ALARM, thresholds_weakened),
    Rule(
        "alarm-relabelled",
        "R-RSP-6",
        "what follows the alarm, and how loudly, is told by its labels",
        _ALARM,
        either(differs("tags.Detection"), differs("tags.Level")),
    ),
    Rule("alarm-metric-changed", "R-ALM-6", "it no longer looks at what it looked at", _ALARM, metric_changed),
    Rule(
        "alarm-rule-changed",
        "R-ALM-6",
        "a composite alarm rings for other things",
        ("aws_cloudwatch_composite_alarm",),
        changed("alarm_rule"),
    ),
    Rule("subscription-filter-removed", "R-RSP-1", "responders no longer get the log", _SUBSCRIPTION_FILTER, ended),
    Rule(
        "log-copied",
        "R-ARC-6",
        "the log goes to a further reader",
        _SUBSCRIPTION_FILTER,
        created("destination_arn", "the log goes to"),
    ),
    Rule(
        "subscription-filter-narrowed",
        "R-RSP-1",
        "responders no longer see some of the events",
        _SUBSCRIPTION_FILTER,
        pattern_narrowed("filter_pattern"),
    ),
    Rule(
        "subscription-filter-re-aimed",
        "R-RSP-1",
        "the log goes to something else",
        _SUBSCRIPTION_FILTER,
        either(changed("destination_arn"), changed("log_group_name")),
    ),
    Rule("event-rule-removed", "R-ALM-6", "these events are no longer told within seconds", _EVENT_RULE, ended),
    Rule(
        "event-rule-disabled",
        "R-ALM-6",
        "these events are no longer told within seconds",
        _EVENT_RULE,
        either(
            becomes("state", "DISABLED"),
            becomes("is_enabled", False),
            leaves("state", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
        ),
    ),
    Rule(
        "event-rule-narrowed",
        "R-ALM-6",
        "some of the events are no longer told within seconds",
        _EVENT_RULE,
        either(event_pattern_narrowed("event_pattern"), changed("event_bus_name"), changed("schedule_expression")),
    ),
    Rule("event-target-removed", "R-ALM-6", "the rule matches, and nobody is told", _TARGET, ended),
    Rule(
        "event-target-re-aimed",
        "R-ALM-6",
        "the events go somewhere else",
        _TARGET,
        either(
            *(differs(name) for name in ("arn", "rule", "event_bus_name", "role_arn", "retry_policy")),
            changed("dead_letter_config.arn"),
        ),
    ),
    Rule(
        "event-message-changed",
        "R-RSP-6",
        "people may read something else than what happened",
        _TARGET,
        either(*(differs(name) for name in ("input", "input_path", "input_transformer"))),
    ),
    Rule(
        "event-bus-opened",
        "R-ALM-2",
        "others can put events on the bus, or it takes none of ours",
        ("aws_cloudwatch_event_bus_policy",),
        either(policy_opened("policy", resource_based=True), let_in("policy"), ended),
    ),
    Rule("topic-removed", "R-ALM-6", "who subscribed to it hears nothing any more", _TOPIC, either(ended, replaced)),
    Rule(
        "topic-key-changed",
        "R-ALM-6",
        "alarms can't publish if the key does not let them, and then in silence",
        _TOPIC,
        changed("kms_master_key_id"),
    ),
    Rule(
        "topic-policy-opened",
        "R-ALM-6",
        "others can publish to the topic, or read it",
        _TOPIC_POLICY,
        policy_opened("policy", resource_based=True),
    ),
    Rule(
        "topic-set-otherwise",
        "R-ALM-6",
        "the topic itself says who may publish to it, or how little it delivers",
        _TOPIC,
        either(differs("policy"), differs("delivery_policy")),
    ),
    Rule(
        "recipient-elsewhere",
        "R-ALM-6",
        "alerts are also read by a machine",
        _SUBSCRIPTION,
        _machine_added,
    ),
    Rule(
        "topic-exemptions-widened",
        "R-ALM-6",
        "a denial of the topic spares more callers",
        _TOPIC_POLICY,
        exemptions_widened("policy"),
    ),
    Rule(
        "topic-grant-withdrawn",
        "R-ALM-6",
        "alarms or rules may no longer be able to publish, in silence",
        _TOPIC_POLICY,
        either(grant_withdrawn("policy", resource_based=True), ended),
    ),
    Rule(
        "recipient-removed",
        "R-ALM-6",
        "somebody is no longer told",
        _SUBSCRIPTION,
        either(ended, changed("endpoint"), changed("protocol"), changed("topic_arn")),
    ),
    Rule(
        "recipient-filtered",
        "R-ALM-6",
        "some messages no longer reach the recipient",
        _SUBSCRIPTION,
        either(added("filter_policy"), added("filter_policy_scope")),
    ),
)
