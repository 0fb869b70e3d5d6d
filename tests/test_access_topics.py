"""Who may publish alerts, by the synthesised topic policies of prod."""

import pytest

from tests.access_requests import (
    ACCOUNT,
    ADMIN,
    ANYBODY,
    BUDGETS,
    CLOUDTRAIL,
    CLOUDWATCH,
    EVENTBRIDGE,
    OTHER_ACCOUNT,
    STRANGER,
    Case,
    check,
    decide_under,
)
from tests.synthesised import Stack

PUBLISH = "sns:Publish"
CHANNELS = ("email", "sms")


def topic(channel: str) -> str:
    return f"arn:aws:sns:us-east-1:{ACCOUNT}:xyz-corp-audit-{channel}"


def alarm(name: str, account: str = ACCOUNT, region: str = "us-east-1") -> dict[str, str]:
    return {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"}


def budget(account: str = ACCOUNT) -> dict[str, str]:
    return {"aws:SourceArn": f"arn:aws:budgets::{account}:budget/xyz-corp-audit-cost"}


def cases(channel: str) -> list[Case]:
    here = topic(channel)
    plain_http = {"aws:SecureTransport": "false"}
    return [
        Case("our alarms", CLOUDWATCH, PUBLISH, here, True, alarm("xyz-corp-audit-root-activity"), "CloudWatchAlarms"),
        Case("alarms of another name", CLOUDWATCH, PUBLISH, here, False, alarm("marketing")),
        Case(
            "alarms of another Region", CLOUDWATCH, PUBLISH, here, False, alarm("xyz-corp-audit-a", region="eu-west-1")
        ),
        Case("another account's alarms", CLOUDWATCH, PUBLISH, here, False, alarm("xyz-corp-audit-a", OTHER_ACCOUNT)),
        Case("alarms without a source", CLOUDWATCH, PUBLISH, here, False),
        Case("alarms, plain HTTP", CLOUDWATCH, PUBLISH, here, False, {**alarm("xyz-corp-audit-a"), **plain_http}),
        Case("alarms subscribe nobody", CLOUDWATCH, "sns:Subscribe", here, False, alarm("xyz-corp-audit-a")),
        Case("rules", EVENTBRIDGE, PUBLISH, here, channel == "email"),
        Case("rules, plain HTTP", EVENTBRIDGE, PUBLISH, here, False, plain_http, "DenyPlainHttp"),
        Case("rules subscribe nobody", EVENTBRIDGE, "sns:Subscribe", here, False),
        Case("our budget", BUDGETS, PUBLISH, here, channel == "email", budget()),
        Case("another account's budget", BUDGETS, PUBLISH, here, False, budget(OTHER_ACCOUNT)),
        Case("budgets without a source", BUDGETS, PUBLISH, here, False),
        Case("budgets subscribe nobody", BUDGETS, "sns:Subscribe", here, False, budget()),
        Case("another service", CLOUDTRAIL, PUBLISH, here, False, {"aws:SourceAccount": ACCOUNT}),
        Case("another account", STRANGER, PUBLISH, here, False),
        Case("nobody in particular", ANYBODY, PUBLISH, here, False),
        Case("nobody in particular subscribes", ANYBODY, "sns:Subscribe", here, False),
        Case("an administrator tries a topic out", ADMIN, PUBLISH, here, True),
        Case("an administrator, plain HTTP", ADMIN, PUBLISH, here, False, plain_http, "DenyPlainHttp"),
    ]


@pytest.mark.parametrize(
    ("channel", "case"), [(channel, case) for channel in CHANNELS for case in cases(channel)], ids=str
)
def test_topics(channel: str, case: Case, prod: Stack) -> None:
    check(case, decide_under(prod.by_path(f"topics/{channel}-policy"), case))


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_policy_of_one_topic_opens_no_other(channel: str, prod: Stack) -> None:
    other = topic("sms" if channel == "email" else "email")
    case = Case("the other topic", EVENTBRIDGE, PUBLISH, other, False)
    check(case, decide_under(prod.by_path(f"topics/{channel}-policy"), case))
