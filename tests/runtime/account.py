"""An account of an emulated AWS with what the responders find in theirs, a clock that tests move, and calls that fail.

Tables, topics with a queue behind each, the switch, a group of schedules and a stopped second trail stand; nothing of
the responders is replaced. ``said`` is what people were told, ``fire_schedules`` what the Scheduler would do by now,
and ``fail`` makes a call to AWS end badly, before or after it took effect.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.configuration import (
    CircuitBreaker,
    Configuration,
    EnhancedLogging,
    Geography,
    Lockout,
)
from cloudtrail_monitoring.responders.runtime.containment import PARTITION, Containment, Kind, Measure
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.responders.runtime.schedules import PAYLOAD_KEY

ACCOUNT = "123456789012"
REGION = "us-east-1"
PREFIX = "xyz-corp-prod"
BEGIN = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
"""A Monday, 10:00 in New York, the day after daylight-saving time began there."""

_FAKE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
}

CONFIGURATION = Configuration(
    account_id=ACCOUNT,
    region=REGION,
    partition="aws",
    console_url="https://us-east-1.console.aws.amazon.com",
    name_prefix=PREFIX,
    log_group_name=f"/aws/cloudtrail/{PREFIX}",
    iam_events_log_group="CloudTrail/IAMEvents",
    console_events_log_group="CloudTrail/ConsoleEvents",
    queue_url=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{PREFIX}-responders",
    state_table=f"{PREFIX}-state",
    incidents_table=f"{PREFIX}-incidents",
    email_topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:{PREFIX}-email",
    sms_topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:{PREFIX}-sms",
    runbook_url="https://runbooks.example.com",
    time_zone="America/New_York",
    release_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{PREFIX}-release",
    scheduler_role_arn=f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-scheduler",
    schedule_group=PREFIX,
    switch_parameter=f"/{PREFIX}/responders",
    break_glass_users=("break-glass", "/emergency/"),
    circuit_breaker=CircuitBreaker(containments=5, window_minutes=60),
    lockout=Lockout(
        failures=5, window_minutes=15, lock_minutes=30, most_minutes_a_day=240, full=False, sprayed_users=3
    ),
    enhanced_logging=EnhancedLogging(
        trail_arn=f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{PREFIX}-enhanced",
        minutes=60,
        most_minutes_a_day=240,
        time_zone="America/New_York",
        start="08:00",
        end="18:00",
        days=(1, 2, 3, 4, 5),
        holidays=("2026-12-25",),
    ),
    geography=Geography(learning_days=14, challenge_hours=12, trusted_countries=(), trusted_networks=()),
)
"""A sample; ``dataclasses.replace`` changes it."""


@dataclass
class MovableClock:
    """A clock that stands until it is moved."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        """Forwards by what ``timedelta`` takes: ``move(minutes=5)``; the time then."""
        self.at += timedelta(**by)
        return self.at


@dataclass(frozen=True)
class Said:
    """One message that reached people."""

    channel: str
    """``email`` or ``sms``."""
    subject: str
    text: str


@dataclass
class Failure:
    """A call to AWS that goes wrong once.

    Args:
        operation: ``StartLogging``; empty: any call.
        number: which of these calls, from 1.
        code: of the error that AWS answers with.
        after: the call takes effect before the error: the caller crashed, or lost the answer.
    """

    operation: str
    number: int = 1
    code: str = "ThrottlingException"
    after: bool = False
    calls: int = field(default=0, init=False)
    happened: bool = field(default=False, init=False)


@dataclass
class EmulatedAws(Aws):
    """The responders' clients, which note each call and can be made to fail."""

    calls: list[str] = field(default_factory=list)
    """The operations called, in order: ``GetItem``."""
    failures: list[Failure] = field(default_factory=list)

    def client(self, service: str) -> Any:
        # boto3's stubs know a client only by a literal name
        return self._watched(boto3.client(service, region_name=self.region))  # type: ignore[call-overload]

    def table(self, name: str) -> Any:
        table = boto3.resource("dynamodb", region_name=self.region).Table(name)
        self._watched(table.meta.client)
        return table

    def _watched(self, client: Any) -> Any:
        def before(model: Any, **_: Any) -> None:
            self.calls.append(model.name)
            self._perhaps_fail(client, model.name, after=False)

        def after(model: Any, **_: Any) -> None:
            self._perhaps_fail(client, model.name, after=True)

        client.meta.events.register("before-call.*.*", before)
        client.meta.events.register("after-call.*.*", after)
        return client

    def _perhaps_fail(self, client: Any, operation: str, *, after: bool) -> None:
        for failure in self.failures:
            if failure.happened or failure.after != after or failure.operation not in ("", operation):
                continue
            failure.calls += 1
            if failure.calls == failure.number:
                failure.happened = True
                error = {"Code": failure.code, "Message": "made to fail"}
                raise client.exceptions.from_code(failure.code)({"Error": error}, operation)


class Account:
    """The emulated account; ``begin`` makes one."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.configuration = CONFIGURATION
        self.aws = EmulatedAws(REGION, self.clock)
        # what tests do to the account is neither noted nor made to fail
        self.iam = boto3.client("iam", region_name=REGION)
        self.cloudtrail = boto3.client("cloudtrail", region_name=REGION)
        self.scheduler = boto3.client("scheduler", region_name=REGION)
        self.ssm = boto3.client("ssm", region_name=REGION)
        self._sqs = boto3.client("sqs", region_name=REGION)
        self._queues: dict[str, str] = {}
        self._said: list[Said] = []
        self._make()

    def configure(self, **changes: Any) -> None:
        """Change parts of the configuration for the toolboxes made from now on."""
        self.configuration = replace(self.configuration, **changes)

    def toolbox(self, measures: Mapping[Kind, Measure]) -> Toolbox:
        """A new one, as of a function that has just started."""
        return Toolbox.of(self.configuration, self.aws, measures)

    def said(self, channel: str = "") -> list[Said]:
        """All that was told so far, e-mails first, or what was told on one channel."""
        for name, url in self._queues.items():
            while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    body = json.loads(message["Body"])
                    self._said.append(Said(name, body.get("Subject", ""), body["Message"]))
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [one for one in self._said if channel in ("", one.channel)]

    @contextmanager
    def fail(
        self, operation: str = "", number: int = 1, code: str = "ThrottlingException", *, after: bool = False
    ) -> Iterator[Failure]:
        """Within it a call goes wrong, once; see ``Failure``."""
        failure = Failure(operation, number, code, after)
        self.aws.failures.append(failure)
        try:
            yield failure
        finally:
            self.aws.failures.remove(failure)

    def calls(self, operation: str) -> int:
        """How often the responders have made a call, as AWS names it."""
        return self.aws.calls.count(operation)

    def switch(self, value: str) -> None:
        self.ssm.put_parameter(Name=self.configuration.switch_parameter, Value=value, Type="String", Overwrite=True)

    def add_user(self, name: str, *, mfa: bool = False, path: str = "/", tags: Mapping[str, str] | None = None) -> None:
        """A user with a password, and perhaps a virtual MFA device for a month."""
        listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        self.iam.create_user(UserName=name, Path=path, Tags=listed)
        self.iam.create_login_profile(UserName=name, Password="Correct-horse-battery-1")
        if mfa:
            self.add_mfa_device(name, self.clock() - timedelta(days=30))

    def add_mfa_device(self, user_name: str, enabled_at: datetime) -> None:
        made = self.iam.create_virtual_mfa_device(VirtualMFADeviceName=user_name)["VirtualMFADevice"]
        # moto would take the machine's time
        with patch("moto.iam.models.utcnow", return_value=enabled_at.replace(tzinfo=None)):
            self.iam.enable_mfa_device(
                UserName=user_name,
                SerialNumber=made["SerialNumber"],
                AuthenticationCode1="123456",
                AuthenticationCode2="654321",
            )

    def user_policies(self, name: str) -> dict[str, Any]:
        """A user's inline policies by name, as documents."""
        names = self.iam.list_user_policies(UserName=name)["PolicyNames"]
        return {one: self.iam.get_user_policy(UserName=name, PolicyName=one)["PolicyDocument"] for one in names}

    def is_logging(self) -> bool:
        """Whether the second trail is started."""
        assert self.configuration.enhanced_logging
        status = self.cloudtrail.get_trail_status(Name=self.configuration.enhanced_logging.trail_arn)
        return bool(status["IsLogging"])

    def schedules(self) -> dict[str, datetime]:
        """When each containment's last schedule fires, by the containment's key."""
        found: dict[str, datetime] = {}
        for key, at, _ in self._scheduled():
            found[key] = max(at, found.get(key, at))
        return found

    def fire_schedules(self, toolbox: Toolbox) -> list[Containment]:
        """Do what the schedules due by now do: reconcile their containments, and go."""
        settled: dict[str, Containment | None] = {}
        for key, at, name in self._scheduled():
            if at <= self.clock():
                settled[key] = toolbox.containments.reconcile(key)
                self.scheduler.delete_schedule(Name=name, GroupName=self.configuration.schedule_group)
        return [one for one in settled.values() if one is not None]

    def containment_items(self) -> list[dict[str, Any]]:
        """The containments as the state table holds them."""
        table = boto3.resource("dynamodb", region_name=REGION).Table(self.configuration.state_table)
        return [one for one in table.scan()["Items"] if one["pk"] == PARTITION]

    def incident_headers(self) -> list[dict[str, Any]]:
        """The incidents as their table holds them."""
        table = boto3.resource("dynamodb", region_name=REGION).Table(self.configuration.incidents_table)
        return [one for one in table.scan()["Items"] if one["sk"] == "incident"]

    def _scheduled(self) -> list[tuple[str, datetime, str]]:
        """A containment's key, the time and the schedule's name, in order of time."""
        group, found = self.configuration.schedule_group, []
        for listed in self.scheduler.list_schedules(GroupName=group)["Schedules"]:
            one = self.scheduler.get_schedule(Name=listed["Name"], GroupName=group)
            at = datetime.fromisoformat(one["ScheduleExpression"].removeprefix("at(").removesuffix(")"))
            found.append((json.loads(one["Target"]["Input"])[PAYLOAD_KEY], at.replace(tzinfo=UTC), one["Name"]))
        return sorted(found, key=lambda one: one[1])

    def _make(self) -> None:
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        for name in (self.configuration.state_table, self.configuration.incidents_table):
            dynamodb.create_table(
                TableName=name,
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "S"},
                ],
                BillingMode="PAY_PER_REQUEST",
            )
        sns = boto3.client("sns", region_name=REGION)
        topics = {"email": self.configuration.email_topic_arn, "sms": self.configuration.sms_topic_arn}
        for channel, arn in topics.items():
            name = arn.rpartition(":")[2]
            sns.create_topic(Name=name)
            self._queues[channel] = self._sqs.create_queue(QueueName=name)["QueueUrl"]
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
        self._sqs.create_queue(QueueName=self.configuration.queue_url.rpartition("/")[2])
        self.scheduler.create_schedule_group(Name=self.configuration.schedule_group)
        self.switch("on")
        boto3.client("s3", region_name=REGION).create_bucket(Bucket=f"{PREFIX}-logs")
        self.cloudtrail.create_trail(Name=f"{PREFIX}-enhanced", S3BucketName=f"{PREFIX}-logs")


@contextmanager
def begin() -> Iterator[Account]:
    """An account of its own, which is gone afterwards."""
    with patch.dict(os.environ, _FAKE_CREDENTIALS), mock_aws():
        os.environ.pop("AWS_PROFILE", None)
        yield Account()
