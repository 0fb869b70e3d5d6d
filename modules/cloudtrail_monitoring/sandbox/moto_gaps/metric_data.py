"""CloudWatch: questions about metric data with searches and bands, and changes of state at the time of a replay."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from .gap import Gap, Replacement


def _answer_metric_data() -> Iterable[Replacement]:
    from moto.cloudwatch.exceptions import ValidationError
    from moto.cloudwatch.models import CloudWatchBackend

    from cloudtrail_monitoring.sandbox.alarm_evaluation import Metric
    from cloudtrail_monitoring.sandbox.metric_data import MetricData, Stored
    from cloudtrail_monitoring.sandbox.metric_math import MetricMathError

    def stored(datum: Any) -> Stored:
        at = int(datum.timestamp.replace(tzinfo=datum.timestamp.tzinfo or UTC).timestamp())
        if hasattr(datum, "value"):
            return Stored(at, datum.value, datum.value, datum.value, 1)
        return Stored(at, datum.sum, datum.min, datum.max, datum.sample_count)

    def get_metric_data(
        self: Any, queries: list[dict[str, Any]], start_time: datetime, end_time: datetime, scan_by: str = ""
    ) -> list[dict[str, Any]]:
        if start_time >= end_time:
            raise ValidationError("The parameter EndTime must be greater than StartTime.")
        points: dict[Metric, list[Stored]] = {}
        for datum in self.get_all_metrics():
            dimensions = tuple(sorted((one.name, one.value) for one in datum.dimensions))
            points.setdefault(Metric(datum.namespace, datum.name, dimensions), []).append(stored(datum))
        try:
            results = MetricData(points).answer(queries, start_time, end_time)
        except MetricMathError as error:
            raise ValidationError(str(error)) from None
        return [
            {
                "id": result.id,
                "label": result.label,
                "timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in in_order],
                "values": [value for _, value in in_order],
                "status_code": "Complete",
            }
            for result in results
            for in_order in [sorted(result.points.items(), reverse=scan_by == "TimestampDescending")]
        ]

    yield Replacement(CloudWatchBackend, "get_metric_data", get_metric_data)


def _date_changes_of_state() -> Iterable[Replacement]:
    from moto.cloudwatch.models import Alarm
    from moto.cloudwatch.responses import CloudWatchResponse
    from moto.core.responses import ActionResult

    update = Alarm.update_state

    def update_state(self: Any, reason: str, reason_data: str, state_value: str) -> None:
        changes = vars(self).setdefault("changes_of_state", [])
        old = self.state_value
        update(self, reason, reason_data, state_value)
        asked = json.loads(reason_data).get("queryDate") if reason_data else None
        if asked:
            self.state_updated_timestamp = datetime.fromisoformat(asked)
        changes.append((self.state_updated_timestamp, old, state_value, reason))

    def describe_alarm_history(self: Any) -> ActionResult:
        name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
        start, end = self._get_param("StartDate"), self._get_param("EndDate")
        items = [
            {
                "AlarmName": alarm.name,
                "AlarmType": "CompositeAlarm" if alarm.rule else "MetricAlarm",
                "Timestamp": at,
                "HistoryItemType": "StateUpdate",
                "HistorySummary": f"Alarm updated from {old} to {new}",
                "HistoryData": json.dumps(
                    {
                        "version": "1.0",
                        "oldState": {"stateValue": old},
                        "newState": {"stateValue": new, "stateReason": reason},
                    }
                ),
            }
            for alarm in self.cloudwatch_backend.alarms.values()
            for at, old, new, reason in vars(alarm).get("changes_of_state", ())
            if name in (None, alarm.name)
            if kind in (None, "StateUpdate")
            if (start is None or _aware(start) <= _aware(at)) and (end is None or _aware(at) <= _aware(end))
        ]
        return ActionResult({"AlarmHistoryItems": sorted(items, key=lambda item: _aware(item["Timestamp"]))[::-1]})

    yield Replacement(Alarm, "update_state", update_state)
    yield Replacement(CloudWatchResponse, "describe_alarm_history", describe_alarm_history)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


METRIC_DATA_GAPS = (
    Gap(
        operation="cloudwatch:GetMetricData",
        aws="takes a metric by exactly its dimensions, and evaluates metric math, searches and anomaly bands",
        moto="adds up a metric without dimensions over all of them, and evaluates a few expressions",
        bridge=_answer_metric_data,
    ),
    Gap(
        operation="cloudwatch:DescribeAlarmHistory",
        aws="tells when alarms changed their states",
        moto="does not know the call, and dates a change by the machine's clock, while a replay has its records'",
        bridge=_date_changes_of_state,
    ),
)
