"""CloudTrail records out of what people hold them in: the table of wrappings, and taking records out of them. Whether
a record is usable is left to `records`.

======================  ==================================================================================
wrapped in              source
======================  ==================================================================================
`Records`, a list       log files: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
`detail`                EventBridge: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
`logEvents`, a list     CloudWatch Logs subscriptions, decompressed, whose `CONTROL_MESSAGE` holds no records:
                        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
`events`, a list        `aws logs filter-log-events`: https://docs.aws.amazon.com/cli/latest/reference/logs/filter-log-events.html
`message`, JSON text    a log event of either of these
`Events`, a list        `aws cloudtrail lookup-events`: https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/lookup-events.html
`CloudTrailEvent`,      an event of these: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html
JSON text
`event`                 published collections, such as those of recorded attacks
a list of objects       `jq --slurp`, and `--query Events` of the AWS CLI
======================  ==================================================================================

Wrappings may hold each other: a log group fed by EventBridge holds EventBridge events in `message`.
"""

from cloudtrail_monitoring.simulation.json_parsing import Broken, parsed
from cloudtrail_monitoring.simulation.record_stream import LISTS

_TEXTS = ("message", "CloudTrailEvent")
_DEEPEST = 5


def unwrapped(value: object) -> list[object]:
    """What ``value`` holds that may be a record, a ``Broken`` for each JSON text that is none; otherwise ``value``.

    >>> unwrapped({"Events": [{"EventId": "1", "CloudTrailEvent": '{"eventName": "CreateUser"}'}]})
    [{'eventName': 'CreateUser'}]
    """
    held = [value]
    for _ in range(_DEEPEST):
        inside = [_held(one) for one in held]
        if not any(inner is not None for inner in inside):
            break
        held = [one for outer, inner in zip(held, inside, strict=True) for one in ([outer] if inner is None else inner)]
    return held


def is_record(value: dict[object, object]) -> bool:
    """Whether an object is a record, usable or not. Records of CloudTrail Insights have no `eventName` at their top:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html
    """
    return "eventName" in value or "eventVersion" in value


def _held(value: object) -> list[object] | None:
    """What ``value`` wraps, or `None` if it is no wrapping."""
    if isinstance(value, list):
        return value if value and isinstance(value[0], dict) else None
    if not isinstance(value, dict) or is_record(value):
        return None
    event = value.get("event")
    if isinstance(event, dict) and is_record(event):
        return [event]
    if value.get("messageType") == "CONTROL_MESSAGE":
        return []
    if "detail-type" in value and isinstance(value.get("detail"), dict):
        return [value["detail"]]
    for key in LISTS:
        if isinstance(value.get(key), list):
            return list(value[key])
    for key in _TEXTS:
        if isinstance(value.get(key), str):
            return [_of_text(key, value[key])]
    return None


def _of_text(key: str, text: str) -> object:
    value = parsed(text)
    return Broken(f"{key} is not the JSON text of a record: {value.why}") if isinstance(value, Broken) else value
