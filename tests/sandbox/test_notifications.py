"""Messages as their readers get them, by protocol."""

import json
from datetime import UTC, datetime
from typing import Any

from cloudtrail_monitoring.sandbox.alarm_evaluation import Alarm, Transition, read_alarm
from cloudtrail_monitoring.sandbox.notifications import (
    SMS_MAX_CHARACTERS,
    Message,
    Notification,
    Subscription,
    Topic,
    alarm_message,
    notifications,
    rule_message,
)

AT = datetime(2026, 3, 12, 2, 14, tzinfo=UTC)
TOPIC_ARN = "arn:aws:sns:us-east-1:333333333333:mail"
REASON = "Threshold Crossed: 1 datapoint [6.0 (12/03/26 02:15:00)] was greater than the threshold (5.0)."


def transition(**fields: Any) -> Transition:
    alarm = read_alarm(
        {
            "AlarmName": "acme-logins",
            "AlarmArn": "arn:aws:cloudwatch:us-east-1:333333333333:alarm:acme-logins",
            "AlarmDescription": "Somebody may be guessing passwords.",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 5.0,
            "EvaluationPeriods": 1,
            "TreatMissingData": "notBreaching",
            "Namespace": "Acme",
            "MetricName": "logins",
            "Statistic": "Sum",
            "Period": 900,
            "AlarmActions": [TOPIC_ARN],
            **fields,
        }
    )
    assert isinstance(alarm, Alarm)
    return Transition(alarm, AT, "OK", "ALARM", REASON, (0,))


def received(
    message: Message, protocol: str, *, display_name: str = "", endpoint: str = "a@example.com"
) -> Notification:
    topic = Topic(TOPIC_ARN, display_name, (Subscription(f"{TOPIC_ARN}:1", protocol, endpoint),))
    (one,) = notifications(message, topic, via="acme-logins", at=AT)
    return one


def test_the_mail_of_an_alarm_says_which_why_and_when() -> None:
    mail = received(alarm_message(transition()), "email")
    assert mail.subject == 'ALARM: "acme-logins" in US East (N. Virginia)'
    assert mail.text.startswith(
        'You are receiving this email because your Amazon CloudWatch Alarm "acme-logins" in the US East (N. Virginia)'
        f' region has entered the ALARM state, because "{REASON}" at "Thursday 12 March, 2026 02:14:00 UTC".\n'
    )


def test_the_mail_of_an_alarm_carries_its_description_and_its_metric() -> None:  # R-RSP-6
    text = received(alarm_message(transition()), "email").text
    for line in (
        "- Description:               Somebody may be guessing passwords.",
        "- State Change:              OK -> ALARM",
        "- AWS Account:               333333333333",
        "- MetricNamespace:                     Acme",
        "- MetricName:                          logins",
        "- Period:                              900 seconds",
        f"- ALARM: [{TOPIC_ARN}]",
    ):
        assert line in text.splitlines()


def test_the_mail_of_an_alarm_on_metric_math_shows_the_expression() -> None:  # R-ALM-3
    stat = {"Metric": {"Namespace": "Acme", "MetricName": "logins"}, "Period": 60, "Stat": "Sum"}
    metrics = [
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        {"Id": "late", "Expression": "IF(HOUR(m1)<8,m1,0)", "Label": "At night", "ReturnData": True},
    ]
    text = received(alarm_message(transition(Metrics=metrics)), "email").text
    assert "- MetricExpression:                    IF(HOUR(m1)<8,m1,0)" in text
    assert "- MetricLabel:                         At night" in text


def test_the_mail_of_a_rule_is_its_text() -> None:  # R-ALM-2
    mail = received(rule_message('"Root: ConsoleLogin"'), "email")
    assert mail.subject == "AWS Notification Message"
    assert mail.text.startswith('"Root: ConsoleLogin"\n\n--\n')


def test_a_mail_ends_with_the_readers_own_link_to_unsubscribe() -> None:
    text = received(rule_message("told"), "email", endpoint="b@example.com").text
    assert f"SubscriptionArn={TOPIC_ARN}:1&Endpoint=b@example.com" in text


def test_the_text_message_of_an_alarm_is_its_subject() -> None:  # R-ALM-3
    sms = received(alarm_message(transition()), "sms", endpoint="+12065550100")
    assert (sms.subject, sms.text) == (None, 'ALARM: "acme-logins" in US East (N. Virginia)')


def test_a_text_message_begins_with_ten_characters_of_the_topics_name() -> None:
    assert received(rule_message("told"), "sms", display_name="Security alerts").text == "Security a> told"


def test_a_text_message_is_one_line_of_limited_length() -> None:
    text = received(rule_message("first\nsecond " + "x" * 2000), "sms").text
    assert text.startswith("first second xx")
    assert len(text) == SMS_MAX_CHARACTERS


def test_a_queue_gets_the_alarm_as_json() -> None:
    document = json.loads(received(alarm_message(transition()), "sqs", endpoint="arn:aws:sqs:us-east-1:3:q").text)
    assert (document["AlarmName"], document["NewStateValue"], document["OldStateValue"]) == (
        "acme-logins",
        "ALARM",
        "OK",
    )
    assert document["Trigger"]["MetricName"] == "logins"
    assert document["StateChangeTime"] == "2026-03-12T02:14:00.000+0000"


def test_half_a_character_of_a_record_does_not_stop_a_message() -> None:
    assert rule_message("agent \ud83d").text == "agent ?"
