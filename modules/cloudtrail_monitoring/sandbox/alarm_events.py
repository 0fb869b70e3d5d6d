"""The event with which CloudWatch tells EventBridge that an alarm changed its state, made from a replayed change.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from cloudtrail_monitoring.sandbox.alarm_evaluation import Alarm, Transition


def alarm_event(change: Transition, breaching: Sequence[datetime]) -> dict[str, Any]:
    """The event of one change of state.

    Args:
        change: the alarm, and what became of it.
        breaching: the times of the records that made it, in order; their first one's period is where it looks from.
    """
    _, _, _, region, account, *_ = change.alarm.arn.split(":")
    period = change.alarm.period_seconds
    begun = breaching[0] if breaching else change.at - timedelta(seconds=period)
    since = datetime.fromtimestamp(int(begun.timestamp()) // 60 * 60, begun.tzinfo)
    reason = {
        "version": "1.0",
        "queryDate": _stamp(change.at),
        "startDate": _stamp(since),
        "statistic": "Sum",
        "period": period,
        "recentDatapoints": [float(len(breaching))],
        "threshold": change.alarm.threshold,
        "evaluatedDatapoints": [{"timestamp": _stamp(since), "value": float(len(breaching))}],
    }
    return {
        "version": "0",
        "id": f"{change.alarm.name}-{change.at:%Y%m%dT%H%M%S}",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": account,
        "time": f"{change.at:%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [change.alarm.arn],
        "detail": {
            "alarmName": change.alarm.name,
            "configuration": {
                "description": change.alarm.description,
                "metrics": list(_queries(change.alarm)),
            },
            "previousState": {"value": change.old},
            "state": {
                "value": change.new,
                "reason": change.reason,
                "reasonData": json.dumps(reason),
                "timestamp": _stamp(change.at),
            },
        },
    }


def _queries(alarm: Alarm) -> Iterator[dict[str, Any]]:
    for id_, window in alarm.metrics.items():
        metric = {"namespace": window.metric.namespace, "name": window.metric.name, "dimensions": {}}
        stat = {"metric": metric, "period": window.period_seconds, "stat": window.statistic}
        yield {"id": id_, "metricStat": stat, "returnData": id_ == alarm.wanted}
    for id_, expression in alarm.expressions.items():
        label = alarm.labels.get(id_, id_)
        yield {"id": id_, "expression": expression, "label": label, "returnData": id_ == alarm.wanted}


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"
