"""Alarms for the tests of what is told of them: the trail's log group with filters, alarms and records in it.

Filters and alarms bear what ``SecurityAlarms`` gives them: names, metric, pattern, description, tags, and metric math
where business hours are judged. The events are those that CloudWatch sends to EventBridge.
"""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from unittest.mock import patch

import boto3

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.responders.runtime.alarm_change import DETAIL_TYPE
from cloudtrail_monitoring.responders.runtime.alarm_story import AlarmStory, Told
from tests.runtime.account import ACCOUNT, BEGIN, PREFIX, REGION, Account, Said
from tests.runtime.records import ADDRESS, Record, by_root

NAMESPACE = "Acme/CloudTrail"
STREAM = f"{ACCOUNT}_CloudTrail_{REGION}"
EventBridgeEvent = dict[str, Any]
MINUTE = timedelta(minutes=1)
AT = BEGIN + timedelta(minutes=6)
"""When the alarm changed: minutes after what it tells of."""


class FilteringLogs:
    """CloudWatch Logs, whose ``FilterLogEvents`` goes by the pattern, as AWS's does and moto's does not.

    moto takes JSON patterns for words it does not know, and returns everything. AWS returns what the pattern matches,
    at most ``limit`` of it, and may return empty pages with a token: ``empty_pages`` of them come first.
    """

    def __init__(self, client: Any, *, empty_pages: int = 0) -> None:
        self._client = client
        self._empty_pages = empty_pages
        self.searches: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def filter_log_events(
        self, *, filterPattern: str, limit: int, nextToken: str = "0", **where: Any
    ) -> dict[str, Any]:
        self.searches.append(where)
        page = int(nextToken)
        if page < self._empty_pages:
            return {"events": [], "nextToken": str(page + 1)}
        pattern = FilterPattern.parse(filterPattern)
        pages = self._client.get_paginator("filter_log_events").paginate(**where)
        matching = [one for answer in pages for one in answer["events"] if _matches(pattern, one["message"])]
        begin = page - self._empty_pages
        found = matching[begin : begin + limit]
        more = {"nextToken": str(page + limit)} if len(matching) > begin + limit else {}
        return {"events": found, **more}


def _matches(pattern: FilterPattern, message: str) -> bool:
    try:
        record = json.loads(message)
    except ValueError:
        return True  # not AWS: a test wants to see what becomes of it
    return not isinstance(record, dict) or pattern.matches(record)


class Watched:
    """An account whose trail's log group is watched."""

    def __init__(self, account: Account, *, empty_pages: int = 0) -> None:
        self.account = account
        self.group = account.configuration.log_group_name
        self._logs = boto3.client("logs", region_name=REGION)
        self._cloudwatch = boto3.client("cloudwatch", region_name=REGION)
        self._logs.create_log_group(logGroupName=self.group)
        self._logs.create_log_stream(logGroupName=self.group, logStreamName=STREAM)
        self.logs = FilteringLogs(account.aws.client("logs"), empty_pages=empty_pages)
        account.aws.logs = self.logs

    def detection(self, id_: str, **tags: str) -> Detection:
        """The filter and the alarm of a detection of the catalogue."""
        detection = CATALOGUE[id_]
        self._logs.put_metric_filter(
            logGroupName=self.group,
            filterName=f"{PREFIX}-{id_}",
            filterPattern=detection.pattern,
            metricTransformations=[{"metricName": id_, "metricNamespace": NAMESPACE, "metricValue": "1"}],
        )
        self._cloudwatch.put_metric_alarm(
            AlarmName=f"{PREFIX}-{id_}",
            AlarmDescription=description(detection),
            MetricName=id_,
            Namespace=NAMESPACE,
            Statistic="Sum",
            Period=detection.period_seconds,
            EvaluationPeriods=1,
            Threshold=detection.threshold,
            ComparisonOperator="GreaterThanThreshold",
            Tags=[
                {"Key": key, "Value": value}
                for key, value in {"Detection": id_, "Level": detection.level.value, **tags}.items()
            ],
        )
        return detection

    def forget_alarm(self, id_: str) -> None:
        self._cloudwatch.delete_alarms(AlarmNames=[f"{PREFIX}-{id_}"])

    def forget_filter(self, id_: str) -> None:
        self._logs.delete_metric_filter(logGroupName=self.group, filterName=f"{PREFIX}-{id_}")

    def deliver(self, *records: Record | str, after: timedelta = timedelta(minutes=3)) -> None:
        """Log events as CloudTrail delivers them, minutes after ``eventTime``; a text stands for no record at all."""
        delivered = sorted(_log_events(records, after), key=lambda one: one["timestamp"])
        newest = datetime.fromtimestamp(delivered[-1]["timestamp"] / 1000)
        # moto refuses what is older than two weeks, by a clock of its own
        with patch("moto.logs.models.utcnow", lambda: newest):
            self._logs.put_log_events(logGroupName=self.group, logStreamName=STREAM, logEvents=delivered)


def _log_events(records: tuple[Record | str, ...], after: timedelta) -> Iterator[dict[str, Any]]:
    last = 0
    for one in records:
        if isinstance(one, str):
            yield {"timestamp": last, "message": one}
            continue
        last = int((datetime.fromisoformat(one["eventTime"]) + after).timestamp() * 1000)
        yield {"timestamp": last, "message": json.dumps(one)}


def description(detection: Detection) -> str:
    """As ``security_alarms.describe`` writes it: a test compares the two."""
    return (
        f"{detection.title} ({detection.requirement}). Level: {detection.level.value}. {detection.reason}"
        f" What to do: https://runbooks.example.com/{detection.id}.md"
    )


def fired(
    detection: Detection,
    since: datetime,
    at: datetime,
    *,
    counted: float = 1,
    state: str = "ALARM",
    by_hand: bool = False,
    **event: Any,
) -> EventBridgeEvent:
    """The event of an alarm that changed its state ``at`` a time, by what it counted in the period ``since``.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    period, threshold = detection.period_seconds, float(detection.threshold)
    reason_data = {
        "version": "1.0",
        "queryDate": _stamp(at),
        "startDate": _stamp(since),
        "statistic": "Sum",
        "period": period,
        "recentDatapoints": [0.0, counted],
        "threshold": threshold,
        "evaluatedDatapoints": [
            {"timestamp": _stamp(since), "sampleCount": counted, "value": counted},
            {"timestamp": _stamp(since - timedelta(seconds=period)), "sampleCount": 1.0, "value": 0.0},
        ],
    }
    changed = {"value": state, "reason": "Threshold Crossed: 1 out of the last 5 datapoints", "timestamp": _stamp(at)}
    changed |= {"reason": "testing only"} if by_hand else {"reasonData": json.dumps(reason_data)}
    return {
        "version": "0",
        "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
        "detail-type": DETAIL_TYPE,
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{PREFIX}-{detection.id}"],
        "detail": {
            "alarmName": f"{PREFIX}-{detection.id}",
            "configuration": {"description": description(detection), "metrics": list(_queries(detection))},
            "previousState": {
                "reason": "Unchecked: Initial alarm creation",
                "timestamp": _stamp(since - timedelta(days=1)),
                "value": "INSUFFICIENT_DATA",
            },
            "state": changed,
        },
        **event,
    }


def _queries(detection: Detection) -> Iterator[dict[str, Any]]:
    metric = {"dimensions": {}, "name": detection.id, "namespace": NAMESPACE}
    stat = {"metric": metric, "period": detection.period_seconds, "stat": "Sum"}
    yield {"id": "events", "metricStat": stat, "returnData": not detection.only_outside_business_hours}
    if detection.only_outside_business_hours:
        hours = BusinessHours(start=time(8), end=time(18), time_zone="America/New_York")
        for part in hours.off_hours_expressions("events"):
            yield {
                "expression": part.expression,
                "id": part.id,
                "label": part.label,
                "returnData": part.return_data,
            }


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"


def tell(watched: Watched, event: EventBridgeEvent) -> Told:
    return AlarmStory(watched.account.configuration, watched.account.aws).handle(event)


def mail(watched: Watched) -> Said:
    (said,) = watched.account.said("email")
    return said


def policy_change(at: str, *, user: str = "dana", name: str = "AttachRolePolicy", **fields: Any) -> Record:
    return {
        "eventVersion": "1.11",
        "eventID": f"{name}-{at}",
        "eventTime": at,
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "eventType": "AwsApiCall",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": ADDRESS,
        "userAgent": "aws-cli/2.24.5",
        "userIdentity": {
            "type": "IAMUser",
            "accountId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
            "userName": user,
        },
        "requestParameters": {"roleName": "deploy", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        "readOnly": False,
        **fields,
    }


def root_records() -> list[Record]:
    key = {
        "requestParameters": {"userName": "backup"},
        "responseElements": {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "backup"}},
    }
    return [
        by_root(
            "ConsoleLogin",
            eventSource="signin.amazonaws.com",
            responseElements={"ConsoleLogin": "Success"},
            additionalEventData={"MFAUsed": "No"},
        ),
        by_root("CreateAccessKey", 1, **key),
        by_root("DeleteTrail", 2, eventSource="cloudtrail.amazonaws.com", errorCode="AccessDenied",
                requestParameters={"name": "xyz-corp-audit-trail"}),
    ]  # fmt: skip
