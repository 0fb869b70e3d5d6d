"""``cloudtrail-monitoring alerts``: who is reached is told, what is missing fails, and another account is refused."""

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from rich.console import Console
from typer.testing import CliRunner

from cloudtrail_monitoring.alerting.settings import Channel, Contacts
from cloudtrail_monitoring.aws_account import AccountError
from cloudtrail_monitoring.cli import app
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.responders.alert_routes import AlertRoutesError, run_check, run_send_test
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.conftest import CONTACTS_VARIABLE, EXAMPLE_CONTACTS, PROJECT
from tests.settings_samples import ALERTING, CONTACTS, SAMPLE, changed

MOTO_ACCOUNT = "123456789012"
SETTINGS = changed(SAMPLE, account_id=MOTO_ACCOUNT)


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


def client(service: str) -> Any:
    # boto3's stubs know a client only by a literal name
    return boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]


class PendingSns(Aws):
    """SNS with readers who have not confirmed. moto confirms an e-mail at once; AWS shows this text for its ARN.

    https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html
    """

    def __init__(self, *endpoints: str, shown: str = "PendingConfirmation") -> None:
        super().__init__("us-east-1")
        self._topics = client("sns")
        self._endpoints = endpoints
        self._shown = shown

    @cached_property
    def sns(self) -> Any:
        return self

    def publish(self, **message: str) -> Any:
        return self._topics.publish(**message)

    def get_paginator(self, operation: str) -> Any:
        real = self._topics.get_paginator(operation)

        class Pages:
            @staticmethod
            def paginate(**wanted: Any) -> Iterator[dict[str, Any]]:
                for page in real.paginate(**wanted):
                    for one in page["Subscriptions"]:
                        if one["Endpoint"] in self._endpoints:
                            one["SubscriptionArn"] = self._shown
                    yield page

        return Pages()


def make_topics(settings: MonitoringSettings, **readers: str) -> None:
    sns = client("sns")
    for channel in Channel:
        arn = sns.create_topic(Name=f"{settings.name_prefix}-{channel.value}")["TopicArn"]
        if channel.value in readers:
            sns.subscribe(TopicArn=arn, Protocol=channel.value, Endpoint=readers[channel.value])


ALL = {"email": "security@example.com", "sms": "+12065550100"}
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def check() -> Run:
    def run(settings: MonitoringSettings = SETTINGS, aws: Aws | None = None) -> tuple[int, str]:
        text = StringIO()
        return run_check(settings, Console(file=text, width=140), aws), text.getvalue()

    return run


def test_confirmed_readers_are_listed(check: Run) -> None:
    make_topics(SETTINGS, **ALL)
    status, text = check()
    assert status == 0
    assert text.count("confirmed") == 2
    assert "security@example.com" in text
    assert "alerts reach 2 of 2" in text


def test_somebody_who_has_not_confirmed_fails_it(check: Run) -> None:
    make_topics(SETTINGS, **ALL)
    status, text = check(aws=PendingSns("security@example.com"))
    assert status == 1
    assert "NOT CONFIRMED" in text
    assert "alerts reach 1 of 2" in text


def test_a_deleted_subscription_fails_it(check: Run) -> None:
    make_topics(SETTINGS, **ALL)
    status, text = check(aws=PendingSns("security@example.com", shown="Deleted"))
    assert (status, "DELETED" in text) == (1, True)


def test_a_contact_whose_subscription_has_lapsed_fails_it(check: Run) -> None:
    make_topics(SETTINGS, email="Security@example.com")
    status, text = check()
    assert status == 1
    assert "+12065550100" in text
    assert text.count("NOT SUBSCRIBED") == 1


def only_mail() -> MonitoringSettings:
    alerting = changed(
        ALERTING,
        contacts=Contacts(email=CONTACTS.email),
        routes={Level.MEDIUM: (Channel.EMAIL,), Level.HIGH: (Channel.EMAIL,)},
    )
    return changed(SETTINGS, alerting=alerting)


def test_a_topic_that_no_level_goes_to_needs_no_reader(check: Run) -> None:
    settings = only_mail()
    make_topics(settings, email=ALL["email"])
    status, text = check(settings)
    assert status == 0
    assert "no level goes there" in text


def test_another_account_is_refused_before_anything_is_looked_at(check: Run) -> None:
    with pytest.raises(AccountError) as error:
        check(SAMPLE)
    assert str(error.value) == (
        f"these credentials are of account {MOTO_ACCOUNT}, and sample is account {SAMPLE.account_id}:"
        " choose a profile of that account (AWS_PROFILE), or another --environment"
    )


def test_a_topic_that_is_not_there_is_named(check: Run) -> None:
    with pytest.raises(AccountError, match=r"does not exist.*: deploy arn:.*sample-audit-email first"):
        check()


def with_queues(settings: MonitoringSettings) -> dict[Channel, str]:
    """A queue behind each topic, to see what is published."""
    sqs, sns, urls = client("sqs"), client("sns"), {}
    for channel in Channel:
        name = f"{settings.name_prefix}-{channel.value}"
        urls[channel] = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = settings.location.arn("sns", name)
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=settings.location.arn("sqs", name))
    return urls


def received(url: str) -> list[dict[str, str]]:
    messages = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(one["Body"]) for one in messages]


def send(settings: MonitoringSettings, channel: str | None = None, aws: Aws | None = None) -> tuple[int, str]:
    text = StringIO()
    return run_send_test(settings, Console(file=text, width=140), channel=channel, aws=aws), text.getvalue()


def test_a_test_goes_once_through_each_route_and_is_marked() -> None:
    make_topics(SETTINGS, **ALL)
    queues = with_queues(SETTINGS)
    status, text = send(SETTINGS)
    assert status == 0
    assert text == "email: a test went to 2 readers\nsms: a test went to 2 readers\n"
    (mail,), (sms,) = received(queues[Channel.EMAIL]), received(queues[Channel.SMS])
    assert mail["Subject"] == f"[TEST] Alerts of sample, account {MOTO_ACCOUNT}"
    assert mail["Message"].startswith("This is a TEST. Nothing has happened.\n")
    assert "user/moto" in mail["Message"]
    assert sms["Message"].startswith("TEST, nothing has happened")
    assert len(sms["Message"]) <= 159
    assert "\n" not in sms["Message"]


def test_a_test_goes_through_one_channel() -> None:
    make_topics(SETTINGS, **ALL)
    queues = with_queues(SETTINGS)
    assert send(SETTINGS, "sms")[0] == 0
    assert received(queues[Channel.EMAIL]) == []
    assert len(received(queues[Channel.SMS])) == 1


def test_a_channel_that_no_level_goes_to_is_left_out() -> None:
    settings = only_mail()
    make_topics(settings, email=ALL["email"])
    assert send(settings) == (0, "email: a test went to 1 reader\n")


def test_a_test_that_reaches_nobody_fails() -> None:
    make_topics(SETTINGS, **ALL)
    assert send(SETTINGS, aws=PendingSns("security@example.com")) == (
        1,
        "email: a test went to 0 readers\nsms: a test went to 1 reader\n",
    )


def test_nothing_is_sent_to_another_account_or_channel() -> None:
    with pytest.raises(AccountError, match="these credentials are of account"):
        send(SAMPLE)
    with pytest.raises(AlertRoutesError, match="there is no channel 'pigeon'; there are email, sms"):
        send(SETTINGS, "pigeon")


@pytest.mark.parametrize("command", ["check", "send-test"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, ["alerts", command, "--help"])
    assert result.exit_code == 0
    assert f"Example: cloudtrail-monitoring alerts {command}" in result.stdout


@pytest.mark.parametrize("command", ["check", "send-test"])
def test_the_command_refuses_another_account_in_a_line(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTACTS_VARIABLE, EXAMPLE_CONTACTS)
    result = CliRunner().invoke(app, ["alerts", command, "--environment", "prod", "--project", str(PROJECT)])
    assert result.exit_code == 2
    assert result.stderr == (
        f"these credentials are of account {MOTO_ACCOUNT}, and prod is account 333333333333: choose a profile of that"
        " account (AWS_PROFILE), or another --environment\n"
    )


@pytest.mark.parametrize("command", ["check", "send-test"])
def test_the_command_names_the_environments_there_are(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTACTS_VARIABLE, EXAMPLE_CONTACTS)
    result = CliRunner().invoke(app, ["alerts", command, "--environment", "nowhere", "--project", str(PROJECT)])
    assert result.exit_code == 2
    assert result.stderr == "there is no environment 'nowhere'; there are dev, prod, staging\n"


def test_without_credentials_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv(CONTACTS_VARIABLE, EXAMPLE_CONTACTS)
    result = CliRunner().invoke(app, ["alerts", "check", "--project", str(PROJECT)])
    assert result.exit_code == 2
    assert result.stderr.startswith("no usable AWS credentials (")
    assert result.stderr.count("\n") == 1
