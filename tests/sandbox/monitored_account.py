"""A monitored account for the tests of replay: the resources that matter to it, made with boto3 in the embedded AWS.

Nothing of the project's constructs is used: these tests say what replay makes of a deployment, not what this project
deploys. Only the bundled scenario needs the project's own patterns and business hours.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from cloudtrail_monitoring.alerting.business_hours import BusinessHours
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.replay import ReplayResult, replay_records

ACCOUNT = "333333333333"
HOME = "us-east-1"
AWAY = "us-east-2"
PREFIX = "acme-prod"
LOG_GROUP = "CloudTrail/acme-trail"
NAMESPACE = "Acme/CloudTrail"

Record = dict[str, Any]


def arn(service: str, resource: str, region: str = HOME) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def record(at: str, name: str = "CreateUser", *, number: int = 0, **fields: Any) -> Record:
    """A record of 12 March 2026 (a Thursday) at the UTC time ``at``; ``fields`` replace what stands here."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "userName": "jordan.meyer", "accountId": ACCOUNT},
        "eventTime": f"2026-03-12T{at}Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "awsRegion": HOME,
        "sourceIPAddress": "203.0.113.57",
        "userAgent": "aws-cli/2.24.5",
        "eventID": f"event-{number}" if number else f"event-{at}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "eventCategory": "Management",
        "recipientAccountId": ACCOUNT,
        **fields,
    }


class MonitoredAccount:
    """An embedded account with a trail that logs; filters, alarms, topics and rules are added one by one."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        aws.client("logs").create_log_group(logGroupName=LOG_GROUP)
        aws.client("s3").create_bucket(Bucket="acme-trail-logs")
        cloudtrail = aws.client("cloudtrail")
        cloudtrail.create_trail(
            Name="acme-trail",
            S3BucketName="acme-trail-logs",
            IsMultiRegionTrail=True,
            CloudWatchLogsLogGroupArn=arn("logs", f"log-group:{LOG_GROUP}:*"),
            CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/trail",
        )
        cloudtrail.start_logging(Name="acme-trail")

    def filter(self, id_: str, pattern: str, **transformation: Any) -> None:
        self.aws.client("logs").put_metric_filter(
            logGroupName=LOG_GROUP,
            filterName=f"{PREFIX}-{id_}",
            filterPattern=pattern,
            metricTransformations=[
                {"metricName": id_, "metricNamespace": NAMESPACE, "metricValue": "1", **transformation}
            ],
        )

    def alarm(
        self, id_: str, *, period: int = 60, threshold: float = 0, actions: Sequence[str] = (), **more: Any
    ) -> None:
        counted = (
            {}
            if "Metrics" in more
            else {"MetricName": id_, "Namespace": NAMESPACE, "Statistic": "Sum", "Period": period}
        )
        self.aws.client("cloudwatch").put_metric_alarm(
            **{
                "AlarmName": f"{PREFIX}-{id_}",
                "AlarmDescription": f"What {id_} means.",
                "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": threshold,
                "EvaluationPeriods": 1,
                "TreatMissingData": "notBreaching",
                "AlarmActions": list(actions),
                **counted,
                **more,
            }
        )

    def topic(self, name: str, readers: Sequence[tuple[str, str]] = (), **attributes: str) -> str:
        sns = self.aws.client("sns")
        topic_arn = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
        for protocol, endpoint in readers:
            sns.subscribe(TopicArn=topic_arn, Protocol=protocol, Endpoint=endpoint)
        return str(topic_arn)

    def rule(
        self,
        name: str,
        pattern: Mapping[str, Any],
        target: str,
        *,
        region: str = HOME,
        state: str = "ENABLED",
        **target_input: Any,
    ) -> None:
        events = self.aws.client("events", region_name=region)
        events.put_rule(Name=f"{PREFIX}-{name}", EventPattern=json.dumps(pattern), State=state)
        events.put_targets(Rule=f"{PREFIX}-{name}", Targets=[{"Id": "target", "Arn": target, **target_input}])

    def replay(self, *records: Record, regions: Sequence[str] = (AWAY,)) -> ReplayResult:
        return replay_records(records, client=self.aws.client, name_prefix=PREFIX, regions=regions)


@contextmanager
def embedded_aws() -> Iterator[EmbeddedAws]:
    """The account for all tests of a module: starting one takes a second, emptying it does not."""
    with EmbeddedAws(ACCOUNT, HOME) as aws:
        yield aws


def monitored_account(aws: EmbeddedAws) -> MonitoredAccount:
    """A monitored account with nothing left from an earlier test."""
    urlopen(Request(f"{aws.endpoint_url}/moto-api/reset", method="POST")).close()  # noqa: S310 - loopback
    return MonitoredAccount(aws)


BUSINESS_HOURS = BusinessHours(start="08:00", end="18:00", time_zone="America/New_York")
ROOT_USED = {
    "detail": {
        "userIdentity": {"type": ["Root"], "invokedBy": [{"exists": False}]},
        "eventType": [{"anything-but": "AwsServiceEvent"}],
        "$or": [{"eventName": ["ConsoleLogin"]}, {"readOnly": [False]}],
    }
}


def with_alarms_of_the_requirements(account: MonitoredAccount) -> MonitoredAccount:
    """The detections of R-ALM-1 to R-ALM-4 as an environment deploys them, and the rules of R-ALM-2 in two Regions."""
    mail = account.topic("mail", [("email", "security-team@example.com"), ("email", "audit@example.com")])
    sms = account.topic("sms", [("sms", "+12065550100")])
    for id_ in ("console-login-failures", "root-activity", "off-hours-iam-policy-change", "console-login-without-mfa"):
        detection = CATALOGUE[id_]
        account.filter(id_, detection.pattern)
        account.alarm(
            id_,
            period=detection.period_seconds,
            threshold=detection.threshold,
            actions=[mail, sms] if detection.level == Level.HIGH else [mail],
            **({"Metrics": _off_hours(id_)} if detection.only_outside_business_hours else {}),
        )
    words = {
        "InputPathsMap": {
            "what": "$.detail.eventName",
            "from": "$.detail.sourceIPAddress",
            "region": "$.detail.awsRegion",
        },
        "InputTemplate": '"Root: <what>"\n"From <from>, in <region>"',
    }
    account.rule("root-activity", ROOT_USED, mail, InputTransformer=words)
    account.rule("root-activity", ROOT_USED, arn("events", "event-bus/default"), region=AWAY)
    return account


def _off_hours(id_: str) -> list[dict[str, Any]]:
    metric = {"Namespace": NAMESPACE, "MetricName": id_}
    count = {"Id": "events", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}
    return [
        count,
        *(
            {"Id": part.id, "Expression": part.expression, "Label": part.label, "ReturnData": part.return_data}
            for part in BUSINESS_HOURS.off_hours_expressions("events")
        ),
    ]
