"""R-EVT-1 to R-EVT-12, R-ALM-1 and R-QRY-4, and that metric filters, metrics and alarms belong together.

Judged are the log group a trail delivers to, the metric filters that read CloudTrail's records, and the alarms on what
they count; other filters and alarms of the configuration are not. How alarms and rules reach people is judged by
``ctm_alert_checks``.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_configuration as graph
    from cloudtrail_monitoring.governance.checkov_checks import ctm_filter_patterns as patterns
    from cloudtrail_monitoring.governance.checkov_checks.ctm_cis_controls import CIS_CONTROLS
else:
    import ctm_attributes as tf
    import ctm_configuration as graph
    import ctm_filter_patterns as patterns
    from ctm_cis_controls import CIS_CONTROLS

MONITORED_EVENTS = (
    "CreateUser",
    "DeleteUser",
    "AttachUserPolicy",
    "CreateRole",
    "PutUserPolicy",
    "ChangePassword",
    "ConsoleLogin",
    "AssumeRole",
    "GetSessionToken",
    "CreateAccessKey",
    "DeleteAccessKey",
)
"""R-EVT-1 to R-EVT-11, in that order."""
_CATEGORIES = {"CloudTrail/IAMEvents", "CloudTrail/ConsoleEvents"}
_FAILED_LOGIN = ('"Failed authentication"', '$.responseElements.ConsoleLogin = "Failure"')
_LOGIN_SECONDS = 900
_LOGIN_FAILURES = 5
_FILTER = "aws_cloudwatch_log_metric_filter"
_ALARM = "aws_cloudwatch_metric_alarm"
_GROUP = "aws_cloudwatch_log_group"


def _filters_on(configuration: graph.Configuration, group: graph.Resource) -> list[graph.Resource]:
    return [
        found
        for found in configuration.of(_FILTER)
        if group.is_named_by(tf.one(found.attributes, "log_group_name"), name="name")
    ]


def _readable(filters: list[graph.Resource]) -> dict[str, graph.Resource]:
    """The filters by their patterns, without those whose pattern can't be read."""
    found = {}
    for one in filters:
        try:
            found[patterns.pattern_of(one)] = one
        except tf.UnreadableError:
            continue
    return found


def _has_detections(configuration: graph.Configuration, group: graph.Resource) -> bool:
    return any(patterns.reads_cloudtrail(pattern) for pattern in _readable(_filters_on(configuration, group)))


def counts_events(configuration: graph.Configuration, metric_filter: graph.Resource) -> bool:
    """Whether a metric filter counts CloudTrail's records."""
    group = configuration.named(_GROUP, tf.one(metric_filter.attributes, "log_group_name"), name="name")
    if group is not None and configuration.is_written_by_trail(group):
        return True
    return any(patterns.reads_cloudtrail(pattern) for pattern in _readable([metric_filter]))


def metrics_of(alarm: graph.Resource) -> list[tf.Attributes]:
    """The metrics an alarm watches: its own, or those of its queries."""
    if tf.one(alarm.attributes, "metric_name") is not None:
        return [alarm.attributes]
    queries = tf.blocks(alarm.attributes, "metric_query")
    return [metric for query in queries for metric in tf.blocks(query, "metric")]


def _is_written_by(metric: tf.Attributes, metric_filter: graph.Resource) -> bool:
    name = tf.one(metric, "metric_name")
    written = tf.block(metric_filter.attributes, "metric_transformation")
    # texts are compared as they stand, so that the same variable on both sides is the same
    return metric_filter.is_referred_to_by(name) or (
        name == tf.one(written, "name") and tf.one(metric, "namespace") == tf.one(written, "namespace")
    )


def watches_events(configuration: graph.Configuration, alarm: graph.Resource) -> bool:
    """Whether an alarm watches a metric that a filter of CloudTrail's records writes."""
    return any(
        _is_written_by(metric, one) and counts_events(configuration, one)
        for metric in metrics_of(alarm)
        for one in configuration.of(_FILTER)
    )


def _alarms_on(configuration: graph.Configuration, metric_filter: graph.Resource) -> list[graph.Resource]:
    """The alarms on a filter's metric.

    Raises:
        UnreadableError: if there is none, but an alarm whose metric can't be read.
    """
    alarms = configuration.of(_ALARM)
    found = [alarm for alarm in alarms if any(_is_written_by(metric, metric_filter) for metric in metrics_of(alarm))]
    written = tf.block(metric_filter.attributes, "metric_transformation")
    names = [tf.one(metric, "metric_name") for alarm in alarms for metric in metrics_of(alarm)]
    if not found and any(tf.is_computed(name) for name in (*names, tf.one(written, "name"))):
        raise tf.UnreadableError(metric_filter.address)
    return found


def tells_somebody(alarm: graph.Resource) -> bool:
    """Whether an alarm has an action that is on."""
    return bool(tf.many(alarm.attributes, "alarm_actions")) and not tf.is_false(
        tf.one(alarm.attributes, "actions_enabled")
    )


def _is_fed(configuration: graph.Configuration, group: graph.Resource) -> bool | None:
    if not _has_detections(configuration, group):
        return None
    trails = configuration.companions(group, "aws_cloudtrail", "cloud_watch_logs_group_arn", name="arn")
    return any(not tf.is_false(tf.one(trail.attributes, "enable_logging")) for trail in trails)


def _each_has_filter(wanted: tuple[str, ...], is_meant: Callable[[str, str], bool]) -> graph.GraphJudge:
    """The judgement that the trail's log group has a filter for each of what is wanted."""

    def judge(configuration: graph.Configuration, group: graph.Resource) -> bool | None:
        if not configuration.is_written_by_trail(group) or not _has_detections(configuration, group):
            return None
        filters = _filters_on(configuration, group)
        readable = _readable(filters)
        holds = all(any(is_meant(pattern, one) for pattern in readable) for one in wanted)
        if not holds and (len(readable) < len(filters) or _some_may_hide(configuration)):
            raise tf.UnreadableError(group.address)
        return holds

    return judge


def _some_may_hide(configuration: graph.Configuration) -> bool:
    """Whether a metric filter's log group can't be read, or a module may hold more of them."""
    groups = [tf.one(one.attributes, "log_group_name") for one in configuration.of(_FILTER)]
    return bool(configuration.modules) or any(tf.is_computed(group) for group in groups)


def _control_has_alarm(configuration: graph.Configuration, metric_filter: graph.Resource) -> bool | None:
    if patterns.control_of(patterns.pattern_of(metric_filter)) is None:
        return None
    return any(tells_somebody(alarm) for alarm in _alarms_on(configuration, metric_filter))


def _failed_logins_alarm(configuration: graph.Configuration, group: graph.Resource) -> bool | None:
    if not configuration.is_written_by_trail(group) or not _has_detections(configuration, group):
        return None
    filters = _filters_on(configuration, group)
    readable = _readable(filters)
    failed = [
        one
        for pattern, one in readable.items()
        if "ConsoleLogin" in pattern and any(f in pattern for f in _FAILED_LOGIN)
    ]
    if any(_is_soon_enough(alarm) for one in failed for alarm in _alarms_on(configuration, one)):
        return True
    if len(readable) < len(filters) or _some_may_hide(configuration):
        raise tf.UnreadableError(group.address)
    return False


def _is_soon_enough(alarm: graph.Resource) -> bool:
    """Whether an alarm fires on more than 5 events in 15 minutes, or sooner."""
    arguments = alarm.attributes
    threshold = tf.number(tf.one(arguments, "threshold"))
    allowed = {"GreaterThanThreshold": _LOGIN_FAILURES, "GreaterThanOrEqualToThreshold": _LOGIN_FAILURES + 1}
    most = allowed.get(tf.word(arguments, "comparison_operator") or "")
    needed = tf.one(arguments, "datapoints_to_alarm") or tf.one(arguments, "evaluation_periods")
    return (
        threshold is not None
        and most is not None
        and threshold <= most
        and (tf.number(tf.one(arguments, "period")) or 0) >= _LOGIN_SECONDS
        and tf.number(needed) == 1
    )


def _has_publisher(configuration: graph.Configuration, alarm: graph.Resource) -> bool | None:
    written = [tf.block(one.attributes, "metric_transformation") for one in configuration.of(_FILTER)]
    namespaces = {tf.one(one, "namespace") for one in written}
    metrics = [one for one in metrics_of(alarm) if tf.one(one, "namespace") in namespaces]
    if not metrics:
        return None
    holds = all(any(_is_written_by(metric, one) for one in configuration.of(_FILTER)) for metric in metrics)
    if not holds and any(tf.is_computed(tf.one(one, name)) for one in written for name in ("name", "namespace")):
        raise tf.UnreadableError(alarm.address)
    if not holds and any(tf.is_computed(tf.one(metric, "metric_name")) for metric in metrics):
        raise tf.UnreadableError(alarm.address)
    return holds


def _adds_up(configuration: graph.Configuration, alarm: graph.Resource) -> bool | None:
    if not watches_events(configuration, alarm):
        return None
    statistics = {tf.word(metric, "statistic") or tf.word(metric, "stat") for metric in metrics_of(alarm)}
    return statistics == {"Sum"} and tf.word(alarm.attributes, "treat_missing_data") == "notBreaching"


def _levels(alarm: graph.Resource) -> Iterator[str]:
    for tags in tf.blocks(alarm.attributes, "tags"):
        yield str(tf.one(tags, "Level")).lower()


def _acts(configuration: graph.Configuration, alarm: graph.Resource) -> bool | None:
    if not watches_events(configuration, alarm) or "low" in _levels(alarm):
        return None
    return tells_somebody(alarm)


def _categories_kept(configuration: graph.Configuration, group: graph.Resource) -> bool | None:
    if tf.one(group.attributes, "name") not in _CATEGORIES:
        return None
    names = {tf.one(one.attributes, "name") for one in configuration.of(_GROUP)}
    return names >= _CATEGORIES and tf.kept_for_a_year(group.attributes)


_CHECKS: tuple[tuple[str, str, graph.GraphJudge], ...] = (
    ("CKV2_CTM_TRL_1", _GROUP, _is_fed),
    ("CKV2_CTM_EVT_1", _GROUP, _each_has_filter(MONITORED_EVENTS, patterns.names_event)),
    (
        "CKV2_CTM_EVT_12",
        _GROUP,
        _each_has_filter(tuple(CIS_CONTROLS), lambda pattern, control: patterns.control_of(pattern) == control),
    ),
    ("CKV2_CTM_EVT_12_ALARM", _FILTER, _control_has_alarm),
    ("CKV2_CTM_ALM_1", _GROUP, _failed_logins_alarm),
    ("CKV2_CTM_ALM_METRIC", _ALARM, _has_publisher),
    ("CKV2_CTM_ALM_SUM", _ALARM, _adds_up),
    ("CKV2_CTM_ALM_ACTION", _ALARM, _acts),
    ("CKV2_CTM_QRY_4", _GROUP, _categories_kept),
)

checks = [graph.register(rule_id, resource_type, judge) for rule_id, resource_type, judge in _CHECKS]
