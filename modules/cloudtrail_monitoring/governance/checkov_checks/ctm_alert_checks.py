"""How alarms and event rules reach people: R-ALM-2, R-ALM-6, and the topics of R-ALM-1 to R-ALM-6."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_configuration as graph
    from cloudtrail_monitoring.governance.checkov_checks import ctm_detection_checks as detections
    from cloudtrail_monitoring.governance.checkov_checks import ctm_policy as iam
else:
    import ctm_attributes as tf
    import ctm_configuration as graph
    import ctm_detection_checks as detections
    import ctm_policy as iam

_RECORD_FIELDS = {"eventName", "eventSource", "eventType", "errorCode", "readOnly", "userIdentity"}
_ENABLED = {None, "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
_WITHOUT_FUNCTION = ("aws_sns_topic.", ":sns:", "aws_cloudwatch_event_bus.", ":event-bus/")
_OF_SNS = "alias/aws/sns"
_CLOUDWATCH = "cloudwatch.amazonaws.com"
_NARROWING = (
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
)


def _pattern(rule: graph.Resource) -> dict[str, Any]:
    """The event pattern of a rule; empty if it has none."""
    value = tf.one(rule.attributes, "event_pattern")
    if value is None:
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise tf.UnreadableError(rule.address) from None
    return value if isinstance(value, dict) else {}


def _detail(rule: graph.Resource) -> dict[str, Any]:
    detail = _pattern(rule).get("detail")
    return detail if isinstance(detail, dict) else {}


def _is_of_cloudtrail(rule: graph.Resource) -> bool:
    detail = _detail(rule)
    ways = [detail, *(way for way in detail.get("$or", ()) if isinstance(way, dict))]
    return any(_RECORD_FIELDS & way.keys() for way in ways) or "via CloudTrail" in str(
        _pattern(rule).get("detail-type", "")
    )


def _targets(configuration: graph.Configuration, rule: graph.Resource) -> list[graph.Resource]:
    return configuration.companions(rule, "aws_cloudwatch_event_target", "rule", name="name")


def _leads_somewhere(configuration: graph.Configuration, rule: graph.Resource) -> bool | None:
    if not _is_of_cloudtrail(rule):
        return None
    is_on = tf.word(rule.attributes, "state") in _ENABLED and not tf.is_false(tf.one(rule.attributes, "is_enabled"))
    return is_on and bool(_targets(configuration, rule))


def _tells_of_root(configuration: graph.Configuration, rule: graph.Resource) -> bool | None:
    identity = _detail(rule).get("userIdentity")
    kinds = identity.get("type") if isinstance(identity, dict) else None
    if "Root" not in (kinds or ()):
        return None
    targets = [str(tf.one(target.attributes, "arn")) for target in _targets(configuration, rule)]
    if any(text in target for target in targets for text in _WITHOUT_FUNCTION):
        return True
    if any(tf.is_computed(target) for target in targets):
        raise tf.UnreadableError(rule.address)
    return False


def _has_usable_key(configuration: graph.Configuration, topic: graph.Resource) -> bool | None:
    if not any(
        topic.is_named_by(action, name="arn")
        for alarm in configuration.of("aws_cloudwatch_metric_alarm")
        for action in tf.many(alarm.attributes, "alarm_actions")
        if detections.watches_events(configuration, alarm)
    ):
        return None
    key = tf.one(topic.attributes, "kms_master_key_id")
    return bool(key) and _OF_SNS not in str(key)


class _TopicPolicyCheck(tf.RequirementCheck):
    """The judgement of who may publish; a statement for EventBridge can't have conditions.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    """

    def __init__(self) -> None:
        super().__init__("CKV_CTM_ALM_TOPIC", "aws_sns_topic_policy", self._faults)

    def _faults(self, resource: tf.Attributes) -> list[str] | None:
        policy = iam.statements(tf.one(resource, "policy"), graph.documents_beside(self))
        if policy is None:
            return None
        open_to = [
            (statement, "CloudWatch" if statement.allows_service(_CLOUDWATCH) else "everybody")
            for statement in policy
            if statement.allows_service(_CLOUDWATCH) or statement.allows_everyone
        ]
        return [
            f"{', '.join(statement.actions)} is allowed to {whom} without a condition on who asks"
            for statement, whom in open_to
            if not any(condition.key in _NARROWING for condition in statement.conditions)
        ]


checks = [
    graph.register("CKV2_CTM_ALM_2", "aws_cloudwatch_event_rule", _tells_of_root),
    graph.register("CKV2_CTM_ALM_6", "aws_cloudwatch_event_rule", _leads_somewhere),
    graph.register("CKV2_CTM_ALM_TOPIC", "aws_sns_topic", _has_usable_key),
    _TopicPolicyCheck(),
]
