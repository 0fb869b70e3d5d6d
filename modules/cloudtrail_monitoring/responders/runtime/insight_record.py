"""A CloudTrail Insight as an alert tells it: which call is unusual, who made most of it, and how far from usual.

An Insight is no call: service, call and error stand in ``insightDetails``, and whoever called stands among its
attributions, by averages. It is read here for people alone. To responders it stays a record without an ``eventName``,
which nobody acts on.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent, from_record

INSIGHT = "AwsCloudTrailInsight"
_NO_ERROR = "null"
_WHO, _AGENT = "userIdentityArn", "userAgent"


def is_insight(record: Mapping[str, Any]) -> bool:
    return record.get("eventType") == INSIGHT


def from_insight(record: Mapping[str, Any]) -> CloudTrailEvent:
    """The event of an Insight: its caller is the one with the highest average.

    Raises:
        UnusableEventError: as ``from_record``, of the call in ``insightDetails``.
    """
    details = _object(record, "insightDetails")
    context = _object(details, "insightContext")
    error = _text(details, "errorCode")
    event = from_record(
        {
            **record,
            "eventName": _text(details, "eventName"),
            "eventSource": _text(details, "eventSource"),
            "userIdentity": _identity(_most(context, _WHO)),
            "userAgent": _most(context, _AGENT),
            "errorCode": "" if error == _NO_ERROR else error,
        }
    )
    return replace(event, rate=_rate(_object(context, "statistics")))


def _identity(arn: str) -> dict[str, Any]:
    """As far as an ARN tells who it is: ``arn:aws:iam::123456789012:user/dana``."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return {"arn": arn}
    kind, _, name = parts[5].partition("/")
    types = {"root": "Root", "user": "IAMUser", "assumed-role": "AssumedRole", "federated-user": "FederatedUser"}
    return {
        "type": types.get(kind, ""),
        "arn": arn,
        "accountId": parts[4],
        "userName": name.rpartition("/")[2] if kind == "user" else name,
    }


def _most(context: Mapping[str, Any], attribute: str) -> str:
    """The value of an attribution with the highest average while it was unusual; empty if there is none."""
    values = [one for of in _attributions(context, attribute) for one in _objects(of, "insight")]
    return _text(max(values, key=_average, default={}), "value")


def _attributions(context: Mapping[str, Any], attribute: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in _objects(context, "attributions") if one.get("attribute") == attribute)


def _rate(statistics: Mapping[str, Any]) -> str:
    now, usual = (_object(statistics, name) for name in ("insight", "baseline"))
    if not now or not usual:
        return ""
    return f"{_average(now):.3g} a minute, usually {_average(usual):.3g}"


def _average(holder: Mapping[str, Any]) -> float:
    value = holder.get("average")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _objects(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = holder.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
