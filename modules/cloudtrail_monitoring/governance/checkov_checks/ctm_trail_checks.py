"""R-TRL-1 to R-TRL-5, R-TRL-7, R-RSP-3 and R-INT-2, read off ``aws_cloudtrail``.

A trail that is stopped (``enable_logging = false``, the enhanced trail between incidents) needs no management events,
log group or Insights; what keeps it from looping and its files from being forged holds for it as well. The log group's
retention and everything about the bucket are judged elsewhere in this folder.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_selectors as events
else:
    import ctm_attributes as tf
    import ctm_selectors as events

_INSIGHTS = ("ApiCallRateInsight", "ApiErrorRateInsight")
_NOISE = {"kms.amazonaws.com", "rdsdata.amazonaws.com"}
_MANAGEMENT_FIELDS = {"eventCategory", "readOnly", "eventSource"}
# the types of data event that an archive, its queries and responders cause by their own work
_OWN_TYPES = {
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::S3::Object",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}


def _every_region(trail: tf.Attributes) -> list[str]:
    faults = []
    if not tf.is_true(tf.one(trail, "is_multi_region_trail")):
        faults.append("is_multi_region_trail is not true")
    if tf.is_false(tf.one(trail, "include_global_service_events")):
        faults.append("include_global_service_events is false")
    return faults


def _selects_management_events(trail: tf.Attributes) -> list[str]:
    if not tf.blocks(trail, "advanced_event_selector"):
        return ["there is no advanced_event_selector"]
    faults = []
    management = events.selectors(trail, "Management")
    if not management:
        faults.append("no selector takes management events")
    recorded: set[str] = set()
    for fields in management:
        recorded.update(events.values(fields.get("readOnly", []), ("equals",)) or ("true", "false"))
    if management and not {"true", "false"} <= {value.lower() for value in recorded}:
        faults.append("management events are recorded for reads or for writes only")
    return faults


def _selects_data_events(trail: tf.Attributes) -> list[str]:
    return [] if events.selectors(trail, "Data") else ["no selector takes data events"]


def _limits_own_types(trail: tf.Attributes) -> list[str] | None:
    data = events.selectors(trail, "Data")
    if not data:
        return None
    return [
        f"data events of {kind} are taken without a resources.ARN field"
        for fields in data
        for kind in events.values(fields.get("resources.type", []), ("equals",))
        if kind in _OWN_TYPES
        and not events.values(fields.get("resources.ARN", []), (*events.LEAVES_OUT, *events.TAKES_IN))
    ]


def _validated(trail: tf.Attributes) -> list[str]:
    return [] if tf.is_true(tf.one(trail, "enable_log_file_validation")) else ["enable_log_file_validation is not true"]


def _delivers_to_logs(trail: tf.Attributes) -> list[str]:
    return [
        f"{name} is not set"
        for name in ("cloud_watch_logs_group_arn", "cloud_watch_logs_role_arn")
        if not tf.one(trail, name)
    ]


def _insights(trail: tf.Attributes) -> list[str] | None:
    if not tf.is_production(trail):
        return None
    watched = {tf.word(selector, "insight_type") for selector in tf.blocks(trail, "insight_selector")}
    return [f"{kind} is not selected" for kind in _INSIGHTS if kind not in watched]


def _filters_noise_only(trail: tf.Attributes) -> list[str]:
    faults = []
    for fields in events.selectors(trail, "Management"):
        faults += [f"management events are filtered by {name}" for name in fields if name not in _MANAGEMENT_FIELDS]
        sources = fields.get("eventSource", [])
        if events.values(sources, (*events.TAKES_IN, "not_starts_with", "not_ends_with")):
            faults.append("management events are filtered by eventSource with more than not_equals")
        faults += [
            f"management events of {source} are left out"
            for source in events.values(sources, ("not_equals",))
            if source not in _NOISE
        ]
    return faults


def _left_to_responders(trail: tf.Attributes) -> list[str] | None:
    if not tf.is_false(tf.one(trail, "enable_logging")):
        return None
    ignored = tf.many(tf.block(trail, "lifecycle"), "ignore_changes")
    return [] if {"enable_logging", "all"} & set(ignored) else ["lifecycle.ignore_changes has no enable_logging"]


def _never_destroyed(trail: tf.Attributes) -> list[str] | None:
    if not tf.is_production(trail):
        return None
    kept = tf.is_true(tf.one(tf.block(trail, "lifecycle"), "prevent_destroy"))
    return [] if kept else ["lifecycle.prevent_destroy is not true"]


def _while_running(judge: tf.Judge) -> tf.Judge:
    """The judgement for trails that are not stopped."""
    return lambda trail: None if tf.is_false(tf.one(trail, "enable_logging")) else judge(trail)


_CHECKS: tuple[tuple[str, tf.Judge], ...] = (
    ("CKV_CTM_TRL_1", _while_running(_every_region)),
    ("CKV_CTM_TRL_2", _while_running(_selects_management_events)),
    ("CKV_CTM_TRL_2_DATA", _while_running(_selects_data_events)),
    ("CKV_CTM_TRL_2_OWN", _limits_own_types),
    ("CKV_CTM_TRL_3", _validated),
    ("CKV_CTM_TRL_4", _while_running(_delivers_to_logs)),
    ("CKV_CTM_TRL_5", _while_running(_insights)),
    ("CKV_CTM_TRL_7", _while_running(_filters_noise_only)),
    ("CKV_CTM_RSP_3", _left_to_responders),
    ("CKV_CTM_INT_2", _while_running(_never_destroyed)),
)

checks = [tf.RequirementCheck(rule_id, "aws_cloudtrail", judge) for rule_id, judge in _CHECKS]
